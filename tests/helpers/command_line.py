"""Running commands in this process, and the inputs of the tutorial circuit that most tests of the command line use."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from zkrelay.algebra.poseidon import poseidon
from zkrelay.cli.app import app

USAGE, LIMIT, SALT = 123456789, 200000000, 987654321987654321
EXAMPLE = Path(__file__).parents[2] / "examples" / "claim.json"


@dataclass(frozen=True)
class Outcome:
    """What a command left behind; ``text`` is everything that it printed."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        return self.stdout + self.stderr

    def json(self) -> dict[str, Any]:
        found = json.loads(self.stdout)
        assert isinstance(found, dict) and found["version"] == 1
        return found


Run = Callable[..., Outcome]


def run_in_process(*arguments: str | Path, stdin: bytes | None = None) -> Outcome:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), "a command ended in a traceback"
    return Outcome(result.exit_code, result.stdout, result.stderr)


def must(*arguments: str | Path) -> Outcome:
    """Run a command that has to succeed."""
    outcome = run_in_process(*arguments)
    assert outcome.exit_code == 0, outcome.text
    return outcome


def refused(outcome: Outcome, code: int, reason: str) -> None:
    """The command ended with this exit code and said why."""
    assert outcome.exit_code == code and reason in outcome.text, outcome.text


def usage_inputs() -> dict[str, Any]:
    """Inputs that satisfy ``usage_limit``."""
    return {"commitment": str(poseidon([USAGE, SALT])), "limit": LIMIT, "usage": str(USAGE), "salt": str(SALT)}


def verify_arguments(folder: Path) -> list[str | Path]:
    return ["verify", *(folder / name for name in ("verification_key.json", "public.json", "proof.json"))]
