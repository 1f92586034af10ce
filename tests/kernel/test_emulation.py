"""The emulation of AVX-512 (native/emulation/) is whole: each intrinsic of the lanes is there, answered, compared."""

from __future__ import annotations

import re
from pathlib import Path

NATIVE = Path(__file__).resolve().parents[2] / "native"
FOR_CPU = re.compile(r"(?<!zkr)_mm(?:256|512)_[a-z0-9_]+")
EMULATED = re.compile(r"zkr(_mm(?:256|512)_[a-z0-9_]+)")


def used_by_the_lanes() -> set[str]:
    sources = [*(NATIVE / "templates").rglob("*.h"), *(NATIVE / "tests").glob("*lanes*")]
    return {name for path in sources for name in FOR_CPU.findall(path.read_text())}


def emulated(path: str) -> set[str]:
    return set(EMULATED.findall((NATIVE / path).read_text()))


def test_what_is_emulated_is_what_is_used() -> None:
    assert len(used_by_the_lanes()) > 40
    assert emulated("emulation/avx512.h") == used_by_the_lanes()


def test_each_is_put_in_the_place_of_its_intrinsic() -> None:
    renamed = re.findall(r"^#define (_mm\S+) zkr(\S+)$", (NATIVE / "emulation/rename.h").read_text(), re.MULTILINE)
    assert all(name == target for name, target in renamed)
    assert {name for name, _ in renamed} == used_by_the_lanes()


def test_each_has_a_known_answer() -> None:
    assert emulated("tests/test_emulation.c") == used_by_the_lanes()


def test_each_is_compared_with_its_instruction() -> None:
    text = (NATIVE / "tests/test_emulation_equal.c").read_text()
    compared = {f"_mm512_{name}" for name in re.findall(r"(?:SAME512|CHECK_EACH_BYTE)\((\w+),", text)}
    compared |= set(re.findall(r"(?:SAME256|SAME_MASK)\((_mm\w+),", text))
    compared |= set(re.findall(r"equal\(.*\"zkr(_mm\w+)\"\)", text)) | set(
        re.findall(r"SAME\(\w+, .*, zkr(_mm\w+)\(", text)
    )
    compared -= {"_mm512_name", "_mm512_"}  # the macros themselves
    assert compared == used_by_the_lanes()
