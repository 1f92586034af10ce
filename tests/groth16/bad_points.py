"""Points that a verifier must refuse, made from the curve equations over Python integers."""

from __future__ import annotations

import functools

from zkrelay.curves import PairingCurve
from zkrelay.kernel.reference_groups import groups

from ..kernel.curve_samples import CurveSamples


@functools.cache
def _samples(curve: PairingCurve) -> CurveSamples:
    return CurveSamples(curve)


def g2_outside_subgroup(curve: PairingCurve) -> bytes:
    """A point of the twist outside the subgroup of order r, as nearly all are: the cofactor is large."""
    point, g2 = _samples(curve).twist_point(), groups(curve.name).g2
    assert g2.is_on_curve(point)
    assert g2.to_affine(g2.mul(curve.fr.modulus, point)) is not None
    return g2.pack([point])


def small_order_g2(curve: PairingCurve) -> bytes:
    """r·Q for Q outside the subgroup: its order divides the cofactor, the classic small-subgroup point."""
    g2 = groups(curve.name).g2
    return g2.pack([g2.to_affine(g2.mul(curve.fr.modulus, _samples(curve).twist_point()))])


def g1_outside_subgroup(curve: PairingCurve) -> bytes:
    """As ``g2_outside_subgroup``, for a curve whose G1 has a cofactor."""
    point, g1 = _samples(curve).g1_curve_point(), groups(curve.name).g1
    assert g1.is_on_curve(point)
    assert g1.to_affine(g1.mul(curve.fr.modulus, point)) is not None
    return g1.pack([point])


def small_order_g1(curve: PairingCurve) -> bytes:
    """A point whose order is the smallest prime factor of G1's cofactor."""
    samples = _samples(curve)
    return samples.g1.pack([samples.g1_point_of_order(min(samples.g1_factors))])


def g1_off_curve(curve: PairingCurve) -> bytes:
    return groups(curve.name).g1.pack([(1, 3)])


def g2_off_curve(curve: PairingCurve) -> bytes:
    return groups(curve.name).g2.pack([((1, 2), (3, 4))])


def not_canonical(curve: PairingCurve, point: bytes, coordinate: int = 0) -> bytes:
    """The same point with one coordinate c written as c + p: it fits in the bytes, so only a range check can see it."""
    size = curve.fp.num_bytes
    at = size * coordinate
    value = int.from_bytes(point[at : at + size], "little") + curve.fp.modulus
    return point[:at] + value.to_bytes(size, "little") + point[at + size :]
