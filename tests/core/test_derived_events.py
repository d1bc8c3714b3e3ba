"""Derived events: frozen moments of a text that goes on."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from sseclaude import AnthropicError, SSEDecoder, assemble, encode, iter_events
from sseclaude.derived_events import (
    DERIVE,
    SILENT,
    CitationEvent,
    CompactionEvent,
    ContentBlockStopEvent,
    InputJsonEvent,
    MessageStopEvent,
    SignatureEvent,
    TextEvent,
    ThinkingEvent,
    input_json_event,
    text_event,
    thinking_event,
)
from sseclaude.growing_text import GrowingText
from sseclaude.message import Message
from tests.support.streams import ROOT, block_start, block_stop, delta, message_of, stream

GROWING: list[tuple[Any, type[Any], str, list[str], list[Any]]] = [
    (text_event, TextEvent, "text", ["Hel", "lo"], ["Hel", "Hello"]),
    (thinking_event, ThinkingEvent, "thinking", ["h", "m"], ["h", "hm"]),
    (
        input_json_event,
        InputJsonEvent,
        "partial_json",
        ["", '{"a": [1', "]", "}"],
        [{}, {"a": []}, {"a": [1]}, {"a": [1]}],
    ),
]


def grown(make: Any, pieces: list[str]) -> list[Any]:
    source = GrowingText()
    return [make(source.append(piece), source) for piece in pieces]


@pytest.mark.parametrize(
    ("make", "kind", "field", "pieces", "snapshots"), GROWING, ids=["text", "thinking", "input_json"]
)
def test_snapshots(make: Any, kind: type[Any], field: str, pieces: list[str], snapshots: list[Any]) -> None:
    """Read early, late, backwards, from a copy or a pickle: always what was there at the event."""
    events = grown(make, pieces)
    source = GrowingText()
    assert [make(source.append(piece), source).snapshot for piece in pieces] == snapshots
    assert [event.snapshot for event in events] == snapshots
    assert [event.snapshot for event in reversed(events)] == snapshots[::-1]
    assert [getattr(event, field) for event in events] == pieces
    for event, snapshot in zip(events, snapshots, strict=True):
        assert type(event) is kind
        assert event.model_dump() == {"type": event.type, field: getattr(event, field), "snapshot": snapshot}
        for copied in (copy.copy(event), copy.deepcopy(event), pickle.loads(pickle.dumps(event)), event.model_copy()):
            assert copied == event
            assert copied.snapshot == snapshot
            assert copied.model_dump() == event.model_dump()
        changed = event.model_copy(update={field: "other"})
        assert (getattr(changed, field), changed.snapshot) == ("other", snapshot)
    assert [getattr(event, field) for event in events] == pieces


@pytest.mark.parametrize(("make", "field"), [row[0:3:2] for row in GROWING], ids=["text", "thinking", "input_json"])
def test_events_are_frozen(make: Any, field: str) -> None:
    (event,) = grown(make, ["{}"])
    with pytest.raises(ValidationError, match="frozen"):
        setattr(event, field, "other")
    with pytest.raises((ValidationError, AttributeError)):
        event.snapshot = "other"


@pytest.mark.parametrize(
    ("make", "read"),
    [(input_json_event, lambda event: event.snapshot), (text_event, lambda event: event.parsed_snapshot())],
    ids=["input_json", "text"],
)
def test_a_changed_snapshot_changes_no_other(make: Any, read: Any) -> None:
    """The dict is the reader's own. What is nested in it belongs to other snapshots too, and refuses."""
    source, seen = GrowingText(), []
    for piece in ['{"a": {"b": [1, ', '{"c": "x', 'y"}', "]}, ", '"d": 2}']:
        event = make(source.append(piece), source)
        seen.append((event, read(event), repr(read(event))))
        mine = read(event)
        assert type(mine) is dict
        for change in (
            lambda nested: nested.update(e=1),
            lambda nested: nested["b"].append(2),
            lambda nested: nested["b"].__setitem__(0, {}),
        ):
            with pytest.raises(TypeError, match=r"is shared with other snapshots; copy\.deepcopy"):
                change(mine["a"])
        copy.deepcopy(mine)["a"]["b"].append(2)
        mine.clear()
        mine["e"] = 3
    assert [repr(snapshot) for _, snapshot, _ in seen] == [then for _, _, then in seen]
    assert [repr(read(event)) for event, _, _ in seen] == [then for _, _, then in seen]


def test_parsed_snapshot() -> None:
    events = grown(text_event, ["", '{"a": "x', 'y", "b', '": 2}'])
    assert [event.parsed_snapshot() for event in events] == [None, {"a": "x"}, {"a": "xy"}, {"a": "xy", "b": 2}]
    assert events[1].parsed_snapshot() == {"a": "x"}


def test_an_unread_snapshot_costs_nothing() -> None:
    """The text is not even joined until somebody looks."""
    source = GrowingText()
    events = [text_event(source.append("word "), source) for _ in range(1000)]
    assert len(source._pending) == 1000
    assert events[1].snapshot == "word word "
    assert source._pending == []


OTHERS: list[Any] = [
    SignatureEvent(signature="s"),
    CitationEvent.from_wire({"citation": {"type": "char_location"}, "snapshot": [{"type": "char_location"}]}),
    CompactionEvent(content=None),
    ContentBlockStopEvent.from_wire({"index": 2, "content_block": {"type": "text", "text": "a"}}),
    MessageStopEvent(message=Message(id="m")),
]


@pytest.mark.parametrize("event", OTHERS, ids=lambda event: str(event.type))
def test_the_others(event: Any) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        event.type = "other"
    assert pickle.loads(pickle.dumps(event)) == event
    assert copy.deepcopy(event) == event
    assert event.model_dump()["type"] == event.type


# --- as bytes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((ROOT / "fixtures").glob("*.sse")), ids=lambda path: path.stem)
def test_events_are_written_as_the_wires(path: Path) -> None:
    """The bytes of a stream's events are the wire's own events: derived ones give none, stops lose what was added."""
    try:
        events = list(iter_events([path.read_bytes()]))
    except AnthropicError:
        pytest.skip("the stream ends in an error")
    written = [json.loads(event.data) for event in SSEDecoder().feed(b"".join(map(encode, events)))]
    kept = [body for event in events if (body := wire_body(event))]
    assert written == kept
    assert assemble([b"".join(map(encode, events))]) == assemble([path.read_bytes()])


def wire_body(event: Any) -> dict[str, Any] | None:
    if event.type in DERIVE and event.type not in SILENT:
        return None
    added = {"content_block_stop": "content_block", "message_stop": "message"}.get(event.type)
    return {"type": event.type, **{key: value for key, value in event.to_dict().items() if key != added}}


def test_a_citation_is_made_once_for_all_snapshots() -> None:
    cited = [delta(0, "citations_delta", citation={"type": "char_location", "cited_text": str(n)}) for n in range(3)]
    events = iter_events([stream(*message_of([block_start(), *cited, block_stop()]))])
    first, second, third = (event for event in events if isinstance(event, CitationEvent))
    assert [len(event.snapshot) for event in (third, first, second)] == [3, 1, 2]
    assert [citation.cited_text for citation in third.snapshot] == ["0", "1", "2"]  # type: ignore[union-attr]
    assert first.snapshot[0] is second.snapshot[0] is third.snapshot[0]
    assert first.snapshot is not first.snapshot
