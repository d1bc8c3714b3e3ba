"""Events and messages from any iterable of bytes: a file, requests, aiohttp, urllib3.

Purpose: ``iter_events``, ``aiter_events`` and ``assemble`` run a ``StreamReader`` over chunks of bytes.
Must not know: httpx, or where the chunks come from.
Rule: return at ``message_stop`` without reading further; ``strict`` reads on, to check what follows it.

Source: PROTOCOL.md, "How a stream ends".
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator

from .derived_events import MessageStreamEvent
from .message import Message
from .reader import ShortStep, StreamReader


def _steps(reader: StreamReader) -> Iterator[ShortStep]:
    """Take the steps that what has come allows, and none beyond the message's end."""
    while not reader.done and (step := reader.short_step()) is not None:
        yield step
        if not isinstance(step, str) and not step[0]:
            break
    if reader.done:
        reader.look_behind()


def _steps_of(reader: StreamReader, chunk: bytes) -> Iterator[ShortStep]:
    """Take the steps that one more chunk allows."""
    if (text := reader.likely.take(chunk)) is not None:
        yield text
        return
    reader.feed(chunk)
    yield from _steps(reader)


def iter_events(chunks: Iterable[bytes], *, strict: bool = False) -> Iterator[MessageStreamEvent]:
    """Yield the events of a stream, each followed by what it means, from any iterable of its bytes.

    Ends at message_stop without asking for more (``strict`` reads on, to see what is behind it). Raises
    ProtocolError, IncompleteStreamError or an APIStatusError, each with the partial message.
    """
    reader = StreamReader(strict, wants_events=True)
    for chunk in chunks:
        for step in _steps_of(reader, chunk):
            yield from reader.events(step)
        if reader.done and not strict:
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
    for chunk in chunks:
        for _ in _steps_of(reader, chunk):
            pass
        if reader.done and not strict:
            break
    else:
        reader.end()
        for _ in _steps(reader):
            pass
    message = reader.assembler.message
    assert message is not None  # or a step has raised
    return message
