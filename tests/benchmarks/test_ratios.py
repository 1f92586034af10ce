"""The statistics of paired runs."""

from __future__ import annotations

import math
import statistics

import pytest
from house.protocol import Sample
from house.ratios import Pair, Ratio, clock_for, growth, median, milliseconds, quantile, ratio_of
from hypothesis import given
from hypothesis import strategies as st

times = st.floats(1e-3, 1e6)


def pair(peer: float, ours: float) -> Pair:
    return Pair(Sample(peer, 2 * peer), Sample(ours, 4 * ours))


@given(st.lists(times, min_size=1, max_size=50))
def test_median_is_the_median(values: list[float]) -> None:
    assert median(values) == pytest.approx(statistics.median(values))
    assert quantile(values, 0) == min(values)
    assert quantile(values, 1) == max(values)


@given(st.lists(times, min_size=2, max_size=50))
def test_quartiles_are_those_of_the_standard_library(values: list[float]) -> None:
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    assert [quantile(values, q) for q in (0.25, 0.5, 0.75)] == pytest.approx([low, middle, high])


@given(st.lists(st.tuples(times, times), min_size=1, max_size=20), times)
def test_a_disturbance_of_whole_pairs_changes_nothing(values: list[tuple[float, float]], slow: float) -> None:
    calm = ratio_of([pair(p, o) for p, o in values], "wall")
    busy = ratio_of([pair(p * slow, o * slow) for p, o in values], "wall")
    assert (busy.median, busy.low, busy.high) == pytest.approx((calm.median, calm.low, calm.high))
    assert calm.low <= calm.median <= calm.high


def test_the_clock_matters() -> None:
    pairs = [pair(10, 2)]
    assert ratio_of(pairs, "wall") == Ratio(5.0, 5.0, 5.0, 1)
    assert ratio_of(pairs, "cpu") == Ratio(2.5, 2.5, 2.5, 1)
    assert (clock_for(1), clock_for(2)) == ("cpu", "wall")


def test_one_outlier_does_not_move_the_median() -> None:
    pairs = [pair(10, 2)] * 4 + [pair(1000, 2)]
    assert ratio_of(pairs, "wall").median == 5.0


@pytest.mark.parametrize("pairs", [[], [pair(0, 1)], [pair(1, 0)]])
def test_no_ratio_without_times(pairs: list[Pair]) -> None:
    with pytest.raises(ValueError, match=r"no pairs|no time"):
        ratio_of(pairs, "wall")


def test_refusals() -> None:
    with pytest.raises(ValueError, match="no clock"):
        milliseconds(Sample(1, 1), "sun")
    with pytest.raises(ValueError, match="no values"):
        median([])
    with pytest.raises(ValueError, match="no quantile"):
        quantile([1.0], 1.5)


@pytest.mark.parametrize(("ratio", "text"), [(1.2345, "1.23"), (12.345, "12.3"), (123.45, "123")])
def test_three_digits(ratio: float, text: str) -> None:
    assert str(Ratio(ratio, ratio, ratio, 3)) == f"{text} ({text}-{text})"


def test_growth_of_n_log_n_is_one_and_of_n_squared_is_not() -> None:
    sizes = [1 << k for k in range(12, 21, 2)]
    assert growth(sizes, [n * math.log2(n) for n in sizes]) == pytest.approx(1)
    assert growth(sizes[::-1], [7 * n * math.log2(n) for n in sizes[::-1]]) == pytest.approx(1)
    assert growth(sizes, [float(n) for n in sizes]) < 1
    assert growth(sizes, [float(n) ** 2 for n in sizes]) > 100


@pytest.mark.parametrize(
    ("sizes", "ms"), [([], []), ([4], [1.0]), ([4, 8], [1.0]), ([1, 2], [1.0, 1.0]), ([2, 4], [0.0, 1.0])]
)
def test_growth_refuses(sizes: list[int], ms: list[float]) -> None:
    with pytest.raises(ValueError, match=r"growth|sizes"):
        growth(sizes, ms)
