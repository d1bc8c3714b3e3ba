"""Which recording answers a request."""

import json
from pathlib import Path
from typing import Any

import pytest

from sseclaude.iterate import assemble
from sseclaude.replay import Recording, Request, load
from sseclaude.replay.choosing import Chooser, with_tools

HELLO = [{"role": "user", "content": "Hello"}]
SUM = {
    "name": "sum",
    "input_schema": {"type": "object", "properties": {"numbers": {"type": "array", "items": {"type": "integer"}}}},
}
CLOCK = {"name": "clock", "input_schema": {"type": "object"}}
SEARCH = {"type": "web_search_20250305", "name": "web_search"}
RESULT = [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "3"}]}]
PARTS = [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]
THINK = {"thinking": {"type": "enabled", "budget_tokens": 1024}}


def request(**params: Any) -> Request:
    return Request("POST", "/v1/messages?beta=true", {}, json.dumps({"messages": HELLO} | params).encode())


CHOICES: list[tuple[dict[str, Any], str]] = [
    ({}, "text"),
    ({"messages": PARTS}, "text"),
    (THINK, "thinking"),
    ({"thinking": {"type": "adaptive"}}, "thinking"),
    ({"thinking": {"type": "disabled"}}, "text"),
    ({"thinking": None, "tools": None}, "text"),
    ({"tools": [SUM]}, "tool_use"),
    ({"tools": [SUM]} | THINK, "tool_use"),
    ({"tools": []}, "text"),
    ({"tools": [SEARCH]}, "text"),
    ({"tools": [SUM], "tool_choice": {"type": "none"}}, "text"),
    ({"tools": [SUM], "tool_choice": {"type": "any"}}, "tool_use"),
    ({"tools": [SUM], "messages": RESULT}, "text"),
    ({"tools": [SUM], "messages": RESULT} | THINK, "thinking"),
]


@pytest.mark.parametrize(("params", "name"), CHOICES, ids=[json.dumps(row[0])[:60] for row in CHOICES])
def test_a_shipped_recording_is_chosen_by_what_is_asked_for(params: dict[str, Any], name: str) -> None:
    assert Chooser().choose(request(**params)).name == name


def calls(recording: Recording) -> list[tuple[str, Any]]:
    content = assemble([recording.body]).to_dict()["content"]
    return [(block["name"], block["input"]) for block in content if block["type"] == "tool_use"]


CALLS: list[tuple[dict[str, Any], list[tuple[str, Any]]]] = [
    ({"tools": [SUM]}, [("sum", {"numbers": [1]})]),
    ({"tools": [CLOCK, SUM]}, [("clock", {})]),
    ({"tools": [SUM, CLOCK], "tool_choice": {"type": "tool", "name": "clock"}}, [("clock", {})]),
    ({"tools": [SEARCH, SUM]}, [("sum", {"numbers": [1]})]),
    ({"tools": [{"name": "odd", "input_schema": True}]}, [("odd", {})]),
]


@pytest.mark.parametrize(("params", "expected"), CALLS, ids=[json.dumps(row[0])[:60] for row in CALLS])
def test_the_call_is_of_a_tool_that_the_request_has(params: dict[str, Any], expected: list[tuple[str, Any]]) -> None:
    assert calls(Chooser().choose(request(**params))) == expected


def test_parallel_calls_take_the_tools_in_turn() -> None:
    chooser = Chooser(match=lambda request: "parallel_tools")
    tools = [name for name, _ in calls(chooser.choose(request(tools=[SUM, CLOCK])))]
    assert len(tools) > 1
    assert tools == [("sum", "clock")[turn % 2] for turn in range(len(tools))]


def test_only_the_calls_are_changed() -> None:
    recorded = next(one for one in load(None) if one.name == "tool_use")
    changed = with_tools(recorded, [SUM])
    kept = [event for event in changed.events if event in recorded.events]
    assert [event for event in recorded.events if b"input_json_delta" not in event and b"tool_use" not in event] == [
        event for event in kept if b"input_json_delta" not in event and b"tool_use" not in event
    ]
    assert changed.body.count(b"event:") == changed.body.count(b"\n\n")


def test_a_call_of_a_tool_that_the_request_has_is_left_alone() -> None:
    recorded = next(one for one in load(None) if one.name == "tool_use")
    name = calls(recorded)[0][0]
    assert with_tools(recorded, [SUM, {"name": name, "input_schema": {}}]) is recorded


def test_the_callers_recordings_answer_in_turn() -> None:
    chooser = Chooser([Recording("a", b"1"), Recording("b", b"2")])
    picked = [chooser.choose(request(tools=[SUM])).name for _ in range(3)]
    assert picked == ["a", "b", "a"]


def test_a_refused_request_leaves_the_turn_to_the_next() -> None:
    chooser = Chooser([Recording("a", b"1"), Recording("b", b"2")])
    assert [chooser.choose(request(), take_turn=turn).name for turn in (False, True, True)] == ["a", "a", "b"]


FIXTURE = Path(__file__).parent.parent.parent / "fixtures" / "refusal.sse"
MATCHES: list[tuple[Any, str]] = [
    ("overloaded", "overloaded"),
    (None, "text"),
    (b"data: 1\n\n", "bytes"),
    (FIXTURE, "refusal"),
    (Recording("own", b""), "own"),
]


@pytest.mark.parametrize(("picked", "name"), MATCHES, ids=str)
def test_match_may_name_or_give_the_answer(picked: Any, name: str) -> None:
    assert Chooser(match=lambda request: picked).choose(request()).name == name


def test_match_sees_the_request() -> None:
    seen: list[Request] = []
    Chooser(match=seen.append).choose(request(model="m"))
    assert seen[0].path == "/v1/messages"
    assert seen[0].target == "/v1/messages?beta=true"
    assert seen[0].json == {"messages": HELLO, "model": "m"}


def test_a_body_that_is_no_json_has_none() -> None:
    assert Request("POST", "/", {}, b"{").json is None
