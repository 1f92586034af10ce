"""Numbers only: fields and curves as parameters.  Everything derivable is derived and asserted."""

from __future__ import annotations

from . import bls12_381, bn254
from .fields import PrimeField
from .pairing_curve import PairingCurve

CURVES: dict[str, PairingCurve] = {curve.name: curve for curve in (bn254.CURVE, bls12_381.CURVE)}
FIELDS: dict[str, PrimeField] = {field.name: field for curve in CURVES.values() for field in (curve.fr, curve.fp)}


def field_of_modulus(modulus: int) -> PrimeField:
    """The named field with this modulus, or an anonymous one (``prime_<p>``) for a tiny test prime."""
    for field in FIELDS.values():
        if field.modulus == modulus:
            return field
    return PrimeField(f"prime_{modulus}", modulus)


def curve_of(scalar_field: PrimeField) -> PairingCurve | None:
    """The pairing-friendly curve whose groups have this order, or None."""
    return next((curve for curve in CURVES.values() if curve.fr == scalar_field), None)


__all__ = ["CURVES", "FIELDS", "PairingCurve", "PrimeField", "bls12_381", "bn254", "curve_of", "field_of_modulus"]
