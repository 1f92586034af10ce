"""The next note tree's ledger takes over tickets, tokens and their money: once, whole, and from one ledger only."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from zkrelay.errors import MalformedInput, Retired, TicketSpent, TokenSpent
from zkrelay.relay.funding import FundingKey
from zkrelay.relay.slash import recover_funding, slash_handle
from zkrelay.relay.store import Payment, PaymentKind, SettlementStore
from zkrelay.relay.store_memory import MemoryStore

from .ledger import REFUND_PERIOD, START, WINDOW, Ledger
from .parties import DOMAIN, FUNDING
from .test_token_settlement import DIGEST, ISSUER, SECOND, TOKEN

NEXT = dataclasses.replace(DOMAIN, tree_no=2)
KEY, OTHER = FundingKey(20261128), FundingKey(7)


@pytest.fixture
def old(open_store: Callable[[], SettlementStore]):  # type: ignore[no-untyped-def]
    """Two leaves, one ticket and one token spent."""
    ledger = Ledger(open_store(), token_issuers=[ISSUER])
    ledger.settlement.fund(OTHER.identity, 1)
    ledger.settlement.fund(KEY.identity, 3)
    ledger.settlement.fund_tokens(DIGEST, 2)
    ledger.open(ledger.opening(KEY, 0))
    ledger.settlement.redeem_token(DIGEST, TOKEN.redeem(DOMAIN.value, 2, START + 50))
    yield ledger
    ledger.store.close()


def follower(domain: object = NEXT, **settings: object) -> Ledger:
    return Ledger(**{"domain": domain, "token_issuers": [ISSUER], **settings})  # type: ignore[arg-type]


def test_everything_but_the_notes_goes_over(old: Ledger) -> None:
    pots, before, root = old.settlement.pots(), old.money(), old.settlement.funding_root
    new = follower()
    assert new.settlement.take_over(old.settlement) == sum(pots.values()) == 3 * 30 + 15
    assert (new.settlement.pots(), old.settlement.pots()) == (pots, {})
    assert (old.money(), new.money()) == (before, sum(pots.values()))
    move = Payment(None, NEXT.value, sum(pots.values()), 0, 0, START, PaymentKind.MOVE)
    assert old.settlement.payments()[-1] == move
    assert new.settlement.funding_root == root
    assert new.settlement.funding_leaves() == old.settlement.funding_leaves()
    new.open(new.opening(KEY, 1))
    new.open(new.opening(OTHER, inner=9))
    new.settlement.fund(99, 1)
    new.settlement.redeem_token(DIGEST, SECOND.redeem(NEXT.value, 3, START + 50))


def test_open_ticket_not_revived(old: Ledger) -> None:
    """A ticket or token of the old tree is spent in the new one, and a second use of the ticket convicts."""
    first = old.opening(KEY, 0)
    new = follower()
    new.settlement.take_over(old.settlement)
    second = new.opening(KEY, 0)
    assert second.statement.nf == first.statement.nf
    new.refuses(TicketSpent, lambda: new.open(second))
    new.refuses(TokenSpent, lambda: new.settlement.redeem_token(DIGEST, TOKEN.redeem(NEXT.value, 2, START + 50)))
    held = new.settlement.ticket(first.statement.nf)
    assert held is not None
    assert recover_funding(held.share, second.statement.share).secret == KEY.a0


def test_an_opening_under_way_keeps_its_root(old: Ledger) -> None:
    """A proof under the root that the tree had after its first leaf."""
    tree = FUNDING.tree()
    tree.append(old.settlement.funding_leaves()[0])
    new = follower()
    new.settlement.take_over(old.settlement)
    with new.store.read() as transaction:
        assert transaction.funding.has_root(tree.root)


def test_the_old_ledger_serves_no_more(old: Ledger) -> None:
    answered, unsent = old.opening(KEY, 0), old.opening(KEY, 1, inner=8)
    answer = old.settlement.ticket(answered.statement.nf)
    follower().settlement.take_over(old.settlement)
    assert old.open(answered) == answer
    shares = [old.opening(KEY, 2, inner=inner).statement.share for inner in (1, 2)]
    old.settlement.commit(slash_handle(FUNDING.value, KEY.identity, KEY.a0, 1, 1))
    old.now += 1
    calls: list[Callable[[], object]] = [
        lambda: old.open(unsent),
        lambda: old.settlement.fund(5, 1),
        lambda: old.settlement.fund_tokens(DIGEST, 1),
        lambda: old.settlement.redeem_token(DIGEST, SECOND.redeem(DOMAIN.value, 5, START + 50)),
        lambda: old.settlement.slash_tickets(*shares, 1, 1),
        lambda: old.settlement.take_over(follower(dataclasses.replace(DOMAIN, tree_no=9)).settlement),
    ]
    for call in calls:
        old.refuses(Retired, call, match="next note tree")
    old.settlement.deposit(77, 5000, START + 50)


def test_a_crash_in_between_loses_nothing(old: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after the old ledger was closed, and again after the copy: taking over again ends with the same state."""
    new = follower()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(new.settlement, "_copy", killed)
        with pytest.raises(KeyboardInterrupt):
            new.settlement.take_over(old.settlement)
    assert new.settlement.pots() == {}
    money = new.settlement.take_over(old.settlement)
    before = new.dump(), old.dump()
    assert new.settlement.take_over(old.settlement) == money == new.money()
    assert (new.dump(), old.dump()) == before


def test_one_successor(old: Ledger) -> None:
    """Neither of another domain, nor twice into two ledgers of two domains."""
    follower().settlement.take_over(old.settlement)
    third = follower(dataclasses.replace(DOMAIN, tree_no=3))
    third.refuses(Retired, lambda: third.settlement.take_over(old.settlement))


def test_a_chain_of_three(old: Ledger) -> None:
    new, last = follower(), follower(dataclasses.replace(DOMAIN, tree_no=3))
    new.settlement.take_over(old.settlement)
    new.open(new.opening(KEY, 1))
    last.settlement.take_over(new.settlement)
    for number in (0, 1):
        last.refuses(TicketSpent, lambda n=number: last.open(last.opening(KEY, n, inner=50)))  # type: ignore[misc]
    last.open(last.opening(KEY, 2))
    new.refuses(Retired, lambda: new.settlement.take_over(old.settlement))


def test_a_pruned_ledger_still_hands_over(old: Ledger) -> None:
    old.now = START + 50 + WINDOW + REFUND_PERIOD + 1
    old.settlement.prune(DOMAIN.value)
    new = follower()
    assert new.settlement.take_over(old.settlement) == 105


def test_refuses_ledgers_that_do_not_follow(old: Ledger) -> None:
    """And leaves the old one open."""
    tickets = follower()
    tickets.settlement.fund(5, 1)
    tokens = follower()
    tokens.settlement.fund_tokens(DIGEST, 1)
    elsewhere = follower()
    elsewhere.settlement.take_over(
        Ledger(MemoryStore(), domain=dataclasses.replace(DOMAIN, tree_no=8), token_issuers=[ISSUER]).settlement
    )
    for bad, message in (
        (follower(DOMAIN), "another domain"),
        (follower(funding=dataclasses.replace(FUNDING, funding_tree_no=2)), "same funding tree"),
        (follower(token_issuers=[]), "same funding tree and issuers"),
        (follower(dataclasses.replace(NEXT, price_per_unit=4)), "another price"),
        (tickets, "of its own"),
        (tokens, "of its own"),
        (elsewhere, "another one"),
    ):
        before = old.dump()
        bad.refuses(MalformedInput, lambda b=bad: b.settlement.take_over(old.settlement), match=message)  # type: ignore[misc]
        assert old.dump() == before
