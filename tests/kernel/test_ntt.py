"""The NTT of every kernel: evaluation by its definition, and the algebra that follows from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.algebra.encoding import pack_field
from zkrelay.curves import FIELDS, PrimeField
from zkrelay.errors import MalformedInput
from zkrelay.kernel import Kernel

from . import samples

fields = pytest.mark.parametrize("field", samples.SCALAR_FIELDS, ids=samples.SCALAR_FIELD_NAMES)
any_field = st.sampled_from(samples.SCALAR_FIELDS)
SHIFTS = ("one", "odd points", "minus one", "random")


def coset_shift(field: PrimeField, kind: str, log_size: int) -> int:
    """Shifts that matter: none, the quotient's odd points, one that permutes the domain, and any other."""
    return {
        "one": 1,
        "odd points": field.omega(log_size + 1),
        "minus one": field.modulus - 1,
        "random": samples.rng("shift", field.name).randrange(2, field.modulus),
    }[kind]


@fields
@pytest.mark.parametrize("log_size", range(7))
@pytest.mark.parametrize("kind", SHIFTS)
def test_forward_is_evaluation_and_inverse_is_its_reverse(
    kernel: Kernel, field: PrimeField, log_size: int, kind: str
) -> None:
    p, size, shift = field.modulus, 1 << log_size, coset_shift(field, kind, log_size)
    coefficients = samples.vector(field, size, kind)
    expected = []
    for i in range(size):
        x = shift * pow(field.omega(log_size), i, p) % p
        value = 0
        for coefficient in reversed(coefficients):
            value = (value * x + coefficient) % p
        expected.append(value)
    form, shift_form = samples.montgomery(field, coefficients), samples.montgomery(field, [shift])
    evaluations = kernel.ntt(field.name, form, shift=shift_form)
    assert samples.from_montgomery(field, evaluations) == expected
    assert kernel.ntt(field.name, evaluations, inverse=True, shift=shift_form) == form
    if shift == 1:
        assert kernel.ntt(field.name, form) == evaluations
        assert kernel.ntt(field.name, evaluations, inverse=True) == form


@fields
@pytest.mark.parametrize("log_size", [8, 11, 12])
def test_c_kernels_agree_with_the_reference_for_any_threads(
    native_kernel: Kernel, reference: Kernel, field: PrimeField, log_size: int
) -> None:
    values = samples.packed(field, 1 << log_size)
    shift = samples.montgomery(field, [coset_shift(field, "odd points", log_size)])
    for inverse in (False, True):
        for coset in (None, shift):
            expected = reference.ntt(field.name, values, inverse=inverse, shift=coset)
            for threads in (1, 2, 3):
                result = native_kernel.ntt(field.name, values, inverse=inverse, shift=coset, threads=threads)
                assert result == expected, (inverse, coset is None, threads)


@pytest.mark.parametrize("log_size", [13, 16, 17])
def test_large_transforms_return_and_do_not_depend_on_threads(native_kernel: Kernel, log_size: int) -> None:
    field = FIELDS["bn254_fr"]
    values = samples.packed(field, 64) * (1 << (log_size - 6))
    values = native_kernel.vec_mul(field.name, values, _powers(native_kernel, field, 1 << log_size))
    forward = native_kernel.ntt(field.name, values)
    assert native_kernel.ntt(field.name, forward, inverse=True, threads=2) == values
    assert native_kernel.ntt(field.name, values, threads=3) == forward
    # X^n - 1 vanishes on the domain: the sum of the coefficients is the value at 1, and so on at -1.
    total = sum(samples.from_montgomery(field, values)) % field.modulus
    assert samples.from_montgomery(field, forward[:32]) == [total]


def _powers(kernel: Kernel, field: PrimeField, size: int) -> bytes:
    """5^0, 5^1, .. by doubling the vector."""
    out, factor = samples.montgomery(field, [1]), 5
    while len(out) < 32 * size:
        out += kernel.vec_scale(field.name, out, samples.montgomery(field, [factor]))
        factor = factor * factor % field.modulus
    return out


@given(data=st.data())
def test_linear(kernel: Kernel, data: st.DataObject) -> None:
    field = data.draw(any_field, label="field")
    size = 1 << data.draw(st.integers(0, 6), label="log_size")
    elements = st.lists(st.integers(0, field.modulus - 1), min_size=size, max_size=size)
    a, b = (pack_field(field, data.draw(elements)) for _ in range(2))
    factor = pack_field(field, [data.draw(st.integers(0, field.modulus - 1))])
    left = kernel.ntt(field.name, kernel.vec_add(field.name, a, kernel.vec_scale(field.name, b, factor)))
    right = kernel.vec_scale(field.name, kernel.ntt(field.name, b), factor)
    assert left == kernel.vec_add(field.name, kernel.ntt(field.name, a), right)


@given(data=st.data())
def test_products_of_evaluations_are_cyclic_convolutions(kernel: Kernel, data: st.DataObject) -> None:
    field = data.draw(any_field, label="field")
    size = 1 << data.draw(st.integers(0, 4), label="log_size")
    elements = st.lists(st.integers(0, field.modulus - 1), min_size=size, max_size=size)
    a, b = data.draw(elements), data.draw(elements)
    product = kernel.vec_mul(
        field.name, *(kernel.ntt(field.name, samples.montgomery(field, values)) for values in (a, b))
    )
    result = samples.from_montgomery(field, kernel.ntt(field.name, product, inverse=True))
    expected = [sum(a[i] * b[(k - i) % size] for i in range(size)) % field.modulus for k in range(size)]
    assert result == expected


@given(data=st.data())
def test_a_shift_is_a_scaling_of_the_variable(kernel: Kernel, data: st.DataObject) -> None:
    field = data.draw(any_field, label="field")
    size = 1 << data.draw(st.integers(0, 6), label="log_size")
    coefficients = data.draw(st.lists(st.integers(0, field.modulus - 1), min_size=size, max_size=size))
    shift = data.draw(st.integers(1, field.modulus - 1), label="shift")
    scaled = [c * pow(shift, i, field.modulus) for i, c in enumerate(coefficients)]
    on_coset = kernel.ntt(field.name, samples.montgomery(field, coefficients), shift=samples.montgomery(field, [shift]))
    assert on_coset == kernel.ntt(field.name, samples.montgomery(field, scaled))


def test_a_field_of_two_adicity_one_has_domains_of_one_and_two_elements(reference: Kernel) -> None:
    field = FIELDS["bn254_fp"]
    assert field.two_adicity == 1
    a, b = 3, 4
    form = samples.montgomery(field, [a, b])
    assert reference.ntt(field.name, form) == samples.montgomery(field, [a + b, a - b])
    assert reference.ntt(field.name, form[:32]) == form[:32]
    with pytest.raises(MalformedInput):
        reference.ntt(field.name, form + form)
