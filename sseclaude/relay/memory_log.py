"""A log in memory: the default log, for one process.

Purpose: ``MemoryLog``, which needs no other package or service, and is lost when its process ends.
Must not know: processes or networks.
Rule: expired answers are removed as time passes, also if nobody reads them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from math import inf

from ..sse import ServerSentEvent
from .log import READ_AT_ONCE, End, Feed, LogUnavailableError, Record, check_after
from .models import not_found, numbered

SWEEP_SECONDS = 10.0
"""The longest time between two sweeps."""

KEY_SECONDS = 24 * 3600.0
"""How long the attempt of an idempotency key is remembered, if ``ttl`` is not longer."""


class _Answer:
    """One answer, and its writer."""

    def __init__(self, record: Record, stop: Callable[[], None], ttl: float) -> None:
        self.record = record
        self.feed = Feed()
        self.expires_at = inf
        self._stop = stop
        self._ttl = ttl
        self._settled = asyncio.Event()

    def put(self, event: str, data: bytes) -> None:
        """Add an event (see ``Writer``)."""
        if self.record.status != "running":
            return
        number = self.record.last + 1
        self.feed.events.append(numbered(event, data, number))
        self.record = self.record._replace(last=number)
        self.feed.show(number)

    def end(self, end: End) -> None:
        """Add the last event (see ``Writer``)."""
        if self.record.status != "running":
            return
        number = self.record.last + 1
        self.feed.events.append(numbered(end.event, end.data, number))
        self.record = self.record._replace(last=number, status=end.status, error=end.error, refusal=end.refusal)
        self.expires_at = time.monotonic() + self._ttl
        self.feed.show(number, ended=True)
        self._settled.set()

    def end_from_outside(self, end: End) -> None:
        """End it for someone who is not its writer."""
        if self.record.status == "running":
            self.end(end)
            self._stop()

    async def settled(self) -> Record | None:
        """Wait for the end (see ``Writer``)."""
        await self._settled.wait()
        return self.record


class MemoryLog:
    """Keeps answers in this process (see ``Log``)."""

    recovering = False

    def __init__(self) -> None:
        self._answers: dict[str, _Answer] = {}
        self._attempts: dict[str, tuple[int, float]] = {}
        self._ttl = 0.0
        self._sweeper: asyncio.Task[None] | None = None

    async def open(self, ttl: float) -> None:
        """Begin to sweep (see ``Log``)."""
        self._ttl = ttl
        self._sweeper = asyncio.create_task(self._sweep(), name="sseclaude relay: sweep")

    async def close(self) -> None:
        """Stop sweeping. What is kept stays, for a relay that opens it again."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.wait([self._sweeper])
            self._sweeper = None

    async def ping(self) -> None:
        """Return while the log is open."""
        if self._sweeper is None:
            raise LogUnavailableError("the log is closed")

    async def create(self, id: str, owner: str, digest: str, stop: Callable[[], None]) -> _Answer | Record:
        """Begin an answer (see ``Log``)."""
        if (answer := self._find(id)) is not None:
            return answer.record
        answer = self._answers[id] = _Answer(Record(id, owner, digest), stop, self._ttl)
        return answer

    async def record(self, id: str) -> Record:
        """Return what is kept of an answer (see ``Log``)."""
        return self._answer(id).record

    async def end(self, id: str, end: End) -> None:
        """End an answer (see ``Log``)."""
        self._answer(id).end_from_outside(end)

    async def read(self, id: str, after: int) -> Sequence[ServerSentEvent]:
        """Return some events (see ``Log``)."""
        return self._answer(id).feed.events[after : after + READ_AT_ONCE]

    @asynccontextmanager
    async def feed(self, id: str, after: int) -> AsyncIterator[Feed]:
        """Return the answer's feed (see ``Log``)."""
        answer = self._answer(id)
        check_after(after, answer.record.last)
        yield answer.feed

    async def attempt(self, key: str) -> int:
        """Return the attempt of a key (see ``Log``)."""
        return self._attempts.get(key, (0, 0.0))[0]

    async def set_attempt(self, key: str, attempt: int) -> None:
        """Note the attempt of a key (see ``Log``)."""
        self._attempts[key] = attempt, time.monotonic() + max(self._ttl, KEY_SECONDS)

    def _find(self, id: str) -> _Answer | None:
        answer = self._answers.get(id)
        return None if answer is None or answer.expires_at <= time.monotonic() else answer

    def _answer(self, id: str) -> _Answer:
        if (answer := self._find(id)) is None:
            raise not_found(id)
        return answer

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(min(SWEEP_SECONDS, max(self._ttl, 1.0)))
            now = time.monotonic()
            for id, answer in tuple(self._answers.items()):
                if answer.expires_at <= now:
                    del self._answers[id]
            self._attempts = {key: kept for key, kept in self._attempts.items() if kept[1] > now}
