"""``prove`` and ``verify``: the argument order of snarkjs, inputs in place of a witness, and whose program it is."""

from __future__ import annotations

import json
import os
import shutil
import stat

import pytest
from command_line import LIMIT, SALT, USAGE, usage_inputs, verify_arguments

from zkrelay.curves import bls12_381, bn254
from zkrelay.formats import read_wtns, write_wtns


def assert_verifies(cli, folder):
    outcome = cli(*verify_arguments(folder))
    assert (outcome.exit_code, outcome.stdout) == (0, "OK\n"), outcome.text


def test_a_witness_in_snarkjs_order(cli, files):
    assert_verifies(cli, files)
    public = json.loads((files / "public.json").read_text())
    assert public == [usage_inputs()["commitment"], str(LIMIT)]


@pytest.mark.parametrize("options_first", [False, True])
def test_inputs_in_place_of_a_witness(cli, files, options_first):
    before = (files / "proof.json").read_text()
    options, outputs = ["--input", files / "input.json"], [files / "proof.json", files / "public.json"]
    arguments = [files / "u.zkey", *(options + outputs if options_first else outputs + options)]
    outcome = cli("prove", *arguments, "--threads", "1", "--json")
    facts = outcome.json()
    assert outcome.exit_code == 0 and facts["circuit"] == "usage_limit" and facts["num_constraints"] == 432
    assert facts["public_inputs"] == json.loads((files / "public.json").read_text())
    assert facts["development"] is True and "development key" in outcome.stderr
    assert str(SALT) not in outcome.text and str(USAGE) not in outcome.text
    assert (files / "proof.json").read_text() != before, "a proof is replaced, and it is a fresh one"
    assert_verifies(cli, files)


def test_default_outputs(cli, files, monkeypatch):
    monkeypatch.chdir(files)
    for name in ("proof.json", "public.json"):
        (files / name).unlink()
    assert cli("prove", "u.zkey", "u.wtns").exit_code == 0
    assert_verifies(cli, files)


def test_standard_output_and_standard_input(cli, files):
    made = cli(
        "prove", files / "u.zkey", "-i", "-", "-", files / "public.json", stdin=(files / "input.json").read_bytes()
    )
    assert made.exit_code == 0 and set(json.loads(made.stdout)) == {"pi_a", "pi_b", "pi_c", "protocol", "curve"}
    key, public = files / "verification_key.json", files / "public.json"
    checked = cli("verify", key, public, "-", stdin=made.stdout.encode())
    assert (checked.exit_code, checked.stdout) == (0, "OK\n")
    truncated = cli("verify", key, public, "-", stdin=made.stdout.encode()[:100])
    assert truncated.exit_code == 3 and "<stdin>" in truncated.stderr
    assert cli("verify", "-", "-", "-").exit_code == 2


def test_a_standard_circuit_is_known_by_its_coefficients(cli, files):
    (files / "u.zkwp").unlink()
    outcome = cli("prove", files / "u.zkey", "-i", files / "input.json", files / "proof.json", files / "public.json")
    assert outcome.exit_code == 0 and "standard circuits" in outcome.stderr
    assert_verifies(cli, files)


def other_program(cli, folder):
    (folder / "square.py").write_text(
        "from zkrelay import Circuit, private, public\n"
        "class Square(Circuit):\n"
        "    y = public()\n"
        "    x = private()\n"
        "    def define(self, cs):\n"
        "        cs.assert_product(self.x, self.x, self.y)\n"
    )
    assert cli("compile", folder / "square.py", "-o", folder / "square.r1cs").exit_code == 0
    return folder / "square.zkwp"


@pytest.mark.parametrize("beside", [False, True])
def test_the_program_of_another_circuit_is_refused(cli, files, beside):
    program = other_program(cli, files)
    options = [] if beside else ["--program", program]
    if beside:
        shutil.copy(program, files / "u.zkwp")
    (files / "input.json").write_text('{"y": 9, "x": 3}')
    before = (files / "proof.json").read_bytes()
    outcome = cli(
        "prove", files / "u.zkey", "-i", files / "input.json", files / "proof.json", files / "public.json", *options
    )
    assert outcome.exit_code == 3
    assert "is not that of the circuit of" in outcome.stderr and "square" in outcome.stderr
    assert (files / "proof.json").read_bytes() == before


def test_no_program_at_all(cli, files):
    other_program(cli, files)
    assert cli("setup", files / "square.r1cs", "--vk", files / "square.json").exit_code == 0
    (files / "square.zkwp").rename(files / "elsewhere.zkwp")
    (files / "input.json").write_text('{"y": 9, "x": 3}')
    arguments = [
        "prove",
        files / "square.zkey",
        "-i",
        files / "input.json",
        files / "proof.json",
        files / "public.json",
    ]
    refused = cli(*arguments)
    assert refused.exit_code == 3 and "--program" in refused.stderr and "square.zkwp" in refused.stderr
    assert cli(*arguments, "--program", files / "elsewhere.zkwp").exit_code == 0


def test_unsatisfied_inputs_and_witnesses_leave_the_old_proof(cli, files):
    before = (files / "proof.json").read_bytes()
    (files / "input.json").write_text(json.dumps({**usage_inputs(), "limit": USAGE - 1}))
    outputs = [files / "proof.json", files / "public.json"]
    outcome = cli("prove", files / "u.zkey", "-i", files / "input.json", *outputs)
    assert outcome.exit_code == 3 and "is not satisfied" in outcome.stderr and "usage_limit:" in outcome.stderr

    spoilt = bytearray(read_wtns(files / "u.wtns").assignment)
    spoilt[64] ^= 1  # the limit
    write_wtns(files / "bad.wtns", bn254.FR, bytes(spoilt))
    outcome = cli("prove", files / "u.zkey", files / "bad.wtns", *outputs)
    assert outcome.exit_code == 3 and "is not satisfied" in outcome.stderr, "the program beside the key names the line"
    (files / "u.zkwp").rename(files / "x.zkwp")
    (files / "u.zkey").rename(files / "other_program.zkey")
    shutil.copy(other_program(cli, files), files / "other_program.zkwp")
    outcome = cli("prove", files / "other_program.zkey", files / "bad.wtns", *outputs)
    assert outcome.exit_code == 3 and "does not satisfy the circuit" in outcome.stderr
    assert (files / "proof.json").read_bytes() == before


def test_a_witness_must_fit_the_key(cli, files):
    outputs = [files / "proof.json", files / "public.json"]
    write_wtns(files / "short.wtns", bn254.FR, read_wtns(files / "u.wtns").assignment[:320])
    outcome = cli("prove", files / "u.zkey", files / "short.wtns", *outputs)
    assert outcome.exit_code == 3 and "short.wtns: the witness has 10 elements, the key asks for 433" in outcome.stderr
    write_wtns(files / "field.wtns", bls12_381.FR, read_wtns(files / "u.wtns").assignment)
    outcome = cli("prove", files / "u.zkey", files / "field.wtns", *outputs)
    assert outcome.exit_code == 3 and "over bls12_381_fr" in outcome.stderr
    outcome = cli("prove", files / "u.zkey", files / "input.json", *outputs)
    assert outcome.exit_code == 2 and "--input" in outcome.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["u.zkey"],
        ["u.zkey", "u.wtns", "proof.json"],
        ["u.zkey", "u.wtns", "proof.json", "public.json", "more.json"],
        ["u.zkey", "u.wtns", "proof.json", "public.json", "--input", "input.json"],
        ["u.zkey", "--input", "input.json", "proof.json"],
        ["u.zkey", "u.wtns", "--program", "u.zkwp"],
        ["u.zkey", "u.wtns", "same.json", "same.json"],
        ["u.zkey", "u.wtns", "-", "-"],
        ["u.zkey", "u.wtns", "-", "public.json", "--json"],
        ["u.zkey", "u.wtns", "--threads", "0"],
        ["u.zkey", "u.wtns", "--threads", "257"],
        ["u.zkey", "u.wtns", "u.zkey", "public.json"],  # a slip must not cost a key
        ["u.zkey", "u.wtns", "proof.json", "input.json"],
        ["u.zkey", "u.wtns", "public.json", "proof.json"],
    ],
)
def test_usage(cli, files, monkeypatch, arguments):
    monkeypatch.chdir(files)
    before = {path.name: path.read_bytes() for path in files.iterdir()}
    outcome = cli("prove", *arguments)
    assert outcome.exit_code == 2, outcome.text
    assert {path.name: path.read_bytes() for path in files.iterdir()} == before


def test_a_damaged_key(cli, files):
    key = bytearray((files / "u.zkey").read_bytes())
    key[-2000] ^= 1  # inside the H points
    (files / "u.zkey").write_bytes(key)
    before = (files / "proof.json").read_bytes()
    outcome = cli("prove", files / "u.zkey", files / "u.wtns", files / "proof.json", files / "public.json")
    assert outcome.exit_code == 3, outcome.text
    assert (files / "proof.json").read_bytes() == before


def test_devices_and_pipes_are_not_replaced(cli, files):
    """Writing is atomic, by a rename: as root, that would put a file in the place of /dev/null."""
    pipe = files / "pipe"
    os.mkfifo(pipe)
    for target in (pipe, "/dev/null"):
        outcome = cli("prove", files / "u.zkey", files / "u.wtns", files / "proof.json", target)
        assert outcome.exit_code == 2 and "no regular file" in outcome.stderr
    assert stat.S_ISFIFO(pipe.stat().st_mode) and stat.S_ISCHR(os.stat("/dev/null").st_mode)
