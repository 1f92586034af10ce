"""The work of a contribution to powers of tau: point i of each section times the section's secret and τ^i."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

from ..algebra.domain import Domain
from ..curves import PairingCurve
from ..formats.ptau import ALPHA_TAU_G1, BETA_G2, BETA_TAU_G1, G2_SECTIONS, POWERS_SECTIONS, PowersOfTau, count_of
from ..groth16.setup import Progress
from ..kernel import Buffer, current
from .checkpoint import Checkpoint
from .knowledge import Secret, wipe
from .points import PointGroup, group_of
from .powers_key import PowersSecrets
from .transcript import compressed

CHUNK_BYTES = 1 << 20


def chunks(ptau: PowersOfTau) -> Iterator[tuple[memoryview, bool]]:
    """(points, in_g2) of all powers in the order of the file."""
    for section in POWERS_SECTIONS:
        count, step = count_of(section, ptau.power), CHUNK_BYTES // ptau.point_bytes(section)
        for start in range(0, count, step):
            yield ptau.slice(section, start, min(start + step, count)), section in G2_SECTIONS


def multiply(
    curve: PairingCurve,
    power: int,
    points_of: Callable[[int, int, int], Buffer],
    secrets: PowersSecrets,
    take: Callable[[int, bytes, bytes], None],
    threads: int,
    progress: Progress | None,
    pieces: Checkpoint | None = None,
) -> None:
    """All sections in the order of the file, chunk by chunk.

    Args:
        points_of: points [start, stop) of a section, as they lie in files; they are checked here.
        take: is given the section, the products as points of a file, and the same compressed.
        pieces: keeps the products; for secrets that everybody may know.

    Raises:
        NonCanonicalNumber, InvalidPoint: a point is malformed or outside its group.
    """
    factors = {ALPHA_TAU_G1: secrets.alpha, BETA_TAU_G1: secrets.beta, BETA_G2: secrets.beta}
    total, done = sum(count_of(section, power) for section in POWERS_SECTIONS), 0
    for section in POWERS_SECTIONS:
        group = group_of(curve.name, in_g2=section in G2_SECTIONS)
        count, step = count_of(section, power), CHUNK_BYTES // group.size
        for start in range(0, count, step):
            if progress is not None:
                progress("multiply", done, total)
            stop = min(start + step, count)
            points = points_of(section, start, stop)
            group.check(points, threads=threads)
            make = functools.partial(_products, group, points, secrets.tau, factors.get(section), start, threads)
            made = make() if pieces is None else pieces.piece(len(points), make)
            take(section, made, compressed(curve, made, in_g2=group.in_g2))
            done += stop - start
    if progress is not None:
        progress("multiply", total, total)


def _products(group: PointGroup, points: Buffer, tau: Secret, factor: Secret | None, start: int, threads: int) -> bytes:
    scalars = _scalars(group.curve, tau, factor, start, len(points) // group.size)
    try:
        return group.products(scalars, points, threads=threads)
    finally:
        wipe(scalars)


def _scalars(curve: PairingCurve, tau: Secret, factor: Secret | None, start: int, count: int) -> bytearray:
    """factor·τ^i for start <= i < start + count, canonical."""
    fr, kernel = curve.fr, current()
    first = pow(tau.value, start, fr.modulus) * (1 if factor is None else factor.value) % fr.modulus
    domain = Domain.at_least(fr, count)
    powers = domain.powers_of(tau.value)[: count * fr.num_bytes]
    montgomery = fr.to_bytes(first * fr.montgomery_r % fr.modulus)
    return bytearray(kernel.from_montgomery(fr.name, kernel.vec_scale(fr.name, powers, montgomery)))
