"""When to retry: the server's headers, the pauses, the budget, the deadline."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseclaude import APIConnectionError, APIError, APITimeoutError, IncompleteStreamError, ProtocolError, Timeout
from sseclaude.client import retries
from sseclaude.client.retries import (
    INITIAL_BACKOFF,
    JITTER,
    MAX_BACKOFF,
    MAX_RETRY_AFTER,
    Retries,
    backoff,
    retry_after,
)
from sseclaude.client.timeouts import Deadline
from sseclaude.errors import status_error

NOW = datetime(2026, 5, 1, 12, 0, 0, tzinfo=timezone.utc)


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "time", NOW.timestamp)


IN_20_S = NOW + timedelta(seconds=20)

ASKED: list[tuple[dict[str, str], float | None]] = [
    ({}, None),
    ({"retry-after": "7"}, 7),
    ({"retry-after": " 7.5 "}, 7.5),
    ({"retry-after": "0"}, 0),
    ({"retry-after": "-3"}, 0),
    ({"retry-after-ms": "250"}, 0.25),
    ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
    ({"retry-after-ms": "soon", "retry-after": "7"}, 7),
    ({"retry-after": "nan"}, None),
    ({"retry-after": "inf"}, None),
    ({"retry-after": ""}, None),
    ({"retry-after": "soon"}, None),
    ({"retry-after": format_datetime(IN_20_S, usegmt=True)}, 20),
    ({"retry-after": "Friday, 01-May-26 12:00:20 GMT"}, 20),
    ({"retry-after": "Fri, 01 May 2026 12:00:20 -0000"}, 20),
    ({"retry-after": "Fri, 01 May 2026 14:00:20 +0200"}, 20),
    ({"retry-after": "Fri, 01 May 2020 12:00:00 GMT"}, 0),
    ({"retry-after": "Fri, 01 May 99999999999999999999 12:00:00 GMT"}, None),
    ({"retry-after": "Fri, 32 May 2026 12:00:00 GMT"}, None),
]


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize(("headers", "seconds"), ASKED)
def test_what_the_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(httpx.Headers(headers)) == (None if seconds is None else pytest.approx(seconds))


@given(st.text(), st.text())
def test_no_header_breaks_it(after: str, milliseconds: str) -> None:
    asked = retry_after({"retry-after": after, "retry-after-ms": milliseconds})
    assert asked is None or asked >= 0


@pytest.mark.parametrize("attempts", [1, 2, 3, 4, 5, 6, 50, 10_000])
def test_pauses_double_up_to_a_bound_and_vary(attempts: int) -> None:
    longest = min(INITIAL_BACKOFF * 2 ** min(attempts - 1, 10), MAX_BACKOFF)
    pauses = {backoff(attempts) for _ in range(50)}
    assert all(longest * (1 - JITTER) <= pause <= longest for pause in pauses)
    assert len(pauses) > 1


def refused(status: int, **headers: str) -> APIError:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    response = httpx.Response(status, headers=given, request=httpx.Request("POST", "https://x"))
    return status_error(status, None, response=response)


def tried_again(error: APIError, most: int = 2, total: float | None = None) -> bool:
    try:
        Retries(most, Deadline(Timeout(connect=5, idle=5, total=total))).delay_before_retry(error)
    except APIError as same:
        return same is not error
    return True


STATUSES = {200: False, 302: False, 400: False, 401: False, 403: False, 404: False, 408: True, 409: True, 413: False,
            422: False, 429: True, 500: True, 502: True, 503: True, 504: True, 529: True, 599: True}  # fmt: skip


@pytest.mark.parametrize(("status", "again"), STATUSES.items())
def test_which_statuses_are_tried_again(status: int, again: bool) -> None:
    assert tried_again(refused(status)) is again
    assert tried_again(refused(status, x_should_retry="true"))
    assert tried_again(refused(status, x_should_retry=" True"))
    assert not tried_again(refused(status, x_should_retry="false"))
    assert tried_again(refused(status, x_should_retry="perhaps")) is again


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (APIConnectionError("x"), True),
        (APITimeoutError("x"), True),
        (IncompleteStreamError("x"), True),
        (ProtocolError("x"), False),
        (APIError("x"), False),
    ],
)
def test_which_failures_are_tried_again(error: APIError, again: bool) -> None:
    assert tried_again(error) is again


def test_the_budget_is_spent_once_for_all_causes() -> None:
    budget = Retries(2, Deadline(Timeout()))
    budget.delay_before_retry(refused(529))
    budget.delay_before_retry(APIConnectionError("x"))
    with pytest.raises(APITimeoutError):
        budget.delay_before_retry(APITimeoutError("x"))
    assert not tried_again(refused(529), most=0)
    assert not tried_again(refused(529), most=-1)


WAITS: list[tuple[str, float | None, Any]] = [
    ("60", None, True),
    ("61", None, False),
    ("20", 25, True),
    ("20", 19, False),
]


@pytest.mark.parametrize(("asked", "total", "again"), WAITS)
def test_nobody_waits_too_long_or_past_the_deadline(asked: str, total: float | None, again: bool) -> None:
    assert tried_again(refused(429, retry_after=asked), total=total) is again
    assert MAX_RETRY_AFTER == 60


def test_past_the_total_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    deadline = Deadline(Timeout(connect=5, idle=5, total=1))
    deadline.ends_at = 0.0
    error = APITimeoutError("x")
    with pytest.raises(APITimeoutError):
        Retries(2, deadline).delay_before_retry(error)
