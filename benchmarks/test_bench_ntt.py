"""One number-theoretic transform over Fr, natural order in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from zkrelay.curves import bn254
from zkrelay.kernel import Kernel

FR = bn254.FR.name
SIZES = [12, 14, pytest.param(16, marks=pytest.mark.long), pytest.param(18, marks=pytest.mark.long)]


@pytest.mark.benchmark(group="ntt, Fr")
@pytest.mark.parametrize("log_size", SIZES)
def test_ntt(benchmark: Any, kernel: Kernel, scalars: Callable[[int], bytes], threads: int, log_size: int) -> None:
    values = kernel.to_montgomery(FR, scalars(1 << log_size))
    out = benchmark(kernel.ntt, FR, values, threads=threads)
    assert kernel.ntt(FR, out, inverse=True, threads=threads) == values
