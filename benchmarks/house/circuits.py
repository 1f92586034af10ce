"""The circuits, as files that every peer reads: ``.r1cs``, ``.zkey``, ``.wtns`` and snarkjs's JSON.

* ``circom_claim``: the plain claim circuit in circom (10,296 rows), from ``tests/vectors/interop``;
* ``claim``: our claim, with the inputs of ``examples/claim.json``;
* ``chain_2pK``: a chain of Poseidon hashes, as long as fits a domain of 2^K rows.

Keys are development keys, made here.  Files are kept under ``build/bench/circuits`` until the sources of the compiler
or of the circuits change.  A large circuit is made in a process of its own, whose gigabytes end with it.
"""

from __future__ import annotations

import gzip
import hashlib
import inspect
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from zkrelay import (
    Circuit,
    CompiledCircuit,
    ConstraintApi,
    compile_circuit,
    private,
    prove,
    public,
    public_inputs,
    setup,
)
from zkrelay import circuits as zkrelay_circuits
from zkrelay import r1cs as zkrelay_r1cs
from zkrelay.algebra.poseidon import poseidon as poseidon_native
from zkrelay.circuits.claim import Claim
from zkrelay.circuits.poseidon import poseidon
from zkrelay.formats import (
    read_inputs,
    read_r1cs,
    read_wtns,
    read_zkey,
    write_proof,
    write_public,
    write_r1cs,
    write_verifying_key,
    write_wtns,
    write_zkey,
    write_zkwp,
)

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "build" / "bench" / "circuits"
INTEROP = ROOT / "tests" / "vectors" / "interop"
START = 12345
MIN_LOG, MAX_LOG = 9, 20
DONE = "done.json"


class Chain(Circuit):
    """end = P2(... P2(P2(start, 0), 1) ..., length - 1)."""

    end = public()
    start = private()

    def __init__(self, length: int) -> None:
        self.length = length

    def define(self, cs: ConstraintApi) -> None:
        state = self.start
        for step in range(self.length):
            state = poseidon(cs, [state, cs.constant(step)])
        cs.assert_equal(self.end, state)


@cache
def chain_length(log_size: int) -> int:
    """The most hashes whose rows, with those that bind the constant and the public input, fit 2^log_size."""
    if not MIN_LOG <= log_size <= MAX_LOG:
        raise ValueError(f"chains have 2^{MIN_LOG} to 2^{MAX_LOG} rows, not 2^{log_size}")
    one, two = (compile_circuit(Chain(n)).r1cs.num_constraints for n in (1, 2))
    return 1 + ((1 << log_size) - 2 - one) // (two - one)


@dataclass(frozen=True)
class CircuitFiles:
    """Where the files of a circuit lie, and its size."""

    name: str
    folder: Path
    num_constraints: int
    log_domain: int

    def params(self) -> dict[str, str]:
        """Paths by the names that the protocol uses; ``zkwp`` and ``input`` only for circuits of our compiler."""
        names = {
            "r1cs": "circuit.r1cs",
            "zkey": "circuit.zkey",
            "wtns": "circuit.wtns",
            "zkwp": "circuit.zkwp",
            "input": "input.json",
            "vkey": "verification_key.json",
            "proof": "proof.json",
            "public": "public.json",
        }
        return {key: str(self.folder / name) for key, name in names.items() if (self.folder / name).exists()}


def circuit_files(name: str, *, threads: int = 1, timeout_s: float = 1200.0) -> CircuitFiles:
    """The files of a circuit, made when they are not there.

    Raises:
        ValueError: no circuit of that name.
        RuntimeError: making it failed or took too long.
    """
    _maker(name)
    folder = CACHE / name
    facts = _facts(folder)
    if facts is None:
        _make_apart(name, folder, threads, timeout_s)
        facts = _facts(folder)
        if facts is None:
            raise RuntimeError(f"{name} was made, and its files are not there")
    return CircuitFiles(name, folder, facts["num_constraints"], facts["log_domain"])


def _facts(folder: Path) -> dict[str, Any] | None:
    """What ``make`` left, if it was made from the sources of today."""
    try:
        facts: dict[str, Any] = json.loads((folder / DONE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if facts.get("sources") == _sources() else None


@cache
def _sources() -> str:
    """A digest of everything that decides what a circuit compiles to."""
    digest = hashlib.sha256(inspect.getsource(Chain).encode())
    for package in (zkrelay_circuits, zkrelay_r1cs):
        for path in sorted(Path(str(package.__file__)).parent.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _make_apart(name: str, folder: Path, threads: int, timeout_s: float) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    code = "import sys; from house import circuits; circuits.make(sys.argv[1], sys.argv[2], int(sys.argv[3]))"
    command = [sys.executable, "-c", code, name, str(folder), str(threads)]
    path = os.pathsep.join([str(ROOT / "benchmarks"), *filter(None, [os.environ.get("PYTHONPATH")])])
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": path},
            cwd=folder,
            timeout=timeout_s,
            capture_output=True,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"making {name} took more than {timeout_s:.0f} s") from None
    if done.returncode != 0:
        raise RuntimeError(f"making {name} failed: {done.stderr.strip()[-500:]}")


def make(name: str, folder: str, threads: int) -> None:
    """Write the files of ``name`` into ``folder``."""
    target = Path(folder)
    _maker(name)(target, threads)
    key, assignment = read_zkey(target / "circuit.zkey"), read_wtns(target / "circuit.wtns").assignment
    write_verifying_key(target / "verification_key.json", key.verifying_key, overwrite=True)
    write_proof(target / "proof.json", prove(key, assignment, threads=threads), overwrite=True)
    write_public(target / "public.json", public_inputs(assignment, key.num_public), overwrite=True)
    rows = read_r1cs(target / "circuit.r1cs").num_constraints
    facts = {"sources": _sources(), "num_constraints": rows, "log_domain": key.log_domain}
    (target / DONE).write_text(json.dumps(facts), encoding="utf-8")


def _maker(name: str) -> Callable[[Path, int], None]:
    if name == "circom_claim":
        return _circom_claim
    if name == "claim":
        return _claim
    prefix, _, log_size = name.partition("_2p")
    if prefix == "chain" and log_size.isdecimal():
        length = chain_length(int(log_size))
        return lambda folder, threads: _chain(folder, threads, length)
    raise ValueError(f"no circuit is called {name}")


def _circom_claim(folder: Path, threads: int) -> None:
    (folder / "circuit.r1cs").write_bytes(gzip.decompress((INTEROP / "claim.r1cs.gz").read_bytes()))
    shutil.copyfile(INTEROP / "claim.zkey", folder / "circuit.zkey")
    shutil.copyfile(INTEROP / "claim.wtns", folder / "circuit.wtns")


def _claim(folder: Path, threads: int) -> None:
    source = ROOT / "examples" / "claim.json"
    shutil.copyfile(source, folder / "input.json")
    _ours(folder, compile_circuit(Claim()), read_inputs(source), threads)


def _chain(folder: Path, threads: int, length: int) -> None:
    end = START
    for step in range(length):
        end = poseidon_native([end, step])
    inputs = {"start": START, "end": end}
    (folder / "input.json").write_text(json.dumps({key: str(value) for key, value in inputs.items()}), encoding="utf-8")
    _ours(folder, compile_circuit(Chain(length)), inputs, threads)


def _ours(folder: Path, compiled: CompiledCircuit, inputs: dict[str, Any], threads: int) -> None:
    write_zkwp(folder / "circuit.zkwp", compiled, overwrite=True)
    write_r1cs(folder / "circuit.r1cs", compiled.r1cs, overwrite=True)
    write_wtns(folder / "circuit.wtns", compiled.r1cs.field, compiled.assign(inputs), overwrite=True)
    write_zkey(folder / "circuit.zkey", setup(compiled.r1cs, threads=threads), overwrite=True)
