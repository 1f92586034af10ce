"""Polynomials of the checker, against their values at random points of a tiny field."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.audit.replay import statement_of
from zkrelay.audit.replay.polynomials import MAX_DEGREE, Polynomial, read_polynomial
from zkrelay.audit.replay.state import Refused, State

P = 13
TERMS = st.dictionaries(st.lists(st.integers(1, 3), max_size=3).map(lambda m: tuple(sorted(m))), st.integers(-20, 20))


def value(polynomial: Polynomial, x: list[int]) -> int:
    total = 0
    for monomial, c in polynomial.terms.items():
        for wire in monomial:
            c *= x[wire]
        total += c
    return total % P


@given(TERMS, TERMS, st.integers(1, 3), st.randoms(use_true_random=False))
def test_arithmetic_and_substitution(left: dict[tuple[int, ...], int], right: dict, wire: int, random: Random) -> None:
    f, g = Polynomial(left, P), Polynomial(right, P)
    for _ in range(5):
        x = [1, *(random.randrange(P) for _ in range(3))]
        assert value(f + g, x) == (value(f, x) + value(g, x)) % P
        assert value(f - g, x) == (value(f, x) - value(g, x)) % P
        assert value(f * g, x) == value(f, x) * value(g, x) % P
        assert value(3 - f * 2 + 1, x) == (4 - 2 * value(f, x)) % P
        assert value(f.substitute(wire, g), x) == value(f, [value(g, x) if w == wire else v for w, v in enumerate(x)])
    assert (f - f).terms == {}
    assert (f * 5).is_multiple_of(f)
    assert f.is_multiple_of(f * 5)
    assert f.is_multiple_of(g) == any((f - g * k).terms == {} for k in range(1, P))


def test_reading_and_limits() -> None:
    state = State(statement_of([], 4, [1], [], P))
    assert read_polynomial(state, "2.1:3 0:-1 1.2:1").terms == {(1, 2): 4, (): 12}
    assert read_polynomial(state, "0.1:2 3:0").terms == {(1,): 2}
    for text in ("1.4:1", "1", "1:", ":1", "1..2:1", "1:1  2:1", ""):
        with pytest.raises(Refused):
            read_polynomial(state, text)
    big = Polynomial({(1,) * MAX_DEGREE: 1}, P)
    with pytest.raises(Refused, match="degree"):
        big * big
    wide = Polynomial({(w,): 1 for w in range(1, 1002)}, P)
    with pytest.raises(Refused, match="too many terms"):
        wide * wide
