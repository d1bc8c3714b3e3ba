"""Network streams on asyncio's own protocol: a read waits for the bytes, and for nothing else.

Purpose: ``adopted`` takes an open connection from anyio, which pauses and resumes the transport at each read and enters
a cancel scope for its timeout, and returns a stream that does neither. For asyncio and uvloop; trio has no need of it.
Must not know: HTTP, or how connections are opened.
Rule: what a cancelled read has not returned stays here for the next one. The transport reads all the time, up to
``MOST_BYTES``, so what came unasked is seen. One timer serves all reads: a read moves the time at which it counts.

It takes the transport from a private attribute of anyio's stream, ``_transport``; without it, and with
``enabled = False``, anyio reads.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import anyio
import httpcore

enabled = True

MOST_BYTES = 256 * 1024
"""How many bytes may wait to be read before the transport is paused: as many as asyncio takes at once."""


def adopted(stream: httpcore.AsyncNetworkStream) -> httpcore.AsyncNetworkStream | None:
    """Return a stream over a connection that httpcore's backend for anyio has opened; None where that cannot be."""
    transport: Any = getattr(getattr(stream, "_stream", None), "_transport", None)
    if not enabled or not hasattr(transport, "set_protocol"):
        return None
    protocol = _Protocol(asyncio.get_running_loop())
    transport.set_protocol(protocol)
    transport.resume_reading()
    return _AsyncioStream(transport, protocol, stream)


class _Protocol(asyncio.Protocol):
    """Keeps what has come until it is read."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.size = 0  # in bytes, of all pieces
        self.ended = False
        self.failure: Exception | None = None
        self.transport: Any = None  # set when the stream is made, and again below TLS
        self.is_tls = False
        self._loop = loop
        self._pieces: list[bytes] = []
        self._reading_paused = False
        self._writing_paused = False
        self._reader: asyncio.Future[bool] | None = None
        self._writer: asyncio.Future[bool] | None = None
        self._expires_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    # --- what the event loop calls ---

    def data_received(self, data: bytes) -> None:
        """Keep the bytes, and wake the reader."""
        self._pieces.append(data)
        self.size += len(data)
        _wake(self._reader)
        if self.size > MOST_BYTES and not self._reading_paused:
            self._reading_paused = True
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        """Note the end. Returns whether writing may go on, which TLS never allows."""
        self.ended = True
        _wake(self._reader)
        return not self.is_tls

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end, and why; nobody waits any more."""
        if not self.ended:
            self.failure = exc or ConnectionAbortedError("the connection was closed")
        self.ended = True
        _wake(self._reader)
        _wake(self._writer)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def pause_writing(self) -> None:
        """Note that what was written is not sent."""
        self._writing_paused = True

    def resume_writing(self) -> None:
        """Note that it was sent, and wake the writer."""
        self._writing_paused = False
        _wake(self._writer)

    # --- what the stream calls ---

    def take(self, most: int) -> bytes:
        """Return what has come, up to so many bytes."""
        if len(self._pieces) == 1:
            data = self._pieces.pop()
        else:
            data = b"".join(self._pieces)
            self._pieces.clear()
        if len(data) > most:
            self._pieces.append(data[most:])
            data = data[:most]
        self.size -= len(data)
        if self._reading_paused and self.size <= MOST_BYTES:
            self._reading_paused = False
            self.transport.resume_reading()
        return data

    async def wait_for_bytes(self, seconds: float | None) -> bool:
        """Wait for bytes or the end; return whether they came in time."""
        self._reader = self._loop.create_future()
        if seconds is not None:
            self._expires_at = expires_at = self._loop.time() + seconds
            if self._timer is None or self._timer.when() > expires_at:
                self._set_timer(expires_at)
        else:
            self._expires_at = float("inf")
        try:
            return await self._reader
        finally:
            self._reader = None

    async def wait_until_sent(self, seconds: float | None) -> bool:
        """Wait until what was written is sent or lost; return whether it was in time."""
        while self._writing_paused and self.failure is None:
            self._writer = self._loop.create_future()
            with anyio.move_on_after(seconds) as scope:
                await self._writer
            self._writer = None
            if scope.cancelled_caught:
                return False
        return True

    def _set_timer(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._time_is_up)

    def _time_is_up(self) -> None:
        self._timer = None
        if self._reader is None or self._reader.done():
            return
        if self._expires_at <= self._loop.time():
            self._reader.set_result(False)
        elif self._expires_at < float("inf"):
            self._set_timer(self._expires_at)  # of another read than the one that set the timer


def _wake(waiting: asyncio.Future[bool] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(True)


# The methods have the timeouts that httpcore gives them.
# ruff: noqa: ASYNC109
class _AsyncioStream(httpcore.AsyncNetworkStream):
    """A connection on asyncio or uvloop. Raises httpcore's exceptions, as httpcore's own streams do."""

    def __init__(self, transport: Any, protocol: _Protocol, opened: httpcore.AsyncNetworkStream) -> None:
        self._transport = protocol.transport = transport
        self._protocol = protocol
        self._opened = opened  # which knows its socket

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has come, or wait for it; b"" at the end."""
        protocol = self._protocol
        while not protocol.size:
            if protocol.failure is not None:
                raise httpcore.ReadError(str(protocol.failure)) from protocol.failure
            if protocol.ended:
                return b""
            if not await protocol.wait_for_bytes(timeout) and not protocol.size:
                raise httpcore.ReadTimeout("timed out")
        return protocol.take(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes, and wait until the system has taken them."""
        if not buffer:
            return
        if self._protocol.failure is None:
            self._transport.write(buffer)
            if not await self._protocol.wait_until_sent(timeout):
                raise httpcore.WriteTimeout("timed out")
        if self._protocol.failure is not None:
            raise httpcore.WriteError(str(self._protocol.failure)) from self._protocol.failure

    async def aclose(self) -> None:
        """Close at once: what was not sent is not waited for, nor is the other side's word under TLS."""
        self._transport.abort()
        await asyncio.sleep(0)  # in which the event loop closes the socket

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Begin with TLS on this connection, and return the stream that is to be used from now on."""
        loop, self._protocol.is_tls = asyncio.get_running_loop(), True
        try:
            with anyio.fail_after(timeout):
                transport: Any = await loop.start_tls(
                    self._transport, self._protocol, ssl_context, server_hostname=server_hostname
                )
        except BaseException as failure:
            await self.aclose()
            if isinstance(failure, TimeoutError):
                raise httpcore.ConnectTimeout(str(failure)) from failure
            if isinstance(failure, OSError):
                raise httpcore.ConnectError(str(failure)) from failure
            raise
        transport.set_write_buffer_limits(high=1, low=0)
        return _AsyncioStream(transport, self._protocol, self._opened)

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore asks of a stream; ``is_readable`` is true at the end, too."""
        if info == "ssl_object":
            return self._transport.get_extra_info("ssl_object")
        if info == "is_readable" and (self._protocol.size or self._protocol.ended):
            return True
        return self._opened.get_extra_info(info)
