"""Parts of a reader's request: the body, the event to continue after, the betas.

Purpose: read a request, and refuse an invalid one before anything is sent to the log or to Claude.
Must not know: answers.
Rule: a body is read up to ``MAX_BODY`` and no further, whatever its headers say.

Source: PROTOCOL.md, "The request"; RFC 7240, 2 (``prefer``); WHATWG HTML, 9.2.4 (``last-event-id``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import Any, NoReturn

from anyio import to_thread
from starlette.requests import Request

from .http_errors import RefusalError

MAX_BODY = 32 << 20
"""Bytes of a request's body."""

MAX_KEY = 256
"""Characters of an idempotency key."""

PARSED_HERE = 64 << 10
"""Bytes of a body that are parsed in the event loop; more are parsed in a thread, so that nobody waits for it."""

NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII).fullmatch


async def read_body(request: Request) -> dict[str, Any]:
    """Return the body as a JSON object. Raises RefusalError: 413 beyond ``MAX_BODY``, 400 if it is none."""
    body = bytearray()
    announced = request.headers.get("content-length", "0")
    _check_size(int(announced) if NUMBER(announced) else MAX_BODY + 1)  # the server has refused what is no number
    async for chunk in request.stream():
        body += chunk
        _check_size(len(body))
    try:
        parsed = _parse(body) if len(body) <= PARSED_HERE else await to_thread.run_sync(_parse, body)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise RefusalError(400, "invalid_request_error", "the body is no JSON object")
    return parsed


def _parse(body: bytearray) -> Any:
    return json.loads(body, parse_constant=_refuse_constant, parse_float=_finite)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(digits: str) -> float:
    if not isfinite(value := float(digits)):
        raise ValueError(f"{digits} is beyond all bounds")
    return value


def _check_size(size: int) -> None:
    if size > MAX_BODY:
        raise RefusalError(413, "request_too_large", f"the body has more than {MAX_BODY} bytes")


def start_after(request: Request) -> int:
    """Return the number of the last event that the reader has: ``last-event-id``, else ``?after``, else 0."""
    given = request.headers.get("last-event-id", request.query_params.get("after", "0"))
    if not NUMBER(given):
        raise RefusalError(400, "invalid_request_error", "the event to go on from is no number")
    return int(given)


def wants_events(request: Request) -> bool:
    """Whether the reader asks for an event stream."""
    return "text/event-stream" in request.headers.get("accept", "").lower()


def wants_no_answer(request: Request) -> bool:
    """Whether the reader wants to be answered at once: ``prefer: respond-async``."""
    preferences = ",".join(request.headers.getlist("prefer")).split(",")
    return any(preference.partition(";")[0].strip().lower() == "respond-async" for preference in preferences)


def idempotency_key(request: Request) -> str | None:
    """Return the request's key, or None. Raises RefusalError for one that is empty or too long."""
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= MAX_KEY:
        raise RefusalError(400, "invalid_request_error", f"an idempotency-key has 1 to {MAX_KEY} characters")
    return key


def params_of(request: Request, body: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return the parameters for Claude, and whether the reader wants a stream.

    The body is sent as it is, ``stream`` apart, and never read as arguments of the client's: they could change headers.
    """
    stream = body.get("stream", False)
    if not isinstance(stream, bool):
        raise RefusalError(400, "invalid_request_error", "stream: it is true or false")
    params: dict[str, Any] = {"extra_body": {name: value for name, value in body.items() if name != "stream"}}
    betas = ",".join(request.headers.getlist("anthropic-beta")).split(",")
    if named := [beta.strip() for beta in betas if beta.strip()]:
        params["betas"] = named
    return params, stream
