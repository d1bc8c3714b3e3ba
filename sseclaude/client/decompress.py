"""Compressed bodies, inflated in pieces of bounded size, so that a decompression bomb cannot fill the memory.

Purpose: ``decoder_of`` chooses the decoder for a ``content-encoding``. The client requests no compression, but some
proxies compress every response.
Must not know: responses, or what the bytes mean.
Rule: no call returns more than ``PIECE_BYTES``; the rest stays compressed until the next call.

Source: RFC 9110, section 8.4.1; RFC 1950, 1951 and 1952.
"""

from __future__ import annotations

import zlib

from ..errors import ProtocolError

PIECE_BYTES = 64 * 1024
"""How much a compressed body may inflate to before the decoder sees it."""

GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
BARE_DEFLATE = -zlib.MAX_WBITS

HEADER_BYTES = 2
"""The first bytes tell gzip, zlib and bare deflate apart, so they are looked at together."""

GZIP_MAGIC = b"\x1f\x8b"


class Inflater:
    """Inflates gzip (of any number of members) and deflate (with a zlib header, or bare as some servers send it)."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(GZIP_OR_ZLIB)
        self._input = b""
        self._begun = False

    def feed(self, chunk: bytes) -> None:
        """Take the next compressed bytes."""
        self._input += chunk

    def piece(self) -> bytes:
        """Return the next inflated bytes, b"" when more input is needed. Raises zlib.error for what is none."""
        piece = self._inflate()
        while not piece and self._stream.eof and self._next_member():
            piece = self._inflate()
        return piece

    def _inflate(self) -> bytes:
        if self._stream.eof or not (self._begun or len(self._input) >= HEADER_BYTES):
            return b""
        try:
            piece = self._stream.decompress(self._input, PIECE_BYTES)
        except zlib.error:
            if self._begun or self._input.startswith(GZIP_MAGIC):
                raise
            self._stream = zlib.decompressobj(BARE_DEFLATE)
            piece = self._stream.decompress(self._input, PIECE_BYTES)
        self._begun = True
        self._input = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        return piece

    def _next_member(self) -> bool:
        """Begin with the next gzip member if one follows; any other bytes after the end are dropped."""
        if self._input.startswith(GZIP_MAGIC):
            self._stream = zlib.decompressobj(GZIP_OR_ZLIB)
            return True
        if not GZIP_MAGIC.startswith(self._input):
            self._input = b""
        return False


class Undecodable:
    """The decoder of an unsupported encoding: the client did not request it, and could not bound its output."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding

    def feed(self, chunk: bytes) -> None:
        """Raise ProtocolError."""
        raise ProtocolError(f"the body is encoded as {self._encoding!r}", rule="not_an_event_stream")

    def piece(self) -> bytes:
        """Return nothing."""
        return b""


def decoder_of(content_encoding: str) -> Inflater | Undecodable | None:
    """Return the decoder for a ``content-encoding`` header, None for a body that is not encoded."""
    encodings = [word for word in (part.strip().lower() for part in content_encoding.split(",")) if word not in PLAIN]
    if not encodings:
        return None
    return Inflater() if encodings[0] in INFLATED and len(encodings) == 1 else Undecodable(content_encoding)


PLAIN = frozenset({"", "identity"})
INFLATED = frozenset({"gzip", "x-gzip", "deflate"})
