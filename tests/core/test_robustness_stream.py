"""What users suffer from in a stream, each shown to be impossible here, as far as no network is needed for it."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sseclaude.errors import (
    APIError,
    APIStatusError,
    IncompleteStreamError,
    OverloadedError,
    ProtocolError,
    RateLimitError,
)
from sseclaude.iterate import assemble, iter_events
from sseclaude.sse import BOM, SSEDecoder
from tests.support.streams import (
    DONE,
    OVERLOADED,
    PING,
    STOP,
    WORDS,
    block_start,
    block_stop,
    bytewise,
    delta,
    finish,
    frame,
    message_of,
    read,
    read_by_steps,
    rules,
    start,
    stream,
    text,
)

TOOL = [block_start(0, "tool_use"), delta(0, "input_json_delta", partial_json='{"a": 1}'), block_stop()]


# --- how streams end ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blocks", [WORDS, TOOL], ids=["text", "tool"])
def test_a_cut_stream_is_no_success(blocks: list[Mapping[str, Any]]) -> None:
    """Cut at any byte before the end: an error, with what had come; and a tool that was cut is never complete."""
    body, before_end = stream(*message_of(blocks)), len(stream(start(), *blocks))
    whole = assemble([body])
    for at in range(len(body) - len(frame(finish()) + frame(STOP))):
        with pytest.raises(IncompleteStreamError) as caught:
            assemble([body[:at]])
        partial = caught.value.partial_message
        if partial is not None and partial.content:
            assert whole.text.startswith(partial.text)
            assert partial.content[0].is_open == (at < before_end)
            assert getattr(partial.content[0], "input_complete", False) is False


ENDINGS: list[tuple[str, list[Any], str]] = [
    ("message_stop", [*WORDS, finish(), STOP], "complete"),
    ("a stop_reason", [*WORDS, finish()], "forgiven"),
    ("a stop_reason and [DONE]", [*WORDS, finish(), DONE], "forgiven"),
    ("message_delta without a reason", [*WORDS, finish(None)], "cut"),
    ("a stop_reason, and an open block", [block_start(), text("a"), finish()], "cut"),
    ("a closed block", WORDS, "cut"),
]


@pytest.mark.parametrize(("events", "outcome"), [row[1:] for row in ENDINGS], ids=[row[0] for row in ENDINGS])
def test_a_stop_reason_without_message_stop(events: list[Any], outcome: str) -> None:
    body = stream(start(), *events).replace(frame(DONE), b"data: [DONE]\n\n")
    found = read_by_steps([body])
    assert (found.error is None) == (outcome != "cut")
    assert ("missing_message_stop" in rules(body)) == (outcome == "forgiven")
    strict = read_by_steps([body], strict=True)
    assert (strict.error is None) == (outcome == "complete")


def test_the_reader_returns_at_message_stop() -> None:
    """Without asking the transport for one byte more."""

    def chunks() -> Iterator[bytes]:
        yield stream(*message_of(WORDS))
        raise AssertionError("asked for more")

    assert assemble(chunks()).text == "Hello"


KINDS = [
    (OVERLOADED, OverloadedError, 529),
    ({"error": {"type": "rate_limit_error", "message": "m"}}, RateLimitError, 429),
]


@pytest.mark.parametrize(("body", "cls", "status"), KINDS)
def test_an_error_in_the_stream_is_of_its_own_class(body: Any, cls: type[APIStatusError], status: int) -> None:
    with pytest.raises(cls) as caught:
        assemble([stream(start()) + frame(body, "error")])
    assert caught.value.status_code == status


BODIES = [
    (b"<html>no</html>", ProtocolError),
    (b'{"hello": 1}', ProtocolError),
    (b"", IncompleteStreamError),
    (json.dumps(OVERLOADED).encode(), OverloadedError),
]


@pytest.mark.parametrize(("body", "cls"), BODIES)
def test_a_200_that_is_no_stream(body: bytes, cls: type[APIError]) -> None:
    for chunks in ([body], bytewise(body)):
        with pytest.raises(APIError) as caught:
            assemble(chunks)
        assert type(caught.value) is cls
    outcome = read_by_steps([body], content_type="text/html")
    assert outcome.error is not None
    assert ("text/html" in outcome.error[1]) == (cls is ProtocolError)


def test_a_200_that_is_a_whole_message() -> None:
    message = read(WORDS)
    body = json.dumps(message.to_dict()).encode()
    assert assemble([body]) == message
    assert rules(body) == ["not_a_stream"]


def test_an_event_stream_of_another_content_type() -> None:
    for content_type in ("application/json", "", "text/plain"):
        outcome = read_by_steps([stream(*message_of(WORDS))], content_type=content_type)
        assert outcome.error is None
        assert outcome.deviations == [("wrong_content_type", 0)]


@pytest.mark.parametrize(
    "body", [frame(OVERLOADED, ""), frame({"error": OVERLOADED["error"]}, "")], ids=["type", "shape"]
)
def test_an_error_without_an_event_line(body: bytes) -> None:
    for before in (b"", stream(start(), *WORDS)):
        with pytest.raises(OverloadedError):
            assemble([before + body])


def test_every_failure_says_how_far_it_got() -> None:
    before = stream(start(), *WORDS)
    for rest in (b"", b"data: {\n\n", frame(OVERLOADED), frame(start())):
        with pytest.raises(APIError) as caught:
            assemble([before + rest])
        error = caught.value
        assert error.progress is not None
        assert error.progress.bytes == len(before + rest)
        assert error.progress.message_id == "msg_1"
        assert "msg_1" in str(error)
        assert str(error.progress.events) in str(error)


def test_pings_are_events() -> None:
    body = stream(PING, start(), PING, *WORDS, PING, finish(), PING, STOP)
    assert [event.type for event in iter_events([body])].count("ping") == 4


# --- the event stream --------------------------------------------------------------------------------------------


def test_u2028_does_not_split_frames() -> None:
    words = "a\u2028b\u2029c\u0085d\x0b\x0c\x1c\x1d\x1ee"
    body = (
        stream(start(), block_start())
        + (
            'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a\u2028b\u2029c\u0085d'
            '\\u000b\\u000c\\u001c\\u001d\\u001ee"}}\n\n'
        ).encode()
    )
    assert assemble([body + stream(block_stop(), finish(), STOP)]).text == words


SPELLINGS = [
    ("no event lines", lambda body: body.replace(b"event: ", b"other: ")),
    ("no space", lambda body: body.replace(b"data: ", b"data:").replace(b"event: ", b"event:")),
    ("neither", lambda body: body.replace(b"data: ", b"data:").replace(b"event: ", b"other:")),
]


@pytest.mark.parametrize("spelled", [row[1] for row in SPELLINGS], ids=[row[0] for row in SPELLINGS])
def test_no_event_line_or_no_space(spelled: Any) -> None:
    body = spelled(stream(*message_of(WORDS)))
    for chunks in ([body], bytewise(body)):
        assert assemble(chunks) == read(WORDS)


def test_empty_data() -> None:
    body = stream(*message_of(WORDS)).replace(b"\n\n", b"\n\ndata:\n\nevent: ping\ndata: \n\nevent: x\n\n")
    assert assemble([body]) == read(WORDS)
    assert [event.type for event in iter_events([body])] == [
        event.type for event in iter_events([stream(*message_of(WORDS))])
    ]


def test_a_byte_order_mark() -> None:
    for chunks in ([BOM + stream(*message_of(WORDS))], bytewise(BOM + stream(*message_of(WORDS)))):
        assert assemble(chunks) == read(WORDS)
        assert next(iter_events(chunks)).type == "message_start"


@pytest.mark.parametrize("data", ["{", "hello", "[1]", "null", '{"a": NaN}', "[" * 100_000])
def test_malformed_json_is_a_protocol_error_with_its_frame(data: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        assemble([stream(start(), *WORDS) + frame(data)])
    assert caught.value.frame == data
    assert caught.value.rule == "malformed_json"
    assert caught.value.partial_message is not None
    assert caught.value.partial_message.text == "Hello"


def test_a_long_line_is_gathered_once() -> None:
    """100,000 chunks of one line of 2 MB: memory near the line, and no copy of it at each chunk (200 GB)."""
    chunk, decoder = b"x" * 20, SSEDecoder()
    decoder.feed(b"data: ")
    tracemalloc.start()
    try:
        for _ in range(100_000):
            decoder.feed(chunk)
        assert tracemalloc.get_traced_memory()[1] < 3 * 2_000_000
    finally:
        tracemalloc.stop()
    (event,) = decoder.feed(b"\n\n")
    assert len(event.raw) == 2_000_000
