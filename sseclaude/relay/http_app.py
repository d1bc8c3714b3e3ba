"""The app: the Messages API over HTTP, with answers that can be read again.

Purpose: ``app`` makes an ASGI application of a relay; it has the routes and what each of them answers.
Must not know: how a log stores answers, or how the server that runs it stops.
Rule: a reader that disconnects changes nothing. Only the relay sends requests to Claude; of a reader's request it sends
the body and ``anthropic-beta``, and nothing else.

    POST /v1/messages               GET /v1/messages/ID             GET /health
    POST /v1/messages/count_tokens  POST /v1/messages/ID/cancel     GET /   (the page, with ``local``)

Source: docs/relay.md, "HTTP".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from inspect import isawaitable
from typing import Any, TypeAlias, cast

from anyio import to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import AnthropicError, APIError, ConflictError, NotFoundError, OverloadedError
from .assembling import IN_LOOP
from .auth import Cors, LocalOnly
from .http_errors import (
    EXPOSED,
    HANDLERS,
    HEADERS,
    NO_RETRY,
    ClaudeRefusedError,
    RefusalError,
    document_response,
    failed,
    guarded,
    json_response,
    new_request_id,
    unavailable,
    unknown,
)
from .http_request import idempotency_key, params_of, read_body, start_after, wants_events, wants_no_answer
from .http_stream import EventStreamResponse, OpenStreams
from .log import LogUnavailableError
from .models import AnswerState
from .page import page_response
from .raw_frames import RawDocument
from .relay import Relay

COUNT_TOKENS = "/v1/messages/count_tokens"

Authorize: TypeAlias = Callable[[Request], "str | Awaitable[str | None] | None"]
"""Returns the owner that a request is of, or None if it may not be answered."""


def app(relay: Relay, authorize: Authorize, *, allow_origins: Sequence[str] = (), local: bool = False) -> Starlette:
    """Make the ASGI application of a relay. The relay must be open while it serves.

    ``authorize(request)`` returns the owner of the request, or None for 401; it may be async. ``allow_origins`` are
    the sites whose pages may send and read (CORS). ``local`` serves only this machine: it refuses a ``host`` that is
    not this machine and the ``origin`` of another site, and has the page at ``/``.
    """
    endpoints = _Endpoints(relay, authorize)
    routes = [
        Route("/v1/messages", guarded(endpoints.create), methods=["POST"]),
        Route(COUNT_TOKENS, guarded(endpoints.count_tokens), methods=["POST"]),
        Route("/v1/messages/{id}", guarded(endpoints.read), methods=["GET"]),
        Route("/v1/messages/{id}/cancel", guarded(endpoints.cancel), methods=["POST"]),
        Route("/health", guarded(endpoints.health), methods=["GET"]),
    ]
    middleware = []
    if local:
        routes.append(Route("/", _page, methods=["GET"]))
        middleware.append(Middleware(LocalOnly, origins=allow_origins))
    if allow_origins:
        middleware.append(
            Middleware(
                Cors,
                allow_origins=allow_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["*"],
                expose_headers=EXPOSED,
            )
        )
    made = Starlette(routes=routes, middleware=middleware, exception_handlers=cast("Any", HANDLERS))
    made.router.redirect_slashes = False  # another path is another answer's, and a redirect is no error of the API's
    made.state.streams = endpoints.streams
    return made


async def _page(request: Request) -> Response:
    return page_response()


class _Endpoints:
    """What each route answers."""

    def __init__(self, relay: Relay, authorize: Authorize) -> None:
        self.relay = relay
        self.authorize = authorize
        self.streams = OpenStreams()

    async def create(self, request: Request) -> Response:
        """Start an answer, or return to the one that the idempotency key names; then send it as the reader wants."""
        owner = await self._owner(request)
        key = idempotency_key(request)
        after = start_after(request) if key is not None and "last-event-id" in request.headers else 0
        params, stream = params_of(request, await read_body(request))
        state = await self._start(params, owner, key)
        if wants_no_answer(request):
            return await self._described(state, 202, {"location": _path(state)})
        await self._started(request, state)
        return self._events(await self.relay.state(state.id), after) if stream else await self._message(request, state)

    async def read(self, request: Request) -> Response:
        """Send an answer's events from any one on, or its message as far as it has come."""
        state = await self._state(request)
        if wants_events(request):
            return self._events(state, start_after(request))
        return await self._described(state)

    async def cancel(self, request: Request) -> Response:
        """Cancel an answer; one that has ended stays as it is."""
        state = await self._state(request)
        return await self._described(await self.relay.cancel(state.id))

    async def count_tokens(self, request: Request) -> Response:
        """Answer how many tokens a request would have; Claude counts them."""
        await self._owner(request)
        params, _ = params_of(request, await read_body(request))
        try:
            asking = await to_thread.run_sync(RawDocument, self.relay.client, COUNT_TOKENS, params)
            counted = await asking.read()
        except APIError as error:
            raise ClaudeRefusedError(error) from None
        except (AnthropicError, TypeError) as error:
            raise RefusalError(400, "invalid_request_error", str(error)) from None
        return document_response(counted)

    async def health(self, request: Request) -> Response:
        """Say whether this process can answer."""
        if self.streams.closing:
            raise unavailable()
        await self.relay.ping()
        return json_response({"status": "ok"})

    # --- what the routes share ---

    async def _owner(self, request: Request) -> str:
        """Return the owner of a request. Raises RefusalError: 401 if it has none, 503 while the relay closes."""
        owner = self.authorize(request)
        if isawaitable(owner):
            owner = await owner
        if owner is None:
            headers = {"www-authenticate": "Bearer"}
            raise RefusalError(401, "authentication_error", "the token is missing or not known here", headers)
        if self.streams.closing:
            raise unavailable()
        return owner

    async def _state(self, request: Request) -> AnswerState:
        """Return the state of the answer that the path names, if it is the asker's."""
        owner = await self._owner(request)
        try:
            state = await self.relay.state(request.path_params["id"])
        except (NotFoundError, ValueError):
            raise unknown() from None
        if state.owner != owner:
            raise unknown()
        return state

    async def _start(self, params: Mapping[str, Any], owner: str, key: str | None) -> AnswerState:
        """Start an answer, or return the one that the key names."""
        try:
            return await self.relay.start(params, owner=owner, key=key)
        except ConflictError as error:
            raise RefusalError(409, "invalid_request_error", error.message, NO_RETRY) from None
        except OverloadedError as error:
            raise RefusalError(529, "overloaded_error", error.message) from None
        except APIError:
            raise
        except (AnthropicError, TypeError) as error:  # a beta that no header can hold, or nested too deeply
            raise RefusalError(400, "invalid_request_error", str(error)) from None

    async def _started(self, request: Request, state: AnswerState) -> None:
        """Wait until Claude answers. Raises ClaudeRefusedError if it refuses, RefusalError if the wait is cut off."""
        try:
            if await self.streams.unless_left(request.receive, self.relay.started(state.id)) is None:
                raise unavailable()
        except LogUnavailableError:
            raise
        except APIError as error:
            raise ClaudeRefusedError(error) from None

    def _events(self, state: AnswerState, after: int) -> Response:
        """Send the events after number ``after``; 204 if no more will come, which makes an EventSource stop."""
        if after > state.last_event_id:
            if state.status == "running" and self.relay.log.recovering:
                raise unavailable()  # the reader may have seen what is being written again
            message = f"the answer has {state.last_event_id} events, not {after}"
            raise RefusalError(400, "invalid_request_error", message)
        headers = {"content-location": _path(state)}
        if after == state.last_event_id and state.status != "running":
            return Response(status_code=204, headers={"request-id": new_request_id(), **HEADERS, **headers})
        return EventStreamResponse(self.relay.batches(state.id, after), self.streams, headers)

    async def _message(self, request: Request, state: AnswerState) -> Response:
        """Wait for an answer's end and send the Message, or what ended it early."""
        await self.streams.unless_left(request.receive, self._ended(state))
        if (await self.relay.state(state.id)).status == "running":
            raise unavailable()  # the wait was cut off
        try:
            message = await self.relay.message(state.id)
        except LogUnavailableError:
            raise
        except APIError as error:
            return failed(error)
        if message is None:
            raise unknown()
        headers = {"content-location": _path(state)}
        return await to_thread.run_sync(lambda: json_response(message.to_dict(), headers=headers))

    async def _ended(self, state: AnswerState) -> None:
        async with aclosing(self.relay.batches(state.id, state.last_event_id)) as batches:
            async for _ in batches:
                pass

    async def _described(
        self, state: AnswerState, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send an answer's state and its message, as far as it has come. A large one is written in a thread."""
        try:
            message = await self.relay.message(state.id)
        except LogUnavailableError:
            raise
        except APIError as error:
            message = error.partial_message

        def written() -> Response:
            described = {
                "id": state.id,
                "type": "answer",
                "status": state.status,
                "last_event_id": state.last_event_id,
                "message": message.to_dict() if message is not None else None,
                "error": state.error,
            }
            return json_response(described, status, headers)

        return written() if state.last_event_id <= IN_LOOP else await to_thread.run_sync(written)


def _path(state: AnswerState) -> str:
    return f"/v1/messages/{state.id}"
