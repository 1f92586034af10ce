"""``assert_determined``: what it takes, what it says when it fails, and the mode it asks in."""

from __future__ import annotations

import pytest
from hand_reports import division, division_files, engine, safe, under, unknown

import zkrelay.audit
from zkrelay import assert_determined, compile_circuit
from zkrelay.audit.system import system_of
from zkrelay.circuits.usage_limit import UsageLimit
from zkrelay.errors import AuditError, FormatError
from zkrelay.formats import read_r1cs_file


@pytest.fixture
def asked(monkeypatch):
    """The engine says SAFE; the list gets (system, strong, timeout) of each question."""
    questions = []

    def audit(system, *, strong, timeout):
        questions.append((system, strong, timeout))
        return safe(system, strong=strong)

    monkeypatch.setattr(zkrelay.audit, "audit", audit)
    return questions


def test_everything_that_holds_a_circuit(asked, tmp_path):
    path = division_files(tmp_path)
    r1cs = division()
    for circuit in (path, str(path), r1cs, system_of(r1cs), read_r1cs_file(path)):
        assert_determined(circuit)
    for circuit in (UsageLimit(), compile_circuit(UsageLimit())):
        assert_determined(circuit)
    assert [len(system.rows) for system, _, _ in asked] == [3] * 5 + [432] * 2


def test_the_mode(asked):
    """Outputs where there are any, else every signal; ``strong`` and ``timeout`` are passed on."""
    assert_determined(division())
    assert_determined(division(), strong=True, timeout=3)
    assert_determined(division(outputs=[]))
    assert [(strong, timeout) for _, strong, timeout in asked] == [(False, 60.0), (True, 3), (True, 60.0)]


def test_under_constrained(monkeypatch):
    monkeypatch.setattr(zkrelay.audit, "audit", engine(under))
    with pytest.raises(AssertionError) as failure:
        assert_determined(division())
    assert str(failure.value).splitlines() == [
        "under-constrained (weak): main.out",
        "  public input main.a = 0",
        "  private input main.b = 5",
        "  output main.out = 15 or 29",
        "  internal main.div.q = 0 or 7",
        "  row 1: main.div.q·main.a = main.c  (lib.py:9 < top.py:12)",
        "  row 2: main.out - 3·main.b - 2·main.div.q = 0  (top.py:20)",
    ]


def test_unknown_fails_too_and_is_cut(monkeypatch):
    monkeypatch.setattr(zkrelay.audit, "audit", engine(unknown))
    with pytest.raises(AssertionError, match=r"unknown \(strong\): usage\.bits\.1, .* and \d+ more") as failure:
        assert_determined(UsageLimit())
    assert len(str(failure.value).splitlines()) < 20


def test_what_is_no_circuit(tmp_path):
    with pytest.raises(AuditError, match="a int is nothing to audit"):
        assert_determined(5)  # type: ignore[arg-type]
    (tmp_path / "x.r1cs").write_bytes(b"nothing")
    with pytest.raises(FormatError):
        assert_determined(tmp_path / "x.r1cs")
