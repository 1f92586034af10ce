"""``verifyProofs``: one equation for many proofs, which accepts when ``verify_many`` does."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from anvil import Contract

from zkrelay.algebra.points import negate_g1
from zkrelay.evm import verify_proof_call, verify_proofs_call
from zkrelay.evm.keccak import keccak256
from zkrelay.evm.words import MACHINES, g1_words, key_digest, pack_words, proof_words
from zkrelay.groth16 import Proof, rerandomize
from zkrelay.groth16.verify_many import verify_many
from zkrelay.kernel.reference_groups import groups

from ..groth16 import bad_points
from .conftest import NUM_PUBLIC, OnChain
from .test_verifier import replaced

Item = tuple[list[int], Proof]


@pytest.fixture(scope="module")
def items(on_chain: OnChain) -> list[Item]:
    """Seven true proofs of one statement, all different."""
    statement = on_chain.statement
    return [(statement.public, rerandomize(statement.vk, statement.proof)) for _ in range(7)]


def unchecked(on_chain: OnChain, proofs: Sequence[Sequence[int]], inputs: Sequence[Sequence[int]]) -> bytes:
    """A call with whatever words it is given."""
    (selector,) = (code for name, code in on_chain.contract.code.functions.items() if name.startswith("verifyProofs("))
    flat_proofs, flat_inputs = [w for proof in proofs for w in proof], [w for row in inputs for w in row]
    head = [64, 96 + 32 * len(flat_proofs), len(proofs), *flat_proofs, len(inputs), *flat_inputs]
    return selector + pack_words(head)


def words_of(items: Sequence[Item]) -> tuple[list[list[int]], list[list[int]]]:
    return [proof_words(proof) for _, proof in items], [list(public) for public, _ in items]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_true_proofs_are_accepted(on_chain: OnChain, items: list[Item], count: int) -> None:
    data = verify_proofs_call(items[:count]).data
    assert on_chain.reason(data) == ""
    assert data == unchecked(on_chain, *words_of(items[:count]))


@pytest.mark.parametrize("index", range(3))
def test_one_false_proof_spoils_all(on_chain: OnChain, items: list[Item], index: int) -> None:
    """Wherever it stands, the one whose weight could have been left out included."""
    bad = list(items[:3])
    public, proof = bad[index]
    bad[index] = ([(public[0] + 1) % on_chain.statement.r, *public[1:]], proof)
    assert list(verify_many(on_chain.statement.vk, bad).refused) == [index]
    assert on_chain.reason(verify_proofs_call(bad).data) == "ProofInvalid"


def test_errors_that_cancel_are_found(on_chain: OnChain, items: list[Item]) -> None:
    """Two false proofs whose equations multiply to 1: C + D and C - D, and inputs x + 1 and x - 1."""
    statement = on_chain.statement
    (public, one), (_, other) = items[:2]
    r, curve = statement.r, statement.curve.name
    swapped = [(public, replaced(one, c=other.c)), (public, replaced(other, c=one.c))]
    moved = [([(public[0] + d) % r, *public[1:]], proof) for d, proof in ((1, one), (-1, other))]
    negated = [(public, replaced(one, a=negate_g1(one.a, curve))), (public, one)]
    for attack in (swapped, moved, negated):
        assert on_chain.reason(verify_proofs_call(attack).data) == "ProofInvalid"


def weights_of(on_chain: OnChain, data: bytes, count: int) -> list[int]:
    """The weights by their definition: 128 bits of keccak(seed, k), where seed = keccak(key digest, calldata)."""
    seed = keccak256(key_digest(on_chain.statement.vk) + data)
    return [int.from_bytes(keccak256(seed + k.to_bytes(32, "big"))[:16], "big") for k in range(count)]


def test_weights_hash_the_key_and_all_the_calldata(on_chain: OnChain, items: list[Item]) -> None:
    """What the contract multiplies by: C and A of each proof by its weight, and the key's part by their sums."""
    data, r = verify_proofs_call(items[:3]).data, on_chain.statement.r
    weights = weights_of(on_chain, data, 3)
    machine = MACHINES[on_chain.statement.curve.name]
    inner = on_chain.chain.inner_calls(on_chain.contract, data)
    products = [given for address, given in inner if address == machine.multiply]
    step = machine.g1_bytes + 32
    scalars = [given[at : at + 32] for given in products for at in range(machine.g1_bytes, len(given), step)]
    sums = [sum(w * public[i] for w, (public, _) in zip(weights, items, strict=False)) % r for i in range(NUM_PUBLIC)]
    expected = [sum(weights), sum(weights), *sums, *(weight for weight in weights for _ in "CA")]
    assert [int.from_bytes(scalar, "big") for scalar in scalars] == expected


def test_faults_that_cancel_under_weights_known_before_are_found(on_chain: OnChain, items: list[Item]) -> None:
    """C_0 + w_1·D and C_1 - w_0·D cancel under the weights of the true call; but theirs is another call."""
    name = on_chain.statement.curve.name
    g1 = groups(name).g1
    (public, one), (_, other) = items[:2]
    w0, w1 = weights_of(on_chain, verify_proofs_call(items[:2]).data, 2)
    (c0,), (c1,), (d,) = (g1.unpack(point) for point in (one.c, other.c, on_chain.statement.vk.alpha_g1))
    moved = [g1.pack([g1.msm([1, s % on_chain.statement.r], [c, d])]) for c, s in ((c0, w1), (c1, -w0))]
    attack = [(public, replaced(proof, c=c)) for proof, c in zip((one, other), moved, strict=True)]
    assert on_chain.reason(verify_proofs_call(attack).data) == "ProofInvalid"


def test_any_changed_bit_is_refused(on_chain: OnChain, items: list[Item]) -> None:
    """Some hundred bits of a call with three proofs, those of the offsets among them."""
    good = verify_proofs_call(items[:3]).data
    rng = random.Random("bits of many")
    bits = sorted({*range(32, 32 + 2 * 256, 7), *(rng.randrange(32, 8 * len(good)) for _ in range(300))})
    changed = []
    for bit in bits:
        data = bytearray(good)
        data[bit // 8] ^= 1 << bit % 8
        changed.append(bytes(data))
    assert "" not in on_chain.reasons(changed)


def test_inputs_and_proofs_are_checked_one_by_one(on_chain: OnChain, items: list[Item]) -> None:
    statement = on_chain.statement
    g1 = MACHINES[statement.curve.name].g1_bytes // 32
    off_curve = g1_words(bad_points.g1_off_curve(statement.curve), statement.curve.name)
    for index in range(3):
        proofs, inputs = words_of(items[:3])
        inputs[index][1] += statement.r
        assert on_chain.reason(unchecked(on_chain, proofs, inputs)) == "PublicInputNotInField"
        for at in (0, 3 * g1):  # A and C
            for point, reason in ((off_curve, "PrecompileFailed"), ([0] * g1, "PointAtInfinity")):
                proofs, inputs = words_of(items[:3])
                proofs[index][at : at + g1] = point
                assert on_chain.reason(unchecked(on_chain, proofs, inputs)) == reason
        proofs, inputs = words_of(items[:3])
        proofs[index][g1 : 3 * g1] = [0] * (2 * g1)
        assert on_chain.reason(unchecked(on_chain, proofs, inputs)) == "PointAtInfinity"


def test_small_order_parts_that_cancel_are_refused(on_chain: OnChain, items: list[Item]) -> None:
    """Over a curve with a cofactor, C_0 + T and C_1 - T with T of small order: each C is checked, not their sum."""
    statement = on_chain.statement
    if statement.curve.name != "bls12_381":
        assert statement.curve.g1_cofactor == 1
        return
    name = statement.curve.name
    g1 = groups(name).g1
    (first, second), at = [g1.unpack(proof.c)[0] for _, proof in items[:2]], 3 * MACHINES[name].g1_bytes // 32
    for outside in (bad_points.small_order_g1(statement.curve), bad_points.g1_outside_subgroup(statement.curve)):
        (t,), (minus_t,) = g1.unpack(outside), g1.unpack(negate_g1(outside, name))
        moved = [g1.pack([g1.sum([first, t])]), g1.pack([g1.sum([second, minus_t])])]
        assert g1.sum([g1.unpack(c)[0] for c in moved]) == g1.sum([first, second])
        proofs, inputs = words_of(items[:2])
        for proof, c in zip(proofs, moved, strict=True):
            proof[at:] = g1_words(c, name)
        assert on_chain.reason(unchecked(on_chain, proofs, inputs)) == "PrecompileFailed"


def test_other_encodings_are_refused(on_chain: OnChain, items: list[Item]) -> None:
    """None at all, counts that differ, more bytes, fewer bytes, arrays elsewhere."""
    proofs, inputs = words_of(items[:2])
    good = verify_proofs_call(items[:2]).data
    gap = bytearray(good)
    gap[36:68] = (int.from_bytes(good[36:68], "big") + 32).to_bytes(32, "big")
    at = 4 + int.from_bytes(good[36:68], "big")
    shifted = bytes(gap[:at]) + bytes(32) + good[at:]
    one_array_twice = good[:36] + good[4:36] + good[68:]
    for data in (
        unchecked(on_chain, [], []),
        unchecked(on_chain, proofs, inputs[:1]),
        unchecked(on_chain, proofs[:1], inputs),
        good + bytes(1),
        good + bytes(32),
        good[:-1],
        good[:-32],
        shifted,
        one_array_twice,
        good[:4],
        good[:68],
    ):
        assert on_chain.reason(data) in ("MalformedCalldata", "no reason")
    assert on_chain.reason(shifted) == "MalformedCalldata"


def test_too_little_gas_reverts(on_chain: OnChain, items: list[Item]) -> None:
    data, contract = verify_proofs_call(items[:3]).data, on_chain.contract
    estimate = on_chain.chain.estimate(contract, data)
    receipt = on_chain.chain.send(contract, data, estimate)
    assert receipt["status"] == "0x1"
    used = int(receipt["gasUsed"], 16)
    for limit in range(30_000, used, 7_000):
        assert on_chain.reason(data, gas=limit) in ("PrecompileFailed", "no reason"), limit
    assert on_chain.chain.send(contract, data, used - 1)["status"] == "0x0"


def test_two_proofs_cost_less_than_one_and_one(on_chain: OnChain, items: list[Item]) -> None:
    def gas(contract: Contract, data: bytes) -> int:
        return int(on_chain.chain.send(contract, data, 3_000_000)["gasUsed"], 16)

    one = gas(on_chain.contract, verify_proof_call(*items[0]).data)
    two = gas(on_chain.contract, verify_proofs_call(items[:2]).data)
    seven = gas(on_chain.contract, verify_proofs_call(items).data)
    assert two < 2 * one - 21_000
    assert (seven - two) / 5 < one / 2
