"""The replay server without a socket: transports for httpx.

Purpose: test any httpx program, sync or async, in its own process.
Must not know: what an answer says; the responder decides that.
Rule: a script's steps become httpx's own events and exceptions, as a socket would have made them; one generator says
what happens, and two small loops, sync and async, do it.

A silence longer than the request's read timeout raises httpx.ReadTimeout at once: no test sleeps for ten minutes.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from math import inf

import anyio
import httpx

from .choosing import Match, ReceivedRequest
from .families import family_of, stream_class
from .faults import Plan
from .journal import Ended
from .pace import DEFAULT, Pace
from .recording import Source
from .responder import Exchange, Replay
from .script import Cut, Done, Head, Send, Wait

Action = float | Head | bytes
"""What the generator asks of its loop: be silent for so long, begin the response, yield a chunk."""

NO_ANSWER = "Server disconnected without sending a response."
HALF_A_BODY = "peer closed connection without sending complete message body"


class _Player:
    """Plays one exchange: the actions in order, and the journal's entry kept up to date."""

    def __init__(self, replay: Replay, exchange: Exchange, request: httpx.Request) -> None:
        self._journal = replay.requests
        self._exchange = exchange
        self._request = request
        self.httpx = family_of(request)
        limit = request.extensions.get("timeout", {}).get("read")
        self._limit: float = inf if limit is None else limit
        self._head: Head | None = None
        self.actions = self._act()

    def finish(self, ended: Ended) -> None:
        """Note the end; the first one counts."""
        if self._exchange.entry.ended is None:
            self._journal.finish(self._exchange.entry, ended)

    def _act(self) -> Iterator[Action]:
        last = _last_send(self._exchange)
        for number, step in enumerate(self._exchange.steps):
            if isinstance(step, Wait):
                yield self._checked(float(step.seconds))
            elif isinstance(step, Head):
                self._head = step
                yield step
            elif isinstance(step, Send):
                yield self._counted(step.data, number == last)
            elif isinstance(step, Cut):
                self._cut(step)
            elif isinstance(step, Done):
                self._done()

    def _checked(self, seconds: float) -> float:
        if seconds > self._limit:
            self.finish("client left")
            raise self.httpx.ReadTimeout("The read operation timed out", request=self._request)
        return seconds

    def _counted(self, data: bytes, is_last: bool) -> bytes:
        entry = self._exchange.entry
        if isinstance(length := self._framing(), int):
            data = data[: length - entry.bytes_sent]
        entry.bytes_sent += len(data)
        if is_last:  # a reader that stops here has read all
            self.finish("complete")
        return data

    def _framing(self) -> int | str:
        return "auto" if self._head is None else self._head.framing

    def _cut(self, step: Cut) -> None:
        self.finish("fault")
        if step.how == "reset":
            raise self.httpx.ReadError("Connection reset by peer", request=self._request)
        if self._head is None:
            raise self.httpx.RemoteProtocolError(NO_ANSWER, request=self._request)
        if self._head.framing != "close":  # then the end of the connection is the end of the body
            raise self.httpx.RemoteProtocolError(f"{HALF_A_BODY} (incomplete chunked read)", request=self._request)

    def _done(self) -> None:
        self.finish("complete")
        sent, length = self._exchange.entry.bytes_sent, self._framing()
        if isinstance(length, int) and sent < length:
            message = f"{HALF_A_BODY} (received {sent} bytes, expected {length})"
            raise self.httpx.RemoteProtocolError(message, request=self._request)


def _last_send(exchange: Exchange) -> int | None:
    """The step that sends the last byte of a complete body; None if the body will not be complete."""
    steps = exchange.steps
    head = next((step for step in steps if isinstance(step, Head)), None)
    if not any(isinstance(step, Done) for step in steps) or head is None or isinstance(head.framing, int):
        return None
    return max((number for number, step in enumerate(steps) if isinstance(step, Send)), default=None)


class ReplayTransport(Replay, httpx.BaseTransport):
    """For ``httpx.Client(transport=ReplayTransport(...))``, and httpx2's. The arguments are those of ``Replay``."""

    def __init__(
        self,
        recordings: Source = None,
        *,
        pace: Pace | None = DEFAULT,
        faults: Iterable[Plan] = (),
        match: Match | None = None,
    ) -> None:
        super().__init__(recordings, pace=pace, faults=faults, match=match)
        self._closed = threading.Event()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the server would. Raises the exceptions that httpx would raise for a socket."""
        exchange = self.responder.respond(_plain(request, request.read()))
        player = _Player(self, exchange, request)
        for action in player.actions:
            if isinstance(action, Head):
                stream = stream_class(_Body, player.httpx.SyncByteStream)(player, self._sleep)
                response: httpx.Response = player.httpx.Response(action.status, headers=action.headers, stream=stream)
                return response
            if isinstance(action, float):
                self._sleep(action, player)
        raise player.httpx.RemoteProtocolError(NO_ANSWER, request=request)

    def close(self) -> None:
        """Wake a reader that waits."""
        self._closed.set()

    def _sleep(self, seconds: float, player: _Player) -> None:
        if self._closed.wait(min(seconds, threading.TIMEOUT_MAX)) and seconds == inf:
            raise player.httpx.ReadError("the transport was closed")


class _Body:
    """The rest of a script, as a response's body."""

    def __init__(self, player: _Player, sleep: Callable[[float, _Player], None]) -> None:
        self._player = player
        self._sleep = sleep

    def __iter__(self) -> Iterator[bytes]:
        for action in self._player.actions:
            if isinstance(action, float):
                self._sleep(action, self._player)
            elif isinstance(action, bytes):
                yield action

    def close(self) -> None:
        """Note that the client left, if it did."""
        self._player.finish("client left")


class AsyncReplayTransport(Replay, httpx.AsyncBaseTransport):
    """For ``httpx.AsyncClient(transport=AsyncReplayTransport(...))``, on asyncio and trio."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the server would. Raises the exceptions that httpx would raise for a socket."""
        exchange = self.responder.respond(_plain(request, await request.aread()))
        player = _Player(self, exchange, request)
        for action in player.actions:
            if isinstance(action, Head):
                stream = stream_class(_AsyncBody, player.httpx.AsyncByteStream)(player)
                response: httpx.Response = player.httpx.Response(action.status, headers=action.headers, stream=stream)
                return response
            if isinstance(action, float):
                await anyio.sleep(action)
        raise player.httpx.RemoteProtocolError(NO_ANSWER, request=request)


class _AsyncBody:
    """The rest of a script, as a response's body."""

    def __init__(self, player: _Player) -> None:
        self._player = player

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:  # no async generator: one that is left early cannot be tidied away in time
        for action in self._player.actions:
            if isinstance(action, float):
                await anyio.sleep(action)
            elif isinstance(action, bytes):
                return action
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Note that the client left, if it did."""
        self._player.finish("client left")


def _plain(request: httpx.Request, body: bytes) -> ReceivedRequest:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return ReceivedRequest(request.method, request.url.raw_path.decode("ascii"), headers, body)
