"""Compressed bodies: whole, cut anywhere, in members, of the wrong kind, and bombs."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseclaude import ProtocolError
from sseclaude.client.decompress import PIECE_BYTES, Inflater, Undecodable, decoder_of
from tests.support.streams import POINTS, cut_at_random

TEXT = b"event: ping\ndata: {}\n\n" * 50


def bare(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


KINDS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "zlib": zlib.compress, "deflate": bare}


def inflated(chunks: list[bytes]) -> bytes:
    inflater, pieces = Inflater(), []
    for chunk in chunks:
        inflater.feed(chunk)
        while piece := inflater.piece():
            assert len(piece) <= PIECE_BYTES
            pieces.append(piece)
    return b"".join(pieces)


@pytest.mark.parametrize("kind", KINDS)
@given(points=POINTS)
def test_it_does_not_matter_how_it_is_cut(kind: str, points: list[int]) -> None:
    assert inflated(cut_at_random(KINDS[kind](TEXT), points)) == TEXT


@pytest.mark.parametrize("kind", KINDS)
def test_single_bytes(kind: str) -> None:
    data = KINDS[kind](TEXT)
    assert inflated([data[at : at + 1] for at in range(len(data))]) == TEXT


@given(st.lists(st.binary(max_size=99), min_size=1, max_size=4), POINTS)
def test_gzip_members_follow_one_another(parts: list[bytes], points: list[int]) -> None:
    data = b"".join(map(gzip.compress, parts))
    assert inflated(cut_at_random(data, points)) == b"".join(parts)


@pytest.mark.parametrize("rest", [b"\0" * 100, b"junk", b"\x1f", b"\x1fjunk"])
def test_what_is_behind_the_end_is_dropped(rest: bytes) -> None:
    inflater = Inflater()
    inflater.feed(gzip.compress(b"words") + rest)
    assert inflater.piece() == b"words"
    for _ in range(3):
        inflater.feed(b"more")
        assert inflater.piece() == b""
    assert len(inflater._input) <= 8


@pytest.mark.parametrize("data", [b"event: ping\n\n", gzip.compress(TEXT)[:10] + b"\xff" * 99, b"\x1f\x8bjunk of all"])
def test_what_is_not_compressed_is_an_error(data: bytes) -> None:
    with pytest.raises(zlib.error):
        inflated([data])


def test_a_bomb_comes_in_pieces() -> None:
    inflater, size = Inflater(), 0
    inflater.feed(gzip.compress(bytes(50 * 1024 * 1024)))
    for _ in range(100):
        piece = inflater.piece()
        assert len(piece) <= PIECE_BYTES
        size += len(piece)
    assert size == 100 * PIECE_BYTES


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("", None),
        ("identity", None),
        ("Identity, identity", None),
        ("gzip", Inflater),
        (" GZIP ", Inflater),
        ("x-gzip", Inflater),
        ("deflate, identity", Inflater),
        ("br", Undecodable),
        ("gzip, gzip", Undecodable),
        ("zstd", Undecodable),
    ],
)
def test_what_an_encoding_is_undone_by(header: str, kind: type | None) -> None:
    assert type(decoder_of(header)) is (kind or type(None))


def test_an_encoding_nobody_asked_for_is_refused() -> None:
    decoder = decoder_of("br")
    assert decoder is not None
    assert decoder.piece() == b""
    with pytest.raises(ProtocolError, match="encoded as 'br'"):
        decoder.feed(b"x")
