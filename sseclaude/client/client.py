"""The clients: authentication, base URL, timeouts, retries, and the connections.

Purpose: ``Anthropic`` and ``AsyncAnthropic``, with ``.messages`` and ``.beta.messages``.
Must not know: how a request is made from parameters (``options``), or which requests there are (``messages``).
Rule: a client owns the connections that it opened, and closes no others.

Source: PROTOCOL.md, "The request".
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import httpx
from typing_extensions import Self

from .absent import Absent
from .messages import AsyncMessages, Messages
from .options import BaseClient
from .transport import AsyncTransport, SyncTransport

if TYPE_CHECKING:
    from .raw_response import AsyncRawMessages, RawMessages
    from .streaming_response import AsyncStreamingMessages, StreamingMessages

ABSENT = frozenset(
    {"models", "completions", "files", "skills", "organization", "user_profiles", "middleware", "with_middleware"}
)
"""What the official client has and these have not."""


class Beta(NamedTuple):
    """``client.beta``: its messages are those of ``client.messages``."""

    messages: Messages


class AsyncBeta(NamedTuple):
    """``client.beta`` of the async client."""

    messages: AsyncMessages


M = TypeVar("M")
"""The methods that answer with the response."""


class WithResponse(Generic[M]):
    """``client.with_raw_response`` and ``client.with_streaming_response``: their messages answer with the response."""

    def __init__(self, messages: M) -> None:
        self.messages = messages

    @property
    def beta(self) -> Self:
        """The same again."""
        return self


class Anthropic(Absent, BaseClient["httpx.Client"]):
    """The blocking client. One client serves many threads.

    ``api_key`` and ``auth_token`` default to ANTHROPIC_API_KEY and ANTHROPIC_AUTH_TOKEN, ``base_url`` to
    ANTHROPIC_BASE_URL, then to the public API. ``timeout`` is a number of seconds (connect and idle), a
    ``sseclaude.Timeout`` or an ``httpx.Timeout``. ``max_retries`` counts the attempts after the first. ``strict``
    refuses streams that break a rule. ``max_event_bytes`` bounds one event. An ``http_client`` (``httpx.Client``) is
    used as it is and never closed; without one, one is made at the first request.
    """

    _transport: SyncTransport
    _absent = ABSENT

    def _make_transport(self, http_client: httpx.Client | None) -> SyncTransport:
        return SyncTransport(http_client)

    @property
    def messages(self) -> Messages:
        """The Messages API."""
        return Messages(self)

    @property
    def beta(self) -> Beta:
        """The same messages as without ``beta``: betas are a parameter."""
        return Beta(self.messages)

    @property
    def with_raw_response(self) -> WithResponse[RawMessages]:
        """The messages that answer with the response: ``messages.with_raw_response``."""
        return WithResponse(self.messages.with_raw_response)

    @property
    def with_streaming_response(self) -> WithResponse[StreamingMessages]:
        """The messages whose response is read as it comes: ``messages.with_streaming_response``."""
        return WithResponse(self.messages.with_streaming_response)

    def close(self) -> None:
        """Close the connections that the client opened."""
        if not self._shared:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class AsyncAnthropic(Absent, BaseClient["httpx.AsyncClient"]):
    """The async client, for asyncio and trio. One client serves many tasks. Its options are those of ``Anthropic``."""

    _transport: AsyncTransport
    _absent = ABSENT

    def _make_transport(self, http_client: httpx.AsyncClient | None) -> AsyncTransport:
        return AsyncTransport(http_client)

    @property
    def messages(self) -> AsyncMessages:
        """The Messages API."""
        return AsyncMessages(self)

    @property
    def beta(self) -> AsyncBeta:
        """The same messages as without ``beta``: betas are a parameter."""
        return AsyncBeta(self.messages)

    @property
    def with_raw_response(self) -> WithResponse[AsyncRawMessages]:
        """The messages that answer with the response: ``messages.with_raw_response``."""
        return WithResponse(self.messages.with_raw_response)

    @property
    def with_streaming_response(self) -> WithResponse[AsyncStreamingMessages]:
        """The messages whose response is read as it comes: ``messages.with_streaming_response``."""
        return WithResponse(self.messages.with_streaming_response)

    async def close(self) -> None:
        """Close the connections that the client opened."""
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


Client = Anthropic
AsyncClient = AsyncAnthropic
