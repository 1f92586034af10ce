"""What ctx says, and that it can be opened in one way only."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.hash_to_field import TAGS, tag
from zkrelay.algebra.poseidon import poseidon
from zkrelay.curves import bn254
from zkrelay.errors import MalformedInput, NonCanonicalNumber
from zkrelay.relay.receipt_context import ChallengeResult, ReceiptContext, handshake_element

R = bn254.FR.modulus
HASH = bytes(range(32))
RESULTS = (ChallengeResult(5, 1), ChallengeResult(R - 1, (1 << 64) - 1), ChallengeResult(5, 0))
CONTEXT = ReceiptContext(HASH, 3, RESULTS)


def test_the_hash_is_what_the_page_says() -> None:
    chain = 0
    for result in RESULTS:
        chain = poseidon([tag("challenge"), chain, result.challenge, result.value])
    assert CONTEXT.ctx == poseidon([tag("receipt-context"), handshake_element(HASH), 3, chain])
    assert not {tag("challenge"), tag("receipt-context")} & set(TAGS.values())


def test_results_are_added_one_by_one() -> None:
    context = ReceiptContext(HASH, 3)
    for result in RESULTS:
        context = context.with_result(result)
    assert context == CONTEXT


def test_every_part_counts() -> None:
    others = [
        replace(CONTEXT, handshake_hash=HASH[::-1]),
        replace(CONTEXT, handshake_hash=HASH * 2),
        replace(CONTEXT, price=4),
        replace(CONTEXT, challenges=RESULTS[:2]),
        replace(CONTEXT, challenges=(*RESULTS, ChallengeResult(0, 0))),
        replace(CONTEXT, challenges=RESULTS[::-1][1:] + RESULTS[2:]),
        replace(CONTEXT, challenges=()),
    ]
    assert len({context.ctx for context in (CONTEXT, *others)}) == len(others) + 1


@settings(max_examples=20)
@given(
    st.binary(min_size=32, max_size=32) | st.binary(min_size=64, max_size=64),
    st.integers(0, (1 << 128) - 1),
    st.lists(st.tuples(st.integers(0, R - 1), st.integers(0, (1 << 64) - 1)), max_size=4),
)
def test_json_round_trip(handshake: bytes, price: int, pairs: list[tuple[int, int]]) -> None:
    context = ReceiptContext(handshake, price, tuple(ChallengeResult(*pair) for pair in pairs))
    assert ReceiptContext.from_dict(json.loads(json.dumps(context.to_dict()))) == context


DATA = CONTEXT.to_dict()


@pytest.mark.parametrize(
    "broken",
    [
        {},
        [],
        None,
        {**DATA, "more": 1},
        {name: value for name, value in DATA.items() if name != "price"},
        {**DATA, "price": 3},
        {**DATA, "price": "03"},
        {**DATA, "price": str(1 << 128)},
        {**DATA, "handshake_hash": HASH.hex().upper()},
        {**DATA, "handshake_hash": HASH.hex() + " "},
        {**DATA, "handshake_hash": HASH[:31].hex()},
        {**DATA, "handshake_hash": 7},
        {**DATA, "challenges": "none"},
        {**DATA, "challenges": [["1"]]},
        {**DATA, "challenges": [["1", "2", "3"]]},
        {**DATA, "challenges": [[1, 2]]},
        {**DATA, "challenges": [[str(R), "2"]]},
        {**DATA, "challenges": [["1", str(1 << 64)]]},
        {**DATA, "challenges": [["1", "1"]] * ((1 << 16) + 1)},
    ],
)
def test_broken_openings(broken: object) -> None:
    with pytest.raises(MalformedInput):
        ReceiptContext.from_dict(broken)  # type: ignore[arg-type]


@pytest.mark.parametrize(("challenge", "value"), [(-1, 0), (R, 0), (True, 0), (0, -1), (0, 1 << 64)])
def test_results_out_of_range(challenge: int, value: int) -> None:
    with pytest.raises(MalformedInput):
        ChallengeResult(challenge, value)


def test_numbers_out_of_range() -> None:
    with pytest.raises(MalformedInput):
        ReceiptContext(HASH, -1)
    with pytest.raises(MalformedInput):
        ReceiptContext(b"", 1)
    with pytest.raises(NonCanonicalNumber):
        ChallengeResult(R, 0)
