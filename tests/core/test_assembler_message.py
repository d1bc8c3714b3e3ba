"""What the state machine makes of events: where deltas go, how a message is merged, and what is noted of it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sseclaude.assembler import MessageAssembler
from sseclaude.blocks import TextBlock
from sseclaude.errors import (
    APIStatusError,
    IncompleteStreamError,
    OverloadedError,
    Progress,
)
from sseclaude.events import build
from sseclaude.message import ParsedMessage
from tests.support.streams import (
    OVERLOADED,
    PING,
    STOP,
    Event,
    block_start,
    block_stop,
    delta,
    fed,
    finish,
    start,
    text,
)

K, U = "thinking", "tool_use"

# --- where deltas go -------------------------------------------------------------------------------------------------


def contents(assembler: MessageAssembler) -> list[Any]:
    message = assembler.message
    return [] if message is None else [block.to_dict() for block in message.content]


def words(value: str) -> dict[str, Any]:
    return {"type": "text", "text": value}


def thoughts(value: str, **fields: Any) -> dict[str, Any]:
    return {"type": "thinking", "thinking": value, **fields}


PLACED: list[tuple[str, list[Event], list[Any]]] = [
    (
        "interleaved",
        [block_start(0), block_start(1), text("a", 0), text("b", 1), text("c", 0)],
        [words("ac"), words("b")],
    ),
    ("to the only one open", [block_start(3), text("a", 0), text("b", None)], [words("ab")]),  # type: ignore[arg-type]
    (
        "to the only one that takes it",
        [block_start(0), block_start(1, K), delta(0, "thinking_delta"), delta(5, "thinking_delta")],
        [words(""), thoughts("hmhm", signature="")],
    ),
    ("to a new one of two", [block_start(0), block_start(1), text("a", 7)], [words(""), words(""), words("a")]),
    ("to a new one", [text("a", 0), text("b", 0)], [words("ab")]),
    (
        "to a new one beside another",
        [block_start(0), delta(0, "thinking_delta"), text("a")],
        [words("a"), thoughts("hm")],
    ),
    ("after the stop", [block_start(0), text("a"), block_stop(), text("b")], [words("a"), words("b")]),
    ("to a second start", [block_start(0), text("a"), block_start(0), text("b")], [words("a"), words("b")]),
    ("in order of start", [block_start(2), text("a", 2), block_start(0), text("b", 0)], [words("a"), words("b")]),
    ("without an index", [{**block_start(), "index": None}, text("a")], [words("a")]),
    ("a stop without index", [block_start(4), {"type": "content_block_stop"}, block_start(5)], [words(""), words("")]),
]


@pytest.mark.parametrize(("events", "content"), [row[1:] for row in PLACED], ids=[row[0] for row in PLACED])
def test_places(events: list[Event], content: list[Any]) -> None:
    assembler = fed(start(), *events)
    assert contents(assembler) == content
    assembler.feed(finish())
    assembler.feed(STOP)
    assert contents(assembler) == content


def test_a_block_that_a_delta_opened_owes_no_stop() -> None:
    assembler = fed(start(), text("a"), finish())
    assembler.close()
    assert [found.rule for found in assembler.deviations] == ["missing_block_start", "missing_message_stop"]
    assert assembler.message is not None
    assert not assembler.message.content[0].is_open


def test_a_block_that_was_never_stopped_stays_open() -> None:
    assembler = fed(start(), block_start(0, U), delta(0, "input_json_delta"), finish(), STOP)
    assert assembler.message is not None
    (tool,) = assembler.message.content
    assert (tool.is_open, tool.input_complete, tool.input) == (True, False, {"a": 1})  # type: ignore[union-attr]


def test_half_a_character_is_not_lost_when_its_block_is_replaced() -> None:
    assembler = fed(start(), block_start(0), text("a\ud83d"))
    changes = assembler.feed(block_start(0))
    assert [change[:2] for change in changes] == [("text", "\ufffd")]
    assert contents(assembler) == [words("a\ufffd"), words("")]


# --- merging ---------------------------------------------------------------------------------------------------------

MERGED: list[tuple[str, list[Event], dict[str, Any]]] = [
    ("message_delta replaces", [start(), finish("tool_use")], {"stop_reason": "tool_use"}),
    ("the last one wins", [start(), finish("a"), finish("b")], {"stop_reason": "b"}),
    ("null erases nothing", [start(), finish("a"), finish(None)], {"stop_reason": "a"}),
    ("absent erases nothing", [start(container={"id": "c"}), finish()], {"container": {"id": "c"}}),
    ("null where nothing is stays", [start(), finish(container=None)], {"container": None}),
    ("unknown keys of the delta", [start(), finish(delta={"stop_reason": "a", "watch": 2})], {"watch": 2}),
    ("other fields land on the message", [start(), finish(tide={"ebb": 1})], {"tide": {"ebb": 1}}),
    (
        "context_management",
        [start(), finish(context_management={"applied_edits": []})],
        {"context_management": {"applied_edits": []}},
    ),
    ("usage is cumulative", [start(), finish()], {"usage": {"input_tokens": 3, "output_tokens": 9}}),
    (
        "a null count erases nothing",
        [start(), finish(usage={"input_tokens": None, "output_tokens": 4})],
        {"usage": {"input_tokens": 3, "output_tokens": 4}},
    ),
    ("zero keeps", [start(), finish(usage={"input_tokens": 0})], {"usage": {"input_tokens": 3, "output_tokens": 1}}),
    (
        "smaller replaces, and zero of any other count",
        [
            start(usage={"input_tokens": 9, "cache_read_input_tokens": 5}),
            finish(usage={"input_tokens": 2, "cache_read_input_tokens": 0}),
        ],
        {"usage": {"input_tokens": 2, "cache_read_input_tokens": 0}},
    ),
    (
        "counts inside counts",
        [start(usage={"cache_creation": {"a": 1, "b": 2}}), finish(usage={"cache_creation": {"b": 3}, "new": 5})],
        {"usage": {"cache_creation": {"a": 1, "b": 3}, "new": 5}},
    ),
    (
        "a null that was sent",
        [start(usage={"service_tier": None}), finish(usage={})],
        {"usage": {"service_tier": None}},
    ),
    ("a second start", [start(), start(model="n", id=None)], {"model": "n", "id": "msg_1"}),
    ("a late start", [block_start(), text("a"), start()], {"id": "msg_1", "content": [words("a")]}),
    (
        "a fallback",
        [start(), block_start(0, "fallback", type="fallback", to={"model": "n"})],
        {"model": "n"},
    ),
    ("a fallback to nothing", [start(), block_start(0, "fallback", type="fallback", to={})], {"model": "m"}),
    (
        "a fallback to no name",
        [start(), block_start(0, "fallback", type="fallback", to={"model": 5})],
        {"model": "m"},
    ),
    (
        "neither type nor content nor counts come in a delta",
        [
            start(),
            block_start(),
            finish(delta={"type": "delta", "content": [words("b")], "usage": {"c": 1}}, content=5),
        ],
        {"type": "message", "content": [words("")], "usage": {"input_tokens": 3, "output_tokens": 9}},
    ),
    (
        "content in the start",
        [start(content=[words("a")]), block_start(), text("b")],
        {"content": [words("a"), words("b")]},
    ),
]


@pytest.mark.parametrize(("events", "expected"), [row[1:] for row in MERGED], ids=[row[0] for row in MERGED])
def test_merging(events: list[Event], expected: dict[str, Any]) -> None:
    given = copy.deepcopy(events)
    assembler = fed(*events)
    assert assembler.message is not None
    found = assembler.message.to_dict()
    assert {key: found.get(key) for key in expected} == expected
    assert events == given  # what was fed is not written to


def test_usage_is_always_there() -> None:
    message = fed({"type": "message_start", "message": {"id": "a"}}, finish(usage=None)).message
    assert message is not None
    assert (message.usage.input_tokens, message.usage.output_tokens) == (0, 0)
    assert "usage" not in message.to_dict()


# --- what it tells ---------------------------------------------------------------------------------------------------


def test_before_anything() -> None:
    assembler = MessageAssembler()
    assert assembler.message is None
    assert not assembler.content_begun
    assert assembler.progress == Progress(0, 0, None, None)


def test_progress() -> None:
    assembler = fed(start(), block_start(), PING)
    assert assembler.content_begun
    assert assembler.progress == Progress(3, 0, "ping", "msg_1")
    assert fed(start(id=5)).progress.message_id is None


def test_a_look_is_a_message_of_its_own_until_the_message_is_whole() -> None:
    assembler = fed(start(), block_start(), text("a"))
    first = assembler.message
    assembler.feed(text("b"))
    assert first is not None
    assert first.text == "a"
    for event in (block_stop(), finish(), STOP):
        assembler.feed(event)
    assert assembler.message is assembler.message
    assert assembler.message is not None
    assert assembler.message.text == "ab"


def test_models_are_fed_as_well_as_json() -> None:
    events = [start(), block_start(), text("a"), block_stop(), finish(), STOP]
    assert fed(*events).message == fed(*map(build, events)).message  # type: ignore[arg-type]


def test_output_format() -> None:
    assembler = MessageAssembler(output_format=list[int])
    for event in [start(), block_start(), text("[1, 2]")]:
        assembler.feed(event)
    assert isinstance(assembler.message, ParsedMessage)
    assert assembler.message.parsed_output == [1, 2]


def test_only_blocks_of_text_have_the_output_of_the_format() -> None:
    assembler = MessageAssembler(output_format=list[int])
    for event in [start(), block_start(0, "tool_use"), block_stop(), block_start(1), text("[1]", 1), block_stop(1)]:
        assembler.feed(event)
    assert assembler.message is not None
    tool, words = assembler.message.content
    assert not hasattr(tool, "parsed_output")
    assert isinstance(words, TextBlock)
    assert words.parsed_output == [1]


WHERE = [
    ([], "no message_start came"),
    ([start()], "no message_delta came"),
    ([start(), block_start(0), block_start(1, U)], "inside text block 0, tool_use block 1"),
    ([start(), finish(None)], "no message_stop came"),
]


@pytest.mark.parametrize(("events", "where"), WHERE)
def test_a_cut_says_where(events: list[Event], where: str) -> None:
    with pytest.raises(IncompleteStreamError, match=f"before the message did: {where}"):
        fed(*events).close()


def test_strict_ends_with_message_stop_only() -> None:
    with pytest.raises(IncompleteStreamError, match="no message_stop came") as caught:
        fed(start(), finish(), strict=True).close()
    assert caught.value.partial_message is not None


def test_an_error_event_carries_what_came() -> None:
    assembler = fed(start(), block_start(), text("so far"))
    with pytest.raises(OverloadedError) as caught:
        assembler.feed({**OVERLOADED, "request_id": "req_1"})
    error = caught.value
    assert (error.status_code, error.type, error.request_id) == (529, "overloaded_error", "req_1")
    assert error.partial_message is not None
    assert error.partial_message.text == "so far"
    assert error.progress == Progress(4, 0, "error", "msg_1")
    with pytest.raises(APIStatusError) as odd:
        fed().feed({**OVERLOADED, "request_id": 5})
    assert odd.value.request_id is None
