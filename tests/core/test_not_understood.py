"""What is not understood leaves a trace: on its block, in the deviations, in the error at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sseclaude.cli.lint import lint
from sseclaude.derived_events import ContentBlockStopEvent, MessageStopEvent
from sseclaude.errors import APIError, IncompleteStreamError, ProtocolError, is_retryable
from sseclaude.iterate import assemble, iter_events
from sseclaude.message import Message
from tests.support.streams import (
    DONE,
    JSON,
    PING,
    STOP,
    TOOL,
    Event,
    block_start,
    block_stop,
    bytewise,
    delta,
    finish,
    frame,
    message_of,
    piece,
    raw,
    read,
    read_by_events,
    read_by_steps,
    rules,
    start,
    stream,
    text,
)

UNREAD = "tool_input_not_read"
BESIDE = "words_in_other_field"


def bare(value: Any, **fields: Any) -> dict[str, Any]:
    """A content_block_delta whose delta is no object."""
    return {"type": "content_block_delta", "index": 0, "delta": value, **fields}


def again(**fields: Any) -> dict[str, Any]:
    """The tool's start once more."""
    return block_start(0, "tool_use", **fields)


# --- a tool's input ------------------------------------------------------------------------------------------------

# what comes for an open tool, its input, whether that is complete, the rules
INPUTS: list[tuple[str, list[Event], dict[str, Any], bool, list[str]]] = [
    ("an object", [piece({"a": 1})], {"a": 1}, True, ["wrong_type"]),
    ("an object behind an empty piece", [piece(""), piece({"a": 1})], {"a": 1}, True, ["wrong_type"]),
    ("two objects", [piece({"a": 1}), piece({"b": 1})], {"a": 1}, False, ["wrong_type", "wrong_type"]),
    ("a list", [piece([1])], {}, False, ["wrong_type"]),
    ("a list behind JSON", [piece(), piece([1])], {"a": 1}, False, ["wrong_type"]),
    ("null alone", [piece(None)], {}, False, ["missing_field", UNREAD]),
    ("null behind JSON", [piece(), piece(None)], {"a": 1}, True, ["missing_field"]),
    ("under `input`", [raw(type="input_json_delta", input=JSON)], {}, False, ["missing_field"]),
    ("under `text`", [piece(""), raw(type="input_json_delta", text=JSON)], {}, False, ["missing_field"]),
    ("under any name", [raw(type="input_json_delta", json=JSON)], {}, False, ["missing_field", UNREAD]),
    ("an unknown delta", [piece(""), raw(type="tool_delta", partial_json=JSON)], {}, False, [UNREAD]),
    ("an unknown delta with an object", [raw(type="tool_delta", input={"a": 1})], {}, False, [UNREAD]),
    ("an unknown delta with text", [piece(), raw(type="tool_delta", text=JSON)], {"a": 1}, False, [UNREAD]),
    ("a delta without type", [raw(partial_json=JSON)], {}, False, [UNREAD]),
    ("a delta without type, with text", [raw(text=JSON)], {}, False, [UNREAD]),
    ("no index", [{**raw(type="x", input=JSON), "index": None}], {}, False, ["missing_field", UNREAD]),
    ("a harmless unknown delta", [raw(type="glow_delta", lumen=1), piece()], {"a": 1}, True, []),
    ("a harmless one, no arguments", [piece(""), raw(type="glow_delta", lumen=1)], {}, True, []),
    ("nothing but unknown deltas", [raw(type="tool_delta", arguments=JSON)], {}, False, [UNREAD]),
    ("as text", [text(JSON)], {}, False, ["missing_block_start", UNREAD]),
    ("a start again", [piece('{"a"'), TOOL, piece(": 1}")], {"a": 1}, True, ["repeated_block_start"]),
    ("a start again with the input", [again(input={"a": 1})], {}, False, ["repeated_block_start", UNREAD]),
    ("a start again behind JSON", [piece(), again(input={"a": 1})], {"a": 1}, True, ["repeated_block_start"]),
    ("beside an empty piece", [raw(type="input_json_delta", partial_json="", text=JSON)], {}, False, [UNREAD]),
    ("an empty piece with more", [raw(type="input_json_delta", partial_json="", lumen=1)], {}, True, []),
    ("a delta that is text", [bare(JSON)], {}, False, ["wrong_type"]),
    ("a delta that is text, behind JSON", [piece(), bare(JSON)], {"a": 1}, False, ["wrong_type"]),
    ("a delta that is a list", [piece(""), bare([{"partial_json": JSON}])], {}, False, ["wrong_type"]),
    ("beside the delta", [piece(""), bare(None, partial_json=JSON)], {}, False, ["missing_field"]),
    ("no delta alone", [bare(None)], {}, False, ["missing_field", UNREAD]),
    ("no delta behind JSON", [piece(), bare(None)], {"a": 1}, True, ["missing_field"]),
]


@pytest.mark.parametrize(
    ("events", "given", "complete", "broken"), [row[1:] for row in INPUTS], ids=[row[0] for row in INPUTS]
)
def test_a_tool_is_not_called_with_what_was_not_read(
    events: list[Event], given: dict[str, Any], complete: bool, broken: list[str]
) -> None:
    body = stream(*message_of([TOOL, *events, block_stop()]))
    tool: Any = assemble([body]).content[0]
    assert (tool.input, tool.input_complete) == (given, complete)
    assert rules(body) == broken
    assert read_by_steps(bytewise(body)) == read_by_steps([body])


def test_only_a_string_says_that_a_start_comes_again() -> None:
    tool = block_start(0, "tool_use", id=5)
    body = stream(*message_of([tool, tool, block_stop()]))
    assert len(assemble([body]).content) == 2
    assert rules(body) == ["wrong_type", "wrong_type", "overlapping_blocks", "index_reused"]


@pytest.mark.parametrize(
    ("content", "kept", "broken"),
    [
        ("Hi", ["Hi"], ["wrong_type", "content_in_message_start"]),
        (["Hi", 5, {"type": "text", "text": "ho"}], ["Hi", "ho"], ["content_in_message_start"] * 3),
        ("", [], ["wrong_type"]),
    ],
)
def test_words_in_message_start_are_kept_in_whatever_form(content: Any, kept: list[str], broken: list[str]) -> None:
    body = stream(start(content=content), finish(), STOP)
    message = assemble([body])
    assert [block.to_dict() for block in message.content] == [{"type": "text", "text": text} for text in kept]
    assert rules(body) == broken


@pytest.mark.parametrize(
    "piece", [{"text": "", "thinking": "hm"}, {"thinking": "hm"}, {"text": None, "thinking": "hm"}]
)
def test_thinking_beside_an_empty_text_is_thinking(piece: dict[str, Any]) -> None:
    body = stream(*message_of([block_start(0, "thinking"), raw(type="text_delta", **piece), block_stop()]))
    (block,) = assemble([body]).content
    assert block.to_dict() == {"type": "thinking", "thinking": "hm", "signature": ""}
    assert rules(body) == ["words_in_other_field", "missing_signature"]


def test_a_piece_of_either_tool_spoils_both() -> None:
    tools = [TOOL, block_start(1, "tool_use", id="toolu_2")]
    pieces = [piece(), piece(index=1), {**raw(type="x", input=JSON), "index": 7}]
    message = read([*tools, *pieces, block_stop(0), block_stop(1)])
    assert [block.input_complete for block in message.content] == [False, False]  # type: ignore[union-attr]


def test_a_tool_that_another_start_ends_is_not_complete() -> None:
    message = read([TOOL, piece(), block_start(0, "tool_use", id="toolu_2"), piece(), block_stop()])
    assert [block.input_complete for block in message.content] == [False, True]  # type: ignore[union-attr]


@pytest.mark.parametrize("value", [True, 5, [], None])
def test_a_piece_that_is_no_json_needs_no_tool(value: Any) -> None:
    assert rules(stream(*message_of([piece(value)]))) == ["delta_not_taken"]


def test_an_object_for_no_open_tool_is_refused() -> None:
    with pytest.raises(ProtocolError, match="tool_never_named"):
        read([piece({"a": 1})])


def test_two_tools_with_one_id() -> None:
    early = start(content=[{"type": "tool_use", "id": "toolu_1", "name": "go", "input": {}}])
    body = stream(early, TOOL, piece(), block_stop(), finish(), STOP)
    assert rules(body) == ["content_in_message_start", "tool_id_reused"]


CUT: list[tuple[str, list[Event], str, list[bool]]] = [
    ("behind the name", [TOOL, piece(""), block_stop()], "max_tokens", [False]),
    ("behind the start", [TOOL, block_stop()], "model_context_window_exceeded", [False]),
    ("no cut", [TOOL, piece(""), block_stop()], "tool_use", [True]),
    ("with JSON", [TOOL, piece(), block_stop()], "max_tokens", [True]),
    ("with the start's input", [block_start(0, "tool_use", input={"a": 1}), block_stop()], "max_tokens", [True]),
    (
        "the last of two",
        [TOOL, block_stop(), block_start(1, "tool_use", id="toolu_2"), piece("", 1), block_stop(1)],
        "max_tokens",
        [True, False],
    ),
]


@pytest.mark.parametrize(("events", "reason", "complete"), [row[1:] for row in CUT], ids=[row[0] for row in CUT])
def test_a_tool_cut_behind_its_name(events: list[Event], reason: str, complete: list[bool]) -> None:
    body = stream(start(), *events, finish(reason), STOP)
    yielded = list(iter_events([body], strict=True))
    stops = [event.content_block for event in yielded if isinstance(event, ContentBlockStopEvent)]
    assert [block.input_complete for block in stops] == [True] * len(complete)  # type: ignore[union-attr]
    message: Message = yielded[-1].message  # type: ignore[union-attr]
    assert [block.input_complete for block in message.content] == complete  # type: ignore[union-attr]


def test_a_server_tool_that_was_answered_was_not_cut() -> None:
    result = block_start(
        1, "web_search_tool_result", type="web_search_tool_result", tool_use_id="srvtoolu_1", content=[]
    )
    body = stream(start(), block_start(0, "server_tool_use"), block_stop(), result, block_stop(1))
    message: Any = assemble([body, stream(finish("max_tokens"), STOP)])
    assert message.content[0].input_complete


# --- words ---------------------------------------------------------------------------------------------------------

WORDS: list[tuple[str, str, dict[str, Any], str, list[str]]] = [
    ("text in thinking", "thinking", {"type": "thinking_delta", "text": "hm"}, "hm", [BESIDE]),
    ("thinking in text", "text", {"type": "text_delta", "thinking": "hm"}, "hm", [BESIDE]),
    ("text that is a number", "thinking", {"type": "thinking_delta", "thinking": 5, "text": "hm"}, "hm", [BESIDE]),
    ("text for thinking", "thinking", {"type": "text_delta", "thinking": "hm"}, "hm", [BESIDE]),
    ("no type", "text", {"text": "hm"}, "hm", [BESIDE]),
    ("a null type", "thinking", {"type": None, "thinking": "hm"}, "hm", [BESIDE]),
    ("no type, text for thinking", "thinking", {"text": "hm"}, "hm", [BESIDE]),
    ("no type, thinking for text", "text", {"thinking": "hm"}, "", []),
    ("an unknown type", "text", {"type": "glow_delta", "text": "hm"}, "", []),
    ("text by empty thinking", "thinking", {"type": "thinking_delta", "thinking": "", "text": "hm"}, "hm", [BESIDE]),
    ("thinking beside empty text", "text", {"type": "text_delta", "text": "", "thinking": "hm"}, "hm", [BESIDE]),
    ("an empty text with more", "text", {"type": "text_delta", "text": "", "lumen": 1}, "", []),
    ("no words", "text", {"type": "text_delta", "thinking": 5}, "", ["missing_field"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "odd", "words", "broken"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS])
def test_words_in_another_field(kind: str, odd: dict[str, Any], words: str, broken: list[str]) -> None:
    body = stream(*message_of([block_start(0, kind, signature="s") if kind == "thinking" else block_start(), raw(**odd), block_stop()]))  # fmt: skip  # noqa: E501
    (block,) = assemble([body]).content
    assert getattr(block, kind) == words
    assert rules(body) == broken


def test_words_without_type_and_index_go_to_the_only_open_block() -> None:
    body = stream(*message_of([block_start(), {**raw(text="hm"), "index": 9}, block_stop()]))
    assert assemble([body]).text == "hm"


def test_usage_in_the_delta_counts_where_the_event_has_none() -> None:
    inside = {"stop_reason": "end_turn", "stop_sequence": None, "usage": {"output_tokens": 7}}
    assert assemble([stream(start(), finish(delta=inside, usage=None), STOP)]).usage.output_tokens == 7
    assert assemble([stream(start(), finish(delta=inside, usage={}), STOP)]).usage.output_tokens == 7
    assert assemble([stream(start(), finish(delta=inside), STOP)]).usage.output_tokens == 9


# --- the end -------------------------------------------------------------------------------------------------------

CHUNK = b'data: {"id":"chatcmpl-1","choices":[{"delta":{"content":"Hi"}}]}\n\n'
GOOD = stream(start(), block_start(), text("Hi"))
INDENTED = b"".join(b"  " + line + b"\n" for line in GOOD.split(b"\n"))
NOT_OURS: list[tuple[str, bytes, str]] = [
    ("chunks", CHUNK * 2, "not the Messages API"),
    ("one chunk", CHUNK, "chatcmpl-1"),
    ("chunks and [DONE]", CHUNK * 2 + b"data: [DONE]\n\n", "chatcmpl-1"),
    ("typed events", stream(*({"type": f"response.{n}"} for n in ("created", "delta", "done"))), "response.created"),
    ("no blank lines", GOOD.replace(b"\n\n", b"\n"), "no empty line"),
    ("no blank lines, no types", b'data: {"a": 1}\ndata: {"b": 1}\n', "no empty line"),
    ("no blank lines, empty types", b'data: {"type": ""}\ndata: {"type": null}\n', "no empty line"),
    ("indented", INDENTED, "is no event stream"),
    ("indented behind a comment", b": hi\n\n" + INDENTED, "is no field"),
    ("other names", GOOD.replace(b"data", b"Data"), "is no field"),
    ("line ends as escapes", GOOD.replace(b"\n", rb"\n"), "no line end"),
    ("blanks for line ends", GOOD.replace(b"\n", b" ") + b"\n\n", "no line end"),
    ("a space before the name", b' event: x\ndata: {"type"', "is no event stream"),
    ("a space behind the name", b'data : {"type": "ping"}\n\n', "is no event stream"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "said"), [row[1:] for row in NOT_OURS], ids=[row[0] for row in NOT_OURS])
def test_a_stream_that_is_not_ours_says_so(body: bytes, said: str) -> None:
    errors = []
    for chunks in ([body], bytewise(body)):
        with pytest.raises(ProtocolError) as caught:
            assemble(chunks)
        errors.append(caught.value)
        assert caught.value.rule == "not_an_event_stream"
        assert said in str(caught.value)
        assert body.strip()[:20].decode() in str(caught.value.frame)
        assert not is_retryable(caught.value)
    assert str(errors[0]) == str(errors[1])


LOST: list[tuple[str, bytes, str]] = [
    ("an event", GOOD + stream({"type": "message_end"}), "event 4: message_end"),
    ("the first of two", GOOD + stream({"type": "one"}, {"type": "two"}), "event 4: one"),
    ("a delta", GOOD + stream(raw(type="glow_delta")), "event 4: a delta of type glow_delta"),
    ("a delta that nobody takes", GOOD + stream(delta(0, "signature_delta")), "event 4: delta_not_taken"),
    ("no delta", GOOD + stream({"type": "content_block_delta", "index": 0}), "event 4: no delta"),
    ("no message", stream({"type": "message_start"}), "event 1: no message"),
    ("a line", GOOD + b"  data: 5\n\n", "the line '  data: 5' is no field"),
    ("a last line without its end", GOOD + b"upstream failed", "the line 'upstream failed' is no field"),
    ("a missing blank line", GOOD + GOOD.replace(b"\n\n", b"\n"), "no empty line ends its events"),
    ("one unknown event", stream({"type": "gateway"}), "event 1: gateway"),
    ("data in two lines, the first of them blank", b'data: \xc2\xa0\ndata: {"a": 1}\n', "no message_start came"),
]


@pytest.mark.parametrize(("body", "said"), [row[1:] for row in LOST], ids=[row[0] for row in LOST])
def test_the_end_names_the_first_thing_that_was_not_understood(body: bytes, said: str) -> None:
    for chunks in ([body], bytewise(body)):
        with pytest.raises(IncompleteStreamError) as caught:
            assemble(chunks)
        assert said in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"data: x\nid: 5", b"data: [1]\ndata", b'data: {"type":"ping"}\n', b"data: {\ndata: x\n"]
)
def test_a_cut_first_event_is_a_cut(body: bytes) -> None:
    with pytest.raises(IncompleteStreamError):
        assemble([body])


# --- one number for each event -------------------------------------------------------------------------------------

BAD = frame("{", "ping")
DOCUMENT = [("not_a_stream", 0), *[("missing_field", 0)] * 6]
NUMBERS: list[tuple[str, bytes, list[tuple[str, int]]]] = [
    ("behind empty data", frame("") + stream(start(), block_stop(5)), [("stop_for_unopened_block", 3)]),
    ("a refused frame", stream(start(), PING) + BAD, [("malformed_json", 3)]),
    (
        "behind a refused frame",
        BAD + BAD + stream(PING, start(), STOP),
        [("malformed_json", 1), ("malformed_json", 2), ("missing_message_delta", 5)],
    ),
    ("behind the end", stream(*message_of(), PING, DONE), [("done_marker", 5)]),
    ("refused behind the end", stream(*message_of()) + BAD + stream(DONE), [("malformed_json", 4), ("done_marker", 5)]),
    ("the end", stream(start(), finish()), [("missing_message_stop", 2)]),
    ("a document", b'{"type":"message","content":[]}', [*DOCUMENT, ("missing_message_delta", 3)]),
    (
        "words in a document",
        b'{"type":"message","content":"Hi"}',
        [*DOCUMENT, ("wrong_type", 0), ("missing_message_delta", 6)],
    ),
]


@pytest.mark.parametrize(("body", "broken"), [row[1:] for row in NUMBERS], ids=[row[0] for row in NUMBERS])
def test_every_way_of_reading_numbers_alike(body: bytes, broken: list[tuple[str, int]]) -> None:
    found = [(finding.rule, finding.event) for finding in lint(body) if finding.rule != "incomplete_stream"]
    assert found == broken
    for chunks in ([body], bytewise(body)):
        for outcome in (read_by_steps(chunks, strict=True), read_by_events(chunks, strict=True)):
            assert outcome.error is not None
            if broken[0][0] != "missing_message_stop":  # strict calls this end incomplete
                assert outcome.error[2:4] == broken[0]


LATE = stream(*message_of(), PING) + BAD + stream(DONE, start())
NOTED = [("malformed_json", 5), ("done_marker", 6), ("event_after_message_stop", 7)]


@pytest.mark.parametrize("cuts", [[LATE], bytewise(LATE), tuple(bytewise(LATE))], ids=["one chunk", "bytes", "a tuple"])
def test_what_is_behind_the_end_is_noted_where_it_is_at_hand(cuts: Any) -> None:
    *_, last = iter_events(cuts)
    assert isinstance(last, MessageStopEvent)
    for message in (assemble(cuts), last.message):
        assert message.received is not None
        noted = [(deviation.rule, deviation.event_number) for deviation in message.received.deviations]
        assert noted == NOTED[1:]
    assert [(finding.rule, finding.event) for finding in lint(LATE)] == NOTED
    with pytest.raises(ProtocolError) as caught:
        assemble(cuts, strict=True)
    assert caught.value.event_number == 5


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "recording.sse"
    path.write_bytes(LATE)
    with path.open("rb") as recording:
        message = assemble(recording)
        assert not recording.read(1)
    assert message.received is not None
    assert len(message.received.deviations) == 2


def test_what_may_have_to_be_waited_for_is_not_read() -> None:
    chunks = iter([stream(*message_of()), stream(DONE)])
    message = assemble(chunks)
    assert message.received is not None
    assert (message.received.request_id, message.received.attempts) == (None, 0)
    assert message.received.deviations == []
    assert next(chunks) == stream(DONE)


def test_an_event_too_large_has_the_next_number() -> None:
    for chunks in ([GOOD + b"data: " + b"x" * 2000], bytewise(GOOD + b"data: " + b"x" * 2000)):
        outcome = read_by_steps(chunks, max_event_bytes=1000)
        assert outcome.error is not None
        assert outcome.error[2:4] == ("event_too_large", 4)


def test_words_in_a_document_are_kept() -> None:
    body = b'{"type":"message","content":["Hi ",{"type":"text","text":"you"},5]}'
    assert assemble([body]).text == "Hi you"
    assert assemble([b'{"type":"message","content":"Hi"}']).text == "Hi"


# --- checks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["message", "delta", "message_delta"])
def test_a_block_is_checked_as_a_block(kind: str) -> None:
    assert rules(stream(*message_of([block_start(0, kind, type=kind), block_stop()]))) == []


def test_a_field_is_named_once() -> None:
    result = block_start(0, "r", type="web_search_tool_result", tool_use_id="t", content=5)
    assert rules(stream(*message_of([result, block_stop()]))) == ["wrong_type"]
    assert rules(stream(start(usage={"cache_creation": {"ephemeral_5m_input_tokens": "x"}}))) == ["wrong_type"]


def test_a_signature_of_another_type_is_not_a_missing_one() -> None:
    assert rules(stream(*message_of([block_start(0, "thinking", signature=0), block_stop()]))) == ["wrong_type"]


# --- bounds --------------------------------------------------------------------------------------------------------


def test_many_pieces_are_gathered_without_copying_what_came_before() -> None:
    signatures = [delta(0, "signature_delta", signature="s" * 16)] * 2000
    cited = [delta(1, "citations_delta")] * 500
    body = [block_start(0, "thinking"), *signatures, block_stop(), block_start(1), *cited, block_stop(1)]
    events: list[Any] = list(iter_events([stream(*message_of(body))]))
    sizes = [len(event.signature) for event in events if event.type == "signature"]
    assert sizes == [16 * n for n in range(1, 2001)]
    assert [len(event.snapshot) for event in events if event.type == "citation"] == [*range(1, 501)]


def test_blocks_that_are_never_stopped_are_named_up_to_a_bound() -> None:
    body = stream(start(), *(block_start(n) for n in range(3000)))
    outcome = read_by_steps([body])
    assert outcome.error is not None
    assert len(outcome.error[1]) < 300
    assert isinstance(outcome.error[0](""), APIError)


def test_pieces_for_no_certain_tool_spoil_each_tool_that_is_open_then() -> None:
    def lost(kind: str, **fields: Any) -> dict[str, Any]:
        return {**raw(type=kind, **fields), "index": 9}

    tools = [block_start(n, "tool_use", id=f"toolu_{n}") for n in range(4)]
    filled = [piece(index=n) for n in range(4)]
    events = [*tools[:2], lost("glow"), lost("x", input=JSON), lost("y", input=JSON), *tools[2:], *filled]
    message = read([*events, *map(block_stop, range(4))])
    assert [block.input_complete for block in message.content] == [False, False, True, True]  # type: ignore[union-attr]
