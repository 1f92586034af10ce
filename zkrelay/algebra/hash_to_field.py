"""Tags and the hash to field of the protocol: SHA-256, because Python's hashlib and the EVM precompile both have it.

    T.name       = SHA256("zkrelay/v1/" name) mod r                              first input of every tagged Poseidon
    H2F(dst, v…) = SHA256("zkrelay/v1/" dst 0x00 || v as 32-byte big-endian …) mod r

The version is inside both prefixes: an incompatible protocol shares no hash with this one.
"""

from __future__ import annotations

import hashlib

from ..curves import bn254
from ..errors import NonCanonicalNumber

PROTOCOL_VERSION = 1
_PREFIX = b"zkrelay/v1/"
_R = bn254.FR.modulus


def tag(name: str) -> int:
    """The first input of a Poseidon hash with this use; those of the claim's statement are in ``T``."""
    return int.from_bytes(hashlib.sha256(_PREFIX + name.encode("ascii")).digest(), "big") % _R


class T:
    """The tags.  No two are equal (asserted below), so no hash of one kind is ever a hash of another."""

    note_key = tag("note-key")
    note = tag("note")
    receipt = tag("receipt")
    nullifier = tag("nullifier")
    commit = tag("commit")
    node_id = tag("node-id")
    share = tag("share")
    claim_x = tag("claim-x")
    refund = tag("refund")
    bind = tag("bind")


# By the protocol's own names ("note-key").
TAGS: dict[str, int] = {name.replace("_", "-"): value for name, value in vars(T).items() if not name.startswith("__")}

assert len(TAGS) == len(set(TAGS.values())) == 10


def hash_to_field(dst: str, *values: int) -> int:
    """H2F(dst, values) in [0, r); ``dst`` separates uses and is ASCII without NUL.

    Raises:
        NonCanonicalNumber: a value is outside [0, 2^256).
        ValueError: ``dst`` is empty, not ASCII, or holds a NUL.
    """
    if not dst or not dst.isascii() or "\0" in dst:
        raise ValueError("the domain separation tag must be non-empty ASCII without NUL")
    digest = hashlib.sha256(_PREFIX + dst.encode("ascii") + b"\0")
    for index, value in enumerate(values):
        if not 0 <= value < 1 << 256:
            raise NonCanonicalNumber(f"value {index} of a hash to field does not fit in 32 bytes")
        digest.update(value.to_bytes(32, "big"))
    return int.from_bytes(digest.digest(), "big") % _R
