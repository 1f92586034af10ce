"""Systems over the points of an embedded curve, built with honest values and with the steps that prove them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tiny import TINY_EDWARDS, points

from zkrelay.audit.replay import replay_steps, statement_of
from zkrelay.audit.replay.points import CURVES, Curve
from zkrelay.audit.replay.reader import Form, Row
from zkrelay.curves.embedded import EdwardsCurve
from zkrelay.curves.fields import square_root_vartime

TINY = {127: Curve(127, TINY_EDWARDS.a, TINY_EDWARDS.d, TINY_EDWARDS.order)}
ALL_CURVES = {**CURVES, **TINY}
Pair = tuple[int, int]  # wires of the two coordinates


@dataclass
class Board:
    """A system that is built together with one honest assignment and with the steps that prove it."""

    curve: EdwardsCurve
    values: list[int] = field(default_factory=lambda: [1])
    rows: list[Row] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    num_points: int = 0

    @property
    def p(self) -> int:
        return self.curve.field.modulus

    @property
    def scale(self) -> int:
        return self.curve.montgomery_scale

    def wire(self, value: int) -> int:
        self.values.append(value % self.p)
        return len(self.values) - 1

    def value(self, form: Form) -> int:
        return sum(c * self.values[w] for w, c in form.items()) % self.p

    def define(self, a: Form, b: Form, rest: Form) -> tuple[int, int]:
        """A new wire = A·B + rest, and its row."""
        new = self.wire(self.value(a) * self.value(b) + self.value(rest))
        self.rows.append((a, b, {new: 1, **{w: -c for w, c in rest.items()}}))
        return new, len(self.rows) - 1

    def divide(self, numerator: Form, denominator: Form) -> tuple[int, int]:
        """A new wire with wire·denominator = numerator, and its row."""
        new = self.wire(self.value(numerator) * pow(self.value(denominator), -1, self.p))
        self.rows.append(({new: 1}, denominator, numerator))
        return new, len(self.rows) - 1

    def point(self, *parts: str) -> int:
        """A step P that makes a fact; the fact's number."""
        self.lines.append("P " + " ; ".join(parts))
        self.num_points += 1
        return self.num_points - 1

    def begin(self) -> None:
        self.lines.append(f"P curve {self.scale}")

    def on(self, x: int, y: int) -> int:
        (xx, r1), (yy, r2) = self.define({x: 1}, {x: 1}, {}), self.define({y: 1}, {y: 1}, {})
        self.rows.append(({xx: self.curve.d}, {yy: 1}, {xx: self.curve.a, yy: 1, 0: -1}))
        return self.point(f"on {r1},{xx} {r2},{yy}", f"{x}:1", f"{y}:1", str(len(self.rows) - 1))

    def double(self, point: int, at: Pair) -> tuple[int, Pair]:
        x, y = at
        (xx, r1), (yy, r2), (xy, r3) = (self.define({l: 1}, {r: 1}, {}) for l, r in ((x, x), (y, y), (x, y)))  # noqa: E741
        a = self.curve.a
        x3, r4 = self.divide({xy: 2}, {xx: a, yy: 1})
        y3, r5 = self.divide({yy: 1, xx: -a}, {0: 2, xx: -a, yy: -1})
        subs = f"{r1},{xx} {r2},{yy} {r3},{xy}"
        return self.point(f"ed {point} {subs}", f"{x3}:1", f"{y3}:1", f"{r4} {r5}"), (x3, y3)

    def add(self, left: int, right: int, at: Pair, other: Pair) -> tuple[int, Pair]:
        (x1, y1), (x2, y2) = at, other
        (beta, r1), (gamma, r2) = self.define({x1: 1}, {y2: 1}, {}), self.define({y1: 1}, {x2: 1}, {})
        (delta, r3), (tau, r4) = self.define({y1: 1}, {y2: 1}, {}), self.define({beta: 1}, {gamma: 1}, {})
        x1x2, r5 = self.define({x1: 1}, {x2: 1}, {})
        x3, r6 = self.divide({beta: 1, gamma: 1}, {0: 1, tau: self.curve.d})
        y3, r7 = self.divide({delta: 1, x1x2: -self.curve.a}, {0: 1, tau: -self.curve.d})
        subs = f"{r4},{tau} {r1},{beta} {r2},{gamma} {r3},{delta} {r5},{x1x2}"
        return self.point(f"ea {left} {right} {subs}", f"{x3}:1", f"{y3}:1", f"{r6} {r7}"), (x3, y3)

    def to_montgomery(self, point: int, at: Pair) -> tuple[int, Pair]:
        x, y = at
        u, r1 = self.divide({0: 1, y: 1}, {0: 1, y: -1})
        v, r2 = self.divide({u: self.scale}, {x: 1})
        return self.point(f"em {point}", f"{u}:1", f"{v}:1", f"{r1} {r2}"), (u, v)

    def to_edwards(self, point: int, at: Pair) -> tuple[int, Pair]:
        u, v = at
        x, r1 = self.divide({u: self.scale}, {v: 1})
        y, r2 = self.divide({u: 1, 0: -1}, {u: 1, 0: 1})
        return self.point(f"me {point}", f"{x}:1", f"{y}:1", f"{r1} {r2}"), (x, y)

    def montgomery_double(self, point: int, at: Pair) -> tuple[int, Pair]:
        u, v = at
        a = self.curve.montgomery_a
        uu, r0 = self.define({u: 1}, {u: 1}, {})
        s, r1 = self.divide({uu: 3, u: 2 * a, 0: 1}, {v: 2})
        u3, r2 = self.define({s: 1}, {s: 1}, {u: -2, 0: -a})
        v3, r3 = self.define({s: 1}, {u: 1, u3: -1}, {v: -1})
        return self.point(f"md {point} {r0},{uu}", f"{s}:1", f"{u3}:1", f"{v3}:1", f"{r1} {r2} {r3}"), (u3, v3)

    def montgomery_add(self, left: int, right: int, at: Pair, other: Pair) -> tuple[int, Pair]:
        (ui, vi), (uj, vj) = at, other
        s, r1 = self.divide({vi: 1, vj: -1}, {ui: 1, uj: -1})
        u, r2 = self.define({s: 1}, {s: 1}, {ui: -1, uj: -1, 0: -self.curve.montgomery_a})
        v, r3 = self.define({s: 1}, {uj: 1, u: -1}, {vj: -1})
        return self.point(f"ma {left} {right}", f"{s}:1", f"{u}:1", f"{v}:1", f"{r1} {r2} {r3}"), (u, v)

    def double_and_add(self, left: int, right: int, at: Pair, other: Pair) -> tuple[int, Pair]:
        (ui, vi), (uj, vj) = at, other
        a = self.curve.montgomery_a
        s1, r1 = self.divide({vi: 1, vj: -1}, {ui: 1, uj: -1})
        u3, r2 = self.define({s1: 1}, {s1: 1}, {ui: -1, uj: -1, 0: -a})
        s, r3 = self.divide({vi: 2}, {ui: 1, u3: -1})
        u, r4 = self.define({s: 1, s1: -1}, {s: 1, s1: -1}, {ui: -1, u3: -1, 0: -a})
        v, r5 = self.define({s: 1, s1: -1}, {ui: 1, u: -1}, {vi: -1})
        forms = [f"{w}:1" for w in (s1, u3, s, u, v)]
        return self.point(f"mx {left} {right}", *forms, f"{r1} {r2} {r3} {r4} {r5}"), (u, v)

    def negate(self, point: int, at: Pair, bit: int) -> tuple[int, Pair]:
        v, row = self.define({bit: 2, 0: -1}, {at[1]: 1}, {})
        return self.point(f"ng {point} {bit}", f"{v}:1", str(row)), (at[0], v)

    def bit(self, value: int) -> int:
        wire = self.wire(value)
        self.rows.append(({wire: 1}, {wire: 1, 0: -1}, {}))
        self.lines.append(f"r {len(self.rows) - 1} {wire} 0 1")
        return wire

    def check(self, inputs: list[int], outputs: Pair | tuple[int, ...], lines: list[str] | None = None) -> None:
        for a, b, c in self.rows:  # what is proved is about honest values, too
            assert (self.value(a) * self.value(b) - self.value(c)) % self.p == 0
        statement = statement_of(self.rows, len(self.values), inputs, outputs, self.p)
        replay_steps(statement, "weak", [*(self.lines if lines is None else lines), "end"], curves=ALL_CURVES)


def start(curve: EdwardsCurve, point: tuple[int, int]) -> tuple[Board, int, Pair]:
    """The point on the curve, as inputs 1 and 2."""
    board = Board(curve)
    at = board.wire(point[0]), board.wire(point[1])
    board.begin()
    return board, board.on(*at), at


def ladder(board: Board, number: int, at: Pair) -> tuple[Pair, list[tuple[int, Pair]]]:
    """From P: [8]P on the Montgomery curve as Q; 2Q, 3Q, 5Q, 6Q, ±5Q by a bit, and that on the Edwards curve."""
    for _ in range(3):
        number, at = board.double(number, at)
    q = board.to_montgomery(number, at)
    q2 = board.montgomery_double(*q)
    q3 = board.montgomery_add(q2[0], q[0], q2[1], q[1])
    q5 = board.double_and_add(q2[0], q[0], q2[1], q[1])
    q6 = board.montgomery_double(*q3)
    bit = board.bit(1)
    signed = board.negate(*q5, bit)
    back = board.to_edwards(*signed)
    return (bit, back[1][0]), [q, q2, q3, q5, q6, signed, back]


def multiples(curve: EdwardsCurve, point: tuple[int, int]) -> list[tuple[int, int]]:
    """What the facts of ``ladder`` must be, by the curve's own arithmetic, on the Edwards curve."""
    return [curve.mul_vartime(8 * k, point) for k in (1, 2, 3, 5, 6, 5, 5)]


def on_edwards(board: Board, at: Pair, *, shape: str) -> tuple[int, int]:
    a, b = board.values[at[0]], board.values[at[1]]
    if shape == "e":
        return a, b
    return board.scale * a * pow(b, -1, board.p) % board.p, (a - 1) * pow(a + 1, -1, board.p) % board.p


def full_order_point(curve: EdwardsCurve) -> tuple[int, int]:
    """A point of order 8·l: the subgroup's generator plus one of order 8."""
    if curve is TINY_EDWARDS:
        return next(q for q in points(curve) if all(curve.mul_vartime(k, q) != (0, 1) for k in (8, 4 * curve.order)))
    p, y = curve.field.modulus, 2
    while True:
        xx = (1 - y * y) * pow(curve.a - curve.d * y * y, -1, p) % p
        if pow(xx, p >> 1, p) == 1:
            x = root(xx, curve)
            if curve.mul_vartime(4 * curve.order, (x, y)) != (0, 1):
                return x, y
        y += 1


def root(square: int, curve: EdwardsCurve) -> int:
    found = square_root_vartime(square, curve.field)
    assert found is not None
    return found


def montgomery(curve: EdwardsCurve, point: tuple[int, int]) -> tuple[int, int]:
    p = curve.field.modulus
    u = (1 + point[1]) * pow(1 - point[1], -1, p) % p
    return u, curve.montgomery_scale * u * pow(point[0], -1, p) % p
