"""Callbacks for a stream's events: ``on(event_type, callback)``, typed by the name of the event.

Rule: a name that is close to a known one is refused as a misspelling; any other name is accepted, for the API may add
events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, overload

from typing_extensions import Self

from ..derived_events import (
    CitationEvent,
    CompactionEvent,
    ContentBlockStopEvent,
    InputJsonEvent,
    MessageStopEvent,
    MessageStreamEvent,
    SignatureEvent,
    TextEvent,
    ThinkingEvent,
)
from ..errors import APIError
from ..events import (
    ContentBlockDeltaEvent,
    ContentBlockStartEvent,
    MessageDeltaEvent,
    MessageStartEvent,
    PingEvent,
    UnknownEvent,
)

Callback: TypeAlias = Callable[[Any], Any]

NAMES = frozenset(
    {
        "message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta",
        "message_stop", "ping", "error", "text", "thinking", "input_json", "signature", "citation", "compaction",
        "event",
    }
)  # fmt: skip
"""The event types that are known; ``event`` stands for every event."""

NEAR = 2
"""How many letters of a known name may be wrong, missing or too many for a name to be taken for a mistake."""


def check_event_type(event_type: str) -> None:
    """Raise ValueError for a name that is nearly a known one."""
    if event_type not in NAMES:
        nearest = min(sorted(NAMES), key=lambda name: _distance(event_type, name))
        if _distance(event_type, nearest) <= NEAR:
            raise ValueError(f"there is no event {event_type!r}: did you mean {nearest!r}?")


def _distance(a: str, b: str) -> int:
    """Return how many letters must be changed, added or removed to make one word of the other (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (letter != other))
    return row[-1]


class Observable:
    """The base of objects on which callbacks can be registered."""

    def _observe(self, event_type: str, callback: Callback) -> None:
        raise AssertionError("a subclass says how")  # pragma: no cover

    @overload
    def on(self, event_type: Literal["text"], callback: Callable[[TextEvent], object]) -> Self: ...
    @overload
    def on(self, event_type: Literal["thinking"], callback: Callable[[ThinkingEvent], object]) -> Self: ...
    @overload
    def on(self, event_type: Literal["input_json"], callback: Callable[[InputJsonEvent], object]) -> Self: ...
    @overload
    def on(self, event_type: Literal["signature"], callback: Callable[[SignatureEvent], object]) -> Self: ...
    @overload
    def on(self, event_type: Literal["citation"], callback: Callable[[CitationEvent], object]) -> Self: ...
    @overload
    def on(self, event_type: Literal["compaction"], callback: Callable[[CompactionEvent], object]) -> Self: ...
    @overload
    def on(self, event_type: Literal["message_start"], callback: Callable[[MessageStartEvent], object]) -> Self: ...
    @overload
    def on(self, event_type: Literal["message_delta"], callback: Callable[[MessageDeltaEvent], object]) -> Self: ...
    @overload
    def on(self, event_type: Literal["message_stop"], callback: Callable[[MessageStopEvent], object]) -> Self: ...
    @overload
    def on(
        self, event_type: Literal["content_block_start"], callback: Callable[[ContentBlockStartEvent], object]
    ) -> Self: ...
    @overload
    def on(
        self, event_type: Literal["content_block_delta"], callback: Callable[[ContentBlockDeltaEvent], object]
    ) -> Self: ...
    @overload
    def on(
        self, event_type: Literal["content_block_stop"], callback: Callable[[ContentBlockStopEvent], object]
    ) -> Self: ...
    @overload
    def on(self, event_type: Literal["ping"], callback: Callable[[PingEvent], object]) -> Self: ...
    @overload
    def on(self, event_type: Literal["error"], callback: Callable[[APIError], object]) -> Self: ...
    @overload
    def on(self, event_type: Literal["event"], callback: Callable[[MessageStreamEvent], object]) -> Self: ...
    @overload
    def on(self, event_type: str, callback: Callable[[UnknownEvent], object]) -> Self: ...
    def on(self, event_type: str, callback: Callback) -> Self:
        """Call ``callback(event)`` for every event of a type, however the stream is read; chainable.

        ``"event"`` stands for every event, ``"error"`` for the exception that ends the stream. An exception in a
        callback closes the stream and reaches the caller. Raises ValueError for a name that is nearly a known one.
        """
        check_event_type(event_type)
        self._observe(event_type, callback)
        return self
