"""Numbers only: fields and curves as parameters.  Everything derivable is derived and asserted."""

from __future__ import annotations

from . import bls12_381, bn254
from .fields import PrimeField

FIELDS: dict[str, PrimeField] = {field.name: field for field in (bn254.FR, bn254.FP, bls12_381.FR)}


def field_of_modulus(modulus: int) -> PrimeField:
    """The named field with this modulus, or an anonymous one (``prime_<p>``) for a tiny test prime."""
    for field in FIELDS.values():
        if field.modulus == modulus:
            return field
    return PrimeField(f"prime_{modulus}", modulus)


__all__ = ["FIELDS", "PrimeField", "bls12_381", "bn254", "field_of_modulus"]
