"""``zkrelay ptau`` and ``zkrelay zkey``: exit codes, fields of --json, what is never replaced or shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zkrelay.ceremony import prepare_powers
from zkrelay.formats import read_ptau

from ..ceremony.damage import fields, overwritten, with_entries
from ..ceremony.small_ceremony import BEACON, SmallCeremony, small_ceremony
from .test_json_fields import documented
from .test_json_fields import fields as printed

BEACON_ARGUMENTS = (BEACON.hex(), "10")


@pytest.fixture
def made() -> SmallCeremony:
    return small_ceremony("bn254")


@pytest.fixture
def folder(made: SmallCeremony, tmp_path: Path) -> Path:
    (tmp_path / "new.ptau").write_bytes(made.powers[0])
    (tmp_path / "last.ptau").write_bytes(made.powers[3])
    (tmp_path / "prepared.ptau").write_bytes(made.prepared)
    (tmp_path / "circuit.r1cs").write_bytes(made.r1cs)
    (tmp_path / "new.zkey").write_bytes(made.keys[0])
    (tmp_path / "last.zkey").write_bytes(made.keys[3])
    (tmp_path / "done.zkey").write_bytes(made.keys[4])
    return tmp_path


def test_fields(cli, folder):
    out, inside = ("-o", folder / "out"), {"name", "hash", "beacon", "iterations_log2"}
    commands = {
        "ptau new": ("3", *out),
        "ptau contribute": (folder / "last.ptau", *out),
        "ptau prepare": (folder / "last.ptau", *out),
        "ptau export-challenge": (folder / "last.ptau", *out),
        "ptau answer": (folder / "challenge", *out),
        "ptau verify": (folder / "prepared.ptau",),
        "zkey new": (folder / "circuit.r1cs", folder / "prepared.ptau", *out),
        "zkey contribute": (folder / "last.zkey", *out),
        "zkey verify": (folder / "circuit.r1cs", folder / "prepared.ptau", folder / "done.zkey"),
        "zkey export-vk": (folder / "done.zkey", *out),
    }
    cli("ptau", "export-challenge", folder / "last.ptau", "-o", folder / "challenge")
    for command, arguments in commands.items():
        found = cli(*command.split(), *arguments, "--json").json()
        listed = inside if "contributions" in found else set()
        assert printed(found) | listed == documented(command) | {"version"}
        for item in found.get("contributions", []):
            assert set(item) == inside
        (folder / "out").unlink(missing_ok=True)


def test_beacons_and_new_files_are_those_of_the_library(cli, made, folder):
    done = cli("ptau", "beacon", folder / "last.ptau", *BEACON_ARGUMENTS, "-n", "the end", "-o", folder / "a.ptau")
    assert (done.exit_code, (folder / "a.ptau").read_bytes()) == (0, made.powers[4])
    done = cli("zkey", "beacon", folder / "last.zkey", *BEACON_ARGUMENTS, "-n", "the end", "-o", folder / "a.zkey")
    assert (done.exit_code, (folder / "a.zkey").read_bytes()) == (0, made.keys[4])
    assert len(re.findall(r"^\t\t(?:[0-9a-f]{8} ?){4}$", done.stderr, re.MULTILINE)) == 4
    cli("zkey", "new", folder / "circuit.r1cs", folder / "prepared.ptau", "-o", folder / "b.zkey")
    assert (folder / "b.zkey").read_bytes() == made.keys[0]
    alone = cli("zkey", "beacon", folder / "b.zkey", *BEACON_ARGUMENTS, "-o", folder / "c.zkey", "--json").json()
    assert alone["development"] is True


def test_verdicts(cli, made, folder):
    circuit, powers = folder / "circuit.r1cs", folder / "prepared.ptau"
    good = cli("zkey", "verify", circuit, powers, folder / "done.zkey", "--powers")
    assert (good.exit_code, good.stdout) == (0, "OK\n")
    assert "contribution 1 from 0:" in good.stderr
    assert "beacon" in good.stderr

    def change(records: list[bytes]) -> list[bytes]:
        part = fields("bn254", powers=False)["transcript"]
        return [overwritten(records[0], part, bytes(64)), *records[1:]]

    (folder / "bad.zkey").write_bytes(with_entries(made.keys[4], "bn254", change, powers=False))
    bad = cli("zkey", "verify", circuit, powers, folder / "bad.zkey")
    assert (bad.exit_code, bad.stdout) == (1, "")
    assert "INVALID: contribution 1 (from 0): the transcript hash" in bad.stderr
    found = cli("zkey", "verify", circuit, powers, folder / "new.zkey", "--json")
    assert (found.exit_code, found.json()["valid"], found.json()["circuit_hash"]) == (1, False, None)
    assert cli("ptau", "verify", folder / "new.ptau").exit_code == 1
    assert cli("ptau", "verify", folder / "last.ptau").exit_code == 0
    assert cli("zkey", "verify", circuit, folder / "last.ptau", folder / "done.zkey").exit_code == 3
    assert cli("ptau", "verify", folder / "done.zkey").exit_code == 3


def test_export(cli, folder):
    done = cli("zkey", "export-vk", folder / "done.zkey")
    assert (done.exit_code, done.stderr.count("development")) == (0, 0)
    assert cli("zkey", "export-vk", folder / "done.zkey").exit_code == 2
    refused = cli("zkey", "export-vk", folder / "new.zkey", "-o", folder / "other.json")
    assert (refused.exit_code, (folder / "other.json").exists()) == (3, False)
    assert "before the first contribution" in refused.stderr


@pytest.mark.parametrize("phase", ["ptau", "zkey"])
def test_usage(cli, folder, phase):
    last = folder / f"last.{phase}"
    before = last.read_bytes()
    for arguments in (
        ("contribute", last, "-o", last, "--force"),
        ("contribute", last, "-o", folder / "circuit.r1cs"),
        ("contribute", last),
        ("beacon", last, "xyz", "10", "-o", folder / "out"),
        ("beacon", last, "0", "10", "-o", folder / "out"),
        ("beacon", last, "00" * 256, "10", "-o", folder / "out"),
        ("beacon", last, "00", "9", "-o", folder / "out"),
        ("beacon", last, "00", "64", "-o", folder / "out"),
    ):
        assert cli(phase, *arguments).exit_code == 2, arguments
    assert (last.read_bytes(), (folder / "out").exists()) == (before, False)
    assert cli(phase, "contribute", last, "-o", folder / "out", "-n", "x" * 65).exit_code == 3


def test_entropy_is_not_shown(cli, folder):
    done = cli("zkey", "contribute", folder / "last.zkey", "-o", folder / "out", "-e", "rosebud")
    assert done.exit_code == 0
    assert "rosebud" not in done.text
    assert b"rosebud" not in (folder / "out").read_bytes()


def test_a_challenge_and_its_answer(cli, folder):
    challenge, response, new = folder / "challenge", folder / "response", folder / "new"
    assert cli("ptau", "export-challenge", folder / "last.ptau", "-o", challenge).exit_code == 0
    assert cli("ptau", "export-challenge", folder / "last.ptau", "-o", challenge).exit_code == 2
    done = cli("ptau", "answer", challenge, "-o", response, "-e", "rosebud")
    assert (done.exit_code, "rosebud" in done.text) == (0, False)
    assert cli("ptau", "answer", challenge, "-o", challenge, "--force").exit_code == 2
    assert cli("ptau", "answer", challenge, "-o", folder / "no", "--curve", "bls12_381").exit_code == 3
    imported = cli("ptau", "import", folder / "last.ptau", response, "-o", new)
    assert imported.exit_code == 0
    assert imported.stderr.split("next challenge")[0] == done.stderr.split("wrote")[0]
    assert cli("ptau", "verify", new).exit_code == 0


def test_an_interrupted_preparation_goes_on(cli, made, folder):
    powers, out, part = folder / "done.ptau", folder / "out.ptau", folder / "out.ptau.part"
    powers.write_bytes(made.powers[4])

    def progress(step: str, done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare_powers(out, read_ptau(powers), progress=progress, checkpoint=part)
    done = cli("ptau", "prepare", powers, "-o", out)
    assert (done.exit_code, out.read_bytes(), part.exists()) == (0, made.prepared, False)
    assert f"{part} is there" in done.stderr
    out.unlink()
    part.write_bytes(b"something else")
    done = cli("ptau", "prepare", powers, "-o", out)
    assert (done.exit_code, out.exists(), part.read_bytes()) == (3, False, b"something else")
    assert "out.ptau.part" in done.stderr


def test_info(cli, folder):
    found = cli("info", folder / "prepared.ptau", "--json").json()
    assert (found["format"], found["power"], found["prepared"], found["num_contributions"]) == ("ptau", 4, True, 4)
    assert found["contributions"][-1] == "the end"
