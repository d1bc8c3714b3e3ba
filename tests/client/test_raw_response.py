"""Raw responses: the same questions, with the response beside the result; and how a message came."""

from __future__ import annotations

import json
import pickle
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from typing import Any

import anyio
import httpx
import pytest

import sseclaude
from sseclaude import Anthropic, AsyncAnthropic, Message
from sseclaude.client.rate_limits import RateLimit, rate_limits
from sseclaude.client.streaming_response import _Lines
from tests.support.network import ASK, EVENTS, KEY, STREAM, WORDS, answer, mocked

LIMITS = {
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "49",
    "anthropic-ratelimit-requests-reset": "2026-11-25T10:00:00Z",
    "anthropic-ratelimit-input-tokens-remaining": "many",
    "anthropic-ratelimit-output-tokens-reset": "soon",
}
COUNT = {"model": ASK["model"], "messages": ASK["messages"]}


def handler(request: httpx.Request) -> httpx.Response:
    headers = {"request-id": "req_1", **LIMITS}
    if request.url.path.endswith("count_tokens"):
        return httpx.Response(200, json={"input_tokens": 3}, headers=headers)
    response = answer(STREAM)
    response.headers.update(headers)
    return response


def client() -> Anthropic:
    return Anthropic(api_key=KEY, http_client=mocked("sync", handler))


def arun(work: Callable[[AsyncAnthropic], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with mocked("asyncio", handler) as http:
            return await work(AsyncAnthropic(api_key=KEY, http_client=http))

    return anyio.run(run)


def check(raw: Any) -> None:
    assert (raw.status_code, raw.request_id, raw.retries_taken) == (200, "req_1", 0)
    assert raw.headers["request-id"] == raw.http_response.headers["request-id"]
    assert (raw.method, raw.url.path.startswith("/v1/messages")) == ("POST", True)
    assert raw.rate_limits["requests"].remaining == 49
    assert repr(raw).startswith("<")
    assert KEY not in repr(raw)


# --- with_raw_response -----------------------------------------------------------------------------------------------


def test_the_result_is_that_of_the_plain_method() -> None:
    raw = client().messages.with_raw_response
    message = raw.create(**ASK)
    check(message)
    assert message.parse().text == raw.create(**ASK, stream=False).parse().text == WORDS
    events = raw.create(**ASK, stream=True)
    check(events)
    with events.parse() as stream:
        assert [event.type for event in stream] == [str(body["type"]) for body in EVENTS]
    with raw.stream(**ASK).parse() as answer:
        assert answer.get_final_text() == WORDS
    counted = raw.count_tokens(**COUNT)
    check(counted)
    assert counted.parse().input_tokens == 3
    assert raw.parse(output_format=None, **ASK).parse().text == WORDS


def test_the_async_result_is_there_without_waiting() -> None:
    async def work(client: AsyncAnthropic) -> None:
        raw = client.messages.with_raw_response
        message = await raw.create(**ASK)
        check(message)
        assert message.parse().text == (await raw.create(**ASK, stream=False)).parse().text == WORDS
        async with (await raw.create(**ASK, stream=True)).parse() as events:
            assert len([event async for event in events]) == len(EVENTS)
        async with (await raw.stream(**ASK)).parse() as answer:
            assert await answer.get_final_text() == WORDS
        counted = await raw.count_tokens(**COUNT)
        check(counted)
        assert counted.parse().input_tokens == 3
        assert (await raw.parse(output_format=None, **ASK)).parse().text == WORDS

    arun(work)


# --- with_streaming_response -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("way", ["bytes", "text", "lines", "read", "all_text"])
def test_a_body_can_be_read_as_it_comes(stream: bool, way: str) -> None:
    with client().messages.with_streaming_response.create(**ASK, stream=stream) as response:
        check(response)
        taken = {
            "bytes": lambda: b"".join(response.iter_bytes()),
            "text": lambda: "".join(response.iter_text()).encode(),
            "lines": lambda: "".join(f"{line}\n" for line in response.iter_lines()).encode(),
            "read": response.read,
            "all_text": lambda: response.text().encode(),
        }[way]()
    assert taken == STREAM


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("way", ["bytes", "text", "lines", "read", "all_text"])
def test_an_async_body_can_be_read_as_it_comes(stream: bool, way: str) -> None:
    async def work(client: AsyncAnthropic) -> bytes:
        async with client.messages.with_streaming_response.create(**ASK, stream=stream) as response:
            check(response)
            if way == "bytes":
                return b"".join([chunk async for chunk in response.iter_bytes()])
            if way == "text":
                return "".join([text async for text in response.iter_text()]).encode()
            if way == "lines":
                return "".join([f"{line}\n" async for line in response.iter_lines()]).encode()
            return await response.read() if way == "read" else (await response.text()).encode()

    assert arun(work) == STREAM


def test_a_streaming_response_can_be_parsed() -> None:
    asked = client().messages.with_streaming_response
    with asked.create(**ASK) as response:
        message = response.parse()
        assert isinstance(message, Message)
        assert message.text == WORDS
    with asked.create(**ASK, stream=True) as response:
        stream = response.parse()
        assert isinstance(stream, sseclaude.Stream)
        assert len(list(stream)) == len(EVENTS)

    async def work(client: AsyncAnthropic) -> None:
        asked = client.messages.with_streaming_response
        async with asked.create(**ASK) as response:
            message = await response.parse()
            assert isinstance(message, Message)
            assert message.text == WORDS
        async with asked.create(**ASK, stream=True) as response:
            stream = await response.parse()
            assert isinstance(stream, sseclaude.AsyncStream)
            assert len([event async for event in stream]) == len(EVENTS)

    arun(work)


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"a\r\nbc\n\nde", ["a", "bc", "", "de"]),
        (b"\xc3\xb6\n\xc3", ["\xf6", "\ufffd"]),
        (b"a\n", ["a"]),
        (b"", []),
    ],
)
def test_lines_end_as_they_may_and_what_is_no_text_is_replaced(body: bytes, lines: list[str]) -> None:
    def of(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    made = Anthropic(api_key=KEY, http_client=mocked("sync", of))
    with made.messages.with_streaming_response.create(**ASK, stream=True) as response:
        assert list(response.iter_lines()) == lines
    text = _Lines()
    pieces = [text.decode(body[at : at + 1]) for at in range(len(body))] + [text.decode(b"", True)]
    assert [*(line for piece in pieces for line in text.lines(piece)), *text.rest()] == lines

    async def work() -> list[str]:
        async with mocked("asyncio", of) as http:
            asked = AsyncAnthropic(api_key=KEY, http_client=http).messages.with_streaming_response
            async with asked.create(**ASK, stream=True) as response:
                return [line async for line in response.iter_lines()]

    assert anyio.run(work) == lines


def test_every_method_has_a_streaming_response() -> None:
    asked = client().with_streaming_response.beta.messages
    with asked.count_tokens(**COUNT) as response:
        check(response)
        assert response.parse().input_tokens == 3
        assert list(response.iter_bytes(8)) == [b'{"input_', b'tokens":', b"3}"]
    with asked.count_tokens(**COUNT) as response:
        assert response.json() == json.loads(response.text()) == {"input_tokens": 3}
    with asked.stream(**ASK) as response:
        assert response.parse().text == WORDS
    with asked.parse(output_format=str, **ASK) as response:
        assert b"".join(response.iter_bytes(7)) == STREAM
        response.close()
        assert response.is_closed

    async def work(client: AsyncAnthropic) -> None:
        asked = client.with_streaming_response.messages
        async with asked.count_tokens(**COUNT) as response:
            check(response)
            assert (await response.parse()).input_tokens == 3
            assert [chunk async for chunk in response.iter_bytes(8)] == [b'{"input_', b'tokens":', b"3}"]
        async with asked.count_tokens(**COUNT) as response:
            assert await response.json() == json.loads(await response.text()) == {"input_tokens": 3}
        async with asked.stream(**ASK) as response:
            assert (await response.parse()).text == WORDS
        async with asked.parse(output_format=str, **ASK) as response:
            assert b"".join([chunk async for chunk in response.iter_bytes(7)]) == STREAM
            await response.close()
            assert response.is_closed

    arun(work)


def test_what_an_async_raw_response_means_may_be_awaited() -> None:
    async def work(client: AsyncAnthropic) -> None:
        raw = client.messages.with_raw_response
        message = await raw.create(**ASK)
        assert await message.parse() is message.parse()
        assert (await (await raw.count_tokens(**COUNT)).parse()).input_tokens == 3
        stream = await (await raw.create(**ASK, stream=True)).parse()
        assert len([event async for event in stream]) == len(EVENTS)

    arun(work)


def test_a_client_has_raw_responses_too() -> None:
    raw = client().with_raw_response.beta.messages.create(**ASK)
    check(raw)
    assert raw.is_closed
    assert raw.http_version == "HTTP/1.1"
    assert raw.elapsed.total_seconds() >= 0

    async def work(client: AsyncAnthropic) -> Any:
        return await client.with_raw_response.messages.count_tokens(**COUNT)

    check(arun(work))


# --- how a message came ----------------------------------------------------------------------------------------------


def test_a_message_knows_how_it_came() -> None:
    message = client().messages.create(**ASK)
    assert message.received is not None
    assert (message.received.request_id, message.received.attempts, message.received.deviations) == ("req_1", 1, [])
    assert message.received.timing.total is not None
    assert message._request_id == "req_1"


def test_a_message_knows_how_it_came_wherever_it_is_met() -> None:
    seen: list[Any] = []
    with client().messages.stream(**ASK) as stream:
        stream.on("message_stop", lambda event: seen.append(event.message.received))
        for event in stream:
            if event.type != "message_start":
                seen.append(stream.current_message_snapshot.received)
            if event.type == "message_stop":
                seen.append(event.message.received)
        seen.append(stream.get_final_message().received)
    assert len(seen) > 5
    assert {(received.request_id, received.attempts) for received in seen} == {("req_1", 1)}


def test_a_partial_message_knows_how_it_came() -> None:
    cut = answer(STREAM[: STREAM.index(b"event: message_delta")])
    cut.headers["request-id"] = "req_1"
    http = mocked("sync", lambda request: cut)
    with pytest.raises(sseclaude.IncompleteStreamError) as caught:
        Anthropic(api_key=KEY, http_client=http).messages.create(**ASK)
    partial = caught.value.partial_message
    assert partial is not None
    assert partial.received is not None
    assert (partial.received.request_id, partial.received.attempts) == ("req_1", caught.value.attempts)


def test_how_it_came_is_no_part_of_the_message() -> None:
    message = client().messages.create(**ASK)
    plain = sseclaude.assemble([STREAM])
    assert plain.received != message.received
    assert plain._request_id is None
    assert Message.from_wire(message.to_dict()) == plain
    for dumped in (message.to_dict(), message.model_dump(), message.to_param()):
        assert "received" not in dumped
    copied = pickle.loads(pickle.dumps(message))
    assert copied == message
    assert copied.received is None
    assert "received" not in repr(message)


# --- rate limits -----------------------------------------------------------------------------------------------------


def test_the_limits_of_the_headers_are_read() -> None:
    with client().messages.stream(**ASK) as stream:
        limits = stream.rate_limits
    assert limits == {
        "requests": RateLimit(50, 49, datetime(2026, 11, 25, 10, tzinfo=timezone.utc)),
        "input_tokens": RateLimit(),
        "output_tokens": RateLimit(),
    }
    assert rate_limits({"retry-after": "3", "anthropic-ratelimit-odd": "1"}) == {}
