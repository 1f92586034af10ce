"""The start of phase 1: powers of τ = α = β = 1, and the challenge that the first contribution answers."""

from __future__ import annotations

import hashlib
import os
from functools import cache

from ..algebra.points import g1_generator, g2_generator
from ..curves import CURVES, PairingCurve
from ..errors import MalformedInput
from ..formats.ptau import G2_SECTIONS, MAX_POWER, POWERS_SECTIONS, PowersOfTau, count_of
from ..formats.ptau_writer import NO_POWERS_CONTRIBUTIONS, write_powers
from .transcript import HASH_BYTES, blake2b, uncompressed

_POINTS_AT_ONCE = 1 << 14


def new_powers(path: str | os.PathLike[str], curve: str, power: int, *, overwrite: bool = False) -> bytes:
    """Write the first file of a ceremony for circuits of up to 2^power rows; returns the first challenge's hash.

    Raises:
        MalformedInput: a power outside 1 to 27.
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    if not 1 <= power <= MAX_POWER:
        raise MalformedInput(f"powers of tau exist for 2^1 to 2^{MAX_POWER}, not 2^{power}")
    shape = CURVES[curve]
    points = {
        section: map(_generator(shape, section).__mul__, _pieces(count_of(section, power)))
        for section in POWERS_SECTIONS
    }
    write_powers(path, shape, power, points, NO_POWERS_CONTRIBUTIONS, overwrite=overwrite)
    return first_challenge(curve, power)


@cache
def first_challenge(curve: str, power: int) -> bytes:
    """BLAKE2b-512 of the hash of nothing and all points of the first file, uncompressed."""
    shape = CURVES[curve]
    digest = hashlib.blake2b(blake2b(), digest_size=HASH_BYTES)
    for section in POWERS_SECTIONS:
        point = uncompressed(shape, _generator(shape, section), in_g2=section in G2_SECTIONS)
        for count in _pieces(count_of(section, power)):
            digest.update(point * count)
    return digest.digest()


def challenge_of(ptau: PowersOfTau) -> bytes:
    """What the next contribution to a file answers."""
    if ptau.contributions:
        return ptau.contributions[-1].next_challenge
    return first_challenge(ptau.curve.name, ptau.ceremony_power)


def _generator(curve: PairingCurve, section: int) -> bytes:
    return g2_generator(curve.name) if section in G2_SECTIONS else g1_generator(curve.name)


def _pieces(count: int) -> list[int]:
    whole, rest = divmod(count, _POINTS_AT_ONCE)
    return [_POINTS_AT_ONCE] * whole + ([rest] if rest else [])
