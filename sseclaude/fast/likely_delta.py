"""The likely event: one more ``content_block_delta`` that differs from the one before it by one string.

Purpose: most chunks of a stream are such an event. ``LikelyDelta`` learns the bytes around the string from an event
that was read in the standard way, and reads the string of the next chunk that has the same bytes around it.
Rule: nothing is guessed. What is learned is checked: with an empty string between, it decodes to that event with
an empty string. The string itself is read by the JSON parser. After any other chunk, which is read in the
standard way, what was learned is forgotten, so it always fits the state that the assembler is in.

Deleting this module and the three places where the reader uses it changes nothing but speed; a test compares both ways.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic_core import from_json

from ..block_builder import Change, Changes
from ..blocks import construct_unchecked
from ..errors import APIError
from ..event_json import GROWING, GROWS, read
from ..events import DELTAS, ContentBlockDeltaEvent
from ..growing_text import GrowingText
from ..sse import Fields, SSEDecoder

END = b"}\n\n"
"""How such an event ends; before the brace there may be spaces, which the Anthropic API sends in varying number."""

NOTHING_LEARNED = b"\0"
"""No event stream that an event was read from begins so."""

LESSONS = 64
"""How often something is learned in vain before learning is given up: a stream of alternating blocks costs no more."""

_string = re.compile(rb'(?:[^"\\]|\\.)*"', re.DOTALL)
EVENT_FIELDS, DELTA_FIELDS = {"type", "index", "delta"}, {kind: {"type", field} for kind, field in GROWING.items()}

NOT_SENT = {
    kind: {name: field.default for name, field in DELTAS[kind].model_fields.items() if name not in DELTA_FIELDS[kind]}
    for kind in GROWING
}
"""The fields of each delta that such an event has not, with their defaults."""


class LikelyDelta:
    """What the next chunk probably is. ``limit`` is the size in bytes from which a chunk is read the standard's way."""

    __slots__ = (
        "_cut",
        "_head",
        "_hits",
        "_index",
        "_kind",
        "_lessons",
        "_limit",
        "_quote",
        "_source",
        "_tail",
        "append",
        "derived",
    )

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lessons = LESSONS
        self._hits = 0
        self._head = NOTHING_LEARNED

    def text(self, chunk: bytes) -> str | None:
        """Return the string of a chunk that is one more such event; None, and forget, if it is anything else."""
        if chunk.startswith(self._head) and chunk.endswith(END) and len(chunk) <= self._limit:
            rest = chunk[self._quote : -3].rstrip(b" ")
            if rest.endswith(self._tail):
                try:
                    text = from_json(rest[: self._cut] if self._cut else rest)
                except ValueError:
                    text = None
                if type(text) is str:
                    self._hits += 1
                    return text
        if self._head is not NOTHING_LEARNED:
            self.forget()
        return None

    def forget(self) -> None:
        """Forget what was learned; if it served no chunk, that counts against learning more."""
        self._lessons = LESSONS if self._hits else self._lessons - 1
        self._head = NOTHING_LEARNED

    def learn(self, chunk: bytes, frame: Fields, body: dict[str, Any], changes: Changes) -> None:
        """Learn from a chunk that held one frame, and nothing else: its event's JSON, and what the event changed."""
        if self._lessons <= 0 or len(changes) != 1 or body.get("type") != GROWS:
            return
        (derived, _, source), delta = changes[0], body.get("delta")
        if not isinstance(delta, dict):
            return
        field = GROWING.get(str(delta.get("type")))
        if field is None or not isinstance(source, GrowingText) or type(body.get("index")) is not int:
            return
        opening = list(re.finditer(rb'"%s" *: *"' % field.encode(), chunk))
        string = _string.match(chunk, opening[-1].end()) if opening else None
        if string is None or not chunk.endswith(END):
            return
        head, tail = chunk[: opening[-1].end()], chunk[string.end() - 1 : -3].rstrip(b" ")
        if _decodes_to(chunk, frame, read(frame[1])) and _decodes_to(head + tail + END, frame, _plain(body, field)):
            self._head, self._tail, self._quote, self._hits = head, tail, len(head) - 1, 0
            self._source, self.append, self.derived = source, source.append, derived
            self._index, self._kind, self._cut = body["index"], delta["type"], 1 - len(tail)

    def change(self, text: str) -> Change:
        """Add the string to the block's text, and return the change."""
        return self.derived, self.append(text), self._source

    def body(self, text: str) -> dict[str, Any]:
        """Return the event's JSON."""
        kind = self._kind
        return {"type": GROWS, "index": self._index, "delta": {"type": kind, GROWING[kind]: text}}

    def event(self, body: dict[str, Any]) -> ContentBlockDeltaEvent:
        """Return the event of its JSON."""
        kind = self._kind
        delta = construct_unchecked(DELTAS[kind], {**body["delta"], **NOT_SENT[kind]}, DELTA_FIELDS[kind])
        return construct_unchecked(ContentBlockDeltaEvent, {**body, "delta": delta}, EVENT_FIELDS)


def _plain(body: dict[str, Any], field: str) -> dict[str, Any]:
    """Return the event without any field besides, and with an empty string."""
    return {"type": GROWS, "index": body["index"], "delta": {"type": body["delta"]["type"], field: ""}}


def _decodes_to(data: bytes, frame: Fields, body: dict[str, Any]) -> bool:
    """Whether bytes are exactly one frame, of that frame's type, which holds exactly this JSON."""
    try:
        frames = SSEDecoder().feed_fields(data)
        return len(frames) == 1 and frames[0][0] == frame[0] and read(frames[0][1]) == body
    except APIError:
        return False
