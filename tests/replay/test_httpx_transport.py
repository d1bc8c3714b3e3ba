"""The replay transports: the server's answers and faults without a socket."""

from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from sseclaude.replay import (
    AsyncReplayTransport,
    CloseDelimited,
    CutChunkHeader,
    Disconnect,
    Drip,
    Error,
    Fault,
    Gzip,
    Informational,
    Journal,
    NoStop,
    Pace,
    Recording,
    ReplayTransport,
    Stall,
    Status,
    Truncate,
    WrongContentLength,
)

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
TEXT = (FIXTURES / "text.sse").read_bytes()
KEY = {"x-api-key": "sk-secret"}
ASK: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], "stream": True}

Ask = Callable[..., Any]


def ask_sync(recordings: Any, **options: Any) -> tuple[httpx.Response, Journal]:
    timeout = options.pop("timeout", 5)
    transport = ReplayTransport(recordings, pace=None, **options)
    with httpx.Client(transport=transport, base_url="http://replay", timeout=timeout) as client:
        return client.post("/v1/messages", headers=KEY, json=ASK), transport.requests


async def ask_async(recordings: Any, options: dict[str, Any]) -> tuple[httpx.Response, Journal]:
    timeout = options.pop("timeout", 5)
    transport = AsyncReplayTransport(recordings, pace=None, **options)
    async with httpx.AsyncClient(transport=transport, base_url="http://replay", timeout=timeout) as client:
        return await client.post("/v1/messages", headers=KEY, json=ASK), transport.requests


def ask_asyncio(recordings: Any, **options: Any) -> tuple[httpx.Response, Journal]:
    return anyio.run(ask_async, recordings, options)


def ask_trio(recordings: Any, **options: Any) -> tuple[httpx.Response, Journal]:
    return anyio.run(ask_async, recordings, options, backend="trio")


faces = pytest.mark.parametrize("ask", [ask_sync, ask_asyncio, ask_trio], ids=lambda ask: ask.__name__)


@faces
def test_a_recording_is_sent_to_the_byte(ask: Ask) -> None:
    response, requests = ask(FIXTURES / "text.sse")
    assert response.content == TEXT
    assert response.headers["request-id"] == "req_replay00000000000001"
    (entry,) = requests
    assert (entry.method, entry.path, entry.body) == ("POST", "/v1/messages", ASK)
    assert (entry.recording, entry.status, entry.bytes_sent, entry.ended) == ("text", 200, len(TEXT), "complete")
    assert entry.headers["x-api-key"] == "***"


@pytest.mark.parametrize("fault", [Drip(7), Gzip(), (Drip(3), Gzip()), Informational(), CloseDelimited(), Stall(2, 0)])
@faces
def test_what_a_client_must_bear_does_not_change_the_body(ask: Ask, fault: Any) -> None:
    response, requests = ask(FIXTURES / "text.sse", faults=[fault])
    assert response.content == TEXT
    assert requests[0].ended == "complete"


BODIES: list[tuple[Any, int, bytes]] = [
    (Truncate(50), 200, TEXT[:50]),
    (WrongContentLength(-10), 200, TEXT[:-10]),
    (Status(404, body=b"<p>"), 404, b"<p>"),
    (Truncate(0), 200, b""),
    ((CloseDelimited(), Disconnect(after_bytes=50)), 200, TEXT[:50]),
]


@pytest.mark.parametrize(("fault", "status", "expected"), BODIES, ids=[repr(row[0]) for row in BODIES])
@faces
def test_a_fault_may_change_the_body(ask: Ask, fault: Any, status: int, expected: bytes) -> None:
    response, _ = ask(FIXTURES / "text.sse", faults=[fault])
    assert (response.status_code, response.content) == (status, expected)


BROKEN: list[tuple[Fault, type[httpx.TransportError], str, str]] = [
    (Disconnect(), httpx.RemoteProtocolError, "without sending a response", "fault"),
    (Disconnect(how="reset"), httpx.ReadError, "reset by peer", "fault"),
    (Disconnect(after_events=3), httpx.RemoteProtocolError, "incomplete chunked read", "fault"),
    (Disconnect(after_events=3, how="reset"), httpx.ReadError, "reset by peer", "fault"),
    (Disconnect(after_bytes=77, how="half"), httpx.RemoteProtocolError, "incomplete chunked read", "fault"),
    (CutChunkHeader(2), httpx.RemoteProtocolError, "incomplete chunked read", "fault"),
    (WrongContentLength(10), httpx.RemoteProtocolError, "received .* bytes, expected", "complete"),
    (Stall(None), httpx.ReadTimeout, "timed out", "client left"),
    (Stall(0), httpx.ReadTimeout, "timed out", "client left"),
    (Stall(3, 600), httpx.ReadTimeout, "timed out", "client left"),
]


@pytest.mark.parametrize(
    ("fault", "error", "reported"), [row[:3] for row in BROKEN], ids=[repr(row[0]) for row in BROKEN]
)
@faces
def test_a_fault_may_be_httpx_s_exception(
    ask: Ask, fault: Fault, error: type[httpx.TransportError], reported: str
) -> None:
    with pytest.raises(error, match=reported) as raised:
        ask(FIXTURES / "text.sse", faults=[fault])
    assert raised.value.request.url == "http://replay/v1/messages"


def test_the_journal_says_how_it_ended() -> None:
    for fault, _, _, ended in BROKEN:
        transport = ReplayTransport(FIXTURES / "text.sse", pace=None, faults=[fault])
        with httpx.Client(transport=transport) as client, pytest.raises(httpx.TransportError):
            client.post("http://replay/v1/messages", headers=KEY, json=ASK)
        assert transport.requests[0].ended == ended
        assert transport.requests[0].faults == (fault,)


@faces
def test_faults_are_spent_in_order(ask: Ask) -> None:
    response, _ = ask(None, faults=[Error("rate_limit_error"), NoStop()])
    assert b"rate_limit_error" in response.content


@faces
def test_a_silence_shorter_than_the_clients_patience_is_no_error(ask: Ask) -> None:
    response, requests = ask(FIXTURES / "text.sse", faults=[(Stall(None, 0.01), Stall(2, 0.01))])
    assert response.content == TEXT
    assert requests[0].ended == "complete"


@pytest.mark.parametrize("moment", [None, 2])
@pytest.mark.parametrize("seconds", [60, inf])
@pytest.mark.anyio
async def test_a_silence_is_kept_and_can_be_cancelled(moment: int | None, seconds: float) -> None:
    with anyio.move_on_after(0.02) as scope:
        await ask_async(None, {"faults": [Stall(moment, seconds)], "timeout": None})
    assert scope.cancelled_caught


PACE = Pace(ttft=0.01, tokens_per_second=5_000)


def test_it_keeps_the_pace() -> None:
    with httpx.Client(transport=ReplayTransport(FIXTURES / "text.sse", pace=PACE)) as client:
        assert client.post("http://replay/v1/messages", headers=KEY, json=ASK).content == TEXT


@pytest.mark.anyio
async def test_it_keeps_the_pace_async() -> None:
    async with httpx.AsyncClient(transport=AsyncReplayTransport(FIXTURES / "text.sse", pace=PACE)) as client:
        assert (await client.post("http://replay/v1/messages", headers=KEY, json=ASK)).content == TEXT


@pytest.mark.parametrize(("read_all", "ended"), [(False, "client left"), (True, "complete")])
def test_leaving_is_noticed(read_all: bool, ended: str) -> None:
    transport = ReplayTransport(Recording("two", b"data: 1\n\ndata: 2\n\n"), pace=None)
    with (
        httpx.Client(transport=transport) as client,
        client.stream("POST", "http://replay/v1/messages", headers=KEY, json=ASK) as response,
    ):
        chunks = response.iter_raw()
        next(chunks)
        if read_all:
            next(chunks)  # the last byte: a reader that stops here has read all
    assert transport.requests[0].ended == ended


@pytest.mark.parametrize(("read_all", "ended"), [(False, "client left"), (True, "complete")])
@pytest.mark.anyio
async def test_leaving_is_noticed_async(read_all: bool, ended: str) -> None:
    transport = AsyncReplayTransport(Recording("two", b"data: 1\n\ndata: 2\n\n"), pace=None)
    request = httpx.Request("POST", "http://replay/v1/messages", headers=KEY, json=ASK)
    response = await transport.handle_async_request(request)
    assert isinstance(response.stream, httpx.AsyncByteStream)
    chunks = aiter(response.stream)
    await anext(chunks)
    if read_all:
        await anext(chunks)
    await response.aclose()
    assert transport.requests[0].ended == ended


@pytest.mark.anyio
async def test_closing_ends_an_endless_silence() -> None:
    transport = ReplayTransport(pace=None, faults=[Stall(None)])

    def ask() -> None:
        with pytest.raises(httpx.ReadError, match="the transport was closed"):
            httpx.Client(transport=transport, timeout=None).post("http://replay/v1/messages", headers=KEY, json=ASK)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.to_thread.run_sync, ask)
        await anyio.to_thread.run_sync(transport.wait_for, 1)
        transport.close()
