"""The faces: how a stream is read, left and observed. Blocking, on asyncio and on trio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from sseclaude import Anthropic, APIError, AsyncAnthropic, IncompleteStreamError, OverloadedError, ProtocolError
from tests.support import network
from tests.support.network import ASK, EVENTS, FRAMES, KEY, STREAM, WORDS, Chunks, answer, mocked
from tests.support.streams import OVERLOADED, PING, block_start, block_stop, frame, message_of, text
from tests.support.streams import stream as stream_of

pytestmark = pytest.mark.anyio


def opened(*chunks: bytes | BaseException, **options: Any) -> Any:
    """The manager of a stream of these chunks."""
    client = mocked("sync", lambda request: answer(*chunks))
    return Anthropic(api_key=KEY, max_retries=0, http_client=client, **options).messages.stream(**ASK)


def aopened(*chunks: bytes | BaseException, **options: Any) -> Any:
    """The same for those who await."""
    client = mocked("asyncio", lambda request: answer(*chunks))
    return AsyncAnthropic(api_key=KEY, max_retries=0, http_client=client, **options).messages.stream(**ASK)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_events_come_as_they_are_with_what_they_mean() -> None:
    with opened(STREAM) as stream:
        kinds = [event.type for event in stream]
    wire = [body["type"] for body in EVENTS]
    derived = {"text", "input_json"}
    assert [kind for kind in kinds if kind not in derived] == wire
    assert kinds.count("text") == 2
    assert stream.get_final_message().text == WORDS


def test_ways_of_reading_can_follow_one_another() -> None:
    with opened(STREAM) as stream:
        assert next(stream).type == "message_start"
        assert next(iter(stream)).type == "content_block_start"
        assert next(stream.text_stream) == "Hello, "
        assert "".join(stream.text_stream) == "wörld"
        assert stream.get_final_text() == WORDS
        stream.until_done()
        assert list(stream) == []


async def test_ways_of_reading_can_follow_one_another_async() -> None:
    async with aopened(STREAM) as stream:
        assert (await anext(stream)).type == "message_start"
        async for event in stream:
            assert event.type == "content_block_start"
            break
        assert await anext(stream.text_stream) == "Hello, "
        assert [piece async for piece in stream.text_stream] == ["wörld"]
        assert await stream.get_final_text() == WORDS
        await stream.until_done()
        assert [event async for event in stream] == []


def test_the_first_event_needs_no_more_bytes_than_its_own() -> None:
    taken: list[int] = []

    class Counted(Chunks):
        def _given(self, chunk: bytes | BaseException) -> bytes:
            taken.append(1)
            return super()._given(chunk)

    client = mocked("sync", lambda request: httpx.Response(200, stream=Counted(*FRAMES)))
    with Anthropic(api_key=KEY, http_client=client).messages.stream(**ASK) as stream:
        for number in range(1, 4):
            next(stream)
            assert len(taken) == number


# --- leaving ---------------------------------------------------------------------------------------------------------


def test_after_close_iterating_just_ends() -> None:
    with opened(STREAM) as stream:
        words = stream.text_stream
        events = iter(stream)
        assert next(events).type == "message_start"
        assert next(words) == "Hello, "
        stream.close()
        assert list(words) == list(events) == list(stream) == list(stream.text_stream) == []
        stream.until_done()
        with pytest.raises(IncompleteStreamError, match="closed before the message ended") as caught:
            stream.get_final_message()
    assert caught.value.partial_message is not None
    assert caught.value.partial_message.text == "Hello, "
    assert caught.value.request_id == "req_1"
    assert stream.current_message_snapshot.text == "Hello, "


async def test_after_close_iterating_just_ends_async() -> None:
    async with aopened(STREAM) as stream:
        words = stream.text_stream
        assert (await anext(stream)).type == "message_start"
        assert await anext(words) == "Hello, "
        await stream.close()
        assert [piece async for piece in words] == [event async for event in stream] == []
        await stream.until_done()
        with pytest.raises(IncompleteStreamError, match="closed before the message ended"):
            await stream.get_final_message()


def test_events_that_were_not_handed_out_before_close_are_not_after() -> None:
    with opened(STREAM) as stream:
        for event in stream:
            if event.type == "content_block_delta":
                break
        assert len(stream._queue) == 1
        stream.close()
        assert list(stream) == list(stream.text_stream) == []


def test_close_from_within_the_loop_ends_it() -> None:
    with opened(STREAM) as stream:
        seen = [event.type for event in stream if event.type != "text" or stream.close()]
    assert seen == ["message_start", "content_block_start", "content_block_delta"]
    with opened(STREAM) as stream:
        assert [piece for piece in stream.text_stream if not stream.close()] == ["Hello, "]


def test_a_message_that_was_read_stays() -> None:
    with opened(STREAM) as stream:
        for event in stream:
            if event.type == "message_stop":
                break
    assert stream.get_final_message().text == WORDS


def test_an_interrupt_ends_the_stream_and_frees_it() -> None:
    chunks = Chunks(*FRAMES[:3], KeyboardInterrupt())
    client = mocked("sync", lambda request: httpx.Response(200, stream=chunks))
    with Anthropic(api_key=KEY, http_client=client).messages.stream(**ASK) as stream:
        with pytest.raises(KeyboardInterrupt):
            stream.until_done()
        assert chunks.closed == 1
        for later in (
            list,
            lambda stream: list(stream.text_stream),
            type(stream).until_done,
            type(stream).get_final_text,
        ):
            with pytest.raises(IncompleteStreamError, match="broken off by KeyboardInterrupt") as caught:
                later(stream)
            assert caught.value.partial_message is not None
            assert caught.value.partial_message.text == "Hello, "


# --- failing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rest", [frame(OVERLOADED), b"data: {\n\n", httpx.ReadError("cut")], ids=str)
def test_an_error_comes_behind_what_came_before_it_and_only_once(rest: Any) -> None:
    chunks = [b"".join(FRAMES[:4]), rest]
    with opened(*chunks) as stream:
        words: list[str] = []
        with pytest.raises(APIError) as caught:
            words.extend(stream.text_stream)
        assert "".join(words) == WORDS
        assert list(stream) == []
        for ask in (stream.get_final_message, stream.until_done, stream.get_final_text):
            with pytest.raises(type(caught.value)) as again:
                ask()
            assert again.value is caught.value


@pytest.mark.parametrize("how", ["final", "text", "events", "raw"])
@pytest.mark.parametrize("face", network.FACES)
def test_strict_sees_what_is_behind_the_end(face: str, how: str) -> None:
    client = mocked(face, lambda request: answer(STREAM + frame({"type": "message_stop"})))
    got = network.ask(face, how, http_client=client, strict=True)
    assert isinstance(got.error, ProtocolError)
    assert got.error.rule == "event_after_message_stop"
    assert got.attempts == 1


DONE_MARKER = b"data: [DONE]\n\n"
TOO_EARLY = [(), FRAMES[:1], FRAMES[:3], FRAMES[:4]]
WAYS: list[Callable[[Any], object]] = [
    lambda stream: stream.get_final_message(),
    lambda stream: stream.until_done(),
    lambda stream: list(stream.text_stream),
    list,
]


@pytest.mark.parametrize("way", range(len(WAYS)))
@pytest.mark.parametrize("joined", [True, False])
@pytest.mark.parametrize("frames", TOO_EARLY, ids=len)
def test_done_before_the_message_is_whole(frames: list[bytes], joined: bool, way: int) -> None:
    chunks = [*frames, DONE_MARKER, frame(PING)]
    with opened(*([b"".join(chunks)] if joined else chunks)) as stream:
        with pytest.raises(IncompleteStreamError) as caught:
            WAYS[way](stream)
        assert (caught.value.partial_message is None) is (not frames)
        with pytest.raises(IncompleteStreamError):
            stream.get_final_message()


@pytest.mark.parametrize("frames", TOO_EARLY, ids=len)
async def test_done_before_the_message_is_whole_async(frames: list[bytes]) -> None:
    async with aopened(*frames, DONE_MARKER, frame(PING)) as stream:
        with pytest.raises(IncompleteStreamError):
            await stream.get_final_message()
    async with aopened(*frames, DONE_MARKER, frame(PING)) as stream:
        with pytest.raises(IncompleteStreamError):
            async for _ in stream:
                pass


@pytest.mark.parametrize("frames", TOO_EARLY, ids=len)
def test_done_before_the_message_is_whole_with_retries(frames: list[bytes]) -> None:
    """It is retried while nothing was begun, and then reported."""
    sent: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return answer(*frames, DONE_MARKER)

    client = Anthropic(api_key=KEY, max_retries=1, http_client=mocked("sync", respond))
    with client.messages.stream(**ASK) as stream, pytest.raises(IncompleteStreamError):
        stream.get_final_message()
    assert len(sent) == (1 if len(frames) > 1 else 2)


# --- observing -------------------------------------------------------------------------------------------------------


def test_observers_see_every_event_however_it_is_read() -> None:
    for read in (list, lambda stream: list(stream.text_stream), lambda stream: stream.get_final_message()):
        seen: list[str] = []
        manager = opened(STREAM).on("event", lambda event: seen.append(event.type))  # noqa: B023
        with manager as stream:
            read(stream)
        assert [kind for kind in seen if kind not in ("text", "input_json")] == [body["type"] for body in EVENTS]


async def test_observers_may_be_awaited() -> None:
    seen: list[str] = []

    async def note(event: Any) -> None:
        await anyio.lowlevel.checkpoint()
        seen.append(event.type)

    async with aopened(STREAM).on("message_stop", note).on("text", lambda event: seen.append(event.text)) as stream:
        await stream.until_done()
    assert seen == ["Hello, ", "wörld", "message_stop"]


class ObserverError(Exception):
    """A callback's own."""


def fail(event: Any) -> None:
    raise ObserverError


def test_an_observer_s_exception_reaches_the_caller_and_closes_the_stream() -> None:
    chunks = Chunks(*FRAMES)
    client = mocked("sync", lambda request: httpx.Response(200, stream=chunks))
    with Anthropic(api_key=KEY, http_client=client).messages.stream(**ASK).on("text", fail) as stream:
        with pytest.raises(ObserverError):
            stream.get_final_message()
        assert chunks.closed == 1
        assert list(stream) == []


async def test_an_observer_s_exception_reaches_the_caller_and_closes_the_stream_async() -> None:
    chunks = Chunks(*FRAMES)
    client = mocked("asyncio", lambda request: httpx.Response(200, stream=chunks))
    async with AsyncAnthropic(api_key=KEY, http_client=client).messages.stream(**ASK).on("text", fail) as stream:
        with pytest.raises(ObserverError):
            await stream.get_final_message()
        assert chunks.closed == 1


def test_an_observer_of_errors_gets_the_one_that_ends_the_stream() -> None:
    seen: list[Any] = []
    with opened(FRAMES[0], frame(OVERLOADED)).on("error", seen.append) as stream, pytest.raises(OverloadedError):
        list(stream)
    assert [type(error) for error in seen] == [OverloadedError]


async def test_an_observer_of_errors_gets_the_one_that_ends_the_stream_async() -> None:
    seen: list[Any] = []
    async with aopened(FRAMES[0], frame(OVERLOADED)).on("error", seen.append) as stream:
        with pytest.raises(OverloadedError):
            await stream.until_done()
    assert [type(error) for error in seen] == [OverloadedError]


@pytest.mark.parametrize(("kind", "attempts"), [("event", 1), ("text", 2), ("error", 2)])
def test_an_observer_that_was_called_closes_the_window(
    kind: str, attempts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sseclaude.client.retries.INITIAL_BACKOFF", 0.0)
    answers = iter([answer(FRAMES[0], frame(OVERLOADED)), answer(STREAM)])
    client = Anthropic(api_key=KEY, http_client=mocked("sync", lambda request: next(answers)))
    with client.messages.stream(**ASK).on(kind, lambda event: None) as stream:
        try:
            stream.until_done()
        except OverloadedError:
            assert attempts == 1
        assert stream.attempts == attempts


LETTERS = stream_of(*message_of([block_start(), *map(text, "abcd"), block_stop()]))


def test_an_observer_may_come_late() -> None:
    """Also when the steps are already taken in bulk."""
    seen: list[str] = []
    with opened(LETTERS) as stream:
        for event in stream:
            if event.type == "text" and event.text == "b":
                stream.on("text", lambda event: seen.append(event.text))
    assert seen == ["c", "d"]


def test_an_observer_may_come_late_to_the_manager_too() -> None:
    seen: list[str] = []
    manager = opened(LETTERS)
    with manager as stream:
        for event in stream:
            if event.type == "text" and event.text == "b":
                manager.on("text", lambda event: seen.append(event.text))
    assert seen == ["c", "d"]


async def test_an_observer_may_come_late_async() -> None:
    seen: list[str] = []
    async with aopened(LETTERS) as stream:
        async for event in stream:
            if event.type == "text" and event.text == "b":
                stream.on("text", lambda event: seen.append(event.text))
    assert seen == ["c", "d"]


# --- the rest --------------------------------------------------------------------------------------------------------


def test_a_manager_that_was_never_entered_is_harmless() -> None:
    manager = opened(STREAM)
    manager.__exit__(None, None, None)


async def test_a_manager_that_was_never_entered_is_harmless_async() -> None:
    await aopened(STREAM).__aexit__(None, None, None)


def test_a_stream_of_raw_events_is_a_context_manager_too() -> None:
    client = mocked("sync", lambda request: answer(frame(PING), STREAM))
    with Anthropic(api_key=KEY, http_client=client).messages.create(**ASK, stream=True) as stream:
        assert next(stream).type == "ping"
        assert stream.request_id == "req_1"
        assert stream.response.status_code == 200
        assert [event.type for event in stream] == [body["type"] for body in EVENTS]
        assert stream.deviations == []


async def test_a_stream_of_raw_events_is_a_context_manager_too_async() -> None:
    client = mocked("asyncio", lambda request: answer(frame(PING), STREAM))
    async with await AsyncAnthropic(api_key=KEY, http_client=client).messages.create(**ASK, stream=True) as stream:
        assert (await anext(stream)).type == "ping"
        assert [event.type async for event in stream] == [body["type"] for body in EVENTS]
        await stream.aclose()
