"""Tests of our own connections, over raw sockets: the total before the headers, and bytes behind an answer's end."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import trio

from sseclaude import Anthropic, APITimeoutError, AsyncAnthropic, Timeout
from sseclaude.client.http_clients import LIMITS, tls_context
from sseclaude.client.network_backend import _has_surplus, own_transport
from tests.support.network import (
    ASK,
    CHUNKED,
    CLIENT,
    HEAD,
    LAST_CHUNK,
    Play,
    RawServer,
    ask,
    chunk,
)
from tests.support.streams import STOP, block_start, block_stop, finish, frame, start, text

FACES = ("sync", "asyncio", "uvloop", "trio")

with_every_reader = pytest.mark.usefixtures("every_reader")


def answer(words: str) -> bytes:
    """The body of an answer that says these words."""
    events = [start(), block_start(0), text(words), block_stop(0), finish("end_turn"), STOP]
    return b"".join(map(frame, events))


def sized(words: str, size: int = 0) -> bytes:
    """An answer whose length is in its head, filled up to a size in bytes."""
    body = answer(words)
    if size:
        missing = size - len(HEAD) - len("content-length: 65432\r\n\r\n") - len(body)
        body = b":".ljust(missing - 1, b".") + b"\n" + body
    return HEAD + b"content-length: %d\r\n\r\n" % len(body) + body


def chunked(words: str) -> bytes:
    """An answer in chunks."""
    return CHUNKED + chunk(answer(words)) + LAST_CHUNK


def run(face: str, main: Callable[[], Awaitable[Any]]) -> Any:
    """Run a coroutine function on one of the event loops."""
    if face == "trio":
        return trio.run(main)
    if face == "uvloop":
        uvloop = pytest.importorskip("uvloop")
        loop = uvloop.new_event_loop()
    else:
        loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(main())
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def asked(face: str, server: RawServer, times: int, pause: float = 0.0) -> list[str]:
    """Ask so often with one client of ours, and return the words that came; a pause in seconds before each but one."""
    options = {**CLIENT, "base_url": server.url}
    if face == "sync":
        with Anthropic(**options) as client:
            answers = []
            for number in range(times):
                time.sleep(pause if number else 0.0)
                with client.messages.stream(**ASK) as stream:
                    answers.append("".join(stream.text_stream))
            return answers

    async def main() -> list[str]:
        async with AsyncAnthropic(**options) as client:
            answers = []
            for number in range(times):
                await anyio.sleep(pause if number else 0.0)
                async with client.messages.stream(**ASK) as stream:
                    answers.append("".join([words async for words in stream.text_stream]))
            return answers

    answers: list[str] = run(face, main)
    return answers


# --- what is behind the end ------------------------------------------------------------------------------------------


@with_every_reader
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    "first",
    [
        pytest.param([sized("one") * 2], id="twice, by length"),
        pytest.param([chunked("one") * 2], id="twice, in chunks"),
        pytest.param([sized("one") + b"surplus"], id="surplus behind the length"),
        pytest.param([chunked("one") + b"surplus"], id="surplus behind the last chunk"),
        pytest.param([chunked("one") + b"\r\n"], id="an empty line"),
        pytest.param([sized("one") + sized("old")[:60]], id="half a head"),
        pytest.param([sized("one")[:-9], 0.03, sized("one")[-9:] * 2], id="surplus with the last bytes"),
        pytest.param([sized("one"), sized("old")], id="twice, in two writes"),
        pytest.param([chunked("one"), 0.02, chunked("old")], id="twice, the copy later"),
    ],
)
def test_a_surplus_is_never_the_next_answer(face: str, first: list[bytes | float | str]) -> None:
    with RawServer([*first, "hold"], [sized("two"), "again", sized("three"), "hold"]) as server:
        assert asked(face, server, 3, pause=0.1) == ["one", "two", "three"]
        assert server.connections == 2


@with_every_reader
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("framed", [sized, chunked])
def test_a_connection_without_surplus_is_used_again(face: str, framed: Callable[[str], bytes]) -> None:
    with RawServer([framed("one"), "again", framed("two"), "again", framed("three"), "hold"]) as server:
        assert asked(face, server, 3) == ["one", "two", "three"]
        assert server.connections == 1


@pytest.mark.parametrize("face", ["sync", "asyncio", "trio"])
def test_a_surplus_behind_an_error_is_not_the_next_answer(face: str) -> None:
    failed = b"HTTP/1.1 529 Overloaded\r\nretry-after: 0.01\r\ncontent-length: 2\r\n\r\n{}"
    with RawServer([failed + sized("old"), "hold"], [sized("one"), "hold"]) as server:
        answered = ask(face, "text", base_url=server.url, max_retries=1)
        assert (answered.words, answered.attempts) == ("one", 2)


@with_every_reader
@pytest.mark.parametrize("face", FACES)
def test_a_surplus_that_the_event_loop_has_taken_is_seen(face: str) -> None:
    # An event loop takes up to 256 KiB at once from a socket, of which the HTTP client reads 64 KiB.
    first = sized("one", 64 * 1024)
    with RawServer([first + sized("old"), "hold"], [sized("two"), "hold"]) as server:
        assert asked(face, server, 2, pause=0.1) == ["one", "two"]
        assert server.connections == 2


class TLSServer(RawServer):
    """A server over TLS, whose writes are records of their own that travel together."""

    def __init__(self, certificate: Path, *plays: Play) -> None:
        super().__init__(*plays)
        self.url = self.url.replace("http:", "https:")
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate)

    def _serve(self, sock: socket.socket, play: list[bytes | float | str]) -> None:
        with suppress(OSError):
            wrapped = self.tls.wrap_socket(sock, server_side=True)
            self._sockets.append(wrapped)
            super()._serve(wrapped, play)

    def _do(self, sock: socket.socket, step: bytes | float | str) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, isinstance(step, bytes))
        super()._do(sock, step)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A certificate for this machine that clients of ours trust, with its key."""
    if sys.platform != "linux" or (openssl := shutil.which("openssl")) is None:
        pytest.skip("needs Linux, and the command openssl")
    path, key = tmp_path / "tls.pem", tmp_path / "key.pem"
    made = ["-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", path, "-days", "2"]
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([openssl, "req", "-x509", *made, *named], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + key.read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    tls_context.cache_clear()
    yield path
    tls_context.cache_clear()


@with_every_reader
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    "first",
    [
        pytest.param([sized("one"), sized("old")], id="two records"),
        pytest.param([chunked("one") * 2], id="one record"),
        pytest.param([sized("one"), 0.02, sized("old")], id="later"),
    ],
)
def test_a_surplus_below_tls_is_seen(face: str, first: Play, certificate: Path) -> None:
    with TLSServer(certificate, [*first, "hold"], [sized("two"), "again", sized("three"), "hold"]) as server:
        assert asked(face, server, 3, pause=0.1) == ["one", "two", "three"]
        assert server.connections == 2


@pytest.mark.parametrize("kind", [httpx.Client, httpx.AsyncClient])
def test_the_private_attributes_are_where_they_are_looked_for(kind: Any) -> None:
    transport: Any = own_transport(kind, tls_context(), LIMITS)
    theirs: Any = httpx.HTTPTransport() if kind is httpx.Client else httpx.AsyncHTTPTransport()
    assert type(transport._pool) is not type(theirs._pool)
    assert isinstance(transport._pool, type(theirs._pool))


def test_a_connection_that_cannot_be_looked_into_is_not_used_again() -> None:
    assert _has_surplus(object())


# --- the total -------------------------------------------------------------------------------------------------------


def endless(*steps: bytes | float) -> Play:
    """The steps again and again, until the client leaves."""
    return list(steps) * 100


@pytest.mark.parametrize("face", ["sync", "asyncio", "trio"])
@pytest.mark.parametrize(
    "play",
    [
        pytest.param([b"HTTP/1.1 200 OK\r\nx: ", *endless(b"a", 0.1)], id="a byte of the head each 0.1 s"),
        pytest.param(endless(b"HTTP/1.1 102 Processing\r\n\r\n", 0.1), id="a row of 102"),
        pytest.param(endless(b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.1), id="a row of 103"),
        pytest.param([b"HTTP/1.1 102 Processing\r\n\r\n" * 100] * 20_000, id="a row of 102 without a pause"),
    ],
)
def test_the_total_holds_before_the_headers(face: str, play: Play) -> None:
    with RawServer(play) as server:
        answered = ask(face, base_url=server.url, timeout=Timeout(total=0.5))
    assert isinstance(answered.error, APITimeoutError)
    assert "total=0.5 s ran out" in str(answered.error)
    assert server.connections == 1


def test_the_total_holds_for_a_server_that_takes_the_request_slowly() -> None:
    class SlowServer(RawServer):
        taken = 0

        def _received(self, sock: socket.socket) -> bytes:
            time.sleep(0.1)
            data = sock.recv(1024 * 1024)
            self.taken += len(data)
            return data

    question = {**ASK, "messages": [{"role": "user", "content": "x" * 30_000_000}]}
    client = Anthropic(**{**CLIENT, "timeout": Timeout(total=0.5)})
    with SlowServer([sized("one")]) as server, client, pytest.raises(APITimeoutError, match=r"total=0\.5 s ran out"):
        client.with_options(base_url=server.url).messages.create(**question)
    assert server.taken < 15_000_000  # it was not sent to its end
