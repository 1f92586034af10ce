"""Proofs under the real keys of Semaphore's ceremony, from its own witness calculators: everybody's verdict.

As ``tests/formats/test_ceremony.py``: ``ZKRELAY_SEMAPHORE_KEYS`` names the folder of ``@zk-kit/semaphore-artifacts``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from command_line import run_in_process as zkrelay

from .conftest import Node

FOLDER = os.environ.get("ZKRELAY_SEMAPHORE_KEYS", "")
SNARKJS = "node_modules/snarkjs/build/cli.cjs"
pytestmark = [pytest.mark.long, pytest.mark.skipif(not FOLDER, reason="ZKRELAY_SEMAPHORE_KEYS is not set")]


def membership(depth: int) -> dict[str, Any]:
    """Somebody in a tree three levels lower than the circuit could take; the root is an output."""
    siblings = [str(1000 + level) if level < depth - 3 else "0" for level in range(depth)]
    place = {"merkleProofLength": str(depth - 3), "merkleProofIndex": "5", "merkleProofSiblings": siblings}
    return {"secret": "123456789012345678901234567890", **place, "message": "77", "scope": "88"}


@pytest.mark.parametrize("depth", [10, 20])
def test_proofs_under_the_keys_of_the_ceremony(depth: int, tmp_path: Path, node: Node) -> None:
    zkey, wasm, vk = (f"{FOLDER}/semaphore-{depth}.{kind}" for kind in ("zkey", "wasm", "json"))
    inputs, proof, public = (tmp_path / f"{name}.json" for name in ("input", "proof", "public"))
    inputs.write_text(json.dumps(membership(depth)))
    made = zkrelay("prove", zkey, proof, public, "--wasm", wasm, "--input", inputs)
    assert made.exit_code == 0, made.text
    assert "development" not in made.text
    assert zkrelay("verify", vk, public, proof).stdout == "OK\n"
    assert node(SNARKJS, "groth16", "verify", vk, public, proof).returncode == 0

    values = json.loads(public.read_text())
    assert values[2:] == ["77", "88"]
    for index in range(4):
        changed = tmp_path / "changed.json"
        changed.write_text(json.dumps([*values[:index], str(int(values[index]) - 1), *values[index + 1 :]]))
        assert zkrelay("verify", vk, changed, proof).exit_code == 1
    assert node(SNARKJS, "groth16", "verify", vk, changed, proof).returncode == 1


@pytest.mark.parametrize("depth", [10, 20])
def test_inputs_that_its_circuit_refuses(depth: int, tmp_path: Path) -> None:
    zkey, wasm = (f"{FOLDER}/semaphore-{depth}.{kind}" for kind in ("zkey", "wasm"))
    inputs, good = tmp_path / "input.json", membership(depth)
    above_the_order = {**good, "secret": str((1 << 254) - (1 << 200))}
    for bad in (above_the_order, {**good, "merkleProofSiblings": good["merkleProofSiblings"][:-1]}, {"secret": "1"}):
        inputs.write_text(json.dumps(bad))
        done = zkrelay("prove", zkey, tmp_path / "p.json", tmp_path / "q.json", "--wasm", wasm, "--input", inputs)
        assert done.exit_code == 3, done.text
        assert not (tmp_path / "p.json").exists()
