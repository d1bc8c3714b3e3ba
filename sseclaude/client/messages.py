"""``client.messages``: stream, create, parse and count_tokens, blocking and async.

Purpose: the methods that send requests, and their types.
Must not know: how bytes are read or events are made; each method makes a call and passes it to a stream.
Rule: every message is streamed, also where the method returns the complete message.

Source: PROTOCOL.md, "The request".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from typing_extensions import Unpack

from ..blocks import AwaitableValue, Int, Model
from ..errors import ProtocolError
from ..message import ParsedMessage
from .absent import Absent
from .documented import documented
from .not_given import is_given
from .options import BaseClient
from .params import PARAMETER_DOCS, MessageCountTokensParams, MessageCreateParams
from .stream import (
    AsyncMessageStream,
    AsyncMessageStreamManager,
    AsyncStream,
    MessageStream,
    MessageStreamManager,
    Stream,
)
from .stream_base import Observers, Settings
from .transport import Call, document, request_id

if TYPE_CHECKING:
    import httpx

    from .client import Anthropic, AsyncAnthropic
    from .raw_response import AsyncRawMessages, RawMessages
    from .streaming_response import AsyncStreamingMessages, StreamingMessages

F = TypeVar("F")

ABSENT = frozenset({"batches", "tool_runner"})
"""What the official client's messages have and these have not."""


class MessageTokensCount(AwaitableValue, Model):
    """The result of ``count_tokens``."""

    input_tokens: Int = 0


def ask(client: BaseClient[Any], params: Mapping[str, Any], output_format: Any) -> tuple[Call, Settings]:
    """Return the call for a message, and the settings by which its stream is read.

    A finished format, which is no type, gives the schema and no ``parsed_output``.
    """
    if not is_given(output_format):
        output_format = None
    if output_format is not None:
        from ..output_schema import is_finished, output_config

        config = params.get("output_config")
        params = {**params, "output_config": output_config(output_format, config if is_given(config) else None)}
        output_format = None if is_finished(output_format) else output_format
    settings = client._settings(output_format)
    return client._call("/v1/messages", params, stream=True), settings


def _count(response: httpx.Response, body: bytes) -> MessageTokensCount:
    counted = document(body)
    if not isinstance(counted, dict) or "input_tokens" not in counted:
        shown = body[:200].decode("utf-8", "replace")
        raise ProtocolError(
            "the answer is no token count", frame=shown, request_id=request_id(response), response=response
        )
    return MessageTokensCount.from_wire(counted)


class Messages(Absent):
    """``client.messages``."""

    _absent = ABSENT

    def __init__(self, client: Anthropic) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> RawMessages:
        """The same methods; each returns the HTTP response, whose ``parse()`` returns the method's usual result."""
        from .raw_response import RawMessages

        return RawMessages(self)

    @property
    def with_streaming_response(self) -> StreamingMessages:
        """The same methods as context managers, whose response can also be read as bytes, text or lines."""
        from .streaming_response import StreamingMessages

        return StreamingMessages(self)

    @overload
    def stream(self, *, output_format: type[F], **params: Unpack[MessageCreateParams]) -> MessageStreamManager[F]: ...
    @overload
    def stream(
        self, *, output_format: None = None, **params: Unpack[MessageCreateParams]
    ) -> MessageStreamManager[None]: ...
    @overload
    def stream(self, *, output_format: Any, **params: Unpack[MessageCreateParams]) -> MessageStreamManager[Any]: ...
    @documented(MessageCreateParams, PARAMETER_DOCS)
    def stream(self, *, output_format: Any = None, **params: Any) -> MessageStreamManager[Any]:
        """Request a message as a stream; ``with`` sends the request.

        ``output_format`` is a pydantic model or a type: its schema goes into the request, and the final message's
        ``parsed_output`` is of that type. Raises AnthropicError without a key, TypeError for what JSON cannot hold,
        APIStatusError, APIConnectionError, APITimeoutError; reading raises IncompleteStreamError and ProtocolError
        too.
        """
        return MessageStreamManager(lambda observers: self._start(params, output_format, observers))

    def _start(self, params: Mapping[str, Any], output_format: Any, observers: Observers) -> MessageStream[Any]:
        return MessageStream(self._client._transport, *ask(self._client, params, output_format), observers)

    def _events(self, params: Mapping[str, Any], output_format: Any) -> Stream:
        call, settings = ask(self._client, params, output_format)
        return Stream(self._client._transport, call, settings._replace(output_format=None))

    @overload
    def create(
        self, *, output_format: Any = None, stream: Literal[True], **params: Unpack[MessageCreateParams]
    ) -> Stream: ...
    @overload
    def create(
        self, *, output_format: type[F], stream: Literal[False] = False, **params: Unpack[MessageCreateParams]
    ) -> ParsedMessage[F]: ...
    @overload
    def create(
        self, *, output_format: None = None, stream: Literal[False] = False, **params: Unpack[MessageCreateParams]
    ) -> ParsedMessage[None]: ...
    @overload
    def create(
        self, *, output_format: Any, stream: Literal[False] = False, **params: Unpack[MessageCreateParams]
    ) -> ParsedMessage[Any]: ...
    @overload
    def create(
        self, *, output_format: Any = None, stream: bool, **params: Unpack[MessageCreateParams]
    ) -> ParsedMessage[Any] | Stream: ...
    @documented(MessageCreateParams, PARAMETER_DOCS)
    def create(self, *, output_format: Any = None, stream: bool = False, **params: Any) -> ParsedMessage[Any] | Stream:
        """Request a message. Without ``stream`` it is streamed too, and returned complete, however long it takes.

        With ``stream=True`` the wire's events are returned as they come. Raises as ``stream`` does.
        """
        if stream:
            return self._events(params, output_format)
        with self._start(params, output_format, Observers()) as answer:
            return answer.get_final_message()

    @overload
    def parse(self, *, output_format: type[F], **params: Unpack[MessageCreateParams]) -> ParsedMessage[F]: ...
    @overload
    def parse(self, *, output_format: Any, **params: Unpack[MessageCreateParams]) -> ParsedMessage[Any]: ...
    @documented(MessageCreateParams, PARAMETER_DOCS)
    def parse(self, *, output_format: Any, **params: Any) -> ParsedMessage[Any]:
        """Do what ``create`` does, with an ``output_format``."""
        with self._start(params, output_format, Observers()) as answer:
            return answer.get_final_message()

    @documented(MessageCountTokensParams, PARAMETER_DOCS)
    def count_tokens(self, **params: Unpack[MessageCountTokensParams]) -> MessageTokensCount:
        """Return how many input tokens a request would have. Raises as ``stream`` does."""
        return self._counted(params)[0]

    def _counted(self, params: Mapping[str, Any]) -> tuple[MessageTokensCount, httpx.Response, int, bytes]:
        call = self._client._call("/v1/messages/count_tokens", params, stream=False)
        response, body = self._client._transport.read(call)
        return _count(response, body), response, call.retries.attempts, body


class AsyncMessages(Absent):
    """``client.messages`` of the async client."""

    _absent = ABSENT

    def __init__(self, client: AsyncAnthropic) -> None:
        self._client = client

    @property
    def with_raw_response(self) -> AsyncRawMessages:
        """The same methods with the response beside the result (see ``Messages.with_raw_response``)."""
        from .raw_response import AsyncRawMessages

        return AsyncRawMessages(self)

    @property
    def with_streaming_response(self) -> AsyncStreamingMessages:
        """The same methods as context managers (see ``Messages.with_streaming_response``)."""
        from .streaming_response import AsyncStreamingMessages

        return AsyncStreamingMessages(self)

    @overload
    def stream(
        self, *, output_format: type[F], **params: Unpack[MessageCreateParams]
    ) -> AsyncMessageStreamManager[F]: ...
    @overload
    def stream(
        self, *, output_format: None = None, **params: Unpack[MessageCreateParams]
    ) -> AsyncMessageStreamManager[None]: ...
    @overload
    def stream(
        self, *, output_format: Any, **params: Unpack[MessageCreateParams]
    ) -> AsyncMessageStreamManager[Any]: ...
    @documented(MessageCreateParams, PARAMETER_DOCS)
    def stream(self, *, output_format: Any = None, **params: Any) -> AsyncMessageStreamManager[Any]:
        """Request a message as a stream; ``async with`` sends the request (see ``Messages.stream``)."""
        return AsyncMessageStreamManager(lambda observers: self._start(params, output_format, observers))

    async def _start(
        self, params: Mapping[str, Any], output_format: Any, observers: Observers
    ) -> AsyncMessageStream[Any]:
        stream: AsyncMessageStream[Any]
        stream = AsyncMessageStream(self._client._transport, *ask(self._client, params, output_format), observers)
        return await stream._open()

    async def _events(self, params: Mapping[str, Any], output_format: Any) -> AsyncStream:
        call, settings = ask(self._client, params, output_format)
        return await AsyncStream(self._client._transport, call, settings._replace(output_format=None))._open()

    @overload
    async def create(
        self, *, output_format: Any = None, stream: Literal[True], **params: Unpack[MessageCreateParams]
    ) -> AsyncStream: ...
    @overload
    async def create(
        self, *, output_format: type[F], stream: Literal[False] = False, **params: Unpack[MessageCreateParams]
    ) -> ParsedMessage[F]: ...
    @overload
    async def create(
        self, *, output_format: None = None, stream: Literal[False] = False, **params: Unpack[MessageCreateParams]
    ) -> ParsedMessage[None]: ...
    @overload
    async def create(
        self, *, output_format: Any, stream: Literal[False] = False, **params: Unpack[MessageCreateParams]
    ) -> ParsedMessage[Any]: ...
    @overload
    async def create(
        self, *, output_format: Any = None, stream: bool, **params: Unpack[MessageCreateParams]
    ) -> ParsedMessage[Any] | AsyncStream: ...
    @documented(MessageCreateParams, PARAMETER_DOCS)
    async def create(
        self, *, output_format: Any = None, stream: bool = False, **params: Any
    ) -> ParsedMessage[Any] | AsyncStream:
        """Request a message, complete or as a stream of events (see ``Messages.create``)."""
        if stream:
            return await self._events(params, output_format)
        async with await self._start(params, output_format, Observers()) as answer:
            return await answer.get_final_message()

    @overload
    async def parse(self, *, output_format: type[F], **params: Unpack[MessageCreateParams]) -> ParsedMessage[F]: ...
    @overload
    async def parse(self, *, output_format: Any, **params: Unpack[MessageCreateParams]) -> ParsedMessage[Any]: ...
    @documented(MessageCreateParams, PARAMETER_DOCS)
    async def parse(self, *, output_format: Any, **params: Any) -> ParsedMessage[Any]:
        """Do what ``create`` does, with an ``output_format``."""
        async with await self._start(params, output_format, Observers()) as answer:
            return await answer.get_final_message()

    @documented(MessageCountTokensParams, PARAMETER_DOCS)
    async def count_tokens(self, **params: Unpack[MessageCountTokensParams]) -> MessageTokensCount:
        """Return how many input tokens a request would have."""
        return (await self._counted(params))[0]

    async def _counted(self, params: Mapping[str, Any]) -> tuple[MessageTokensCount, httpx.Response, int, bytes]:
        call = self._client._call("/v1/messages/count_tokens", params, stream=False)
        response, body = await self._client._transport.read(call)
        return _count(response, body), response, call.retries.attempts, body
