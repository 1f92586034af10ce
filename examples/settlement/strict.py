"""Requests as strictly as the library's files: JSON without doubled keys, and every refusal a problem."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request as HttpRequest
from fastapi import Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from zkrelay.errors import FormatError, MalformedInput
from zkrelay.formats.strict_json import NotAnInteger, read_json

from .border import Watch, route_of
from .log import LOGGER, failure_fields
from .problems import (
    INTERNAL,
    PROBLEM_TYPE,
    BadRequest,
    MethodNotAllowed,
    NotFound,
    UnsupportedMediaType,
    problem_of,
    status_of,
)

_MAX_PLACE = 80


class StrictRequest(HttpRequest):
    """``json`` refuses what two readers could read differently."""

    async def json(self) -> Any:
        if not hasattr(self, "_strict"):
            self._strict = self._read(await self.body())
        return self._strict

    def _read(self, body: bytes) -> Any:
        try:
            return _without_odd_numbers(read_json(body, limit_bytes=max(len(body), 1)).value)
        except FormatError as error:
            raise BadRequest(str(error).removeprefix("<bytes>: ").removeprefix("<bytes>, ")) from None


class StrictRoute(APIRoute):
    """Every error of an endpoint ends here, and only here, as an answer."""

    def get_route_handler(self) -> Callable[[HttpRequest], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()
        takes_body = self.body_field is not None

        async def handle(request: HttpRequest) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            try:
                if takes_body and _media_type(strict) != "application/json":
                    raise UnsupportedMediaType("the body must be application/json")
                if takes_body:
                    await strict.json()  # FastAPI would say of every error here that it is one
                return await inner(strict)
            except Exception as error:
                return refuse(strict, _translated(error))

        return handle


def refuse(request: HttpRequest, error: Exception) -> Response:
    """The answer to an error; counted, and logged when it is our own."""
    status = status_of(type(error))
    if status == INTERNAL:
        fields = {"request": request.scope.get("request_id", ""), "route": route_of(request.scope)}
        LOGGER.error("failed", extra={**fields, **failure_fields(error)})
    body, headers = problem_of(error)
    request.scope["problem"] = body["code"]
    watch: Watch = request.app.state.watch
    watch.refused(route_of(request.scope), body)
    return JSONResponse(body, status, headers, media_type=PROBLEM_TYPE)


async def refuse_route(request: HttpRequest, error: Exception) -> Response:
    """What the router itself refuses: no such path, no such method."""
    return refuse(request, _translated(error))


def digest_of(request: HttpRequest, body: bytes) -> str:
    """SHA-256 of what an idempotency key stands for."""
    head = f"{request.method} {request.url.path}\n".encode()
    return hashlib.sha256(head + body).hexdigest()


def _translated(error: Exception) -> Exception:
    """Errors of the framework as our own."""
    if isinstance(error, RequestValidationError):
        return MalformedInput("; ".join(_complaint(item) for item in error.errors()[:3]))
    if isinstance(error, HTTPException) and error.status_code in (404, 405):
        kind = NotFound if error.status_code == 404 else MethodNotAllowed
        allowed = dict(error.headers or {})
        return kind("there is no such path" if kind is NotFound else "this path has other methods", **allowed)
    return error


def _complaint(item: Any) -> str:
    """Where and what is wrong.  Names of unknown fields are the caller's: shortened, and in ASCII."""
    place = ".".join(map(str, item["loc"]))
    return f"{ascii(place)[1:-1][:_MAX_PLACE]}: {item['msg']}"


def _media_type(request: HttpRequest) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _without_odd_numbers(value: Any) -> Any:
    """Numbers that are no plain integers become false, which no field here is."""
    if isinstance(value, dict):
        return {key: _without_odd_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_odd_numbers(item) for item in value]
    return False if isinstance(value, NotAnInteger) else value
