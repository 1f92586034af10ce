"""Contracts and calldata as text and bytes; no chain is needed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.encoding import unpack_g1, unpack_g2
from zkrelay.algebra.points import negate_g2
from zkrelay.curves import CURVES, PairingCurve
from zkrelay.errors import InvalidKey, InvalidPoint, MalformedInput, NonCanonicalNumber, ZkrelayError
from zkrelay.evm import render_verifier, verify_proof_call, verify_proofs_call
from zkrelay.evm.solidity import DEFAULT_NAME, MAX_PUBLIC
from zkrelay.evm.template import ERRORS
from zkrelay.evm.words import MACHINES, g1_words, g2_words, key_digest, pack_words
from zkrelay.groth16 import Proof, VerifyingKey

from ..groth16 import bad_points
from ..groth16.small_circuits import Statement, prove_statement, random_satisfied
from .conftest import statement_of


@pytest.fixture(params=list(CURVES))
def statement(request: pytest.FixtureRequest) -> Statement:
    return statement_of(request.param, 2)


def halves(c: int) -> list[int]:
    return [c >> 256, c % 2**256]


def test_words_of_bn254_have_the_imaginary_part_first() -> None:
    proof = statement_of("bn254", 2).proof
    ((x, y),) = unpack_g2(proof.b, "bn254")
    assert g2_words(proof.b, "bn254") == [x[1], x[0], y[1], y[0]]
    assert g1_words(proof.a, "bn254") == list(*unpack_g1(proof.a, "bn254"))


def test_words_of_bls12_381_have_the_real_part_first_and_padding() -> None:
    proof = statement_of("bls12_381", 2).proof
    ((x, y),) = unpack_g2(proof.b, "bls12_381")
    assert g2_words(proof.b, "bls12_381") == [*halves(x[0]), *halves(x[1]), *halves(y[0]), *halves(y[1])]
    assert pack_words(g1_words(proof.a, "bls12_381"))[:16] == bytes(16)


def test_a_contract_holds_its_key(statement: Statement) -> None:
    """Every coordinate of the key, those of G2 negated, and the modulus; and no other long number but the digest."""
    vk, curve = statement.vk, statement.curve.name
    g1 = statement.curve.g1_bytes
    points = [vk.alpha_g1, *(vk.gamma_abc_g1[at : at + g1] for at in range(0, len(vk.gamma_abc_g1), g1))]
    expected = {word for point in points for word in g1_words(point, curve)}
    expected |= {w for q in (vk.beta_g2, vk.gamma_g2, vk.delta_g2) for w in g2_words(negate_g2(q, curve), curve)}
    expected |= {statement.r, int.from_bytes(key_digest(vk), "big")}
    text = render_verifier(vk)
    assert {int(number, 16) for number in re.findall(r"0x[0-9a-f]{20,}", text)} == {w for w in expected if w >= 2**76}
    assert text.count(DEFAULT_NAME) == 1 and "$" not in text


def test_a_digest_names_a_key(statement: Statement) -> None:
    vk, curve = statement.vk, statement.curve.name
    words = g1_words(vk.alpha_g1, curve)
    for point in (vk.beta_g2, vk.gamma_g2, vk.delta_g2):
        words += g2_words(point, curve)
    for point in unpack_g1(vk.gamma_abc_g1, curve):
        assert point is not None
        words += list(point) if curve == "bn254" else [half for c in point for half in halves(c)]
    assert key_digest(vk) == hashlib.sha256(pack_words(words)).digest()
    assert key_digest(dataclasses.replace(vk, alpha_g1=statement.proof.a)) != key_digest(vk)


def test_a_development_key_says_so(statement: Statement) -> None:
    assert statement.vk.development
    assert "WARNING: this is a DEVELOPMENT key" in render_verifier(statement.vk)
    ceremony = render_verifier(dataclasses.replace(statement.vk, development=False))
    assert "DEVELOPMENT" not in ceremony and "SPDX-License-Identifier: Apache-2.0" in ceremony


@pytest.mark.parametrize(
    "name", ["", "verifier", "1st", "A b", "A;", "A{}", "Ä", "A" * 65, "A\n", "_A", "A.B", "A/*", *ERRORS]
)
def test_other_names_are_refused(statement: Statement, name: str) -> None:
    with pytest.raises(MalformedInput, match="cannot be the contract's name"):
        render_verifier(statement.vk, name=name)


def test_a_name_is_used(statement: Statement) -> None:
    assert "\ncontract ClaimVerifier2 {\n" in render_verifier(statement.vk, name="ClaimVerifier2")


def spoilt_keys(vk: VerifyingKey, curve: PairingCurve) -> list[tuple[VerifyingKey, type[ZkrelayError]]]:
    g1 = curve.g1_bytes
    repeated = vk.gamma_abc_g1[: 2 * g1] + vk.gamma_abc_g1[g1 : 2 * g1]
    return [
        (dataclasses.replace(vk, delta_g2=vk.gamma_g2), InvalidKey),
        (dataclasses.replace(vk, beta_g2=bad_points.g2_outside_subgroup(curve)), InvalidPoint),
        (dataclasses.replace(vk, alpha_g1=bad_points.g1_off_curve(curve)), InvalidPoint),
        (dataclasses.replace(vk, alpha_g1=bytes(g1)), InvalidKey),
        (dataclasses.replace(vk, gamma_abc_g1=repeated), InvalidKey),
        (dataclasses.replace(vk, gamma_abc_g1=bytes(g1) + vk.gamma_abc_g1[g1:]), InvalidKey),
        (dataclasses.replace(vk, alpha_g1=bad_points.not_canonical(curve, vk.alpha_g1)), NonCanonicalNumber),
    ]


def test_a_key_that_cannot_be_sound_is_refused(statement: Statement) -> None:
    for key, error in spoilt_keys(statement.vk, statement.curve):
        with pytest.raises(error):
            render_verifier(key)


@pytest.mark.parametrize("num_public", [0, MAX_PUBLIC + 1])
def test_another_number_of_inputs_is_refused(num_public: int) -> None:
    statement = prove_statement(*random_satisfied(random.Random("many inputs"), 5, num_public, 3))
    with pytest.raises(MalformedInput, match=f"takes 1 to {MAX_PUBLIC} public inputs, and this key has {num_public}"):
        render_verifier(statement.vk)


def test_calldata_is_selector_and_words(statement: Statement) -> None:
    call = verify_proof_call(statement.public, statement.proof)
    size = MACHINES[statement.curve.name].proof_words
    assert call.signature == f"verifyProof(uint256[{size}],uint256[2])"
    assert len(call.data) == 4 + 32 * (size + 2)
    assert call.data[4:] == pack_words([*call.proofs[0], *statement.public])
    proof, inputs = json.loads(f"[{call.arguments}]")
    assert [int(word, 16) for word in proof + inputs] == [*call.proofs[0], *statement.public]


def test_calldata_of_many_is_two_arrays(statement: Statement) -> None:
    items = [(statement.public, statement.proof)] * 3
    call = verify_proofs_call(items)
    size = MACHINES[statement.curve.name].proof_words
    assert call.signature == f"verifyProofs(uint256[{size}][],uint256[2][])"
    words = [int.from_bytes(call.data[at : at + 32], "big") for at in range(4, len(call.data), 32)]
    proofs_at, inputs_at = words[0] // 32, words[1] // 32
    assert words[proofs_at] == words[inputs_at] == 3
    assert words[proofs_at + 1 : inputs_at] == 3 * list(call.proofs[0])
    assert words[inputs_at + 1 :] == 3 * statement.public
    proofs, inputs = json.loads(f"[{call.arguments}]")
    assert (len(proofs), len(inputs)) == (3, 3)


def refused_items(statement: Statement) -> list[tuple[list[int], Proof, type[ZkrelayError]]]:
    curve, proof, public = statement.curve, statement.proof, statement.public
    return [
        ([statement.r, public[1]], proof, NonCanonicalNumber),
        ([-1, public[1]], proof, NonCanonicalNumber),
        ([True, public[1]], proof, MalformedInput),
        (public, dataclasses.replace(proof, a=bytes(curve.g1_bytes)), InvalidPoint),
        (public, dataclasses.replace(proof, b=bad_points.g2_outside_subgroup(curve)), InvalidPoint),
        (public, dataclasses.replace(proof, c=bad_points.g1_off_curve(curve)), InvalidPoint),
        (public, dataclasses.replace(proof, c=bad_points.not_canonical(curve, proof.c)), NonCanonicalNumber),
        ([], proof, MalformedInput),
    ]


def test_no_calldata_for_malformed_items(statement: Statement) -> None:
    good = (statement.public, statement.proof)
    for public, proof, error in refused_items(statement):
        with pytest.raises(error):
            verify_proof_call(public, proof)
        with pytest.raises(MalformedInput):
            verify_proofs_call([good, (public, proof)])


def test_no_calldata_for_items_that_have_no_key_in_common(statement: Statement) -> None:
    (other,) = (curve for curve in CURVES if curve != statement.curve.name)
    foreign = statement_of(other, 2)
    good = (statement.public, statement.proof)
    for items in ([], [good, (foreign.public, foreign.proof)], [good, (statement.public[:1], statement.proof)]):
        with pytest.raises(MalformedInput):
            verify_proofs_call(items)


@settings(max_examples=25)
@given(st.lists(st.integers(0, CURVES["bn254"].fr.modulus - 1), min_size=1, max_size=8))
def test_any_inputs_can_be_read_back(public: list[int]) -> None:
    call = verify_proof_call(public, statement_of("bn254", 2).proof)
    words = [int.from_bytes(call.data[at : at + 32], "big") for at in range(4, len(call.data), 32)]
    assert words[8:] == public
