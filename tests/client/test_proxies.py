"""Our own connections through a proxy of the environment: what holds without one holds there too."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from sseclaude import APITimeoutError, Timeout
from sseclaude.client.http_clients import HTTPClients
from sseclaude.client.proxies import _has_surplus
from tests.client.test_network_backend import FACES, TLSServer, asked, certificate, endless, sized
from tests.support.network import RawServer, ask

__all__ = ["certificate"]  # a fixture


class Tunnel(TLSServer):
    """A proxy that answers CONNECT, and is the server behind it."""

    def _serve(self, sock: socket.socket, play: list[bytes | float | str]) -> None:
        with suppress(OSError):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += self._received(sock)
            assert head.startswith(b"CONNECT ")
            sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            super()._serve(sock, play)


@pytest.fixture(autouse=True)
def proxied(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("no_proxy", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


@pytest.mark.parametrize("face", FACES)
def test_a_surplus_is_not_the_next_answer(face: str, proxied: pytest.MonkeyPatch) -> None:
    with RawServer([sized("one") * 2, "hold"], [sized("two"), "again", sized("three"), "hold"]) as server:
        proxied.setenv("HTTP_PROXY", server.url)
        assert asked(face, server, 3) == ["one", "two", "three"]
        assert server.connections == 2
        assert server.requests[0].startswith(f"POST {server.url}/v1/messages ".encode())


@pytest.mark.parametrize("face", FACES)
def test_a_surplus_in_a_tunnel_is_not_the_next_answer(
    face: str, proxied: pytest.MonkeyPatch, certificate: Path
) -> None:
    with Tunnel(certificate, [sized("one") * 2, "hold"], [sized("two"), "again", sized("three"), "hold"]) as server:
        proxied.setenv("HTTPS_PROXY", server.url.replace("https:", "http:"))
        assert asked(face, server, 3) == ["one", "two", "three"]
        assert server.connections == 2


@pytest.mark.parametrize("face", ["sync", "asyncio", "trio"])
@pytest.mark.parametrize("row", [b"x", b"HTTP/1.1 102 Processing\r\n\r\n"], ids=["a slow head", "a row of 102"])
def test_the_total_holds_before_the_headers(face: str, row: bytes, proxied: pytest.MonkeyPatch) -> None:
    with RawServer([b"HTTP/1.1 200 OK\r\nx: " if row == b"x" else b"", *endless(row, 0.1)]) as server:
        proxied.setenv("HTTP_PROXY", server.url)
        answered = ask(face, base_url="http://127.0.0.1:9", timeout=Timeout(total=0.5))
    assert isinstance(answered.error, APITimeoutError)
    assert "total=0.5 s ran out" in str(answered.error)


@pytest.mark.parametrize("face", FACES)
def test_a_host_without_proxy_is_reached_directly(face: str, proxied: pytest.MonkeyPatch) -> None:
    proxied.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    proxied.setenv("NO_PROXY", "127.0.0.1")
    with RawServer([sized("one") * 2, "hold"], [sized("two"), "hold"]) as server:
        assert asked(face, server, 2) == ["one", "two"]
        assert server.requests[0].startswith(b"POST /v1/messages ")


@pytest.mark.parametrize("kind", [httpx.Client, httpx.AsyncClient])
def test_the_private_attributes_are_where_they_are_looked_for(kind: Any, proxied: pytest.MonkeyPatch) -> None:
    proxied.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    made: Any = HTTPClients(kind)._make()
    theirs: Any = kind()
    ((pattern, transport),) = made._mounts.items()
    assert type(transport._pool._network_backend) is not type(theirs._mounts[pattern]._pool._network_backend)
    assert type(made._transport._pool) is not type(theirs._transport._pool)


def test_a_connection_that_cannot_be_looked_into_is_not_used_again() -> None:
    assert _has_surplus(object())
