"""The script: what a server does to answer one request, as a list of steps.

Purpose: the steps between the code that decides an answer and the code that sends it (a socket, or a transport).
Must not know: HTTP's bytes, sockets, clocks, recordings.
Rule: steps are frozen values; to change an answer, make another list of them.

    Interim?  Head  (Wait | Send | Raw)*  (Done | Cut)

A step before ``Head`` happens before the response's headers. A ``Send`` is one HTTP chunk. ``Done`` ends the body as
HTTP does; ``Cut`` breaks the connection before that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Interim:
    """An informational answer (1xx) before the real one."""

    status: int


@dataclass(frozen=True)
class Head:
    """Status and headers. ``framing``: "auto" (chunked, or a right content-length), "close" (HTTP/1.0, the body ends
    with the connection), or the content-length to declare, right or wrong."""

    status: int
    headers: Headers
    framing: Literal["auto", "close"] | int = "auto"

    def get(self, name: str) -> str | None:
        """A header's value by its lower-case name, or None."""
        return dict(self.headers).get(name)


@dataclass(frozen=True)
class Send:
    """Body bytes, sent as one chunk."""

    data: bytes


@dataclass(frozen=True)
class Raw:
    """Bytes put on the connection as they are, past HTTP's framing. Without a socket they are nothing."""

    data: bytes


@dataclass(frozen=True)
class Wait:
    """Silence, in seconds; infinity is until the client leaves or the server stops."""

    seconds: float


@dataclass(frozen=True)
class Done:
    """The body is complete."""


@dataclass(frozen=True)
class Cut:
    """Break the connection: close it, close only our half of it, or reset it (TCP RST)."""

    how: Literal["close", "half", "reset"] = "close"


Step = Interim | Head | Send | Raw | Wait | Done | Cut
Steps = list[Step]

LINE_END = rb"(?:\r\n|\r(?!\n)|\n)"
EVENT_END = re.compile(LINE_END + rb"{2,}")  # WHATWG HTML 9.2.6: an empty line dispatches
DATA_LINE = re.compile(rb"(?:^|[\r\n])data(?=[:\r\n]|$)")
TYPE_LINE = re.compile(rb"(?:^|[\r\n])event: ?([^\r\n]*)")
TYPE_FIELD = re.compile(rb'"type"\s*:\s*"([^"]*)"')


def split_events(body: bytes) -> list[bytes]:
    """Split an event stream after each event, without changing a byte: joined, the pieces are the body again.

    Comments and empty lines belong to the event that follows. What is unfinished at the end is the last piece.
    """
    events: list[bytes] = []
    start = 0
    for match in EVENT_END.finditer(body):
        if DATA_LINE.search(body, start, match.end()):
            events.append(body[start : match.end()])
            start = match.end()
    return [*events, body[start:]] if start < len(body) else events


def event_type(event: bytes) -> str:
    """The type of one event as bytes: its ``event:`` line, else its JSON's first ``type``, else ""."""
    found = TYPE_LINE.search(event) or TYPE_FIELD.search(event)
    return found[1].decode("utf-8", "replace").strip() if found else ""


def body(steps: Iterable[Step]) -> bytes:
    """All bytes that the steps send as the body."""
    return b"".join(step.data for step in steps if isinstance(step, Send))


def split(steps: Steps, offset: int) -> tuple[Steps, Steps]:
    """Cut a script at a byte of its body. A pause before that byte goes to the second part.

    Beyond the body's end the cut is just before the step that ends it.
    """
    left = offset
    for number, step in enumerate(steps):
        if isinstance(step, (Done, Cut)):
            return steps[:number], steps[number:]
        if not isinstance(step, Send):
            continue
        if left < len(step.data):
            return _split_at(steps, number, step.data, left)
        left -= len(step.data)
    return steps, []


def _split_at(steps: Steps, number: int, data: bytes, left: int) -> tuple[Steps, Steps]:
    if left:
        return [*steps[:number], Send(data[:left])], [Send(data[left:]), *steps[number + 1 :]]
    while number and isinstance(steps[number - 1], Wait):
        number -= 1
    return steps[:number], steps[number:]


def map_head(steps: Steps, change: Callable[[Head], Head]) -> Steps:
    """The steps with another head."""
    return [change(step) if isinstance(step, Head) else step for step in steps]


def head(steps: Iterable[Step]) -> Head | None:
    """The script's head, or None if it never answers."""
    return next((step for step in steps if isinstance(step, Head)), None)


def is_event_stream(answer: Head | None) -> bool:
    """Whether the answer's own content type is that of an event stream."""
    return answer is not None and (answer.get("content-type") or "").startswith("text/event-stream")


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """Bytes in slices of ``size``."""
    return (data[at : at + size] for at in range(0, len(data), size))
