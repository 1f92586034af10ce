"""Domains and Lagrange evaluations against their definitions over Python integers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.domain import MAX_LOG_SIZE, Domain
from zkrelay.algebra.encoding import unpack_field
from zkrelay.curves import bn254
from zkrelay.kernel import current

FR = bn254.FR
R = FR.modulus
elements = st.one_of(st.integers(0, R - 1), st.sampled_from([0, 1, 2, R - 1, R - 2]))


def integers(montgomery: bytes) -> list[int]:
    return unpack_field(FR, current().from_montgomery(FR.name, montgomery))


def lagrange_closed_form(omega: int, size: int, i: int, x: int) -> int:
    """Π_{j≠i} (x - ω^j)/(ω^i - ω^j), straight from the definition."""
    top = bottom = 1
    for j in range(size):
        if j != i:
            top = top * (x - pow(omega, j, R)) % R
            bottom = bottom * (pow(omega, i, R) - pow(omega, j, R)) % R
    return top * pow(bottom, -1, R) % R


@settings(max_examples=20, deadline=None)
@given(x=elements, log_size=st.integers(0, 4))
def test_lagrange_values_are_those_of_the_definition(x: int, log_size: int) -> None:
    domain = Domain(FR, log_size)
    expected = [lagrange_closed_form(domain.omega, domain.size, i, x) for i in range(domain.size)]
    assert integers(domain.lagrange_at(x)) == expected


@settings(max_examples=20, deadline=None)
@given(x=elements, log_size=st.integers(0, 4))
def test_odd_lagrange_values_are_the_odd_half_of_the_double_domain(x: int, log_size: int) -> None:
    domain, double = Domain(FR, log_size), Domain(FR, log_size + 1)
    expected = [lagrange_closed_form(double.omega, double.size, 2 * i + 1, x) for i in range(domain.size)]
    assert integers(domain.odd_lagrange_at(x)) == expected


@pytest.mark.parametrize("log_size", [0, 1, 3])
def test_on_the_domain_a_lagrange_vector_is_a_unit_vector(log_size: int) -> None:
    domain = Domain(FR, log_size)
    for i in range(domain.size):
        point = pow(domain.omega, i, R)
        assert domain.vanishing_at(point) == 0
        assert integers(domain.lagrange_at(point)) == [int(j == i) for j in range(domain.size)]


def test_off_the_domain_the_vanishing_polynomial_does_not_vanish() -> None:
    assert Domain(FR, 3).vanishing_at(FR.omega(4)) == R - 2
    assert Domain(FR, 3).vanishing_at(0) == R - 1


@settings(max_examples=10, deadline=None)
@given(x=elements)
def test_powers(x: int) -> None:
    assert integers(Domain(FR, 5).powers_of(x)) == [pow(x, k, R) for k in range(32)]


@pytest.mark.parametrize(("size", "log_size"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (1 << 24, 24)])
def test_the_smallest_domain_that_holds_so_many_points(size: int, log_size: int) -> None:
    assert Domain.at_least(FR, size).log_size == log_size


@pytest.mark.parametrize("log_size", [-1, MAX_LOG_SIZE + 1])
def test_sizes_without_a_domain_are_refused(log_size: int) -> None:
    with pytest.raises(ValueError, match="no NTT domain"):
        Domain(FR, log_size)


def test_one_point_too_many_is_refused() -> None:
    with pytest.raises(ValueError, match="no NTT domain"):
        Domain.at_least(FR, (1 << MAX_LOG_SIZE) + 1)


def test_lagrange_values_do_not_depend_on_threads() -> None:
    domain = Domain(FR, 6)
    assert domain.lagrange_at(7, threads=2) == domain.lagrange_at(7)
