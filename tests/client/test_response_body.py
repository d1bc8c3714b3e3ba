"""Bodies under way: released once whatever happens, woken, drained, dropped. Sync, asyncio and trio."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest

from sseclaude import Anthropic, AnthropicError, AsyncAnthropic, IncompleteStreamError, ProtocolError, Timeout
from sseclaude.client.response_body import DRAIN_BYTES, SyncResponseBody
from sseclaude.client.timeouts import Deadline
from sseclaude.client.transport import body_error
from sseclaude.replay import Drip, Gzip, ReplayServer, Stall, Trailing
from tests.support import network
from tests.support.network import (
    ASK,
    CHUNKED,
    CLIENT,
    FACES,
    FRAMES,
    LAST_CHUNK,
    LONG,
    STREAM,
    Chunks,
    RawServer,
    ask,
    chunk,
    nothing_left,
)

pytestmark = pytest.mark.anyio


# --- the connection serves again -------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["final", "text", "events", "raw"])
def test_the_connection_serves_again_after_message_stop(server: ReplayServer, how: str) -> None:
    before = server.connections
    with Anthropic(base_url=server.url, **CLIENT) as client:
        for _ in range(5):
            if how == "raw":
                assert len(list(client.messages.create(**ASK, stream=True))) == len(FRAMES)
            else:
                with client.messages.stream(**ASK) as stream:
                    list(network.TAKEN[how](stream))
                    stream.until_done()
    assert server.connections == before + 1


async def test_the_connection_serves_again_after_message_stop_async(server: ReplayServer) -> None:
    before = server.connections
    async with AsyncAnthropic(base_url=server.url, **CLIENT) as client:
        for how in ("final", "text", "events", "text"):
            async with client.messages.stream(**ASK) as stream:
                async for _ in network.ATAKEN[how](stream):
                    pass
                await stream.until_done()
    assert server.connections == before + 1


@pytest.mark.parametrize("fault", [(), (Gzip(),), (Trailing(),), (Drip(7),)], ids=repr)
def test_it_serves_again_after_leaving_early_when_all_had_come(server: ReplayServer, fault: Any) -> None:
    before = server.connections
    with Anthropic(base_url=server.url, **CLIENT) as client:
        for _ in range(5):
            server.faults.append(fault)
            with client.messages.stream(**ASK) as stream:
                next(stream.text_stream)
                server.wait_for(len(server.requests), ended=True)  # all is on its way
    assert server.connections == before + 1


async def test_it_serves_again_after_leaving_early_when_all_had_come_async(server: ReplayServer) -> None:
    before = server.connections
    async with AsyncAnthropic(base_url=server.url, **CLIENT) as client:
        for _ in range(5):
            async with client.messages.stream(**ASK) as stream:
                async for _ in stream.text_stream:
                    break
                await anyio.to_thread.run_sync(lambda: server.wait_for(len(server.requests), ended=True))
    assert server.connections == before + 1


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    "rest",
    [["hold"], [chunk(b": comment\n" * 9) * 50_000, "hold"], [0.05, chunk(b": late\n\n"), LAST_CHUNK, "hold"]],
    ids=["silence", "no end", "a late end"],
)
def test_draining_gives_up_soon(face: str, rest: Any) -> None:
    with nothing_left(), RawServer([CHUNKED, chunk(STREAM), *rest]) as server:
        got = ask(face, base_url=server.url, timeout=30)
    assert got.message is not None


def test_draining_is_bounded_in_bytes() -> None:
    body = SyncResponseBody(httpx.Response(200, stream=Chunks(*[b"x" * 1024] * 1000)), *AT)
    body.network_stream = FakeNetworkStream()  # type: ignore[assignment]
    assert len(body.drain()) == DRAIN_BYTES
    assert body.released


class FakeNetworkStream:
    """A network_stream of nothing."""

    def wait(self, seconds: Any) -> None:
        assert 0 < seconds() <= 0.005

    def wake(self) -> None:
        raise AssertionError("nobody reads")

    def let_go(self) -> None:
        """It holds nothing."""


AT = (Deadline(Timeout()), 0.0, body_error)

# --- released once ---------------------------------------------------------------------------------------------------


class CallersError(Exception):
    """The caller's own."""


def leave(stream: Any) -> None:
    next(stream.text_stream)


def fail(stream: Any) -> None:
    leave(stream)
    raise CallersError


def close_twice(stream: Any) -> None:
    leave(stream)
    stream.close()
    stream.close()


def read_all(stream: Any) -> None:
    stream.until_done()
    stream.close()


@pytest.mark.parametrize("act", [leave, fail, close_twice, read_all, lambda stream: None], ids=str)
def test_a_response_is_closed_once(act: Any) -> None:
    transport = network.replayed("sync")
    with Anthropic(http_client=network.http_client("sync", transport), **CLIENT) as client:
        try:
            with client.messages.stream(**ASK) as stream:
                act(stream)
        except CallersError:
            pass
        stream.close()
    assert transport.counts == [1]


async def aleave(stream: Any) -> None:
    await anext(stream.text_stream)


async def afail(stream: Any) -> None:
    await aleave(stream)
    raise CallersError


async def aclose_twice(stream: Any) -> None:
    await aleave(stream)
    await stream.close()
    await stream.aclose()


async def aread_all(stream: Any) -> None:
    await stream.until_done()
    await stream.close()


async def acancel(stream: Any) -> None:
    await aleave(stream)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await anyio.sleep(1)


@pytest.mark.parametrize("act", [aleave, afail, aclose_twice, aread_all, acancel])
async def test_a_response_is_closed_once_async(act: Any) -> None:
    transport = network.replayed("asyncio")
    async with AsyncAnthropic(http_client=network.http_client("asyncio", transport), **CLIENT) as client:
        try:
            async with client.messages.stream(**ASK) as stream:
                await act(stream)
        except CallersError:
            pass
        await stream.close()
    assert transport.counts == [1]


def test_an_error_on_closing_is_nobody_s_news() -> None:
    class Broken(Chunks):
        def close(self) -> None:
            super().close()
            raise httpx.ReadError("closing failed")

    broken = Broken(STREAM)
    client = network.mocked("sync", lambda request: httpx.Response(200, stream=broken))
    assert ask("sync", http_client=client).message is not None
    assert broken.closed == 1


# --- cancelled, closed from elsewhere --------------------------------------------------------------------------------


async def test_the_request_itself_can_be_cancelled() -> None:
    with nothing_left(), RawServer(["hold"]) as server:
        async with AsyncAnthropic(base_url=server.url, **CLIENT) as client:
            with anyio.move_on_after(0.02) as scope:
                await client.messages.create(**ASK)
            assert scope.cancelled_caught


async def test_another_task_may_close_a_stream_that_is_read() -> None:
    with nothing_left(), RawServer(LONG) as server:
        async with AsyncAnthropic(base_url=server.url, **CLIENT) as client, client.messages.stream(**ASK) as stream:
            await aleave(stream)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stream.until_done)  # ends without a word: it was asked to
                await anyio.sleep(0.02)
                await stream.close()


@pytest.mark.parametrize("how", ["text_stream", "__iter__"])
def test_another_thread_may_close_a_stream_that_is_read(how: str) -> None:
    with (
        nothing_left(),
        RawServer(LONG) as server,
        Anthropic(base_url=server.url, **CLIENT) as client,
        client.messages.stream(**ASK) as stream,
    ):
        leave(stream)
        timer = threading.Timer(0.02, stream.close)
        timer.start()
        pieces = getattr(stream, how)
        assert list(pieces() if callable(pieces) else pieces) == []
        timer.join()
        with pytest.raises(IncompleteStreamError):
            stream.get_final_message()


def test_a_mock_that_blocks_is_left_when_its_chunk_comes() -> None:
    go = threading.Event()

    def chunks() -> Iterator[bytes]:
        yield b"".join(FRAMES[:3])
        go.wait(5)
        yield FRAMES[3]

    class Slow(Chunks):
        def __iter__(self) -> Iterator[bytes]:
            return chunks()

    slow = Slow()
    client = network.mocked("sync", lambda request: httpx.Response(200, stream=slow))
    with Anthropic(http_client=client, **CLIENT).messages.stream(**ASK) as stream:
        leave(stream)
        threading.Timer(0.02, lambda: (stream.close(), go.set())).start()
        assert list(stream) == []
    assert slow.closed == 1


async def test_a_mock_that_blocks_is_left_at_once_async() -> None:
    class Endless(Chunks):
        async def __anext__(self) -> bytes:
            for piece in self.chunks:
                return self._given(piece)
            await anyio.sleep_forever()
            raise AssertionError

    endless = Endless(*FRAMES[:3])
    client = network.mocked("asyncio", lambda request: httpx.Response(200, stream=endless))
    async with AsyncAnthropic(http_client=client, **CLIENT).messages.stream(**ASK) as stream:
        await aleave(stream)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stream.until_done)
            await anyio.sleep(0.01)
            await stream.close()
    assert endless.closed == 1


def test_two_threads_cannot_read_one_stream() -> None:
    with (
        RawServer(LONG) as server,
        Anthropic(base_url=server.url, **CLIENT) as client,
        client.messages.stream(**ASK) as stream,
    ):
        leave(stream)
        reader = threading.Thread(target=stream.until_done)
        reader.start()
        time.sleep(0.02)
        with pytest.raises(AnthropicError, match="being read already"):
            next(stream)
        assert reader.is_alive()
        stream.close()
        reader.join(5)
        assert not reader.is_alive()


async def test_two_tasks_cannot_read_one_stream() -> None:
    with RawServer(LONG) as server:
        async with AsyncAnthropic(base_url=server.url, **CLIENT) as client, client.messages.stream(**ASK) as stream:
            await aleave(stream)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stream.until_done)
                await anyio.sleep(0.01)
                with pytest.raises(AnthropicError, match="being read already"):
                    await anext(stream)
                await stream.close()


def test_closing_from_many_threads_while_reading(server: ReplayServer) -> None:
    with nothing_left(), Anthropic(base_url=server.url, **CLIENT) as client:
        for _ in range(30):
            server.faults.append((Drip(50),))
            stream = client.messages.create(**ASK, stream=True)
            closers = [threading.Thread(target=stream.close) for _ in range(4)]
            for closer in closers:
                closer.start()
            list(stream)
            for closer in closers:
                closer.join()
            assert stream._body.released


# --- bodies that were read already, compressed bodies ----------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"content-encoding": "gzip"}])
@pytest.mark.parametrize("face", FACES)
def test_a_body_that_an_event_hook_has_read(face: str, headers: dict[str, str], server: ReplayServer) -> None:
    if headers:
        server.faults.append((Gzip(),))

    def read(response: httpx.Response) -> None:
        response.read()

    async def aread(response: httpx.Response) -> None:
        await response.aread()

    kind: Any = httpx.Client if face == "sync" else httpx.AsyncClient
    hooks = {"response": [read if face == "sync" else aread]}
    with nothing_left():
        assert ask(face, base_url=server.url, http_client=kind(event_hooks=hooks)).error is None


def test_strict_reads_what_is_behind_a_compressed_message(server: ReplayServer) -> None:
    server.faults.append((Gzip(), Trailing(b"event: ping\ndata: not JSON\n\n")))
    got = ask("sync", base_url=server.url, strict=True)
    assert isinstance(got.error, ProtocolError)


@pytest.mark.parametrize("face", FACES)
def test_a_body_in_an_unknown_encoding_is_refused(face: str) -> None:
    client = network.mocked(face, lambda request: network.answer(b"\x0b\x02", content_encoding="br"))
    got = ask(face, http_client=client)
    assert isinstance(got.error, ProtocolError)
    assert "encoded as 'br'" in str(got.error)


@pytest.mark.parametrize("face", FACES)
def test_total_is_looked_at_without_a_network_stream_too(face: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("sseclaude.client.timeouts.monotonic", lambda: now[0])

    def later(request: httpx.Request) -> httpx.Response:
        now[0] += 10
        return network.answer(STREAM)

    got = ask(face, http_client=network.mocked(face, later), timeout=Timeout(connect=5, idle=5, total=9))
    assert "total=9 s ran out" in str(got.error)


@pytest.mark.parametrize("face", FACES)
def test_total_holds_through_pings(face: str, server: ReplayServer) -> None:
    server.faults.append((Stall(3, 0.0), Drip(1, 0.005)))
    got = ask(face, base_url=server.url, timeout=Timeout(connect=5, idle=5, total=0.15))
    assert "total=0.15 s ran out" in str(got.error)
    assert got.seconds < 3
