"""Powers of a τ that the test knows, by fixed-base products: prepared files of any size at once, and no ceremony."""

from __future__ import annotations

from pathlib import Path

from zkrelay.algebra.domain import Domain
from zkrelay.algebra.points import g1_generator, g2_generator
from zkrelay.curves import CURVES, PairingCurve
from zkrelay.formats.ptau import (
    ALPHA_TAU_G1,
    BETA_G2,
    BETA_TAU_G1,
    G2_SECTIONS,
    LAGRANGE_OF,
    TAU_G1,
    TAU_G2,
    count_of,
)
from zkrelay.formats.ptau_writer import NO_POWERS_CONTRIBUTIONS, write_powers
from zkrelay.kernel import current

TAU, ALPHA, BETA = 0x1234567890ABCDEF, 0xFEDCBA0987654321, 0x1357924680ACE


def write_known_powers(path: Path, curve: str, power: int) -> None:
    shape = CURVES[curve]
    factors = {TAU_G1: 1, TAU_G2: 1, ALPHA_TAU_G1: ALPHA, BETA_TAU_G1: BETA}
    points = {BETA_G2: [_points(shape, BETA_G2, shape.fr.to_bytes(BETA))]}
    for section, factor in factors.items():
        powers = _scaled(shape, Domain(shape.fr, power + 1).powers_of(TAU), factor)
        points[section] = [_points(shape, section, powers[: 32 * count_of(section, power)])]
        domains = range(power + (2 if section == TAU_G1 else 1))
        # of the largest domain the file has no last power: what it cannot hold is left out of the basis, too
        bases = [_lagrange(shape, log, complete=log <= power) for log in domains]
        scalars = b"".join(_scaled(shape, basis, factor) for basis in bases)
        points[LAGRANGE_OF[section]] = [_points(shape, LAGRANGE_OF[section], scalars)]
    write_powers(path, shape, power, points, NO_POWERS_CONTRIBUTIONS)


def _lagrange(shape: PairingCurve, log: int, *, complete: bool) -> bytes:
    domain = Domain(shape.fr, log)
    powers = domain.powers_of(TAU)
    if not complete:
        powers = powers[:-32] + bytes(32)
    return current().ntt(shape.fr.name, powers, inverse=True)


def _scaled(shape: PairingCurve, montgomery: bytes, factor: int) -> bytes:
    kernel, fr = current(), shape.fr
    by = kernel.to_montgomery(fr.name, fr.to_bytes(factor))
    return kernel.from_montgomery(fr.name, kernel.vec_scale(fr.name, montgomery, by))


def _points(shape: PairingCurve, section: int, scalars: bytes) -> bytes:
    if section in G2_SECTIONS:
        return current().g2_fixed_base(shape.name, g2_generator(shape.name), scalars)
    return current().g1_fixed_base(shape.name, g1_generator(shape.name), scalars)
