"""A live event stream as a response: numbered events, comments while no event comes, and a clear end for every reader.

Purpose: send what ``Relay.follow`` yields until the answer ends, the reader disconnects or the server stops.
Must not know: answers, owners or routes.
Rule: the body ends in HTTP's regular way only after the answer's last event. A reader that is disconnected earlier sees
a broken body, so that no client takes a part of the answer for all of it.

Source: WHATWG HTML, "Server-sent events", 9.2.6 (``id``) and 9.2.7 (comments against proxies' timeouts).
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..errors import AnthropicError
from ..sse import ServerSentEvent
from .http_errors import HEADERS, error_body, new_request_id

T = TypeVar("T")

QUIET = 15.0
"""Seconds without an event after which a comment is sent: proxies close what is silent for longer."""

COMMENT = b": \n\n"


def frame(event: ServerSentEvent) -> bytes:
    """Write an event as bytes. Unlike ``sse.encode`` it checks nothing: the event came out of a decoder."""
    kind, raw, number, _ = event
    data = raw.replace(b"\n", b"\ndata: ") if b"\n" in raw else raw
    if number:
        return b"event: %b\nid: %b\ndata: %b\n\n" % (kind.encode(), number.encode(), data)
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), data)


class OpenStreams:
    """The streams that a server is sending. ``cut`` ends them all, and those that begin later at once."""

    def __init__(self) -> None:
        self._scopes: set[anyio.CancelScope] = set()
        self._written: tuple[Sequence[ServerSentEvent], bytes] = ((), b"")
        self.closing = False

    def written(self, batch: Sequence[ServerSentEvent]) -> bytes:
        """Return events as bytes. Followers who wait for the same batch get it one after the other: it is kept."""
        if batch is not self._written[0]:
            self._written = batch, b"".join(map(frame, batch))
        return self._written[1]

    def add(self, scope: anyio.CancelScope) -> None:
        """Note a stream that began."""
        self._scopes.add(scope)
        if self.closing:
            scope.cancel()

    def discard(self, scope: anyio.CancelScope) -> None:
        """Forget a stream that ended."""
        self._scopes.discard(scope)

    def cut(self) -> None:
        """Disconnect all readers, so that they reconnect to another process. To be called in the event loop."""
        self.closing = True
        for scope in tuple(self._scopes):
            scope.cancel()

    async def unless_left(self, receive: Receive, wait: Awaitable[T]) -> T | None:
        """Await something; return None if the reader disconnects first, or all readers are disconnected."""
        result: T | None = None
        failure: AnthropicError | None = None

        async def watch() -> None:
            await _left(receive)
            tasks.cancel_scope.cancel()

        async with anyio.create_task_group() as tasks:
            self.add(tasks.cancel_scope)
            try:
                tasks.start_soon(watch)
                result = await wait
            except AnthropicError as error:  # the task group would put it into an ExceptionGroup
                failure = error
            finally:
                self.discard(tasks.cancel_scope)
            tasks.cancel_scope.cancel()
        if failure is not None:
            raise failure
        return result


class EventStreamResponse(Response):
    """Sends batches of events: one body chunk a batch, and a comment after ``QUIET`` seconds without one.

    An error of the relay's in mid-stream becomes an ``error`` event without an id.
    """

    def __init__(
        self, batches: AsyncGenerator[Sequence[ServerSentEvent], None], streams: OpenStreams, headers: Mapping[str, str]
    ) -> None:
        self._batches = batches
        self._streams = streams
        self._sent_at = 0.0
        self._ended = False
        self._head = {
            "content-type": "text/event-stream; charset=utf-8",
            "request-id": new_request_id(),
            **HEADERS,
            **headers,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        headers = [(name.encode(), value.encode("latin-1")) for name, value in self._head.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        async with aclosing(self._batches), anyio.create_task_group() as tasks:
            self._streams.add(tasks.cancel_scope)
            try:
                self._sent_at = time.monotonic()
                tasks.start_soon(self._watch, receive, send, tasks.cancel_scope)
                await self._send_events(send)
            finally:
                self._streams.discard(tasks.cancel_scope)
            tasks.cancel_scope.cancel()
        if self._ended:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_events(self, send: Send) -> None:
        try:
            async for batch in self._batches:
                await send({"type": "http.response.body", "body": self._streams.written(batch), "more_body": True})
                self._sent_at = time.monotonic()
        except AnthropicError as error:
            body = error_body("api_error", getattr(error, "message", str(error)), self._head["request-id"])
            await self._send(send, frame(ServerSentEvent("error", json.dumps(body))))
        self._ended = True

    async def _send(self, send: Send, data: bytes) -> None:
        await send({"type": "http.response.body", "body": data, "more_body": True})
        self._sent_at = time.monotonic()

    async def _watch(self, receive: Receive, send: Send, scope: anyio.CancelScope) -> None:
        """Send a comment whenever it was quiet for long enough, until the reader leaves; then stop sending."""
        while True:
            with anyio.move_on_after(self._sent_at + QUIET - time.monotonic()):
                await _left(receive)
                scope.cancel()
                return
            if time.monotonic() >= self._sent_at + QUIET:
                await self._send(send, COMMENT)


async def _left(receive: Receive) -> None:
    """Return when the reader has left."""
    message: Any = None
    while message is None or message["type"] != "http.disconnect":
        message = await receive()
