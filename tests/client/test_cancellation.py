"""Reads that are cancelled, or broken off by an exception: the rows of docs/cancellation.md, one test for each."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx
import pytest

from sseclaude import Anthropic, APITimeoutError, AsyncAnthropic, IncompleteStreamError, Timeout
from sseclaude.client import retries
from sseclaude.replay import ReplayServer, Status
from tests.support import network
from tests.support.network import (
    ASK,
    CHUNKED,
    CLIENT,
    FRAMES,
    KEY,
    LAST_CHUNK,
    LONG,
    WORDS,
    RawServer,
    chunk,
    nothing_left,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("every_reader")]
SLOW: list[bytes | float | str] = [CHUNKED]
for _frame in FRAMES:
    SLOW += [0.03, chunk(_frame)]
SLOW += [LAST_CHUNK, "again", *SLOW, LAST_CHUNK, "hold"]

resuming = pytest.mark.parametrize("anyio_backend", ["asyncio", "uvloop"], indirect=True)


async def _with_heartbeat(read: Callable[[], Awaitable[Any]], beats: list[float]) -> Any:
    while True:
        try:
            return await asyncio.wait_for(read(), 0.01)
        except asyncio.TimeoutError:
            beats.append(time.monotonic())


@resuming
@pytest.mark.parametrize("how", ["raw", "events", "text", "until_done", "final"])
async def test_a_cancelled_read_loses_and_doubles_nothing(how: str) -> None:
    beats: list[float] = []
    with nothing_left(), RawServer(SLOW) as server:
        async with AsyncAnthropic(base_url=server.url, **CLIENT) as client:
            expected = await client.messages.create(**ASK)
            before = network.tasks_alive()
            if how == "raw":
                async with await client.messages.create(**ASK, stream=True) as raw:
                    kinds = []
                    try:
                        while True:
                            kinds.append((await _with_heartbeat(raw.__anext__, beats)).type)
                    except StopAsyncIteration:
                        pass
                assert len(kinds) == len(FRAMES)
            else:
                async with client.messages.stream(**ASK) as stream:
                    words = await READS[how](stream, beats)
                    assert words in (WORDS, None)
                    assert await stream.get_final_message() == expected
                    assert stream.deviations == []
            assert network.tasks_alive() == before
        assert beats
        assert server.connections == 1


async def _events(stream: Any, beats: list[float]) -> str:
    words = []
    try:
        while True:
            event = await _with_heartbeat(stream.__anext__, beats)
            words.append(event.text if event.type == "text" else "")
    except StopAsyncIteration:
        return "".join(words)


async def _texts(stream: Any, beats: list[float]) -> str:
    words, texts = [], stream.text_stream
    try:
        while True:
            words.append(await _with_heartbeat(texts.__anext__, beats))
    except StopAsyncIteration:
        return "".join(words)


async def _until_done(stream: Any, beats: list[float]) -> None:
    await _with_heartbeat(stream.until_done, beats)


async def _final(stream: Any, beats: list[float]) -> str:
    text: str = await _with_heartbeat(stream.get_final_text, beats)
    return text


READS: dict[str, Any] = {"events": _events, "text": _texts, "until_done": _until_done, "final": _final}


@resuming
async def test_the_idle_timeout_holds_through_cancelled_reads() -> None:
    options = {**CLIENT, "timeout": Timeout(connect=5, idle=0.1)}
    with nothing_left(), RawServer(LONG) as server:
        async with AsyncAnthropic(base_url=server.url, **options) as client, client.messages.stream(**ASK) as stream:
            with pytest.raises((APITimeoutError, IncompleteStreamError)) as caught:
                await _with_heartbeat(stream.until_done, [])
    assert caught.value.partial_message is not None
    assert caught.value.partial_message.text == "Hello, "


@resuming
@pytest.mark.parametrize("how", ["close", "drop", "leave"])
async def test_a_stream_with_a_cancelled_read_is_released(how: str) -> None:
    with nothing_left(), RawServer(LONG) as server:
        async with AsyncAnthropic(base_url=server.url, **CLIENT) as client:
            before, open_before = network.tasks_alive(), len(network.descriptors())
            stream: Any = await client.messages.create(**ASK, stream=True)
            for _ in range(3):
                await anext(stream)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(anext(stream), 0.01)
            if how == "close":
                await stream.close()
                assert [event async for event in stream] == []
            elif how == "leave":
                async with stream:
                    pass
            else:
                with pytest.warns(ResourceWarning):  # noqa: PT031
                    del stream
                    for _ in range(200):
                        await anyio.sleep(0.005)
                        if len(network.descriptors()) <= open_before:
                            break
            assert network.tasks_alive() == before
            await anyio.sleep(0.01)
            assert len(network.descriptors()) <= open_before


@resuming
async def test_a_cancelled_retry_goes_on(server: ReplayServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "INITIAL_BACKOFF", 0.08)
    for fault in (Status(529), (), Status(529)):
        server.faults.append(fault)
    beats: list[float] = []
    async with AsyncAnthropic(api_key=KEY, base_url=server.url, max_retries=3) as client:
        before = network.tasks_alive()
        server.faults[:] = [_overloaded_within(), Status(529), None]
        async with client.messages.stream(**ASK) as stream:
            assert await _with_heartbeat(stream.get_final_text, beats) == WORDS
            assert stream.attempts == 3
        assert beats
        assert network.tasks_alive() == before


@resuming
async def test_a_retry_that_nobody_waits_for_is_closed(server: ReplayServer) -> None:
    with nothing_left():
        async with AsyncAnthropic(api_key=KEY, base_url=server.url, max_retries=3) as client:
            before = network.tasks_alive()
            server.faults[:] = [_overloaded_within()]
            async with client.messages.stream(**ASK) as stream:
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(stream.until_done(), 0.05)
            assert network.tasks_alive() == before


def _overloaded_within() -> Any:
    from sseclaude.replay import Error

    return Error("overloaded_error", after_events=0)


@resuming
async def test_an_observer_that_is_cancelled_is_not_called_again(server: ReplayServer) -> None:
    seen: list[str] = []

    async def observe(event: Any) -> None:
        seen.append(event.type)
        if event.type == "text":
            await anyio.sleep(0.05)

    async with AsyncAnthropic(base_url=server.url, **CLIENT) as client:
        async with client.messages.stream(**ASK).on("event", observe) as stream:
            assert await _events(stream, []) == WORDS
        whole = list(seen)
        seen.clear()
        async with client.messages.stream(**ASK).on("event", observe) as stream:
            await stream.until_done()
    assert whole == seen


async def _broken_off(stream: Any) -> None:
    for later in (_all_events, _all_texts, _done, _message):
        with pytest.raises(IncompleteStreamError, match="broken off") as caught:
            await later(stream)
        assert caught.value.partial_message is not None
        assert caught.value.partial_message.text == "Hello, "


async def _all_events(stream: Any) -> None:
    [event async for event in stream]


async def _all_texts(stream: Any) -> None:
    [text async for text in stream.text_stream]


async def _done(stream: Any) -> None:
    await stream.until_done()


async def _message(stream: Any) -> None:
    await stream.get_final_message()


async def _read_until_cancelled(stream: Any) -> None:
    async for _ in stream.text_stream:
        break
    with anyio.move_on_after(0.02) as scope:
        await stream.until_done()
    assert scope.cancelled_caught


@pytest.mark.parametrize("anyio_backend", ["trio"], indirect=True)
async def test_on_trio_later_reads_raise() -> None:
    with nothing_left(), RawServer(LONG) as server:
        async with AsyncAnthropic(base_url=server.url, **CLIENT) as client, client.messages.stream(**ASK) as stream:
            await _read_until_cancelled(stream)
            await _broken_off(stream)


async def test_with_an_injected_client_later_reads_raise() -> None:
    with nothing_left(), RawServer(LONG) as server:
        async with httpx.AsyncClient() as http_client:
            client = AsyncAnthropic(base_url=server.url, http_client=http_client, **CLIENT)
            async with client.messages.stream(**ASK) as stream:
                await _read_until_cancelled(stream)
                await _broken_off(stream)


class AlarmError(Exception):
    """A signal handler's."""


def test_a_blocking_read_that_a_signal_breaks_off() -> None:
    def ring(*_: object) -> None:
        raise AlarmError

    before = signal.signal(signal.SIGALRM, ring)
    try:
        with nothing_left(), RawServer(LONG) as server, Anthropic(base_url=server.url, **CLIENT) as client:
            for read in (list, lambda stream: stream.until_done(), lambda stream: list(stream.text_stream)):
                with client.messages.stream(**ASK) as stream:
                    signal.setitimer(signal.ITIMER_REAL, 0.05)
                    with pytest.raises(AlarmError):
                        read(stream)
                    for later in (list, type(stream).until_done, type(stream).get_final_message):
                        with pytest.raises(IncompleteStreamError, match="broken off by AlarmError") as caught:
                            later(stream)
                        assert caught.value.partial_message is not None
                        assert caught.value.partial_message.text == "Hello, "
    finally:
        signal.signal(signal.SIGALRM, before)
