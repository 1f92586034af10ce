"""The application: routes, limits and life time around a ``Service``."""

from __future__ import annotations

import hmac
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from . import problems
from .border import App, Border, Throttle, Watch
from .models import Problem
from .reading import reading
from .service import Service
from .strict import StrictRoute, refuse_route
from .workers import Workers
from .writing import writing

TITLE = "zkrelay settlement"
MIN_TOKEN_BYTES = 16


@dataclass(frozen=True)
class Limits:
    """What one process takes on.  ``queue`` is how many requests may wait for a worker, ``patience_s`` for how long."""

    max_body_bytes: int = 64 << 10
    body_timeout_s: float = 10.0
    writers: int = field(default_factory=lambda: os.cpu_count() or 1)
    readers: int = 4
    queue: int = 64
    patience_s: float = 5.0
    commitments_a_second: float = 20.0
    commitment_burst: int = 200


@dataclass(frozen=True)
class Access:
    """Who may say that money came in: who knows ``token``; or, where it is test money, everybody (``faucet``)."""

    token: str | None = field(default=None, repr=False)
    faucet: bool = False

    def __post_init__(self) -> None:
        if self.token is not None and len(self.token.encode()) < MIN_TOKEN_BYTES:
            raise ValueError(f"the token must have at least {MIN_TOKEN_BYTES} bytes")

    def check(self, bearer: str | None) -> None:
        """Raises ``Unauthorized``."""
        if self.faucet:
            return
        if self.token is None or bearer is None or not hmac.compare_digest(self.token.encode(), bearer.encode()):
            raise problems.Unauthorized("the operator's token is needed to take money in", WWW_Authenticate="Bearer")


@dataclass
class State:
    """What the routes work with."""

    service: Service
    access: Access
    watch: Watch
    writers: Workers
    readers: Workers
    throttle: Throttle


def make_app(service: Service, access: Access | None = None, limits: Limits | None = None) -> FastAPI:
    """The application without its border; ``bordered`` is what a server runs."""
    limits = limits or Limits()
    access = access or Access()
    if access.faucet and not service.is_test_money:
        raise ValueError("only a ledger that allows development keys has a faucet: its money is for testing")
    state = State(
        service=service,
        access=access,
        watch=Watch(),
        writers=Workers("writer", limits.writers, limits.queue, limits.patience_s),
        readers=Workers("reader", limits.readers, limits.queue, limits.patience_s),
        throttle=Throttle(limits.commitments_a_second, limits.commitment_burst),
    )
    for name, pool in (("writers", state.writers), ("readers", state.readers)):
        help_text = f"Requests that run or wait among the {name}."
        state.watch.metrics.gauge(f"zkrelay_{name}_taken", help_text, lambda pool=pool: pool.taken)  # type: ignore[misc]

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        state.writers.close()
        state.readers.close()

    app = FastAPI(title=TITLE, version="1", lifespan=life, docs_url=None, redoc_url=None, openapi_url=None)
    app.router.route_class = StrictRoute
    app.state.watch = state.watch
    app.add_exception_handler(HTTPException, refuse_route)
    app.include_router(writing(state))
    app.include_router(reading(state, lambda: openapi(app)))
    return app


def bordered(app: FastAPI, limits: Limits | None = None) -> App:
    """The application with its limits on bodies, its log and its last line of answers."""
    limits = limits or Limits()
    return Border(app, app.state.watch, limits.max_body_bytes, limits.body_timeout_s)


def openapi(app: FastAPI) -> dict[str, Any]:
    """The description, with the form of a problem and all its codes."""
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        problem = Problem.model_json_schema()
        problem["properties"]["code"]["enum"] = problems.codes()
        document["components"]["schemas"]["Problem"] = problem
        app.openapi_schema = document
    return app.openapi_schema
