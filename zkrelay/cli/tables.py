"""Which tables belong to a proving key on a command line: those named, or those beside it; wrong ones are an error."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InvalidTables
from . import output
from .errors import naming

if TYPE_CHECKING:
    from ..groth16 import ProvingKey, Tables

TablesOption = Annotated[
    Path | None,
    typer.Option(
        "--tables",
        metavar="FILE.zktb",
        help="The key's precomputed multiples; by default KEY.zktb beside it, if there is one.",
    ),
]
NoTables = Annotated[
    bool, typer.Option("--no-tables", help="Prove without tables, even if there are some beside the key.")
]


def beside(key_file: Path) -> Path:
    """The standard name."""
    return key_file.with_suffix(".zktb")


def find_tables(
    key: ProvingKey, key_file: Path, named: Path | None, no_tables: bool
) -> tuple[Tables | None, Path | None]:
    """The tables to prove with, checked against the key, and their file.

    Raises:
        InvalidTables: they are damaged or another key's.
        OSError, FormatError: they cannot be read.
    """
    if no_tables and named is not None:
        raise typer.BadParameter("--tables and --no-tables exclude each other")
    path = named if named is not None else beside(key_file)
    if no_tables or (named is None and not path.exists()):
        return None, None
    from ..formats import read_zktb

    with naming(path):
        tables = read_zktb(path)
        tables.check(key)
    output.note(f"tables of factor {tables.factor}, from {path}")
    return tables, path


@contextlib.contextmanager
def naming_tables(path: Path | None) -> Iterator[None]:
    """Tables that turn out wrong in this block come from ``path``; other errors are about other files."""
    try:
        yield
    except InvalidTables:
        if path is None:
            raise
        with naming(path):
            raise
