"""Circuits to mutate, with honest assignments; and what becomes of a mutant.

A mutant is judged by ``zkrelay.audit.mutation``.  Apart from that the engine is asked about it, and where the engine
says SAFE every pair that anybody finds is a lie of the engine's: the judge's own, or one of a search that begins with
nothing known.  A pair that the engine shows is checked once more.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from zkrelay.algebra.eddsa import derive_public_key, derive_secret_key
from zkrelay.algebra.encoding import unpack_field
from zkrelay.audit import audit
from zkrelay.audit.mutation.judge import Judge
from zkrelay.audit.mutation.mutate import Mutant, mutants
from zkrelay.audit.report import Report, Verdict
from zkrelay.audit.search.pairs import check_pair, find_pair
from zkrelay.audit.system import System, system_of, system_of_file
from zkrelay.circuits.standard import standard_circuit
from zkrelay.curves.embedded import Point
from zkrelay.formats import read_r1cs_file
from zkrelay.r1cs import compile_circuit

from .corpus import Instance, compile_instance, read_rows
from .honest import sessions
from .resigned import Key, Signer

Place: TypeAlias = tuple[int, int]  # a row, and which of its mutants, modulo their number
OURS = ("claim", "claim_x1", "open", "registration", "usage_limit", "batch8")
MAX_CORPUS_ROWS = 300
MAX_LISTED_ROWS = 4000
AUDIT_S = 20.0
SEARCH_S = 1.0


@dataclass(frozen=True)
class Subject:
    """``honest`` assignments satisfy ``system``; with none the search has to find a run by itself.  ``keys``: of the
    signatures in them.
    """

    name: str
    system: System
    honest: tuple[tuple[int, ...], ...] = ()
    keys: Mapping[Point, Key] = field(default_factory=dict, repr=False)


def _first(found: Subject) -> tuple[int, ...] | None:
    return found.honest[0] if found.honest else None


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
    seconds: float
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
        return Subject(name, system_of_file(read_r1cs_file(compile_instance(found).r1cs)))
    compiled = compile_circuit(standard_circuit(name))
    honest = sessions(name)
    assignments = [tuple(unpack_field(compiled.r1cs.field, compiled.assign(session.inputs))) for session in honest]
    keys = {}
    for seed, message in (signed for session in honest for signed in session.signed):
        secret = derive_secret_key(seed)
        keys[derive_public_key(secret)] = Key(secret, message)
    return Subject(name, system_of(compiled.r1cs), tuple(assignments), keys)


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
    judge = Judge(
        found.system,
        honest=_first(found),
        others=found.honest[1:],
        remaker=Signer(found.system, found.keys) if found.keys else None,
        decide=engine,
        seconds=SEARCH_S,
        seed=name.encode(),
    )
    return judge, engine


def sample(name: str, most: int) -> list[Place]:
    """At most ``most`` mutants of a circuit, in the order of rows; the same ones every time.

    Of a large one a mutant each of as many rows, one row in each of ``most`` equal stretches.
    """
    system, rng = subject(name).system, random.Random(name)
    if len(system.rows) > MAX_LISTED_ROWS:
        stretch = len(system.rows) / most
        return [(int((number + rng.random()) * stretch), rng.randrange(1 << 16)) for number in range(most)]
    places = [(row, which) for row, found in _by_row(system, None).items() for which in range(len(found))]
    return sorted(rng.sample(places, most)) if len(places) > most else places


def _by_row(system: System, rows: set[int] | None) -> dict[int, list[Mutant]]:
    found: dict[int, list[Mutant]] = {}
    for mutant in mutants(system, rows=rows):
        found.setdefault(mutant.row, []).append(mutant)
    return found


def judge_some(name: str, places: list[Place]) -> list[Judged]:
    """For a process of its own: the circuit is compiled there, once."""
    judge, engine = _judge(name)
    by_row = _by_row(judge.system, {row for row, _ in places})
    chosen = [by_row[row][which % len(by_row[row])] for row, which in places if row in by_row]
    out = []
    for mutant in chosen:
        started = time.process_time()
        outcome = judge(mutant)
        report = engine.verdict(mutant.system)
        wrong = _lies(subject(name), mutant.system, report, outcome.pair.differing if outcome.pair else ())
        fate, verdict, spent = outcome.fate.value, report.verdict.value, round(time.process_time() - started, 3)
        out.append(Judged(name, mutant.kind, mutant.row, mutant.detail, fate, outcome.reason, verdict, spent, wrong))
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
        system, (), targets, deadline=time.monotonic() + SEARCH_S, seed=b"mutant", honest=_first(found), rounds=1
    )
    return [] if searched is None else [f"false SAFE: a pair by {searched.found_by}"]
