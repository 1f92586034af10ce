"""Blind tokens at the ledger: the issuer pays in, a token opens one note, and nothing is printed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import pytest
from nacl.signing import SigningKey

from zkrelay.errors import (
    DuplicateNote,
    EntryPointClosed,
    Expired,
    InvalidSignature,
    IssuerUnfunded,
    MalformedInput,
    NonCanonicalNumber,
    Retired,
    StoreError,
    TokenSpent,
    WrongDomain,
)
from zkrelay.relay.blind_rsa import BlindSigner
from zkrelay.relay.blind_token import Redemption, Token, TokenIssuer, TokenRequest
from zkrelay.relay.store import Payment, PaymentKind, SettlementStore

from .ledger import FEE_RECIPIENT, REFUND_PERIOD, START, WINDOW, Ledger
from .parties import DOMAIN

SIGNER = BlindSigner.generate(2048)
ISSUER = TokenIssuer(SIGNER.public, value_bytes=5_000, fee_bytes=1_000)
DIGEST = ISSUER.key.digest
PRICE, LOCKED = 15, 12
EXPIRY = START + 50


def buy() -> Token:
    request = TokenRequest(ISSUER)
    return request.finish(SIGNER.sign(request.request))


TOKEN, SECOND = buy(), buy()


@pytest.fixture
def tokens(open_store: Callable[[], SettlementStore]) -> Iterator[Ledger]:
    """A ledger with an issuer that has paid in for two tokens."""
    ledger = Ledger(open_store(), token_issuers=[ISSUER])
    assert ledger.settlement.fund_tokens(DIGEST, 2) == 2 * PRICE
    yield ledger
    ledger.store.close()


def redeem(ledger: Ledger, redemption: Redemption | None = None, issuer: str = DIGEST) -> object:
    return ledger.settlement.redeem_token(issuer, redemption or TOKEN.redeem(DOMAIN.value, 1, EXPIRY))


def test_pot_note_and_fee(tokens: Ledger) -> None:
    redeem(tokens)
    assert list(tokens.settlement.pots().values()) == [PRICE]
    assert tokens.settlement.balance == LOCKED
    assert tokens.settlement.payments() == [Payment(None, FEE_RECIPIENT, PRICE - LOCKED, 0, 0, START, PaymentKind.FEE)]
    assert tokens.money() == 2 * PRICE


def test_the_same_redemption_gets_the_same_answer(tokens: Ledger) -> None:
    answer = redeem(tokens)
    for now in (START, EXPIRY + 1, EXPIRY + WINDOW + REFUND_PERIOD + 1):
        tokens.now = now
        before = tokens.dump()
        assert redeem(tokens) == answer
        assert tokens.dump() == before
    tokens.settlement.prune(DOMAIN.value)
    assert redeem(tokens) == answer


def test_one_token_one_note(tokens: Ledger) -> None:
    redeem(tokens)
    for inner, expiry in ((2, EXPIRY), (1, EXPIRY + 1)):
        other = TOKEN.redeem(DOMAIN.value, inner, expiry)
        tokens.refuses(TokenSpent, lambda r=other: redeem(tokens, r))  # type: ignore[misc]


def test_an_issuer_prints_nothing(tokens: Ledger) -> None:
    """More tokens than were paid for: refused by name, unspent, and good once the issuer has paid."""
    for token, inner in ((TOKEN, 1), (SECOND, 2)):
        redeem(tokens, token.redeem(DOMAIN.value, inner, EXPIRY))
    printed = buy().redeem(DOMAIN.value, 3, EXPIRY)
    tokens.refuses(IssuerUnfunded, lambda: redeem(tokens, printed))
    tokens.settlement.fund(5, 3)
    tokens.refuses(IssuerUnfunded, lambda: redeem(tokens, printed))
    tokens.settlement.fund_tokens(DIGEST, 1)
    redeem(tokens, printed)


def test_a_token_is_not_lost_by_a_refusal(tokens: Ledger) -> None:
    tokens.settlement.deposit(1, ISSUER.cap, EXPIRY)
    tokens.refuses(DuplicateNote, lambda: redeem(tokens))
    tokens.refuses(Expired, lambda: redeem(tokens, TOKEN.redeem(DOMAIN.value, 2, START - 1)))
    redeem(tokens, TOKEN.redeem(DOMAIN.value, 2, EXPIRY))


def test_token_redirect(tokens: Ledger) -> None:
    honest = TOKEN.redeem(DOMAIN.value, 1, EXPIRY)
    thief = bytes(SigningKey.generate().verify_key)
    for change in ({"inner": 2}, {"expiry": EXPIRY + 1}, {"token_key": thief}, {"signature": bytes(64)}):
        bad = dataclasses.replace(honest, **change)  # type: ignore[arg-type]
        tokens.refuses(InvalidSignature, lambda r=bad: redeem(tokens, r))  # type: ignore[misc]
    tokens.refuses(WrongDomain, lambda: redeem(tokens, dataclasses.replace(honest, domain=5)))
    tokens.refuses(NonCanonicalNumber, lambda: redeem(tokens, dataclasses.replace(honest, inner=-1)))
    tokens.refuses(MalformedInput, lambda: redeem(tokens, dataclasses.replace(honest, issued=b"short")))


def test_unknown_issuer(tokens: Ledger) -> None:
    tokens.refuses(EntryPointClosed, lambda: redeem(tokens, issuer="0" * 64))
    tokens.refuses(EntryPointClosed, lambda: tokens.settlement.fund_tokens("", 1))


@pytest.mark.parametrize("count", [0, -1, 1 << 192, True])
def test_counts(tokens: Ledger, count: int) -> None:
    tokens.refuses(MalformedInput, lambda: tokens.settlement.fund_tokens(DIGEST, count))


def test_nothing_after_pruning(tokens: Ledger) -> None:
    tokens.now += 1000
    tokens.settlement.prune(DOMAIN.value)
    late = TOKEN.redeem(DOMAIN.value, 1, tokens.now)
    tokens.refuses(Retired, lambda: redeem(tokens, late))
    tokens.refuses(Retired, lambda: tokens.settlement.fund_tokens(DIGEST, 1))


def test_value_and_fee_are_pinned(tokens: Ledger) -> None:
    for changes in ({"value_bytes": 6_000}, {"fee_bytes": 0}):
        with pytest.raises(StoreError, match="token_issuer"):
            Ledger(tokens.store, token_issuers=[dataclasses.replace(ISSUER, **changes)])
    with pytest.raises(MalformedInput, match="one value"):
        Ledger(token_issuers=[ISSUER, dataclasses.replace(ISSUER, value_bytes=6_000)])
    with pytest.raises(MalformedInput, match="less than one unit"):
        Ledger(token_issuers=[dataclasses.replace(ISSUER, fee_bytes=4_001)])
