"""Recording: what a program reads is written down, and replays to the same bytes."""

import gzip
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from sseclaude.replay import AsyncReplayTransport, Disconnect, Drip, Gzip, ReplayServer, ReplayTransport, load, record

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
TEXT = (FIXTURES / "text.sse").read_bytes()
KEY = {"x-api-key": "sk-secret", "authorization": "Bearer sk-secret"}
ASK: dict[str, Any] = {
    "model": "m",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "my secret plan"}],
    "stream": True,
}
URL = "http://replay/v1/messages?beta=true"

Ask = Callable[..., Any]


def by_transport(path: Path, times: int = 1, faults: Any = (), **options: Any) -> list[bytes]:
    transport = ReplayTransport(FIXTURES / "text.sse", pace=None, faults=faults)
    with httpx.Client(transport=record(path, transport, **options)) as client:
        return [client.post(URL, headers=KEY, json=ASK).content for _ in range(times)]


def by_hook(path: Path, times: int = 1, faults: Any = (), **options: Any) -> list[bytes]:
    transport = ReplayTransport(FIXTURES / "text.sse", pace=None, faults=faults)
    with httpx.Client(transport=transport, event_hooks={"response": [record(path, **options)]}) as client:
        return [client.post(URL, headers=KEY, json=ASK).content for _ in range(times)]


async def _by_async_transport(path: Path, times: int, faults: Any, options: dict[str, Any]) -> list[bytes]:
    transport = AsyncReplayTransport(FIXTURES / "text.sse", pace=None, faults=faults)
    async with httpx.AsyncClient(transport=record(path, transport, **options)) as client:
        return [(await client.post(URL, headers=KEY, json=ASK)).content for _ in range(times)]


async def _by_async_hook(path: Path, times: int, faults: Any, options: dict[str, Any]) -> list[bytes]:
    transport = AsyncReplayTransport(FIXTURES / "text.sse", pace=None, faults=faults)
    hooks = {"response": [record(path, **options)]}
    async with httpx.AsyncClient(transport=transport, event_hooks=hooks) as client:
        return [(await client.post(URL, headers=KEY, json=ASK)).content for _ in range(times)]


def by_async_transport(path: Path, times: int = 1, faults: Any = (), **options: Any) -> list[bytes]:
    return anyio.run(_by_async_transport, path, times, faults, options)


def by_async_hook(path: Path, times: int = 1, faults: Any = (), **options: Any) -> list[bytes]:
    return anyio.run(_by_async_hook, path, times, faults, options, backend="trio")


WAYS = [by_transport, by_hook, by_async_transport, by_async_hook]
ways = pytest.mark.parametrize("ask", WAYS, ids=lambda way: way.__name__)


@ways
def test_the_body_and_its_chunks_are_written(ask: Ask, tmp_path: Path) -> None:
    assert ask(tmp_path / "answer.sse", faults=[Drip(100)]) == [TEXT]
    (recording,) = load(tmp_path)
    assert recording.body == TEXT
    assert [size for size, _ in recording.chunks[:2]] == [100, 100]
    assert (recording.status, recording.cut) == (200, False)
    assert dict(recording.headers)["request-id"] == "req_replay00000000000001"


@ways
def test_nothing_of_the_request_is_written(ask: Ask, tmp_path: Path) -> None:
    ask(tmp_path / "answer.sse")
    written = sorted(tmp_path.iterdir())
    assert [path.name for path in written] == ["answer.sse", "answer.timing.json"]
    for path in written:
        assert "secret" not in path.read_text(encoding="utf-8")
    assert "anthropic-organization-id" not in written[1].read_text(encoding="utf-8")


@ways
def test_the_requests_content_is_written_if_asked(ask: Ask, tmp_path: Path) -> None:
    ask(tmp_path / "answer.sse", request=True)
    written = json.loads((tmp_path / "answer.request.json").read_bytes())
    assert written == {"method": "POST", "path": "/v1/messages?beta=true", "body": ASK}


@ways
def test_further_answers_get_names_of_their_own(ask: Ask, tmp_path: Path) -> None:
    ask(tmp_path / "answer.sse", times=3)
    ask(tmp_path / "folder" / "inner", times=2)
    assert [path.name for path in sorted(tmp_path.glob("*.sse"))] == ["answer-2.sse", "answer-3.sse", "answer.sse"]
    assert [one.name for one in load(tmp_path / "folder" / "inner")] == ["0001", "0002"]


@ways
def test_a_cut_is_written_and_replayed(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        ask(tmp_path / "cut.sse", faults=[Disconnect(after_bytes=100)])
    (recording,) = load(tmp_path)
    assert (recording.body, recording.cut) == (TEXT[:100], True)
    replayed = ReplayTransport(tmp_path, pace=None)
    with httpx.Client(transport=replayed) as client, pytest.raises(httpx.RemoteProtocolError):
        client.post(URL, headers=KEY, json=ASK)


@ways
def test_a_compressed_answer_is_written_as_it_reads(ask: Ask, tmp_path: Path) -> None:
    assert ask(tmp_path / "packed.sse", faults=[Gzip()]) == [TEXT]
    (recording,) = load(tmp_path)
    assert recording.body == TEXT
    assert "content-encoding" not in dict(recording.headers)


class Packed(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield b"whatever "
        yield b"this is"


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_what_cannot_be_unpacked_is_kept_with_its_encoding(tmp_path: Path, encoding: str) -> None:
    headers = {"content-encoding": encoding}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, headers=headers, stream=Packed()))
    with (
        httpx.Client(transport=record(tmp_path / "packed.sse", transport)) as client,
        client.stream("POST", URL) as response,
    ):
        assert list(response.iter_raw()) == [b"whatever ", b"this is"]
    (recording,) = load(tmp_path)
    assert recording.body == b"whatever this is"
    assert recording.headers == (("content-encoding", encoding),)


def test_an_answer_that_is_left_early_is_written_as_far_as_it_came(tmp_path: Path) -> None:
    transport = record(tmp_path / "left.sse", ReplayTransport(FIXTURES / "text.sse", pace=None))
    with (
        httpx.Client(transport=transport) as client,
        client.stream("POST", URL, headers=KEY, json=ASK) as response,
    ):
        first = next(response.iter_raw())
    (recording,) = load(tmp_path)
    assert (recording.body, recording.cut) == (first, False)


def test_a_refusal_is_written_and_replayed(tmp_path: Path) -> None:
    with httpx.Client(transport=record(tmp_path / "no.sse", ReplayTransport())) as client:
        reported = client.post("http://replay/nowhere")
    with httpx.Client(transport=ReplayTransport(tmp_path)) as client:
        again = client.post(URL, headers=KEY, json=ASK)
    assert (again.status_code, again.json()) == (404, reported.json())
    assert again.headers["content-type"] == reported.headers["content-type"]


def body() -> Iterator[bytes]:
    yield b"not "
    yield b"JSON"


def test_a_streamed_request_has_no_content_to_write(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Packed())

    class Plain(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return answer(request)

    with httpx.Client(transport=record(tmp_path / "a.sse", Plain(), request=True)) as client:
        client.post(URL, content=body())
        client.post(URL, content=b"not JSON")
    bodies = [json.loads((tmp_path / f"{name}.request.json").read_bytes())["body"] for name in ("a", "a-2")]
    assert bodies == ["", "not JSON"]


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer(pace=None, faults=[Drip(64)]) as server:
        yield server


def test_a_recording_from_the_server_replays_to_the_same_bytes(server: ReplayServer, tmp_path: Path) -> None:
    with httpx.Client(transport=record(tmp_path / "one.sse", httpx.HTTPTransport())) as client:
        first = client.post(f"{server.url}/v1/messages", headers=KEY, json=ASK).content
    with (
        ReplayServer(tmp_path / "one.sse", pace=None) as again,
        httpx.Client(transport=record(tmp_path / "two.sse", httpx.HTTPTransport())) as client,
    ):
        assert client.post(f"{again.url}/v1/messages", headers=KEY, json=ASK).content == first
    one, two = load([tmp_path / "one.sse", tmp_path / "two.sse"])
    assert one.body == two.body == first
    assert one.wait > 0


class Slow(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"data: 1\n\n"


@pytest.mark.anyio
async def test_an_async_answer_that_is_left_early_is_written(tmp_path: Path) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=Slow()))
    async with (
        httpx.AsyncClient(transport=record(tmp_path / "left.sse", transport)) as client,
        client.stream("POST", URL),
    ):
        pass
    assert load(tmp_path)[0].body == b""


# --- bounds and failures ---------------------------------------------------------------------------------------------


def answered(body: bytes, path: Path) -> Any:
    """Record one gzip answer, read without decoding it, and return the recorder."""
    headers = {"content-type": "text/event-stream", "content-encoding": "gzip"}
    answer = httpx.MockTransport(lambda request: httpx.Response(200, headers=headers, stream=httpx.ByteStream(body)))
    recorder = record(path)
    with (
        httpx.Client(transport=answer, event_hooks={"response": [recorder]}) as client,
        client.stream("POST", URL, json=ASK) as response,
    ):
        assert b"".join(response.iter_raw()) == body
    return recorder


def test_every_member_of_a_gzip_answer_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "answer.sse"
    body = gzip.compress(TEXT[:700]) + gzip.compress(TEXT[700:])
    assert answered(body, path).written == [path]
    assert path.read_bytes() == TEXT
    assert load(path)[0].body == TEXT


def test_an_answer_that_inflates_beyond_the_bound_is_recorded_as_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sseclaude.replay.recorder.MAX_INFLATED_BYTES", 100_000)
    path = tmp_path / "answer.sse"
    body = gzip.compress(b": \n" * 1_000_000)
    answered(body, path)
    assert path.read_bytes() == body
    assert ["content-encoding", "gzip"] in json.loads((tmp_path / "answer.timing.json").read_text())["headers"]


def test_a_recording_that_cannot_be_written_is_reported_and_the_answer_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.warns(RuntimeWarning, match="the answer was not recorded"):
        recorder = answered(gzip.compress(TEXT), tmp_path / "file" / "answer.sse")
    assert (recorder.written, len(recorder.failures)) == ([], 1)
