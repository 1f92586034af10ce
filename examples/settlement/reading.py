"""Routes that only read, the page for people, and what a supervisor asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from . import models
from .dashboard import PAGE, POLICY
from .metrics import CONTENT_TYPE
from .problems import NotFound
from .strict import StrictRoute
from .writing import NUMBER_PATTERN, refusals

if TYPE_CHECKING:
    from .app import State

MAX_PAGE = 1000
_EPOCHS = (1 << 32) - 1
_POSITIONS = (1 << 63) - 1
_KINDS = "^(note|leaf|ticket|commitment|nullifier|payment|stake|stake-exit|stake-end)$"
_Result = TypeVar("_Result")

Number = Annotated[str, Path(pattern=NUMBER_PATTERN)]
First = Annotated[int, Query(ge=0, le=_POSITIONS)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]


def reading(state: State, describe: Callable[[], dict[str, Any]]) -> APIRouter:
    """The routes over a service; ``describe`` gives the OpenAPI description."""
    router = APIRouter(route_class=StrictRoute)
    service = state.service

    async def run(call: Callable[[], _Result]) -> _Result:
        return await state.readers.run(call)

    def route(path: str, *statuses: int) -> Callable[[Any], Any]:
        return router.get(path, response_model_exclude_none=True, responses=refusals(*statuses))

    @route("/v1/ledger")
    async def ledger() -> models.Ledger:
        """What must be known before dealing with this ledger: domain, rules, entry points, present epoch and root."""
        return await run(service.ledger)

    @route("/v1/roots/{epoch}", 404, 422)
    async def root_at(epoch: Annotated[int, Path(ge=0, le=_EPOCHS)]) -> models.Root:
        """The note tree's root at the end of an epoch."""
        root = await run(lambda: service.root_at(epoch))
        if root is None:
            raise NotFound("the tree had no root yet in this epoch")
        return root

    @route("/v1/notes", 422)
    async def notes(first: First = 0, limit: Limit = MAX_PAGE) -> models.Leaves:
        """The note tree's final leaves in order, for a tree of one's own, which tells nobody which note is whose."""
        return await run(lambda: service.notes(first, limit))

    @route("/v1/notes/{cm}/path", 409, 422)
    async def path(cm: Number) -> models.Path:
        """The path of one note under the newest final root. Asking for it says which note one is about to claim."""
        return await run(lambda: service.path(cm))

    @route("/v1/funding/leaves", 422)
    async def funding_leaves(first: First = 0, limit: Limit = MAX_PAGE) -> models.Leaves:
        """The funding tree's leaves in order. There is no path of a single one: asking would name the client."""
        return await run(lambda: service.funding_leaves(first, limit))

    @route("/v1/tickets/{nf}", 404, 422)
    async def ticket(nf: Number) -> models.Ticket:
        """The share of a spent ticket; two different ones convict."""
        found = await run(lambda: service.ticket(nf))
        if found is None:
            raise NotFound("this ticket is not spent")
        return found

    @route("/v1/nullifiers/{nf}", 422)
    async def nullifier(nf: Number) -> models.Nullifier:
        """Whether a note was claimed or refunded."""
        return await run(lambda: service.nullifier(nf))

    @route("/v1/stakes/{payee}", 404, 422)
    async def stake(payee: Number) -> models.Stake:
        """A node's stake."""
        return await run(lambda: service.stake(payee))

    @route("/v1/events", 422)
    async def events(
        after: First = 0, limit: Limit = 100, kind: Annotated[str | None, Query(pattern=_KINDS)] = None
    ) -> models.Events:
        """What was written, in order and without gaps: go on with ``after`` set to the number of the last event."""
        return await run(lambda: service.events(after, limit, kind))

    @route("/v1/balances")
    async def balances() -> models.Sums:
        """All money, and whether it adds up."""
        return await run(service.balances)

    @route("/v1/refusals")
    async def recent_refusals() -> models.Refusals:
        """The last refusals of this process, newest first."""
        return models.Refusals(refusals=list(reversed(state.watch.refusals)))

    @route("/health")
    async def health() -> models.Health:
        """The process answers."""
        return models.Health(status="ok")

    @route("/ready")
    async def ready() -> models.Health:
        """The process answers and its database does."""
        await run(service.is_ready)
        return models.Health(status="ok")

    @router.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return PlainTextResponse(state.watch.metrics.text(), media_type=CONTENT_TYPE)

    @router.get("/openapi.json", include_in_schema=False)
    async def description() -> Response:
        return JSONResponse(describe())

    @router.get("/", include_in_schema=False)
    async def page() -> Response:
        return HTMLResponse(PAGE, headers={"Content-Security-Policy": POLICY})

    return router
