"""The decoder's work is linear, and its memory bounded; what is beyond the bound is refused at every cut."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sseclaude.errors import ProtocolError
from sseclaude.sse import ServerSentEvent, SSEDecoder
from tests.support.streams import POINTS, bytewise, cut_at_random, decode, edges

LARGE = [
    ("one line, byte by byte", [b"data: ", *[b"x"] * 50_000, b"\n\n"], "x" * 50_000),
    ("one line in small pieces", [b"data: ", *[b"x" * 70] * 20_000, b"\n\n"], "x" * 1_400_000),
    ("many lines at once", [b"data: x\n" * 100_000 + b"\n"], "\n".join(["x"] * 100_000)),
    ("many lines, one at a time", [*[b"data: x\n"] * 50_000, b"\n"], "\n".join(["x"] * 50_000)),
    (
        "the beginning of an event, again and again",
        [b"id: 1\ndata: " + b"event: " * 600_000 + b"\n\n"],
        "event: " * 600_000,
    ),
    ("the same in a type", [b"event: " * 200_000 + b"\ndata: x\n\n"], "x"),
    ("the same, unfinished", [b"event: a\ndata: " + b"event: a\ndata: " * 200_000 + b"\n\n"], None),
    ("spaces", [b"event: " + b" " * 2_000_000 + b"\ndata: x\n\n"], "x"),
]
"""What a careless decoder would copy, or search, again at every step: it would not get to the end of these."""


@pytest.mark.parametrize(("chunks", "data"), [row[1:] for row in LARGE], ids=[row[0] for row in LARGE])
def test_work_is_linear(chunks: list[bytes], data: str | None) -> None:
    (found,) = decode(chunks)
    assert data is None or found[1] == data


BOUND = 100_000

TOO_LARGE = [
    ("a line in one chunk", [b"data: " + b"x" * BOUND + b"\n"]),
    ("a line without an end", [b"data: ", *[b"x" * 1000] * 1000]),
    ("a field without a colon", [b"x" * 1000] * 1000),
    ("many lines", [b"data: " + b"x" * 1000 + b"\n"] * 1000),
    ("many empty lines", [b"data\n" * 1000] * 1000),
    ("data and an unfinished line", [b"data: " + b"x" * 60_000 + b"\n", b"data: " + b"x" * 60_000]),
    ("a type without an end", [b"event: ", *[b"x" * 1000] * 1000]),
    ("a type in one chunk", [b"event: " + b"x" * BOUND + b"\ndata: y\n\n"]),
    ("an id in one chunk", [b"id: " + b"x" * BOUND + b"\n\n"]),
]


@pytest.mark.parametrize("chunks", [row[1] for row in TOO_LARGE], ids=[row[0] for row in TOO_LARGE])
@pytest.mark.parametrize("before", [b"", b"event: t\ndata: first\n\n"], ids=["alone", "after an event"])
def test_an_event_beyond_the_bound_is_refused(chunks: list[bytes], before: bytes) -> None:
    decoder = SSEDecoder(max_event_bytes=BOUND)
    decoder.feed(before)
    with pytest.raises(ProtocolError, match="max_event_bytes=100000") as caught:
        decode_into(decoder, chunks)
    assert caught.value.rule == "event_too_large"
    assert caught.value.frame is not None
    assert 0 < len(caught.value.frame) <= 1024
    for again in (lambda: decoder.feed(b"data: x\n\n"), decoder.close):
        with pytest.raises(ProtocolError, match="max_event_bytes=100000"):
            again()


def decode_into(decoder: SSEDecoder, chunks: Iterable[bytes]) -> list[ServerSentEvent]:
    return [found for chunk in chunks for found in decoder.feed(chunk)]


def test_events_before_the_failure_come_first() -> None:
    decoder = SSEDecoder(max_event_bytes=50)
    first = b"event: t\ndata: first\n\n"
    assert [found.data for found in decoder.feed(first + b"data: second\n\ndata: " + b"x" * 60)] == ["first", "second"]
    with pytest.raises(ProtocolError):
        decoder.feed(first)


def test_a_failure_not_yet_told_comes_at_the_close() -> None:
    decoder = SSEDecoder(max_event_bytes=50)
    assert len(decoder.feed(b"data: a\n\ndata: " + b"x" * 60)) == 1
    with pytest.raises(ProtocolError):
        decoder.close()


WITHIN = [
    ("data to the last byte", b"data: " + b"x" * 92 + b"\n\n"),
    ("a plain event", b"event: t\ndata: " + b"x" * 82 + b"\n\n"),
    ("a comment of any length", b": " + b"x" * 1000 + b"\ndata: a\n\n"),
    ("comments of any number", b": x\n" * 500 + b"data: a\n\n"),
    ("small events without number", b"event: t\ndata: a\n\n" * 50),
    ("a large chunk of small events", b"data: a\n\n" * 50),
]


@pytest.mark.parametrize("data", [row[1] for row in WITHIN], ids=[row[0] for row in WITHIN])
def test_what_is_within_the_bound_is_read(data: bytes) -> None:
    expected = decode([data])
    assert expected
    for chunks in ([data], bytewise(data), *edges(data)):
        assert decode(chunks, max_event_bytes=100) == expected


def test_a_line_that_began_in_an_earlier_chunk_counts() -> None:
    """Together with the lines behind it, which come in a chunk that is well within the bound."""
    with pytest.raises(ProtocolError):
        decode([b"data: " + b"x" * 16, b"\ndata\ndata: yy\n"], max_event_bytes=24)


LINES = [b"data: ", b"event: ", b": ", b"x" * 7, b"\n", b"\n\n", b"\r\n"]
SHORT = [b"\ndata", b"\ndata: x", b"\ndata: yy", b"\r\nid", b"\n: c", b"\n"]
BODIES = st.lists(st.sampled_from(LINES), max_size=40) | st.builds(
    lambda size, rest: [b"data: " + b"x" * size, *rest, b"\n\n"],
    st.integers(8, 18),
    st.lists(st.sampled_from(SHORT), min_size=1, max_size=4),
)
"""Lines in any order; and a line that leaves little of the bound to the few behind it."""


@settings(max_examples=300, deadline=None)
@given(BODIES, POINTS | st.lists(st.integers(0, 40), max_size=3))
def test_the_bound_does_not_depend_on_the_cuts(parts: list[bytes], points: list[int]) -> None:
    data = b"".join(parts)

    def outcome(chunks: Iterable[bytes]) -> Any:
        decoder, events = SSEDecoder(max_event_bytes=24), []
        try:
            for chunk in chunks:
                events += decoder.feed(chunk)
            decoder.close()
        except ProtocolError as refusal:
            return events, refusal.message
        return events, None

    assert outcome([data]) == outcome(bytewise(data)) == outcome(cut_at_random(data, points))


ENDLESS = [
    ("a line", b"data: ", b"x" * 1000),
    ("a line in drops", b"data: ", b"xy"),
    ("a comment", b": ", b"x" * 1000),
    ("comments", b"", b": ping\n\n" * 4),
    ("comments in one event", b"data: a\n", b": ping\n"),
    ("empty lines", b"", b"\n" * 16),
    ("fields that say nothing", b"", b"other: x\n"),
    ("types", b"", b"event: x\n"),
    ("lines of data", b"data: ", b"data: xy\n" * 8),
]


@pytest.mark.parametrize(("first", "again"), [row[1:] for row in ENDLESS], ids=[row[0] for row in ENDLESS])
def test_memory_stays_near_the_bound(first: bytes, again: bytes) -> None:
    bound = 64 * 1024
    decoder = SSEDecoder(max_event_bytes=bound)
    fed = len(first)
    tracemalloc.start()
    try:
        decoder.feed(first)
        while fed < 4 * bound:
            decoder.feed(again)
            fed += len(again)
        kept, peak = tracemalloc.get_traced_memory()
        refused = False
    except ProtocolError:
        kept, peak = tracemalloc.get_traced_memory()
        refused = True
    finally:
        tracemalloc.stop()
    assert refused == (first == b"data: ")
    assert peak < (3 * bound if refused else 0.2 * bound)
    assert kept < 0.2 * bound
