"""``zkrelay bench``: the shape of what it prints, what it refuses, and no word about how fast anything must be."""

from __future__ import annotations

import json

import pytest
from command_line import USAGE, usage_inputs, verify_arguments

from zkrelay.cli.measure import machine, measure, random_elements
from zkrelay.curves import FIELDS
from zkrelay.formats import read_wtns, write_wtns
from zkrelay.kernel import label


def arguments(name, files):
    return {
        "prove": ["bench", "prove", files / "u.zkey", files / "u.wtns"],
        "witness": ["bench", "witness", files / "u.zkwp", "-i", files / "input.json"],
        "verify": ["bench", *verify_arguments(files)],
        "msm": ["bench", "msm", "--log-size", "2", "--group", "g2"],
        "ntt": ["bench", "ntt", "--log-size", "4"],
    }[name]


@pytest.mark.parametrize("name", ["prove", "witness", "verify", "msm", "ntt"])
def test_what_is_printed(cli, files, name):
    threads = ["--threads", "2"] if name in ("prove", "msm", "ntt") else []
    outcome = cli(*arguments(name, files), "--runs", "3", "--json", *threads)
    assert outcome.exit_code == 0, outcome.text
    facts = outcome.json()
    assert facts["benchmark"] == name and facts["runs"] == 3 and facts["kernel"] == label()
    assert facts["threads"] == (2 if threads else 1)
    for kind in ("wall_ms", "cpu_ms"):
        assert 0 <= facts[kind]["min"] <= facts[kind]["median"] <= facts[kind]["max"]
    assert facts["peak_bytes"] >= facts["added_bytes"] >= 0
    assert facts["machine"] == machine()
    text = cli(*arguments(name, files), "--runs", "1").stdout
    assert all(word in text for word in ("wall", "cpu", "ms (median of 1;", "peak memory", label()))


def test_no_value_of_a_witness_is_printed(cli, files):
    for name in ("prove", "witness"):
        assert str(USAGE) not in cli(*arguments(name, files), "--runs", "1", "--json").text


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["msm", "--log-size", "23"], 2),
        (["msm", "--log-size", "-1"], 2),
        (["msm", "--group", "gt"], 2),
        (["msm", "--runs", "0"], 2),
        (["ntt", "--threads", "0"], 2),
        (["ntt", "--threads", "257"], 2),
        (["prove"], 2),
        (["verify", "a", "b"], 2),
        (["prove", "missing.zkey", "missing.wtns"], 3),
        (["witness", "missing.zkwp", "-i", "missing.json"], 3),
        (["verify", "a.json", "b.json", "c.json"], 3),
        (["verify", "-", "-", "c.json"], 2),
    ],
)
def test_what_is_refused(cli, options, code):
    outcome = cli("bench", *options)
    assert outcome.exit_code == code, outcome.text


def test_bad_files(cli, files):
    assert cli("bench", "prove", files / "u.wtns", files / "u.wtns").exit_code == 3
    assert cli("bench", "prove", files / "u.zkey", files / "u.zkey").exit_code == 3
    spoilt = bytearray(read_wtns(files / "u.wtns").assignment)
    spoilt[64] ^= 1
    write_wtns(files / "bad.wtns", FIELDS["bn254_fr"], bytes(spoilt))
    refused = cli("bench", "prove", files / "u.zkey", files / "bad.wtns", "--runs", "1")
    assert refused.exit_code == 3 and "does not satisfy the circuit" in refused.stderr
    (files / "input.json").write_text(json.dumps({**usage_inputs(), "limit": USAGE - 1}))
    refused = cli("bench", "witness", files / "u.zkwp", "-i", files / "input.json", "--runs", "1")
    assert refused.exit_code == 3 and "is not satisfied" in refused.stderr
    public = json.loads((files / "public.json").read_text())
    (files / "public.json").write_text(json.dumps([str(int(public[0]) ^ 1), *public[1:]]))
    assert cli("bench", *verify_arguments(files), "--runs", "1").exit_code == 1


def test_runs_are_counted_and_the_first_is_not_timed():
    calls = []
    measured = measure(lambda: calls.append(1), 5, None)
    assert len(calls) == 6
    assert len(measured.wall_ms) == len(measured.cpu_ms) == 5
    assert measured.added_bytes is None


def test_random_elements_are_canonical():
    data = random_elements(50)
    values = [int.from_bytes(data[i : i + 32], "little") for i in range(0, len(data), 32)]
    assert len(set(values)) == 50
    assert max(values) < 1 << 253 < min(field.modulus for field in FIELDS.values())
