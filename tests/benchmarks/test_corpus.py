"""The corpus and the page of a run over it, without running anything."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import audit_corpus
import pytest
from house import audit_table, corpus
from house.audit_table import CorpusRun
from house.audited import Audited, audit_file
from house.corpus import CorpusError, Instance
from house.results import ResultError

ROOT = Path(__file__).resolve().parent.parent.parent
ROW = {"name": "a_B-1", "include": ["b.circom"], "main": "B(2)", "public": None, "truth": "safe", "constraints_O0": 3}


def row(truth: str, verdict: str | None, **more: object) -> Audited:
    found = {"verdict": verdict, "seconds": 0.25, "rows": 7, "fired": {"s": 5, "r": 2}, "found_by": "choices"}
    return Audited(
        f"c_{truth}_{verdict}", "C()", truth, {**found, "peak_mib": 40, "stuck": []} if verdict else {}, **more
    )  # type: ignore[arg-type]


def run_of(*rows: Audited) -> CorpusRun:
    return CorpusRun({"cpu": "a CPU"}, {"circom2": "1", "circomlib": "2"}, "make audit-corpus", 1.5, list(rows))


def test_the_list_has_its_91_rows_and_knows_most_truths() -> None:
    rows = corpus.read_rows()
    assert len(rows) == 91 and len({item.label for item in rows}) == 91
    assert sum(item.truth == "unknown" for item in rows) == 14


def test_a_main_file() -> None:
    assert Instance("n", ("a.circom", "b.circom"), "T(1)", ("x", "y")).source == (
        'pragma circom 2.0.0;\ninclude "a.circom";\ninclude "b.circom";\ncomponent main {public [x, y]} = T(1);\n'
    )


@pytest.mark.parametrize(
    "change", [{"name": "../x"}, {"truth": "perhaps"}, {"include": 5}, {"constraints_O0": "many"}, {"main": ...}]
)
def test_a_list_of_another_form_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([ROW]))
    assert corpus.read_rows(path) == [Instance("a_B-1", ("b.circom",), "B(2)", (), "safe", 3)]
    wrong = {key: value for key, value in {**ROW, **change}.items() if value is not ...}
    path.write_text(json.dumps([wrong]))
    with pytest.raises(CorpusError, match="no list of circuits"):
        corpus.read_rows(path)
    path.write_text(json.dumps([ROW, ROW]))
    with pytest.raises(CorpusError, match="twice"):
        corpus.read_rows(path)


@pytest.mark.parametrize(
    ("truth", "verdict", "contradicts"),
    [
        ("safe", "under-constrained", True),
        ("under-constrained", "safe", True),
        ("safe", "safe", False),
        ("under-constrained", "under-constrained", False),
        ("unknown", "safe", False),
        ("safe", "unknown", False),
        ("safe", None, False),
    ],
)
def test_a_verdict_against_the_truth_is_named(truth: str, verdict: str | None, contradicts: bool) -> None:
    run = run_of(row(truth, verdict))
    assert run.rows[0].contradicts is contradicts
    assert len(audit_table.defects(run)) == contradicts
    assert ("AGAINST THE TRUTH" in audit_table.table(run)) is contradicts
    assert ("Nothing contradicts" in audit_table.totals(run)[-1]) is not contradicts


def test_a_failed_check_is_a_defect_and_a_timeout_is_none() -> None:
    failed = row("safe", "safe", failures=["replay: line 3"])
    assert audit_table.defects(run_of(failed)) == ["c_safe_safe: replay: line 3"]
    assert audit_table.defects(run_of(row("safe", None, gave_up="killed after 90 s"))) == []


def test_the_page_of_the_documentation_is_that_of_the_recorded_run() -> None:
    recorded = "benchmarks/results/audit-corpus.json"
    page = audit_table.page(audit_table.load(ROOT / recorded), recorded)
    assert (ROOT / "docs" / "audit-corpus.md").read_text(encoding="utf-8") == page


def test_a_run_is_read_back_and_made_a_page(tmp_path: Path) -> None:
    run = run_of(row("safe", "safe", checked={"replay": {"steps": 7}}), row("unknown", "under-constrained"))
    run.save(tmp_path / "run.json")
    assert audit_table.load(tmp_path / "run.json") == run
    page = tmp_path / "page.md"
    assert audit_corpus.main(["--page", str(page), "--from", str(tmp_path / "run.json")]) == 0
    text = page.read_text(encoding="utf-8")
    for words in ("2 circuits: 2 (100 %) decided", "s:5 r:2", "choices", "a CPU", "0.250", "1 derivations replayed"):
        assert words in text, words
    for broken in (
        "{",
        '{"format": "zkrelay-bench/1"}',
        json.dumps({**json.loads((tmp_path / "run.json").read_text()), "rows": [5]}),
    ):
        (tmp_path / "broken.json").write_text(broken)
        with pytest.raises(ResultError):
            audit_table.load(tmp_path / "broken.json")
        assert audit_corpus.main(["--page", str(page), "--from", str(tmp_path / "broken.json")]) == 2


def test_a_child_that_fails_is_a_defect(tmp_path: Path) -> None:
    (tmp_path / "no.r1cs").write_bytes(b"nothing")
    found = audit_file("n", "M()", "safe", tmp_path / "no.r1cs", tmp_path / "out", seconds=5)
    assert found.verdict == "unknown" and not found.contradicts
    assert len(found.failures) == 1 and "FormatError" in found.failures[0]
    assert dataclasses.asdict(found)["found"] == {}


def test_missing_tools_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "NODE_MODULES", tmp_path)
    monkeypatch.setattr(corpus.shutil, "which", lambda name: f"/bin/{name}")
    with pytest.raises(CorpusError, match="circom2 is not installed: run npm ci"):
        corpus.versions()
    monkeypatch.setattr(corpus.shutil, "which", lambda name: None)
    with pytest.raises(CorpusError, match="node is not installed"):
        corpus.versions()
