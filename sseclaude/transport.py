"""The network: send a request, try again, read the body under three clocks, and leave nothing open.

Purpose: the only room of the library that knows httpx. It hands out response bodies chunk by chunk and turns every
failure into an exception of ours.
Must not know: events or messages. What the bytes mean is the core's business.
Rule: what is written for both worlds is written once: a call is a generator of commands (send, pause, read), which two
short loops carry out, one that awaits and one that does not.

Source: PROTOCOL.md, "The request", "Retries" and "The response".
"""

from __future__ import annotations

import json
import logging
import threading
import time
import zlib
from collections.abc import Generator
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias, TypeVar

import anyio
import httpx

from .body import AsyncBody, SyncBody, close_later
from .clocks import Clock, PhaseTimeouts, Timeout
from .errors import (
    AnthropicError,
    APIConnectionError,
    APIError,
    APITimeoutError,
    IncompleteStreamError,
    ProtocolError,
    status_error,
)
from .retries import Retries

if TYPE_CHECKING:
    import ssl

log = logging.getLogger("sseclaude")

DOCUMENT_BYTES = 16 * 1024 * 1024
"""The size beyond which a body that is read whole (an error, a count) is cut."""

_FAILURES = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError)


class Request(NamedTuple):
    """What is to be sent. ``body`` is JSON bytes; ``stream`` says what the ``accept`` header asked for."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, Any]


class Call:
    """One call of the caller's: its request, its clocks, its budget of attempts."""

    def __init__(self, request: Request, timeout: Timeout, max_retries: int) -> None:
        self.request = request
        self.clock = Clock(timeout)
        self.retries = Retries(max_retries, self.clock)
        self.sent_at = 0.0

    def open(self, failed: APIError | None = None) -> Commands:
        """Send until a response of status 2xx has begun, and return it; ``failed`` is the attempt before, if any.

        Raises the error of the last attempt: APIConnectionError, APITimeoutError or an APIStatusError.
        """
        error = failed
        while True:
            if error is not None:
                pause = self.retries.pause_after(error)
                log.info("trying again in %.2f s after %s", pause, type(error).__name__)
                yield "pause", pause
            self.retries.attempts += 1
            self.sent_at = time.perf_counter()
            try:
                response: httpx.Response = yield "send", self
                request_id = response.headers.get("request-id")
                path = response.request.url.path
                log.info(
                    "attempt %d: %s: %d, request %s", self.retries.attempts, path, response.status_code, request_id
                )
                if response.is_success:
                    return response
                body = yield "read_error", response, self
                error = status_error(response.status_code, document(body), request_id=request_id, response=response)
            except APIError as failure:
                log.info("attempt %d: %s", self.retries.attempts, type(failure).__name__)
                error = failure
            error.attempts = self.retries.attempts


Commands: TypeAlias = Generator[tuple[Any, ...], Any, httpx.Response]


def document(body: bytes) -> Any:
    """Return a body as JSON, or as text if it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
    except RecursionError:
        return None


def connection_error(failure: Exception, clock: Clock) -> APIConnectionError:
    """Make our exception of a failure before the response's headers."""
    if isinstance(failure, (httpx.TimeoutException, TimeoutError)):
        waited = f"connect={clock.timeout.connect} s ran out" if isinstance(failure, CONNECTING) else clock.told()
        return APITimeoutError(f"no answer: {waited}")
    # A LocalProtocolError quotes header values, and a header may be a secret.
    told = "" if isinstance(failure, httpx.LocalProtocolError) else f": {failure}"
    return APIConnectionError(f"no answer: {type(failure).__name__}{told}")


CONNECTING = (httpx.ConnectTimeout, httpx.PoolTimeout)


def body_error(failure: Exception, clock: Clock) -> APIError | None:
    """Make our exception of a failure within the response's body, None if it is none of the network's."""
    if isinstance(failure, httpx.TimeoutException):
        return APITimeoutError(f"the stream stalled: {clock.told()}")
    if isinstance(failure, (httpx.DecodingError, zlib.error)):
        return ProtocolError(f"the body cannot be decompressed: {failure}", rule="not_an_event_stream")
    if isinstance(failure, _FAILURES):
        return IncompleteStreamError(f"the connection was cut: {type(failure).__name__}: {failure}")
    return None


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """Return the TLS context of all clients; making one takes 20 to 36 ms."""
    return httpx.create_ssl_context()


C = TypeVar("C", httpx.Client, httpx.AsyncClient)


class _Transport(Generic[C]):
    """What both worlds share: the HTTP client, made at the first request, and the making of requests."""

    _kind: type[C]

    def __init__(self, http_client: C | None = None) -> None:
        self._client: C | None = http_client
        self._ours = http_client is None
        self._making = threading.Lock()
        self._closed = False

    @property
    def client(self) -> C:
        """The HTTP client: the one that was given, or one of our own."""
        with self._making:
            if self._closed:
                raise AnthropicError("the client is closed")
            if self._client is None:
                limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
                self._client = self._kind(verify=tls_context(), limits=limits, timeout=None, follow_redirects=False)
            return self._client

    def _build(self, call: Call) -> httpx.Request:
        method, url, headers, body, query = call.request
        request = self.client.build_request(method, url, headers=headers, content=body, params=query or None)
        request.extensions["timeout"] = PhaseTimeouts(call.clock)
        return request

    def _forget(self) -> C | None:
        """Take the client out of use and return it if it is ours to close; one that was given is not."""
        with self._making:
            client, self._client, self._closed = self._client, None, True
        return client if self._ours else None


class SyncTransport(_Transport[httpx.Client]):
    """Carries calls out by blocking."""

    _kind = httpx.Client

    def open(self, call: Call, failed: APIError | None = None) -> SyncBody:
        """Carry out ``call.open`` and return the body of the response that has begun."""
        flow = call.open(failed)
        try:
            command, *arguments = next(flow)
            while True:
                try:
                    result = getattr(self, f"_{command}")(*arguments)
                except APIError as error:
                    command, *arguments = flow.throw(error)
                else:
                    command, *arguments = flow.send(result)
        except StopIteration as opened:
            return self._body(opened.value, call)

    def read(self, call: Call) -> tuple[httpx.Response, bytes]:
        """Carry out a call whose answer is one document, and return it with its response."""
        body = self.open(call)
        return body.response, self._read_all(body)

    def close(self) -> None:
        """Close the HTTP client if it is ours."""
        if (made := self._forget()) is not None:
            made.close()

    def __del__(self) -> None:
        """Close the connections of a client that was dropped; idle ones hold nothing that anybody waits for."""
        with suppress(Exception):
            self.close()

    def _body(self, response: httpx.Response, call: Call) -> SyncBody:
        return SyncBody(response, call.clock, call.sent_at, body_error)

    def _send(self, call: Call) -> httpx.Response:
        try:
            return self.client.send(self._build(call), stream=True, follow_redirects=False)
        except _FAILURES as failure:
            raise connection_error(failure, call.clock) from failure

    def _pause(self, seconds: float) -> None:
        time.sleep(seconds)

    def _read_error(self, response: httpx.Response, call: Call) -> bytes:
        try:
            return self._read_all(self._body(response, call))
        except APIError:
            return b""  # the status is the news; why it has no body is not

    def _read_all(self, body: SyncBody) -> bytes:
        chunks: list[bytes] = []
        try:
            while (chunk := body.read()) is not None and sum(map(len, chunks)) < DOCUMENT_BYTES:
                chunks.append(chunk)
        finally:
            body.close()
        return b"".join(chunks)


class AsyncTransport(_Transport[httpx.AsyncClient]):
    """Carries calls out by awaiting, on asyncio and on trio."""

    _kind = httpx.AsyncClient

    async def open(self, call: Call, failed: APIError | None = None) -> AsyncBody:
        """Carry out ``call.open`` and return the body of the response that has begun."""
        flow = call.open(failed)
        try:
            command, *arguments = next(flow)
            while True:
                try:
                    result = await getattr(self, f"_{command}")(*arguments)
                except APIError as error:
                    command, *arguments = flow.throw(error)
                else:
                    command, *arguments = flow.send(result)
        except StopIteration as opened:
            return self._body(opened.value, call)

    async def read(self, call: Call) -> tuple[httpx.Response, bytes]:
        """Carry out a call whose answer is one document, and return it with its response."""
        body = await self.open(call)
        return body.response, await self._read_all(body)

    async def close(self) -> None:
        """Close the HTTP client if it is ours."""
        if (made := self._forget()) is not None:
            await made.aclose()

    def __del__(self) -> None:
        """Close the connections of a client that was dropped, as far as a loop still runs."""
        with suppress(Exception):
            if (made := self._forget()) is not None:
                close_later(made.aclose)

    def _body(self, response: httpx.Response, call: Call) -> AsyncBody:
        return AsyncBody(response, call.clock, call.sent_at, body_error)

    async def _send(self, call: Call) -> httpx.Response:
        try:
            with anyio.fail_after(call.clock.within(None)):
                return await self.client.send(self._build(call), stream=True, follow_redirects=False)
        except (*_FAILURES, TimeoutError) as failure:
            raise connection_error(failure, call.clock) from failure

    async def _pause(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    async def _read_error(self, response: httpx.Response, call: Call) -> bytes:
        try:
            return await self._read_all(self._body(response, call))
        except APIError:
            return b""  # the status is the news; why it has no body is not

    async def _read_all(self, body: AsyncBody) -> bytes:
        chunks: list[bytes] = []
        try:
            while (chunk := await body.read()) is not None and sum(map(len, chunks)) < DOCUMENT_BYTES:
                chunks.append(chunk)
        finally:
            await body.close()
        return b"".join(chunks)
