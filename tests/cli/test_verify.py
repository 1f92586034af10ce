"""``verify``: 0 is true, 1 is false and nothing else, 3 is no proof at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import verify_arguments

from zkrelay.curves import bn254

R, P = bn254.FR.modulus, bn254.FP.modulus
INTEROP = Path(__file__).parents[1] / "vectors" / "interop"


def test_true(cli, files):
    outcome = cli(*verify_arguments(files))
    assert (outcome.exit_code, outcome.stdout) == (0, "OK\n")
    assert "warning:" in outcome.stderr and "development key" in outcome.stderr
    facts = cli(*verify_arguments(files), "--json").json()
    assert facts["valid"] is True and facts["reason"] is None and facts["num_public"] == 2
    assert facts["num_constraints"] is None and facts["num_wires"] is None


def test_snarkjs_files(cli):
    """Made by circom and snarkjs; a key of theirs gets no warning."""
    parts = [INTEROP / f"claim.{part}.json" for part in ("vkey", "public", "proof")]
    outcome = cli("verify", *parts)
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (0, "OK\n", "")


def test_false(cli, files):
    values = json.loads((files / "public.json").read_text())
    (files / "public.json").write_text(json.dumps([values[0], values[1][:-1] + "1"]))
    outcome = cli(*verify_arguments(files))
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert "INVALID: the pairing equation does not hold" in outcome.stderr
    outcome = cli(*verify_arguments(files), "--json")
    assert outcome.exit_code == 1 and outcome.json()["valid"] is False and "pairing" in outcome.json()["reason"]


def test_second_opinion(cli, files):
    pytest.importorskip("py_ecc")
    outcome = cli(*verify_arguments(files), "--with", "py_ecc", "--json")
    assert outcome.exit_code == 0 and outcome.json()["second_opinion"] == "py_ecc"
    (files / "public.json").write_text(json.dumps(["1", "2"]))
    assert cli(*verify_arguments(files), "--with", "py_ecc").exit_code == 1
    assert cli(*verify_arguments(files), "--with", "nobody").exit_code == 2


def test_verifiers_that_disagree_are_undecided(cli, files, monkeypatch):
    from zkrelay.errors import InvalidProof

    def refuse(*_: object) -> None:
        raise InvalidProof("no")

    monkeypatch.setattr("zkrelay.groth16.second_opinion.verify_with_py_ecc", refuse)
    outcome = cli(*verify_arguments(files), "--with", "py_ecc")
    assert outcome.exit_code == 5 and outcome.stdout == "" and "zkrelay accepts" in outcome.stderr


def test_a_missing_second_verifier_is_the_environment(cli, files, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "py_ecc", None)
    outcome = cli(*verify_arguments(files), "--with", "py_ecc")
    assert outcome.exit_code == 4 and "py_ecc" in outcome.stderr and outcome.stdout == ""


def edit(path, change):
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def set_item(*keys_and_value):
    *keys, last, value = keys_and_value

    def change(document):
        for key in keys:
            document = document[key]
        document[last] = value

    return change


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("proof.json", set_item("pi_a", 0, "1"), "proof.a"),  # off the curve
        ("proof.json", set_item("pi_a", 0, str(P)), "pi_a[0]"),  # not canonical
        ("proof.json", set_item("pi_a", 2, "0"), "pi_a[2]"),  # infinity
        ("proof.json", set_item("pi_c", 1, 7), "pi_c[1]"),  # no string
        ("proof.json", set_item("pi_b", [["1", "2"]]), "pi_b"),
        ("proof.json", set_item("curve", "bls12381"), "the proof is over bls12_381, the key over bn254"),
        ("proof.json", set_item("curve", "bls12377"), "curve"),
        ("proof.json", lambda proof: proof.pop("pi_b"), "pi_b"),
        ("public.json", set_item(1, str(R)), "[1]"),
        ("public.json", set_item(1, "-1"), "[1]"),
        ("public.json", lambda values: values.append("1"), "takes 2 public inputs, not 3"),
        ("public.json", lambda values: values.pop(), "takes 2 public inputs, not 1"),
        ("verification_key.json", set_item("nPublic", 7), "nPublic"),
        ("verification_key.json", lambda key: key.update(vk_gamma_2=key["vk_delta_2"]), "gamma equals delta"),
        ("verification_key.json", lambda key: key["IC"].__setitem__(1, key["IC"][2]), "same IC point"),
    ],
)
def test_malformed(cli, files, name, change, words):
    edit(files / name, change)
    outcome = cli(*verify_arguments(files))
    assert outcome.exit_code == 3, outcome.text
    assert name in outcome.stderr and words in outcome.stderr and outcome.stdout == ""
    error = cli(*verify_arguments(files), "--json").json()
    assert error["exit_code"] == 3 and words in error["message"]


@pytest.mark.parametrize("name", ["proof.json", "public.json", "verification_key.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"null", b"\xff\xfe", b"[" * 100000])
def test_no_json(cli, files, name, content):
    (files / name).write_bytes(content)
    outcome = cli(*verify_arguments(files))
    assert outcome.exit_code == 3 and name in outcome.stderr and outcome.stdout == ""


def test_truncated_everywhere(cli, files):
    whole = (files / "proof.json").read_bytes()
    for length in range(0, len(whole), 97):
        (files / "proof.json").write_bytes(whole[:length])
        outcome = cli(*verify_arguments(files))
        assert outcome.exit_code == 3 and "proof.json" in outcome.stderr


def test_missing_folder_and_permission(cli, files):
    (files / "proof.json").unlink()
    outcome = cli(*verify_arguments(files))
    assert outcome.exit_code == 3 and f"{files / 'proof.json'}: no such file" in outcome.stderr
    (files / "proof.json").mkdir()
    outcome = cli(*verify_arguments(files))
    assert outcome.exit_code == 3 and "proof.json" in outcome.stderr
