"""scalars[i]·points[i] of many pairs: known logarithms, edges, other sizes than a block, and what is refused."""

from __future__ import annotations

import itertools

import pytest

from zkrelay.errors import MalformedInput, NonCanonicalNumber
from zkrelay.kernel import Kernel

from . import samples
from .group_under_test import GroupUnderTest, chunks, groups
from .test_groups import SPECIAL


@groups
@pytest.mark.parametrize("threads", [1, 3])
def test_products_of_edge_scalars(kernel: Kernel, group: GroupUnderTest, threads: int) -> None:
    pairs = [*list(zip(SPECIAL, itertools.cycle([1, -1, 77]))), (-1, 0), (0, 0)]
    points = b"".join(group.multiple(log) for _, log in pairs)
    scalars = group.scalars([scalar for scalar, _ in pairs])
    expected = b"".join(group.multiple(scalar * log) for scalar, log in pairs)
    assert group.call(kernel, "products")(scalars, points, threads=threads) == expected
    assert group.call(kernel, "products")(b"", b"", threads=threads) == b""


@groups
@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 513])
def test_many_products_are_those_of_each(native_kernel: Kernel, group: GroupUnderTest, size: int) -> None:
    products = group.call(native_kernel, "products")
    values = samples.vector(group.samples.fr, size)
    points = b"".join(group.multiples(513)[:size])
    together = products(group.scalars(values), points, threads=2)
    for index in {0, 1, size // 2, size - 1} & set(range(size)):
        assert chunks(together, group.size)[index] == group.multiple(index * values[index])
    assert products(group.scalars(values), points, threads=1) == together


@groups
def test_refusals(kernel: Kernel, group: GroupUnderTest) -> None:
    products = group.call(kernel, "products")
    with pytest.raises(NonCanonicalNumber, match="1"):
        products(group.scalars([1]) + group.r.to_bytes(32, "little"), group.generator * 2)
    for scalars, points in (
        (bytes(31), group.generator),
        (bytes(32), group.generator * 2),
        (bytes(64), group.generator),
    ):
        with pytest.raises(MalformedInput):
            products(scalars, points)
    with pytest.raises(MalformedInput):
        products(bytes(32), group.generator, threads=0)
    with pytest.raises(ValueError, match="curve"):
        getattr(kernel, f"{group.name}_products")("secp256k1", bytes(32), group.generator)
