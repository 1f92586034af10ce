"""Facts about points of the embedded curve: "these two forms are [m]·base, lo <= |m| <= hi".

The incomplete Montgomery addition leaves its slope free when it is given equal points.  No algebra over the wires alone
shows that it is not: that m·H ≠ ±n·H follows from m ≢ ±n modulo the order of H.  So the auditor keeps the multiple that
a point is, as an interval of |m|, through doublings, additions, tables and conversions (``curve_rules``), and accepts
an addition when the intervals are disjoint and their sum stays below the order.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...curves.embedded import EMBEDDED, EdwardsCurve, Point
from ..system import Form
from .state import State

MAX_WINDOW_BITS = 4
SMALL = 8  # multiples of a table's unit that are recognised


@dataclass(frozen=True)
class PointFact:
    """``shape`` e (Edwards) or m (Montgomery); ``base`` None when only "on the curve" is known."""

    number: int
    shape: str
    x: Form
    y: Form
    base: int | None
    lo: int
    hi: int
    positive: bool = False  # m itself, not only |m|, is in [lo, hi]


def _key(shape: str, x: Form, y: Form) -> tuple[str, frozenset[tuple[int, int]], frozenset[tuple[int, int]]]:
    return shape, frozenset(x.items()), frozenset(y.items())


class Points:
    """All facts about points in one audit; no fact is made inside a case split."""

    def __init__(self, state: State) -> None:
        name = next((f for f, c in EMBEDDED.items() if c.field.modulus == state.p), "")
        self.curve: EdwardsCurve | None = EMBEDDED.get(name)
        self.state = state
        self.facts: list[PointFact] = []
        self.orders: list[bool] = []  # symbol -> whether its order is the curve's prime
        self.table_symbols: dict[Point, int] = {}
        self._by_forms: dict[object, PointFact] = {}
        self.by_wire: dict[tuple[str, str, int], list[PointFact]] = {}  # (shape, x or y, its only wire)
        self._units: list[tuple[Point, int, Point]] = []  # base, m, [m]base of the last table of each multiplication

    # -- facts --------------------------------------------------------------------------------------------------------

    def symbol(self, has_prime_order: bool) -> int:
        self.orders.append(has_prime_order)
        return len(self.orders) - 1

    def add(
        self, line: str, shape: str, x: Form, y: Form, base: int | None, lo: int, hi: int, positive: bool
    ) -> PointFact:
        """Log ``line`` and keep the fact that it shows."""
        if not self.facts:
            assert self.curve is not None
            self.state.note(f"P curve {self.curve.montgomery_scale}")
        self.state.note(line)
        fact = PointFact(len(self.facts), shape, x, y, base, lo, hi, positive)
        self.facts.append(fact)
        self._by_forms.setdefault(_key(shape, x, y), fact)
        for name, form in (("x", x), ("y", y)):
            if len(form) == 1 and next(iter(form.values())) == 1:
                self.by_wire.setdefault((shape, name, next(iter(form))), []).append(fact)
        return fact

    def find(self, shape: str, x: Form, y: Form) -> PointFact | None:
        return self._by_forms.get(_key(shape, x, y))

    # -- multiples of known points ------------------------------------------------------------------------------------

    def multiples(self, points: list[Point]) -> tuple[Point, list[int]] | None:
        """A base of prime order and integers m with points[i] = [m_i]·base; None when no small relation is seen.

        Windows of one multiplication have tables whose units are each a power of two times the one before; several
        multiplications may be interleaved.
        """
        assert self.curve is not None
        for number, (base, last, unit) in enumerate(self._units):
            candidate = unit
            for power in range(MAX_WINDOW_BITS + 1):
                found = self._small_multiples(points, candidate) if self._meets(points, candidate) else None
                if found is not None:
                    self._units[number] = (base, last << power, candidate)
                    return base, [m * (last << power) for m in found]
                candidate = self.curve.add_vartime(candidate, candidate)
        if len(points) == 1:
            return self._far_multiple(points[0])
        for base in points:
            found = self._small_multiples(points, base)
            if found is not None and self._has_prime_order(base):
                self._units.insert(0, (base, 1, base))
                return base, found
        return None

    def _meets(self, points: list[Point], candidate: Point) -> bool:
        opposite = (-candidate[0] % self.state.p, candidate[1])
        return any(point in (candidate, opposite) for point in points)

    def _far_multiple(self, point: Point) -> tuple[Point, list[int]] | None:
        """±2^k times a unit, for one constant: as far up as the group goes."""
        assert self.curve is not None
        for base, last, unit in self._units:
            candidate = unit
            for power in range(2 * self.curve.order.bit_length()):
                if self._meets([point], candidate):
                    return base, [(last if point == candidate else -last) << power]
                candidate = self.curve.add_vartime(candidate, candidate)
        return None

    def _small_multiples(self, points: list[Point], unit: Point) -> list[int] | None:
        assert self.curve is not None
        p = self.curve.field.modulus
        wanted = set(points)
        known: dict[Point, int] = {}
        multiple = unit
        for m in range(1, SMALL + 1):
            known[multiple] = m
            known[(-multiple[0] % p, multiple[1])] = -m
            if wanted <= known.keys():
                return [known[point] for point in points]
            multiple = self.curve.add_vartime(multiple, unit)
        return None

    def _has_prime_order(self, point: Point) -> bool:
        assert self.curve is not None
        identity = (0, 1)
        return point != identity and self.curve.mul_vartime(self.curve.order, point) == identity
