"""Tools of other people, and one statement over each curve, proved by us for all of them to judge.

A tool that is not installed skips its tests, and pytest says so.  Where everything must run, set
``ZKRELAY_REQUIRE_TOOLS=1``: then a missing tool is a failure.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tools import tool_missing

from zkrelay import formats
from zkrelay.curves import CURVES

from ..groth16.small_circuits import Statement, prove_statement, random_satisfied
from .snarkjs_process import Snarkjs

TESTS = Path(__file__).resolve().parent.parent
NODE_TIMEOUT_S = 120


@dataclass(frozen=True)
class Files:
    """Where one statement's files lie."""

    folder: Path

    @property
    def key(self) -> Path:
        return self.folder / "verification_key.json"

    @property
    def public(self) -> Path:
        return self.folder / "public.json"

    @property
    def proof(self) -> Path:
        return self.folder / "proof.json"

    @property
    def zkey(self) -> Path:
        return self.folder / "circuit.zkey"

    @property
    def wtns(self) -> Path:
        return self.folder / "assignment.wtns"

    @property
    def r1cs(self) -> Path:
        return self.folder / "circuit.r1cs"


Node = Callable[..., "subprocess.CompletedProcess[str]"]


def find_node() -> str:
    """Path of node, provided that tests/node_modules is there too."""
    executable = shutil.which("node")
    if executable is None:
        tool_missing("node is not installed")
    if not (TESTS / "node_modules" / "snarkjs").is_dir():
        tool_missing("tests/node_modules is missing: run npm ci in tests/")
    return executable


@pytest.fixture(scope="session")
def node() -> Node:
    """``node(script, *arguments)`` runs a script with tests/node_modules; returns the finished process."""
    executable = find_node()

    def run(script: str | Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [executable, str(TESTS / script), *map(str, arguments)],
            cwd=TESTS,
            env={**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "0"},
            capture_output=True,
            text=True,
            timeout=NODE_TIMEOUT_S,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def snarkjs() -> Iterator[Snarkjs]:
    """Its library, in one process."""
    session = Snarkjs(find_node(), TESTS)
    yield session
    session.close()


@pytest.fixture(scope="session", params=list(CURVES))
def proved(request: pytest.FixtureRequest) -> Statement:
    """200 random rows and 4 public inputs, one of them 0 and one r - 1: edges for a verifier's scalar products."""
    fr = CURVES[request.param].fr
    return prove_statement(*random_satisfied(random.Random("cross"), 200, 4, 60, public=(0, fr.modulus - 1), field=fr))


@pytest.fixture
def files(proved: Statement, tmp_path: Path) -> Files:
    """The statement as the files that other tools read."""
    out = Files(tmp_path)
    formats.write_verifying_key(out.key, proved.vk)
    formats.write_public(out.public, proved.public, proved.pk.curve)
    formats.write_proof(out.proof, proved.proof)
    formats.write_zkey(out.zkey, proved.pk)
    formats.write_wtns(out.wtns, proved.r1cs.field, proved.assignment)
    formats.write_r1cs(out.r1cs, proved.r1cs)
    return out
