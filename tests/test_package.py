"""``import zkrelay`` stays light, and every public name is where the type checker thinks it is."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

import zkrelay
from zkrelay import formats
from zkrelay.cli.app import COMMANDS

HEAVY = {"numpy", "cffi", "_cffi_backend", "nacl", "typer", "click", "rich", "py_ecc", "galois", "numba", "sqlite3"}
LIGHT_OWN_MODULES = {"zkrelay"}
INTEROP = Path(__file__).parent / "vectors" / "interop"


def modules_loaded_by(statement: str, cwd: Path) -> tuple[set[str], int]:
    """Names that ``python -X importtime`` reports for a statement, and the microseconds spent under ``zkrelay``."""
    command = [sys.executable, "-X", "importtime", "-c", statement]
    report = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=True, timeout=60).stderr
    loaded, micros = set(), 0
    for line in report.splitlines():
        if line.startswith("import time:") and "imported package" not in line:
            _, cumulative, name = line.removeprefix("import time:").split("|")
            loaded.add(name.strip())
            if name.strip() == "zkrelay":
                micros = int(cumulative)
    return loaded, micros


def test_import_loads_nothing_heavy(tmp_path: Path) -> None:
    loaded, micros = modules_loaded_by("import zkrelay", tmp_path)
    print(f"import zkrelay: {micros / 1000:.1f} ms")
    assert {name for name in loaded if name.split(".")[0] == "zkrelay"} == LIGHT_OWN_MODULES
    assert HEAVY.isdisjoint(name.split(".")[0] for name in loaded)


def test_the_import_report_sees_heavy_modules(tmp_path: Path) -> None:
    """The test above can fail: what flattens circuits does load numpy."""
    loaded, _ = modules_loaded_by("import zkrelay.r1cs.assembly", tmp_path)
    assert "numpy" in loaded
    assert "zkrelay.r1cs.compiler" in loaded


def modules_after(statement: str, cwd: Path) -> set[str]:
    """All modules of a process that ran a statement; the report above leaves out what ``import_module`` imports."""
    code = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {statement}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd, check=True, timeout=60)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "command",
    [
        ["verify", *(str(INTEROP / f"claim.{name}.json") for name in ("vkey", "public", "proof"))],
        ["key", "new", "node.key", "--kind", "node"],
    ],
)
def test_a_command_without_matrices_loads_no_numpy(tmp_path: Path, command: list[str]) -> None:
    """It would be most of the time that the command takes."""
    arguments = ["zkrelay", *command]
    loaded = modules_after(f"sys.argv = {arguments!r}; from zkrelay.cli import main; main()", tmp_path)
    assert "zkrelay.algebra.encoding" in loaded
    assert "numpy" not in loaded


def test_a_command_loads_itself_and_no_other(tmp_path: Path) -> None:
    loaded = modules_after("sys.argv = ['zkrelay', 'prove', '--help']; from zkrelay.cli import main; main()", tmp_path)
    others = {f"zkrelay.cli.{module}" for module, _ in COMMANDS.values()} - {"zkrelay.cli.prove"}
    assert "zkrelay.cli.prove" in loaded
    assert others.isdisjoint(loaded)
    assert (HEAVY - {"typer", "click", "rich"}).isdisjoint(name.split(".")[0] for name in loaded)


def test_reading_a_proof_loads_no_other_format(tmp_path: Path) -> None:
    loaded = modules_after("from zkrelay.formats import read_proof", tmp_path)
    assert "zkrelay.formats.snarkjs_json" in loaded
    assert {"zkrelay.formats.ptau", "zkrelay.formats.arkworks", "zkrelay.formats.zkwp_reader"}.isdisjoint(loaded)


def typed_names(package: ModuleType = zkrelay) -> dict[str, str]:
    """Names imported under ``TYPE_CHECKING`` in a package's ``__init__.py``, with their modules."""
    tree = ast.parse(Path(str(package.__file__)).read_text(encoding="utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If) and getattr(n.test, "id", "") == "TYPE_CHECKING")
    return {
        alias.name: str(node.module)
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
    }


def test_lazy_table_equals_typed_names() -> None:
    assert typed_names() == zkrelay._HOMES
    assert sorted(zkrelay.__all__) == sorted([*typed_names(), "__version__"])


def test_no_lazy_name_is_that_of_a_module() -> None:
    """The import of a module sets its name in the package, and would hide the public one."""
    for package in (zkrelay, zkrelay.formats):
        modules = {info.name for info in pkgutil.iter_modules(package.__path__)}
        assert not modules & package._HOMES.keys()


def test_lazy_table_of_the_formats_equals_typed_names() -> None:
    assert typed_names(formats) == formats._HOMES
    assert sorted(formats.__all__) == sorted(typed_names(formats))
    for name in formats.__all__:
        assert getattr(formats, name) is not None
        assert name in dir(formats)
    with pytest.raises(AttributeError, match="no attribute 'read_faster'"):
        formats.read_faster  # noqa: B018


@pytest.mark.parametrize("name", zkrelay.__all__)
def test_public_name_resolves(name: str) -> None:
    assert getattr(zkrelay, name) is not None
    assert name in dir(zkrelay)


@pytest.mark.parametrize("name", zkrelay._FLOORS)
def test_floor_is_an_attribute(name: str) -> None:
    assert getattr(zkrelay, name).__name__ == f"zkrelay.{name}"


def test_version_is_the_distribution_s() -> None:
    assert zkrelay.__version__ == version("zkrelay")


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'prove_faster'"):
        _ = zkrelay.prove_faster
