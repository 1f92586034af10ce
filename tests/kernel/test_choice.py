"""Which kernel computes: readable, forced by ZKRELAY_KERNEL, and never a silent fallback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zkrelay.errors import KernelUnavailable
from zkrelay.kernel import available, current, emulated, get

READ = "import zkrelay.kernel as k; print(k.current().name)"
CATCH = """
import zkrelay.kernel as k
from zkrelay.errors import KernelUnavailable
for _ in range(2):
    try:
        k.current()
    except KernelUnavailable as error:
        print(error)
"""


def run(code: str, folder: Path, kernel: str | None) -> str:
    """Standard output of a fresh interpreter with the variable set, or unset."""
    environment = {name: value for name, value in os.environ.items() if name != "ZKRELAY_KERNEL"}
    if kernel is not None:
        environment["ZKRELAY_KERNEL"] = kernel
    return subprocess.check_output([sys.executable, "-c", code], cwd=folder, env=environment, text=True, timeout=60)


def test_reference_is_always_available_and_last() -> None:
    names = available()
    assert names[-1] == "reference"
    assert "portable" in names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", available())
def test_names_choose_kernels(name: str, tmp_path: Path) -> None:
    assert get(name).name == name
    assert get(name) is get(name)
    assert run(READ, tmp_path, name) == f"{name}\n"


def test_without_the_variable_the_fastest_is_chosen(tmp_path: Path) -> None:
    assert run(READ, tmp_path, None) == f"{available()[0]}\n"
    assert available()[0] not in emulated(), "an emulated kernel runs only where it is asked for"


def test_this_process_uses_what_it_was_told() -> None:
    assert current().name == os.environ.get("ZKRELAY_KERNEL", available()[0])


@pytest.mark.parametrize("name", ["nonsense", "", "Portable", "portable ", "reference,portable"])
def test_unknown_names_are_an_error_that_lists_the_known_ones(name: str, tmp_path: Path) -> None:
    lines = run(CATCH, tmp_path, name).splitlines()
    assert len(lines) == 2, "the second call is refused as the first one was"
    for line in lines:
        assert repr(name) in line
        assert all(known in line for known in available())


@pytest.mark.parametrize("name", ["nonsense", "", "native", "portable\0"])
def test_get_refuses_unknown_names(name: str) -> None:
    with pytest.raises(KernelUnavailable):
        get(name)


def test_a_refused_name_leaves_the_choice_as_it_was() -> None:
    before = current().name
    with pytest.raises(KernelUnavailable):
        get("nonsense")
    assert current().name == before
