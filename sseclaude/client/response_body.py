"""The body of a response that is being read: its chunks, its draining, and its release.

Purpose: ``SyncResponseBody`` and ``AsyncResponseBody`` read a response's bytes within the call's timeouts, and leave no
connection open.
Must not know: events, or more of httpx than a response's attributes (``explain`` knows its exceptions).
Rule: the thread or task that reads, drains or closes owns the body meanwhile. The response is released exactly once, on
every path: at its end, on an error, on a cancellation, or by ``close`` from any thread or task. A body that is dropped
without any of these is released too, with a ResourceWarning.

Access to the network stream below httpx is in ``network_stream``; async chunks are in ``async_chunks``; compressed
bodies are in ``decompress``.

Source: PROTOCOL.md, "Clocks" and "How a stream ends".
"""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from threading import Lock
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import AnthropicError, APIError, APITimeoutError
from .async_chunks import AsyncChunks, completed
from .chunked import Unchunker, unwrapped
from .decompress import decoder_of
from .event_loop import on_trio, running_loop, spawn
from .network_stream import NetworkStream
from .timeouts import Deadline

if TYPE_CHECKING:
    import anyio
    import httpx

Explain: TypeAlias = Callable[[Exception, Deadline], "APIError | None"]
"""Makes our exception of a failure while reading; None if it is none of the network's."""

Take: TypeAlias = Callable[[bytes], "object | None"]
"""Takes a chunk, or returns None and leaves it to the reader."""

DRAIN_SECONDS = 0.005
"""How long to wait, in all, for the end of a body that nobody reads any more: long enough for bytes on their way."""

DRAIN_BYTES = 64 * 1024
"""How much of such a body to read: less than a new connection costs."""


class OpenResponses:
    """The bodies of one transport that are being read, and the responses of those that were dropped.

    It keeps alive what a body reads from: httpx closes connections in generators, and one that the garbage collector
    ended would do so wherever the collector happened to run: perhaps under the very lock that closing takes.
    """

    def __init__(self) -> None:
        self._kept: dict[int, Any] = {}
        self._dropped: deque[tuple[httpx.Response, Any]] = deque()

    def add(self, body: ResponseBody, source: Any) -> None:
        """Keep the source of a body until ``discard``."""
        self._kept[id(body)] = source

    def discard(self, body: ResponseBody) -> Any:
        """Forget the source of a body."""
        return self._kept.pop(id(body), None)

    def defer_close(self, response: httpx.Response, source: Any) -> None:
        """Let ``sweep`` close a response; safe inside the garbage collector."""
        self._dropped.append((response, source))

    def sweep(self) -> None:
        """Close the responses that were dropped, so that the pool can use their connections."""
        while self._dropped:
            with suppress(IndexError):  # another thread was quicker
                self._dropped.popleft()[0].close()


class ResponseBody:
    """What both kinds of bodies share, blocking and async; ``read``, ``drain`` and ``close`` are in the subclasses.

    ``ended`` is true once the last byte was read, and stays false when reading was broken off. ``released`` is true
    while there is nothing to release.
    """

    released = True
    resumes_after: tuple[type[BaseException], ...] = ()

    def __init__(
        self,
        response: httpx.Response,
        deadline: Deadline,
        sent_at: float,
        explain: Explain,
        open_responses: OpenResponses | None = None,
    ) -> None:
        self.response = response
        self.deadline = deadline
        self.sent_at = sent_at
        self.first_byte_at: float | None = None
        self.last_byte_at = sent_at
        self.longest_gap = 0.0
        self.ended = False
        self._explain = explain
        self._open_responses = open_responses or OpenResponses()
        self._closed = False
        # A response that was read already (by an event hook, a mock) yields the content that it keeps, decoded.
        self._kept = response.is_stream_consumed
        self.network_stream = None if self._kept else NetworkStream.of(response)
        self._unchunker = None
        if self.network_stream is not None:
            self._unchunker = Unchunker.of(response, self.network_stream.h11)
        self._inflater = None if self._kept else decoder_of(response.headers.get("content-encoding", ""))

    def _begin(self, source: Any) -> None:
        """From here on there is something to release."""
        self._open_responses.add(self, source)
        self.released = False

    def _mark(self) -> None:
        """Note the time of a chunk, and hold the total where the network stream could not."""
        now = perf_counter()
        gap = now - self.last_byte_at
        self.last_byte_at = now
        if gap > self.longest_gap:
            if self.first_byte_at is not None:
                self.longest_gap = gap
            else:
                self.first_byte_at = now  # the wait for the first byte is no gap
        if self.deadline.ends_at is not None and self.deadline.expired:
            raise APITimeoutError(f"the stream took too long: {self.deadline.describe()}")

    def _decoded(self, chunk: bytes) -> bytes:
        """Return what a chunk brings; of a compressed one the first piece, and ``_inflater`` has the others."""
        if self._inflater is None:
            return chunk
        self._inflater.feed(chunk)
        return self._inflater.piece()

    def _take_release(self) -> bool:
        """Prepare the one release; say whether it is still to be done."""
        if self.released:
            return False
        self.released = self._closed = True
        if self.network_stream is not None:
            self.network_stream.let_go()
        return True

    def _failed(self, failure: BaseException) -> BaseException | None:
        """Make our exception of a failure, its cause kept; None when it came of our own closing."""
        if not isinstance(failure, Exception):
            return failure
        if self._closed:
            return None
        error = failure if isinstance(failure, APIError) else self._explain(failure, self.deadline)
        if error is not None and error is not failure:
            error.__cause__ = failure
        return error or failure

    def _raise_if_read_elsewhere(self) -> None:
        if not self._closed:
            raise AnthropicError("the stream is being read already, by another thread or task")


class SyncResponseBody(ResponseBody):
    """A body that is read by blocking. ``close`` may be called from any thread."""

    def __init__(
        self,
        response: httpx.Response,
        deadline: Deadline,
        sent_at: float,
        explain: Explain,
        open_responses: OpenResponses | None = None,
    ) -> None:
        super().__init__(response, deadline, sent_at, explain, open_responses)
        source: Any = response.iter_bytes() if self._kept else response.stream
        self._chunks: Iterator[bytes] = iter(source)
        self._busy = Lock()  # held by the thread that reads, drains or releases
        self._waking = Lock()  # held for a moment: no socket is shut that serves another request by then
        if self.network_stream is not None and deadline.ends_at is not None:
            self.network_stream.wait(lambda: deadline.within(deadline.timeout.idle))
        if self._unchunker is not None and self.network_stream is not None:
            idle, generators = deadline.timeout.idle, self._chunks
            self._chunks = unwrapped(self._unchunker, self.network_stream, idle, generators)
        self._begin(self._chunks)

    def read(self, take: Take | None = None) -> bytes | None:
        """Return the next bytes that ``take`` does not take, None at the end or after ``close``.

        Raises what the network did, as ours, and AnthropicError while another thread reads.
        """
        if not self._busy.acquire(False):
            self._raise_if_read_elsewhere()
            return None
        try:
            chunk = None
            while not self._closed:
                chunk = next(self._chunks, None) if self._inflater is None else self._next_inflated()
                if chunk is None:
                    break
                self._mark()
                if take is None or take(chunk) is None:
                    break
            if chunk is None or self._closed:
                self.ended = self.ended or not self._closed
                self._release()
        except BaseException as failure:
            chunk, error = None, self._failed(failure)
            self._release()
            if error is not None:
                raise error from error.__cause__
        finally:
            self._busy.release()
        if self._closed:  # perhaps since the look at it, by a thread that found the body busy
            self.close(drain=False)
            return None
        return chunk

    def _next_inflated(self) -> bytes | None:
        assert self._inflater is not None
        if piece := self._inflater.piece():
            return piece
        chunk = next(self._chunks, None)
        return None if chunk is None else self._decoded(chunk)

    def drain(self) -> bytes:
        """Read what has already come, within bounds, so that the connection can be used again; then release it."""
        if not self._busy.acquire(False):
            return b""  # it is being closed
        try:
            return self._drain()
        finally:
            self._release()
            self._busy.release()

    def _drain(self) -> bytes:
        drained: list[bytes] = []
        if self.network_stream is None or self.released:
            return b""
        left, until = DRAIN_BYTES, monotonic() + DRAIN_SECONDS
        self.network_stream.wait(lambda: max(until - monotonic(), 0.0001))
        with suppress(Exception):  # nobody reads this any more
            while left > 0 and (chunk := next(self._chunks, None)) is not None:
                left -= len(chunk)
                drained.append(self._decoded(chunk))
        return b"".join(drained)

    def close(self, *, drain: bool = True) -> None:
        """Release the response; safe at any time, from any thread, any number of times."""
        self._closed = True
        if self._busy.acquire(False):
            try:
                if drain:
                    self._drain()
            finally:
                self._release()
                self._busy.release()
            return
        with self._waking:  # the thread that holds the body releases it
            if self.network_stream is not None and not self.released:
                self.network_stream.wake()

    def _release(self) -> None:
        with self._waking:
            mine = self._take_release()
        if mine:
            self._open_responses.discard(self)
            with suppress(Exception):  # of no use to the caller
                self.response.close()

    def __del__(self) -> None:
        if self.released:
            return
        self.released = True
        source = self._open_responses.discard(self)
        if self.network_stream is None:
            with suppress(Exception):
                self.response.close()
        else:
            self.network_stream.hang_up()
            self._open_responses.defer_close(self.response, source)
        _warn()


class AsyncResponseBody(ResponseBody):
    """A body that is read by awaiting, on asyncio and trio. ``close`` may be called from any task of the same loop.

    A read of a ``resumable`` body that ends in one of the exceptions ``resumes_after`` (asyncio's cancellation) goes on
    at the next call. On trio no body is resumable, and without a network stream none.
    """

    def __init__(
        self,
        response: httpx.Response,
        deadline: Deadline,
        sent_at: float,
        explain: Explain,
        open_responses: OpenResponses | None = None,
        *,
        resumable: bool = False,
    ) -> None:
        super().__init__(response, deadline, sent_at, explain, open_responses)
        source: Any = response.aiter_bytes() if self._kept else response.stream
        self._source: AsyncIterator[bytes] = aiter(source)
        self._busy = False
        self._scope: anyio.CancelScope | None = None
        self._loop = running_loop()
        if resumable and self.network_stream is not None and on_trio() is None:
            import anyio

            self.resumes_after = anyio.get_cancelled_exc_class(), GeneratorExit
        self._chunks: AsyncChunks | None = None
        if self.network_stream is not None:
            self._chunks = AsyncChunks(self._source, self.network_stream, deadline, self.resumes_after, self._unchunker)
        self._begin(self._source)

    async def read(self, take: Take | None = None) -> bytes | None:
        """Return the next bytes that ``take`` does not take, None at the end or after ``close``.

        Raises what the network did, as ours, and AnthropicError while another task reads.
        """
        if self._busy:
            self._raise_if_read_elsewhere()
            return None
        self._busy = True
        try:
            while (chunk := None if self._closed else await self._next()) is not None and not self._closed:
                self._mark()
                if take is None or take(chunk) is None:
                    return chunk
            self.ended = self.ended or not self._closed
            await self._release()
        except BaseException as failure:
            if self._chunks is not None and self._chunks.is_suspended and not self._closed:
                raise  # the next call goes on
            error = self._failed(failure)
            await self._release()
            if error is not None:
                raise error from error.__cause__
        finally:
            self._busy = False
        return None

    def _next(self) -> Awaitable[bytes | None]:
        """Read the next bytes; one coroutine less where none is compressed, as it is awaited for each chunk."""
        if self._inflater is not None:
            return self._next_inflated()
        return self._next_in_scope() if self._chunks is None else self._chunks.next()

    async def _next_inflated(self) -> bytes | None:
        assert self._inflater is not None
        if piece := self._inflater.piece():
            return piece
        chunk = await (self._next_in_scope() if self._chunks is None else self._chunks.next())
        return None if chunk is None else self._decoded(chunk)

    async def _next_in_scope(self) -> bytes | None:
        """Read where there is no socket to shut: ``close`` cancels this scope instead."""
        import anyio

        with anyio.CancelScope() as self._scope:
            return await anext(self._source, None)
        return None

    async def drain(self) -> bytes:
        """Read what has already come, within bounds, so that the connection can be used again; then release it."""
        if self._busy:
            return b""  # it is being closed
        self._busy = True
        try:
            return await self._drain()
        finally:
            await self._release()
            self._busy = False

    async def _drain(self) -> bytes:
        if self._chunks is None or self.released:
            return b""
        drained: list[bytes] = []
        left, self._chunks.drain_until = DRAIN_BYTES, monotonic() + DRAIN_SECONDS
        with suppress(Exception):  # nobody reads this any more
            while left > 0 and (chunk := await self._chunks.next()) is not None:
                left -= len(chunk)
                drained.append(self._decoded(chunk))
        return b"".join(drained)

    async def close(self, *, drain: bool = True) -> None:
        """Release the response; safe at any time, from any task, any number of times."""
        self._closed = True
        if not self._busy:
            self._busy = True
            try:
                if drain:
                    await self._drain()
            finally:
                await self._release()
                self._busy = False
        elif self.network_stream is not None and not self.released:
            self.network_stream.wake()  # the task that reads releases it
        elif self._scope is not None:
            self._scope.cancel()

    async def _release(self) -> None:
        """Release the response even while the task is being cancelled.

        A generator that is left in the middle would be finished by the garbage collector, in a task of its own; so
        it is run to its end first, by a read that fails at once.
        """
        if not self._take_release():
            return
        self._open_responses.discard(self)
        import anyio

        with anyio.CancelScope(shield=True):
            with suppress(Exception):  # of no use to the caller
                await completed(self._unwind())
            with suppress(Exception):
                await completed(self.response.aclose())

    async def _unwind(self) -> None:
        if self._chunks is None or self.network_stream is None:
            if (close := getattr(self._source, "aclose", None)) is not None:
                await close()
            return
        self._chunks.refusing = True
        self._chunks.divert()
        try:
            with suppress(Exception):  # the refusal, as httpx's exception
                while await self._chunks.next() is not None:
                    pass  # what was decoded already
        finally:
            self.network_stream.let_go()

    def __del__(self) -> None:
        if self.released:
            return
        if self.network_stream is not None:
            self.network_stream.wake()  # the server sees at once that nobody listens
        with suppress(RuntimeError):  # the loop has ended, and its sockets with it
            self._loop(self._abandon)  # which brings the body back to life until it is released
        _warn()

    def _abandon(self) -> None:
        spawn(self._release)


def _warn() -> None:
    """Last of all, for where warnings are errors nothing comes behind it."""
    warnings.warn(
        "a stream was dropped without being closed; use `with`, or call close()", ResourceWarning, stacklevel=3
    )
