"""A circuit from what a person types: the name of a standard circuit, or ``FILE.py:Class``."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from ..errors import CircuitError, ZkrelayError
from .errors import TRACEBACK_VARIABLE, CommandError, ExitCode

if TYPE_CHECKING:
    from ..r1cs import Circuit


def load_circuit(spec: str, constants: Mapping[str, int]) -> Circuit:
    """The circuit that ``spec`` names, with its compile-time constants.

    Raises:
        CommandError: usage when the name, the class or a constant is wrong; input when the file cannot be run.
        OSError: the file cannot be read.
    """
    path, separator, class_name = spec.rpartition(":")
    if not separator:
        path, class_name = spec, ""
    if path.endswith(".py"):
        return _from_file(Path(path), class_name, constants)
    from ..circuits.standard import STANDARD, standard_circuit

    try:
        return standard_circuit(spec, **constants)
    except CircuitError as error:
        hint = "" if spec in STANDARD else " (a circuit of your own is FILE.py:Class)"
        raise CommandError(ExitCode.USAGE, f"{error}{hint}") from None


def file_of(spec: str) -> Path | None:
    """The user's own file in ``FILE.py:Class``; None for a standard circuit."""
    file = spec.rpartition(":")[0] or spec
    return Path(file) if file.endswith(".py") else None


def given_constants(options: dict[str, int | None], assignments: list[str]) -> dict[str, int]:
    """--arity and the like, and every --set; the same name twice is an error."""
    given: dict[str, int] = {name: value for name, value in options.items() if value is not None}
    for assignment in assignments:
        name, separator, text = assignment.partition("=")
        if not (separator and name.isidentifier()):
            raise typer.BadParameter(f"{assignment!r} is not NAME=VALUE", param_hint="--set")
        if name in given:
            raise typer.BadParameter(f"{name} is given twice", param_hint="--set")
        given[name] = _integer(name, text)
    return given


def _integer(name: str, text: str) -> Any:
    try:
        return int(text, 0)
    except ValueError:
        raise typer.BadParameter(f"{name} must be an integer (decimal, or 0x...)", param_hint="--set") from None


def _from_file(path: Path, class_name: str, constants: Mapping[str, int]) -> Circuit:
    module = _load_module(path)
    cls = _pick(path, _circuits_of(module), class_name)
    with user_code(path):
        try:
            inspect.signature(cls).bind(**constants)
        except TypeError as error:
            raise CommandError(ExitCode.USAGE, f"{cls.__name__}: {error} (constants are given by --set)") from None
        return cls(**constants)


def _load_module(path: Path) -> ModuleType:
    """Run a file as ``python FILE`` would, under its file name: reports then read ``cube.py:12``, on every machine."""
    with path.open("rb"):
        pass  # a missing or unreadable file is an OSError, before anything runs
    spec = importlib.util.spec_from_file_location(path.name, path)
    assert spec is not None and spec.loader is not None, "a name that ends in .py has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.name] = module  # dataclasses look themselves up there
    sys.path.append(str(path.resolve().parent))  # its neighbours can be imported, and shadow nothing
    with user_code(path):
        spec.loader.exec_module(module)
    return module


def _circuits_of(module: ModuleType) -> dict[str, type[Circuit]]:
    from ..r1cs import Circuit

    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Circuit) and value.__module__ == module.__name__
    }


def _pick(path: Path, found: Mapping[str, type[Circuit]], class_name: str) -> type[Circuit]:
    names = ", ".join(found) or "none"
    if class_name in found:
        return found[class_name]
    if class_name:
        raise CommandError(ExitCode.USAGE, f"{path} has no circuit {class_name!r}; it has: {names}")
    if len(found) != 1:
        raise CommandError(ExitCode.USAGE, f"{path}: say which circuit, as FILE.py:Class; it has: {names}")
    return next(iter(found.values()))


@contextlib.contextmanager
def user_code(path: Path | None) -> Iterator[None]:
    """Whatever the user's own file raises becomes one line with its place; ``path`` None leaves errors alone."""
    try:
        yield
    except (ZkrelayError, CommandError):
        raise
    except Exception as error:
        if path is None:
            raise
        _blame(path, error)


def _blame(path: Path, error: Exception) -> NoReturn:
    trace = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in trace if Path(frame.filename).resolve() == path.resolve()]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    where = f"{path}, line {line}" if line else str(path)
    raise CommandError(
        ExitCode.INPUT, f"{where}: {type(error).__name__}: {text} ({TRACEBACK_VARIABLE}=1 shows more)"
    ) from error
