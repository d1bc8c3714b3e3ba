"""What a terminal says of a retry: the reason, the seconds left, the number."""

from __future__ import annotations

import logging
import math
from unittest.mock import patch

import pytest

from sseclaude import errors
from sseclaude.cli import retry_notice
from sseclaude.cli.retry_notice import REASONS, Text, retries_shown, text_of
from sseclaude.client.retries import LOGGER, Retry


@pytest.mark.parametrize(
    ("retry", "text"),
    [
        (Retry("OverloadedError", 8.0, 1, 2), "overloaded, trying again in 8 s (1 of 2)"),
        (Retry("APIConnectionError", 0.4, 2, 2), "connection failed, trying again in 1 s (2 of 2)"),
        (Retry("RateLimitError", 0.0, 3, math.inf), "rate limit reached, trying again (3)"),
        (Retry("AnotherError", 1.0, 1, 1), "request failed, trying again in 1 s (1 of 1)"),
    ],
)
def test_the_text_of_a_retry(retry: Retry, text: str) -> None:
    with patch.object(retry_notice, "monotonic", lambda: 5.0):
        assert text_of(retry)() == text


def test_seconds_are_counted_down() -> None:
    now = [5.0]
    with patch.object(retry_notice, "monotonic", lambda: now[0]):
        text = text_of(Retry("OverloadedError", 3.0, 1, 2))
        seen = []
        for now[0] in (5.0, 6.5, 7.9, 8.0, 20.0):
            seen.append(text().removeprefix("overloaded, ").removesuffix(" (1 of 2)"))
    assert seen == [
        "trying again in 3 s", "trying again in 2 s", "trying again in 1 s", "trying again", "trying again",
    ]  # fmt: skip


def test_every_reason_is_of_an_error_that_exists() -> None:
    assert [name for name in REASONS if not hasattr(errors, name)] == []


@pytest.mark.parametrize("level", [logging.NOTSET, logging.DEBUG, logging.ERROR])
def test_only_retries_are_shown_and_the_logger_is_left_as_it_was(level: int) -> None:
    shown: list[Text] = []
    before, handlers = LOGGER.level, [*LOGGER.handlers]
    LOGGER.setLevel(level)
    try:
        with retries_shown(shown.append):
            LOGGER.info("attempt 1")
            LOGGER.info("retrying", extra={"retry": Retry("OverloadedError", 0.0, 1, 2)})
        LOGGER.info("retrying", extra={"retry": Retry("OverloadedError", 0.0, 2, 2)})
        assert LOGGER.level == level
        assert LOGGER.handlers == handlers
    finally:
        LOGGER.setLevel(before)
    assert [text() for text in shown] == ["overloaded, trying again (1 of 2)"]
