"""``verify-many``: 0 when all are true, 1 when bad ones are false, 3 when one is no proof; the bad ones are named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

INTEROP = Path(__file__).parents[1] / "vectors" / "interop"


@pytest.fixture
def many(files: Path) -> Path:
    """A folder with a.proof.json .. e.proof.json and their public inputs, all true, and a file of another kind."""
    folder = files / "many"
    folder.mkdir()
    for name in "abcde":
        shutil.copy(files / "proof.json", folder / f"{name}.proof.json")
        shutil.copy(files / "public.json", folder / f"{name}.public.json")
    (folder / "readme.txt").write_text("no proof")
    return folder


def run(cli, files: Path, *arguments):
    return cli("verify-many", files / "verification_key.json", *arguments)


def make_false(folder: Path, name: str) -> None:
    (folder / f"{name}.public.json").write_text(json.dumps(["1", "2"]))


def test_true(cli, files, many):
    outcome = run(cli, files, many)
    assert (outcome.exit_code, outcome.stdout) == (0, "OK\n")
    assert "development key" in outcome.stderr and "5 proofs, 0 refused" in outcome.stderr
    outcome = run(cli, files, files / "proof.json", many, many / "a.proof.json", "--threads", "2", "--json")
    facts = outcome.json()
    assert outcome.exit_code == 0 and facts["valid"] is True and facts["num_proofs"] == 6 and facts["refused"] == []


def test_snarkjs_files(cli):
    outcome = cli("verify-many", INTEROP / "claim.vkey.json", INTEROP / "claim.proof.json")
    assert (outcome.exit_code, outcome.stdout) == (0, "OK\n")
    outcome = cli("verify-many", INTEROP / "claim.vkey.json", INTEROP)
    assert outcome.exit_code == 3 and "MALFORMED" in outcome.stdout and "chain_2p12.proof.json" in outcome.stdout


def test_false_ones_are_named(cli, files, many):
    make_false(many, "b")
    make_false(many, "e")
    outcome = run(cli, files, many)
    assert outcome.exit_code == 1 and "OK" not in outcome.stdout
    lines = outcome.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"INVALID {many / name}.proof.json" for name in "be"]
    facts = run(cli, files, many, "--json").json()
    assert facts["valid"] is False
    assert [(row["proof"], row["error"]) for row in facts["refused"]] == [
        (str(many / f"{name}.proof.json"), "InvalidProof") for name in "be"
    ]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "c.proof.json").write_text("{"), "c.proof.json"),
        (lambda folder: (folder / "c.public.json").unlink(), "c.public.json: no such file"),
        (lambda folder: (folder / "c.public.json").write_text("[]"), "takes 2 public inputs, not 0"),
        (lambda folder: (folder / "c.public.json").write_text('["-1", "2"]'), "c.public.json"),
        (
            lambda folder: (folder / "c.proof.json").write_text(
                (folder / "c.proof.json").read_text().replace('"pi_a": [', '"pi_a": ["1", "5", "1"], "pi_x": [')
            ),
            "MALFORMED",
        ),
    ],
)
def test_malformed_ones_are_named_and_do_not_spoil_the_others(cli, files, many, spoil, words):
    spoil(many)
    make_false(many, "d")
    outcome = run(cli, files, many)
    assert outcome.exit_code == 3
    malformed, false = outcome.stdout.splitlines()
    assert malformed.startswith(f"MALFORMED {many / 'c.proof.json'}: ") and words in malformed
    assert false.startswith(f"INVALID {many / 'd.proof.json'}: ")


def test_usage_and_bad_keys(cli, files, many, tmp_path):
    assert run(cli, files).exit_code == 2
    assert run(cli, files, many / "readme.txt").exit_code == 2
    assert run(cli, files, many, "--threads", "0").exit_code == 2
    empty = tmp_path / "empty"
    empty.mkdir()
    outcome = run(cli, files, empty)
    assert outcome.exit_code == 3 and str(empty) in outcome.stderr
    outcome = run(cli, files, many / "absent.proof.json")
    assert outcome.exit_code == 3 and "no such file" in outcome.stdout
    key = json.loads((files / "verification_key.json").read_text())
    key["vk_gamma_2"] = key["vk_delta_2"]
    (files / "verification_key.json").write_text(json.dumps(key))
    outcome = run(cli, files, many)
    assert outcome.exit_code == 3 and outcome.stdout == "" and "gamma equals delta" in outcome.stderr
