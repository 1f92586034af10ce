"""Precomputed keys: the same proofs, tables that belong to their key, and wrong ones that never get a proof out."""

from __future__ import annotations

import dataclasses
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.curves import bn254
from zkrelay.errors import Closed, InvalidProof, InvalidTables, MalformedInput
from zkrelay.groth16 import Prover, Tables, precompute, rerandomize, verify
from zkrelay.groth16.prove import _prove
from zkrelay.groth16.tables import QUERIES, _work, best_factor, key_digest, tables_bytes
from zkrelay.kernel import MAX_FACTOR

from .small_circuits import Statement, assignment_bytes, prove_statement, random_satisfied

R = bn254.FR.modulus


@pytest.fixture(scope="module")
def tables(statement: Statement) -> Tables:
    return precompute(statement.pk, 3)


def assignment_of(statement: Statement, z: list[int]) -> bytes:
    return assignment_bytes(z, statement.curve.fr)


def changed(tables: Tables, query: str, data: bytes) -> Tables:
    return dataclasses.replace(tables, **{f"{query}_multiples": data})


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    factor=st.integers(2, MAX_FACTOR),
    small=st.booleans(),
    blinds=st.tuples(*2 * [st.integers(0, R - 1)]),
)
def test_proofs_are_those_without_tables(seed: int, factor: int, small: bool, blinds: tuple[int, int]) -> None:
    case = prove_statement(*random_satisfied(random.Random(seed), 6, 2, 5, small=small))
    z = assignment_bytes(case.z)
    with Prover(case.pk, tables=precompute(case.pk, factor)) as prover:
        assert prover.factor == factor
        assert prover._prove(z, *blinds, threads=1) == _prove(case.pk, z, *blinds)


def test_a_prover_with_tables_gives_true_proofs(statement: Statement, tables: Tables) -> None:
    with Prover(statement.pk, tables=tables) as prover:
        proof = prover.prove(assignment_of(statement, statement.z), threads=2)
        assert proof != prover.prove(assignment_of(statement, statement.z))
        verify(statement.vk, statement.public, proof)
        verify(statement.vk, statement.public, rerandomize(statement.vk, proof))
    with pytest.raises(Closed):
        prover.prove(assignment_of(statement, statement.z))
    assert Prover(statement.pk).factor == 1


def test_a_false_assignment_is_not_blamed_on_the_tables(statement: Statement, tables: Tables) -> None:
    """As without tables: a false proof comes out, and does not verify."""
    z = [*statement.z[:-1], (statement.z[-1] + 1) % statement.curve.fr.modulus]
    with Prover(statement.pk, tables=tables) as prover, pytest.raises(InvalidProof):
        verify(statement.vk, statement.public, prover.prove(assignment_of(statement, z)))


def test_sizes_and_factors(statement: Statement, tables: Tables) -> None:
    assert tables.num_bytes == tables_bytes(statement.pk, 3) == 2 * tables_bytes(statement.pk, 2)
    assert tables == precompute(statement.pk, 3, threads=3)
    for limit in (2, 3, 7, MAX_FACTOR):
        assert 2 <= best_factor(statement.pk, tables_bytes(statement.pk, limit)) <= limit
    assert best_factor(statement.pk, 10**12) == best_factor(statement.pk, tables_bytes(statement.pk, MAX_FACTOR))
    with pytest.raises(MalformedInput, match="factor of 2 takes"):
        best_factor(statement.pk, tables_bytes(statement.pk, 2) - 1)
    for factor in (-1, 0, 1, MAX_FACTOR + 1):
        with pytest.raises(MalformedInput):
            precompute(statement.pk, factor)


def test_a_larger_factor_is_not_always_a_better_one() -> None:
    """At the size of a claim: one window of 13 bits or two, but 16 bits are two of 8."""
    work = [_work(8192, factor, 254) for factor in range(1, MAX_FACTOR + 1)]
    assert min(work) == work[10 - 1] and work[8 - 1] > work[5 - 1] > work[10 - 1]
    assert _work(8192, 1, 254) == 13 * (12 * 8192 + 31 * 512)


def test_progress_ends_with_all_points(statement: Statement) -> None:
    seen: list[tuple[str, int, int]] = []
    precompute(statement.pk, 2, progress=lambda *step: seen.append(step))
    assert [step[0] for step in seen] == list(QUERIES)
    assert seen[-1][1] == seen[-1][2] and all(step[1] <= step[2] for step in seen)


def test_tables_of_another_key_are_refused(statement: Statement, other_statement: Statement, tables: Tables) -> None:
    again = prove_statement(statement.r1cs, statement.z)  # another key of the same circuit
    for pk in (other_statement.pk, again.pk):
        assert key_digest(pk) != key_digest(statement.pk)
        with pytest.raises(InvalidTables, match="another key"):
            Prover(pk, tables=tables)
    lying = dataclasses.replace(tables, key_digest=key_digest(again.pk))
    with Prover(again.pk, tables=lying) as prover, pytest.raises(InvalidTables, match="false proof"):
        prover.prove(assignment_of(statement, statement.z))
    with pytest.raises(InvalidTables, match="wrong"):
        lying.check(again.pk, check_points=True)


def test_another_curve_or_factor_is_refused(statement: Statement, tables: Tables) -> None:
    other = "bn254" if statement.curve.name == "bls12_381" else "bls12_381"
    for change in ({"curve": other}, {"factor": 2}, {"factor": 4}, {"factor": 1}, {"factor": MAX_FACTOR + 1}):
        with pytest.raises(InvalidTables):
            Prover(statement.pk, tables=dataclasses.replace(tables, **change))


@pytest.mark.parametrize("query", QUERIES)
def test_damage_never_gets_a_proof_out(statement: Statement, tables: Tables, query: str) -> None:
    data = bytes(tables.of(query))
    size = statement.curve.g2_bytes if query == "b_g2" else statement.curve.g1_bytes
    for other_size in (b"", data[:-1], data[:-size], data + data[:size]):
        with pytest.raises(InvalidTables, match=f"^{query}: "):
            Prover(statement.pk, tables=changed(tables, query, other_size))
    with pytest.raises(InvalidTables, match="not below"):
        Prover(statement.pk, tables=changed(tables, query, data[:-32] + b"\xff" * 32))
    for wrong in (bytes(len(data)), data[size:] + data[:size], data[::-1][:0] + data[:size] * (len(data) // size)):
        bad = changed(tables, query, wrong)
        with pytest.raises(InvalidTables, match="a multiple is wrong"):
            bad.check(statement.pk, check_points=True)
        with Prover(statement.pk, tables=bad) as prover, pytest.raises(InvalidTables, match="false proof"):
            prover.prove(assignment_of(statement, statement.z))


def test_swapped_tables_never_get_a_proof_out(statement: Statement, tables: Tables) -> None:
    a, b = bytes(tables.a_multiples), bytes(tables.b_g1_multiples)
    swapped = dataclasses.replace(tables, a_multiples=b, b_g1_multiples=a)
    with pytest.raises(InvalidTables), Prover(statement.pk, tables=swapped) as prover:
        prover.prove(assignment_of(statement, statement.z))


def test_a_wrong_multiple_that_no_digit_uses_is_found_by_the_full_check(statement: Statement, tables: Tables) -> None:
    tables.check(statement.pk, check_points=True, threads=2)
    for query in QUERIES:
        data = bytearray(tables.of(query))
        data[-1] ^= 1
        with pytest.raises(InvalidTables, match=f"^{query}: a multiple is wrong"):
            changed(tables, query, bytes(data)).check(statement.pk, check_points=True)
