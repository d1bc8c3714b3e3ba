"""The recipes for browsers in docs/relay.md, run in a real Chromium."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from sseclaude.replay import Pace, ReplayServer
from tests.support.browser import Browser, chromium, missing
from tests.support.network import FRAMES, STREAM
from tests.support.serving import Serving, serving
from tests.support.streams import ROOT
from tests.support.waiting import wait_for

PAGE = (ROOT / "docs" / "relay.md").read_text("utf-8")
BY_EVENT_SOURCE, BY_FETCH = re.findall(r"^```js\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
PACE = Pace(ttft=0.1, tokens_per_second=4)

REFUSED = 0.5
"""Seconds for which the relay answers 503 to everything."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if reason := missing():
        pytest.skip(reason)
    with chromium() as browser:
        yield browser


@pytest.fixture
def relay() -> Iterator[Serving]:
    with ReplayServer([STREAM], pace=PACE) as claude, serving(claude) as relay:
        yield relay


def taken(browser: Browser) -> list[str]:
    found: list[str] = browser.run("return taken")
    return found


TAKE = "(kind, data) => taken.push(data.type)"
KINDS = [frame.split(b"\n")[0].removeprefix(b"event: ").decode() for frame in FRAMES]


CALLS = {
    "EventSource": (BY_EVENT_SOURCE, "follow(ID, TAKE)"),
    "fetch": (BY_FETCH, "follow(ID, 'any', TAKE)"),
}


@pytest.mark.parametrize("refusing", [False, True], ids=["at once", "after a 503"])
@pytest.mark.parametrize("name", CALLS)
def test_a_recipe_takes_every_event_once(browser: Browser, relay: Serving, name: str, refusing: bool) -> None:
    recipe, call = CALLS[name]
    browser.open(relay.url)
    id = relay.start()
    relay.refuse(refusing)
    browser.run(f"{recipe}; window.taken = []; {call.replace('ID', repr(id)).replace('TAKE', TAKE)}")
    if refusing:
        time.sleep(REFUSED)
        assert taken(browser) == []
        relay.refuse(False)
    wait_for(lambda: "message_stop" in taken(browser))
    assert taken(browser) == KINDS


def test_fetch_says_who_may_not(browser: Browser, relay: Serving) -> None:
    browser.open(relay.url)
    browser.run(f"{BY_FETCH}; window.taken = []; follow('unknown', 't', {TAKE}).catch((e) => taken.push(e.message))")
    wait_for(lambda: taken(browser))
    assert taken(browser) == ["the relay answered 404"]
