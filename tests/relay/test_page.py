"""The page in a real Chromium: it asks, and the answer survives a reload, a second tab and a network that goes."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from sseclaude.relay.page import FILE
from sseclaude.replay import Pace, ReplayServer
from tests.support.browser import Browser, chromium, missing
from tests.support.serving import HOST, Serving, serving
from tests.support.streams import block_start, block_stop, message_of, stream, text
from tests.support.waiting import wait_for

WORDS = [f"word {number} " for number in range(150)]
RECORDING = stream(*message_of([block_start(), *map(text, WORDS), block_stop()]))
PACE = Pace(ttft=0.1, tokens_per_second=2)
"""Five seconds of answer: time for everything that happens in the middle."""

AWAY = 3.0
"""Seconds without a network."""


class Network:
    """A way to a server that can be cut: a port whose connections are passed on while it is there."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._there = True
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server((HOST, 0))
        self.url = f"http://{HOST}:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if not self._there:
                    client.close()
                    continue
                server = socket.create_connection((HOST, self._server_port))
                self._sockets |= {client, server}
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._copy, args=pair, daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
            self._sockets.discard(end)

    def go(self) -> None:
        """Cut every connection, and let none be made."""
        self._there = False
        for end in tuple(self._sockets):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def come_back(self) -> None:
        self._there = True

    def close(self) -> None:
        self.go()
        self._listener.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if reason := missing():
        pytest.skip(reason)
    with chromium() as browser:
        yield browser


@contextmanager
def network_to(relay: Serving) -> Iterator[Network]:
    network = Network(int(relay.url.rpartition(":")[2]))
    try:
        yield network
    finally:
        network.close()


@pytest.fixture
def relay() -> Iterator[Serving]:
    with ReplayServer([RECORDING], pace=PACE) as claude, serving(claude) as relay:
        yield relay


def ask(browser: Browser, url: str, question: str = "How do you answer?") -> None:
    browser.open(url)
    browser.run(f"document.querySelector('#question').value = {question!r}")
    browser.click("#ask")
    wait_for(lambda: "#" in browser.url)


def count(browser: Browser) -> int:
    return int(browser.text("#count").partition(" ")[0] or 0)


def answer(browser: Browser) -> str:
    text: str = browser.run("return document.querySelector('#answer').textContent")
    return text


def ended(browser: Browser) -> str:
    """Wait for the end, and return the answer."""
    wait_for(lambda: browser.text("#status") == "Complete")
    return answer(browser)


def test_it_asks_and_shows_the_answer(browser: Browser, relay: Serving) -> None:
    ask(browser, relay.url, "How?")
    wait_for(lambda: browser.text("#status") == "Answering")
    assert browser.text("#question-shown") == "How?"
    assert ended(browser) == "".join(WORDS)
    assert browser.text("#stop") == ""
    assert browser.errors() == []


def test_a_reload_in_mid_answer_goes_on(browser: Browser, relay: Serving) -> None:
    ask(browser, relay.url)
    wait_for(lambda: count(browser) > 10)
    browser.reload()
    wait_for(lambda: count(browser) > 10)
    assert browser.text("#status") == "Answering"
    assert browser.text("#question-shown") == "How do you answer?"
    assert ended(browser) == "".join(WORDS)
    browser.reload()
    assert ended(browser) == "".join(WORDS)


def test_a_second_tab_follows_too(browser: Browser, relay: Serving) -> None:
    ask(browser, relay.url)
    wait_for(lambda: count(browser) > 5)
    first, url = browser.tab, browser.url
    browser.new_tab()
    browser.open(url)
    wait_for(lambda: count(browser) > 10)
    assert ended(browser) == "".join(WORDS)
    browser.close_tab()
    browser.turn_to(first)
    assert ended(browser) == "".join(WORDS)


def test_stop_stops(browser: Browser, relay: Serving) -> None:
    ask(browser, relay.url)
    wait_for(lambda: count(browser) > 5)
    browser.click("#stop")
    wait_for(lambda: browser.text("#status") == "Stopped")
    state = relay.state(browser.url.rpartition("#")[2])
    assert state["status"] == "cancelled"
    assert answer(browser) == state["message"]["content"][0]["text"]
    assert browser.text("#error") == ""


def test_a_network_that_goes_is_waited_for(browser: Browser, relay: Serving) -> None:
    with network_to(relay) as network:
        ask(browser, network.url)
        wait_for(lambda: count(browser) > 5)
        network.go()
        wait_for(lambda: browser.text("#status").startswith("Connection lost"))
        time.sleep(AWAY)
        network.come_back()
        assert ended(browser) == "".join(WORDS)


def test_a_server_that_refuses_for_a_time_is_waited_for(browser: Browser, relay: Serving) -> None:
    """An EventSource gives up on a 503; the page makes a new one."""
    ask(browser, relay.url)
    wait_for(lambda: count(browser) > 5)
    relay.refuse(True)
    browser.reload()
    wait_for(lambda: browser.text("#status").startswith("Connection lost"))
    browser.run("window.tries = 0; const real = fetch; window.fetch = (...asked) => (tries++, real(...asked))")
    wait_for(lambda: browser.run("return tries") > 1)
    relay.refuse(False)
    assert ended(browser) == "".join(WORDS)


def test_a_refusal_is_shown(browser: Browser, relay: Serving) -> None:
    browser.open(relay.url)
    browser.run("document.querySelector('#question').value = 'x'; document.querySelector('#limit').value = '0'")
    browser.run("document.querySelector('#form').noValidate = true")
    browser.click("#ask")
    wait_for(lambda: browser.text("#status") == "Failed")
    assert "max_tokens" in browser.text("#error")


def test_an_answer_that_is_gone_is_named(browser: Browser, relay: Serving) -> None:
    browser.open(relay.url + "/#unknown")
    browser.reload()
    wait_for(lambda: "no such answer" in browser.text("#error"))


def test_the_page_holds_nothing_foreign() -> None:
    page = FILE.read_text(encoding="utf-8")
    assert re.findall(r"https?://|\bsrc=|@import|url\(", page) == []
    assert re.findall(r'<link [^>]*href="([^"]*)"', page) == ["data:,"]
