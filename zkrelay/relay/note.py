"""A note: a funded, capped, single-use promise of one session's client to one node.

inner = P5(T.note-key, A.x, A.y, payee, rho)            made by the client; hides payee and key
cm    = P5(T.note, domain, inner, cap, expiry)          computed by the escrow itself, so the cap needs no proof
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..algebra.eddsa import check_public_key
from ..algebra.edwards_encoding import pack_point, unpack_point
from ..algebra.hash_to_field import T
from ..algebra.poseidon import poseidon
from ..curves import bn254
from ..curves.embedded import Point
from ..errors import MalformedInput
from .domain import CAP_BITS, EPOCH_BITS
from .numbers import check_element, check_range, parse_decimal

_R = bn254.FR.modulus
_NAMES = ("domain", "payee", "public_key", "rho", "cap", "expiry")


def note_inner(public_key: Point, payee: int, rho: int) -> int:
    """inner = P5(T.note-key, A.x, A.y, payee, rho); canonical inputs."""
    return poseidon([T.note_key, *public_key, payee, rho])


def note_commitment(domain: int, inner: int, cap: int, expiry: int) -> int:
    """cm = P5(T.note, domain, inner, cap, expiry).

    Raises:
        MalformedInput: cap is not below 2^64 or expiry not below 2^32.
        NonCanonicalNumber: domain or inner is not a field element.
    """
    check_range("cap", cap, 0, 1 << CAP_BITS)
    check_range("expiry", expiry, 0, 1 << EPOCH_BITS)
    return poseidon([T.note, domain, inner, cap, expiry])


def random_rho() -> int:
    """A fresh note secret from the operating system's randomness."""
    return secrets.randbelow(_R)


@dataclass(frozen=True)
class Note:
    """What client and node both know of a session's note.  ``cap`` in bytes, ``expiry`` the last epoch of a claim.

    ``rho`` links deposit, session and claim for anyone who learns it: it is left out of the repr.

    Raises (on construction):
        NonCanonicalNumber, InvalidPoint: a field element or the key is not acceptable (8A = O included).
        MalformedInput: cap or expiry out of range.
    """

    domain: int
    payee: int
    public_key: Point
    rho: int = field(repr=False)
    cap: int
    expiry: int

    def __post_init__(self) -> None:
        for name in ("domain", "payee", "rho"):
            check_element(name, getattr(self, name))
        check_range("cap", self.cap, 0, 1 << CAP_BITS)
        check_range("expiry", self.expiry, 0, 1 << EPOCH_BITS)
        check_public_key(self.public_key)

    @cached_property
    def inner(self) -> int:
        return note_inner(self.public_key, self.payee, self.rho)

    @cached_property
    def cm(self) -> int:
        """The note commitment: the leaf of the tree."""
        return note_commitment(self.domain, self.inner, self.cap, self.expiry)

    def to_dict(self) -> dict[str, str]:
        """Decimal strings, and the key packed in hex.  Holds rho: for the other party only, inside the tunnel."""
        numbers = {name: str(getattr(self, name)) for name in _NAMES if name != "public_key"}
        return {**numbers, "public_key": pack_point(self.public_key).hex()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Note:
        """Inverse of ``to_dict``; raises ``MalformedInput`` (or a child, see the class) for anything else."""
        if set(data) != set(_NAMES):
            raise MalformedInput(f"a note has exactly the fields {', '.join(_NAMES)}")
        packed = data["public_key"]
        try:
            key = bytes.fromhex(packed) if isinstance(packed, str) and len(packed) == 64 else b""
        except ValueError:
            key = b""
        if not key:
            raise MalformedInput("public_key of a note must be 64 hex digits")
        numbers = {name: parse_decimal(name, data[name]) for name in _NAMES if name != "public_key"}
        return cls(public_key=unpack_point(key), **numbers)
