"""A response's body under way: read it chunk by chunk, drain it, wake its reader, close it once.

Purpose: ``SyncBody`` and ``AsyncBody``: bytes from a response, under the call's clocks, and no connection left behind.
Must not know: events; nor httpx but for the shape of its response (what its exceptions mean is told by ``explain``).
Rule: a response is released exactly once, on every path: at its end, on an error, on a cancel, by ``close`` from
wherever it comes, and, with a ResourceWarning, when it is dropped.

Two things httpx alone cannot do: change a read's timeout within a body, and wake a reader that is blocked. Its
response offers the network stream, and with it the socket, as an extension; ``Lever`` is the only class that pulls it.

Source: PROTOCOL.md, "Clocks" and "How a stream ends".
"""

from __future__ import annotations

import socket
import sys
import time
import warnings
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio

from .clocks import Clock
from .errors import APIError, APITimeoutError

if TYPE_CHECKING:
    import httpx

Explain: TypeAlias = Callable[[Exception, Clock], "APIError | None"]
"""Makes our exception of a failure while reading; None if it is none of the network's."""

DRAIN_SECONDS = 0.005
"""How long to wait, in all, for the end of a body that nobody reads any more: long enough for bytes on their way."""

DRAIN_BYTES = 64 * 1024
"""How much of such a body to read: less than a new connection costs."""

PIECE_BYTES = 64 * 1024
"""How much a compressed body may inflate to before the decoder sees it, so that a bomb meets its bound."""


class Lever:
    """What the network stream below a response allows: other timeouts for its reads, and waking a blocked one.

    The stream's ``read`` is replaced on the instance while a response needs it, and put back before the connection
    serves another.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._read = stream.read
        self._wait: Callable[[], float | None] | None = None

    @classmethod
    def of(cls, response: httpx.Response) -> Lever | None:
        """Return the lever of a response, None if it has none (HTTP/2 shares its connection; mocks have none)."""
        stream = response.extensions.get("network_stream")
        if stream is None or response.http_version not in ("HTTP/1.1", "HTTP/1.0"):
            return None
        return cls(stream) if hasattr(stream, "__dict__") else None

    def wait(self, seconds: Callable[[], float | None]) -> None:
        """Ask ``seconds()`` before every read how long it may take."""
        self._wait = seconds
        self._stream.read = self._read_within

    def _read_within(self, max_bytes: int, timeout: float | None = None) -> Any:
        assert self._wait is not None
        return self._read(max_bytes, self._wait())  # a coroutine in the async world: awaited by whoever called

    def refuse(self) -> None:
        """Let every further read fail at once, so that whoever waits on the stream unwinds."""
        self._stream.read = self._refuse_to_read

    async def _refuse_to_read(self, *_: Any, **__: Any) -> bytes:
        raise OSError("the body is not read any further")

    def let_go(self) -> None:
        """Give the stream its own ``read`` back."""
        self._stream.__dict__.pop("read", None)

    def wake(self) -> None:
        """End a read that is blocked, at once: it sees the end of the stream."""
        sock = self._stream.get_extra_info("socket")
        try:
            # Of a TLS socket, too, only the transport below is shut: its own shutdown() would drop the TLS state
            # under the reader's feet.
            shutdown = socket.socket.shutdown if isinstance(sock, socket.socket) else type(sock).shutdown
            shutdown(sock, socket.SHUT_RDWR)
        except (OSError, AttributeError, ValueError):
            pass  # closed already


class Inflater:
    """Inflates a gzip or deflate body in pieces of bounded size (RFC 1952, RFC 1950)."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=47)  # 32 + 15: tells gzip from zlib by its header
        self._input = b""

    def feed(self, chunk: bytes) -> None:
        """Take the next compressed bytes."""
        self._input += chunk

    def piece(self) -> bytes:
        """Return the next inflated bytes, b"" when more input is needed."""
        piece = self._stream.decompress(self._input, PIECE_BYTES)
        self._input = self._stream.unconsumed_tail
        return piece


class Body:
    """A response's body under way: what both worlds share. ``read`` and ``close`` are theirs."""

    def __init__(self, response: httpx.Response, clock: Clock, sent_at: float, explain: Explain) -> None:
        self.response = response
        self.clock = clock
        self.sent_at = sent_at
        self.first_byte_at: float | None = None
        self.last_byte_at = sent_at
        self.longest_gap = 0.0
        self.lever = Lever.of(response)
        self.released = False
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        self._inflater = Inflater() if encoding in ("gzip", "x-gzip", "deflate") else None
        self._raw = encoding in ("identity", "") or self._inflater is not None
        self._explain = explain
        self._reading = False
        self._closed = False
        if self.lever is not None and self.clock.deadline is not None:
            self.lever.wait(lambda clock=self.clock: clock.within(clock.timeout.idle))  # type: ignore[misc]

    def _mark(self) -> None:
        """Note the time of a chunk, and hold the total where the network stream could not."""
        now = time.perf_counter()
        if self.first_byte_at is None:
            self.first_byte_at = now
        elif now - self.last_byte_at > self.longest_gap:
            self.longest_gap = now - self.last_byte_at
        self.last_byte_at = now
        if self.clock.deadline is not None and self.clock.expired:
            raise APITimeoutError(f"the stream took too long: {self.clock.told()}")

    def _start_draining(self) -> bool:
        """Bound the reads that follow; say whether draining is possible at all."""
        if self.lever is None or self.released:
            return False
        until = time.monotonic() + DRAIN_SECONDS
        self.lever.wait(lambda: max(until - time.monotonic(), 0.0001))
        return True

    def _let_go(self) -> bool:
        """Prepare the one release; say whether it is still to be done."""
        if self.released:
            return False
        self.released = self._closed = True
        if self.lever is not None:
            self.lever.let_go()
        return True

    def _warn(self) -> None:
        warnings.warn(
            "a stream was dropped without being closed; use `with`, or call close()", ResourceWarning, stacklevel=3
        )

    def _failed(self, failure: Exception) -> APIError | None:
        """Make our exception of a failure; None when it came of our own closing."""
        if self._closed:
            return None
        if isinstance(failure, APIError):
            return failure
        error = self._explain(failure, self.clock)
        if error is None:
            raise failure
        error.__cause__ = failure
        return error


class SyncBody(Body):
    """A body read by blocking. ``close`` may come from any thread."""

    _lock = Lock()  # guards the one release of any body; it is held for a few instructions only

    def __init__(self, response: httpx.Response, clock: Clock, sent_at: float, explain: Explain) -> None:
        super().__init__(response, clock, sent_at, explain)
        source: Any = response.stream if self._raw else response.iter_bytes()
        self._chunks: Iterator[bytes] = iter(source)

    def read(self) -> bytes | None:
        """Return the next bytes, None at the end or after ``close``. Raises what the network did, as ours."""
        self._reading = True  # before the look at _closed: close() looks in the other order
        try:
            chunk = None if self._closed else self._next()
        except Exception as failure:
            error = self._failed(failure)
            self._release()
            if error is None:
                return None
            raise error from error.__cause__
        except BaseException:
            self._release()
            raise
        finally:
            self._reading = False
        if chunk is None or self._closed:
            self._release()
            return None
        return chunk

    def _next(self) -> bytes | None:
        if self._inflater is not None and (piece := self._inflater.piece()):
            return piece
        chunk = next(self._chunks, None)
        if chunk is None:
            return None
        self._mark()
        if self._inflater is None:
            return chunk
        self._inflater.feed(chunk)
        return self._inflater.piece()

    def drain(self) -> bytes:
        """Take what has already come, bounded in bytes and time, so that the connection may serve again; release."""
        drained: list[bytes] = []
        try:
            if self._start_draining():
                while sum(map(len, drained)) < DRAIN_BYTES and (chunk := next(self._chunks, None)) is not None:
                    drained.append(chunk)
        except Exception:  # nobody reads this any more
            drained.clear()
        finally:
            self._release()
        return b"".join(drained)

    def close(self, *, drain: bool = True) -> None:
        """Release the response; safe at any time, from any thread, any number of times."""
        self._closed = True
        if self._reading and self.lever is not None:
            self.lever.wake()  # the reader releases what it reads
        elif not self._reading:
            self.drain() if drain else self._release()

    def _release(self) -> None:
        with self._lock:
            mine = self._let_go()
        if mine:
            self.response.close()

    def __del__(self) -> None:
        if not getattr(self, "released", True):
            self._warn()
            self._release()


class AsyncBody(Body):
    """A body read by awaiting, on asyncio and on trio. ``close`` may come from any task of the same loop."""

    def __init__(self, response: httpx.Response, clock: Clock, sent_at: float, explain: Explain) -> None:
        super().__init__(response, clock, sent_at, explain)
        source: Any = response.stream if self._raw else response.aiter_bytes()
        self._chunks: AsyncIterator[bytes] = aiter(source)
        self._scope: anyio.CancelScope | None = None

    async def read(self) -> bytes | None:
        """Return the next bytes, None at the end or after ``close``. Raises what the network did, as ours."""
        self._reading = True
        try:
            chunk = None if self._closed else await self._next()
        except Exception as failure:
            error = self._failed(failure)
            await self._release()
            if error is None:
                return None
            raise error from error.__cause__
        except BaseException:
            await self._release()
            raise
        finally:
            self._reading = False
        if chunk is None or self._closed:
            await self._release()
            return None
        return chunk

    async def _next(self) -> bytes | None:
        if self._inflater is not None and (piece := self._inflater.piece()):
            return piece
        chunk = await (anext(self._chunks, None) if self.lever is not None else self._next_in_scope())
        if chunk is None:
            return None
        self._mark()
        if self._inflater is None:
            return chunk
        self._inflater.feed(chunk)
        return self._inflater.piece()

    async def _next_in_scope(self) -> bytes | None:
        """Read where there is no socket to shut: ``close`` cancels this scope instead."""
        with anyio.CancelScope() as self._scope:
            return await anext(self._chunks, None)
        return None

    async def drain(self) -> bytes:
        """Take what has already come, bounded in bytes and time, so that the connection may serve again; release."""
        drained: list[bytes] = []
        try:
            if self._start_draining():
                while sum(map(len, drained)) < DRAIN_BYTES and (chunk := await anext(self._chunks, None)) is not None:
                    drained.append(chunk)
        except Exception:  # nobody reads this any more
            drained.clear()
        finally:
            await self._release()
        return b"".join(drained)

    async def close(self, *, drain: bool = True) -> None:
        """Release the response; safe at any time, from any task, any number of times."""
        self._closed = True
        if not self._reading:
            await (self.drain() if drain else self._release())
        elif self.lever is not None:
            self.lever.wake()  # the reader releases what it reads
        elif self._scope is not None:
            self._scope.cancel()

    async def _release(self) -> None:
        """Release the response even while the task is being cancelled.

        A generator that is left in the middle would be finished by the garbage collector, in a task of its own; so
        it is run to its end first, by a read that fails at once.
        """
        if not self._let_go():
            return
        with anyio.CancelScope(shield=True):
            try:
                await self._unwind()
            finally:
                await self.response.aclose()

    async def _unwind(self) -> None:
        if self.lever is None:
            if (close := getattr(self._chunks, "aclose", None)) is not None:
                await close()
            return
        self.lever.refuse()
        try:
            while await anext(self._chunks, None) is not None:
                pass  # what was decoded already
        except Exception:  # the refusal, in whatever guise it comes back
            pass
        finally:
            self.lever.let_go()

    def __del__(self) -> None:
        if not getattr(self, "released", True):
            self._warn()
            self._let_go()
            _release_later(self.response)


def _release_later(response: httpx.Response) -> None:
    """Close a dropped async response: in a task of the running loop, or, without one, by its socket alone."""
    lever = Lever.of(response)
    if lever is not None:
        lever.wake()
    close_later(response.aclose)


def close_later(close: Callable[[], Any]) -> None:
    """Run an async ``close`` of something that was dropped in a task of its own, if a loop runs."""
    trio = sys.modules.get("trio")
    try:
        if trio is not None and trio.lowlevel.in_trio_run():
            trio.lowlevel.spawn_system_task(close)
        elif (asyncio := sys.modules.get("asyncio")) is not None:
            loop = asyncio.get_running_loop()
            task = loop.create_task(close())
            _closing.add(task)
            task.add_done_callback(_closing.discard)
    except RuntimeError:
        pass  # no loop runs any more


_closing: set[Any] = set()
"""Tasks that close dropped responses; a loop itself keeps only weak references."""
