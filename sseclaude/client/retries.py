"""When to retry, and how long to wait before.

Purpose: ``Retries``, the budget of attempts of one call, within its deadline; it obeys ``retry-after``.
Must not know: how a request is sent; it sees errors and their headers.
Rule: retry an error only if another attempt may succeed, and never past the deadline. The stream makes sure that
nothing is retried after an event was delivered.

Source: PROTOCOL.md, "Retries".
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timezone
from email.utils import parsedate_to_datetime
from math import isfinite
from random import random
from time import time
from typing import NamedTuple

from ..errors import APIError, is_retryable
from .timeouts import Deadline

LOGGER = logging.getLogger("sseclaude")
"""The client's logger: what was sent, retried and answered, at INFO."""

INITIAL_BACKOFF = 0.5
"""Seconds before the second attempt; each further pause is twice as long."""

MAX_BACKOFF = 8.0
"""Seconds beyond which pauses do not grow."""

MAX_RETRY_AFTER = 60.0
"""The longest ``retry-after`` that is obeyed, in seconds. With a longer one the error is raised at once."""

JITTER = 0.25
"""Each pause is shortened by up to this share, so that clients who failed together do not come back together."""


class Retry(NamedTuple):
    """A retry that begins now: ``record.retry`` of its log record. It holds nothing of the request or the response.

    ``error`` is the name of the failed attempt's exception class, ``delay`` the seconds until the next attempt,
    ``number`` counts retries from 1, and ``most`` is how many there may be (``math.inf``: no limit).
    """

    error: str
    delay: float
    number: int
    most: float


class Retries:
    """The budget of one call. ``attempts`` counts the requests that were sent."""

    def __init__(self, most: int, deadline: Deadline) -> None:
        self.left = most
        self.attempts = 0
        self.deadline = deadline

    def stop(self) -> None:
        """Allow no further attempt, because none can succeed."""
        self.left = 0

    def delay_before_retry(self, error: APIError) -> float:
        """Return the seconds to wait before the next attempt. Raises ``error`` if there is to be none."""
        headers: Mapping[str, str] = error.response.headers if error.response is not None else {}
        should = SHOULD_RETRY.get(headers.get("x-should-retry", "").strip().lower(), is_retryable(error))
        if not should or self.left <= 0 or self.deadline.expired:
            raise error
        asked = retry_after(headers)
        pause = backoff(self.attempts) if asked is None else asked
        if pause > MAX_RETRY_AFTER or not self.deadline.has(pause):
            raise error
        self.left -= 1
        name, most = type(error).__name__, self.attempts + self.left
        extra = {"retry": Retry(name, pause, self.attempts, most)}
        LOGGER.info("retrying in %.2f s after %s", pause, name, extra=extra)
        return pause


SHOULD_RETRY = {"true": True, "false": False}
"""What ``x-should-retry`` may say; it overrules the status."""


def backoff(attempts: int) -> float:
    """Return the seconds to wait after that many attempts: doubling, bounded, with jitter."""
    pause = min(INITIAL_BACKOFF * 2 ** min(attempts - 1, 16), MAX_BACKOFF)
    return float(pause * (1 - JITTER * random()))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the server asks to wait: ``retry-after-ms``, or ``retry-after`` as seconds or a date."""
    for name, read in (("retry-after-ms", _milliseconds), ("retry-after", _seconds), ("retry-after", _until)):
        if name in headers and (seconds := read(headers[name])) is not None:
            return max(seconds, 0.0)
    return None


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if isfinite(seconds) else None


def _milliseconds(value: str) -> float | None:
    milliseconds = _seconds(value)
    return None if milliseconds is None else milliseconds / 1000


def _until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
        # A zone of "-0000" gives a time without a zone; HTTP's dates are all UTC (RFC 9110, 5.6.7).
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp() - time()
    except (ValueError, TypeError, OverflowError):
        return None
