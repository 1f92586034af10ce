"""A circuit compiled by circom itself (npm circom2), once over each curve."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from tools import tool_missing

from ..cross.conftest import TESTS, find_node

TIMEOUT_S = 120
PRIMES = {"bn254": "bn128", "bls12_381": "bls12381"}
INPUTS = {"a": "5", "m": [["1", "2", "3"], ["4", "5", "6"]], "flag": "1"}
SOURCE = """
pragma circom 2.1.0;

template Product(n) {
    signal input in[n];
    signal output out;
    signal so_far[n + 1];
    so_far[0] <== 1;
    for (var i = 0; i < n; i++) {
        so_far[i + 1] <== so_far[i] * in[i];
    }
    out <== so_far[n];
}

template Main() {
    signal input a;
    signal input m[2][3];
    signal input flag;
    signal output out;
    flag * (flag - 1) === 0;
    assert(a != 7);
    component product = Product(6);
    for (var i = 0; i < 2; i++) {
        for (var j = 0; j < 3; j++) {
            product.in[3 * i + j] <== m[i][j];
        }
    }
    signal inverse;
    inverse <-- a != 0 ? 1 / a : 0;
    inverse * a === 1;
    log("a secret", a);
    out <== product.out * inverse + flag;
}

component main {public [a]} = Main();
"""


@dataclass(frozen=True)
class Compiled:
    """What circom wrote, where it puts it: ``c.r1cs``, ``c.sym`` and ``c_js/c.wasm``; and ``input.json``."""

    folder: Path
    curve: str

    @property
    def r1cs(self) -> Path:
        return self.folder / "c.r1cs"

    @property
    def wasm(self) -> Path:
        return self.folder / "c_js" / "c.wasm"

    @property
    def inputs(self) -> Path:
        return self.folder / "input.json"


@pytest.fixture(scope="session", params=list(PRIMES))
def compiled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    executable, circom = find_node(), TESTS / "node_modules" / "circom2" / "cli.js"
    if not circom.is_file():
        tool_missing("circom2 is not installed: run npm ci in tests/")
    folder = tmp_path_factory.mktemp("circom")
    (folder / "c.circom").write_text(SOURCE)
    (folder / "input.json").write_text(json.dumps(INPUTS))
    node = [executable, "--liftoff-only", "--wasm-lazy-compilation"]  # circom itself is WebAssembly, and runs once
    subprocess.run(
        [*node, str(circom), "c.circom", "--r1cs", "--wasm", "--sym", "--prime", PRIMES[request.param], "-o", "."],
        cwd=folder,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    return Compiled(folder, request.param)
