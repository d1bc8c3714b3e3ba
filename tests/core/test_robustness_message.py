"""What users suffer from in a message, each shown to be impossible here: its blocks, tools, usage and surrogates."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from sseclaude import partial_json
from sseclaude.blocks import UnknownBlock
from sseclaude.errors import (
    APIError,
)
from sseclaude.events import UnknownDelta, UnknownEvent
from sseclaude.iterate import assemble, iter_events
from tests.support.streams import (
    DELTAS,
    OVERLOADED,
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
    rules,
    start,
    stream,
    stream_bytes,
    text,
)


def json_delta(*pieces: str, index: int = 0) -> list[Mapping[str, Any]]:
    return [delta(index, "input_json_delta", partial_json=piece) for piece in pieces]


# --- blocks ------------------------------------------------------------------------------------------------------

INDICES: list[tuple[str, list[Any], list[str], list[str]]] = [
    ("skipped", [block_start(2), text("a", 2), block_stop(2)], ["a"], ["index_gap"]),
    (
        "repeated",
        [block_start(), text("a"), block_stop(), block_start(), text("b"), block_stop()],
        ["a", "b"],
        ["index_reused"],
    ),
    (
        "repeated while open",
        [block_start(), text("a"), block_start(), text("b"), block_stop()],
        ["a", "b"],
        ["overlapping_blocks", "index_reused"],
    ),
    (
        "never started",
        [text("a", 5), text("b", 5), block_stop(5), block_stop(9)],
        ["ab"],
        ["missing_block_start", "stop_for_unopened_block"],
    ),
]


@pytest.mark.parametrize(("events", "texts", "broken"), [row[1:] for row in INDICES], ids=[row[0] for row in INDICES])
def test_repeated_or_skipped_indices(events: list[Any], texts: list[str], broken: list[str]) -> None:
    message = read(events)
    assert [block.text for block in message.content] == texts  # type: ignore[union-attr]
    assert rules(stream(*message_of(events))) == broken


def test_interleaved_blocks() -> None:
    kinds = ["text", "thinking", "tool_use"]
    starts = [block_start(index, kind) for index, kind in enumerate(kinds)]
    grown = [text("a", 0), delta(1, "thinking_delta"), *json_delta('{"a": ', index=2)]
    more = [*json_delta("[1]}", index=2), delta(1, "signature_delta"), text("b", 0)]
    words, thoughts, tool = read([*starts, *grown, *more, *map(block_stop, (2, 0, 1))]).content
    assert words.text == "ab"  # type: ignore[union-attr]
    assert (thoughts.thinking, thoughts.signature) == ("hm", "sig")  # type: ignore[union-attr]
    assert (tool.input, tool.input_complete) == ({"a": [1]}, True)  # type: ignore[union-attr]


def test_unknown_events_blocks_and_deltas_stay_whole() -> None:
    news = [
        {"type": "vertex_event", "at": {"x": 1}},
        block_start(0, "signal", type="signal", flags=["n"]),
        delta(0, "glow_delta", lumen=[1]),
    ]
    body = stream(start(), *news, block_stop(), finish(), STOP)
    events: list[Any] = list(iter_events([body], strict=True))
    assert [event.to_dict() for event in events[1:4]] == news
    assert isinstance(events[1], UnknownEvent)
    assert isinstance(events[2].content_block, UnknownBlock)
    assert isinstance(events[3].delta, UnknownDelta)
    (block,) = assemble([body]).content
    assert type(block) is UnknownBlock
    assert block.to_dict() == {"type": "signal", "flags": ["n"]}


def test_the_words_of_an_unknown_block_are_kept() -> None:
    (block,) = read([block_start(0, "transcript", type="transcript", text=""), text("Who?"), block_stop()]).content
    assert block.to_dict() == {"type": "transcript", "text": "Who?"}


def test_an_unknown_stop_reason() -> None:
    message = assemble([stream(start(), finish("lamp_out"), STOP)], strict=True)
    assert message.stop_reason == "lamp_out"


# --- tools -------------------------------------------------------------------------------------------------------

INPUTS: list[tuple[Any, list[str], Any]] = [
    ({}, [], {}),
    ({}, [""], {}),
    ({"a": 1}, [], {"a": 1}),
    ({"a": 1}, [""], {"a": 1}),
    ({"a": 1}, ['{"b": 2}'], {"b": 2}),
    ({}, ["", '{"b"', ": 2}"], {"b": 2}),
    (..., [""], {}),
]


@pytest.mark.parametrize(("given", "pieces", "expected"), INPUTS)
def test_inputs_empty_or_whole_in_the_start(given: Any, pieces: list[str], expected: Any) -> None:
    begun = block_start(0, "tool_use", input=given)
    if given is ...:
        del begun["content_block"]["input"]
    (tool,) = read([begun, *json_delta(*pieces), block_stop()]).content
    assert (tool.input, tool.input_complete) == (expected, True)  # type: ignore[union-attr]


def test_tool_json_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every snapshot read, and the parser sees each character once, except for the tokens that a fragment cuts."""
    seen = 0
    parse = partial_json.PartialJSON._parse

    def counted(self: Any, chunk: str) -> None:
        nonlocal seen
        seen += len(chunk)
        parse(self, chunk)

    monkeypatch.setattr(partial_json.PartialJSON, "_parse", counted)
    document = json.dumps({"rows": [{"name": f"row {number}", "size": number} for number in range(2000)]})
    pieces = [document[at : at + 20] for at in range(0, len(document), 20)]
    body = stream(start(), block_start(0, "tool_use"), *json_delta(*pieces), block_stop(), finish(), STOP)
    snapshots = [event.snapshot for event in iter_events([body]) if event.type == "input_json"]
    assert snapshots[-1] == json.loads(document)
    assert len(snapshots) == len(pieces)
    assert len(document) <= seen <= 2 * len(document)


MALFORMED = [
    ('{"a": 1, b', {"a": 1}),
    ('{"a": 1} x', {"a": 1}),
    ("no JSON", {}),
    ("[1]", {}),
    ('{"a": "x\n"}', {"a": "x"}),
]


@pytest.mark.parametrize(("raw", "so_far"), MALFORMED)
def test_malformed_tool_json_costs_nothing_else(raw: str, so_far: Any) -> None:
    tool, words = read(
        [block_start(0, "tool_use"), *json_delta(raw), block_stop(0), block_start(1), text("on", 1), block_stop(1)]
    ).content
    assert (tool.partial_json, tool.input_complete) == (raw, False)  # type: ignore[union-attr]
    assert tool.input == so_far  # type: ignore[union-attr]
    assert words.text == "on"  # type: ignore[union-attr]


def test_a_tool_call_that_was_cut_is_not_complete() -> None:
    """By max_tokens, a missing stop, a cut or an error: at no prefix is it complete before its block is closed."""
    assert not assemble([stream_bytes("max_tokens_tool")]).content[-1].input_complete  # type: ignore[union-attr]
    raw = '{"a": [1, 2], "b": "x"}'
    for at in range(len(raw)):
        events = [block_start(0, "tool_use"), *json_delta(raw[:at]), block_stop()]
        (tool,) = read(events).content
        assert tool.input_complete == (at == 0)  # type: ignore[union-attr]
    (unstopped,) = read([block_start(0, "tool_use"), *json_delta(raw)]).content
    assert not unstopped.input_complete  # type: ignore[union-attr]
    for rest in (b"", frame(OVERLOADED)):
        with pytest.raises(APIError) as caught:
            assemble([stream(start(), block_start(0, "tool_use"), *json_delta(raw)) + rest])
        assert caught.value.partial_message is not None
        assert not caught.value.partial_message.content[0].input_complete  # type: ignore[union-attr]


SIGNATURES: list[tuple[str, list[str], str]] = [
    ("", ["a"], "a"),
    ("s", [], "s"),
    ("s", ["a"], "a"),
    ("s", ["a", "b"], "ab"),
    ("s", ["", "a"], "a"),
]


@pytest.mark.parametrize(("given", "pieces", "expected"), SIGNATURES)
def test_signatures_stay_with_their_block(given: str, pieces: list[str], expected: str) -> None:
    signed = [delta(0, "signature_delta", signature=piece) for piece in pieces]
    second = [block_start(1, "thinking"), delta(1, "signature_delta", signature="other"), block_stop(1)]
    first, other = read([block_start(0, "thinking", signature=given), *signed, block_stop()], second).content
    assert first.signature == expected  # type: ignore[union-attr]
    assert other.signature == "other"  # type: ignore[union-attr]


def test_null_does_not_overwrite_a_compaction() -> None:
    null = delta(0, "compaction_delta", content=None)
    (block,) = read([block_start(0, "compaction"), null, delta(0, "compaction_delta"), null, block_stop()]).content
    assert block.content == "sum"  # type: ignore[union-attr]


# --- the message's top level -------------------------------------------------------------------------------------

MERGED: list[tuple[list[Any], dict[str, Any]]] = [
    ([finish("a", container={"id": "c"}), finish(None)], {"stop_reason": "a", "container": {"id": "c"}}),
    ([finish(tomorrow=[1])], {"tomorrow": [1]}),
    ([finish(delta={"stop_reason": "a", "stop_sequence": "s", "new": 1})], {"stop_sequence": "s", "new": 1}),
    ([finish(context_management={"applied_edits": []})], {"context_management": {"applied_edits": []}}),
]


@pytest.mark.parametrize(("events", "expected"), MERGED)
def test_message_delta_is_merged(events: list[Any], expected: dict[str, Any]) -> None:
    found = assemble([stream(start(service="x"), *events, STOP)]).to_dict()
    assert {key: found[key] for key in expected} == expected
    assert found["service"] == "x"


def test_usage_is_not_counted_twice() -> None:
    usages = [{"output_tokens": 5}, {"input_tokens": 3, "output_tokens": 9}, {"output_tokens": 9, "input_tokens": None}]
    message = assemble([stream(start(), *(finish(usage=usage) for usage in usages), STOP)])
    assert (message.usage.input_tokens, message.usage.output_tokens) == (3, 9)


@pytest.mark.parametrize("usage", [None, {}, {"input_tokens": None, "output_tokens": None}, ...], ids=str)
def test_usage_null_or_missing(usage: Any) -> None:
    first, last = start(usage=usage), finish(usage=usage)
    if usage is ...:
        del first["message"]["usage"], last["usage"]
    message = assemble([stream(first, *WORDS, last, STOP)])
    assert (message.usage.input_tokens or 0, message.usage.output_tokens or 0) == (0, 0)
    known = assemble([stream(start(), *WORDS, last, STOP)])
    assert (known.usage.input_tokens, known.usage.output_tokens) == (3, 1)


@pytest.mark.parametrize("kind", ["tool_use", "server_tool_use", "mcp_tool_use"])
def test_all_tools_show_their_input(kind: str) -> None:
    body = stream(*message_of([block_start(0, kind), *json_delta('{"a": ', "1}"), block_stop()]))
    assert [event.snapshot for event in iter_events([body]) if event.type == "input_json"] == [{}, {"a": 1}]
    (tool,) = assemble([body]).content
    assert tool.input == {"a": 1}  # type: ignore[union-attr]


def test_events_never_change() -> None:
    blocks = [
        [block_start(index, kind), delta(index, taken), block_stop(index)] for index, (kind, taken) in enumerate(TAKEN)
    ]
    events, then = [], []
    for event in iter_events([stream(*message_of(*blocks))]):
        events.append(event)
        then.append(copy.deepcopy(event.model_dump()))
        with pytest.raises(ValidationError):
            event.type = "other"  # type: ignore[assignment]
    assert [event.model_dump() for event in events] == then


TAKEN = [
    ("text", "text_delta"),
    ("text", "citations_delta"),
    ("thinking", "thinking_delta"),
    ("thinking", "signature_delta"),
    ("tool_use", "input_json_delta"),
    ("compaction", "compaction_delta"),
]


def test_all_deltas_are_looked_at() -> None:
    assert {taken for _, taken in TAKEN} == set(DELTAS)


@pytest.mark.parametrize(
    "name", ["thinking", "redacted_thinking", "tool_use", "server_tools", "mcp", "compaction", "citations"]
)
def test_the_assistants_turn_goes_back_as_it_came(name: str) -> None:
    """What the wire sent, signatures and encrypted content untouched, and nothing of ours or of the message's top."""
    message = assemble([stream_bytes(name)])
    turn = message.to_param()
    assert set(turn) == {"role", "content"}
    wire = message.to_dict()["content"]
    for sent in wire:
        for citation in sent.get("citations") or []:
            citation.pop("file_id", None)
    assert turn["content"] == wire
    assert json.loads(json.dumps(turn)) == turn


# --- surrogates --------------------------------------------------------------------------------------------------

HALVES: list[tuple[list[str], list[str]]] = [
    (["a\\ud83d", "\\uddfcb"], ["a", "🗼b"]),
    (["\\ud83d", "", "\\uddfc"], ["", "", "🗼"]),
    (["a\\ud83d", "b"], ["a", "\ufffdb"]),
    (["a\\uddfc"], ["a\ufffd"]),
    (["a\\ud83d"], ["a", "\ufffd"]),
    (["\\ud83d\\ud83d", "\\uddfc"], ["\ufffd", "🗼"]),
]


@pytest.mark.parametrize(("pieces", "texts"), HALVES)
@pytest.mark.parametrize("kind", ["text", "thinking"])
def test_lone_surrogates(kind: str, pieces: list[str], texts: list[str]) -> None:
    """In no text that comes out is half a character; every word can be encoded."""
    deltas = b"".join(
        frame(f'{{"type":"content_block_delta","index":0,"delta":{{"type":"{kind}_delta","{kind}":"{piece}"}}}}')
        for piece in pieces
    )
    body = stream(start(), block_start(0, kind)) + deltas + stream(block_stop(), finish(), STOP)
    events: list[Any] = [event for event in iter_events([body]) if event.type == kind]
    assert [getattr(event, kind) for event in events] == texts
    assert [event.snapshot for event in events] == ["".join(texts[: at + 1]) for at in range(len(texts))]
    message = assemble([body])
    assert getattr(message.content[0], kind) == "".join(texts)
    message.to_json().encode()


def test_surrogates_elsewhere_are_replaced() -> None:
    lone = "\\ud83d"
    body = stream(start(), block_start()) + frame(
        '{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta",'
        f'"citation":{{"type":"char_location","cited_text":"{lone}"}}}}}}'
    )
    body += stream(block_stop()) + frame(f'{{"type":"message_delta","delta":{{"stop_reason":"{lone}"}},"usage":{{}}}}')
    message = assemble([body + stream(STOP)])
    assert message.stop_reason == "\ufffd"
    message.to_json().encode()


def test_bad_utf8_never_ends_a_stream() -> None:
    body = stream(*message_of(WORDS)).replace(b"Hel", b"H\xffl").replace(b"end_turn", b"end\xc3turn")
    for chunks in ([body], bytewise(body)):
        message = assemble(chunks)
        assert (message.text, message.stop_reason) == ("H\ufffdllo", "end\ufffdturn")


@pytest.mark.parametrize("half", ["text_delta", "input_json_delta"])
def test_everything_can_be_dumped_with_half_a_character(half: str) -> None:
    kind, pieces = ("text", ["\ud83d", "x"]) if half == "text_delta" else ("tool_use", ['{"a": "\\ud83d', '"}'])
    field = "text" if half == "text_delta" else "partial_json"
    body = stream(*message_of([block_start(0, kind), *(delta(0, half, **{field: p}) for p in pieces), block_stop()]))
    for event in iter_events([body]):
        assert json.loads(event.model_dump_json()) == event.model_dump(mode="json")
        event.model_dump_json(indent=2).encode()
    message = assemble([body])
    for dumped in (message.model_dump_json(), message.to_json(), json.dumps(message.to_param(), ensure_ascii=False)):
        assert "\ufffd" in dumped
        dumped.encode()
