"""From errors to answers: each error of the library has one status and one code, and the service adds a few of its own.

An answer is ``application/problem+json``: ``code`` is stable and for programs, ``detail`` is for people and quotes no
secret.  A refusal changed nothing.
"""

from __future__ import annotations

import re
from typing import Any

from zkrelay import errors
from zkrelay.errors import ZkrelayError

PROBLEM_TYPE = "application/problem+json"
MAX_DETAIL = 300

# by class; a class that is not here has the status of its nearest parent that is
STATUS: dict[type[ZkrelayError], int] = {
    # the request is wrong whatever the ledger holds
    errors.MalformedInput: 422,
    errors.InvalidProof: 422,
    errors.InvalidSignature: 422,
    errors.WrongDomain: 422,
    errors.WrongVenue: 422,
    errors.WrongContext: 422,
    errors.WrongEvidence: 422,
    errors.FeeTooHigh: 422,
    errors.OverCap: 422,
    errors.StakeTooSmall: 422,
    # there is no such thing here
    errors.UnknownNote: 404,
    errors.UnknownStake: 404,
    errors.EntryPointClosed: 404,
    # it contradicts what the ledger holds now, for good or for a time
    errors.NullifierSpent: 409,
    errors.TicketSpent: 409,
    errors.DuplicateNote: 409,
    errors.DuplicateLeaf: 409,
    errors.DuplicateStake: 409,
    errors.UnknownRoot: 409,
    errors.NotFinal: 409,
    errors.NotCommitted: 409,
    errors.NotYetRefundable: 409,
    errors.StakeLocked: 409,
    errors.NotStaked: 409,
    errors.TreeFull: 409,
    # too late, for ever
    errors.Expired: 410,
    errors.Retired: 410,
    # nobody's fault outside
    errors.StoreError: 503,
    errors.InsufficientEscrow: 500,
    errors.KernelError: 500,
    errors.KernelUnavailable: 500,
    errors.Closed: 500,
}
# raised by what the service does not do: proving, receipts, circuits, ceremonies, audits, tokens, pruning
UNREACHABLE: frozenset[type[ZkrelayError]] = frozenset(
    {
        errors.UnsatisfiedConstraint,
        errors.CalculatorRefused,
        errors.CircuitError,
        errors.UnderConstrained,
        errors.AuditError,
        errors.CeremonyRefused,
        errors.Equivocation,
        errors.NotBound,
        errors.NoteRefused,
        errors.ProvingFailed,
        errors.WorkerLost,
        errors.Cancelled,
        errors.TokenSpent,
        errors.IssuerUnfunded,
        errors.StillRedeemable,
        errors.DevelopmentKeyRefused,
    }
)
INTERNAL = 500
INTERNAL_CODE = "internal-error"
RETRY_AFTER_S = 1


class ServiceError(Exception):
    """What the service itself refuses, before or around the library.  ``headers`` go with the answer."""

    status = INTERNAL

    def __init__(self, detail: str, **headers: str) -> None:
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(detail)


class BadRequest(ServiceError):
    """The body is not JSON, or nested or repeated in a way that no reader should accept."""

    status = 400


class Unauthorized(ServiceError):
    """The operation takes money in, and the caller did not show that it was paid."""

    status = 401


class NotFound(ServiceError):
    """There is no such path, or nothing under this name."""

    status = 404


class MethodNotAllowed(ServiceError):
    """The path has other methods."""

    status = 405


class BodyTimeout(ServiceError):
    """The body did not come in its time."""

    status = 408


class BodyTooLarge(ServiceError):
    """The body has more bytes than any request of this service needs."""

    status = 413


class UnsupportedMediaType(ServiceError):
    """A body is ``application/json``."""

    status = 415


class IdempotencyKeyReused(ServiceError):
    """The key was used for another request, which was carried out."""

    status = 422


class TooManyRequests(ServiceError):
    """This caller asks for more than its share of what costs nothing to ask for."""

    status = 429


class Overloaded(ServiceError):
    """Too many requests wait already, or this one waited too long; it was not begun."""

    status = 503


class Stopping(ServiceError):
    """The service is being stopped; what runs is finished, and nothing new is begun."""

    status = 503


SERVICE_ERRORS: tuple[type[ServiceError], ...] = tuple(ServiceError.__subclasses__())


def code_of(kind: type[Exception]) -> str:
    """``NullifierSpent`` is ``nullifier-spent``, here and in every later version."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()


def status_of(kind: type[BaseException]) -> int:
    """Of a library error the one of its nearest class in the table; 500 for everything unknown."""
    if issubclass(kind, ServiceError):
        return kind.status
    if kind in UNREACHABLE:
        return INTERNAL
    return next((STATUS[parent] for parent in kind.__mro__ if parent in STATUS), INTERNAL)


def codes() -> list[str]:
    """Every code that an answer may have."""
    kinds: list[type[Exception]] = [*SERVICE_ERRORS]
    waiting = list(STATUS)
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__ == errors.__name__ and status_of(kind) != INTERNAL:
            kinds.append(kind)
    return sorted({code_of(kind) for kind in kinds} | {INTERNAL_CODE})


def problem_of(error: Exception) -> tuple[dict[str, Any], dict[str, str]]:
    """Body and headers of the answer.  An internal error says nothing but that it is one: the log has its name."""
    status = status_of(type(error))
    if status == INTERNAL:
        return problem(INTERNAL, INTERNAL_CODE, "the service failed; its operator finds the cause in the log"), {}
    headers = dict(error.headers) if isinstance(error, ServiceError) else {}
    if isinstance(error, errors.StoreError):  # its words name files and hosts of the operator's
        detail = "the ledger's database cannot be used at the moment; send the request again with the same key"
    else:
        detail = str(error)
    if status == Overloaded.status:
        headers.setdefault("Retry-After", str(RETRY_AFTER_S))
    return problem(status, code_of(type(error)), detail), headers


def problem(status: int, code: str, detail: str) -> dict[str, Any]:
    return {"type": "about:blank", "title": code.replace("-", " "), "status": status, "code": code} | {
        "detail": detail[:MAX_DETAIL]
    }
