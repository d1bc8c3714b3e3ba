"""A program of somebody else's, for type checkers only: it says which type each expression has. Nobody runs it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
from pydantic import BaseModel
from typing_extensions import assert_type

import sseclaude
from sseclaude import (
    Anthropic,
    AsyncAnthropic,
    AsyncMessageStream,
    AsyncStream,
    Message,
    MessageStream,
    MessageStreamEvent,
    ParsedMessage,
    RawMessageStreamEvent,
    Stream,
    ToolUseBlock,
    UnknownEvent,
)
from sseclaude.client.params import MessageParam
from sseclaude.derived_events import ContentBlockStopEvent, MessageStopEvent, TextEvent
from sseclaude.events import ContentBlockDeltaEvent, TextDelta
from sseclaude.replay import Disconnect, ReplayServer, ReplayTransport, Status
from sseclaude.types import RawContentBlockDeltaEvent, ToolParam
from sseclaude.types.beta import BetaMessage

HELLO: list[MessageParam] = [{"role": "user", "content": "Hello"}]


class Answer(BaseModel):
    word: str


# --- the caller's type comes back --------------------------------------------------------------------------------


def parsed(client: Anthropic) -> None:
    whole = client.messages.parse(model="m", max_tokens=1, messages=HELLO, output_format=Answer)
    assert_type(whole, ParsedMessage[Answer])
    assert_type(whole.parsed_output, Answer | None)
    made = client.messages.create(model="m", max_tokens=1, messages=HELLO, output_format=Answer)
    assert_type(made.parsed_output, Answer | None)
    listed = client.messages.create(model="m", max_tokens=1, messages=HELLO, output_format=list[int])
    assert_type(listed.parsed_output, list[int] | None)
    plain = client.messages.create(model="m", max_tokens=1, messages=HELLO)
    assert_type(plain, ParsedMessage[None])
    assert_type(plain.parsed_output, None)
    form = client.messages.parse(model="m", max_tokens=1, messages=HELLO, output_format=int | None)
    assert_type(form, ParsedMessage[Any])
    with client.messages.stream(model="m", max_tokens=1, messages=HELLO, output_format=Answer) as stream:
        assert_type(stream, MessageStream[Answer])
        assert_type(stream.current_message_snapshot.parsed_output, Answer | None)
        assert_type(stream.get_final_message().parsed_output, Answer | None)
    with client.beta.messages.stream(model="m", max_tokens=1, messages=HELLO) as other:
        assert_type(other, MessageStream[None])


async def parsed_async(client: AsyncAnthropic) -> None:
    whole = await client.messages.parse(model="m", max_tokens=1, messages=HELLO, output_format=Answer)
    assert_type(whole.parsed_output, Answer | None)
    made = await client.messages.create(model="m", max_tokens=1, messages=HELLO, output_format=Answer)
    assert_type(made.parsed_output, Answer | None)
    async with client.messages.stream(model="m", max_tokens=1, messages=HELLO, output_format=Answer) as stream:
        assert_type(stream, AsyncMessageStream[Answer])
        assert_type((await stream.get_final_message()).parsed_output, Answer | None)
    async with client.messages.stream(model="m", max_tokens=1, messages=HELLO) as other:
        assert_type(other, AsyncMessageStream[None])


# --- streams ------------------------------------------------------------------------------------------------------


def streamed(client: Anthropic, live: bool) -> None:
    stream = client.messages.create(model="m", max_tokens=1, messages=HELLO, stream=True)
    assert_type(stream, Stream)
    for event in stream:
        assert_type(event, RawMessageStreamEvent)
        wire(event)
    either = client.messages.create(model="m", max_tokens=1, messages=HELLO, stream=live)
    assert_type(either, ParsedMessage[Any] | Stream)
    with client.messages.stream(model="m", max_tokens=1, messages=HELLO).on("text", seen) as answer:
        assert_type(answer.text_stream, Iterator[str])
        for derived in answer.on("event", print):
            assert_type(derived, MessageStreamEvent)
            meant(derived)
        answer.until_done()
        assert_type(answer.get_final_text(), str)
        assert_type(answer.response, httpx.Response)
        assert_type(answer.request_id, str | None)
        assert_type(answer.attempts, int)
        assert_type(answer.deviations, list[sseclaude.Deviation])
        assert_type(answer.timing.first_token, float | None)
        answer.close()


async def streamed_async(client: AsyncAnthropic) -> None:
    stream = await client.messages.create(model="m", max_tokens=1, messages=HELLO, stream=True)
    assert_type(stream, AsyncStream)
    async for event in stream:
        assert_type(event, RawMessageStreamEvent)
    async with client.messages.stream(model="m", max_tokens=1, messages=HELLO) as answer:
        assert_type(answer.text_stream, AsyncIterator[str])
        async for derived in answer:
            assert_type(derived, MessageStreamEvent)
        assert_type(await answer.get_final_text(), str)
        await answer.aclose()


def seen(event: TextEvent) -> None:
    assert_type(event.text, str)
    assert_type(event.snapshot, str)


def wire(event: RawMessageStreamEvent) -> None:
    """The ``type`` tells what an event is, without a cast."""
    if event.type == "message_start":
        assert_type(event.message, Message)
    elif event.type == "content_block_start":
        if event.content_block.type == "tool_use":
            assert_type(event.content_block, ToolUseBlock)
    elif event.type == "content_block_delta":
        assert_type(event, ContentBlockDeltaEvent)
        if event.delta.type == "text_delta":
            assert_type(event.delta, TextDelta)
            assert_type(event.delta.text, str)
        elif event.delta.type == "input_json_delta":
            assert_type(event.delta.partial_json, str)
    elif event.type == "message_delta":
        assert_type(event.delta.stop_reason, str | None)
        assert_type(event.usage.output_tokens, int)
    elif event.type == "error":
        assert_type(event.error.message, str)


def meant(event: MessageStreamEvent) -> None:
    if event.type == "text":
        assert_type(event, TextEvent)
    elif event.type == "thinking":
        assert_type(event.thinking + event.snapshot, str)
    elif event.type == "input_json":
        assert_type(event.partial_json, str)
    elif event.type == "content_block_stop":
        assert_type(event, ContentBlockStopEvent)
        if event.content_block.type == "text":
            assert_type(event.content_block.text, str)
    elif event.type == "message_stop":
        assert_type(event, MessageStopEvent)
        assert_type(event.message.stop_reason, str | None)
    elif isinstance(event, UnknownEvent):
        print(event.whatever, event.to_dict()["type"])


def kept(message: Message) -> None:
    for block in message.content:
        if block.type == "text":
            assert_type(block.text, str)
            for citation in block.citations or ():
                assert_type(citation.cited_text, str)
        elif block.type == "thinking":
            assert_type(block.signature, str)
        elif block.type == "tool_use":
            assert_type(block.input, dict[str, Any])
            assert_type(block.input_complete, bool)
    assert_type(message.usage.cache_read_input_tokens, int | None)
    assert_type(message.to_dict(), dict[str, Any])


# --- requests -----------------------------------------------------------------------------------------------------


def every_parameter(client: Anthropic, before: Message, options: dict[str, Any]) -> None:
    client.messages.create(
        model="m",
        max_tokens=1,
        messages=[*HELLO, {"role": "assistant", "content": before.content}, before, before.to_param()],
        system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        tools=[{"name": "t", "input_schema": {"type": "object"}}],
        tool_choice={"type": "auto"},
        thinking={"type": "enabled", "budget_tokens": 1024},
        output_config={"effort": "low"},
        context_management=None,
        mcp_servers=[{"type": "url", "url": "https://example.org", "name": "x"}],
        cache_control=None,
        temperature=0.5,
        top_p=0.9,
        top_k=5,
        stop_sequences=["."],
        metadata={"user_id": "u"},
        service_tier="auto",
        container=None,
        inference_geo=None,
        speed=None,
        extra_headers={"x-a": "b"},
        extra_query={"a": 1},
        extra_body={"new": True},
        timeout=sseclaude.Timeout(total=60.0),
        betas=["b-1"],
    )
    assert_type(client.messages.count_tokens(model="m", messages=HELLO).input_tokens, int)
    client.messages.create(**options)


TOOL: ToolParam = {"name": "t", "input_schema": {"type": "object"}, "description": "a tool"}


def by_other_names(client: Anthropic) -> None:
    turns = [*HELLO]
    message: BetaMessage = client.messages.create(model="m", max_tokens=1, messages=turns, tools=[TOOL])
    turns += [{"role": "assistant", "content": message.content}, message.to_param()]
    for event in client.messages.create(model="m", max_tokens=1, messages=turns, stream=True):
        if isinstance(event, RawContentBlockDeltaEvent):
            assert_type(event, ContentBlockDeltaEvent)
    for block in message.content:
        if block.type == "code_execution_tool_result" and block.content.type == "code_execution_result":
            assert_type(block.content.stdout, str)


def clients() -> None:
    with Anthropic(api_key="k", timeout=5, http_client=httpx.Client()) as client:
        assert_type(client.with_options(max_retries=0, timeout=httpx.Timeout(5)), Anthropic)
    AsyncAnthropic(auth_token="t", betas=("a",), default_headers={"x": "y"}, http_client=httpx.AsyncClient())


# --- without a client, and with a server ------------------------------------------------------------------------------


def cores(chunks: list[bytes]) -> None:
    assert_type(sseclaude.assemble(chunks), Message)
    for event in sseclaude.iter_events(chunks, strict=True):
        assert_type(event, MessageStreamEvent)
    for frame in sseclaude.SSEDecoder().feed(chunks[0]):
        assert_type(frame.event + frame.data + frame.id, str)
        assert_type(frame.retry, int | None)
        assert_type(sseclaude.encode(frame), bytes)
    json = sseclaude.PartialJSON()
    json.feed("{")
    assert_type(json.complete, bool)


def failing(client: Anthropic) -> None:
    try:
        client.messages.create(model="m", max_tokens=1, messages=HELLO)
    except sseclaude.RateLimitError as error:
        assert_type(error.status_code, int)
        assert_type(error.request_id, str | None)
    except sseclaude.IncompleteStreamError as error:
        assert_type(error.partial_message, Message | None)
    except sseclaude.ProtocolError as error:
        assert_type(error.rule, str | None)


def testing() -> None:
    with ReplayServer(pace=None, faults=[Status(529), Disconnect(after_events=3)]) as server:
        assert_type(server.url, str)
        Anthropic(base_url=server.url, http_client=httpx.Client(transport=ReplayTransport()))
