"""Options that several commands share, so that one word means one thing everywhere."""

from __future__ import annotations

import math
import os
from typing import Annotated

import typer

MAX_THREADS = 256  # ZKR_MAX_THREADS of native/include/zkrelay.h


def usable_cpus() -> int:
    """CPUs that this process may use, within the kernel's limit."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(count, MAX_THREADS)


def curve_name(text: str) -> str:
    """The name of a curve as it is everywhere else; ``bls12-381`` is understood, too."""
    from ..curves import CURVES

    name = text.replace("-", "_")
    if name not in CURVES:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(CURVES)}")
    return name


def finite(seconds: float) -> float:
    """``min`` and ``max`` let NaN through, and a deadline that is not a number never comes."""
    if not math.isfinite(seconds):
        raise typer.BadParameter(f"{seconds} is no number of seconds")
    return seconds


CURVE_METAVAR = "[bn254|bls12_381]"
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Force = Annotated[bool, typer.Option("--force", "-f", help="Replace files that exist.")]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        "-t",
        metavar="N",
        min=1,
        max=MAX_THREADS,
        show_default="CPUs of this machine",
        help="Threads to use; the result does not depend on it.",
    ),
]
Curve = Annotated[str, typer.Option("--curve", parser=curve_name, metavar=CURVE_METAVAR, help="Over which curve.")]


def complete_circuit(incomplete: str) -> list[str]:
    from ..circuits.standard import STANDARD

    return [name for name in sorted(STANDARD) if name.startswith(incomplete)]


Arity = Annotated[int | None, typer.Option(help="claims, batches: children of a node of the note tree.")]
Depth = Annotated[int | None, typer.Option(help="claims, batches, open: levels of the tree.")]
Unit = Annotated[int | None, typer.Option(help="claims, batches: bytes that one unit of a claim stands for.")]
Constants = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A compile-time constant of the circuit; repeatable."),
]
CircuitField = Annotated[
    str,
    typer.Option("--field", parser=curve_name, metavar=CURVE_METAVAR, help="The curve whose scalar field it is over."),
]
