"""The likely event: one more ``content_block_delta`` that differs from the one before it by one string.

Purpose: most chunks of a stream are such an event. ``LikelyDelta`` learns the bytes around the string from an event
that was read in the standard way, and reads the string of the next chunk that has the same bytes around it; or of the
next frame, where a chunk holds several. That string is all that a reader needs of the event: it is added to the
block's text, and the rest is made only if it is asked for.
Rule: nothing is guessed. What is learned is checked: with an empty string between, it decodes to that event with
an empty string, which its own was not. The string itself is read by the JSON parser. After any other event, which is
read in the standard way, what was learned is forgotten, so it always fits the state that the assembler is in.

Deleting this module and the places that use it changes nothing but speed; tests compare both ways.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic_core import from_json

from ..assembler import MessageAssembler
from ..block_builder import Changes
from ..blocks import construct_unchecked
from ..derived_events import GROWTH, MessageStreamEvent
from ..errors import APIError
from ..event_json import GROWING, GROWS, read
from ..events import DELTAS, ContentBlockDeltaEvent
from ..growing_text import GrowingText
from ..sse import Fields, SSEDecoder

END = b"}"
"""How such an event's data ends; before it there may be spaces, which the Anthropic API sends in varying number."""

QUOTE = ord('"')

EVENT_END = b"\n\n"
"""How the event ends behind its data."""

NOTHING_LEARNED = -1
"""No chunk has so many bytes around its string."""

LESSONS = 64
"""How often something is learned in vain before learning is given up: a stream of alternating blocks costs no more."""

_string = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
EVENT_FIELDS = {"type", "index", "delta"}
SENT = {kind: {"type", field} for kind, field in GROWING.items()}
UNSENT = {
    kind: {name: field.default for name, field in DELTAS[kind].model_fields.items() if name not in SENT[kind]}
    for kind in GROWING
}
"""The fields of each delta that such an event has, and those that it has not, with their defaults."""


class LikelyDelta:
    """What the next chunk probably is. ``limit`` is the size in bytes from which a chunk is read the standard's way.

    ``byte_count`` counts the bytes of what was taken, and ``chunk`` is what was taken last. Once something is learned,
    ``derived`` is the type of the derived event and ``source`` the text that grows.
    """

    __slots__ = (
        "_around", "_assembler", "_chunk_around", "_chunk_end", "_chunk_head", "_end", "_field", "_growth", "_head",
        "_index", "_is_of_use", "_kind", "_lessons", "_limit", "_model", "_sent", "_unsent", "byte_count", "chunk",
        "derived", "is_between_events", "source",
    )  # fmt: skip

    def __init__(self, assembler: MessageAssembler, limit: int) -> None:
        self.byte_count = 0
        self.chunk = b""
        self.is_between_events = False  # nothing was fed and not taken: a chunk may be looked at by itself
        self._assembler = assembler
        self._limit = limit
        self._lessons = LESSONS
        self._is_of_use = False
        self._head = self._end = b""  # what is before and behind the string in the data, without spaces before END
        self._chunk_head = self._chunk_end = b""  # the same in a chunk
        self._around = self._chunk_around = NOTHING_LEARNED  # the bytes of both

    def take(self, chunk: bytes) -> str | None:
        """Add the string of a chunk that is one more such event to the block's text; None if it is anything else."""
        if not self.is_between_events or len(chunk) > self._limit:
            return None
        string = chunk.removeprefix(self._chunk_head).removesuffix(self._chunk_end)
        if len(chunk) - len(string) != self._chunk_around:
            if self._chunk_around == NOTHING_LEARNED or not chunk.endswith(EVENT_END):
                return None
            string = _before_spaces(chunk[: -len(EVENT_END)], self._chunk_head, self._end)
        try:
            # JSON allows white space beside the string, but a line end there would end the data.
            if string[0] != QUOTE or string[-1] != QUOTE:
                return None
        except IndexError:
            return None
        if (text := self._add(string)) is None:
            return None
        self.byte_count += len(chunk)
        self.chunk = chunk
        return text

    @property
    def data(self) -> bytes | None:
        """The data of the chunk that was taken last; None if the last event was taken from elsewhere."""
        return self.chunk[len(self._chunk_head) - len(self._head) : -len(EVENT_END)] if self.chunk else None

    def take_frame(self, frame: Fields, alone: bytes) -> str | None:
        """Do the same with a frame; ``alone`` is its chunk if that held nothing else."""
        data = frame[1]
        string = data.removeprefix(self._head).removesuffix(self._end)
        if len(data) - len(string) != self._around:
            if self._around == NOTHING_LEARNED:
                return None
            string = _before_spaces(data, self._head, self._end)
        if frame[0] != GROWS or (text := self._add(string)) is None:
            return None
        self.chunk = b""
        self.is_between_events = self._is_of(alone, data)
        return text

    def _is_of(self, alone: bytes, data: bytes) -> bool:
        """Whether a chunk is that event with this data and not a byte more, so that nothing of it is left over."""
        size = len(self._chunk_head) - len(self._head) + len(data) + len(EVENT_END)
        return len(alone) == size and alone.startswith(self._chunk_head) and alone.endswith(EVENT_END)

    def _add(self, string: bytes) -> str | None:
        """Add a string that is written in JSON to the block's text, and count its event; None if it is none."""
        try:
            text: object = from_json(string)
        except ValueError:
            return None
        if type(text) is not str:
            return None
        self._is_of_use = True
        self.source.add(text)
        self._assembler.event_count += 1  # its last event was of this type too
        return text

    def forget(self) -> None:
        """Forget what was learned, if anything; if it served no event, that counts against learning more."""
        self.chunk = b""
        if self._around != NOTHING_LEARNED:
            self._lessons = LESSONS if self._is_of_use else self._lessons - 1
            self._around = self._chunk_around = NOTHING_LEARNED

    def learn(self, alone: bytes, frame: Fields, body: dict[str, Any], changes: Changes) -> None:
        """Learn from an event: its frame, its JSON, and what it changed; ``alone`` is its chunk, as above."""
        if self._lessons <= 0 or len(changes) != 1 or body.get("type") != GROWS or frame[0] != GROWS:
            return
        (derived, _, source), delta, data = changes[0], body.get("delta"), frame[1]
        if not isinstance(delta, dict) or not isinstance(source, GrowingText) or source.holds_half:
            return
        kind = str(delta.get("type"))
        field = GROWING.get(kind)
        if field is None or type(body.get("index")) is not int:
            return
        if not delta.get(field):  # with none, the check below could not say which of several equal keys counts
            return
        opening = list(re.finditer(rb'"%s" *: *"' % field.encode(), data))
        string = _string.match(data, opening[-1].end()) if opening else None
        if string is None or not data.endswith(END):
            return
        head, end = data[: string.start() - 1], data[string.end() : -len(END)].rstrip(b" ") + END
        empty = {"type": GROWS, "index": body["index"], "delta": {"type": kind, field: ""}}
        if not _decodes_to(head + b'""' + end, empty):
            return
        self._head, self._end, self._around, self._is_of_use = head, end, len(head + end), False
        self.derived, self.source, self._growth = derived, source, GROWTH[derived]
        self._index, self._kind, self._field, self._model = body["index"], kind, field, DELTAS[kind]
        self._sent, self._unsent = SENT[kind], UNSENT[kind]
        self._learn_chunk(alone, data)

    def _learn_chunk(self, alone: bytes, data: bytes) -> None:
        """Learn what is around the data in a chunk."""
        before = alone.removesuffix(data + EVENT_END)
        if before != alone and SSEDecoder().feed_fields(alone) == [(GROWS, data, "", None)]:
            self._chunk_head, self._chunk_end = before + self._head, self._end + EVENT_END
            self._chunk_around = len(self._chunk_head + self._chunk_end)
            self.is_between_events = True

    def step(self, text: str) -> tuple[dict[str, Any], Changes]:
        """Return the JSON of the event that was taken last, with that text, and what it changed."""
        body = {"type": GROWS, "index": self._index, "delta": {"type": self._kind, self._field: text}}
        return body, ((self.derived, text, self.source),)

    def event(self, text: str) -> ContentBlockDeltaEvent:
        """Return the event that was taken last, with that text."""
        delta = construct_unchecked(self._model, {"type": self._kind, self._field: text, **self._unsent}, self._sent)
        fields = {"type": GROWS, "index": self._index, "delta": delta}
        return construct_unchecked(ContentBlockDeltaEvent, fields, EVENT_FIELDS)

    def events(self, text: str) -> list[MessageStreamEvent]:
        """Return that event, and the derived one behind it."""
        source = self.source
        fields = {"type": self.derived, self._field: text}
        event: Any = construct_unchecked(self._growth, fields, self._sent, {"_moment": (source, source.length)})
        return [self.event(text), event]


def _before_spaces(data: bytes, head: bytes, end: bytes) -> bytes:
    """Return the string of data that differs by the spaces before its end; nothing if it differs by more."""
    tail = end[: -len(END)]
    rest = data[len(head) : -len(END)].rstrip(b" ")
    is_likely = data.startswith(head) and data.endswith(END) and rest.endswith(tail)
    return rest[: len(rest) - len(tail)] if is_likely else b""


def _decodes_to(data: bytes, body: dict[str, Any]) -> bool:
    """Whether data is exactly this JSON."""
    try:
        return read(data) == body
    except APIError:
        return False
