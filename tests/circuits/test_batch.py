"""What the batch is made of, over every assignment where a tiny field allows it; its shapes; and where it fits."""

from __future__ import annotations

import csv
import io
import itertools
from importlib import resources

import pytest
from tiny import F13, Gadget, outputs

from zkrelay.algebra import compression as native
from zkrelay.algebra.poseidon import poseidon
from zkrelay.circuits import merkle
from zkrelay.circuits.batch import Batch, assert_covered
from zkrelay.circuits.boolean import assert_ones_first
from zkrelay.circuits.compression import assert_chain, assert_evaluation
from zkrelay.circuits.standard import BATCH_SIZES, standard_circuit
from zkrelay.curves import bn254
from zkrelay.errors import CircuitError, UnsatisfiedConstraint
from zkrelay.r1cs import CompiledCircuit, compile_circuit, run
from zkrelay.relay.batch import Batch as RelayBatch
from zkrelay.relay.claim import Claim
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.domain import Domain
from zkrelay.relay.identity import NodeIdentity, SessionKey
from zkrelay.relay.merkle import MerkleTree
from zkrelay.relay.note import Note
from zkrelay.relay.receipt import Receipt

R = bn254.FR.modulus


@pytest.mark.parametrize("count", [1, 2, 3])
def test_assert_ones_first(count: int) -> None:
    """Every vector over F13: 1..1 0..0 with a 1 in front, and nothing else."""

    def body(cs, x):
        assert_ones_first(cs, x)
        return []

    compiled = compile_circuit(Gadget(count, 0, body), F13)
    accepted = {x for x in itertools.product(range(13), repeat=count) if outputs(compiled, x, 0)}
    assert accepted == {(1,) * ones + (0,) * (count - ones) for ones in range(1, count + 1)}
    assert compiled.r1cs.num_constraints == count


@pytest.mark.parametrize("unit", [1, 2, 3])
def test_assert_covered(unit: int) -> None:
    """Every (amount, bytes, cap): accepted exactly when 1 <= amount <= 2, amount·unit <= bytes <= cap, as integers.

    With two bits a volume the largest cap is 2·unit + 6 < p: what makes it sound is that nothing wraps.
    """

    def body(cs, x):
        assert_covered(cs, *x, unit=unit, amount_bits=1, volume_bits=2)
        return []

    compiled = compile_circuit(Gadget(3, 0, body), F13)
    for amount, num_bytes, cap in itertools.product(range(13), repeat=3):
        true = 1 <= amount <= 2 and 0 <= num_bytes - unit * amount < 4 and 0 <= cap - num_bytes < 4
        assert bool(outputs(compiled, (amount, num_bytes, cap), 0)) == true, (amount, num_bytes, cap)


@pytest.mark.parametrize("length", [2, 3])
def test_assert_evaluation(length: int) -> None:
    """Every vector, alpha and e over F13: e is the value of the polynomial, and no other."""

    def body(cs, x):
        e = cs.witness(cs.value_of(x[0]))
        assert_evaluation(cs, x[1:], x[0], e)
        return [e]

    compiled = compile_circuit(Gadget(length + 1, 1, body), F13)
    for alpha, *values in itertools.product(range(13), range(0, 13, 3), *[(0, 1, 5, 12)] * (length - 1)):
        expected = sum(v * alpha**i for i, v in enumerate(values)) % 13
        assert outputs(compiled, (alpha, *values), 1) == {(expected,)}


@pytest.mark.parametrize("length", [9, 15, 16, 31])
def test_compression_is_the_native_one(length: int) -> None:
    def body(cs, x):
        h, alpha, e, *values = x
        assert_chain(cs, 7, values, h)
        assert_evaluation(cs, values, alpha, e)
        return []

    compiled = compile_circuit(Gadget(length + 3, 0, body))
    values = [i * i * i for i in range(1, length)] + [R - 1]
    h = native.chain(7, values)
    alpha = native.challenge(h, values)
    good = [h, alpha, native.evaluate(values, alpha), *values]
    compiled.assign({"x": good, "out": []})
    for index in range(len(good)):
        bad = [*good]
        bad[index] = (bad[index] + 1) % R
        with pytest.raises(UnsatisfiedConstraint):
            compiled.assign({"x": bad, "out": []})


# --- shared levels of the tree ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leaves", "arity", "depth", "counts"),
    [
        (1, 4, 10, []),
        (2, 4, 10, [1]),
        (8, 4, 10, [1, 4]),
        (16, 4, 10, [1, 4]),
        (64, 4, 10, [1, 4, 16]),
        (64, 4, 2, [1]),
        (64, 4, 1, []),
        (3, 2, 4, [1, 2]),
    ],
)
def test_opening_counts(leaves: int, arity: int, depth: int, counts: list[int]) -> None:
    assert merkle.opening_counts(leaves, arity, depth) == counts


def opened(cs, x):
    """Two levels of a binary tree: root, its two children, and the children of two nodes among those."""
    root, *rest = x
    return list(merkle.open_nodes(cs, [rest[i : i + 2] for i in range(0, 6, 2)], [1, 2], root))


def test_open_nodes() -> None:
    compiled = compile_circuit(Gadget(7, 4, opened))
    leaves = [11, 12, 13, 14]
    left, right = poseidon(leaves[:2]), poseidon(leaves[2:])
    root = poseidon([left, right])

    def accepts(*x: int) -> bool:
        try:
            compiled.assign({"x": list(x), "out": list(x[3:])})
        except UnsatisfiedConstraint:
            return False
        return True

    assert accepts(root, left, right, *leaves)
    assert accepts(root, left, right, 13, 14, 11, 12)  # in any order
    assert accepts(root, left, right, 11, 12, 11, 12)  # and one of them twice
    assert not accepts(root, right, left, *leaves)
    assert not accepts(root, left, right, 12, 11, 13, 14)
    assert not accepts(root, left, right, 11, 12, 13, 15)  # no node of the tree
    assert not accepts(root, left, right, left, right, 13, 14)  # root opened again: a node, and of the wrong level
    assert not accepts(poseidon([root, 5]), root, 5, 5, 5, left, right)
    assert not accepts(left, 11, 12, *leaves)


# --- shapes ----------------------------------------------------------------------------------------------------------


def claims_in(domain: Domain, count: int) -> list[Claim]:
    """Honest claims of one node, far apart in one tree."""
    node, tree = NodeIdentity(5), MerkleTree(domain.arity, domain.depth)
    sessions = []
    for i in range(count):
        key = SessionKey.from_seed(b"session %d" % i)
        note = Note(domain.value, node.payee, key.public, rho=1000 + i, cap=500 * domain.unit, expiry=1000 + i)
        sessions.append((note, Receipt.sign(key, note.cm, (i + 2) * domain.unit + i, ctx=i), tree.append(note.cm)))
        tree.extend(range(100 * i + 1, 100 * i + 1 + (tree.capacity - count) // count))
    return [
        Claim.build(domain, note, receipt, node, tree.proof(position), ClaimContext(7), epoch=900, amount=i + 1)
        for i, (note, receipt, position) in enumerate(sessions)
    ]


@pytest.mark.parametrize(
    ("size", "count", "arity", "depth", "unit"),
    [(1, 1, 4, 1, 1 << 20), (3, 2, 2, 4, 1), (5, 5, 3, 2, 1000)],
)
def test_other_shapes(size: int, count: int, arity: int, depth: int, unit: int) -> None:
    domain = Domain(chain_id=1, contract=2, tree_no=3, unit=unit, arity=arity, depth=depth)
    batch = RelayBatch.build(claims_in(domain, count), size)
    circuit = Batch(size, arity, depth, unit)
    compiled = compile_circuit(circuit)
    assignment = compiled.assign(batch.inputs)
    assert [int.from_bytes(assignment[32 * i : 32 * (i + 1)], "little") for i in (1, 2, 3)] == (
        batch.statement.public_inputs
    )
    if size <= 3:
        run(circuit, batch.inputs)
    wrong = {**batch.inputs, "amount": [amount + 1 for amount in batch.inputs["amount"]]}
    with pytest.raises(UnsatisfiedConstraint):
        compiled.assign(wrong)


@pytest.mark.parametrize("size", [0, -1, native.MAX_SLOTS + 1])
def test_sizes_out_of_range(size: int) -> None:
    with pytest.raises(CircuitError, match="size"):
        Batch(size)


@pytest.mark.parametrize(("name", "value"), [("arity", 1), ("arity", 17), ("depth", 0), ("depth", 33), ("unit", 0)])
def test_constants_out_of_range(name: str, value: int) -> None:
    with pytest.raises(CircuitError, match="batch: arity"):
        standard_circuit("batch8", **{name: value})


def test_the_size_is_in_the_name() -> None:
    for size in BATCH_SIZES:
        circuit = standard_circuit(f"batch{size}")
        assert isinstance(circuit, Batch)
        assert (circuit.size, circuit.name) == (size, f"batch{size}")
    with pytest.raises(CircuitError, match="does not take"):
        standard_circuit("batch8", size=9)


def test_rows_a_session() -> None:
    """64 sessions fit the domain 2^19, 16 fit 2^17 and 8 fit 2^16; each more costs less than a claim of its own."""
    text = (resources.files("zkrelay.circuits") / "costs.csv").read_text(encoding="utf-8")
    rows = {row["gadget"]: int(row["constraints"]) for row in csv.DictReader(io.StringIO(text))}
    for size, log_size in ((64, 19), (16, 17), (8, 16)):
        assert rows[f"batch{size}"] + 3 + 1 <= 1 << log_size
        assert rows[f"batch{size}"] < size * rows["claim"]
    assert rows["batch64"] / 64 < 8_190


def compiled_by(domain: Domain, size: int) -> CompiledCircuit:
    return compile_circuit(Batch(size, domain.arity, domain.depth, domain.unit))


def test_copied_slots_refuse_what_stated_slots_refuse() -> None:
    """Slots from the third on are copies: each of them is checked, and shows its own nullifier."""
    domain = Domain(chain_id=1, contract=2, tree_no=3, unit=1000, arity=4, depth=2)
    claims = claims_in(domain, 5)
    compiled, batch = compiled_by(domain, 5), RelayBatch.build(claims, 5)
    compiled.assign(batch.inputs)
    for slot in range(5):
        for name in ("bytes", "rho", "ax", "s", "cap", "expiry"):
            values = [*batch.inputs[name]]
            values[slot] += 1
            with pytest.raises(UnsatisfiedConstraint):
                compiled.assign({**batch.inputs, name: values})
