"""snarkjs's library in one process for many steps: to start its command line takes a second each time."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any


class Snarkjs:
    """Runs ``snarkjs_steps.mjs``."""

    def __init__(self, node: str, tests: Path) -> None:
        self._process = subprocess.Popen(
            [node, str(tests / "cross" / "snarkjs_steps.mjs")],
            cwd=tests,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def answer(self, *step: Any) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        line = [str(part) if isinstance(part, Path) else part for part in step]
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        found = json.loads(self._process.stdout.readline())
        assert isinstance(found, dict)
        return found

    def step(self, *step: Any) -> Any:
        found = self.answer(*step)
        assert "value" in found, found
        return found["value"]

    def accepts_proof(self, key: Path, public: Path, proof: Path) -> bool:
        """The verdict of ``snarkjs groth16 verify``, which has no other code; a file that it cannot use is an error."""
        verdict = self.step("groth16", "verify", *(json.loads(path.read_text()) for path in (key, public, proof)))
        assert isinstance(verdict, bool)
        return verdict

    def accepts_powers(self, powers: Path) -> bool:
        return self.answer("powersOfTau", "verify", powers).get("value") is True

    def accepts_key(self, r1cs: Path, powers: Path, key: Path) -> bool:
        return self.answer("zKey", "verifyFromR1cs", r1cs, powers, key).get("value") is True

    def close(self) -> None:
        self._process.communicate(timeout=60)
