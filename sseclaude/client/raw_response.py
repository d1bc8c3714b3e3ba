"""HTTP responses of requests: ``messages.with_raw_response`` and ``messages.with_streaming_response``.

Purpose: the status, the headers and the ``httpx.Response`` of an answer; ``parse()`` returns what the plain method
returns.
Rule: the requests are those of the plain methods. A message is read to its end before its raw response is returned, so
``parse()`` never waits, not even for the async client; a stream's raw response is returned when its headers have come.
"""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from typing_extensions import Unpack

from ..message import ParsedMessage
from .params import MessageCountTokensParams, MessageCreateParams
from .rate_limits import RateLimit, rate_limits
from .stream import AsyncMessageStream, AsyncStream, AsyncStreamBase, MessageStream, Stream, SyncStreamBase
from .stream_base import Observers, StreamBase

if TYPE_CHECKING:
    import httpx

    from .messages import AsyncMessages, Messages, MessageTokensCount

R = TypeVar("R")
"""What the plain method returns."""

S = TypeVar("S", bound=StreamBase)


class RawResponse(Generic[R]):
    """A response and its parsed result. ``retries_taken`` counts the attempts before the one that was answered."""

    def __init__(self, http_response: httpx.Response, result: R, attempts: int) -> None:
        self.http_response = http_response
        self.retries_taken = attempts - 1
        self._result = result

    @property
    def headers(self) -> httpx.Headers:
        """The response's headers."""
        return self.http_response.headers

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self.http_response.status_code

    @property
    def request_id(self) -> str | None:
        """The server's name for the request, from the ``request-id`` header."""
        request_id: str | None = self.http_response.headers.get("request-id")
        return request_id

    @property
    def rate_limits(self) -> dict[str, RateLimit]:
        """The rate limits in the headers (see ``rate_limits``)."""
        return rate_limits(self.http_response.headers)

    @property
    def http_request(self) -> httpx.Request:
        """The ``httpx.Request`` that was answered; its headers hold the key."""
        return self.http_response.request

    @property
    def url(self) -> httpx.URL:
        """The URL of the request."""
        return self.http_request.url

    @property
    def method(self) -> str:
        """The request's method."""
        return self.http_request.method

    def parse(self) -> R:
        """Return what the plain method returns."""
        return self._result

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status_code} {type(self._result).__name__}>"


def _raw(stream: S) -> RawResponse[S]:
    return RawResponse(stream.response, stream, stream.attempts)


class RawMessages:
    """``client.messages.with_raw_response``."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    @overload
    def create(
        self, *, output_format: Any = None, stream: Literal[True], **params: Unpack[MessageCreateParams]
    ) -> RawResponse[Stream]: ...
    @overload
    def create(
        self, *, output_format: Any = None, stream: Literal[False] = False, **params: Unpack[MessageCreateParams]
    ) -> RawResponse[ParsedMessage[Any]]: ...
    def create(self, *, output_format: Any = None, stream: bool = False, **params: Any) -> RawResponse[Any]:
        """Do what ``messages.create`` does."""
        if stream:
            return _raw(self._messages._events(params, output_format))
        with self._messages._start(params, output_format, Observers()) as answer:
            return RawResponse(answer.response, answer.get_final_message(), answer.attempts)

    def parse(self, *, output_format: Any, **params: Unpack[MessageCreateParams]) -> RawResponse[ParsedMessage[Any]]:
        """Do what ``messages.parse`` does."""
        return self.create(output_format=output_format, **params)

    def stream(
        self, *, output_format: Any = None, **params: Unpack[MessageCreateParams]
    ) -> RawResponse[MessageStream[Any]]:
        """Send the request; ``parse()`` returns the stream of ``messages.stream``, to be used in a ``with``."""
        return _raw(self._messages._start(params, output_format, Observers()))

    def count_tokens(self, **params: Unpack[MessageCountTokensParams]) -> RawResponse[MessageTokensCount]:
        """Do what ``messages.count_tokens`` does."""
        count, response, attempts = self._messages._counted(params)
        return RawResponse(response, count, attempts)


class AsyncRawMessages:
    """``client.messages.with_raw_response`` of the async client."""

    def __init__(self, messages: AsyncMessages) -> None:
        self._messages = messages

    @overload
    async def create(
        self, *, output_format: Any = None, stream: Literal[True], **params: Unpack[MessageCreateParams]
    ) -> RawResponse[AsyncStream]: ...
    @overload
    async def create(
        self, *, output_format: Any = None, stream: Literal[False] = False, **params: Unpack[MessageCreateParams]
    ) -> RawResponse[ParsedMessage[Any]]: ...
    async def create(self, *, output_format: Any = None, stream: bool = False, **params: Any) -> RawResponse[Any]:
        """Do what ``messages.create`` does."""
        if stream:
            return _raw(await self._messages._events(params, output_format))
        async with await self._messages._start(params, output_format, Observers()) as answer:
            return RawResponse(answer.response, await answer.get_final_message(), answer.attempts)

    async def parse(
        self, *, output_format: Any, **params: Unpack[MessageCreateParams]
    ) -> RawResponse[ParsedMessage[Any]]:
        """Do what ``messages.parse`` does."""
        return await self.create(output_format=output_format, **params)

    async def stream(
        self, *, output_format: Any = None, **params: Unpack[MessageCreateParams]
    ) -> RawResponse[AsyncMessageStream[Any]]:
        """Send the request; ``parse()`` returns the stream of ``messages.stream``, to be used in an ``async with``."""
        return _raw(await self._messages._start(params, output_format, Observers()))

    async def count_tokens(self, **params: Unpack[MessageCountTokensParams]) -> RawResponse[MessageTokensCount]:
        """Do what ``messages.count_tokens`` does."""
        count, response, attempts = await self._messages._counted(params)
        return RawResponse(response, count, attempts)


# --- responses that are read as they come ----------------------------------------------------------------------------


class StreamingResponse(RawResponse[SyncStreamBase]):
    """A response whose body has not been read. It can be read once: by ``parse()``, or as bytes, text or lines."""

    def parse(self) -> Stream | ParsedMessage[Any]:  # type: ignore[override]
        """Return the stream if one was requested; otherwise read to the end, and return the message."""
        stream = self._result
        if isinstance(stream, MessageStream):
            return stream.get_final_message()
        assert isinstance(stream, Stream)
        return stream

    def iter_bytes(self) -> Iterator[bytes]:
        """The body, chunk by chunk, decompressed."""
        while (chunk := self._result._body.read()) is not None:
            yield chunk

    def iter_text(self) -> Iterator[str]:
        """The body as text; invalid UTF-8 becomes U+FFFD."""
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        yield from filter(None, map(decode, self.iter_bytes()))
        if rest := decode(b"", True):
            yield rest

    def iter_lines(self) -> Iterator[str]:
        """The body's lines without their ends (LF or CRLF)."""
        line = ""
        for text in self.iter_text():
            *lines, line = (line + text).split("\n")
            yield from (each.removesuffix("\r") for each in lines)
        if line:
            yield line

    def read(self) -> bytes:
        """The rest of the body."""
        return b"".join(self.iter_bytes())

    def text(self) -> str:
        """The rest of the body as text."""
        return "".join(self.iter_text())


class AsyncStreamingResponse(RawResponse[AsyncStreamBase]):
    """The same for the async client."""

    async def parse(self) -> AsyncStream | ParsedMessage[Any]:  # type: ignore[override]
        """Return the stream if one was requested; otherwise read to the end, and return the message."""
        stream = self._result
        if isinstance(stream, AsyncMessageStream):
            return await stream.get_final_message()
        assert isinstance(stream, AsyncStream)
        return stream

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """The body, chunk by chunk, decompressed."""
        while (chunk := await self._result._body.read()) is not None:
            yield chunk

    async def iter_text(self) -> AsyncIterator[str]:
        """The body as text; invalid UTF-8 becomes U+FFFD."""
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        async for chunk in self.iter_bytes():
            if text := decode(chunk):
                yield text
        if rest := decode(b"", True):
            yield rest

    async def iter_lines(self) -> AsyncIterator[str]:
        """The body's lines without their ends (LF or CRLF)."""
        line = ""
        async for text in self.iter_text():
            *lines, line = (line + text).split("\n")
            for each in lines:
                yield each.removesuffix("\r")
        if line:
            yield line

    async def read(self) -> bytes:
        """The rest of the body."""
        return b"".join([chunk async for chunk in self.iter_bytes()])

    async def text(self) -> str:
        """The rest of the body as text."""
        return "".join([text async for text in self.iter_text()])


class StreamingResponseManager:
    """The result of the methods of ``with_streaming_response``: ``with`` sends the request and returns the response."""

    def __init__(self, start: Callable[[], SyncStreamBase]) -> None:
        self._start = start

    def __enter__(self) -> StreamingResponse:
        self._stream = self._start()
        return StreamingResponse(self._stream.response, self._stream, self._stream.attempts)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stream.close()


class AsyncStreamingResponseManager:
    """The same for the async client: ``async with`` sends the request."""

    def __init__(self, start: Callable[[], Awaitable[AsyncStreamBase]]) -> None:
        self._start = start

    async def __aenter__(self) -> AsyncStreamingResponse:
        self._stream = await self._start()
        return AsyncStreamingResponse(self._stream.response, self._stream, self._stream.attempts)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._stream.close()


class StreamingMessages:
    """``client.messages.with_streaming_response``."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    def create(
        self, *, output_format: Any = None, stream: bool = False, **params: Unpack[MessageCreateParams]
    ) -> StreamingResponseManager:
        """Send the request of ``messages.create``; the body is an event stream with ``stream`` and without."""
        messages = self._messages
        if stream:
            return StreamingResponseManager(lambda: messages._events(params, output_format))
        return StreamingResponseManager(lambda: messages._start(params, output_format, Observers()))


class AsyncStreamingMessages:
    """``client.messages.with_streaming_response`` of the async client."""

    def __init__(self, messages: AsyncMessages) -> None:
        self._messages = messages

    def create(
        self, *, output_format: Any = None, stream: bool = False, **params: Unpack[MessageCreateParams]
    ) -> AsyncStreamingResponseManager:
        """Send the request of ``messages.create``; the body is an event stream with ``stream`` and without."""
        messages = self._messages
        if stream:
            return AsyncStreamingResponseManager(lambda: messages._events(params, output_format))
        return AsyncStreamingResponseManager(lambda: messages._start(params, output_format, Observers()))
