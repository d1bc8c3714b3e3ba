"""The chunks of an asynchronous response, read so that the call after a cancelled read continues it.

Purpose: ``AsyncChunks`` takes a response's chunks from httpx's generators, and reads the network for them.
Must not know: what the chunks are, or when the response is released.
Rule: a cancellation must not pass through httpx's generators, for it would finish them and close the connection. So
while a response is read, its network stream's ``read`` only suspends the generators, and ``next`` awaits the real read
outside of them. If that is cancelled, the generators stay suspended, and the next call reads for them again. Bytes that
a cancelled read of a socket did not return stay with the transport, so nothing is lost. This needs no task, no future
and no additional wait. A chunked body over a connection of our own is unwrapped here, without the generators, as far as
``Unchunker`` can.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Generator
from time import monotonic
from types import coroutine
from typing import Any, TypeAlias

from .chunked import READ_BYTES, Unchunker
from .network_stream import NetworkStream
from .timeouts import GRAIN, Deadline

Suspended: TypeAlias = "tuple[Generator[Any, Any, bytes], tuple[int, float | None]]"
"""The generators of a read that was cancelled; the bytes it asked for, and the seconds that it has left."""


class AsyncChunks:
    """Reads the chunks of one response over its network stream.

    A read that ends in one of the exceptions ``resumes_after`` continues at the next call. ``drain_until``, a time of
    ``monotonic``, takes the place of the deadline. With ``refusing``, every read of the network fails at once.
    """

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        network_stream: NetworkStream,
        deadline: Deadline,
        resumes_after: tuple[type[BaseException], ...] = (),
        unchunker: Unchunker | None = None,
    ) -> None:
        import anyio

        self.drain_until: float | None = None
        self.refusing = False
        self._chunks = chunks
        self._network_stream = network_stream
        self._deadline = deadline
        self._resumes_after = resumes_after
        self._suspended: Suspended | None = None
        self._unchunker = unchunker
        self._waits: tuple[int, float | None] | None = None  # for the unchunker's next read: what a cancelled one left
        self._failure: BaseException | None = None  # of the unchunker's read, which is the generators' to see
        self._cancellation = anyio.get_cancelled_exc_class()
        self._held: BaseException | None = None
        self._began = 0.0
        self._came_last: list[bytes | None] = []  # what came when a cancellation was held back
        self._running = False  # the generators are, so that a read is for them
        self.divert()

    @property
    def is_suspended(self) -> bool:
        """Whether a read was cancelled, so that the next call continues it."""
        return self._suspended is not None or self._waits is not None

    def divert(self) -> None:
        """Read the network through this object, until ``NetworkStream.let_go``."""
        self._network_stream.divert(self._read_for_generators)

    def _read_for_generators(self, max_bytes: int, timeout: float | None = None) -> Awaitable[bytes]:
        # The pool may give the connection to another request a moment before this response is released.
        return _suspend(max_bytes, timeout) if self._running else self._network_stream.read(max_bytes, timeout)

    def next(self) -> Awaitable[bytes | None]:
        """Return the next chunk, None at the end."""
        return self._of_generators() if self._unchunker is None else self._unwrapped(self._unchunker)

    @coroutine
    def _of_generators(self) -> Generator[Any, Any, bytes | None]:
        if self._came_last:
            return self._came_last.pop()
        chunk: bytes | None = None
        self._running = True
        try:
            wanted: Any
            if self._suspended is None:
                generators: Generator[Any, Any, bytes] = self._chunks.__anext__().__await__()
                wanted = generators.send(None)
            else:
                (generators, wanted), self._suspended = self._suspended, None
            while True:
                self._running = False
                try:
                    answer = yield from (self._read(*wanted) if type(wanted) is tuple else self._pass_on(wanted))
                except BaseException as failure:
                    if type(wanted) is tuple and isinstance(failure, self._resumes_after):
                        self._suspended = generators, self._remaining(*wanted)
                        raise
                    self._running = True
                    wanted = generators.throw(failure)
                else:
                    self._running = True
                    wanted = generators.send(answer)
        except StopIteration as stop:
            chunk = stop.value
        except StopAsyncIteration:
            pass
        finally:
            self._running = False
        if self._held is not None:
            self._came_last.append(chunk)
            held, self._held = self._held, None
            raise held
        return chunk

    @coroutine
    def _unwrapped(self, unchunker: Unchunker) -> Generator[Any, Any, bytes | None]:
        """Return the next chunks without the generators; they read what is left, and see a failure to read."""
        chunk, data = unchunker.feed(b""), b"."
        while not (chunk or unchunker.over) and data:
            wanted = self._waits or (READ_BYTES, self._deadline.timeout.idle)
            self._waits = None
            try:
                data = yield from self._read(*wanted)
            except BaseException as failure:
                if isinstance(failure, self._resumes_after):
                    self._waits = self._remaining(*wanted)
                    raise
                self._failure, data = failure, b""
            chunk = unchunker.feed(data)
        if chunk:
            return chunk
        unchunker.leave()
        self._unchunker = None
        rest: Any = self._of_generators()
        last: bytes | None = yield from rest
        return last

    def _read(self, max_bytes: int, timeout: float | None) -> Generator[Any, Any, bytes]:
        """Begin the read that the generators want."""
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        if self.refusing:
            raise OSError("the body is not read any further")
        self._began = monotonic()
        if self.drain_until is not None:
            timeout = max(self.drain_until - self._began, GRAIN / 10)
        elif self._deadline.ends_at is not None:
            timeout = self._deadline.within(timeout)
        read: Generator[Any, Any, bytes] = self._network_stream.read(max_bytes, timeout).__await__()
        return read

    def _remaining(self, max_bytes: int, timeout: float | None) -> tuple[int, float | None]:
        """Return the read that is to go on, with what is left of its timeout."""
        return max_bytes, None if timeout is None else max(timeout - (monotonic() - self._began), GRAIN)

    def _pass_on(self, wanted: Any) -> Generator[Any, Any, Any]:
        """Let the event loop do what the generators want of it: httpcore is closing a connection, or keeping it."""
        try:
            return (yield wanted)
        except self._cancellation as cancellation:
            if wanted is not None:
                raise
            self._held = cancellation  # which came in a bare yield of asyncio, and is raised when all is done
            return None


@coroutine
def _suspend(max_bytes: int, timeout: float | None) -> Generator[tuple[int, float | None], bytes, bytes]:
    data = yield max_bytes, timeout
    return data


@coroutine
def completed(awaitable: Awaitable[None]) -> Generator[Any, Any, None]:
    """Await to the end: a cancellation that comes within a bare yield of asyncio is delivered only then.

    anyio's shields hold back what its own scopes cancel, and not ``Task.cancel``.
    """
    import anyio

    held: BaseException | None = None
    inner = awaitable.__await__()
    try:
        wanted = inner.send(None)
        while True:
            try:
                answer = yield wanted
            except BaseException as failure:
                if wanted is None and isinstance(failure, anyio.get_cancelled_exc_class()):
                    held, wanted = failure, inner.send(None)
                else:
                    wanted = inner.throw(failure)
            else:
                wanted = inner.send(answer)
    except StopIteration:
        pass
    if held is not None:
        raise held
