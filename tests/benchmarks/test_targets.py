"""The table of targets, from a run with known numbers."""

from __future__ import annotations

import pytest
from house import table
from house.measures import targets
from house.results import Run
from house.targets import AIM, AT_LEAST, MISSED, NOT_MEASURED, TARGETS, Line, evaluate
from recorded_run import measured, small_run


def line_of(run: Run, key: str, unit: str = "") -> Line:
    return next(line for line in evaluate(run) if line.target.key == key and line.target.unit.startswith(unit))


def with_field_product(ns: float) -> Run:
    run = small_run()
    run.measured[0] = measured("field_mul", ns * 1e-6, {"gnark": 2 * 11.3e-6})
    return run


@pytest.mark.parametrize(("ns", "verdict"), [(2 * 1.49, AIM), (2 * 1.9, AT_LEAST), (2 * 2.1, MISSED)])
def test_the_ratio_decides_and_not_the_machine(ns: float, verdict: str) -> None:
    """On a machine where gnark takes twice its figure, twice the target's time reaches the target."""
    assert line_of(with_field_product(ns), "field_mul/t1").verdict == verdict


def test_times_are_in_the_units_of_the_row() -> None:
    line = line_of(small_run(), "field_mul/t1")
    assert line.ours == pytest.approx(2.0)
    assert line.best == ("gnark", pytest.approx(12.0))
    assert line.ratio is not None
    assert line.ratio.median == pytest.approx(6.0)


def test_without_a_yardstick_the_milliseconds_decide() -> None:
    run = small_run()
    run.measured = [measured("prove_inputs", 14.0, {}, circuit="claim", threads=2)]
    assert line_of(run, "prove_inputs/claim/t2").verdict == AT_LEAST
    run.measured = [measured("prove_inputs", 15.1, {}, circuit="claim", threads=2)]
    assert line_of(run, "prove_inputs/claim/t2").verdict == MISSED


def test_a_yardstick_that_failed_leaves_the_milliseconds() -> None:
    run = with_field_product(1.4)
    race = run.measured[0].race
    assert race is not None
    race.peers["gnark"].error = "out of memory"
    line = line_of(run, "field_mul/t1")
    assert (line.verdict, line.ratio, line.note) == (AIM, None, "gnark: out of memory")


def test_memory_is_what_the_proof_adds() -> None:
    line = line_of(small_run(), "prove/circom_claim/t1", "MB")
    assert line.ours == pytest.approx(10_000 * 1024 / 1e6)
    assert line.best == ("gnark", pytest.approx(80_000 * 1024 / 1e6))
    assert line.verdict == AIM


def test_what_was_not_measured_says_so() -> None:
    assert line_of(small_run(), "ntt/16/t1").verdict == NOT_MEASURED
    failed = line_of(small_run(), "g1_msm/12/t1")
    assert (failed.verdict, failed.note) == (NOT_MEASURED, "zkrelay: no memory")


def test_every_target_is_measured_by_the_full_run() -> None:
    assert {target.key for target in TARGETS} <= {measure.key for measure in targets(full=True)}


def test_the_table_names_failures_absences_and_gaps() -> None:
    text = table.targets_table(small_run()) + "\n".join(table.targets_notes(small_run()))
    for words in (
        "2.00 ns",
        "gnark 12",
        "6.00 (6.00-6.00)",
        "zkrelay: no memory",
        "snarkjs is absent: node not found",
        "skipped: prove/chain_2p20/t1",
    ):
        assert words in text, words
    everything = table.everything_table(small_run())
    assert "error: zkrelay: no memory" in everything
    assert "zkrelay portable" in everything


def test_a_table_has_as_many_cells_in_each_row() -> None:
    for text in (
        table.targets_table(small_run()),
        table.everything_table(small_run()),
        table.kernels_table(small_run()),
    ):
        assert len({line.count("|") for line in text.splitlines()}) == 1


@pytest.mark.parametrize(
    ("value", "text"), [(None, "-"), (1234.5, "1,234"), (123.4, "123"), (12.34, "12.3"), (1.0, "1.00"), (0.25, "0.250")]
)
def test_numbers(value: float | None, text: str) -> None:
    assert table.number(value) == text


@pytest.mark.parametrize(("load", "told"), [("0.1", False), ("9.5", True), ("unknown", False)])
def test_a_busy_machine_is_told(load: str, told: bool) -> None:
    run = small_run()
    run.machine |= {"load": load, "cores": "2"}
    assert any("busy" in note for note in table.targets_notes(run)) == told
