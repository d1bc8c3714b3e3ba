"""The state machine: events in, the message they build out.

Purpose: the order in which events may come (``TRANSITIONS``), what each does to the message, and what is forgiven.
Must not know: bytes' origin, clocks, or who looks on; it is fed parsed events and answers with what they changed.
Rule: lenient mode never loses the model's words and never invents any; strict mode refuses the first deviation.

A stream, as the first party sends it:

    message_start
        (content_block_start  content_block_delta*  content_block_stop)*      one index each, counting up from 0
    message_delta+                                                            why it stops, and what it cost
    message_stop

with ``ping`` and unknown events anywhere, and ``error`` anywhere, which ends it. In states:

    EXPECTING --message_start--> BETWEEN --content_block_start--> IN_BLOCK
                                    ^----content_block_stop---------'
                                 BETWEEN --message_delta--> FINISHING --message_stop--> DONE

Every other pair of a state and an event is a deviation: the table says by which rule, and how it is read all the
same. Only what would need invention is refused. Source: PROTOCOL.md, "The grammar", "States", "Deviations".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, NoReturn, TypeAlias

from pydantic import ValidationError

from .block_builder import EVERY_DELTA, NOTHING, OPENED_BY, TOOL_BLOCKS, BlockBuilder, Changes
from .blocks import BLOCKS, ContentBlock, Model, UnknownBlock
from .deviations import Deviation
from .errors import APIError, IncompleteStreamError, Progress, ProtocolError, event_error
from .events import DONE_MARKER, EVENTS, MessageDeltaEvent
from .message import Message, ParsedMessage, merge

EventJSON: TypeAlias = Mapping[str, Any]
"""An event's JSON object."""

MAX_DEVIATIONS = 1000
"""Deviations that are kept; a stream that breaks a rule at every event must not fill the memory."""


class State(Enum):
    """Where a stream stands."""

    EXPECTING = "no message_start yet"
    BETWEEN = "the message has begun, no block is open"
    IN_BLOCK = "a block is open, or several"
    FINISHING = "message_delta has come"
    DONE = "message_stop has come, or the end that stands for it"
    FAILED = "an error event has come, or an end too early"


class MessageAssembler:
    """Assembles one message. Feed it the events in their order; ``close`` it when there are no more.

    ``strict=True`` raises ProtocolError at the first deviation; else they are forgiven and kept in ``deviations``.
    ``output_format``: the type of ``message.parsed_output``. Source: PROTOCOL.md, "How a message is assembled".
    """

    def __init__(self, strict: bool = False, *, output_format: Any = None) -> None:
        self.strict = strict
        self.output_format = output_format
        self.deviations: list[Deviation] = []
        self.event_count = 0
        self.last_event: str | None = None
        self._started = False  # a message_start has come
        self._fields: dict[str, Any] = {}  # the message's top level, as the wire described it
        self._usage: dict[str, Any] = {}
        self._blocks: list[BlockBuilder] = []  # in order of their start
        self._open: dict[int | None, BlockBuilder] = {}  # by index
        self._next_index = 0
        self._final: Message | None = None
        self._enter(State.EXPECTING)

    # --- what it is asked ---

    @property
    def message(self) -> Message | None:
        """The message as far as it has come: a new object at each look, the same once it is whole; or None."""
        if self._final is None and (self._started or self._blocks):
            return self._make_message()
        return self._final

    @property
    def content_begun(self) -> bool:
        """Whether a content block has started."""
        return bool(self._blocks)

    @property
    def progress(self) -> Progress:
        """How far the stream has got; bytes are not counted here."""
        message_id = self._fields.get("id")
        return Progress(self.event_count, 0, self.last_event, message_id if isinstance(message_id, str) else None)

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
        """End the stream. Raises IncompleteStreamError, with the partial message, when the message is not whole."""
        try:
            return self._end()
        except APIError as error:
            self.add_context(error)
            raise

    def apply(self, body: EventJSON) -> Changes:
        """Take one event's JSON: look up its step, note its rule, do it, change state (PROTOCOL.md, "States")."""
        self.event_count += 1
        kind: str = body.get("type", OTHER)
        self.last_event = kind
        try:
            step = self._steps[kind]
        except KeyError:
            step = self._steps[OTHER]
        if step.rule is not None:
            self.note(step.rule, _told(body))
        changes = step.action(self, body)
        if step.following is not None:
            self._enter(step.following.with_open_block if self._open else step.following.without)
        return changes

    def note(self, rule: str, detail: str, *, ahead: int = 0) -> None:
        """Record a deviation, or refuse it if strict (PROTOCOL.md, "Deviations"); ``ahead=1``: at the next event."""
        if self.strict:
            self._refuse(rule, detail, ahead)
        if len(self.deviations) < MAX_DEVIATIONS:
            self.deviations.append(Deviation(rule, self.event_count + ahead, detail))

    def add_context(self, error: APIError) -> None:
        """Give an error what had arrived by now."""
        error.partial_message = error.partial_message or self.message
        error.progress = error.progress or self.progress

    def _refuse(self, rule: str, detail: str, ahead: int = 0) -> NoReturn:
        raise ProtocolError(f"{rule}: {detail}", rule=rule, event_number=self.event_count + ahead)

    def _enter(self, state: State) -> None:
        self.state = state
        self._steps = TRANSITIONS[state]

    # --- the message's top level ---

    def _begin(self, body: EventJSON) -> Changes:
        """message_start: what it says of the message holds until message_delta says otherwise."""
        if self._started and (self._blocks or self.state is State.FINISHING):
            self._refuse("second_message", "message_start after content")
        if self._started:
            self.note("repeated_message_start", "before any content")
        self._started = True
        message = body.get("message")
        if not isinstance(message, Mapping):
            self.note("missing_field" if message is None else "wrong_type", "message")
            return NOTHING
        content = message.get("content")
        self._check("message", message, Message, leave_out={"content"} if isinstance(content, list) else set())
        merge(self._fields, {key: value for key, value in message.items() if key not in ("content", "usage")})
        self._merge_usage(message.get("usage"))
        if isinstance(content, list):
            self._fields["content"] = []
            self._take_early(content)
        return NOTHING

    def _take_early(self, content: list[Any]) -> None:
        """Keep blocks that message_start holds already; the first party sends none."""
        for block in content:
            self.note("content_in_message_start", _kind(block))
            if isinstance(block, Mapping):
                builder = BlockBuilder(None, block)
                builder.close()
                self._blocks.append(builder)

    def _merge_usage(self, usage: Any) -> None:
        if isinstance(usage, Mapping):
            merge(self._usage, usage, deep=True)

    def _finish(self, body: EventJSON) -> Changes:
        """message_delta: its delta, its usage and every other field of its own land on the message."""
        for block in self._owed_a_stop() if self.state is State.IN_BLOCK else ():
            self.note("block_open_at_message_delta", f"{block.kind} {block.index}")
        self._check("message_delta", body, MessageDeltaEvent)
        if isinstance(delta := body.get("delta"), Mapping):
            self._check("delta", delta, Model)
            self._merge_late(delta)
        self._merge_usage(body.get("usage"))
        self._merge_late(body)
        return NOTHING

    def _merge_late(self, fields: EventJSON) -> None:
        merge(self._fields, {key: value for key, value in fields.items() if key not in NEVER_LATE})

    def _check(self, where: str, data: EventJSON, model: type[Model], leave_out: set[str] | None = None) -> None:
        """Note what is absent though it is always sent, and what is not of its type."""
        absent = leave_out or set()
        for field in REQUIRED.get(where, ()):
            if data.get(field) is None and not (field in NULLABLE and field in data):
                self.note("missing_field", f"{where}.{field}")
                absent = absent | {field}
        try:
            model.model_validate({key: value for key, value in data.items() if key not in absent})
        except ValidationError as error:
            for problem in error.errors(include_url=False, include_context=False):
                self.note("wrong_type", f"{where}.{'.'.join(map(str, problem['loc']))}: {problem['msg']}")

    # --- content blocks ---

    def _start_block(self, body: EventJSON) -> Changes:
        index, start = self._index(body), body.get("content_block")
        if index is None:
            index = self._next_index
        if not isinstance(start, Mapping):
            self.note("missing_field" if start is None else "wrong_type", "content_block")
            return NOTHING
        kind = start.get("type")
        self._check(str(kind), start, BLOCKS.get(kind, UnknownBlock) if isinstance(kind, str) else UnknownBlock)
        held = self._note_order(index)
        if kind == "fallback" and isinstance(to := start.get("to"), Mapping) and isinstance(to.get("model"), str):
            self._fields["model"] = to["model"]
        self._add(BlockBuilder(index, start))
        return held

    def _note_order(self, index: int) -> Changes:
        """Note an index that is not the next one. A block still open at it ends here, and gives what it held back."""
        if self._open:
            self.note("overlapping_blocks", f"index {index} starts, open: {list(self._open)}")
        if index < self._next_index:
            self.note("index_reused", f"index {index}")
        elif index > self._next_index:
            self.note("index_gap", f"index {index} where {self._next_index} was due")
        ended = self._open.pop(index, None)
        return self._close_block(ended) if ended is not None else NOTHING

    def _close_block(self, block: BlockBuilder) -> Changes:
        """Close a block that has left the open ones, and give what it held back."""
        if block.kind == "thinking" and not block.signature and not block.data.get("signature"):
            self.note("missing_signature", f"block {block.index}")
        held = block.flush()
        block.close()
        return held

    def _add(self, builder: BlockBuilder) -> None:
        self._blocks.append(builder)
        self._open[builder.index] = builder
        self._next_index = max(self._next_index, builder.index + 1)

    def _index(self, body: EventJSON) -> int | None:
        """Return the event's index; one that is no number is as good as none."""
        index = body.get("index")
        if type(index) is int:
            return index
        self.note("missing_field" if index is None else "wrong_type", "index")
        return None

    def _grow_block(self, body: EventJSON) -> Changes:
        try:
            delta, index = body["delta"], body["index"]
            block = self._open[index]
            take = block.takes[delta["type"]]
        except (KeyError, TypeError):
            return self._place(body)
        if type(index) is not int:  # true and 1.0 find the block 1, but are no index
            return self._place(body)
        return take(block, delta, self.note)

    def _place(self, body: EventJSON) -> Changes:
        """Find the block for a delta whose own does not take it: the only other open one that does, or a new one."""
        index, delta = self._index(body), body.get("delta")
        if not isinstance(delta, Mapping):
            self.note("missing_field" if delta is None else "wrong_type", "delta")
            return NOTHING
        kind = delta.get("type")
        if not isinstance(kind, str) or kind not in EVERY_DELTA:
            return NOTHING  # a delta of unknown type: whole in its event, and nobody knows more
        rule = "delta_block_mismatch" if index in self._open else "delta_for_unopened_block"
        takers = [block for block in self._open.values() if kind in block.takes]
        if len(takers) == 1:
            self.note(rule, f"{kind} for index {index} goes to {takers[0].kind} {takers[0].index}")
            return takers[0].takes[kind](takers[0], delta, self.note)
        return self._open_by(kind, index, delta)

    def _open_by(self, kind: str, index: int | None, delta: EventJSON) -> Changes:
        if kind in OPENED_BY:
            self.note("missing_block_start", f"{kind} for index {index} opens a {OPENED_BY[kind]} block")
            free = self._next_index if index is None or index in self._open else index
            builder = BlockBuilder(free, {"type": OPENED_BY[kind]}, implied=True)
            self._add(builder)
            return builder.takes[kind](builder, delta, self.note)
        if kind == "input_json_delta" and delta.get("partial_json"):
            self._refuse("tool_never_named", f"tool JSON for index {index}, where no open tool can take it")
        self.note("delta_not_taken", f"{kind} for index {index}")
        return NOTHING

    def _stop_block(self, body: EventJSON) -> Changes:
        index = self._index(body)
        if index is None and len(self._open) == 1:
            (index,) = self._open
        block = self._open.pop(index, None)
        if block is None:
            self.note("stop_for_unopened_block", f"index {index}")
            return NOTHING
        return (*self._close_block(block), ("content_block_stop", block.close(), index))

    # --- ends ---

    def _stop(self, body: EventJSON) -> Changes:
        """message_stop: the message is whole."""
        if self._fields.get("stop_reason") is None:
            self.note("missing_message_delta", "there is no stop_reason")
        for block in self._owed_a_stop():
            self.note("block_never_stopped", f"{block.kind} {block.index}")
        return self._complete()

    def _owed_a_stop(self) -> list[BlockBuilder]:
        return [block for block in self._open.values() if not block.implied]

    def _complete(self) -> Changes:
        held = tuple(change for block in self._open.values() for change in block.flush())
        self._final = self._make_message()
        return (*held, ("message_stop", self._final, None))

    def _end(self) -> Changes:
        """The input ends, soundly or too early (PROTOCOL.md, "How a stream ends")."""
        if self.state in (State.DONE, State.FAILED):
            return NOTHING
        stopped = self.state is State.FINISHING and self._fields.get("stop_reason") is not None
        if stopped and not self._owed_a_stop() and not self.strict:
            self.note("missing_message_stop", "the stream ended after its stop_reason")
            changes = self._complete()
            self._enter(State.DONE)
            return changes
        where = self._where()
        self._enter(State.FAILED)
        raise IncompleteStreamError(f"the stream ended before the message did: {where}")

    def _where(self) -> str:
        if self._open:
            return "inside " + ", ".join(f"{block.kind} block {block.index}" for block in self._open.values())
        return {State.EXPECTING: "no message_start came", State.FINISHING: "no message_stop came"}.get(
            self.state, "no message_delta came"
        )

    def _done_marker(self, body: EventJSON) -> Changes:
        self.note("done_marker", "[DONE]")
        return self._end()

    def _fail(self, body: EventJSON) -> NoReturn:
        self._enter(State.FAILED)
        raise event_error(body)

    def _nothing_to_stop(self, body: EventJSON) -> NoReturn:
        self._refuse("nothing_to_stop", "message_stop before any message")

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
            content: list[ContentBlock] = [block.block() for block in self._blocks]
            message.content = content
        return message


def _kind(value: Any) -> str:
    return f"{value.get('type')} block" if isinstance(value, Mapping) else type(value).__name__


def _told(body: EventJSON) -> str:
    return f"{body.get('type')} {body['index']}" if "index" in body else str(body.get("type"))


REQUIRED: dict[str, tuple[str, ...]] = {
    "message": ("id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"),
    "message_delta": ("delta", "usage"),
    "delta": ("stop_reason", "stop_sequence"),
    "text": ("text",),
    "thinking": ("thinking", "signature"),
    "redacted_thinking": ("data",),
    **dict.fromkeys(TOOL_BLOCKS, ("id", "name", "input")),
}
"""The fields that the first party always sends, by the object that they are in (PROTOCOL.md, "Deviations")."""

NULLABLE = frozenset({"stop_reason", "stop_sequence"})
"""Of these, the fields that may be null, though not absent."""

NEVER_LATE = frozenset({"type", "delta", "content", "usage"})
"""Fields that message_delta does not bring to the message's top level (PROTOCOL.md, "How a message is assembled")."""


# --- the table -----------------------------------------------------------------------------------------------------


class Following(NamedTuple):
    """The state that follows a step: it may depend on whether a block is open then."""

    without: State
    with_open_block: State


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event does in a state: the action, the state that follows (None: the same), the rule it breaks."""

    action: Callable[[MessageAssembler, EventJSON], Changes]
    following: Following | None = None
    rule: str | None = None


OTHER = ""
"""The row for events of unknown type; empty data, which has no type at all, falls here too."""

_begin, _start_block, _grow = MessageAssembler._begin, MessageAssembler._start_block, MessageAssembler._grow_block
_stop_block, _finish, _stop = MessageAssembler._stop_block, MessageAssembler._finish, MessageAssembler._stop
_BY_BLOCKS = Following(State.BETWEEN, State.IN_BLOCK)
_TO_FINISHING = Following(State.FINISHING, State.FINISHING)
_TO_DONE = Following(State.DONE, State.DONE)
_ANYWHERE: dict[str, Transition] = {
    "ping": Transition(MessageAssembler._ignore),
    "error": Transition(MessageAssembler._fail),
    DONE_MARKER: Transition(MessageAssembler._done_marker),
    OTHER: Transition(MessageAssembler._ignore),
}
_AFTER_THE_END = Transition(MessageAssembler._ignore, None, "event_after_message_stop")

TRANSITIONS: dict[State, dict[str, Transition]] = {
    State.EXPECTING: {
        **_ANYWHERE,
        "message_start": Transition(_begin, _BY_BLOCKS),
        "content_block_start": Transition(_start_block, _BY_BLOCKS, "missing_message_start"),
        "content_block_delta": Transition(_grow, _BY_BLOCKS, "missing_message_start"),
        "content_block_stop": Transition(_stop_block),
        "message_delta": Transition(_finish, _TO_FINISHING, "missing_message_start"),
        "message_stop": Transition(MessageAssembler._nothing_to_stop),
    },
    State.BETWEEN: {
        **_ANYWHERE,
        "message_start": Transition(_begin),
        "content_block_start": Transition(_start_block, _BY_BLOCKS),
        "content_block_delta": Transition(_grow, _BY_BLOCKS),
        "content_block_stop": Transition(_stop_block),
        "message_delta": Transition(_finish, _TO_FINISHING),
        "message_stop": Transition(_stop, _TO_DONE),
    },
    State.IN_BLOCK: {
        **_ANYWHERE,
        "message_start": Transition(_begin),
        "content_block_start": Transition(_start_block, _BY_BLOCKS),
        "content_block_delta": Transition(_grow),
        "content_block_stop": Transition(_stop_block, _BY_BLOCKS),
        "message_delta": Transition(_finish, _TO_FINISHING),
        "message_stop": Transition(_stop, _TO_DONE),
    },
    State.FINISHING: {
        **_ANYWHERE,
        "message_start": Transition(_begin),
        "content_block_start": Transition(_start_block, None, "content_after_message_delta"),
        "content_block_delta": Transition(_grow, None, "content_after_message_delta"),
        "content_block_stop": Transition(_stop_block),
        "message_delta": Transition(_finish),
        "message_stop": Transition(_stop, _TO_DONE),
    },
    State.DONE: {
        **dict.fromkeys((*EVENTS, OTHER), _AFTER_THE_END),
        "ping": _ANYWHERE["ping"],
        DONE_MARKER: _ANYWHERE[DONE_MARKER],
    },
    State.FAILED: {OTHER: _ANYWHERE[OTHER]},
}
"""State × event → step. Events of other types take the row ``OTHER`` (PROTOCOL.md, "States")."""
