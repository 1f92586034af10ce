"""Each error of the library has one status and one code; nothing that was not thought of reaches the outside."""

from __future__ import annotations

import pytest
from settlement import problems

from zkrelay import errors
from zkrelay.errors import ZkrelayError

CLASSES = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ZkrelayError)]
SECRET = "5EC2E7"


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_of_the_library_is_mapped_or_declared_unreachable(kind: type[ZkrelayError]) -> None:
    """A new class that derives from nothing in the table, or a new rule, fails here until somebody decides."""
    if kind in (ZkrelayError, errors.SettlementRefused):
        return  # never raised themselves
    decided = [parent for parent in kind.__mro__ if parent in problems.STATUS]
    if kind in problems.UNREACHABLE:
        assert kind not in problems.STATUS and problems.status_of(kind) == 500
    elif issubclass(kind, errors.SettlementRefused):
        assert decided[0] is kind, "each rule's refusal has a status of its own"
    else:
        assert decided, "no status, and not declared unreachable"


def test_codes_are_one_for_each_class() -> None:
    named = [problems.code_of(kind) for kind in (*CLASSES, *problems.SERVICE_ERRORS)]
    assert len(set(named)) == len(named)
    assert problems.code_of(errors.NullifierSpent) == "nullifier-spent"
    assert {"nullifier-spent", "non-canonical-number", "overloaded", "internal-error"} <= set(problems.codes())
    assert "insufficient-escrow" not in problems.codes()


@pytest.mark.parametrize("error", [KeyError(SECRET), errors.KernelError(SECRET), errors.StoreError(SECRET)])
def test_what_is_ours_is_not_told(error: Exception) -> None:
    body, _ = problems.problem_of(error)
    assert SECRET not in str(body)
    assert body["status"] >= 500


def test_a_busy_service_says_when_to_come_back() -> None:
    for error in (problems.Overloaded("full"), errors.StoreError("locked")):
        body, headers = problems.problem_of(error)
        assert body["status"] == 503 and int(headers["Retry-After"]) >= 1


def test_a_long_message_is_cut() -> None:
    body, _ = problems.problem_of(errors.MalformedInput("x" * 10_000))
    assert len(body["detail"]) == problems.MAX_DETAIL
