"""Events and messages from any iterable of bytes: a file, requests, aiohttp, urllib3.

Purpose: ``iter_events``, ``aiter_events`` and ``assemble`` run a ``StreamReader`` over chunks of bytes.
Must not know: httpx, or where the chunks come from.
Rule: return at ``message_stop`` without reading further where a read may wait. ``strict`` reads on, to check what
follows it; lists, tuples and files are always read to their end, where no read waits.

Source: PROTOCOL.md, "How a stream ends".
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator

from .derived_events import MessageStreamEvent
from .message import Message
from .reader import DONE, ShortStep, StreamReader
from .received import Received, Timing

NOT_TIMED = Timing(None, None, None, 0.0, None)
"""The timing of a message whose bytes did not come by a request of ours."""


def _is_at_hand(chunks: object) -> bool:
    """Whether all chunks can be read without waiting: a list, a tuple, or a file that is no pipe."""
    return isinstance(chunks, (list, tuple)) or (isinstance(chunks, io.IOBase) and chunks.seekable())


def _steps(reader: StreamReader) -> Iterator[ShortStep]:
    """Take the steps that what has come allows, and none beyond the message's end."""
    while not reader.done and (step := reader.short_step()) is not None:
        if reader.assembler.state is DONE and (message := reader.assembler.message) is not None:
            message.received = Received(None, 0, NOT_TIMED, reader.assembler.deviations)
        yield step
        if not isinstance(step, str) and not step[0]:
            break
    if reader.done:
        reader.look_behind()


def _steps_of(reader: StreamReader, chunk: bytes) -> Iterator[ShortStep]:
    """Take the steps that one more chunk allows; behind the message's end there are none."""
    if (text := reader.likely.take(chunk)) is not None:
        yield text
        return
    if reader.done:
        reader.look_behind(chunk)
        return
    reader.feed(chunk)
    yield from _steps(reader)


def iter_events(chunks: Iterable[bytes], *, strict: bool = False) -> Iterator[MessageStreamEvent]:
    """Yield the events of a stream, each followed by its derived events, from any iterable of its bytes.

    Ends at message_stop without reading more; with ``strict``, and in a list, a tuple or a file, reads on to see what
    follows it. What was forgiven is in the message's ``received``. Raises ProtocolError, IncompleteStreamError or an
    APIStatusError, each with the partial message.
    """
    reader = StreamReader(strict, wants_events=True)
    reads_on = strict or _is_at_hand(chunks)
    for chunk in chunks:
        for step in _steps_of(reader, chunk):
            yield from reader.events(step)
        if reader.done and not reads_on:
            return
    reader.end()
    for step in _steps(reader):
        yield from reader.events(step)


async def aiter_events(chunks: AsyncIterable[bytes], *, strict: bool = False) -> AsyncIterator[MessageStreamEvent]:
    """Do what ``iter_events`` does, over an asynchronous iterable of bytes."""
    reader = StreamReader(strict, wants_events=True)
    async for chunk in chunks:
        for step in _steps_of(reader, chunk):
            for event in reader.events(step):
                yield event
        if reader.done and not strict:
            return
    reader.end()
    for step in _steps(reader):
        for event in reader.events(step):
            yield event


def assemble(chunks: Iterable[bytes], *, strict: bool = False) -> Message:
    """Read a stream from any iterable of its bytes and return the complete message; raises as ``iter_events`` does."""
    reader = StreamReader(strict)
    reads_on = strict or _is_at_hand(chunks)
    for chunk in chunks:
        for _ in _steps_of(reader, chunk):
            pass
        if reader.done and not reads_on:
            break
    else:
        reader.end()
        for _ in _steps(reader):
            pass
    message = reader.assembler.message
    assert message is not None  # or a step has raised
    return message
