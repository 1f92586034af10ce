"""Windows of every size give the kernel's own sum, on every group: what msm_windows.py measures is the right thing."""

from __future__ import annotations

import pytest
from msm_windows import GROUPS, LEAST, MOST, Group

from zkrelay.curves import CURVES
from zkrelay.kernel import Kernel


@pytest.mark.parametrize("curve", sorted(CURVES))
@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.parametrize("most", [12, pytest.param(MOST, marks=pytest.mark.long)])  # the work doubles with each
def test_every_window(compiled_kernel: Kernel, curve: str, name: str, most: int) -> None:
    n = 100
    group = Group(compiled_kernel, CURVES[curve], name, n)
    expected = getattr(compiled_kernel, f"{name}_msm")(curve, group.scalars, group.bases)
    assert {group.run(n, window)[1] for window in range(LEAST, most + 1)} == {expected}
    assert LEAST <= group.chosen(n) <= MOST
