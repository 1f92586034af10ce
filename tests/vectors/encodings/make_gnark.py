"""Print keys and proofs as gnark writes them (README.md): ``python make_gnark.py`` with benchmarks/ on PYTHONPATH."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from house.peers import RECIPES, Absent


def main() -> None:
    program = RECIPES["gnark"].make()
    if isinstance(program, Absent):
        sys.exit(program.reason)
    found = {}
    with tempfile.TemporaryDirectory() as folder, program.start(1) as peer:
        vk, proof = Path(folder, "vk"), Path(folder, "proof")
        for curve in ("bn254", "bls12_381"):
            peer.prepare("encode", {"curve": curve, "vk_out": str(vk), "proof_out": str(proof)}, timeout_s=60)
            peer.run(1, timeout_s=60)
            peer.check(timeout_s=60)
            found[curve] = {"proof": proof.read_bytes().hex(), "public": ["35", "9"], "vk": vk.read_bytes().hex()}
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
