"""The command line in this process, and files of the tutorial circuit, which every kernel can prove."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_line import Run, must, run_in_process, usage_inputs
from relay_files import copy_of, make_keys, play


@pytest.fixture
def cli() -> Run:
    """``cli(*arguments, stdin=b"")`` runs a command in this process."""
    return run_in_process


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """u.r1cs .sym .zkwp .zkey .wtns, verification_key.json, proof.json, public.json, input.json: never changed."""
    folder = tmp_path_factory.mktemp("usage_limit")
    (folder / "input.json").write_text(json.dumps(usage_inputs()))
    must("compile", "usage_limit", "-o", folder / "u.r1cs")
    must("setup", folder / "u.r1cs")
    must("witness", folder / "u.zkwp", "--input", folder / "input.json")
    must("prove", folder / "u.zkey", folder / "u.wtns", folder / "proof.json", folder / "public.json")
    return folder


@pytest.fixture
def files(made_once: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(made_once, tmp_path / "files"))


@pytest.fixture(scope="session")
def relay_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``relay_files.play`` leaves: never changed."""
    folder = tmp_path_factory.mktemp("relay")
    make_keys(folder)
    play(folder)
    return folder


@pytest.fixture
def relay(relay_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy to spoil, and the current folder."""
    folder = copy_of(relay_once, tmp_path / "relay")
    monkeypatch.chdir(folder)
    return folder
