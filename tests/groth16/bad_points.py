"""Points that a verifier must refuse, made from the curve equations over Python integers."""

from __future__ import annotations

from zkrelay.algebra.encoding import pack_g1, pack_g2
from zkrelay.curves import bn254
from zkrelay.kernel.reference_groups import FP2, G2

P = bn254.FP.modulus


def _sqrt_fp(a: int) -> int | None:
    root = pow(a, (P + 1) // 4, P)  # p = 3 mod 4
    return root if root * root % P == a % P else None


def _sqrt_fp2(a: tuple[int, int]) -> tuple[int, int] | None:
    """Complex method: for a = c0 + c1·u with norm n², x = sqrt((c0 ± n)/2), y = c1/(2x)."""
    norm = _sqrt_fp(a[0] * a[0] + a[1] * a[1])
    if norm is None:
        return None
    for sign in (1, -1):
        x = _sqrt_fp((a[0] + sign * norm) * pow(2, -1, P))
        if x:
            root = (x, a[1] * pow(2 * x, -1, P) % P)
            if FP2.mul(root, root) == (a[0] % P, a[1] % P):
                return root
    return None


def g2_outside_subgroup() -> bytes:
    """A point of the twist outside the subgroup of order r, as nearly all are: the cofactor has 254 bits."""
    for x0 in range(1, 100):
        x = (x0, 1)
        y = _sqrt_fp2(FP2.add(FP2.mul(FP2.mul(x, x), x), bn254.TWIST_B))
        if y is not None and G2.to_affine(G2.mul(bn254.FR.modulus, (x, y))) is not None:
            assert G2.is_on_curve((x, y))
            return pack_g2([(x, y)])
    raise AssertionError("no point found")


def small_order_g2() -> bytes:
    """r·Q for Q outside the subgroup: its order divides the cofactor, the classic small-subgroup point."""
    outside = G2.unpack(g2_outside_subgroup())[0]
    return pack_g2([G2.to_affine(G2.mul(bn254.FR.modulus, outside))])


def g1_off_curve() -> bytes:
    return pack_g1([(1, 3)])


def g2_off_curve() -> bytes:
    return pack_g2([((1, 2), (3, 4))])


def not_canonical(point: bytes, coordinate: int = 0) -> bytes:
    """The same point with one coordinate c written as c + p: it fits in 256 bits, so only a range check can see it."""
    at = 32 * coordinate
    value = int.from_bytes(point[at : at + 32], "little") + P
    return point[:at] + value.to_bytes(32, "little") + point[at + 32 :]
