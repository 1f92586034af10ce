"""Result files: what is written is read back, and what is no result file is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from house.protocol import Sample
from house.race import Race, Side
from house.ratios import Pair
from house.results import Measured, ResultError, Run, load
from recorded_run import small_run


def saved(tmp_path: Path, run: Run) -> Path:
    path = tmp_path / "deep" / "run.json"
    run.save(path)
    return path


def test_round_trip(tmp_path: Path) -> None:
    run = small_run()
    assert load(saved(tmp_path, run)) == run


def test_a_part_may_be_measured_again() -> None:
    run = small_run()
    before = [item.key for item in run.measured]
    run.measured[0].commit = "old"
    run.replace(Measured(before[0], "field_mul", 1, None, {}, commit="new"))
    run.replace(Measured("new/t1", "new", 1, None, {}, commit="new"))
    assert [item.key for item in run.measured] == [*before, "new/t1"]
    assert run.commits() == ["new"]


def test_a_measure_is_a_line(tmp_path: Path) -> None:
    run = small_run()
    lines = saved(tmp_path, run).read_text(encoding="utf-8").splitlines()
    assert sum('"work"' in line for line in lines) == len(run.measured)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "zkrelay-bench/9"),
        (("machine",), []),
        (("measures",), None),
        (("measures", 0, "threads"), "many"),
        (("measures", 0, "ours", "samples", 0), [1.0]),
        (("measures", 0, "ours", "samples", 0), [1.0, -1.0]),
        (("measures", 0, "ours", "samples", 0), [1.0, float("nan")]),
        (("measures", 0, "peers", "gnark", "pairs"), [[1.0, 2.0]]),
    ],
)
def test_what_is_no_result_file_is_refused(path: tuple[Any, ...], value: Any, tmp_path: Path) -> None:
    data: Any = small_run().to_json()
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ResultError):
        load(file)


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", '{"format": 1}'])
def test_other_files_are_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ResultError):
        load(file)


def test_a_failed_peer_is_neither_a_time_nor_the_best() -> None:
    quick, slow = Sample(1.0, 1.0), Sample(9.0, 9.0)
    race = Race(
        Side(samples=[quick]),
        {"liar": Side(samples=[quick], error="wrong result"), "honest": Side(samples=[slow])},
        {"liar": [Pair(quick, quick)], "honest": [Pair(slow, quick)]},
    )
    measured = Measured("prove/x/t1", "prove", 1, "x", {}, 10, race)
    assert measured.peer_ms("liar") is None
    assert measured.ratio("liar") is None
    assert measured.best_peer(("liar", "honest", "absent")) == "honest"
    assert measured.ratio("absent") is None
    ratio = measured.ratio("honest")
    assert ratio is not None
    assert ratio.median == 9.0
