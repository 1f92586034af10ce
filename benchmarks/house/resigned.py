"""Signatures for mutants: whoever knows the keys signs what a mutated circuit takes for the message, or the multiple.

A circuit that lost a row is deceived by an assignment in which the signature still fits.  Upstream of a signature that
takes the key: S = n + 8·sk·K for the multiple K that the circuit now computes.  Inside the ladder of K·(8A) a wrong but
geometric value (the slope through -P) gives another multiple of the same point, known as well.  Inside the ladder of
S·B8 bits are chosen so that the row that is missing makes up for them.  What comes out is checked by the judge, row by
row; a wrong guess here costs time and nothing else.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from zkrelay.algebra import eddsa
from zkrelay.algebra.eddsa_bounds import BABY_JUBJUB_BOUNDS as BOUNDS
from zkrelay.audit.mutation.mutate import Mutant
from zkrelay.audit.search.rows_index import quadratic_roots
from zkrelay.audit.system import Row, System
from zkrelay.curves.embedded import BABY_JUBJUB as CURVE
from zkrelay.curves.embedded import Point

P, ORDER = CURVE.field.modulus, CURVE.order
HALF = CURVE.mul_vartime((ORDER + 1) // 2, CURVE.generator)  # the unit of signed digits
K_BITS, S_BITS = BOUNDS.top_bit, BOUNDS.s_bits
WINDOWS = (S_BITS - 1) // 2
STEPS = ORDER.bit_length() - 3  # incomplete ones
NONCES = range(1, 200)
CHAINS = 16  # signatures tried for a comparison
Changes = dict[int, int]
Signed = tuple[Changes, int]


@dataclass(frozen=True)
class Key:
    """Of one session: the secret scalar, and the message that its honest receipt signs."""

    secret: int
    message: int


class Site:
    """Where a circuit checks one signature: wires by their names, below ``scope``."""

    def __init__(self, system: System, wires: Mapping[str, int], scope: str, index: str) -> None:
        self.scope = f"{scope}c6.eddsa."
        self.ax, self.ay, self.r8x, self.r8y, self.s = (wires[name + index] for name in ("ax", "ay", "r8x", "r8y", "s"))
        self.k_bits = [wires[f"{self.scope}bits.{i}"] for i in range(1, K_BITS)]
        self.s_bits = [wires[f"{self.scope}bits[1].{i}"] for i in range(1, S_BITS)]
        self.low_bit = next(
            row for row in system.rows if len(row.a) > K_BITS - 2 and self.k_bits[-1] in row.a and not row.linear
        )
        ends = re.compile(re.escape(self.scope) + r"variable_base\.add.*\.([xy])(\[\d+\])?$")
        found = {match[1]: wire for name, wire in wires.items() if (match := ends.match(name))}  # the last of each
        self.product = found["x"], found["y"]

    def public(self, z: Sequence[int]) -> Point:
        return z[self.ax], z[self.ay]

    def challenge(self, z: Sequence[int]) -> int | None:
        """K, or None when a bit of it is none."""
        bits = [sum(k * z[wire] for wire, k in self.low_bit.a.items()) % P, *(z[wire] for wire in self.k_bits)]
        return (1 << K_BITS) + sum(bit << i for i, bit in enumerate(bits)) if max(bits) < 2 else None


class Signer:
    """A ``Remaker`` for circuits that check signatures; ``keys`` by public key."""

    def __init__(self, system: System, keys: Mapping[Point, Key]) -> None:
        wires = {system.name(wire): wire for wire in system.signals}
        slots = sorted(int(name[3:-1]) for name in wires if re.fullmatch(r"ax\[\d+\]", name))
        places = [(f"slot[{i}].", f"[{i}]") for i in slots] or [("", "")]
        self.system, self.keys = system, keys
        self.sites = [Site(system, wires, scope, index) for scope, index in places]
        self.computed = [wires["root"]]
        self.held = [wire for site in self.sites for wire in (site.ax, site.ay, site.r8x, site.r8y, site.s)]

    def further(self, mutant: Mutant, honest: Sequence[int], found: Sequence[int]) -> Iterator[Changes]:
        """See ``Remaker``."""
        row = self.system.rows[mutant.row]
        names = {self.system.name(wire): wire for wire in row.wires()}
        last = self.system.name(max(row.wires()))
        for site in self.sites:
            if last.startswith(site.scope + "fixed_base.") or any(n.startswith(site.scope + "bits[1].") for n in names):
                yield from self._base(site, row, last.removeprefix(site.scope), honest)
                return
        moved = [site for site in self.sites if any(found[w] != honest[w] for w in (*site.k_bits, *site.product))]
        signed = {site.s: s for site in moved if (s := self._signed(site, honest, found, 0)) is not None}
        if len(signed) < len(moved):
            return
        yield signed
        for site in self.sites:
            part = last.removeprefix(site.scope)
            if part.startswith("matched") and row.c:
                yield from self._matched(site, max(row.wires()), honest)
            elif part.startswith("double"):  # K times the negative of the point
                k = site.challenge(found)
                s = None if k is None else self._signed(site, honest, found, -2 * k)
                if s is not None:
                    yield {site.s: s}
            elif part.startswith("sum."):
                yield {site.s: ORDER - honest[site.s]}
            elif last.startswith(site.scope + "variable_base."):
                yield from self._ladder(site, part, honest, found)

    def _signed(self, site: Site, honest: Sequence[int], found: Sequence[int], more: int) -> int | None:
        """S for the multiple that the bits of ``found`` say, and ``more`` of it."""
        key, before, now = self.keys.get(site.public(honest)), site.challenge(honest), site.challenge(found)
        if key is None or before is None or now is None:
            return None
        return (honest[site.s] + 8 * key.secret * (now + more - before)) % ORDER

    def _ladder(self, site: Site, part: str, honest: Sequence[int], found: Sequence[int]) -> Iterator[Changes]:
        """The product is another multiple of 8A: which, the step that lost its row tells, up to a few possibilities."""
        product, k = (found[site.product[0]], found[site.product[1]]), site.challenge(found)
        if k is None or not CURVE.is_on_curve(product):
            return
        eight = CURVE.mul_vartime(8, site.public(honest))
        for more in dict.fromkeys(_other_multiples(k, _steps(part))):
            if more and CURVE.mul_vartime((k + more) % ORDER, eight) == product:
                s = self._signed(site, honest, found, more)
                if s is not None:
                    yield {site.s: s}

    # -- the ladder of S·B8 -------------------------------------------------------------------------------------------

    def _base(self, site: Site, row: Row, part: str, honest: Sequence[int]) -> Iterator[Changes]:
        s, own = honest[site.s], max(row.wires())
        match = re.fullmatch(r"fixed_base\.(both|add)(?:\[(\d+)\])?(?:\.(slope|u|v))?", part)
        window = int(match[2] or 0) + (match[1] == "add") if match else 0
        if part == "fixed_base.x":
            yield {site.s: s ^ (4**WINDOWS - 1)}
        elif not match:
            yield from self._free_bit(site, row, honest)
        elif match[3] == "slope":
            yield {site.s: s ^ 3 << 2 * window}
        elif match[3] == "v":
            yield {site.s: s ^ (4 ** (window + 1) - 1)}
        elif match[3] == "u":
            yield from self._negated_sum(site, window, own, honest)
        elif match[1] == "both" and window < WINDOWS:
            yield from self._strange_point(site, window, own, honest)

    def _nonces(self, site: Site, honest: Sequence[int], offset: Point = eddsa.IDENTITY) -> Iterator[Signed]:
        """R8 = n·B8 + offset for small n, and n + 8·sk·k for the challenge that belongs to it."""
        key = self.keys.get(site.public(honest))
        for nonce in NONCES if key is not None else ():
            assert key is not None
            r8 = CURVE.add_vartime(CURVE.mul_vartime(nonce, CURVE.generator), offset)
            k = eddsa.challenge(r8, site.public(honest), key.message)
            if BOUNDS.accepts_k(k) and k + BOUNDS.offset < P:
                yield {site.r8x: r8[0], site.r8y: r8[1]}, (nonce + 8 * key.secret * k) % ORDER

    def _matched(self, site: Site, own: int, honest: Sequence[int]) -> Iterator[Changes]:
        """A chain of a comparison that goes on when it should have ended: fine where the bits that follow are small."""
        for changes, s in itertools.islice(self._nonces(site, honest), CHAINS):
            yield {**changes, site.s: s, own: 1}

    def _negated_sum(self, site: Site, window: int, own: int, honest: Sequence[int]) -> Iterator[Changes]:
        """With u free: minus what the lower windows add up to is what all of them should, this one included."""
        size = 4 ** (window + 1)
        for changes, s in self._nonces(site, honest):
            low = 2 * (s % size) - (size - 1)
            if abs(low) < size // 4 and BOUNDS.accepts_s(s):
                lower = (-low + size // 4 - 1) // 2
                u, _ = _montgomery(low)
                yield {**changes, own: u, site.s: s - s % (size // 4) + lower}
                return

    def _free_bit(self, site: Site, row: Row, honest: Sequence[int]) -> Iterator[Changes]:
        """A bit that need not be one: the third point on the line through the two that it chooses between."""
        bits = [wire for wire in row.wires() if wire in site.s_bits]
        if len(row.wires()) > 1 and len(bits) <= 1 and row.c:
            yield from self._matched(site, max(row.wires()), honest)
            return
        place = 1 + site.s_bits.index(bits[0]) if len(bits) == 1 else 0
        window, high = divmod(place, 2)
        if window >= WINDOWS:
            return
        for other in (0, 1):
            first, second = _digits(high, other)
            third = -(first + second)
            (u0, _), (u1, _), (u2, _) = (_montgomery(digit * 4**window) for digit in (first, second, third))
            free = (u2 - u0) * pow(u1 - u0, -1, P) % P
            pair = (other, free) if high else (free, other)
            found = next(self._around(site, window, third, pair, honest, eddsa.IDENTITY), None)
            if found is not None:
                yield found

    def _strange_point(self, site: Site, window: int, own: int, honest: Sequence[int]) -> Iterator[Changes]:
        """With the product of two bits free, u is free and v is not: another point of that v, which R8 takes off."""
        unit = 4**window
        (u1, _), (u3, _) = _montgomery(unit), _montgomery(3 * unit)
        for low, high in ((0, 0), (1, 0), (0, 1), (1, 1)):
            u0, v0 = _montgomery((2 * low - 1 + 2 * (2 * high - 1)) * unit)
            linear = (CURVE.montgomery_a + u0) % P
            for u in quadratic_roots(1, linear, (1 + u0 * linear) % P, CURVE.field):
                point = _edwards(u, v0)
                if u == u0 or not CURVE.is_on_curve(point):
                    continue
                both = (low * high + (u - u0) * pow(2 * (u3 - u1), -1, P)) % P
                for changes in self._around(site, window, 0, (low, high), honest, point):
                    yield {**changes, own: both}
                    break

    def _around(
        self, site: Site, window: int, digit: int, pair: tuple[int, int], honest: Sequence[int], offset: Point
    ) -> Iterator[Changes]:
        """All bits of S, with ``pair`` in a window that then adds ``digit``·4^window: the others add up to the rest."""
        unit, size = 4**window, 4 ** (window + 1)
        above = S_BITS - 2 * (window + 1)
        for changes, s in self._nonces(site, honest, offset):
            rest = 2 * s - ((1 << S_BITS) - 1) - digit * unit
            low = (rest - size) % (2 * size)
            low -= 2 * size if low > size else 0
            if abs(low) >= unit or (window and not low % 2) or (not window and low):
                continue
            high = (rest - low) // size + (1 << above) - 1 >> 1
            if not 0 <= high < 1 << above or not BOUNDS.accepts_s(high * size):
                continue
            value = (low + unit - 1) // 2 + high * size
            bits = [value >> i & 1 for i in range(S_BITS)]
            bits[2 * window : 2 * window + 2] = pair
            given = dict(zip(site.s_bits, bits[1:], strict=True))
            yield {**changes, **given, site.s: sum(bit << i for i, bit in enumerate(bits)) % P}


def _steps(part: str) -> Sequence[int]:
    """The steps of the ladder that a row may belong to, by the name of its wire; -1 is what comes before the first."""
    match = re.search(r"(?:step|signed)(?:\[(\d+)\])?", part)
    if match and int(match[1] or 0) < STEPS:
        return [int(match[1] or 0)]
    if match or re.search(r"(?:double|add)\[\d+\]", part):
        return range(STEPS, K_BITS - 1)  # complete additions, whose names do not say which
    return [STEPS - 1] if re.fullmatch(r"variable_base\.[xy]", part) else [-1]


def _other_multiples(k: int, steps: Sequence[int]) -> Iterator[int]:
    """What is added to the multiple k when one of ``steps`` ends at a multiple near 0, m or 2m instead of 2m ± 1."""
    before, after = 3, 3
    for step in range(-1, max(steps) + 1):
        if step >= 0:
            before, after = after, 2 * after + 2 * (k >> (K_BITS - 1 - step) & 1) - 1
        if step in steps:
            near = [times * before + one for times in (0, 1, 2) for one in (-1, 0, 1)] + [after, 2]
            yield from (sign * other - after << K_BITS - 2 - step for other in near for sign in (1, -1))
    yield -2 * k


def _digits(high: int, other: int) -> tuple[int, int]:
    """The digits that a free bit, the high or the low one, chooses between, by the other bit of its window."""
    return ((-3, 1), (-1, 3))[other] if high else ((-3, -1), (1, 3))[other]


def _montgomery(multiple: int) -> Point:
    """multiple·(B8/2) in Montgomery form."""
    x, y = CURVE.mul_vartime(multiple % ORDER, HALF)
    u = (1 + y) * pow(1 - y, -1, P) % P
    return u, CURVE.montgomery_scale * u * pow(x, -1, P) % P


def _edwards(u: int, v: int) -> Point:
    return CURVE.montgomery_scale * u * pow(v, -1, P) % P, (u - 1) * pow(u + 1, -1, P) % P
