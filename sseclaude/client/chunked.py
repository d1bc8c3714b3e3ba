"""Chunked bodies, unwrapped without an event object for each chunk.

Purpose: ``Unchunker`` takes the sizes out of the bytes of one response, and returns the chunks that came together as
one.
Must not know: what the chunks are, or how bytes are read.
Rule: it is here for speed only, and judges nothing. It takes what nearly all servers send: a size in hexadecimal
digits, CRLF, so many bytes, CRLF. At anything else (the last chunk, trailers, extensions, what is malformed, the end of
the connection) it puts h11 into the state in which it would be by now, gives it the bytes, and is ``over``: all that
follows is h11's, as if this file were not there. ``enabled = False`` turns it off.

Source: RFC 9112, section 7.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from .network_stream import NetworkStream

enabled = True

READ_BYTES = 64 * 1024
"""How much to read at once."""

SIZE_BYTES = 10
"""The longest size that is taken, with its CRLF."""

DIGITS = b"0123456789abcdefABCDEF"

SIZES = {b"%x" % size: size for size in range(1, 512)}
"""The sizes of most chunks; a look here is cheaper than reading the digits."""


class Unchunker:
    """Unwraps a body whose head has been read by an ``h11.Connection``. ``over`` when the rest is for h11."""

    __slots__ = ("_h11", "_in_footer", "_left", "_pending", "over")

    def __init__(self, h11: Any) -> None:
        self.over = False
        self._h11 = h11
        self._left = 0  # bytes of the open chunk that have not come
        self._in_footer = False  # its bytes have come, and the CRLF behind them has not
        self._pending: bytes = bytes(h11._receive_buffer.maybe_extract_at_most(len(h11._receive_buffer)) or b"")

    @classmethod
    def of(cls, response: httpx.Response, h11: Any) -> Unchunker | None:
        """Return one for a response whose body is chunked; None for others, and where h11 cannot be looked into."""
        if not enabled or h11 is None or response.status_code != 200:  # others may have no body at all
            return None
        if [value.lower() for value in response.headers.get_list("transfer-encoding")] != ["chunked"]:
            return None
        try:
            return cls(h11)
        except (AttributeError, TypeError):
            return None

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes, and return what they bring of the body."""
        if self._pending:
            data, self._pending = self._pending + data, b""
        pieces: list[bytes] = []
        at = self._left
        if not (at or self._in_footer):
            line_end = data.find(b"\r\n", 0, SIZE_BYTES)
            if len(data) - 4 == line_end + SIZES.get(data[:line_end], len(data)) and data.endswith(b"\r\n"):
                return data[line_end + 2 : -2]  # one chunk, as when events come one by one
            return self._unwrap(data, 0, pieces)
        if at:
            if len(data) < at:
                self._left -= len(data)
                return data
            pieces.append(data[:at])
            self._left, self._in_footer = 0, True
        if self._in_footer:
            footer = data[at : at + 2]
            if footer != b"\r\n":
                self._wait_or_leave(data[at:], b"\r\n".startswith(footer))
                return b"".join(pieces)
            at, self._in_footer = at + 2, False
        return self._unwrap(data, at, pieces)

    def _unwrap(self, data: bytes, at: int, pieces: list[bytes]) -> bytes:
        """Unwrap from a position where a chunk begins."""
        find, size_of = data.find, SIZES.get
        while (line_end := find(b"\r\n", at, at + SIZE_BYTES)) > 0:
            size = data[at:line_end]
            if not (length := size_of(size) or _size(size)):
                break
            begin = line_end + 2
            end = begin + length
            if data[end : end + 2] != b"\r\n":
                return self._unwrap_open(data, begin, end, pieces)
            pieces.append(data[begin:end])
            at = end + 2
        rest = data[at:]
        self._wait_or_leave(rest, len(rest) < SIZE_BYTES and not rest.removesuffix(b"\r").strip(DIGITS))
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _unwrap_open(self, data: bytes, begin: int, end: int, pieces: list[bytes]) -> bytes:
        """Unwrap the chunk at which the data ends, or behind which is no CRLF."""
        pieces.append(data[begin:end])
        self._left = max(end - len(data), 0)
        if not self._left:
            self._in_footer = True
            footer = data[end : end + 2]
            self._wait_or_leave(data[end:], b"\r\n".startswith(footer))
        return b"".join(pieces)

    def _wait_or_leave(self, rest: bytes, may_go_on: bool) -> None:
        """Keep the first bytes of what may be as expected, until the others come; leave anything else to h11."""
        self._pending = rest
        if not may_go_on:
            self.leave()

    def leave(self) -> None:
        """Give h11 what it needs to read the rest of the body."""
        if self.over:
            return
        self.over = True
        if self._left:
            self._h11.receive_data(b"%x\r\n" % self._left)
        elif self._in_footer:
            self._h11.receive_data(b"1\r\n.")
            self._h11.next_event()  # the byte above: now it waits for CRLF
        if self._pending:  # nothing at all would be the connection's end
            self._h11.receive_data(self._pending)


def _size(digits: bytes) -> int:
    """Return the size that a line gives, 0 for what is no size."""
    return 0 if not digits or digits.strip(DIGITS) else int(digits, 16)


def unwrapped(
    unchunker: Unchunker, stream: NetworkStream, seconds: float | None, generators: Iterator[bytes]
) -> Iterator[bytes]:
    """Read the chunks of a body by blocking: from the network's stream, and from httpx's generators what is left.

    A failure to read goes through the generators, too: they close the connection, and make httpx's exception of it.
    """
    try:
        if chunk := unchunker.feed(b""):
            yield chunk
        while not unchunker.over:
            data = stream.read_now(READ_BYTES, seconds)
            if chunk := unchunker.feed(data):
                yield chunk
            elif not data:
                break
    except GeneratorExit:
        raise
    except BaseException as failure:
        stream.divert(_raising(failure))
    unchunker.leave()
    yield from generators


def _raising(failure: BaseException) -> Callable[..., bytes]:
    def read(max_bytes: int, timeout: float | None = None) -> bytes:
        raise failure

    return read
