"""A stream's events, as the commands need them.

Purpose: the JSON of each event as it was sent (``bodies``); events for a view (``events``), without marking the stream
as delivered; the bytes as they were sent (``Bytes``).
Must not know: formats or terminals.
Rule: an event that is shown counts as delivered, so the request is not retried after it; until then it may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..client.stream import MessageStream
from ..derived_events import MessageStreamEvent, events_of
from ..event_json import NO_EVENT


def bodies(stream: MessageStream[Any]) -> Iterator[dict[str, Any]]:
    """Yield each event's JSON object as it came, with all its fields in their order."""
    while (step := stream._step()) is not None:
        if step[0].get("type", "") not in NO_EVENT:
            stream._delivered = True
            yield step[0]


def events(stream: MessageStream[Any]) -> Iterator[MessageStreamEvent]:
    """Yield a stream's events to a view. It shows nothing before the first block, so until then retries are allowed."""
    while (step := stream._step()) is not None:
        yield from events_of(step)


class Bytes:
    """Passes the received bytes on. While the attempt may still be retried, its bytes are held back."""

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
        """Write the bytes that were held back, and from now on write at once."""
        held, self._held = self._held, None
        if held:
            self._write(b"".join(held))
