"""The frames of a stream byte for byte, while the stream still reads, checks and retries as usual.

Purpose: ``RawFrames``, for the relay, which stores and passes on the API's bytes, and ``RawDocument``, the same for an
answer that is no stream. Internal; for the async client only.
Must not know: where the bytes go.
Rule: a frame that was returned is delivered: after it nothing is retried.

Source: PROTOCOL.md, "How a stream ends".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..client.stream import AsyncStream
from ..errors import APIStatusError
from ..event_json import GROWS, read

if TYPE_CHECKING:
    from ..client.client import AsyncAnthropic

STOP = "message_stop"
STOP_DATA = b'{"type":"message_stop"}'


class RawFrame(NamedTuple):
    """An event: ``type`` is its type, ``event`` and ``data`` are the two fields as they were received.

    An event without an ``event:`` line has its type's name there, because the next reader goes by the name.
    """

    type: str
    event: str
    data: bytes


class RawFrames:
    """Requests one answer and returns its events. To make it raises as ``messages.create`` does before it sends."""

    def __init__(self, client: AsyncAnthropic, params: Mapping[str, Any]) -> None:
        call = client._call("/v1/messages", params, stream=True)
        self._stream = AsyncStream(client._transport, call, client._settings())
        self._opened = False

    async def next(self) -> RawFrame | None:
        """Return the next event; None after the message's end. Raises the error that ends the stream early.

        A complete message ends with a message_stop, also where the wire had another end, or none.
        """
        if not self._opened:
            await self._stream._open()
            self._opened = True
        if (step := await self._stream._short_step()) is None:
            return None
        self._stream._delivered = True
        reader = self._stream._reader
        kind, frame = GROWS if isinstance(step, str) else step[0].get("type", ""), reader.frame
        if frame is None or (reader.done and kind != STOP):
            return RawFrame(STOP, STOP, STOP_DATA)
        return RawFrame(kind, _named(frame[0], kind), frame[1])

    def frame_of(self, error: APIStatusError) -> RawFrame | None:
        """Return the ``error`` event that an error was made of, or None if it came as a response's status."""
        frame = self._stream._reader.frame if self._opened else None
        if frame is None or not isinstance(error.body, dict) or read(frame[1]) != error.body:
            return None
        return RawFrame("error", _named(frame[0], "error"), frame[1])

    async def close(self) -> None:
        """Stop reading and close the connection. May be called at any time."""
        if self._opened:
            await self._stream.close()


class RawDocument:
    """Asks for one JSON document. Making it raises what the client refuses without asking."""

    def __init__(self, client: AsyncAnthropic, path: str, params: Mapping[str, Any]) -> None:
        self._transport = client._transport
        self._call = client._call(path, params, stream=False)

    async def read(self) -> bytes:
        """Return the body of the answer. Raises as the client does."""
        _, body = await self._transport.read(self._call)
        return body


def _named(event: str, kind: str) -> str:
    """Return an event's name; its type, where there was no ``event:`` line ("message" stands for that)."""
    return kind if event == "message" and kind else event
