"""The wire's events of a message stream, for a program that wants both these and the message: ``stream.wire_events``.

Rule: it reads the same stream, not a copy: an event that is read here is not yielded again, and is in the message.

Source: PROTOCOL.md, "The grammar".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from ..events import RawMessageStreamEvent

if TYPE_CHECKING:
    import httpx

    from .stream import AsyncMessageStream, MessageStream


class WireEvents:
    """An iterator over the wire's events, as ``messages.create(stream=True)`` yields them."""

    def __init__(self, stream: MessageStream[Any]) -> None:
        self._stream = stream

    @property
    def response(self) -> httpx.Response:
        """The ``httpx.Response`` that is being read."""
        return self._stream.response

    def __iter__(self) -> Iterator[RawMessageStreamEvent]:
        return self

    def __next__(self) -> RawMessageStreamEvent:
        """Return the next event of the wire; raises what ends the stream early."""
        stream = self._stream
        stream._look()
        while (step := stream._short_step()) is not None:
            if (event := stream._reader.wire_event(step)) is not None:
                stream._delivered = True
                return event
        raise StopIteration

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()


class AsyncWireEvents:
    """The same for the async client."""

    def __init__(self, stream: AsyncMessageStream[Any]) -> None:
        self._stream = stream

    @property
    def response(self) -> httpx.Response:
        """The ``httpx.Response`` that is being read."""
        return self._stream.response

    def __aiter__(self) -> AsyncIterator[RawMessageStreamEvent]:
        return self

    async def __anext__(self) -> RawMessageStreamEvent:
        """Return the next event of the wire; raises what ends the stream early."""
        stream = self._stream
        stream._look()
        while (step := await stream._short_step()) is not None:
            if (event := stream._reader.wire_event(step)) is not None:
                stream._delivered = True
                return event
        raise StopAsyncIteration

    async def close(self) -> None:
        """Close the stream."""
        await self._stream.close()


class HasWireEvents:
    """Adds ``wire_events`` to a message stream."""

    @property
    def wire_events(self) -> WireEvents:
        """The wire's events only, without the derived events; the message is assembled all the same."""
        return WireEvents(self)  # type: ignore[arg-type]

    _raw_stream = wire_events


class HasAsyncWireEvents:
    """The same for the async client."""

    @property
    def wire_events(self) -> AsyncWireEvents:
        """The wire's events only (see ``MessageStream.wire_events``)."""
        return AsyncWireEvents(self)  # type: ignore[arg-type]

    _raw_stream = wire_events
