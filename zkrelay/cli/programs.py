"""Which witness program belongs to a proving key: the one named, the one beside it, or a standard circuit's.

A key does not hold its circuit's name.  What it does hold are the matrices A and B, so that the SHA-256 of its sorted
coefficients names the circuit: ``circuits/standard.json`` lists that of each standard circuit, and whichever way a
program was found, its own coefficients must have the key's digest.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import CommandError, ExitCode, naming

if TYPE_CHECKING:
    from ..groth16 import ProvingKey
    from ..r1cs import CompiledCircuit

STANDARD_TABLE = "standard.json"


def program_of(key: ProvingKey, key_path: Path, named: Path | None) -> tuple[CompiledCircuit, str]:
    """The compiled circuit of ``key``, and where it was found, for people.

    Raises:
        InvalidKey: the program that was named, or that lies beside the key, is another circuit's.
        CommandError: there is none.
        OSError, FormatError: it cannot be read.
    """
    from ..formats import check_program_of, coefficients_digest, read_zkwp

    digest = coefficients_digest(key)
    beside = key_path.with_suffix(".zkwp")
    path = named if named is not None else beside if beside.exists() else None
    if path is None:
        return _standard(key_path, digest)
    with naming(path):
        circuit = read_zkwp(path)
        check_program_of(key, circuit, digest, str(key_path))
    return circuit, str(path)


def standard_name(digest: str) -> str | None:
    """The standard circuit with this digest, as ``claim (arity 4, depth 10, unit 1048576)``."""
    entry = _lookup(digest)
    if entry is None:
        return None
    constants = ", ".join(f"{name} {value}" for name, value in entry["constants"].items())
    return f"{entry['name']} ({constants})" if constants else str(entry["name"])


def standard_table(names: Sequence[str] | None = None) -> dict[str, Any]:
    """The table as ``circuits/standard.json`` has it (of ``names`` only), computed anew from the circuits; tests hold
    the two equal.
    """
    from ..circuits.standard import STANDARD, standard_circuit
    from ..formats import r1cs_digest
    from ..r1cs import compile_circuit

    rows = []
    for name in sorted(STANDARD if names is None else names):
        circuit = standard_circuit(name)
        constants = {constant: getattr(circuit, constant) for constant in inspect.signature(STANDARD[name]).parameters}
        digest = r1cs_digest(compile_circuit(circuit).r1cs)
        rows.append({"coefficients_sha256": digest, "name": name, "constants": constants})
    return {"version": 1, "circuits": rows}


def _lookup(digest: str) -> dict[str, Any] | None:
    text = (resources.files("zkrelay.circuits") / STANDARD_TABLE).read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text)["circuits"]
    return next((row for row in rows if row["coefficients_sha256"] == digest), None)


def _standard(key_path: Path, digest: str) -> tuple[CompiledCircuit, str]:
    from ..circuits.standard import standard_circuit
    from ..r1cs import compile_circuit

    entry = _lookup(digest)
    if entry is None:
        raise CommandError(
            ExitCode.INPUT,
            f"{key_path}: no witness program found: there is no {key_path.with_suffix('.zkwp').name} beside it, and it "
            "is no standard circuit's key; name one with --program FILE.zkwp, or give a .wtns",
        )
    return compile_circuit(standard_circuit(entry["name"], **entry["constants"])), "standard circuits"
