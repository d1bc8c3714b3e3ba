"""A producer: it reads one answer from Claude and writes its events into the log.

Purpose: ``Producer``, one for each answer that runs in this process.
Must not know: readers; it runs to the end without any.
Rule: in every case the log gets a last event. A task that is cancelled before its first step runs no ``finally``, so
the caller that cancels it writes the end.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import AnthropicError, APIError, APIStatusError, error_object
from .log import End, Writer
from .models import error_data
from .raw_frames import STOP, RawFrames

log = logging.getLogger("sseclaude.relay")

PASSED_ON = ("retry-after", "retry-after-ms", "x-should-retry", "request-id")
"""The headers of a refusal that are kept."""


def own_end(status: Any, kind: str, message: str, refusal: Mapping[str, Any] | None = None) -> End:
    """Make the end of an answer that the relay ends itself."""
    return End(status, "error", error_data(kind, message), {"type": kind, "message": message}, refusal)


LOST = own_end("lost", "producer_lost_error", "the process that was reading the answer is gone")


class Producer:
    """Reads one answer into the log."""

    def __init__(self, id: str, frames: RawFrames, max_bytes: int, forget: Callable[[str], None]) -> None:
        self.id = id
        self._frames = frames
        self._max_bytes = max_bytes
        self._forget = forget
        self._events = 0
        self._began_at = time.monotonic()
        self._writer: Writer | None = None
        self._reading: asyncio.Task[None] | None = None
        self._settling: asyncio.Task[None] | None = None

    def begin(self, writer: Writer) -> None:
        """Begin to read the answer from Claude."""
        self._writer = writer
        self._reading = asyncio.create_task(self._read(writer), name=f"sseclaude relay: {self.id}")
        self._settling = asyncio.create_task(self._settle(writer, self._reading), name=f"sseclaude relay: {self.id}")

    def stop(self) -> None:
        """Stop reading: the log needs nothing more."""
        if self._reading is not None:
            self._reading.cancel()

    def abandon(self, end: End) -> None:
        """Stop reading, and end the answer with this end."""
        if self._writer is not None:
            self._writer.end(end)
        self.stop()

    async def ended(self) -> None:
        """Wait until the log has the end."""
        if self._settling is not None:
            await asyncio.wait([self._settling])

    async def _read(self, writer: Writer) -> None:
        try:
            writer.end(await self._copy(writer))
        except APIError as error:
            writer.end(self._end_of(error))
        except AnthropicError as error:
            writer.end(own_end("failed", "api_error", str(error)))
        except Exception as error:
            log.exception("answer %s: %s", self.id, type(error).__name__)
            writer.end(own_end("failed", "api_error", "the relay failed"))
        finally:
            await self._frames.close()

    async def _copy(self, writer: Writer) -> End:
        """Copy the events into the log up to the last, and return that. Pings are left out."""
        size = 0
        while (frame := await self._frames.next()) is not None:
            if frame.type == "ping":
                continue
            size += len(frame.event) + len(frame.data)
            if size > self._max_bytes:
                return own_end("failed", "api_error", f"the answer is larger than max_bytes={self._max_bytes}")
            self._events += 1
            if frame.type == STOP:
                return End("complete", STOP, frame.data)
            writer.put(frame.event, frame.data)
        return own_end("failed", "api_error", "the stream was closed before the message ended")

    def _end_of(self, error: APIError) -> End:
        """Return the end for an error of Claude's, byte for byte if it was an event, or of the connection's."""
        refusal = None if self._events else _refusal_of(error)
        if not isinstance(error, APIStatusError) or not error_object(error.body):
            return own_end("failed", "api_error", error.message, refusal)
        if (frame := self._frames.frame_of(error)) is not None:
            return End("failed", "error", frame.data, dict(error_object(error.body)), refusal)
        end = own_end("failed", error.type or "api_error", error.message, refusal)
        return end._replace(error=dict(error_object(error.body)))

    async def _settle(self, writer: Writer, reading: asyncio.Task[None]) -> None:
        record = await writer.settled()
        await asyncio.wait([reading])
        self._forget(self.id)
        status, events = (record.status, record.last) if record is not None else ("gone", self._events)
        log.info("answer %s: %s, %d events, %.1f s", self.id, status, events, time.monotonic() - self._began_at)


def _refusal_of(error: APIError) -> dict[str, Any]:
    """Return what is kept of an error that came before the first event (see ``Relay.started``)."""
    if not isinstance(error, APIStatusError):
        return {"status": None, "message": error.message}
    headers = error.response.headers if error.response is not None else {}
    kept = {name: headers[name] for name in PASSED_ON if name in headers}
    body = error.body
    if not error_object(body):
        body = {"type": "error", "error": {"type": "api_error", "message": error.message}}
    return {"status": error.status_code, "body": body, "headers": kept}
