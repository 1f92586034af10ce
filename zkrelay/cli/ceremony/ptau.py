"""``zkrelay ptau``: phase 1, powers of tau for every circuit up to a size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import output
from ..errors import naming
from ..files import check_targets
from ..options import Curve, Force, Json, Threads, usable_cpus
from .options import (
    DEFAULT_PATIENCE,
    BeaconHash,
    Entropy,
    Iterations,
    Name,
    NewPowers,
    Patience,
    Powers,
    begin,
    maker_fields,
    makers_table,
    read_powers,
    shown_hash,
    typed_entropy,
    unfinished,
    verdict,
    written,
)

if TYPE_CHECKING:
    from ...ceremony import PowersHashes

app = typer.Typer(no_args_is_help=True, help="Phase 1 of a ceremony: powers of tau, for every circuit up to a size.")


@app.command("new")
def start(
    power: Annotated[int, typer.Argument(metavar="POWER", min=1, max=27, help="For circuits of up to 2^POWER rows.")],
    out: NewPowers,
    curve: Curve = "bn254",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Start a ceremony: a file in which tau is still one."""
    output.use_json(as_json)
    check_targets([out], force=force)
    from ...ceremony import new_powers

    challenge = new_powers(out, curve, power, overwrite=force)
    shown_hash("first challenge", challenge)
    written(out, {"curve": curve, "power": power, "next_challenge": challenge.hex()}, as_json=as_json)


@app.command("contribute")
def contribute(
    powers: Powers,
    out: NewPowers,
    name: Name = "",
    entropy: Entropy = None,
    threads: Threads = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Multiply tau, alpha and beta by secrets that nobody else knows, and forget them. Publish the hash it prints."""
    begin(powers, out, force=force, as_json=as_json)
    from ...ceremony import contribute_to_powers

    ptau = read_powers(powers)
    typed = typed_entropy(entropy)
    with naming(powers), output.progress("contribution") as progress:
        hashes = contribute_to_powers(
            out,
            ptau,
            name=name,
            entropy=typed,
            overwrite=force,
            threads=threads or usable_cpus(),
            progress=progress,
        )
    _contributed(out, hashes, as_json=as_json)


@app.command("beacon")
def beacon(
    powers: Powers,
    hash_bytes: BeaconHash,
    iterations: Iterations,
    out: NewPowers,
    name: Name = "",
    threads: Threads = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """End a ceremony with a value that nobody could know before the last contribution: a future block's hash."""
    begin(powers, out, force=force, as_json=as_json)
    from ...ceremony import apply_beacon_to_powers

    ptau = read_powers(powers)
    with naming(powers), output.progress("beacon") as progress:
        hashes = apply_beacon_to_powers(
            out,
            ptau,
            hash_bytes,
            iterations,
            name=name,
            overwrite=force,
            threads=threads or usable_cpus(),
            progress=progress,
            checkpoint=unfinished(out),
        )
    _contributed(out, hashes, as_json=as_json)


@app.command("prepare")
def prepare(
    powers: Powers, out: NewPowers, threads: Threads = None, force: Force = False, as_json: Json = False
) -> None:
    """Compute what phase 2 needs. No secrets are involved: anybody can do it, and anybody gets the same bytes.

    Interrupted, it leaves its finished parts in FILE.ptau.part; the same command takes them up.
    """
    begin(powers, out, force=force, as_json=as_json)
    from ...ceremony import prepare_powers

    ptau = read_powers(powers)
    with naming(powers), output.progress("prepare") as progress:
        prepare_powers(
            out,
            ptau,
            overwrite=force,
            threads=threads or usable_cpus(),
            progress=progress,
            checkpoint=unfinished(out),
        )
    written(out, {}, as_json=as_json)


@app.command("export-challenge")
def write_challenge(
    powers: Powers,
    target: Annotated[Path, typer.Option("--output", "-o", metavar="CHALLENGE", help="The file to write.")],
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write what a contributor with another program answers; `ptau import` adds the response."""
    begin(powers, target, force=force, as_json=as_json)
    from ...ceremony import export_challenge

    ptau = read_powers(powers)
    with naming(powers):
        challenge = export_challenge(target, ptau, overwrite=force)
    shown_hash("challenge", challenge)
    fields = {"curve": ptau.curve.name, "power": ptau.power, "next_challenge": challenge.hex()}
    written(target, fields, as_json=as_json)


@app.command("answer")
def answer(
    challenge: Annotated[Path, typer.Argument(metavar="CHALLENGE", help="The file that another program exported.")],
    target: Annotated[Path, typer.Option("--output", "-o", metavar="RESPONSE", help="The file to write.")],
    entropy: Entropy = None,
    curve: Curve = "bn254",
    threads: Threads = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Contribute to another program's ceremony: answer its challenge with a response. Publish the hash it prints."""
    begin(challenge, target, force=force, as_json=as_json)
    from ...ceremony import answer_challenge

    typed = typed_entropy(entropy)
    with naming(challenge), output.progress("contribution") as progress:
        digest = answer_challenge(
            target,
            challenge,
            curve,
            entropy=typed,
            overwrite=force,
            threads=threads or usable_cpus(),
            progress=progress,
        )
    shown_hash("contribution hash", digest)
    written(target, {"curve": curve, "hash": digest.hex()}, as_json=as_json)


@app.command("import")
def import_file(
    powers: Powers,
    response: Annotated[Path, typer.Argument(metavar="RESPONSE", help="What answers the last challenge of POWERS.")],
    out: NewPowers,
    name: Name = "",
    threads: Threads = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Add a contribution that another program made, from its response file. Verify the result."""
    begin(powers, out, force=force, as_json=as_json)
    from ...ceremony import import_response

    ptau = read_powers(powers)
    with naming(response), output.progress("import") as progress:
        hashes = import_response(
            out,
            ptau,
            response,
            name=name,
            overwrite=force,
            threads=threads or usable_cpus(),
            progress=progress,
        )
    _contributed(out, hashes, as_json=as_json)


@app.command("verify")
def verify(
    powers: Powers, patience: Patience = DEFAULT_PATIENCE, threads: Threads = None, as_json: Json = False
) -> None:
    """Verify every contribution, every power and, in a prepared file, every Lagrange basis: OK and 0, or 1."""
    output.use_json(as_json)
    from ...ceremony import verify_powers

    ptau = read_powers(powers)
    fields: dict[str, Any] = {
        "curve": ptau.curve.name,
        "power": ptau.power,
        "ceremony_power": ptau.ceremony_power,
        "prepared": ptau.is_prepared,
        "contributions": [],
    }

    def check() -> tuple[str, dict[str, Any]]:
        with naming(powers), output.progress("verify") as progress:
            found = verify_powers(ptau, patience_log2=patience, threads=threads or usable_cpus(), progress=progress)
        made = [(entry.maker, digest) for entry, digest in zip(found.entries, found.responses, strict=True)]
        if not found.is_prepared:
            output.note("not prepared for phase 2 yet: zkrelay ptau prepare")
        return makers_table(made), {**fields, "contributions": [maker_fields(*item) for item in made]}

    verdict(check, fields, as_json=as_json)


def _contributed(out: Path, hashes: PowersHashes, *, as_json: bool) -> None:
    shown_hash("contribution hash", hashes.response)
    shown_hash("next challenge", hashes.next_challenge)
    fields = {"hash": hashes.response.hex(), "next_challenge": hashes.next_challenge.hex()}
    written(out, fields, as_json=as_json)
