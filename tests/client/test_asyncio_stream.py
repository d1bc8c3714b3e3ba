"""Tests of the streams on asyncio's own protocol, against a server in the same loop."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpcore
import pytest

from sseclaude.client import asyncio_stream
from sseclaude.client.asyncio_stream import MOST_BYTES, _AsyncioStream, adopted

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("anyio_backend", ["asyncio", "uvloop"], indirect=True)]


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[_AsyncioStream, asyncio.StreamReader, asyncio.StreamWriter]]:
    """A stream, and the server's side of it."""
    served: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    server = await asyncio.start_server(lambda *pair: served.put_nowait(pair), "127.0.0.1", 0)
    opened = await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", server.sockets[0].getsockname()[1], 5)
    stream = adopted(opened)
    assert isinstance(stream, _AsyncioStream)
    reader, writer = await served.get()
    try:
        yield stream, reader, writer
    finally:
        await stream.aclose()
        writer.close()
        server.close()
        await server.wait_closed()


async def until(condition: Callable[[], Any]) -> None:
    """Let the loop run until something is so."""
    for _ in range(5000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never was so")


async def test_bytes_that_came_are_read_at_once_and_in_order() -> None:
    async with connected() as (stream, _, writer):
        writer.write(b"one")
        assert await stream.read(100, 5) == b"one"
        writer.write(b"two")
        await until(lambda: stream.get_extra_info("is_readable"))
        assert [await stream.read(2, 5), await stream.read(2, 5)] == [b"tw", b"o"]
        assert not stream.get_extra_info("is_readable")


async def test_a_read_that_is_cancelled_loses_nothing() -> None:
    async with connected() as (stream, _, writer):
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(stream.read(100, 5), 0.01)
        reading = asyncio.ensure_future(stream.read(100, 5))
        await asyncio.sleep(0)
        writer.write(b"late")
        await until(lambda: stream.get_extra_info("is_readable") or reading.done())
        reading.cancel()
        await asyncio.wait([reading])
        came = b"" if reading.cancelled() else reading.result()
        assert (came or await stream.read(100, 5)) == b"late"


async def test_each_read_has_its_own_timeout_though_one_timer_serves_all() -> None:
    async with connected() as (stream, _, writer):
        writer.write(b"x")
        assert await stream.read(1, 60) == b"x"
        reading = asyncio.ensure_future(stream.read(1, 60))
        await asyncio.sleep(0)
        writer.write(b"y")
        assert await reading == b"y"
        with pytest.raises(httpcore.ReadTimeout):
            await stream.read(1, 0.02)  # shorter than the timer that runs
        reading = asyncio.ensure_future(stream.read(1, 0.05))
        await asyncio.sleep(0)
        writer.write(b"z")
        assert await reading == b"z"
        asyncio.get_running_loop().call_later(0.1, writer.write, b"!")
        assert await stream.read(1, 5) == b"!"  # the timer of the read before went off in between
        asyncio.get_running_loop().call_later(0.1, writer.write, b"?")
        assert await stream.read(1, None) == b"?"


async def test_a_server_that_sends_more_than_is_read_is_held_up() -> None:
    async with connected() as (stream, _, writer):
        sent = MOST_BYTES * 40
        writer.write(b"." * sent)
        await until(lambda: stream._protocol.size > MOST_BYTES)
        await asyncio.sleep(0.05)
        assert stream._protocol.size <= MOST_BYTES * 3  # what a loop takes at once comes on top
        received = 0
        while received < sent:
            received += len(await stream.read(64 * 1024, 5))
        assert received == sent


async def test_the_end_is_an_empty_read_and_what_came_before_it_is_not_lost() -> None:
    async with connected() as (stream, _, writer):
        writer.write(b"last")
        writer.close()
        await until(lambda: stream._protocol.ended)
        assert stream.get_extra_info("is_readable")
        assert [await stream.read(100, 5) for _ in range(3)] == [b"last", b"", b""]


async def test_after_the_other_side_has_ended_its_half_writing_goes_on() -> None:
    async with connected() as (stream, reader, writer):
        writer.write_eof()
        assert await stream.read(100, 5) == b""
        await stream.write(b"still here", 5)
        assert await reader.read(100) == b"still here"


async def test_a_reset_is_an_error_to_read_and_to_write() -> None:
    async with connected() as (stream, _, writer):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        with pytest.raises(httpcore.ReadError):
            await stream.read(1, 5)
        with pytest.raises(httpcore.WriteError):
            await stream.write(b".", 5)


async def test_a_stream_that_is_closed_refuses_to_read_and_wakes_its_reader() -> None:
    async with connected() as (stream, _, _):
        reading = asyncio.ensure_future(stream.read(1, 5))
        await asyncio.sleep(0)
        await stream.aclose()
        for read in (reading, stream.read(1, 5)):
            with pytest.raises(httpcore.ReadError):
                await read


async def test_a_write_that_is_not_taken_times_out() -> None:
    async with connected() as (stream, _, writer):
        writer.transport.pause_reading()
        with pytest.raises(httpcore.WriteTimeout):
            await stream.write(b"." * 50_000_000, 0.05)


async def test_a_large_write_waits_until_it_is_taken() -> None:
    async with connected() as (stream, reader, _):
        writing = asyncio.ensure_future(stream.write(b"." * 20_000_000, 30))
        assert len(await reader.readexactly(20_000_000)) == 20_000_000
        await writing
        await stream.write(b"", 5)


async def test_it_says_what_httpcore_asks() -> None:
    async with connected() as (stream, _, writer):
        assert stream.get_extra_info("client_addr") == writer.get_extra_info("peername")
        assert stream.get_extra_info("server_addr") == writer.get_extra_info("sockname")
        assert stream.get_extra_info("socket").fileno() > 0
        assert stream.get_extra_info("ssl_object") is None


async def test_what_is_no_stream_of_anyio_is_not_adopted(monkeypatch: pytest.MonkeyPatch) -> None:
    stranger: Any = object()
    assert adopted(stranger) is None
    async with connected() as (stream, _, _):
        assert hasattr(stream._opened, "_stream")
        monkeypatch.setattr(asyncio_stream, "enabled", False)
        assert adopted(stream._opened) is None
