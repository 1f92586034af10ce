"""Everything a verifier must refuse, each with the right kind of error.

``InvalidProof`` when all is well formed and false; ``NonCanonicalNumber``, ``InvalidPoint`` or ``MalformedInput`` when
not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.points import g1_generator, g2_generator, negate_g1, negate_g2
from zkrelay.curves import PairingCurve, bls12_381, bn254
from zkrelay.errors import InvalidKey, InvalidPoint, InvalidProof, MalformedInput, NonCanonicalNumber
from zkrelay.groth16 import PreparedVerifyingKey, Proof, VerifyingKey, rerandomize, verify
from zkrelay.kernel import current

from .bad_points import (
    g1_off_curve,
    g1_outside_subgroup,
    g2_off_curve,
    g2_outside_subgroup,
    not_canonical,
    small_order_g1,
    small_order_g2,
)
from .small_circuits import Statement

SMALLEST_R = bn254.FR.modulus


def test_the_untouched_proof_verifies(statement: Statement) -> None:
    verify(statement.vk, statement.public, statement.proof)
    verify(statement.vk, tuple(statement.public), statement.proof)
    verify(PreparedVerifyingKey(statement.vk), statement.public, statement.proof)


# --- the public inputs


@settings(max_examples=25, deadline=None)
@given(index=st.integers(0, 2), change=st.integers(1, SMALLEST_R - 1))
def test_another_public_input_is_refused(statement: Statement, index: int, change: int) -> None:
    public = list(statement.public)
    public[index] = (public[index] + change) % statement.r
    with pytest.raises(InvalidProof):
        verify(statement.vk, public, statement.proof)


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize("value", [0, 1, -1])
def test_edge_values_in_place_of_a_public_input_are_refused(statement: Statement, index: int, value: int) -> None:
    public = list(statement.public)
    public[index] = value % statement.r
    with pytest.raises(InvalidProof):
        verify(statement.vk, public, statement.proof)


def test_public_inputs_in_another_order_are_refused(statement: Statement) -> None:
    x, y, z = statement.public
    for public in ([y, x, z], [x, z, y], [z, y, x], [y, z, x]):
        with pytest.raises(InvalidProof):
            verify(statement.vk, public, statement.proof)


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize("multiple", [-1, 1, 2, 1 << 10])
def test_a_public_input_plus_a_multiple_of_r_is_not_the_same_input(
    statement: Statement, index: int, multiple: int
) -> None:
    """Else one nullifier could be spent twice under two names."""
    public = list(statement.public)
    public[index] += multiple * statement.r
    with pytest.raises(NonCanonicalNumber, match=f"public input {index} "):
        verify(statement.vk, public, statement.proof)


def test_the_first_values_outside_the_field_are_refused(statement: Statement) -> None:
    for value in (-1, statement.r):
        with pytest.raises(NonCanonicalNumber, match=f"public input 0 is not in .* of {statement.curve.fr.name}"):
            verify(statement.vk, [value, *statement.public[1:]], statement.proof)


def test_another_number_of_public_inputs_is_refused(statement: Statement) -> None:
    public = statement.public
    for wrong in ([], public[:2], [*public, 0], [1, *public], public * 2):
        with pytest.raises(MalformedInput, match="takes 3 public inputs"):
            verify(statement.vk, wrong, statement.proof)


@pytest.mark.parametrize("value", [True, 1.0, "1", b"\x01", None])
def test_public_inputs_that_are_no_integers_are_refused(statement: Statement, value: object) -> None:
    with pytest.raises(MalformedInput, match="public input 1 is not an integer"):
        verify(statement.vk, [statement.public[0], value, statement.public[2]], statement.proof)  # type: ignore


# --- the proof: well formed, and false


def double_g1(point: bytes, curve: str) -> bytes:
    return current().g1_add(curve, point, point)


def double_g2(point: bytes, curve: str) -> bytes:
    return current().g2_add(curve, point, point)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("a", negate_g1),
        ("a", double_g1),
        ("a", lambda _, curve: g1_generator(curve)),
        ("b", negate_g2),
        ("b", double_g2),
        ("b", lambda _, curve: g2_generator(curve)),
        ("c", negate_g1),
        ("c", double_g1),
        ("c", lambda _, curve: g1_generator(curve)),
    ],
)
def test_another_point_in_the_proof_is_refused(
    statement: Statement, name: str, change: Callable[[bytes, str], bytes]
) -> None:
    proof = dataclasses.replace(statement.proof, **{name: change(getattr(statement.proof, name), statement.vk.curve)})
    with pytest.raises(InvalidProof):
        verify(statement.vk, statement.public, proof)


def test_a_and_c_exchanged_are_refused(statement: Statement) -> None:
    proof = statement.proof
    with pytest.raises(InvalidProof):
        verify(statement.vk, statement.public, dataclasses.replace(proof, a=proof.c, c=proof.a))


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_a_point_of_another_proof_of_the_same_statement_is_refused(statement: Statement, name: str) -> None:
    """Two true proofs cannot be mixed: each point belongs to its own blinding."""
    other = rerandomize(statement.vk, statement.proof)
    verify(statement.vk, statement.public, other)
    with pytest.raises(InvalidProof):
        verify(statement.vk, statement.public, dataclasses.replace(statement.proof, **{name: getattr(other, name)}))


def test_minus_a_with_minus_b_is_the_same_pairing_and_passes(statement: Statement) -> None:
    """Known malleability: why a ledger keys on the nullifier and not on proof bytes."""
    proof, curve = statement.proof, statement.vk.curve
    minus = dataclasses.replace(proof, a=negate_g1(proof.a, curve), b=negate_g2(proof.b, curve))
    verify(statement.vk, statement.public, minus)


def test_a_proof_under_another_key_is_refused(statement: Statement, other_statement: Statement) -> None:
    assert statement.vk.num_public == other_statement.vk.num_public
    with pytest.raises(InvalidProof):
        verify(other_statement.vk, statement.public, statement.proof)
    with pytest.raises(InvalidProof):
        verify(statement.vk, other_statement.public, other_statement.proof)
    with pytest.raises(InvalidProof):
        verify(statement.vk, statement.public, other_statement.proof)


@pytest.mark.parametrize("name", ["alpha_g1", "beta_g2", "gamma_g2", "delta_g2", "gamma_abc_g1"])
def test_each_part_of_the_key_matters(statement: Statement, other_statement: Statement, name: str) -> None:
    changed = getattr(other_statement.vk, name)
    if changed == getattr(statement.vk, name):  # gamma is 1 in both
        changed = double_g2(changed, statement.vk.curve)
    with pytest.raises(InvalidProof):
        verify(dataclasses.replace(statement.vk, **{name: changed}), statement.public, statement.proof)


# --- the proof: malformed


Maker = Callable[[PairingCurve], bytes]


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("a", lambda curve: bytes(curve.g1_bytes), "infinity"),
        ("b", lambda curve: bytes(curve.g2_bytes), "infinity"),
        ("c", lambda curve: bytes(curve.g1_bytes), "infinity"),
        ("a", g1_off_curve, "curve"),
        ("b", g2_off_curve, "curve"),
        ("c", g1_off_curve, "curve"),
        ("b", g2_outside_subgroup, "subgroup"),
        ("b", small_order_g2, "subgroup"),
    ],
)
def test_malformed_points_are_refused_by_name(statement: Statement, name: str, make: Maker, reason: str) -> None:
    proof = dataclasses.replace(statement.proof, **{name: make(statement.curve)})
    with pytest.raises(InvalidPoint, match=rf"^proof\.{name}: .*{reason}"):
        verify(statement.vk, statement.public, proof)


@pytest.mark.parametrize("name", ["a", "c"])
@pytest.mark.parametrize("make", [g1_outside_subgroup, small_order_g1])
def test_points_of_a_g1_with_a_cofactor_outside_the_subgroup_are_refused(
    statement: Statement, name: str, make: Maker
) -> None:
    if statement.curve.g1_cofactor == 1:
        return  # a point on the curve is in the group
    for point in (make(statement.curve), shifted_g1(statement, name)):
        with pytest.raises(InvalidPoint, match=rf"^proof\.{name}: .*subgroup"):
            verify(statement.vk, statement.public, dataclasses.replace(statement.proof, **{name: point}))


def shifted_g1(statement: Statement, name: str) -> bytes:
    """A point of the true proof plus one of order 3: the pairing does not see the difference."""
    return current().g1_add(statement.vk.curve, getattr(statement.proof, name), small_order_g1(statement.curve))


def test_without_the_subgroup_check_a_proof_would_have_other_encodings(statement: Statement) -> None:
    """What the check of G1 is for: the equation alone accepts C + T."""
    if statement.curve.g1_cofactor == 1:
        return  # a point on the curve is in the group
    curve, c = statement.vk.curve, shifted_g1(statement, "c")
    assert c != statement.proof.c
    difference = negate_g1(statement.proof.c, curve) + c
    assert current().pairing_check(curve, difference, statement.vk.delta_g2 * 2)


def test_b_plus_a_small_order_point_is_refused(statement: Statement) -> None:
    """B + T with T outside the subgroup: on the curve, and some pairings would not tell the difference."""
    shifted = current().g2_add(statement.vk.curve, statement.proof.b, small_order_g2(statement.curve))
    with pytest.raises(InvalidPoint, match=r"^proof\.b: .*subgroup"):
        verify(statement.vk, statement.public, dataclasses.replace(statement.proof, b=shifted))


@pytest.mark.parametrize(
    ("name", "coordinate"), [("a", 0), ("a", 1), ("b", 0), ("b", 1), ("b", 2), ("b", 3), ("c", 0), ("c", 1)]
)
def test_a_coordinate_plus_p_is_refused(statement: Statement, name: str, coordinate: int) -> None:
    point = not_canonical(statement.curve, getattr(statement.proof, name), coordinate)
    proof = dataclasses.replace(statement.proof, **{name: point})
    with pytest.raises(NonCanonicalNumber, match=rf"^proof\.{name}: "):
        verify(statement.vk, statement.public, proof)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_single_bit_of_a_proof_can_be_flipped(statement: Statement, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from("abc"))
    point = bytearray(getattr(statement.proof, name))
    bit = data.draw(st.integers(0, 8 * len(point) - 1))
    point[bit // 8] ^= 1 << bit % 8
    flipped = dataclasses.replace(statement.proof, **{name: bytes(point)})
    with pytest.raises((InvalidProof, InvalidPoint, NonCanonicalNumber)):
        verify(statement.vk, statement.public, flipped)


@pytest.mark.parametrize(("a", "b", "c"), [(63, 128, 64), (64, 64, 64), (64, 128, 0), (64, 128, 65), (128, 64, 64)])
def test_points_of_another_length_are_no_proof(a: int, b: int, c: int) -> None:
    with pytest.raises(MalformedInput, match="a proof is"):
        Proof(bytes(a), bytes(b), bytes(c))


@pytest.mark.parametrize("name", ["", "bn128", "BN254", "bls12-381"])
def test_other_curves_are_refused(statement: Statement, name: str) -> None:
    with pytest.raises(MalformedInput, match="unknown curve"):
        dataclasses.replace(statement.proof, curve=name)


def test_points_of_the_other_curve_are_no_proof(statement: Statement, foreign: Statement) -> None:
    """Neither under its own name nor under that of the key, whatever the public inputs."""
    with pytest.raises(
        MalformedInput, match=f"the proof is over {foreign.vk.curve}, the key over {statement.vk.curve}"
    ):
        verify(statement.vk, foreign.public, foreign.proof)
    with pytest.raises(MalformedInput, match="a proof is a G1 point"):
        dataclasses.replace(foreign.proof, curve=statement.vk.curve)
    with pytest.raises(MalformedInput, match="a proof is a G1 point"):
        dataclasses.replace(statement.proof, a=foreign.proof.a)


def test_public_inputs_of_the_larger_field_are_refused_by_the_smaller(statement: Statement) -> None:
    """[r of BN254, r of BLS12-381) is canonical in one only."""
    value = bls12_381.FR.modulus - 1
    refusal = InvalidProof if value < statement.r else NonCanonicalNumber
    with pytest.raises(refusal):
        verify(statement.vk, [value, *statement.public[1:]], statement.proof)


# --- the key is checked first


def test_a_bad_key_is_refused_whatever_the_proof(statement: Statement) -> None:
    key = dataclasses.replace(statement.vk, delta_g2=statement.vk.gamma_g2)
    for public in (statement.public, []):
        with pytest.raises(InvalidKey, match="gamma equals delta"):
            verify(key, public, statement.proof)
    with pytest.raises(InvalidKey, match="gamma equals delta"):
        PreparedVerifyingKey(key)


def test_a_key_is_checked_once_per_object(statement: Statement, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    check = VerifyingKey.check
    monkeypatch.setattr(VerifyingKey, "check", lambda self: (calls.append(self), check(self))[1])
    key = dataclasses.replace(statement.vk)
    for _ in range(3):
        verify(key, statement.public, statement.proof)
    assert len(calls) == 1
    verify(dataclasses.replace(key), statement.public, statement.proof)
    assert len(calls) == 2


def test_a_refused_key_is_not_remembered_as_good(statement: Statement) -> None:
    key = dataclasses.replace(statement.vk, delta_g2=statement.vk.gamma_g2)
    for _ in range(2):
        with pytest.raises(InvalidKey):
            verify(key, statement.public, statement.proof)
