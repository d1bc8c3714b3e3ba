"""Ask through one program, in one way, and print what came of it as JSON.

    python ask.py PROGRAM CASE          (ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY are set)

PROGRAM is one of ``PROGRAMS`` and CASE is streaming, async, thinking or tools. What is printed is the words that the
program gave, and the arguments that the tool ``get_tide`` was called with. Each program is imported when it is asked.
"""

from __future__ import annotations

import asyncio
import json
import sys
import warnings
from collections.abc import Callable
from typing import Any

MODEL = "claude-sonnet-4-5"
QUESTION = "How high is the tide?"
called: list[dict[str, Any]] = []


def get_tide(harbour: str, date: str) -> str:
    """Look up the tide at a harbour.

    Args:
        harbour: Where.
        date: When.
    """
    called.append({"harbour": harbour, "date": date})
    return "4 m"


TOOL = {
    "name": "get_tide",
    "description": "Look up the tide at a harbour.",
    "input_schema": {
        "type": "object",
        "properties": {"harbour": {"type": "string"}, "date": {"type": "string"}},
        "required": ["harbour", "date"],
    },
}
THINKING = {"type": "enabled", "budget_tokens": 1024}


def official(case: str) -> str:
    """The official client itself."""
    import anthropic

    extra: dict[str, Any] = {"thinking": THINKING} if case == "thinking" else {}
    extra |= {"tools": [TOOL]} if case == "tools" else {}
    params: Any = {"model": MODEL, "max_tokens": 2048, "messages": [{"role": "user", "content": QUESTION}], **extra}

    async def run() -> str:
        async with anthropic.AsyncAnthropic() as client, client.messages.stream(**params) as stream:
            return "".join([text async for text in stream.text_stream])

    if case == "async":
        return asyncio.run(run())
    with anthropic.Anthropic() as client, client.messages.stream(**params) as stream:
        words = "".join(stream.text_stream)
        called.extend(block.input for block in stream.get_final_message().content if block.type == "tool_use")
    return words


def chatlas(case: str) -> str:
    from chatlas import ChatAnthropic

    chat = ChatAnthropic(model=MODEL, reasoning=1024 if case == "thinking" else None)
    if case == "tools":
        chat.register_tool(get_tide)

    async def run() -> str:
        return "".join([str(piece) async for piece in await chat.stream_async(QUESTION)])

    return asyncio.run(run()) if case == "async" else "".join(map(str, chat.stream(QUESTION)))


def llm(case: str) -> str:
    import llm

    async def run() -> str:
        return "".join([piece async for piece in llm.get_async_model(f"anthropic/{MODEL}").prompt(QUESTION)])

    if case == "async":
        return asyncio.run(run())
    model = llm.get_model(f"anthropic/{MODEL}")
    if case == "tools":
        return "".join(model.chain(QUESTION, tools=[get_tide]))
    options = {"thinking": True} if case == "thinking" else {}
    return "".join(model.prompt(QUESTION, **options))


def instructor(case: str) -> str:
    import anthropic
    import instructor
    from pydantic import BaseModel

    class Tide(BaseModel):
        harbour: str
        date: str

    asked: Any = {"model": MODEL, "max_tokens": 2048, "messages": [{"role": "user", "content": QUESTION}]}
    if case == "thinking":
        asked["thinking"] = THINKING
    mode = instructor.Mode.TOOLS if case != "thinking" else instructor.Mode.ANTHROPIC_REASONING_TOOLS

    async def run() -> Any:
        client: Any = instructor.from_anthropic(anthropic.AsyncAnthropic(), mode=mode)
        return await client.messages.create(response_model=Tide, **asked)

    client: Any = instructor.from_anthropic(anthropic.Anthropic(), mode=mode)
    if case == "async":
        made = asyncio.run(run())
    elif case == "streaming":
        made = list(client.messages.create_partial(response_model=Tide, **asked))[-1]
    else:
        made = client.messages.create(response_model=Tide, **asked)
    called.append({"harbour": made.harbour, "date": made.date})
    return ""


def pydantic_ai(case: str) -> str:
    from pydantic_ai import Agent
    from pydantic_ai.models.anthropic import AnthropicModel

    settings: Any = {"anthropic_thinking": THINKING, "max_tokens": 2048} if case == "thinking" else {}
    agent: Any = Agent(AnthropicModel(MODEL), tools=[get_tide] if case == "tools" else [], model_settings=settings)

    async def run() -> str:
        async with agent.run_stream(QUESTION) as answer:
            return "".join([piece async for piece in answer.stream_text(delta=True)])

    return str(agent.run_sync(QUESTION).output) if case == "tools" else asyncio.run(run())


def langchain(case: str) -> str:
    from langchain_anthropic import ChatAnthropic

    model: Any = ChatAnthropic(model=MODEL, max_tokens=2048, thinking=THINKING if case == "thinking" else None)
    if case == "tools":
        model = model.bind_tools([TOOL])

    async def run() -> Any:
        return [piece async for piece in model.astream(QUESTION)]

    pieces = asyncio.run(run()) if case == "async" else list(model.stream(QUESTION))
    whole = pieces[0]
    for piece in pieces[1:]:
        whole += piece
    called.extend(call["args"] for call in whole.tool_calls)
    assert model.invoke(QUESTION) is not None
    return str(whole.text)


def mirascope(case: str) -> str:
    from mirascope import llm

    model = llm.Model(f"anthropic/{MODEL}", **({"thinking": {"level": "low"}} if case == "thinking" else {}))
    tools = [llm.tool(get_tide)] if case == "tools" else []

    async def run() -> str:
        response: Any = await model.stream_async(QUESTION)
        return "".join([piece async for piece in response.text_stream()])

    if case == "async":
        return asyncio.run(run())
    response: Any = model.stream(QUESTION, tools=tools)
    words = "".join(response.text_stream())
    if case == "tools":
        response = response.resume(response.execute_tools())
        words += "".join(response.text_stream())
    return words


def braintrust(case: str) -> str:
    import anthropic
    from braintrust import wrap_anthropic

    extra: dict[str, Any] = {"thinking": THINKING} if case == "thinking" else {}
    extra |= {"tools": [TOOL]} if case == "tools" else {}
    params: Any = {"model": MODEL, "max_tokens": 2048, "messages": [{"role": "user", "content": QUESTION}], **extra}

    async def run() -> str:
        async with wrap_anthropic(anthropic.AsyncAnthropic()).messages.stream(**params) as stream:
            return "".join([text async for text in stream.text_stream])

    if case == "async":
        return asyncio.run(run())
    client: Any = wrap_anthropic(anthropic.Anthropic())
    with client.messages.stream(**params) as stream:
        types = [event.type for event in stream]
        assert types[-1] == "message_stop"
        message = stream.get_final_message()
    assert client.messages.create(**params).content
    called.extend(block.input for block in message.content if block.type == "tool_use")
    return "".join(block.text for block in message.content if block.type == "text")


PROGRAMS: dict[str, Callable[[str], str]] = {
    "official": official,
    "chatlas": chatlas,
    "llm": llm,
    "instructor": instructor,
    "pydantic-ai": pydantic_ai,
    "langchain": langchain,
    "mirascope": mirascope,
    "braintrust": braintrust,
}

CASES = ("streaming", "async", "thinking", "tools")

PACKAGES = (
    "chatlas", "llm", "llm-anthropic", "instructor", "pydantic-ai-slim[anthropic]", "langchain-anthropic", "mirascope",
    "braintrust",
)  # fmt: skip
"""What is installed for them."""

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    words = PROGRAMS[sys.argv[1]](sys.argv[2])
    print(json.dumps({"words": words, "called": called}))
