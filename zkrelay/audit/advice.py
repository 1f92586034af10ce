"""The lint: findings about a circuit that are no verdicts, each with a code and a page in docs/advice/.

A finding is advice: it may be meant so.  ``--allow CODE:SIGNAL=REASON`` keeps it in the report, with the reason, and an
allowance that fits nothing is reported, so that none outlives what it was for.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..errors import AuditError
from .advice_rules.division import division_by_zero
from .advice_rules.facts import Facts
from .advice_rules.numbers import comparator_without_bound, decomposition_wraps
from .advice_rules.rows import always_true_row, duplicate_row, never_true_row
from .advice_rules.unused import unused_private_input, unused_public_input, unused_signal
from .report import Advice
from .system import System


@dataclass(frozen=True)
class Code:
    """``title`` says what was found, ``mend`` what to do; ``page`` is the file's name in docs/advice/."""

    code: str
    title: str
    mend: str

    @property
    def page(self) -> str:
        return f"docs/advice/{self.code}.md"


CODES = {
    item.code: item
    for item in (
        Code("ZKA001", "a signal in no constraint", "constrain it, or remove it"),
        Code("ZKA002", "an unused private input", "remove it, or constrain it if the statement is about it"),
        Code("ZKA003", "a public input that no constraint uses", "bind it, for example by its square, or remove it"),
        Code("ZKA004", "a comparator on numbers without a bound", "decompose each operand into that many bits first"),
        Code("ZKA005", "a decomposition that may wrap around the field", "use fewer bits, or compare the bits with p"),
        Code("ZKA006", "a division by a value that may be zero", "show that the divisor has an inverse"),
        Code("ZKA007", "a constraint stated twice", "remove one, and ask whether another was meant"),
        Code("ZKA008", "a constraint that always holds", "remove it, and ask what it was meant to say"),
        Code("ZKA009", "a constraint that never holds", "correct it: nothing can be proved as it stands"),
    )
}
_RULES: tuple[Callable[[Facts], Iterator[Advice]], ...] = (
    unused_signal,
    unused_private_input,
    unused_public_input,
    comparator_without_bound,
    decomposition_wraps,
    duplicate_row,
    always_true_row,
    never_true_row,
)
_ALLOWANCE = re.compile(r"(ZKA\d{3})(?::([^=]+))?=(.*\S.*)")


@dataclass(frozen=True)
class Allowance:
    """Silences findings of ``code`` about the signal or row called ``subject``; all of the code when that is empty.

    A ``*`` in ``subject`` stands for any characters.
    """

    code: str
    subject: str
    reason: str

    def covers(self, system: System, finding: Advice) -> bool:
        if finding.code != self.code:
            return False
        pattern = ".*".join(map(re.escape, self.subject.split("*"))) if self.subject else ".*"
        return any(re.fullmatch(pattern, name, re.DOTALL) for name in subjects(system, finding))


def advise(system: System, *, settled: Container[int] = ()) -> tuple[Advice, ...]:
    """All findings, by code; quotients that are ``settled`` (found determined) are not told.

    Time and memory: linear in the terms of the rows, times a logarithm.
    """
    facts = Facts(system)
    found = [finding for rule in _RULES for finding in rule(facts)]
    found += division_by_zero(facts, settled)
    return tuple(sorted(found, key=lambda finding: (finding.code, finding.rows, finding.wires)))


def subjects(system: System, finding: Advice) -> list[str]:
    """What an allowance may call a finding: its signals, and ``row N``."""
    return [*map(system.name, finding.wires), *(f"row {row}" for row in finding.rows[:1])]


def parse_allowance(text: str) -> Allowance:
    """``CODE:SIGNAL=REASON`` or ``CODE=REASON``.

    Raises:
        AuditError: another shape, an unknown code, no reason.
    """
    match = _ALLOWANCE.fullmatch(text)
    if match is None:
        raise AuditError(f"{text!r} is not CODE:SIGNAL=REASON, for example ZKA002:salt=kept for version 2")
    if match[1] not in CODES:
        raise AuditError(f"{match[1]} is no code of the lint: there are {', '.join(CODES)}")
    return Allowance(match[1], match[2] or "", match[3].strip())


def silence(
    system: System, findings: Sequence[Advice], allowances: Iterable[Allowance]
) -> tuple[tuple[Advice, ...], tuple[Allowance, ...]]:
    """The findings, those that an allowance covers with its reason; and the allowances that cover none."""
    allowed = list(allowances)
    used: set[int] = set()
    told = []
    for finding in findings:
        hits = [number for number, allowance in enumerate(allowed) if allowance.covers(system, finding)]
        used.update(hits)
        told.append(dataclasses.replace(finding, silenced=allowed[hits[0]].reason) if hits else finding)
    return tuple(told), tuple(allowance for number, allowance in enumerate(allowed) if number not in used)
