"""The lint: each code fires on a planted circuit and not on its mended twin; our own circuits; allowances."""

from __future__ import annotations

import pytest
from named_rows import NONE, ONE, P, bits, boolean, equal, r1cs_of, system_from
from tiny import F13, Gadget

from zkrelay.audit.advice import CODES, advise, parse_allowance, silence
from zkrelay.audit.system import System, system_of
from zkrelay.circuits.bits import to_bits_strict
from zkrelay.circuits.standard import STANDARD
from zkrelay.errors import AuditError
from zkrelay.r1cs import compile_circuit

PRODUCT = ({"x": 1}, {"y": 1}, {"out": 1})
IO = {"outputs": ["out"], "private": ["x", "y"]}
N = 8


def less_than(with_bounds: bool, offset: int = 0, flat: bool = False, swap: bool = False) -> System:
    """circom's LessThan(8), with its wires apart as at O0 or merged as at O1; ``offset`` -1 is LessEqThan."""
    sides = {"a": -1 if swap else 1, "b": 1 if swap else -1, "1": (1 << N) + offset}
    rows = bits(sides, N + 1, "n2b.out") if flat else []
    if not flat:
        rows = [equal({"lt.in[0]": 1}, {"a": 1}), equal({"lt.in[1]": 1}, {"b": 1})]
        rows += [equal({"n2b.in": 1}, {"lt.in[0]": sides["a"], "lt.in[1]": sides["b"], "1": sides["1"]})]
        rows += bits({"n2b.in": 1}, N + 1, "n2b.out")
    rows.append(equal({"out": 1}, {"1": 1, f"n2b.out[{N}]": -1}))
    if with_bounds:
        rows += bits({"a": 1}, N, "abits") + bits({"b": 1}, N, "bbits")
    return system_from(rows, outputs=["out"], private=["a", "b"])


def wide(check: bool) -> System:
    """Num2Bits(254) of x; with a check that the top bits are not all set, as a range check of bits alone."""
    rows = [*bits({"x": 1}, 254), equal({"out": 1}, {"bit[0]": 1})]
    if check:
        rows += [({"bit[253]": 1}, {"bit[252]": 1}, {"both": 1}), ({"both": 1}, {"bit[251]": 1}, NONE)]
    return system_from(rows, outputs=["out"], private=["x"])


def quotient(*more: tuple) -> System:
    """q = y / x, out = q + 1, and whatever keeps x from zero."""
    rows = [({"q": 1}, {"x": 1}, {"y": 1}), equal({"out": 1}, {"q": 1, "1": 1}), *more]
    return system_from(rows, **IO)


INVERSE = ({"x": 1}, {"i": 1}, ONE)
PLANTED: list[tuple[str, System, System]] = [
    ("ZKA001", system_from([PRODUCT], **IO, internal=["loose"]), system_from([PRODUCT, INVERSE], **IO)),
    (
        "ZKA001",
        system_from([PRODUCT], outputs=["out", "out2"], private=["x", "y"]),
        system_from([PRODUCT], outputs=["out"], private=["x", "y"]),
    ),
    ("ZKA002", system_from([PRODUCT], outputs=["out"], private=["x", "y", "z"]), system_from([PRODUCT], **IO)),
    (
        "ZKA003",
        system_from([PRODUCT], **IO, public=["nullifier"]),
        system_from([PRODUCT, ({"nullifier": 1}, {"nullifier": 1}, {"square": 1})], **IO, public=["nullifier"]),
    ),
    ("ZKA004", less_than(False), less_than(True)),
    ("ZKA004", less_than(False, flat=True), less_than(True, flat=True)),
    ("ZKA004", less_than(False, offset=-1), less_than(True, offset=-1)),
    ("ZKA004", less_than(False, flat=True, swap=True), less_than(True, flat=True, swap=True)),
    ("ZKA005", wide(False), wide(True)),
    ("ZKA006", quotient(), quotient(INVERSE)),
    ("ZKA006", quotient(), quotient(*bits({"x": 1, "1": -1}, 8))),
    (
        "ZKA007",
        system_from([PRODUCT, ({"y": 3}, {"x": 2}, {"out": 6})], **IO),
        system_from([PRODUCT, ({"y": 3}, {"x": 2}, {"other": 6})], **IO),
    ),
    (
        "ZKA007",
        system_from([PRODUCT, equal({"z": 2}, {"x": 4}), ({"x": 2, "z": -1}, {"1": 5}, NONE)], **IO),
        system_from([PRODUCT, equal({"z": 2}, {"x": 4}), ({"x": 2, "z": -1, "y": 1}, {"1": 5}, NONE)], **IO),
    ),
    ("ZKA008", system_from([PRODUCT, (NONE, {"x": 1}, NONE)], **IO), system_from([PRODUCT], **IO)),
    ("ZKA008", system_from([PRODUCT, (ONE, {"x": 3}, {"x": 3})], **IO), system_from([PRODUCT], **IO)),
    ("ZKA009", system_from([PRODUCT, (ONE, ONE, {"1": 2})], **IO), system_from([PRODUCT, INVERSE], **IO)),
]


def codes(system: System) -> list[str]:
    return [finding.code for finding in advise(system)]


@pytest.mark.parametrize(
    ("code", "planted", "mended"), PLANTED, ids=[f"{c}-{i}" for i, (c, _, _) in enumerate(PLANTED)]
)
def test_planted_and_mended(code, planted, mended):
    assert codes(planted) == [code]
    assert codes(mended) == []


def test_every_code_is_planted():
    assert {code for code, _, _ in PLANTED} == set(CODES)


def test_findings_name_signals_and_rows():
    (finding,) = advise(quotient())
    assert "q is a quotient" in finding.message and "divisor x" in finding.message
    assert finding.rows == (0,)
    (finding,) = advise(less_than(False))
    assert "a and b" in finding.message and "2^8" in finding.message


def test_one_bounded_operand_is_not_named():
    system = less_than(False, flat=True)
    rows = [*bits({"a": 1, "b": -1, "1": 256}, 9, "n"), equal({"out": 1}, {"n[8]": 1}), *bits({"b": 1}, 8, "bb")]
    (finding,) = advise(system_from(rows, outputs=["out"], private=["a", "b"]))
    assert "takes a, " in finding.message and codes(system) == ["ZKA004"]


@pytest.mark.parametrize("bound", [7, 8])
def test_narrow_enough_bounds_satisfy_a_comparator(bound):
    rows = [*bits({"a": 1, "b": -1, "1": 256}, 9, "n"), equal({"out": 1}, {"n[8]": 1})]
    rows += [*bits({"b": 1}, bound, "bb"), *bits({"a": 1}, bound, "ab")]
    assert codes(system_from(rows, outputs=["out"], private=["a", "b"])) == []


def test_wide_bounds_do_not():
    rows = [*bits({"a": 1, "b": -1, "1": 256}, 9, "n"), equal({"out": 1}, {"n[8]": 1})]
    rows += [*bits({"b": 1}, 9, "bb"), *bits({"a": 1}, 8, "ab")]
    (finding,) = advise(system_from(rows, outputs=["out"], private=["a", "b"]))
    assert finding.code == "ZKA004" and "takes b, " in finding.message


def test_sums_of_bounded_numbers_are_bounded():
    rows = [*bits({"s": 1, "b": -1, "1": 256}, 9, "n"), equal({"out": 1}, {"n[8]": 1}), *bits({"b": 1}, 8, "bb")]
    rows += [*bits({"a": 1}, 7, "ab"), equal({"s": 1}, {"a": 1, "f": 1}), boolean("f"), ({"a": 1}, {"f": 1}, {"g": 1})]
    assert codes(system_from(rows, outputs=["out"], private=["a", "b", "f"])) == []


def test_a_test_for_zero_is_no_division():
    """IsZero: the inverse is free where x is 0, and nothing else is; its result is a known factor afterwards."""
    rows = [({"x": 1}, {"inv": 1}, {"1": 1, "z": -1}), ({"x": 1}, {"z": 1}, NONE), ({"z": 1}, {"y": 1}, {"out": 1})]
    assert codes(system_from(rows, **IO)) == []


def test_a_free_inverse_that_is_used_again_is_found():
    """The same with the inverse in another row: there the value that is free where x is 0 does harm."""
    rows = [({"x": 1}, {"inv": 1}, {"1": 1, "z": -1}), equal({"out": 1}, {"inv": 1}), boolean("z")]
    (finding,) = advise(system_from(rows, outputs=["out"], private=["x"]))
    assert finding.code == "ZKA006" and "inv" in finding.message


def test_settled_quotients_are_not_told():
    system = quotient()
    q = system.r1cs.debug.wire_names.index("q")
    assert codes(system) == ["ZKA006"] and advise(system, settled={q}) == ()


def test_an_interval_around_zero_or_p_keeps_nothing_from_zero():
    assert codes(quotient(*bits({"x": 1, "1": 3}, 8))) == ["ZKA006"]
    assert codes(quotient(*bits({"x": 1}, 8))) == ["ZKA006"]


def test_a_decomposition_that_fits_is_no_finding():
    rows = [*bits({"x": 1}, 253), equal({"out": 1}, {"bit[0]": 1})]
    assert codes(system_from(rows, outputs=["out"], private=["x"])) == []


def test_the_strict_decomposition_of_our_own_is_checked():
    """Over F13 (4 bits) and over BN254; without its bounds both are found."""
    strict = Gadget(1, 4, lambda cs, x: to_bits_strict(cs, x[0]))
    assert codes(system_of(compile_circuit(strict, F13).r1cs)) == []
    strict = Gadget(1, 1, lambda cs, x: to_bits_strict(cs, x[0])[:1])
    assert codes(system_of(compile_circuit(strict).r1cs)) == []
    rows = [*bits({"x": 1}, 4), equal({"out": 1}, {"bit[0]": 1})]
    assert codes(system_from(rows, outputs=["out"], private=["x"], field=F13)) == ["ZKA005"]


@pytest.mark.parametrize(
    "name", [pytest.param("claim", marks=pytest.mark.long), "claim_x1", "open", "registration", "usage_limit"]
)
def test_our_own_circuits(name):
    """No finding but quotients of the signature's curve arithmetic: the divisors of complete doubling have no zero on
    the curve, and the points of an addition differ by their orders (circuits/variable_base.py).  That is more than a
    lint sees; a strong audit settles them.
    """
    system = system_of(compile_circuit(STANDARD[name]()).r1cs)
    findings = advise(system)
    assert {finding.code for finding in findings} <= {"ZKA006"}
    assert all("c6.eddsa." in system.name(wire) for finding in findings for wire in finding.wires)
    assert advise(system, settled={wire for finding in findings for wire in finding.wires}) == ()


def test_allowances():
    findings = advise(system := system_from([PRODUCT], outputs=["out"], private=["x", "y", "u", "v[0]", "v[1]"]))
    assert codes(system) == ["ZKA002"] * 3
    allowed = [parse_allowance("ZKA002:v[*]=kept = for version 2"), parse_allowance("ZKA002:w=gone")]
    told, unused = silence(system, findings, allowed)
    assert [finding.silenced for finding in told] == ["", "kept = for version 2", "kept = for version 2"]
    assert [item.subject for item in unused] == ["w"]
    told, unused = silence(system, findings, [parse_allowance("ZKA002=all of them")])
    assert all(finding.silenced for finding in told) and unused == ()


def test_an_allowance_can_name_a_row():
    findings = advise(system := system_from([PRODUCT, (NONE, {"x": 1}, NONE)], **IO))
    told, _ = silence(system, findings, [parse_allowance("ZKA008:row 1=padding")])
    assert told[0].silenced == "padding"
    told, unused = silence(system, findings, [parse_allowance("ZKA008:row 0=padding")])
    assert not told[0].silenced and len(unused) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ZKA002", "is not CODE:SIGNAL=REASON"),
        ("ZKA002:x", "is not CODE:SIGNAL=REASON"),
        ("ZKA002:x=", "is not CODE:SIGNAL=REASON"),
        ("ZKA002:x=  ", "is not CODE:SIGNAL=REASON"),
        ("x=because", "is not CODE:SIGNAL=REASON"),
        ("ZKA999:x=because", "no code of the lint"),
    ],
)
def test_a_wrong_allowance_is_refused(text, reason):
    with pytest.raises(AuditError, match=reason):
        parse_allowance(text)


def test_the_pages():
    """Each code has a page that says what its title says and how to mend it."""
    from pathlib import Path

    for code in CODES.values():
        page = (Path(__file__).parents[2] / code.page).read_text(encoding="utf-8")
        assert page.startswith(f"# {code.code}: {code.title}\n")
        for heading in ("## What", "## Why", "## Seen in the field", "## Mend", "## Silence"):
            assert heading in page, f"{code.page} lacks {heading}"


def test_no_system_makes_the_lint_fail():
    """The smallest systems: no row, no wire, only constants."""
    for rows in ([], [(NONE, NONE, NONE)], [(ONE, NONE, NONE)], [(NONE, NONE, ONE)]):
        for finding in advise(system_of(r1cs_of(rows))):
            assert finding.code in CODES
    assert P > 2
