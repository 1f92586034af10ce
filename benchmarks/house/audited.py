"""An audit of one circuit with everything that is checked about it, each step in a process that may hang or die."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHILD = Path(__file__).resolve().with_name("audit_child.py")
GRACE_S = 30.0  # for reading the file and writing what was found
CHECK_S = 600.0
MEMORY_MIB = 8192
DECIDED = ("safe", "under-constrained")


@dataclass
class Audited:
    """``found`` is what the audit said (``audit_child.audit``), ``checked`` what each step after it said.

    ``failures`` are defects; time or memory that ran out is none, and stands in ``gave_up``.
    """

    name: str
    main: str
    truth: str
    found: dict[str, Any] = field(default_factory=dict)
    checked: dict[str, dict[str, Any]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    gave_up: str = ""

    @property
    def verdict(self) -> str:
        return str(self.found.get("verdict", "unknown"))

    @property
    def is_decided(self) -> bool:
        return self.verdict in DECIDED

    @property
    def seconds(self) -> float | None:
        return self.found.get("seconds")

    @property
    def contradicts(self) -> bool:
        """A verdict against a known truth."""
        return self.is_decided and self.truth in DECIDED and self.verdict != self.truth

    @property
    def how(self) -> str:
        """The rules that fired, most first; or the search that found the pair; or why there is no answer."""
        if self.verdict == "under-constrained":
            return str(self.found["found_by"])
        if self.verdict == "safe":
            fired = sorted(self.found["fired"].items(), key=lambda item: -item[1])
            return " ".join(f"{rule}:{count}" for rule, count in fired[:4])
        if self.gave_up:
            return self.gave_up
        wires, rows = self.found.get("stuck") or (0, 0)
        return f"stuck: {wires} wires in {rows} rows"


def audit_file(
    name: str, main: str, truth: str, r1cs: Path, folder: Path, *, seconds: float = 60.0, with_proofs: bool = False
) -> Audited:
    """Audit a file, then check what came out: replay the derivation, or check the pair (and prove it)."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():  # of an earlier run: what is checked must be what this one wrote
        left.unlink()
    out = Audited(name, main, truth)
    answer = _step("audit", r1cs, folder, seconds + GRACE_S, "--seconds", f"{seconds:g}")
    if isinstance(answer, str):
        out.gave_up = answer
        if not answer.startswith("killed"):
            out.failures.append(f"audit: {answer}")
        return out
    if "error" in answer:
        out.gave_up = answer["error"]
        return out
    out.found = answer
    following = {"safe": ["replay"], "under-constrained": ["pair", *(["prove"] if with_proofs else [])]}
    for step in following.get(out.verdict, []):
        checked = _step(step, r1cs, folder, CHECK_S)
        if isinstance(checked, str) or "error" in checked:
            out.failures.append(f"{step}: {checked if isinstance(checked, str) else checked['error']}")
        else:
            out.checked[step] = checked
    return out


def _step(step: str, r1cs: Path, folder: Path, limit_s: float, *more: str) -> dict[str, Any] | str:
    """The child's answer, or why there is none."""
    command = [sys.executable, str(CHILD), step, str(r1cs), str(folder), "--memory-mib", str(MEMORY_MIB), *more]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        output, errors = process.communicate(timeout=limit_s)
    except BaseException as error:
        os.killpg(process.pid, signal.SIGKILL)  # not waited for yet: the group is there
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            return f"killed after {limit_s:g} s"
        raise
    if process.returncode:
        last = (errors.strip().splitlines() or [f"status {process.returncode}"])[-1]
        return re.sub(r"\s+", " ", last)[:200]
    return dict(json.loads(output))
