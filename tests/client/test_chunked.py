"""Tests of the reader of chunked bodies, with h11 as the oracle: what is read, when, how it ends, and what is left."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import h11
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseclaude.client import chunked
from sseclaude.client.chunked import SIZES, Unchunker

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


class Read(NamedTuple):
    """What came of a body: how much after each piece, all of it, how it ended, and what was behind its end."""

    growth: list[int]
    body: bytes
    ending: str
    behind: bytes


class Reader:
    """Reads a body by h11 alone, or through an ``Unchunker`` first."""

    def __init__(self, ahead: bytes) -> None:
        self.h11 = h11.Connection(h11.CLIENT)
        self.h11.send(h11.Request(method="GET", target="/", headers=[("host", "localhost")]))
        self.h11.send(h11.EndOfMessage())
        self.h11.receive_data(HEAD + ahead)
        assert isinstance(self.h11.next_event(), h11.Response)
        self.body = b""
        self.ending = ""

    def events(self) -> None:
        """Read what h11 has."""
        while not self.ending:
            try:
                event = self.h11.next_event()
            except h11.RemoteProtocolError as failure:
                self.ending = str(failure)
                return
            if event is h11.NEED_DATA:
                return
            if isinstance(event, h11.EndOfMessage):
                self.ending = f"ended, trailers {[tuple(map(bytes, pair)) for pair in event.headers]}"
            else:
                self.body += bytes(event.data)


def read(pieces: list[bytes], *, by_h11: bool) -> Read:
    """Read a body whose first piece came with the head."""
    reader = Reader(pieces[0])
    unchunker = None if by_h11 else Unchunker(reader.h11)
    growth = []
    for number, piece in enumerate(pieces):
        if unchunker is not None and not unchunker.over:
            reader.body += unchunker.feed(piece if number else b"")
            if not piece and number:
                unchunker.leave()
                reader.h11.receive_data(piece)
        elif number:
            reader.h11.receive_data(piece)
        if unchunker is None or unchunker.over:
            reader.events()
        growth.append(len(reader.body))
        if reader.ending:
            break
    return Read(growth, reader.body, reader.ending, reader.h11.trailing_data[0])


def same(pieces: list[bytes]) -> None:
    assert read(pieces, by_h11=False) == read(pieces, by_h11=True)


BODIES = {
    "one chunk": b"5\r\nhello\r\n" + END,
    "several": b"5\r\nhello\r\n1\r\n,\r\n6\r\n world\r\n" + END,
    "none": END,
    "digits in capitals": b"A\r\n0123456789\r\n" + b"1F\r\n" + b"." * 31 + b"\r\n" + END,
    "a size of its own": b"3e8\r\n" + b"." * 1000 + b"\r\n" + END,
    "zeros ahead of the size": b"005\r\nhello\r\n0000000005\r\nhello\r\n00000000000000005\r\nhello\r\n000\r\n\r\n",
    "CRLF in the data": b"6\r\n\r\n5\r\n\n\r\n" + END,
    "extensions": b"5;name=value\r\nhello\r\n5\r\nhello\r\n0;last\r\n\r\n",
    "blanks behind the size": b"5 \r\nhello\r\n" + END,
    "trailers": b"5\r\nhello\r\n0\r\nx: 1\r\ny: 2\r\n\r\n",
    "a malformed trailer": b"5\r\nhello\r\n0\r\nno field\r\n\r\n",
    "LF alone behind the size": b"5\nhello\r\n" + END,
    "LF alone behind the data": b"5\r\nhello\n5\r\nhello\r\n" + END,
    "LF alone at the end": b"5\r\nhello\r\n0\n\n",
    "CR alone behind the size": b"5\rhello\r\n" + END,
    "data longer than its size": b"4\r\nhello\r\n" + END,
    "data shorter than its size": b"6\r\nhello\r\n" + END,
    "no digit": b"x\r\nhello\r\n" + END,
    "an empty line for a size": b"5\r\nhello\r\n\r\n" + END,
    "a negative size": b"-5\r\nhello\r\n" + END,
    "what Python would take for a number": b"1_0\r\n0123456789abcdef\r\n" + END,
    "a prefix": b"0x5\r\nhello\r\n" + END,
    "a size that overflows": b"ffffffffffffffffffffff\r\nhello\r\n" + END,
    "a very large size": b"ffffffff\r\nhello\r\n" + END,
    "bytes behind the end": b"5\r\nhello\r\n" + END + b"HTTP/1.1 200 OK\r\n",
    "an empty line behind the end": b"5\r\nhello\r\n" + END + b"\r\n",
    "no chunks": b"data: hello\n\n",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_cut_at_any_byte_is_read_as_by_h11(body: bytes) -> None:
    for cut in range(len(body) + 1):
        same([body[:cut], body[cut:], b""])
        same([b"", body[:cut], b""])


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_comes_byte_by_byte_is_read_as_by_h11(body: bytes) -> None:
    same([b"", *(body[at : at + 1] for at in range(len(body))), b""])


PARTS = st.one_of(
    st.binary(min_size=1, max_size=40).map(lambda data: b"%x\r\n%b\r\n" % (len(data), data)),
    st.sampled_from([b"\r\n", b"\n", b"\r", b"0", b"5", b";", b"a\r\n", END, b"0\r\n", b"x: y\r\n", b"hello"]),
)


@given(parts=st.lists(PARTS, max_size=12), cuts=st.lists(st.integers(0, 200), max_size=8))
def test_any_body_in_any_pieces_is_read_as_by_h11(parts: list[bytes], cuts: list[int]) -> None:
    body = b"".join(parts)
    places = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    pieces = [body[begin:end] for begin, end in pairwise(places)]
    same([*(pieces or [b""]), b""])


def test_chunks_that_came_together_are_one() -> None:
    unchunker = Unchunker(Reader(b"").h11)
    assert unchunker.feed(b"1\r\na\r\n2\r\nbc\r\n3\r\nd") == b"abcd"
    assert unchunker.feed(b"ef\r\n") == b"ef"
    assert not unchunker.over


def test_what_has_come_of_a_chunk_is_not_held_back() -> None:
    unchunker = Unchunker(Reader(b"").h11)
    assert [unchunker.feed(piece) for piece in (b"a", b"\r\n0123", b"4", b"56789")] == [b"", b"0123", b"4", b"56789"]


def test_the_sizes_that_are_known_are_those_that_digits_give() -> None:
    assert all(int(digits, 16) == size for digits, size in SIZES.items())


def response(status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, stream=httpx.ByteStream(b""))


def test_only_a_chunked_body_of_our_own_connections_is_unwrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Reader(b"").h11
    assert Unchunker.of(response(transfer_encoding="Chunked"), connection)
    assert Unchunker.of(response(transfer_encoding="chunked"), None) is None
    assert Unchunker.of(response(content_length="5"), connection) is None
    assert Unchunker.of(response(), connection) is None
    assert Unchunker.of(response(204, transfer_encoding="chunked"), connection) is None
    monkeypatch.setattr(chunked, "enabled", False)
    assert Unchunker.of(response(transfer_encoding="chunked"), connection) is None


def test_without_the_private_attribute_of_h11_it_reads_alone() -> None:
    stranger: Any = object()
    assert Unchunker.of(response(transfer_encoding="chunked"), stranger) is None
    assert hasattr(Reader(b"").h11, "_receive_buffer")
