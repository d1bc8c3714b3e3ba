"""Responses that are read as they come: ``messages.with_streaming_response``.

Purpose: context managers whose response can be read by ``parse()``, or as bytes, text or lines.
Rule: the body is read once, by one of them; ``read()``, ``text()`` and ``json()`` keep it for each other.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from typing_extensions import Unpack

from ..message import ParsedMessage
from .params import MessageCountTokensParams, MessageCreateParams
from .raw_response import RawResponse
from .stream import AsyncMessageStream, AsyncStream, AsyncStreamBase, MessageStream, Stream, SyncStreamBase
from .stream_base import Observers

if TYPE_CHECKING:
    import httpx

    from .messages import AsyncMessages, Messages, MessageTokensCount

    Counted = tuple[MessageTokensCount, httpx.Response, int, bytes]


class Body(Protocol):
    """What is read by blocking."""

    def read(self) -> bytes | None:
        """Return the next bytes, None at the end."""

    def close(self) -> None:
        """Read no more."""


class AsyncBody(Protocol):
    """What is read by awaiting."""

    async def read(self) -> bytes | None:
        """Return the next bytes, None at the end."""

    async def close(self) -> None:
        """Read no more."""


class _Document:
    """A body that was read already."""

    def __init__(self, data: bytes) -> None:
        self._left: bytes | None = data

    def read(self) -> bytes | None:
        data, self._left = self._left, None
        return data

    def close(self) -> None:
        self._left = None


class _AsyncDocument:
    def __init__(self, data: bytes) -> None:
        self._document = _Document(data)

    async def read(self) -> bytes | None:
        return self._document.read()

    async def close(self) -> None:
        self._document.close()


class _StreamBody:
    """The body of a stream; the stream is closed with it."""

    def __init__(self, stream: SyncStreamBase) -> None:
        self._stream = stream

    def read(self) -> bytes | None:
        return self._stream._body.read()

    def close(self) -> None:
        self._stream.close()


class _AsyncStreamBody:
    def __init__(self, stream: AsyncStreamBase) -> None:
        self._stream = stream

    async def read(self) -> bytes | None:
        return await self._stream._body.read()

    async def close(self) -> None:
        await self._stream.close()


class _Lines:
    """Text from bytes, and lines from text: LF and CRLF end them."""

    def __init__(self) -> None:
        self.decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._line: list[str] = []  # the pieces of the line that has not ended

    def lines(self, text: str) -> Iterator[str]:
        """Return the lines that one more piece of text completes."""
        piece, *others = text.split("\n")
        self._line.append(piece)
        if not others:
            return iter(())
        lines = ["".join(self._line), *others[:-1]]
        self._line = others[-1:]
        return (each.removesuffix("\r") for each in lines)

    def rest(self) -> Iterable[str]:
        """Return the last line, which has no end."""
        line = "".join(self._line)
        return [line] if line else []


def _cut(chunk: bytes, size: int | None) -> Iterable[bytes]:
    return [chunk] if size is None else (chunk[at : at + size] for at in range(0, len(chunk), size))


# --- blocking --------------------------------------------------------------------------------------------------------


class StreamingResponse(RawResponse[Any]):
    """A response whose body is yet to be read: by ``parse()``, or as bytes, text or lines; once, and by one of them."""

    def __init__(self, http_response: httpx.Response, result: Any, attempts: int, body: Body) -> None:
        super().__init__(http_response, result, attempts)
        self._body = body
        self._whole: bytes | None = None

    def parse(self) -> Stream | ParsedMessage[Any] | MessageTokensCount:
        """Return the stream or the count that was asked for; or read the message to its end, and return it."""
        made: Stream | ParsedMessage[Any] | MessageTokensCount = self._result
        return self._result.get_final_message() if isinstance(self._result, MessageStream) else made

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The body, chunk by chunk, decompressed; ``chunk_size`` is the most that a chunk has."""
        while (chunk := self._body.read()) is not None:
            yield from _cut(chunk, chunk_size)

    def iter_text(self, chunk_size: int | None = None) -> Iterator[str]:
        """The body as text; what is no UTF-8 becomes U+FFFD."""
        text = _Lines()
        yield from filter(None, map(text.decode, self.iter_bytes(chunk_size)))
        if rest := text.decode(b"", True):
            yield rest

    def iter_lines(self) -> Iterator[str]:
        """The body's lines without their ends (LF or CRLF)."""
        text = _Lines()
        for piece in self.iter_text():
            yield from text.lines(piece)
        yield from text.rest()

    def read(self) -> bytes:
        """The rest of the body."""
        if self._whole is None:
            self._whole = b"".join(self.iter_bytes())
        return self._whole

    def text(self) -> str:
        """The rest of the body as text."""
        return self.read().decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises ValueError for an event stream."""
        return json.loads(self.read())

    def close(self) -> None:
        """Read no more."""
        self._body.close()


class StreamingResponseManager:
    """What the methods of ``with_streaming_response`` return: ``with`` sends the request and returns the response."""

    def __init__(self, start: Callable[[], StreamingResponse]) -> None:
        self._start = start

    def __enter__(self) -> StreamingResponse:
        self._response = self._start()
        return self._response

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._response.close()


def _streaming(stream: SyncStreamBase) -> StreamingResponse:
    return StreamingResponse(stream.response, stream, stream.attempts, _StreamBody(stream))


class StreamingMessages:
    """``client.messages.with_streaming_response``."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    def create(
        self, *, output_format: Any = None, stream: bool = False, **params: Unpack[MessageCreateParams]
    ) -> StreamingResponseManager:
        """Send the request of ``messages.create``; the body is an event stream with ``stream`` and without it."""
        messages = self._messages
        if stream:
            return StreamingResponseManager(lambda: _streaming(messages._events(params, output_format)))
        return StreamingResponseManager(lambda: _streaming(messages._start(params, output_format, Observers())))

    def parse(self, *, output_format: Any, **params: Unpack[MessageCreateParams]) -> StreamingResponseManager:
        """Send the request of ``messages.parse``."""
        return self.create(output_format=output_format, **params)

    def stream(self, *, output_format: Any = None, **params: Unpack[MessageCreateParams]) -> StreamingResponseManager:
        """Send the request of ``messages.stream``; ``parse()`` reads to the end, and returns the message."""
        return self.create(output_format=output_format, **params)

    def count_tokens(self, **params: Unpack[MessageCountTokensParams]) -> StreamingResponseManager:
        """Send the request of ``messages.count_tokens``; ``parse()`` returns the count."""
        return StreamingResponseManager(lambda: _counting(*self._messages._counted(params)))


def _counting(count: MessageTokensCount, response: httpx.Response, attempts: int, body: bytes) -> StreamingResponse:
    return StreamingResponse(response, count, attempts, _Document(body))


# --- awaiting --------------------------------------------------------------------------------------------------------


class AsyncStreamingResponse(RawResponse[Any]):
    """The same for the async client."""

    def __init__(self, http_response: httpx.Response, result: Any, attempts: int, body: AsyncBody) -> None:
        super().__init__(http_response, result, attempts)
        self._body = body
        self._whole: bytes | None = None

    async def parse(self) -> AsyncStream | ParsedMessage[Any] | MessageTokensCount:
        """Return the stream or the count that was asked for; or read the message to its end, and return it."""
        made: AsyncStream | ParsedMessage[Any] | MessageTokensCount = self._result
        return await self._result.get_final_message() if isinstance(self._result, AsyncMessageStream) else made

    async def iter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """The body, chunk by chunk, decompressed; ``chunk_size`` is the most that a chunk has."""
        while (chunk := await self._body.read()) is not None:
            for piece in _cut(chunk, chunk_size):
                yield piece

    async def iter_text(self, chunk_size: int | None = None) -> AsyncIterator[str]:
        """The body as text; what is no UTF-8 becomes U+FFFD."""
        text = _Lines()
        async for chunk in self.iter_bytes(chunk_size):
            if piece := text.decode(chunk):
                yield piece
        if rest := text.decode(b"", True):
            yield rest

    async def iter_lines(self) -> AsyncIterator[str]:
        """The body's lines without their ends (LF or CRLF)."""
        text = _Lines()
        async for piece in self.iter_text():
            for line in text.lines(piece):
                yield line
        for line in text.rest():
            yield line

    async def read(self) -> bytes:
        """The rest of the body."""
        if self._whole is None:
            self._whole = b"".join([chunk async for chunk in self.iter_bytes()])
        return self._whole

    async def text(self) -> str:
        """The rest of the body as text."""
        return (await self.read()).decode("utf-8", "replace")

    async def json(self) -> Any:
        """The body as JSON. Raises ValueError for an event stream."""
        return json.loads(await self.read())

    async def close(self) -> None:
        """Read no more."""
        await self._body.close()


class AsyncStreamingResponseManager:
    """The same for the async client: ``async with`` sends the request."""

    def __init__(self, start: Callable[[], Awaitable[AsyncStreamingResponse]]) -> None:
        self._start = start

    async def __aenter__(self) -> AsyncStreamingResponse:
        self._response = await self._start()
        return self._response

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._response.close()


async def _async_streaming(stream: Awaitable[AsyncStreamBase]) -> AsyncStreamingResponse:
    begun = await stream
    return AsyncStreamingResponse(begun.response, begun, begun.attempts, _AsyncStreamBody(begun))


async def _async_counting(counted: Awaitable[Counted]) -> AsyncStreamingResponse:
    count, response, attempts, body = await counted
    return AsyncStreamingResponse(response, count, attempts, _AsyncDocument(body))


class AsyncStreamingMessages:
    """``client.messages.with_streaming_response`` of the async client."""

    def __init__(self, messages: AsyncMessages) -> None:
        self._messages = messages

    def create(
        self, *, output_format: Any = None, stream: bool = False, **params: Unpack[MessageCreateParams]
    ) -> AsyncStreamingResponseManager:
        """Send the request of ``messages.create``; the body is an event stream with ``stream`` and without it."""
        messages = self._messages
        if stream:
            return AsyncStreamingResponseManager(lambda: _async_streaming(messages._events(params, output_format)))
        return AsyncStreamingResponseManager(
            lambda: _async_streaming(messages._start(params, output_format, Observers()))
        )

    def parse(self, *, output_format: Any, **params: Unpack[MessageCreateParams]) -> AsyncStreamingResponseManager:
        """Send the request of ``messages.parse``."""
        return self.create(output_format=output_format, **params)

    def stream(
        self, *, output_format: Any = None, **params: Unpack[MessageCreateParams]
    ) -> AsyncStreamingResponseManager:
        """Send the request of ``messages.stream``; ``parse()`` reads to the end, and returns the message."""
        return self.create(output_format=output_format, **params)

    def count_tokens(self, **params: Unpack[MessageCountTokensParams]) -> AsyncStreamingResponseManager:
        """Send the request of ``messages.count_tokens``; ``parse()`` returns the count."""
        return AsyncStreamingResponseManager(lambda: _async_counting(self._messages._counted(params)))
