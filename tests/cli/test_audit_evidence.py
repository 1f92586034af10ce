"""``zkrelay audit`` with the real engine: exploits that are proved, logs that are replayed, mutants that are judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import refused
from hand_reports import division, division_files

from zkrelay.audit.mutation.judge import Fate
from zkrelay.formats import read_r1cs, read_wtns, write_r1cs


@pytest.fixture
def circuit(tmp_path: Path) -> Path:
    return division_files(tmp_path)


def test_an_exploit_is_written_and_proved(cli, circuit, tmp_path):
    outcome = cli("audit", circuit, "--exploit", tmp_path / "x", "--prove-exploit", "--json")
    assert outcome.exit_code == 1, outcome.text
    first, second, document = map(Path, outcome.json()["files"]["exploit"])
    r1cs = read_r1cs(circuit)
    assignments = [bytes(read_wtns(path).assignment) for path in (first, second)]
    for assignment in assignments:
        r1cs.check(assignment)
    assert assignments[0] != assignments[1]
    assert json.loads(document.read_text())["differing"] == ["main.out"]
    proved = outcome.json()["proved"]
    assert proved["outputs_differ"] and proved["public"][0][1:] == proved["public"][1][1:]
    assert "proved and verified both" in outcome.stderr
    assert cli("audit", circuit, "--exploit", tmp_path / "x").exit_code == 2, "nothing is replaced without --force"


def test_no_pair_no_exploit(cli, files, tmp_path):
    outcome = cli("audit", files / "u.r1cs", "--exploit", tmp_path / "x", "--prove-exploit", "--json")
    assert outcome.exit_code == 0 and "no exploit is written: the verdict is safe" in outcome.stderr
    assert outcome.json()["files"]["exploit"] is None and outcome.json()["proved"] is None


def test_a_log_is_replayed(cli, files, tmp_path):
    log = tmp_path / "u.zkdl"
    assert cli("audit", files / "u.r1cs", "--log", log).exit_code == 0
    outcome = cli("audit", files / "u.r1cs", "--replay", log)
    assert outcome.exit_code == 0 and outcome.stdout.startswith("OK strong: 432 signals determined"), outcome.text
    facts = cli("audit", files / "u.r1cs", "--replay", log, "--json").json()
    assert facts["valid"] and facts["claim"] == "strong" and facts["targets"] == 432
    other = division_files(tmp_path)
    outcome = cli("audit", other, "--replay", log, "--json")
    refused(outcome, 1, "REFUSED")
    assert outcome.json()["valid"] is False and outcome.json()["reason"]
    log.write_bytes(log.read_bytes()[:-4])
    refused(cli("audit", files / "u.r1cs", "--replay", log), 1, "REFUSED")


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["usage_limit", "--replay", "a.zkdl"], 2, "is checked against"),
        (["d.r1cs", "--replay", "a.zkdl", "--mutate"], 2, "exclude"),
        (["d.r1cs", "--replay", "missing.zkdl"], 3, "missing.zkdl: no such file"),
        (["d.r1cs", "--replay", "d.r1cs"], 3, "not a derivation"),
        (["d.r1cs", "--replay", "a.zkdl", "--html", "a.html"], 2, "no --html"),
        (["d.r1cs", "--mutate", "--strong"], 2, "no --strong"),
        (["tiny.r1cs", "--prove-exploit"], 2, "no curve here"),
    ],
)
def test_refusals(cli, circuit, monkeypatch, arguments, code, reason):
    from tiny import F13

    monkeypatch.chdir(circuit.parent)
    write_r1cs("tiny.r1cs", division(field=F13))
    refused(cli("audit", *arguments), code, reason)


def test_mutation(cli, circuit, tmp_path):
    outcome = cli("audit", circuit, "--mutate", "--json")
    facts = outcome.json()
    parts = facts["untried"] + sum(facts[fate.value] for fate in Fate)
    assert facts["mutants"] == parts > 3 and facts["killed"] > 0
    assert outcome.exit_code == (5 if facts["undecided"] else 0)
    assert cli("audit", circuit, "--mutate").stdout.startswith(f"d.r1cs: {facts['mutants']} mutants: ")


def test_a_redundant_row_is_listed(cli, tmp_path):
    from hand_reports import LINES, ROWS
    from named_rows import r1cs_of

    rows = [*ROWS, ROWS[0]]
    r1cs = r1cs_of(rows, outputs=["main.out"], public=["main.a"], private=["main.b"], lines=LINES)  # type: ignore[arg-type]
    outcome = cli("audit", division_files(tmp_path, r1cs), "--mutate", "--json")
    assert {item["row"] for item in outcome.json()["redundant_rows"]} >= {0, 3}
    assert "redundant: row 0: main.a·main.b = main.c" in cli("audit", tmp_path / "d.r1cs", "--mutate").stdout
