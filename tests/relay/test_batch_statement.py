"""The public vector of a batch: order, ranges, slots, one reading of every number, and h as the prover gives it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.algebra.compression import MAX_SLOTS, chain, challenge, evaluate
from zkrelay.algebra.hash_to_field import hash_to_field
from zkrelay.curves import bn254
from zkrelay.errors import DuplicateNullifier, InvalidBatch, MalformedInput, NonCanonicalNumber
from zkrelay.relay.batch_statement import BATCH_NAMES, BatchStatement

R = bn254.FR.modulus
VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "protocol" / "protocol-v1.json").read_text())
PARTS: dict[str, int] = {"domain": 1, "root": 2, "epoch": 3, "venue": 4, "payee": 5, "total": 6, "aux": 8}
BATCH = BatchStatement.sealed(nullifiers=[11, 12, 13], num_slots=5, **PARTS)
OTHER_FORMS = [lambda v: v + R, lambda v: v - R, lambda v: str(v), lambda v: float(v), lambda v: True]


def changed(**parts: Any) -> BatchStatement:
    return dataclasses.replace(BATCH, **parts)


def test_order_of_the_vector() -> None:
    assert BATCH_NAMES == ("domain", "root", "epoch", "venue", "payee", "total", "count", "aux")
    assert BATCH.vector == [1, 2, 3, 4, 5, 6, 3, 8, 11, 12, 13, 0, 0]
    assert (BATCH.num_slots, BATCH.count, BATCH.spent) == (5, 3, (11, 12, 13))


def test_values_of_the_independent_implementation() -> None:
    batch = BatchStatement.sealed(
        nullifiers=[int(nf) for nf in VECTORS["nullifiers"][:3]],
        num_slots=4,
        epoch=900,
        venue=0,
        total=600_000_000,
        aux=hash_to_field("claim-ctx", 1),
        **{name: int(VECTORS[name]) for name in ("domain", "root", "payee")},
    )
    assert batch.public_inputs == [int(VECTORS[name]) for name in ("h", "alpha", "e")]


def test_h_is_the_prover_s() -> None:
    """A ledger takes h as it is, and derives alpha from it: another h is another statement, not an error."""
    assert BATCH.h == chain(5, BATCH.vector)
    other = changed(h=BATCH.h + 1)
    assert other.vector == BATCH.vector
    alpha = challenge(other.h, other.vector)
    assert other.public_inputs == [other.h, alpha, evaluate(other.vector, alpha)]
    assert alpha != BATCH.public_inputs[1]


@pytest.mark.parametrize("name", ["domain", "root", "payee", "aux", "h"])
@pytest.mark.parametrize("change", OTHER_FORMS)
def test_alias_and_other_types_of_elements(name: str, change: Any) -> None:
    with pytest.raises(NonCanonicalNumber, match=name):
        changed(**{name: change(getattr(BATCH, name))})


@pytest.mark.parametrize("slot", range(5))
@pytest.mark.parametrize("change", OTHER_FORMS)
def test_batch_public_alias(slot: int, change: Any) -> None:
    """nf + r keeps h and e as they are, and would be another key in the set: one note would be paid twice."""
    slots = [*BATCH.nullifiers]
    slots[slot] = change(slots[slot])
    with pytest.raises(NonCanonicalNumber, match=f"slot {slot}"):
        changed(nullifiers=tuple(slots))


def test_an_alias_would_be_the_same_polynomial() -> None:
    """Why the check above is needed: e does not see multiples of r."""
    alias = [value + R for value in BATCH.vector]
    assert evaluate(alias, 77) == evaluate(BATCH.vector, 77)


@pytest.mark.parametrize("name", ["epoch", "venue"])
@pytest.mark.parametrize("value", [-1, 1 << 32, R + 3, True, "3", 3.0])
def test_ranges(name: str, value: Any) -> None:
    with pytest.raises(MalformedInput, match=name):
        changed(**{name: value})


@pytest.mark.parametrize("value", [0, -1, 4, 5, 6, R + 3])
def test_count_must_match_the_slots(value: int) -> None:
    with pytest.raises(InvalidBatch):
        changed(count=value, total=1 << 40)


@pytest.mark.parametrize("value", [0, -1, 6, R + 3])
def test_count_out_of_range(value: int) -> None:
    with pytest.raises(InvalidBatch, match="count must be in"):
        changed(count=value)


@pytest.mark.parametrize("total", [0, 2, -1, 3 << 64, (1 << 80) - 1, 1 << 80, R - 1, R + 6])
def test_batch_total_wrap(total: int) -> None:
    """Three amounts, each at least 1 and below 2^64, add up to nothing below 3 or from 3·2^64 on."""
    with pytest.raises(InvalidBatch, match="total"):
        changed(total=total)


@pytest.mark.parametrize("total", [3, (3 << 64) - 1])
def test_total_s_last_accepted_values(total: int) -> None:
    assert changed(total=total).total == total


@pytest.mark.parametrize("name", ["total", "count"])
@pytest.mark.parametrize("value", [True, "3", 3.0, None])
def test_totals_of_other_types(name: str, value: Any) -> None:
    with pytest.raises(MalformedInput, match=name):
        changed(**{name: value})


def test_batch_dummy_nonzero() -> None:
    for slot in (3, 4):
        slots = [*BATCH.nullifiers]
        slots[slot] = 99
        with pytest.raises(InvalidBatch, match=f"slot {slot} is not used"):
            changed(nullifiers=tuple(slots))


@pytest.mark.parametrize("slot", range(3))
def test_zero_in_a_used_slot(slot: int) -> None:
    slots = [*BATCH.nullifiers]
    slots[slot] = 0
    with pytest.raises(InvalidBatch, match=f"slot {slot} is used"):
        changed(nullifiers=tuple(slots))


@pytest.mark.parametrize(("first", "second"), [(0, 1), (0, 2), (1, 2)])
def test_batch_duplicate_nf(first: int, second: int) -> None:
    slots = [*BATCH.nullifiers]
    slots[second] = slots[first]
    with pytest.raises(DuplicateNullifier, match=f"slots {first} and {second}"):
        changed(nullifiers=tuple(slots))


@pytest.mark.parametrize("nullifiers", [(), [11, 12, 13, 0, 0], (1,) * (MAX_SLOTS + 1), None])
def test_number_of_slots(nullifiers: Any) -> None:
    with pytest.raises(MalformedInput, match="slots"):
        changed(nullifiers=nullifiers)


def test_more_claims_than_slots() -> None:
    with pytest.raises(InvalidBatch, match="do not fit 2 slots"):
        BatchStatement.sealed(nullifiers=[11, 12, 13], num_slots=2, **PARTS)


@pytest.mark.parametrize("length", [0, 7, 8])
def test_a_vector_without_slots(length: int) -> None:
    with pytest.raises(MalformedInput, match="at least one slot"):
        BatchStatement.from_vector(BATCH.vector[:length], 0)


@given(
    st.lists(st.integers(1, R - 1), min_size=1, max_size=9, unique=True),
    st.integers(0, 5),
    st.integers(0, (1 << 64) - 2),
)
def test_round_trips(nullifiers: list[int], unused: int, extra: int) -> None:
    parts = {**PARTS, "total": len(nullifiers) + extra}
    batch = BatchStatement.sealed(nullifiers=nullifiers, num_slots=len(nullifiers) + unused, **parts)
    assert BatchStatement.from_vector(batch.vector, batch.h) == batch
    assert BatchStatement.from_dict(json.loads(json.dumps(batch.to_dict()))) == batch


@pytest.mark.parametrize("name", [*BATCH_NAMES, "h", "nullifiers"])
def test_json_that_is_no_batch(name: str) -> None:
    data = BATCH.to_dict()
    with pytest.raises(MalformedInput, match="exactly the fields"):
        BatchStatement.from_dict({key: value for key, value in data.items() if key != name})
    with pytest.raises(MalformedInput, match="exactly the fields"):
        BatchStatement.from_dict({**data, "more": "1"})
    for value in (1, "01", "-1", None, ["1", 2]):
        with pytest.raises(MalformedInput, match="null" if name == "nullifiers" else name):
            BatchStatement.from_dict({**data, name: value})
