"""Each block with each delta, against a table written by hand; tool inputs, signatures, citations, summaries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sseclaude.block_builder import (
    ACCEPTED_DELTAS,
    DERIVED_OF,
    EVERY_DELTA,
    OPENED_BY,
    BlockBuilder,
    Changes,
    take_citation,
)
from sseclaude.blocks import BLOCKS
from sseclaude.derived_events import DERIVE
from sseclaude.event_json import GROWING
from sseclaude.events import DELTAS as MODELS
from tests.support.streams import BLOCK_STARTS, DELTAS

TEXT, CITATIONS, THINKING = "text_delta", "citations_delta", "thinking_delta"
SIGNATURE, JSON, COMPACTION = "signature_delta", "input_json_delta", "compaction_delta"

TAKEN: dict[str, set[str]] = {
    "text": {TEXT, CITATIONS},
    "thinking": {THINKING, SIGNATURE},
    "redacted_thinking": set(),
    "tool_use": {JSON},
    "server_tool_use": {JSON},
    "mcp_tool_use": {JSON},
    "mcp_tool_result": set(),
    "web_search_tool_result": set(),
    "web_fetch_tool_result": set(),
    "code_execution_tool_result": set(),
    "bash_code_execution_tool_result": set(),
    "text_editor_code_execution_tool_result": set(),
    "tool_search_tool_result": set(),
    "advisor_tool_result": set(),
    "container_upload": set(),
    "compaction": {COMPACTION},
    "mcp_tool_listing": set(),
    "fallback": set(),
    "future": {TEXT, CITATIONS, THINKING, SIGNATURE, JSON, COMPACTION},
}
"""Which block takes which delta; a block of unknown type (``future``) takes them all."""

GIVES = {
    TEXT: ("text", "word", {"text": "word"}),
    THINKING: ("thinking", "hm", {"thinking": "hm"}),
    SIGNATURE: ("signature", "sig", {"signature": "sig"}),
    JSON: ("input_json", '{"a": 1}', {"input": {"a": 1}}),
    CITATIONS: ("citation", DELTAS[CITATIONS]["citation"], {"citations": [DELTAS[CITATIONS]["citation"]]}),
    COMPACTION: ("compaction", "sum", {"content": "sum"}),
}
"""What each delta tells, adds, and makes of the block."""

Notes = list[tuple[str, str]]


def grown(kind: str, *deltas: Mapping[str, Any], **fields: Any) -> tuple[BlockBuilder, list[Changes], Notes]:
    """A block that took these deltas, what each changed, and what was noted."""
    notes: Notes = []
    block = BlockBuilder(0, {**BLOCK_STARTS.get(kind, {"type": kind}), **fields})
    changes = [block.takes[delta["type"]](block, delta, lambda *note: notes.append(note)) for delta in deltas]
    return block, changes, notes


def test_the_tables_know_every_block_and_delta() -> None:
    assert set(TAKEN) == {*BLOCKS, "future"}
    assert set(GIVES) == set(EVERY_DELTA) == set(MODELS) == set(DELTAS)
    assert set(ACCEPTED_DELTAS) == set(BLOCKS)
    assert set(OPENED_BY) < set(EVERY_DELTA)
    assert set(GROWING.values()) == set(DERIVED_OF)


@pytest.mark.parametrize("delta", EVERY_DELTA)
@pytest.mark.parametrize("kind", TAKEN)
def test_each_block_with_each_delta(kind: str, delta: str) -> None:
    assert (delta in BlockBuilder(0, {"type": kind}).takes) == (delta in TAKEN[kind])
    if delta in TAKEN[kind]:
        block, ((change,),), notes = grown(kind, DELTAS[delta])
        event, added, fields = GIVES[delta]
        assert change[:2] == (event, added)
        found = block.close().to_dict()
        assert {key: found[key] for key in fields} == fields
        assert notes == []


# --- tool inputs -------------------------------------------------------------------------------------------------


def fragments(*pieces: str) -> list[Mapping[str, Any]]:
    return [{"type": JSON, "partial_json": piece} for piece in pieces]


INPUTS: list[tuple[str, Any, list[str], dict[str, Any], bool]] = [
    ("nothing", {}, [], {}, True),
    ("only an empty fragment", {}, [""], {}, True),
    ("whole in the start", {"a": 1}, [], {"a": 1}, True),
    ("whole in the start, and an empty fragment", {"a": 1}, ["", ""], {"a": 1}, True),
    ("deltas win", {"a": 1}, ["", '{"b"', ": 2}"], {"b": 2}, True),
    ("no input in the start", None, [], {}, True),
    ("an input of another type", "abc", [], {}, False),
    ("a list in the start", [1], [], {}, False),
    ("cut in a string", {}, ['{"a": "x', "y"], {"a": "xy"}, False),
    ("cut in a number", {}, ['{"a": 1, "b": 2'], {"a": 1}, False),
    ("cut behind a value", {}, ['{"a": 1'], {}, False),
    ("malformed", {}, ['{"a": 1, b: 2}'], {"a": 1}, False),
    ("malformed from the start", {}, ["a: 1"], {}, False),
    ("two values", {}, ["{}", "{}"], {}, False),
    ("NaN", {}, ['{"a": NaN}'], {}, False),
    ("a list", {}, ["[1, 2]"], {}, False),
    ("a string", {}, ['"x"'], {}, False),
    ("half a list", {}, ["[1, 2"], {}, False),
    ("white space", {}, ["  "], {}, False),
    ("space around", {}, [' {"a": 1}', "\n "], {"a": 1}, True),
    ("a split escape", {}, ['{"a": "\\ud83d', '\\uddfc"}'], {"a": "🗼"}, True),
    ("a lone surrogate", {}, ['{"a": "\\ud83d"}'], {"a": "\ufffd"}, True),
    ("lone surrogates in keys and lists", {}, ['{"\\uDE00": ["\\ude00", 1]}'], {"\ufffd": ["\ufffd", 1]}, True),
    ("a lone surrogate before a cut", {}, ['{"a": "\\ud83d", "b": "x'], {"a": "\ufffd", "b": "x"}, False),
    ("a big integer", {}, ['{"a": 1234567890', "12345678901234567890}"], {"a": 123456789012345678901234567890}, True),
]


@pytest.mark.parametrize("kind", ["tool_use", "server_tool_use", "mcp_tool_use"])
@pytest.mark.parametrize(
    ("given", "pieces", "expected", "complete"), [row[1:] for row in INPUTS], ids=[row[0] for row in INPUTS]
)
def test_tool_inputs(kind: str, given: Any, pieces: list[str], expected: Any, complete: bool) -> None:
    block, _, notes = grown(kind, *fragments(*pieces), input=given)
    half: Any = block.block()
    assert not half.input_complete
    assert half.is_open
    tool: Any = block.close()
    assert (tool.input, tool.input_complete, tool.partial_json) == (expected, complete, "".join(pieces))
    assert notes == []
    assert "partial_json" not in tool.to_dict()
    assert "input_complete" not in tool.to_dict()


def test_tool_json_beyond_all_depth_is_not_complete() -> None:
    block, _, _ = grown("tool_use", *fragments('{"a": ' + "[" * 300 + "]" * 300 + "}"))
    tool: Any = block.close()
    assert list(tool.input) == ["a"]
    assert not tool.input_complete


def test_a_look_at_an_open_tool_shows_how_far_it_is() -> None:
    block, _, _ = grown("tool_use", *fragments('{"a": [1, ', '2], "b"'))
    look: Any = block.block()
    assert (look.input, look.input_complete) == ({"a": [1, 2]}, False)
    assert block.block() is not look


@pytest.mark.parametrize("ends", ["", "]}}", "]}} x"], ids=["cut", "complete", "malformed"])
def test_the_input_of_a_message_is_plain_and_shared_with_nothing(ends: str) -> None:
    """Also when snapshots are read, which share what is nested in them."""
    block, _, _ = grown("tool_use", *fragments('{"a": {"b": [1, {"c": 2}, ', '{"d": "x'))
    source = block.growing("partial_json")
    before = source.value()
    inputs: list[Any] = [block.block().input, block.block().input, block.cut_block().input]  # type: ignore[union-attr]
    source.append('"}' + ends)
    inputs += [block.close().input, block.cut_block().input]  # type: ignore[union-attr]
    after, kept = source.value(), repr([before, source.value()])
    assert [repr(each) for each in inputs] == [repr(before)] * 3 + [repr(after)] * 2
    for each in inputs:
        assert [type(part) for part in (each, each["a"], each["a"]["b"], each["a"]["b"][1])] == [dict, dict, list, dict]
        each["a"]["b"][1]["c"] = 3
        each["a"]["b"].append(each)
        each.clear()
    assert repr([before, after]) == kept
    assert repr([before, source.value()]) == kept


def test_an_unknown_block_takes_tool_json() -> None:
    block, _, _ = grown("future", *fragments('{"a": 1}'))
    assert block.close().to_dict() == {"type": "future", "input": {"a": 1}}


# --- text and thinking -------------------------------------------------------------------------------------------


def text(words: Any) -> dict[str, Any]:
    return {"type": TEXT, "text": words}


def test_text_goes_on_from_the_start() -> None:
    block, _, _ = grown("text", text("b"), text("c"), text="a")
    assert block.close().to_dict()["text"] == "abc"


def test_text_that_is_none() -> None:
    block, changes, notes = grown("text", text(None), text(5), text("a"), text=None)
    assert block.close().to_dict()["text"] == "a"
    assert [change[1] for (change,) in changes] == ["", "", "a"]
    assert notes == [("missing_field", "delta.text"), ("wrong_type", "delta.text")]


EMPTY = [("thinking", THINKING, "thinking"), ("tool_use", JSON, "partial_json"), ("thinking", SIGNATURE, "signature")]


@pytest.mark.parametrize(("kind", "delta", "field"), EMPTY)
def test_deltas_without_their_field(kind: str, delta: str, field: str) -> None:
    _, _, notes = grown(kind, {"type": delta}, {"type": delta, field: 5})
    assert [note for note in notes if note[0] != "empty_signature"] == [
        ("missing_field", f"delta.{field}"),
        ("wrong_type", f"delta.{field}"),
    ]


def test_half_a_character_waits_and_comes_out_at_the_end() -> None:
    block, changes, _ = grown("text", text("a\ud83d"), text("\uddfcb\ud83d"))
    assert [change[1] for (change,) in changes] == ["a", "🗼b"]
    assert [change[:2] for change in block.flush()] == [("text", "\ufffd")]
    assert block.flush() == ()
    assert block.close().to_dict()["text"] == "a🗼b\ufffd"


def test_a_closed_block_never_changes() -> None:
    block, _, _ = grown("text", text("a"))
    closed = block.close()
    assert block.close() is closed
    assert block.block() is closed
    assert not closed.is_open


# --- signatures --------------------------------------------------------------------------------------------------

SIGNED: list[tuple[str, str | None, list[str], str | None, list[str]]] = [
    ("the start's stays", "s", [], "s", []),
    ("the first delta replaces", "s", ["a"], "a", []),
    ("further ones append", "s", ["a", "b"], "ab", []),
    ("an empty one changes nothing", "s", [""], "s", ["empty_signature"]),
    ("an empty one first", "s", ["", "a"], "a", ["empty_signature"]),
    ("none at all", None, [], None, []),
]


@pytest.mark.parametrize(
    ("given", "pieces", "expected", "rules"), [row[1:] for row in SIGNED], ids=[row[0] for row in SIGNED]
)
def test_signatures(given: str | None, pieces: list[str], expected: str | None, rules: list[str]) -> None:
    deltas = [{"type": SIGNATURE, "signature": piece} for piece in pieces]
    block, _, notes = grown("thinking", *deltas, signature=given)
    assert block.close().to_dict()["signature"] == expected
    assert [rule for rule, _ in notes] == rules


def test_thinking_after_the_signature() -> None:
    block, _, notes = grown("thinking", DELTAS[SIGNATURE], DELTAS[THINKING])
    assert block.close().to_dict()["thinking"] == "hm"
    assert notes == [("thinking_after_signature", "block 0")]


@pytest.mark.parametrize(
    ("fields", "rule"),
    [({}, "missing_field"), ({"thinking": 5}, "wrong_type"), ({"text": "hm"}, "words_in_other_field")],
)
def test_that_thinking_is_late_is_noted_after_what_is_wrong_with_it(fields: dict[str, Any], rule: str) -> None:
    _, _, notes = grown("thinking", DELTAS[SIGNATURE], {"type": THINKING, **fields})
    assert [rule for rule, _ in notes] == [rule, "thinking_after_signature"]


def test_a_signature_is_not_taken_from_another_delta() -> None:
    odd = {"type": COMPACTION, "signature": 5}
    block, _, _ = grown("future", DELTAS[SIGNATURE], odd, DELTAS[SIGNATURE])
    assert block.close().to_dict()["signature"] == "sigsig"


# --- citations and summaries -------------------------------------------------------------------------------------

CITED = {"type": "page_location", "cited_text": "p"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, [CITED]), ([], [CITED]), ([{"a": 1}], [{"a": 1}, CITED]), (5, [CITED]), ("x", [CITED])],
)
def test_citations_are_added(given: Any, expected: list[Any]) -> None:
    start = None if given is None else list(given) if isinstance(given, list) else given
    block, ((change,),), _ = grown("text", {"type": CITATIONS, "citation": CITED}, citations=start)
    assert change == ("citation", CITED, expected)
    assert block.close().to_dict()["citations"] == expected
    assert start == given


def test_each_look_at_the_citations_stays_as_it_was() -> None:
    deltas = [{"type": CITATIONS, "citation": {**CITED, "cited_text": word}} for word in "abc"]
    block = BlockBuilder(0, {"type": "text", "text": ""})
    events = [DERIVE["citation"](*take[0][1:]) for take in (take_citation(block, one, print) for one in deltas)]
    assert ["".join(cited.cited_text for cited in event.snapshot) for event in events] == ["a", "ab", "abc"]  # type: ignore[union-attr]


def test_citations_that_are_none() -> None:
    block, changes, notes = grown("text", {"type": CITATIONS}, {"type": CITATIONS, "citation": 5})
    assert changes == [(), ()]
    assert notes == [("missing_field", "delta.citation"), ("wrong_type", "delta.citation")]
    assert "citations" not in block.close().to_dict()


SUMMARIES: list[tuple[list[dict[str, Any]], dict[str, Any]]] = [
    ([{"content": None}], {"content": None}),
    ([{"content": "a"}], {"content": "a"}),
    ([{"content": "a"}, {"content": None}], {"content": "a"}),
    ([{"content": "a"}, {"content": "b"}], {"content": "ab"}),
    ([{"content": "a", "encrypted_content": "e"}, {"content": "b"}], {"content": "ab", "encrypted_content": "e"}),
    (
        [{"encrypted_content": "e"}, {"content": "a", "encrypted_content": "f"}],
        {"content": "a", "encrypted_content": "f"},
    ),
    ([{"content": "a", "tomorrow": 1}], {"content": "a", "tomorrow": 1}),
]


@pytest.mark.parametrize(("deltas", "expected"), SUMMARIES)
def test_summaries(deltas: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    block, changes, notes = grown("compaction", *[{"type": COMPACTION, **delta} for delta in deltas])
    assert block.close().to_dict() == {"type": "compaction", **expected}
    assert DERIVE["compaction"](*changes[-1][0][1:]).content == expected["content"]  # type: ignore[union-attr]
    assert notes == []


def test_a_summary_of_another_type_says_nothing() -> None:
    odd = {"type": COMPACTION, "content": 5, "encrypted_content": ["e"], "tomorrow": 1}
    block, _, notes = grown("compaction", {"type": COMPACTION, "content": "a"}, odd)
    assert block.close().to_dict() == {"type": "compaction", "content": "a", "tomorrow": 1}
    assert notes == [("wrong_type", "delta.content"), ("wrong_type", "delta.encrypted_content")]
