"""Section 7 of a ``.ptau``: who contributed to the powers of tau (docs/formats.md, ".ptau")."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..curves import PairingCurve
from ..kernel import Buffer
from .contribution_parameters import Maker, pack_maker, read_maker
from .cursor import Cursor

HASH_BYTES = 64
PARTIAL_HASH_BYTES = 216


@dataclass(frozen=True)
class PowersContribution:
    """One step of phase 1; points in file form (affine Montgomery).

    ``public_key`` is [s]₁, [s·x]₁ for x = τ, α and β in turn, then [sp·x]₂ for the three.  ``partial_hash`` is the
    state of BLAKE2b-512 over the response but for the public key; ``next_challenge`` hashes what the step left behind.
    """

    tau_g1: bytes
    tau_g2: bytes
    alpha_g1: bytes
    beta_g1: bytes
    beta_g2: bytes
    public_key: bytes
    partial_hash: bytes
    next_challenge: bytes
    maker: Maker = field(default_factory=Maker)


def parse_powers_contributions(cursor: Cursor, curve: PairingCurve) -> tuple[PowersContribution, ...]:
    """The whole section.

    Raises:
        FormatError: a count or a length beyond the section, parameters out of order or unknown, bytes left over.
    """
    count = cursor.u32("the number of contributions")
    g1, g2 = curve.g1_bytes, curve.g2_bytes
    smallest = 9 * g1 + 5 * g2 + PARTIAL_HASH_BYTES + HASH_BYTES + 4 + 4
    if count * smallest > cursor.remaining:
        raise cursor.error(f"{count} contributions of at least {smallest} bytes do not fit into {cursor.remaining}")
    entries = tuple(_contribution(cursor, g1, g2) for _ in range(count))
    cursor.end()
    return entries


def _contribution(cursor: Cursor, g1: int, g2: int) -> PowersContribution:
    return PowersContribution(
        tau_g1=bytes(cursor.take(g1, "tau in G1")),
        tau_g2=bytes(cursor.take(g2, "tau in G2")),
        alpha_g1=bytes(cursor.take(g1, "alpha in G1")),
        beta_g1=bytes(cursor.take(g1, "beta in G1")),
        beta_g2=bytes(cursor.take(g2, "beta in G2")),
        public_key=bytes(cursor.take(6 * g1 + 3 * g2, "the public key")),
        partial_hash=bytes(cursor.take(PARTIAL_HASH_BYTES, "the partial hash")),
        next_challenge=bytes(cursor.take(HASH_BYTES, "the next challenge")),
        maker=read_maker(cursor),
    )


def append_powers_contribution(payload: Buffer, entry: PowersContribution) -> bytes:
    """A payload that was read, with one more entry: all others stay as they are, byte for byte.

    Raises:
        MalformedInput: the entry's name or beacon cannot be written.
    """
    view = memoryview(payload)
    count = int.from_bytes(view[:4], "little") + 1
    points = entry.tau_g1 + entry.tau_g2 + entry.alpha_g1 + entry.beta_g1 + entry.beta_g2
    record = points + entry.public_key + entry.partial_hash + entry.next_challenge + pack_maker(entry.maker)
    return b"".join((count.to_bytes(4, "little"), view[4:], record))
