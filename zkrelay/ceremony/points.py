"""Vectors of points: negation, sums by column, and the inverse transform from powers of τ to Lagrange bases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..curves import CURVES, PairingCurve
from ..kernel import Buffer, current

Rows = npt.NDArray[np.uint8]
_ADDITIONS_A_THREAD = 1 << 12
"""Fewer take less time than to hand them over."""


@dataclass(frozen=True)
class PointGroup:
    """G1 or G2 of a curve, with the kernel's operations under one name for both."""

    curve: PairingCurve
    in_g2: bool

    @property
    def size(self) -> int:
        return self.curve.g2_bytes if self.in_g2 else self.curve.g1_bytes

    def rows(self, points: Buffer) -> Rows:
        """One point a row; a view."""
        return np.frombuffer(points, dtype=np.uint8).reshape(-1, self.size)

    def add(self, a: Buffer, b: Buffer, *, threads: int = 1) -> bytes:
        """a_i + b_i.  The kernel adds with one thread, and leaves Python's lock meanwhile: each takes a slice."""
        call = current().g2_add if self.in_g2 else current().g1_add
        share = max(-(-(len(a) // self.size) // threads), _ADDITIONS_A_THREAD) * self.size
        if share >= len(a) or len(a) != len(b):  # the kernel refuses what differs
            return call(self.curve.name, a, b)
        left, right = memoryview(a), memoryview(b)
        with ThreadPoolExecutor(threads) as pool:
            starts = range(0, len(a), share)
            sums = pool.map(lambda at: call(self.curve.name, left[at : at + share], right[at : at + share]), starts)
            return b"".join(sums)

    def negate(self, points: Buffer) -> bytes:
        out, half = self.rows(points).copy(), self.size // 2
        y = out[:, half:].tobytes()
        negated = current().vec_sub(self.curve.fp.name, bytes(len(y)), y)
        out[:, half:] = np.frombuffer(negated, dtype=np.uint8).reshape(-1, half)
        return bytes(out.tobytes())

    def products(self, scalars: Buffer, points: Buffer, *, threads: int = 1) -> bytes:
        call = current().g2_products if self.in_g2 else current().g1_products
        return call(self.curve.name, scalars, points, threads=threads)

    def msm(self, scalars: Buffer, points: Buffer, *, threads: int = 1) -> bytes:
        call = current().g2_msm if self.in_g2 else current().g1_msm
        return call(self.curve.name, scalars, points, threads=threads)

    def check(self, points: Buffer, *, allow_infinity: bool = False, threads: int = 1) -> None:
        """Membership of every point; raises ``NonCanonicalNumber`` or ``InvalidPoint``."""
        call = current().g2_check if self.in_g2 else current().g1_check
        call(self.curve.name, points, allow_infinity=allow_infinity, threads=threads)


def group_of(curve: str, *, in_g2: bool) -> PointGroup:
    return PointGroup(CURVES[curve], in_g2)


def sum_by_column(
    group: PointGroup, points: Buffer, columns: npt.NDArray[np.uint32], num_columns: int, *, threads: int = 1
) -> bytes:
    """out[j] = the sum of the points whose column is j; pairs of neighbours are added until each column has one."""
    order = np.argsort(columns, kind="stable")
    left, rows = columns[order], group.rows(points)[order]
    while True:
        starts = np.flatnonzero(np.concatenate(([True], left[1:] != left[:-1]))) if len(left) else left
        place = np.arange(len(left)) - np.repeat(starts, np.diff(np.append(starts, len(left))))
        keep = place % 2 == 0
        paired = np.flatnonzero(keep[:-1] & (left[1:] == left[:-1]))
        if not len(paired):
            break
        sums = group.add(rows[paired].tobytes(), rows[paired + 1].tobytes(), threads=threads)
        rows = rows.copy()
        rows[paired] = group.rows(sums)
        left, rows = left[keep], rows[keep]
    out = np.zeros((num_columns, group.size), dtype=np.uint8)
    out[left] = rows
    return out.tobytes()


def lagrange_basis(
    group: PointGroup, powers: Buffer, *, threads: int = 1, progress: Callable[[], None] | None = None
) -> bytes:
    """[L_i(τ)] for i < n from [τ^i]: the inverse transform over the group, natural order on both sides.

    Decimation in time ([CT65]): the points are taken in bit-reversed order, and each stage makes of every pair (a, b)
    the pair (a + w·b, a - w·b) for a power w of ω⁻¹; at the end, one product by 1/n.
    """
    fr, size, rows = group.curve.fr, group.size, group.rows(powers)
    n = len(rows)
    log = n.bit_length() - 1
    rows = rows[_reversed(log)].copy()
    for stage in range(log):
        half = 1 << stage
        root = fr.inverse(fr.omega(stage + 1))
        blocks = rows.reshape(-1, 2, half, size)
        low, high = blocks[:, 0].tobytes(), blocks[:, 1].tobytes()
        if half > 1:
            twiddles = _powers(fr.modulus, root, half, fr.num_bytes) * (n // (2 * half))
            high = group.products(twiddles, high, threads=threads)
        sums = group.rows(group.add(low, high, threads=threads)).reshape(-1, half, size)
        differences = group.rows(group.add(low, group.negate(high), threads=threads)).reshape(-1, half, size)
        rows = np.stack((sums, differences), axis=1).reshape(n, size)
        if progress is not None:
            progress()
    inverse = fr.to_bytes(fr.inverse(n)) * n
    return group.products(inverse, rows.tobytes(), threads=threads) if n > 1 else rows.tobytes()


def _reversed(log: int) -> npt.NDArray[np.int64]:
    out = np.zeros(1, dtype=np.int64)
    for _ in range(log):
        out = np.concatenate((2 * out, 2 * out + 1))
    return out


def _powers(modulus: int, root: int, count: int, size: int) -> bytes:
    power, out = 1, bytearray()
    for _ in range(count):
        out += power.to_bytes(size, "little")
        power = power * root % modulus
    return bytes(out)
