"""The gate of ``compile``: what the audit refuses is not written; undecided is a warning, or refused by --strict."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import refused
from hand_reports import engine, safe, unknown

import zkrelay.audit
from zkrelay.audit.report import Pair, Verdict

CIRCUIT = """
from zkrelay import Circuit, private, public

class Quotient(Circuit):
    a = public()
    b = private()
    def define(self, cs):
        c = cs.mul(self.a, self.b, "c")
        q = cs.witness(cs.value_of(c) * cs.value_of(self.a).inverse(), "q")
        cs.assert_product(q, self.a, c)
"""


@pytest.fixture
def circuit(tmp_path: Path) -> str:
    (tmp_path / "quotient.py").write_text(CIRCUIT)
    return f"{tmp_path / 'quotient.py'}:Quotient"


def loose(system, *, strong):
    """a = 0, b = 5, c = 0, and q is 0 or 7."""
    pair = Pair((1, 0, 5, 0, 0), (1, 0, 5, 0, 7), (4,), "zero denominators")
    assert strong and not list(system.violated(pair.first)) and not list(system.violated(pair.second))
    report = unknown(system, strong=True, stuck=(), pair=pair)
    return type(report)(**{**vars(report), "verdict": Verdict.UNDER_CONSTRAINED})


@pytest.fixture
def answers(monkeypatch):
    return lambda answer, **changes: monkeypatch.setattr(zkrelay.audit, "audit", engine(answer, **changes))


def written(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".py" and path.is_file())


def test_safe_is_written(cli, circuit, answers, tmp_path):
    answers(safe)
    outcome = cli("compile", circuit, "-o", tmp_path / "q.r1cs", "--strict", "--json")
    assert outcome.exit_code == 0 and outcome.json()["audit"] == "safe"
    assert "audited in 12.5 ms: safe" in outcome.stderr and written(tmp_path) == ["q.r1cs", "q.sym", "q.zkwp"]


def test_under_constrained_is_refused_with_its_pair_and_its_row(cli, circuit, answers, tmp_path):
    answers(loose)
    outcome = cli("compile", circuit, "-o", tmp_path / "q.r1cs", "--json")
    refused(outcome, 1, "quotient is under-constrained (strong)")
    assert "internal q = 0 or 7" in outcome.stderr and "q·a = c  (quotient.py:10)" in outcome.stderr
    assert written(tmp_path) == []


def test_unknown_warns(cli, circuit, answers, tmp_path):
    answers(unknown)
    outcome = cli("compile", circuit, "-o", tmp_path / "q.r1cs", "--json")
    assert outcome.exit_code == 0 and outcome.json()["audit"] == "unknown"
    assert "warning: quotient: the audit did not decide 2 signals of 4 in 12.5 ms" in outcome.stderr
    assert written(tmp_path) == ["q.r1cs", "q.sym", "q.zkwp"]


def test_unknown_is_refused_when_strict(cli, circuit, answers, tmp_path):
    answers(unknown)
    refused(cli("compile", circuit, "-o", tmp_path / "q.r1cs", "--strict"), 5, "did not decide 2 signals of 4")
    assert written(tmp_path) == []


def test_no_audit(cli, circuit, answers, tmp_path):
    answers(loose)
    outcome = cli("compile", circuit, "-o", tmp_path / "q.r1cs", "--no-audit", "--json")
    assert outcome.exit_code == 0 and outcome.json()["audit"] is None
    refused(cli("compile", circuit, "--no-audit", "--strict"), 2, "exclude")


def test_interrupted(cli, circuit, answers, tmp_path):
    answers(unknown, interrupted=True)
    refused(cli("compile", circuit, "-o", tmp_path / "q.r1cs"), 130, "interrupted")
    assert written(tmp_path) == []


def test_the_time_is_passed_on(cli, circuit, monkeypatch, tmp_path):
    asked = []

    def audit(system, *, strong, timeout):
        asked.append((strong, timeout))
        return safe(system, strong=strong)

    monkeypatch.setattr(zkrelay.audit, "audit", audit)
    for more in ([], ["--audit-seconds", "2.5"]):
        assert cli("compile", circuit, "-o", tmp_path / "q.r1cs", "--force", *more).exit_code == 0
    assert asked == [(True, 10.0), (True, 2.5)]


def test_what_is_too_large_for_the_time_is_not_tried(cli, tmp_path):
    """5,780 constraints in a tenth of a second."""
    outcome = cli("compile", "open", "-o", tmp_path / "open.r1cs", "--audit-seconds", "0.1", "--json")
    assert outcome.exit_code == 0 and outcome.json()["audit"] is None
    assert "5,780 constraints are too many to audit" in outcome.stderr
    refused(cli("compile", "open", "-o", tmp_path / "strict.r1cs", "--audit-seconds", "0.1", "--strict"), 5, "too many")
    assert not (tmp_path / "strict.r1cs").exists()
