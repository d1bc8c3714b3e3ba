"""docs/browser.md: its programs run, and what they send on is what the API sent."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest

import sseclaude
from sseclaude.replay import Error, ReplayServer
from tests.support.streams import ROOT

STARLETTE, WSGI = re.findall(
    r"```python\n(.*?)```", (ROOT / "docs" / "browser.md").read_text(encoding="utf-8"), re.DOTALL
)
QUESTION = json.dumps({"messages": [{"role": "user", "content": "Hello"}]}).encode()
RECORDING = ROOT / "fixtures" / "thinking.sse"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReplayServer]:
    with ReplayServer(RECORDING, pace=None) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-browser")
        yield server


def program(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(source, "browser.md", "exec"), names)
    return names


def over_asgi() -> tuple[bytes, httpx.Headers]:
    pytest.importorskip("starlette")

    async def run() -> tuple[bytes, httpx.Headers]:
        names = program(STARLETTE)
        async with names["client"], httpx.AsyncClient(transport=httpx.ASGITransport(names["app"])) as browser:
            response = await browser.post("http://testserver/chat", content=QUESTION)
            return response.content, response.headers

    return anyio.run(run)


def over_wsgi() -> tuple[bytes, httpx.Headers]:
    names = program(WSGI)
    environ = {"wsgi.input": io.BytesIO(QUESTION), "CONTENT_LENGTH": str(len(QUESTION))}
    began: list[Any] = []
    with names["client"]:
        chunks = list(names["app"](environ, lambda status, headers: began.append((status, headers))))
    assert began[0][0] == "200 OK"
    assert all(chunks)
    return b"".join(chunks), httpx.Headers(began[0][1])


@pytest.mark.parametrize("ask", [over_asgi, over_wsgi])
def test_the_browser_gets_what_the_api_sent(ask: Any, server: ReplayServer) -> None:
    body, headers = ask()
    assert headers["content-type"].startswith("text/event-stream")
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
    sent = [(event.event, json.loads(event.data)) for event in sseclaude.SSEDecoder().feed(RECORDING.read_bytes())]
    got = [(event.event, json.loads(event.data)) for event in sseclaude.SSEDecoder().feed(body)]
    assert [event for event in got if event[0] != "ping"] == [event for event in sent if event[0] != "ping"]
    assert sseclaude.assemble([body]) == sseclaude.assemble([RECORDING.read_bytes()])


@pytest.mark.parametrize("ask", [over_asgi, over_wsgi])
def test_an_error_ends_the_stream_as_an_event(ask: Any, server: ReplayServer) -> None:
    server.faults.append(Error("invalid_request_error", after_events=4))
    body, _ = ask()
    with pytest.raises(sseclaude.APIStatusError) as caught:
        sseclaude.assemble([body])
    assert caught.value.type == "api_error"
