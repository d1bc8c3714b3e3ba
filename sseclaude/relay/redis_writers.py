"""The producers' side of a log in Redis: the new events of all of them are sent in one round trip.

Purpose: ``RedisWriter``, one for each answer of this process; ``RedisWriters``, which sends for all.
Must not know: followers in other processes; the script notifies them.
Rule: a writer keeps its events for a while after Redis has had the last one, so that events which a failover lost are
written again. Only one exchange runs at a time; events that come meanwhile go with the next, so batches grow with the
load.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from secrets import token_hex
from typing import Any, TypeAlias

from redis.exceptions import NoScriptError, ResponseError

from .log import End, Feed, LogUnavailableError, Record
from .models import numbered
from .redis_link import LEASE, RENEWAL, RedisLink
from .redis_wire import Command, Reply
from .scripts import APPEND

log = logging.getLogger("sseclaude.relay")

BATCH_EVENTS = 500
BATCH_BYTES = 64 * 1024
"""What one append may have, unless one event has more."""

PAUSE = 0.25
"""Seconds before what was refused is tried again."""


class RedisWriter:
    """Writes one answer (see ``Writer``)."""

    def __init__(self, group: RedisWriters, record: Record, stop: Callable[[], None]) -> None:
        self.id = record.id
        self.token = token_hex(16)
        self.feed = Feed()
        self._record = record
        self._group = group
        self._stop = stop
        self._end: End | None = None
        self._written = 0  # events that Redis has
        self._renew_at = 0.0
        self._verify_at: float | None = None  # when to look whether Redis still has the end
        self._upto = 0
        self._settled = asyncio.Event()
        self._result: Record | None = None
        self.over = False  # nothing more is to be sent

    def put(self, event: str, data: bytes) -> None:
        """Add an event (see ``Writer``)."""
        if self._end is None and not self.over:
            self.feed.events.append(numbered(event, data, len(self.feed.events) + 1))
            self._group.wake()

    def end(self, end: End) -> None:
        """Add the last event (see ``Writer``)."""
        if self._end is None and not self.over:
            self.put(end.event, end.data)
            self._end = end

    async def settled(self) -> Record | None:
        """Wait for the end (see ``Writer``)."""
        await self._settled.wait()
        return self._result

    def renew(self) -> None:
        """Look at the answer now: someone ended it."""
        self._renew_at = 0.0
        self._group.wake()

    # --- for the group ---

    def is_due(self, now: float) -> bool:
        """Whether there is something to send."""
        return self._written < len(self.feed.events) or now >= self._renew_at

    def command(self) -> Command:
        """Return the append of what Redis does not have yet, or of nothing."""
        events = self.feed.events
        upto, size, fields = self._written, 0, list[Any]()
        while upto < len(events) and upto - self._written < BATCH_EVENTS and (size < BATCH_BYTES):
            event, data, _, _ = events[upto]
            fields += (event, data)
            size += len(data)
            upto += 1
        self._upto = upto
        status, error, refusal = "", "", ""
        if self._end is not None and upto == len(events):
            status = self._end.status
            error, refusal = _json(self._end.error), _json(self._end.refusal)
        link = self._group.link
        keep = link.milliseconds(running=not status)
        channel = link.key(self.id, "new")
        arguments = (self.token, self._written + 1, upto, channel, int(LEASE * 1000), keep, status, error, refusal)
        return link.evaluate(APPEND, self.id, *arguments, *fields)

    def take(self, reply: Reply) -> None:
        """Take the reply to ``command``."""
        what, last = reply[0], reply[1]
        now = time.monotonic()
        self._renew_at = now + RENEWAL
        if what == b"gone":
            self._finish(None)
            self.feed.lose()
        elif what == b"ended" and not self._is_own(last, reply[2]):
            self._give_up(last, reply[2].decode())
        elif what == b"at":
            self._written = last
        else:
            self._written = last
            self._note_end(now)

    def _is_own(self, last: int, status: bytes) -> bool:
        return self._end is not None and status.decode() == self._end.status and last == len(self.feed.events)

    def _note_end(self, now: float) -> None:
        """Show what Redis has now; once it has the end for long enough, forget the answer."""
        ended = self._end is not None and self._written == len(self.feed.events)
        self.feed.show(self._written, ended=ended)
        if not ended or self._end is None:
            return
        if self._verify_at is None:
            self._verify_at = now + RENEWAL
            end = self._end
            self._settle(
                self._record._replace(last=self._written, status=end.status, error=end.error, refusal=end.refusal)
            )
        elif now >= self._verify_at:
            self.over = True

    def _give_up(self, last: int, status: str) -> None:
        """Leave the answer to who ended it: the end is Redis's to show."""
        del self.feed.events[self.feed.last :]
        self._finish(self._record._replace(last=last, status=status))  # type: ignore[arg-type]

    def _finish(self, result: Record | None) -> None:
        self.over = True
        self._settle(result)
        self._stop()

    def _settle(self, result: Record | None) -> None:
        if not self._settled.is_set():
            self._result = result
            self._settled.set()


def _json(value: Any) -> str:
    return "" if value is None else json.dumps(dict(value))


Exchange: TypeAlias = tuple[list[RedisWriter], list[Command]]
"""Writers, and the command of each."""


class RedisWriters:
    """Sends for all answers of this process. ``forget(writer)`` is called when a writer is over."""

    def __init__(self, link: RedisLink, forget: Callable[[RedisWriter], None]) -> None:
        self.link = link
        self._forget = forget
        self._writers: dict[str, RedisWriter] = {}
        self._is_busy = False  # an exchange runs, or is about to
        self._not_taken: asyncio.Queue[Exchange] = asyncio.Queue()

    def add(self, writer: RedisWriter) -> None:
        """Begin to send for a writer."""
        self._writers[writer.id] = writer
        self.wake()

    def get(self, id: str) -> RedisWriter | None:
        """Return the writer of an answer, if it is one of this process."""
        return self._writers.get(id)

    def wake(self) -> None:
        """Send what there is, together with what else comes in this step of the event loop."""
        if not self._is_busy:
            self._is_busy = True
            asyncio.get_running_loop().call_soon(self._send)

    def renew_all(self) -> None:
        """Look at all answers now: a notification may have been lost."""
        for writer in self._writers.values():
            writer.renew()

    async def run(self) -> None:
        """Send what could not be sent at once, for ever: there was no connection, or Redis did not know the script."""
        while True:
            due, commands = await self._not_taken.get()
            try:
                self._take(due, await self.link.append(commands))
            except LogUnavailableError as error:
                log.debug("%s", error)
                self._pause()

    def _send(self) -> None:
        """Send for those who have something. In the likely case callbacks do all, which cost less than a task."""
        now = time.monotonic()
        due = [writer for writer in self._writers.values() if writer.is_due(now)]
        self._is_busy = bool(due)
        if not due:
            return
        commands = [writer.command() for writer in due]

        def done(outcome: list[Reply] | Exception) -> None:
            if isinstance(outcome, Exception) or any(isinstance(reply, NoScriptError) for reply in outcome):
                self._not_taken.put_nowait((due, commands))
            else:
                self._take(due, outcome)

        self.link.append_now(commands, done)

    def _take(self, due: list[RedisWriter], replies: list[Reply]) -> None:
        """Take the replies, and send what has come meanwhile; after a pause, if Redis refused something."""
        is_taken = True
        for writer, reply in zip(due, replies, strict=True):
            if isinstance(reply, ResponseError):  # full, or read-only
                log.debug("Redis refuses: %s", reply)
                is_taken = False
                continue
            writer.take(reply)
            if writer.over:
                del self._writers[writer.id]
                self._forget(writer)
        if is_taken:
            self._send()
        else:
            self._pause()

    def _pause(self) -> None:
        asyncio.get_running_loop().call_later(PAUSE, self._send)
