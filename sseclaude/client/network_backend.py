"""The connections of our own HTTP clients: one deadline for all reads and writes, and no reuse with unread bytes.

Purpose: ``own_transport`` makes the transport of a client of ours: httpx's, over a pool whose connections are ours.
Must not know: requests, responses, or which of them is read.
Rule: a blocking read or write that belongs to a call with a ``total`` looks at the call's clock each time, not only
when its phase begins. A connection on which more came than the answers to its requests is not used again: what is
left over would be taken for the next answer.

On asyncio and uvloop the streams are those of ``asyncio_stream``.

It stands on public classes of httpcore (``ConnectionPool`` with its ``create_connection``, ``HTTPConnection``,
``NetworkBackend``) and on a few private attributes: httpx's ``_pool``, httpcore's ``_connection`` and ``_h11_state``,
and the queue of anyio's asyncio stream. A test names them. Without the first, httpx's own pool serves; without the two
of httpcore, no connection is used twice, and chunked bodies are read by h11 (see ``chunked``).

Source: PROTOCOL.md, "Clocks".
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any

import httpcore
import httpx

from .event_loop import on_trio
from .timeouts import TimeLeft

SLICE = 64 * 1024
"""How many bytes to write between two looks at the clock."""


def own_transport(
    kind: type[httpx.Client | httpx.AsyncClient], verify: ssl.SSLContext, limits: httpx.Limits
) -> httpx.BaseTransport | httpx.AsyncBaseTransport:
    """Return a transport for an HTTP client of this class."""
    transport, pool = _httpx_transport(kind, verify, limits)
    transport._pool = pool
    made: httpx.BaseTransport | httpx.AsyncBaseTransport = transport
    return made


def _httpx_transport(kind: type[Any], tls: ssl.SSLContext, limits: httpx.Limits) -> tuple[Any, Any]:
    if issubclass(kind, httpx.AsyncClient):
        return httpx.AsyncHTTPTransport(verify=tls, limits=limits), _AsyncPool(tls, limits)
    return httpx.HTTPTransport(verify=tls, limits=limits), _Pool(tls, limits)


def _pool_options(tls: ssl.SSLContext, limits: httpx.Limits) -> dict[str, Any]:
    return {
        "ssl_context": tls,
        "max_connections": limits.max_connections,
        "max_keepalive_connections": limits.max_keepalive_connections,
        "keepalive_expiry": limits.keepalive_expiry,
    }


def _has_surplus(connection: Any) -> bool:
    """Say whether an idle connection has read more than its answers; True where that cannot be seen."""
    try:
        surplus, _ = connection._connection._h11_state.trailing_data
    except AttributeError:
        return True
    return bool(surplus)


def _show_h11(connection: Any, response: httpcore.Response) -> None:
    """Let the response's network stream lead to what reads it."""
    with suppress(AttributeError):
        response.extensions["network_stream"].h11 = connection._connection._h11_state


# --- blocking --------------------------------------------------------------------------------------------------------


class _Pool(httpcore.ConnectionPool):
    def __init__(self, tls: ssl.SSLContext, limits: httpx.Limits) -> None:
        backend = _Backend()
        super().__init__(**_pool_options(tls, limits), network_backend=backend)
        self._made_with: dict[str, Any] = {
            "ssl_context": tls,
            "keepalive_expiry": limits.keepalive_expiry,
            "network_backend": backend,
        }

    def create_connection(self, origin: httpcore.Origin) -> httpcore.ConnectionInterface:
        return _Connection(origin, **self._made_with)


class _Connection(httpcore.HTTPConnection):
    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        response = super().handle_request(request)
        _show_h11(self, response)
        return response

    def has_expired(self) -> bool:
        """Say whether the pool has to close this connection, which it asks before each use and after it."""
        return self.is_idle() and (super().has_expired() or _has_surplus(self))  # the pool asks every one, each time


class _Backend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._backend.connect_tcp(host, port, timeout, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    """A blocking stream that asks a ``TimeLeft`` anew at every read and write.

    It reads and writes as httpcore's own does, and leaves out what costs most there for a read of a few bytes: to set
    the socket's timeout although it is the same, and to enter a context for the exceptions.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._socket: Any = stream.get_extra_info("socket")
        self._receive: Callable[[int], bytes] = self._socket.recv
        self._seconds: float | None = -1.0  # the timeout that the socket has; unknown as yet

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if type(timeout) is TimeLeft:
            if timeout.deadline.expired:  # a server that never pauses leaves no read to time out
                raise httpcore.ReadTimeout("timed out")
            timeout = timeout.now()
        try:
            if timeout != self._seconds:
                self._set_timeout(timeout)
            return self._receive(max_bytes)
        except TimeoutError as failure:
            raise httpcore.ReadTimeout(str(failure)) from failure
        except OSError as failure:
            raise httpcore.ReadError(str(failure)) from failure

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        try:
            while view:
                seconds = timeout
                if type(timeout) is TimeLeft:
                    if timeout.deadline.expired:
                        raise httpcore.WriteTimeout("timed out")
                    seconds = timeout.now()
                if seconds != self._seconds:
                    self._set_timeout(seconds)
                view = view[self._socket.send(view[:SLICE]) :]
        except TimeoutError as failure:
            raise httpcore.WriteTimeout(str(failure)) from failure
        except OSError as failure:
            raise httpcore.WriteError(str(failure)) from failure

    def _set_timeout(self, seconds: float | None) -> None:
        self._seconds = -1.0
        self._socket.settimeout(seconds)
        self._seconds = seconds

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)  # a blocking read takes a TLS record to its end: none waits above it


# --- awaiting --------------------------------------------------------------------------------------------------------


class _AsyncPool(httpcore.AsyncConnectionPool):
    def __init__(self, tls: ssl.SSLContext, limits: httpx.Limits) -> None:
        backend = _AsyncBackend()
        super().__init__(**_pool_options(tls, limits), network_backend=backend)
        self._made_with: dict[str, Any] = {
            "ssl_context": tls,
            "keepalive_expiry": limits.keepalive_expiry,
            "network_backend": backend,
        }

    def create_connection(self, origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface:
        return _AsyncConnection(origin, **self._made_with)


class _AsyncConnection(httpcore.AsyncHTTPConnection):
    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        response = await super().handle_async_request(request)
        _show_h11(self, response)
        return response

    def has_expired(self) -> bool:
        """Say whether the pool has to close this connection, which it asks before each use and after it."""
        return self.is_idle() and (super().has_expired() or _has_surplus(self))  # the pool asks every one, each time


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        backend: Any = httpcore.AnyIOBackend() if on_trio() is None else httpcore.TrioBackend()
        stream = await backend.connect_tcp(host, port, timeout, local_address, socket_options)
        if on_trio() is not None:
            return _AsyncStream(stream)
        from .asyncio_stream import adopted  # here, since no loop of asyncio may ever run

        return adopted(stream) or _AsyncStream(stream)


# Each method returns the awaitable of the stream below: one coroutine less a read.
# pyright: reportIncompatibleMethodOverride=false
class _AsyncStream(httpcore.AsyncNetworkStream):
    """A stream that knows of bytes which have left the socket and were not read yet."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> Coroutine[Any, Any, bytes]:
        return self._stream.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> Coroutine[Any, Any, None]:
        return self._stream.write(buffer, timeout)

    def aclose(self) -> Coroutine[Any, Any, None]:
        return self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return _AsyncStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        found = self._stream.get_extra_info(info)
        if info == "is_readable" and not found:
            return _is_queued(self._stream) or _is_decryptable(self._stream.get_extra_info("ssl_object"))
        return found


def _is_queued(stream: Any) -> bool:
    """Say whether anyio's asyncio stream, plain or below TLS, keeps bytes that its transport has received."""
    inner = getattr(stream, "_stream", None)
    inner = getattr(inner, "transport_stream", inner)
    return bool(getattr(getattr(inner, "_protocol", None), "read_queue", None))


def _is_decryptable(tls: ssl.SSLObject | None) -> bool:
    """Say whether a TLS object, which itself never waits, has more to read (or the end)."""
    if tls is None:
        return False
    try:
        tls.read(1)
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLError:
        return True
    return True
