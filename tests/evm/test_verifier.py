"""The contract on a chain: it accepts what ``groth16.verify`` accepts, and reverts for everything else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from anvil import Anvil, Compiled

from zkrelay.algebra.points import negate_g1, negate_g2
from zkrelay.errors import InvalidProof
from zkrelay.evm import render_verifier, verify_proof_call
from zkrelay.evm.words import MACHINES, g1_words, g2_words, key_digest, proof_words
from zkrelay.groth16 import Proof, prove, rerandomize, verify

from ..groth16 import bad_points
from ..groth16.small_circuits import Statement, assignment_bytes, cubic, prove_statement
from .conftest import NUM_PUBLIC, OnChain, statement_of

QUICK_PROOFS, LONG_PROOFS = 15, 1000
"""Over each curve."""


def replaced(proof: Proof, **points: bytes) -> Proof:
    return Proof(**{"a": proof.a, "b": proof.b, "c": proof.c, "curve": proof.curve, **points})


def points_at(on_chain: OnChain) -> dict[str, slice]:
    """Where the words of A, B and C are."""
    g1 = 2 * MACHINES[on_chain.statement.curve.name].coordinate_words
    return {"a": slice(0, g1), "b": slice(g1, 3 * g1), "c": slice(3 * g1, 4 * g1)}


def test_a_true_proof_is_accepted(on_chain: OnChain) -> None:
    assert on_chain.reason(on_chain.calldata) == ""


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.long)])
def test_every_single_bit_matters(on_chain: OnChain, step: int) -> None:
    """Bits of the proof and of the public inputs: all, or every fifth, which are at all places of a byte."""
    good = on_chain.calldata
    flipped = []
    for bit in range(8 * 4, 8 * len(good), step):
        data = bytearray(good)
        data[bit // 8] ^= 1 << bit % 8
        flipped.append(bytes(data))
    reasons = on_chain.reasons(flipped)
    num_bits = 256 * (MACHINES[on_chain.statement.curve.name].proof_words + NUM_PUBLIC)
    assert len(reasons) == len(range(0, num_bits, step))
    assert set(reasons) == {"PrecompileFailed", "PublicInputNotInField", "ProofInvalid"}


def check_random_proofs(on_chain: OnChain, count: int, rng: random.Random) -> None:
    """``count`` proofs of random statements under one key: accepted; and refused with any one bit changed."""
    fr = on_chain.statement.curve.fr
    first = prove_statement(*cubic(rng.randrange(fr.modulus), fr))
    compiled = on_chain.chain.compile_and_deploy(render_verifier(first.vk))
    own = OnChain(on_chain.chain, compiled, first)
    good, changed = [], []
    for _ in range(count):
        _, z = cubic(rng.randrange(fr.modulus), fr)
        data = verify_proof_call(z[1:2], prove(first.pk, assignment_bytes(z, fr))).data
        good.append(data)
        at = rng.randrange(4, len(data))
        changed.append(data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :])
    assert own.reasons(good) == [""] * count
    assert "" not in own.reasons(changed)


def test_random_proofs(on_chain: OnChain) -> None:
    check_random_proofs(on_chain, QUICK_PROOFS, random.Random("quick"))


@pytest.mark.long
def test_a_thousand_random_proofs(on_chain: OnChain) -> None:
    check_random_proofs(on_chain, LONG_PROOFS, random.Random("long"))


def mutations(statement: Statement) -> dict[str, tuple[list[int], Proof]]:
    """Well-formed points and inputs, some of them true."""
    curve, proof, public = statement.curve.name, statement.proof, statement.public
    minus_a, minus_b = negate_g1(proof.a, curve), negate_g2(proof.b, curve)
    return {
        "rerandomised": (public, rerandomize(statement.vk, proof)),
        "-A, -B": (public, replaced(proof, a=minus_a, b=minus_b)),
        "-A": (public, replaced(proof, a=minus_a)),
        "-B": (public, replaced(proof, b=minus_b)),
        "-C": (public, replaced(proof, c=negate_g1(proof.c, curve))),
        "A and C exchanged": (public, replaced(proof, a=proof.c, c=proof.a)),
        "A is alpha": (public, replaced(proof, a=statement.vk.alpha_g1)),
        "B is beta": (public, replaced(proof, b=statement.vk.beta_g2)),
        "A and B from the key": (public, replaced(proof, a=statement.vk.alpha_g1, b=statement.vk.beta_g2)),
        "an input more by one": ([(public[0] + 1) % statement.r, *public[1:]], proof),
        "inputs exchanged": (public[::-1], proof),
        "inputs of zero": ([0] * len(public), proof),
        "the largest inputs": ([statement.r - 1] * len(public), proof),
    }


def test_verdicts_are_those_of_verify(on_chain: OnChain) -> None:
    ours, theirs = {}, {}
    for name, (public, proof) in mutations(on_chain.statement).items():
        try:
            verify(on_chain.statement.vk, public, proof)
        except InvalidProof:
            ours[name] = "ProofInvalid"
        else:
            ours[name] = ""
        theirs[name] = on_chain.reason(on_chain.unchecked(public, proof))
    assert theirs == ours
    assert [name for name, reason in theirs.items() if not reason] == ["rerandomised", "-A, -B"]


@pytest.mark.parametrize("index", range(NUM_PUBLIC))
def test_an_alias_of_an_input_is_refused(on_chain: OnChain, index: int) -> None:
    """x + kr for every k that fits, and r itself."""
    statement = on_chain.statement
    x, r = statement.public[index], statement.r
    aliases = [*range(x + r, 1 << 256, r), r, (1 << 256) - 1]
    for alias in aliases:
        public = [*statement.public[:index], alias, *statement.public[index + 1 :]]
        assert on_chain.reason(on_chain.unchecked(public, statement.proof)) == "PublicInputNotInField"


def test_an_alias_of_a_coordinate_is_refused(on_chain: OnChain) -> None:
    """c + p for each coordinate of A, B and C."""
    statement = on_chain.statement
    size, p = MACHINES[statement.curve.name].coordinate_words, statement.curve.fp.modulus
    words = proof_words(statement.proof)
    for at in range(0, len(words), size):
        value = int.from_bytes(b"".join(word.to_bytes(32, "big") for word in words[at : at + size]), "big") + p
        alias = [value >> 256 * (size - 1 - i) & (1 << 256) - 1 for i in range(size)]
        changed = [*words[:at], *alias, *words[at + size :]]
        assert on_chain.reason(on_chain.unchecked(statement.public, changed)) == "PrecompileFailed"


def test_the_other_order_in_g2_is_refused(on_chain: OnChain) -> None:
    """Real and imaginary parts exchanged, the mistake that costs everybody a day."""
    statement = on_chain.statement
    words, size = proof_words(statement.proof), MACHINES[statement.curve.name].coordinate_words
    b = points_at(on_chain)["b"]
    parts = [words[b][at : at + size] for at in range(0, 4 * size, size)]
    words[b] = [word for index in (1, 0, 3, 2) for word in parts[index]]
    assert on_chain.reason(on_chain.unchecked(statement.public, words)) == "PrecompileFailed"


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_infinity_is_refused(on_chain: OnChain, name: str) -> None:
    words = proof_words(on_chain.statement.proof)
    at = points_at(on_chain)[name]
    words[at] = [0] * len(words[at])
    assert on_chain.reason(on_chain.unchecked(on_chain.statement.public, words)) == "PointAtInfinity"


def test_points_outside_their_groups_are_refused(on_chain: OnChain) -> None:
    statement = on_chain.statement
    curve, name = statement.curve, statement.curve.name
    bad_g2 = [bad_points.g2_off_curve(curve), bad_points.g2_outside_subgroup(curve), bad_points.small_order_g2(curve)]
    bad_g1 = [bad_points.g1_off_curve(curve)]
    if name == "bls12_381":  # over BN254 G1 is the whole curve
        bad_g1 += [bad_points.g1_outside_subgroup(curve), bad_points.small_order_g1(curve)]
    words, at = proof_words(statement.proof), points_at(on_chain)
    cases = [("b", g2_words(point, name)) for point in bad_g2]
    cases += [(which, g1_words(point, name)) for point in bad_g1 for which in ("a", "c")]
    for which, point in cases:
        changed = list(words)
        changed[at[which]] = point
        reason = on_chain.reason(on_chain.unchecked(statement.public, changed))
        assert reason in ("PrecompileFailed", "PointAtInfinity"), (which, point)


def test_calldata_of_another_length_is_refused(on_chain: OnChain) -> None:
    good = on_chain.calldata
    short = [
        good[:size] for size in (*range(0, 5), 35, 36, len(good) - 33, len(good) - 32, len(good) - 31, len(good) - 1)
    ]
    assert set(on_chain.reasons(short)) <= {"MalformedCalldata", "no reason"}
    assert set(on_chain.reasons([good + bytes(more) for more in (1, 31, 32, 4096)])) == {"MalformedCalldata"}


def test_another_function_is_refused(on_chain: OnChain) -> None:
    assert on_chain.reason(bytes(4) + on_chain.calldata[4:]) == "no reason"
    assert on_chain.reason(b"") == "no reason"


def test_too_little_gas_reverts(on_chain: OnChain) -> None:
    """At any limit the verdict is true or there is none; the estimate is a limit that is enough."""
    data, chain, contract = on_chain.calldata, on_chain.chain, on_chain.contract
    estimate = chain.estimate(contract, data)
    receipt = chain.send(contract, data, estimate)
    used = int(receipt["gasUsed"], 16)
    assert receipt["status"] == "0x1" and used <= estimate < used * 1.02
    for limit in [*range(25_000, used, 5_000), *range(used - 2_000, used, 250)]:
        assert on_chain.reason(data, gas=limit) in ("PrecompileFailed", "no reason"), limit
    for limit in (60_000, 200_000, used - 1):
        assert chain.send(contract, data, limit)["status"] == "0x0", limit


def test_a_chain_without_the_precompiles_accepts_nothing(compiled: dict[str, Compiled], tmp_path: Path) -> None:
    """Before Prague there is nobody at EIP-2537's addresses: calls there succeed and return nothing."""
    chain = Anvil(tmp_path, hardfork="cancun")
    try:
        old = OnChain(chain, chain.deploy(compiled["bls12_381"]), statement_of("bls12_381", NUM_PUBLIC))
        assert old.reason(old.calldata) == "PrecompileFailed"
    finally:
        chain.close()


def test_the_contract_tells_its_key(on_chain: OnChain) -> None:
    selector = on_chain.contract.code.functions["VERIFYING_KEY_DIGEST()"]
    assert on_chain.chain.call(on_chain.contract, selector) == key_digest(on_chain.statement.vk)


def test_selectors_are_those_of_the_compiler(on_chain: OnChain) -> None:
    words = MACHINES[on_chain.statement.curve.name].proof_words
    functions = on_chain.contract.code.functions
    assert functions.keys() == {
        "VERIFYING_KEY_DIGEST()",
        f"verifyProof(uint256[{words}],uint256[{NUM_PUBLIC}])",
        f"verifyProofs(uint256[{words}][],uint256[{NUM_PUBLIC}][])",
    }
    assert functions[f"verifyProof(uint256[{words}],uint256[{NUM_PUBLIC}])"] == on_chain.calldata[:4]


def test_a_proof_under_another_key_is_refused(on_chain: OnChain) -> None:
    other = prove_statement(on_chain.statement.r1cs, on_chain.statement.z)
    assert on_chain.reason(on_chain.unchecked(other.public, other.proof)) == "ProofInvalid"
