"""Our own HTTP clients behind the proxies of the environment: what holds without a proxy holds there too.

Purpose: ``guard`` gives the transports that httpx made for the proxies our network backend, and lets none of their
connections be used again on which more came than the answers.
Rule: httpx reads the environment, and decides which request goes where.

It stands on private attributes: httpx's ``_transport``, ``_mounts`` and ``_pool``, httpcore's ``_network_backend``,
``_connection`` and ``_h11_state``. A test names them. Without those of httpx its own transports serve as they are;
without those of the connections none is used twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from .network_backend import _AsyncBackend, _Backend, own_transport


def guard(client: Any, **options: Any) -> None:
    """Guard the transports of an HTTP client that was made without one of its own; ``options`` are its."""
    client._transport = own_transport(type(client), **options)
    backend = _AsyncBackend() if isinstance(client, httpx.AsyncClient) else _Backend()
    for transport in getattr(client, "_mounts", {}).values():
        pool: Any = getattr(transport, "_pool", None)  # None: for this host the proxy is left out
        if hasattr(pool, "_network_backend"):
            pool._network_backend = backend
            pool.create_connection = _guarded(pool.create_connection)


def _guarded(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_connection(origin: Any) -> Any:
        connection = create(origin)
        has_expired = connection.has_expired
        connection.has_expired = lambda: has_expired() or (connection.is_idle() and _has_surplus(connection))
        return connection

    return create_connection


def _has_surplus(connection: Any) -> bool:
    """Say whether an idle connection has read more than its answers; True where that cannot be seen."""
    while not hasattr(connection, "_h11_state"):
        connection = getattr(connection, "_connection", None)
        if connection is None:
            return True
    surplus, _ = connection._h11_state.trailing_data
    return bool(surplus)
