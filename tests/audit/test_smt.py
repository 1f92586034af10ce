"""A solver that hangs, dies, talks nonsense, lies or eats memory costs an answer, and nothing else."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from small_systems import satisfies, small_system

from zkrelay.audit.opinions import smt, solver_process
from zkrelay.audit.opinions.smt import Answer, Says, ask
from zkrelay.audit.opinions.solver_process import run_limited
from zkrelay.audit.report import Stuck
from zkrelay.audit.system import System
from zkrelay.curves import PrimeField, bn254

Solver = Callable[[str], list[str]]
LONG_S = 60.0  # what a test would wait if the fault that it makes were not handled
SHORT_S = 0.5  # how long a solver gets that never answers


def square(field: PrimeField = bn254.FR) -> System:
    """x² = a, and a row on a alone."""
    return small_system(field, 1, 1, 1, [({1: 1}, {1: 1}, {2: 1}), ({2: 1}, {2: 1}, {3: 1})])


def model(x: object, other: object, p: int = bn254.FR.modulus) -> str:
    """As z3 prints it, for wire 1 and its copy; a = 4, and a² = 16."""
    names = {"w1": x, "v1": other, "w2": 4, "w3": 16, "v3": 16}
    lines = [f"  (define-fun {n} () (_ FiniteField {p})\n    (as ff{v} (_ FiniteField {p})))" for n, v in names.items()]
    return "\n".join(["sat", "(", *lines, ")"]) + "\n"


@pytest.fixture
def solver(tmp_path: Path) -> Solver:
    """``solver(body)`` is the command of a Python program that has read its input into ``text``."""

    def make(body: str) -> list[str]:
        script = tmp_path / "solver.py"
        script.write_text(f"import os, subprocess, sys, time\ntext = sys.stdin.read()\n{body}\n", encoding="utf-8")
        return [sys.executable, "-I", str(script)]

    return make


def asked(command: list[str], timeout: float = LONG_S, **options: object) -> Answer:
    system = square()
    return ask(system, system.inputs, system.outputs, timeout=timeout, solver=command, **options)  # type: ignore[arg-type]


def says(answer: Answer, reason: str) -> None:
    assert answer.says is Says.NOTHING and answer.pair is None
    assert reason in answer.reason, answer.reason


def test_a_true_model_becomes_a_pair(solver: Solver) -> None:
    p = bn254.FR.modulus
    for x, other in ((2, p - 2), (p + 2, -2)):  # values are taken modulo p, as SMT-LIB says
        answer = asked(solver(f"print({model(x, other)!r})"))
        assert answer.says is Says.PAIR and answer.pair is not None
        assert answer.pair.first == (1, 2, 4, 16) and answer.pair.second == (1, p - 2, 4, 16)
        assert answer.pair.differing == (1,) and answer.pair.found_by == "z3"


@pytest.mark.parametrize(
    ("x", "other"), [(3, bn254.FR.modulus - 3), (2, 2), (2, 3), (5, bn254.FR.modulus - 2)], ids=str
)
def test_a_wrong_model_is_no_pair(solver: Solver, x: int, other: int) -> None:
    """The first row is row 0: a check by ``any(violated)`` would miss it."""
    says(asked(solver(f"print({model(x, other)!r})")), "no pair")


@pytest.mark.parametrize(
    "text",
    [
        "sat",
        "sat\n(\n",
        "sat\n((define-fun w1 () F (as ff2 F)))",
        "sat\n((define-fun w99999999999999999999999999 () F (as ff2 F)))",
        "sat\n((define-fun w0 () F (as ff2 F)) (define-fun v1 () F (as ff3 F)))",
        'sat\n(error "line 9: model is not available")',
    ],
)
def test_a_broken_model_is_no_pair(solver: Solver, text: str) -> None:
    says(asked(solver(f"print({text!r})")), "no pair")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("print('unsat?')", "the solver says 'unsat?'"),
        ("print('unknown')", "the solver says 'unknown'"),
        ("print('(error \"line 2: unknown sort FiniteField\")\\nunsat')", "unknown sort FiniteField"),
        ("print('UNSAT')", "'UNSAT'"),
        ("pass", "the solver says ''"),
        ("sys.stdout.buffer.write(bytes(range(128, 256)) * 1000)", "the solver says"),
        ("print('unsat', flush=True); os.kill(os.getpid(), 11)", "died of signal SIGSEGV"),
        ("print('unsat', flush=True); sys.exit(3)", "failed with status 3"),
    ],
)
def test_what_is_no_answer_is_none(solver: Solver, body: str, reason: str) -> None:
    says(asked(solver(body)), reason)


def test_its_word_is_kept_apart(solver: Solver) -> None:
    answer = asked(solver("print('unsat')"))
    assert answer.says is Says.DETERMINED and answer.pair is None


def test_a_solver_that_hangs_is_killed(solver: Solver) -> None:
    answer = asked(solver(f"print('unsat', flush=True); time.sleep({LONG_S})"), timeout=SHORT_S)
    says(answer, "killed after 0.5 s")
    assert answer.seconds < LONG_S / 2


@pytest.mark.parametrize("ending", [f"time.sleep({LONG_S})", "print('unsat')"], ids=["hangs", "answers"])
def test_its_children_are_killed_too(solver: Solver, tmp_path: Path, ending: str) -> None:
    """Children that ignore a polite signal and hold the output open: not waited for, and gone."""
    child = f"import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep({LONG_S})"
    pid_file = tmp_path / "pid"
    body = f"""
child = subprocess.Popen([sys.executable, "-c", {child!r}])
open({str(pid_file)!r}, "w").write(str(child.pid))
{ending}
"""
    started = time.monotonic()
    asked(solver(body), timeout=5.0)
    assert time.monotonic() - started < LONG_S / 2
    pid = int(pid_file.read_text())
    for _ in range(500):  # the kernel takes a moment, and init reaps it
        if not _runs(pid):
            break
        time.sleep(0.02)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_solver_that_eats_memory_stops_at_the_limit(solver: Solver) -> None:
    body = "hoard = []\nwhile True: hoard.append(bytearray(1 << 24))"
    says(asked(solver(body), memory_bytes=1 << 28), "failed with status 1")  # a MemoryError of the fake


def test_a_solver_that_writes_without_end_stops_at_the_limit(solver: Solver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver_process, "MAX_OUTPUT_BYTES", 1 << 20)
    answer = asked(solver("while True: os.write(1, b'unsat' * 1000)"))
    assert answer.says is Says.NOTHING and answer.seconds < LONG_S / 2


def test_a_solver_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says(asked([str(tmp_path / "absent")]), "failed with status 127")
    monkeypatch.setattr(smt, "find_z3", lambda: None)
    system = square()
    says(ask(system, system.inputs, system.outputs, timeout=1.0), "zkrelay[smt]")


def test_an_interrupt_of_ours_kills_it(solver: Solver, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    command = solver(f"open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep({LONG_S})")

    def interrupt() -> None:
        while not (pid_file.exists() and pid_file.read_text()):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            run_limited(command, "", timeout=LONG_S, memory_bytes=1 << 30)
        thread.join()
    finally:
        signal.signal(signal.SIGINT, before)
    assert not _runs(int(pid_file.read_text()))


@pytest.mark.parametrize(("first", "questions"), [("sat", 2), ("unsat", 1)])
def test_what_is_stuck_is_asked_about_first(solver: Solver, tmp_path: Path, first: str, questions: int) -> None:
    """ "unsat" of some rows is that of all; "sat" of some rows is no pair yet."""
    system, log = square(), tmp_path / "log"
    body = f"open({str(log)!r}, 'a').write(text + ';;')\nprint('unsat' if 'v3' in text else {first!r})"
    stuck = Stuck(wires=(1,), rows=(0,))
    answer = ask(system, system.inputs, system.outputs, timeout=LONG_S, stuck=stuck, solver=solver(body))
    assert answer.says is Says.DETERMINED
    asked_about = log.read_text().split(";;")[:-1]
    assert len(asked_about) == questions
    assert ["v3" in text for text in asked_about] == [False, True][:questions]


def test_the_query_says_what_it_should() -> None:
    """Shared wires once, rows on shared wires once, others twice; coefficients canonical; linear rows as one form."""
    p = bn254.FR.modulus
    rows = [({2: 1, 0: -1}, {2: 3}, {3: 1}), ({0: 2}, {1: 1}, {3: 1, 0: 5}), ({1: 1}, {1: 1}, {}), ({}, {}, {})]
    system = small_system(bn254.FR, 1, 1, 1, rows)
    linear = f"(assert (= (ff.add (ff.mul (as ff2 F) {{}}) (as ff{p - 5} F) (ff.mul (as ff{p - 1} F) w3)) (as ff0 F)))"
    assert smt.query(system, range(4), {0, 2, 3}, [1]).splitlines() == [
        "(set-logic QF_FF)",
        f"(define-sort F () (_ FiniteField {p}))",
        *(f"(declare-fun {name} () F)" for name in ("w1", "w2", "w3", "v1")),
        f"(assert (= (ff.mul (ff.add (as ff{p - 1} F) w2) (ff.mul (as ff3 F) w2)) w3))",
        linear.format("w1"),
        linear.format("v1"),
        "(assert (= (ff.mul w1 w1) (as ff0 F)))",
        "(assert (= (ff.mul v1 v1) (as ff0 F)))",
        "(assert (or (not (= w1 v1)) false))",
        "(check-sat)",
    ]


def test_a_question_that_makes_no_sense_is_refused() -> None:
    system = square()
    for shared, targets in ((system.inputs, ()), ({1, 2}, (1,)), ((), (1,))):
        with pytest.raises(ValueError, match="shared"):
            ask(system, shared, targets, timeout=1.0, solver=["false"])


def test_assignments_of_the_fakes() -> None:
    assert satisfies(square(), (1, 2, 4, 16)) and not satisfies(square(), (1, 3, 4, 16))
