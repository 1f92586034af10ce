"""Z3 as an independent voice on the corpus: its word, the known truth and our verdict never disagree.

The quick rows are those that Z3 5.4 decides in a second; it is given much longer, so that a busy machine does not
matter.  Of a template in several sizes, the suite takes the smallest and the long tests the others, which are circom's
time and not ours.
"""

from __future__ import annotations

from typing import Any

import pytest
from house.corpus import CorpusError, Instance, compile_instance, read_rows, versions
from tools import tool_missing

from zkrelay.audit import audit
from zkrelay.audit.opinions.smt import Says, ask, find_z3
from zkrelay.audit.report import Verdict
from zkrelay.audit.system import system_of_file
from zkrelay.formats import read_r1cs_file

QUICK_TIMEOUT_S, LONG_TIMEOUT_S = 60.0, 20.0
MAX_ROWS = 1600
# templates that it does not decide in seconds, most of them in no time
SLOW = (
    *("BabyDbl()", "Bits2Num_strict()", "CompConstant(2)", "EscalarMulAny(2)", "Num2Bits_strict()", "Num2Bits(254)"),
    *("SegmentMulAny(2)", "SegmentMulFix(2)", "Segment(2)", "Sign()", "WindowMulFix()", "BinSum(32,2)", "BinSum(32,5)"),
    *(f"Num2BitsNeg({bits})" for bits in (32, 64, 128, 256)),
    *("Pedersen(8)", "Pedersen(32)", "Pedersen(64)", "SigmaPlus()", "T1()", "T2()"),
)
SMALL = {item.source: item for item in read_rows() if item.rows is not None and item.rows <= MAX_ROWS}.values()
QUICK = [item for item in SMALL if item.main not in SLOW]
# of Bits2Num also the first size at which the bits may wrap
LARGER = (
    *(f"Bits2Num({bits})" for bits in (16, 64, 253, 256)),
    *(f"{name}({bits})" for name in ("GreaterThan", "GreaterEqThan") for bits in (8, 16, 32)),
    *("LessEqThan(16)", "LessEqThan(32)", "BinSub(16)", "Pedersen(2)"),
)


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    if find_z3() is None:
        tool_missing("z3 is not installed")
    try:
        versions()
    except CorpusError as error:
        tool_missing(str(error))


def voices(item: Instance, timeout: float) -> tuple[Says, Verdict]:
    """Z3's word and our verdict, after holding them against each other and against the truth."""
    system = system_of_file(read_r1cs_file(compile_instance(item).r1cs))
    word = ask(system, system.inputs, system.outputs, timeout=timeout)
    verdict = audit(system, timeout=timeout).verdict
    contradicted = {Says.DETERMINED: Verdict.UNDER_CONSTRAINED, Says.PAIR: Verdict.SAFE}.get(word.says)
    assert verdict is not contradicted, f"{item.main}: we say {verdict.value}, Z3 has the {word.says.value}"
    if item.truth != "unknown":
        assert contradicted is None or item.truth != contradicted.value, f"{item.main} is {item.truth}: Z3 is wrong"
        assert verdict.value in (item.truth, "unknown"), f"{item.main} is {item.truth}: we are wrong"
    return word.says, verdict


def quick_row(item: Instance) -> Any:
    return pytest.param(item, id=item.main, marks=pytest.mark.long if item.main in LARGER else ())


@pytest.mark.parametrize("item", [quick_row(item) for item in QUICK])
def test_three_voices_agree(item: Instance) -> None:
    said, verdict = voices(item, QUICK_TIMEOUT_S)
    assert said is not Says.NOTHING
    assert verdict is not Verdict.UNKNOWN


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("item", [item for item in SMALL if item.main in SLOW], ids=lambda item: item.main)
def test_three_voices_agree_where_z3_is_slow(item: Instance) -> None:
    voices(item, LONG_TIMEOUT_S)
