"""What native/bochs puts into the emulated machine, and what it makes of the serial port, up to an end too early."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

NATIVE = Path(__file__).resolve().parents[2] / "native"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The module, on a computer where everything is installed and the image is empty."""
    monkeypatch.syspath_prepend(str(NATIVE / "bochs"))
    import machine

    monkeypatch.setattr(machine, "need", lambda tools: None)
    monkeypatch.setattr(machine, "make_image", lambda folder, programs, khz: tmp_path / "image.iso")
    return machine


def outcomes(machine: ModuleType, monkeypatch: pytest.MonkeyPatch, folder: Path, said: str) -> list[tuple[object, ...]]:
    def lines(*_: object) -> Iterator[tuple[float, str]]:
        yield from ((float(second), line) for second, line in enumerate(said.splitlines()))

    monkeypatch.setattr(machine, "_serial_lines", lines)
    found = machine.run_programs(folder, [], limit_s=1)
    return [(each.name, each.status, each.seconds, each.output) for each in found]


WHOLE = "of Linux\n@begin first\n\n@end 0\n@begin second\nx.c:1: failed: a == b\n\n@end 1\n@done\nmore"


def test_outcomes(machine: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = outcomes(machine, monkeypatch, tmp_path, WHOLE)
    assert found == [("first", 0, 2.0, ""), ("second", 1, 3.0, "x.c:1: failed: a == b")]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "before the first program"),
        (WHOLE.partition("\n@end 0")[0], "first"),
        (WHOLE.partition("@begin second")[0], "after first"),
        (WHOLE.partition("@done")[0], "after second"),
        ("@without\n" + WHOLE, "does not find AVX-512 IFMA"),
    ],
)
def test_not_to_the_end(
    machine: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, why: str
) -> None:
    with pytest.raises(machine.MachineError, match=why):
        outcomes(machine, monkeypatch, tmp_path, said)


def test_missing_packages_are_named(machine: ModuleType, tmp_path: Path) -> None:
    import image

    here = tmp_path / "here"
    here.touch()
    image.need({"present": str(here)})
    with pytest.raises(image.MachineError, match=r"install --no-install-recommends first second$"):
        image.need({"first": str(tmp_path / "a"), "present": str(here), "second": str(tmp_path / "b")})


@pytest.mark.skipif(sys.platform != "linux", reason="ldd is Linux's")
def test_image_holds_programs_their_libraries_and_arguments(
    machine: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import image

    monkeypatch.setattr(image, "BUSYBOX", sys.executable)
    given = tmp_path / "given"
    given.mkdir()
    (given / "it's one").write_text("1")
    root = tmp_path / "root"
    program = image.Program("a name", (sys.executable, "-c", str(given)), ("KEY=with space",))
    image._fill_root(root, [program])
    assert (root / str(given).lstrip("/") / "it's one").read_text() == "1"
    assert list(root.rglob("ld-linux-*")) and list(root.rglob("libc.so.6"))
    last = (root / "init").read_text().splitlines()[-3]
    assert last == f"run 'a name' 'KEY=with space' {sys.executable} -c {given}"
