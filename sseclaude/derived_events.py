"""Derived events: ``text``, ``thinking``, ``input_json`` and others that say what an event of the wire means.

Purpose: each derived event is yielded after the event of the wire that it belongs to. The stop events, in addition,
carry the finished block or message.
Must not know: how blocks are built; an event refers to the growing text, and has the length that it had then.
Rule: an event never changes after it was yielded. Its ``snapshot`` costs nothing until it is read.

Source: PROTOCOL.md, "Derived events" and "Snapshots".
"""

# Annotations are evaluated here, not strings: pydantic would compile each of them when the class is made.

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias, TypeVar

from pydantic import PrivateAttr, computed_field
from typing_extensions import Self

from .blocks import AnyCitation, ContentBlock, TextBlock, construct_unchecked
from .event_json import NO_EVENT
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
    RawMessageStreamEvent,
    UnknownEvent,
    build,
    to_sse,
)
from .growing_text import GrowingList, GrowingText
from .message import Message
from .sse import ServerSentEvent

if TYPE_CHECKING:
    from .reader import Step


class ContentBlockStopEvent(RawContentBlockStopEvent):
    """A block ends; ``content_block`` is the finished block."""

    content_block: ContentBlock

    def to_sse(self) -> ServerSentEvent:
        """Return the wire's event, which has no block."""
        return to_sse(build({"type": self.type, "index": self.index}))


class MessageStopEvent(RawMessageStopEvent):
    """The last event; ``message`` is the complete message."""

    message: Message

    def to_sse(self) -> ServerSentEvent:
        """Return the wire's event, which has no message."""
        return to_sse(build({"type": self.type}))


Moment: TypeAlias = tuple[GrowingText, int]
"""A text that grows, and how long it was."""


class _DerivedEvent(FrozenModel):
    """An event that says what another means, and is not on the wire."""

    def to_sse(self) -> None:
        """Return None: the wire has no such event."""


class _SnapshotEvent(_DerivedEvent):
    """An event that can show how far its block had come; nothing is made of the text until it is read.

    Source: PROTOCOL.md, "Snapshots".
    """

    _moment: Moment = PrivateAttr(default_factory=lambda: (GrowingText(), 0))
    # The properties below read it from where pydantic keeps it: as an attribute it has to be searched for.

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep the moment when the event is copied or pickled, not the text that came after it."""
        source, length = self._moment
        private = {key: value for key, value in (self.__pydantic_private__ or {}).items() if key != "_moment"}
        return _remember, (type(self), self.__dict__, source.text(length), private)

    def __deepcopy__(self, memo: Any = None) -> Self:
        return self.__copy__()  # what it is made of cannot change


E = TypeVar("E", bound=_SnapshotEvent)


def _remember(cls: type[E], fields: dict[str, Any], text: str, private: dict[str, Any]) -> E:
    return construct_unchecked(cls, fields, set(fields), {"_moment": (GrowingText(text), len(text)), **private})


class TextEvent(_SnapshotEvent):
    """Text: ``text`` is what was added, in complete characters; ``snapshot`` is the block's text up to here."""

    type: Literal["text"] = "text"
    text: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def snapshot(self) -> str:
        """The block's text at this event."""
        moment: Moment = self.__pydantic_private__["_moment"]  # type: ignore[index]
        return moment[0].text(moment[1])

    def parsed_snapshot(self) -> Any:
        """Return the JSON value that the text is so far (see partial_json); None before it has begun.

        What is nested in it cannot be changed, as in ``InputJsonEvent.snapshot``.
        """
        moment: Moment = self.__pydantic_private__["_moment"]  # type: ignore[index]
        return moment[0].value(moment[1])


class ThinkingEvent(_SnapshotEvent):
    """Thinking: ``thinking`` is what was added; ``snapshot`` is the block's thinking up to here."""

    type: Literal["thinking"] = "thinking"
    thinking: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def snapshot(self) -> str:
        """The block's thinking at this event."""
        moment: Moment = self.__pydantic_private__["_moment"]  # type: ignore[index]
        return moment[0].text(moment[1])


class InputJsonEvent(_SnapshotEvent):
    """A tool's input: ``partial_json`` is the fragment; ``snapshot`` is the value of all fragments up to here."""

    type: Literal["input_json"] = "input_json"
    partial_json: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def snapshot(self) -> Any:
        """The input at this event, as far as it is certain; ``{}`` before it has begun.

        Each read returns another dict, which the caller may change. What is nested in it is shared with other
        snapshots, and raises TypeError if it is to be changed; ``copy.deepcopy`` of it is plain.

        Source: PROTOCOL.md, "Snapshots".
        """
        moment: Moment = self.__pydantic_private__["_moment"]  # type: ignore[index]
        value = moment[0].value(moment[1])
        return {} if value is None else value


class _LazyEvent(_SnapshotEvent):
    """An event with a text so far as its field ``text_field``: made when it is read, for the pieces may be many."""

    text_field: ClassVar[str] = ""

    def model_post_init(self, context: Any) -> None:
        """Keep a text that was given to the constructor."""
        given = (self.__pydantic_extra__ or {}).pop(self.text_field, None)
        if isinstance(given, str):
            self._moment = (GrowingText(given), len(given))


class SignatureEvent(_LazyEvent):
    """The signature of a thinking block, as far as it had come with this event."""

    text_field: ClassVar[str] = "signature"
    type: Literal["signature"] = "signature"

    if TYPE_CHECKING:

        def __init__(self, *, signature: str) -> None: ...

    @computed_field  # type: ignore[prop-decorator]
    @property
    def signature(self) -> str:
        """The block's signature at this event."""
        source, length = self._moment
        return source.text(length)


class CompactionEvent(_LazyEvent):
    """The summary of a compaction block, as far as it had come with this event."""

    text_field: ClassVar[str] = "content"
    type: Literal["compaction"] = "compaction"
    encrypted_content: str | None = None

    _start: Any = PrivateAttr(default=None)

    if TYPE_CHECKING:

        def __init__(self, *, content: str | None, encrypted_content: str | None = None) -> None: ...

    @computed_field  # type: ignore[prop-decorator]
    @property
    def content(self) -> str | None:
        """The block's summary at this event; before it has begun, the value of ``content`` in the block's start."""
        source, length = self._moment
        begun: str | None = source.text(length) if length else self._start
        return begun


class CitationEvent(_DerivedEvent):
    """A citation; ``snapshot`` holds all of the block's citations up to here."""

    type: Literal["citation"] = "citation"
    citation: AnyCitation

    _cited: tuple[GrowingList, int] = PrivateAttr(default_factory=lambda: (GrowingList(), 0))

    def model_post_init(self, context: Any) -> None:
        """Keep a list that was given to the constructor."""
        given = (self.__pydantic_extra__ or {}).pop("snapshot", None)
        if isinstance(given, list):
            self._cited = (GrowingList(given), len(given))

    @computed_field  # type: ignore[prop-decorator]
    @property
    def snapshot(self) -> list[AnyCitation]:
        """The block's citations at this event."""
        cited, length = self._cited
        made = cited.made
        if len(made) < length:
            made += TextBlock.from_wire({"citations": cited[len(made) : length]}).citations or []
        return made[:length]


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


GROWTH: dict[str, type[_SnapshotEvent]] = {"text": TextEvent, "thinking": ThinkingEvent, "input_json": InputJsonEvent}
"""The derived events of text that grows, by their types. What each adds has the name that it has in the delta."""


def _maker(cls: type[E], kind: str, field: str) -> Callable[[str, GrowingText], E]:
    """Return what makes the derived event of a piece that has just been appended to a text."""
    sent = {"type", field}

    def make(piece: str, source: GrowingText) -> E:
        return construct_unchecked(cls, {"type": kind, field: piece}, sent, {"_moment": (source, source.length)})

    return make


text_event = _maker(TextEvent, "text", "text")
thinking_event = _maker(ThinkingEvent, "thinking", "thinking")
input_json_event = _maker(InputJsonEvent, "input_json", "partial_json")


def _growth_event(cls: type[E], fields: dict[str, Any], source: GrowingText | None, **private: Any) -> E:
    """Make the derived event of a text that has just grown; None: it has not begun."""
    moment = (GrowingText(), 0) if source is None else (source, source.length)
    return construct_unchecked(cls, fields, set(fields), {"_moment": moment, **private})


def _compaction_event(begun: Any, source: GrowingText | None, encrypted: Any) -> CompactionEvent:
    """Make the derived event of a summary; ``begun`` is what stands for it while none of it has come."""
    return _growth_event(CompactionEvent, {"type": "compaction", "encrypted_content": encrypted}, source, _start=begun)


def _citation_event(citation: Any, cited: GrowingList) -> CitationEvent:
    """Make the derived event of the citation that has just been added to a list."""
    event = CitationEvent.from_wire({"citation": citation})
    event._cited = (cited, len(cited))
    return event


SILENT = frozenset({*NO_EVENT, "content_block_stop", "message_stop"})
"""Events of the wire that are not yielded themselves: only the events derived of them are."""

DERIVE: dict[str, Callable[[Any, Any], MessageStreamEvent]] = {
    "text": text_event,
    "thinking": thinking_event,
    "input_json": input_json_event,
    "signature": lambda _, source: _growth_event(SignatureEvent, {"type": "signature"}, source),
    "citation": _citation_event,
    "compaction": lambda begun, grown: _compaction_event(begun, *grown),
    "content_block_stop": lambda block, index: ContentBlockStopEvent(index=index, content_block=block),
    "message_stop": lambda message, _: MessageStopEvent(message=message),
}
"""The derived event of each change. The two stops take the place of the wire's; the others follow it.

Source: PROTOCOL.md, "Derived events".
"""


def wire_event(body: dict[str, Any]) -> RawMessageStreamEvent | None:
    """Return the wire's event of a step; None if the step has none."""
    return None if body.get("type", "") in NO_EVENT else build(body)


def events_of(step: "Step") -> list[MessageStreamEvent]:
    """Return the wire's event of a step and its derived events, in the order in which they are yielded.

    A stop that stops nothing is among the deviations, and is not yielded.

    Source: PROTOCOL.md, "Derived events".
    """
    body, changes, event = step
    kind = body.get("type", "")
    made: Any = event or (None if kind in SILENT else build(body))
    events: list[MessageStreamEvent] = [] if made is None else [made]
    for change, what, where in changes:
        if change != "message_stop" or change == kind:
            events.append(DERIVE[change](what, where))
    return events
