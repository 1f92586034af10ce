"""Rows as people read them: names for wires, small signed coefficients, long forms cut short.

    (a + 2·b)·(1 - c) = 3·d - 1/2

A coefficient is shown as a fraction when it is one of small numbers, as a power of two when it is one, else by its
first and last digits.  Names come from files: callers that write markup escape what they get.
"""

from __future__ import annotations

from functools import lru_cache

from ..system import Form, Row, System, signed

MAX_TERMS = 8
_SMALL = 1 << 20  # the largest numerator and denominator that are written out
_POWER_FROM = 10  # 1024 and above are written as powers


def row_text(system: System, index: int, *, max_terms: int = MAX_TERMS) -> str:
    """Row ``index`` as an equation; a linear row as form = form, without its constant factor where that is one."""
    row = system.rows[index]
    factor, other = _constant_side(row)
    if factor is None:
        left = _factor(system, row.a, max_terms)
        left = f"{left}²" if row.a == row.b else f"{left}·{_factor(system, row.b, max_terms)}"
        return f"{left} = {form_text(system, row.c, max_terms=max_terms)}"
    p = system.modulus
    scaled = {wire: factor * k % p for wire, k in other.items()} if factor else {}
    if not scaled and row.c:
        return f"{form_text(system, row.c, max_terms=max_terms)} = 0"
    return f"{form_text(system, scaled, max_terms=max_terms)} = {form_text(system, row.c, max_terms=max_terms)}"


def form_text(system: System, form: Form, *, max_terms: int = MAX_TERMS) -> str:
    """A form, constant last; beyond ``max_terms`` terms the middle is left out, and how many of them is said."""
    wires = sorted(wire for wire in form if wire) + ([0] if 0 in form else [])
    if not wires:
        return "0"
    hidden = len(wires) - max_terms
    shown: list[int | None] = list(wires)
    if hidden > 1:
        head = max_terms - max_terms // 4
        shown = [*wires[:head], None, *wires[head + hidden :]]
    text = ""
    for wire in shown:
        if wire is None:
            text += f" + …({hidden} more)…"
            continue
        negative, magnitude = coefficient_text(form[wire], system.modulus)
        if wire:
            name = system.name(wire)
            magnitude = name if magnitude == "1" else f"{magnitude}·{name}"
        if text:
            text += f" - {magnitude}" if negative else f" + {magnitude}"
        else:
            text = f"-{magnitude}" if negative else magnitude
    return text


@lru_cache(maxsize=4096)
def coefficient_text(value: int, modulus: int) -> tuple[bool, str]:
    """Whether to write a minus, and the magnitude."""
    number = signed(value, modulus)
    magnitude = abs(number)
    if magnitude < _SMALL or not magnitude & (magnitude - 1):
        return number < 0, _integer(magnitude)
    numerator, denominator = _fraction(value, modulus)
    if denominator:
        return numerator < 0, f"{_integer(abs(numerator))}/{_integer(denominator)}"
    return number < 0, _integer(magnitude)


def value_text(value: int, modulus: int) -> str:
    """An element, in full: small negative ones by their sign."""
    number = signed(value, modulus)
    return str(number) if -_SMALL < number < 0 else str(value)


def _constant_side(row: Row) -> tuple[int | None, Form]:
    """The constant factor of a linear row and the other side; (None, {}) for a product."""
    if row.a.keys() <= {0}:
        return row.a.get(0, 0), row.b
    if row.b.keys() <= {0}:
        return row.b.get(0, 0), row.a
    return None, {}


def _factor(system: System, form: Form, max_terms: int) -> str:
    text = form_text(system, form, max_terms=max_terms)
    return f"({text})" if len(form) > 1 else text


def _integer(number: int) -> str:
    if number >= 1 << _POWER_FROM and not number & (number - 1):
        return f"2^{number.bit_length() - 1}"
    digits = str(number)
    return digits if len(digits) <= 16 else f"{digits[:6]}…{digits[-4:]}"


def _fraction(value: int, modulus: int) -> tuple[int, int]:
    """n, d with value·d = n, both below ``_SMALL`` in size, by the Euclidean algorithm; d = 0 when there is none.

    Only where the answer is unique: for 2·_SMALL² < p.
    """
    if modulus <= 2 * _SMALL * _SMALL:
        return 0, 0
    above, below, s_above, s_below = modulus, value, 0, 1
    while below >= _SMALL:
        quotient = above // below
        above, below = below, above - quotient * below
        s_above, s_below = s_below, s_above - quotient * s_below
    if abs(s_below) >= _SMALL or not below:
        return 0, 0
    return (below, s_below) if s_below > 0 else (-below, -s_below)
