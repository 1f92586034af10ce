"""``zkrelay setup``: a development key for a constraint system."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from . import output
from .errors import naming
from .files import check_targets, write_together
from .options import Force, Json, Threads, usable_cpus

VERIFICATION_KEY = "verification_key.json"
DEVELOPMENT_NOTICE = (
    "development key: a single party made it, and for a moment knew the secret with which any proof can be forged; "
    "do not use where money moves"
)


def make_keys(
    r1cs_file: Annotated[Path, typer.Argument(metavar="FILE.r1cs", help="A constraint system, ours or circom's.")],
    out: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="KEY.zkey", help="The proving key; by default FILE.zkey beside FILE."),
    ] = None,
    vk_file: Annotated[
        Path | None,
        typer.Option("--vk", metavar="FILE", help=f"The verifying key; by default {VERIFICATION_KEY} beside the key."),
    ] = None,
    threads: Threads = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Make a Groth16 development key: for tests and learning, never where money moves."""
    output.use_json(as_json)
    threads = threads or usable_cpus()
    key_path = out if out is not None else r1cs_file.with_suffix(".zkey")
    vk_path = vk_file if vk_file is not None else key_path.with_name(VERIFICATION_KEY)
    if key_path == vk_path or r1cs_file in (key_path, vk_path):
        raise typer.BadParameter("the circuit, the proving key and the verifying key need names of their own")
    from ..formats import coefficients_digest, read_r1cs, write_verifying_key, write_zkey
    from ..groth16 import setup

    check_targets([key_path, vk_path], force=force)
    with naming(r1cs_file):
        r1cs = read_r1cs(r1cs_file)
    output.warn(DEVELOPMENT_NOTICE)
    start = time.perf_counter()
    with naming(r1cs_file), output.progress("setup") as progress:
        key = setup(r1cs, threads=threads, progress=progress)
    seconds = time.perf_counter() - start
    write_together(
        [
            (key_path, lambda path: write_zkey(path, key, overwrite=force)),
            (vk_path, lambda path: write_verifying_key(path, key.verifying_key, overwrite=force)),
        ]
    )

    num_bytes = key_path.stat().st_size
    output.note(
        f"{output.plural(r1cs.num_constraints, 'constraint')} in a domain of {1 << key.log_domain:,}: "
        f"key of {output.size(num_bytes)} in {output.duration(seconds)}"
    )
    output.note(f"wrote {key_path}, {vk_path}")
    if as_json:
        output.result_json(
            {
                "num_constraints": r1cs.num_constraints,
                "num_wires": r1cs.num_variables,
                "num_public": r1cs.num_public,
                "domain_size": 1 << key.log_domain,
                "development": key.verifying_key.development,
                "coefficients_sha256": coefficients_digest(key),
                "files": {"zkey": str(key_path), "verification_key": str(vk_path)},
                "file_bytes": num_bytes,
                "threads": threads,
                "seconds": round(seconds, 4),
            }
        )
