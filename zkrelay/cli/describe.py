"""The facts that ``zkrelay info`` shows, one function a kind of file.  What a file does not hold is None.

Every description has ``format, file, file_bytes, field, num_constraints, num_wires, num_public``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FormatError
from .kinds import Kind, kind_of

if TYPE_CHECKING:
    from ..r1cs import R1CS, InputSpec

Source = Path | bytes
Facts = dict[str, Any]
_ZKDL_HEAD = r"prime (\d{1,200})\nshape (\d{1,10}) (\d{1,10})\nclaim (weak|strong)"


def describe(source: Source, name: str) -> Facts:
    """All facts about a file.

    Raises:
        FormatError: of an unknown kind, or malformed; every kind is read and checked as its commands would.
        OSError: it cannot be read.
    """
    kind = kind_of(source)
    if kind is None:
        raise FormatError("empty, or no kind of file that zkrelay knows", source=_name_of(source))
    facts: Facts = {
        "format": kind.value,
        "file": name,
        "file_bytes": len(source) if isinstance(source, bytes) else source.stat().st_size,
        "field": None,
        "num_constraints": None,
        "num_wires": None,
        "num_public": None,
    }
    return {**facts, **_READERS[kind](source)}


def _r1cs(source: Source) -> Facts:
    from ..formats import r1cs_digest, read_r1cs_file

    file = read_r1cs_file(source)
    return {
        **_system(file.r1cs),
        "num_outputs": file.r1cs.num_outputs,
        "num_private_inputs": file.num_private_inputs,
        "num_labels": file.num_labels,
        "coefficients_sha256": r1cs_digest(file.r1cs) or None,
    }


def _wasm(source: Source) -> Facts:
    from ..circom import WitnessCalculator

    calculator = WitnessCalculator(source)
    return {
        "field": calculator.field.name,
        "num_wires": calculator.num_variables,
        "num_input_elements": calculator.num_inputs,
        "circom": calculator.version,
    }


def _zkwp(source: Source) -> Facts:
    from ..formats import r1cs_digest, read_zkwp

    circuit = read_zkwp(source)
    return {
        "name": circuit.name,
        **_system(circuit.r1cs),
        "num_private_inputs": circuit.r1cs.num_private_inputs,
        "inputs": {spec.name: _declared(spec) for spec in circuit.program.inputs},
        "coefficients_sha256": r1cs_digest(circuit.r1cs) or None,
    }


def _sym(source: Source) -> Facts:
    from ..formats import read_sym

    symbols = read_sym(source)
    return {
        "num_symbols": len(symbols),
        "num_named_wires": len({symbol.wire for symbol in symbols if symbol.wire >= 0}),
    }


def _wtns(source: Source) -> Facts:
    from ..formats import read_wtns

    wtns = read_wtns(source)
    return {"field": wtns.field.name, "num_wires": wtns.num_variables}


def _zkey(source: Source) -> Facts:
    from ..formats import Container, coefficients_digest, contributions_of, read_zkey
    from .programs import standard_name

    key = read_zkey(source)
    assert isinstance(key.owner, Container)
    entries = contributions_of(key.owner).entries
    digest = coefficients_digest(key)
    return {
        "field": key.fr.name,
        "curve": key.curve,
        "protocol": "groth16",
        "num_wires": key.num_variables,
        "num_public": key.num_public,
        "domain_size": 1 << key.log_domain,
        "num_coefficients": key.num_coefficients,
        "coefficients_sha256": digest,
        "standard_circuit": standard_name(digest),
        "development": key.verifying_key.development,
        "num_contributions": len(entries),
        "contributions": [entry.name or ("beacon" if entry.kind else "unnamed") for entry in entries] or None,
    }


def _ptau(source: Source) -> Facts:
    from ..formats import read_ptau

    ptau = read_ptau(source)
    makers = [entry.maker for entry in ptau.contributions]
    return {
        "field": ptau.curve.fr.name,
        "curve": ptau.curve.name,
        "power": ptau.power,
        "ceremony_power": ptau.ceremony_power,
        "prepared": ptau.is_prepared,
        "num_contributions": len(makers),
        "contributions": [maker.name or ("beacon" if maker.kind else "unnamed") for maker in makers] or None,
    }


def _zktb(source: Source) -> Facts:
    from ..curves import CURVES
    from ..formats import read_zktb
    from ..groth16.tables import QUERIES

    tables = read_zktb(source)
    sizes = dict.fromkeys(QUERIES, (tables.factor - 1) * CURVES[tables.curve].g1_bytes)
    sizes["b_g2"] *= 2
    return {
        "field": CURVES[tables.curve].fr.name,
        "curve": tables.curve,
        "protocol": "groth16",
        "factor": tables.factor,
        "num_points": {query: len(tables.of(query)) // size for query, size in sizes.items()},
        "key_digest": tables.key_digest,
    }


def _proof(source: Source) -> Facts:
    from ..formats import read_proof

    proof = read_proof(source)
    proof.check()
    return {"curve": proof.curve, "protocol": "groth16"}


def _public(source: Source) -> Facts:
    """It names no curve: values are held below the largest r here, and by verify below that of its key."""
    from ..curves import CURVES
    from ..formats import read_public

    values = read_public(source, max(CURVES, key=lambda name: CURVES[name].fr.modulus))
    return {"num_public": len(values), "public_inputs": [str(value) for value in values]}


def _verification_key(source: Source) -> Facts:
    from ..formats import read_verifying_key
    from ..relay.verifier import verifying_key_digest

    vk = read_verifying_key(source)
    return {
        "curve": vk.curve,
        "protocol": "groth16",
        "num_public": vk.num_public,
        "development": vk.development,
        "digest": verifying_key_digest(vk),
    }


def _input(source: Source) -> Facts:
    """Names and counts only: the values are secret."""
    from ..formats import read_inputs

    return {"inputs": {name: _count(value) for name, value in read_inputs(source).items()}}


def _record(source: Source) -> Facts:
    """How many of each type: what is in them may be secret."""
    from collections import Counter

    from ..relay.record import read_records
    from .relay.records import record_types

    return {"records": dict(Counter(kind for kind, _ in read_records(source, *record_types())))}


def _zkdl(source: Source) -> Facts:
    """What a derivation is about; whether it shows that, only ``audit --replay`` tells."""
    from ..audit.replay.reader import parse_log
    from ..curves import CURVES

    lines = parse_log(source if isinstance(source, bytes) else source.read_bytes())
    head = re.fullmatch(_ZKDL_HEAD, "\n".join(next(lines, "") for _ in range(3)))
    if head is None:
        raise FormatError("a derivation begins with lines for prime, shape and claim", source=_name_of(source))
    prime, wires, rows, claim = head.groups()
    return {
        "field": {str(curve.fr.modulus): curve.fr.name for curve in CURVES.values()}.get(prime),
        "num_constraints": int(rows),
        "num_wires": int(wires),
        "claim": claim,
        "num_lines": sum(1 for _ in lines),
    }


def _name_of(source: Source) -> str:
    return source.name if isinstance(source, Path) else "<bytes>"


def _system(r1cs: R1CS) -> Facts:
    return {
        "field": r1cs.field.name,
        "num_constraints": r1cs.num_constraints,
        "num_wires": r1cs.num_variables,
        "num_public": r1cs.num_public,
    }


def _declared(spec: InputSpec) -> str:
    shape = " x ".join(map(str, spec.shape))
    return ("public" if spec.is_public else "private") + (f", {shape}" if shape else "")


def _count(value: Any) -> int:
    return sum(map(_count, value)) if isinstance(value, list) else 1


_READERS: dict[Kind, Callable[[Source], Facts]] = {
    Kind.R1CS: _r1cs,
    Kind.SYM: _sym,
    Kind.WTNS: _wtns,
    Kind.ZKEY: _zkey,
    Kind.PTAU: _ptau,
    Kind.ZKTB: _zktb,
    Kind.ZKWP: _zkwp,
    Kind.WASM: _wasm,
    Kind.PROOF: _proof,
    Kind.PUBLIC: _public,
    Kind.VERIFICATION_KEY: _verification_key,
    Kind.INPUT: _input,
    Kind.RECORD: _record,
    Kind.ZKDL: _zkdl,
}
