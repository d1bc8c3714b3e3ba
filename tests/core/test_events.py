"""From one frame to its event, whatever the frame holds; and from a message back to its events."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from typing import Any, NamedTuple

import httpx_sse
import pytest
from pydantic import ValidationError

from sseclaude.blocks import make_block
from sseclaude.errors import ProtocolError
from sseclaude.event_json import GROWING, read
from sseclaude.events import (
    DELTAS,
    EVENTS,
    PIECE,
    SPLITS,
    UnknownDelta,
    UnknownEvent,
    build,
    from_message,
    named,
    parse,
    read_plain,
    to_sse,
)
from sseclaude.iterate import assemble
from sseclaude.message import Message
from sseclaude.sse import ServerSentEvent, encode
from tests.support import streams

# --- read: data to an object -------------------------------------------------------------------------------------

DEEP = 199
LONE = '"\\ud83d"'

READ: list[tuple[str, str, dict[str, Any]]] = [
    ("an object", '{"type": "ping"}', {"type": "ping"}),
    ("padded", '{"type":"ping"   }  ', {"type": "ping"}),
    ("over lines", '{"type":\n"ping"}', {"type": "ping"}),
    ("nothing", "", {"type": ""}),
    ("spaces", "  ", {"type": ""}),
    ("[DONE]", "[DONE]", {"type": "[DONE]"}),
    ("[DONE] with spaces", " [DONE] ", {"type": "[DONE]"}),
    ("too many digits", '{"a": ' + "9" * 5000 + "}", {"a": None}),
    ("too many digits, with a surrogate", '{"b": "\\ud83d", "a": ' + "9" * 5000 + "}", {"b": "\ufffd", "a": None}),
    ("digits in a string", '{"a": [1' + "0" * 5000 + ', "' + "9" * 5000 + '"]}', {"a": [None, "9" * 5000]}),
    ("too large for a float", '{"a": [1e999, {"b": -1E+309}], "c": 1e308}', {"a": [None, {"b": None}], "c": 1e308}),
    (
        "a number for text",
        '{"delta": {"type": "text_delta", "text": 1e999}}',
        {"delta": {"type": "text_delta", "text": None}},
    ),
    (
        "an index",
        '{"type": "x", "index": 1e999, "delta": {"type": [], "text": "a"}}',
        {"type": "x", "index": None, "delta": {"type": [], "text": "a"}},
    ),
    (
        "a type",
        '{"type": [1e999], "index": 0, "delta": {"type": "text_delta", "text": "a"}}',
        {"type": [None], "index": 0, "delta": {"type": "text_delta", "text": "a"}},
    ),
    ("a big integer", '{"a": 123456789012345678901234567890}', {"a": 123456789012345678901234567890}),
    ("a pair of escapes", '{"a": "\\ud83d\\uddfc"}', {"a": "🗼"}),
    ("the last of equal keys", '{"a": 1, "a": 2}', {"a": 2}),
    ("deep", '{"a":' + "[" * DEEP + "]" * DEEP + "}", {"a": eval("[" * DEEP + "]" * DEEP)}),
    # a lone surrogate stays where text grows, for its other half may come; elsewhere none will
    (
        "in a text_delta",
        f'{{"delta": {{"type": "text_delta", "text": {LONE}, "x": {LONE}}}}}',
        {"delta": {"type": "text_delta", "text": "\ud83d", "x": "\ufffd"}},
    ),
    (
        "in a thinking_delta",
        f'{{"delta": {{"type": "thinking_delta", "thinking": {LONE}}}}}',
        {"delta": {"type": "thinking_delta", "thinking": "\ud83d"}},
    ),
    (
        "in an input_json_delta",
        f'{{"delta": {{"type": "input_json_delta", "partial_json": {LONE}}}}}',
        {"delta": {"type": "input_json_delta", "partial_json": "\ud83d"}},
    ),
    (
        "in a delta of another event",
        f'{{"type": "message_delta", "delta": {{"type": "text_delta", "text": {LONE}}}}}',
        {"type": "message_delta", "delta": {"type": "text_delta", "text": "\ufffd"}},
    ),
    (
        "in a text that is none",
        f'{{"delta": {{"type": "text_delta", "text": [{LONE}]}}}}',
        {"delta": {"type": "text_delta", "text": ["\ufffd"]}},
    ),
    ("in another delta", f'{{"delta": {{"type": "x", "text": {LONE}}}}}', {"delta": {"type": "x", "text": "\ufffd"}}),
    ("in a delta without type", f'{{"delta": {{"stop_reason": {LONE}}}}}', {"delta": {"stop_reason": "\ufffd"}}),
    ("in a delta that is none", f'{{"delta": {LONE}}}', {"delta": "\ufffd"}),
    ("elsewhere", f'{{"a": [{LONE}, 1], {LONE}: {{"b": {LONE}}}}}', {"a": ["\ufffd", 1], "\ufffd": {"b": "\ufffd"}}),
    ("beside a pair", '{"a": "\\uD83D\\uDDFC\\uDDFC"}', {"a": "🗼\ufffd"}),
    ("a low one", '{"a": "\\udDfC"}', {"a": "\ufffd"}),
    ("behind a backslash, it is none", '{"a": "\\\\ud83d", "b": "\\ud83d"}', {"a": "\\ud83d", "b": "\ufffd"}),
]


@pytest.mark.parametrize(("data", "expected"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_read(data: str, expected: dict[str, Any]) -> None:
    assert read(data) == expected
    assert read(data.encode()) == expected


def test_numbers_that_became_null_are_noted_with_their_place() -> None:
    noted: list[str] = []
    digits = "9" * 5000
    read(f'{{"a": [0, {{"b": 1e999}}], "c": 1.5, "d": -1e400, "e": {digits}}}', note_number=noted.append)
    assert noted == ["a.1.b", "d", "e"]


OF_A_KIND: list[tuple[str, str, bool]] = [
    ("content_block_delta", "", True),
    ("content_block_delta", '"type": null, ', True),
    ("content_block_delta", '"type": "ping", ', False),
    ("ping", '"type": "content_block_delta", ', True),
    ("ping", '"type": 5, ', False),
    ("ping", "", False),
    ("message", "", False),
]


@pytest.mark.parametrize(("kind", "own", "grows"), OF_A_KIND)
def test_half_a_character_waits_in_the_events_that_are_deltas(kind: str, own: str, grows: bool) -> None:
    """The JSON's type says what an event is, and without one its `event:` line."""
    body = read(f'{{{own}"delta": {{"type": "text_delta", "text": {LONE}}}}}', kind)
    assert (body["delta"]["text"] == "\ud83d") is grows


ERROR_DATA = ["upstream broke", '"upstream broke"']


@pytest.mark.parametrize("data", ERROR_DATA)
def test_words_as_the_data_of_an_error(data: str) -> None:
    assert read(data, "error") == {"type": "error", "error": {"message": "upstream broke"}}
    assert read(data.encode(), "error") == read(data, "error")
    assert read("[1]", "error") == {"type": "error", "error": {"message": "[1]"}}
    assert read("", "error") == {"type": ""}
    assert parse(ServerSentEvent(event="error", data=data)).type == "error"


BAD_UTF8: list[tuple[bytes, dict[str, Any]]] = [
    (b'{"a": "x\xffy"}', {"a": "x\ufffdy"}),
    (b'{"a": "\xed\xa0\xbd"}', {"a": "\ufffd\ufffd\ufffd"}),
    (b'{"a": "\xff\\ud83d"}', {"a": "\ufffd\ufffd"}),
    (b'{"a\xc3": "cut"}', {"a\ufffd": "cut"}),
]


@pytest.mark.parametrize(("data", "expected"), BAD_UTF8)
def test_bad_utf8_is_replaced(data: bytes, expected: dict[str, Any]) -> None:
    assert read(data) == expected


def test_a_surrogate_that_is_not_escaped_is_replaced() -> None:
    assert read('{"a": "\ud83d"}') == {"a": "\ufffd"}


MALFORMED = [
    ("cut", '{"type": "ping"'),
    ("text", "hello"),
    ("two", "{}{}"),
    ("a trailing comma", '{"a": 1,}'),
    ("NaN", '{"a": NaN}'),
    ("Infinity", '{"a": -Infinity}'),
    ("NaN and a surrogate", '{"a": NaN, "b": "\\ud83d"}'),
    ("cut, with a surrogate", '{"b": "\\ud83d"'),
    ("half an escape", '{"b": "\\ud83'),
    ("an escape that is none", '{"b": "\\ud8zz"}'),
    ("a control character", '{"b": "\n"}'),
    ("too deep", '{"a":' + "[" * 100_000),
    ("too deep, but whole", '{"a":' + "[" * 5000 + "]" * 5000 + "}"),
    ("too deep, with a surrogate", '{"b": "\\ud83d", "a":' + "[" * 300 + "]" * 300 + "}"),
    ("far too deep, with a surrogate", '{"b": "\\ud83d", "a":' + "[" * 50_000 + "]" * 50_000 + "}"),
    ("too many digits, cut", '{"a": ' + "9" * 5000),
    ("too many digits, and a zero ahead", '{"a": 0' + "9" * 5000 + "}"),
    ("too many digits, and NaN", '{"a": NaN, "b": ' + "9" * 5000 + "}"),
    ("a list", "[1]"),
    ("a string", '"ping"'),
    ("a number", "5"),
    ("null", "null"),
    ("a string with a surrogate", LONE),
    ("a list with a surrogate", f"[{LONE}]"),
    ("[DONE", "[DONE"),
]


@pytest.mark.parametrize("data", [row[1] for row in MALFORMED], ids=[row[0] for row in MALFORMED])
def test_malformed(data: str) -> None:
    for given in (data, data.encode()):
        with pytest.raises(ProtocolError, match="malformed event") as caught:
            read(given)
        assert caught.value.rule == "malformed_json"
        assert caught.value.frame == data
        assert len(str(caught.value)) < 600


def test_bytes_that_are_malformed_are_shown_as_text() -> None:
    with pytest.raises(ProtocolError) as caught:
        read(b"\xff{")
    assert caught.value.frame == "\ufffd{"


# --- named, build, parse -----------------------------------------------------------------------------------------

NAMED: list[tuple[str, dict[str, Any], str]] = [
    ("ping", {"type": "error"}, "error"),
    ("ping", {}, "ping"),
    ("ping", {"type": None}, "ping"),
    ("ping", {"type": 5}, "ping"),
    ("message", {}, "message"),
    ("message", {"error": {"type": "x"}}, "error"),
    ("ping", {"error": {"type": "x"}}, "ping"),
    ("message", {"detail": "no"}, "error"),
    ("ping", {"detail": "no"}, "ping"),
    ("message", {"object": "error"}, "error"),
    ("message", {"type": "ping", "object": "error"}, "ping"),
]


@pytest.mark.parametrize(("kind", "body", "expected"), NAMED)
def test_named(kind: str, body: dict[str, Any], expected: str) -> None:
    assert named(kind, body) == {**body, "type": expected}


def test_an_error_under_a_type_of_its_own() -> None:
    body = {"type": "overloaded_error", "message": "no"}
    assert named("error", body) == {"type": "error", "error": body}
    assert named("message", {"type": "tide"}) == {"type": "tide"}


WIRE: list[dict[str, Any]] = [
    streams.start(),
    streams.block_start(1, "tool_use", priority=2),
    streams.text("a"),
    streams.delta(0, "glow_delta", lumen=[1]),
    streams.delta(0, text="a", more=1),
    {**streams.text("a"), "more": 1},
    *[streams.delta(0, kind) for kind in DELTAS],
    streams.block_stop(3),
    streams.finish(tide={"ebb": 1}),
    {"type": "message_stop", "sealed": True},
    streams.PING,
    streams.OVERLOADED,
    {"type": "vertex_event", "a": None},
    {"type": "content_block_delta", "index": None, "delta": {"type": "text_delta", "text": 5}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": ["text_delta"], "text": "a"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "thinking": "a"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta"}},
    {"type": "content_block_start", "index": 0, "content_block": None},
    {"type": "error", "error": "no"},
    {"type": 5},
    {},
]


@pytest.mark.parametrize("body", WIRE, ids=lambda body: str(body.get("type")))
def test_build_keeps_everything(body: dict[str, Any]) -> None:
    event = build(body)
    assert event.to_dict() == body
    kind = body.get("type")
    assert type(event) is (EVENTS.get(kind, UnknownEvent) if isinstance(kind, str) else UnknownEvent)


def test_every_event_type_is_built() -> None:
    assert {body.get("type") for body in WIRE if isinstance(body.get("type"), str)} > set(EVENTS)


def test_deltas_are_told_apart() -> None:
    for kind, model in DELTAS.items():
        event: Any = build(streams.delta(0, kind))
        assert type(event.delta) is model
    unknown: Any = build(streams.delta(0, "glow_delta", lumen=5))
    assert type(unknown.delta) is UnknownDelta
    assert unknown.delta.lumen == 5


@pytest.mark.parametrize("body", WIRE, ids=lambda body: str(body.get("type")))
def test_events_are_frozen(body: dict[str, Any]) -> None:
    event: Any = build(body)
    with pytest.raises(ValidationError, match="frozen"):
        event.type = "other"
    if hasattr(getattr(event, "delta", None), "type"):
        with pytest.raises(ValidationError, match="frozen"):
            event.delta.type = "other"


@pytest.mark.parametrize("kind", GROWING)
def test_the_short_way_makes_the_same_event(kind: str) -> None:
    """The deltas that nearly all events are take a way of their own; what comes out is the same."""
    body = streams.delta(2, kind)
    short, long = read_plain(json.dumps(body)), build(body)
    assert short is not None
    assert short == long
    assert long == short
    assert short.delta == long.delta  # type: ignore[union-attr]
    assert (short.model_extra, short.delta.model_extra) == ({}, {})
    assert short.model_dump() == long.model_dump()
    assert short.model_fields_set == long.model_fields_set
    assert repr(short) == repr(long)
    assert short.model_copy(update={"index": 5}).to_dict() == {**body, "index": 5}
    assert pickle.loads(pickle.dumps(short)) == long
    assert parse(ServerSentEvent(event="content_block_delta", data=json.dumps(body))) == long


PLAIN = '{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}}'
NOT_PLAIN = [
    PLAIN.replace('"text": "a"', '"text": "a", "tone": NaN'),
    PLAIN.replace('"text": "a"', '"text": NaN, "text": "a"'),
    PLAIN.replace('"index": 0', '"index": -Infinity, "index": 0'),
    PLAIN.replace('"index": 0', '"index": 0, "tone": 1'),
    PLAIN.replace('"index": 0', '"index": 1.0'),
    PLAIN.replace('"index": 0', '"index": true'),
    PLAIN.replace('"index": 0, ', ""),
    PLAIN.replace('"a"', "null"),
    PLAIN.replace('"a"', LONE),
    PLAIN.replace("text_delta", "glow_delta"),
    PLAIN.replace('"type": "text_delta", ', ""),
    PLAIN.replace("content_block_delta", "ping"),
    PLAIN + "x",
    "[DONE]",
    "",
]


@pytest.mark.parametrize("data", NOT_PLAIN)
def test_any_other_event_takes_the_long_way(data: str) -> None:
    assert read_plain(PLAIN) is not None
    assert read_plain(data) is None
    assert read_plain(data.encode()) is None


def test_text_that_has_no_bytes_takes_the_long_way() -> None:
    assert read_plain(PLAIN.replace('"a"', '"\ud83d"')) is None


class Foreign(NamedTuple):
    """What another library's event looks like."""

    event: str
    data: str


@pytest.mark.parametrize("frame", [ServerSentEvent, httpx_sse.ServerSentEvent, Foreign])
def test_parse_takes_anybodys_events(frame: Any) -> None:
    event: Any = parse(frame(event="content_block_delta", data=json.dumps(streams.text("ü"))))
    assert event.delta.text == "ü"
    assert parse(frame(event="message", data='{"type": "ping"}')) == build(streams.PING)
    assert parse(frame(event="ping", data="{}")) == build(streams.PING)
    assert parse(frame(event="message", data="[DONE]")) == UnknownEvent(type="[DONE]")
    assert parse(frame(event="ping", data="")) == UnknownEvent(type="")
    with pytest.raises(ProtocolError) as caught:
        parse(frame(event="ping", data="{"))
    assert caught.value.frame == "{"


# --- back to the wire --------------------------------------------------------------------------------------------


def test_to_sse() -> None:
    sse = to_sse(build({"type": "ping", "ü": 1}))
    assert (sse.event, sse.data) == ("ping", '{"type": "ping", "ü": 1}')


def test_from_message_is_the_grammar() -> None:
    content = [
        {"type": "thinking", "thinking": "t" * (2 * PIECE + 1), "signature": "s"},
        {"type": "text", "text": "a" * (PIECE + 1), "citations": [{"type": "char_location", "cited_text": "c"}]},
        {"type": "tool_use", "id": "t", "name": "n", "input": {"a": 1}},
        {"type": "compaction", "content": "c"},
        {"type": "compaction", "content": None},
        {"type": "redacted_thinking", "data": "d"},
    ]
    usage = {"input_tokens": 3, "output_tokens": 7}
    message = Message.from_wire({"id": "m", "content": content, "stop_reason": "end_turn", "usage": usage})
    events: list[Any] = from_message(message)
    reported = [
        getattr(event, "delta", None) and getattr(event.delta, "type", None) or event.type  # noqa: RUF021
        for event in events
        if event.type not in ("content_block_start", "content_block_stop")
    ]
    assert reported == [
        "message_start",
        *["thinking_delta"] * 3,
        "signature_delta",
        "citations_delta",
        *["text_delta"] * 2,
        *["input_json_delta"] * 2,
        "compaction_delta",
        "message_delta",
        "message_stop",
    ]
    starts = [event.content_block.to_dict() for event in events if event.type == "content_block_start"]
    assert [start.get("text", start.get("thinking", start.get("input"))) for start in starts[:3]] == ["", "", {}]
    assert events[0].message.usage.output_tokens == 1
    assert [event.index for event in events if event.type == "content_block_stop"] == list(range(len(content)))


def test_a_tool_goes_out_as_it_came() -> None:
    """The raw text of the input, invalid or spelled in its own way, and not what was made of it."""
    block = make_block(
        {"type": "tool_use", "id": "t", "name": "n", "input": {"a": 1}}, partial_json='{"a":1, b', input_complete=False
    )
    message = Message(content=[block], stop_reason="max_tokens")
    sent = assemble([encode(to_sse(event)) for event in from_message(message)])
    (tool,) = sent.content
    assert (tool.partial_json, tool.input_complete, tool.input) == ('{"a":1, b', False, {"a": 1})  # type: ignore[union-attr]


ODD_BLOCKS: list[Any] = [
    {"type": "text", "text": 5},
    {"type": "text", "text": None},
    {"type": "text", "text": "a", "citations": 5},
    {"type": "text", "text": "a", "citations": [5]},
    {"type": "thinking", "thinking": "t", "signature": ""},
    {"type": "thinking", "thinking": 5, "signature": "s"},
    {"type": "thinking", "thinking": "t", "signature": 5},
    {"type": "tool_use", "id": "t", "name": "n", "input": "x"},
    {"type": "compaction", "content": 5},
    {"type": "fallback", "from": "a", "to": {"model": "m"}},
    {"type": ["text"]},
    {},
]


@pytest.mark.parametrize("data", ODD_BLOCKS, ids=str)
def test_odd_blocks_come_back_as_they_were(data: dict[str, Any]) -> None:
    message = Message.from_wire({"model": "m", "content": [data], "stop_reason": "x", "usage": {"output_tokens": "7"}})
    events = from_message(message)
    sent = assemble([encode(to_sse(event)) for event in events])
    expected = {**data, "input": {}} if data.get("type") == "tool_use" else data
    assert sent.content[0].to_dict() == expected


@pytest.mark.parametrize(
    ("former", "model"), [([{}, {"model": 5}, {"model": "a"}, {"model": "b"}], "a"), ([{}, {"model": 5}], "m")]
)
def test_a_message_begins_with_the_first_model_that_a_fallback_names(former: list[Any], model: str) -> None:
    blocks = [{"type": "fallback", "from": origin} for origin in former]
    begun = from_message(Message.from_wire({"model": "m", "content": blocks}))[0]
    assert begun.to_dict()["message"]["model"] == model


def test_a_message_that_was_never_whole() -> None:
    events = from_message(Message())
    assert [event.type for event in events] == ["message_start", "message_delta", "message_stop"]


def test_the_table_of_splits() -> None:
    assert set(SPLITS) == {"text", "thinking", "tool_use", "server_tool_use", "mcp_tool_use", "compaction"}


# --- in a fresh process, where no schema has been built -----------------------------------------------------------

DUMPED = """
import json
from sseclaude.events import DELTAS, parse
from sseclaude.sse import ServerSentEvent
body = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}}
assert parse(ServerSentEvent(data=json.dumps(body), event=body["type"])).to_dict() == body
print([model.__name__ for model in DELTAS.values() if not model.__pydantic_complete__])
"""

UNPICKLED = """
import pickle, sys
message = pickle.load(sys.stdin.buffer)
print([type(block).__name__ for block in message.content if not block.__pydantic_complete__])
assert message.to_dict()["content"] == [{"type": "text", "text": "a"}, {"type": "compaction", "content": "b"}]
"""
"""Pydantic up to 2.13 dumps a model inside another only if its own schema has been built."""


@pytest.mark.parametrize("program", [DUMPED, UNPICKLED], ids=["made without validation", "unpickled"])
def test_what_was_never_validated_here_is_dumped(program: str) -> None:
    blocks = [{"type": "text", "text": "a"}, {"type": "compaction", "content": "b"}]
    given = pickle.dumps(Message.from_wire({"id": "m", "content": blocks}))
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, cwd=streams.ROOT, input=given, capture_output=True, check=False)
    assert (run.stdout.strip(), run.stderr) == (b"[]", b"")
