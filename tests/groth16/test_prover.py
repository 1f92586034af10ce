"""The ``Prover``: proofs from assignments and inputs, from many threads, from files, and nothing after it is closed."""

from __future__ import annotations

import dataclasses
import gc
import pickle
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from zkrelay import Circuit, CompiledCircuit, ConstraintApi, compile_circuit, private, public, setup, verify
from zkrelay.curves import CURVES
from zkrelay.errors import Closed, InvalidKey, InvalidProof, MalformedInput, UnsatisfiedConstraint
from zkrelay.formats import open_prover, write_zkey, write_zkwp
from zkrelay.groth16 import Prover, ProvingKey, prove


class Cubic(Circuit):
    """y = x³ + x + constant."""

    y = public()
    x = private()

    def __init__(self, constant: int = 5) -> None:
        self.constant = constant

    def define(self, cs: ConstraintApi) -> None:
        cs.assert_product(self.x * self.x, self.x, self.y - self.x - self.constant)


def cubic(x: int) -> dict[str, int]:
    return {"x": x, "y": x**3 + x + 5}


@pytest.fixture(scope="module", params=list(CURVES))
def circuit(request: pytest.FixtureRequest) -> CompiledCircuit:
    return compile_circuit(Cubic(), CURVES[request.param].fr)


@pytest.fixture(scope="module")
def pk(circuit: CompiledCircuit) -> ProvingKey:
    return setup(circuit.r1cs)


def test_inputs_to_proof(circuit: CompiledCircuit, pk: ProvingKey) -> None:
    with Prover(pk, circuit) as prover:
        for x in (0, 1, 3, 10**20):
            proven = prover.prove_inputs(cubic(x))
            assert proven.public_inputs == [cubic(x)["y"]]
            verify(prover.verifying_key, *reversed(proven))
        again = prover.prove_inputs(cubic(3))
        assert again.proof != prover.prove_inputs(cubic(3), threads=2).proof, "each proof has blinding of its own"


def test_assignment_to_proof(circuit: CompiledCircuit, pk: ProvingKey) -> None:
    with Prover(pk) as prover:
        assert prover.circuit is None and prover.num_public == 1 and prover.num_bytes >= 0
        verify(pk.verifying_key, [35], prover.prove(circuit.assign(cubic(3))))
        with pytest.raises(InvalidKey, match="no witness program"):
            prover.prove_inputs(cubic(3))
        with pytest.raises(MalformedInput, match="the key asks for"):
            prover.prove(circuit.assign(cubic(3))[:-32])


def test_the_check_is_the_default(circuit: CompiledCircuit, pk: ProvingKey) -> None:
    wrong = {"x": 3, "y": 36}
    with Prover(pk, circuit) as prover:
        with pytest.raises(UnsatisfiedConstraint, match="not satisfied"):
            prover.prove_inputs(wrong)
        unchecked = prover.prove_inputs(wrong, check=False)
        assert unchecked.public_inputs == [36]
        with pytest.raises(InvalidProof):
            verify(pk.verifying_key, [36], unchecked.proof)
        with pytest.raises(MalformedInput, match="missing"):
            prover.prove_inputs({"x": 3})


def test_many_threads_one_prover(circuit: CompiledCircuit, pk: ProvingKey) -> None:
    with Prover(pk, circuit) as prover, ThreadPoolExecutor(4) as pool:
        for proven in pool.map(lambda x: prover.prove_inputs(cubic(x)), range(24)):
            verify(pk.verifying_key, *reversed(proven))


def test_the_assignment_is_wiped(circuit: CompiledCircuit, pk: ProvingKey, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytearray] = []
    assign = type(circuit.program).assign

    def spy(*arguments: object) -> bytearray:
        seen.append(assign(*arguments))
        return seen[-1]

    monkeypatch.setattr(type(circuit.program), "assign", spy)
    with Prover(pk, circuit) as prover:
        prover.prove_inputs(cubic(3))
        with pytest.raises(UnsatisfiedConstraint):
            prover.prove_inputs({"x": 3, "y": 36})
    assert [set(assignment) for assignment in seen] == [{0}, {0}]


def test_what_a_prompt_shows_is_short(circuit: CompiledCircuit, pk: ProvingKey) -> None:
    """Keys and circuits are megabytes, and whoever types their name wants to know which they are."""
    assert repr(pk) == f"ProvingKey({pk.curve}, 4 variables, 1 public, development)"
    assert repr(circuit) == f"CompiledCircuit('cubic', R1CS({pk.fr.name}, 2 constraints, 4 variables, 1 public))"


def test_nothing_after_close(circuit: CompiledCircuit, pk: ProvingKey) -> None:
    prover = Prover(pk, circuit)
    assignment = circuit.assign(cubic(3))
    assert repr(prover) == "Prover(4 variables)" and not prover.is_closed
    prover.close()
    prover.close()
    assert repr(prover) == "Prover(closed)" and prover.is_closed
    for call in (
        lambda: prover.prove(assignment),
        lambda: prover.prove_inputs(cubic(3)),
        lambda: prover.num_bytes,
        prover.__enter__,
    ):
        with pytest.raises(Closed, match="the prover is closed"):
            call()
    assert prover.verifying_key is pk.verifying_key
    verify(pk.verifying_key, [35], prove(pk, assignment))  # the key itself is not closed


def test_a_circuit_of_another_shape_is_refused(circuit: CompiledCircuit, pk: ProvingKey) -> None:
    for wrong in (
        dataclasses.replace(pk, num_variables=pk.num_variables + 1),
        dataclasses.replace(
            pk,
            verifying_key=dataclasses.replace(
                pk.verifying_key, gamma_abc_g1=pk.verifying_key.gamma_abc_g1 + pk.verifying_key.alpha_g1
            ),
        ),
    ):
        with pytest.raises(InvalidKey, match="another circuit"):
            Prover(wrong, circuit)


def test_a_circuit_over_another_field_is_refused(circuit: CompiledCircuit, pk: ProvingKey, tmp_path: Path) -> None:
    (other,) = (curve for curve in CURVES.values() if curve.name != pk.curve)
    same = compile_circuit(Cubic(), other.fr)
    with pytest.raises(InvalidKey, match=f"the proving key is over {pk.curve}, the circuit over {other.fr.name}"):
        Prover(pk, same)
    write_zkey(tmp_path / "cubic.zkey", pk)
    write_zkwp(tmp_path / "cubic.zkwp", same)
    with pytest.raises(InvalidKey, match=f"is over {other.fr.name}, this key over {pk.fr.name}"):
        open_prover(tmp_path / "cubic.zkey", tmp_path / "cubic.zkwp")


def test_from_files(circuit: CompiledCircuit, pk: ProvingKey, tmp_path: Path) -> None:
    write_zkey(tmp_path / "cubic.zkey", pk)
    write_zkwp(tmp_path / "cubic.zkwp", circuit)
    with open_prover(tmp_path / "cubic.zkey", tmp_path / "cubic.zkwp", check_points=True) as prover:
        proven = prover.prove_inputs(cubic(3))
        verify(pk.verifying_key, *reversed(proven))
    with open_prover(tmp_path / "cubic.zkey") as prover:
        assert prover.circuit is None
    write_zkwp(tmp_path / "square.zkwp", compile_circuit(Square(), pk.fr))
    with pytest.raises(InvalidKey, match="square"):
        open_prover(tmp_path / "cubic.zkey", tmp_path / "square.zkwp")


class Square(Circuit):
    """y = (x + 1)²: another A and B than ``Cubic``."""

    y = public()
    x = private()

    def define(self, cs: ConstraintApi) -> None:
        cs.assert_product(self.x + 1, self.x + 1, self.y)


def test_the_map_of_the_key_goes_with_the_prover(pk: ProvingKey, tmp_path: Path) -> None:
    write_zkey(tmp_path / "cubic.zkey", pk)
    prover = open_prover(tmp_path / "cubic.zkey")
    assert prover._pk is not None
    key = weakref.ref(prover._pk)
    prover.close()
    gc.collect()
    assert key() is None


def test_what_was_prepared_is_not_pickled(circuit: CompiledCircuit, pk: ProvingKey) -> None:
    assignment = circuit.assign(cubic(3))
    prove(pk, assignment)
    there = pickle.loads(pickle.dumps((pk, circuit)))
    assert there[0] == pk and there[1].r1cs.digest == circuit.r1cs.digest
    verify(pk.verifying_key, [35], prove(there[0], there[1].assign(cubic(3))))
