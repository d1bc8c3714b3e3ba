"""Who may send requests and read answers: owners of a token from a file, or programs on this machine.

Purpose: ``Tokens`` is an ``authorize`` for ``app``; ``LocalOnly`` refuses requests that another site made a browser
send.
Must not know: answers or the log.
Rule: a token is compared in constant time, with every token of the file, and is in no error, log line or repr.

Source: RFC 6750, 2.1 (Bearer); the Messages API sends its key as ``x-api-key``.
"""

from __future__ import annotations

import re
import stat
import warnings
from collections.abc import Collection, Mapping
from hmac import compare_digest
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..errors import AnthropicError
from .http_errors import HEADERS, RefusalError, new_request_id

NAME = re.compile(r"[A-Za-z0-9_.@-]{1,64}").fullmatch
"""What an owner may be called."""


class TokensFileError(AnthropicError):
    """A tokens file that cannot be used; the text names the line, never the token."""


class Tokens:
    """An ``authorize``: the owner whose token the request has in ``x-api-key`` or ``authorization: Bearer``.

    ``tokens`` maps each token to its owner; an owner may have several.
    """

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self._tokens = [(token.encode(), owner) for token, owner in tokens.items()]

    def __call__(self, request: HTTPConnection) -> str | None:
        """Return the owner, or None. It looks at every token, so that time says nothing about any."""
        given = _given(request.headers)
        found = None
        for token, owner in self._tokens:
            if compare_digest(token, given):
                found = owner
        return found

    def __repr__(self) -> str:
        return f"<Tokens of {', '.join(sorted({owner for _, owner in self._tokens}))}>"


def _given(headers: Mapping[str, str]) -> bytes:
    """Return the token of a request; empty, which no token is, where there is none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    return (headers.get("x-api-key") or bearer).encode("utf-8", "surrogatepass")


def read_tokens(path: Path) -> Tokens:
    """Read a file of lines ``NAME TOKEN``; empty lines and those that begin with ``#`` are skipped.

    Warns if others can read the file. Raises TokensFileError for a malformed line, by its number, for a token that
    stands twice and for a file without any; OSError for what the file system refuses.
    """
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        warnings.warn(f"{path} can be read by others: chmod 600 {path}", UserWarning, stacklevel=2)
    tokens: dict[str, str] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith(b"#"):
            continue
        try:
            owner, token = (word.decode("ascii") for word in words)
        except ValueError:
            owner = token = ""
        if not NAME(owner):
            raise TokensFileError(f"{path}, line {number}: not NAME TOKEN")
        if token in tokens:
            raise TokensFileError(f"{path}, line {number}: this token stands in a line before")
        tokens[token] = owner
    if not tokens:
        raise TokensFileError(f"{path} holds no token")
    return Tokens(tokens)


class LocalOnly:
    """Answers 403 to a ``host`` that is not this machine and to the ``origin`` of another site.

    A page of another site may send requests to a server on this machine, and by DNS rebinding under a name of its own.
    ``origins`` are other sites that may.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str] = ()) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on."""
        app = self._app
        if scope["type"] == "http":
            headers = HTTPConnection(scope).headers
            host, origin = headers.get("host", ""), headers.get("origin")
            if not is_local(host):
                app = _forbidden("this relay answers only to a host that is this machine")
            elif origin is not None and origin not in self._origins and origin != f"{scope['scheme']}://{host}":
                app = _forbidden("this relay answers no other site's pages (--allow-origin)")
        await app(scope, receive, send)


class Cors(CORSMiddleware):
    """Starlette's, with the headers that every answer has, and with refusals of a preflight in the API's shape."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer a preflight."""
        answer = super().preflight_response(request_headers)
        if answer.status_code >= 400:
            said = bytes(answer.body).decode()
            kept = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
            return RefusalError(answer.status_code, "invalid_request_error", said, kept).response()
        answer.headers.update({"request-id": new_request_id(), **HEADERS})
        return answer


def _forbidden(message: str) -> ASGIApp:
    return RefusalError(403, "permission_error", message).response()


def is_local(host: str) -> bool:
    """Whether a ``host`` header, or an address to listen on, names this machine's loopback interface."""
    try:
        name = host if host.count(":") > 1 and "[" not in host else urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or name.endswith(".localhost") or ip_address(name).is_loopback
    except ValueError:
        return False
