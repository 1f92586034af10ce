"""Blind tokens: the issuer-run way into the note tree, without a proof on the client.

    buy      the client makes a one-time Ed25519 key; the issuer signs it blind, under the RSA key of value D
    redeem   (one-time key, issuer's signature, inner, expiry) and, by the one-time key, a signature on
             H2F("token", domain, inner, D, expiry)

A token that is copied under way opens no other note: that takes the one-time key, which never leaves the client.  The
ledger spends the one-time public key for ever.  What the issuer saw when it signed is independent of what it sees when
the token comes back, so it is trusted with solvency (it can print tokens), not with privacy.  Verification needs the
public key alone: issuer and ledger may be two parties.  Never blind Schnorr signatures here: [BLLOR21] forges them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from ..algebra.hash_to_field import hash_to_field
from ..errors import InvalidSignature, MalformedInput, OverCap, TokenSpent, WrongDomain
from .domain import CAP_BITS, EPOCH_BITS, Domain
from .note import note_commitment
from .numbers import check_element, check_range
from .store_funding import SpentToken, TokenTransaction

if TYPE_CHECKING:  # needs the extra "tokens", and a ledger without tokens must not
    from .blind_rsa import Blinded, BlindPublicKey

_PREFIX = b"zkrelay/v1/token\0"
KEY_BYTES = 32
SIGNATURE_BYTES = 64


@dataclass(frozen=True)
class TokenIssuer:
    """What a ledger pins: an issuer's key, and that its tokens are worth ``value_bytes`` (D), ``fee_bytes`` of it fee.

    One key has one value, in one deployment: the issuer does not see what it signs.

    Raises (on construction):
        MalformedInput: a number is out of range, or not 0 <= fee_bytes < value_bytes.
    """

    key: BlindPublicKey
    value_bytes: int
    fee_bytes: int = 0

    def __post_init__(self) -> None:
        check_range("value_bytes", self.value_bytes, 1, 1 << CAP_BITS)
        check_range("fee_bytes", self.fee_bytes, 0, self.value_bytes)

    @property
    def cap(self) -> int:
        """The cap of a note that a token opens: D less the fee."""
        return self.value_bytes - self.fee_bytes


def token_message(domain: int, inner: int, value_bytes: int, expiry: int) -> int:
    """H2F("token", domain, inner, D, expiry): what the one-time key signs.

    Raises:
        MalformedInput, NonCanonicalNumber: a number is out of range.
    """
    check_element("domain", domain)
    check_element("inner", inner)
    check_range("value_bytes", value_bytes, 1, 1 << CAP_BITS)
    check_range("expiry", expiry, 0, 1 << EPOCH_BITS)
    return hash_to_field("token", domain, inner, value_bytes, expiry)


@dataclass(frozen=True)
class Redemption:
    """What a client sends to the ledger: a token and the note it opens."""

    token_key: bytes
    issued: bytes = field(repr=False)
    domain: int
    inner: int
    expiry: int
    signature: bytes = field(repr=False)

    def message(self, issuer: TokenIssuer) -> int:
        return token_message(self.domain, self.inner, issuer.value_bytes, self.expiry)


class Token:
    """A bought token: redeem it once.  Raises ``InvalidSignature`` when ``issued`` is not the issuer's."""

    __slots__ = ("_secret", "issued", "issuer")

    def __init__(self, issuer: TokenIssuer, secret: bytes, issued: bytes) -> None:
        self._secret = SigningKey(secret)
        self.issuer = issuer
        self.issued = issued
        issuer.key.verify(_PREFIX + bytes(self._secret.verify_key), issued)

    def redeem(self, domain: int, inner: int, expiry: int) -> Redemption:
        """For one note only.  A second note is refused by the ledger; the same one again gets the same answer.

        Raises:
            MalformedInput, NonCanonicalNumber: as ``token_message``.
        """
        message = token_message(domain, inner, self.issuer.value_bytes, expiry)
        signature = self._secret.sign(message.to_bytes(32, "big")).signature
        return Redemption(bytes(self._secret.verify_key), self.issued, domain, inner, expiry, signature)

    def pack(self) -> bytes:
        """The one-time secret and the issuer's signature: whoever holds these bytes holds the token."""
        return bytes(self._secret) + self.issued

    @classmethod
    def unpack(cls, issuer: TokenIssuer, data: bytes) -> Token:
        """Inverse of ``pack``.

        Raises:
            MalformedInput: the length is wrong.
            InvalidSignature: not a token of this issuer.
        """
        if len(data) != KEY_BYTES + issuer.key.num_bytes:
            raise MalformedInput(f"a packed token has {KEY_BYTES + issuer.key.num_bytes} bytes")
        return cls(issuer, data[:KEY_BYTES], data[KEY_BYTES:])

    def __repr__(self) -> str:
        return f"Token({bytes(self._secret.verify_key).hex()})"


class TokenRequest:
    """A token that is being bought: send ``request`` to the issuer, ``finish`` with its answer."""

    __slots__ = ("_blinded", "_issuer", "_secret")

    def __init__(self, issuer: TokenIssuer) -> None:
        """A fresh one-time key from the operating system's randomness, blinded for the issuer."""
        self._issuer = issuer
        self._secret = SigningKey.generate()
        self._blinded: Blinded = issuer.key.blind(_PREFIX + bytes(self._secret.verify_key))

    @property
    def request(self) -> bytes:
        return self._blinded.request

    def finish(self, answer: bytes) -> Token:
        """Raises ``InvalidSignature`` when the answer is not the issuer's signature of the request."""
        return Token(self._issuer, bytes(self._secret), self._blinded.finalize(answer))


def verify_redemption(issuer: TokenIssuer, domain: Domain, redemption: Redemption) -> None:
    """Everything about a redemption that needs neither store nor clock.

    Raises:
        MalformedInput, NonCanonicalNumber: a field has the wrong length or range.
        WrongDomain: the note is for another note tree.
        OverCap: the value less the fee is below one unit.
        InvalidSignature: the issuer did not sign the one-time key, or that did not sign this note.
    """
    for name, size in (("token_key", KEY_BYTES), ("issued", issuer.key.num_bytes), ("signature", SIGNATURE_BYTES)):
        if len(getattr(redemption, name)) != size:
            raise MalformedInput(f"{name} of a redemption has {size} bytes")
    message = redemption.message(issuer)
    if redemption.domain != domain.value:
        raise WrongDomain("the note belongs to another chain, contract, tree or version")
    if issuer.cap < domain.unit:
        raise OverCap(f"a cap of {issuer.cap} bytes is below one unit of {domain.unit}")
    issuer.key.verify(_PREFIX + redemption.token_key, redemption.issued)
    try:
        VerifyKey(redemption.token_key).verify(message.to_bytes(32, "big"), redemption.signature)
    except BadSignatureError:
        raise InvalidSignature("the token's key did not sign this note") from None


def redeem_token(
    transaction: TokenTransaction,
    issuer: TokenIssuer,
    redemption: Redemption,
    insert: Callable[[int, int, int], int],
) -> SpentToken:
    """Open the note of a verified redemption, once; the same redemption again gets the same answer.

    Args:
        insert: (inner, cap, expiry) -> cm: the settlement's insertion of a note in this very transaction.

    Raises:
        TokenSpent: the token opened another note.
        Expired, DuplicateNote, TreeFull, ...: whatever ``insert`` raises.
    """
    cm = note_commitment(redemption.domain, redemption.inner, issuer.cap, redemption.expiry)
    token = SpentToken(redemption.token_key, cm)
    before = transaction.spend_token(token)
    if before is None:
        inserted = insert(redemption.inner, issuer.cap, redemption.expiry)
        assert inserted == cm, "the settlement inserts the note that the redemption names"
    elif before != token:
        raise TokenSpent("this token opened another note")
    return token
