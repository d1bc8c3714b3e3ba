"""When a recording's events came.

Purpose: read a recording with its times, and measure: first byte, first token, gaps, rates.
Must not know: how it is drawn.
Rule: an event's time is that of the chunk with its last byte.

All times are seconds since the request was sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..errors import APIError
from ..message import Message
from ..reader import StreamReader
from ..replay.pace import DEFAULT, characters_of, schedule
from ..replay.recording import Recording


class Gap(NamedTuple):
    """A silence, and when it began."""

    seconds: float
    at: float


class Times(NamedTuple):
    """A recording in time: its events by lane, its chunks, and how its message ended."""

    lanes: dict[str, list[float]]
    chunks: list[float]
    first_byte: float
    first_token: float | None
    message: Message | None
    error: APIError | None
    characters: list[tuple[float, int]]

    @property
    def tokens(self) -> list[tuple[float, float]]:
        """The times and counts of output tokens: the message's count, divided in proportion to the length of text."""
        total = sum(count for _, count in self.characters)
        known = self.message.usage.output_tokens if self.message is not None else 0
        return [(at, count * known / total) for at, count in self.characters if total]

    @property
    def total(self) -> float:
        """When the last byte came."""
        return self.chunks[-1]

    @property
    def longest_gap(self) -> Gap:
        """The longest silence once bytes had begun to come."""
        silences = zip(self.chunks, self.chunks[1:], strict=False)
        return max((Gap(after - before, before) for before, after in silences), default=Gap(0.0, self.total))

    @property
    def events(self) -> int:
        """How many events came."""
        return sum(map(len, self.lanes.values()))

    @property
    def tokens_per_second(self) -> float | None:
        """Output tokens per second from the first one on; None while the message is not finished."""
        if self.message is None or self.message.stop_reason is None or self.first_token is None:
            return None
        writing = self.total - self.first_token
        return self.message.usage.output_tokens / writing if writing > 0 else None


def measure(recording: Recording) -> Times:
    """Read a recording whose ``chunks`` are known."""
    reader = StreamReader()
    lanes: dict[str, list[float]] = {}
    chunks: list[float] = []
    first_token, error = None, None
    names: dict[int, str] = {}
    characters: list[tuple[float, int]] = []
    now = recording.wait
    for seconds, chunk in schedule(recording, DEFAULT):
        now += seconds
        chunks.append(now)
        try:
            for body in _events(reader, chunk):
                lanes.setdefault(_lane(body, names), []).append(now)
                characters.append((now, characters_of(body.get("delta"))))
                if first_token is None and body.get("type") == "content_block_delta":
                    first_token = now
        except APIError as failure:
            lanes.setdefault("error", []).append(now)
            error = failure
            break
    return Times(lanes, chunks, chunks[0], first_token, reader.assembler.message, error, characters)


def _events(reader: StreamReader, chunk: bytes) -> Iterator[dict[str, Any]]:
    reader.feed(chunk)
    while (step := reader.step()) is not None:
        yield step[0]


def _lane(body: dict[str, Any], names: dict[int, str]) -> str:
    """Name the lane of an event: its block's, or that of the message's own events, or its type."""
    kind, index = str(body.get("type")), body.get("index")
    block = body.get("content_block")
    if isinstance(index, int):
        if isinstance(block, dict):
            names[index] = f"{index} {block.get('type')}"
        return names.get(index, f"{index} ?")
    return "message" if kind.startswith("message_") else kind
