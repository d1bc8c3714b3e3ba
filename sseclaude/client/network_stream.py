"""Access to httpcore's network stream: change the read timeout within a body, and interrupt a blocked read.

Purpose: ``NetworkStream``, the only class that uses what is below httpx.
Must not know: what is read, or why the read should end.
Rule: everything goes through the response's extension ``network_stream``. Its ``read`` is replaced on the instance
while a response needs that, and restored before the connection is used for another response.

Source: PROTOCOL.md, "Clocks" and "How a stream ends".
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx


class NetworkStream:
    """The network stream below one response."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.read: Callable[..., Any] = stream.read
        self._wait: Callable[[], float | None] | None = None
        self._process = os.getpid()

    @classmethod
    def of(cls, response: httpx.Response) -> NetworkStream | None:
        """Return the network stream of a response; None for HTTP/2, which shares its connection, and for mocks."""
        stream = response.extensions.get("network_stream")
        if stream is None or response.http_version not in ("HTTP/1.1", "HTTP/1.0"):
            return None
        return cls(stream) if hasattr(stream, "__dict__") else None

    @property
    def h11(self) -> Any:
        """The ``h11.Connection`` that reads this stream; None where the stream is not one of our own."""
        return getattr(self._stream, "h11", None)

    def read_now(self, max_bytes: int, timeout: float | None) -> bytes:
        """Read as the generators above would: with what takes the place of the stream's own ``read``."""
        data: bytes = self._stream.read(max_bytes, timeout)
        return data

    def wait(self, seconds: Callable[[], float | None]) -> None:
        """Call ``seconds()`` before every read, for its timeout."""
        self._wait = seconds
        self._stream.read = self._read_within

    def _read_within(self, max_bytes: int, timeout: float | None = None) -> Any:
        assert self._wait is not None
        if os.getpid() != self._process:
            raise OSError("the connection was opened by the parent process, which goes on reading it")
        return self.read(max_bytes, self._wait())

    def divert(self, read: Callable[..., Any]) -> None:
        """Replace the stream's own ``read``, which stays callable as ``self.read``, by ``read(max_bytes, timeout)``."""
        self._stream.read = read

    def let_go(self) -> None:
        """Restore the stream's own ``read``."""
        self._stream.__dict__.pop("read", None)

    def wake(self) -> None:
        """End a read that is blocked, at once: it sees the end of the stream. Does nothing in a forked child."""
        if os.getpid() != self._process:
            return  # the socket below is the parent's as well
        with suppress(OSError, AttributeError, ValueError):  # closed already
            # A second descriptor of the same socket: uvloop's refuse shutdown(), and a TLS socket's own would drop the
            # TLS state that the reader is about to use.
            number = os.dup(self._stream.get_extra_info("socket").fileno())
            with socket.socket(fileno=number) as twin:
                twin.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """Close the connection without the pool, whose locks may be held (for blocking streams only)."""
        self.wake()
        with suppress(OSError):
            self._stream.close()
