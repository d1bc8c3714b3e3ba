"""The rate limits in a response's headers: how much is left, and when the limit resets.

Purpose: ``rate_limits`` reads the ``anthropic-ratelimit-…`` headers for ``stream.rate_limits``.
Rule: a header that cannot be read counts as absent. Limits of unknown names are read too.

Source: PROTOCOL.md, "The response".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple


class RateLimit(NamedTuple):
    """One rate limit: ``limit`` and ``remaining`` are counts, ``reset`` is a time. None: not sent."""

    limit: int | None = None
    remaining: int | None = None
    reset: datetime | None = None


_header = re.compile(r"anthropic-ratelimit-(.+)-(limit|remaining|reset)", re.IGNORECASE).fullmatch


def rate_limits(headers: Mapping[str, str]) -> dict[str, RateLimit]:
    """Return the limits of the headers by their names: requests, tokens, input_tokens, output_tokens, …"""
    limits: dict[str, RateLimit] = {}
    for header, text in headers.items():
        if found := _header(header):
            name, field = found[1].lower().replace("-", "_"), found[2].lower()
            value: Any = _time(text) if field == "reset" else _count(text)
            limits[name] = limits.get(name, RateLimit())._replace(**{field: value})
    return limits


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _time(text: str) -> datetime | None:
    """Read a time in the format of RFC 3339."""
    try:
        return datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text.strip()))
    except ValueError:
        return None
