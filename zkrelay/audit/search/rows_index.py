"""What the searches read of a system, laid out once: sides as pairs, who touches whom, wires that can only be bits.

A wire is a *bit* when a row that holds no other wire has exactly the roots 0 and 1, or a row whose other wires are bits
leaves it nothing else.  A linear row over bits
Σ c_i·b_i + t = 0 can be *decoded* when some scale makes its coefficients super-increasing integers (each larger in
size than all smaller ones together): then an integer has at most one set of bits, and the residue -t stands for the few
integers T, T + p, T + 2p, … in the range of the sum.  More than one of them in range is an alias.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from ...curves import PrimeField
from ...curves.fields import square_root_vartime
from ..system import Form, System, signed

Terms: TypeAlias = tuple[tuple[int, int], ...]
IN_A, IN_B = 1, 2
_MAX_ALIASES = 8
_SCALES_TRIED = 4
_SHORT = 3  # wires of a product that may make a bit of one of them


class Decoder(NamedTuple):
    """``scale`` times the row has the coefficients ``weights`` (signed) on its bits; ``order``: largest first."""

    scale: int
    weights: dict[int, int]
    order: tuple[int, ...]


class RowsIndex:
    """``touch[w]``: (row, sides of A and B that hold w) for each row of wire w; ``forms[i]`` is None for a product."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.field = system.r1cs.field
        self.modulus = system.modulus
        self.forms: list[Terms | None] = []
        self.sides: list[tuple[Terms, Terms, Terms]] = []
        self.touch: list[list[tuple[int, int]]] = [[] for _ in range(system.num_wires)]
        self.is_bit = bytearray(system.num_wires)
        self.left: list[int] = []
        self.left_a: list[int] = []
        self.left_b: list[int] = []
        for index, row in enumerate(system.rows):
            form = system.linear_form(index)
            self.forms.append(None if form is None else tuple(form.items()))
            self.sides.append((tuple(row.a.items()), tuple(row.b.items()), tuple(row.c.items())))
            # a linear row counts the wires of its form, which a factor of zero may have left out
            wires = row.wires() if form is None else form.keys() - {0}
            self.left.append(len(wires))
            self.left_a.append(len(row.a.keys() - {0}) if form is None else 0)
            self.left_b.append(len(row.b.keys() - {0}) if form is None else 0)
            for wire in wires:
                mask = 0 if form is not None else (IN_A if wire in row.a else 0) | (IN_B if wire in row.b else 0)
                self.touch[wire].append((index, mask))
            if form is None and len(wires) == 1:
                (wire,) = wires
                if sorted(self.roots(*quadratic(row.a, row.b, row.c, wire, self.modulus))) == [0, 1]:
                    self.is_bit[wire] = 1
        self._spread_bits()
        self.wild = [
            sum(not self.is_bit[w] for w, _ in form if w) if form is not None else count
            for form, count in zip(self.forms, self.left, strict=True)
        ]
        self._decoders: dict[int, Decoder | None] = {}

    def _spread_bits(self) -> None:
        """x = b and x = 1 - b make a bit of x; so does a short product that leaves x nothing but 0 and 1, whatever the
        bits beside it are: x = a·b, x·(1 - a - x) = 0.
        """
        waiting = [wire for wire in range(self.system.num_wires) if self.is_bit[wire]]
        while waiting:
            wire = waiting.pop()
            for row, _ in self.touch[wire]:
                other = self._one_beside_bits(row)
                if other and (self._copies(row, wire, other) if self.forms[row] else self._gives_bit(row, other)):
                    self.is_bit[other] = 1
                    waiting.append(other)

    def _one_beside_bits(self, row: int) -> int:
        """The only wire of a short row that is not known to be a bit, or 0."""
        if not 2 <= self.left[row] <= _SHORT or (self.forms[row] is not None and self.left[row] != 2):
            return 0
        form = self.forms[row]
        sides = self.sides[row] if form is None else (form,)
        found = {wire for side in sides for wire, _ in side if wire and not self.is_bit[wire]}
        return found.pop() if len(found) == 1 else 0

    def _copies(self, row: int, bit: int, other: int) -> bool:
        p, terms = self.modulus, dict(self.forms[row] or ())
        k, m, constant = terms[bit], terms[other], terms.get(0, 0)
        same = (k + m) % p == 0 and constant == 0
        return same or (k == m and (constant + k) % p == 0)

    def _gives_bit(self, row: int, other: int) -> bool:
        """Whether a product has no root for ``other`` besides 0 and 1, for all values of the bits beside it."""
        p, sides = self.modulus, self.sides[row]
        bits = sorted({wire for side in sides for wire, _ in side} - {0, other})
        for values in itertools.product((0, 1), repeat=len(bits)):
            known = {0: 1, other: 0, **dict(zip(bits, values, strict=True))}
            (a, k), (b, m), (c, n) = (
                (sum(f * known[w] for w, f in side), sum(f for w, f in side if w == other)) for side in sides
            )
            square, linear, constant = k * m % p, (k * b + m * a - n) % p, (a * b - c) % p
            if not _only_bits(square, linear, constant, p):
                return False
        return True

    def roots(self, square: int, linear: int, constant: int) -> list[int]:
        """Roots of square·x² + linear·x + constant, ascending; not for the zero polynomial."""
        return quadratic_roots(square, linear, constant, self.field)

    def decoder(self, index: int) -> Decoder | None:
        """How to decode linear row ``index`` into its bits, or None."""
        if index not in self._decoders:
            form = self.forms[index]
            assert form is not None
            bits = {wire: k for wire, k in form if wire and self.is_bit[wire]}
            self._decoders[index] = find_decoder(bits, self.modulus)
        return self._decoders[index]


def quadratic(a: Form, b: Form, c: Form, wire: int, p: int) -> tuple[int, int, int]:
    """A·B - C as a polynomial in ``wire``, the only wire besides the constant."""
    k, m, n = a.get(wire, 0), b.get(wire, 0), c.get(wire, 0)
    a0, b0, c0 = a.get(0, 0), b.get(0, 0), c.get(0, 0)
    return k * m % p, (k * b0 + m * a0 - n) % p, (a0 * b0 - c0) % p


def _only_bits(square: int, linear: int, constant: int, p: int) -> bool:
    """Whether a polynomial that is not zero has no root but 0 and 1, as far as its coefficients show at once."""
    if not square:
        return bool(linear or constant) and (not linear or constant in (0, -linear % p))
    if constant == 0:
        return linear in (0, -square % p)
    return (square + linear + constant) % p == 0 and constant == square


def quadratic_roots(square: int, linear: int, constant: int, field: PrimeField) -> list[int]:
    """Roots of square·x² + linear·x + constant, ascending; ``ValueError`` for the zero polynomial.

    Modulo 2 both elements are tried.
    """
    p = field.modulus
    if square == 0:
        if linear == 0:
            if constant:
                return []
            raise ValueError("every element is a root of the zero polynomial")
        return [-constant * pow(linear, -1, p) % p]
    if p == 2:
        return [x for x in (0, 1) if (square * x + linear * x + constant) % 2 == 0]
    root = square_root_vartime((linear * linear - 4 * square * constant) % p, field)
    if root is None:
        return []
    half = pow(2 * square, -1, p)
    return sorted({(root - linear) * half % p, (-root - linear) * half % p})


def find_decoder(bits: Form, p: int) -> Decoder | None:
    """A scale that makes the coefficients of ``bits`` super-increasing: one of the smallest ones becomes 1."""
    candidates = sorted(set(bits.values()), key=lambda k: abs(signed(k, p)))
    for unit in candidates[:_SCALES_TRIED] + candidates[-1:]:
        scale = pow(unit, -1, p)
        scaled = {wire: scale * k % p for wire, k in bits.items()}
        weights = _powers_of_two(scaled, p) or {wire: signed(k, p) for wire, k in scaled.items()}
        order = sorted(weights, key=lambda wire: -abs(weights[wire]))
        below = 0
        for wire in reversed(order):
            if abs(weights[wire]) <= below:
                break
            below += abs(weights[wire])
        else:
            return Decoder(scale, weights, tuple(order))
    return None


def _powers_of_two(scaled: Form, p: int) -> dict[int, int] | None:
    """The weights ±1, ±2, ±4, … as integers when the coefficients are these: also above p, where residues wrap."""
    by_residue: dict[int, int] = {k: wire for wire, k in scaled.items()}
    weights: dict[int, int] = {}
    for exponent in range(len(scaled)):
        size = 1 << exponent
        plus, minus = by_residue.get(size % p), by_residue.get(-size % p)
        wire = minus if plus is None or plus in weights else plus
        if wire is None or wire in weights:
            return None
        weights[wire] = size if wire == plus else -size
    return weights


def decodings(decoder: Decoder, unknown: Iterable[int], constant: int, p: int) -> list[list[tuple[int, int]]]:
    """Every way to give the bits ``unknown`` values with Σ c_i·b_i + constant = 0, at most ``_MAX_ALIASES`` ways."""
    missing = set(unknown)
    order = [wire for wire in decoder.order if wire in missing]
    weights = decoder.weights
    low = sum(weights[w] for w in order if weights[w] < 0)
    high = sum(weights[w] for w in order if weights[w] > 0)
    total = (-decoder.scale * constant - low) % p  # counted from the smallest sum
    found: list[list[tuple[int, int]]] = []
    while total <= high - low and len(found) < _MAX_ALIASES:
        rest, bits = total, []
        for wire in order:
            size = abs(weights[wire])
            taken = rest >= size
            rest -= size if taken else 0
            bits.append((wire, int(taken == (weights[wire] > 0))))
        if rest == 0:
            found.append(bits)
        total += p
    return found
