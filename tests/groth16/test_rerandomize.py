"""Re-randomised proofs: true again, different every time, and never true for another statement."""

from __future__ import annotations

import dataclasses
import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.points import g1_generator, negate_g1
from zkrelay.curves import bn254
from zkrelay.errors import InvalidKey, InvalidPoint, InvalidProof, MalformedInput, NonCanonicalNumber
from zkrelay.groth16 import Proof, rerandomize, verify
from zkrelay.groth16.rerandomize import _rerandomize

from .bad_points import g1_outside_subgroup, g2_outside_subgroup, not_canonical
from .small_circuits import Statement

SMALLEST_R = bn254.FR.modulus


def test_a_rerandomised_proof_verifies_and_shares_no_point(statement: Statement) -> None:
    seen = {statement.proof}
    proof = statement.proof
    for _ in range(3):
        proof = rerandomize(statement.vk, proof)
        verify(statement.vk, statement.public, proof)
        assert all(proof.a != old.a and proof.b != old.b and proof.c != old.c for old in seen)
        seen.add(proof)


@settings(max_examples=15, deadline=None)
@given(rho_1=st.integers(1, SMALLEST_R - 1), rho_2=st.integers(0, SMALLEST_R - 1))
def test_every_pair_of_factors_gives_a_true_proof(statement: Statement, rho_1: int, rho_2: int) -> None:
    verify(statement.vk, statement.public, _rerandomize(statement.vk, statement.proof, rho_1, rho_2))


def test_factors_one_and_zero_change_nothing(statement: Statement) -> None:
    assert _rerandomize(statement.vk, statement.proof, 1, 0) == statement.proof


def test_each_factor_does_its_part(statement: Statement) -> None:
    proof = statement.proof
    scaled = _rerandomize(statement.vk, proof, 2, 0)
    assert scaled.a != proof.a
    assert scaled.b != proof.b
    assert scaled.c == proof.c
    shifted = _rerandomize(statement.vk, proof, 1, 1)
    assert shifted.a == proof.a
    assert shifted.b != proof.b
    assert shifted.c != proof.c


def test_minus_one_negates_a_and_b(statement: Statement) -> None:
    minus = _rerandomize(statement.vk, statement.proof, statement.r - 1, 0)
    assert minus.a == negate_g1(statement.proof.a, statement.vk.curve)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_it_does_not_move_to_another_statement(statement: Statement, index: int) -> None:
    public = list(statement.public)
    public[index] = (public[index] + 1) % statement.r
    with pytest.raises(InvalidProof):
        verify(statement.vk, public, rerandomize(statement.vk, statement.proof))


def test_a_false_proof_stays_false(statement: Statement) -> None:
    false = dataclasses.replace(statement.proof, c=g1_generator(statement.vk.curve))
    with pytest.raises(InvalidProof):
        verify(statement.vk, statement.public, rerandomize(statement.vk, false))


def test_under_another_key_it_becomes_false(statement: Statement, other_statement: Statement) -> None:
    moved = rerandomize(other_statement.vk, statement.proof)
    for one in (statement, other_statement):
        with pytest.raises(InvalidProof):
            verify(one.vk, one.public, moved)


def test_malformed_proofs_are_refused(statement: Statement) -> None:
    proof = statement.proof
    with pytest.raises(InvalidPoint, match=r"^proof\.b: .*subgroup"):
        rerandomize(statement.vk, dataclasses.replace(proof, b=g2_outside_subgroup(statement.curve)))
    with pytest.raises(InvalidPoint, match=r"^proof\.a: .*infinity"):
        rerandomize(statement.vk, dataclasses.replace(proof, a=bytes(statement.curve.g1_bytes)))
    with pytest.raises(NonCanonicalNumber, match=r"^proof\.c: "):
        rerandomize(statement.vk, dataclasses.replace(proof, c=not_canonical(statement.curve, proof.c)))
    if statement.curve.g1_cofactor != 1:
        with pytest.raises(InvalidPoint, match=r"^proof\.c: .*subgroup"):
            rerandomize(statement.vk, dataclasses.replace(proof, c=g1_outside_subgroup(statement.curve)))


def test_a_proof_of_the_other_curve_is_refused(statement: Statement, foreign: Statement) -> None:
    with pytest.raises(MalformedInput, match=f"the proof is over {foreign.vk.curve}"):
        rerandomize(statement.vk, foreign.proof)


def test_unsound_keys_are_refused(statement: Statement) -> None:
    key = dataclasses.replace(statement.vk, delta_g2=statement.vk.gamma_g2)
    with pytest.raises(InvalidKey, match="gamma equals delta"):
        rerandomize(key, statement.proof)


def test_factors_come_from_the_operating_system(statement: Statement, monkeypatch: pytest.MonkeyPatch) -> None:
    draws, bounds = [4, 6], []

    def randbelow(bound: int) -> int:
        bounds.append(bound)
        return draws.pop(0)

    monkeypatch.setattr(secrets, "randbelow", randbelow)
    proof: Proof = rerandomize(statement.vk, statement.proof)
    assert proof == _rerandomize(statement.vk, statement.proof, 5, 6)
    assert bounds == [statement.r - 1, statement.r]
