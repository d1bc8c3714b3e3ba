"""HTTP responses that are no stream: JSON, and errors in the API's shape.

Purpose: turn a value, a refusal or an exception of the library into a response that any Messages client understands.
Must not know: requests or the log.
Rule: an error from Claude keeps its status, body, ``retry-after`` and request id; an error of the relay gets a request
id of its own. An unexpected exception is a 500 that does not name its cause.

Source: PROTOCOL.md, "Errors".
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from secrets import token_hex
from typing import Any, TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ..client.request import encode_body
from ..errors import ERROR_TYPES, APIError, APIStatusError, error_object
from .log import LogUnavailableError

log = logging.getLogger("sseclaude.relay")

HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
}
"""The headers of every answer: nothing of it is kept, held back or guessed at on the way."""

EXPOSED = ("content-location", "location", "request-id", "retry-after", "x-should-retry")
"""The headers that another site's page may read."""

PASSED_ON = ("retry-after", "retry-after-ms", "x-should-retry")
"""The headers of Claude's refusal that a reader gets."""

NO_RETRY = {"x-should-retry": "false"}


class RefusalError(Exception):
    """The relay refuses a request: a status, an error type, a message and headers, to be sent as ``response()``."""

    def __init__(self, status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """Make the response."""
        name = new_request_id()
        return json_response(
            error_body(self.kind, self.message, name), self.status, {**self.headers, "request-id": name}
        )


class ClaudeRefusedError(Exception):
    """Claude refused the request before the first event; to be sent with its status, body and headers for retries."""

    def __init__(self, error: APIError) -> None:
        super().__init__(error.message)
        self.error = error

    def response(self) -> Response:
        """Make the response."""
        answered = self.error.response
        headers = answered.headers if answered is not None else {}
        return _response_of(self.error, {name: headers[name] for name in PASSED_ON if name in headers})


def unknown() -> RefusalError:
    """Return the refusal for an unknown answer, an expired one and another owner's: the same for all three."""
    return RefusalError(404, "not_found_error", "there is no such answer")


def unavailable() -> RefusalError:
    """Return the refusal while the log cannot be reached, and while the relay closes."""
    return RefusalError(503, "api_error", "the relay cannot answer now", {"retry-after": "1"})


def new_request_id() -> str:
    """Return a name for a request."""
    return f"req_{token_hex(12)}"


def json_response(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make a response of JSON with the headers that every answer has."""
    own = {"content-type": "application/json", "request-id": new_request_id(), **HEADERS, **(headers or {})}
    return Response(encode_body(body), status, own)


def document_response(body: bytes) -> Response:
    """Make a response of JSON that is bytes already."""
    return Response(body, headers={"content-type": "application/json", "request-id": new_request_id(), **HEADERS})


def error_body(kind: str, message: str, name: str) -> dict[str, Any]:
    """Return an error in the API's shape; ``name`` is the request's."""
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": name}


def failed(error: APIError) -> Response:
    """Make the response for an answer that failed: the status of its error's type, and no retry by the client."""
    return _response_of(error, NO_RETRY)


def _response_of(error: APIError, headers: Mapping[str, str]) -> Response:
    known = error_object(error.body)
    kind = str(known.get("type") or "api_error")
    status = error.status_code if isinstance(error, APIStatusError) else 500
    if status < 400:  # an error inside a 200 whose type nobody knows
        status = ERROR_TYPES.get(kind, 500)
    name = error.request_id or new_request_id()
    body = dict(error.body) if known and isinstance(error.body, Mapping) else error_body(kind, error.message, name)
    return json_response({**body, "request_id": name}, status, {**headers, "request-id": _header(name)})


def _header(value: str) -> str:
    """Return a value as a header can hold it."""
    return value if value.isascii() and value.isprintable() else json.dumps(value)


def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, (RefusalError, ClaudeRefusedError))
    return error.response()


def _no_route(request: Request, error: Exception) -> Response:
    """Answer for a path or a method that is not there."""
    assert isinstance(error, HTTPException)
    kind = "not_found_error" if error.status_code == 404 else "invalid_request_error"
    return RefusalError(error.status_code, kind, error.detail, error.headers).response()


def _unavailable(request: Request, error: Exception) -> Response:
    return unavailable().response()


HANDLERS: dict[type[Exception], Callable[..., Any]] = {
    RefusalError: _refusal,
    ClaudeRefusedError: _refusal,
    HTTPException: _no_route,
    LogUnavailableError: _unavailable,
}
"""What is answered when an endpoint raises what it may raise."""

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


def guarded(endpoint: Endpoint) -> Endpoint:
    """Return an endpoint that answers 500 for a fault of ours.

    Starlette's own way costs the connection. What the error says may quote a request, so that only its kind is logged.
    """

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except tuple(HANDLERS):
            raise
        except Exception as error:
            log.error("%s %s: %s", request.method, request.url.path, type(error).__name__)
            return RefusalError(500, "api_error", "the relay failed").response()

    return answer
