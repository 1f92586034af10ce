"""``info``: every kind of file, by content and not by suffix; no value of a witness or an input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from command_line import SALT, USAGE, usage_inputs

from zkrelay.kernel import available, current, emulated, requirements

INTEROP = Path(__file__).parents[1] / "vectors" / "interop"
FACTS = {
    "u.r1cs": {"format": "r1cs", "num_constraints": 432, "num_wires": 433, "num_public": 2, "num_private_inputs": 2},
    "u.sym": {"format": "sym", "num_constraints": None, "num_wires": None, "num_public": None, "num_symbols": 432},
    "u.wtns": {"format": "wtns", "num_constraints": None, "num_wires": 433, "num_public": None},
    "u.zkwp": {"format": "zkwp", "num_constraints": 432, "num_wires": 433, "num_public": 2, "name": "usage_limit"},
    "u.zkey": {
        "format": "zkey",
        "num_constraints": None,
        "num_wires": 433,
        "num_public": 2,
        "domain_size": 512,
        "development": True,
        "num_contributions": 0,
        "standard_circuit": "usage_limit",
    },
    "proof.json": {"format": "proof", "num_constraints": None, "num_wires": None, "num_public": None},
    "public.json": {"format": "public", "num_constraints": None, "num_wires": None, "num_public": 2},
    "verification_key.json": {"format": "verification_key", "num_wires": None, "num_public": 2, "development": True},
    "input.json": {"format": "input", "inputs": {"commitment": 1, "limit": 1, "usage": 1, "salt": 1}},
}


@pytest.mark.parametrize("name", FACTS)
def test_each_kind_by_content(cli, files, name):
    disguised = files / "no_suffix_at_all"
    (files / name).rename(disguised)
    facts = cli("info", disguised, "--json").json()
    assert {key: facts[key] for key in FACTS[name]} == FACTS[name]
    assert facts["file_bytes"] == disguised.stat().st_size
    table = cli("info", disguised)
    assert table.exit_code == 0 and table.stderr == "" and FACTS[name]["format"] in table.stdout
    assert str(SALT) not in table.text and str(USAGE) not in table.text
    piped = cli("info", "-", "--json", stdin=disguised.read_bytes()).json()
    assert {key: piped[key] for key in FACTS[name]} == FACTS[name]


@pytest.mark.parametrize("name", FACTS)
def test_truncated_and_empty_files(cli, files, name):
    """Half a .sym may be a whole one, as it is a list of lines without a count."""
    path, whole = files / name, (files / name).read_bytes()
    for length in (0, 3) if name == "u.sym" else (0, 3, len(whole) // 3, len(whole) - 2):
        path.write_bytes(whole[:length])
        outcome = cli("info", path)
        assert outcome.exit_code == 3 and name in outcome.stderr, f"{length} bytes"
        assert outcome.stdout == ""


def test_records_and_nothing_in_them(cli, files):
    key, notes = files / "s.json", files / "n.json"
    cli("key", "new", key, "--kind", "session")
    secret = json.loads(key.read_text())["secret"]
    facts = cli("info", key, "--json")
    assert facts.json()["format"] == "record" and facts.json()["records"] == {"zkrelay-session-key": 1}
    assert secret not in facts.text + cli("info", key).text
    notes.write_text(2 * '{"type": "zkrelay-note", "version": 1, "rho": "4242"}\n')
    outcome = cli("info", notes)
    assert outcome.exit_code == 0 and "zkrelay-note: 2" in outcome.stdout and "4242" not in outcome.text
    notes.write_text('{"type": "zkrelay-money", "version": 1}')
    assert cli("info", notes).exit_code == 3


def test_a_derivation(cli, files):
    log = files / "u.zkdl"
    assert cli("audit", files / "u.r1cs", "--log", log).exit_code == 0
    facts = cli("info", log, "--json").json()
    assert (facts["format"], facts["field"], facts["claim"]) == ("zkdl", "bn254_fr", "strong")
    assert (facts["num_constraints"], facts["num_wires"]) == (432, 433) and facts["num_lines"] > 1
    whole = log.read_bytes()
    for spoiled in (whole[:-5], b"zkdl 2" + whole[6:], b"zkdl 1\n" + zlib.compress(b"prime 13\nclaim weak\n")):
        log.write_bytes(spoiled)
        assert cli("info", log).exit_code == 3


def test_a_key_of_snarkjs(cli):
    facts = cli("info", INTEROP / "claim.zkey", "--json").json()
    assert facts["format"] == "zkey" and facts["num_public"] == 7
    assert facts["standard_circuit"] is None, "circom's claim is not ours"


def test_the_same_coefficients_have_one_digest(cli, files):
    digests = {
        cli("info", files / f"u.{suffix}", "--json").json()["coefficients_sha256"]
        for suffix in ("r1cs", "zkwp", "zkey")
    }
    assert len(digests) == 1


def test_kernel(cli):
    facts = cli("info", "--kernel", "--json").json()
    assert facts["kernel"] == current().name
    assert sorted([facts["kernel"], *facts["others"]]) == sorted(available())
    needs = requirements()
    assert facts["emulated_for_tests"] == emulated()
    real = set(needs) - set(emulated())
    assert real - set(facts["cpu_lacks"]) == real & set(available())
    for name, features in needs.items():
        lacking = facts["cpu_lacks"].get(name, [])
        assert set(features) == set(lacking) | (set(features) & set(facts["cpu_features"]))
        assert not set(lacking) & set(facts["cpu_features"])
    table = cli("info", "--kernel").stdout
    assert ("emulated for tests" in table) == bool(emulated())
    assert all(word in table for word in [facts["kernel"], *facts["cpu_features"]])


@pytest.mark.parametrize("name", available())
def test_a_forced_kernel_and_its_reason(name, tmp_path):
    environment = {**os.environ, "ZKRELAY_KERNEL": name}
    command = [sys.executable, "-c", "from zkrelay.cli import main; main()", "info", "--kernel", "--json"]
    # not from the root of the repository, whose zkrelay/ has no compiled kernel and would hide the installed package
    facts = json.loads(subprocess.check_output(command, cwd=tmp_path, env=environment, timeout=60))
    assert facts["kernel"] == name and facts["reason"] == f"ZKRELAY_KERNEL={name}"


def test_what_a_cpu_lacks_is_said(cli, monkeypatch):
    needs = {"fast": {"adx": True, "avx512ifma": False}, "portable": {}}
    monkeypatch.setattr("zkrelay.kernel.requirements", lambda: needs)
    facts = cli("info", "--kernel", "--json").json()
    assert facts["cpu_features"] == ["adx"] and facts["cpu_lacks"] == {"fast": ["avx512ifma"]}
    assert "fast: avx512ifma" in cli("info", "--kernel").stdout


def test_an_emulated_kernel_is_said_to_be_one(cli, files, monkeypatch):
    name = current().name
    monkeypatch.setattr("zkrelay.kernel.emulated", lambda: [name])
    assert cli("info", "--kernel", "--json").json()["emulated_for_tests"] == [name]
    assert any("emulated for tests" in row and name in row for row in cli("info", "--kernel").stdout.splitlines())
    assert f"{name} (emulated)" in cli("bench", "ntt", "--log-size", "3", "--runs", "1").stdout


@pytest.mark.parametrize("arguments", [[], ["--kernel", "file"]])
def test_usage(cli, arguments):
    assert cli("info", *arguments).exit_code == 2


@pytest.mark.parametrize(("content", "words"), [(b"\x7fELF", "no kind of file"), (b"hello, world", "no kind of file")])
def test_unknown_kinds(cli, tmp_path, content, words):
    (tmp_path / "x").write_bytes(content)
    outcome = cli("info", tmp_path / "x", "--json")
    assert outcome.exit_code == 3 and words in outcome.stderr
    assert outcome.json() == {
        "version": 1,
        "error": "FormatError",
        "message": outcome.json()["message"],
        "exit_code": 3,
    }


def test_missing_folder_and_device(cli, tmp_path):
    assert cli("info", tmp_path / "nothing").exit_code == 3
    assert cli("info", tmp_path).exit_code == 3
    outcome = cli("info", "/dev/null")
    assert outcome.exit_code == 3 and "not a regular file" in outcome.stderr


def test_a_proof_off_its_curve_is_not_described_as_one(cli, files):
    proof = json.loads((files / "proof.json").read_text())
    proof["pi_c"][0] = "5"
    (files / "proof.json").write_text(json.dumps(proof))
    assert cli("info", files / "proof.json").exit_code == 3


def test_inputs_show_counts_only(cli, tmp_path):
    (tmp_path / "input.json").write_text(json.dumps({**usage_inputs(), "path": [["1", "2"], ["3", "4"]]}))
    outcome = cli("info", tmp_path / "input.json")
    assert "path: 4" in outcome.stdout and str(SALT) not in outcome.text
