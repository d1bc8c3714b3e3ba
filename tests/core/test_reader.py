"""The core in one: what frames are, how a stream ends, what its errors say, and when each event comes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from sseclaude.blocks import Model
from sseclaude.errors import (
    OverloadedError,
    Progress,
    ProtocolError,
)
from sseclaude.iterate import aiter_events, assemble, iter_events
from sseclaude.message import ParsedMessage
from sseclaude.reader import Step, StreamReader
from sseclaude.sse import BOM
from tests.support.streams import (
    DONE,
    MESSAGE,
    OVERLOADED,
    PING,
    STOP,
    WHOLE,
    AsyncChunks,
    block_start,
    block_stop,
    bytewise,
    cut,
    delta,
    finish,
    frame,
    message_of,
    read_by_steps,
    run,
    start,
    stream,
    stream_bytes,
    take,
    text,
)

# --- frames ------------------------------------------------------------------------------------------------------


def replaced(old: bytes, new: bytes) -> bytes:
    assert old in WHOLE
    return WHOLE.replace(old, new, 1)


FRAMES: list[tuple[str, bytes, list[str]]] = [
    ("no event lines", WHOLE.replace(b"event: ", b"other: "), ["missing_event_field"] * 7),
    ("no space after the colon", WHOLE.replace(b"data: ", b"data:").replace(b"event: ", b"event:"), []),
    ("CRLF", WHOLE.replace(b"\n", b"\r\n"), []),
    ("CR", WHOLE.replace(b"\n", b"\r"), []),
    ("a BOM", BOM + WHOLE, []),
    ("blanks first", b"\n\r\n" + WHOLE, []),
    ("comments", b": hello\n" + WHOLE.replace(b"\n\n", b"\n\n: ping\n\n"), []),
    ("empty data", b"data:\n\ndata: \n\n" + WHOLE.replace(b"\n\n", b"\n\nevent: ping\ndata:\n\n", 6), []),
    ("another event line", replaced(b"event: message_start", b"event: ping"), ["event_type_mismatch"]),
    ("no type", replaced(b'{"type": "message_stop"}', b"{}"), ["missing_type"]),
    ("a null type", replaced(b'{"type": "message_stop"}', b'{"type": null}'), ["missing_type"]),
    ("ids and retries", b"id: 1\nretry: 5\n\n" + WHOLE.replace(b"event: ", b"id: 2\nevent: "), []),
    ("padding", WHOLE.replace(b"}\n\n", b"}   \n\n"), []),
    ("two data lines", replaced(b'"message": {', b'"message":\ndata: {'), []),
    ("[DONE] for message_stop", replaced(frame(STOP), frame("[DONE]")), ["done_marker", "missing_message_stop"]),
    ("no message_stop", replaced(frame(STOP), b""), ["missing_message_stop"]),
    ("no message_stop's last line", WHOLE[:-1], ["missing_message_stop"]),
    ("an empty type", replaced(b"event: message_stop\n", b"event:\n"), ["missing_event_field"]),
]


@pytest.mark.parametrize(("body", "rules"), [row[1:] for row in FRAMES], ids=[row[0] for row in FRAMES])
def test_frames(body: bytes, rules: list[str]) -> None:
    for chunks in ([body], bytewise(body)):
        outcome = read_by_steps(chunks)
        assert (outcome.error, outcome.message and outcome.message[0]) == (None, MESSAGE)
        assert [rule for rule, _ in outcome.deviations] == rules
        assert assemble(chunks).to_dict() == MESSAGE


ERRORS: list[tuple[str, bytes]] = [
    ("with an event line", frame(OVERLOADED)),
    ("without", frame(OVERLOADED, "")),
    ("without a type", b'event: error\ndata: {"error": {"type": "overloaded_error", "message": "Overloaded"}}\n\n'),
    ("without both", b'data: {"error": {"type": "overloaded_error", "message": "Overloaded"}}\n\n'),
    ("under another event line", frame(OVERLOADED, "message_stop")),
]


@pytest.mark.parametrize("body", [row[1] for row in ERRORS], ids=[row[0] for row in ERRORS])
@pytest.mark.parametrize(
    "before", [b"", stream(start(), block_start(), text("so far"))], ids=["first", "in the middle"]
)
def test_error_events(before: bytes, body: bytes) -> None:
    with pytest.raises(OverloadedError) as caught:
        assemble([before + body + WHOLE])
    assert caught.value.status_code == 529
    assert (caught.value.partial_message.text if caught.value.partial_message else "") == ("so far" if before else "")


def test_malformed_json_carries_its_frame_and_what_came() -> None:
    body = stream(start(), block_start(), text("so far")) + b'event: ping\ndata: {"type": \n\n'
    for chunks in ([body + WHOLE], bytewise(body)):
        with pytest.raises(ProtocolError) as caught:
            assemble(chunks)
        error = caught.value
        assert (error.rule, error.frame, error.body) == ("malformed_json", '{"type": ', '{"type": ')
        assert error.partial_message is not None
        assert error.partial_message.text == "so far"
        assert error.progress is not None
        assert error.progress[::2] == (3, "content_block_delta")


def test_a_refused_event_is_shown_too() -> None:
    with pytest.raises(ProtocolError) as caught:
        assemble([stream(STOP)])
    assert (caught.value.rule, caught.value.event_number) == ("nothing_to_stop", 1)
    assert caught.value.frame == '{"type": "message_stop"}'


def test_an_event_too_large() -> None:
    reader = StreamReader(max_event_bytes=1000)
    reader.feed(stream(start(), block_start(), text("so far")) + b"data: ")
    take(reader, [])
    reader.feed(b"x" * 900)
    with pytest.raises(ProtocolError) as caught:
        reader.feed(b"x" * 100)
    assert caught.value.rule == "event_too_large"
    assert caught.value.partial_message is not None
    assert caught.value.partial_message.text == "so far"
    assert caught.value.progress == Progress(3, reader.byte_count, "content_block_delta", "msg_1")


# --- steps -------------------------------------------------------------------------------------------------------


def test_each_event_comes_with_the_byte_that_completes_it() -> None:
    """Nothing is held back: after the last byte of each frame its events are there."""
    got: list[str] = []
    seen: list[int] = []

    def chunks() -> Iterator[bytes]:
        for byte in bytewise(WHOLE):
            yield byte
            seen.append(len(got))

    for event in iter_events(chunks()):
        got.append(event.type)  # noqa: PERF401 - each is looked at as it comes
    assert got == [
        "message_start",
        "content_block_start",
        *["content_block_delta", "text"] * 2,
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    ends = [at for at in range(len(WHOLE)) if WHOLE[:at].endswith(b"\n\n")]
    assert [seen[end - 1] for end in ends] == [1, 2, 4, 6, 7, 8]


def test_the_reader_returns_at_message_stop() -> None:
    def chunks() -> Iterator[bytes]:
        yield WHOLE
        raise AssertionError("asked for more")

    assert assemble(chunks()).text == "Hello"
    assert [event.type for event in iter_events(chunks())][-1] == "message_stop"

    class Endless(AsyncChunks):
        async def __anext__(self) -> bytes:
            for chunk in self.chunks:
                return chunk
            raise AssertionError("asked for more")

    async def last() -> str:
        return [event.type async for event in aiter_events(Endless([WHOLE]))][-1]

    assert run(last()) == "message_stop"


BEHIND = [
    ("a ping", frame(PING), []),
    ("another stop", frame(STOP), ["event_after_message_stop"]),
    ("[DONE]", frame("[DONE]"), ["done_marker"]),
    ("garbage", b"data: {\n\n", []),
    ("an error", frame(OVERLOADED), ["event_after_message_stop"]),
    ("another message", WHOLE, ["event_after_message_stop"] * 7),
]


@pytest.mark.parametrize(("rest", "rules"), [row[1:] for row in BEHIND], ids=[row[0] for row in BEHIND])
def test_what_comes_behind_the_message(rest: bytes, rules: list[str]) -> None:
    outcome = read_by_steps([WHOLE + rest])
    assert (outcome.error, outcome.message[0]) == (None, MESSAGE)
    assert [rule for rule, _ in outcome.deviations] == rules
    strict = [
        read_by_steps(chunks, strict=True).error for chunks in ([WHOLE + rest], [WHOLE, rest], bytewise(WHOLE + rest))
    ]
    assert all(
        (error and error[2]) == (rules[0] if rules else "malformed_json" if rest[6:7] == b"{" else None)
        for error in strict
    )
    for reading in (assemble, lambda chunks, strict: list(iter_events(chunks, strict=strict))):
        if strict[0]:
            with pytest.raises(ProtocolError):
                reading([WHOLE, rest], strict=True)
        else:
            reading([WHOLE, rest], strict=True)


def test_look_behind_takes_the_rest() -> None:
    reader = StreamReader()
    reader.feed(WHOLE)
    take(reader, [])
    reader.look_behind(frame(STOP))
    assert [found.rule for found in reader.assembler.deviations] == ["event_after_message_stop"]


@pytest.mark.parametrize("cuts", [[], [len(WHOLE) - 1], [len(WHOLE)], range(len(WHOLE) + 2000)])
def test_an_event_too_large_behind_the_message(cuts: Iterable[int]) -> None:
    """Strict refuses it however the bytes are cut; lenient notes nothing after it."""
    body = WHOLE + frame(PING) + b"data: " + b"x" * 1000 + b"\n\n" + frame(STOP)
    strict = read_by_steps(cut(body, cuts), strict=True, max_event_bytes=1000)
    assert strict.error is not None
    assert strict.error[2:4] == ("event_too_large", 9)
    lenient = read_by_steps(cut(body, cuts), max_event_bytes=1000)
    assert (lenient.error, lenient.deviations) == (None, [])


def test_a_step_waits_for_bytes() -> None:
    reader = StreamReader()
    assert reader.step() is None
    reader.feed(frame(start())[:-1])
    assert reader.step() is None
    reader.feed(b"\n")
    assert reader.step() is not None
    assert reader.step() is None
    assert not reader.done


def test_the_message_is_that_of_the_step() -> None:
    reader = StreamReader()
    reader.feed(WHOLE)
    looks = []
    while not reader.done:
        reader.step()
        assert reader.assembler.message is not None
        looks.append(reader.assembler.message.text)
    assert looks == ["", "", "Hel", "Hello", "Hello", "Hello", "Hello"]


def taken(reader: StreamReader) -> Iterator[Step]:
    """Take the steps that have come, up to the message's end."""
    while reader.frames and not reader.done:
        yield reader.take()


def test_in_bulk() -> None:
    """Reading for the result alone makes the same message as step by step."""
    for name in ("text", "thinking", "surrogates", "parallel_tools"):
        for chunks in ([stream_bytes(name)], bytewise(stream_bytes(name))):
            skimmed, stepped = StreamReader(), StreamReader()
            events = []
            for chunk in chunks:
                skimmed.feed(chunk)
                skimmed.skim()
                stepped.feed(chunk)
                events += [body["type"] for body, _, _ in taken(stepped)]
            assert skimmed.done
            assert stepped.done
            assert skimmed.assembler.message == stepped.assembler.message == assemble(chunks)
            assert events == [body["type"] for body in read_by_steps([stream_bytes(name)]).events]


BULK: list[tuple[str, list[str]]] = [
    ("data: {", []),
    ("data: {}", ["missing_type"]),
    ('data: {"type": []}', ["missing_type"]),
    ('event: ping\ndata: {"type": "message_stop"}', ["event_type_mismatch"]),
]


@pytest.mark.parametrize(("last", "rules"), BULK)
def test_deviations_and_errors_in_bulk(last: str, rules: list[str]) -> None:
    for read in (StreamReader.skim, lambda reader: list(taken(reader))):
        reader = StreamReader()
        reader.feed(stream(start(), block_start(), text("a"), block_stop(), finish()) + last.encode() + b"\n\n")
        if rules:
            read(reader)
            assert [found.rule for found in reader.assembler.deviations] == rules
        else:
            with pytest.raises(ProtocolError) as caught:
                read(reader)
            assert caught.value.frame == "{"
            assert caught.value.partial_message is not None


def test_output_format() -> None:
    reader = StreamReader(output_format=list[int])
    reader.feed(stream(*message_of([block_start(), text("[1]"), block_stop()])))
    take(reader, [])
    assert isinstance(reader.assembler.message, ParsedMessage)
    assert reader.assembler.message.parsed_output == [1]


# --- what an event means -----------------------------------------------------------------------------------------

CITATION = {"type": "char_location", "cited_text": "c"}
MEANT: list[tuple[str, list[Any], list[tuple[str, Any]]]] = [
    ("text", [block_start(), text("a"), text("b")], [("text", "a"), ("text", "ab")]),
    ("half a character", [block_start(), text("a\ud83d"), block_stop()], [("text", "a"), ("text", "a\ufffd")]),
    ("thinking", [block_start(0, "thinking"), delta(0, "thinking_delta")], [("thinking", "hm")]),
    ("tool JSON", [block_start(0, "tool_use"), delta(0, "input_json_delta")], [("input_json", {"a": 1})]),
    ("a citation", [block_start(), delta(0, "citations_delta")], [("citation", [CITATION])]),
    (
        "an odd list of citations",
        [block_start(0, citations=[5]), delta(0, "citations_delta")],
        [("citation", [5, CITATION])],
    ),
    ("an unknown delta", [block_start(), delta(0, "glow_delta")], []),
]


@pytest.mark.parametrize(("events", "expected"), [row[1:] for row in MEANT], ids=[row[0] for row in MEANT])
def test_derived_events(events: list[Any], expected: list[tuple[str, Any]]) -> None:
    body = stream(start(), *events, finish(), STOP)
    found = [event for event in iter_events([body]) if hasattr(event, "snapshot")]
    assert [(event.type, plain(event.snapshot)) for event in found] == expected


def plain(value: Any) -> Any:
    """A snapshot as JSON."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.to_dict() if isinstance(value, Model) else value


SAID: list[tuple[str, list[Any], str, Any]] = [
    ("signature", [block_start(0, "thinking"), delta(0, "signature_delta")], "signature", "sig"),
    ("compaction", [block_start(0, "compaction"), delta(0, "compaction_delta")], "content", "sum"),
    ("compaction", [block_start(0, "compaction"), delta(0, "compaction_delta", content=None)], "content", None),
    ("compaction", [block_start(0, "compaction"), delta(0, "compaction_delta", content=5)], "content", None),
    (
        "compaction",
        [block_start(0, "compaction", content=5), delta(0, "compaction_delta", content=None)],
        "content",
        5,
    ),
]


@pytest.mark.parametrize(("kind", "events", "field", "value"), SAID)
def test_derived_events_without_snapshot(kind: str, events: list[Any], field: str, value: Any) -> None:
    found = [event for event in iter_events([stream(start(), *events, finish(), STOP)]) if event.type == kind]
    assert [getattr(event, field) for event in found] == [value]


def test_the_stops_carry_what_has_become() -> None:
    events: dict[str, Any] = {event.type: event for event in iter_events([WHOLE])}
    assert events["content_block_stop"].content_block.text == "Hello"
    assert events["message_stop"].message.to_dict() == MESSAGE


def test_an_end_without_message_stop_makes_no_event_up() -> None:
    """A block that a delta opened is ended by the end of the stream: what it held back still comes."""
    body = stream(start(), text("a\ud83d"), finish())
    assert [event.type for event in iter_events([body])] == [
        "message_start",
        "content_block_delta",
        "text",
        "message_delta",
        "text",
    ]
    assert assemble([body]).text == "a\ufffd"
    assert [event.type for event in iter_events([body, stream(DONE)])][-1] == "text"


def test_empty_data_is_no_event() -> None:
    assert next(iter_events([b"data:\n\n" + WHOLE])).type == "message_start"
