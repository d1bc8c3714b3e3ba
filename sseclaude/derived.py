"""Derived events: what the wire's events mean, for whoever reads along.

Purpose: ``text``, ``thinking``, ``input_json`` and their kin, each behind the wire's event that it explains; and the
two stops that carry what has become of their block and message.
Must not know: how blocks are built; it is handed the text that grows and remembers how long it was.
Rule: an event never changes once it was handed out, and its ``snapshot`` costs nothing until it is read.

Source: PROTOCOL.md, "Derived events" and "Snapshots".
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypeVar

from pydantic import computed_field
from typing_extensions import Self

from .blocks import AnyCitation, ContentBlock, by_hand
from .events import (
    ContentBlockDeltaEvent,
    ContentBlockStartEvent,
    ErrorEvent,
    FrozenModel,
    MessageDeltaEvent,
    MessageStartEvent,
    PingEvent,
    RawContentBlockStopEvent,
    RawMessageStopEvent,
    UnknownEvent,
)
from .message import Message
from .snapshots import GrowingText


class ContentBlockStopEvent(RawContentBlockStopEvent):
    """A block ends; ``content_block`` is what it has become."""

    content_block: ContentBlock


class MessageStopEvent(RawMessageStopEvent):
    """The last event; ``message`` is the whole message."""

    message: Message


class _Seen:
    """What a snapshot needs: the text that grows, and how long it was."""

    __slots__ = ()

    _source: GrowingText
    _length: int


class _SnapshotEvent(_Seen, FrozenModel):
    """An event that can show how far its block had come; the look is free until it is taken.

    Source: PROTOCOL.md, "Snapshots".
    """

    __slots__ = ("_length", "_source")

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep the moment when the event is copied or pickled, not the text that came after it."""
        return _remember, (type(self), self.__dict__, self._source.text(self._length))

    def __copy__(self) -> Self:
        copied = super().__copy__()
        object.__setattr__(copied, "_source", self._source)
        object.__setattr__(copied, "_length", self._length)
        return copied

    def __deepcopy__(self, memo: Any = None) -> Self:
        return self.__copy__()  # what it is made of cannot change


def _remember(cls: type[_SnapshotEvent], fields: dict[str, Any], text: str) -> _SnapshotEvent:
    return _seen(cls(**fields), GrowingText(text))


E = TypeVar("E", bound=_SnapshotEvent)


class TextEvent(_SnapshotEvent):
    """Words: ``text`` is what was added, in whole characters; ``snapshot`` the block's text up to here."""

    __slots__ = ()

    type: Literal["text"] = "text"
    text: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def snapshot(self) -> str:
        """The block's text at this event."""
        return self._source.text(self._length)

    def parsed_snapshot(self) -> Any:
        """Return the JSON value that the text is so far (see partial_json); None before it has begun."""
        return self._source.value(self._length)


class ThinkingEvent(_SnapshotEvent):
    """Thinking: ``thinking`` is what was added; ``snapshot`` the block's thinking up to here."""

    __slots__ = ()

    type: Literal["thinking"] = "thinking"
    thinking: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def snapshot(self) -> str:
        """The block's thinking at this event."""
        return self._source.text(self._length)


class InputJsonEvent(_SnapshotEvent):
    """A tool's input: ``partial_json`` is the fragment; ``snapshot`` the value of all fragments up to here."""

    __slots__ = ()

    type: Literal["input_json"] = "input_json"
    partial_json: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def snapshot(self) -> Any:
        """The input at this event, as far as it is certain; ``{}`` before it has begun."""
        value = self._source.value(self._length)
        return {} if value is None else value


class SignatureEvent(FrozenModel):
    """The signature of a thinking block, as far as it has come."""

    type: Literal["signature"] = "signature"
    signature: str


class CitationEvent(FrozenModel):
    """A citation; ``snapshot`` holds all of the block's citations up to here."""

    type: Literal["citation"] = "citation"
    citation: AnyCitation
    snapshot: list[AnyCitation]


class CompactionEvent(FrozenModel):
    """The summary of a compaction block."""

    type: Literal["compaction"] = "compaction"
    content: str | None


MessageStreamEvent: TypeAlias = (
    MessageStartEvent
    | ContentBlockStartEvent
    | ContentBlockDeltaEvent
    | MessageDeltaEvent
    | PingEvent
    | ErrorEvent
    | UnknownEvent
    | ContentBlockStopEvent
    | MessageStopEvent
    | TextEvent
    | ThinkingEvent
    | InputJsonEvent
    | SignatureEvent
    | CitationEvent
    | CompactionEvent
)
"""What ``messages.stream()`` yields: the wire's events, each followed by what it means; the stops carry it."""


def _seen(event: E, source: GrowingText) -> E:
    _put_source(event, source)
    _put_length(event, source.length)
    return event


_put_source, _put_length = (_SnapshotEvent.__dict__[slot].__set__ for slot in ("_source", "_length"))

_TEXT, _THINKING, _INPUT_JSON = {"type", "text"}, {"type", "thinking"}, {"type", "partial_json"}


def text_event(piece: str, source: GrowingText) -> TextEvent:
    """Make the derived event of a text_delta that has just been appended to ``source``."""
    return _seen(by_hand(TextEvent, {"type": "text", "text": piece}, _TEXT), source)


def thinking_event(piece: str, source: GrowingText) -> ThinkingEvent:
    """Make the derived event of a thinking_delta that has just been appended to ``source``."""
    return _seen(by_hand(ThinkingEvent, {"type": "thinking", "thinking": piece}, _THINKING), source)


def input_json_event(piece: str, source: GrowingText) -> InputJsonEvent:
    """Make the derived event of an input_json_delta that has just been appended to ``source``."""
    return _seen(by_hand(InputJsonEvent, {"type": "input_json", "partial_json": piece}, _INPUT_JSON), source)
