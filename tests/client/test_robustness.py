"""What users of such clients suffer from, as far as a network is needed to show it; one test for each pain."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest
from pydantic import ValidationError

from sseclaude import (
    Anthropic,
    APIStatusError,
    APITimeoutError,
    AsyncAnthropic,
    IncompleteStreamError,
    OverloadedError,
    ProtocolError,
    Timeout,
)
from sseclaude.replay import Disconnect, Drip, Error, Gzip, NoStop, Pace, ReplayServer, Stall, Status
from tests.support import network
from tests.support.network import (
    ASK,
    CHUNKED,
    FACES,
    FRAMES,
    KEY,
    LAST_CHUNK,
    STREAM,
    WORDS,
    Answer,
    Chunks,
    RawServer,
    answer,
    ask,
    chunk,
    mocked,
    nothing_left,
)
from tests.support.streams import PING, frame

pytestmark = pytest.mark.anyio
every_face = pytest.mark.parametrize("face", FACES)


@every_face
def test_a_cut_stream_looks_like_success(face: str, server: ReplayServer) -> None:
    server.faults.append(Disconnect(after_events=8))
    got = ask(face, base_url=server.url)
    assert isinstance(got.error, IncompleteStreamError)
    assert got.message is not None
    assert got.message.text == WORDS
    assert [block.input_complete for block in got.message.content if block.type == "tool_use"] == [False]


@every_face
def test_stop_reason_came_but_message_stop_did_not(face: str, server: ReplayServer) -> None:
    endings = [
        (None, []),
        (NoStop(), ["missing_message_stop"]),
        (Disconnect(after_events=10), ["missing_message_stop"]),
    ]
    for fault, rules in endings:
        server.faults.append(fault)
        got = ask(face, base_url=server.url)
        assert (got.error, got.rules) == (None, rules)
    server.faults.append(Disconnect(after_events=9))
    assert isinstance(ask(face, base_url=server.url).error, IncompleteStreamError)


@every_face
def test_the_reader_waits_for_the_server_to_hang_up(face: str) -> None:
    with nothing_left(), RawServer([CHUNKED, chunk(STREAM), "hold"]) as server:
        assert ask(face, base_url=server.url, timeout=60).seconds < 5


@every_face
def test_leaving_a_stream_kills_the_pooled_connection(face: str, server: ReplayServer) -> None:
    before = server.connections

    async def arun() -> None:
        async with AsyncAnthropic(api_key=KEY, base_url=server.url) as client:
            for _ in range(3):
                async with client.messages.stream(**ASK) as stream:
                    await anext(stream)
                    await anyio.to_thread.run_sync(lambda: server.wait_for(len(server.requests), ended=True))

    if face == "sync":
        with Anthropic(api_key=KEY, base_url=server.url) as client:
            for _ in range(3):
                with client.messages.stream(**ASK) as stream:
                    next(stream)
                    server.wait_for(len(server.requests), ended=True)
    else:
        anyio.run(arun, backend=face)
    assert server.connections == before + 1


@every_face
def test_an_error_inside_the_stream_is_a_bare_status_error(face: str, server: ReplayServer) -> None:
    server.faults.append(Error("overloaded_error", after_events=3))
    error = ask(face, base_url=server.url).error
    assert isinstance(error, OverloadedError)
    assert (error.status_code, error.type) == (529, "overloaded_error")
    assert error.partial_message is not None
    assert error.response is not None
    assert error.response.status_code == 200


@every_face
@pytest.mark.parametrize("failure", [httpx.ReadError("x"), httpx.RemoteProtocolError("x"), OSError("x")])
def test_raw_httpx_errors_in_the_middle_of_a_stream(face: str, failure: Exception) -> None:
    got = ask(face, http_client=mocked(face, lambda request: answer(*FRAMES[:3], failure)))
    assert isinstance(got.error, IncompleteStreamError)
    assert got.error.__cause__ is failure
    assert got.message is not None
    assert got.message.text == "Hello, "


@every_face
@pytest.mark.parametrize("how", ["final", "text", "events", "raw"])
def test_overloaded_as_the_first_event_is_not_retried(
    face: str, how: str, server: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sseclaude.client.retries.INITIAL_BACKOFF", 0.0)
    server.faults.append(Error("overloaded_error"))
    got = ask(face, how, base_url=server.url, max_retries=2)
    assert (got.error, got.attempts) == (None, 2)


BODIES: list[tuple[bytes, str, type[Exception] | None]] = [
    (b"<html>busy</html>", "text/html", ProtocolError),
    (b'{"ok": true}', "application/json", ProtocolError),
    (b"", "text/event-stream", IncompleteStreamError),
    (b'{"type": "error", "error": {"type": "overloaded_error"}}', "application/json", OverloadedError),
    (b'{"type": "message", "content": [], "stop_reason": "end_turn"}', "application/json", None),
    (STREAM, "text/plain", None),
]


@every_face
@pytest.mark.parametrize(("body", "kind", "expected"), BODIES)
def test_a_200_that_is_no_stream(face: str, body: bytes, kind: str, expected: type[Exception] | None) -> None:
    got = ask(face, http_client=mocked(face, lambda request: answer(body, content_type=kind)))
    assert type(got.error) is (expected or type(None))
    assert (got.rules != []) is (expected is None)
    if expected is ProtocolError:
        assert kind in str(got.error)
        assert body.decode()[:9] in str(got.error)


@every_face
def test_error_events_without_an_event_line_are_swallowed(face: str) -> None:
    bare = b'data: {"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}}\n\n'
    got = ask(face, http_client=mocked(face, lambda request: answer(*FRAMES[:3], bare)))
    assert isinstance(got.error, OverloadedError)


@every_face
@pytest.mark.parametrize(
    "fault", [Disconnect(after_events=3), Error(after_events=3), Stall(3)], ids=lambda fault: type(fault).__name__
)
def test_no_context_on_stream_errors(face: str, fault: Any, server: ReplayServer) -> None:
    server.faults.append(fault)
    error = ask(face, base_url=server.url, timeout=Timeout(connect=5, idle=0.1)).error
    for reported in ("request req_", "message msg_1", "bytes", "last one", "events"):
        assert reported in str(error)


CLOCKS = [0.1, Timeout(5, idle=0.1), Timeout(60, total=0.1), httpx.Timeout(5, read=0.1)]


@every_face
@pytest.mark.parametrize("timeout", CLOCKS, ids=str)
def test_a_silent_stall_hangs_for_ever(face: str, timeout: Any, server: ReplayServer) -> None:
    server.faults.append(Stall(3))
    with nothing_left():
        got = ask(face, base_url=server.url, timeout=timeout)
    assert isinstance(got.error, APITimeoutError)
    assert got.message is not None
    assert got.message.text == "Hello, "
    assert got.seconds < 5


@every_face
def test_pings_are_hidden_so_watchdogs_kill_healthy_streams(face: str) -> None:
    signs = [frame(PING), b": still here\n\n", b":"]
    play = [CHUNKED, chunk(FRAMES[0]), *[step for sign in signs * 4 for step in (0.03, chunk(sign))]]
    play += [chunk(b"\n" + STREAM[len(FRAMES[0]) :]), LAST_CHUNK]
    with RawServer(play) as server:
        got = ask(face, base_url=server.url, timeout=Timeout(connect=5, idle=0.25))
    assert (got.error, got.message and got.message.text) == (None, WORDS)


@every_face
def test_streaming_is_required_for_long_answers(face: str, server: ReplayServer) -> None:
    async def acreate() -> str:
        async with AsyncAnthropic(api_key=KEY, base_url=server.url) as client:
            return (await client.messages.create(**{**ASK, "max_tokens": 128_000})).text

    if face == "sync":
        with Anthropic(api_key=KEY, base_url=server.url) as client:
            assert client.messages.create(**{**ASK, "max_tokens": 128_000}).text == WORDS
    else:
        assert anyio.run(acreate, backend=face) == WORDS
    assert server.requests[-1].body["stream"] is True


@every_face
def test_retries_of_several_layers_multiply(face: str, server: ReplayServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sseclaude.client.retries.INITIAL_BACKOFF", 0.0)
    asked = len(server.requests)
    server.faults.extend([Status(529), Error(), Disconnect(), Status(500), Error()])
    got = ask(face, base_url=server.url, max_retries=3)
    assert (got.attempts, len(server.requests) - asked) == (4, 4)


@every_face
def test_abandoned_streams_exhaust_the_pool(face: str) -> None:
    few = httpx.Limits(max_connections=1)
    again = [CHUNKED, chunk(STREAM), LAST_CHUNK, "hold"]

    def run(url: str) -> str:
        with httpx.Client(limits=few) as given:
            client = Anthropic(api_key=KEY, base_url=url, http_client=given, timeout=2, max_retries=0)
            stream = client.messages.create(**ASK, stream=True)
            try:
                next(stream)
            finally:
                stream.close()
                stream.close()
            return client.messages.create(**ASK).text

    async def arun(url: str) -> str:
        async with httpx.AsyncClient(limits=few) as given:
            client = AsyncAnthropic(api_key=KEY, base_url=url, http_client=given, timeout=2, max_retries=0)
            stream = await client.messages.create(**ASK, stream=True)
            with anyio.CancelScope() as scope:
                scope.cancel()
                try:
                    await anext(stream)
                finally:
                    await stream.aclose()
            await stream.close()
            return (await client.messages.create(**ASK)).text

    with nothing_left(), RawServer([CHUNKED, chunk(FRAMES[0]), "hold"], again) as server:
        assert (run(server.url) if face == "sync" else anyio.run(arun, server.url, backend=face)) == WORDS


async def test_cancelling_from_another_task() -> None:
    with nothing_left(), RawServer([CHUNKED, chunk(FRAMES[0]), "hold"]) as server:
        client = AsyncAnthropic(api_key=KEY, base_url=server.url)
        async with client, client.messages.stream(**ASK) as stream, anyio.create_task_group() as tasks:
            tasks.start_soon(stream.until_done)
            await anyio.sleep(0.02)
            tasks.cancel_scope.cancel()
            await stream.close()
            await stream.aclose()


def test_building_a_client_costs_and_leaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(httpx, "Client", _refuse)
    monkeypatch.setattr(httpx, "AsyncClient", _refuse)
    before = network.descriptors()
    clients = [kind(api_key=KEY) for kind in (Anthropic, AsyncAnthropic) for _ in range(500)]
    assert len(network.descriptors()) <= len(before)
    assert len(clients) == 1000


def _refuse(*_: Any, **__: Any) -> None:
    raise AssertionError("no HTTP client is needed yet")


@every_face
@pytest.mark.parametrize("data", [b"data: {\n\n", b"data: [1]\n\n", b'data: {"type": NaN}\n\n', b"data: \xff\n\n"])
def test_a_bare_json_decode_error(face: str, data: bytes) -> None:
    got = ask(face, http_client=mocked(face, lambda request: answer(*FRAMES[:3], data)))
    assert isinstance(got.error, ProtocolError)
    assert got.error.frame == data.decode("utf-8", "replace")[6:-2]
    assert got.error.event_number or got.error.progress
    assert not isinstance(got.error.__cause__, (ValueError, ValidationError)) or got.error.__cause__ is None


def _ask_traced(face: str, **options: Any) -> tuple[Answer, int]:
    """Ask, and return what came of it and the most memory that was held meanwhile, in bytes."""
    tracemalloc.start()
    try:
        return ask(face, **options), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@every_face
def test_a_long_line_costs_quadratic_time_and_memory(face: str) -> None:
    limit = 2 * 1024 * 1024
    endless: Any = (b"data: " if number == 0 else b"x" * 1024 for number in range(10**9))
    client = mocked(face, lambda request: httpx.Response(200, stream=Chunks(*FRAMES[:3], *_rest(endless))))
    got, peak = _ask_traced(face, http_client=client, max_event_bytes=limit)
    assert isinstance(got.error, ProtocolError)
    assert got.error.rule == "event_too_large"
    assert got.message is not None
    assert peak < 2.5 * limit


def _rest(endless: Iterator[bytes]) -> Iterator[bytes]:
    """Enough to break the bound; what is beyond would not be read."""
    piece = b"x" * 1024
    yield next(endless)
    for _ in range(2200):
        yield piece


@every_face
def test_gzip_batches_the_stream(face: str, server: ReplayServer) -> None:
    server.faults.append((Gzip(), Drip(5)))
    assert ask(face, "text", base_url=server.url).words == WORDS
    assert server.requests[-1].headers["accept-encoding"] == "identity"


@every_face
def test_yielded_events_change_later(face: str, server: ReplayServer) -> None:
    async def acollect() -> list[Any]:
        async with AsyncAnthropic(api_key=KEY, base_url=server.url) as client, client.messages.stream(**ASK) as stream:
            return [(event, event.model_dump(warnings=False)) async for event in stream]

    if face == "sync":
        with Anthropic(api_key=KEY, base_url=server.url) as client, client.messages.stream(**ASK) as stream:
            pairs = [(event, event.model_dump(warnings=False)) for event in stream]
    else:
        pairs = anyio.run(acollect, backend=face)
    assert [event.model_dump(warnings=False) for event, _ in pairs] == [dumped for _, dumped in pairs]
    with pytest.raises((ValidationError, AttributeError)):
        pairs[0][0].type = "other"


@every_face
def test_debug_logs_leak_keys(face: str, server: ReplayServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    server.faults.extend([Status(401), Disconnect(after_events=3)])
    for _ in range(3):
        ask(face, base_url=server.url, default_headers={"x-mine": KEY})
    assert caplog.records
    assert KEY not in caplog.text
    ours = [record for record in caplog.records if record.name.startswith("sseclaude")]
    assert ours
    assert not any("Hi" in record.getMessage() or WORDS in record.getMessage() for record in ours)


@every_face
@pytest.mark.parametrize("how", ["final", "text", "events"])
def test_tracers_must_patch_the_stream(face: str, how: str, server: ReplayServer) -> None:
    seen: list[str] = []

    def note(event: Any) -> None:
        seen.append(event.type)

    async def arun() -> None:
        client = AsyncAnthropic(api_key=KEY, base_url=server.url)
        async with client, client.messages.stream(**ASK).on("event", note) as stream:
            async for _ in network.ATAKEN[how](stream):
                pass
            await stream.get_final_message()

    if face == "sync":
        client = Anthropic(api_key=KEY, base_url=server.url)
        with client, client.messages.stream(**ASK).on("event", note) as stream:
            list(network.TAKEN[how](stream))
            stream.get_final_message()
    else:
        anyio.run(arun, backend=face)
    assert [kind for kind in seen if kind not in ("text", "input_json")] == [body["type"] for body in network.EVENTS]


# --- bounds ----------------------------------------------------------------------------------------------------------


@every_face
@pytest.mark.parametrize("piece", [b": comment\n" * 100, b":" + b"c" * 1000, b"\n" * 1000, b"retry: 5\n" * 100])
def test_endless_comments_cost_nothing(face: str, piece: bytes) -> None:
    chunks = (piece for _ in range(1500))
    client = mocked(
        face, lambda request: httpx.Response(200, stream=Endless(FRAMES[0], chunks, b"\n" + STREAM[len(FRAMES[0]) :]))
    )
    tracemalloc.start()
    try:
        got = ask(face, http_client=client, max_event_bytes=64 * 1024)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert got.error is None
    assert peak < 512 * 1024


class Endless(Chunks):
    """A body whose middle is made as it is read."""

    def __init__(self, first: bytes, middle: Iterator[bytes], last: bytes) -> None:
        super().__init__()
        self.chunks = (piece for part in ([first], middle, [last]) for piece in part)


@every_face
def test_absurdly_deep_json_is_a_protocol_error(face: str) -> None:
    deep = b"data: " + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n\n"
    got = ask(face, http_client=mocked(face, lambda request: answer(*FRAMES[:3], deep)))
    assert isinstance(got.error, ProtocolError)
    assert got.error.rule == "malformed_json"


@every_face
def test_a_decompression_bomb_meets_the_bound(face: str) -> None:
    import gzip

    bomb = gzip.compress(b"data: " + bytes(64 * 1024 * 1024))
    limit = 1024 * 1024
    client = mocked(face, lambda request: answer(bomb, content_encoding="gzip"))
    got, peak = _ask_traced(face, http_client=client, max_event_bytes=limit)
    assert isinstance(got.error, ProtocolError)
    assert got.error.rule == "event_too_large"
    assert peak < 4 * limit


def test_an_unknown_error_type_is_a_plain_status_error(server: ReplayServer) -> None:
    server.faults.append(Error("mood_error"))
    error = ask("sync", base_url=server.url).error
    assert type(error) is APIStatusError
    assert (error.status_code, error.type) == (200, "mood_error")


def test_a_paced_stream_is_timed() -> None:
    with ReplayServer([STREAM], pace=Pace(0.02, None)) as server:
        client = Anthropic(api_key=KEY, base_url=server.url)
        with client, client.messages.stream(**ASK) as stream:
            stream.until_done()
    assert stream.timing.first_byte is not None
    assert stream.timing.first_byte <= (stream.timing.total or 0)
