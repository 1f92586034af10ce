"""Section 10 of a ``.zkey``: who contributed to phase 2 (docs/formats.md, "Section 10").

A key without a contribution by a person is a development key: the secret of a beacon is known to whoever computes it.
The list is read and made longer here: that a contribution is *valid* is what ``zkrelay.ceremony.verify_key`` shows, not
its presence in a file.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..curves import PairingCurve
from ..groth16.keys import curve_named
from ..kernel import Buffer
from .contribution_parameters import BEACON, Maker, pack_maker, read_maker
from .cursor import Cursor

HASH_BYTES = 64


@dataclass(frozen=True)
class Contribution:
    """One step of phase 2: δ was multiplied by a secret that ``public_key`` ([s]₁, [sx]₁, [x·sp]₂) commits to.

    ``kind`` is 0 for a person and 1 for a beacon; points in the key's form (affine Montgomery).
    """

    delta_after_g1: bytes
    public_key: bytes
    transcript: bytes
    kind: int
    name: str = ""
    iterations_log2: int | None = None
    beacon_hash: bytes = b""


@dataclass(frozen=True)
class Contributions:
    """``circuit_hash`` is BLAKE2b-512 over the key before its first contribution; 64 zero bytes when unknown."""

    circuit_hash: bytes
    entries: tuple[Contribution, ...]

    @property
    def is_development(self) -> bool:
        """Whether no person contributed."""
        return all(entry.kind == BEACON for entry in self.entries)


NO_CONTRIBUTIONS = bytes(HASH_BYTES) + bytes(4)


def parse_contributions(
    payload: Buffer, curve: str = "bn254", *, source: str = "", section: str = "", base: int = 0
) -> Contributions:
    """Read the whole section of a key over ``curve``.

    Raises:
        FormatError: a count or length beyond the section, parameters out of order or unknown, bytes left over.
        MalformedInput: no such curve.
    """
    points, cursor = curve_named(curve), Cursor(memoryview(payload), source, section, base)
    circuit_hash = bytes(cursor.take(HASH_BYTES, "the circuit hash"))
    count = cursor.u32("the number of contributions")
    smallest = 3 * points.g1_bytes + points.g2_bytes + HASH_BYTES + 4 + 4
    if count * smallest > cursor.remaining:
        raise cursor.error(f"{count} contributions of at least {smallest} bytes do not fit into {cursor.remaining}")
    entries = tuple(_contribution(cursor, points) for _ in range(count))
    cursor.end()
    return Contributions(circuit_hash, entries)


def _contribution(cursor: Cursor, curve: PairingCurve) -> Contribution:
    delta_after = bytes(cursor.take(curve.g1_bytes, "delta after the contribution"))
    public_key = bytes(cursor.take(2 * curve.g1_bytes + curve.g2_bytes, "the contribution's public key"))
    transcript = bytes(cursor.take(HASH_BYTES, "the transcript hash"))
    maker = read_maker(cursor)
    return Contribution(
        delta_after, public_key, transcript, maker.kind, maker.name, maker.iterations_log2, maker.beacon_hash
    )


def append_contribution(payload: Buffer, entry: Contribution) -> bytes:
    """A payload that ``parse_contributions`` read, with one more entry: all others stay as they are, byte for byte.

    Raises:
        MalformedInput: the entry's name or beacon cannot be written.
    """
    view = memoryview(payload)
    count = int.from_bytes(view[HASH_BYTES : HASH_BYTES + 4], "little") + 1
    maker = Maker(entry.kind, entry.name, entry.iterations_log2, entry.beacon_hash)
    record = entry.delta_after_g1 + entry.public_key + entry.transcript + pack_maker(maker)
    return b"".join((view[:HASH_BYTES], count.to_bytes(4, "little"), view[HASH_BYTES + 4 :], record))
