"""The auditor's corpus: circomlib's templates, compiled by circom itself without simplification.

``tests/audit/corpus.json`` lists them: what a one-line main file includes and instantiates, and what is known of it.
circomlib is GPL: npm brings it for the tests, and nothing of it lies here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .machine import ROOT

ROWS = ROOT / "tests" / "audit" / "corpus.json"
NODE_MODULES = ROOT / "tests" / "node_modules"
CIRCUITS = NODE_MODULES / "circomlib" / "circuits"
SEARCH_PATH = (".", "sha256", "smt")  # where includes are looked up, from CIRCUITS
BUILD = ROOT / "build" / "corpus"
TIMEOUT_S = 300
SMALL_ROWS = 5000  # up to here V8's optimising compiler takes longer over circom2 than the code that it makes will save
TRUTHS = ("safe", "under-constrained", "unknown")


class CorpusError(Exception):
    """The corpus cannot be compiled: a tool is missing, or circom refuses."""


@dataclass(frozen=True)
class Instance:
    """A template with its parameters.  ``truth`` says what is known of its outputs; ``rows`` are its constraints, None
    where nobody counted."""

    name: str
    include: tuple[str, ...]
    main: str
    public: tuple[str, ...] = ()
    truth: str = "unknown"
    rows: int | None = None

    @property
    def source(self) -> str:
        """The main file."""
        public = f" {{public [{', '.join(self.public)}]}}" if self.public else ""
        includes = "".join(f'include "{path}";\n' for path in self.include)
        return f"pragma circom 2.0.0;\n{includes}component main{public} = {self.main};\n"

    @property
    def label(self) -> str:
        """Short and unique in the corpus: circom's template and the file, without the benchmark's prefix."""
        return re.sub(r"-[0-9a-f]{7}_", ":", self.name, count=1).removesuffix("_circomlib")


@dataclass(frozen=True)
class Compiled:
    """Where the files of an instance lie."""

    instance: Instance
    r1cs: Path
    sym: Path


def read_rows(path: Path = ROWS) -> list[Instance]:
    """The list, in its order.

    Raises:
        CorpusError: a row is not of the form above, or a name is there twice.
    """
    try:
        found = [_instance(row) for row in json.loads(path.read_text(encoding="utf-8"))]
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{path.name} is no list of circuits: {type(error).__name__} {error}") from None
    if len({item.name for item in found}) != len(found):
        raise CorpusError(f"{path.name} has a name twice")
    return found


def _instance(row: dict[str, object]) -> Instance:
    name, main, truth, rows = str(row["name"]), str(row["main"]), str(row["truth"]), row["constraints_O0"]
    include, public = (tuple(str(item) for item in row[key] or ()) for key in ("include", "public"))  # type: ignore[attr-defined]
    if not re.fullmatch(r"[\w-]+", name):  # it becomes a file's name
        raise ValueError(f"the name {name!r}")
    if truth not in TRUTHS:
        raise ValueError(f"the truth {truth!r}")
    return Instance(name, include, main, public, truth, None if rows is None else int(str(rows)))


def versions() -> dict[str, str]:
    """Of circom2 and circomlib as npm installed them.

    Raises:
        CorpusError: node or one of the packages is missing.
    """
    if shutil.which("node") is None:
        raise CorpusError("node is not installed")
    found = {}
    for package in ("circom2", "circomlib"):
        try:
            text = (NODE_MODULES / package / "package.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            raise CorpusError(f"{package} is not installed: run npm ci in tests/") from None
        found[package] = str(json.loads(text)["version"])
    return found


def folder() -> Path:
    """Where compiled files lie: a folder for each pair of versions."""
    return BUILD / "-".join(f"{package}-{version}" for package, version in versions().items())


def compile_instance(instance: Instance) -> Compiled:
    """The files of ``instance``: compiled now, unless the same source was compiled by the same versions before.

    Raises:
        CorpusError: a tool is missing or circom refuses.
    """
    home = folder()
    compiled = Compiled(instance, home / f"{instance.name}.r1cs", home / f"{instance.name}.sym")
    source = home / f"{instance.name}.circom"
    if source.is_file() and source.read_text(encoding="utf-8") == instance.source:  # written last, when all went well
        return compiled
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home) as name:
        made = Path(name)
        (made / source.name).write_text(instance.source, encoding="utf-8")
        _circom(made / source.name, made, small=instance.rows is not None and instance.rows <= SMALL_ROWS)
        for path in (compiled.r1cs, compiled.sym, source):
            os.replace(made / path.name, path)
    return compiled


def _circom(source: Path, out: Path, small: bool) -> None:
    # circom2 sees the folders above its own and no others under absolute names: it runs where the includes are
    libraries = [word for path in SEARCH_PATH for word in ("-l", path)]
    node = ["node", "--liftoff-only", "--wasm-lazy-compilation"] if small else ["node"]
    command = [*node, str(NODE_MODULES / "circom2" / "cli.js"), str(source), "--O0", "--r1cs", "--sym"]
    try:
        done = subprocess.run(
            [*command, *libraries, "-o", str(out)],
            cwd=CIRCUITS,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CorpusError(f"circom is not done with {source.stem} after {TIMEOUT_S} s") from None
    if done.returncode or not (out / f"{source.stem}.r1cs").is_file() or not (out / f"{source.stem}.sym").is_file():
        said = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr + done.stdout).strip()
        raise CorpusError(f"circom refuses {source.stem}: {said[-500:]}")


def compile_all(instances: Iterable[Instance], *, workers: int = 2) -> Iterator[Compiled]:
    """Each as ``compile_instance``, in order."""
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(compile_instance, instances)
