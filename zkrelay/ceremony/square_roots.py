"""Square roots in Fp and Fp2 = Fp[u]/(u² + 1) for p = 3 mod 4, of public values."""

from __future__ import annotations

from ..curves import PairingCurve, PrimeField

Fp2 = tuple[int, int]


def fp_square_root(value: int, fp: PrimeField) -> int | None:
    """Some root, or None."""
    root = pow(value, (fp.modulus + 1) // 4, fp.modulus)
    return root if root * root % fp.modulus == value else None


def fp2_square_root(value: Fp2, curve: PairingCurve) -> Fp2 | None:
    """Some root, or None: with n = √(a² + b²), a root of a + bu is x + (b/2x)u for x² = (a ± n)/2."""
    fp, (a, b) = curve.fp, value
    p = fp.modulus
    if b == 0:
        root = fp_square_root(a, fp)
        if root is not None:
            return root, 0
        root = fp_square_root(-a % p, fp)  # -1 is no square, so one of a and -a is
        return None if root is None else (0, root)
    norm = fp_square_root((a * a + b * b) % p, fp)
    if norm is None:
        return None
    half = (p + 1) // 2
    for candidate in ((a + norm) * half % p, (a - norm) * half % p):
        x = fp_square_root(candidate, fp)
        if x:
            return x, b * half * pow(x, -1, p) % p
    return None


def is_negative(fp: PrimeField, *coefficients: int) -> bool:
    """Above (p - 1)/2, told by the last coefficient that is not zero."""
    last = next((c for c in reversed(coefficients) if c), 0)
    return last > (fp.modulus - 1) // 2
