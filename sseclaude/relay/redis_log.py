"""A log in Redis Streams: any process may read its answers, and they outlive the process that produced them.

Purpose: ``RedisLog``; Redis 6.2 or later, or Valkey.
Must not know: clients or readers.
Rule: every write is one of the three scripts of ``scripts``. A producer has a lease. A process that finds it expired
ends the answer as ``lost``, but only if that process itself has reached Redis for the time of a lease, so that an
outage of Redis ends no answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from redis.exceptions import ResponseError

from ..sse import ServerSentEvent
from .log import End, Feed, LogUnavailableError, Record
from .memory_log import KEY_SECONDS
from .models import error_data, not_found
from .producer import LOST, own_end
from .redis_feeds import RedisFeeds, events_of, read_range
from .redis_link import LEASE, LOOK, RedisLink
from .redis_wire import Command, Reply
from .redis_writers import RedisWriter, RedisWriters
from .scripts import CREATE, END

UNREACHED = "the log could not be reached when the answer was to begin"
NEVER_ASKED = own_end(
    "failed",
    "api_error",
    UNREACHED,
    {"status": 503, "body": json.loads(error_data("api_error", UNREACHED)), "headers": {"retry-after": "1"}},
)
"""The end of an answer that nobody asked Claude for. A refusal: it frees the idempotency key."""

FIELDS = ("owner", "digest", "status", "last", "error", "refusal", "lease")


class RedisLog:
    """Keeps answers in Redis (see ``Log``). ``url`` is redis-py's: ``redis://``, ``rediss://``, ``unix://``."""

    def __init__(self, url: str, *, prefix: str = "sseclaude") -> None:
        self._link = RedisLink(url, prefix)
        self._feeds = RedisFeeds(self._link, self)
        self._writers = RedisWriters(self._link, lambda writer: self._feeds.leave_local(writer.id))
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, ttl: float) -> None:
        """Begin to write and to read (see ``Log``)."""
        self._link.ttl = ttl
        for run in (self._writers.run, self._feeds.run, self._feeds.listen, self._tick):
            self._tasks.append(asyncio.create_task(run(), name=f"sseclaude relay: {run.__qualname__}"))

    @property
    def recovering(self) -> bool:
        """Whether Redis was away a moment ago (see ``Log``)."""
        return self._link.recovering

    async def close(self) -> None:
        """Close all connections (see ``Log``)."""
        left = set(self._tasks)
        while left:  # a cancellation can get lost where redis-py makes a connection
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=0.2)
        self._tasks.clear()
        await self._link.close()

    async def check(self) -> None:
        """Check this Redis: is it reachable, writable, new enough; warn if it may evict answers.

        Raises LogUnavailableError.
        """
        await self._link.check()

    async def ping(self) -> None:
        """Return if Redis takes what is written (see ``Log``)."""
        await self._link.run(self._link.beat())

    async def create(self, id: str, owner: str, digest: str, stop: Callable[[], None]) -> RedisWriter | Record:
        """Begin an answer (see ``Log``)."""
        link = self._link
        writer = RedisWriter(self._writers, Record(id, owner, digest), stop)
        arguments = (writer.token, owner, digest, link.channel, int(LEASE * 1000), link.milliseconds(running=True))
        try:
            made = await link.run(link.evaluate(CREATE, id, *arguments))
        except LogUnavailableError:  # it may have been made for all that: then nobody must wait for it
            writer.end(NEVER_ASKED)
            self._writers.add(writer)
            raise
        if made != b"made":
            return await self.record(id)
        self._feeds.add_local(id, writer.feed)
        self._writers.add(writer)
        return writer

    async def record(self, id: str) -> Record:
        """Return what is kept of an answer (see ``Log``)."""
        commands, parse = self.states([id])
        record = parse(await self._link.exchange(commands))[id]
        if record is None:
            raise not_found(id)
        return await self.judge(record)

    async def end(self, id: str, end: End) -> None:
        """End an answer (see ``Log``)."""
        if await self._end(id, end) == b"gone":
            raise not_found(id)

    async def read(self, id: str, after: int) -> Sequence[ServerSentEvent]:
        """Return some events (see ``Log``)."""
        events = events_of(await self._link.run(read_range(self._link, id, after)), after)
        if not events:
            await self.record(id)
        return events

    @asynccontextmanager
    async def feed(self, id: str, after: int) -> AsyncIterator[Feed]:
        """Return the answer's feed (see ``Log``)."""
        async with self._feeds.open(id, after) as feed:
            yield feed

    async def attempt(self, key: str) -> int:
        """Return the attempt of a key (see ``Log``)."""
        return int(await self._link.run(("GET", self._link.key(key, "attempt"))) or 0)

    async def set_attempt(self, key: str, attempt: int) -> None:
        """Note the attempt of a key (see ``Log``)."""
        seconds = max(self._link.ttl, KEY_SECONDS)
        await self._link.run(("SET", self._link.key(key, "attempt"), attempt, "PX", int(seconds * 1000)))

    # --- for the feeds ---

    def states(self, ids: list[str]) -> tuple[list[Command], Callable[[list[Reply]], dict[str, Record | None]]]:
        """Return the commands that read the states of answers, and what makes records of the replies."""
        if not ids:
            return [], lambda _: {}
        commands: list[Command] = [("HMGET", self._link.key(id, "state"), *FIELDS) for id in ids]

        def parse(replies: list[Reply]) -> dict[str, Record | None]:
            *states, time = replies
            for reply in replies:
                if isinstance(reply, ResponseError):
                    raise LogUnavailableError(f"Redis refuses: {reply}") from reply
            now = int(time[0]) * 1000 + int(time[1]) // 1000
            records: dict[str, Record | None] = {}
            for id, fields in zip(ids, states, strict=True):
                records[id] = _record(id, fields, now)
            return records

        return [*commands, ("TIME",)], parse

    async def judge(self, record: Record) -> Record:
        """Return the record of an answer; end it as lost first, if its lease is over and this process may say so."""
        if not record.over or not self._link.may_judge:
            return record
        try:
            await self._end(record.id, LOST, only_over="over")
        except LogUnavailableError:
            self._link.doubt()
            raise
        commands, parse = self.states([record.id])
        judged = parse(await self._link.exchange(commands))[record.id]
        if judged is None:
            raise not_found(record.id)
        return judged

    def was_ended(self, id: str) -> None:
        """Hear that someone ended an answer of this process."""
        if (writer := self._writers.get(id)) is not None:
            writer.renew()

    def missed(self) -> None:
        """Hear that notifications may have been lost."""
        self._writers.renew_all()

    # --- inside ---

    async def _tick(self) -> None:
        """Let the others look at everything, every second, for ever."""
        while True:
            self._writers.wake()
            self._feeds.look_at_all()
            await asyncio.sleep(LOOK)

    async def _end(self, id: str, end: End, only_over: str = "") -> bytes:
        keep, channel = self._link.milliseconds(running=False), self._link.key(id, "new")
        arguments = (end.status, end.event, end.data, json.dumps(end.error), channel, keep, only_over, id)
        done: bytes = await self._link.run(self._link.evaluate(END, id, *arguments))
        return done


def _record(id: str, fields: list[bytes | None], now: int) -> Record | None:
    owner, digest, status, last, error, refusal, lease = ((field or b"").decode("utf-8", "replace") for field in fields)
    if not status:
        return None
    found: Any = status
    over = status == "running" and int(lease) <= now
    return Record(id, owner, digest, found, int(last), _parsed(error), _parsed(refusal), over)


def _parsed(text: str) -> Any:
    return json.loads(text) if text else None
