"""Routes that change something.  Each takes an ``Idempotency-Key`` and is safe to send again under it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Response
from fastapi import Request as HttpRequest
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from . import bodies, models
from .books import Answer
from .service import Request
from .strict import StrictRoute, digest_of

if TYPE_CHECKING:
    from .app import State

KEY_PATTERN = "^[A-Za-z0-9_-]{16,128}$"
NUMBER_PATTERN = "^(0|[1-9][0-9]{0,77})$"
REPLAYED = "Idempotency-Replayed"
_PROBLEMS = {
    400: "Not JSON.",
    401: "The operator's token is missing or wrong.",
    404: "Unknown, or this ledger was opened without it.",
    408: "The body came too slowly.",
    409: "The ledger refuses: what it holds says otherwise.",
    410: "Too late.",
    413: "Too large.",
    415: "Not application/json.",
    422: "Malformed, not canonical, not on its curve, false, or the key was used for another request.",
    429: "Too many from this address.",
    500: "The service failed.",
    503: "Too busy, or the database does not answer: send it again, with the same key.",
}

Key = Annotated[str | None, Header(alias="Idempotency-Key", pattern=KEY_PATTERN)]
Payee = Annotated[str, Path(pattern=NUMBER_PATTERN)]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]
Done = tuple[Answer, bool]


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For the description: a problem under each status."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": _PROBLEMS[status], "content": {"application/problem+json": schema}}
        for status in (*statuses, 500, 503)
    }


BODY_REFUSALS = (400, 408, 413, 415, 422)
RULE_REFUSALS = (*BODY_REFUSALS, 404, 409, 410)


def writing(state: State) -> APIRouter:
    """The routes over a service."""
    router = APIRouter(prefix="/v1", route_class=StrictRoute)
    service = state.service

    async def run(http: HttpRequest, key: str | None, operation: Callable[[Request], Done]) -> Response:
        request = Request(key, digest_of(http, await http.body()))
        answer, is_replayed = await state.writers.run(lambda: operation(request))
        if is_replayed:
            state.watch.metrics.replayed()
        headers = {REPLAYED: "true"} if is_replayed else {}
        return Response(answer.body, answer.status, headers, media_type="application/json")

    def route(path: str, model: type[BaseModel], status: int = 201, *more: int) -> Callable[[Any], Any]:
        description = {**refusals(*RULE_REFUSALS, *more)}
        return router.post(path, status_code=status, response_model=model, responses=description)

    @route("/deposits", models.Deposited, 201, 401)
    async def deposit(http: HttpRequest, body: bodies.DepositBody, bearer: Bearer, key: Key = None) -> Response:
        """Lock the price of a note's cap, which the operator was paid, and put the note into the tree."""
        state.access.check(bearer.credentials if bearer else None)
        return await run(http, key, lambda request: service.deposit(request, body))

    @route("/leaves", models.Leaf, 201, 401)
    async def fund(http: HttpRequest, body: bodies.LeafBody, bearer: Bearer, key: Key = None) -> Response:
        """Sell a leaf of the funding tree with its tickets, which the operator was paid."""
        state.access.check(bearer.credentials if bearer else None)
        return await run(http, key, lambda request: service.fund(request, body))

    @route("/openings", models.Opened)
    async def open_note(http: HttpRequest, body: bodies.OpeningBody, key: Key = None) -> Response:
        """Open a note with a ticket, without a name. The same message again gets the same answer, key or not."""
        return await run(http, key, lambda request: service.open(request, body))

    @route("/commitments", models.Committed, 200, 429)
    async def commit(http: HttpRequest, body: bodies.CommitmentBody, key: Key = None) -> Response:
        """Record a commitment: commit now, prove later. The first epoch counts, so that repeating harms nobody."""
        state.throttle.take(http.client.host if http.client else "")
        return await run(http, key, lambda request: service.commit(request, body))

    @route("/claims", models.Paid)
    async def redeem(http: HttpRequest, body: bodies.ClaimBody, key: Key = None) -> Response:
        """Pay a claim, once."""
        return await run(http, key, lambda request: service.redeem(request, body))

    @route("/batches", models.Paid)
    async def redeem_batch(http: HttpRequest, body: bodies.BatchBody, key: Key = None) -> Response:
        """Pay a batch, whole and once."""
        return await run(http, key, lambda request: service.redeem_batch(request, body))

    @route("/refunds", models.Paid)
    async def refund(http: HttpRequest, body: bodies.RefundBody, key: Key = None) -> Response:
        """Give back the price of a note that nobody claimed. It shows payee, key and secret of the session."""
        return await run(http, key, lambda request: service.refund(request, body))

    @route("/stakes", models.Stake, 201, 401)
    async def register(http: HttpRequest, body: bodies.StakeBody, bearer: Bearer, key: Key = None) -> Response:
        """Hold a node's stake, which the operator was paid, for its payee; it will go back to the address."""
        state.access.check(bearer.credentials if bearer else None)
        return await run(http, key, lambda request: service.register(request, body))

    @route("/stakes/{payee}/exit", models.Stake, 200)
    async def leave(http: HttpRequest, payee: Payee, body: bodies.ExitBody, key: Key = None) -> Response:
        """Ask for a stake; the lock begins."""
        return await run(http, key, lambda request: service.leave(request, payee, body))

    @route("/stakes/{payee}/withdrawal", models.Paid)
    async def withdraw(http: HttpRequest, payee: Payee, key: Key = None) -> Response:
        """Pay a stake to its address when its lock has passed, whoever asks. There is no body."""
        return await run(http, key, lambda request: service.withdraw(request, payee))

    @route("/slashings", models.Payments)
    async def slash(http: HttpRequest, body: bodies.SlashBody, key: Key = None) -> Response:
        """Take the stake of a node whose secret came to light: part to the slasher, part burnt."""
        return await run(http, key, lambda request: service.slash(request, body))

    @route("/ticket-slashings", models.Payments)
    async def slash_tickets(http: HttpRequest, body: bodies.TicketSlashBody, key: Key = None) -> Response:
        """Take the unspent tickets of a client that used one of them twice."""
        return await run(http, key, lambda request: service.slash_tickets(request, body))

    return router
