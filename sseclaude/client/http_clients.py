"""HTTP clients: which are accepted from a caller, and the library's own, one for each process and event loop.

Purpose: ``check_http_client`` for those that callers pass in; ``HTTPClients`` for the library's own.
Rule: a connection belongs to the process and the event loop that opened it, and is never used by another. The library's
client is closed when its loop ends; after a fork the child leaves its parent's clients untouched and makes its own.

An HTTP client is one of httpx, or of httpx2, which is never imported here: it is loaded if a client of it exists.
"""

from __future__ import annotations

import inspect
import os
import sys
import threading
from collections.abc import AsyncGenerator, Hashable
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar
from urllib.request import getproxies
from weakref import WeakSet

import httpx

from .event_loop import Soon, running_loop, spawn
from .failures import setup_error

if TYPE_CHECKING:
    import ssl

FAMILIES = ("httpx", "httpx2")
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=100)

C = TypeVar("C", bound="httpx.Client | httpx.AsyncClient")


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """Return the TLS context of all clients; making one takes 20 to 36 ms."""
    return httpx.create_ssl_context()


# --- those that are passed in ----------------------------------------------------------------------------------------


def check_http_client(client: Any, kind: Literal["Client", "AsyncClient"]) -> None:
    """Raise TypeError for an object that is no HTTP client of the kind and lacks ``build_request`` and ``send``."""
    if isinstance(client, type):
        raise TypeError(
            f"http_client is the class {client.__name__}, and not an object of it: write {client.__name__}()"
        )
    other = "AsyncClient" if kind == "Client" else "Client"
    for family in FAMILIES:
        module = sys.modules.get(family)
        if module is not None and isinstance(client, getattr(module, kind)):
            return
        if module is not None and isinstance(client, getattr(module, other)):
            raise TypeError(f"http_client is an {family}.{other}, and not an {family}.{kind}")
    send = getattr(client, "send", None)
    if not callable(send) or not callable(getattr(client, "build_request", None)):
        raise TypeError(f"http_client is a {_name(client)}, and not an httpx.{kind} or an httpx2.{kind}")
    if kind == "Client" and inspect.iscoroutinefunction(send):
        raise TypeError(f"http_client is a {_name(client)}, whose send() must be awaited; this client blocks")


def _name(value: object) -> str:
    cls = type(value)
    return f"{cls.__module__.partition('.')[0]}.{cls.__name__}"


def timeout_of_client(client: object) -> httpx.Timeout | None:
    """Return the timeout that a client was made with; None if it is httpx's default, which does not suit streams.

    A plain ``httpx.Client()`` would end a stream after 5 seconds without a byte.
    """
    timeout: Any = getattr(client, "timeout", None)
    if not all(hasattr(timeout, name) for name in ("connect", "read", "write", "pool")):
        return None
    phases = {timeout.connect, timeout.read, timeout.write, timeout.pool}
    if phases == {DEFAULT_SECONDS}:
        return None
    made_with: httpx.Timeout = timeout
    return made_with


DEFAULT_SECONDS = 5.0
"""The timeout of an ``httpx.Client`` that was given none, in seconds, in every phase."""


# --- our own ---------------------------------------------------------------------------------------------------------


class HTTPClients(Generic[C]):
    """The HTTP clients that one client of ours makes, by event loop (by None for blocking); safe from any thread."""

    def __init__(self, kind: type[C]) -> None:
        self._kind: Any = kind
        self._lock = threading.Lock()
        self.made: dict[Any, Made[C]] = {}
        _all.add(self)

    def get(self, loop: Any = None) -> Made[C]:
        """Return the client of a loop; make it if there is none. Raises AnthropicError for a setting at fault."""
        with self._lock:
            if (made := self.made.get(loop)) is None:
                for each in [each for each in self.made if is_closed_loop(each)]:
                    del self.made[each]  # its connections ended with it
                try:
                    client = self._make()
                except Exception as failure:
                    error = setup_error(failure)
                else:
                    made = _made(client, loop, self.made)
                    self.made[loop] = made
                    return made
                raise error
        return made

    def _make(self) -> C:
        options: dict[str, Any] = {"verify": tls_context(), "limits": LIMITS}
        behind_proxies = bool(getproxies())  # which are for httpx to read
        transport = None
        if not behind_proxies:
            from .network_backend import own_transport  # here, since httpcore is slow to import

            transport = own_transport(self._kind, **options)
        made: C = self._kind(**options, transport=transport, timeout=None, follow_redirects=False)
        if behind_proxies:
            from .proxies import guard

            guard(made, **options)
        return made

    def take(self) -> dict[Any, Made[C]]:
        """Forget all clients, and return them to be closed."""
        with self._lock:
            made, self.made = dict(self.made), {}  # a copy: loops that end take themselves out of theirs
        return made

    def _leave_to_parent(self) -> None:
        """In a child process: keep what the parent opened, since even closing it would reach the parent's sockets."""
        _inherited.append(self.made)
        self.made, self._lock = {}, threading.Lock()


class Made(Generic[C]):
    """An HTTP client of the library; an async one has a function that closes it, and one that reaches its loop."""

    def __init__(self, client: C, closer: AsyncGenerator[None, None] | None, soon: Soon | None) -> None:
        self.client = client
        self.closer = closer
        self.soon = soon

    def close_in_its_loop(self) -> None:
        """Close a client that awaits from wherever this is called; its loop may have ended."""
        with suppress(Exception):
            if self.closer is not None and self.soon is not None:
                closer = self.closer
                self.soon(lambda: spawn(closer.aclose))


def _made(client: C, loop: Any, made: dict[Any, Made[C]]) -> Made[C]:
    if isinstance(client, httpx.AsyncClient):
        closer = _close_with_loop(client, loop, made)
        with suppress(StopIteration):
            closer.__anext__().send(None)  # to its yield, without a switch of tasks
        return Made(client, closer, running_loop())
    return Made(client, None, None)


async def _close_with_loop(client: httpx.AsyncClient, loop: Any, made: dict[Any, Any]) -> AsyncGenerator[None, None]:
    """Close a client when its loop ends: every loop closes the asynchronous generators that are still suspended."""
    try:
        yield
    finally:
        made.pop(loop, None)
        with suppress(Exception):
            await client.aclose()


def current_loop() -> Hashable:
    """Return the event loop that runs now: asyncio's, or the token of trio's run."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        token: Hashable = trio.lowlevel.current_trio_token()
        return token
    import asyncio

    return asyncio.get_running_loop()


def is_closed_loop(loop: Any) -> bool:
    """Return whether a loop, as ``current_loop`` returned it, has ended."""
    if hasattr(loop, "is_closed"):
        return bool(loop.is_closed())
    try:
        if loop is not None:
            loop.run_sync_soon(_nothing)
    except RuntimeError:  # trio.RunFinishedError
        return True
    return False


def _nothing() -> None:
    pass


# --- after a fork ----------------------------------------------------------------------------------------------------

_all: WeakSet[HTTPClients[Any]] = WeakSet()
_inherited: list[Any] = []
"""What a parent process had made. Never closed or collected here: the event loop's selector is shared with it."""


def _after_fork() -> None:
    for clients in list(_all):
        clients._leave_to_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
