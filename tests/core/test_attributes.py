"""Every object that a stream brings answers by attribute, whether this version knows it or not."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from sseclaude import blocks, message_details
from sseclaude.blocks import AttributeDict, by_attribute, make_block, results
from sseclaude.events import build
from sseclaude.iterate import iter_events
from sseclaude.message import Message
from tests.support import streams

RESULT_BLOCKS: list[tuple[str, dict[str, Any], str]] = [
    ("web_search", {"type": "web_search_tool_result_error", "error_code": "unavailable"}, "WebSearchToolResultError"),
    ("web_fetch", {"type": "web_fetch_result", "url": "u", "retrieved_at": "t"}, "WebFetchBlock"),
    ("web_fetch", {"type": "web_fetch_tool_result_error", "error_code": "url_too_long"}, "WebFetchToolResultError"),
    ("code_execution", {"type": "code_execution_result", "stdout": "o", "return_code": 1}, "CodeExecutionResultBlock"),
    (
        "code_execution",
        {"type": "encrypted_code_execution_result", "encrypted_stdout": "e"},
        "EncryptedCodeExecutionResultBlock",
    ),
    (
        "bash_code_execution",
        {
            "type": "bash_code_execution_result",
            "stdout": "o",
            "content": [{"type": "bash_code_execution_output", "file_id": "f"}],
        },
        "BashCodeExecutionResultBlock",
    ),
    (
        "text_editor_code_execution",
        {"type": "text_editor_code_execution_view_result", "file_type": "text", "content": "c", "num_lines": 3},
        "TextEditorCodeExecutionViewResultBlock",
    ),
    (
        "text_editor_code_execution",
        {"type": "text_editor_code_execution_create_result", "is_file_update": True},
        "TextEditorCodeExecutionCreateResultBlock",
    ),
    (
        "text_editor_code_execution",
        {"type": "text_editor_code_execution_str_replace_result", "lines": ["-a"], "old_start": 1},
        "TextEditorCodeExecutionStrReplaceResultBlock",
    ),
    (
        "tool_search",
        {
            "type": "tool_search_tool_search_result",
            "tool_references": [{"type": "tool_reference", "tool_name": "t"}],
        },
        "ToolSearchToolSearchResultBlock",
    ),
    (
        "tool_search",
        {"type": "tool_search_tool_result_error", "error_code": "unavailable", "error_message": "m"},
        "ToolSearchToolResultError",
    ),
    ("advisor", {"type": "advisor_result", "text": "t", "stop_reason": "end_turn"}, "AdvisorResultBlock"),
    ("advisor", {"type": "advisor_redacted_result", "encrypted_content": "e"}, "AdvisorRedactedResultBlock"),
    ("advisor", {"type": "tomorrow", "deep": {"er": [{"x": 1}]}}, "UnknownResult"),
]


@pytest.mark.parametrize(("tool", "content", "model"), RESULT_BLOCKS)
def test_a_result_is_of_its_type(tool: str, content: dict[str, Any], model: str) -> None:
    data = {"type": f"{tool}_tool_result", "tool_use_id": "i", "content": content}
    block: Any = make_block(data)
    assert type(block.content) is getattr(results, model)
    for name, value in content.items():
        found = getattr(block.content, name)
        assert value in (found, found if isinstance(found, str) else value)
    assert block.to_dict() == data
    assert pickle.loads(pickle.dumps(block)) == block == copy.deepcopy(block)


def test_what_is_inside_a_result_is_typed_too() -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "d"}
    document = {"type": "document", "source": source, "citations": {"enabled": True}}
    block: Any = make_block(
        {"type": "web_fetch_tool_result", "content": {"type": "web_fetch_result", "content": document}}
    )
    page = block.content
    assert (page.content.source.data, page.content.citations.enabled, page.content.title) == ("d", True, None)
    assert type(page.content.source) is results.PlainTextSource
    mcp: Any = make_block({"type": "mcp_tool_result", "content": [{"type": "text", "text": "t"}]})
    assert (type(mcp.content[0]), mcp.content[0].text) == (blocks.TextBlock, "t")
    odd: Any = make_block(
        {"type": "web_fetch_tool_result", "content": {"content": {"source": {"type": "new", "x": 1}}}}
    )
    assert odd.content.content.source.x == 1


def test_callers_triggers_and_tool_changes_are_typed_or_stay_dicts() -> None:
    tool: Any = make_block({"type": "tool_use", "caller": {"type": "code_execution_20250825", "tool_id": "t"}})
    assert (type(tool.caller), tool.caller.tool_id, tool.toolset_name) == (results.ServerToolCaller, "t", None)
    new: Any = make_block({"type": "tool_use", "caller": {"type": "new", "by": {"whom": 1}}})
    assert (new.caller.by.whom, new.caller["type"]) == (1, "new")
    fallback: Any = make_block({"type": "fallback", "trigger": {"type": "refusal", "category": "bio"}})
    assert fallback.trigger.category == "bio"
    change = {"type": "tool_addition", "tool": {"type": "tool_definition", "definition": {"name": "n"}}}
    compaction: Any = make_block({"type": "compaction", "signature": "s", "tool_changes": [change]})
    assert (compaction.signature, compaction.tool_changes[0].tool.definition.name) == ("s", "n")
    listing: Any = make_block(
        {"type": "mcp_tool_listing", "tools": [{"name": "n", "input_schema": {"type": "object"}}]}
    )
    assert (listing.tools[0].name, listing.tools[0].input_schema["type"]) == ("n", "object")


MESSAGE: dict[str, Any] = {
    "usage": {
        "speed": "fast",
        "fallback_credit": {"status": {"type": "not_applied", "reason": "expired"}},
        "iterations": [{"type": "message", "input_tokens": 3}],
    },
    "stop_details": {"type": "refusal", "recommended_model": "m", "fallback_credit_token": "t"},
    "container": {"id": "c", "skills": [{"type": "custom", "skill_id": "s", "version": "1"}]},
    "context_management": {"applied_edits": [{"type": "clear_thinking_20251015"}, {"type": "x"}]},
    "diagnostics": {"cache_miss_reason": {"type": "model_changed", "cache_missed_input_tokens": 9}},
    "input_transformations": [{"type": "thinking_dropped", "path": "p", "reason": "r"}],
    "tomorrow": {"a": [{"b": {"c": 1}}], "items": 5},
}  # fmt: skip


def test_a_message_answers_by_attribute_all_the_way_down() -> None:
    message: Any = Message.from_wire(MESSAGE)
    assert (message.usage.fallback_credit.status.type, message.usage.fallback_credit.status.reason) == (
        "not_applied",
        "expired",
    )
    assert (message.usage.speed, message.usage.iterations[0].input_tokens) == ("fast", 3)
    assert (message.stop_details.recommended_model, message.stop_details.fallback_has_prefill_claim) == ("m", None)
    assert message.container.skills[0].skill_id == "s"
    assert [type(edit).__name__ for edit in message.context_management.applied_edits] == [
        "ClearThinkingEdit",
        "AttributeDict",
    ]
    assert type(message.diagnostics.cache_miss_reason) is message_details.CacheMissModelChanged
    assert message.input_transformations[0].path == "p"
    assert message.tomorrow.a[0].b.c == 1
    assert message.tomorrow["items"] == 5
    assert message.to_dict() == MESSAGE
    assert type(message.to_dict()["tomorrow"]) is dict
    assert type(message.model_dump()["tomorrow"]["a"][0]) is dict
    assert json.loads(message.model_dump_json(exclude_unset=True)) == MESSAGE


def test_events_answer_by_attribute() -> None:
    delta: Any = build({"type": "message_delta", "context_management": {"applied_edits": []}, "new": {"x": 1}})
    assert (delta.context_management.applied_edits, delta.input_transformations, delta.new.x) == ([], None, 1)
    unknown: Any = build({"type": "tomorrow", "body": {"x": [{"y": 2}]}})
    assert unknown.body.x[0].y == 2
    error: Any = build({"type": "error", "error": {"type": "api_error", "details": {"error_code": "c"}}})
    assert error.error.details.error_code == "c"
    odd: Any = build({"type": "content_block_start", "index": "x", "content_block": {"type": "new", "a": {"b": 1}}})
    assert odd.content_block.a.b == 1
    broken: Any = build({"type": "content_block_delta", "index": 2, "new": {"b": 1}})
    assert broken.new.b == 1


def test_thinking_says_how_many_tokens_it_is_estimated_at() -> None:
    thinking = {"type": "thinking_delta", "thinking": "hm"}
    event = {"type": "content_block_delta", "index": 0, "delta": thinking}
    for estimate, sent in ((None, thinking), (12, {**thinking, "estimated_tokens": 12})):
        made: Any = build({**event, "delta": sent})
        assert made.delta.estimated_tokens == estimate
        assert made.to_dict()["delta"] == sent


def test_a_compaction_event_carries_what_is_encrypted() -> None:
    delta = {"type": "compaction_delta", "content": "s", "encrypted_content": "e"}
    events = iter_events(
        [
            streams.stream(
                streams.start(),
                {"type": "content_block_start", "index": 0, "content_block": {"type": "compaction", "content": None}},
                {"type": "content_block_delta", "index": 0, "delta": delta},
                streams.block_stop(0),
                streams.finish(),
                {"type": "message_stop"},
            )
        ]
    )
    (event,) = [event for event in events if event.type == "compaction"]
    assert (event.content, event.encrypted_content) == ("s", "e")


def test_a_tools_input_is_a_plain_dict() -> None:
    tool: Any = make_block({"type": "tool_use", "input": {"a": {"b": 1}}})
    assert (type(tool.input), type(tool.input["a"])) == (dict, dict)


def test_an_attribute_dict_is_a_dict() -> None:
    data = {"a": {"b": [{"c": None}]}, "keys": 1}
    made = by_attribute(data)
    assert made == data
    assert json.loads(json.dumps(made)) == data
    assert isinstance(made, dict)
    assert made.a.b[0].c is None
    assert {"a", "keys", "get"} <= set(dir(made))
    for copied in (pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made)):
        assert copied == made
        assert type(copied) is type(copied.a) is AttributeDict
    with pytest.raises(AttributeError, match="no field 'z'; it has a, keys"):
        _ = made.z
    with pytest.raises(AttributeError, match="it has none"):
        _ = AttributeDict().z
    assert not hasattr(made, "z")
    assert type(blocks.plain([made])[0]["a"]) is dict


def test_what_goes_back_is_plain() -> None:
    block = make_block({"type": "tool_use", "id": "i", "name": "n", "input": {}, "new": {"x": {"y": 1}}})
    sent = block.to_param()
    assert sent["new"] == {"x": {"y": 1}}
    assert type(sent["new"]) is type(sent["new"]["x"]) is dict


def test_a_schema_that_is_no_object_is_kept() -> None:
    listing: Any = make_block({"type": "mcp_tool_listing", "tools": [{"name": "n", "input_schema": 5}]})
    assert listing.tools[0].input_schema == 5
    assert make_block({"type": "mcp_tool_listing", "tools": 5}).to_dict()["tools"] == 5


def test_names_of_results_are_imported_late() -> None:
    assert blocks.WebSearchResult is results.WebSearchResult
    for name in ("Nothing", "_nothing"):
        with pytest.raises(AttributeError, match=name):
            getattr(blocks, name)
