"""Rules ``P``: points of the curve that is embedded in the field.

    E: a·x² + y² = 1 + d·x²·y²        a a square, d not; #E = 8·l, l prime
    M: v² = u³ + A·u² + u             A = 2(a+d)/(a-d), u = (1+y)/(1-y), v = s·u/x, s² = B = 4/(a-d)

A *fact* says: in every satisfying assignment (X, Y) is a point of E (shape e) or an affine point of M (shape m), and
equals [m]·base for an integer m with low <= |m| <= high (``positive``: low <= m <= high).  A base is a symbol, a point
that may depend on the assignment; the base None promises nothing but the curve.

What all lemmas stand on.  Addition on E is complete [BBJLP08]: its denominators 1 ± d·x₁x₂y₁y₂ never vanish on points
of E.  E has one point of order 2, (0, -1), since d is no square.  M's affine points with v != 0 are those of E but
(0, ±1), and [m]P with P of order l is affine with v != 0 unless l divides m; u = -1 does not occur, since A - 2 = d·B
is no square [BL17].  So an affine point of M that is a multiple of a base of order l has v != 0, whatever the multiple.
Two points of M have the same u only if they are equal or opposite, and where they are opposite slope·0 = 2v has no
solution.  So where a row reads den·new = num, den is not zero, and what is new is a function of the operands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .polynomials import Polynomial, Substitutions, apply, of_form, of_row, read_substitutions, settled
from .reader import Form
from .state import State, need, number, take

Point = tuple[int, int]


@dataclass(frozen=True)
class Curve:
    """E over the field of p elements; ``order`` is l."""

    p: int
    a: int
    d: int
    order: int

    def add(self, left: Point, right: Point) -> Point:
        """The complete law, with one inversion."""
        (x1, y1), (x2, y2), p = left, right, self.p
        k = self.d * x1 * x2 * y1 * y2 % p
        inverse = pow(1 - k * k, -1, p)
        return (x1 * y2 + y1 * x2) * (1 - k) * inverse % p, (y1 * y2 - self.a * x1 * x2) * (1 + k) * inverse % p

    def contains(self, point: Point) -> bool:
        xx, yy = point[0] ** 2, point[1] ** 2
        return (self.a * xx + yy - 1 - self.d * xx * yy) % self.p == 0

    @property
    def montgomery(self) -> tuple[int, int]:
        """A and B."""
        inverse = pow(self.a - self.d, -1, self.p)
        return 2 * (self.a + self.d) * inverse % self.p, 4 * inverse % self.p


_BN254 = 21888242871839275222246405745257275088548364400416034343698204186575808495617
_BLS12_381 = 52435875175126190479447740508185965837690552500527637822603658699938581184513
CURVES = {
    curve.p: curve
    for curve in (
        # Baby Jubjub [EIP-2494] and Jubjub [Zcash]
        Curve(_BN254, 168700, 168696, 2736030358979909402780800718157159386076813972158567259200215660948447373041),
        Curve(
            _BLS12_381,
            -1,
            -10240 * pow(10241, -1, _BLS12_381),
            6554484396890773809930967563523245729705921265872317281365359162392183254199,
        ),
    )
}


@dataclass(frozen=True, eq=False)
class Symbol:
    """A base; ``exact`` when its order is l."""

    exact: bool


@dataclass(frozen=True)
class Fact:
    shape: str
    x: Form
    y: Form
    base: Symbol | None
    low: int
    high: int
    positive: bool = False

    @property
    def exact(self) -> bool:
        """Whether the base has order l."""
        return self.base is not None and self.base.exact


class PointRules:
    """The steps ``P``; facts live in ``state.points``."""

    def __init__(self, state: State, curves: Mapping[int, Curve]) -> None:
        self.state = state
        self.curves = curves
        self.scale: int | None = None
        self.symbols: dict[Point, Symbol] = {}
        self.doubles: dict[Point, list[Point]] = {}

    def step(self, text: str) -> None:
        head, *parts = text.split(" ; ")
        kind, _, rest = head.partition(" ")
        rules: dict[str, tuple[Callable[[str, list[str]], None], int]] = {
            "curve": (self._curve, 0),
            "on": (self._on, 3),
            "ed": (self._ed, 3),
            "ea": (self._ea, 3),
            "em": (self._em, 3),
            "md": (self._md, 4),
            "ma": (self._ma, 4),
            "mx": (self._mx, 6),
            "ng": (self._ng, 2),
            "me": (self._me, 3),
            "lk": (self._lk, 5),
            "cp": (self._cp, 2),
        }
        need(kind in rules, f"there is no rule P {kind[:8]}")
        need(self.scale is not None or kind == "curve", "no curve was named")
        rule, count = rules[kind]
        rule(rest, list(take(parts, count)))

    # rules: each states its rows as the polynomials that they must be multiples of

    def _curve(self, rest: str, parts: list[str]) -> None:
        need(self.scale is None, "the curve was named before")
        need(self.state.p in self.curves, "no curve is known over this field")
        self.curve = self.curves[self.state.p]
        self.montgomery_a, b = self.curve.montgomery
        scale = number(rest) % self.state.p
        need((scale * scale - b) % self.state.p == 0, "the scale is no square root of B")
        self.scale = scale

    def _on(self, rest: str, parts: list[str]) -> None:
        """The curve's own equation."""
        (x, y), (x_form, y_form) = self._new(parts[:2])
        a, d = self.curve.a, self.curve.d
        self._rows(parts[2], rest, a * x * x + y * y - 1 - d * x * x * y * y)
        self._add(Fact("e", x_form, y_form, Symbol(exact=False), 1, 1, positive=True))

    def _ed(self, rest: str, parts: list[str]) -> None:
        """[2]I.  On the curve 1 + d·x²y² = a·x² + y²: the denominators are those of the complete law."""
        index, _, subs = rest.partition(" ")
        fact, x, y = self._operand(index, "e")
        (x3, y3), forms = self._new(parts[:2])
        numerator = y * y - self.curve.a * x * x
        self._rows(
            parts[2],
            subs,
            x3 * (self.curve.a * x * x + y * y) - 2 * x * y,
            y3 * (2 - self.curve.a * x * x - y * y) - numerator,
        )
        self._add(Fact("e", forms[-2], forms[-1], fact.base, 2 * fact.low, 2 * fact.high, fact.positive), [fact], forms)

    def _ea(self, rest: str, parts: list[str]) -> None:
        """I + J by the complete law; only I + I keeps a base."""
        left, right, subs = take(rest.split(" ", 2), 3)
        (i, xi, yi), (j, xj, yj) = self._operand(left, "e"), self._operand(right, "e")
        (x3, y3), forms = self._new(parts[:2])
        beta, gamma, d = xi * yj, yi * xj, self.curve.d
        self._rows(
            parts[2],
            subs,
            x3 * (1 + d * beta * gamma) - (beta + gamma),
            y3 * (1 - d * beta * gamma) - (yi * yj - self.curve.a * xi * xj),
        )
        base, low, high = (i.base, 2 * i.low, 2 * i.high) if i is j and i.base else (None, 0, 0)
        self._add(Fact("e", forms[-2], forms[-1], base, low, high), [i, j], forms)

    def _em(self, rest: str, parts: list[str]) -> None:
        """I = ±[8k]P on M.  U·(1 - y) = 1 + y has no solution at y = 1, so I is not the identity; being a multiple of 8
        it has order l, so it is not (0, -1) either, and x != 0.  I itself is the new symbol.
        """
        fact, x, y = self._operand(rest, "e")
        need(fact.base is not None, "the point has no base")
        need(fact.low == fact.high and fact.low % 8 == 0, "the point is not a known multiple of 8")
        (u, v), forms = self._new(parts[:2])
        self._rows(parts[2], "-", u * (1 - y) - (1 + y), v * x - self._s * u)
        self._add(Fact("m", forms[-2], forms[-1], Symbol(exact=True), 1, 1, positive=True), [fact], forms)

    def _md(self, rest: str, parts: list[str]) -> None:
        """[2]I: v != 0."""
        index, _, subs = rest.partition(" ")
        fact, u, v = self._operand(index, "m")
        need(fact.exact, "the point has no base of prime order")
        (s, u3, v3), forms = self._new(parts[:3])
        a = self.montgomery_a
        self._rows(
            parts[3],
            subs,
            s * 2 * v - (3 * u * u + 2 * a * u + 1),
            s * s - (u3 + 2 * u + a),
            s * (u - u3) - (v3 + v),
        )
        self._add(Fact("m", forms[-2], forms[-1], fact.base, 2 * fact.low, 2 * fact.high, fact.positive), [fact], forms)

    def _ma(self, rest: str, parts: list[str]) -> None:
        """I + J, which are never equal."""
        left, right = take(rest.split(" "), 2)
        (i, ui, vi), (j, uj, vj) = self._operand(left, "m"), self._operand(right, "m")
        self._distinct(i, j)
        positive = i.positive and j.positive
        low = i.low + j.low if positive else max(i.low, j.low) - min(i.high, j.high)
        (s, u, v), forms = self._new(parts[:3])
        lines = s * (ui - uj) - (vi - vj), s * s - (u + ui + uj + self.montgomery_a)
        self._rows(parts[3], "-", *lines, (s * (ui - u) - (v + vi), s * (uj - u) - (v + vj)))
        self._add(Fact("m", forms[-2], forms[-1], i.base, low, i.high + j.high, positive), [i, j], forms)

    def _mx(self, rest: str, parts: list[str]) -> None:
        """[2]I + J as (I + J) + I without the second coordinate of I + J, whose u is U3: the second slope is S - S1.

        u_I != u_J as in ``ma``; where u_I = U3 the row S·0 = 2·v_I has no solution.
        """
        left, right = take(rest.split(" "), 2)
        (i, ui, vi), (j, uj, vj) = self._operand(left, "m"), self._operand(right, "m")
        self._distinct(i, j)
        need(i.low > j.high, "the sign of the sum is not that of the first point")
        (s1, u3, s, u, v), forms = self._new(parts[:5])
        a = self.montgomery_a
        self._rows(
            parts[5],
            "-",
            s1 * (ui - uj) - (vi - vj),
            s1 * s1 - (u3 + ui + uj + a),
            s * (ui - u3) - 2 * vi,
            (s - s1) * (s - s1) - (u + ui + u3 + a),
            (s - s1) * (ui - u) - (v + vi),
        )
        self._add(
            Fact("m", forms[-2], forms[-1], i.base, 2 * i.low - j.high, 2 * i.high + j.high, i.positive), [i, j], forms
        )

    def _ng(self, rest: str, parts: list[str]) -> None:
        """±I by a bit: the sign is v's on M, x's on E.  The new form is known only where the bit is, too."""
        index, bit_text = take(rest.split(" "), 2)
        fact = self.state.fact(self.state.points, index)
        signed, kept = (fact.y, fact.x) if fact.shape == "m" else (fact.x, fact.y)
        bit = self.state.wire(bit_text)
        need(self.state.is_boolean(bit), f"wire {bit} is not known to be a bit")
        form = self.state.form(parts[0].split(" "))
        new, sign, old = (of_form(self.state, f) for f in (form, {bit: 2, 0: -1}, signed))
        self._rows(parts[1], "-", new - sign * old)
        x, y = (kept, form) if fact.shape == "m" else (form, kept)
        learned = [form] if bit in self.state.known else []
        self._add(Fact(fact.shape, x, y, fact.base, fact.low, fact.high), [fact], learned)

    def _cp(self, rest: str, parts: list[str]) -> None:
        """I under other forms, equal to its own."""
        index, subs = take(rest.split(" ", 1), 2)
        fact = self.state.fact(self.state.points, index)
        substitutions = read_substitutions(self.state, subs)
        forms = [self.state.form(part.split(" ")) for part in parts]
        for form, own in zip(forms, (fact.x, fact.y), strict=True):
            difference = of_form(self.state, form) - of_form(self.state, own)
            need(not settled(self.state, apply(substitutions, difference)).terms, "the forms are not equal")
        self._add(Fact(fact.shape, forms[0], forms[1], fact.base, fact.low, fact.high, fact.positive))

    def _me(self, rest: str, parts: list[str]) -> None:
        """I on E; v != 0 and u != -1."""
        fact, u, v = self._operand(rest, "m")
        need(fact.exact, "the point has no base of prime order")
        (x, y), forms = self._new(parts[:2])
        self._rows(parts[2], "-", x * v - self._s * u, y * (u + 1) - (u - 1))
        self._add(Fact("e", forms[-2], forms[-1], fact.base, fact.low, fact.high, fact.positive), [fact], forms)

    def _lk(self, rest: str, parts: list[str]) -> None:
        """A table: X and Y, rewritten as polynomials in bits, take the values of [m_t]H for every pattern t."""
        shape, *base_texts = take(rest.split(" "), 3)
        need(shape in ("e", "m"), "a shape is e or m")
        base: Point = (number(base_texts[0]) % self.state.p, number(base_texts[1]) % self.state.p)
        symbol = self._symbol(base)
        forms = [self.state.form(part.split(" ")) for part in parts[:2]]
        bits = self.state.wires([] if parts[2] == "-" else parts[2].split(" "))
        need(all(self.state.is_boolean(bit) for bit in bits), "a wire is not known to be a bit")
        need(len(bits) <= 4, "a table of more than 4 bits")
        multiples = [number(m) for m in take(parts[4].split(" "), 1 << len(bits))]
        substitutions = read_substitutions(self.state, parts[3])
        x, y = (settled(self.state, apply(substitutions, of_form(self.state, f)), virtual=False) for f in forms)
        for pattern, m in enumerate(multiples):
            ones = {bit for i, bit in enumerate(bits) if pattern >> i & 1}
            point = self._multiple(base, m)
            if shape == "m":
                need(m % self.curve.order, "the identity is not on the Montgomery curve")
                u = (1 + point[1]) * pow(1 - point[1], -1, self.state.p)
                point = u % self.state.p, self._s * u * pow(point[0], -1, self.state.p) % self.state.p
            for polynomial, value in ((x, point[0]), (y, point[1])):
                need(all(w in bits for m in polynomial.terms for w in m), "a wire of the table is not one of its bits")
                found = sum(c for wires, c in polynomial.terms.items() if ones.issuperset(wires))
                need((found - value) % self.state.p == 0, f"pattern {pattern} is not [{m}]H")
        sizes = [abs(m) for m in multiples]
        self._add(Fact(shape, forms[0], forms[1], symbol, min(sizes), max(sizes), min(multiples) > 0))

    # what they share

    @property
    def _s(self) -> int:
        assert self.scale is not None
        return self.scale

    def _operand(self, text: str, shape: str) -> tuple[Fact, Polynomial, Polynomial]:
        fact: Fact = self.state.fact(self.state.points, text)
        need(fact.shape == shape, f"point {text} has shape {fact.shape}")
        return fact, of_form(self.state, fact.x), of_form(self.state, fact.y)

    def _new(self, texts: Sequence[str]) -> tuple[list[Polynomial], list[Form]]:
        forms = [self.state.form(text.split(" ")) for text in texts]
        return [of_form(self.state, form) for form in forms], forms

    def _rows(self, text: str, subs: str, *expected: Polynomial | tuple[Polynomial, ...]) -> None:
        """Each row, after the substitutions, is a multiple of its polynomial, or of one of several."""
        substitutions: Substitutions = read_substitutions(self.state, subs)
        for index, wanted in zip(take(text.split(" "), len(expected)), expected, strict=True):
            found = settled(self.state, apply(substitutions, of_row(self.state, self.state.row(index))))
            choices = wanted if isinstance(wanted, tuple) else (wanted,)
            need(
                any(found.is_multiple_of(settled(self.state, choice)) for choice in choices),
                f"row {index} does not say that",
            )

    def _distinct(self, i: Fact, j: Fact) -> None:
        """[m_i]base != [m_j]base: no multiple of l among the values of m_i - m_j."""
        need(i.base is j.base and i.exact, "the points have no common base of prime order")
        gaps = [(i.low - j.high, i.high - j.low)]
        if not (i.positive and j.positive):  # |m_i| + |m_j|, too
            gaps.append((i.low + j.low, i.high + j.high))
        order = self.curve.order
        need(all(high // order * order < low for low, high in gaps), "the points may be equal")

    def _add(self, fact: Fact, operands: Sequence[Fact] = (), forms: Sequence[Form] = ()) -> None:
        """A new fact.  The new forms are functions of the operands: where those are known, a form's only unknown wire
        is, too.
        """
        need(fact.high < self.curve.order**2, "the multiples are too large")
        self.state.points.append(fact)
        known = self.state.known
        if all(w in known for operand in operands for form in (operand.x, operand.y) for w in form):
            for form in forms:
                unknown = [w for w in form if w not in known]
                if len(unknown) == 1:
                    self.state.learn(unknown[0])

    def _symbol(self, base: Point) -> Symbol:
        """The symbol of a point in numbers, which must have order l."""
        if base not in self.symbols:
            need(self.curve.contains(base) and base != (0, 1), "H is not on the curve, or is the identity")
            need(self._sum(base, self.curve.order) == (0, 1), "H is not of order l")
            self.symbols[base] = Symbol(exact=True)
        return self.symbols[base]

    def _multiple(self, base: Point, m: int) -> Point:
        return self._sum(base, m % self.curve.order)

    def _sum(self, base: Point, m: int) -> Point:
        """[m]base for m >= 0, from its doubles, which are kept."""
        doubles = self.doubles.setdefault(base, [base])
        total = (0, 1)
        for i in range(m.bit_length()):
            if i == len(doubles):
                doubles.append(self.curve.add(doubles[-1], doubles[-1]))
            if m >> i & 1:
                total = self.curve.add(total, doubles[i])
        return total
