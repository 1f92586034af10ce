"""EdDSA-Poseidon verification on the embedded curve, with every check that circomlib leaves to its caller.

    S·B8 = R8 + k·(8A),  k = P5(R8.x, R8.y, A.x, A.y, M)

Stated here: A and R8 are on the curve, 8A ≠ O, S < l, k is used as the canonical integer (k and k + r are different
multiples), and the equation is the cofactorless one.  8A of an on-curve A lies in the subgroup of prime order l, and
is excluded from being O because the map to Montgomery form has no image for it; (0, -1) is not in that subgroup.

The bounds on S and k are those of ``zkrelay.algebra.eddsa_bounds``; ``eddsa.verify`` there accepts exactly the same
signatures.
"""

from __future__ import annotations

from functools import lru_cache

from zkrelay.algebra.eddsa_bounds import LOW_BITS, ScalarBounds
from zkrelay.curves.embedded import EdwardsCurve
from zkrelay.r1cs import ConstraintApi, Expr

from .bits import to_bits_bounded
from .edwards import EdwardsPoint, assert_on_curve, assert_sum, double, embedded_curve
from .fixed_base import fixed_base_mul
from .poseidon import poseidon
from .variable_base import variable_base_mul


@lru_cache(maxsize=8)
def _bounds(curve: EdwardsCurve) -> ScalarBounds:
    return ScalarBounds(curve, LOW_BITS)


def assert_eddsa_poseidon(
    cs: ConstraintApi, public_key: EdwardsPoint, r8: EdwardsPoint, s: Expr, message: Expr
) -> None:
    """(r8, s) is a signature of ``message`` under ``public_key``: about 3,100 rows on Baby Jubjub."""
    curve = embedded_curve(cs.field)
    bounds = _bounds(curve)
    with cs.scope("eddsa"):
        assert_on_curve(cs, curve, public_key)
        assert_on_curve(cs, curve, r8)
        eight_a = double(cs, curve, double(cs, curve, double(cs, curve, public_key)))
        k = poseidon(cs, [r8.x, r8.y, public_key.x, public_key.y, message])
        k_bits = to_bits_bounded(
            cs, k, bounds.top_bit, bounds.low_bits, bounds.k_high_min, bounds.k_high_max, bounds.offset
        )
        product = variable_base_mul(cs, curve, eight_a, k_bits)
        s_bits = to_bits_bounded(cs, s, bounds.s_bits, bounds.low_bits, 0, bounds.s_high_max)
        left = fixed_base_mul(cs, curve, s_bits, curve.generator)
        assert_sum(cs, curve, r8, product, left)
