"""The state machine: events in, the message out.

Purpose: which event may come in which state (``TRANSITIONS``), what each event does to the message (``ACTIONS``), and
which deviations are tolerated.
Must not know: bytes, time, or the users of the message; it takes parsed events and returns what they changed.
Rule: lenient mode never loses the model's words and never invents any; strict mode refuses the first deviation.

A stream, as the Anthropic API sends it:

    message_start
        (content_block_start  content_block_delta*  content_block_stop)*      one index each, counting up from 0
    message_delta+                                                            stop reason and usage
    message_stop

``ping`` and unknown events may come anywhere. ``error`` may come anywhere, and ends the stream. As states:

    EXPECTING --message_start--> BETWEEN --content_block_start--> IN_BLOCK
                                    ^----content_block_stop---------'
                                 BETWEEN --message_delta--> FINISHING --message_stop--> DONE

Every other pair of a state and an event is a deviation. The table has the rules that follow from the pair alone. The
actions have the rules that need more: for a second message_start, whether a block has come; for deltas, and for a stop
in FINISHING, whether the block is open and of which kind; for message_delta and message_stop while a block is open,
whether a delta opened it; for message_stop without a stop_reason, whether message_start had one. Lenient mode refuses
only what it could not read without inventing content.

Source: PROTOCOL.md, "The grammar", "States", "Deviations".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, NamedTuple, NoReturn, TypeAlias

from .block_builder import NOTHING, Changes
from .blocks import Model, TextBlock
from .content import SHOWN, Content
from .content.checks import faults
from .deviations import REFUSED, Deviation
from .errors import APIError, IncompleteStreamError, Progress, ProtocolError, event_error
from .events import DONE_MARKER, EVENTS
from .message import Message, ParsedMessage, merge

EventJSON: TypeAlias = Mapping[str, Any]
"""An event's JSON object."""

MAX_DEVIATIONS = 1000
"""Deviations that are kept; a stream that breaks a rule at every event must not fill the memory."""

UNTYPED = "message"
"""The type of a frame that names none (WHATWG HTML, 9.2.6): no event of the API has it."""

FOREIGN_EVENTS = 3
"""Events of unknown type, and none of a known one, that make a stream another protocol's: a gateway may well send one
event of its own ahead of a message that then does not come."""


# --- the table -----------------------------------------------------------------------------------------------------


class State(Enum):
    """The state of a stream."""

    EXPECTING = "no message_start yet"
    BETWEEN = "the message has begun, no block is open"
    IN_BLOCK = "a block is open, or several"
    FINISHING = "message_delta has come"
    DONE = "message_stop has come, or the end that stands for it"
    FAILED = "an error event has come, or an end too early"


class Following(NamedTuple):
    """The next state after an event, which may depend on whether a block is open then."""

    without: State
    with_open_block: State


class Transition(NamedTuple):
    """The effect of an event in a state: the next state (None: the same), the rule that the pair breaks, and
    whether the event's action is done."""

    following: Following | None = None
    rule: str | None = None
    acts: bool = True


OTHER = ""
"""The row for events of unknown type; empty data, which has no type at all, falls here too."""

BY_BLOCKS = Following(State.BETWEEN, State.IN_BLOCK)
TO_FINISHING = Following(State.FINISHING, State.FINISHING)
TO_DONE = Following(State.DONE, State.DONE)
STAY = Transition()
IGNORED = Transition(acts=False)
DONE_MARK = Transition(None, "done_marker")
NO_BLOCK_OPEN = Transition(None, "stop_for_unopened_block", acts=False)
AFTER_THE_END = Transition(None, "event_after_message_stop", acts=False)
ANYWHERE = {"ping": STAY, "error": STAY, DONE_MARKER: DONE_MARK, OTHER: STAY}

TRANSITIONS: dict[State, dict[str, Transition]] = {
    State.EXPECTING: {
        **ANYWHERE,
        "message_start": Transition(BY_BLOCKS),
        "content_block_start": Transition(BY_BLOCKS, "missing_message_start"),
        "content_block_delta": Transition(BY_BLOCKS, "missing_message_start"),
        "content_block_stop": NO_BLOCK_OPEN,
        "message_delta": Transition(TO_FINISHING, "missing_message_start"),
        "message_stop": Transition(None, "nothing_to_stop", acts=False),
    },
    State.BETWEEN: {
        **ANYWHERE,
        "message_start": STAY,
        "content_block_start": Transition(BY_BLOCKS),
        "content_block_delta": Transition(BY_BLOCKS),
        "content_block_stop": NO_BLOCK_OPEN,
        "message_delta": Transition(TO_FINISHING),
        "message_stop": Transition(TO_DONE),
    },
    State.IN_BLOCK: {
        **ANYWHERE,
        "message_start": STAY,
        "content_block_start": Transition(BY_BLOCKS),
        "content_block_delta": STAY,
        "content_block_stop": Transition(BY_BLOCKS),
        "message_delta": Transition(TO_FINISHING),
        "message_stop": Transition(TO_DONE),
    },
    State.FINISHING: {
        **ANYWHERE,
        "message_start": STAY,
        "content_block_start": Transition(None, "content_after_message_delta"),
        "content_block_delta": Transition(None, "content_after_message_delta"),
        "content_block_stop": STAY,
        "message_delta": STAY,
        "message_stop": Transition(TO_DONE),
    },
    State.DONE: {
        **dict.fromkeys((*EVENTS, OTHER), AFTER_THE_END),
        "ping": IGNORED,
        DONE_MARKER: Transition(None, "done_marker", acts=False),
    },
    State.FAILED: {OTHER: IGNORED},
}
"""State × event → step. Events of other types take the row ``OTHER`` (PROTOCOL.md, "States")."""

ACTIONS: dict[str, str] = {
    "message_start": "begin",
    "content_block_start": "start_block",
    "content_block_delta": "grow_block",
    "content_block_stop": "stop_block",
    "message_delta": "finish",
    "message_stop": "stop",
    "ping": "ignore",
    "error": "fail",
    DONE_MARKER: "end",
    OTHER: "pass_on",
}
"""What each event does, by the name of the method (PROTOCOL.md, "States" and "How a message is assembled")."""

NEVER_LATE = frozenset({"type", "delta", "content", "usage"})
"""Fields that message_delta does not bring to the message's top level (PROTOCOL.md, "How a message is assembled")."""

CUT_REASONS = frozenset({"max_tokens", "model_context_window_exceeded"})
"""Stop reasons that may cut a tool call between its name and its input."""

NOT_UNDERSTOOD = frozenset({"wrong_type", "delta_not_taken", "tool_input_not_read", "stop_for_unopened_block"})
"""Rules whose breach may be why a stream never comes to its end."""


_input_of = re.compile(r"(content_block|message\.content\.\d+)\.input(?:\.|\Z)").match
"""Matches the place of a number inside a tool's input that came in the block's start, or in message_start."""


# --- the machine ---------------------------------------------------------------------------------------------------


class MessageAssembler:
    """Assembles one message. Feed it the events in their order; ``close`` it when there are no more.

    ``strict=True`` raises ProtocolError at the first deviation; otherwise deviations are noted in ``deviations``.
    ``output_format``: the type of ``message.parsed_output``. Source: PROTOCOL.md, "How a message is assembled".
    """

    def __init__(self, strict: bool = False, *, output_format: Any = None) -> None:
        self.strict = strict
        self.output_format = output_format
        self.deviations: list[Deviation] = []
        self.event_count = 0
        self.last_event: str | None = None
        self.not_understood: str | None = None  # the first thing that was not, for the error at the end
        self._refused_count = 0
        self._unknown_events = 0  # before the first of a known type
        self._started = False  # a message_start has come
        self._fields: dict[str, Any] = {}  # the message's top level, as the wire described it
        self._usage: dict[str, Any] = {}
        self._lossy_event, self._lossy = 0, set[str]()  # an event, and the places of its blocks that lost a number
        self._content = Content(self.note, self.did_not_understand)
        self._blocks, self._open = self._content.blocks, self._content.open
        self._final: Message | None = None
        self._enter(State.EXPECTING)

    # --- what it has come to ---

    @property
    def message(self) -> Message | None:
        """The message so far, or None: a new object at each access, the same object once it is complete."""
        if self._final is None and (self._started or self._blocks):
            return self._make_message()
        return self._final

    @property
    def content_begun(self) -> bool:
        """Whether a content block has started."""
        return bool(self._blocks)

    @property
    def progress(self) -> Progress:
        """How far the stream has come; bytes are not counted here."""
        message_id = self._fields.get("id")
        events = self.event_count - self._refused_count
        return Progress(events, 0, self.last_event, message_id if isinstance(message_id, str) else None)

    # --- what it is fed ---

    def feed(self, event: Model | EventJSON) -> Changes:
        """Take an event (a model, or its JSON object) and return what it changed.

        Raises ProtocolError for what cannot be read and APIStatusError for an ``error`` event, each with the
        partial message.
        """
        try:
            return self.apply(event.to_dict() if isinstance(event, Model) else event)
        except APIError as error:
            self.add_context(error)
            raise

    def close(self) -> Changes:
        """End the stream. Raises IncompleteStreamError, with the partial message, if the message is not complete."""
        try:
            return self._end()
        except APIError as error:
            self.add_context(error)
            raise

    def apply(self, body: EventJSON) -> Changes:
        """Process one event's JSON: look up its step, note its rule, act, change state (PROTOCOL.md, "States")."""
        self.event_count += 1
        kind: str = body.get("type", OTHER)
        self.last_event = kind
        try:
            step = self._steps[kind]
        except KeyError:
            step = self._steps[OTHER]
        if step.rule is not None:
            self.note(step.rule, _described(body))
        changes = step.action(self, body)
        if step.following is not None:
            self._enter(step.following.with_open_block if self._open else step.following.without)
        return changes

    def note(self, rule: str, detail: str, *, ahead: int = 0) -> None:
        """Record a deviation, or refuse it if strict (PROTOCOL.md, "Deviations"); ``ahead=1``: at the next event."""
        if self.strict or rule in REFUSED:
            self._refuse(rule, detail, ahead)
        if rule in NOT_UNDERSTOOD:
            self.did_not_understand(f"{rule}, {detail}", ahead)
        if len(self.deviations) < MAX_DEVIATIONS:
            self.deviations.append(Deviation(rule, self.event_count + ahead, detail))

    def lose_number(self, place: str) -> None:
        """Note a number of the next event that was too large and became null: a tool's input with it is incomplete."""
        self.note("number_out_of_range", place, ahead=1)
        if self._lossy_event != self.event_count + 1:
            self._lossy_event, self._lossy = self.event_count + 1, set()
        if found := _input_of(place):
            self._lossy.add(found[1])
        self._content.lose_number(place)

    def expect_lossy(self, indices: Iterable[int]) -> None:
        """Mark the tools that will start at these indices: numbers in their input became null, so it is incomplete."""
        self._content.lossy.update(indices)

    def count_refused(self, *, waiting: int = 0) -> int:
        """Count an event that was refused before it came here, after ``waiting`` others; return its number."""
        self.event_count += 1
        self._refused_count += 1
        return self.event_count + waiting

    def add_context(self, error: APIError) -> None:
        """Add to an error the partial message and the progress."""
        error.partial_message = error.partial_message or self.message
        error.progress = error.progress or self.progress

    def _refuse(self, rule: str, detail: str, ahead: int = 0) -> NoReturn:
        raise ProtocolError(f"{rule}: {detail}", rule=rule, event_number=self.event_count + ahead)

    def did_not_understand(self, what: str, ahead: int = 0) -> None:
        """Remember the first thing that was not understood, for the error at the end of the stream."""
        self.not_understood = self.not_understood or f"event {self.event_count + ahead}: {what}"

    def _enter(self, state: State) -> None:
        self.state = state
        self._steps = STEPS[state]

    # --- the message's top level ---

    def _begin(self, body: EventJSON) -> Changes:
        """message_start: what it says of the message holds until message_delta says otherwise."""
        if self._started and (self._blocks or self.state is State.FINISHING):
            self.note("second_message", "message_start after content")
        if self._started:
            self.note("repeated_message_start", "before any content")
        self._started = True
        message = body.get("message")
        if not isinstance(message, Mapping):
            self.note("missing_field" if message is None else "wrong_type", "message")
            self.did_not_understand("no message")
            return NOTHING
        content = message.get("content")
        taken = isinstance(content, list)
        self._note_all(faults("message", message, leave_out=frozenset({"content"}) if taken else frozenset()))
        merge(self._fields, {key: value for key, value in message.items() if key not in ("content", "usage")})
        self._merge_usage(message.get("usage"))
        if isinstance(content, str):
            content = [content] if content else []
        if isinstance(content, list):
            self._fields["content"] = []
            self._content.take_early(content, self._lossy if self._lossy_event == self.event_count else ())
        return NOTHING

    def _note_all(self, found: Iterable[tuple[str, str]]) -> None:
        for rule, detail in found:
            self.note(rule, detail)

    def _merge_usage(self, usage: Any) -> None:
        """Merge totals (PROTOCOL.md, "Usage")."""
        if not isinstance(usage, Mapping):
            return
        kept = {}
        for field in ("input_tokens", "output_tokens"):
            former = self._usage.get(field)
            if type(usage.get(field)) is int and usage[field] == 0 and type(former) is int and former > 0:
                self.note("usage_back_to_zero", f"{field} was {former}")
                kept[field] = former
        merge(self._usage, {**usage, **kept} if kept else usage, deep=True)

    def _finish(self, body: EventJSON) -> Changes:
        """message_delta: its delta, its usage and every other field of its own land on the message."""
        for block in self._content.owed_a_stop() if self.state is State.IN_BLOCK else ():
            self.note("block_open_at_message_delta", f"{block.kind} {block.index}")
        self._note_all(faults("message_delta", body))
        usage = body.get("usage")
        if isinstance(delta := body.get("delta"), Mapping):
            self._note_all(faults("delta", delta))
            if not (isinstance(usage, Mapping) and usage) and isinstance(inner := delta.get("usage"), Mapping):
                self.note("usage_in_delta", "message_delta.delta.usage")
                usage = inner
            self._merge_late(delta)
        self._merge_usage(usage)
        self._merge_late(body)
        return NOTHING

    def _merge_late(self, fields: EventJSON) -> None:
        merge(self._fields, {key: value for key, value in fields.items() if key not in NEVER_LATE})

    # --- content blocks ---

    def _start_block(self, body: EventJSON) -> Changes:
        """content_block_start: a fallback block names the model that answers from here on."""
        lossy = self._lossy_event == self.event_count and "content_block" in self._lossy
        held = self._content.start(body, lossy=lossy)
        start = body.get("content_block")
        to = start.get("to") if isinstance(start, Mapping) and start.get("type") == "fallback" else None
        if isinstance(to, Mapping) and isinstance(to.get("model"), str):
            self._fields["model"] = to["model"]
        return held

    def _stop_block(self, body: EventJSON) -> Changes:
        changes = self._content.stop(body)
        if self.output_format is not None:
            self._expect(block for change, block, _ in changes if change == "content_block_stop")
        return changes

    def _expect(self, blocks: Iterable[Any]) -> None:
        """Say on blocks of text which type was asked for."""
        for block in blocks:
            if isinstance(block, TextBlock):
                block.expect(self.output_format)

    def _grow_block(self, body: EventJSON) -> Changes:
        try:
            delta, index = body["delta"], body["index"]
            block = self._open[index]
            take = block.takes[delta["type"]]
        except (KeyError, TypeError):
            return self._content.place(body)
        if type(index) is not int:  # true and 1.0 find the block 1, but are no index
            return self._content.place(body)
        return take(block, delta, self.note)

    # --- ends ---

    def _stop(self, body: EventJSON) -> Changes:
        """message_stop: the message is complete."""
        if self._fields.get("stop_reason") is None:
            self.note("missing_message_delta", "there is no stop_reason")
        for block in self._content.owed_a_stop():
            self.note("block_never_stopped", f"{block.kind} {block.index}")
        return self._complete()

    def _complete(self) -> Changes:
        held = tuple(change for block in self._open.values() for change in block.flush())
        self._final = self._make_message()
        return (*held, ("message_stop", self._final, None))

    def _end(self, body: EventJSON | None = None) -> Changes:
        """The input ends, or ``[DONE]`` says so, soundly or too early (PROTOCOL.md, "How a stream ends")."""
        if self.state in (State.DONE, State.FAILED):
            return NOTHING
        stopped = self.state is State.FINISHING and self._fields.get("stop_reason") is not None
        if stopped and not self._content.owed_a_stop() and not self.strict:
            self.note("missing_message_stop", "the stream ended after its stop_reason")
            changes = self._complete()
            self._enter(State.DONE)
            return changes
        where, first = self._where(), self.not_understood
        foreign = self.state is State.EXPECTING and self._unknown_events >= FOREIGN_EVENTS
        self._enter(State.FAILED)
        if foreign:
            raise ProtocolError(f"the stream is not the Messages API's: {first}", rule="not_an_event_stream")
        behind = f"; the first that was not understood was {first}" if first else ""
        raise IncompleteStreamError(f"the stream ended before the message did: {where}{behind}")

    def _where(self) -> str:
        if self._open:
            return f"inside {self._content.described()}"
        return {State.EXPECTING: "no message_start came", State.FINISHING: "no message_stop came"}.get(
            self.state, "no message_delta came"
        )

    def _fail(self, body: EventJSON) -> NoReturn:
        self._enter(State.FAILED)
        raise event_error(body)

    def _pass_on(self, body: EventJSON) -> Changes:
        """An event of unknown type: it changes nothing, and is kept for the error at the end."""
        kind = body.get("type")
        if kind:
            if self.not_understood is None:
                self.did_not_understand(f"{str(kind)[:SHOWN]}, {str(dict(body))[:SHOWN]}")
            self._unknown_events += FOREIGN_EVENTS if kind == UNTYPED else 1
        return NOTHING

    def _ignore(self, body: EventJSON) -> Changes:
        return NOTHING

    # --- the result ---

    def _make_message(self) -> Message:
        fields = {**self._fields, "usage": self._usage} if self._usage else self._fields
        message: Message
        if self.output_format is None:
            message = Message.from_wire(fields)
        else:
            message = ParsedMessage.of(fields, self.output_format)
        if self._blocks:
            message.content = self._content.made(cut=str(self._fields.get("stop_reason")) in CUT_REASONS)
            if self.output_format is not None:
                self._expect(message.content)
        return message


def _described(body: EventJSON) -> str:
    return f"index {body['index']}" if "index" in body else str(body.get("type"))


class Step(NamedTuple):
    """A transition, with its action as a function."""

    action: Callable[[MessageAssembler, EventJSON], Changes]
    following: Following | None
    rule: str | None


def _step(kind: str, transition: Transition) -> Step:
    action = getattr(MessageAssembler, f"_{ACTIONS[kind] if transition.acts else 'ignore'}")
    return Step(action, transition.following, transition.rule)


STEPS = {state: {kind: _step(kind, row) for kind, row in rows.items()} for state, rows in TRANSITIONS.items()}
"""``TRANSITIONS`` and ``ACTIONS`` in one, as the machine runs them."""
