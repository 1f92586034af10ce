"""Circuits of 200,000 rows and more, for the test of scale: hashing by circom, and a batch of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from zkrelay import __version__
from zkrelay.circuits.batch import Batch
from zkrelay.formats import write_r1cs, write_sym
from zkrelay.formats.sym import symbols_of
from zkrelay.r1cs import compile_circuit

from .corpus import BUILD, Instance, compile_instance


@dataclass(frozen=True)
class Large:
    """``make`` compiles it, unless that was done before, and says where the ``.r1cs`` lies."""

    name: str
    main: str
    truth: str
    make: Callable[[], Path]


def _sha256(bits: int) -> Large:
    main = f"Sha256({bits})"
    instance = Instance(f"large_Sha256_{bits}", ("sha256.circom",), main)
    return Large(instance.name, main, "unknown", lambda: compile_instance(instance).r1cs)


def _batch(size: int) -> Large:
    return Large(f"ours_batch{size}", f"Batch({size})", "safe", partial(_compile_batch, size))


def _compile_batch(size: int) -> Path:
    folder = BUILD / f"zkrelay-{__version__}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"batch{size}.r1cs"
    r1cs = compile_circuit(Batch(size)).r1cs  # always: the circuit is ours, and changes
    write_r1cs(path, r1cs, overwrite=True)
    write_sym(path.with_suffix(".sym"), symbols_of(r1cs), overwrite=True)
    return path


# a message of 447 bits is padded to one block of SHA-256, about 200,000 rows at --O0
LARGE = (_sha256(440), _sha256(512), _batch(32))
