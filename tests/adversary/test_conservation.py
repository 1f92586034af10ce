"""Conservation: whatever is deposited, opened, claimed, refunded, staked and forged, no money is made or lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from zkrelay.relay.blind_rsa import BlindSigner
from zkrelay.relay.blind_token import Token, TokenIssuer, TokenRequest
from zkrelay.relay.funding import FundingKey
from zkrelay.relay.note import Note
from zkrelay.relay.settlement import Deposit
from zkrelay.relay.slash import slash_handle
from zkrelay.relay.store import SettlementStore
from zkrelay.relay.store_sqlite import SqliteStore

from ..relay.ledger import START, Ledger
from ..relay.parties import DOMAIN, FUNDING
from .coalition import CLIENT, Coalition, indices

WALLETS = [FundingKey(a0) for a0 in (101, 102)]
SIGNER = BlindSigner.generate(2048)
ISSUER = TokenIssuer(SIGNER.public, value_bytes=5_500, fee_bytes=600)  # five units, of which the note keeps four
TICKET_PRICE = DOMAIN.price(DOMAIN.units(FUNDING.ticket_bytes))
TOKEN_PRICE = DOMAIN.price(DOMAIN.units(ISSUER.value_bytes))


def buy_token() -> Token:
    request = TokenRequest(ISSUER)
    return request.finish(SIGNER.sign(request.request))


TOKENS = [buy_token() for _ in range(3)]
wallets = st.integers(0, 1)


class AnonymousCoalition(Coalition):
    """A coalition that also buys leaves and tokens, opens notes, and slashes its own wallets."""

    def __init__(self) -> None:
        super().__init__()
        self.limits: dict[int, int] = {}  # wallet -> its tickets

    def open_ledger(self) -> Ledger:
        return Ledger(self.store, finality=self.finality, token_issuers=[ISSUER])

    @initialize(limits=st.lists(st.integers(0, 3), min_size=2, max_size=2))
    def buy_leaves(self, limits: list[int]) -> None:
        for wallet, limit in enumerate(limits):
            if limit:
                self.fund(wallet, limit)

    # --- tickets ------------------------------------------------------------------------------------------------------

    @rule(wallet=wallets, limit=st.integers(1, 3))
    def fund(self, wallet: int, limit: int) -> None:
        if self.attempt(lambda: self.ledger.settlement.fund(WALLETS[wallet].identity, limit)) is not None:
            self.paid_in += limit * TICKET_PRICE
            self.limits[wallet] = limit

    @precondition(lambda self: self.limits)
    @rule(wallet=wallets, number=st.integers(0, 2), rho=indices, lifetime=st.integers(-1, 6))
    def open(self, wallet: int, number: int, rho: int, lifetime: int) -> None:
        """Any ticket for any note: also a ticket twice, and a note that is there."""
        if number >= self.limits.get(wallet, 0):
            return
        note = Note(DOMAIN.value, 7, CLIENT.public, rho, FUNDING.cap, max(self.ledger.now + lifetime, START))
        opening = self.ledger.opening(WALLETS[wallet], number, inner=note.inner, expiry=note.expiry)

        def send() -> None:
            known = self.ledger.settlement.ticket(opening.statement.nf)
            ticket = self.attempt(lambda: self.ledger.open(opening))
            if ticket is not None:
                assert known in (None, ticket), "one ticket opened two notes"
                self.came_in(note, known is None)

        self.send(send)

    @rule(wallet=wallets)
    def commit_to_slash_tickets(self, wallet: int) -> None:
        key = WALLETS[wallet]
        self.ledger.settlement.commit(slash_handle(FUNDING.value, key.identity, key.a0, 4, 0))

    @precondition(lambda self: self.limits)
    @rule(wallet=wallets, prepared=st.booleans())
    def slash_tickets(self, wallet: int, prepared: bool) -> None:
        """By the offender itself, or by anybody: for the unspent tickets, whatever was opened before."""
        if wallet in self.limits:
            if prepared:
                self.commit_to_slash_tickets(wallet)
                self.time_passes(1)
            first, second = (self.ledger.opening(WALLETS[wallet], 0, inner=i).statement.share for i in (1, 2))
            self.attempt(lambda: self.ledger.settlement.slash_tickets(first, second, 4, 0))

    # --- tokens -------------------------------------------------------------------------------------------------------

    @rule(count=st.integers(1, 2))
    def fund_tokens(self, count: int) -> None:
        if self.attempt(lambda: self.ledger.settlement.fund_tokens(ISSUER.key.digest, count)) is not None:
            self.paid_in += count * TOKEN_PRICE

    @rule(token=st.integers(0, 2), rho=indices, lifetime=st.integers(-1, 6))
    def redeem_token(self, token: int, rho: int, lifetime: int) -> None:
        note = Note(DOMAIN.value, 7, CLIENT.public, rho, ISSUER.cap, self.ledger.now + lifetime)
        redemption = TOKENS[token].redeem(DOMAIN.value, note.inner, note.expiry)

        def send() -> None:
            if self.attempt(lambda: self.ledger.settlement.redeem_token(ISSUER.key.digest, redemption)) is not None:
                is_new = all(note != other for other, _ in self.notes)
                self.came_in(note, is_new)

        self.send(send)

    def came_in(self, note: Note, is_new: bool) -> None:
        if is_new:
            with self.store.read() as transaction:
                stored = transaction.note(note.cm)
            assert stored is not None
            deposit = Deposit(note.cm, stored.position, self.ledger.settlement.root, 0)
            self.notes.append((note, deposit))

    @invariant()
    def the_pot_holds_the_price_of_every_unspent_ticket(self) -> None:
        with self.store.read() as transaction:
            unspent = sum(self.limits.values()) - len(transaction.funding.tickets(-1, 1 << 30))
        assert self.ledger.settlement.pots().get("tickets", 0) == unspent * TICKET_PRICE


class AnonymousCoalitionOnDisk(AnonymousCoalition):
    finality = 1

    def open_store(self) -> SettlementStore:
        return SqliteStore(Path(self.folder.name) / "ledger.sqlite")


def run(machine: type[Coalition], examples: int, steps: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks
        ),
    )


@pytest.mark.parametrize(("machine", "examples"), [(AnonymousCoalition, 25), (AnonymousCoalitionOnDisk, 6)])
def test_conservation_property(machine: type[Coalition], examples: int) -> None:
    """Whatever a coalition does, in any order, the ledger pays out at most what was put in."""
    run(machine, examples, 50)


@pytest.mark.long
@pytest.mark.parametrize(("machine", "examples"), [(AnonymousCoalition, 400), (AnonymousCoalitionOnDisk, 60)])
def test_conservation_property_long(machine: type[Coalition], examples: int) -> None:
    run(machine, examples, 80)
