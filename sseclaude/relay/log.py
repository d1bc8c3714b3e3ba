"""The interface of a log: where an answer's events are stored, in order, until they expire.

Purpose: the protocol between the relay and its logs, ``Log`` and ``Writer``; ``Feed``, which followers share.
Must not know: who reads, how events are stored, or what they say.
Rule: events are numbered 1, 2, 3 …; the last event and the final status become visible together; a follower sees an
event only when it is in the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple, Protocol

from ..errors import ServiceUnavailableError
from ..sse import ServerSentEvent
from .models import AnswerState, Status

READ_AT_ONCE = 256
"""Events that a follower takes in one go."""


class LogUnavailableError(ServiceUnavailableError):
    """The log cannot be reached, or does not take what is written (503); ``__cause__`` says why."""

    def __init__(self, message: str) -> None:
        body = {"type": "error", "error": {"type": "api_error", "message": message}}
        super().__init__(message, status_code=503, body=body)


class End(NamedTuple):
    """How an answer ends: its status and its last event, ``message_stop`` or ``error``.

    ``refusal`` says that Claude refused before the first event: ``{"status", "body", "headers"}``.
    """

    status: Status
    event: str
    data: bytes
    error: Mapping[str, Any] | None = None
    refusal: Mapping[str, Any] | None = None


class Record(NamedTuple):
    """What a log stores of an answer in addition to its events; ``digest`` is that of the parameters.

    ``over``: it runs, but its producer gave no sign of life for longer than it may.
    """

    id: str
    owner: str
    digest: str
    status: Status = "running"
    last: int = 0
    error: Mapping[str, Any] | None = None
    refusal: Mapping[str, Any] | None = None
    over: bool = False

    @property
    def state(self) -> AnswerState:
        """The part that is for readers."""
        return AnswerState(self.id, self.owner, self.status, self.last, self.error)


class Feed:
    """The part of one answer's events that a process has. Its followers share it.

    It holds the events from ``first`` on; those up to ``last`` may be seen. ``ended``: no more will come. ``gone``: the
    log has lost the answer.
    """

    def __init__(self, last: int = 0) -> None:
        self.events: list[ServerSentEvent] = []
        self.first = last + 1
        self.last = last
        self.ended = False
        self.gone = False
        self._changed = asyncio.Event()
        self._page: Sequence[ServerSentEvent] = ()  # what was returned last, and from which number to which
        self._page_is = (0, 0)

    def since(self, after: int) -> Sequence[ServerSentEvent] | None:
        """Return the next events after a number; None if it no longer has them.

        Followers who ask for the same get the same object, so that it can be written for all of them once.
        """
        if after + 1 < self.first:
            return None
        if after >= self.last:
            return ()
        page_is = after, min(self.last, after + READ_AT_ONCE)
        if page_is != self._page_is:
            start = after + 1 - self.first
            self._page, self._page_is = self.events[start : page_is[1] + 1 - self.first], page_is
        return self._page

    def show(self, last: int, *, ended: bool = False) -> None:
        """Let followers see the events up to a number."""
        self.last = max(last, self.last)
        self.ended = self.ended or ended
        self.wake()

    def lose(self) -> None:
        """Say that the answer is gone."""
        self.gone = True
        self.wake()

    def wake(self) -> None:
        """Let all who wait look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    def wait(self) -> Awaitable[object]:
        """Wait for a change."""
        return self._changed.wait()


def check_after(after: int, last: int) -> None:
    """Raise ValueError for a number that is none of the answer's events'."""
    if not 0 <= after <= last:
        raise ValueError(f"the answer has no event {after}: the last one is {last}")


class Writer(Protocol):
    """Writes the events of one answer. It keeps each event until the log has stored it permanently."""

    def put(self, event: str, data: bytes) -> None:
        """Add an event. It never waits; what comes after the end is ignored."""
        ...

    def end(self, end: End) -> None:
        """Add the last event. Only the first end counts."""
        ...

    async def settled(self) -> Record | None:
        """Wait until the log has the end, this one or another's, and return what it has; None if the answer is gone."""
        ...


class Log(Protocol):
    """Keeps answers. All methods raise LogUnavailableError while the log cannot be reached."""

    @property
    def recovering(self) -> bool:
        """Whether it was away a moment ago: an answer that runs may have fewer events than were seen of it."""
        ...

    async def open(self, ttl: float) -> None:
        """Begin; answers are kept ``ttl`` seconds after their last event."""
        ...

    async def close(self) -> None:
        """Close all connections and end all tasks."""
        ...

    async def ping(self) -> None:
        """Return if the log can be written."""
        ...

    async def create(self, id: str, owner: str, digest: str, stop: Callable[[], None]) -> Writer | Record:
        """Begin an answer and return its writer, or what the log has under this id.

        ``stop()`` is called when the answer was ended by someone else, or is gone: nothing more need be written.
        """
        ...

    async def record(self, id: str) -> Record:
        """Return what is kept of an answer. Raises NotFoundError."""
        ...

    async def end(self, id: str, end: End) -> None:
        """End an answer, from any process; one that has ended stays as it is. Raises NotFoundError."""
        ...

    async def read(self, id: str, after: int) -> Sequence[ServerSentEvent]:
        """Return some of the events after a number; none if there are none. Raises NotFoundError."""
        ...

    def feed(self, id: str, after: int) -> AbstractAsyncContextManager[Feed]:
        """Return the feed of an answer, live while the context lasts.

        ``after``: where the follower begins, so that the feed may hold what comes from there on. The feed may be a
        little behind it. Raises NotFoundError; ValueError if the log has no such event.
        """
        ...

    async def attempt(self, key: str) -> int:
        """Return which attempt an idempotency key's digest stands at, from 0."""
        ...

    async def set_attempt(self, key: str, attempt: int) -> None:
        """Note the attempt that a key stands at."""
        ...
