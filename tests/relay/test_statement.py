"""The public vector: order, meta's packing, canonical numbers, and the context that aux binds."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.algebra.hash_to_field import hash_to_field
from zkrelay.curves import bn254
from zkrelay.errors import MalformedInput, NonCanonicalNumber
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.statement import PUBLIC_NAMES, ClaimStatement, pack_meta, unpack_meta

R = bn254.FR.modulus
STATEMENT = ClaimStatement(domain=1, root=2, payee=3, amount=4, epoch=5, venue=6, nf=7, cc=8, aux=9)

amounts = st.integers(1, (1 << 64) - 1)
words = st.integers(0, (1 << 32) - 1)


def test_order_of_the_public_inputs() -> None:
    assert PUBLIC_NAMES == ("domain", "root", "payee", "meta", "nf", "cc", "aux")
    assert STATEMENT.public_inputs == [1, 2, 3, 4 + (5 << 64) + (6 << 96), 7, 8, 9]


@given(amounts, words, words)
def test_meta_round_trip(amount: int, epoch: int, venue: int) -> None:
    assert unpack_meta(pack_meta(amount, epoch, venue)) == (amount, epoch, venue)


@given(st.integers(0, (1 << 128) - 1))
def test_meta_has_one_reading(meta: int) -> None:
    try:
        parts = unpack_meta(meta)
    except MalformedInput:
        assert meta % (1 << 64) == 0
        return
    assert pack_meta(*parts) == meta


@pytest.mark.parametrize(
    ("amount", "epoch", "venue"),
    [(0, 5, 6), (1 << 64, 5, 6), (-1, 5, 6), (4, 1 << 32, 6), (4, -1, 6), (4, 5, 1 << 32), (4, 5, -1), (True, 5, 6)],
)
def test_meta_ranges(amount: int, epoch: int, venue: int) -> None:
    with pytest.raises(MalformedInput):
        pack_meta(amount, epoch, venue)
    with pytest.raises(MalformedInput):
        dataclasses.replace(STATEMENT, amount=amount, epoch=epoch, venue=venue)


@pytest.mark.parametrize("meta", [-1, 1 << 128, R, R + 5, 0, 5 << 64])
def test_meta_out_of_range(meta: int) -> None:
    with pytest.raises(MalformedInput):
        unpack_meta(meta)


def test_vector_round_trip() -> None:
    assert ClaimStatement.from_public_inputs(STATEMENT.public_inputs) == STATEMENT


@pytest.mark.parametrize("index", [i for i, name in enumerate(PUBLIC_NAMES) if name != "meta"])
@pytest.mark.parametrize(
    "change", [lambda v: v + R, lambda v: v - R, lambda v: str(v), lambda v: float(v), lambda v: True]
)
def test_alias_and_other_types_are_refused(index: int, change) -> None:  # type: ignore[no-untyped-def]
    """nf + r is the same field element and another key in the set: one note would be paid twice."""
    values = STATEMENT.public_inputs
    values[index] = change(values[index])
    with pytest.raises(NonCanonicalNumber, match=PUBLIC_NAMES[index]):
        ClaimStatement.from_public_inputs(values)


@pytest.mark.parametrize("count", [0, 6, 8])
def test_count_of_public_inputs(count: int) -> None:
    with pytest.raises(MalformedInput, match="7 public inputs"):
        ClaimStatement.from_public_inputs([1] * count)


def test_aux_is_the_protocol_s_hash() -> None:
    assert ClaimContext(10, 20, 30).aux == hash_to_field("claim-ctx", 10, 20, 30)
    assert ClaimContext(10).aux == hash_to_field("claim-ctx", 10, 0, 0)


@pytest.mark.parametrize("name", ["payout_address", "relayer", "relayer_fee"])
@pytest.mark.parametrize("value", [-1, 1 << 256, True, "1"])
def test_context_ranges(name: str, value: object) -> None:
    with pytest.raises(MalformedInput, match=name):
        dataclasses.replace(ClaimContext(1), **{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["payout_address", "relayer", "relayer_fee"])
def test_context_is_bound(name: str) -> None:
    context = ClaimContext(1, 2, 3)
    assert dataclasses.replace(context, **{name: 9}).aux != context.aux
