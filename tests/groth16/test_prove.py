"""The prover's border, its blinding, and the statement inside an assignment."""

from __future__ import annotations

import secrets

import pytest

from zkrelay.algebra.encoding import pack_field
from zkrelay.curves import PrimeField, bn254
from zkrelay.errors import MalformedInput, NonCanonicalNumber
from zkrelay.groth16 import prove, public_inputs, verify
from zkrelay.groth16.prove import _prove

from .small_circuits import Statement, assignment_bytes

R = bn254.FR.modulus


def test_the_core_is_deterministic_whatever_the_threads(statement: Statement) -> None:
    z = statement.assignment
    assert _prove(statement.pk, z, 5, 7) == _prove(statement.pk, z, 5, 7) == _prove(statement.pk, z, 5, 7, threads=2)


@pytest.mark.parametrize(("blind_r", "blind_s"), [(0, 0), (0, 1), (1, 0), (-1, -1), (5, -7)])
def test_every_blinding_gives_a_true_proof(statement: Statement, blind_r: int, blind_s: int) -> None:
    verify(
        statement.vk,
        statement.public,
        _prove(statement.pk, statement.assignment, blind_r % statement.r, blind_s % statement.r),
    )


def test_each_blinding_factor_matters(statement: Statement) -> None:
    z = statement.assignment
    base, other_r, other_s = (_prove(statement.pk, z, r, s) for r, s in ((1, 1), (2, 1), (1, 2)))
    assert base.a != other_r.a
    assert base.b == other_r.b
    assert base.a == other_s.a
    assert base.b != other_s.b
    assert len({base.c, other_r.c, other_s.c}) == 3


def test_the_blinding_comes_from_the_operating_system(statement: Statement, monkeypatch: pytest.MonkeyPatch) -> None:
    draws = [5, 7]
    bounds = []

    def randbelow(bound: int) -> int:
        bounds.append(bound)
        return draws.pop(0)

    monkeypatch.setattr(secrets, "randbelow", randbelow)
    z = statement.assignment
    assert prove(statement.pk, z) == _prove(statement.pk, z, 5, 7)
    assert bounds == [statement.r, statement.r]


def test_any_buffer_is_taken(statement: Statement) -> None:
    z = statement.assignment
    expected = _prove(statement.pk, z, 1, 2)
    assert _prove(statement.pk, bytearray(z), 1, 2) == expected
    assert _prove(statement.pk, memoryview(z), 1, 2) == expected


@pytest.mark.parametrize("change", [-32, -1, 1, 32])
def test_an_assignment_of_another_length_is_refused(statement: Statement, change: int) -> None:
    z = statement.assignment + bytes(32)
    with pytest.raises(MalformedInput, match="the key asks for 16 elements"):
        prove(statement.pk, z[: len(z) - 32 + change])


@pytest.mark.parametrize("first", [0, 2, -1])
def test_an_assignment_must_begin_with_one(statement: Statement, first: int) -> None:
    with pytest.raises(MalformedInput, match="element 0 of the assignment must be 1"):
        prove(statement.pk, assignment_bytes([first % statement.r, *statement.z[1:]], statement.r1cs.field))


@pytest.mark.parametrize("index", [1, 4, 15])
def test_an_element_plus_r_is_refused_without_its_value(statement: Statement, index: int) -> None:
    secret = 987654321987654321
    z = bytearray(statement.assignment)
    z[32 * index : 32 * index + 32] = (statement.r + secret).to_bytes(32, "little")
    with pytest.raises(NonCanonicalNumber, match=str(index)) as caught:
        prove(statement.pk, bytes(z))
    assert str(secret) not in str(caught.value)


@pytest.mark.parametrize("threads", [0, -1, 10**6])
def test_an_impossible_number_of_threads_is_refused(statement: Statement, threads: int) -> None:
    with pytest.raises(ValueError, match="thread"):
        prove(statement.pk, statement.assignment, threads=threads)


# --- public_inputs


def test_public_inputs_are_the_elements_after_the_one() -> None:
    z = assignment_bytes([1, 7, R - 1, 9])
    assert public_inputs(z, 2) == [7, R - 1]
    assert public_inputs(z, 0) == []
    assert public_inputs(memoryview(z), 3) == [7, R - 1, 9]


def test_public_inputs_over_another_field() -> None:
    tiny = PrimeField("prime_101", 101)
    assert public_inputs(pack_field(tiny, [1, 100, 3]), 2, tiny) == [100, 3]


@pytest.mark.parametrize("num_public", [-1, 4, 100])
def test_more_public_inputs_than_elements_are_refused(num_public: int) -> None:
    with pytest.raises(MalformedInput, match="do not hold"):
        public_inputs(assignment_bytes([1, 7, 8, 9]), num_public)


def test_public_inputs_of_something_else_are_refused() -> None:
    with pytest.raises(MalformedInput, match="element 0"):
        public_inputs(assignment_bytes([2, 7]), 1)
    with pytest.raises(MalformedInput, match="do not hold"):
        public_inputs(b"", 0)


def test_random_assignments_and_proofs_never_share_bytes(statement: Statement) -> None:
    """A proof is nothing but points; no element of the assignment, in either form, is in it."""
    proof = prove(statement.pk, statement.assignment)
    out = proof.a + proof.b + proof.c
    for value in statement.z[1:]:
        for form in (value, value * statement.curve.fr.montgomery_r % statement.r):
            assert form.to_bytes(32, "little") not in out
