"""A connection to Redis on which many callers' commands travel at once.

Purpose: ``RedisWire``. redis-py makes the connection (TLS, password, database); from there on its bytes are read here,
for its own reader costs more than everything else that an append needs.
Must not know: what the commands mean.
Rule: Redis replies in the order of the commands. So each caller gets as many replies as it sent commands, and one that
no longer waits disturbs nobody.

Source: the Redis serialization protocol, version 2 (RESP2).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from redis.exceptions import ConnectionError, InvalidResponse, NoScriptError, ResponseError, TimeoutError

Command: TypeAlias = tuple[Any, ...]
Reply: TypeAlias = Any
"""Bytes, an int, a list of replies, None; or a ResponseError, as a value."""

BULK, ARRAY, INTEGER, STRING, ERROR = b"$*:+-"


def packed(command: Command) -> bytes:
    """Return a command as bytes."""
    words = [word if type(word) is bytes else str(word).encode() for word in command]
    return b"*%d\r\n%b" % (len(words), b"".join([b"$%d\r\n%b\r\n" % (len(word), word) for word in words]))


class ReplyParser:
    """Parses replies. ``feed`` it bytes as they come, cut anywhere; it returns the replies that they complete."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._size = 0
        self._needed = 0
        self._open: list[tuple[list[Reply], int]] = []  # the arrays that are not complete, and their lengths

    def feed(self, data: bytes) -> list[Reply]:
        """Take bytes. Raises InvalidResponse for what is no reply."""
        self._chunks.append(data)
        self._size += len(data)
        if self._size < self._needed:  # a long value is put together once
            return []
        buffer = b"".join(self._chunks)
        self._needed = 0
        replies: list[Reply] = []
        at = self._parse(buffer, replies)
        self._chunks, self._size = [buffer[at:]], len(buffer) - at
        return replies

    def _parse(self, buffer: bytes, replies: list[Reply]) -> int:
        """Add the replies that are complete, and return where the rest begins."""
        at = 0
        while (end := buffer.find(b"\r\n", at)) >= 0:
            kind, said, value = buffer[at], buffer[at + 1 : end], None
            behind = end + 2
            if kind == BULK and (size := int(said)) >= 0:
                stop = behind + size
                if len(buffer) < stop + 2:
                    self._needed = stop + 2 - at
                    break
                value, behind = buffer[behind:stop], stop + 2
            elif kind == ARRAY and (size := int(said)) > 0:
                self._open.append(([], size))
                at = behind
                continue
            elif kind != BULK:
                value = _simple(kind, said)
            at = behind
            self._place(value, replies)
        return at

    def _place(self, value: Reply, replies: list[Reply]) -> None:
        """Put a value where it belongs: into the innermost array that is not complete, or among the replies."""
        while self._open:
            items, size = self._open[-1]
            items.append(value)
            if len(items) < size:
                return
            self._open.pop()
            value = items
        replies.append(value)


def _simple(kind: int, said: bytes) -> Reply:
    """Return a reply that is one line."""
    if kind == INTEGER:
        return int(said)
    if kind == STRING:
        return said
    if kind == ARRAY:
        return [] if said == b"0" else None
    if kind == ERROR:
        text = said.decode("utf-8", "replace")
        return NoScriptError(text) if text.startswith("NOSCRIPT") else ResponseError(text)
    raise InvalidResponse(f"this is no Redis: it says {chr(kind)!r}")


Done: TypeAlias = "Callable[[list[Reply] | Exception], None]"
"""Takes the replies to some commands, or the error that ended the connection before they came."""


class _Waiting(NamedTuple):
    """A caller: how many replies it is to get, those that have come, and since when."""

    done: Done
    expected: int
    replies: list[Reply]
    since: float


class RedisWire(asyncio.Protocol):
    """One connection, made by ``connect``. A reply that takes longer than ``timeout`` seconds ends it."""

    def __init__(self, connection: Any, timeout: float) -> None:
        self._connection = connection
        self._timeout = timeout
        self._transport: Any = None
        self._parser = ReplyParser()
        self._waiting: deque[_Waiting] = deque()
        self._watch: asyncio.TimerHandle | None = None
        self.lost = False

    @classmethod
    async def connect(cls, make: Callable[[], Any], timeout: float) -> RedisWire:
        """Make a connection of redis-py's and take it over. Raises RedisError and OSError."""
        connection = make()
        try:
            await connection.connect()
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        wire = cls(connection, timeout)
        wire._transport = connection._writer.transport
        wire._transport.set_protocol(wire)
        return wire

    async def exchange(self, commands: Sequence[Command]) -> list[Reply]:
        """Send commands and return their replies. Raises ConnectionError, and TimeoutError, which ends the wire."""
        future: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()

        def done(outcome: list[Reply] | Exception) -> None:
            if future.done():  # the caller was cancelled
                return
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

        self.send(commands, done)
        return await future

    def send(self, commands: Sequence[Command], done: Done) -> None:
        """Do what ``exchange`` does without a task: ``done`` is called when the replies have come, or none will."""
        if self.lost:
            done(ConnectionError("the connection is closed"))
            return
        loop = asyncio.get_running_loop()
        self._waiting.append(_Waiting(done, len(commands), [], loop.time()))
        self._transport.write(b"".join(map(packed, commands)))
        if self._watch is None:
            self._watch = loop.call_later(self._timeout, self._look)

    async def close(self) -> None:
        """Close the connection; who waits gets a ConnectionError."""
        self._fail(ConnectionError("the connection is closed"))
        await self._connection.disconnect(nowait=True)

    # --- asyncio's side ---

    def data_received(self, data: bytes) -> None:
        """Take bytes, and give the replies to who waits for them."""
        try:
            complete = self._parser.feed(data)
        except (InvalidResponse, ValueError) as error:
            self._fail(ConnectionError(f"this is no Redis: {error}"))
            return
        for reply in complete:
            if not self._waiting:
                self._fail(ConnectionError("this is no Redis: it replies though nothing was asked"))
                return
            done, expected, replies, _ = self._waiting[0]
            replies.append(reply)
            if len(replies) == expected:
                self._waiting.popleft()
                done(replies)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail all who wait."""
        self._fail(ConnectionError(str(exc) if exc is not None else "Redis closed the connection"))

    def _look(self) -> None:
        """See whether a reply is overdue. One timer looks after all, for one each would cost more than the reply."""
        self._watch = None
        if self._waiting:
            loop = asyncio.get_running_loop()
            left = self._waiting[0].since + self._timeout - loop.time()
            if left <= 0:
                self._fail(TimeoutError(f"no reply within {self._timeout:g} s"))
            else:
                self._watch = loop.call_later(left, self._look)

    def _fail(self, error: Exception) -> None:
        if self.lost:
            return
        self.lost = True
        if self._watch is not None:
            self._watch.cancel()
        self._transport.abort()
        while self._waiting:
            self._waiting.popleft().done(error)
