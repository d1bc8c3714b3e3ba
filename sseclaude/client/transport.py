"""HTTP transport: send a request with retries and timeouts, open its body, and always release the connection.

Purpose: ``SyncTransport`` and ``AsyncTransport`` return response bodies in chunks, and raise the library's exceptions.
Must not know: events or messages; what a failure means (``failures``); where HTTP clients come from (``http_clients``).
Rule: code that blocking and async share is written once: ``Call.open`` is a generator of the transport's methods and
their arguments, and two short loops call them, one with ``await``.

Source: PROTOCOL.md, "The request", "Retries" and "The response".
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import httpx

from ..errors import (
    AnthropicError,
    APIConnectionError,
    APIError,
    APIStatusError,
    Progress,
    status_error,
)
from .failures import body_error, may_be_cured, sending_error
from .http_clients import HTTPClients, check_http_client, current_loop, timeout_of_client
from .request import Request
from .response_body import AsyncResponseBody, OpenResponses, ResponseBody, SyncResponseBody
from .retries import LOGGER, Retries
from .timeouts import Deadline, PhaseTimeouts, Timeout

if TYPE_CHECKING:
    from .timeouts import TimeoutTypes

DOCUMENT_BYTES = 16 * 1024 * 1024
"""The size beyond which a body that is one document (a token count) is cut."""

ERROR_BYTES = 1024 * 1024
"""The same for the body of an error: what it says is in its first lines, and nobody waits for the others."""

ERROR_SECONDS = 10.0
"""How long to read the body of an error; its status is known, and the server may send it byte by byte for ever."""


class Call:
    """One call: its request, its deadline, and its budget of attempts."""

    def __init__(self, request: Request, timeout: Timeout, max_retries: int) -> None:
        self.request = request
        self.deadline = Deadline(timeout)
        self.retries = Retries(max_retries, self.deadline)
        self.sent_at = 0.0
        self.stopped = False
        self.http_request: Any = None  # the last that was built
        self.wake: Callable[[], object] | None = None  # ends the pause, or the sending, that is going on

    def stop(self) -> None:
        """Send nothing more; safe from any thread."""
        self.stopped = True
        if (wake := self.wake) is not None:
            wake()

    def open(self, transport: SyncTransport | AsyncTransport, failed: APIError | None = None) -> Steps:
        """Send until a response of status 2xx has begun, and return it; ``failed`` is the attempt before, if any.

        Raises the error of the last attempt: APIConnectionError, APITimeoutError or an APIStatusError.
        """
        error = failed
        while True:
            if error is not None:
                pause = self.retries.delay_before_retry(error)
                yield transport.pause, self, pause
                if self.stopped:
                    raise error
            self.retries.attempts += 1
            self.sent_at = time.perf_counter()
            try:
                response: httpx.Response = yield transport.send, self
                self._log(response)
                if response.is_success:
                    return response
                error = response_error(response, (yield transport.read_error, self, response))
            except APIError as failure:
                LOGGER.info("attempt %d: %s", self.retries.attempts, type(failure).__name__)
                error = failure
            error.attempts = self.retries.attempts

    def _log(self, response: httpx.Response) -> None:
        path, status = response.request.url.path, response.status_code
        LOGGER.info("attempt %d: %s: %d, request %s", self.retries.attempts, path, status, request_id(response))

    def sending_error(self, failure: Exception) -> AnthropicError:
        """Return the library's exception for a failure to send; stop retries if none can succeed."""
        if not may_be_cured(failure):
            self.retries.stop()
        error = sending_error(failure, self.deadline)
        if isinstance(error, APIError):
            error.of_request(self.http_request)
        return error

    def add_context(self, error: APIError, body: ResponseBody, received: int) -> APIError:
        """Add to an error the response, the request id, the progress and the number of attempts."""
        error.response = body.response
        error.request_id = request_id(body.response)
        error.progress = Progress(bytes=received)
        error.attempts = self.retries.attempts
        return error


Steps: TypeAlias = Generator[tuple[Any, ...], Any, httpx.Response]
"""What to call next: a method of the transport, and its arguments. Its result is sent, or its APIError thrown."""


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


def response_error(response: httpx.Response, body: bytes) -> APIStatusError:
    """Return the exception that stands for a response whose status is not 2xx."""
    error = status_error(response.status_code, document(body), response=response)
    error.request_id = request_id(response)
    if (hint := _hint(response)) is not None:
        error.message = f"{error.message}; {hint}"
        error.args = (error.message,)
    return error


def _hint(response: httpx.Response) -> str | None:
    """Say what the status alone does not: where a redirect points, and what a base URL has too much of."""
    asked, location = response.request.url, response.headers.get("location")
    if 300 <= response.status_code < 400 and location:
        return f"{_bare(str(asked))} redirects to {_bare(location)}; redirects are not followed, so set base_url"
    doubled = next((end for end in ("/v1", "/v1/messages") if f"{end}/v1/messages" in asked.path), None)
    if response.status_code == 404 and doubled:
        return f"{_bare(str(asked))} was asked; base_url ends in {doubled}, which is added to it, so leave it out"
    return None


def _bare(url: str) -> str:
    """Return a URL without user info, query and fragment."""
    try:
        parts = urlsplit(url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    except ValueError:
        return "a URL that cannot be read"


class _Transport:
    """What both transports share: the HTTP client that was passed in, and the making of requests."""

    def __init__(self, http_client: Any, kind: Literal["Client", "AsyncClient"]) -> None:
        if http_client is not None:
            check_http_client(http_client, kind)
        self.given = http_client
        self._closed = False
        self._open_responses = OpenResponses()

    @property
    def is_closed(self) -> bool:
        """Whether nothing more can be sent."""
        return self._closed or bool(getattr(self.given, "is_closed", False))

    @property
    def given_timeout(self) -> TimeoutTypes:
        """The timeout of the HTTP client that was passed in, if it has one of its own; else None."""
        return timeout_of_client(self.given)

    def _check_open(self) -> None:
        if self.is_closed:
            raise AnthropicError("the client is closed")

    def _build(self, client: Any, call: Call) -> Any:
        method, url, headers, body, query = call.request
        parts = urlsplit(url)
        address = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
        params = httpx.QueryParams(parts.query).merge(query).multi_items() or None
        request = client.build_request(method, address, headers=headers, content=body, params=params)
        request.extensions["timeout"] = PhaseTimeouts(call.deadline)
        call.http_request = request
        return request


class SyncTransport(_Transport):
    """Sends calls by blocking."""

    def __init__(self, http_client: httpx.Client | None = None) -> None:
        super().__init__(http_client, "Client")
        self.clients = HTTPClients(httpx.Client)

    def open(self, call: Call, failed: APIError | None = None) -> SyncResponseBody:
        """Send a call, with retries, and return the body of the response that has begun."""
        steps = call.open(self, failed)
        try:
            step, *arguments = next(steps)
            while True:
                try:
                    result = step(*arguments)
                except APIError as error:
                    step, *arguments = steps.throw(error)
                else:
                    step, *arguments = steps.send(result)
        except StopIteration as end:
            return self._body(call, end.value)

    def read(self, call: Call) -> tuple[httpx.Response, bytes]:
        """Send a call whose response is one document, and return the response and the document."""
        failed: APIError | None = None
        while True:
            body, chunks = self.open(call, failed), list[bytes]()
            try:
                self._gather(body, chunks, DOCUMENT_BYTES)
                return body.response, b"".join(chunks)
            except APIError as error:
                failed = call.add_context(error, body, sum(map(len, chunks)))

    def close(self) -> None:
        """Close the library's own HTTP client; the caller closes one that was passed in."""
        self._closed = True
        self._open_responses.sweep()
        for made in self.clients.take().values():
            made.client.close()

    def __del__(self) -> None:
        """Close the connections of a client that was dropped; idle ones hold nothing that anybody waits for."""
        with suppress(Exception):
            self.close()

    def _body(self, call: Call, response: httpx.Response, deadline: Deadline | None = None) -> SyncResponseBody:
        return SyncResponseBody(response, deadline or call.deadline, call.sent_at, body_error, self._open_responses)

    def send(self, call: Call) -> httpx.Response:
        """Send once, and return the response that has begun."""
        self._check_open()
        self._open_responses.sweep()
        client = self.clients.get().client if self.given is None else self.given
        try:
            response: httpx.Response = client.send(self._build(client, call), stream=True, follow_redirects=False)
            return response
        except Exception as failure:
            error = call.sending_error(failure)
        raise error

    def pause(self, call: Call, seconds: float) -> None:
        """Wait before another attempt, unless the call is stopped."""
        over = threading.Event()
        call.wake = over.set
        if not call.stopped:
            over.wait(seconds)
        call.wake = None

    def read_error(self, call: Call, response: httpx.Response) -> bytes:
        """Read the body of an error, within bounds."""
        chunks: list[bytes] = []
        with suppress(APIError):  # the status counts, and not why its body is cut
            self._gather(self._body(call, response, call.deadline.capped(ERROR_SECONDS)), chunks, ERROR_BYTES)
        return b"".join(chunks)

    def _gather(self, body: SyncResponseBody, chunks: list[bytes], most: int) -> None:
        try:
            while most > 0 and (chunk := body.read()) is not None:
                chunks.append(chunk)
                most -= len(chunk)
        finally:
            body.close()


class AsyncTransport(_Transport):
    """Sends calls by awaiting, on asyncio and on trio, from any number of event loops."""

    def __init__(self, http_client: httpx.AsyncClient | None = None) -> None:
        super().__init__(http_client, "AsyncClient")
        self.clients = HTTPClients(httpx.AsyncClient)
        self._given_loop: Any = None  # the one that a client that was passed in sent from first

    async def open(self, call: Call, failed: APIError | None = None) -> AsyncResponseBody:
        """Send a call, with retries, and return the body of the response that has begun."""
        steps = call.open(self, failed)
        try:
            step, *arguments = next(steps)
            while True:
                try:
                    result = await step(*arguments)
                except APIError as error:
                    step, *arguments = steps.throw(error)
                else:
                    step, *arguments = steps.send(result)
        except StopIteration as end:
            return self._body(call, end.value)

    async def read(self, call: Call) -> tuple[httpx.Response, bytes]:
        """Send a call whose response is one document, and return the response and the document."""
        failed: APIError | None = None
        while True:
            body, chunks = await self.open(call, failed), list[bytes]()
            try:
                await self._gather(body, chunks, DOCUMENT_BYTES)
                return body.response, b"".join(chunks)
            except APIError as error:
                failed = call.add_context(error, body, sum(map(len, chunks)))

    async def close(self) -> None:
        """Close the library's own HTTP clients; the caller closes one that was passed in."""
        self._closed = True
        made, loop = self.clients.take(), current_loop()
        here = made.pop(loop, None)
        for other in made.values():
            other.close_in_its_loop()
        if here is not None and here.closer is not None:
            await here.closer.aclose()

    def __del__(self) -> None:
        """Close the connections of a client that was dropped, as far as its loops still run."""
        with suppress(Exception):
            for made in self.clients.take().values():
                made.close_in_its_loop()

    def _body(self, call: Call, response: httpx.Response, deadline: Deadline | None = None) -> AsyncResponseBody:
        clocks, resumable = deadline or call.deadline, self.given is None
        return AsyncResponseBody(response, clocks, call.sent_at, body_error, self._open_responses, resumable=resumable)

    async def send(self, call: Call) -> httpx.Response:
        """Send once, and return the response that has begun."""
        import anyio

        self._check_open()
        client = self._client()
        error: AnthropicError = APIConnectionError("no answer: the stream was closed before one came")
        try:
            with anyio.fail_after(call.deadline.within(None)) as scope:
                call.wake = scope.cancel
                response: httpx.Response
                response = await client.send(self._build(client, call), stream=True, follow_redirects=False)
                return response
        except Exception as failure:
            error = self._error_of_loop(failure) or call.sending_error(failure)
            if isinstance(failure, RuntimeError):
                call.retries.stop()
        finally:
            call.wake = None
        raise error

    def _client(self) -> Any:
        """Return the HTTP client that was passed in, or the one of the loop that runs."""
        loop = current_loop()
        if self.given is not None:
            self._given_loop = self._given_loop or loop
            return self.given
        return self.clients.get(loop).client

    def _error_of_loop(self, failure: Exception) -> APIConnectionError | None:
        """Return the error for a client that was passed in, if it failed because it belongs to another loop."""
        if self.given is None or self._given_loop is current_loop():
            return None
        if not isinstance(failure, (RuntimeError, TimeoutError)):
            return None
        error = APIConnectionError(
            "the http_client that was passed in belongs to the event loop that it was used in first, this is another; "
            "pass one for each loop, or none"
        )
        error.__cause__ = failure
        return error

    async def pause(self, call: Call, seconds: float) -> None:
        """Wait before another attempt, unless the call is stopped."""
        import anyio

        with anyio.CancelScope() as scope:
            call.wake = scope.cancel
            await anyio.sleep(0 if call.stopped else seconds)
        call.wake = None

    async def read_error(self, call: Call, response: httpx.Response) -> bytes:
        """Read the body of an error, within bounds."""
        chunks: list[bytes] = []
        with suppress(APIError):  # the status counts, and not why its body is cut
            await self._gather(self._body(call, response, call.deadline.capped(ERROR_SECONDS)), chunks, ERROR_BYTES)
        return b"".join(chunks)

    async def _gather(self, body: AsyncResponseBody, chunks: list[bytes], most: int) -> None:
        try:
            while most > 0 and (chunk := await body.read()) is not None:
                chunks.append(chunk)
                most -= len(chunk)
        finally:
            await body.close()
