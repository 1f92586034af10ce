"""The checker of derivations: does a log show that a circuit's inputs determine its outputs?

    python -m zkrelay.audit.replay LOG circuit.r1cs

It reads the rows from the ``.r1cs`` itself and believes nothing in the log.  Each step is an instance of a lemma, and
the function that checks it says which.  No code is shared with the engine that writes logs: a mistake would have to be
made twice.  Format and lemmas in prose: docs/formats.md, ".zkdl".
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import AuditError, FormatError
from .bounds import prove_bound
from .points import CURVES, Curve, PointRules
from .polynomials import step_q
from .reader import Form, Row, Statement, read_log, read_statement
from .rules import Rules
from .state import Refused, State, need

CLAIMS = ("weak", "strong")
_HEADER_LINES = 4  # "zkdl 1", prime, shape, claim


@dataclass(frozen=True)
class Replayed:
    """What a log shows: ``targets`` wires (outputs, or all signals) are determined; ``fired`` counts steps by rule."""

    claim: str
    targets: int
    fired: Mapping[str, int]


def replay(log: str | Path, r1cs: str | Path) -> Replayed:
    """Check a ``.zkdl`` file against a ``.r1cs`` file.

    Raises:
        AuditError: the log does not show its claim; the message names line, step and reason.
        FormatError: the ``.r1cs`` is malformed.
    """
    return replay_lines(read_statement(r1cs), read_log(log))


def replay_lines(statement: Statement, lines: Iterable[str]) -> Replayed:
    """Check the lines of a log, the header's included, its first line not."""
    wanted = iter(lines)
    header = [next(wanted, "") for _ in range(_HEADER_LINES - 1)]
    expected = [
        f"prime {statement.modulus}",
        f"shape {statement.num_wires} {len(statement.rows)}",
        f"claim {header[-1][6:]}",
    ]
    for line, (found, right) in enumerate(zip(header, expected, strict=True), 2):
        if found != right:
            raise AuditError(f"line {line}: {found[:80]!r} where this circuit has {right!r}")
    return replay_steps(statement, header[-1][6:], wanted, first_line=_HEADER_LINES + 1)


def replay_steps(
    statement: Statement,
    claim: str,
    lines: Iterable[str],
    *,
    first_line: int = 1,
    curves: Mapping[int, Curve] = CURVES,
) -> Replayed:
    """Check the lines behind the header, the last of which is ``end``."""
    if claim not in CLAIMS:
        raise AuditError(f"no claim is called {claim[:40]!r}")
    checker = Checker(statement, claim, curves)
    line, steps = first_line, iter(lines)
    for line, text in enumerate(steps, first_line):
        if text == "end":
            break
        checker.step(text, line)
    else:
        raise AuditError(f"line {line}: the log has no end")
    checker.finish(line)
    if next(steps, None) is not None:
        raise AuditError(f"line {line + 1}: a line follows the end")
    return Replayed(claim, len(checker.targets), dict(checker.fired))


def statement_of(
    rows: Sequence[Row], num_wires: int, inputs: Iterable[int], outputs: Iterable[int], modulus: int
) -> Statement:
    """Rows in memory, each three mappings from wire to integer; ``modulus`` must be an odd prime.

    Raises:
        AuditError: a wire does not exist.
    """
    given, asked = frozenset(inputs), frozenset(outputs)
    clean: list[Row] = []
    used = {0, *given, *asked}
    for a, b, c in rows:
        used.update(a, b, c)
        clean.append((_canonical(a, modulus), _canonical(b, modulus), _canonical(c, modulus)))
    if min(used) < 0 or max(used) >= num_wires:
        raise AuditError("a row, an input or an output names a wire that does not exist")
    return Statement(modulus, num_wires, clean, given, asked)


def _canonical(form: Form, modulus: int) -> Form:
    return {wire: c % modulus for wire, c in form.items() if c % modulus}


class Checker:
    """One replay, step by step.  A step that is refused leaves the facts as they were."""

    def __init__(self, statement: Statement, claim: str, curves: Mapping[int, Curve] = CURVES) -> None:
        self.state = State(statement)
        self.targets = statement.outputs if claim == "weak" else range(1, statement.num_wires)
        self.fired: Counter[str] = Counter()
        points = PointRules(self.state, curves)
        self._rules: dict[str, Callable[[str], None]] = {
            **Rules(self.state).table(),
            "b": lambda text: prove_bound(self.state, text),
            "q": lambda text: step_q(self.state, text),
            "P": points.step,
        }

    def step(self, text: str, line: int = 0) -> None:
        """Check one step.

        Raises:
            AuditError: it does not hold.
        """
        name, _, rest = text.partition(" ")
        try:
            need(name in self._rules, "there is no such step")
            self._rules[name](rest)
        except Refused as refusal:
            raise AuditError(f"line {line}: step {text[:60]!r}: {refusal}") from None
        self.fired[name] += 1

    def finish(self, line: int = 0) -> None:
        """Refuse unless all targets are known and no branch is open."""
        if self.state.branches:
            raise AuditError(f"line {line}: step 'end': a branch is open")
        missing = min((wire for wire in self.targets if wire not in self.state.known), default=None)
        if missing is not None and not self.state.impossible:
            raise AuditError(f"line {line}: step 'end': wire {missing} was not shown to be determined")


def main(arguments: Sequence[str]) -> int:
    """0 when the log shows its claim, 1 when it does not, 3 for a bad file."""
    if len(arguments) != 2:
        print("usage: python -m zkrelay.audit.replay LOG circuit.r1cs", file=sys.stderr)
        return 2
    try:
        result = replay(*arguments)
    except (FormatError, OSError) as error:
        print(error, file=sys.stderr)
        return 3
    except AuditError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{result.claim}: {result.targets:,} determined, by {sum(result.fired.values()):,} steps")
    return 0
