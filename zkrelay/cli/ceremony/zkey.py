"""``zkrelay zkey``: phase 2, the key of one circuit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import output
from ..errors import naming
from ..files import check_targets
from ..options import Force, Json, Threads, usable_cpus
from ..setup import VERIFICATION_KEY
from .options import (
    DEFAULT_PATIENCE,
    BeaconHash,
    Entropy,
    Iterations,
    Key,
    Name,
    NewKey,
    Patience,
    Powers,
    begin,
    maker_fields,
    makers_table,
    read_powers,
    shown_hash,
    typed_entropy,
    verdict,
    written,
)

if TYPE_CHECKING:
    from ...groth16 import ProvingKey
    from ...r1cs import R1CS

app = typer.Typer(no_args_is_help=True, help="Phase 2 of a ceremony: the key of one circuit.")

Circuit = Annotated[Path, typer.Argument(metavar="FILE.r1cs", help="The constraint system, ours or circom's.")]


@app.command("new")
def start(
    r1cs_file: Circuit,
    powers: Powers,
    out: NewKey,
    threads: Threads = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Start the key of a circuit from prepared powers of tau. It proves nothing before somebody has contributed."""
    output.use_json(as_json)
    check_targets([out], force=force)
    from ...ceremony import new_key, write_new_key

    r1cs, ptau = _circuit(r1cs_file), read_powers(powers)
    with naming(powers), output.progress("key") as progress:
        made = new_key(r1cs, ptau, threads=threads or usable_cpus(), progress=progress)
    write_new_key(out, made, overwrite=force)
    shown_hash("circuit hash", made.circuit_hash)
    fields = {
        "num_constraints": r1cs.num_constraints,
        "num_wires": r1cs.num_variables,
        "num_public": r1cs.num_public,
        "circuit_hash": made.circuit_hash.hex(),
    }
    written(out, {**fields, "development": True}, as_json=as_json)


@app.command("contribute")
def contribute(
    key_file: Key,
    out: NewKey,
    name: Name = "",
    entropy: Entropy = None,
    threads: Threads = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Multiply delta by a secret that nobody else knows, and forget it. Publish the hash it prints."""
    begin(key_file, out, force=force, as_json=as_json)
    from ...ceremony import contribute_to_key

    key = _key(key_file)
    typed = typed_entropy(entropy)
    with naming(key_file), output.progress("contribution") as progress:
        digest = contribute_to_key(
            out,
            key,
            name=name,
            entropy=typed,
            overwrite=force,
            threads=threads or usable_cpus(),
            progress=progress,
        )
    _contributed(out, digest, development=False, as_json=as_json)


@app.command("beacon")
def beacon(
    key_file: Key,
    hash_bytes: BeaconHash,
    iterations: Iterations,
    out: NewKey,
    name: Name = "",
    threads: Threads = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """End a ceremony with a value that nobody could know before the last contribution: a future block's hash."""
    begin(key_file, out, force=force, as_json=as_json)
    from ...ceremony import apply_beacon_to_key

    key = _key(key_file)
    with naming(key_file), output.progress("beacon") as progress:
        digest = apply_beacon_to_key(
            out,
            key,
            hash_bytes,
            iterations,
            name=name,
            overwrite=force,
            threads=threads or usable_cpus(),
            progress=progress,
        )
    _contributed(out, digest, development=key.verifying_key.development, as_json=as_json)


@app.command("verify")
def verify(
    r1cs_file: Circuit,
    powers: Powers,
    key_file: Key,
    check_powers: Annotated[
        bool, typer.Option("--powers", help="Verify the powers of tau, too; otherwise they are taken as they are.")
    ] = False,
    patience: Patience = DEFAULT_PATIENCE,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Verify that a key is this circuit's, from these powers, through proved contributions: OK and 0, or 1."""
    output.use_json(as_json)
    from ...ceremony import verify_key, verify_powers

    r1cs, ptau, key = _circuit(r1cs_file), read_powers(powers), _key(key_file)
    fields: dict[str, Any] = {
        "num_constraints": r1cs.num_constraints,
        "num_wires": r1cs.num_variables,
        "num_public": r1cs.num_public,
        "circuit_hash": None,
        "powers_verified": check_powers,
        "contributions": [],
    }

    def check() -> tuple[str, dict[str, Any]]:
        cpus = threads or usable_cpus()
        with output.progress("verify") as progress:
            if check_powers:
                with naming(powers):
                    verify_powers(ptau, patience_log2=patience, threads=cpus, progress=progress)
            with naming(key_file):
                found = verify_key(key, r1cs, ptau, patience_log2=patience, threads=cpus, progress=progress)
        made = list(zip(found.entries, found.hashes, strict=True))
        contributions = [maker_fields(*item) for item in made]
        return makers_table(made), {
            **fields,
            "circuit_hash": found.circuit_hash.hex(),
            "contributions": contributions,
        }

    verdict(check, fields, as_json=as_json)


@app.command("export-vk")
def export_verifying_key(
    key_file: Key,
    out: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help=f"By default {VERIFICATION_KEY} beside the key."),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write the verifying key of a key."""
    output.use_json(as_json)
    target = out if out is not None else key_file.with_name(VERIFICATION_KEY)
    check_targets([target], force=force)
    from ...formats import read_zkey, write_verifying_key

    with naming(key_file):
        vk = read_zkey(key_file).verifying_key
    if vk.development:
        output.warn(f"{key_file} is a development key: whoever made it can forge proofs")
    write_verifying_key(target, vk, overwrite=force)
    written(target, {"num_public": vk.num_public, "development": vk.development}, as_json=as_json)


def _circuit(path: Path) -> R1CS:
    from ...formats import read_r1cs

    with naming(path):
        return read_r1cs(path, keep_order=True)


def _key(path: Path) -> ProvingKey:
    """With its points unchecked: what a command needs of them it checks itself."""
    from ...formats import read_zkey

    with naming(path):
        return read_zkey(path, check=False)


def _contributed(out: Path, digest: bytes, *, development: bool, as_json: bool) -> None:
    shown_hash("contribution hash", digest)
    written(out, {"hash": digest.hex(), "development": development}, as_json=as_json)
