"""BLS12-381: only the scalar field so far; circuits compile over it and the kernel evaluates them.

r = x^4 - x^2 + 1 with x = -0xd201000000010000 ([BLS12-381], draft-irtf-cfrg-pairing-friendly-curves).
The groups and the pairing are not built yet.
"""

from __future__ import annotations

from .fields import PrimeField

SEED = -0xD201000000010000

FR = PrimeField("bls12_381_fr", SEED**4 - SEED**2 + 1)

assert FR.modulus == 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
