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
        (Timeout(connect=1, idle=2, total=3), Timeout(connect=1, idle=2, total=3)),
        (7, Timeout(connect=7, idle=7, total=None)),
        (2.5, Timeout(connect=2.5, idle=2.5, total=None)),
        (None, Timeout(connect=None, idle=None, total=None)),
        (httpx.Timeout(9), Timeout(connect=9, idle=9, total=None)),
        (httpx.Timeout(9, connect=1, write=3, pool=4), Timeout(connect=1, idle=9, write=3, pool=4)),
        (httpx.Timeout(None), Timeout(connect=None, idle=None, total=None)),
    ],
)
def test_a_timeout_is_made_of_what_callers_give(given: Any, expected: Timeout) -> None:
    assert Timeout.of(given) == expected


def test_the_defaults() -> None:
    assert Timeout() == Timeout(connect=5, idle=600, total=None)


def all_five(timeout: Timeout) -> tuple[float | None, ...]:
    return timeout.connect, timeout.read, timeout.write, timeout.pool, timeout.total


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (Timeout(20.0, connect=2.0), (2, 20, 20, 20, None)),
        (Timeout(20.0, read=1, write=2, pool=3, connect=4, total=5), (4, 1, 2, 3, 5)),
        (Timeout(20.0, idle=1), (20, 1, 20, 20, None)),
        (Timeout(None), (None, None, None, None, None)),
        (Timeout(connect=2), (2, 600, 600, 2, None)),
        (Timeout(read=2), (5, 2, 2, 5, None)),
        (Timeout(read=2, idle=2), (5, 2, 2, 5, None)),
        (Timeout(idle=None, pool=1), (5, None, None, 1, None)),
        (Timeout(Timeout(3, total=9), write=1), (3, 3, 1, 3, 9)),
        (Timeout(httpx.Timeout(3, pool=9), total=1), (3, 3, 3, 9, 1)),
    ],
)
def test_a_positional_value_is_the_default_of_all_and_else_ours_holds(made: Timeout, expected: Any) -> None:
    assert all_five(made) == expected


def test_idle_and_read_are_one_timeout() -> None:
    assert Timeout(idle=3).read == 3
    with pytest.raises(TypeError, match=r"idle=1 and read=2"):
        Timeout(idle=1, read=2)


def test_the_phases_are_those_that_were_named() -> None:
    phases = PhaseTimeouts(Deadline(Timeout(1, connect=2, write=3, pool=4)))
    assert dict(phases) == {"connect": 2, "pool": 4, "read": 1, "write": 3}


@pytest.mark.parametrize("name", ["connect", "idle", "total"])
@pytest.mark.parametrize("seconds", [0, -1, nan])
def test_a_clock_that_cannot_run_is_refused(name: str, seconds: float) -> None:
    with pytest.raises(ValueError, match=name):
        Timeout(**{name: seconds})


def test_without_a_total_nothing_expires(hand: Hand) -> None:
    deadline = Deadline(Timeout(connect=1, idle=2, total=None))
    hand.now += 10**9
    assert not deadline.expired
    assert deadline.has(10**9)
    assert (deadline.within(7.0), deadline.within(None)) == (7.0, None)
    assert deadline.describe() == "no byte came for idle=2 s"


def test_total_cuts_every_wait(hand: Hand) -> None:
    deadline = Deadline(Timeout(connect=5, idle=600, total=10))
    hand.now += 4
    assert (deadline.within(600), deadline.within(None), deadline.within(2.0)) == (6.0, 6.0, 2.0)
    assert (deadline.has(5.9), deadline.has(6)) == (True, False)
    hand.now += 6 - GRAIN / 2
    assert deadline.expired
    assert deadline.within(None) == GRAIN
    assert deadline.describe() == "total=10 s ran out"


def test_a_timeout_without_idle_is_told_too(hand: Hand) -> None:
    assert Deadline(Timeout(connect=1, idle=None, total=None)).describe() == "timed out"


@pytest.mark.parametrize(("total", "left"), [(None, 3.0), (10, 3.0), (2, 2.0)])
def test_a_clock_can_be_cut_shorter(hand: Hand, total: float | None, left: float) -> None:
    deadline = Deadline(Timeout(connect=1, idle=600, total=total))
    assert deadline.capped(3.0).within(None) == left
    assert deadline.within(None) == total


def test_what_a_cut_clock_tells_when_there_was_no_total(hand: Hand) -> None:
    deadline = Deadline(Timeout(connect=1, idle=600, total=None)).capped(3.0)
    hand.now += 3
    assert deadline.expired
    assert deadline.describe() == "no byte came for idle=600 s"


def test_the_phases_shrink_with_the_total(hand: Hand) -> None:
    phases = PhaseTimeouts(Deadline(Timeout(connect=5, idle=600, total=20)))
    assert {name: phases.get(name) for name in phases} == {"connect": 5, "pool": 5, "read": 20, "write": 20}
    hand.now += 18
    assert (phases["connect"], phases["read"], phases.get("no such phase")) == (2, 2, 2)


def test_the_phases_are_those_that_httpx_knows() -> None:
    phases = PhaseTimeouts(Deadline(Timeout(connect=5, idle=600)))
    assert set(phases) == set(httpx.Timeout(1).as_dict())
    assert dict(phases) == {"connect": 5, "pool": 5, "read": 600, "write": 600}
