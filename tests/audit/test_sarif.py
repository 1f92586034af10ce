"""SARIF: what the published schema requires, and locations, levels and suppressions as code scanning reads them."""

from __future__ import annotations

import json

import pytest
from hand_reports import division, safe, under, unknown
from named_rows import r1cs_of

from zkrelay.audit.advice import CODES, advise, parse_allowance, silence
from zkrelay.audit.system import system_of
from zkrelay.audit.views.sarif import MAX_SIGNALS, sarif_log, source_of, write_sarif

LEVELS = {"none", "note", "warning", "error"}


def check(log):
    """The required properties and enumerations of sarif-schema-2.1.0.json, for the objects that are used."""
    assert log["version"] == "2.1.0" and isinstance(log["$schema"], str)
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] and run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    assert all(set(item) >= {"executionSuccessful"} for item in run["invocations"])
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"] and rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in LEVELS
    for result in run["results"]:
        assert result["message"]["text"] and result["level"] in LEVELS
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        for location in result.get("locations", []):
            check_location(location)
        for suppression in result.get("suppressions", []):
            assert suppression["kind"] in ("inSource", "external")
    return run


def check_location(location):
    assert location
    if "physicalLocation" in location:
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uri"] and " " not in place["artifactLocation"]["uri"]
        assert place.get("region", {"startLine": 1})["startLine"] >= 1
    for item in location.get("logicalLocations", []):
        assert item["fullyQualifiedName"] and item["kind"]


def with_advice(report):
    return type(report)(**{**vars(report), "advice": advise(report.system)})


@pytest.mark.parametrize(("answer", "verdict"), [(under, ["ZKV001"]), (unknown, ["ZKV002"]), (safe, [])])
def test_results(answer, verdict):
    run = check(sarif_log(with_advice(answer(system_of(division()))), "d.r1cs", "x/d.r1cs"))
    assert [result["ruleId"] for result in run["results"]] == [*verdict, "ZKA006"]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {"ZKV001", "ZKV002", *CODES}
    assert run["properties"]["mode"] == "weak"


def test_our_own_circuits_are_located_by_the_author_s_line():
    run = check(sarif_log(under(system_of(division())), "division"))
    (location,) = run["results"][0]["locations"]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": "top.py"}, "region": {"startLine": 12}}
    assert [item["fullyQualifiedName"] for item in location["logicalLocations"]] == ["main.out"]


def test_a_file_without_lines_is_located_itself():
    report = under(system_of(r1cs_without_lines()))
    (location,) = check(sarif_log(report, "d.r1cs", "my circuits/d.r1cs"))["results"][0]["locations"]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": "my%20circuits/d.r1cs"}}


def r1cs_without_lines():
    from hand_reports import ROWS

    return r1cs_of(ROWS, outputs=["main.out"], public=["main.a"], private=["main.b"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("module", "path"),
    [("zkrelay.circuits.claim", "circuits/claim.py"), ("circuit.py", "circuit.py"), ("a.b", "a/b.py")],
)
def test_modules_are_files(module, path):
    assert source_of(module) == path


def test_silenced_findings_are_suppressed():
    report = with_advice(safe(system_of(division())))
    findings, _ = silence(report.system, report.advice, [parse_allowance("ZKA006=meant so")])
    run = check(sarif_log(type(report)(**{**vars(report), "advice": findings}), "d.r1cs"))
    assert run["results"][0]["suppressions"] == [{"kind": "external", "justification": "meant so"}]


def test_many_signals_are_cut():
    names = [f"x{i}" for i in range(100)]
    report = unknown(system_of(r1cs_of([(dict.fromkeys(names, 1), {names[0]: 1}, {})], outputs=names)))
    (result,) = check(sarif_log(report, "wide"))["results"]
    assert len(result["locations"][0]["logicalLocations"]) == MAX_SIGNALS and result["message"]["text"].endswith("…")


def test_interrupted():
    run = check(sarif_log(unknown(system_of(division()), interrupted=True), "d.r1cs"))
    assert run["invocations"] == [{"executionSuccessful": False}]


def test_the_file(tmp_path):
    report = under(system_of(division()))
    write_sarif(tmp_path / "a.sarif", report, "d.r1cs")
    assert json.loads((tmp_path / "a.sarif").read_bytes()) == sarif_log(report, "d.r1cs")
    with pytest.raises(FileExistsError):
        write_sarif(tmp_path / "a.sarif", report, "d.r1cs")
