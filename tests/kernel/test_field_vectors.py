"""Element-wise operations of every kernel against integer arithmetic, on edge values and limb patterns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.algebra.encoding import pack_field, unpack_field
from zkrelay.curves import FIELDS, PrimeField
from zkrelay.kernel import Kernel

from . import samples

fields = pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
sizes = pytest.mark.parametrize("size", samples.SIZES)


def operations(kernel: Kernel, field: PrimeField) -> dict[str, tuple[Callable[..., bytes], Callable[[int, int], int]]]:
    """Kernel operation and what it does to representations aR, bR."""
    r_inverse = pow(field.montgomery_r, -1, field.modulus)
    return {
        "add": (kernel.vec_add, lambda a, b: a + b),
        "sub": (kernel.vec_sub, lambda a, b: a - b),
        "mul": (kernel.vec_mul, lambda a, b: a * b * r_inverse),
    }


def assert_pairwise(kernel: Kernel, field: PrimeField, left: Sequence[int], right: Sequence[int]) -> None:
    for name, (operation, integers) in operations(kernel, field).items():
        result = unpack_field(field, operation(field.name, pack_field(field, left), pack_field(field, right)))
        assert result == [integers(a, b) % field.modulus for a, b in zip(left, right, strict=True)], name


@fields
@sizes
def test_pairwise_operations(kernel: Kernel, field: PrimeField, size: int) -> None:
    left, right = samples.vector(field, size, "left"), samples.vector(field, size, "right")
    assert_pairwise(kernel, field, left, right)
    assert_pairwise(kernel, field, left, left)


@fields
def test_pairwise_operations_where_carries_run_through_every_limb(kernel: Kernel, field: PrimeField) -> None:
    patterns = samples.limb_patterns(field.modulus)
    assert len(patterns) > 200
    shuffled = list(patterns)
    samples.rng("patterns").shuffle(shuffled)
    assert_pairwise(kernel, field, patterns, shuffled)
    few = [*samples.rng("few", field.name).sample(patterns, 24), 0, 1, field.modulus - 1, field.modulus // 2]
    pairs = list(product(few, repeat=2))
    assert_pairwise(kernel, field, [a for a, _ in pairs], [b for _, b in pairs])


@fields
@sizes
def test_scaling_is_multiplication_by_one_element(kernel: Kernel, field: PrimeField, size: int) -> None:
    values = samples.vector(field, size)
    r_inverse = pow(field.montgomery_r, -1, field.modulus)
    for scalar in (0, 1, field.montgomery_r % field.modulus, field.modulus - 1, *samples.vector(field, 3, "scalar")):
        result = kernel.vec_scale(field.name, pack_field(field, values), pack_field(field, [scalar]))
        assert unpack_field(field, result) == [v * scalar * r_inverse % field.modulus for v in values]


@fields
@sizes
def test_montgomery_form_is_times_r_and_back(kernel: Kernel, field: PrimeField, size: int) -> None:
    canonical = samples.packed(field, size)
    form = kernel.to_montgomery(field.name, canonical)
    r = field.montgomery_r
    assert unpack_field(field, form) == [v * r % field.modulus for v in unpack_field(field, canonical)]
    assert kernel.from_montgomery(field.name, form) == canonical


@fields
def test_montgomery_form_of_limb_patterns_and_back(kernel: Kernel, field: PrimeField) -> None:
    patterns = pack_field(field, samples.limb_patterns(field.modulus))
    assert kernel.to_montgomery(field.name, kernel.from_montgomery(field.name, patterns)) == patterns


@fields
@sizes
def test_inverses_times_elements_are_one(kernel: Kernel, field: PrimeField, size: int) -> None:
    values = [v for v in samples.vector(field, size + 1) if v][:size]
    inverses = kernel.vec_inverse(field.name, samples.montgomery(field, values))
    assert samples.from_montgomery(field, inverses) == [pow(v, -1, field.modulus) for v in values]


@fields
def test_inversion_of_every_edge_and_limb_pattern(kernel: Kernel, field: PrimeField) -> None:
    # One at a time, in Montgomery form: a batch inverts one product only.
    p = field.modulus
    forms = [*samples.edge_values(p), *samples.limb_patterns(p), *range(2, 300), *range(p - 300, p - 1)]
    forms += samples.vector(field, 1500, "inversion")[511:]
    r_squared = field.montgomery_r**2 % p
    for form in filter(None, forms):
        inverse = kernel.vec_inverse(field.name, form.to_bytes(field.num_bytes, "little"))
        assert int.from_bytes(inverse, "little") == pow(form, -1, p) * r_squared % p


@fields
def test_the_first_zero_is_named_and_nothing_is_inverted(kernel: Kernel, field: PrimeField) -> None:
    data = bytearray(samples.montgomery(field, [5, 7, 0, 9, 0]))
    before = bytes(data)
    with pytest.raises(ValueError, match=r"\b2\b"):
        kernel.vec_inverse(field.name, data)
    assert bytes(data) == before


@given(data=st.data())
def test_ring_laws(kernel: Kernel, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(list(FIELDS.values())), label="field")
    elements = st.lists(st.integers(0, field.modulus - 1), min_size=5, max_size=5)
    a, b, c = (pack_field(field, data.draw(elements)) for _ in range(3))
    add, sub, mul = (
        lambda x, y, operation=operation: operation(field.name, x, y)
        for operation in (kernel.vec_add, kernel.vec_sub, kernel.vec_mul)
    )
    assert mul(a, add(b, c)) == add(mul(a, b), mul(a, c))
    assert mul(mul(a, b), c) == mul(a, mul(b, c))
    assert sub(add(a, b), b) == a
    assert add(sub(a, b), sub(b, a)) == bytes(len(a))


@fields
def test_any_buffer_is_taken_and_left_alone(kernel: Kernel, field: PrimeField) -> None:
    raw = samples.packed(field, 9)
    expected = kernel.vec_mul(field.name, raw, raw)
    padded = bytearray(b"x" + raw)
    for buffer in (bytearray(raw), memoryview(raw), memoryview(padded)[1:], memoryview(bytearray(raw)).cast("Q")):
        assert kernel.vec_mul(field.name, buffer, buffer) == expected
        assert bytes(memoryview(buffer).cast("B")) == raw
        assert kernel.from_montgomery(field.name, kernel.to_montgomery(field.name, buffer)) == raw
        assert bytes(memoryview(buffer).cast("B")) == raw
