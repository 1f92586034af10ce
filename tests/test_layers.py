"""The layer rule is a test: every import in the source is read with ``ast`` and held against the table below.

All imports count, also those inside functions and under ``TYPE_CHECKING``: an arrow that exists only for a type is an
arrow.  ``circuits/`` is the floor ``zkrelay.circuits``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# everything below a floor, and then the table: floor -> the floors it may import, besides itself and ``errors``
_CURVES: frozenset[str] = frozenset()
_KERNEL = _CURVES | {"curves"}
_ALGEBRA = _KERNEL | {"kernel"}
_R1CS = _ALGEBRA | {"algebra"}
_GROTH16 = _R1CS | {"r1cs"}
_FORMATS = _GROTH16 | {"groth16"}
FLOORS: dict[str, frozenset[str]] = {
    "errors": frozenset(),
    "curves": _CURVES,
    "kernel": _KERNEL,
    "algebra": _ALGEBRA,
    "r1cs": _R1CS,
    "circuits": frozenset({"r1cs", "algebra", "curves"}),  # knows no proof system and no kernel
    "groth16": _GROTH16,
    "formats": _FORMATS,
    "evm": _FORMATS,
    "relay": _FORMATS | {"formats", "circuits"},
    "ceremony": _FORMATS | {"formats"},
    "audit": _FORMATS | {"formats"},
    "circom": _FORMATS | {"formats"},
    "cli": _FORMATS | {"formats", "circuits", "evm", "relay", "ceremony", "audit", "circom"},
    # zkrelay/__init__.py: the public names
    "": _FORMATS | {"formats", "circuits", "evm", "relay", "ceremony", "audit", "circom"},
}

NATIVE = tuple(
    f"zkrelay/kernel/{name}.py"
    for name in ("native", "native_border", "native_eddsa", "native_prepared", "native_verify")
)

# third party (or the compiled extension) -> path prefixes, relative to the root, that may import it
THIRD_PARTY: dict[str, tuple[str, ...]] = {
    "cffi": NATIVE,
    "_cffi_backend": NATIVE,
    "zkrelay._native": NATIVE,
    "typer": ("zkrelay/cli/",),
    "rich": ("zkrelay/cli/", "examples/network/"),
    "nacl": ("zkrelay/relay/", "examples/"),
    "cryptography": ("zkrelay/relay/blind_rsa.py", "examples/tunnel/"),
    "py_ecc": ("zkrelay/groth16/second_opinion.py",),
    "psycopg": ("zkrelay/relay/store_postgres.py",),
    "fastapi": ("examples/settlement/",),
    "starlette": ("examples/settlement/",),
    "pydantic": ("examples/settlement/",),
    "uvicorn": ("examples/settlement/",),
    "ray": ("zkrelay/relay/fleet_ray.py", "examples/prove_on_ray.py"),
    "wasmtime": ("zkrelay/circom/machine.py", "zkrelay/circom/compiler.py"),
    "galois": ("zkrelay/audit/",),
    "numba": ("zkrelay/audit/",),
    # one example that another is built on: both lie beside each other on the path
    "tunnel": ("examples/network/",),
    "settlement": ("examples/network/", "examples/tunnel/service_ledger.py"),
    "numpy": (
        "zkrelay/kernel/",
        "zkrelay/algebra/",
        "zkrelay/r1cs/",
        "circuits/",
        "zkrelay/groth16/",
        "zkrelay/formats/",
        "zkrelay/ceremony/",
        "zkrelay/relay/",
        "zkrelay/audit/",
        "zkrelay/cli/",
        "examples/",
    ),
}
# too heavy for the top of a module: imported inside the function that uses them
LAZY = frozenset({"py_ecc", "galois", "numba", "ray", "wasmtime"})
# the reference kernel is the judge of the fast one: nothing but plain Python, the numbers and the buffer types
REFERENCE_PREFIX = "zkrelay/kernel/reference"
REFERENCE_MAY_IMPORT = ("zkrelay.errors", "zkrelay.curves", "zkrelay.kernel.interface", "zkrelay.kernel.reference")
# the checker of derivations is the judge of the audit's engine: the standard library, the errors, and itself
REPLAY_PREFIX = "zkrelay/audit/replay/"
REPLAY_MAY_IMPORT = ("zkrelay.errors.", "zkrelay.audit.replay")
# where a module name is computed, from a table of names that stands in the file
DYNAMIC_IMPORT_ALLOWED = {"zkrelay/__init__.py", "zkrelay/formats/__init__.py", "zkrelay/cli/app.py"}


@dataclass(frozen=True)
class Import:
    """``module`` as an absolute dotted name; ``is_top_level`` when it runs while the module is imported."""

    path: str
    line: int
    module: str
    is_top_level: bool


def source_files(root: Path) -> list[Path]:
    """Every Python file of the package, of the circuits and of the examples."""
    return sorted(p for folder in ("zkrelay", "circuits", "examples") for p in (root / folder).rglob("*.py"))


def module_name(path: str) -> str:
    """Dotted name of a file: ``circuits/poseidon.py`` is ``zkrelay.circuits.poseidon``."""
    parts = list(Path(path).with_suffix("").parts)
    if parts[0] == "circuits":
        parts.insert(0, "zkrelay")
    return ".".join(parts)


def _resolve(path: str, node: ast.ImportFrom) -> str:
    """Absolute module of ``from X import``, dots counted from the package that holds ``path``."""
    if not node.level:
        return node.module or ""
    package = module_name(path).split(".")[:-1]  # holds for __init__.py too: its own name is dropped
    base = package[: len(package) - node.level + 1]
    return ".".join([*base, node.module] if node.module else base)


def imports_of(root: Path, path: Path) -> Iterator[Import]:
    """Each import of a file; ``from package import name`` yields package.name, a module or an attribute."""
    relative = path.relative_to(root).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=relative)
    ahead: list[tuple[ast.AST, bool]] = [(tree, True)]
    while ahead:
        node, top = ahead.pop()
        inside = top and not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        ahead += [(child, inside) for child in ast.iter_child_nodes(node)]
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(relative, node.lineno, alias.name, top)
        elif isinstance(node, ast.ImportFrom):
            module = _resolve(relative, node)
            for alias in node.names:
                yield Import(relative, node.lineno, f"{module}.{alias.name}", top)
        elif isinstance(node, ast.Call) and _is_dynamic_import(node):
            argument = node.args[0] if node.args else None
            literal = argument.value if isinstance(argument, ast.Constant) else None
            yield Import(relative, node.lineno, literal if isinstance(literal, str) else "<computed>", top)


def _is_dynamic_import(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in ("import_module", "__import__")


def floor_of(module: str) -> str:
    """The floor a ``zkrelay`` module stands on; "" for the package's own names."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in FLOORS else ""


def complaint(item: Import) -> str | None:
    """Why this import is wrong, or None."""
    where = f"{item.path}:{item.line}"
    if item.module == "<computed>":
        return None if item.path in DYNAMIC_IMPORT_ALLOWED else f"{where}: imports a module by a computed name"
    if item.module.startswith("."):
        return f"{where}: dynamic relative import of {item.module}"
    top_name = item.module.split(".")[0]
    if item.path.startswith(REFERENCE_PREFIX):
        return _reference_complaint(item, where)
    if item.path.startswith(REPLAY_PREFIX):
        return _replay_complaint(item, where)
    if top_name == "zkrelay" and not item.module.startswith("zkrelay._native"):
        return _floor_complaint(item, where)
    if top_name == "examples" and _is_within_one_example(item):
        return None
    package = "zkrelay._native" if top_name == "zkrelay" else top_name
    if package in sys.stdlib_module_names:
        return None
    allowed = THIRD_PARTY.get(package)
    if allowed is None:
        return f"{where}: {package} is no dependency of the package"
    if not item.path.startswith(allowed):
        return f"{where}: {package} may be imported in {', '.join(allowed)} only"
    if package in LAZY and item.is_top_level:
        return f"{where}: {package} must be imported inside the function that uses it"
    return None


def _reference_complaint(item: Import, where: str) -> str | None:
    plain = item.module.split(".")[0] in sys.stdlib_module_names | {"numpy"}
    if plain or item.module.startswith(REFERENCE_MAY_IMPORT):
        return None
    return f"{where}: the reference kernel is plain Python and may not import {item.module}"


def _replay_complaint(item: Import, where: str) -> str | None:
    if item.module.split(".")[0] in sys.stdlib_module_names or item.module.startswith(REPLAY_MAY_IMPORT):
        return None
    return f"{where}: the checker of derivations stands alone and may not import {item.module}"


def _is_within_one_example(item: Import) -> bool:
    """A folder of examples is a package of its own, and knows no other one."""
    own = Path(item.path).parts[:2]
    return len(Path(item.path).parts) > 2 and item.module.startswith(".".join(own) + ".")


def _floor_complaint(item: Import, where: str) -> str | None:
    if item.path.startswith("examples/"):
        return None  # users of the package
    here, there = floor_of(module_name(item.path)), floor_of(item.module)
    if there in ("errors", here) and there:
        return None
    if here == "errors":
        return f"{where}: errors imports nothing"
    if there == "":
        is_root = item.path == "zkrelay/__init__.py"
        return None if here == "cli" or is_root else f"{where}: imports the package's public names ({item.module})"
    if there not in FLOORS[here]:
        return f"{where}: {here or 'zkrelay'} may not import {there}"
    return None


def complaints(root: Path) -> list[str]:
    found = []
    for path in source_files(root):
        relative = path.relative_to(root)
        if relative.parts[0] == "zkrelay" and len(relative.parts) > 2 and relative.parts[1] not in FLOORS:
            found.append(f"{relative.as_posix()}: zkrelay/{relative.parts[1]} is on no floor of the table")
        found += [text for item in imports_of(root, path) if (text := complaint(item))]
    return found


def test_no_wrong_arrow() -> None:
    assert len(source_files(ROOT)) > 10, "the source tree was not found"
    assert complaints(ROOT) == []


def test_arrows_go_down_only() -> None:
    """The table itself has no cycle: every floor is reached from those above it, never from itself."""

    def below(floor: str, seen: tuple[str, ...] = ()) -> None:
        assert floor not in seen, " -> ".join([*seen, floor])
        for lower in FLOORS[floor]:
            below(lower, (*seen, floor))

    for floor in FLOORS:
        below(floor)


WRONG = [
    ("zkrelay/errors.py", "from .curves import bn254"),
    ("zkrelay/errors.py", "import numpy"),
    ("zkrelay/curves/a.py", "import numpy"),
    ("zkrelay/curves/a.py", "from ..kernel import current"),
    ("zkrelay/kernel/a.py", "from ..algebra.encoding import pack_field"),
    ("zkrelay/kernel/a.py", "from .. import algebra"),
    ("zkrelay/kernel/a.py", "import zkrelay.algebra.encoding"),
    ("zkrelay/kernel/interface.py", "from cffi import FFI"),
    ("zkrelay/algebra/a.py", "from .._native import lib"),
    ("zkrelay/algebra/a.py", "from zkrelay import _native"),
    ("zkrelay/kernel/reference.py", "from ..kernel.native import NativeKernel"),
    ("zkrelay/kernel/reference_pairing.py", "import py_ecc"),
    ("zkrelay/r1cs/a.py", "def f():\n    from ..groth16 import prove"),
    ("zkrelay/r1cs/a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..circuits import poseidon"),
    ("circuits/a.py", "from zkrelay.groth16 import prove"),
    ("circuits/a.py", "from ..kernel import current"),
    ("circuits/deep/a.py", "from ...relay import notes"),
    ("zkrelay/groth16/a.py", "from ..circuits import merkle"),
    ("zkrelay/groth16/a.py", "from ..formats import zkey"),
    ("zkrelay/formats/a.py", "from ..relay import notes"),
    ("zkrelay/relay/a.py", "from ..audit import check"),
    ("zkrelay/relay/a.py", "import rich"),
    ("zkrelay/relay/a.py", "from cryptography.hazmat.primitives import hashes"),
    ("zkrelay/ceremony/a.py", "from ..relay import notes"),
    ("zkrelay/ceremony/a.py", "from ..circuits import claim"),
    ("zkrelay/formats/a.py", "from ..ceremony import new_key"),
    ("zkrelay/audit/a.py", "from ..relay import notes"),
    ("zkrelay/audit/a.py", "from ..cli import main"),
    ("zkrelay/audit/a.py", "import galois"),
    ("zkrelay/audit/replay/checker.py", "from ..system import System"),
    ("zkrelay/audit/replay/rules.py", "from ...formats import read_r1cs"),
    ("zkrelay/audit/replay/rules.py", "def f():\n    import numpy"),
    ("zkrelay/audit/replay/checker.py", "from .. import system"),
    ("zkrelay/groth16/second_opinion.py", "import py_ecc.optimized_bn128"),
    ("zkrelay/groth16/verify.py", "def f():\n    import py_ecc"),
    ("zkrelay/formats/a.py", "import nacl.signing"),
    ("zkrelay/formats/a.py", "import requests"),
    ("zkrelay/formats/a.py", "from .. import __version__"),
    ("zkrelay/formats/a.py", "import importlib\nx = importlib.import_module('zkrelay.cli')"),
    ("zkrelay/formats/a.py", "import importlib\nx = importlib.import_module(name)"),
    ("zkrelay/network/a.py", "x = 1"),
    ("examples/a.py", "import cryptography"),
    ("examples/tunnel/a.py", "from ..settlement import b"),
    ("examples/tunnel/a.py", "import fastapi"),
    ("zkrelay/relay/a.py", "from fastapi import FastAPI"),
    ("examples/a.py", "from .tunnel import b"),
]


@pytest.mark.parametrize(("path", "source"), WRONG, ids=[f"{p}: {s.splitlines()[-1].strip()}" for p, s in WRONG])
def test_planted_wrong_arrow_is_found(tmp_path: Path, path: str, source: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(source + "\n", encoding="utf-8")
    assert len(complaints(tmp_path)) == 1


RIGHT = [
    ("zkrelay/curves/a.py", "from ..errors import MalformedInput\nfrom .fields import PrimeField\nimport math"),
    ("zkrelay/kernel/native.py", "from zkrelay._native import ffi, lib\nfrom .._native import ffi\nimport cffi"),
    ("zkrelay/kernel/reference.py", "import numpy as np\nfrom ..curves import bn254\nfrom .interface import Matrix"),
    ("circuits/a.py", "from ..r1cs import Circuit\nfrom zkrelay.algebra import poseidon\nfrom .b import c"),
    ("zkrelay/groth16/second_opinion.py", "def f():\n    from py_ecc import optimized_bn128"),
    ("zkrelay/relay/a.py", "import nacl.signing\nfrom ..circuits import claim\nfrom ..formats import zkey"),
    ("zkrelay/audit/a.py", "def f():\n    import galois, numba"),
    ("zkrelay/audit/replay/checker.py", "import zlib\nfrom ...errors import AuditError\nfrom .rules import Rules"),
    ("zkrelay/audit/b.py", "from .replay import replay\nfrom .system import System"),
    ("zkrelay/cli/a.py", "import typer, rich\nfrom .. import __version__\nfrom ..relay import notes"),
    ("zkrelay/__init__.py", "from .errors import InvalidProof\nimport importlib\nx = importlib.import_module(name)"),
    ("examples/tunnel/a.py", "import nacl.signing\nfrom zkrelay import prove"),
    ("examples/tunnel/a.py", "from cryptography.exceptions import InvalidTag\nfrom .errors import TunnelError"),
]


@pytest.mark.parametrize(("path", "source"), RIGHT, ids=[p for p, _ in RIGHT])
def test_right_arrow_is_left_alone(tmp_path: Path, path: str, source: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(source + "\n", encoding="utf-8")
    assert complaints(tmp_path) == []
