"""Blind tokens: bought once, redeemed once, for the note their owner chose and for no other."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from memory_funding import MemoryFunding
from nacl.signing import SigningKey

from zkrelay.algebra.hash_to_field import hash_to_field
from zkrelay.curves import bn254
from zkrelay.errors import (
    Expired,
    InvalidSignature,
    MalformedInput,
    NonCanonicalNumber,
    OverCap,
    TokenSpent,
    WrongDomain,
    ZkrelayError,
)
from zkrelay.relay.blind_rsa import BlindSigner
from zkrelay.relay.blind_token import (
    Redemption,
    Token,
    TokenIssuer,
    TokenRequest,
    redeem_token,
    token_message,
    verify_redemption,
)
from zkrelay.relay.domain import Domain
from zkrelay.relay.opening import OpenMessage
from zkrelay.relay.store_funding import SpentToken

R = bn254.FR.modulus
DOMAIN = Domain(chain_id=31337, contract=0xC0FFEE, tree_no=1)
VALUE, FEE, EXPIRY = 500 << 20, 2 << 20, 1000


class Ledger(MemoryFunding):
    """The in-memory ledger with tokens."""

    def __init__(self) -> None:
        super().__init__(depth=4)
        self.tokens: dict[bytes, SpentToken] = {}

    def spend_token(self, token: SpentToken) -> SpentToken | None:
        held = self.tokens.setdefault(token.token_key, token)
        return None if held is token else held

    def redeem(self, issuer: TokenIssuer, redemption: Redemption, domain: Domain = DOMAIN) -> SpentToken:
        verify_redemption(issuer, domain, redemption)
        with self.transaction() as transaction:
            return redeem_token(
                transaction,  # type: ignore[arg-type]
                issuer,
                redemption,
                lambda inner, cap, expiry: transaction.insert_note(domain, inner, cap, expiry),
            )

    def refuses(self, error: type[ZkrelayError], message: str, *arguments: Any) -> None:
        before = self.state()
        with pytest.raises(error, match=message):
            self.redeem(*arguments)
        assert self.state() == before


@pytest.fixture(scope="module")
def signer() -> BlindSigner:
    return BlindSigner.generate(2048)


@pytest.fixture(scope="module")
def issuer(signer: BlindSigner) -> TokenIssuer:
    return TokenIssuer(signer.public, VALUE, FEE)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def buy(signer: BlindSigner, issuer: TokenIssuer) -> Token:
    request = TokenRequest(issuer)
    return request.finish(signer.sign(request.request))


def test_a_token_opens_one_note(signer: BlindSigner, issuer: TokenIssuer, ledger: Ledger) -> None:
    token = buy(signer, issuer)
    spent = ledger.redeem(issuer, token.redeem(DOMAIN.value, 7, EXPIRY))
    assert ledger.notes == {spent.cm: VALUE - FEE}
    assert ledger.redeem(issuer, token.redeem(DOMAIN.value, 7, EXPIRY)) == spent
    ledger.refuses(TokenSpent, "another note", issuer, token.redeem(DOMAIN.value, 8, EXPIRY))
    ledger.refuses(TokenSpent, "another note", issuer, token.redeem(DOMAIN.value, 7, EXPIRY + 1))
    next_tree = dataclasses.replace(DOMAIN, tree_no=2)
    ledger.refuses(TokenSpent, "another note", issuer, token.redeem(next_tree.value, 7, EXPIRY), next_tree)
    assert len(ledger.notes) == 1


def test_token_redirect(signer: BlindSigner, issuer: TokenIssuer, ledger: Ledger) -> None:
    """A relayer that copies a redemption cannot change the note, nor sign anew, nor spend the token on its own."""
    honest = buy(signer, issuer).redeem(DOMAIN.value, 7, EXPIRY)
    mallory = SigningKey.generate()
    mine = token_message(DOMAIN.value, 666, VALUE, EXPIRY).to_bytes(32, "big")
    other_tree = dataclasses.replace(DOMAIN, tree_no=2)
    for change in (
        {"inner": 666},
        {"expiry": EXPIRY + 1},
        {"inner": 666, "signature": mallory.sign(mine).signature},
        {"inner": 666, "signature": mallory.sign(mine).signature, "token_key": bytes(mallory.verify_key)},
        {"token_key": bytes(mallory.verify_key)},
        {"signature": bytes(64)},
        {"issued": bytes(len(honest.issued))},
    ):
        ledger.refuses(InvalidSignature, "issuer's|this note", issuer, dataclasses.replace(honest, **change))
    ledger.refuses(WrongDomain, "another chain", issuer, dataclasses.replace(honest, domain=other_tree.value))
    moved = dataclasses.replace(honest, domain=other_tree.value)
    ledger.refuses(InvalidSignature, "this note", issuer, moved, other_tree)
    other_value = dataclasses.replace(issuer, value_bytes=VALUE * 2)
    ledger.refuses(InvalidSignature, "this note", other_value, honest)
    ledger.redeem(issuer, honest)


def test_two_tokens_cannot_be_mixed(signer: BlindSigner, issuer: TokenIssuer, ledger: Ledger) -> None:
    first, second = (buy(signer, issuer).redeem(DOMAIN.value, n, EXPIRY) for n in (1, 2))
    for name in ("token_key", "issued", "signature"):
        mixed = dataclasses.replace(first, **{name: getattr(second, name)})
        ledger.refuses(InvalidSignature, "issuer's|this note", issuer, mixed)


def test_no_token_without_the_issuer(signer: BlindSigner, issuer: TokenIssuer, ledger: Ledger) -> None:
    """One purchase gives one token: answers do not fit other requests, and other keys do not count."""
    request, other = TokenRequest(issuer), TokenRequest(issuer)
    answer = signer.sign(request.request)
    with pytest.raises(InvalidSignature):
        other.finish(answer)
    token = request.finish(answer)
    stranger = BlindSigner.generate(2048)
    strange_issuer = TokenIssuer(stranger.public, VALUE, FEE)
    forged = buy(stranger, strange_issuer)
    ledger.refuses(InvalidSignature, "issuer's", issuer, forged.redeem(DOMAIN.value, 1, EXPIRY))
    with pytest.raises(InvalidSignature):
        Token(issuer, bytes(SigningKey.generate()), token.issued)
    # RSA multiplies: the product of two signatures is a signature of a product, which is no encoding of a key
    n = issuer.key.n
    two = [int.from_bytes(buy(signer, issuer).issued, "big") for _ in range(2)]
    product = (two[0] * two[1] % n).to_bytes(issuer.key.num_bytes, "big")
    with pytest.raises(InvalidSignature):
        Token(issuer, bytes(SigningKey.generate()), product)


def test_malformed_redemptions(signer: BlindSigner, issuer: TokenIssuer, ledger: Ledger) -> None:
    honest = buy(signer, issuer).redeem(DOMAIN.value, 7, EXPIRY)
    for name in ("token_key", "issued", "signature"):
        value = getattr(honest, name)
        for bad in (value[:-1], value + b"\0", b""):
            ledger.refuses(MalformedInput, name, issuer, dataclasses.replace(honest, **{name: bad}))
    for name, bad in (("inner", R), ("inner", -1), ("domain", DOMAIN.value + R)):
        ledger.refuses(NonCanonicalNumber, name, issuer, dataclasses.replace(honest, **{name: bad}))
    for bad in (-1, 1 << 32):
        ledger.refuses(MalformedInput, "expiry", issuer, dataclasses.replace(honest, expiry=bad))
    for small_order in (bytes(32), b"\x01" + bytes(31)):
        ledger.refuses(InvalidSignature, "issuer's", issuer, dataclasses.replace(honest, token_key=small_order))
    tiny = dataclasses.replace(issuer, fee_bytes=VALUE - 1)
    ledger.refuses(OverCap, "below one unit", tiny, honest)
    ledger.now = EXPIRY + 1
    ledger.refuses(Expired, "born", issuer, honest)


def test_issuers_and_fees_out_of_range(issuer: TokenIssuer) -> None:
    for changes in ({"value_bytes": 0}, {"value_bytes": 1 << 64}, {"fee_bytes": VALUE}, {"fee_bytes": -1}):
        with pytest.raises(MalformedInput):
            dataclasses.replace(issuer, **changes)


def test_the_message_is_bound_to_everything_and_to_tokens() -> None:
    message = token_message(1, 2, 3, 4)
    assert message == hash_to_field("token", 1, 2, 3, 4)
    assert message != OpenMessage(1, 2, 3, 4).x
    assert len({token_message(*v) for v in ((1, 2, 3, 5), (1, 2, 4, 4), (1, 3, 3, 4), (2, 2, 3, 4))} | {message}) == 5


def test_packed_tokens(signer: BlindSigner, issuer: TokenIssuer, ledger: Ledger) -> None:
    token = buy(signer, issuer)
    again = Token.unpack(issuer, token.pack())
    assert again.redeem(DOMAIN.value, 7, EXPIRY) == token.redeem(DOMAIN.value, 7, EXPIRY)
    assert token.pack()[:32].hex() not in repr(token)
    for bad in (b"", token.pack()[:-1], token.pack() + b"\0"):
        with pytest.raises(MalformedInput):
            Token.unpack(issuer, bad)
    changed = bytearray(token.pack())
    changed[0] ^= 1
    with pytest.raises(InvalidSignature):
        Token.unpack(issuer, bytes(changed))
