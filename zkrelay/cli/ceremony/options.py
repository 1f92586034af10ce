"""What the commands of both phases share: options, entropy from a person, and how hashes and verdicts are shown."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import output
from ..errors import ExitCode, naming
from ..files import check_targets

if TYPE_CHECKING:
    from ...formats import Contribution, Maker, PowersOfTau

DEFAULT_PATIENCE = 28  # zkrelay.ceremony.knowledge.DEFAULT_PATIENCE_LOG2
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){1,255}")


def beacon_hash(text: str) -> bytes:
    digits = text.removeprefix("0x")
    if not _HEX.fullmatch(digits):
        raise typer.BadParameter("the hash of a beacon is 1 to 255 bytes as hexadecimal digits")
    return bytes.fromhex(digits)


Name = Annotated[str, typer.Option("--name", "-n", metavar="TEXT", help="Who contributes; it is public.")]
Entropy = Annotated[
    str | None,
    typer.Option(
        "--entropy",
        "-e",
        metavar="TEXT",
        show_default="asked for on a terminal",
        help="Any text, mixed with the system's randomness: it can only add.",
    ),
]
BeaconHash = Annotated[
    bytes,
    typer.Argument(parser=beacon_hash, metavar="HASH", help="What nobody could know before, hexadecimal."),
]
Iterations = Annotated[
    int, typer.Argument(metavar="LOG2", min=10, max=63, help="SHA-256 is applied 2^LOG2 times to the hash.")
]
Patience = Annotated[
    int,
    typer.Option(
        "--max-iterations", metavar="LOG2", min=10, max=63, help="Go through 2^LOG2 iterations of a beacon at most."
    ),
]
Powers = Annotated[Path, typer.Argument(metavar="POWERS.ptau", help="Powers of tau.")]
Key = Annotated[Path, typer.Argument(metavar="KEY.zkey", help="The key of a circuit.")]
NewPowers = Annotated[Path, typer.Option("--output", "-o", metavar="FILE.ptau", help="The file to write.")]
NewKey = Annotated[Path, typer.Option("--output", "-o", metavar="FILE.zkey", help="The key to write.")]


def typed_entropy(entropy: str | None) -> str:
    """What was given, or what a person types now; nothing when nobody is there, as the system's randomness suffices."""
    if entropy is not None:
        return entropy
    if not (output.is_terminal(sys.stdin) and output.is_terminal(sys.stderr)):
        return ""
    prompt = "Type anything: it is mixed with the system's randomness"
    return str(typer.prompt(prompt, default="", hide_input=True, show_default=False, err=True))


def begin(source: Path, target: Path, *, force: bool, as_json: bool) -> None:
    """The start of every command that makes a file of another, as ``written`` is its end.

    A contribution never replaces the file it is made on: were it lost, so would be all contributions before.
    """
    output.use_json(as_json)
    if source.resolve() == target.resolve():
        raise typer.BadParameter("the new file needs a name of its own")
    check_targets([target], force=force)


def unfinished(target: Path) -> Path:
    """Where finished parts of ``target`` wait for the next run; says so when there is something."""
    part = target.with_name(f"{target.name}.part")
    if part.exists():
        output.note(f"{part} is there: what is of these powers in it is taken up")
    return part


def shown_hash(title: str, digest: bytes) -> None:
    from ...ceremony import shown

    output.note(f"{title}:\n{shown(digest)}")


def written(out: Path, fields: dict[str, Any], *, as_json: bool) -> None:
    """The end of every command that writes a file."""
    output.note(f"wrote {out}")
    if as_json:
        output.result_json({**fields, "file": str(out), "file_bytes": out.stat().st_size})


def read_powers(path: Path) -> PowersOfTau:
    from ...formats import read_ptau

    with naming(path):
        return read_ptau(path)


def makers_table(entries: Iterable[tuple[Maker | Contribution, bytes]]) -> str:
    """One contribution a paragraph, in the order in which they were made."""
    from ...ceremony import shown

    lines = []
    for number, (maker, digest) in enumerate(entries, start=1):
        lines.append(f"contribution {number}{f' {maker.name}' if maker.name else ''}:\n{shown(digest)}")
        if maker.kind:
            lines.append(f"  beacon {maker.beacon_hash.hex()}, 2^{maker.iterations_log2} iterations")
    return "\n".join(lines)


def maker_fields(maker: Maker | Contribution, digest: bytes) -> dict[str, Any]:
    return {
        "name": maker.name or None,
        "hash": digest.hex(),
        "beacon": maker.beacon_hash.hex() if maker.kind else None,
        "iterations_log2": maker.iterations_log2 if maker.kind else None,
    }


def verdict(check: Callable[[], tuple[str, dict[str, Any]]], empty: dict[str, Any], *, as_json: bool) -> None:
    """Run a check that returns a text and fields; OK and 0, or INVALID with the reason and 1."""
    from ...errors import CeremonyRefused

    try:
        text, fields = check()
        reason = None
    except CeremonyRefused as error:
        text, fields, reason = "", empty, str(error)
    if as_json:
        output.result_json({"valid": reason is None, "reason": reason, **fields})
    elif reason is None:
        output.note(text)
        output.result("OK")
    if reason is not None:
        output.note(f"INVALID: {reason}")
        raise typer.Exit(ExitCode.REFUSED)
