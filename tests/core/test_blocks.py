"""Models that lose nothing: unknown fields and types, fields of the wrong type, and the way back to JSON."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from sseclaude import blocks, events, message
from sseclaude.blocks import (
    BLOCKS,
    CITATIONS,
    Citation,
    FallbackBlock,
    Model,
    ModelReference,
    TextBlock,
    ToolUseBlock,
    UnknownBlock,
    UnknownResult,
    WebSearchResult,
    make_block,
)

MODELS = sorted(
    {
        found
        for module in (blocks, message, events)
        for found in vars(module).values()
        if isinstance(found, type(Model)) and issubclass(found, Model) and not issubclass(found, message.Message)
    },
    key=lambda model: model.__name__,
)
"""All that travels but the message itself, whose content and usage are always there."""

ODD: list[Any] = [None, True, 0, 7, 1.5, "", "word", [], [5], ["x"], [None], {}, {"type": 5}, {"a": [{}]}]
"""Values of which each field is the wrong place for some."""


def fields(model: type[Model]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_field_of_any_type_is_kept_as_it_came(model: type[Model]) -> None:
    for field in fields(model):
        for odd in ODD:
            data = {field: copy.deepcopy(odd), "tomorrow": {"a": 1}}
            made = model.from_wire(data)
            assert made.to_dict() == data
            assert json.loads(made.to_json()) == data
            assert isinstance(made.to_param(), dict)
            assert isinstance(repr(made), str)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_all_fields_wrong_at_once(model: type[Model]) -> None:
    for odd in ODD:
        data = dict.fromkeys(fields(model), odd)
        assert model.from_wire(data).to_dict() == data


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_models_say_what_they_are(model: type[Model]) -> None:
    assert model.__doc__


KNOWN: list[dict[str, Any]] = [
    {"type": "text", "text": "a", "citations": [{"type": "char_location", "cited_text": "c", "file_id": None}]},
    {"type": "text", "text": "a", "citations": None},
    {"type": "thinking", "thinking": "t", "signature": "s"},
    {"type": "redacted_thinking", "data": "d"},
    {"type": "tool_use", "id": "i", "name": "n", "input": {"a": [1]}, "caller": {"type": "direct"}},
    {"type": "server_tool_use", "id": "i", "name": "n", "input": {}},
    {"type": "mcp_tool_use", "id": "i", "name": "n", "input": {}, "server_name": "s"},
    {"type": "mcp_tool_result", "tool_use_id": "i", "is_error": True, "content": "no"},
    {"type": "web_search_tool_result", "tool_use_id": "i", "content": [{"type": "web_search_result", "url": "u"}]},
    {"type": "web_search_tool_result", "tool_use_id": "i", "content": {"type": "e", "error_code": "max_uses"}},
    {"type": "web_fetch_tool_result", "tool_use_id": "i", "content": {"type": "web_fetch_result", "url": "u"}},
    {"type": "code_execution_tool_result", "tool_use_id": "i", "content": {"type": "r", "stdout": "x"}},
    {"type": "bash_code_execution_tool_result", "tool_use_id": "i", "content": None},
    {"type": "text_editor_code_execution_tool_result", "tool_use_id": "i", "content": []},
    {"type": "tool_search_tool_result", "tool_use_id": "i", "content": {"type": "r", "tool_references": []}},
    {"type": "advisor_tool_result", "tool_use_id": "i", "content": "text"},
    {"type": "container_upload", "file_id": "f"},
    {"type": "compaction", "content": None},
    {"type": "compaction", "content": "c", "encrypted_content": "e"},
    {"type": "mcp_tool_listing", "mcp_server_name": "s", "tools": [{"name": "n"}]},
    {"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}, "trigger": {"type": "overloaded"}},
]


def test_every_block_type_has_a_row() -> None:
    assert {row["type"] for row in KNOWN} == set(BLOCKS)


@pytest.mark.parametrize("data", KNOWN, ids=lambda data: str(data["type"]))
def test_known_blocks(data: dict[str, Any]) -> None:
    block = make_block(data)
    assert type(block) is BLOCKS[data["type"]]
    assert block.to_dict() == data
    more = {**data, "tomorrow": [1, {"b": None}]}
    assert make_block(more).to_dict() == more
    assert make_block(more).tomorrow == [1, {"b": None}]  # type: ignore[union-attr]
    for copied in (pickle.loads(pickle.dumps(block)), copy.deepcopy(block), copy.copy(block)):
        assert copied == block
        assert copied.to_dict() == data
    assert not block.is_open


UNKNOWN: list[dict[str, Any]] = [
    {"type": "signal_flags", "flags": ["november"]},
    {"type": "Text", "text": "types are exact"},
    {"text": "no type"},
    {"type": None, "text": "a"},
    {"type": 5},
    {"type": ["text"]},
    {},
]


@pytest.mark.parametrize("data", UNKNOWN, ids=str)
def test_unknown_blocks_stay_unknown(data: dict[str, Any]) -> None:
    block = make_block(data)
    assert type(block) is UnknownBlock
    assert block.to_dict() == data


def test_nothing_is_coerced() -> None:
    tool = make_block({"type": "tool_use", "id": 5, "name": "n", "input": "{}"})
    assert tool.to_dict() == {"type": "tool_use", "id": 5, "name": "n", "input": "{}"}
    assert make_block({"type": "mcp_tool_result", "is_error": "true"}).to_dict()["is_error"] == "true"
    assert CITATIONS["char_location"].from_wire({"start_char_index": "1"}).to_dict() == {"start_char_index": "1"}


def test_a_field_without_default_keeps_the_others() -> None:
    """What is right stays, though what must be there is not."""
    event = events.build({"type": "content_block_start", "index": 3, "tomorrow": 1})
    assert event.to_dict() == {"type": "content_block_start", "index": 3, "tomorrow": 1}
    assert event.index == 3  # type: ignore[union-attr]
    broken = events.build({"type": "content_block_delta", "index": 2, "delta": "x"})
    assert broken.to_dict() == {"type": "content_block_delta", "index": 2, "delta": "x"}


@pytest.mark.parametrize("kind", CITATIONS)
def test_citations_are_told_apart(kind: str) -> None:
    text = make_block({"type": "text", "citations": [{"type": kind, "cited_text": "c", "more": 1}]})
    assert isinstance(text, TextBlock)
    assert text.citations is not None
    assert type(text.citations[0]) is CITATIONS[kind]
    assert text.citations[0].to_dict() == {"type": kind, "cited_text": "c", "more": 1}


def test_unknown_citations_and_results_stay_whole() -> None:
    text: Any = make_block({"type": "text", "citations": [{"type": "star_location", "ra": 1.5}]})
    assert type(text.citations[0]) is Citation
    assert text.citations[0].to_dict() == {"type": "star_location", "ra": 1.5}
    result: Any = make_block(
        {"type": "web_search_tool_result", "content": [{"type": "web_search_result"}, {"type": "x"}]}
    )
    assert [type(item) for item in result.content] == [WebSearchResult, UnknownResult]


def test_models_are_taken_as_they_are() -> None:
    citation = CITATIONS["page_location"].from_wire({"cited_text": "p"})
    assert TextBlock(text="a", citations=[citation]).citations == [citation]  # type: ignore[list-item]


def test_equality_is_of_what_is_on_the_wire() -> None:
    data = {"type": "tool_use", "id": "i", "name": "n", "input": {"a": 1}}
    built = make_block(data, partial_json='{"a": 1}', is_open=True)
    assert built == make_block(data)
    assert built != make_block({**data, "id": "j"})
    assert built != make_block({**data, "more": 1})
    assert built != data
    with pytest.raises(TypeError, match="unhashable"):
        hash(built)


def test_tools_say_whether_their_input_is_whole() -> None:
    data = {"type": "tool_use", "id": "i", "name": "n", "input": {"a": 1}}
    tool = make_block(data, is_open=True, partial_json='{"a": 1', input_complete=False)
    assert isinstance(tool, ToolUseBlock)
    assert (tool.is_open, tool.input_complete, tool.partial_json) == (True, False, '{"a": 1')
    assert tool.to_dict() == data
    again = pickle.loads(pickle.dumps(tool))
    assert (again.is_open, again.input_complete, again.partial_json) == (True, False, '{"a": 1')
    made = ToolUseBlock(id="i", name="n", input={})
    assert (made.is_open, made.input_complete, made.partial_json) == (False, True, "")


PARAMS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"type": "text", "text": "a", "citations": [{"type": "char_location", "file_id": "f", "cited_text": "c"}]},
        {"type": "text", "text": "a", "citations": [{"type": "char_location", "cited_text": "c"}]},
    ),
    ({"type": "thinking", "thinking": "t", "signature": "s"},) * 2,
    ({"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}},) * 2,
    ({"type": "tomorrow", "x": [{"y": 1}], "n": None},) * 2,
    ({"type": "web_search_tool_result", "content": [{"type": "web_search_result", "encrypted_content": "e"}]},) * 2,
]


@pytest.mark.parametrize(("data", "param"), PARAMS, ids=lambda data: str(data["type"]))
def test_to_param(data: dict[str, Any], param: dict[str, Any]) -> None:
    assert make_block(data).to_param() == param


def test_aliases() -> None:
    block = FallbackBlock.from_wire({"from": {"model": "a"}, "to": 5})
    assert block.from_ == ModelReference(model="a")
    assert block.to_dict() == {"from": {"model": "a"}, "to": 5}
    odd = FallbackBlock.from_wire({"from": {"model": 5}})
    assert isinstance(odd.from_, ModelReference)
    assert odd.to_dict() == {"from": {"model": 5}}


def test_json_keeps_characters() -> None:
    assert TextBlock(text="ü🗼").to_json(indent=None) == '{"text": "ü🗼"}'
    assert TextBlock(text="a").to_json() == '{\n  "text": "a"\n}'
