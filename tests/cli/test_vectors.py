"""``vectors``: the same everywhere, equal to an independent implementation and to the files in the repository."""

from __future__ import annotations

import json
import stat
from importlib import resources
from pathlib import Path

import pytest
from command_line import EXAMPLE

from zkrelay.circuits.standard import STANDARD
from zkrelay.cli.programs import standard_table
from zkrelay.r1cs import run

PROTOCOL = Path(__file__).parents[1] / "vectors" / "protocol" / "protocol-v1.json"


def test_the_example_is_what_the_command_prints(cli):
    assert cli("vectors", "claim").stdout == EXAMPLE.read_text()


def test_the_example_satisfies_the_claim(cli):
    """On integers, by the test engine: no kernel, no compiler."""
    from zkrelay.circuits.standard import standard_circuit
    from zkrelay.formats import read_inputs

    assert run(standard_circuit("claim"), read_inputs(EXAMPLE)) > 8000


def test_protocol_values_equal_those_of_the_independent_implementation(cli):
    theirs, ours = json.loads(PROTOCOL.read_text()), cli("vectors", "protocol").json()
    for name in ("domain", "payee", "root_arity4_depth10", "cms", "messages", "sigs"):
        assert ours[name] == theirs[name], name
    assert ours["nullifiers"] == theirs["nullifiers"][:3], "the fourth is an empty slot of a batch"
    assert {name: ours["tags"][name] for name in theirs["tags"]} == theirs["tags"]


def test_the_table_of_standard_circuits_is_current_but_for_large_circuits():
    committed = json.loads((resources.files("zkrelay.circuits") / "standard.json").read_text(encoding="utf-8"))
    small = [row for row in committed["circuits"] if row["name"] not in ("batch16", "batch64")]
    assert standard_table([row["name"] for row in small])["circuits"] == small
    assert {row["name"] for row in committed["circuits"]} == set(STANDARD)


@pytest.mark.long
def test_the_table_of_standard_circuits_is_current(cli):
    committed = (resources.files("zkrelay.circuits") / "standard.json").read_text(encoding="utf-8")
    assert cli("vectors", "standard").stdout == committed, "run: zkrelay vectors standard > circuits/standard.json"


def test_to_a_file(cli, tmp_path):
    path = tmp_path / "claim.json"
    outcome = cli("vectors", "claim", "-o", path)
    assert outcome.exit_code == 0 and outcome.stdout == "" and path.read_text() == EXAMPLE.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert cli("vectors", "claim", "-o", path).exit_code == 2
    assert cli("vectors", "claim", "-o", path, "--force").exit_code == 0
