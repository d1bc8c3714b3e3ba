"""What the client waits for before it sends a request again, in words for a terminal.

Purpose: ``retries_shown`` calls a function for each retry, with a second function that returns the text at any moment.
Must not know: how the text is drawn.
Rule: it changes nothing in the client; it reads the client's log records.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil, isfinite
from time import monotonic
from typing import TypeAlias

from ..client.retries import LOGGER, Retry

Text: TypeAlias = Callable[[], str]
"""Returns the text at the moment of the call: seconds are counted down."""

REASONS = {
    "OverloadedError": "overloaded",
    "RateLimitError": "rate limit reached",
    "ServiceUnavailableError": "temporarily unavailable",
    "InternalServerError": "server error",
    "ConflictError": "conflict with another request",
    "APITimeoutError": "timeout",
    "RequestTimeoutError": "timeout",
    "GatewayTimeoutError": "timeout",
    "IncompleteStreamError": "stream cut",
    "APIConnectionError": "connection failed",
}
"""What happened, by the error's class."""


def text_of(retry: Retry) -> Text:
    """Return the text of a retry that begins now: ``overloaded, trying again in 8 s (1 of 2)``."""
    due = monotonic() + retry.delay
    reason = REASONS.get(retry.error, "request failed")
    count = f"{retry.number} of {retry.most}" if isfinite(retry.most) else str(retry.number)

    def text() -> str:
        left = ceil(due - monotonic())
        return f"{reason}, trying again{f' in {left} s' if left > 0 else ''} ({count})"

    return text


class _Handler(logging.Handler):
    """Passes on the retries among the client's log records."""

    def __init__(self, show: Callable[[Text], object]) -> None:
        super().__init__(logging.INFO)
        self._show = show

    def emit(self, record: logging.LogRecord) -> None:
        """Show a retry."""
        retry = getattr(record, "retry", None)
        if isinstance(retry, Retry):
            self._show(text_of(retry))


@contextmanager
def retries_shown(show: Callable[[Text], object]) -> Iterator[None]:
    """Call ``show`` with the text of each retry, until the block ends."""
    handler, level = _Handler(show), LOGGER.level
    LOGGER.addHandler(handler)
    if not LOGGER.isEnabledFor(logging.INFO):
        LOGGER.setLevel(logging.INFO)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(level)
