"""The wire's events as objects: built from JSON, or from a complete message.

Purpose: ``named`` decides an event's type, ``build`` turns its JSON into a frozen model, and ``parse`` turns a
server-sent event into that model. ``from_message`` does the opposite: it turns a Message into events.
Must not know: the order in which events may come (the assembler's task), or the network.
Rule: the JSON's ``type`` decides what an event is. An unknown event keeps all its fields, and is never read as one of a
known type.

The reader and the assembler work on parsed JSON; models are built only when a caller uses the events.
Source: PROTOCOL.md, "Events" and "Deltas".
"""

# Annotations are evaluated here, not strings: pydantic would compile each of them when the class is made.

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, TypeAlias

from pydantic import ConfigDict, Field
from pydantic_core import SchemaValidator, core_schema

from .blocks import (
    AnyCitation,
    Block,
    ContentBlock,
    Int,
    Model,
    Open,
    by_type,
    discriminated,
)
from .errors import is_error
from .event_json import DONE_MARKER as DONE_MARKER  # noqa: PLC0414 (the modules above import it from here)
from .event_json import GROWING, GROWS, read
from .message import Container, ContextManagement, Message, StopDetails, Usage
from .sse import SURROGATE, ServerSentEvent

if TYPE_CHECKING:
    from .message_details import InputTransformation
else:
    from .message import InputTransformation  # the type that imports its models late


class Frame(Protocol):
    """The argument of ``parse``: any object with the type and the data of a server-sent event."""

    @property
    def event(self) -> str:
        """The type that the ``event:`` line gave, "message" without one."""
        ...

    @property
    def data(self) -> str:
        """The data lines, joined with LF."""
        ...


class FrozenModel(Model):
    """The base of events and deltas: once yielded they never change."""

    model_config = ConfigDict(frozen=True)

    def to_sse(self) -> ServerSentEvent | None:
        """Return the server-sent event that carries this event on the wire; None if none does."""
        return to_sse(self)


# --- deltas ------------------------------------------------------------------------------------------------------


class TextDelta(FrozenModel):
    """More text."""

    type: Literal["text_delta"] = "text_delta"
    text: str = ""


class InputJSONDelta(FrozenModel):
    """More of a tool's input, as a fragment of JSON text."""

    type: Literal["input_json_delta"] = "input_json_delta"
    partial_json: str = ""


class ThinkingDelta(FrozenModel):
    """More thinking."""

    type: Literal["thinking_delta"] = "thinking_delta"
    thinking: str = ""
    estimated_tokens: Int | None = None


class SignatureDelta(FrozenModel):
    """The signature of a thinking block, or a part of it."""

    type: Literal["signature_delta"] = "signature_delta"
    signature: str = ""


class CitationsDelta(FrozenModel):
    """One citation of the text that follows it."""

    type: Literal["citations_delta"] = "citations_delta"
    citation: AnyCitation | None = None


class CompactionDelta(FrozenModel):
    """The summary of a compaction block; null says nothing."""

    type: Literal["compaction_delta"] = "compaction_delta"
    content: str | None = None
    encrypted_content: str | None = None


class UnknownDelta(FrozenModel):
    """A delta of a type that this version does not know, with everything in it."""

    if TYPE_CHECKING:  # see blocks.UnknownBlock
        type: Literal["unknown"] = "unknown"

        def __getattr__(self, name: str) -> Any: ...

    else:
        type: str = ""


KnownDelta: TypeAlias = TextDelta | InputJSONDelta | ThinkingDelta | SignatureDelta | CitationsDelta | CompactionDelta
DELTAS: dict[str, type[Model]] = by_type(KnownDelta)
Delta: TypeAlias = Annotated[KnownDelta | UnknownDelta, discriminated(DELTAS, UnknownDelta, often=True)]


# --- the wire's events -------------------------------------------------------------------------------------------


class MessageStartEvent(FrozenModel):
    """The first event: the message without its content."""

    type: Literal["message_start"] = "message_start"
    message: Message = Field(default_factory=Message)


class ContentBlockStartEvent(FrozenModel):
    """A block begins; result blocks are complete already."""

    type: Literal["content_block_start"] = "content_block_start"
    index: Int = 0
    content_block: ContentBlock


class ContentBlockDeltaEvent(FrozenModel):
    """A block grows."""

    type: Literal["content_block_delta"] = "content_block_delta"
    index: Int = 0
    delta: Delta


class RawContentBlockStopEvent(FrozenModel):
    """A block ends: the event as it is on the wire."""

    type: Literal["content_block_stop"] = "content_block_stop"
    index: Int = 0


class MessageDelta(FrozenModel):
    """What ``message_delta`` changes at the message's top level."""

    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: StopDetails | None = None
    container: Container | None = None


class MessageDeltaEvent(FrozenModel):
    """The message is about to end: stop reason and usage. Unknown fields belong on the message."""

    type: Literal["message_delta"] = "message_delta"
    delta: MessageDelta = Field(default_factory=MessageDelta)
    usage: Usage = Field(default_factory=Usage)
    context_management: ContextManagement | None = None
    input_transformations: list[InputTransformation] | None = None


class RawMessageStopEvent(FrozenModel):
    """The last event: as it is on the wire."""

    type: Literal["message_stop"] = "message_stop"


class PingEvent(FrozenModel):
    """A keep-alive."""

    type: Literal["ping"] = "ping"


class ErrorDetail(FrozenModel):
    """What went wrong: ``type`` as listed in PROTOCOL.md, "Errors", or any other."""

    type: str = ""
    message: str = ""
    details: Open = None


class ErrorEvent(FrozenModel):
    """The request failed after the response had begun."""

    type: Literal["error"] = "error"
    error: ErrorDetail = Field(default_factory=ErrorDetail)
    request_id: str | None = None


class UnknownEvent(FrozenModel):
    """An event of a type that this version does not know, with everything in it."""

    if TYPE_CHECKING:  # see blocks.UnknownBlock
        type: Literal["unknown"] = "unknown"

        def __getattr__(self, name: str) -> Any: ...

    else:
        type: str = ""


KnownEvent: TypeAlias = (
    MessageStartEvent
    | ContentBlockStartEvent
    | ContentBlockDeltaEvent
    | RawContentBlockStopEvent
    | MessageDeltaEvent
    | RawMessageStopEvent
    | PingEvent
    | ErrorEvent
)
RawMessageStreamEvent: TypeAlias = KnownEvent | UnknownEvent
"""What ``messages.create(stream=True)`` yields: the wire's events."""

EVENTS: dict[str, type[FrozenModel]] = by_type(KnownEvent)


# --- from bytes to events ----------------------------------------------------------------------------------------


def parse(frame: Frame) -> RawMessageStreamEvent:
    """Make the event of a server-sent event (ours, httpx-sse's, or any object with ``event`` and ``data``).

    ``[DONE]`` and empty data become an UnknownEvent. Raises ProtocolError, with the frame, for malformed JSON.
    """
    data = getattr(frame, "raw", None) or frame.data
    return (read_plain(data) if frame.event == GROWS else None) or build(named(frame.event, read(data, frame.event)))


def build(body: Mapping[str, Any]) -> RawMessageStreamEvent:
    """Make the frozen model of one event's JSON. Never raises: a field of the wrong type is kept as it came.

    Source: PROTOCOL.md, "Events".
    """
    kind = body.get("type")
    model = EVENTS.get(kind, UnknownEvent) if isinstance(kind, str) else UnknownEvent
    return model.from_wire(body)  # type: ignore[return-value]


def read_plain(data: bytes | str) -> ContentBlockDeltaEvent | None:
    """Read a delta of growing text without further fields directly from its JSON, as nine of ten events are.

    The result equals ``build(read(data))``; for any other event, and for malformed JSON, it is None.
    """
    try:
        event: ContentBlockDeltaEvent = _validate_plain(data)
    except (ValueError, TypeError):
        return None
    return None if _may_hold_nan(data) else event


def _may_hold_nan(data: bytes | str) -> bool:
    """Whether data may hold a number that JSON has not: the validator lets it pass where its key comes again."""
    if isinstance(data, str):
        return "NaN" in data or "Infinity" in data
    return (LETTER_N in data and b"NaN" in data) or (LETTER_I in data and b"Infinity" in data)


LETTER_N, LETTER_I = b"NI"  # as numbers: to look for one byte in bytes is cheaper than to look for bytes


def _plain_schema() -> core_schema.CoreSchema:
    """Describe that event, without what the models allow besides: half the price of the models' own schemas."""

    def refuse(unknown: object) -> object:
        raise ValueError("a field besides")

    none_besides = core_schema.no_info_plain_validator_function(refuse)
    absent = core_schema.with_default_schema(none_besides, default=None)

    def exactly(model: type[Model], **fields: core_schema.CoreSchema) -> core_schema.CoreSchema:
        unsent = {name: absent for name, field in model.model_fields.items() if field.default is None}
        described = {name: core_schema.model_field(schema) for name, schema in (fields | unsent).items()}
        # Not "forbid": the event is to be like any other, with a place for unknown fields, though nothing is in it.
        shape = core_schema.model_fields_schema(described, extra_behavior="allow", extras_schema=none_besides)
        return core_schema.model_schema(model, shape)

    literal, text = core_schema.literal_schema, core_schema.str_schema(strict=True)
    deltas = {kind: exactly(DELTAS[kind], type=literal([kind]), **{field: text}) for kind, field in GROWING.items()}
    delta = core_schema.tagged_union_schema(deltas, discriminator="type")
    return exactly(
        ContentBlockDeltaEvent, type=literal([GROWS]), index=core_schema.int_schema(strict=True), delta=delta
    )


_validate_plain = SchemaValidator(_plain_schema()).validate_json


def named(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the object with a ``type``: its own, else the frame's, or ``error`` if it has the shape of an error.

    An object whose own type is none of the API's and that has the shape of an error becomes the ``error`` of an
    event. Source: PROTOCOL.md, "Events".
    """
    own = body.get("type")
    if isinstance(own, str):
        return body if own in EVENTS or not is_error(body) else {"type": "error", "error": body}
    return {**body, "type": "error" if kind == "message" and ("error" in body or is_error(body)) else kind}


# --- back to the wire --------------------------------------------------------------------------------------------

PIECE = 24
"""Characters of a delta that ``from_message`` makes: about what the API sends at a time."""


def to_sse(event: FrozenModel) -> ServerSentEvent:
    """Make the server-sent event that carries an event of the wire."""
    body = event.to_dict()
    data = json.dumps(body, ensure_ascii=False)
    if not data.isascii() and SURROGATE(data.encode("utf-8", "surrogatepass")):
        data = json.dumps(body)  # lone surrogates travel as escapes
    return ServerSentEvent(event=str(body.get("type", "")), data=data)


def from_message(message: Message) -> list[RawMessageStreamEvent]:
    """Return the events of a stream that would assemble to ``message`` again (PROTOCOL.md, "The grammar")."""
    bodies = [_start_of(message)]
    for index, block in enumerate(message.content):
        start, deltas = SPLITS.get(str(block.type), _whole)(block)
        bodies.append({"type": "content_block_start", "index": index, "content_block": start})
        bodies += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        bodies.append({"type": "content_block_stop", "index": index})
    return [build(body) for body in (*bodies, _end_of(message), {"type": "message_stop"})]


def _start_of(message: Message) -> dict[str, Any]:
    body = {**message.to_dict(), "content": [], "stop_reason": None, "stop_sequence": None}
    for defaulted in ("id", "type", "role", "model"):
        body.setdefault(defaulted, getattr(message, defaulted))
    tokens: object = message.usage.output_tokens  # or what came in its place
    body["usage"] = {**message.usage.to_dict(), "output_tokens": min(tokens, 1) if isinstance(tokens, int) else tokens}
    from .blocks import FallbackBlock, ModelReference  # imported when the first such block comes

    former = (block.from_ for block in message.content if isinstance(block, FallbackBlock))
    names: Iterator[object] = (origin.to_dict().get("model") for origin in former if isinstance(origin, ModelReference))
    if first := next((name for name in names if isinstance(name, str)), None):
        body["model"] = first
    return {"type": "message_start", "message": body}


def _end_of(message: Message) -> dict[str, Any]:
    delta = {"stop_reason": message.stop_reason, "stop_sequence": message.stop_sequence}
    usage = {"output_tokens": message.usage.output_tokens, **message.usage.to_dict()}
    return {"type": "message_delta", "delta": delta, "usage": usage}


Split: TypeAlias = tuple[dict[str, Any], list[dict[str, Any]]]
"""A block taken apart: its start, and the deltas that bring the rest."""


def _pieces(text: str) -> list[str]:
    return [text[at : at + PIECE] for at in range(0, len(text), PIECE)]


def _whole(block: Block) -> Split:
    return block.to_dict(), []


def _split_text(block: Block) -> Split:
    start = block.to_dict()
    text, citations = start.get("text", ""), start.get("citations") or []
    if not (
        isinstance(text, str) and isinstance(citations, list) and all(isinstance(item, dict) for item in citations)
    ):
        return start, []
    start["text"] = ""
    if citations:
        start["citations"] = []
    deltas: list[dict[str, Any]] = [{"type": "citations_delta", "citation": citation} for citation in citations]
    return start, deltas + [{"type": "text_delta", "text": piece} for piece in _pieces(text)]


def _split_thinking(block: Block) -> Split:
    start = block.to_dict()
    thinking, signature = start.get("thinking", ""), start.get("signature", "")
    if not (isinstance(thinking, str) and isinstance(signature, str)):
        return start, []
    deltas = [{"type": "thinking_delta", "thinking": piece} for piece in _pieces(thinking)]
    if signature:
        deltas.append({"type": "signature_delta", "signature": signature})
    return {**start, "thinking": "", "signature": ""}, deltas


def _split_tool(block: Block) -> Split:
    start = block.to_dict()
    given = start.get("input", {})
    if not isinstance(given, dict):
        return start, []
    text = getattr(block, "partial_json", "") or (json.dumps(given, ensure_ascii=False) if given else "")
    deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ("", *_pieces(text))]
    return {**start, "input": {}}, deltas


def _split_compaction(block: Block) -> Split:
    start = block.to_dict()
    brought = {key: start[key] for key in ("content", "encrypted_content") if start.get(key) is not None}
    if not all(isinstance(summary, str) for summary in brought.values()):
        return start, []
    return {**start, **dict.fromkeys(brought)}, [{"type": "compaction_delta", **brought}] if brought else []


SPLITS: dict[str, Callable[[Block], Split]] = {
    "text": _split_text,
    "thinking": _split_thinking,
    "tool_use": _split_tool,
    "server_tool_use": _split_tool,
    "mcp_tool_use": _split_tool,
    "compaction": _split_compaction,
}
"""How each block that grows is taken apart. Every other block is complete in its start, and so does one whose text is
not of its type."""
