"""HTTP responses of requests: ``messages.with_raw_response``.

Purpose: the status, the headers and the ``httpx.Response`` of an answer; ``parse()`` returns what the plain method
returns.
Rule: the requests are those of the plain methods. A message is read to its end before its raw response is returned, so
``parse()`` never waits, not even for the async client; a stream's raw response is returned when its headers have come.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from typing_extensions import Unpack

from ..message import ParsedMessage
from .params import MessageCountTokensParams, MessageCreateParams
from .rate_limits import RateLimit, rate_limits
from .stream import AsyncMessageStream, AsyncStream, MessageStream, Stream
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

    @property
    def http_version(self) -> str:
        """``HTTP/1.1``, or ``HTTP/2``."""
        return self.http_response.http_version

    @property
    def elapsed(self) -> timedelta:
        """The time from the request to the end of the response. Raises RuntimeError before that end."""
        return self.http_response.elapsed

    @property
    def is_closed(self) -> bool:
        """Whether the response was read to its end, or closed."""
        return self.http_response.is_closed

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
        count, response, attempts, _ = self._messages._counted(params)
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
        count, response, attempts, _ = await self._messages._counted(params)
        return RawResponse(response, count, attempts)
