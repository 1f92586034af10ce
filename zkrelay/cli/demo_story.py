"""Telling the demo: short lines for people, styled on a terminal and plain in a pipe, and the same as facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from . import output
from .demo_attempts import Refusal

_NAME_WIDTH = 10


class Story:
    """``facts`` collects what was told; ``as_expected`` turns False for good when something differs."""

    def __init__(self, *, silent: bool) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True, quiet=silent)
        self.facts: dict[str, Any] = {"steps": {}, "attempts": []}
        self.as_expected = True

    def chapter(self, title: str) -> None:
        self._console.print()
        self._console.print(Text(title, style="bold"))

    def step(self, name: str, text: str, seconds: float | None = None, **facts: Any) -> None:
        """One thing that happened, and how long it took."""
        line = _named(name, text)
        if seconds is not None:
            line.append(f"  ({output.duration(seconds)})", style="dim")
            facts["seconds"] = round(seconds, 4)
        self._console.print(line)
        self.facts["steps"][name] = facts

    def check(self, name: str, text: str, holds: bool) -> None:
        """Something that must be true."""
        self._mark(holds, _named(name, text))
        self.facts["steps"][name] = {"holds": holds}

    def attempt(self, name: str, refusals: Sequence[Refusal]) -> None:
        """An attempt at fraud, and who refused it for what reason."""
        holds = all(refusal.as_expected for refusal in refusals)
        self._mark(holds, Text(f"  {name}"))
        for refusal in refusals:
            verdict = f"{refusal.who} refuses: {refusal.reason}" if refusal.error else refusal.reason.upper()
            self._console.print(Text(f"      {verdict}", style="dim" if refusal.as_expected else "bold red"))
        rows = [{"by": r.who, "error": r.error or None, "reason": r.reason} for r in refusals]
        self.facts["attempts"].append({"name": name, "as_expected": holds, "refusals": rows})

    def _mark(self, holds: bool, line: Text) -> None:
        self.as_expected &= holds
        self._console.print(line if holds else line.append("  NOT AS EXPECTED", style="bold red"))


def _named(name: str, text: str) -> Text:
    return Text(f"  {name.ljust(_NAME_WIDTH)}", style="cyan").append(text, style="default")
