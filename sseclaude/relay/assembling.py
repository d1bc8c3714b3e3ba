"""A message from the events of a log.

Purpose: ``assemble``, for ``Relay.message``.
Must not know: logs.
Rule: a large answer is assembled in a thread, so that it does not block the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..message import Message
from ..reader import StreamReader
from ..sse import ServerSentEvent

IN_LOOP = 64
"""Events that are assembled in the event loop: it takes them under a millisecond."""


async def assemble(events: Sequence[ServerSentEvent]) -> Message | None:
    """Return the message as far as the events go, or None. Raises what an ``error`` event says, or what is wrong."""
    if len(events) <= IN_LOOP:
        return _assemble(events)
    return await asyncio.to_thread(_assemble, events)


def _assemble(events: Sequence[ServerSentEvent]) -> Message | None:
    reader = StreamReader()
    reader.frames.extend(events)
    reader.skim()
    return reader.assembler.message
