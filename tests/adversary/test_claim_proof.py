"""Forging, re-using and disfiguring a real proof of the claim."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from claim_world import CONTEXT, World

from zkrelay.algebra.encoding import pack_g1, pack_g2, unpack_g1, unpack_g2
from zkrelay.circuits.claim import Claim
from zkrelay.curves import bn254
from zkrelay.errors import FormatError, InvalidKey, InvalidPoint, InvalidProof, NonCanonicalNumber
from zkrelay.formats import read_proof, write_proof
from zkrelay.groth16 import Proof, ProvingKey, VerifyingKey, prove, rerandomize, setup, verify
from zkrelay.kernel import current
from zkrelay.r1cs import compile_circuit

from ..groth16.bad_points import g2_outside_subgroup

R, P = bn254.FR.modulus, bn254.FP.modulus
PUBLIC = ("domain", "root", "payee", "meta", "nf", "cc", "aux")


def refused(vk: VerifyingKey, public: list[int], proof: Proof) -> None:
    with pytest.raises(InvalidProof):
        verify(vk, public, proof)


def test_the_honest_proof_is_accepted(vk: VerifyingKey, public: list[int], proof: Proof) -> None:
    verify(vk, public, proof)


@pytest.mark.parametrize("index", range(len(PUBLIC)), ids=PUBLIC)
def test_tamper_every_public_input(index: int, vk: VerifyingKey, public: list[int], proof: Proof) -> None:
    """aux among them: the row that C11 gives it, and the row that setup adds, bind it."""
    for other in (public[index] + 1, public[index] - 1, 0, R - 1):
        if other % R != public[index]:
            refused(vk, [*public[:index], other % R, *public[index + 1 :]], proof)


def test_public_inputs_in_another_order(vk: VerifyingKey, public: list[int], proof: Proof) -> None:
    refused(vk, [public[1], public[0], *public[2:]], proof)


@pytest.mark.parametrize("index", range(len(PUBLIC)), ids=PUBLIC)
def test_nf_alias_plus_r(index: int, vk: VerifyingKey, public: list[int], proof: Proof) -> None:
    """v + r satisfies the same equation: refused before it, for nf and for every other public input."""
    with pytest.raises(NonCanonicalNumber):
        verify(vk, [*public[:index], public[index] + R, *public[index + 1 :]], proof)


def test_payout_frontrun(vk: VerifyingKey, public: list[int], proof: Proof) -> None:
    """A relayer that puts its own address, or a higher fee, into aux has no proof for it."""
    assert CONTEXT.aux == public[6]
    for change in ({"payout_address": 0xBAD}, {"relayer": 0xBAD}, {"relayer_fee": 4}):
        refused(vk, [*public[:6], replace(CONTEXT, **change).aux], proof)


def test_parts_of_a_proof_replaced(vk: VerifyingKey, public: list[int], proof: Proof, pk: ProvingKey) -> None:
    (a,), (b,) = unpack_g1(proof.a), unpack_g2(proof.b)
    assert a is not None
    assert b is not None
    minus_a = pack_g1([(a[0], P - a[1])])
    minus_b = pack_g2([(b[0], tuple((P - c) % P for c in b[1]))])  # type: ignore[list-item]
    for forged in (
        replace(proof, a=minus_a),
        replace(proof, b=minus_b),
        replace(proof, a=proof.c, c=proof.a),
        replace(proof, c=proof.a),
        replace(proof, a=vk.alpha_g1, b=vk.beta_g2),
        replace(proof, b=vk.gamma_g2),
    ):
        refused(vk, public, forged)
    verify(vk, public, replace(proof, a=minus_a, b=minus_b))  # malleable: why the ledger's key is nf, not the proof


def test_proof_rerandomized(vk: VerifyingKey, public: list[int], proof: Proof) -> None:
    """It verifies, and it is bound to the same statement: the ledger's test refuses it as spent."""
    other = rerandomize(vk, proof)
    assert {other.a, other.b, other.c}.isdisjoint({proof.a, proof.b, proof.c})
    verify(vk, public, other)
    refused(vk, [*public[:4], (public[4] + 1) % R, *public[5:]], other)


@pytest.mark.parametrize("path", [("pi_a", 0), ("pi_a", 1), ("pi_b", 0, 0), ("pi_b", 1, 1), ("pi_c", 1)])
def test_proof_noncanonical_coordinate(path, proof: Proof, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """x + q is the same point written twice: refused when the file is read."""
    file = tmp_path / "proof.json"
    write_proof(file, proof)
    data = json.loads(file.read_text())
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = str(int(place[path[-1]]) + P)
    file.write_text(json.dumps(data))
    with pytest.raises(FormatError, match=path[0]):
        read_proof(file)


def test_offcurve_points(vk: VerifyingKey, public: list[int], proof: Proof) -> None:
    for name, size in (("a", 64), ("b", 128), ("c", 64)):
        bad = bytearray(getattr(proof, name))
        bad[0] ^= 1
        assert len(bad) == size
        with pytest.raises(InvalidPoint):
            verify(vk, public, replace(proof, **{name: bytes(bad)}))


def test_B_outside_subgroup(vk: VerifyingKey, public: list[int], proof: Proof) -> None:
    with pytest.raises(InvalidPoint, match="subgroup"):
        verify(vk, public, replace(proof, b=g2_outside_subgroup(bn254.CURVE)))


@pytest.mark.parametrize(("name", "size"), [("a", 64), ("b", 128), ("c", 64)])
def test_infinity_points(name: str, size: int, vk: VerifyingKey, public: list[int], proof: Proof) -> None:
    with pytest.raises(InvalidPoint, match="infinity"):
        verify(vk, public, replace(proof, **{name: bytes(size)}))


def test_other_circuit_proof(vk: VerifyingKey, public: list[int], proof: Proof) -> None:
    """A claim over a shallower tree has the same public inputs and another key: neither takes the other's proof."""
    world = World()
    shallow = compile_circuit(Claim(depth=2))
    other_pk = setup(shallow.r1cs)
    tree = type(world.tree)(4, 2)
    position = tree.append(world.note.cm)
    inputs = {**world.inputs(), "root": tree.root, "path": [list(c) for c in tree.proof(position).path]}
    other = prove(other_pk, shallow.assign(inputs))
    other_public = [public[0], tree.root, *public[2:]]
    verify(other_pk.verifying_key, other_public, other)
    refused(vk, other_public, other)
    refused(other_pk.verifying_key, public, proof)


def test_vk_gamma_eq_delta(vk: VerifyingKey) -> None:
    """FoomCash, 2026: with gamma = delta anybody can prove anything."""
    with pytest.raises(InvalidKey, match="gamma equals delta"):
        replace(vk, delta_g2=vk.gamma_g2).check()


def test_vk_delta_is_the_generator(vk: VerifyingKey) -> None:
    generator = pack_g2([bn254.G2_GENERATOR])
    seven = current().g2_fixed_base("bn254", generator, (7).to_bytes(32, "little"))
    with pytest.raises(InvalidKey, match="no contribution"):
        replace(vk, gamma_g2=seven, delta_g2=generator).check()


@pytest.mark.parametrize("index", range(8))
def test_vk_zero_IC(index: int, vk: VerifyingKey) -> None:
    """A public input with a zero IC point is bound by nothing."""
    points = vk.gamma_abc_g1
    with pytest.raises(InvalidKey, match="infinity"):
        replace(vk, gamma_abc_g1=points[: 64 * index] + bytes(64) + points[64 * (index + 1) :]).check()


def test_an_unsatisfied_assignment_gives_no_proof(circuit, pk: ProvingKey, vk: VerifyingKey, world: World) -> None:  # type: ignore[no-untyped-def]
    """Skipping the prover's own check does not help: the proof of a false statement does not verify."""
    inputs = world.inputs(bytes=world.claim.inputs["bytes"] + 1)
    forged = prove(pk, circuit.program.run(inputs))
    refused(vk, world.claim.statement.public_inputs, forged)
