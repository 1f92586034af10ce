"""The report: plots and a page from a recorded run."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import report
from house import series
from recorded_run import small_run

ROOT = Path(__file__).resolve().parents[2]

RECORDED = [(".", "benchmarks.md", "images"), ("zen3", "benchmarks-zen3.md", "images/benchmarks-zen3")]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    small_run().save(folder / "run.json")
    assert report.main([str(folder / "run.json"), "--docs", str(folder / "docs")]) == 0
    return folder / "docs"


def test_plots_are_svg_of_a_sane_size_with_every_series(written: Path) -> None:
    for name in ("prove-time", "prove-memory", "targets"):
        file = written / "images" / f"{name}.svg"
        text = file.read_text(encoding="utf-8")
        assert ElementTree.fromstring(text).tag.endswith("svg")
        assert 5_000 < len(text) < 200_000
    times = (written / "images" / "prove-time.svg").read_text(encoding="utf-8")
    for name in ("zkrelay x86_ifma", "zkrelay portable", "gnark", "n log n"):
        assert name in times, name


def test_plots_are_the_same_again(written: Path, tmp_path: Path) -> None:
    report.main([str(written.parent / "run.json"), "--docs", str(tmp_path / "again")])
    for file in (written / "images").iterdir():
        assert file.read_bytes() == (tmp_path / "again" / "images" / file.name).read_bytes(), file.name


def test_the_page_has_table_plots_growth_and_machine(written: Path) -> None:
    text = (written / "benchmarks.md").read_text(encoding="utf-8")
    for words in (
        "field product, throughput",
        "at least",
        "within n log n",
        "a CPU",
        "snarkjs is absent",
        "make bench-peers",
    ):
        assert words in text, words
    for target in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text):
        assert (written / target).exists()
    assert text.count("![") == 3


def test_growth_may_come_from_a_file_of_its_own(tmp_path: Path) -> None:
    targets, growth = small_run(), small_run()
    targets.measured, growth.measured = targets.measured[:3], growth.measured[3:]
    growth.machine["cpu"] = "another CPU"
    targets.save(tmp_path / "targets.json")
    growth.save(tmp_path / "growth.json")
    assert report.main([str(tmp_path / "targets.json"), "--docs", str(tmp_path / "docs")]) == 0
    text = (tmp_path / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert "`targets.json` and `growth.json`" in text
    assert "another CPU" in text
    assert "within n log n" in text
    assert "prove/chain_2p16/t1: gnark: no answer within 60 s" in text
    assert text.count("![") == 3


@pytest.mark.parametrize(("machine", "page", "images"), RECORDED)
def test_the_page_of_the_documentation_is_that_of_the_recorded_runs(
    tmp_path: Path, machine: str, page: str, images: str
) -> None:
    """After a change of the targets or of the tables: make bench-report."""
    results = str(ROOT / "benchmarks" / "results" / machine / "targets.json")
    assert report.main([results, "--docs", str(tmp_path), "--page", page]) == 0
    made, kept = ((folder / page).read_text(encoding="utf-8") for folder in (tmp_path, ROOT / "docs"))
    assert made == kept
    names = [{path.name for path in (docs / images).glob("*.svg")} for docs in (tmp_path, ROOT / "docs")]
    assert names[0] == names[1] != set()


def test_a_failed_size_is_no_point() -> None:
    points = series.chains(small_run())
    assert [point.rows for point in points["zkrelay x86_ifma"]] == [4086, 16374, 65526]
    assert [point.rows for point in points["gnark"]] == [4086, 16374]


def test_growth_above_n_log_n_is_told() -> None:
    run = small_run()
    race = run.measured[-1].race
    assert race is not None
    race.ours.samples = [type(race.ours.samples[0])(1e6, 1e6)]
    lines = series.growth_lines(run)
    assert any(line.startswith("zkrelay x86_ifma") and line.endswith("more than n log n") for line in lines)
    assert any(line.startswith("zkrelay portable") and line.endswith(": within n log n") for line in lines)


def test_a_file_that_is_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    assert report.main([str(tmp_path / "bad.json"), "--docs", str(tmp_path / "docs")]) == 1
    assert "no result file" in capsys.readouterr().err
    assert not (tmp_path / "docs").exists()
