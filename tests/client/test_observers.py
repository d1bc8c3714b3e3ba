"""Callbacks, the wire's events under a message stream, and the ``with`` that was forgotten."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from sseclaude import Anthropic, AsyncAnthropic
from sseclaude.client.observers import NAMES, check_event_type
from tests.support.network import ASK, EVENTS, KEY, STREAM, WORDS, answer, mocked

TYPES = [str(body["type"]) for body in EVENTS]


def client() -> Anthropic:
    return Anthropic(api_key=KEY, http_client=mocked("sync", lambda request: answer(STREAM)))


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("txt", "text"),
        ("Text", "text"),
        ("texts", "text"),
        ("ping ", "ping"),
        ("input_jsno", "input_json"),
        ("message_stopp", "message_stop"),
        ("content-block-stop", "content_block_stop"),
    ],
)
def test_a_name_that_is_nearly_known_is_refused(name: str, nearest: str) -> None:
    manager = client().messages.stream(**ASK)
    with pytest.raises(ValueError, match=f"there is no event '{name}': did you mean '{nearest}'"):
        manager.on(name, print)
    with manager as stream, pytest.raises(ValueError, match=nearest):
        stream.on(name, print)


@pytest.mark.parametrize("name", [*sorted(NAMES), "tool_progress", "message_pause", "x" * 100])
def test_known_names_and_those_of_tomorrow_are_taken(name: str) -> None:
    check_event_type(name)


# --- the wire's events -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wire_events", "_raw_stream"])
def test_the_wires_events_are_under_the_stream(name: str) -> None:
    seen: list[str] = []
    with client().messages.stream(**ASK).on("text", lambda event: seen.append(event.text)) as stream:
        events = getattr(stream, name)
        assert events.response is stream.response
        first = next(events)
        assert [first.type, *(event.type for event in events)] == TYPES
        assert stream.get_final_text() == "".join(seen) == WORDS
        events.close()
        assert list(events) == []


@pytest.mark.parametrize("name", ["wire_events", "_raw_stream"])
def test_the_wires_events_are_under_the_async_stream(name: str) -> None:
    async def work() -> None:
        async with mocked("asyncio", lambda request: answer(STREAM)) as http:
            asked = AsyncAnthropic(api_key=KEY, http_client=http).messages
            async with asked.stream(**ASK) as stream:
                events = getattr(stream, name)
                assert events.response is stream.response
                first = await events.__anext__()
                assert [first.type, *[event.type async for event in events]] == TYPES
                assert await stream.get_final_text() == WORDS
                await events.close()

    anyio.run(work)


# --- the forgotten with ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["text_stream", "get_final_message", "get_final_text", "until_done", "close"])
def test_a_forgotten_with_is_named(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"write 'with client\.messages\.stream.*use stream\.{name}"):
        getattr(client().messages.stream(**ASK), name)
    with pytest.raises(AttributeError, match=rf"write 'async with client\.messages\.stream.*use stream\.{name}"):
        getattr(AsyncAnthropic(api_key=KEY).messages.stream(**ASK), name)


def test_a_forgotten_with_is_named_where_the_manager_is_iterated() -> None:
    manager: Any = client().messages.stream(**ASK)
    with pytest.raises(TypeError, match="write 'with client"):
        list(manager)
    with pytest.raises(AttributeError, match=r"object has no attribute 'nonsense'$"):
        _ = manager.nonsense

    async def work() -> None:
        manager: Any = AsyncAnthropic(api_key=KEY).messages.stream(**ASK)
        async for _ in manager:
            pass

    with pytest.raises(TypeError, match="write 'async with client"):
        anyio.run(work)
