"""``witness``: checked assignments for their owner's eyes; an unsatisfied one names line, signals and both sides."""

from __future__ import annotations

import json
import stat

import pytest
from command_line import SALT, USAGE, usage_inputs

from zkrelay.formats import read_wtns, read_zkwp


def test_the_witness_satisfies_its_circuit_and_is_private(made_once):
    path = made_once / "u.wtns"
    read_zkwp(made_once / "u.zkwp").r1cs.check(read_wtns(path).assignment)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_json_and_no_secret_in_any_output(cli, files):
    outcome = cli("witness", files / "u.zkwp", "-i", files / "input.json", "-o", files / "w.wtns", "--json")
    assert outcome.exit_code == 0 and outcome.json()["num_wires"] == 433
    assert str(SALT) not in outcome.text and str(USAGE) not in outcome.text


def test_inputs_from_standard_input(cli, files):
    text = (files / "input.json").read_bytes()
    assert cli("witness", files / "u.zkwp", "-i", "-", "-o", files / "w.wtns", stdin=text).exit_code == 0
    assert (files / "w.wtns").read_bytes() == (files / "u.wtns").read_bytes()
    bad = cli("witness", files / "u.zkwp", "-i", "-", "-o", files / "v.wtns", stdin=b"{")
    assert bad.exit_code == 3 and "<stdin>: not JSON" in bad.stderr


def test_unsatisfied(cli, files):
    (files / "input.json").write_text(json.dumps({**usage_inputs(), "commitment": "1"}))
    outcome = cli("witness", files / "u.zkwp", "-i", files / "input.json", "-o", files / "w.wtns")
    assert outcome.exit_code == 3 and not (files / "w.wtns").exists()
    first, left, right, signals = outcome.stderr.strip().splitlines()
    assert first.startswith("error: constraint 431 is not satisfied (zkrelay.circuits.poseidon:")
    assert "zkrelay.circuits.usage_limit:" in first
    assert left.split()[:2] == ["left", "side"] and right.split()[:2] == ["right", "side"]
    assert left.split()[2] != right.split()[2]
    assert "commitment" in signals
    assert str(SALT) not in outcome.text and str(USAGE) not in outcome.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"usage": None}, "usage"),
        ({"usage": "007"}, "usage: not a canonical decimal"),
        ({"usage": -1}, "usage"),
        ({"usage": ["1", "2"]}, "input 'usage' must be an integer"),
        ({"usage": str(2**254)}, "input 'usage' is not in"),
        ({"extra": "1"}, "unknown input 'extra'"),
        ({"salt": ...}, "input 'salt' is missing"),
    ],
)
def test_bad_inputs_name_the_file_and_the_field(cli, files, changes, words):
    inputs = {k: v for k, v in {**usage_inputs(), **changes}.items() if v is not ...}
    (files / "input.json").write_text(json.dumps(inputs))
    outcome = cli("witness", files / "u.zkwp", "-i", files / "input.json", "-o", files / "w.wtns")
    assert outcome.exit_code == 3 and words in outcome.stderr and "input.json" in outcome.stderr
    assert not (files / "w.wtns").exists() and str(SALT) not in outcome.text


def test_not_replaced_without_force(cli, files):
    outcome = cli("witness", files / "u.zkwp", "-i", files / "input.json")
    assert outcome.exit_code == 2 and "u.wtns exists" in outcome.stderr
    assert cli("witness", files / "u.zkwp", "-i", files / "input.json", "-f").exit_code == 0
