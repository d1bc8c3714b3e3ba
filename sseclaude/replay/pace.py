"""The pace: when which bytes of a recording are sent.

Purpose: turn a recording into chunks with pauses before them.
Must not know: sockets, clocks (it returns how long to wait, and never waits).
Rule: the chunks of any pace, joined, are the recording's bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from .answers import CHARACTERS_PER_TOKEN
from .recording import Recording
from .script import event_type, pieces

Timed = tuple[float, bytes]
"""Seconds of silence, and the chunk that follows it."""


@dataclass(frozen=True)
class Pace:
    """How fast to send. ``ttft`` is the seconds before the first byte of the body. ``tokens_per_second`` is the rate
    of the tokens, which an event carries in the number that its text has (see ``tokens_of``); ``jitter`` (0 to 1) is
    the share by which each pause may be longer or shorter, by a random sequence that ``seed`` fixes. ``chunk`` is
    "event", "byte", or a size in bytes.
    """

    ttft: float = 0.4
    tokens_per_second: float | None = 80.0
    jitter: float = 0.0
    chunk: Literal["event", "byte"] | int = "event"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.ttft < 0 or not 0 <= self.jitter <= 1:
            raise ValueError("ttft is at least 0, and jitter from 0 to 1")
        if self.tokens_per_second is not None and self.tokens_per_second <= 0:
            raise ValueError("tokens_per_second is more than 0, or None for no limit")
        if self.chunk not in ("event", "byte") and not (isinstance(self.chunk, int) and self.chunk > 0):
            raise ValueError(f'chunk is "event", "byte" or a number of bytes, not {self.chunk!r}')


DEFAULT = Pace()
"""As recorded, where the recording knows its chunks and times; else like a model: these values."""


def schedule(recording: Recording, pace: Pace | None) -> list[Timed]:
    """The recording's chunks, each with the seconds to wait before it.

    ``DEFAULT`` keeps recorded chunks and times; None keeps recorded chunks and waits for nothing; any other pace is
    obeyed in both. Without recorded chunks an event is a chunk.
    """
    if recording.chunks and (pace is None or pace is DEFAULT):
        return [(seconds if pace else 0.0, data) for seconds, data in _as_recorded(recording)]
    if pace is None:
        return [(0.0, event) for event in recording.events]
    events = list(_as_paced(recording, pace))
    return events if pace.chunk == "event" else _rechunked(events, 1 if pace.chunk == "byte" else pace.chunk)


def _as_recorded(recording: Recording) -> Iterator[Timed]:
    at = 0
    for size, seconds in recording.chunks:
        yield seconds, recording.body[at : at + size]
        at += size


def _as_paced(recording: Recording, pace: Pace) -> Iterator[Timed]:
    random = Random(pace.seed)
    wait = pace.ttft
    tokens = tokens_of(recording)
    for event, count in zip(recording.events, tokens, strict=True):
        if pace.tokens_per_second is not None and count:
            wait += count * random.uniform(1 - pace.jitter, 1 + pace.jitter) / pace.tokens_per_second
        yield wait, event
        wait = 0.0


def tokens_of(recording: Recording) -> list[float]:
    """Return how many tokens each event carries: the answer's ``output_tokens``, shared out by length of text.

    An answer that does not say how many tokens it has is taken to have one for each 4 characters.
    """
    bodies = list(map(_json, recording.events))
    sizes = [characters_of(body.get("delta")) if body.get("type") == DELTA else 0 for body in bodies]
    usage = [body["usage"].get("output_tokens") for body in bodies if isinstance(body.get("usage"), dict)]
    total = usage[-1] if usage and isinstance(usage[-1], int) and usage[-1] > 0 else sum(sizes) / CHARACTERS_PER_TOKEN
    return [size * total / sum(sizes) if size else 0.0 for size in sizes]


DELTA = "content_block_delta"


def _json(event: bytes) -> dict[str, Any]:
    if event_type(event) not in (DELTA, "message_delta"):
        return {}
    try:
        body = json.loads(b"".join(line[5:] for line in event.splitlines() if line.startswith(b"data:")))
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def characters_of(delta: Any) -> int:
    """Return the length of a delta's text; a signature and a citation are no tokens of the answer."""
    fields = [delta.get(name) for name in ("text", "thinking", "partial_json")] if isinstance(delta, dict) else []
    return sum(len(field) for field in fields if isinstance(field, str))


def _rechunked(timed: list[Timed], size: int) -> list[Timed]:
    """The same bytes in chunks of one size; a chunk waits for all the events that begin in it."""
    data = b"".join(event for _, event in timed)
    waits = [0.0] * (len(data) // size + 1)
    at = 0
    for seconds, event in timed:
        waits[at // size] += seconds
        at += len(event)
    return list(zip(waits, pieces(data, size), strict=False))
