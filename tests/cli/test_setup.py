"""``setup``: development keys, announced, beside each other, and never over another key."""

from __future__ import annotations

import errno
import json
import shutil

import pytest

from zkrelay.formats import read_verifying_key, read_zkey


def test_key_and_verifying_key_belong_together_and_are_marked(made_once):
    vk = read_verifying_key(made_once / "verification_key.json")
    assert read_zkey(made_once / "u.zkey", check_points=True).verifying_key == vk
    assert vk.development
    assert json.loads((made_once / "verification_key.json").read_text())["development"] is True


def test_announcement_and_json(cli, made_once, tmp_path):
    vk_path = tmp_path / "elsewhere.json"
    outcome = cli("setup", made_once / "u.r1cs", "-o", tmp_path / "k.zkey", "--vk", vk_path, "--json", "-t", "1")
    facts = outcome.json()
    assert outcome.exit_code == 0
    for words in ("development key", "single party", "do not use where money moves"):
        assert words in outcome.stderr
    assert facts["development"] is True and facts["num_constraints"] == 432 and facts["num_public"] == 2
    assert facts["file_bytes"] == (tmp_path / "k.zkey").stat().st_size and vk_path.exists()
    assert not (tmp_path / "verification_key.json").exists()


@pytest.mark.parametrize("present", ["u.zkey", "verification_key.json"])
def test_keys_are_not_replaced_without_force(cli, made_once, tmp_path, present):
    shutil.copy(made_once / "u.r1cs", tmp_path)
    standing = tmp_path / present
    standing.write_text("precious")
    outcome = cli("setup", tmp_path / "u.r1cs")
    assert outcome.exit_code == 2 and f"{present} exists" in outcome.stderr and "--force" in outcome.stderr
    assert standing.read_text() == "precious"
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["u.r1cs", present]), "nothing else was written"
    assert "development" not in outcome.stderr, "refused before the work, not after it"


def test_force_replaces_both(cli, files):
    before = read_verifying_key(files / "verification_key.json")
    assert cli("setup", files / "u.r1cs", "--force").exit_code == 0
    after = read_verifying_key(files / "verification_key.json")
    assert after.delta_g2 != before.delta_g2 and read_zkey(files / "u.zkey").verifying_key == after


def test_no_half_of_a_pair_stays_behind(cli, made_once, tmp_path, monkeypatch):
    def no_space(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("zkrelay.formats.write_verifying_key", no_space)
    outcome = cli("setup", made_once / "u.r1cs", "-o", tmp_path / "k.zkey")
    assert outcome.exit_code == 4
    assert f"{tmp_path / 'verification_key.json'}: no space left on device" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_names_must_differ(cli, files):
    assert cli("setup", files / "u.r1cs", "-o", files / "u.r1cs", "--force").exit_code == 2
    assert (files / "u.r1cs").read_bytes()[:4] == b"r1cs"


def test_a_truncated_circuit(cli, files):
    path = files / "u.r1cs"
    path.write_bytes(path.read_bytes()[:5000])
    outcome = cli("setup", path, "-o", files / "new.zkey", "--vk", files / "new.json")
    assert outcome.exit_code == 3 and "u.r1cs" in outcome.stderr and "offset" in outcome.stderr
    assert not (files / "new.zkey").exists()
