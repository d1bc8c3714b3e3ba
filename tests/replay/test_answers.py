"""Answers in one line, over the server and over the transports of both httpx families."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import anyio
import httpx
import pytest

import sseclaude
from sseclaude.replay import (
    AsyncReplayTransport,
    Disconnect,
    ReplayServer,
    ReplayTransport,
    Stall,
    Status,
    answer,
    record,
    thinking,
    tool_call,
)

QUESTION: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "?"}]}


def asked(*recordings: Any, times: int = 1) -> list[sseclaude.Message]:
    with ReplayServer(list(recordings), pace=None) as server:
        client = sseclaude.Anthropic(base_url=server.url, api_key="any")
        return [client.messages.create(**QUESTION) for _ in range(times)]


def test_text() -> None:
    (message,) = asked(answer("42"))
    assert (message.text, message.stop_reason, message.usage.output_tokens > 0) == ("42", "end_turn", True)


def test_a_tool_call() -> None:
    (message,) = asked(tool_call("get_weather", location="Paris", name="x"))
    (call,) = message.content
    assert isinstance(call, sseclaude.ToolUseBlock)
    assert (call.name, call.input, call.id) == ("get_weather", {"location": "Paris", "name": "x"}, "toolu_01")
    assert (call.input_complete, message.stop_reason) == (True, "tool_use")


def test_thinking_then_text_then_a_call() -> None:
    (message,) = asked(thinking("Hm").then("So:").then(tool_call("a")).then(tool_call("b")))
    assert [block.type for block in message.content] == ["thinking", "text", "tool_use", "tool_use"]
    assert [block.id for block in message.content if block.type == "tool_use"] == ["toolu_01", "toolu_02"]


def test_several_come_one_after_the_other() -> None:
    assert [message.text for message in asked(answer("a"), answer("b"), times=3)] == ["a", "b", "a"]


def test_faults_can_be_assigned() -> None:
    with ReplayServer(answer("42"), pace=None) as server:
        client = sseclaude.Anthropic(base_url=server.url, api_key="any", max_retries=0)
        server.faults = [Status(529)]
        with pytest.raises(sseclaude.OverloadedError):
            client.messages.create(**QUESTION)
        assert server.faults == []
        assert client.messages.create(**QUESTION).text == "42"


# --- httpx and httpx2 -----------------------------------------------------------------------------------------------

needs_httpx2 = pytest.param("httpx2", marks=pytest.mark.skipif(not find_spec("httpx2"), reason="httpx2 is not there"))
families = pytest.mark.parametrize("family", ["httpx", needs_httpx2])
URL = "http://replay/v1/messages"
SEND: dict[str, Any] = {"json": {**QUESTION, "stream": True}, "headers": {"x-api-key": "any"}}


@families
def test_a_transport_answers_clients_of_both_families(family: str, tmp_path: Any) -> None:
    lib: Any = pytest.importorskip(family)
    path = tmp_path / "answer.sse"
    with lib.Client(transport=record(path, ReplayTransport(answer("42"), pace=None))) as client:
        response = client.post(URL, **SEND)
        assert isinstance(response, lib.Response)
        assert sseclaude.assemble([response.content]).text == "42"
    assert path.read_bytes() == response.content


@families
def test_an_async_transport_too(family: str, tmp_path: Any) -> None:
    lib: Any = pytest.importorskip(family)
    hooks = {"response": [record(tmp_path / "answer.sse")]}

    async def main() -> bytes:
        transport = AsyncReplayTransport(answer("42"), pace=None)
        async with lib.AsyncClient(transport=transport, event_hooks=hooks) as client:
            content: bytes = (await client.post(URL, **SEND)).content
            return content

    assert sseclaude.assemble([anyio.run(main)]).text == "42"
    assert sseclaude.assemble([(tmp_path / "answer.sse").read_bytes()]).text == "42"


@families
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Disconnect(after_events=1), "RemoteProtocolError"),
        (Disconnect(after_events=1, how="reset"), "ReadError"),
        (Stall(after_events=1), "ReadTimeout"),
    ],
    ids=str,
)
def test_a_fault_is_an_exception_of_the_clients_family(family: str, fault: Any, error: str) -> None:
    lib: Any = pytest.importorskip(family)
    with (
        lib.Client(transport=ReplayTransport(answer("42"), pace=None, faults=[fault])) as client,
        pytest.raises(getattr(lib, error)),
    ):
        client.post(URL, **SEND)


def test_an_object_of_neither_family_counts_as_httpx() -> None:
    from sseclaude.replay.families import family_of

    assert family_of(object()) is httpx
