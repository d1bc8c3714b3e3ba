"""The relay itself: start, follow, state, message, cancel.

Purpose: ``Relay``, which reads answers from Claude into a log, and yields the log's events to readers.
Must not know: how a log stores events, and HTTP.
Rule: an answer belongs to no reader. The request is sent to Claude after the answer's entry is in the log; a reader
sees only what is in the log; the last event that a reader sees is ``message_stop`` or ``error``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import TYPE_CHECKING, Any

import httpx
from typing_extensions import Self

from ..errors import APIConnectionError, APIStatusError, OverloadedError, status_error
from ..message import Message
from ..sse import ServerSentEvent
from .assembling import assemble
from .log import End, Feed, Log, LogUnavailableError, Record, Writer
from .memory_log import MemoryLog
from .models import (
    AnswerState,
    check_id,
    conflict,
    error_data,
    id_of_key,
    key_digest,
    new_id,
    numbered,
    params_digest,
)
from .producer import LOST, Producer
from .raw_frames import RawFrames

if TYPE_CHECKING:
    from ..client.client import AsyncAnthropic

log = logging.getLogger("sseclaude.relay")

LAST_WORDS = 5.0
"""Seconds that the log has to take the ends of what is cut off on the way out."""

CANCELLED = End(
    "cancelled",
    "error",
    error_data("cancelled_error", "the answer was cancelled"),
    {"type": "cancelled_error", "message": "the answer was cancelled"},
)


class Relay:
    """Runs answers independently of their readers. ``async with`` opens and closes it.

    ``client`` asks Claude. ``log`` keeps the events, ``MemoryLog()`` if None. An answer is kept ``ttl`` seconds after
    its last event; one of more than ``max_bytes`` bytes fails. At most ``max_running`` run in this process. On the way
    out what runs has ``drain`` seconds, then it is ``lost``.
    """

    def __init__(
        self,
        client: AsyncAnthropic,
        log: Log | None = None,
        *,
        ttl: float = 3600.0,
        max_bytes: int = 16 << 20,
        max_running: int = 1000,
        drain: float = 20.0,
    ) -> None:
        if ttl <= 0 or max_bytes <= 0 or max_running <= 0 or drain < 0:
            raise ValueError("ttl, max_bytes and max_running are above 0, drain is not below")
        self.client = client
        self.log: Log = MemoryLog() if log is None else log
        self.max_running = max_running
        self.closing = False
        """Whether it is on the way out: no new answers are started."""
        self._ttl = ttl
        self._max_bytes = max_bytes
        self._drain = drain
        self._producers: dict[str, Producer] = {}
        self._starting = 0

    async def __aenter__(self) -> Self:
        await self.log.open(self._ttl)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()

    @property
    def running(self) -> int:
        """How many answers run in this process."""
        return len(self._producers)

    # --- for callers ---

    async def start(
        self, params: Mapping[str, Any], id: str | None = None, owner: str = "", *, key: str | None = None
    ) -> AnswerState:
        """Request an answer from Claude; return as soon as the log has its entry. It is read in this process.

        ``params`` are those of ``messages.create``, ``betas`` among them. A body that someone else wrote goes in as
        ``{"extra_body": body}``, so that it can set nothing but the body. ``key`` is an idempotency key, which makes
        the id: the same key and owner get the same answer, until Claude refuses it.

        An id, or key, that is there gives the answer that is there, if owner and question are the same. Raises
        ConflictError if not; ValueError for a bad id; TypeError and AnthropicError for what the client refuses without
        asking; OverloadedError past ``max_running``; LogUnavailableError, also once the relay is ``closing``. What
        Claude refuses is raised by ``started``.
        """
        digest, frames = await asyncio.to_thread(self._prepare, params)  # a question may be large
        if key is not None:
            id = await self._id_of_key(owner, key)
        id = new_id() if id is None else check_id(id)
        if self.closing:
            raise LogUnavailableError("this process is on the way out")
        if self.running + self._starting >= self.max_running:
            return _same(await self._there(id), owner, digest)
        self._starting += 1
        try:
            producer = Producer(id, frames, self._max_bytes, self._forget)
            made = await self.log.create(id, owner, digest, producer.stop)
            if isinstance(made, Record):
                return _same(made, owner, digest)
            self._begin(producer, made)
        finally:
            self._starting -= 1
        return AnswerState(id, owner, "running", 0)

    async def started(self, id: str) -> AnswerState:
        """Wait for the first event. Raises what Claude refused before it, from any process.

        An APIStatusError with Claude's status and body, and a ``response`` with its ``retry-after`` headers; or
        APIConnectionError, if no answer came at all. Other ends are no refusals. Raises NotFoundError.
        """
        async with self.log.feed(check_id(id), 0) as feed:
            while not (feed.last or feed.ended or feed.gone):
                await feed.wait()
        record = await self.log.record(id)
        if record.refusal is not None:
            raise _refusal(record.refusal)
        return record.state

    async def cancel(self, id: str) -> AnswerState:
        """End an answer, from any process; one that has ended stays as it is. Raises NotFoundError."""
        await self.log.end(check_id(id), CANCELLED)
        return await self.state(id)

    # --- for who reads ---

    async def state(self, id: str) -> AnswerState:
        """Return the state of an answer. Raises NotFoundError, LogUnavailableError."""
        return (await self.log.record(check_id(id))).state

    async def follow(self, id: str, after: int = 0) -> AsyncGenerator[ServerSentEvent, None]:
        """Yield the events after a number, as they come, up to the last one.

        Each has its number as ``id``. If the log loses the answer in the middle, the last event is an ``error``
        without an id. Raises NotFoundError; ValueError for a number beyond the last event; LogUnavailableError.
        """
        async with aclosing(self.batches(id, after)) as batches:
            async for batch in batches:
                for event in batch:
                    yield event

    async def batches(self, id: str, after: int = 0) -> AsyncGenerator[Sequence[ServerSentEvent], None]:
        """Do what ``follow`` does, yielding all the events that are there at once (at least one)."""
        async with self.log.feed(check_id(id), after) as feed:
            while True:
                events = feed.since(after)
                if events is None:
                    events = await self._page(id, after, feed)
                if events:
                    yield events
                    after += len(events)
                elif feed.gone or (feed.ended and after != feed.last):
                    yield [numbered("error", error_data("api_error", "the answer is gone from the log"), "")]
                    return
                elif feed.ended:
                    return
                else:
                    await feed.wait()

    async def message(self, id: str) -> Message | None:
        """Return the message as far as it has come, or None before it begins.

        Raises what ended the answer early, with ``partial_message``; NotFoundError, LogUnavailableError.
        """
        record = await self.log.record(check_id(id))
        if record.refusal is not None:
            raise _refusal(record.refusal)
        events: list[ServerSentEvent] = []
        while len(events) < record.last and (page := await self.log.read(id, len(events))):
            events.extend(page)
        return await assemble(events)

    async def ping(self) -> None:
        """Return if answers can be started here. Raises LogUnavailableError."""
        if self.closing:
            raise LogUnavailableError("this process is on the way out")
        await self.log.ping()

    # --- the way out ---

    async def aclose(self, drain: float | None = None) -> None:
        """Start no more answers, wait ``drain`` seconds for those that run, end the rest as ``lost``, close the log."""
        await self.drain(drain)
        await self.log.close()

    async def drain(self, seconds: float | None = None) -> None:
        """Do what ``aclose`` does, and leave the log open for readers. What runs gets this time only once."""
        self.closing = True
        ends = {asyncio.create_task(producer.ended()): producer for producer in self._producers.values()}
        if not ends:
            return
        _, left = await asyncio.wait(ends, timeout=self._drain if seconds is None else seconds)
        self._drain = 0.0
        for end in left:
            ends[end].abandon(LOST)
        if left:
            await asyncio.wait(left, timeout=LAST_WORDS)

    # --- inside ---

    def _prepare(self, params: Mapping[str, Any]) -> tuple[str, RawFrames]:
        """Return a question's digest, and the request that asks it. Raises what ``start`` raises for the params."""
        return params_digest(params), RawFrames(self.client, params)

    def _begin(self, producer: Producer, writer: Writer) -> None:
        self._producers[producer.id] = producer
        producer.begin(writer)
        if self.closing:  # since the log was asked
            producer.abandon(LOST)

    def _forget(self, id: str) -> None:
        self._producers.pop(id, None)

    async def _id_of_key(self, owner: str, key: str) -> str:
        """Return the id that a key stands for now: each refusal of Claude's frees the key for another attempt."""
        name = key_digest(owner, key)
        attempt = await self.log.attempt(name)
        while await self._was_refused(id_of_key(owner, key, attempt)):
            attempt += 1
            await self.log.set_attempt(name, attempt)
        return id_of_key(owner, key, attempt)

    async def _was_refused(self, id: str) -> bool:
        try:
            return (await self.log.record(id)).refusal is not None
        except APIStatusError as error:
            if error.status_code == 404:
                return False
            raise

    async def _there(self, id: str) -> Record:
        """Return what is there under an id, though nothing more may be started."""
        try:
            return await self.log.record(id)
        except APIStatusError as error:
            if error.status_code != 404:
                raise
        text = f"{self.max_running} answers are running here"
        body = {"type": "error", "error": {"type": "overloaded_error", "message": text}}
        raise OverloadedError(text, status_code=529, body=body)

    async def _page(self, id: str, after: int, feed: Feed) -> Sequence[ServerSentEvent]:
        """Read what the feed no longer has; wait while the log is away; nothing if the answer is gone."""
        while True:
            try:
                if page := await self.log.read(id, after):
                    return page
                return ()
            except LogUnavailableError:
                await asyncio.sleep(0.5)
            except APIStatusError:
                feed.lose()
                return ()


def _same(record: Record, owner: str, digest: str) -> AnswerState:
    """Return the state of an answer that is there. Raises ConflictError if it is another's, or to another question."""
    if (record.owner, record.digest) != (owner, digest):
        raise conflict(record.id)
    return record.state


def _refusal(refusal: Mapping[str, Any]) -> APIStatusError | APIConnectionError:
    """Make the error that Claude refused with, from what the log has of it."""
    if refusal["status"] is None:
        return APIConnectionError(refusal["message"])
    request = httpx.Request("POST", "/v1/messages")
    response = httpx.Response(refusal["status"], headers=refusal["headers"], json=refusal["body"], request=request)
    error = status_error(refusal["status"], refusal["body"], response=response)
    error.request_id = refusal["headers"].get("request-id")
    return error


__all__ = ["AnswerState", "Relay"]
