"""The followers' side of a log in Redis: one reader for all answers that are followed in this process.

Purpose: ``RedisFeeds``, which brings the feeds of these answers up to date.
Must not know: who follows.
Rule: only the log counts. A notification just says that there may be something new, and the log is also read every
second without one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from redis.asyncio.client import PubSub
from redis.exceptions import RedisError, ResponseError

from ..sse import ServerSentEvent
from .log import Feed, LogUnavailableError, Record, check_after
from .models import numbered
from .redis_link import LOOK, RedisLink
from .redis_wire import Command, Reply

log = logging.getLogger("sseclaude.relay")

PAGE = 32
"""Batches that are read at once."""

GONE = (RedisError, OSError, AttributeError)
"""What a subscription raises once its connection is gone; the last if it goes in the middle of a command."""

WINDOW = 8192
"""Events that a feed holds for its followers; a follower that is further behind reads from the log."""


def read_range(link: RedisLink, id: str, after: int) -> Command:
    """Return the command that reads the batches with the events after a number."""
    return ("XRANGE", link.key(id, "events"), f"{after + 1}", "+", "COUNT", PAGE)


def events_of(entries: Reply, after: int) -> list[ServerSentEvent]:
    """Return the events after a number from the reply to ``read_range``."""
    events: list[ServerSentEvent] = []
    for name, fields in entries:
        number = int(name.partition(b"-")[0]) - len(fields) // 2
        for at in range(0, len(fields), 2):
            number += 1
            if number > after:
                events.append(numbered(fields[at].decode("utf-8", "replace"), fields[at + 1], number))
    return events


class _Followed:
    """An answer that is followed here."""

    def __init__(self, feed: Feed | None = None) -> None:
        self.feed = feed
        self.followers = 0
        self.local = feed is not None  # its producer is in this process, and fills the feed
        self.opening = asyncio.Lock()


class States(Protocol):
    """What the feeds need to know of answers beside their events, and what they have heard."""

    async def record(self, id: str) -> Record:
        """Read an answer's state."""
        ...

    async def judge(self, record: Record) -> Record:
        """End an answer if its producer is dead, and return its state."""
        ...

    def states(self, ids: list[str]) -> tuple[list[Command], Callable[[list[Reply]], dict[str, Record | None]]]:
        """Return the commands that read states, and what makes records of the replies."""
        ...

    def was_ended(self, id: str) -> None:
        """Hear that someone ended an answer of this process."""
        ...

    def missed(self) -> None:
        """Hear that notifications may have been lost."""
        ...


class RedisFeeds:
    """Keeps feeds up to date."""

    def __init__(self, link: RedisLink, states: States) -> None:
        self._link = link
        self._states = states
        self._look_at_all = False
        self._followed: dict[str, _Followed] = {}
        self._dirty: set[str] = set()
        self._woken = asyncio.Event()
        self._pubsub: PubSub | None = None

    # --- for followers ---

    @asynccontextmanager
    async def open(self, id: str, after: int) -> AsyncIterator[Feed]:
        """Return a feed (see ``Log.feed``)."""
        followed = self._followed.setdefault(id, _Followed())
        followed.followers += 1
        try:
            async with followed.opening:
                if followed.feed is None or followed.feed.gone:
                    followed.feed = await self._begin(id, after)
                elif followed.feed.ended or not 0 <= after <= followed.feed.last:
                    await self._catch_up(id, after)
            yield followed.feed
        finally:
            followed.followers -= 1
            if not followed.followers and not followed.local:
                await self._drop(id, followed)

    async def _begin(self, id: str, after: int) -> Feed:
        """Make the feed: from where its first follower begins, unless that is far behind."""
        record = await self._states.record(id)
        self._check(after, record)
        feed = Feed(min(after, record.last) if record.last - after < WINDOW else record.last)
        while feed.last < record.last:
            entries = await self._link.run(read_range(self._link, id, feed.last))
            if not (events := events_of(entries, feed.last)):
                break
            feed.events.extend(events)
            feed.last += len(events)
        if record.status != "running":
            feed.ended = True
            return feed
        await self._subscribe(id)
        self.look(id)
        return feed

    async def _catch_up(self, id: str, after: int) -> None:
        """See whether the log still has an answer that ended, and an event that was seen elsewhere before."""
        record = await self._states.record(id)
        self._check(after, record)
        self.look(id)

    def _check(self, after: int, record: Record) -> None:
        """Raise ValueError for an event that the answer does not have; LogUnavailableError if it may have it soon."""
        if after > record.last and record.status == "running" and self._link.recovering:
            raise LogUnavailableError(f"Redis was away, and what came before event {after} is being written again")
        check_after(after, record.last)

    async def _drop(self, id: str, followed: _Followed) -> None:
        if self._followed.get(id) is followed:
            del self._followed[id]
            if self._pubsub is not None:
                with suppress(*GONE):
                    await self._pubsub.unsubscribe(self._link.key(id, "new"))

    async def _subscribe(self, id: str) -> None:
        if self._pubsub is not None:
            with suppress(*GONE):  # the looks do until the listener has made a new subscription
                await self._pubsub.subscribe(self._link.key(id, "new"))

    # --- for producers in this process ---

    def add_local(self, id: str, feed: Feed) -> None:
        """Offer a feed that its producer fills."""
        self._followed[id] = _Followed(feed)

    def leave_local(self, id: str) -> None:
        """Say that a feed's producer is over: if it has not shown the end, the log has it."""
        followed = self._followed.get(id)
        if followed is None or not followed.local:
            return
        followed.local = False
        if not followed.followers:
            del self._followed[id]
        else:
            self.look(id)

    # --- reading ---

    def look(self, id: str) -> None:
        """Read an answer soon."""
        self._dirty.add(id)
        self._woken.set()

    def look_at_all(self) -> None:
        """Read everything soon."""
        self._look_at_all = True
        self._woken.set()

    async def run(self) -> None:
        """Read what changed, for ever."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            everything, self._look_at_all = self._look_at_all, False
            ids, self._dirty = set(self._followed) if everything else self._dirty, set()
            try:
                await self._read(ids, everything)
            except LogUnavailableError as error:
                log.debug("%s", error)
                if everything:
                    self._link.note_beat(None)
            except Exception:
                log.exception("reading the log failed")

    async def _read(self, ids: set[str], beat: bool) -> None:
        """Read these answers in one exchange."""
        feeds = {id: feed for id in ids if (feed := self._open_feed(id)) is not None}
        states, parse = self._states.states(list(feeds))
        commands = [read_range(self._link, id, feed.last) for id, feed in feeds.items()]
        if beat:
            commands.append(self._link.beat())
        if not (commands := [*commands, *states]) or not (feeds or beat):
            return
        replies = await self._link.exchange(commands)
        if beat:
            self._link.note_beat(replies[len(feeds)])
        records = parse(replies[len(feeds) + beat :])
        for (id, feed), entries in zip(feeds.items(), replies[: len(feeds)], strict=True):
            if isinstance(entries, ResponseError):
                raise LogUnavailableError(f"Redis refuses: {entries}")
            await self._take(id, feed, events_of(entries, feed.last), records[id])

    def _open_feed(self, id: str) -> Feed | None:
        followed = self._followed.get(id)
        if followed is None or followed.local or followed.feed is None or followed.feed.ended or followed.feed.gone:
            return None
        return followed.feed

    async def _take(self, id: str, feed: Feed, events: list[ServerSentEvent], record: Record | None) -> None:
        """Show what was read of an answer."""
        if record is None:
            feed.lose()
            return
        if record.status == "running":
            record = await self._states.judge(record)
        if events:
            feed.events.extend(events)
            if len(feed.events) > 2 * WINDOW:
                del feed.events[:WINDOW]
                feed.first += WINDOW
        last = feed.last + len(events)
        ended = record.status != "running"
        if ended and record.last < feed.last:  # a failover took what was seen already, and its producer is dead
            feed.lose()
        elif events or ended:
            feed.show(last, ended=ended and last >= record.last)
        if record.last > last:
            self.look(id)

    # --- notifications ---

    async def listen(self) -> None:
        """Listen to notifications, for ever."""
        while True:
            pubsub = self._link.pubsub()
            try:
                await pubsub.subscribe(self._link.channel, *(self._link.key(id, "new") for id in self._followed))
                self._pubsub = pubsub
                for id in self._followed:
                    self.look(id)
                self._states.missed()
                while True:
                    await self._hear(pubsub)
            except GONE as error:
                log.debug("no notifications: %s", error)
            finally:
                self._pubsub = None
                with suppress(*GONE):
                    await pubsub.aclose()  # type: ignore[no-untyped-call]
            await asyncio.sleep(LOOK)

    async def _hear(self, pubsub: PubSub) -> None:
        message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=30.0)
        if message is None:
            return
        if message["channel"] == self._link.channel.encode():
            self._states.was_ended(message["data"].decode())
        else:
            self.look(self._link.id_of(message["channel"]))
