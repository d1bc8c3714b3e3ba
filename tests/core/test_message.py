"""The message: what is always there, what is sent back, and the caller's own type."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from sseclaude.blocks import ContentBlock, make_block
from sseclaude.derived_events import MessageStreamEvent
from sseclaude.errors import OutputValidationError
from sseclaude.events import RawMessageStreamEvent
from sseclaude.message import Message, ParsedMessage, StopDetails, Usage
from tests.support.streams import block_start, delta, fed, finish, start, text

WIRE: list[dict[str, Any]] = [
    {},
    {"id": "a", "usage": {"input_tokens": 3}},
    {"id": None, "stop_reason": None, "stop_sequence": None, "content": []},
    {"stop_reason": "lamp_out", "stop_details": {"type": "t", "oil": 0}, "tide": {"ebb": [1]}},
    {
        "usage": {
            "input_tokens": 1,
            "cache_creation": {"ephemeral_5m_input_tokens": 2, "x": 3},
            "iterations": [{"type": "m"}],
        }
    },
    {"usage": {"server_tool_use": None, "output_tokens_details": {"thinking_tokens": 4}, "lumen": {"peak": 1}}},
    {"usage": {"input_tokens": "3", "server_tool_use": 5, "iterations": [5]}},
    {"container": {"id": "c", "expires_at": "t"}, "context_management": {"applied_edits": [{"type": "e"}]}},
    {"type": "other", "role": "user", "diagnostics": {"a": None}},
]


@pytest.mark.parametrize("data", WIRE, ids=str)
def test_to_dict_is_what_came(data: dict[str, Any]) -> None:
    message = Message.from_wire(data)
    assert message.to_dict() == data
    for copied in (pickle.loads(pickle.dumps(message)), copy.deepcopy(message), copy.copy(message)):
        assert copied == message
        assert copied.to_dict() == data


ODD = [None, 5, "x", True, {"a": 1}]


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_content_is_always_a_list(odd: Any) -> None:
    message = Message.from_wire({"content": odd})
    assert (message.content, message.text, message.to_dict()) == ([], "", {})
    assert message.to_param() == {"role": "assistant", "content": []}


@pytest.mark.parametrize("odd", [None, 5, "x", [], True], ids=str)
def test_usage_is_always_there(odd: Any) -> None:
    message = Message.from_wire({"usage": odd})
    assert message.usage == Usage()
    assert (message.usage.input_tokens, message.usage.output_tokens) == (0, 0)
    assert message.to_dict() == {}


def test_what_is_no_block_costs_no_block() -> None:
    message = Message.from_wire(
        {"content": [5, {"type": "text", "text": "a"}, None, "x", {"type": "text", "text": "b"}]}
    )
    assert message.text == "ab"


def test_text_joins_the_words() -> None:
    blocks = [
        {"type": "text", "text": "a"},
        {"type": "thinking", "thinking": "no"},
        {"type": "text", "text": None},
        {"type": "text", "text": 5},
        {"type": "future", "text": "no"},
        {"type": "text", "text": "b"},
    ]
    message = Message.from_wire({"content": blocks})
    assert message.text == "ab"
    assert message.to_dict() == {"content": blocks}


def test_a_message_can_be_made_of_blocks() -> None:
    message = Message(content=[make_block({"type": "text", "text": "a"})], stop_details=StopDetails(type="t"))
    assert message.text == "a"
    assert Message.from_wire({"content": message.content}).text == "a"


# --- the next request's turn -------------------------------------------------------------------------------------

TOOL = {"type": "tool_use", "id": "t", "name": "n", "input": {}}
SERVER = {"type": "server_tool_use", "id": "s", "name": "n", "input": {}}
MCP = {"type": "mcp_tool_use", "id": "s", "name": "n", "input": {}}
RESULT = {"type": "web_search_tool_result", "tool_use_id": "s", "content": []}
WORDS = {"type": "text", "text": "a"}
THOUGHT = {"type": "thinking", "thinking": "t", "signature": "s"}
HIDDEN = {"type": "redacted_thinking", "data": "d"}

TURNS: list[tuple[str, list[dict[str, Any]], str | None, list[dict[str, Any]]]] = [
    ("all closed", [THOUGHT, HIDDEN, WORDS, TOOL], "tool_use", [THOUGHT, HIDDEN, WORDS, TOOL]),
    (
        "empty text",
        [{"type": "text", "text": ""}, {"type": "text", "text": " \n"}, {"type": "text"}, WORDS],
        "x",
        [WORDS],
    ),
    ("a server tool that waits", [SERVER], "pause_turn", [SERVER]),
    ("a cut server tool", [WORDS, SERVER], None, [WORDS]),
    ("a cut MCP tool", [WORDS, MCP], None, [WORDS]),
    ("a server tool with its result", [SERVER, RESULT, WORDS], None, [SERVER, RESULT, WORDS]),
    ("nothing", [], "end_turn", []),
]


@pytest.mark.parametrize(("content", "stop_reason", "kept"), [row[1:] for row in TURNS], ids=[row[0] for row in TURNS])
def test_to_param(content: list[Any], stop_reason: str | None, kept: list[Any]) -> None:
    message = Message.from_wire({"id": "msg", "content": content, "stop_reason": stop_reason, "usage": {}})
    assert message.to_param() == {"role": "assistant", "content": kept}


OPEN = [
    ("text", text("half"), [{"type": "text", "text": "half"}]),
    ("thinking", delta(0, "thinking_delta"), []),
    ("tool_use", delta(0, "input_json_delta"), []),
    ("server_tool_use", delta(0, "input_json_delta"), []),
    ("future", delta(0, "text_delta"), []),
]


@pytest.mark.parametrize(("kind", "event", "kept"), OPEN)
def test_what_a_cut_left_open(kind: str, event: Any, kept: list[Any]) -> None:
    message = fed(start(), block_start(0, kind), event).message
    assert message is not None
    assert message.content[0].is_open
    assert message.to_param()["content"] == kept


# --- the caller's type -------------------------------------------------------------------------------------------


class Tide(BaseModel):
    height: float
    port: str


def parsed(words: str, kind: Any, **fields: Any) -> ParsedMessage[Any]:
    return ParsedMessage.of({"content": [{"type": "text", "text": words}] if words else [], **fields}, kind)


PARSED = [
    ('{"height": 4.5, "port": "Roscoff"}', Tide, Tide(height=4.5, port="Roscoff")),
    ("[1, 2]", list[int], [1, 2]),
    ("null", Tide | None, None),
    ("", Tide, None),
    ("no JSON", None, None),
]


@pytest.mark.parametrize(("words", "kind", "expected"), PARSED, ids=str)
def test_parsed_output(words: str, kind: Any, expected: Any) -> None:
    message = parsed(words, kind)
    assert message.parsed_output == expected
    assert message.parsed_output is message.parsed_output
    assert "parsed_output" not in message.to_dict()


INVALID = [
    ('{"height": "high", "port": "x"}', Tide, "not a valid Tide: height: "),
    ('{"height": 4.5', Tide, "not a valid Tide: the text: "),
    ("[1, null]", list[int], "not a valid list: 1: "),
    ('"x"', int | None, "not a valid int | None: "),
]


@pytest.mark.parametrize(("words", "kind", "reported"), INVALID, ids=str)
def test_output_that_is_not_of_the_type(words: str, kind: Any, reported: str) -> None:
    message = parsed(words, kind, stop_reason="max_tokens")
    with pytest.raises(OutputValidationError) as caught:
        _ = message.parsed_output
    error = caught.value
    assert reported in error.message
    assert "(stop_reason max_tokens)" in error.message
    assert error.partial_message is message
    assert error.errors
    assert error.__cause__ is None
    again = pickle.loads(pickle.dumps(error))
    assert (again.message, again.errors) == (error.message, error.errors)
    assert again.partial_message == message


def test_a_stream_without_a_type_has_no_parsed_output() -> None:
    message = fed(start(), finish()).message
    assert type(message) is Message
    assert message.parsed_output is None


def test_a_dump_has_the_options_of_the_official_client() -> None:
    message = Message.from_wire({"id": "a", "stop_reason": None, "content": [{"type": "text", "text": "é"}]})
    assert message.to_dict(mode="json", exclude_none=True) == {"id": "a", "content": [{"type": "text", "text": "é"}]}
    assert message.to_dict(exclude_unset=False, use_api_names=False)["stop_sequence"] is None
    assert message.to_json(indent=None, exclude_none=True) == '{"id": "a", "content": [{"type": "text", "text": "é"}]}'
    assert message.to_json(warnings=True).startswith('{\n  "id"')


def test_the_text_of_an_object_names_its_class() -> None:
    block = make_block({"type": "text", "text": "Hi"}, is_open=False)
    assert str(block) == repr(block) == "TextBlock(type='text', text='Hi', citations=None)"


def test_messages_events_and_blocks_have_a_json_schema() -> None:
    schema = Message.model_json_schema()
    assert schema["properties"]["content"]["items"] == {"type": "object"}
    assert schema["properties"]["stop_reason"]["anyOf"] == [{"type": "string"}, {"type": "null"}]
    for kind in (ContentBlock, RawMessageStreamEvent, MessageStreamEvent):
        assert TypeAdapter(kind).json_schema(mode="serialization")
        assert TypeAdapter(kind).json_schema()
