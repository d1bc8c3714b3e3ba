"""A number in a tool's input that no type holds makes the input incomplete, wherever it came."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sseclaude.errors import IncompleteStreamError
from sseclaude.iterate import assemble
from tests.support.streams import (
    STOP,
    TOOL,
    Event,
    block_start,
    block_stop,
    bytewise,
    finish,
    message_of,
    piece,
    raw,
    read_by_events,
    read_by_steps,
    rules,
    start,
    stream,
)

HUGE = ("1e999", "-1e400", "9" * 5000)
TOO_LARGE = "number_out_of_range"


def huge(digits: str, *events: Event) -> bytes:
    """A stream of these events with a number in the place of "HUGE", which no encoder writes."""
    return stream(*events).replace(b'"HUGE"', digits.encode())


# the events of a tool that held a number which no type holds, its input, the rules
LOST_NUMBERS: list[tuple[str, list[Event], dict[str, Any], list[str]]] = [
    ("in the start", [block_start(0, "tool_use", input={"n": "HUGE"})], {"n": None}, [TOO_LARGE]),
    (
        "deep in the start",
        [block_start(0, "tool_use", input={"a": [{"n": "HUGE"}]})],
        {"a": [{"n": None}]},
        [TOO_LARGE],
    ),
    (
        "twice in the start",
        [block_start(0, "tool_use", input={"n": "HUGE", "m": "HUGE"})],
        {"n": None, "m": None},
        [TOO_LARGE, TOO_LARGE],
    ),
    ("in the start, before JSON", [block_start(0, "tool_use", input={"n": "HUGE"}), piece()], {"a": 1}, [TOO_LARGE]),
    ("as the start's input", [block_start(0, "tool_use", input="HUGE")], {}, [TOO_LARGE, "missing_field"]),
    ("in an object", [TOOL, piece({"n": "HUGE"})], {"n": None}, [TOO_LARGE, "wrong_type"]),
    ("as a fragment", [TOOL, piece(), piece("HUGE")], {"a": 1}, [TOO_LARGE, "missing_field"]),
    ("in an unknown delta", [TOOL, piece(), raw(type="x", input="HUGE")], {"a": 1}, [TOO_LARGE]),
]


@pytest.mark.parametrize("digits", HUGE, ids=["positive", "negative", "digits"])
@pytest.mark.parametrize(
    ("events", "given", "broken"), [row[1:] for row in LOST_NUMBERS], ids=[row[0] for row in LOST_NUMBERS]
)
def test_a_tool_is_not_called_without_a_number_that_no_type_holds(
    digits: str, events: list[Event], given: dict[str, Any], broken: list[str]
) -> None:
    body = huge(digits, *message_of([*events, block_stop()]))
    for chunks in ([body], bytewise(body)):
        tool: Any = assemble(chunks).content[0]
        assert (tool.input, tool.input_complete) == (given, False)
    assert rules(body) == broken
    assert read_by_steps(bytewise(body)) == read_by_steps([body])
    assert read_by_events(bytewise(body)) == read_by_events([body])


@pytest.mark.parametrize(
    ("text", "given", "complete"),
    [
        ('{"n": 1e999}', {"n": None}, False),
        ('{"a": [1, {"n": -1e999}], "b": 2}', {"a": [1, {"n": None}], "b": 2}, False),
        ('{"\\ud83d": 1e999}', {"\ufffd": None}, False),
        ('{"n": 1e308}', {"n": 1e308}, True),
        ('{"n": 1e999, "a": "b', {"n": None, "a": "b"}, False),
        ('{"n": 1e999} x', {"n": None}, False),
        ('{"n": "1e999"}', {"n": "1e999"}, True),
        ('{"n": "Infinity"}', {"n": "Infinity"}, True),
        ('{"\\ud83d": 1}', {"\ufffd": 1}, True),
        ('{"a": "\\ud83d", "n": 1e999}', {"a": "\ufffd", "n": None}, False),
        ('{"a":' * 199 + "{}" + "}" * 199, None, True),
        ('{"a":' * 199 + '{"n":1e999}' + "}" * 199, None, False),
    ],
)
def test_fragments_that_make_up_a_number_that_no_type_holds(
    text: str, given: dict[str, Any] | None, complete: bool
) -> None:
    events = [TOOL, *map(piece, text), block_stop()]
    body = stream(*message_of(events))
    for chunks in ([body], bytewise(body)):
        tool: Any = assemble(chunks).content[0]
        assert given is None or tool.input == given
        assert (tool.input_complete, tool.partial_json) == (complete, text)
        assert "Infinity" not in json.dumps(tool.input).replace('"Infinity"', "")
    assert rules(body) == []
    assert read_by_events(bytewise(body)) == read_by_events([body])


def test_a_number_that_no_type_holds_is_null_while_its_tool_is_open_too() -> None:
    with pytest.raises(IncompleteStreamError) as caught:
        assemble([stream(start(), TOOL, piece('{"n": 1e999, "a": "b'))])
    assert caught.value.partial_message is not None
    tool: Any = caught.value.partial_message.content[0]
    assert (tool.input, tool.input_complete) == ({"n": None, "a": "b"}, False)


def test_a_lost_number_spoils_no_other_tool() -> None:
    other = block_start(1, "tool_use", id="toolu_2", input={"n": 1})
    unknown = {"type": "gateway", "content_block": {"input": "HUGE"}}
    events = [block_start(0, "tool_use", input={"n": "HUGE"}), block_stop(), unknown, other, block_stop(1)]
    message = assemble([huge("1e999", *message_of(events))])
    assert [block.input_complete for block in message.content] == [False, True]  # type: ignore[union-attr]


def test_a_number_outside_of_the_input_spoils_no_tool() -> None:
    body = huge("1e999", *message_of([block_start(0, "tool_use", input={"n": 1}, input_cost="HUGE"), block_stop()]))
    (tool,) = assemble([body]).content
    assert tool.input_complete  # type: ignore[union-attr]
    assert rules(body) == [TOO_LARGE]


def test_a_lost_number_in_message_start() -> None:
    tools = [
        {"type": "tool_use", "id": f"toolu_{n}", "name": "go", "input": {"n": value}}
        for n, value in enumerate([1, "HUGE", 3])
    ]
    body = huge("1e999", start(content=[5, *tools]), finish(), STOP)
    for chunks in ([body], bytewise(body)):
        message = assemble(chunks)
        assert [block.input_complete for block in message.content] == [True, False, True]  # type: ignore[union-attr]


@pytest.mark.parametrize("digits", HUGE, ids=["positive", "negative", "digits"])
def test_a_lost_number_in_a_document(digits: str) -> None:
    tools = [
        {"type": "tool_use", "id": f"toolu_{n}", "name": "go", "input": {"n": value}}
        for n, value in enumerate([1, "HUGE", 3])
    ]
    document = {"type": "message", "content": ["Hi", 5, *tools], "stop_reason": "tool_use"}
    body = json.dumps(document).replace('"HUGE"', digits).encode()
    for chunks in ([body], bytewise(body)):
        text, *found = assemble(chunks).content
        assert text.type == "text"
        assert [(tool.input, tool.input_complete) for tool in found] == [  # type: ignore[union-attr]
            ({"n": 1}, True), ({"n": None}, False), ({"n": 3}, True),
        ]  # fmt: skip
    assert rules(body)[0] == TOO_LARGE
    assert read_by_events(bytewise(body)) == read_by_events([body])
    outcome = read_by_steps([body], strict=True)
    assert outcome.error is not None
    assert outcome.error[2:4] == (TOO_LARGE, 0)
