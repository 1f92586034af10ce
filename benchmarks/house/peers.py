"""Which peers there are, what each needs, and how each is built, into ``build/bench/peers``.

A peer whose toolchain is absent, or that does not build, is an ``Absent`` with its reason, which the table shows.
Versions are pinned by go.mod and go.sum, Cargo.lock, and package-lock.json.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .protocol import Peer

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "benchmarks" / "peers"
BUILD = ROOT / "build" / "bench" / "peers"
BUILD_TIMEOUT_S = 1200
SHOWN = 600
THREADS = "{threads}"  # stands for the number of threads in an environment


@dataclass(frozen=True)
class Program:
    """A peer that can be started."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]

    def start(self, threads: int, first_cpu: int = 0) -> Peer:
        """Raises ``PeerError`` when it does not start."""
        environment = {key: value.replace(THREADS, str(threads)) for key, value in self.environment.items()}
        return Peer(self.command, threads=threads, environment=environment, first_cpu=first_cpu)


@dataclass(frozen=True)
class Absent:
    """A peer that cannot be started, and why."""

    name: str
    reason: str


Log = Callable[[str], None]


class BuildError(Exception):
    """A peer did not build; the message is what its tool said last."""


@dataclass(frozen=True)
class Recipe:
    """How to make a ``Program``: the tools it needs, and a function that builds and gives command and environment."""

    name: str
    tools: tuple[str, ...]
    hint: str
    build: Callable[[Path, Path], tuple[Sequence[str], Mapping[str, str]]]

    def make(self, log: Log = lambda _: None) -> Program | Absent:
        missing = [tool for tool in self.tools if shutil.which(tool) is None]
        if missing:
            return Absent(self.name, f"{' and '.join(missing)} not found: {self.hint}")
        log(f"building {self.name}")
        target = BUILD / self.name
        target.mkdir(parents=True, exist_ok=True)
        try:
            command, environment = self.build(SOURCES / self.name, target)
        except BuildError as error:
            return Absent(self.name, f"does not build: {error}")
        return Program(self.name, tuple(command), dict(environment))


def ours(kernel: str | None = None) -> Program:
    """zkrelay itself, with the kernel in use or with another."""
    name = "zkrelay" if kernel is None else f"zkrelay {kernel}"
    environment = {} if kernel is None else {"ZKRELAY_KERNEL": kernel}
    return Program(name, (sys.executable, str(SOURCES / "zkrelay" / "peer.py")), environment)


def _gnark(source: Path, target: Path) -> tuple[Sequence[str], Mapping[str, str]]:
    program = target / "peer"
    _call(["go", "build", "-trimpath", "-buildvcs=false", "-o", str(program), "."], source, {})
    return [str(program)], {"GOMAXPROCS": THREADS}


def _arkworks(source: Path, target: Path) -> tuple[Sequence[str], Mapping[str, str]]:
    # native: its field products then use mulx, adcx and adox
    flags = {"RUSTFLAGS": "-C target-cpu=native"}
    _call(["cargo", "build", "--release", "--locked", "--target-dir", str(target)], source, flags)
    return [str(target / "release" / "zkrelay-peer-arkworks")], {"RAYON_NUM_THREADS": THREADS}


def _snarkjs(source: Path, target: Path) -> tuple[Sequence[str], Mapping[str, str]]:
    for name in ("package.json", "package-lock.json", ".npmrc", "peer.mjs"):
        shutil.copyfile(source / name, target / name)
    stamp = target / "node_modules" / ".installed"
    digest = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text(encoding="ascii") != digest:
        _call(["npm", "ci", "--ignore-scripts"], target, {})
        stamp.write_text(digest, encoding="ascii")
    return ["node", str(target / "peer.mjs")], {"ZKRELAY_PEER_THREADS": THREADS}


def _call(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=BUILD_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BuildError(f"{command[0]} took more than {BUILD_TIMEOUT_S} s") from None
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command[:2])}: {(done.stderr or done.stdout).strip()[-SHOWN:]}")


RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe("gnark", ("go",), "install Go 1.25.7 or newer (go.dev)", _gnark),
        Recipe(
            "arkworks", ("cargo", "rustc", "cc"), "install Rust 1.85 or newer (rustup.rs) and a C compiler", _arkworks
        ),
        Recipe("snarkjs", ("node", "npm"), "install node 20.19 or newer with npm (nodejs.org)", _snarkjs),
    )
}
