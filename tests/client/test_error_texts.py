"""What the text of an HTTP error says: the server's words, the status, where it came from, and never a credential."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from sseclaude import Anthropic, APIStatusError, AsyncAnthropic

KEY = "sk-ant-secret-1234"
MESSAGES = [{"role": "user", "content": "hi"}]

BODIES = [
    ("text", b"no key like sk-ant-secret-1234\nsecond line", "no key like ***"),
    ("detail", b'{"detail": "no key"}', "no key"),
    ("message", b'{"message": "no\\u001b[2Jkey"}', "no\\x1b[2Jkey"),
    ("error", b'{"error": "no key"}', "no key"),
    ("HTML", b"<html><head><title>403 Forbidden</title></head></html>", "403 Forbidden"),
    ("events", b'event: error\ndata: {"type":"error","error":{"type":"t","message":"no key"}}\n\n', "no key"),
    ("nothing", b"", None),
]


@pytest.mark.parametrize(("body", "said"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
def test_the_text_of_an_http_error(body: bytes, said: str | None) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403, content=body, headers={"request-id": "req_1"})

    def ask() -> None:
        http = httpx.Client(transport=httpx.MockTransport(answer))
        client = Anthropic(api_key=KEY, base_url="https://api.example", http_client=http)
        with client.messages.stream(model="m", max_tokens=5, messages=MESSAGES) as stream:
            stream.until_done()

    async def ask_async() -> None:
        http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        client = AsyncAnthropic(api_key=KEY, base_url="https://api.example", http_client=http)
        async with client.messages.stream(model="m", max_tokens=5, messages=MESSAGES) as stream:
            await stream.until_done()

    for call in (ask, lambda: asyncio.run(ask_async())):
        with pytest.raises(APIStatusError) as caught:
            call()
        where = "POST https://api.example/v1/messages, request req_1)"
        assert str(caught.value) == (f"{said} (status 403, {where}" if said else f"HTTP status 403 ({where}")
        assert KEY not in f"{caught.value!r} {caught.value.body}"
