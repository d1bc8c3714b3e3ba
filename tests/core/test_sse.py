"""The decoder by the standard's rules, at every cut; and back to bytes."""

from __future__ import annotations

import copy
import pickle
from itertools import chain
from typing import Any

import httpx_sse
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sseclaude.sse import BOM, MAX_RETRY_DIGITS, ServerSentEvent, SSEDecoder, encode
from tests.support.streams import FIXTURES, POINTS, Fields, bytewise, cut, cut_at_random, decode, edges


def event(data: str, event: str = "message", id: str = "", retry: int | None = None) -> Fields:
    return event, data, id, retry


# --- the rules of 9.2.5 and 9.2.6 --------------------------------------------------------------------------------

RULES: list[tuple[str, bytes, list[Fields]]] = [
    # the examples of the standard
    ("one line", b"data: This is the first message.\n\n", [event("This is the first message.")]),
    ("two lines", b"data: one\ndata: two\n\n", [event("one\ntwo")]),
    ("types", b"event: add\ndata: 73\n\nevent: remove\ndata: 2\n\n", [event("73", "add"), event("2", "remove")]),
    ("lines with a sign", b"data: YHOO\ndata: +2\ndata: 10\n\n", [event("YHOO\n+2\n10")]),
    (
        "ids",
        b": test stream\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n",
        [event("first", id="1"), event("second"), event(" third")],
    ),
    ("empty data", b"data\n\ndata\ndata\n\ndata:", [event(""), event("\n")]),
    ("a space or none", b"data:test\n\ndata: test\n\n", [event("test"), event("test")]),
    # lines
    ("CR", b"event: a\rdata: b\r\r", [event("b", "a")]),
    ("CRLF", b"event: a\r\ndata: b\r\n\r\n", [event("b", "a")]),
    ("all ends mixed", b"event: a\rdata: b\r\ndata: c\n\r\n", [event("b\nc", "a")]),
    ("CR, then LF of another line", b"data: a\r\r\ndata: b\n\n", [event("a"), event("b")]),
    ("LF, then CR", b"data: a\n\rdata: b\n\r", [event("a"), event("b")]),
    ("CRLF behind a plain event", b"event: a\ndata: b\n\ndata: c\r\n\r\n", [event("b", "a"), event("c")]),
    ("U+2028, U+2029, U+0085", "data: a\u2028b\u2029c\u0085d\n\n".encode(), [event("a\u2028b\u2029c\u0085d")]),
    ("VT, FF, FS, GS, RS", b"data: a\vb\fc\x1cd\x1de\x1ef\n\n", [event("a\vb\fc\x1cd\x1de\x1ef")]),
    ("U+2028 in a plain event", "event: t\ndata: a\u2028b\n\n".encode(), [event("a\u2028b", "t")]),
    ("only empty lines", b"\n\r\r\n\n", []),
    # the end
    ("unfinished line", b"data: a\n\ndata: b", [event("a")]),
    ("unfinished event", b"data: a\n\ndata: b\n", [event("a")]),
    ("nothing", b"", []),
    # the byte order mark
    ("BOM", BOM + b"data: a\n\n", [event("a")]),
    ("BOM before a plain event", BOM + b"event: t\ndata: a\n\n", [event("a", "t")]),
    ("two BOMs", BOM + BOM + b"data: a\n\ndata: b\n\n", [event("b")]),
    ("BOM later on", b"data: a\n\n" + BOM + b"data: b\n\ndata: c\n\n", [event("a"), event("c")]),
    ("BOM later on, in data", b"data: a\n\ndata: " + BOM + b"b\n\n", [event("a"), event("\ufeffb")]),
    ("half a BOM", BOM[:2] + b"data: a\n\ndata: b\n\n", [event("b")]),
    ("half a BOM before a plain event", BOM[:1] + b"event: t\ndata: a\n\n", [event("a")]),
    ("only a BOM", BOM, []),
    ("only half a BOM", BOM[:2], []),
    # comments
    ("comment", b": hello\ndata: a\n: there\n\n", [event("a")]),
    ("empty comment", b":\ndata: a\n:\n\n", [event("a")]),
    ("a comment is no event", b": hello\n\n", []),
    ("a comment that looks like data", b":data: a\n\n", []),
    # fields
    ("no colon", b"data\nevent\n\n", [event("")]),
    ("no colon, and text", b"database\n\n", []),
    ("only one space goes", b"data:   a \n\n", [event("  a ")]),
    ("a tab stays", b"data:\ta\n\n", [event("\ta")]),
    ("colons in the value", b"data: a: b:c\n\n", [event("a: b:c")]),
    ("unknown field", b"colour: red\ndata: a\n\n", [event("a")]),
    ("names are exact", b"Data: a\nDATA: b\n data: c\ndata : d\n\n", []),
    ("empty lines of data", b"data: a\ndata:\ndata: \ndata: b\n\n", [event("a\n\n\nb")]),
    ("last type wins", b"event: a\nevent: b\ndata: c\n\n", [event("c", "b")]),
    ("empty type", b"event: a\nevent:\ndata: c\n\n", [event("c")]),
    ("type behind data", b"data: c\nevent: a\n\n", [event("c", "a")]),
    ("type without data is forgotten", b"event: a\n\ndata: b\n\n", [event("b")]),
    ("a type of any characters", "event: a b:ü\ndata: c\n\n".encode(), [event("c", "a b:ü")]),
    ("a type that begins with a space", b"event:  a\ndata: c\n\n", [event("c", " a")]),
    ("a type that is only spaces", b"event:   \ndata: c\n\n", [event("c", "  ")]),
    # id
    ("id stays", b"id: 1\ndata: a\n\ndata: b\n\n", [event("a", id="1"), event("b", id="1")]),
    ("id stays for plain events", b"id: 1\n\nevent: t\ndata: b\n\n", [event("b", "t", id="1")]),
    ("id is emptied", b"id: 1\ndata: a\n\nid\ndata: b\n\n", [event("a", id="1"), event("b")]),
    ("id with NUL is ignored", b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", [event("a", id="1"), event("b", id="1")]),
    ("NUL elsewhere is content", b"event: \0\ndata: \0\n\n", [event("\0", "\0")]),
    # retry
    ("retry", b"retry: 10\ndata: a\n\ndata: b\n\n", [event("a", retry=10), event("b")]),
    ("leading zeros", b"retry: 007\ndata: a\n\n", [event("a", retry=7)]),
    ("no number", b"retry: 1s\nretry: -1\nretry:\nretry: 1.5\nretry:  1\ndata: a\n\n", [event("a")]),
    ("not ASCII digits", "retry: ١\ndata: a\n\n".encode(), [event("a")]),
    ("too many digits", b"retry: " + b"9" * (MAX_RETRY_DIGITS + 1) + b"\ndata: a\n\n", [event("a")]),
    ("retry without data is forgotten", b"retry: 10\n\ndata: a\n\n", [event("a")]),
    ("retry, then a plain event", b"retry: 10\nevent: t\ndata: a\n\n", [event("a", "t", retry=10)]),
    # UTF-8
    ("UTF-8", "data: ü€🗼\n\n".encode(), [event("ü€🗼")]),
    ("bad bytes", b"event: \xff\ndata: a\xffb\xc3\nid: \xfe\n\n", [event("a\ufffdb\ufffd", "\ufffd", "\ufffd")]),
    ("a surrogate in UTF-8", b"data: \xed\xa0\xbd\n\n", [event("\ufffd\ufffd\ufffd")]),
    ("overlong", b"data: \xc0\x8a\n\n", [event("\ufffd\ufffd")]),
    # plain events, and what only looks like them
    ("a frame inside data", b"data: event: a\ndata: b\n\n", [event("event: a\nb")]),
    ("event, data, data", b"event: a\ndata: b\ndata: c\n\n", [event("b\nc", "a")]),
    (
        "plain, odd, plain",
        b"event: a\ndata: b\n\nid: 3\n\nevent: c\ndata: d\n\n",
        [event("b", "a"), event("d", "c", "3")],
    ),
    ("a comment between plain events", b"event: a\ndata: b\n\n: hi\n\nevent: c\ndata: d\n\n", [("b", "a"), ("d", "c")]),
]
RULES = [(name, data, [row if len(row) == 4 else event(*row) for row in expected]) for name, data, expected in RULES]


@pytest.mark.parametrize(("data", "expected"), [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_rules_at_every_cut(data: bytes, expected: list[Fields]) -> None:
    assert decode([data]) == expected
    assert decode(bytewise(data)) == expected
    assert decode([b"", *chain.from_iterable((byte, b"") for byte in bytewise(data))]) == expected
    for chunks in edges(data):
        assert decode(chunks) == expected


@pytest.mark.parametrize("first", [row[:2] for row in RULES], ids=[row[0] for row in RULES])
def test_rules_one_after_another(first: tuple[str, bytes]) -> None:
    """Each piece behind each other piece: what one leaves behind is the same, however the two were cut."""
    for _, data, _ in RULES:
        both = first[1] + data
        expected = decode(bytewise(both))
        assert decode([both]) == expected
        assert decode([first[1], data]) == expected


LINES = st.sampled_from(
    [
        *(b"data: ", b"data:", b"data", b"event: ", b"id: ", b"id", b"retry: ", b":", b": "),
        *(b"event: a\ndata: b\n\n", b"event: ", b"a", b"1", b"\0", b" ", b"\xff", "🗼".encode()),
        *(b"\n", b"\n", b"\n\n", b"\r", b"\r\n", BOM, BOM[:1], BOM[1:]),
    ]
)


@settings(max_examples=400, deadline=None)
@given(parts=st.lists(LINES, max_size=30), points=POINTS)
@example(parts=[BOM[:1], b"event: a\ndata: b\n\n"], points=[1])
@example(parts=[b"event: a\ndata: b\n\n", BOM, b"data: ", b"\n\n"], points=[0, 18])
def test_cuts_change_nothing(parts: list[bytes], points: list[int]) -> None:
    data = b"".join(parts)
    assert decode([data]) == decode(cut_at_random(data, points)) == decode(bytewise(data)) == by_the_book(data)


def by_the_book(data: bytes) -> list[Fields]:
    """The standard's algorithm in its own order: decode, split, interpret. Slow, and checked by eye."""
    text = data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    events: list[Fields] = []
    buffer, kind, last_id, retry = "", "", "", None
    for line in text.split("\n")[:-1]:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            if buffer:
                events.append((kind or "message", buffer[:-1], last_id, retry))
            buffer, kind, retry = "", "", None
        elif field == "event":
            kind = value
        elif field == "data":
            buffer += value + "\n"
        elif field == "id" and "\0" not in value:
            last_id = value
        elif field == "retry" and value.isascii() and value.isdigit():
            retry = int(value)
    return events


# --- each event with the byte that completes it --------------------------------------------------------------------

COMPLETING = [
    ("LF", b"data: a\n\n"),
    ("CR", b"data: a\r\r"),
    ("CRLF", b"data: a\r\n\r"),  # the LF that may follow belongs to this CR
    ("LF, CR", b"data: a\n\r"),
    ("plain", b"event: a\ndata: b\n\n"),
]


@pytest.mark.parametrize("data", [row[1] for row in COMPLETING], ids=[row[0] for row in COMPLETING])
def test_an_event_comes_with_the_byte_that_completes_it(data: bytes) -> None:
    decoder = SSEDecoder()
    assert not any(decoder.feed(byte) for byte in bytewise(data[:-1]))
    assert len(decoder.feed(data[-1:])) == 1


def test_a_late_lf_is_swallowed() -> None:
    decoder = SSEDecoder()
    assert len(decoder.feed(b"data: a\r\n\r")) == 1
    assert decoder.feed(b"\n") == []
    assert [found.data for found in decoder.feed(b"data: b\n\n")] == ["b"]


def test_what_the_stream_has_set() -> None:
    decoder = SSEDecoder()
    assert (decoder.last_event_id, decoder.reconnection_time) == ("", None)
    decoder.feed(b"id: 7\nretry: 250\n\n")
    assert (decoder.last_event_id, decoder.reconnection_time) == ("7", 250)


def test_many_types_and_long_ones() -> None:
    kinds = [*(f"kind_{number}" for number in range(200)), "k" * 500, "k" * 501] * 2
    data = b"".join(f"event: {kind}\ndata: x\n\n".encode() for kind in kinds)
    for chunks in ([data], [data[:1], data[1:]], bytewise(data)):
        assert [found[0] for found in decode(chunks)] == kinds


def test_after_close() -> None:
    decoder = SSEDecoder()
    decoder.feed(b"event: a\ndata: b\n\n")
    decoder.close()
    decoder.close()
    with pytest.raises(ValueError, match=r"feed\(\) after close\(\)"):
        decoder.feed(b"event: a\ndata: b\n\n")


# --- a second opinion ---------------------------------------------------------------------------------------------

NOT_BY_THE_STANDARD = {
    "a CR or an LF at the edge of a chunk": "httpx-sse waits for what follows a CR; it is given lines",
    "the byte order mark": "it is kept, and spoils the first line",
    "an event without data": "one with a type, an id or a retry alone is yielded; here it is not dispatched",
    "empty data": "`data:` alone is yielded only if something else was set",
    "bad UTF-8": "httpx decodes by the declared charset; here the oracle is given text",
    "digits": "int() takes what is not ASCII digits, too: spaces, signs, underscores, other scripts",
    "an empty type": "stays empty; here it is `message`",
}
"""Where httpx-sse departs from the standard, and what is therefore kept out of the comparison."""

ASKED_BOTH = st.lists(
    st.tuples(
        st.sampled_from(["\n", "\r", "\r\n"]),
        st.lists(
            st.tuples(
                st.sampled_from(["data: ", "data:", "event: ", ": ", "id: ", "other: "]),
                st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1, max_size=8),
            ),
            min_size=1,
            max_size=5,
        ),
    ),
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(ASKED_BOTH)
def test_httpx_sse_agrees(frames: list[tuple[str, list[tuple[str, str]]]]) -> None:
    text = "".join(end.join([*(a + b for a, b in lines), "data: x", "", ""]) for end, lines in frames)
    oracle = httpx_sse._decoders.SSEDecoder()  # the only way in that takes no response
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:-1]
    theirs = [found for line in lines if (found := oracle.decode(line)) is not None]
    assert decode([text.encode()]) == [(sse.event, sse.data, sse.id, sse.retry) for sse in theirs]


@pytest.mark.parametrize("path", sorted(FIXTURES.rglob("*.sse")), ids=lambda path: path.stem)
def test_httpx_sse_agrees_on_fixtures(path: Any) -> None:
    oracle = httpx_sse._decoders.SSEDecoder()
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    theirs = [found for line in lines if (found := oracle.decode(line)) is not None]
    assert decode([path.read_bytes()]) == [(sse.event, sse.data, sse.id, sse.retry) for sse in theirs]


# --- the event -------------------------------------------------------------------------------------------------------


def test_an_event_is_a_value() -> None:
    one = ServerSentEvent("text", "ü", "7", 3)
    assert one == ServerSentEvent(event="text", data="ü", id="7", retry=3)
    assert hash(one) == hash(copy.copy(one))
    assert one != ServerSentEvent("text", "ü", "7")
    assert one != ("text", "ü".encode(), "7", 3)
    assert pickle.loads(pickle.dumps(one)) == one
    assert repr(one) == "ServerSentEvent(event='text', data='ü', id='7', retry=3)"
    assert eval(repr(one)) == one
    with pytest.raises(AttributeError):
        one.event = "other"  # type: ignore[misc]
    assert (ServerSentEvent().event, ServerSentEvent().data) == ("message", "")


def test_events_with_the_same_text_are_equal() -> None:
    (bad,) = SSEDecoder().feed(b"data: a\xff\n\n")
    assert bad.raw == b"a\xff"
    assert bad == ServerSentEvent(data="a\ufffd")
    assert hash(bad) == hash(ServerSentEvent(data="a\ufffd"))


# --- back to bytes ------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]))
LINE = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))
EVENTS = st.builds(ServerSentEvent, LINE.filter(bool), TEXT, LINE, st.none() | st.integers(0, 10**MAX_RETRY_DIGITS - 1))


@settings(max_examples=200, deadline=None)
@given(EVENTS, POINTS)
@example(ServerSentEvent("\ufeff", "\ufeff"), [])
@example(ServerSentEvent(data="\n\n"), [])
@example(ServerSentEvent(" a", " b", " c", 0), [])
def test_encode_round_trip(event: ServerSentEvent, points: list[int]) -> None:
    written = encode(event)
    assert [ServerSentEvent(*found) for found in decode(cut_at_random(written, points))] == [event]


ENCODED = [
    (ServerSentEvent(data="a"), b"data: a\n\n"),
    (ServerSentEvent("t", "a\nb"), b"event: t\ndata: a\ndata: b\n\n"),
    (ServerSentEvent("t", "", "7", 0), b"event: t\nid: 7\nretry: 0\ndata: \n\n"),
]


@pytest.mark.parametrize(("event", "written"), ENCODED)
def test_encode(event: ServerSentEvent, written: bytes) -> None:
    assert encode(event) == written


UNWRITABLE = [
    (ServerSentEvent(data="a\rb"), "data cannot hold '\\r'"),
    (ServerSentEvent("a\nb"), "event cannot hold '\\n'"),
    (ServerSentEvent("a\rb"), "event cannot hold '\\r'"),
    (ServerSentEvent(""), "event cannot be empty"),
    (ServerSentEvent(id="a\nb"), "id cannot hold '\\n'"),
    (ServerSentEvent(id="a\0b"), "id cannot hold '\\x00'"),
    (ServerSentEvent(retry=-1), "retry cannot be negative"),
    (ServerSentEvent(data="\ud83d"), "surrogate"),
    (ServerSentEvent("\ud83d"), "surrogate"),
    (ServerSentEvent(id="\ud83d"), "surrogate"),
]


@pytest.mark.parametrize(("event", "why"), UNWRITABLE, ids=[row[1] for row in UNWRITABLE])
def test_encode_refuses_what_would_come_back_changed(event: ServerSentEvent, why: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is looked at below
        encode(event)
    assert why in str(caught.value)


def test_cut_is_whole() -> None:
    """The helper that all of this rests on loses nothing."""
    assert cut(b"abc", [1, 1, 9]) == [b"a", b"", b"bc", b""]
