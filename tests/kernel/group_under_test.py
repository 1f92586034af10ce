"""The four groups that the tests of sums and of membership go through."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from zkrelay.kernel import Kernel

from .curve_samples import CURVES, CurveSamples


@dataclass(frozen=True)
class GroupUnderTest:
    """One group of one curve: the kernel's methods by their names, and known multiples of the generator."""

    samples: CurveSamples
    name: str
    size: int
    multiple: Callable[[int], bytes]
    multiples: Callable[[int], tuple[bytes, ...]]

    def __repr__(self) -> str:
        return f"{self.samples}-{self.name}"

    def call(self, kernel: Kernel, operation: str) -> Callable[..., bytes]:
        return functools.partial(getattr(kernel, f"{self.name}_{operation}"), self.samples.curve.name)

    @property
    def r(self) -> int:
        return self.samples.fr.modulus

    @property
    def p(self) -> int:
        return self.samples.fp.modulus

    @property
    def coordinate_bytes(self) -> int:
        return self.samples.fp.num_bytes

    @property
    def generator(self) -> bytes:
        return self.multiple(1)

    @property
    def infinity(self) -> bytes:
        return bytes(self.size)

    def scalars(self, values: Sequence[int]) -> bytes:
        """Canonical; reduced here, so that -1 is the largest scalar of either curve."""
        return self.samples.scalars([value % self.r for value in values])


GROUPS = [
    group
    for c in CURVES
    for group in (
        GroupUnderTest(c, "g1", c.curve.g1_bytes, c.g1_multiple, c.g1_multiples),
        GroupUnderTest(c, "g2", c.curve.g2_bytes, c.g2_multiple, c.g2_multiples),
    )
]
groups = pytest.mark.parametrize("group", GROUPS, ids=repr)


def chunks(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]
