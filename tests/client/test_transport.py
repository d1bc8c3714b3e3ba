"""Sending, and what comes of it: statuses, errors, redirects, bounds, the HTTP client, and no secrets."""

from __future__ import annotations

import copy
import gc
import json
import logging
import pickle
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

import sseclaude
from sseclaude import (
    Anthropic,
    AnthropicError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AsyncAnthropic,
    IncompleteStreamError,
    ProtocolError,
    RateLimitError,
    Timeout,
)
from sseclaude.client import transport as transport_module
from sseclaude.client.failures import body_error, sending_error
from sseclaude.client.http_clients import tls_context
from sseclaude.client.request import Headers, Request
from sseclaude.client.timeouts import Deadline
from sseclaude.client.transport import document
from sseclaude.errors import STATUS_ERRORS
from sseclaude.replay import Disconnect, Error, ReplayServer, Status
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
    RawServer,
    ask,
    chunk,
    nothing_left,
)
from tests.support.streams import OVERLOADED, frame

pytestmark = pytest.mark.anyio
CLIENT: dict[str, Any] = {"api_key": KEY, "max_retries": 0}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sseclaude.client.retries.INITIAL_BACKOFF", 0.0)


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer([STREAM], pace=None) as server:
        ask("sync", base_url=server.url)  # its own descriptors are open from here on
        server.requests._entries.clear()
        yield server


# --- statuses and errors ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [*STATUS_ERRORS, 418, 500, 502, 599])
@pytest.mark.parametrize("face", FACES)
def test_a_status_is_its_class(face: str, status: int, server: ReplayServer) -> None:
    server.faults.append(Status(status))
    error = ask(face, base_url=server.url).error
    fallback = sseclaude.InternalServerError if status >= 500 else APIStatusError
    assert type(error) is STATUS_ERRORS.get(status, fallback)
    assert isinstance(error, APIStatusError)
    assert (error.status_code, error.attempts, error.partial_message) == (status, 1, None)
    assert error.request_id
    assert error.request_id in str(error)
    assert error.response is not None
    assert error.response.is_closed


@pytest.mark.parametrize("face", FACES)
def test_retries_have_one_budget(face: str, server: ReplayServer) -> None:
    server.faults.extend([Status(529), Disconnect(), Error(after_events=0), Disconnect(after_events=1)])
    got = ask(face, "text", base_url=server.url, max_retries=4)
    assert (got.words, got.attempts, len(server.requests)) == (WORDS, 5, 5)
    server.faults.extend([Status(529)] * 3)
    got = ask(face, "text", base_url=server.url, max_retries=2)
    assert (type(got.error), got.attempts, len(server.requests)) == (sseclaude.OverloadedError, 3, 8)


@pytest.mark.parametrize("how", ["events", "raw", "text", "final"])
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("events", [0, 1, 2, 3, 5])
def test_the_window_closes_with_what_was_handed_out(face: str, how: str, events: int, server: ReplayServer) -> None:
    server.faults.append(Error(after_events=events))
    got = ask(face, how, base_url=server.url, max_retries=1)
    again = events == 0 if how in ("events", "raw") else events < 2
    assert got.attempts == (2 if again else 1)
    assert (got.error is None) is again
    assert WORDS.startswith(got.words)


@pytest.mark.parametrize("face", FACES)
def test_a_wish_to_wait_too_long_is_told_at_once(face: str, server: ReplayServer) -> None:
    server.faults.append(Status(429, retry_after=61))
    got = ask(face, base_url=server.url, max_retries=2)
    assert isinstance(got.error, RateLimitError)
    assert got.attempts == 1
    server.faults.append(Status(429, retry_after=20))
    got = ask(face, base_url=server.url, max_retries=2, timeout=Timeout(connect=5, idle=5, total=10))
    assert got.attempts == 1


@pytest.mark.parametrize("face", FACES)
def test_total_holds_across_retries(face: str) -> None:
    with RawServer(["hold"]) as server:
        got = ask(face, base_url=server.url, max_retries=50, timeout=Timeout(connect=5, idle=0.05, total=0.12))
    assert isinstance(got.error, APITimeoutError)
    assert 1 <= got.attempts <= 4


@pytest.mark.parametrize("face", FACES)
def test_what_was_cut_is_told_with_its_cause(face: str, server: ReplayServer) -> None:
    server.faults.append(Disconnect(after_events=3))
    error = ask(face, base_url=server.url).error
    assert isinstance(error, IncompleteStreamError)
    assert isinstance(error.__cause__, httpx.RemoteProtocolError)
    assert "after 3 events, the last one content_block_delta" in str(error)
    assert "message msg_1" in str(error)
    assert error.progress is not None
    assert error.progress.bytes == sum(map(len, FRAMES[:3]))


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(("url", "said"), [("https://host:port", "base_url="), ("https://a\x00b/", "cannot be sent")])
def test_an_unsendable_request_is_not_tried_again(face: str, url: str, said: str) -> None:
    error = ask(face, base_url=url, max_retries=2).error
    assert type(error) is AnthropicError
    assert said in str(error)


def test_failures_become_ours() -> None:
    deadline = Deadline(Timeout())
    assert type(sending_error(httpx.ConnectTimeout(""), deadline)) is APITimeoutError
    assert "connect=5.0 s ran out" in str(sending_error(httpx.PoolTimeout(""), deadline))
    assert "idle=600 s" in str(sending_error(httpx.ReadTimeout(""), deadline))
    assert type(sending_error(httpx.InvalidURL("x"), deadline)) is AnthropicError
    assert str(sending_error(httpx.ConnectError("refused"), deadline)) == "no answer: ConnectError: refused"
    assert str(sending_error(httpx.ReadError(""), deadline)) == "no answer: ReadError"
    secret = sending_error(httpx.LocalProtocolError("Illegal header value b'sk-1'"), deadline)
    assert (str(secret), secret.__cause__) == ("no answer: LocalProtocolError", None)
    assert type(body_error(httpx.ReadTimeout(""), deadline)) is APITimeoutError
    assert type(body_error(httpx.DecodingError("x"), deadline)) is ProtocolError
    assert type(body_error(OSError("x"), deadline)) is IncompleteStreamError
    assert body_error(KeyError("ours"), deadline) is None


@pytest.mark.parametrize("face", FACES)
def test_a_bug_of_ours_is_not_hidden(face: str) -> None:
    client = network.mocked(face, lambda request: network.answer(KeyError("bug")))  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        ask(face, http_client=client)


@pytest.mark.parametrize(
    ("body", "value"),
    [(b'{"a": 1}', {"a": 1}), (b"<html>", "<html>"), (b"\xff", "\ufffd"), (b"", ""), (b"[" * 10**5, None)],
)
def test_a_document_is_read_as_far_as_it_can_be(body: bytes, value: Any) -> None:
    assert document(body) == value


# --- redirects -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("face", FACES)
def test_redirects_are_never_followed(face: str, status: int) -> None:
    seen: list[str] = []

    def redirect(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return httpx.Response(status, headers={"location": "https://elsewhere.example/v1/messages"})

    client: Any = network.mocked(face, redirect)
    client.follow_redirects = True
    error = ask(face, base_url="https://here.example", http_client=client).error
    assert isinstance(error, APIStatusError)
    assert error.status_code == status
    assert seen == ["here.example"]


# --- bounds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("face", FACES)
def test_an_endless_error_body_is_cut(face: str) -> None:
    head = b"HTTP/1.1 400 Bad Request\r\ntransfer-encoding: chunked\r\nrequest-id: req_e\r\n\r\n"
    with nothing_left(), RawServer([head, chunk(b"x" * 65536) * 100, "hold"]) as server:
        error = ask(face, base_url=server.url, timeout=30).error
    assert isinstance(error, sseclaude.BadRequestError)
    assert len(error.body) <= transport_module.ERROR_BYTES + 65536
    assert error.request_id == "req_e"


@pytest.mark.parametrize("face", FACES)
def test_a_silent_error_body_is_left(face: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "ERROR_SECONDS", 0.1)
    head = b"HTTP/1.1 529 Overloaded\r\ntransfer-encoding: chunked\r\n\r\n"
    envelope = json.dumps({"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}}).encode()
    for play in ([head, chunk(envelope), "hold"], [head, "hold"], [head, *[chunk(b" "), 0.02] * 100]):
        with nothing_left(), RawServer(play) as server:
            got = ask(face, base_url=server.url, timeout=30)
        assert isinstance(got.error, sseclaude.OverloadedError)
        assert got.seconds < 5


@pytest.mark.parametrize("face", FACES)
def test_a_document_is_bounded_and_tried_again_when_it_is_cut(face: str, server: ReplayServer) -> None:
    async def acount(**options: Any) -> Any:
        async with AsyncAnthropic(base_url=server.url, api_key=KEY, **options) as client:
            return await client.messages.count_tokens(model="m", messages=ASK["messages"])

    def count(**options: Any) -> Any:
        if face != "sync":
            return anyio.run(lambda: acount(**options), backend=face)
        with Anthropic(base_url=server.url, api_key=KEY, **options) as client:
            return client.messages.count_tokens(model="m", messages=ASK["messages"])

    with nothing_left():
        server.faults.append(Disconnect(after_bytes=5))
        assert count().input_tokens == 1
        server.faults.append(Disconnect(after_bytes=5))
        with pytest.raises(IncompleteStreamError) as caught:
            count(max_retries=0)
    assert caught.value.request_id
    assert caught.value.progress is not None
    assert (caught.value.progress.bytes, caught.value.attempts) == (5, 1)


# --- the HTTP client -------------------------------------------------------------------------------------------------


def test_the_http_client_is_made_at_the_first_request(server: ReplayServer) -> None:
    client = Anthropic(base_url=server.url, **CLIENT)
    assert client._transport.clients.made == {}
    made = client.messages.create(**ASK) and client._transport.clients.get()
    client.messages.create(**ASK)
    assert client._transport.clients.get() is made
    client.close()
    client.close()
    with pytest.raises(AnthropicError, match="the client is closed"):
        client.messages.create(**ASK)


def test_one_tls_context_serves_all() -> None:
    assert tls_context() is tls_context()


@pytest.mark.parametrize("face", FACES)
def test_a_given_client_is_not_closed(face: str, server: ReplayServer) -> None:
    if face == "sync":
        with httpx.Client() as given:
            with Anthropic(base_url=server.url, http_client=given, **CLIENT) as client:
                client.messages.create(**ASK)
            assert not given.is_closed
        with pytest.raises(AnthropicError, match="the client is closed"):
            Anthropic(base_url=server.url, http_client=given, **CLIENT).messages.create(**ASK)
        return

    async def run() -> None:
        async with httpx.AsyncClient() as given:
            async with AsyncAnthropic(base_url=server.url, http_client=given, **CLIENT) as client:
                await client.messages.create(**ASK)
            assert not given.is_closed

    with nothing_left():
        anyio.run(run, backend=face)


@pytest.mark.parametrize("face", FACES)
def test_a_dropped_client_leaves_nothing(face: str, server: ReplayServer) -> None:
    async def run() -> None:
        assert (await AsyncAnthropic(base_url=server.url, **CLIENT).messages.create(**ASK)).text == WORDS
        for _ in range(3):
            await anyio.lowlevel.checkpoint()

    with nothing_left():
        if face == "sync":
            assert Anthropic(base_url=server.url, **CLIENT).messages.create(**ASK).text == WORDS
        else:
            anyio.run(run, backend=face)


def test_fifty_threads_share_a_client(server: ReplayServer) -> None:
    client, start = Anthropic(base_url=server.url, **CLIENT), threading.Barrier(50)
    texts: list[str] = []

    def run() -> None:
        start.wait()
        for _ in range(2):
            with client.messages.stream(**ASK) as stream:
                texts.append("".join(stream.text_stream))

    with nothing_left():
        threads = [threading.Thread(target=run) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        client.close()
    assert texts == [WORDS] * 100


async def test_five_hundred_tasks_share_a_client() -> None:
    texts: list[str] = []

    async def run(client: AsyncAnthropic) -> None:
        async with client.messages.stream(**ASK) as stream:
            texts.append("".join([piece async for piece in stream.text_stream]))

    with nothing_left(), ReplayServer([STREAM], pace=None) as server:
        async with AsyncAnthropic(base_url=server.url, **CLIENT) as client, anyio.create_task_group() as tasks:
            for _ in range(500):
                tasks.start_soon(run, client)
    assert texts == [WORDS] * 500


@pytest.mark.parametrize("face", FACES)
def test_a_close_ends_the_pause_before_another_attempt(face: str, server: ReplayServer) -> None:
    def retry_later(request: httpx.Request) -> httpx.Response:
        return network.answer(frame(OVERLOADED), retry_after="50")

    if face == "sync":
        with Anthropic(api_key=KEY, http_client=network.mocked(face, retry_later)).messages.stream(**ASK) as stream:
            threading.Timer(0.03, stream.close).start()
            stream.until_done()
            assert stream.attempts == 1
        return

    async def run() -> None:
        client = AsyncAnthropic(api_key=KEY, http_client=network.mocked(face, retry_later))
        async with client.messages.stream(**ASK) as stream, anyio.create_task_group() as tasks:
            tasks.start_soon(stream.until_done)
            await anyio.sleep(0.03)
            await stream.close()
        assert stream.attempts == 1

    anyio.run(run, backend=face)


async def test_a_close_ends_another_attempt_async() -> None:
    first = [CHUNKED, chunk(FRAMES[0]), b"zz"]
    with nothing_left(), RawServer(first, ["hold"]) as server:
        client = AsyncAnthropic(api_key=KEY, base_url=server.url)
        async with client, client.messages.stream(**ASK) as stream, anyio.create_task_group() as tasks:
            tasks.start_soon(stream.until_done)
            while server.connections < 2:  # noqa: ASYNC110 - the server is a thread
                await anyio.sleep(0.005)
            await stream.close()
        assert stream.attempts == 2


def test_what_another_attempt_brought_after_a_close_is_closed() -> None:
    bodies = [network.Chunks(FRAMES[0], httpx.ReadError("cut")), network.Chunks(STREAM)]
    answers = iter(bodies)

    def handler(request: httpx.Request) -> httpx.Response:
        if bodies[0].closed:
            stream.close()
        return httpx.Response(200, stream=next(answers))

    with Anthropic(api_key=KEY, http_client=network.mocked("sync", handler)).messages.stream(**ASK) as stream:
        stream.until_done()
        assert list(stream) == []
    assert [body.closed for body in bodies] == [1, 1]


# --- secrets ---------------------------------------------------------------------------------------------------------


def failures(server: ReplayServer) -> Iterator[AnthropicError]:
    """One of each error, as a caller catches it."""
    for fault in (Status(401), Status(529), Error(), Disconnect(), Disconnect(after_events=3)):
        server.faults.append(fault)
        error = ask("sync", base_url=server.url).error
        assert error is not None
        yield error
    for options in ({"api_key": KEY + "\n"}, {"auth_token": KEY + " "}, {"api_key": KEY + "é"}):
        error = ask("sync", **{"base_url": server.url, "api_key": None, **options}).error
        assert error is not None
        yield error
    for headers in ({"x-mine": KEY + "\r\n"}, {"x mine": "x"}):
        error = ask("sync", base_url=server.url, default_headers=headers).error
        assert error is not None
        yield error


def test_no_secret_is_told(server: ReplayServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    for error in failures(server):
        shown += [str(error), repr(error), "".join(traceback.format_exception(error))]
        for one in (error, *filter(None, (error.__cause__, error.__context__))):
            shown += [repr(one), str(one)]
        pickled = pickle.dumps(error)
        assert KEY.encode() not in pickled
        shown += [str(vars(pickle.loads(pickled))), str(vars(copy.copy(error)))]
        ours = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown += [str(frame.locals) for frame in ours.stack if frame.filename.startswith(sseclaude.__path__[0])]
    client = Anthropic(api_key=KEY, auth_token=KEY, default_headers={"x-mine": KEY})
    shown += [repr(client), repr(client.messages), repr(client._options), str(client.with_options(strict=True))]
    shown += [repr(Headers({"x-api-key": KEY})), repr(Request("POST", "u", Headers({"x-api-key": KEY}), b"", {}))]
    assert [text for text in shown if KEY in text] == []
    assert KEY not in caplog.text
    assert "Hi" not in "".join(record.getMessage() for record in caplog.records if record.name == "sseclaude")


def test_each_attempt_is_logged(server: ReplayServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sseclaude")
    server.faults.extend([Status(529), Disconnect()])
    ask("sync", base_url=server.url, max_retries=2)
    reported = [record.getMessage() for record in caplog.records if record.name == "sseclaude"]
    assert len(server.requests) == 3
    assert [line.split(":")[0] for line in reported] == [
        "attempt 1",
        "retrying in 0.00 s after OverloadedError",
        "attempt 2",
        "retrying in 0.00 s after APIConnectionError",
        "attempt 3",
    ]
    assert "/v1/messages: 529, request req_" in reported[0]
    retries = [getattr(record, "retry", None) for record in caplog.records if record.name == "sseclaude"]
    assert retries == [
        None, ("OverloadedError", 0.0, 1, 2), None, ("APIConnectionError", 0.0, 2, 2), None,
    ]  # fmt: skip


def test_every_error_can_be_pickled_and_copied(server: ReplayServer) -> None:
    for error in failures(server):
        for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
            assert (type(twin), str(twin)) == (type(error), str(error))
            if isinstance(error, APIError):
                assert (twin.attempts, twin.progress, twin.response) == (error.attempts, error.progress, None)
                assert twin.partial_message == error.partial_message
    gc.collect()


# --- what a server puts behind an answer -----------------------------------------------------------------------------


@pytest.mark.parametrize("face", FACES)
def test_garbage_behind_an_answer_does_not_spoil_the_next(face: str) -> None:
    dirty = [CHUNKED, chunk(STREAM), LAST_CHUNK + b"\x00garbage", "again", CHUNKED, chunk(STREAM), LAST_CHUNK, "hold"]
    clean = [CHUNKED, chunk(STREAM), LAST_CHUNK, "hold"]

    async def atwice(url: str) -> list[str]:
        async with AsyncAnthropic(base_url=url, api_key=KEY) as client:
            return [(await client.messages.create(**ASK)).text for _ in range(2)]

    with RawServer(dirty, clean) as server:
        if face != "sync":
            assert anyio.run(atwice, server.url, backend=face) == [WORDS] * 2
            return
        with Anthropic(base_url=server.url, api_key=KEY) as client:
            assert [client.messages.create(**ASK).text for _ in range(2)] == [WORDS] * 2
