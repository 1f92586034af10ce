"""``zkrelay verify-many``: many proofs under one key at once, and the names of those that are bad."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import output
from .errors import CommandError, ExitCode, explain, naming
from .files import source
from .options import Json, Threads, usable_cpus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..groth16 import Proof, VerifyingKey

PROOF, PUBLIC = "proof.json", "public.json"


def check_proofs(
    vk_file: Annotated[str, typer.Argument(metavar="verification_key.json", help="The verifying key.")],
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Proof files, or folders of them.", show_default=False),
    ],
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Verify many proofs under one key: OK and 0 when all are true; else the bad ones are named, and it is 1 when they
    are false and 3 when one of them is no proof at all.

    A proof file is called proof.json or NAME.proof.json; its public inputs are beside it in public.json or
    NAME.public.json. A folder stands for all proof files in it.
    """
    output.use_json(as_json)
    from ..errors import InvalidProof, MalformedInput
    from ..formats import read_verifying_key
    from ..groth16 import verify_many

    with naming(vk_file):
        vk = read_verifying_key(source(vk_file))
    proof_files = _proof_files(paths)
    if vk.development:
        output.warn(f"{vk_file} belongs to a development key: whoever made it can forge proofs")
    start = time.perf_counter()
    refused: dict[Path, Exception] = {}
    items: dict[Path, tuple[Sequence[int], Proof]] = {}
    for path in proof_files:
        try:
            items[path] = _read_item(vk, path)
        except (MalformedInput, OSError) as error:
            refused[path] = error
    with naming(vk_file):
        verdict = verify_many(vk, list(items.values()), threads=threads or usable_cpus())
    read = list(items)
    refused |= {read[index]: refusal for index, refusal in verdict.refused.items()}
    seconds = time.perf_counter() - start

    rows = [
        (path, refused[path], explain(refused[path])[1].removeprefix(f"{output.one_line(path)}: "))
        for path in proof_files
        if path in refused
    ]
    if as_json:
        output.result_json(
            {
                "valid": not rows,
                "num_proofs": len(proof_files),
                "refused": [
                    {"proof": str(path), "error": type(refusal).__name__, "message": message}
                    for path, refusal, message in rows
                ],
                "num_public": vk.num_public,
                "development": vk.development,
                "seconds": round(seconds, 4),
            }
        )
    else:
        for path, refusal, message in rows:
            kind = "INVALID" if isinstance(refusal, InvalidProof) else "MALFORMED"
            output.result(f"{kind} {output.one_line(path)}: {message}")
        if not rows:
            output.result("OK")
        output.note(f"{output.plural(len(proof_files), 'proof')}, {len(rows)} refused, {output.duration(seconds)}")
    if rows:
        only_false = all(isinstance(refusal, InvalidProof) for _, refusal, _ in rows)
        raise typer.Exit(ExitCode.REFUSED if only_false else ExitCode.INPUT)


def _proof_files(paths: Iterable[Path]) -> list[Path]:
    """The files that the arguments stand for, in their order, by name within a folder, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            names = sorted(child for child in path.iterdir() if _is_proof_name(child.name))
            if not names:
                raise CommandError(ExitCode.INPUT, f"{path}: no file called {PROOF} or NAME.{PROOF}")
            found.update(dict.fromkeys(names))
        elif not _is_proof_name(path.name):
            raise CommandError(ExitCode.USAGE, f"{path}: a proof file is called {PROOF} or NAME.{PROOF}")
        else:
            found[path] = None
    return list(found)


def _is_proof_name(name: str) -> bool:
    return name == PROOF or name.endswith("." + PROOF)


def _read_item(vk: VerifyingKey, path: Path) -> tuple[Sequence[int], Proof]:
    from ..formats import read_proof, read_public
    from ..groth16.verify import check_curve_of

    with naming(path):
        proof = read_proof(path)
        check_curve_of(proof, vk)
    public = path.with_name(path.name.removesuffix(PROOF) + PUBLIC)
    with naming(public):
        return read_public(public, vk.curve), proof
