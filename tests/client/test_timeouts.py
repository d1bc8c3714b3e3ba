"""Clocks without waiting: time is moved by hand."""

from __future__ import annotations

from math import nan
from typing import Any

import httpx
import pytest

from sseclaude import Timeout
from sseclaude.client.timeouts import GRAIN, Deadline, PhaseTimeouts


class Hand:
    """The time, as far as clocks know it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("sseclaude.client.timeouts.monotonic", lambda: self.now)


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Timeout(1, 2, 3), Timeout(1, 2, 3)),
        (7, Timeout(7, 7, None)),
        (2.5, Timeout(2.5, 2.5, None)),
        (None, Timeout(None, None, None)),
        (httpx.Timeout(9), Timeout(9, 9, None)),
        (httpx.Timeout(9, connect=1, write=3, pool=4), Timeout(1, 9, None)),
        (httpx.Timeout(None), Timeout(None, None, None)),
    ],
)
def test_a_timeout_is_made_of_what_callers_give(given: Any, expected: Timeout) -> None:
    assert Timeout.of(given) == expected


def test_the_defaults() -> None:
    assert Timeout() == Timeout(connect=5, idle=600, total=None)


@pytest.mark.parametrize("name", ["connect", "idle", "total"])
@pytest.mark.parametrize("seconds", [0, -1, nan])
def test_a_clock_that_cannot_run_is_refused(name: str, seconds: float) -> None:
    with pytest.raises(ValueError, match=name):
        Timeout(**{name: seconds})


def test_without_a_total_nothing_expires(hand: Hand) -> None:
    deadline = Deadline(Timeout(1, 2, None))
    hand.now += 10**9
    assert not deadline.expired
    assert deadline.has(10**9)
    assert (deadline.within(7.0), deadline.within(None)) == (7.0, None)
    assert deadline.describe() == "no byte came for idle=2 s"


def test_total_cuts_every_wait(hand: Hand) -> None:
    deadline = Deadline(Timeout(5, 600, 10))
    hand.now += 4
    assert (deadline.within(600), deadline.within(None), deadline.within(2.0)) == (6.0, 6.0, 2.0)
    assert (deadline.has(5.9), deadline.has(6)) == (True, False)
    hand.now += 6 - GRAIN / 2
    assert deadline.expired
    assert deadline.within(None) == GRAIN
    assert deadline.describe() == "total=10 s ran out"


def test_a_timeout_without_idle_is_told_too(hand: Hand) -> None:
    assert Deadline(Timeout(1, None, None)).describe() == "timed out"


@pytest.mark.parametrize(("total", "left"), [(None, 3.0), (10, 3.0), (2, 2.0)])
def test_a_clock_can_be_cut_shorter(hand: Hand, total: float | None, left: float) -> None:
    deadline = Deadline(Timeout(1, 600, total))
    assert deadline.capped(3.0).within(None) == left
    assert deadline.within(None) == total


def test_what_a_cut_clock_tells_when_there_was_no_total(hand: Hand) -> None:
    deadline = Deadline(Timeout(1, 600, None)).capped(3.0)
    hand.now += 3
    assert deadline.expired
    assert deadline.describe() == "no byte came for idle=600 s"


def test_the_phases_shrink_with_the_total(hand: Hand) -> None:
    phases = PhaseTimeouts(Deadline(Timeout(5, 600, 20)))
    assert {name: phases.get(name) for name in phases} == {"connect": 5, "pool": 5, "read": 20, "write": 20}
    hand.now += 18
    assert (phases["connect"], phases["read"], phases.get("no such phase")) == (2, 2, 2)


def test_the_phases_are_those_that_httpx_knows() -> None:
    phases = PhaseTimeouts(Deadline(Timeout(5, 600)))
    assert set(phases) == set(httpx.Timeout(1).as_dict())
    assert dict(phases) == {"connect": 5, "pool": 5, "read": 600, "write": 600}
