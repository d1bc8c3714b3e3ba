"""A stream's events, as the commands need them.

Purpose: the wire's own JSON of each event; events that leave the stream free to ask again; the wire's bytes.
Must not know: formats or terminals.
Rule: an event that is shown counts as delivered; one that is only prepared does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..client.stream import MessageStream
from ..derived_events import MessageStreamEvent, events_of
from ..event_json import NO_EVENT


def bodies(stream: MessageStream[Any]) -> Iterator[dict[str, Any]]:
    """Yield each event's JSON object as it came: its own order of keys, and every field."""
    while (step := stream._step()) is not None:
        if step[0].get("type", "") not in NO_EVENT:
            stream._delivered = True
            yield step[0]


def events(stream: MessageStream[Any]) -> Iterator[MessageStreamEvent]:
    """Yield a stream's events to a view, which shows nothing before the first block: until then it may be retried."""
    while (step := stream._step()) is not None:
        yield from events_of(step)


class Bytes:
    """Passes the wire's bytes on; those of an attempt that may yet be retried wait until it is clear they count."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._held: list[bytes] | None = []

    def __call__(self, chunk: bytes | None) -> None:
        """Take the next bytes of a body; None when another begins."""
        if chunk is None:
            self._held = []
        elif self._held is None:
            self._write(chunk)
        else:
            self._held.append(chunk)

    def release(self) -> None:
        """Write what has waited, and from now on write at once."""
        held, self._held = self._held, None
        if held:
            self._write(b"".join(held))
