"""The network: send a request, try again, read the body under three clocks, and leave nothing open.

Purpose: the only room of the library that knows httpx. It hands out response bodies chunk by chunk and turns every
failure into an exception of ours.
Must not know: events or messages. What the bytes mean is the core's business.
Rule: what is written for both worlds is written once: a call is a generator of commands (pause, send, read_error,
hand_out), which two short loops carry out, one that awaits and one that does not.

Source: PROTOCOL.md, "The request", "Retries" and "The response".
"""

from __future__ import annotations

import json
import logging
import threading
import time
import zlib
from collections.abc import Callable, Generator
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import anyio
import httpx

from ..errors import (
    AnthropicError,
    APIConnectionError,
    APIError,
    APITimeoutError,
    IncompleteStreamError,
    Progress,
    ProtocolError,
    status_error,
)
from .event_loop import Soon, running_loop, spawn
from .request import Request
from .response_body import AsyncResponseBody, OpenResponses, ResponseBody, SyncResponseBody
from .retries import Retries
from .timeouts import Deadline, PhaseTimeouts, Timeout

if TYPE_CHECKING:
    import ssl

log = logging.getLogger("sseclaude")

DOCUMENT_BYTES = 16 * 1024 * 1024
"""The size beyond which a body that is read whole (a count) is cut."""

ERROR_BYTES = 1024 * 1024
"""The same for the body of an error: what it says is in its first lines, and nobody waits for the others."""

ERROR_SECONDS = 10.0
"""How long to read the body of an error; its status is known, and it may drip for ever."""

_FAILURES = (httpx.HTTPError, httpx.StreamError, OSError)
_UNSENDABLE = (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError)  # another attempt cures none of them


class Call:
    """One call of the caller's: its request, its clocks, its budget of attempts."""

    def __init__(self, request: Request, timeout: Timeout, max_retries: int) -> None:
        self.request = request
        self.deadline = Deadline(timeout)
        self.retries = Retries(max_retries, self.deadline)
        self.sent_at = 0.0
        self.stopped = False
        self.wake: Callable[[], object] | None = None  # ends the pause, or the sending, that is going on

    def stop(self) -> None:
        """Send nothing more; safe from any thread."""
        self.stopped = True
        if (wake := self.wake) is not None:
            wake()

    def open(self, failed: APIError | None = None) -> Commands:
        """Send until a response of status 2xx has begun, and hand it out; ``failed`` is the attempt before, if any.

        Raises the error of the last attempt: APIConnectionError, APITimeoutError or an APIStatusError.
        """
        error = failed
        while True:
            if error is not None:
                pause = self.retries.delay_before_retry(error)
                log.info("trying again in %.2f s after %s", pause, type(error).__name__)
                yield "pause", self, pause
                if self.stopped:
                    raise error
            self.retries.attempts += 1
            self.sent_at = time.perf_counter()
            try:
                response: httpx.Response = yield "send", self
                self._log(response)
                if response.is_success:
                    break
                body = yield "read_error", self, response
                error = status_error(response.status_code, document(body), response=response)
                error.request_id = request_id(response)
            except APIError as failure:
                log.info("attempt %d: %s", self.retries.attempts, type(failure).__name__)
                error = failure
            error.attempts = self.retries.attempts
        yield "hand_out", self, response

    def _log(self, response: httpx.Response) -> None:
        path, status = response.request.url.path, response.status_code
        log.info("attempt %d: %s: %d, request %s", self.retries.attempts, path, status, request_id(response))

    def add_context(self, error: APIError, body: ResponseBody, received: int) -> APIError:
        """Give an error what is known of the response of which so many bytes came."""
        error.response = body.response
        error.request_id = request_id(body.response)
        error.progress = Progress(bytes=received)
        error.attempts = self.retries.attempts
        return error


Commands: TypeAlias = Generator[tuple[Any, ...], Any, None]


def request_id(response: httpx.Response) -> str | None:
    """Return the server's name for the request."""
    found: str | None = response.headers.get("request-id")
    return found


def document(body: bytes) -> Any:
    """Return a body as JSON, or as text if it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
    except RecursionError:
        return None


def sending_error(failure: Exception, deadline: Deadline) -> AnthropicError:
    """Make our exception of a failure before the response's headers, with the failure as its cause."""
    if isinstance(failure, _UNSENDABLE):
        error = AnthropicError(f"the request cannot be sent: {failure}")
    elif isinstance(failure, (httpx.TimeoutException, TimeoutError)):
        waited = (
            f"connect={deadline.timeout.connect} s ran out" if isinstance(failure, CONNECTING) else deadline.describe()
        )
        error = APITimeoutError(f"no answer: {waited}")
    elif isinstance(failure, httpx.LocalProtocolError):
        return APIConnectionError("no answer: LocalProtocolError")  # it quotes headers, and the key is in one
    else:
        error = APIConnectionError(f"no answer: {_named(failure)}")
    error.__cause__ = failure
    return error


CONNECTING = (httpx.ConnectTimeout, httpx.PoolTimeout)


def _named(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}".removesuffix(": ")


def body_error(failure: Exception, deadline: Deadline) -> APIError | None:
    """Make our exception of a failure within the response's body, None if it is none of the network's."""
    if isinstance(failure, httpx.TimeoutException):
        return APITimeoutError(f"the stream stalled: {deadline.describe()}")
    if isinstance(failure, (httpx.DecodingError, zlib.error)):
        return ProtocolError(f"the body cannot be decompressed: {failure}", rule="not_an_event_stream")
    if isinstance(failure, _FAILURES):
        return IncompleteStreamError(f"the connection was cut: {_named(failure)}")
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
        self._open_responses = OpenResponses()

    @property
    def is_closed(self) -> bool:
        """Whether nothing more can be sent."""
        return self._closed or (self._client is not None and self._client.is_closed)

    @property
    def client(self) -> C:
        """The HTTP client: the one that was given, or one of our own. Raises AnthropicError when it is closed."""
        with self._making:
            if self.is_closed:
                raise AnthropicError("the client is closed")
            if self._client is None:
                limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
                self._client = self._kind(verify=tls_context(), limits=limits, timeout=None, follow_redirects=False)
            return self._client

    def _build(self, call: Call) -> httpx.Request:
        method, url, headers, body, query = call.request
        request = self.client.build_request(method, url, headers=headers, content=body, params=query or None)
        request.extensions["timeout"] = PhaseTimeouts(call.deadline)
        return request

    def _forget(self) -> C | None:
        """Take the client out of use and return it if it is ours to close; one that was given is not."""
        with self._making:
            client, self._client, self._closed = self._client, None, True
        return client if self._ours else None


class SyncTransport(_Transport[httpx.Client]):
    """Carries calls out by blocking."""

    _kind = httpx.Client

    def open(self, call: Call, failed: APIError | None = None) -> SyncResponseBody:
        """Carry out ``call.open`` and return the body of the response that has begun."""
        flow = call.open(failed)
        command, *arguments = next(flow)
        while command != "hand_out":
            try:
                result = getattr(self, f"_{command}")(*arguments)
            except APIError as error:
                command, *arguments = flow.throw(error)
            else:
                command, *arguments = flow.send(result)
        return self._body(*arguments)

    def read(self, call: Call) -> tuple[httpx.Response, bytes]:
        """Carry out a call whose answer is one document, and return it with its response."""
        failed: APIError | None = None
        while True:
            body, chunks = self.open(call, failed), list[bytes]()
            try:
                self._gather(body, chunks, DOCUMENT_BYTES)
                return body.response, b"".join(chunks)
            except APIError as error:
                failed = call.add_context(error, body, sum(map(len, chunks)))

    def close(self) -> None:
        """Close the HTTP client if it is ours."""
        self._open_responses.sweep()
        if (made := self._forget()) is not None:
            made.close()

    def __del__(self) -> None:
        """Close the connections of a client that was dropped; idle ones hold nothing that anybody waits for."""
        with suppress(Exception):
            self.close()

    def _body(self, call: Call, response: httpx.Response, deadline: Deadline | None = None) -> SyncResponseBody:
        return SyncResponseBody(response, deadline or call.deadline, call.sent_at, body_error, self._open_responses)

    def _send(self, call: Call) -> httpx.Response:
        self._open_responses.sweep()
        try:
            return self.client.send(self._build(call), stream=True, follow_redirects=False)
        except (*_FAILURES, *_UNSENDABLE) as failure:
            error = sending_error(failure, call.deadline)
        raise error

    def _pause(self, call: Call, seconds: float) -> None:
        over = threading.Event()
        call.wake = over.set
        if not call.stopped:
            over.wait(seconds)
        call.wake = None

    def _read_error(self, call: Call, response: httpx.Response) -> bytes:
        chunks: list[bytes] = []
        with suppress(APIError):  # the status is the news; why its body is not whole is not
            self._gather(self._body(call, response, call.deadline.capped(ERROR_SECONDS)), chunks, ERROR_BYTES)
        return b"".join(chunks)

    def _gather(self, body: SyncResponseBody, chunks: list[bytes], most: int) -> None:
        try:
            while most > 0 and (chunk := body.read()) is not None:
                chunks.append(chunk)
                most -= len(chunk)
        finally:
            body.close()


class AsyncTransport(_Transport[httpx.AsyncClient]):
    """Carries calls out by awaiting, on asyncio and on trio."""

    _kind = httpx.AsyncClient
    _loop: Soon | None = None  # the one that the last request was sent from

    async def open(self, call: Call, failed: APIError | None = None) -> AsyncResponseBody:
        """Carry out ``call.open`` and return the body of the response that has begun."""
        flow = call.open(failed)
        command, *arguments = next(flow)
        while command != "hand_out":
            try:
                result = await getattr(self, f"_{command}")(*arguments)
            except APIError as error:
                command, *arguments = flow.throw(error)
            else:
                command, *arguments = flow.send(result)
        return self._body(*arguments)

    async def read(self, call: Call) -> tuple[httpx.Response, bytes]:
        """Carry out a call whose answer is one document, and return it with its response."""
        failed: APIError | None = None
        while True:
            body, chunks = await self.open(call, failed), list[bytes]()
            try:
                await self._gather(body, chunks, DOCUMENT_BYTES)
                return body.response, b"".join(chunks)
            except APIError as error:
                failed = call.add_context(error, body, sum(map(len, chunks)))

    async def close(self) -> None:
        """Close the HTTP client if it is ours."""
        if (made := self._forget()) is not None:
            await made.aclose()

    def __del__(self) -> None:
        """Close the connections of a client that was dropped, as far as its loop still runs."""
        with suppress(Exception):
            if (made := self._forget()) is not None and self._loop is not None:
                self._loop(lambda: spawn(made.aclose))

    def _body(self, call: Call, response: httpx.Response, deadline: Deadline | None = None) -> AsyncResponseBody:
        clocks, resumable = deadline or call.deadline, self._ours
        return AsyncResponseBody(response, clocks, call.sent_at, body_error, self._open_responses, resumable=resumable)

    async def _send(self, call: Call) -> httpx.Response:
        self._loop = running_loop()
        error: AnthropicError = APIConnectionError("no answer: the stream was closed before one came")
        try:
            with anyio.fail_after(call.deadline.within(None)) as scope:
                call.wake = scope.cancel
                return await self.client.send(self._build(call), stream=True, follow_redirects=False)
        except (*_FAILURES, *_UNSENDABLE, TimeoutError) as failure:
            error = sending_error(failure, call.deadline)
        finally:
            call.wake = None
        raise error

    async def _pause(self, call: Call, seconds: float) -> None:
        with anyio.CancelScope() as scope:
            call.wake = scope.cancel
            await anyio.sleep(0 if call.stopped else seconds)
        call.wake = None

    async def _read_error(self, call: Call, response: httpx.Response) -> bytes:
        chunks: list[bytes] = []
        with suppress(APIError):  # the status is the news; why its body is not whole is not
            await self._gather(self._body(call, response, call.deadline.capped(ERROR_SECONDS)), chunks, ERROR_BYTES)
        return b"".join(chunks)

    async def _gather(self, body: AsyncResponseBody, chunks: list[bytes], most: int) -> None:
        try:
            while most > 0 and (chunk := await body.read()) is not None:
                chunks.append(chunk)
                most -= len(chunk)
        finally:
            await body.close()
