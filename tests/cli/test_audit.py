"""``zkrelay audit``: verdicts and exit codes, what it prints and writes, and what bad input gets.

The engine is stood in for: its verdicts are tested elsewhere.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import refused
from hand_reports import division, division_files, engine, safe, under, unknown
from named_rows import r1cs_of

import zkrelay.audit
from zkrelay.curves import PrimeField
from zkrelay.formats import Symbol, read_r1cs_file, read_sym, symbols_of, write_r1cs, write_sym


@pytest.fixture
def circuit(tmp_path: Path) -> Path:
    return division_files(tmp_path)


@pytest.fixture
def answers(monkeypatch):
    """``answers(under)``: the engine says so from now on."""

    def use(answer, **changes):
        monkeypatch.setattr(zkrelay.audit, "audit", engine(answer, **changes))

    return use


@pytest.mark.parametrize(("answer", "code"), [(safe, 0), (under, 1), (unknown, 5)])
def test_exit_codes_and_verdicts(cli, circuit, answers, answer, code):
    answers(answer)
    outcome = cli("audit", circuit)
    assert outcome.exit_code == code, outcome.text
    verdict = {0: "SAFE", 1: "UNDER-CONSTRAINED", 5: "UNKNOWN"}[code]
    assert outcome.stdout.startswith(f"{verdict} d.r1cs: outputs, in 12.5 ms")
    assert "names from" in outcome.stderr and "main.out" in outcome.stdout
    facts = cli("audit", circuit, "--json")
    assert facts.exit_code == code and facts.json()["verdict"] == verdict.lower()


def test_the_pair_is_shown(cli, circuit, answers):
    answers(under)
    text = cli("audit", circuit).stdout
    assert "found by zero denominators" in text
    assert [line.split() for line in text.splitlines() if "≠" in line][1:] == [
        ["≠", "main.out", "output", "15", "29"],
        ["≠", "main.div.q", "internal", "0", "7"],
    ]
    assert "main.div.q·main.a = main.c" in text and "main.out - 3·main.b - 2·main.div.q = 0" in text


def test_json_of_a_pair(cli, circuit, answers):
    answers(under)
    facts = cli("audit", circuit, "--json").json()
    assert facts["outputs"] == [{"name": "main.out", "wire": 1, "verdict": "under-constrained"}]
    assert facts["signals"] == {"asked": 1, "safe": 0, "under_constrained": 1, "unknown": 0}
    artefact = facts["artefact"]
    assert artefact["kind"] == "pair" and artefact["differing"] == ["main.out"]
    values = {item["name"]: (item["role"], item["first"], item["second"]) for item in artefact["values"]}
    assert values["main.out"] == ("output", "15", "29") and values["main.a"] == ("public input", "0", "0")
    assert facts["advice"][0]["code"] == "ZKA006" and facts["advice"][0]["signals"] == ["main.div.q"]
    assert facts["mode"] == "weak" and facts["seconds"] == 0.0125 and facts["circuit"] == "d.r1cs"


def test_what_is_stuck_is_told_with_its_rows(cli, circuit, answers):
    answers(unknown)
    artefact = cli("audit", circuit, "--json").json()["artefact"]
    assert artefact["kind"] == "stuck" and "main.div.q" in artefact["stuck_signals"]
    assert {"row": 1, "text": "main.div.q·main.a = main.c", "line": None} in artefact["stuck_rows"]
    text = cli("audit", circuit).stdout
    assert "Stuck: main.out" in text and "main.div.q·main.a = main.c" in text


def test_strong_asks_about_every_signal(cli, circuit, answers):
    answers(under)
    outcome = cli("audit", circuit, "--strong", "--json")
    assert outcome.json()["mode"] == "strong" and outcome.json()["signals"]["asked"] == 5
    assert outcome.json()["artefact"]["differing"] == ["main.out", "main.div.q"]


def test_a_circuit_without_outputs_is_audited_strong_and_says_so(cli, tmp_path, answers):
    answers(safe)
    path = division_files(tmp_path, division(outputs=[]))
    outcome = cli("audit", path)
    assert outcome.exit_code == 0 and "every signal" in outcome.stdout
    assert "note: the circuit has no outputs" in outcome.stderr
    assert "no outputs" not in cli("audit", path, "--strong").stderr


def test_our_own_circuits_by_name_and_by_file(cli, files, answers):
    answers(safe)
    for name in ("usage_limit", files / "u.r1cs", files / "u.zkwp"):
        outcome = cli("audit", name, "--json")
        assert outcome.exit_code == 0, outcome.text
        assert outcome.json()["num_constraints"] == 432 and outcome.json()["mode"] == "strong"
    assert cli("audit", "claim", "--depth", "2", "--arity", "2", "--json").json()["num_constraints"] < 8000
    assert cli("audit", "usage_limit", "--field", "bls12_381", "--json").json()["prime"].startswith("5243587517")


def test_source_lines_of_our_own(cli, files, answers):
    answers(unknown)
    rows = cli("audit", "usage_limit", "--json").json()["artefact"]["stuck_rows"]
    assert rows[0]["line"].startswith("zkrelay.circuits.")
    assert "circuits.usage_limit:" in cli("audit", files / "u.zkwp").stdout


def test_interrupted(cli, circuit, answers):
    """What was found until Ctrl-C is told, in text and in JSON, and the exit code is that of an interruption."""
    answers(unknown, interrupted=True)
    outcome = cli("audit", circuit)
    assert outcome.exit_code == 130 and "in part" in outcome.stdout and "Stuck" in outcome.stdout
    assert cli("audit", circuit, "--json").json()["interrupted"] is True


def test_files(cli, circuit, answers, tmp_path):
    answers(safe)
    names = {
        option: tmp_path / f"r.{suffix}" for option, suffix in (("log", "zkdl"), ("html", "html"), ("sarif", "sarif"))
    }
    arguments = [part for option, path in names.items() for part in (f"--{option}", path)]
    outcome = cli("audit", circuit, *arguments, "--json")
    assert outcome.exit_code == 0 and outcome.json()["files"] == {
        **{k: str(v) for k, v in names.items()},
        "exploit": None,
    }
    magic, _, rest = names["log"].read_bytes().partition(b"\n")
    lines = zlib.decompress(rest).decode("ascii").splitlines()
    assert (
        magic == b"zkdl 1"
        and lines[1:3] == ["shape 6 3", "claim weak"]
        and lines[3:] == ["s 0 3", "s 1 4", "s 2 1", "end"]
    )
    assert names["html"].read_text().startswith("<!DOCTYPE html>")
    assert json.loads(names["sarif"].read_text())["version"] == "2.1.0"
    again = cli("audit", circuit, *arguments)
    assert again.exit_code == 2 and "--force" in again.stderr
    assert cli("audit", circuit, *arguments, "--force").exit_code == 0


def test_no_derivation_no_log(cli, circuit, answers, tmp_path):
    answers(under)
    outcome = cli("audit", circuit, "--log", tmp_path / "r.zkdl", "--json")
    assert outcome.exit_code == 1 and "not written" in outcome.stderr
    assert outcome.json()["files"]["log"] is None and not (tmp_path / "r.zkdl").exists()


def test_allowances(cli, circuit, answers):
    answers(safe)
    outcome = cli("audit", circuit, "--allow", "ZKA006:main.div.q=meant so", "--allow", "ZKA001:x=gone", "--json")
    assert [item["silenced"] for item in outcome.json()["advice"]] == ["meant so"]
    assert "note: the allowance ZKA001:x fits no finding" in outcome.stderr
    refused(cli("audit", circuit, "--allow", "ZKA006"), 2, "is not")


def other_sym(r1cs, change) -> list[Symbol]:
    return [change(symbol) for symbol in symbols_of(r1cs)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda s: s._replace(wire=9) if s.label == 2 else s, "names wire 9"),
        (lambda s: s._replace(label=99) if s.label == 2 else s, "label 99"),
        (lambda s: s._replace(wire={2: 3, 3: 2}.get(s.label, s.wire)), "on wire 3"),
        (lambda s: s._replace(wire=-1) if s.label == 2 else s, "on wire -1"),
    ],
)
def test_a_sym_of_another_circuit(cli, circuit, answers, tmp_path, change, reason):
    answers(safe)
    write_sym(tmp_path / "other.sym", other_sym(division(), change))
    refused(cli("audit", circuit, "--sym", tmp_path / "other.sym"), 3, reason)
    assert cli("audit", circuit, "--sym", tmp_path / "d.sym").exit_code == 0


def test_a_sym_with_a_label_missing(cli, circuit, answers, tmp_path):
    answers(safe)
    write_sym(tmp_path / "d.sym", read_sym(tmp_path / "d.sym")[:-1], overwrite=True)
    refused(cli("audit", circuit), 3, "which the .sym has nowhere")


def test_a_file_under_another_name_is_known_by_its_content(cli, circuit, answers, files):
    """Auditors are handed files without a suffix; no verdict is worse than one about a name they did not mean."""
    answers(safe)
    plain = circuit.rename(circuit.with_name("circuit"))
    outcome = cli("audit", plain)
    assert outcome.exit_code == 0 and outcome.stdout.startswith("SAFE circuit:"), outcome.text
    refused(cli("audit", files / "u.zkey"), 3, "u.zkey: neither a .r1cs nor a .zkwp")
    refused(cli("audit", files), 3, "is a directory")
    (files / "nothing").touch()
    refused(cli("audit", files / "nothing"), 3, "nothing: neither a .r1cs")
    refused(cli("audit", files / "missing"), 2, "no standard circuit")


def test_without_names(cli, circuit, answers, tmp_path):
    answers(under)
    (tmp_path / "d.sym").unlink()
    outcome = cli("audit", circuit)
    assert outcome.exit_code == 1 and "wire 1" in outcome.stdout and "names from" not in outcome.stderr


def test_inputs_that_were_optimised_away(cli, tmp_path, answers):
    answers(safe)
    path = division_files(tmp_path)
    file = read_r1cs_file(path)
    write_r1cs(
        path, replace(file, num_private_inputs=2, wire_labels=file.wire_labels * 3, num_labels=18), overwrite=True
    )
    (tmp_path / "d.sym").unlink()
    outcome = cli("audit", path)
    refused(outcome, 3, "--O0")


def test_too_many_constraints_are_refused_before_they_are_read(cli, circuit, answers, monkeypatch):
    answers(safe)
    monkeypatch.setattr("zkrelay.audit.system.MAX_CONSTRAINTS", 2)
    refused(cli("audit", circuit), 3, "3 constraints are more than the limit of 2")


def test_another_prime(cli, tmp_path, answers):
    """Any prime that a .r1cs may have."""
    answers(safe)
    r1cs = r1cs_of(
        [({"x": 1}, {"x": 1}, {"y": 1})],
        outputs=["y"],
        private=["x"],
        field=PrimeField("goldilocks", 2**64 - 2**32 + 1),
    )
    write_r1cs(tmp_path / "g.r1cs", r1cs)
    outcome = cli("audit", tmp_path / "g.r1cs", "--json")
    assert outcome.exit_code == 0 and outcome.json()["prime"] == "18446744069414584321"


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["missing.r1cs"], 3, "no such file"),
        (["d.sym"], 2, "names come by --sym"),
        (["nope"], 2, "'nope'"),
        (["usage_limit", "--sym", "d.sym"], 2, "bring their"),
        (["d.r1cs", "--set", "depth=2"], 2, "cannot be set"),
        (["d.r1cs", "--timeout", "0"], 2, "--timeout"),
        (["d.r1cs", "--html", "nowhere/a.html"], 3, "does not exist"),
        (["text.r1cs"], 3, "text.r1cs"),
    ],
)
def test_refusals(cli, circuit, monkeypatch, arguments, code, reason):
    monkeypatch.chdir(circuit.parent)
    Path("text.r1cs").write_text("no constraint system\n")
    outcome = cli("audit", *arguments)
    refused(outcome, code, reason)
    assert outcome.stdout == ""


def test_many_lines_are_cut(cli, answers):
    answers(unknown)
    text = cli("audit", "usage_limit").stdout
    assert "more lines; --json and --html tell more" in text
    assert len(text.splitlines()) < 120


def test_lines_for_a_program_are_whole(cli, circuit, answers, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    answers(under)
    circuit = circuit.rename(circuit.with_name("d" * 100 + ".r1cs"))
    first = cli("audit", circuit).stdout.splitlines()[0]
    assert first == f"UNDER-CONSTRAINED {circuit.name}: outputs, in 12.5 ms"
    monkeypatch.setenv("COLUMNS", "60")
    assert max(map(len, cli("audit", circuit).stdout.splitlines())) <= 60


def test_markup_in_names_is_text(cli, tmp_path, answers):
    """rich would read [red] as markup."""
    answers(under)
    path = division_files(tmp_path, division(lambda name: f"[red]{name}"))
    assert "[red]main.out" in cli("audit", path).stdout
