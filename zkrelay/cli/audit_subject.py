"""What is to be audited, from what a person types: a ``.r1cs`` with its names, a ``.zkwp``, or a circuit of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from . import output
from .errors import CommandError, ExitCode, naming

if TYPE_CHECKING:
    from ..audit.system import System


@dataclass(frozen=True)
class Subject:
    """``name`` is for reports; ``file`` is what was read, None for a circuit that was compiled on the spot."""

    system: System
    name: str
    file: Path | None

    @property
    def strong(self) -> bool | None:
        """Without --strong: circuits of ours have no outputs, and nobody need be told; a ``.r1cs`` is to have some."""
        return False if self.file is not None and self.file.suffix != ".zkwp" else None


def load_subject(spec: str, sym: Path | None, constants: Mapping[str, int], field: str) -> Subject:
    """The system to audit.

    Raises:
        FormatError, MalformedInput, OSError: a file that cannot be read, or names that belong to another one.
        AuditError: the file cannot be audited as it stands.
        UnderConstrained, CommandError: as ``zkrelay compile``.
    """
    suffix = _suffix(spec)
    if suffix == ".sym":
        raise typer.BadParameter("names come by --sym; the circuit is a .r1cs")
    if suffix not in (".r1cs", ".zkwp"):
        if sym is not None:
            raise typer.BadParameter("is for a .r1cs file: circuits of ours bring their names", param_hint="--sym")
        return _compiled(spec, constants, field)
    if constants:
        raise typer.BadParameter(f"{Path(spec).name} is compiled: its constants cannot be set", param_hint="--set")
    return _from_r1cs(Path(spec), sym) if suffix == ".r1cs" else _from_zkwp(Path(spec), sym)


def _suffix(spec: str) -> str:
    """That of the name; a file that is there under any other name is known by its content."""
    from ..circuits.standard import STANDARD
    from .kinds import Kind, kind_of

    path = Path(spec)
    if path.suffix in (".r1cs", ".zkwp", ".sym", ".py") or spec in STANDARD or not path.exists():
        return path.suffix
    with naming(path):
        kind = kind_of(path)
    if kind not in (Kind.R1CS, Kind.ZKWP):
        raise CommandError(ExitCode.INPUT, f"{spec}: neither a .r1cs nor a .zkwp, nor Python with a circuit (.py)")
    return f".{kind.value}"


def _from_r1cs(path: Path, sym: Path | None) -> Subject:
    from dataclasses import replace

    from ..audit.system import MAX_CONSTRAINTS, system_of_file
    from ..formats import read_r1cs_file, read_sym, with_names_of

    with naming(path):
        file = read_r1cs_file(path, max_constraints=MAX_CONSTRAINTS)
    names = sym if sym is not None else path.with_suffix(".sym")
    if sym is not None or names.exists():
        with naming(names):
            file = replace(file, r1cs=with_names_of(file, read_sym(names)))
        if sym is None:
            output.note(f"names from {names}")
    return Subject(system_of_file(file), path.name, path)


def _from_zkwp(path: Path, sym: Path | None) -> Subject:
    from ..audit.system import system_of
    from ..formats import read_zkwp

    if sym is not None:
        raise typer.BadParameter("is for a .r1cs file: a .zkwp has its names in it", param_hint="--sym")
    with naming(path):
        compiled = read_zkwp(path)
    return Subject(system_of(compiled.r1cs), path.name, path)


def _compiled(spec: str, constants: Mapping[str, int], field: str) -> Subject:
    from ..audit.system import system_of
    from ..curves import CURVES
    from ..r1cs import compile_circuit
    from .load_circuit import file_of, load_circuit, user_code

    stated = load_circuit(spec, constants)
    with user_code(file_of(spec)):
        compiled = compile_circuit(stated, CURVES[field].fr)
    return Subject(system_of(compiled.r1cs), compiled.name, None)
