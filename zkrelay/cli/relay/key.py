"""``zkrelay key``: secrets of sessions, nodes and funding, in files that only their owner can read."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import output
from ..errors import CommandError, ExitCode, naming, writing
from ..files import check_targets
from ..options import Force, Json

if TYPE_CHECKING:
    from ...relay.any_key import AnyKey

app = typer.Typer(no_args_is_help=True, help="Make keys of sessions, nodes and funding, and show their public part.")

MIN_SEED_BYTES, MAX_SEED_BYTES = 32, 4096


class KeyKind(str, Enum):
    """Whose key it is."""

    session = "session"
    node = "node"
    funding = "funding"


@app.command("new")
def new_key(
    out: Annotated[Path, typer.Argument(metavar="OUT.key", help="The key file to make; mode 0600.")],
    kind: Annotated[KeyKind, typer.Option(help="A client's for one session, a node's, or a client's for funding.")],
    seed_file: Annotated[
        Path | None,
        typer.Option(
            "--seed",
            metavar="FILE",
            help=f"Derive a session's key from the {MIN_SEED_BYTES} bytes or more in this file, which must be as "
            "private as the key. By default keys are random.",
        ),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Make a key from the system's randomness, and print its public part."""
    output.use_json(as_json)
    if seed_file is not None and kind != KeyKind.session:
        raise typer.BadParameter("the protocol derives only session keys from a seed")
    check_targets([out], force=force)
    key = _make(kind, seed_file)
    with writing(out):
        key.save(out, overwrite=force)
    output.note(f"wrote {out} (secret: only you can read it)")
    _print(key, as_json)


@app.command("show")
def show_key(
    path: Annotated[Path, typer.Argument(metavar="FILE.key", help="A key file.")],
    bare: Annotated[bool, typer.Option("--bare", help="Print the public part alone, for another command.")] = False,
    as_json: Json = False,
) -> None:
    """Print the kind and the public part of a key; never the secret."""
    output.use_json(as_json)
    if bare and as_json:
        raise typer.BadParameter("--bare and --json both print a result: take one")
    from ...relay.any_key import load_any_key

    with naming(path):
        key = load_any_key(path)
    if bare:
        output.result(_public(key)[2])
    else:
        _print(key, as_json)


def _make(kind: KeyKind, seed_file: Path | None) -> AnyKey:
    from ...relay.funding import FundingKey
    from ...relay.identity import NodeIdentity, SessionKey
    from ...relay.key_file import read_private_file

    if kind == KeyKind.node:
        return NodeIdentity.generate()
    if kind == KeyKind.funding:
        return FundingKey.generate()
    if seed_file is None:
        return SessionKey.generate()
    with naming(seed_file):
        seed = read_private_file(seed_file, MAX_SEED_BYTES)
    if len(seed) < MIN_SEED_BYTES:
        raise CommandError(ExitCode.INPUT, f"{seed_file}: a seed has at least {MIN_SEED_BYTES} bytes")
    return SessionKey.from_seed(seed)


def _print(key: AnyKey, as_json: bool) -> None:
    kind, name, value = _public(key)
    if as_json:
        output.result_json({"kind": kind, "public": value})
    else:
        output.result(output.table({"kind": kind, name: value}))


def _public(key: AnyKey) -> tuple[str, str, str]:
    """(kind, what the public part is called, its text)."""
    from ...algebra.edwards_encoding import pack_point
    from ...relay.identity import NodeIdentity, SessionKey

    if isinstance(key, SessionKey):
        return KeyKind.session.value, "public key", pack_point(key.public).hex()
    if isinstance(key, NodeIdentity):
        return KeyKind.node.value, "payee", str(key.payee)
    return KeyKind.funding.value, "identity", str(key.identity)
