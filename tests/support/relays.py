"""Claude for the relay's tests: a transport whose answers come event by event, when the test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx

from sseclaude import AsyncAnthropic, ServerSentEvent
from sseclaude.relay import MemoryLog, RedisLog, Relay
from sseclaude.relay.log import Log
from tests.support.network import FRAMES, KEY

NUMBERS = list(range(1, len(FRAMES) + 1))


class Claude(httpx.AsyncBaseTransport):
    """Answers every request with what is ``said``; ``close`` ends all answers, ``closed`` counts the readers that left.

    ``refusals`` are the responses that the next requests get instead.
    """

    def __init__(self, *said: bytes) -> None:
        self.requests: list[httpx.Request] = []
        self.closed = 0
        self.refusals: list[httpx.Response] = []
        self._said = list(said)
        self._over = False
        self._changed = asyncio.Event()

    def say(self, *frames: bytes, end: bool = False) -> None:
        """Let all answers go on."""
        self._said += frames
        self._over = self._over or end
        self._changed.set()
        self._changed = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.refusals:
            return self.refusals.pop(0)
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=_Body(self))


class _Body(httpx.AsyncByteStream):
    def __init__(self, claude: Claude) -> None:
        self._claude = claude

    async def __aiter__(self) -> AsyncIterator[bytes]:
        claude, at = self._claude, 0
        while at < len(claude._said) or not claude._over:
            if at < len(claude._said):
                at += 1
                yield claude._said[at - 1]
            else:
                await claude._changed.wait()

    async def aclose(self) -> None:
        self._claude.closed += 1


def whole() -> Claude:
    """Claude with one answer that is there at once."""
    claude = Claude()
    claude.say(*FRAMES, end=True)
    return claude


@asynccontextmanager
async def relay_of(claude: httpx.AsyncBaseTransport, log: Log | None = None, **options: Any) -> AsyncIterator[Relay]:
    """A relay that asks this Claude."""
    async with httpx.AsyncClient(transport=claude) as http:
        client = AsyncAnthropic(api_key=KEY, http_client=http, max_retries=0)
        async with Relay(client, log, **{"drain": 0, **options}) as relay:
            yield relay


def log_of(url: str | None) -> Log:
    """A log in Redis, or in memory."""
    return MemoryLog() if url is None else RedisLog(url)


async def follow(relay: Relay, id: str, after: int = 0) -> list[ServerSentEvent]:
    """All events after a number."""
    return [event async for event in relay.follow(id, after)]


def ids(events: Sequence[ServerSentEvent]) -> list[str]:
    """The events' ids."""
    return [event.id for event in events]


def as_sent(events: Sequence[ServerSentEvent]) -> bytes:
    """The events as Claude sent them."""
    return b"".join(b"event: %b\ndata: %b\n\n" % (event.event.encode(), event.raw) for event in events)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that nothing notifies of."""
    with anyio.fail_after(10):
        while not condition():  # noqa: ASYNC110
            await anyio.sleep(0.01)


async def seen(relay: Relay, id: str, number: int) -> None:
    """Wait until the log has an event."""
    with anyio.fail_after(20):
        async with relay.log.feed(id, 0) as feed:
            while feed.last < number:
                await feed.wait()
