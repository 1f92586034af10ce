"""Rows as text: coefficients that are small, negative, fractions, powers or long; forms that are cut; values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from named_rows import NONE, ONE, P, equal, system_from
from tiny import F13

from zkrelay.audit.views.render import coefficient_text, form_text, row_text, value_text


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (({"x": 1}, {"y": 1}, {"z": 1}), "x·y = z"),
        (({"x": 1}, {"x": 1}, {"z": 1}), "x² = z"),
        (({"x": 1, "1": -1}, {"x": 1}, NONE), "(x - 1)·x = 0"),
        (({"x": -1, "y": 2}, {"1": 3, "y": -4}, {"z": 1024}), "(-x + 2·y)·(-4·y + 3) = 2^10·z"),
        (equal({"x": 1}, {"y": 1, "1": 5}), "x - y - 5 = 0"),
        ((ONE, {"x": 2}, {"y": 1}), "2·x = y"),
        (({"x": 2}, {"1": 3}, {"y": 1}), "6·x = y"),
        ((NONE, {"x": 1}, {"y": 1}), "y = 0"),
        ((NONE, {"x": 1}, NONE), "0 = 0"),
        ((ONE, ONE, {"1": 2}), "1 = 2"),
        ((ONE, {"x": pow(2, -1, P)}, {"y": -pow(3, -1, P)}), "1/2·x = -1/3·y"),
        ((ONE, {"x": 2**200}, {"y": -(2**100)}), "2^200·x = -2^100·y"),
        ((ONE, {"x": 3**150}, NONE), "369988…8249·x = 0"),
    ],
)
def test_rows(row, text):
    assert row_text(system_from([row], internal=["x", "y", "z"]), 0) == text


def test_long_forms_are_cut_in_the_middle():
    system = system_from([equal({f"x{i}": i + 1 for i in range(20)}, {"1": 7})])
    assert row_text(system, 0, max_terms=4) == "x0 + 2·x1 + 3·x2 + …(17 more)… - 7 = 0"
    assert row_text(system, 0, max_terms=30).count("·") == 19
    (row,) = system.rows
    assert form_text(system, row.b, max_terms=20) == row_text(system, 0, max_terms=21).removesuffix(" = 0")


def test_over_a_tiny_field_fractions_would_not_be_unique():
    assert [coefficient_text(k, F13.modulus) for k in (1, 6, 7, 12)] == [
        (False, "1"),
        (False, "6"),
        (True, "6"),
        (True, "1"),
    ]


@given(st.integers(-(2**19), 2**19), st.integers(1, 2**19))
def test_fractions_mean_what_they_say(numerator, denominator):
    negative, text = coefficient_text(numerator * pow(denominator, -1, P) % P, P)
    parts = [eval(part.replace("^", "**")) for part in text.split("/")]
    value = parts[0] * pow(parts[1] if len(parts) > 1 else 1, -1, P)
    assert ((-value if negative else value) - numerator * pow(denominator, -1, P)) % P == 0


def test_values():
    assert [value_text(v, P) for v in (0, 5, P - 3, P >> 1)] == ["0", "5", "-3", str(P >> 1)]
