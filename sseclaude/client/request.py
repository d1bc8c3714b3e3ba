"""A request: its URL, headers and JSON body, and what is refused before anything is sent.

Purpose: ``Request`` and ``Headers``; ``encode_body`` turns the caller's parameters into JSON bytes.
Rule: our own models are sent as ``to_param()``, other pydantic models as the fields that were set on them; a value that
JSON cannot hold is a TypeError that names its path. No error shows a header's value: it may be the key.

Source: PROTOCOL.md, "The request".
"""

from __future__ import annotations

import json
import math
import re
import warnings
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel

from ..blocks import Model
from ..errors import AnthropicError
from .not_given import given


class Headers(dict[str, str]):
    """A request's headers. No text shows their values, for one of them is the key."""

    def __repr__(self) -> str:
        return f"<headers {', '.join(self)}>"


class Request(NamedTuple):
    """A request to send. ``body`` is JSON bytes."""

    method: str
    url: str
    headers: Headers
    body: bytes
    query: dict[str, Any]


# --- the JSON body ---


def to_wire(value: Any, path: str = "") -> Any:
    """Return ``value`` as plain JSON data. Raises TypeError, naming the path, for what JSON cannot hold."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TypeError(f"{path or 'the value'} is {value}, which JSON cannot hold")
        return value
    if isinstance(value, Model):
        return to_wire(value.to_param(), path)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_unset=True, by_alias=True)
    if isinstance(value, Mapping):
        sent = given(value).items()
        return {_key(key, path): to_wire(item, f"{path}.{key}" if path else str(key)) for key, item in sent}
    if isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray, memoryview, set, frozenset)):
        return [to_wire(item, f"{path}[{index}]") for index, item in enumerate(value)]
    raise TypeError(f"{path or 'the value'} is a {type(value).__name__}, which JSON cannot hold")


def _key(key: Any, path: str) -> str:
    if isinstance(key, str):
        return key
    raise TypeError(f"{path or 'the value'} has the key {key!r}; JSON's keys are strings")


def encode_body(params: Mapping[str, Any]) -> bytes:
    """Return a request's body as JSON bytes. Raises TypeError for what JSON cannot hold."""
    try:
        body = to_wire(params)
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        raise TypeError("the parameters are nested too deeply, or hold themselves") from None
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # lone surrogates travel as escapes
        return json.dumps(body, separators=(",", ":")).encode("ascii")


# --- checks ---


def check_headers(headers: Headers) -> None:
    """Raise for an invalid header, without its value: it may be a key. Not even a traceback's locals have it."""
    if others := [name for name in headers if not isinstance(headers[name], str)]:
        raise TypeError(f"the header {others[0]} is a {type(headers[others[0]]).__name__}, not a string")
    if bad := [name for name in headers if not re.fullmatch(TOKEN, name)]:
        raise AnthropicError(f"a header cannot be named {bad[0]!r}")
    if bad := [name for name in headers if not re.fullmatch(FIELD_VALUE, headers[name])]:
        raise AnthropicError(
            f"the header {bad[0]} holds a line break, a character that is not printable ASCII, or a space at an end"
        )


TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
FIELD_VALUE = r"(?:[!-~](?:[ -~]*[!-~])?)?"
"""A header's name and its value (RFC 9110, 5.1 and 5.5), but ASCII only. Compiled with the first request."""


def check_user_info(base_url: str) -> None:
    """Raise AnthropicError for a base URL with a user or a password: it would show in errors and replace the token."""
    if "@" in re.split(r"[/?#]", base_url.partition("://")[2], maxsplit=1)[0]:
        raise AnthropicError("base_url has user info before its host; pass api_key= or auth_token= instead")


def check_url(base_url: str) -> None:
    """Raise AnthropicError for a base URL that is not http or https, has no host, or has user info."""
    check_user_info(base_url)
    if not _has_host(base_url):
        raise AnthropicError(f"base_url={base_url!r} is no URL that begins with https:// (or http://)")
    try:
        has_port = urlsplit(base_url).port != 0
    except ValueError:
        has_port = False
    if not has_port:
        raise AnthropicError(f"the request cannot be sent: base_url={base_url!r} has no port from 1 to 65535")


def _has_host(base_url: str) -> bool:
    """Return whether a URL is http or https, and names a host."""
    try:
        parts = urlsplit(base_url)
        if "[" in parts.netloc:
            ip_address(str(parts.hostname).partition("%")[0])  # urlsplit itself checks it from Python 3.11 on
    except ValueError:  # a bracket that is not closed, or no address within
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def join_url(base_url: str, path: str) -> str:
    """Return the base URL with a path added to its own, before its query. Raises AnthropicError as ``check_url``."""
    check_url(base_url)
    parts = urlsplit(base_url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + path, parts.query, ""))


_warned: set[str] = set()


def warn_if_readable(base_url: str) -> None:
    """Warn once for each host that is used over plain HTTP, where others can read the key."""
    parts = urlsplit(base_url)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or "") and parts.hostname not in _warned:
        _warned.add(str(parts.hostname))
        warnings.warn(f"plain http to {parts.hostname}: the API key can be read on the way", UserWarning, stacklevel=5)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
