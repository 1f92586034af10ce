"""``convert``: there and back without loss; refusals with reasons, and nothing written; marks of development keys."""

from __future__ import annotations

import json

import pytest
from command_line import verify_arguments

BINARY = ["arkworks", "gnark"]


@pytest.mark.parametrize("to", BINARY)
def test_there_and_back(cli, files, to):
    for kind, name in (("proof", "proof.json"), ("vk", "verification_key.json")):
        there = cli("convert", kind, files / name, "-o", files / "bytes", "--to", to)
        assert there.exit_code == 0 and there.stderr.endswith(f"wrote {files / 'bytes'}\n") and there.stdout == ""
        back = cli("convert", kind, files / "bytes", "-o", files / "back.json", "--from", to, "--to", "snarkjs")
        assert back.exit_code == 0 and (files / "back.json").read_bytes() == (files / name).read_bytes()
        (files / "bytes").unlink()
        (files / name).write_bytes((files / "back.json").read_bytes())
        (files / "back.json").unlink()
    assert cli(*verify_arguments(files)).exit_code == 0


def test_between_the_two(cli, files):
    assert cli("convert", "proof", files / "proof.json", "-o", files / "a", "--to", "arkworks").exit_code == 0
    assert cli("convert", "proof", files / "a", "-o", files / "g", "--from", "arkworks", "--to", "gnark").exit_code == 0
    assert cli("convert", "proof", files / "g", "-o", files / "b", "--from", "gnark", "--to", "arkworks").exit_code == 0
    assert (files / "a").read_bytes() == (files / "b").read_bytes()
    assert [(files / name).stat().st_size for name in "ag"] == [128, 164]


def test_a_key_out_of_a_zkey(cli, files):
    assert cli("convert", "vk", files / "u.zkey", "-o", files / "vk.json", "--to", "snarkjs").exit_code == 0
    assert (files / "vk.json").read_bytes() == (files / "verification_key.json").read_bytes()
    for source, out in (("u.zkey", "full"), ("verification_key.json", "bare")):
        assert cli("convert", "vk", files / source, "-o", files / out, "--to", "gnark").exit_code == 0
    full, bare = (files / "full").read_bytes(), (files / "bare").read_bytes()
    assert len(full) == len(bare) and full[32:64] != bare[32:64] == bytes([0x40, *[0] * 31])  # [beta]1, or infinity


def test_standard_input_and_json(cli, files):
    text = (files / "proof.json").read_bytes()
    outcome = cli("convert", "proof", "-", "-o", files / "p", "--to", "gnark", "--json", stdin=text)
    assert outcome.json() == {"version": 1, "curve": "bn254", "files": {"proof": str(files / "p")}, "file_bytes": 164}
    data = (files / "p").read_bytes()
    back = cli("convert", "proof", "-", "-o", files / "q", "--from", "gnark", "--to", "snarkjs", stdin=data)
    assert back.exit_code == 0 and (files / "q").read_bytes() == text


@pytest.mark.parametrize("to", BINARY)
def test_development_keys(cli, files, to):
    """A warning where the mark is lost; the mark again for whatever is read, until somebody vouches for the key."""
    lost = cli("convert", "vk", files / "verification_key.json", "-o", files / "vk", "--to", to)
    assert "warning: a development key" in lost.stderr
    arguments = ["convert", "vk", files / "vk", "--from", to, "--to", "snarkjs", "--force", "--json"]
    assert cli(*arguments, "-o", files / "back.json").json()["development"] is True
    assert json.loads((files / "back.json").read_text())["development"] is True
    assert cli(*arguments, "-o", files / "back.json", "--from-ceremony").json()["development"] is False
    assert "development" not in json.loads((files / "back.json").read_text())
    useless = cli("convert", "vk", files / "back.json", "-o", files / "x", "--to", "gnark", "--from-ceremony")
    assert useless.exit_code == 2


def test_nothing_is_replaced_without_force(cli, files):
    arguments = ["convert", "proof", files / "proof.json", "-o", files / "public.json", "--to", "gnark"]
    before = (files / "public.json").read_bytes()
    refused = cli(*arguments)
    assert refused.exit_code == 2 and "--force" in refused.stderr and (files / "public.json").read_bytes() == before
    assert cli(*arguments, "--force").exit_code == 0 and (files / "public.json").stat().st_size == 164


@pytest.mark.parametrize(
    ("kind", "name", "options", "code", "words"),
    [
        ("proof", "verification_key.json", [], 3, "not a proof"),
        ("vk", "proof.json", [], 3, "not a verification_key or zkey"),
        ("vk", "u.wtns", [], 3, "not a verification_key or zkey"),
        ("proof", "u.zkey", [], 3, "--from arkworks or --from gnark"),
        ("proof", "nothing.json", [], 3, "no such file"),
        ("proof", "proof.json", ["--from", "gnark"], 3, "section proof, offset 0: a: "),
        ("vk", "verification_key.json", ["--from", "arkworks"], 3, "section verifying key, offset"),
        ("proof", "proof.json", ["--curve", "bls12-381"], 2, "the file is over bn254"),
        ("vk", "u.zkey", ["--curve", "bls12_381"], 2, "the file is over bn254"),
        ("proof", "proof.json", ["--curve", "secp256k1"], 2, "none of"),
        ("proof", "proof.json", ["--from", "halo2"], 2, "halo2"),
    ],
)
def test_refusals(cli, files, kind, name, options, code, words):
    outcome = cli("convert", kind, files / name, "-o", files / "out", "--to", "arkworks", *options)
    assert outcome.exit_code == code and not (files / "out").exists()
    assert words in " ".join(outcome.stderr.replace("│", " ").split())


def test_a_proof_off_its_curve_is_not_written(cli, files):
    proof = json.loads((files / "proof.json").read_text())
    proof["pi_a"][0] = "1" if proof["pi_a"][0] != "1" else "2"
    (files / "proof.json").write_text(json.dumps(proof))
    outcome = cli("convert", "proof", files / "proof.json", "-o", files / "out", "--to", "gnark")
    assert outcome.exit_code == 3 and "proof.a" in outcome.stderr and not (files / "out").exists()
