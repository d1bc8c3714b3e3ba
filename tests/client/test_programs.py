"""Programs written for the widely used client: only their import line is changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sseclaude.replay import ReplayServer

ROOT = Path(__file__).resolve().parent.parent.parent

HEAD = """
import sseclaude as anthropic
client = anthropic.Anthropic()
"""
QUESTION = """model="claude-sonnet-4-6", max_tokens=1024, messages=[{"role": "user", "content": "Hello"}]"""

PROGRAMS = {
    "a_text_stream": (
        HEAD
        + f"""
with client.messages.stream({QUESTION}) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
""",
        ["An answer does not arrive"],
    ),
    "b_final_message_after_the_block": (
        HEAD
        + f"""
with client.messages.stream({QUESTION}) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
message = stream.get_final_message()
print()
print("in", message.usage.input_tokens, "out", message.usage.output_tokens, message.stop_reason)
""",
        ["in ", "out ", "end_turn"],
    ),
    "c_raw_events": (
        HEAD
        + f"""
for event in client.messages.create({QUESTION}, stream=True):
    if event.type == "message_start":
        print("model", event.message.model)
    elif event.type == "content_block_start":
        print("block", event.content_block.type)
    elif event.type == "content_block_delta":
        if event.delta.type == "text_delta":
            print(event.delta.text, end="")
    elif event.type == "message_delta":
        print("stopped", event.delta.stop_reason, event.usage.output_tokens)
    elif event.type == "message_stop":
        print("done")
""",
        ["model claude", "block text", "stopped end_turn", "done"],
    ),
    "d_async": (
        f"""
import asyncio
from sseclaude import AsyncAnthropic

async def main():
    async with AsyncAnthropic().messages.stream({QUESTION}) as stream:
        async for text in stream.text_stream:
            print(text, end="", flush=True)
    message = await stream.get_final_message()
    print("stop", message.stop_reason)
    forgotten = stream.get_final_message()
    forgotten.close()

asyncio.run(main())
""",
        ["An answer does not arrive", "stop end_turn"],
    ),
    "e_thinking": (
        HEAD
        + """
with client.messages.stream(
    model="claude-sonnet-4-6",
    max_tokens=16000,
    thinking={"type": "enabled", "budget_tokens": 10000},
    messages=[{"role": "user", "content": "Think"}],
) as stream:
    kinds = {event.type for event in stream}
    message = stream.get_final_message()
print(sorted(kinds))
for block in message.content:
    if block.type == "thinking":
        print("THINKING", block.thinking[:20])
    elif block.type == "text":
        print("TEXT", block.text[:20])
""",
        ["THINKING", "TEXT", "'signature'", "'thinking'"],
    ),
    "f_tools": (
        HEAD
        + """
tools = [{
    "name": "get_weather",
    "description": "The weather somewhere",
    "input_schema": {"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]},
}]
parts = []
for event in client.messages.create(
    model="claude-sonnet-4-6", max_tokens=1024, tools=tools, stream=True,
    messages=[{"role": "user", "content": "How is the weather in Paris?"}],
):
    if event.type == "content_block_delta" and event.delta.type == "input_json_delta":
        parts.append(event.delta.partial_json)
import json
print("INPUT", json.loads("".join(parts)))
""",
        ["INPUT {'location'"],
    ),
    "g_long_answer": (
        HEAD
        + """
with client.messages.stream(
    model="claude-sonnet-4-6", max_tokens=128000, messages=[{"role": "user", "content": "Write a book"}]
) as stream:
    message = stream.get_final_message()
print(message.content[0].text)
""",
        ["An answer does not arrive"],
    ),
}


@pytest.fixture(scope="module")
def environment():
    with ReplayServer(pace=None) as server:
        yield {**os.environ, "ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "test", "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_runs_with_its_import_line_changed(name, environment):
    program, expected = PROGRAMS[name]
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    for words in expected:
        assert words in run.stdout
