"""The state machine as PROTOCOL.md shows it: the states, a diagram, and the table of transitions.

Rule: what the code's table does not say (which events strict mode refuses, where an end leads) is found by trying each
event in each state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from sseclaude.assembler import ACTIONS, OTHER, TRANSITIONS, MessageAssembler, State
from sseclaude.errors import APIError, ProtocolError
from sseclaude.events import DONE_MARKER
from tests.tools.markdown import code, frames, table

LEADING_TO = {
    State.EXPECTING: (),
    State.BETWEEN: ("message_start",),
    State.IN_BLOCK: ("message_start", "content_block_start"),
    State.FINISHING: ("message_start", "message_delta"),
    State.DONE: ("message_start", "message_delta", "message_stop"),
    State.FAILED: ("error",),
}
"""A way into each state."""

END = "the end"
ENDING = {"fail", "end"}
"""Actions that set the state themselves."""

PASSED_OVER = {"ignore", "pass_on"}
"""Actions that change no state."""


def states() -> str:
    """Return the states and what they mean."""
    return table(("state", "meaning"), [(code(state.name), state.value) for state in State])


def diagram() -> str:
    """Draw what strict mode allows, by trying each event in each state, and where the other end mark leads."""
    labels: dict[tuple[State, State], list[str]] = {}
    for state, kind, following in _allowed():
        labels.setdefault((state, following), []).append(kind)
    for state in (State.EXPECTING, State.BETWEEN, State.IN_BLOCK, State.FINISHING):
        for end in _ends(state, DONE_MARKER):
            labels.setdefault((state, State[end]), []).append(f"{DONE_MARKER} (lenient)")
    edges = [f"    {one.name} --> {other.name}: {', '.join(kinds)}" for (one, other), kinds in labels.items()]
    last = ["    DONE --> [*]", "    FAILED --> [*]"]
    return "\n".join(("```mermaid", "stateDiagram-v2", "    [*] --> EXPECTING", *edges, *last, "```"))


def _allowed() -> Iterator[tuple[State, str, State]]:
    samples = {body["type"]: body for _, body in (*frames("error_first.sse"), *reversed([*frames("text.sse")]))}
    for state in (State.EXPECTING, State.BETWEEN, State.IN_BLOCK, State.FINISHING):
        for kind, step in TRANSITIONS[state].items():
            if ACTIONS[kind] in PASSED_OVER or not step.acts or kind == DONE_MARKER:
                continue
            assembler = _assembler_in(state, samples)
            if (following := _state_after(assembler, samples[kind])) is not None:
                yield state, kind, following
        assembler = _assembler_in(state, samples)
        if (following := _state_after(assembler, None)) is not None:
            yield state, END, following


def _assembler_in(state: State, samples: Mapping[str, Any]) -> MessageAssembler:
    assembler = MessageAssembler(strict=True)
    for kind in LEADING_TO[state]:
        assembler.feed(samples[kind])
    assert assembler.state is state
    return assembler


def _state_after(assembler: MessageAssembler, body: dict[str, Any] | None) -> State | None:
    """Return the state that follows an event (None: the end), or None if strict mode refuses it."""
    try:
        assembler.close() if body is None else assembler.feed(body)
    except ProtocolError:
        return None
    except APIError:
        pass  # an error event, an end too early: the stream allows them, though they end badly
    return assembler.state


def _ends(state: State, kind: str) -> list[str]:
    """Return the states that an event which ends the stream leads to: by itself, and with a stop_reason before it."""
    reached = []
    for reason in ("end_turn", None):
        assembler = MessageAssembler()
        for leading in LEADING_TO[state]:
            assembler.feed(_leading(leading, reason))
        with suppress(APIError):
            assembler.feed({"type": kind})
        reached.append(assembler.state.name)
    return list(dict.fromkeys(reached))


def _leading(kind: str, reason: str | None) -> dict[str, Any]:
    return {"type": kind, "message": {}, "index": 0, "content_block": {}, "delta": {"stop_reason": reason}}


def transitions() -> str:
    """Return the table of states and events: action, next state, rule."""
    kinds = [*dict.fromkeys(kind for steps in TRANSITIONS.values() for kind in steps if kind != OTHER), OTHER]
    rows = [[code(kind) if kind else "any other", *(_cell(state, kind) for state in State)] for kind in kinds]
    return table(("event", *(code(state.name) for state in State)), rows)


def _cell(state: State, kind: str) -> str:
    step = TRANSITIONS[state].get(kind) or TRANSITIONS[state][OTHER]
    cell = ACTIONS[kind] if step.acts else "ignore"
    if step.following is not None:
        cell += " → " + " / ".join(dict.fromkeys(state.name for state in step.following))
    elif cell in ENDING:
        cell += " → " + " / ".join(_ends(state, kind))
    return cell + (f"; {code(step.rule)}" if step.rule else "")
