"""Scripts: cutting events and steps without changing a byte."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseclaude.replay.script import (
    Cut,
    Done,
    Head,
    Send,
    Step,
    Steps,
    Wait,
    body,
    event_type,
    head,
    is_event_stream,
    map_head,
    split,
    split_events,
)

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"

EVENTS = [
    ("nothing", b"", []),
    ("one", b"data: a\n\n", [b"data: a\n\n"]),
    ("two", b"data: a\n\ndata: b\n\n", [b"data: a\n\n", b"data: b\n\n"]),
    ("CRLF", b"data: a\r\n\r\ndata: b\r\n\r\n", [b"data: a\r\n\r\n", b"data: b\r\n\r\n"]),
    ("CR", b"data: a\r\rdata: b\r\r", [b"data: a\r\r", b"data: b\r\r"]),
    ("CR then CRLF", b"data: a\r\r\ndata: b\n\n", [b"data: a\r\r\n", b"data: b\n\n"]),
    ("a comment belongs to what follows", b": hi\n\ndata: a\n\n", [b": hi\n\ndata: a\n\n"]),
    ("many empty lines", b"data: a\n\n\n\ndata: b\n\n", [b"data: a\n\n\n\n", b"data: b\n\n"]),
    ("no data is no event", b"event: x\n\ndata: a\n\n", [b"event: x\n\ndata: a\n\n"]),
    ("unfinished", b"data: a\n\ndata: b", [b"data: a\n\n", b"data: b"]),
    ("data without a colon", b"data\n\ndata: b\n\n", [b"data\n\n", b"data: b\n\n"]),
]


@pytest.mark.parametrize(("stream", "expected"), [row[1:] for row in EVENTS], ids=[row[0] for row in EVENTS])
def test_a_stream_is_cut_behind_each_event(stream: bytes, expected: list[bytes]) -> None:
    assert split_events(stream) == expected


@given(st.lists(st.sampled_from([b"data: a", b"event: x", b": c", b"\n", b"\r", b"\r\n", b"id: 1", b"\xff"])))
def test_the_pieces_are_the_stream_again(parts: list[bytes]) -> None:
    assert b"".join(split_events(b"".join(parts))) == b"".join(parts)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.sse")), ids=lambda path: path.stem)
def test_every_fixture_is_cut_without_a_change(path: Path) -> None:
    events = split_events(path.read_bytes())
    assert b"".join(events) == path.read_bytes()
    assert event_type(events[-1]) in {"message_stop", "error", "content_block_delta"}


TYPES = [
    (b"event: ping\ndata: {}\n\n", "ping"),
    (b"event:ping\r\ndata: {}\r\n\r\n", "ping"),
    (b'data: {"type": "ping"}\n\n', "ping"),
    (b"data: [DONE]\n\n", ""),
]


@pytest.mark.parametrize(("event", "expected"), TYPES)
def test_the_type_is_the_line_or_the_json(event: bytes, expected: str) -> None:
    assert event_type(event) == expected


HEAD = Head(200, (("content-type", "text/event-stream; charset=utf-8"),))
STEPS: Steps = [HEAD, Wait(1), Send(b"abc"), Wait(2), Send(b"def"), Done()]

SPLITS: list[tuple[int, list[Step], list[Step]]] = [
    (0, [HEAD], [Wait(1), Send(b"abc"), Wait(2), Send(b"def"), Done()]),
    (1, [HEAD, Wait(1), Send(b"a")], [Send(b"bc"), Wait(2), Send(b"def"), Done()]),
    (3, [HEAD, Wait(1), Send(b"abc")], [Wait(2), Send(b"def"), Done()]),
    (6, [HEAD, Wait(1), Send(b"abc"), Wait(2), Send(b"def")], [Done()]),
    (99, [HEAD, Wait(1), Send(b"abc"), Wait(2), Send(b"def")], [Done()]),
]


@pytest.mark.parametrize(("offset", "before", "after"), SPLITS)
def test_a_script_is_cut_at_a_byte(offset: int, before: Steps, after: Steps) -> None:
    assert split(STEPS, offset) == (before, after)


def test_a_script_without_an_end_is_cut_behind_it() -> None:
    assert split([HEAD, Send(b"a")], 1) == ([HEAD, Send(b"a")], [])


@given(st.lists(st.binary(min_size=1, max_size=5)), st.integers(0, 30))
def test_the_parts_send_the_same_bytes(chunks: list[bytes], offset: int) -> None:
    before, after = split([HEAD, *map(Send, chunks), Done()], offset)
    assert body(before) == b"".join(chunks)[:offset]
    assert body(before) + body(after) == b"".join(chunks)


def test_the_head_is_found_and_changed() -> None:
    assert head([Cut()]) is None
    assert not is_event_stream(None)
    assert is_event_stream(head(STEPS))
    assert head(map_head(STEPS, lambda one: Head(500, one.headers))) == Head(500, HEAD.headers)
