"""HTTP clients like those that the clients make themselves, for a caller who wants to change an option of httpx.

Rule: an option that is not given is the library's: one TLS context for all, no limit on connections, no redirects
(httpx would send the key along). Without a ``timeout`` the clients of this library use their own.
"""

from __future__ import annotations

from typing import Any

import httpx

from .http_clients import LIMITS, tls_context


def _defaults(options: dict[str, Any]) -> dict[str, Any]:
    made = {"limits": LIMITS, "follow_redirects": False, **options}
    return made if {"verify", "cert", "transport"} & made.keys() else {"verify": tls_context(), **made}


class DefaultHttpxClient(httpx.Client):
    """An ``httpx.Client`` with the library's defaults; takes the arguments of ``httpx.Client``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**_defaults(options))


class DefaultAsyncHttpxClient(httpx.AsyncClient):
    """An ``httpx.AsyncClient`` with the library's defaults; takes the arguments of ``httpx.AsyncClient``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**_defaults(options))
