"""True statements verify; assignments that violate a row give proofs that do not."""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from zkrelay.curves import CURVES, PrimeField, bn254
from zkrelay.errors import InvalidProof, UnsatisfiedConstraint
from zkrelay.groth16 import prove, public_inputs, setup, verify

from .small_circuits import assignment_bytes, build, cubic, prove_statement, random_satisfied

R = bn254.FR.modulus

shapes = st.tuples(st.integers(1, 20), st.integers(0, 4), st.integers(1, 10))
fields = st.sampled_from([curve.fr for curve in CURVES.values()])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**64), shape=shapes, small=st.booleans(), field=fields)
def test_random_satisfied_systems_verify(
    seed: int, shape: tuple[int, int, int], small: bool, field: PrimeField
) -> None:
    r1cs, z = random_satisfied(random.Random(seed), *shape, small=small, field=field)
    r1cs.check(assignment_bytes(z, field))
    proved = prove_statement(r1cs, z)
    verify(proved.vk, proved.public, proved.proof)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**64), shape=shapes, field=fields, data=st.data())
def test_an_unsatisfied_assignment_gives_a_false_proof(
    seed: int, shape: tuple[int, int, int], field: PrimeField, data: st.DataObject
) -> None:
    """Change wires until a row is violated (a wire that no row mentions may take any value), then prove and verify."""
    r1cs, z = random_satisfied(random.Random(seed), *shape, field=field)
    order = data.draw(st.permutations(range(1, len(z))))
    for wire in order:
        z[wire] = (z[wire] + data.draw(st.integers(1, R - 1))) % field.modulus
        try:
            r1cs.check(assignment_bytes(z, field))
        except UnsatisfiedConstraint:
            break
    else:
        assume(False)  # every row mentions the constant only
    pk = setup(r1cs)
    proof = prove(pk, assignment_bytes(z, field))
    with pytest.raises(InvalidProof):
        verify(pk.verifying_key, z[1 : r1cs.num_public + 1], proof)


def test_the_cubic_of_every_tutorial() -> None:
    r1cs, z = cubic(3)
    proved = prove_statement(r1cs, z)
    assert proved.public == [35]
    verify(proved.vk, [35], proved.proof)
    with pytest.raises(InvalidProof):
        verify(proved.vk, [36], proved.proof)


@pytest.mark.parametrize("wire", [1, 2, 3, 4])
def test_each_wire_of_the_cubic_is_pinned(wire: int) -> None:
    r1cs, z = cubic(3)
    z[wire] += 1
    pk = setup(r1cs)
    proof = prove(pk, assignment_bytes(z))
    with pytest.raises(InvalidProof):
        verify(pk.verifying_key, [z[1]], proof)


def test_a_statement_without_public_inputs() -> None:
    r1cs, z = random_satisfied(random.Random(1), 6, 0, 5)
    proved = prove_statement(r1cs, z)
    assert proved.vk.num_public == 0
    verify(proved.vk, [], proved.proof)
    z[-1] = z[-2] = z[-3] = 12345
    with pytest.raises(UnsatisfiedConstraint):
        r1cs.check(assignment_bytes(z))
    with pytest.raises(InvalidProof):
        verify(proved.vk, [], prove(proved.pk, assignment_bytes(z)))


@pytest.mark.parametrize(("num_constraints", "num_public", "log_domain"), [(1, 0, 1), (2, 1, 2), (6, 1, 3), (12, 3, 4)])
def test_a_domain_that_is_exactly_full(num_constraints: int, num_public: int, log_domain: int) -> None:
    """Constraints + public inputs + 1 = 2^k, and one row more doubles the domain."""
    rng = random.Random(num_constraints)
    proved = prove_statement(*random_satisfied(rng, num_constraints, num_public, 4))
    assert num_constraints + num_public + 1 == 1 << log_domain
    assert proved.pk.log_domain == log_domain
    verify(proved.vk, proved.public, proved.proof)
    proved = prove_statement(*random_satisfied(rng, num_constraints + 1, num_public, 4))
    assert proved.pk.log_domain == log_domain + 1
    verify(proved.vk, proved.public, proved.proof)


def test_a_circuit_of_one_row_and_the_constant_wire_only() -> None:
    r1cs = build([({0: 2}, {0: 3}, {0: 6})], num_variables=1, num_public=0)
    proved = prove_statement(r1cs, [1])
    verify(proved.vk, [], proved.proof)
    false = build([({0: 2}, {0: 3}, {0: 7})], num_variables=1, num_public=0)
    refused = prove_statement(false, [1])
    with pytest.raises(InvalidProof):
        verify(refused.vk, [], refused.proof)


def test_a_public_input_that_no_row_mentions_is_still_bound() -> None:
    """The identity row binds it: the proof holds for the value it was made with, and for no other."""
    r1cs = build([({2: 1}, {2: 1}, {3: 1})], num_variables=4, num_public=1)
    proved = prove_statement(r1cs, [1, 77, 5, 25])
    verify(proved.vk, [77], proved.proof)
    for wrong in (0, 1, 76, 78, R - 1):
        with pytest.raises(InvalidProof):
            verify(proved.vk, [wrong], proved.proof)


def test_empty_rows_and_unused_wires() -> None:
    r1cs = build([({}, {}, {}), ({1: 1}, {3: 1}, {2: 1}), ({}, {1: 1}, {})], num_variables=6, num_public=1)
    proved = prove_statement(r1cs, [1, 3, 12, 4, 999, 0])
    verify(proved.vk, [3], proved.proof)
    proved.pk.check()


def test_two_proofs_of_one_statement_differ_and_both_verify() -> None:
    r1cs, z = cubic(4)
    pk = setup(r1cs)
    first, second = (prove(pk, assignment_bytes(z)) for _ in range(2))
    assert first.a != second.a
    assert first.b != second.b
    assert first.c != second.c
    for proof in (first, second):
        verify(pk.verifying_key, public_inputs(assignment_bytes(z), 1), proof)
