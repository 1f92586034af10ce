"""The list of commands, and what they share: ``--version``, completion, and one place where errors end."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, cast

import typer
from typer.core import TyperGroup

from . import output
from .errors import mapped

# in the order of the work: command -> module in this package, and the function or the group of commands in it
COMMANDS = {
    "compile": ("compile", "compile_circuit_file"),
    "audit": ("audit", "audit_circuit"),
    "setup": ("setup", "make_keys"),
    "precompute": ("precompute", "precompute_tables"),
    "witness": ("witness", "compute_witness"),
    "prove": ("prove", "make_proof"),
    "verify": ("verify", "check_proof"),
    "verify-many": ("verify_many", "check_proofs"),
    "export-solidity": ("export", "write_contract"),
    "export-calldata": ("export", "print_calldata"),
    "convert": ("convert", "app"),
    "info": ("info", "show_file"),
    "demo": ("demo", "play_session"),
    "ptau": ("ceremony.ptau", "app"),
    "zkey": ("ceremony.zkey", "app"),
    "bench": ("bench", "app"),
    "vectors": ("vectors", "app"),
    **{verb: (f"relay.{verb}", "app") for verb in ("key", "note", "receipt", "claim", "batch", "ledger")},
    **{verb: (f"relay.{verb}", "app") for verb in ("nullifier", "slash")},
}


class OnDemand(Mapping[str, Any]):
    """The commands by name.  One is imported when it is asked for: to build them all takes longer than most of them."""

    def __init__(self) -> None:
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._built:
            module, attribute = COMMANDS[name]
            found = getattr(importlib.import_module(f".{module}", __package__), attribute)
            holder = typer.Typer()
            if isinstance(found, typer.Typer):
                holder.add_typer(found, name=name)
            else:
                holder.command(name)(found)
            self._built[name] = _unwrapped(typer.main.get_group(holder).commands[name])
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _unwrapped(command: Any) -> Any:
    """The command with paragraphs of help in one line each, as terminals wrap them, each at its own width."""
    if command.help:
        paragraphs = inspect.cleandoc(command.help).split("\n\n")
        command.help = "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in paragraphs)
    for child in getattr(command, "commands", {}).values():
        _unwrapped(child)
    return command


class Commands(TyperGroup):
    """Maps errors of parsing and of commands to exit codes, and keeps the commands in the order of the work."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = cast(Any, OnDemand())

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def make_context(self, info_name: Any, args: Any, *rest: Any, **kwargs: Any) -> Any:
        output.use_json("--json" in args)  # until the command itself says so: its own parsing may fail before that
        with mapped():
            return super().make_context(info_name, args, *rest, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        with mapped():
            return super().invoke(ctx)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        output.result(f"zkrelay {version('zkrelay')}")
        raise typer.Exit


@app.callback()
def zkrelay(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Zero-knowledge proof of relay: compile circuits, prove, verify, and play a paid session.

    Exit codes: 0 ok, 1 checked and refused, 2 usage, 3 bad input, 4 environment, 5 undecided.
    """
