"""Any message to events, to bytes, and back; and any damage on the way: a message or a promised exception, no third."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sseclaude.blocks import BLOCKS, CITATIONS
from sseclaude.events import from_message, to_sse
from sseclaude.iterate import assemble
from sseclaude.message import Message
from sseclaude.sse import encode
from tests.support import streams
from tests.support.streams import (
    DEVIATIONS,
    FIXTURES,
    POINTS,
    Outcome,
    aread_by_events,
    bytewise,
    cut_at_random,
    names,
    read_by_assemble,
    read_by_events,
    read_by_steps,
    run,
    stream_bytes,
)

# --- random messages of all block types ----------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
NAME = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)
COUNT = st.integers(0, 10**6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
OBJECT = st.dictionaries(TEXT, JSON, max_size=4)
UNKNOWN = st.dictionaries(NAME.map("x_{}".format), JSON, max_size=2)
"""Fields that nobody knows yet, in any object."""

Row = dict[str, st.SearchStrategy[Any]]

RESULT: Row = {
    "tool_use_id": NAME,
    "content": TEXT
    | st.lists(st.fixed_dictionaries({"type": st.just("web_search_result"), "url": TEXT, "encrypted_content": NAME}))
    | st.lists(st.fixed_dictionaries({"type": NAME, "text": TEXT}), max_size=2)
    | st.fixed_dictionaries({"type": NAME, "error_code": NAME}),
}
TOOL: Row = {"id": NAME, "name": NAME, "input": OBJECT}
CITATION_FIELDS: dict[str, Row] = {
    kind: {
        name: COUNT if "index" in name or "number" in name else TEXT for name in model.model_fields if name != "type"
    }
    for kind, model in CITATIONS.items()
}
CITATION_FIELDS["web_search_result_location"]["encrypted_index"] = TEXT
CITATION = st.one_of(
    [st.fixed_dictionaries({"type": st.just(kind), **row}) for kind, row in CITATION_FIELDS.items()]
    + [st.fixed_dictionaries({"type": NAME.map("{}_location".format), "cited_text": TEXT})]
)

FIELDS: dict[str, Row] = {
    **{kind: RESULT for kind in BLOCKS if kind.endswith("_result")},
    "text": {"text": TEXT, "citations": st.none() | st.lists(CITATION, max_size=2)},
    "thinking": {"thinking": TEXT, "signature": NAME},
    "redacted_thinking": {"data": NAME},
    "tool_use": {**TOOL, "caller": OBJECT},
    "server_tool_use": TOOL,
    "mcp_tool_use": {**TOOL, "server_name": NAME},
    "mcp_tool_result": {**RESULT, "is_error": st.booleans()},
    "container_upload": {"file_id": NAME},
    "compaction": {"content": st.none() | TEXT, "encrypted_content": st.none() | NAME},
    "mcp_tool_listing": {"mcp_server_name": NAME, "tools": st.lists(OBJECT, max_size=2)},
    "fallback": {
        "from": st.fixed_dictionaries({"model": NAME}),
        "to": st.fixed_dictionaries({"model": NAME}),
        "trigger": OBJECT,
    },
    "x_future": {"x_more": JSON},
}


def test_every_block_type_is_drawn() -> None:
    assert set(BLOCKS) < set(FIELDS)


def block(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    known = st.fixed_dictionaries({"type": st.just(kind), **FIELDS[kind]})
    return st.tuples(known, UNKNOWN).map(lambda both: {**both[0], **both[1]})


USAGE = st.fixed_dictionaries(
    {"input_tokens": COUNT, "output_tokens": COUNT},
    optional={
        "cache_creation_input_tokens": st.none() | COUNT,
        "cache_creation": st.fixed_dictionaries({"ephemeral_5m_input_tokens": COUNT}),
        "server_tool_use": st.fixed_dictionaries({"web_search_requests": COUNT}),
        "iterations": st.lists(st.fixed_dictionaries({"type": NAME, "input_tokens": COUNT}), max_size=2),
        "x_tokens": JSON,
    },
)
TOP = st.fixed_dictionaries(
    {
        "id": NAME,
        "type": st.just("message"),
        "role": st.just("assistant"),
        "model": NAME,
        "content": st.lists(st.sampled_from(sorted(FIELDS)).flatmap(block), max_size=5),
        "stop_reason": NAME,
        "stop_sequence": st.none() | TEXT,
        "usage": USAGE,
    },
    optional={
        "stop_details": st.none() | st.fixed_dictionaries({"type": NAME, "category": st.none() | NAME}),
        "container": st.none() | st.fixed_dictionaries({"id": NAME, "expires_at": NAME}),
        "context_management": st.none() | st.fixed_dictionaries({"applied_edits": st.lists(OBJECT, max_size=2)}),
        "diagnostics": st.none() | OBJECT,
        "x_top": JSON,
    },
)


def consistent(data: dict[str, Any]) -> dict[str, Any]:
    """Let the message's model be the one that the last fallback names."""
    models = [found["to"]["model"] for found in data["content"] if found["type"] == "fallback"]
    return {**data, "model": models[-1]} if models else data


MESSAGES = TOP.map(consistent)


def frames_of(data: dict[str, Any]) -> list[bytes]:
    return [encode(to_sse(event)) for event in from_message(Message.from_wire(data))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=MESSAGES, points=POINTS)
def test_a_message_comes_back(data: dict[str, Any], points: list[int]) -> None:
    message = Message.model_validate(data)
    assert message.to_dict() == data
    wire = b"".join(frames_of(data))
    for strict in (False, True):
        read = assemble(cut_at_random(wire, points), strict=strict)
        assert read == message
        assert read.to_dict() == data
        assert all(getattr(found, "input_complete", True) for found in read.content)
    assert json.loads(message.to_json()) == data


@pytest.mark.parametrize("name", names(FIXTURES))
def test_a_fixture_comes_back(name: str) -> None:
    read = read_by_steps([stream_bytes(name)])
    if read.error is None:
        message = assemble([stream_bytes(name)])
        again = assemble([b"".join(encode(to_sse(event)) for event in from_message(message))])
        assert again == message
        assert [getattr(found, "input_complete", None) for found in again.content] == [
            getattr(found, "input_complete", None) for found in message.content
        ]


# --- damage --------------------------------------------------------------------------------------------------------

SOURCES = [stream_bytes(name) for name in (*names(FIXTURES), *names(DEVIATIONS))]
FRAMES = [[frame + b"\n\n" for frame in source.split(b"\n\n") if frame] for source in SOURCES]
AT = st.integers(0, 1 << 16)
ODD = st.one_of(
    st.sampled_from([None, True, 0, -1, 7, 1.5, "", "word", [], [5], ["x"], {}, {"type": 5}, {"type": []}, {"a": {}}]),
    st.sampled_from([*BLOCKS, *streams.DELTAS, "message_start", "error", "ping", "end_turn"]),
)
Frames = list[bytes]


def drop(frames: Frames, at: int, other: int) -> Frames:
    return frames[:at] + frames[at + 1 :]


def double(frames: Frames, at: int, other: int) -> Frames:
    return frames[: at + 1] + frames[at:]


def swap(frames: Frames, at: int, other: int) -> Frames:
    other %= len(frames)
    changed = list(frames)
    changed[at], changed[other] = changed[other], changed[at]
    return changed


def cut_off(frames: Frames, at: int, other: int) -> Frames:
    return [*frames[:at], frames[at][: other % len(frames[at])]]


def flip(frames: Frames, at: int, other: int) -> Frames:
    changed = bytearray(frames[at])
    changed[other % len(changed)] ^= 1 << other % 8
    return [*frames[:at], bytes(changed), *frames[at + 1 :]]


DAMAGE = st.lists(st.tuples(st.sampled_from([drop, double, swap, cut_off, flip]), AT, AT), min_size=1, max_size=4)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterable[tuple[Any, ...]]:
    """The paths to everything inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


def replaced(body: Any, at: int, odd: Any) -> Any:
    """The same JSON with another value at one of its places, or without it (``odd=...``)."""
    found = list(places(body))
    if not found:
        return body
    *way, last = found[at % len(found)]
    inner = body
    for key in way:
        inner = inner[key]
    if odd is ...:
        del inner[last]
    else:
        inner[last] = copy.deepcopy(odd)
    return body


def check_everywhere(data: bytes, points: list[int]) -> None:
    """Read damaged bytes in every way: one outcome, however they are cut and whoever reads."""
    for strict in (False, True):
        whole = read_by_steps([data], strict=strict)
        for chunks in (bytewise(data), cut_at_random(data, points)):
            assert read_by_steps(chunks, strict=strict) == whole
        looked = read_by_events([data], strict=strict)
        assert run(aread_by_events([data], strict=strict)) == looked
        assert looked.error == whole.error
        assert read_by_assemble([data], strict=strict) == Outcome(whole.message, whole.error, [], [])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(source=st.sampled_from(FRAMES), damage=DAMAGE, points=POINTS)
def test_damaged_frames(source: Frames, damage: list[tuple[Any, int, int]], points: list[int]) -> None:
    frames = source
    for change, at, other in damage:
        if frames:
            frames = [frame for frame in change(frames, at % len(frames), other) if frame]
    check_everywhere(b"".join(frames), points)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    source=st.sampled_from(SOURCES),
    damage=st.lists(st.tuples(AT, AT, ODD | st.just(...)), min_size=1, max_size=3),
    points=POINTS,
)
def test_odd_values(source: bytes, damage: list[tuple[int, int, Any]], points: list[int]) -> None:
    bodies = read_by_steps([source]).events
    for number, at, odd in damage:
        if bodies:
            replaced(bodies[number % len(bodies)], at, odd)
    check_everywhere(b"".join(streams.frame(body, "message_start") for body in bodies if body), points)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(source=st.sampled_from(SOURCES), damage=st.lists(st.tuples(AT, ODD | st.just(...)), min_size=1, max_size=3))
def test_odd_documents(source: bytes, damage: list[tuple[int, Any]]) -> None:
    """A body that is no stream but one JSON message, with odd values in it."""
    found = read_by_steps([source]).message
    document = found[0] if found else {}
    for at, odd in damage:
        replaced(document, at, odd)
    check_everywhere(json.dumps(document).encode(), [3, 99])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80) | st.text('{}[]",:\\ud83da01n \n', max_size=80).map(str.encode), POINTS)
@example(b"{", [])
@example(b"\xef\xbb", [])
@example(b'{"type":"message","content":[5]}', [])
@example(b'{"type":"message","content":[{"type":"text","text":5}],"usage":{"output_tokens":"5"}}', [])
@example(b'{"type":"message","content":[{"type":[]},{"type":"fallback","from":"x"}]}', [])
def test_any_bytes(data: bytes, points: list[int]) -> None:
    check_everywhere(data, points)
    check_everywhere(b"event: message_start\ndata: " + data, points)
    check_everywhere(streams.stream(streams.start()) + b"data: " + data + b"\n\n", points)
