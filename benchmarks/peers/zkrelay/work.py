"""What a work is: prepared once, run many times, its last result checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


class WrongResult(Exception):
    """Two ways to the result differ."""


@dataclass
class Work:
    """``run`` makes ``items`` results; ``check`` raises ``WrongResult`` when the last one is wrong."""

    run: Callable[[], object]
    check: Callable[[], None]
    items: int = 1
    notes: dict[str, float] = field(default_factory=dict)


def agree(same: bool) -> None:
    if not same:
        raise WrongResult("two ways to the result differ")
