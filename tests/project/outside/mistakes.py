"""Mistakes that a type checker must find: each marked line has one, and no other line has any. Nobody runs this."""

from __future__ import annotations

import httpx

from sseclaude import Anthropic, AsyncAnthropic, MessageStreamEvent


def mistakes(client: Anthropic, event: MessageStreamEvent) -> None:
    client.messages.create(model="m", messages=[])  # wrong: no max_tokens
    client.messages.create(model="m", max_tokens="1", messages=[])  # wrong: a string
    client.messages.create(model="m", max_tokens=1, messages=[], temprature=1)  # wrong: misspelt
    client.messages.stream(model="m", max_tokens=1, messages=[], timeout="5")  # wrong: a string
    print(client.messages.create(model="m", max_tokens=1, messages=[]).parsed_output.word)  # wrong: no output_format
    client.messages.create(model="m", max_tokens=1, messages=[{"role": "usr", "content": "x"}])  # wrong: no such role
    client.messages.create(model="m", max_tokens=1, messages=[], thinking={"budget": 1})  # wrong: no such thinking
    client.with_options(retries=3)  # wrong: no such option
    Anthropic(http_client=httpx.AsyncClient())  # wrong: the other kind
    AsyncAnthropic(http_client=httpx.Client())  # wrong: the other kind
    if event.type == "text":
        print(event.thinking)  # wrong: a text event has none
    print(event.text)  # wrong: most events have none
