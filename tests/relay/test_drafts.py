"""Claims, batches, submissions, deposits and refunds as files: the same object comes back, or an error and nothing."""

from __future__ import annotations

import copy
import json
import re

import pytest
from batch_world import batch_world, second_claim
from claim_world import CAP, CONTEXT, EXPIRY, World
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.curves import bn254
from zkrelay.errors import DuplicateNullifier, InvalidBatch, InvalidClaim, MalformedInput, ZkrelayError
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.deposit_order import DepositOrder
from zkrelay.relay.domain import Domain
from zkrelay.relay.draft import BatchDraft, ClaimDraft, cut_drafts
from zkrelay.relay.refund import RefundRequest
from zkrelay.relay.statement import ClaimStatement, SharedClaimStatement

WORLD = batch_world()
FIRST = ClaimDraft(WORLD.domain, CONTEXT, WORLD.claim)
SECOND = ClaimDraft(WORLD.domain, CONTEXT, second_claim(WORLD))
DOMAIN = World().domain


def through_json(data: object) -> object:
    return json.loads(json.dumps(data))


def paths_of(value: object, way: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """The way to every part of nested JSON that is a text."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way] if isinstance(value, str) else [p for key, inner in items for p in paths_of(inner, (*way, key))]


def changed(value: object, way: tuple[object, ...], new: object) -> object:
    out = copy.deepcopy(value)
    inner = out
    for key in way[:-1]:
        inner = inner[key]
    inner[way[-1]] = new
    return out


CLAIM_TEXT = FIRST.to_dict()
REFUND = RefundRequest.sign(WORLD.client, WORLD.note, 0xB0B)


def test_claims_and_batches_come_back():
    assert ClaimDraft.from_dict(through_json(FIRST.to_dict())) == FIRST
    batch = BatchDraft.build([FIRST, SECOND], 2)
    assert BatchDraft.from_dict(through_json(batch.to_dict())) == batch
    assert batch.handle == batch.batch.statement.h and FIRST.handle == WORLD.claim.statement.cc


@given(st.sampled_from(paths_of(CLAIM_TEXT)), st.sampled_from(["", "x", "-1", "01", "1e3", " 1", None, 1, [], {}]))
def test_a_claim_with_a_part_of_another_form_is_refused(way, new):
    with pytest.raises(MalformedInput):
        ClaimDraft.from_dict(changed(CLAIM_TEXT, way, new))


@given(st.sampled_from(paths_of(CLAIM_TEXT)), st.integers(0, bn254.FR.modulus - 1).map(str))
def test_a_claim_with_another_number_is_refused(way, new):
    """Of ctx and blind alone another value could not be told from the outside: receipt and commitment bind them.  What
    does not enter the domain's hash (its price) is the ledger's to know.
    """
    old = CLAIM_TEXT
    for key in way:
        old = old[key]
    if new == old or way == ("domain", "price_per_unit"):
        return
    with pytest.raises(ZkrelayError):
        ClaimDraft.from_dict(changed(CLAIM_TEXT, way, new))


def test_a_claim_and_a_context_that_do_not_belong_together():
    with pytest.raises(InvalidClaim, match="payout"):
        ClaimDraft(WORLD.domain, ClaimContext(payout_address=1), WORLD.claim)


def test_cutting_keeps_the_order_and_what_belongs_together():
    batches = cut_drafts([FIRST, SECOND], 1)
    assert [batch.drafts for batch in batches] == [(FIRST,), (SECOND,)]
    assert [batch.drafts for batch in cut_drafts([SECOND, FIRST], 8)] == [(SECOND, FIRST)]
    assert cut_drafts([], 8) == []
    with pytest.raises(DuplicateNullifier):
        cut_drafts([FIRST, FIRST], 8)


def test_one_note_claimed_for_two_payouts_stays_with_its_own():
    """A ledger pays one of them; here each batch must keep the claims that it was built from."""
    payout = ClaimContext(payout_address=7)
    again = ClaimDraft(WORLD.domain, payout, WORLD.make_claim(context=payout))
    batches = cut_drafts([FIRST, SECOND, again], 8)
    assert [batch.drafts for batch in batches] == [(FIRST, SECOND), (again,)]
    assert [batch.context.aux for batch in batches] == [batch.batch.statement.aux for batch in batches]
    assert BatchDraft.from_dict(batches[0].to_dict()) == batches[0]


def test_claims_of_two_domains_never_meet_in_a_batch():
    dearer = Domain(**{**WORLD.domain.to_dict(), "price_per_unit": 7})
    other = ClaimDraft(dearer, CONTEXT, SECOND.claim)
    assert [batch.drafts for batch in cut_drafts([FIRST, other], 8)] == [(FIRST,), (other,)]
    with pytest.raises(InvalidBatch, match="another domain"):
        BatchDraft.build([FIRST, other], 8)


@pytest.mark.parametrize(
    "change",
    [
        {"num_slots": "0"},
        {"num_slots": "1"},
        {"num_slots": str(1 << 70)},
        {"num_slots": 2},
        {"claims": []},
        {"claims": {}},
        {"claims": None},
        {"more": "1"},
    ],
)
def test_batches_that_are_none(change):
    with pytest.raises(MalformedInput):
        BatchDraft.from_dict({**BatchDraft.build([FIRST, SECOND], 2).to_dict(), **change})


def test_secrets_are_in_no_repr():
    numbers = set(re.findall(r"\d+", repr(BatchDraft.build([FIRST, SECOND], 2))))
    assert str(STATEMENT.payee) in numbers
    assert not {str(WORLD.node.kn), str(WORLD.note.rho)} & numbers


ORDER = DepositOrder.of_note(WORLD.note)
STATEMENT = WORLD.claim.statement
SHARED = SharedClaimStatement(**vars(STATEMENT), x=5, y=6)
SMALL = [
    (DepositOrder, ORDER),
    (ClaimContext, CONTEXT),
    (ClaimStatement, STATEMENT),
    (SharedClaimStatement, SHARED),
    (RefundRequest, REFUND),
]


@pytest.mark.parametrize(("kind", "thing"), SMALL, ids=lambda value: getattr(value, "__name__", ""))
def test_small_objects_come_back_or_are_refused(kind, thing):
    data = through_json(thing.to_dict())
    assert kind.from_dict(data) == thing
    for name in data:
        for new in ("", "x", "-1", "01", None, 1, [], str(1 << 256), "9" * 500):
            with pytest.raises(MalformedInput):
                kind.from_dict({**data, name: new})
        with pytest.raises(MalformedInput):
            kind.from_dict({other: value for other, value in data.items() if other != name})
    for odd in ({**data, "more": "1"}, None, [], "x"):
        with pytest.raises(MalformedInput):
            kind.from_dict(odd)


def test_a_deposit_says_what_the_ledger_computes():
    assert ORDER.cm == WORLD.note.cm
    assert not {str(WORLD.note.rho), str(WORLD.note.payee)} & set(ORDER.to_dict().values())
    assert (ORDER.cap, ORDER.expiry) == (CAP, EXPIRY)


def test_domains_come_back():
    assert Domain.from_strings(through_json(DOMAIN.to_strings())) == DOMAIN
    for odd in ({}, [], None, {**DOMAIN.to_strings(), "depth": 10}, {**DOMAIN.to_strings(), "depth": "40"}):
        with pytest.raises(MalformedInput):
            Domain.from_strings(odd)
