"""Why ``VerifyingKey.check`` refuses what it refuses: for each such key, a forgery made without any witness.

The pairing equation alone accepts each of these proofs of a statement chosen at will; ``verify`` refuses the key.
"""

from __future__ import annotations

import dataclasses

import pytest

from zkrelay.algebra.encoding import pack_field
from zkrelay.algebra.points import g2_generator, negate_g1, negate_g2
from zkrelay.errors import InvalidKey, InvalidProof
from zkrelay.groth16 import Proof, VerifyingKey, verify
from zkrelay.kernel import current

from .small_circuits import Statement

STATEMENT = [123456789, 42, 1 << 253]


def ic_sum(key: VerifyingKey) -> bytes:
    return current().g1_msm(key.curve, pack_field(key.fr, [1, *STATEMENT]), key.gamma_abc_g1)


def equation_holds(key: VerifyingKey, proof: Proof) -> bool:
    """The textbook verifier, which trusts its key."""
    g1 = negate_g1(proof.a, key.curve) + key.alpha_g1 + ic_sum(key) + proof.c
    return current().pairing_check(key.curve, g1, proof.b + key.beta_g2 + key.gamma_g2 + key.delta_g2)


def assert_forged_and_refused(key: VerifyingKey, proof: Proof, message: str) -> None:
    proof.check()
    assert equation_holds(key, proof)
    with pytest.raises(InvalidKey, match=message):
        verify(key, STATEMENT, proof)


@pytest.mark.parametrize("sign", [1, -1])
def test_gamma_equal_to_delta(statement: Statement, sign: int) -> None:
    """A = α, B = β, C = -Σ x_i·IC_i."""
    delta = statement.vk.gamma_g2 if sign == 1 else negate_g2(statement.vk.gamma_g2, statement.vk.curve)
    key = dataclasses.replace(statement.vk, delta_g2=delta)
    c = negate_g1(ic_sum(key), key.curve) if sign == 1 else ic_sum(key)
    assert_forged_and_refused(key, Proof(key.alpha_g1, key.beta_g2, c, key.curve), "gamma equals delta")


def test_delta_and_gamma_both_the_generator(statement: Statement) -> None:
    """A fresh phase-2 key: γ = 1 and δ = 1, what the tools write before the first contribution."""
    one = g2_generator(statement.vk.curve)
    key = dataclasses.replace(statement.vk, gamma_g2=one, delta_g2=one)
    proof = Proof(key.alpha_g1, key.beta_g2, negate_g1(ic_sum(key), key.curve), key.curve)
    assert_forged_and_refused(key, proof, "gamma equals delta")


@pytest.mark.parametrize("sign", [1, -1])
def test_beta_equal_to_delta(statement: Statement, sign: int) -> None:
    """A = Σ x_i·IC_i, B = γ, C = -α."""
    beta = statement.vk.delta_g2 if sign == 1 else negate_g2(statement.vk.delta_g2, statement.vk.curve)
    key = dataclasses.replace(statement.vk, beta_g2=beta)
    c = negate_g1(key.alpha_g1, key.curve) if sign == 1 else key.alpha_g1
    assert_forged_and_refused(key, Proof(ic_sum(key), key.gamma_g2, c, key.curve), "beta equals delta")


@pytest.mark.parametrize("sign", [1, -1])
def test_beta_equal_to_gamma(statement: Statement, sign: int) -> None:
    """A = ±α + Σ x_i·IC_i, B = γ + δ, C = A."""
    kernel = current()
    beta = statement.vk.gamma_g2 if sign == 1 else negate_g2(statement.vk.gamma_g2, statement.vk.curve)
    key = dataclasses.replace(statement.vk, beta_g2=beta)
    alpha = key.alpha_g1 if sign == 1 else negate_g1(key.alpha_g1, key.curve)
    a = kernel.g1_add(key.curve, alpha, ic_sum(key))
    b = kernel.g2_add(key.curve, key.gamma_g2, key.delta_g2)
    assert_forged_and_refused(key, Proof(a, b, a, key.curve), "beta equals gamma")


def test_an_unbound_public_input(statement: Statement) -> None:
    """With IC_2 = 0 the true proof passes for every value of public input 1."""
    points = bytearray(statement.vk.gamma_abc_g1)
    honest = dict(enumerate(statement.public))
    size = statement.curve.g1_bytes
    points[size * 2 : size * 3] = bytes(size)
    key = dataclasses.replace(statement.vk, gamma_abc_g1=bytes(points))
    with pytest.raises(InvalidKey, match="public input 1 is infinity"):
        verify(key, [honest[0], 999, honest[2]], statement.proof)


def test_the_same_forgeries_fail_under_an_honest_key(statement: Statement) -> None:
    key, kernel = statement.vk, current()
    a = kernel.g1_add(key.curve, key.alpha_g1, ic_sum(key))
    for proof in (
        Proof(key.alpha_g1, key.beta_g2, negate_g1(ic_sum(key), key.curve), key.curve),
        Proof(ic_sum(key), key.gamma_g2, negate_g1(key.alpha_g1, key.curve), key.curve),
        Proof(a, kernel.g2_add(key.curve, key.gamma_g2, key.delta_g2), a, key.curve),
    ):
        assert not equation_holds(key, proof)
        with pytest.raises(InvalidProof):
            verify(key, STATEMENT, proof)
