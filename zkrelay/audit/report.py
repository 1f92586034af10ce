"""What an audit answers: a verdict, never without its artefact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from .system import System


class Verdict(str, Enum):
    SAFE = "safe"  # comes with a derivation
    UNDER_CONSTRAINED = "under-constrained"  # comes with a pair
    UNKNOWN = "unknown"  # comes with what is stuck


class Mode(str, Enum):
    WEAK = "weak"  # each output is determined by the inputs
    STRONG = "strong"  # each signal is


@dataclass(frozen=True)
class Derivation:
    """The steps that show SAFE, as lines of a ``.zkdl`` file (docs/formats.md) after its header.

    ``fired`` counts the steps of each rule.
    """

    lines: tuple[str, ...] = field(repr=False)
    fired: Mapping[str, int]


@dataclass(frozen=True)
class Pair:
    """Two assignments (canonical, one element a wire) that satisfy every row, agree on the inputs and differ on
    ``differing``: outputs in weak mode, signals in strong mode.  ``found_by`` names the search that found it.
    """

    first: tuple[int, ...] = field(repr=False)
    second: tuple[int, ...] = field(repr=False)
    differing: tuple[int, ...]
    found_by: str


@dataclass(frozen=True)
class Stuck:
    """The smallest connected piece that holds an undecided target: wires that nothing determines, the rows on them."""

    wires: tuple[int, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Advice:
    """A finding of the lint: never a verdict.

    ``code`` has a page in docs/advice/; ``silenced`` is the reason for which it is allowed, "" for none.
    """

    code: str
    message: str
    wires: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()
    silenced: str = ""


@dataclass(frozen=True)
class Report:
    """``targets`` maps each wire that was asked about to its own verdict."""

    system: System = field(repr=False)
    mode: Mode
    verdict: Verdict
    targets: Mapping[int, Verdict]
    seconds: float
    derivation: Derivation | None = None
    pair: Pair | None = None
    stuck: tuple[Stuck, ...] = ()
    advice: tuple[Advice, ...] = ()
    interrupted: bool = False
    notes: tuple[str, ...] = ()
