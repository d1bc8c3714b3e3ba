"""The replay server, over real sockets."""

import gc
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from math import inf
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest

from sseclaude.replay import (
    CloseDelimited,
    CutChunkHeader,
    Disconnect,
    Drip,
    Gzip,
    Informational,
    Pace,
    Plan,
    ReplayServer,
    Stall,
    Status,
    Trailing,
    Truncate,
    WrongContentLength,
)

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
TEXT = (FIXTURES / "text.sse").read_bytes()
KEY = {"x-api-key": "sk-secret"}
ASK: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], "stream": True}


def ask(server: ReplayServer, client: httpx.Client | None = None, **options: Any) -> httpx.Response:
    post = client.post if client else httpx.post
    return post(f"{server.url}/v1/messages", headers=KEY, json=ASK, **options)


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer(FIXTURES / "text.sse", pace=None) as server:
        yield server


def test_a_recording_is_sent_to_the_byte(server: ReplayServer) -> None:
    response = ask(server)
    assert response.content == TEXT
    (entry,) = server.wait_for(1, ended=True)
    assert (entry.method, entry.path, entry.body) == ("POST", "/v1/messages", ASK)
    assert (entry.recording, entry.status, entry.bytes_sent, entry.ended) == ("text", 200, len(TEXT), "complete")
    assert entry.headers["x-api-key"] == "***"
    assert entry.started <= (entry.finished or 0)


def test_one_connection_serves_many_requests(server: ReplayServer) -> None:
    with httpx.Client() as client:
        assert [ask(server, client).content for _ in range(3)] == [TEXT] * 3
    assert server.connections == 1
    assert len(server.requests) == 3


@pytest.mark.parametrize("pace", [Pace(0.001, 10_000), Pace(0.01, None, chunk="byte"), Pace(0, 5_000, 0.5, 100)])
def test_no_pace_changes_a_byte(pace: Pace) -> None:
    with ReplayServer(FIXTURES / "text.sse", pace=pace) as server:
        assert ask(server).content == TEXT


WHOLE: list[Plan] = [Drip(7), Gzip(), (Drip(3), Gzip()), Informational(), CloseDelimited(), Stall(2, 0.02)]


@pytest.mark.parametrize("fault", WHOLE, ids=repr)
def test_what_a_client_must_bear_does_not_change_the_body(server: ReplayServer, fault: Plan) -> None:
    server.faults.append(fault)
    assert ask(server).content == TEXT
    assert server.wait_for(1, ended=True)[0].ended == "complete"


BODIES: list[tuple[Plan, int, bytes]] = [
    (Truncate(50), 200, TEXT[:50]),
    (Trailing(b"more"), 200, TEXT + b"more"),
    (WrongContentLength(-10), 200, TEXT[:-10]),
    (Status(404, body=b"<p>"), 404, b"<p>"),
]


@pytest.mark.parametrize(("fault", "status", "expected"), BODIES, ids=[repr(row[0]) for row in BODIES])
def test_a_fault_may_change_the_body(server: ReplayServer, fault: Plan, status: int, expected: bytes) -> None:
    server.faults.append(fault)
    response = ask(server)
    assert (response.status_code, response.content) == (status, expected)


BROKEN: list[tuple[Plan, type[httpx.TransportError]]] = [
    (Disconnect(), httpx.RemoteProtocolError),
    (Disconnect(how="reset"), httpx.ReadError),
    (Disconnect(after_events=0), httpx.RemoteProtocolError),
    (Disconnect(after_events=3), httpx.RemoteProtocolError),
    (Disconnect(after_bytes=77, how="half"), httpx.RemoteProtocolError),
    (CutChunkHeader(2), httpx.RemoteProtocolError),
]


@pytest.mark.parametrize(("fault", "error"), BROKEN, ids=[repr(row[0]) for row in BROKEN])
def test_a_cut_is_felt(server: ReplayServer, fault: Any, error: type[httpx.TransportError]) -> None:
    server.faults.append(fault)
    with pytest.raises(error):
        ask(server)
    (entry,) = server.wait_for(1, ended=True)
    assert (entry.ended, entry.faults) == ("fault", (fault,))


def test_a_reset_in_mid_stream_is_felt(server: ReplayServer) -> None:
    server.faults.append((Stall(2, 0.05), Disconnect(after_events=2, how="reset")))
    with pytest.raises(httpx.ReadError):
        ask(server)


def test_a_length_that_is_too_long_is_felt(server: ReplayServer) -> None:
    server.faults.append(WrongContentLength(10))
    with pytest.raises(httpx.RemoteProtocolError):
        ask(server)


def test_the_connection_serves_on_after_a_refusal(server: ReplayServer) -> None:
    server.faults.extend([Status(529, retry_after=2), Status(500)])
    with httpx.Client() as client:
        answers = [ask(server, client) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [529, 500, 200]
    assert answers[0].headers["retry-after"] == "2"
    assert server.connections == 1


@pytest.mark.parametrize("moment", [None, 0, 3])
def test_a_client_that_leaves_a_silence_is_noticed(server: ReplayServer, moment: int | None) -> None:
    server.faults.append(Stall(moment))
    with pytest.raises(httpx.ReadTimeout):
        ask(server, timeout=0.1)
    (entry,) = server.wait_for(1, ended=True)
    assert entry.ended == "client left"
    assert entry.bytes_sent < len(TEXT)


def test_a_client_that_leaves_in_mid_stream_is_noticed() -> None:
    more_than_sockets_hold = b"data: " + b"x" * 2**24 + b"\n\n"
    with ReplayServer(more_than_sockets_hold, pace=None, faults=[Drip(2**20)]) as server:
        with (
            httpx.Client(timeout=60) as client,
            client.stream("POST", f"{server.url}/v1/messages", headers=KEY, json=ASK) as response,
        ):
            next(response.iter_raw())
        (entry,) = server.wait_for(1, 60, ended=True)
    assert entry.ended == "client left"
    assert entry.bytes_sent < len(more_than_sockets_hold)


def test_stopping_ends_every_silence() -> None:
    with ReplayServer(pace=None, faults=[Stall(1, inf), Stall(None, 10**9)]) as server, httpx.Client() as client:
        with ThreadPoolExecutor() as pool:
            futures = [pool.submit(ask, server, client, timeout=None) for _ in range(2)]
            server.wait_for(2)
            server.stop()
            assert all(isinstance(future.exception(), httpx.TransportError) for future in futures)
        assert {entry.ended for entry in server.requests} == {"stopped"}


def test_nothing_is_left_behind() -> None:
    before = set(threading.enumerate())
    with ReplayServer(pace=None) as server, httpx.Client() as client:
        ask(server, client)
    server.stop()
    assert set(threading.enumerate()) == before
    with pytest.raises(OSError, match=r"refused|Errno"):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)
    gc.collect()  # a socket that was left open would be a ResourceWarning, and warnings are errors


def test_a_server_can_be_started_again() -> None:
    server = ReplayServer(pace=None)
    with server:
        with pytest.raises(RuntimeError, match="runs already"):
            server.start()
        port = server.port
    with server:
        assert server.port == port
        assert ask(server).status_code == 200


def test_a_port_that_is_taken_is_an_error(server: ReplayServer) -> None:
    other = ReplayServer(port=server.port)
    with pytest.raises(OSError, match="in use"):
        other.start()
    other.stop()


def test_only_loopback_goes_without_a_warning() -> None:
    with pytest.warns(RuntimeWarning, match=r"will answer anybody who reaches 0\.0\.0\.0"):
        ReplayServer(host="0.0.0.0")


def test_the_url_of_an_ipv6_host_has_brackets() -> None:
    assert ReplayServer(host="::1", port=80).url == "http://[::1]:80"


def test_a_client_that_is_gone_before_it_is_served_harms_nobody(
    server: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([OSError("gone")])

    def set_option(sock: socket.socket, *option: Any) -> None:
        for failure in failures:
            raise failure
        original(sock, *option)

    original = socket.socket.setsockopt
    monkeypatch.setattr(socket.socket, "setsockopt", set_option)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        assert sock.recv(1) == b""
    monkeypatch.undo()
    assert ask(server).content == TEXT


def talk(server: ReplayServer, data: bytes) -> bytes:
    """Send bytes, close our half, and read to the end."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(65536), b""))


def test_bytes_that_are_no_http_are_a_400(server: ReplayServer) -> None:
    answer = talk(server, b"hello there\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 Bad Request")
    assert b"not HTTP" in answer
    assert len(server.requests) == 0


def test_a_client_may_say_nothing_at_all(server: ReplayServer) -> None:
    assert talk(server, b"") == b""


def test_requests_may_come_at_once(server: ReplayServer) -> None:
    request = b"GET /v1/models HTTP/1.1\r\nHost: h\r\nX-Api-Key: k\r\n\r\n"
    assert talk(server, request * 3).count(b"HTTP/1.1 200 OK") == 3


def test_a_silence_is_kept_when_the_next_request_is_there_already(server: ReplayServer) -> None:
    server.faults.append(Stall(None))
    request = b"GET /v1/models HTTP/1.1\r\nHost: h\r\nX-Api-Key: k\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(request)
        server.wait_for(1)
        sock.sendall(request)
        server.stop()
    assert [entry.ended for entry in server.requests] == ["stopped"]


def test_a_request_that_came_in_a_silence_is_answered_after_it(server: ReplayServer) -> None:
    server.faults.append(Stall(None, 0.05))
    request = b"GET /v1/models HTTP/1.1\r\nHost: h\r\nX-Api-Key: k\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(request)
        server.wait_for(1)
        sock.sendall(request)
        entries = server.wait_for(2, ended=True)
    assert [(entry.status, entry.ended) for entry in entries] == [(200, "complete")] * 2


def test_100_continue_is_sent(server: ReplayServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert sock.recv(100).startswith(b"HTTP/1.1 100")
        sock.sendall(b"{}")
        assert sock.recv(100).startswith(b"HTTP/1.1 401")


@pytest.mark.anyio
async def test_it_serves_async_tests() -> None:
    async with ReplayServer(FIXTURES / "text.sse", pace=None) as server, httpx.AsyncClient() as client:
        response = await client.post(f"{server.url}/v1/messages", headers=KEY, json=ASK)
        assert response.content == TEXT
        await anyio.to_thread.run_sync(lambda: server.wait_for(1, ended=True))


@pytest.mark.anyio
async def test_a_cancelled_async_test_stops_it() -> None:
    with anyio.CancelScope() as scope:
        async with ReplayServer(pace=None) as server:
            scope.cancel()
            await anyio.sleep(10)
    with pytest.raises(OSError, match=r"refused|Errno"):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)


@pytest.mark.anyio
async def test_many_streams_at_once() -> None:
    async with ReplayServer(FIXTURES / "text.sse", pace=Pace(0.05, 2_000)) as server:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(limits=limits, timeout=30) as client, anyio.create_task_group() as tasks:
            bodies: list[bytes] = []

            async def read() -> None:
                response = await client.post(f"{server.url}/v1/messages", headers=KEY, json=ASK)
                bodies.append(response.content)

            for _ in range(50):
                tasks.start_soon(read)
        assert bodies == [TEXT] * 50
        assert len(server.requests) == 50
