"""Going on after a cut: what of a partial answer can be sent back, and what the next request then is."""

from __future__ import annotations

from typing import Any

import pytest

from sseclaude import Anthropic, APIError, IncompleteStreamError, Message, assemble
from sseclaude.replay import Disconnect, ReplayServer
from tests.support.network import KEY, STREAM, WORDS
from tests.support.streams import STOP, block_start, block_stop, delta, finish, start, stream, text

QUESTION = [{"role": "user", "content": "Tell me about streams"}]
WISH = "Your answer was cut off there. Go on from its last character; repeat nothing, explain nothing."
REST = stream(start(), block_start(), text(" and the rest"), block_stop(), finish(), STOP)


def going_on(messages: list[Any], partial: Message | None) -> list[Any]:
    """Return the messages that ask for the rest of an answer; the same ones if nothing came that can be sent back."""
    turn = partial.to_param() if partial is not None else {"content": []}
    if not turn["content"]:
        return messages
    calls = [block for block in turn["content"] if block["type"] == "tool_use"]
    lost = [{"type": "tool_result", "tool_use_id": call["id"], "content": "not run"} for call in calls]
    return [*messages, turn, {"role": "user", "content": [*lost, {"type": "text", "text": WISH}]}]


def partial_of(*bodies: Any) -> Message | None:
    """What had come when a stream was cut behind these events."""
    with pytest.raises(APIError) as caught:
        assemble([stream(*bodies)])
    return caught.value.partial_message


SIGNED = [block_start(0, "thinking"), delta(0, "thinking_delta"), delta(0, "signature_delta"), block_stop(0)]
CALL = [block_start(1, "tool_use"), delta(1, "input_json_delta"), block_stop(1)]

SENDABLE: list[tuple[list[Any], list[dict[str, Any]]]] = [
    ([], []),
    ([block_start()], []),
    ([block_start(), text("  ")], []),
    ([block_start(), text("Hel")], [{"type": "text", "text": "Hel"}]),
    ([block_start(), text("Hello"), block_stop()], [{"type": "text", "text": "Hello"}]),
    ([block_start(0, "thinking"), delta(0, "thinking_delta")], []),
    ([*SIGNED, block_start(1), text("Hel", 1)],
     [{"type": "thinking", "thinking": "hm", "signature": "sig"}, {"type": "text", "text": "Hel"}]),
    ([block_start(), text("I look"), block_stop(), block_start(1, "tool_use"), delta(1, "input_json_delta")],
     [{"type": "text", "text": "I look"}]),
    ([block_start(), text("I look"), block_stop(), *CALL],
     [{"type": "text", "text": "I look"}, {"type": "tool_use", "id": "toolu_1", "name": "go", "input": {"a": 1}}]),
]  # fmt: skip


@pytest.mark.parametrize(("bodies", "content"), SENDABLE)
def test_what_can_be_sent_back(bodies: list[Any], content: list[dict[str, Any]]) -> None:
    partial = partial_of(start(), *bodies)
    assert partial is not None
    assert partial.to_param() == {"role": "assistant", "content": content}
    messages = going_on(QUESTION, partial)
    if not content:
        assert messages == QUESTION
        return
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    results = [block["tool_use_id"] for block in messages[2]["content"] if block["type"] == "tool_result"]
    assert results == [block["id"] for block in content if block["type"] == "tool_use"]


def test_without_any_message_the_question_is_asked_again() -> None:
    assert going_on(QUESTION, None) == QUESTION


@pytest.mark.parametrize("prefill", [False, True])
def test_the_rest_is_asked_for_and_comes(prefill: bool) -> None:
    ask: dict[str, Any] = {"model": "m", "max_tokens": 64}
    cut = Disconnect(after_events=4)
    with ReplayServer([STREAM, REST], pace=None, faults=[cut]) as server:
        client = Anthropic(api_key=KEY, base_url=server.url, max_retries=0)
        with client, pytest.raises(IncompleteStreamError) as caught:
            client.messages.create(**ask, messages=QUESTION)
        partial = caught.value.partial_message
        assert partial is not None
        messages = [*QUESTION, partial.to_param()] if prefill else going_on(QUESTION, partial)
        with Anthropic(api_key=KEY, base_url=server.url) as client:
            rest = client.messages.create(**ask, messages=messages)
    assert partial.text + rest.text == f"{WORDS} and the rest"
    sent = server.requests[1].body["messages"]
    assert sent[:2] == [*QUESTION, {"role": "assistant", "content": [{"type": "text", "text": WORDS}]}]
    assert sent[2:] == ([] if prefill else [{"role": "user", "content": [{"type": "text", "text": WISH}]}])


def test_nothing_is_spliced_by_itself() -> None:
    """Once text was delivered, a cut is raised and no other request is sent, however many retries are allowed."""
    with ReplayServer([STREAM, REST], pace=None, faults=[Disconnect(after_events=4)]) as server:
        client = Anthropic(api_key=KEY, base_url=server.url, max_retries=5)
        with client, client.messages.stream(model="m", max_tokens=64, messages=QUESTION) as answer:
            words: list[str] = []
            with pytest.raises(IncompleteStreamError):
                words.extend(answer.text_stream)
    assert "".join(words) == WORDS
    assert len(server.requests) == 1
