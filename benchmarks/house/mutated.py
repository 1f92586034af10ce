"""Circuits to mutate, with an honest assignment each; and what becomes of a mutant.

A mutant is judged by ``zkrelay.audit.mutation``.  Apart from that the engine is asked about it, and where the engine
says SAFE every pair that anybody finds is a lie of the engine's: the judge's own, or one of a search that begins with
nothing known.  A pair that the engine shows is checked once more.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from zkrelay.algebra.encoding import unpack_field
from zkrelay.audit import audit
from zkrelay.audit.mutation.judge import Judge
from zkrelay.audit.mutation.mutate import Mutant, mutants
from zkrelay.audit.report import Report, Verdict
from zkrelay.audit.search.pairs import check_pair, find_pair
from zkrelay.audit.system import System, system_of, system_of_file
from zkrelay.circuits.standard import standard_circuit
from zkrelay.formats import read_r1cs_file
from zkrelay.r1cs import compile_circuit

from .corpus import Instance, compile_instance, read_rows
from .machine import ROOT

OURS = ("claim", "claim_x1", "open", "registration", "usage_limit", "batch8")
MAX_CORPUS_ROWS = 300
AUDIT_S = 4.0
SEARCH_S = 1.0


@dataclass(frozen=True)
class Subject:
    """``honest`` satisfies ``system``, or is None where the search has to find a run by itself."""

    name: str
    system: System
    honest: tuple[int, ...] | None


@dataclass
class Judged:
    """One mutant: its fate, what the engine said, and what is wrong with that (nothing)."""

    circuit: str
    kind: str
    row: int
    detail: str
    fate: str
    reason: str
    verdict: str
    wrong: list[str] = field(default_factory=list)


def names() -> list[str]:
    """Ours, then each template of the corpus that is small, once."""
    small = {item.source: item for item in reversed(read_rows()) if item.rows and item.rows <= MAX_CORPUS_ROWS}
    return [*OURS, *sorted(item.name for item in small.values())]


@lru_cache(maxsize=2)
def subject(name: str) -> Subject:
    """Compile a circuit by its name."""
    if name not in OURS:
        found: Instance = next(item for item in read_rows() if item.name == name)
        return Subject(name, system_of_file(read_r1cs_file(compile_instance(found).r1cs)), None)
    compiled = compile_circuit(standard_circuit(name))
    honest = compiled.assign(_honest_inputs()[name]())
    return Subject(name, system_of(compiled.r1cs), tuple(unpack_field(compiled.r1cs.field, honest)))


def _honest_inputs() -> dict[str, Callable[[], dict[str, Any]]]:
    """As the adversary suite makes them, which has honest worlds to start from."""
    helpers = str(ROOT / "tests" / "helpers")
    if helpers not in sys.path:
        sys.path.append(helpers)
    from batch_world import in_slots, second_claim, slot_of  # type: ignore[import-not-found]
    from claim_world import World  # type: ignore[import-not-found]
    from open_world import OpenWorld  # type: ignore[import-not-found]

    from zkrelay.algebra.poseidon import poseidon
    from zkrelay.relay.domain import SEVERAL_VENUES, Domain

    def batch() -> dict[str, Any]:
        world = World()
        slots = [slot_of(world.inputs()), slot_of(dict(second_claim(world).inputs))]
        return dict(in_slots([*slots, *[slots[0]] * 6], [1, 1, 0, 0, 0, 0, 0, 0]))

    def registration() -> dict[str, Any]:
        node = World().node
        return {"payee": node.payee, "aux": 5, "kn": node.kn}

    return {
        "claim": lambda: World().inputs(),
        "claim_x1": lambda: World(domain=Domain(31337, 0xC0FFEE, 1, mode=SEVERAL_VENUES)).inputs(),
        "open": lambda: OpenWorld().inputs(),
        "registration": registration,
        "usage_limit": lambda: {"commitment": poseidon([5, 9]), "limit": 6, "usage": 5, "salt": 9},
        "batch8": batch,
    }


class Engine:
    """The audit of one mutant after the other; an answer is kept until the next, as the judge may have asked before."""

    def __init__(self) -> None:
        self._last: tuple[System, Report] | None = None

    def __call__(self, system: System) -> Report:
        """With the pair search: the judge asks so, when it has no evidence itself."""
        return self._audit(system, search=True)

    def verdict(self, system: System) -> Report:
        """What the judge heard, or else the derivation alone, which is what may lie."""
        if self._last is not None and self._last[0] is system:
            return self._last[1]
        return self._audit(system, search=False)

    def _audit(self, system: System, search: bool) -> Report:
        report = audit(system, strong=not system.outputs, timeout=AUDIT_S, search=search)
        self._last = system, report
        return report


@lru_cache(maxsize=2)
def _judge(name: str) -> tuple[Judge, Engine]:
    found, engine = subject(name), Engine()
    return Judge(found.system, honest=found.honest, decide=engine, seconds=SEARCH_S, seed=name.encode()), engine


@lru_cache(maxsize=2)
def _mutants(name: str) -> list[Mutant]:
    return list(mutants(subject(name).system))


def sample(name: str, most: int) -> list[int]:
    """Numbers of at most ``most`` mutants of a circuit, ascending; the same ones every time."""
    count = len(_mutants(name))
    return sorted(random.Random(name).sample(range(count), most)) if count > most else list(range(count))


def judge_some(name: str, numbers: list[int]) -> list[Judged]:
    """For a process of its own: the circuit is compiled there, once."""
    judge, engine = _judge(name)
    out = []
    for mutant in (_mutants(name)[number] for number in numbers):
        outcome = judge(mutant)
        report = engine.verdict(mutant.system)
        wrong = _lies(subject(name), mutant.system, report, outcome.pair.differing if outcome.pair else ())
        fate, verdict = outcome.fate.value, report.verdict.value
        out.append(Judged(name, mutant.kind, mutant.row, mutant.detail, fate, outcome.reason, verdict, wrong))
    return out


def _lies(found: Subject, system: System, report: Report, differing: tuple[int, ...]) -> list[str]:
    if report.verdict is Verdict.UNDER_CONSTRAINED:
        pair = report.pair
        if pair is None or check_pair(system, pair.first, pair.second, pair.differing, pair.found_by) is None:
            return ["false UNDER: the pair does not hold"]
        return []
    if report.verdict is not Verdict.SAFE:
        return []
    targets = system.outputs or tuple(wire for wire in system.signals if wire not in system.inputs)
    moved = set(differing).intersection(targets)
    if moved:
        return [f"false SAFE: the judge has a pair on {len(moved)} targets"]
    searched = find_pair(
        system, (), targets, deadline=time.monotonic() + SEARCH_S, seed=b"mutant", honest=found.honest, rounds=1
    )
    return [] if searched is None else [f"false SAFE: a pair by {searched.found_by}"]
