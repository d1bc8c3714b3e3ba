"""The clients: who asks, with which key, where, and how patiently.

Purpose: ``Anthropic`` and ``AsyncAnthropic`` with ``.messages``: stream, create, parse, count_tokens.
Must not know: how bytes are read or events are made; it makes a request and hands it to a face.
Rule: what the caller gives is sent; nothing of ours is added to the body but ``stream``; the key is in headers only.

Source: PROTOCOL.md, "The request".
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar, overload

from typing_extensions import Self, Unpack

from .._version import __version__
from ..blocks import Int, Model
from ..errors import AnthropicError, ProtocolError
from ..message import ParsedMessage
from ..output_schema import output_config
from ..sse import DEFAULT_MAX_EVENT_BYTES
from .params import OPTIONS, ClientOptions, H, MessageCountTokensParams, MessageCreateParams
from .request import Headers, Request, check_headers, check_url, encode_body, warn_if_readable
from .stream import (
    AsyncMessageStream,
    AsyncMessageStreamManager,
    AsyncStream,
    MessageStream,
    MessageStreamManager,
    Stream,
)
from .stream_base import Observers, Settings
from .timeouts import Timeout, TimeoutTypes
from .transport import AsyncTransport, Call, SyncTransport, document, request_id

if TYPE_CHECKING:
    import httpx

F = TypeVar("F")

BASE_URL = "https://api.anthropic.com"
API_VERSION = "2023-06-01"
DEFAULT_TIMEOUT = Timeout()


class MessageTokensCount(Model):
    """What ``count_tokens`` answers."""

    input_tokens: Int = 0


class Options(NamedTuple):
    """What a client is made with (see ``Anthropic``)."""

    api_key: str | None
    auth_token: str | None
    base_url: str
    anthropic_version: str
    betas: tuple[str, ...]
    timeout: TimeoutTypes
    max_retries: int
    default_headers: Mapping[str, str]
    strict: bool
    max_event_bytes: int

    def __repr__(self) -> str:
        """Tell everything but the key and the headers."""
        return f"base_url={self.base_url!r}, timeout={self.timeout!r}, max_retries={self.max_retries}"


class _Client(Generic[H]):
    """What both clients share: their options, and the making of requests from parameters."""

    _transport: Any

    def __init__(
        self,
        *,
        api_key: str | None = None,
        auth_token: str | None = None,
        base_url: str | httpx.URL | None = None,
        anthropic_version: str = API_VERSION,
        betas: Sequence[str] = (),
        timeout: TimeoutTypes = DEFAULT_TIMEOUT,
        max_retries: int = 2,
        default_headers: Mapping[str, str] | None = None,
        strict: bool = False,
        max_event_bytes: int = DEFAULT_MAX_EVENT_BYTES,
        http_client: H | None = None,
    ) -> None:
        if api_key is None and auth_token is None:
            api_key = os.environ.get("ANTHROPIC_API_KEY") or None
            auth_token = None if api_key else os.environ.get("ANTHROPIC_AUTH_TOKEN") or None
        url = str(base_url or os.environ.get("ANTHROPIC_BASE_URL") or BASE_URL).rstrip("/")
        self._options = Options(
            api_key, auth_token, url, anthropic_version, tuple(betas), timeout, max_retries,
            dict(default_headers or {}), strict, max_event_bytes,
        )  # fmt: skip
        self._transport = self._make_transport(http_client)
        self._shared = False  # the transport belongs to another client

    def _make_transport(self, http_client: H | None) -> Any:
        raise AssertionError("a subclass says which")  # pragma: no cover

    @property
    def api_key(self) -> str | None:
        """The key, or None."""
        return self._options.api_key

    @property
    def auth_token(self) -> str | None:
        """The bearer token, or None."""
        return self._options.auth_token

    @property
    def base_url(self) -> str:
        """Where requests go."""
        return self._options.base_url

    @property
    def timeout(self) -> TimeoutTypes:
        """How long to wait when a call does not say otherwise."""
        return self._options.timeout

    @property
    def max_retries(self) -> int:
        """How many attempts may follow the first."""
        return self._options.max_retries

    def with_options(self, **changes: Unpack[ClientOptions[H]]) -> Self:
        """Return a client that differs in some options and shares the connections (unless it has an ``http_client``).

        Closing it leaves the connections open: they belong to the client that it was made from.
        """
        http_client = changes.pop("http_client", None)
        unknown = set(changes) - set(Options._fields)
        if unknown:
            raise TypeError(f"with_options() has no option {', '.join(sorted(unknown))}")
        other = type(self).__new__(type(self))
        options = {**self._options._asdict(), **changes}
        type(self).__init__(other, http_client=http_client, **options)
        other._options = Options(**{**options, "base_url": str(options["base_url"]).rstrip("/")})
        if http_client is None:
            other._transport, other._shared = self._transport, True
        return other

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._options!r})"

    def _call(self, path: str, params: Mapping[str, Any], *, stream: bool) -> Call:
        """Make the call that the parameters describe."""
        options = {name: params[name] for name in OPTIONS if name in params}
        body = {name: value for name, value in params.items() if name not in OPTIONS}
        body |= options.get("extra_body") or {}
        if stream:
            body["stream"] = True
        request = Request(
            method="POST",
            url=self.base_url + path,
            headers=self._headers(options, stream=stream),
            body=encode_body(body),
            query=dict(options.get("extra_query") or {}),
        )
        check_url(self.base_url)
        warn_if_readable(self.base_url)
        return Call(request, Timeout.of(options.get("timeout", self.timeout)), self.max_retries)

    def _headers(self, options: Mapping[str, Any], *, stream: bool) -> Headers:
        client = self._options
        betas = ",".join(dict.fromkeys((*client.betas, *options.get("betas", ()))))
        headers = Headers({
            "accept": "text/event-stream" if stream else "application/json",
            "accept-encoding": "identity",  # compression would hold events back until a block is full
            "content-type": "application/json",
            "user-agent": f"sseclaude/{__version__}",
            "anthropic-version": client.anthropic_version,
            **({"anthropic-beta": betas} if betas else {}),
            **({"x-api-key": client.api_key} if client.api_key else {}),
            **({"authorization": f"Bearer {client.auth_token}"} if client.auth_token else {}),
        })  # fmt: skip
        for given in (client.default_headers, options.get("extra_headers") or {}):
            headers.update({name.lower(): value for name, value in given.items()})
        if not ("x-api-key" in headers or "authorization" in headers):
            raise AnthropicError("no API key: pass api_key= (or auth_token=), or set ANTHROPIC_API_KEY")
        check_headers(headers)
        return headers

    def _settings(self, output_format: Any = None) -> Settings:
        return Settings(self._options.strict, self._options.max_event_bytes, output_format)


def _with_format(params: Mapping[str, Any], output_format: Any) -> dict[str, Any]:
    if output_format is None:
        return dict(params)
    return {**params, "output_config": output_config(output_format, params.get("output_config"))}


def _count(response: httpx.Response, body: bytes) -> MessageTokensCount:
    counted = document(body)
    if not isinstance(counted, dict) or "input_tokens" not in counted:
        shown = body[:200].decode("utf-8", "replace")
        raise ProtocolError(
            "the answer is no token count", frame=shown, request_id=request_id(response), response=response
        )
    return MessageTokensCount.from_wire(counted)


class Messages:
    """``client.messages``."""

    def __init__(self, client: Anthropic) -> None:
        self._client = client

    @overload
    def stream(self, *, output_format: type[F], **params: Unpack[MessageCreateParams]) -> MessageStreamManager[F]: ...
    @overload
    def stream(
        self, *, output_format: None = None, **params: Unpack[MessageCreateParams]
    ) -> MessageStreamManager[None]: ...
    @overload
    def stream(self, *, output_format: Any, **params: Unpack[MessageCreateParams]) -> MessageStreamManager[Any]: ...
    def stream(self, *, output_format: Any = None, **params: Any) -> MessageStreamManager[Any]:
        """Ask for a message as a stream; ``with`` sends the request.

        ``output_format`` is a pydantic model or a type: its schema goes into the request, and the final message's
        ``parsed_output`` is of that type. Raises AnthropicError without a key, TypeError for what JSON cannot hold,
        APIStatusError, APIConnectionError, APITimeoutError; reading raises IncompleteStreamError and ProtocolError
        too.
        """
        return MessageStreamManager(lambda observers: self._start(params, output_format, observers))

    def _start(self, params: Mapping[str, Any], output_format: Any, observers: Observers) -> MessageStream[Any]:
        client = self._client
        call = client._call("/v1/messages", _with_format(params, output_format), stream=True)
        return MessageStream(client._transport, call, client._settings(output_format), observers)

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
    def create(self, *, output_format: Any = None, stream: bool = False, **params: Any) -> ParsedMessage[Any] | Stream:
        """Ask for a message. Without ``stream`` it is streamed all the same and returned whole, however long it takes.

        With ``stream=True`` the wire's events are returned as they come. Raises as ``stream`` does.
        """
        if stream:
            client = self._client
            call = client._call("/v1/messages", _with_format(params, output_format), stream=True)
            return Stream(client._transport, call, client._settings())
        with self._start(params, output_format, Observers()) as answer:
            return answer.get_final_message()

    @overload
    def parse(self, *, output_format: type[F], **params: Unpack[MessageCreateParams]) -> ParsedMessage[F]: ...
    @overload
    def parse(self, *, output_format: Any, **params: Unpack[MessageCreateParams]) -> ParsedMessage[Any]: ...
    def parse(self, *, output_format: Any, **params: Any) -> ParsedMessage[Any]:
        """Do what ``create`` does, with an ``output_format``."""
        with self._start(params, output_format, Observers()) as answer:
            return answer.get_final_message()

    def count_tokens(self, **params: Unpack[MessageCountTokensParams]) -> MessageTokensCount:
        """Ask how many input tokens a request would have. Raises as ``stream`` does."""
        call = self._client._call("/v1/messages/count_tokens", params, stream=False)
        return _count(*self._client._transport.read(call))


class Anthropic(_Client["httpx.Client"]):
    """The client that blocks. One serves many threads.

    ``api_key`` and ``auth_token`` default to ANTHROPIC_API_KEY and ANTHROPIC_AUTH_TOKEN, ``base_url`` to
    ANTHROPIC_BASE_URL, then to the public API. ``timeout`` is a number of seconds (connect and idle), a
    ``sseclaude.Timeout`` or an ``httpx.Timeout``. ``max_retries`` counts the attempts after the first. ``strict``
    refuses streams that break a rule. ``max_event_bytes`` bounds one event. An ``http_client`` (``httpx.Client``) is
    used as it is and never closed; without one, one is made at the first request.
    """

    _transport: SyncTransport

    def _make_transport(self, http_client: httpx.Client | None) -> SyncTransport:
        return SyncTransport(http_client)

    @property
    def messages(self) -> Messages:
        """The Messages API."""
        return Messages(self)

    @property
    def beta(self) -> Beta:
        """The same again: betas are a parameter."""
        return Beta(self.messages)

    def close(self) -> None:
        """Close the connections, if they are ours."""
        if not self._shared:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class Beta(NamedTuple):
    """``client.beta``: its messages are those of ``client.messages``."""

    messages: Messages


class AsyncMessages:
    """``client.messages`` of the async client."""

    def __init__(self, client: AsyncAnthropic) -> None:
        self._client = client

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
    def stream(self, *, output_format: Any = None, **params: Any) -> AsyncMessageStreamManager[Any]:
        """Ask for a message as a stream; ``async with`` sends the request (see ``Messages.stream``)."""
        return AsyncMessageStreamManager(lambda observers: self._start(params, output_format, observers))

    async def _start(
        self, params: Mapping[str, Any], output_format: Any, observers: Observers
    ) -> AsyncMessageStream[Any]:
        client = self._client
        call = client._call("/v1/messages", _with_format(params, output_format), stream=True)
        stream: AsyncMessageStream[Any]
        stream = AsyncMessageStream(client._transport, call, client._settings(output_format), observers)
        return await stream._open()

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
    async def create(
        self, *, output_format: Any = None, stream: bool = False, **params: Any
    ) -> ParsedMessage[Any] | AsyncStream:
        """Ask for a message, whole or as a stream of events (see ``Messages.create``)."""
        if stream:
            client = self._client
            call = client._call("/v1/messages", _with_format(params, output_format), stream=True)
            return await AsyncStream(client._transport, call, client._settings())._open()
        async with await self._start(params, output_format, Observers()) as answer:
            return await answer.get_final_message()

    @overload
    async def parse(self, *, output_format: type[F], **params: Unpack[MessageCreateParams]) -> ParsedMessage[F]: ...
    @overload
    async def parse(self, *, output_format: Any, **params: Unpack[MessageCreateParams]) -> ParsedMessage[Any]: ...
    async def parse(self, *, output_format: Any, **params: Any) -> ParsedMessage[Any]:
        """Do what ``create`` does, with an ``output_format``."""
        async with await self._start(params, output_format, Observers()) as answer:
            return await answer.get_final_message()

    async def count_tokens(self, **params: Unpack[MessageCountTokensParams]) -> MessageTokensCount:
        """Ask how many input tokens a request would have."""
        call = self._client._call("/v1/messages/count_tokens", params, stream=False)
        return _count(*await self._client._transport.read(call))


class AsyncBeta(NamedTuple):
    """``client.beta`` of the async client."""

    messages: AsyncMessages


class AsyncAnthropic(_Client["httpx.AsyncClient"]):
    """The client that awaits, on asyncio and on trio. One serves many tasks. Its options are those of ``Anthropic``."""

    _transport: AsyncTransport

    def _make_transport(self, http_client: httpx.AsyncClient | None) -> AsyncTransport:
        return AsyncTransport(http_client)

    @property
    def messages(self) -> AsyncMessages:
        """The Messages API."""
        return AsyncMessages(self)

    @property
    def beta(self) -> AsyncBeta:
        """The same again: betas are a parameter."""
        return AsyncBeta(self.messages)

    async def close(self) -> None:
        """Close the connections, if they are ours."""
        if not self._shared:
            await self._transport.close()

    async def aclose(self) -> None:
        """Do what ``close`` does."""
        await self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()
