"""A stream that is dropped warns, frees its connection and leaves nothing open, wherever the drop happens."""

from __future__ import annotations

import gc
import threading
import time
from typing import Any

import anyio
import httpx
import pytest

from sseclaude import Anthropic, AsyncAnthropic, Timeout
from sseclaude.client.response_body import AsyncResponseBody, OpenResponses
from sseclaude.client.timeouts import Deadline
from sseclaude.client.transport import body_error
from sseclaude.replay import ReplayServer
from tests.support import network
from tests.support.network import (
    ASK,
    CHUNKED,
    CLIENT,
    LAST_CHUNK,
    LONG,
    STREAM,
    WORDS,
    Chunks,
    RawServer,
    chunk,
    descriptors,
    nothing_left,
)

pytestmark = pytest.mark.anyio
AT = (Deadline(Timeout()), 0.0, body_error)


@pytest.mark.parametrize("reads", [0, 1])
@pytest.mark.parametrize("cycle", [False, True])
def test_a_dropped_stream_warns_and_frees_its_connection(reads: int, cycle: bool) -> None:
    with nothing_left(), RawServer(LONG) as server, Anthropic(base_url=server.url, **CLIENT) as client:
        before = descriptors()
        stream: Any = client.messages.create(**ASK, stream=True)
        for _ in range(reads):
            next(stream)
        if cycle:
            stream.myself = stream
        with pytest.warns(ResourceWarning, match="dropped without being closed"):  # noqa: PT031
            del stream
            gc.collect()
        for _ in range(200):
            if len(descriptors()) == len(before):
                break
            time.sleep(0.005)
        assert len(descriptors()) <= len(before)


@pytest.mark.parametrize("reads", [0, 1])
@pytest.mark.parametrize("cycle", [False, True])
async def test_a_dropped_stream_warns_and_frees_its_connection_async(reads: int, cycle: bool) -> None:
    with nothing_left(), RawServer(LONG) as server:
        async with AsyncAnthropic(base_url=server.url, **CLIENT) as client:
            before = descriptors()
            stream: Any = await client.messages.create(**ASK, stream=True)
            for _ in range(reads):
                await anext(stream)
            if cycle:
                stream.myself = stream
            with pytest.warns(ResourceWarning, match="dropped without being closed") as warned:  # noqa: PT031
                del stream
                gc.collect()
                for _ in range(200):
                    await anyio.sleep(0.005)
                    if len(descriptors()) <= len(before):
                        break
            assert len(descriptors()) <= len(before)
            assert len(warned) == 1  # and none of an asynchronous generator


def test_a_stream_dropped_while_the_pool_is_locked_does_not_hang() -> None:
    """The collector may run anywhere, under a lock that closing takes too."""
    locked = threading.Lock()

    class Locking(httpx.HTTPTransport):
        collect = False

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            with locked:
                if self.collect:
                    gc.collect()
            response = super().handle_request(request)
            stream: Any = response.stream
            close = stream.close
            stream.close = lambda: self._close(close)
            return response

        def _close(self, close: Any) -> None:
            assert locked.acquire(timeout=1)
            close()
            locked.release()

    transport = Locking()
    again = [CHUNKED, chunk(STREAM), LAST_CHUNK, "hold"]
    with RawServer(LONG, again) as server, httpx.Client(transport=transport) as http_client:
        client = Anthropic(base_url=server.url, http_client=http_client, **CLIENT)
        stream: Any = client.messages.create(**ASK, stream=True)
        next(stream)
        stream.myself = stream
        del stream
        transport.collect = True
        with pytest.warns(ResourceWarning):
            assert client.messages.create(**ASK).text == WORDS


def test_a_thousand_dropped_streams_leave_no_descriptor(server: ReplayServer) -> None:
    with nothing_left(), Anthropic(base_url=server.url, **CLIENT) as client:
        limits = httpx.Limits(max_connections=5)
        with httpx.Client(limits=limits) as http_client:
            few = Anthropic(base_url=server.url, http_client=http_client, **CLIENT)
            with pytest.warns(ResourceWarning):  # noqa: PT031
                for number in range(1000):
                    stream: Any = (few if number % 2 else client).messages.create(**ASK, stream=True)
                    if number % 3:
                        next(stream)
                    del stream
            assert few.messages.create(**ASK).text == WORDS
        assert client.messages.create(**ASK).text == WORDS


async def test_a_hundred_dropped_streams_leave_no_descriptor_async(server: ReplayServer) -> None:
    with nothing_left():
        async with AsyncAnthropic(base_url=server.url, **CLIENT) as client:
            with pytest.warns(ResourceWarning) as warned:  # noqa: PT031
                for number in range(100):
                    stream: Any = await client.messages.create(**ASK, stream=True)
                    if number % 3:
                        await anext(stream)
                    del stream
            assert (await client.messages.create(**ASK)).text == WORDS
            assert len(warned) == 100


def test_a_dropped_mock_is_closed_too() -> None:
    chunks = Chunks(STREAM)
    client = network.mocked("sync", lambda request: httpx.Response(200, stream=chunks))
    stream: Any = Anthropic(http_client=client, **CLIENT).messages.create(**ASK, stream=True)
    with pytest.warns(ResourceWarning):
        del stream
    assert chunks.closed == 1


def test_a_dropped_stream_is_freed_where_warnings_are_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.unraisablehook", lambda unraisable: None)
    chunks = Chunks(STREAM)
    client = network.mocked("sync", lambda request: httpx.Response(200, stream=chunks))
    stream: Any = Anthropic(http_client=client, **CLIENT).messages.create(**ASK, stream=True)
    del stream
    assert chunks.closed == 1


def test_a_stream_that_was_dropped_after_its_loop_ended_is_left_to_it() -> None:
    async def make() -> AsyncResponseBody:
        return AsyncResponseBody(httpx.Response(200, stream=Chunks(STREAM)), *AT)

    for backend in ("asyncio", "trio"):
        body = anyio.run(make, backend=backend)
        with pytest.warns(ResourceWarning):  # noqa: PT031
            del body
            gc.collect()  # the loop's last task holds it, too


def test_responses_may_be_dropped_in_many_threads() -> None:
    open_responses, closed = OpenResponses(), []

    class Response:
        def close(self) -> None:
            closed.append(self)

    for _ in range(500):
        open_responses.defer_close(Response(), None)  # type: ignore[arg-type]
    sweepers = [threading.Thread(target=open_responses.sweep) for _ in range(8)]
    for sweeper in sweepers:
        sweeper.start()
    for sweeper in sweepers:
        sweeper.join()
    assert len(closed) == 500
