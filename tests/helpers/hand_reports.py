"""Reports made by hand over one small circuit, for what shows them: no engine is asked.

    a·b = c    q·a = c    out = 2·q + 3·b

With a = 0 the quotient q is free: ``out`` is under-constrained.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from named_rows import equal, r1cs_of

from zkrelay.audit.report import Derivation, Mode, Pair, Report, Verdict
from zkrelay.audit.system import System, system_of
from zkrelay.audit.views.pieces import connected
from zkrelay.curves import PrimeField, bn254
from zkrelay.formats import symbols_of, write_r1cs, write_sym
from zkrelay.r1cs import R1CS

ROWS = [
    ({"main.a": 1}, {"main.b": 1}, {"main.c": 1}),
    ({"main.div.q": 1}, {"main.a": 1}, {"main.c": 1}),
    equal({"main.out": 1}, {"main.div.q": 2, "main.b": 3}),
]
LINES = ["lib.py:3", "lib.py:9 < top.py:12", "top.py:20"]
Engine = Callable[..., Report]


def division(rename: Callable[[str], str] = str, field: PrimeField = bn254.FR, **roles: Any) -> R1CS:
    """The circuit, its signals renamed."""
    rows = [tuple({n if n == "1" else rename(n): k for n, k in side.items()} for side in row) for row in ROWS]
    names = {"outputs": ["main.out"], "public": ["main.a"], "private": ["main.b"], **roles}
    renamed = {role: [rename(name) for name in listed] for role, listed in names.items()}
    return r1cs_of(rows, lines=LINES, field=field, **renamed)  # type: ignore[arg-type]


def division_files(folder: Path, r1cs: R1CS | None = None) -> Path:
    """``d.r1cs`` and ``d.sym``."""
    circuit = r1cs if r1cs is not None else division()
    write_r1cs(folder / "d.r1cs", circuit)
    write_sym(folder / "d.sym", symbols_of(circuit))
    return folder / "d.r1cs"


def under(system: System, *, strong: bool = False, **changes: Any) -> Report:
    """q is 0 or 7 beside a = 0, b = 5."""
    wires = {wire: system.name(wire) for wire in system.signals}

    def assignment(q: int) -> tuple[int, ...]:
        values = {"a": 0, "b": 5, "c": 0, "q": q, "out": 2 * q + 15}
        return (1, *(next((v for k, v in values.items() if name.endswith(k)), 0) for name in wires.values()))

    first, second = assignment(0), assignment(7)
    assert not list(system.violated(first)) and not list(system.violated(second))
    moved = [wire for wire in wires if first[wire] != second[wire]]
    asked = list(system.signals) if strong else list(system.outputs)
    targets = {wire: Verdict.UNDER_CONSTRAINED if wire in moved else Verdict.SAFE for wire in asked}
    pair = Pair(first, second, tuple(wire for wire in moved if wire in targets), "zero denominators")
    stuck = (connected(system, pair.differing[:1], set(moved)),)
    so_far = Derivation((), {})
    parts = {"pair": pair, "stuck": stuck, "derivation": so_far, **changes}
    return _report(system, strong, Verdict.UNDER_CONSTRAINED, targets, **parts)


def unknown(system: System, *, strong: bool = False, **changes: Any) -> Report:
    asked = list(system.signals) if strong else list(system.outputs)
    targets = {wire: Verdict.SAFE if wire in system.inputs else Verdict.UNKNOWN for wire in asked}
    open_wires = {wire for wire in system.signals if wire not in system.inputs}
    piece = connected(system, sorted(open_wires)[:1], open_wires)
    so_far = Derivation(("s 0 3",), {"s": 1})
    return _report(system, strong, Verdict.UNKNOWN, targets, **{"stuck": (piece,), "derivation": so_far, **changes})


def safe(system: System, *, strong: bool = False, **changes: Any) -> Report:
    """Its derivation is not one: nothing that shows it reads it."""
    asked = list(system.signals) if strong else list(system.outputs)
    derivation = Derivation(("s 0 3", "s 1 4", "s 2 1"), {"s": 3})
    targets = dict.fromkeys(asked, Verdict.SAFE)
    return _report(system, strong, Verdict.SAFE, targets, **{"derivation": derivation, **changes})


def _report(system: System, strong: bool, verdict: Verdict, targets: Any, **parts: Any) -> Report:
    return Report(system, Mode.STRONG if strong else Mode.WEAK, verdict, targets, 0.0125, **parts)


def engine(answer: Engine, **changes: Any) -> Engine:
    """What stands in for ``zkrelay.audit.audit``."""

    def audit(system: System | R1CS, *, strong: bool = False, timeout: float = 60.0) -> Report:
        asked = system_of(system) if isinstance(system, R1CS) else system
        return answer(asked, strong=strong, **changes)

    return audit
