"""The state machine: every state with every event, against a table written by hand; and what breaks a rule."""

from __future__ import annotations

import pytest

from sseclaude.assembler import MAX_DEVIATIONS, OTHER, TRANSITIONS, MessageAssembler, State
from sseclaude.deviations import RULES
from sseclaude.errors import (
    APIError,
    IncompleteStreamError,
    OverloadedError,
    ProtocolError,
)
from sseclaude.events import DONE_MARKER
from sseclaude.iterate import assemble
from sseclaude.message import Message
from tests.support.streams import (
    DONE,
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
    stream,
    text,
)

# --- the product -----------------------------------------------------------------------------------------------------

BEFORE: dict[State, list[Event]] = {
    State.EXPECTING: [],
    State.BETWEEN: [start()],
    State.IN_BLOCK: [start(), block_start(0)],
    State.FINISHING: [start(), finish()],
    State.DONE: [start(), finish(), STOP],
}
"""How each state is reached; FAILED by an error event."""

EVENTS: dict[str, Event] = {
    "message_start": start(),
    "content_block_start": block_start(0),
    "content_block_delta": text("word"),
    "content_block_stop": block_stop(0),
    "message_delta": finish(),
    "message_stop": STOP,
    "ping": PING,
    "error": OVERLOADED,
    DONE_MARKER: DONE,
    OTHER: {"type": "vertex_event"},
}

E, B, N, F, D, X = (State.EXPECTING, State.BETWEEN, State.IN_BLOCK, State.FINISHING, State.DONE, State.FAILED)
LATE = "event_after_message_stop"
CUT, OVER, BAD = IncompleteStreamError, OverloadedError, ProtocolError

# state, event: the state that follows, the rules that a lenient read notes, what it raises
EXPECTED: dict[tuple[State, str], tuple[State, list[str], type[APIError] | None]] = {
    (E, "message_start"): (B, [], None),
    (E, "content_block_start"): (N, ["missing_message_start"], None),
    (E, "content_block_delta"): (N, ["missing_message_start", "missing_block_start"], None),
    (E, "content_block_stop"): (E, ["stop_for_unopened_block"], None),
    (E, "message_delta"): (F, ["missing_message_start"], None),
    (E, "message_stop"): (E, [], BAD),
    (E, "ping"): (E, [], None),
    (E, "error"): (X, [], OVER),
    (E, DONE_MARKER): (X, ["done_marker"], CUT),
    (E, OTHER): (E, [], None),
    (B, "message_start"): (B, ["repeated_message_start"], None),
    (B, "content_block_start"): (N, [], None),
    (B, "content_block_delta"): (N, ["missing_block_start"], None),
    (B, "content_block_stop"): (B, ["stop_for_unopened_block"], None),
    (B, "message_delta"): (F, [], None),
    (B, "message_stop"): (D, ["missing_message_delta"], None),
    (B, "ping"): (B, [], None),
    (B, "error"): (X, [], OVER),
    (B, DONE_MARKER): (X, ["done_marker"], CUT),
    (B, OTHER): (B, [], None),
    (N, "message_start"): (N, [], BAD),
    (N, "content_block_start"): (N, ["overlapping_blocks", "index_reused"], None),
    (N, "content_block_delta"): (N, [], None),
    (N, "content_block_stop"): (B, [], None),
    (N, "message_delta"): (F, ["block_open_at_message_delta"], None),
    (N, "message_stop"): (D, ["missing_message_delta", "block_never_stopped"], None),
    (N, "ping"): (N, [], None),
    (N, "error"): (X, [], OVER),
    (N, DONE_MARKER): (X, ["done_marker"], CUT),
    (N, OTHER): (N, [], None),
    (F, "message_start"): (F, [], BAD),
    (F, "content_block_start"): (F, ["content_after_message_delta"], None),
    (F, "content_block_delta"): (F, ["content_after_message_delta", "missing_block_start"], None),
    (F, "content_block_stop"): (F, ["stop_for_unopened_block"], None),
    (F, "message_delta"): (F, [], None),
    (F, "message_stop"): (D, [], None),
    (F, "ping"): (F, [], None),
    (F, "error"): (X, [], OVER),
    (F, DONE_MARKER): (D, ["done_marker", "missing_message_stop"], None),
    (F, OTHER): (F, [], None),
    (D, "message_start"): (D, [LATE], None),
    (D, "content_block_start"): (D, [LATE], None),
    (D, "content_block_delta"): (D, [LATE], None),
    (D, "content_block_stop"): (D, [LATE], None),
    (D, "message_delta"): (D, [LATE], None),
    (D, "message_stop"): (D, [LATE], None),
    (D, "ping"): (D, [], None),
    (D, "error"): (D, [LATE], None),
    (D, DONE_MARKER): (D, ["done_marker"], None),
    (D, OTHER): (D, [LATE], None),
    **{(X, kind): (X, [], None) for kind in EVENTS},
}


def in_state(state: State, *, strict: bool = False) -> MessageAssembler:
    assembler = fed(*BEFORE.get(state, []), strict=strict)
    if state is State.FAILED:
        with pytest.raises(OverloadedError):
            assembler.feed(OVERLOADED)
    assert assembler.state is state
    return assembler


def test_the_table_is_the_whole_product() -> None:
    assert set(EXPECTED) == {(state, kind) for state in State for kind in EVENTS}
    assert set(TRANSITIONS) == set(State)
    assert all(set(row) == set(EVENTS) for state, row in TRANSITIONS.items() if state is not State.FAILED)


@pytest.mark.parametrize(("state", "kind"), EXPECTED, ids=lambda value: getattr(value, "name", value or "other"))
def test_lenient(state: State, kind: str) -> None:
    following, rules, error = EXPECTED[state, kind]
    assembler = in_state(state)
    if error is None:
        assembler.feed(EVENTS[kind])
    else:
        with pytest.raises(error) as caught:
            assembler.feed(EVENTS[kind])
        assert caught.value.partial_message == assembler.message
        assert caught.value.progress == assembler.progress
    assert assembler.state is following
    assert [found.rule for found in assembler.deviations] == rules
    assert all(found.event_number == assembler.event_count for found in assembler.deviations)


@pytest.mark.parametrize(("state", "kind"), EXPECTED, ids=lambda value: getattr(value, "name", value or "other"))
def test_strict(state: State, kind: str) -> None:
    following, rules, error = EXPECTED[state, kind]
    assembler = in_state(state, strict=True)
    if error is None and not rules:
        assembler.feed(EVENTS[kind])
        assert assembler.state is following
    else:
        with pytest.raises(ProtocolError if rules else error or APIError) as caught:
            assembler.feed(EVENTS[kind])
        assert not rules or getattr(caught.value, "rule", None) == rules[0]
    assert assembler.deviations == []


OPEN_BLOCK = [(N, "message_delta"), (F, "content_block_start")]
"""After these the stop_reason is there, but a block is open."""


@pytest.mark.parametrize(("state", "kind"), EXPECTED, ids=lambda value: getattr(value, "name", value or "other"))
def test_the_end_after(state: State, kind: str) -> None:
    """After any state and event the input may end: whole, forgiven with a stop_reason, or incomplete."""
    assembler = in_state(state)
    try:
        assembler.feed(EVENTS[kind])
    except APIError:
        return
    if assembler.state in (D, X):
        assert assembler.close() == ()
    elif assembler.state is F and (state, kind) not in OPEN_BLOCK:
        assembler.close()
        assert assembler.state is D
        assert assembler.deviations[-1].rule == "missing_message_stop"
    else:
        with pytest.raises(IncompleteStreamError) as caught:
            assembler.close()
        assert caught.value.partial_message == assembler.message
        assert assembler.state is X
        assert assembler.close() == ()


NEVER_FORGIVEN = [
    ("second_message", [start(), block_start(), start()]),
    ("second_message", [start(), finish(), start()]),
    ("nothing_to_stop", [STOP]),
    ("tool_never_named", [start(), delta(0, "input_json_delta")]),
    ("tool_never_named", [start(), block_start(0), delta(0, "input_json_delta")]),
]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(("rule", "events"), NEVER_FORGIVEN)
def test_what_would_need_invention_is_refused(rule: str, events: list[Event], strict: bool) -> None:
    assembler = fed(*events[:-1], strict=strict)
    with pytest.raises(ProtocolError) as caught:
        assembler.feed(events[-1])
    assert (caught.value.rule, caught.value.event_number) == (rule, len(events))


# --- what breaks a rule ----------------------------------------------------------------------------------------------

T, K, U, C = "text", "thinking", "tool_use", "compaction"
BROKEN: list[tuple[str, list[Event], list[str]]] = [
    ("no message in the start", [{"type": "message_start"}], ["missing_field"]),
    ("a message of another type", [{"type": "message_start", "message": 5}], ["wrong_type"]),
    ("no id", [start(id=None)], ["missing_field"]),
    ("an id of another type", [start(id=5)], ["wrong_type"]),
    ("no content", [start(content=None)], ["missing_field"]),
    ("no usage", [start(usage=None)], ["missing_field"]),
    ("usage of another type", [start(usage=[])], ["wrong_type"]),
    ("a count of another type", [start(usage={"input_tokens": "3"})], ["wrong_type"]),
    ("content in the start", [start(content=[{"type": "text", "text": "a"}])], ["content_in_message_start"]),
    ("content of another type in the start", [start(content=5)], ["wrong_type"]),
    ("content without a block in the start", [start(content="")], ["wrong_type"]),
    ("odd content in the start", [start(content=[5])], ["content_in_message_start"]),
    ("no index", [start(), {**block_start(), "index": None}], ["missing_field"]),
    ("an index of another type", [start(), {**block_start(), "index": "0"}], ["wrong_type"]),
    ("an index that is true", [start(), {**block_start(), "index": True}], ["wrong_type"]),
    ("no block", [start(), {"type": "content_block_start", "index": 0}], ["missing_field"]),
    ("a block of another type", [start(), {**block_start(), "content_block": "text"}], ["wrong_type"]),
    ("a block without type", [start(), block_start(0, "none")], []),
    ("a block's type of another type", [start(), block_start(0, "none", type=5)], ["wrong_type"]),
    ("no text in the start", [start(), block_start(0, T, text=None)], ["missing_field"]),
    ("text of another type", [start(), block_start(0, T, text=5)], ["wrong_type"]),
    (
        "a list with an item of another type",
        [start(), block_start(0, "", type="mcp_tool_result", content=[{}, 5])],
        ["wrong_type"],
    ),
    ("no signature in the start", [start(), block_start(0, K, signature=None)], ["missing_field"]),
    ("no data", [start(), block_start(0, "redacted_thinking", data=None)], ["missing_field"]),
    ("no name", [start(), block_start(0, U, name=None)], ["missing_field"]),
    ("no input", [start(), block_start(0, U, input=None)], ["missing_field"]),
    ("a gap", [start(), block_start(2)], ["index_gap"]),
    ("an index again", [start(), block_start(), block_stop(), block_start()], ["index_reused"]),
    ("a negative index", [start(), block_start(-1)], ["index_reused"]),
    ("two open blocks", [start(), block_start(0), block_start(1)], ["overlapping_blocks"]),
    ("no delta", [start(), block_start(), {"type": "content_block_delta", "index": 0}], ["missing_field"]),
    ("a delta of another type", [start(), block_start(), {**text("a"), "delta": "a"}], ["wrong_type"]),
    ("a delta without type", [start(), block_start(), {**text("a"), "delta": {"note": "a"}}], []),
    ("words without type", [start(), block_start(), {**text("a"), "delta": {"text": "a"}}], ["words_in_other_field"]),
    ("words of another type", [start(), block_start(), delta(0, type=[5])], ["words_in_other_field"]),
    ("an unknown delta", [start(), block_start(), delta(0, "glow_delta")], []),
    ("no text in the delta", [start(), block_start(), text(None)], ["missing_field"]),  # type: ignore[arg-type]
    ("text of another type in the delta", [start(), block_start(), text(5)], ["wrong_type"]),  # type: ignore[arg-type]
    (
        "no index in the delta",
        [start(), block_start(), {**text("a"), "index": None}],
        ["missing_field", "delta_for_unopened_block"],
    ),
    (
        "an index that is true in the delta",
        [start(), block_start(0), block_stop(0), block_start(1), text("a", True)],
        ["wrong_type", "delta_for_unopened_block"],
    ),
    (
        "an index that is no integer in the delta",
        [start(), block_start(), text("a", 0.0)],  # type: ignore[arg-type]
        ["wrong_type", "delta_for_unopened_block"],
    ),
    (
        "an index that is a list",
        [start(), block_start(), {**text("a"), "index": []}],
        ["wrong_type", "delta_for_unopened_block"],
    ),
    ("thinking into text", [start(), block_start(), delta(0, "thinking_delta")], ["missing_block_start"]),
    ("an unsigned stop", [start(), block_start(0, K), block_stop()], ["missing_signature"]),
    (
        "an unsigned end by another start",
        [start(), block_start(0, K), block_start(0, K, signature="s")],
        ["overlapping_blocks", "index_reused", "missing_signature"],
    ),
    ("a stop without index", [start(), block_start(), {"type": "content_block_stop"}], ["missing_field"]),
    (
        "a stop for none of two",
        [start(), block_start(0), block_start(1), {"type": "content_block_stop"}],
        ["overlapping_blocks", "missing_field", "stop_for_unopened_block"],
    ),
    ("no delta in message_delta", [start(), finish(delta=None)], ["missing_field"]),
    ("its delta is of another type", [start(), finish(delta=5)], ["wrong_type"]),
    ("its usage is of another type", [start(), finish(usage=5)], ["wrong_type"]),
    ("a count in it is of another type", [start(), finish(usage={"output_tokens": "9"})], ["wrong_type"]),
    ("no stop_sequence in it", [start(), finish(delta={"stop_reason": "end_turn"})], ["missing_field"]),
    ("a stop_reason of another type", [start(), finish(5)], ["wrong_type"]),  # type: ignore[arg-type]
    ("a citation for no open block", [start(), delta(0, "citations_delta")], ["delta_not_taken"]),
    (
        "empty tool JSON for no open block",
        [start(), delta(0, "input_json_delta", partial_json="")],
        ["delta_not_taken"],
    ),
    ("a signature for no open block", [start(), delta(0, "signature_delta")], ["delta_not_taken"]),
    ("a summary for no open block", [start(), delta(0, "compaction_delta")], ["delta_not_taken"]),
]


@pytest.mark.parametrize(("events", "rules"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_deviations(events: list[Event], rules: list[str]) -> None:
    assembler = fed(*events)
    assert [found.rule for found in assembler.deviations] == rules
    assert set(rules) <= set(RULES)
    assert all(found.detail for found in assembler.deviations)
    if rules:
        with pytest.raises(ProtocolError) as caught:
            fed(*events, strict=True)
        assert caught.value.rule == rules[0]
        assert rules[0] in str(caught.value)
    else:
        fed(*events, strict=True)
    assert assembler.message is not None
    assert Message.from_wire(assembler.message.to_dict()) is not None


def test_deviations_are_kept_up_to_a_bound() -> None:
    assembler = fed(start(), *[block_stop(5)] * (MAX_DEVIATIONS + 10))
    assert len(assembler.deviations) == MAX_DEVIATIONS
    assert str(assembler.deviations[0]) == "stop_for_unopened_block at event 2: index 5"


HALVES = [
    {"text": "a\ud83d"},
    {"type": "", "text": "a\ud83d"},
    {"type": "text_delta", "thinking": "a\ud83d"},
    {"type": "thinking_delta", "text": "a\ud83d"},
]


@pytest.mark.parametrize("half", HALVES)
def test_half_a_character_in_another_field_waits_for_nothing(half: dict[str, str]) -> None:
    bodies = [start(), block_start(), {**text(""), "delta": half}, text("\uddfc"), block_stop(), finish(), STOP]
    assembler = fed(*bodies)
    assert assembler.message is not None
    assert assembler.message == assemble([stream(*bodies)])
    assert assembler.message.text == "a\ufffd\ufffd"
    assert [found.rule for found in assembler.deviations] == ["words_in_other_field"]
