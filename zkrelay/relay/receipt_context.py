"""What a receipt's ``ctx`` says: the channel, the agreed price, and what the client's challenges found so far.

    handshake    = H2F("bind", handshake hash)                                    as in the channel binding
    challenges   = c_n,  c_0 = 0,  c_i = P4(challenge, c_(i-1), id_i, value_i)    the results in order
    ctx          = P4(receipt-context, handshake, price, challenges)              both names are tags

The circuit does not look into ctx: it is signed and opaque.  Client and node both know its parts, and either can open
it to an auditor.  Who sees only ctx learns nothing: the handshake hash is fresh in each session, and known to its two
ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

from ..algebra.hash_to_field import TAGS, hash_to_field, tag
from ..algebra.poseidon import poseidon
from ..errors import MalformedInput
from .numbers import check_element, check_range, parse_decimal

CONTEXT_TAG, CHALLENGE_TAG = tag("receipt-context"), tag("challenge")
HANDSHAKE_HASH_BYTES = (32, 64)  # SHA-256 or BLAKE2s, SHA-512 or BLAKE2b
MAX_CHALLENGES = 1 << 16
_NAMES = {"handshake_hash", "price", "challenges"}

assert not {CONTEXT_TAG, CHALLENGE_TAG} & set(TAGS.values())


def handshake_element(handshake_hash: bytes) -> int:
    """H2F("bind", hash): the hash as one number of 32 bytes, or two; ``MalformedInput`` for any other length."""
    if len(handshake_hash) not in HANDSHAKE_HASH_BYTES:
        raise MalformedInput(f"a handshake hash has 32 or 64 bytes, not {len(handshake_hash)}")
    parts = (handshake_hash[i : i + 32] for i in range(0, len(handshake_hash), 32))
    return hash_to_field("bind", *(int.from_bytes(part, "big") for part in parts))


@dataclass(frozen=True)
class ChallengeResult:
    """One canary or challenge: what was asked (``challenge``, a field element), and what came back, below 2^64.

    The two ends agree on the meaning: 1 or 0 for passed or not, milliseconds, bytes a second.
    """

    challenge: int
    value: int

    def __post_init__(self) -> None:
        check_element("challenge", self.challenge)
        check_range("value of a challenge", self.value, 0, 1 << 64)


@dataclass(frozen=True)
class ReceiptContext:
    """``price`` for one unit in the ledger's smallest coin, as client and node agreed on it; below 2^128.

    Raises (on construction):
        MalformedInput, NonCanonicalNumber: a part is out of range.
    """

    handshake_hash: bytes
    price: int
    challenges: tuple[ChallengeResult, ...] = ()

    def __post_init__(self) -> None:
        handshake_element(self.handshake_hash)
        check_range("price", self.price, 0, 1 << 128)
        if len(self.challenges) > MAX_CHALLENGES:
            raise MalformedInput(f"a context holds {MAX_CHALLENGES} challenges at most")

    def with_result(self, result: ChallengeResult) -> ReceiptContext:
        """The context once one more challenge is done; its ``ctx`` costs no more than the first one's."""
        more = ReceiptContext(self.handshake_hash, self.price, (*self.challenges, result))
        vars(more)["_chain"] = _link(self._chain, result)
        return more

    @property
    def ctx(self) -> int:
        """What receipts sign."""
        return poseidon([CONTEXT_TAG, handshake_element(self.handshake_hash), self.price, self._chain])

    @cached_property
    def _chain(self) -> int:
        return reduce(_link, self.challenges, 0)

    def to_dict(self) -> dict[str, Any]:
        """The opening, for JSON: hex, decimal strings, and a list of pairs of them."""
        return {
            "handshake_hash": self.handshake_hash.hex(),
            "price": str(self.price),
            "challenges": [[str(result.challenge), str(result.value)] for result in self.challenges],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ReceiptContext:
        """Inverse of ``to_dict``; raises ``MalformedInput`` (or a child) for anything else."""
        if not isinstance(data, Mapping) or set(data) != _NAMES or not isinstance(data["challenges"], list):
            raise MalformedInput(f"a receipt's context has exactly the fields {', '.join(sorted(_NAMES))}")
        pairs = data["challenges"]
        if len(pairs) > MAX_CHALLENGES or any(not isinstance(pair, list) or len(pair) != 2 for pair in pairs):
            raise MalformedInput(f"challenges must be {MAX_CHALLENGES} pairs at most")
        results = tuple(
            ChallengeResult(parse_decimal("challenge", challenge), parse_decimal("value of a challenge", value))
            for challenge, value in pairs
        )
        return cls(parse_hex("handshake_hash", data["handshake_hash"]), parse_decimal("price", data["price"]), results)


def _link(chain: int, result: ChallengeResult) -> int:
    return poseidon([CHALLENGE_TAG, chain, result.challenge, result.value])


def parse_hex(name: str, text: object) -> bytes:
    """The bytes of lower-case hex digits and nothing else; ``MalformedInput`` otherwise."""
    try:
        data = bytes.fromhex(text) if isinstance(text, str) else None
    except ValueError:
        data = None
    if data is None or data.hex() != text:
        raise MalformedInput(f"{name} must be hex digits, lower case")
    return data
