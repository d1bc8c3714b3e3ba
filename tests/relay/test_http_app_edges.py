"""The relay over HTTP: methods, paths and bodies at the edge of what there is, and faults of its own."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from typing import Any

import httpx
import pytest

from sseclaude import AsyncAnthropic
from sseclaude.relay import MemoryLog, Relay
from sseclaude.relay import app as relay_app
from sseclaude.replay import Pace, ReplayServer, Stall, always
from tests.relay.test_http_app import STANDARD, decoded, refusal_of, sent
from tests.support.network import STREAM
from tests.support.serving import EVENTS, HOST, PATIENCE, QUESTION, STREAMED, Serving, serving
from tests.support.streams import OVERLOADED, ROOT, block_start, block_stop, message_of, stream, text

ACCEPT = "accept: text/event-stream"
SITE = {"origin": "https://good.example"}
ASKS = {"access-control-request-method": "POST", "access-control-request-headers": "x-api-key,last-event-id"}


def test_head_is_answered_at_once_also_for_an_answer_that_runs() -> None:
    with ReplayServer([STREAM], pace=None, faults=[always(Stall(after_events=4))]) as claude, serving(claude) as relay:
        path = f"/v1/messages/{relay.start()}"
        for headers in (EVENTS, {}):
            answer = relay.http.head(path, headers=headers)
            assert (answer.status_code, answer.content) == (200, b"")
            assert {name: answer.headers[name] for name in STANDARD} == STANDARD


@pytest.mark.parametrize("path", ["/v1/messages/", "/v1/messages/x/", "/health/", "/v1//messages"])
def test_a_path_with_a_slash_more_is_another_path(relay: Serving, path: str) -> None:
    refusal_of(relay.http.post(path, json=STREAMED), 404, "not_found_error")


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens"])
@pytest.mark.parametrize(("opens", "closes"), [(b"[", b"]"), (b'{"a":', b"}")], ids=["array", "object"])
def test_a_body_is_sent_on_or_refused_however_deeply_it_is_nested(
    claude: ReplayServer, path: str, opens: bytes, closes: bytes
) -> None:
    """How deep is too deep differs between Pythons, and between what reads and what writes."""
    with serving(claude) as relay:
        for depth in range(100, 1200, 50):
            body = b'{"a":%b1%b}' % (opens * depth, closes * depth)
            answer = relay.http.post(path, content=body)
            assert answer.status_code in (200, 400), answer.text
        refusal_of(answer, 400, "invalid_request_error")


@pytest.mark.parametrize("length", [b"33554433", b"9" * 15, b"9" * 20])
def test_an_announced_length_is_refused_before_the_body_comes(relay: Serving, length: bytes) -> None:
    with socket.create_connection((HOST, int(relay.url.rpartition(":")[2])), PATIENCE) as asking:
        asking.sendall(b"POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: %b\r\n\r\n{}" % length)
        assert asking.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_preflight_has_the_standard_headers(claude: ReplayServer) -> None:
    with serving(claude, authorize=lambda request: "a", origins=[SITE["origin"]]) as relay:
        answer = relay.http.options("/v1/messages", headers={**SITE, **ASKS})
        assert answer.status_code == 200
        assert {name: answer.headers[name] for name in STANDARD} == STANDARD


@pytest.mark.parametrize(
    ("change", "allowed"),
    [({"origin": "https://evil.example"}, None), ({"access-control-request-method": "DELETE"}, SITE["origin"])],
    ids=["origin", "method"],
)
def test_a_preflight_that_is_refused_has_the_apis_shape(
    claude: ReplayServer, change: dict[str, str], allowed: str | None
) -> None:
    with serving(claude, authorize=lambda request: "a", origins=[SITE["origin"]]) as relay:
        answer = relay.http.options("/v1/messages", headers={**SITE, **ASKS, **change})
        refusal_of(answer, 400, "invalid_request_error")
        assert answer.headers.get("access-control-allow-origin") == allowed


class Faulty(MemoryLog):
    """A log with a fault of its own."""

    async def record(self, id: str) -> Any:
        raise RuntimeError(f"secret {id}")


def test_a_fault_of_the_relays_is_a_500_that_says_nothing(
    claude: ReplayServer, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(claude, make_log=Faulty, authorize=lambda request: "a", origins=[SITE["origin"]]) as relay:
        for _ in range(2):  # the connection is kept
            answer = relay.http.get("/v1/messages/x", headers=SITE)
            refusal_of(answer, 500, "api_error")
            assert "secret" not in answer.text + caplog.text
            assert answer.headers["access-control-allow-origin"] == SITE["origin"]
        assert "RuntimeError" in caplog.text


def _unnamed(stream: bytes) -> bytes:
    return b"".join(line + b"\n" for line in stream.splitlines() if not line.startswith(b"event:"))


ERROR = b"data: %b\n\n" % json.dumps(OVERLOADED).encode()


@pytest.mark.parametrize(
    ("body", "last"),
    [
        (_unnamed(STREAM), "message_stop"),
        (_unnamed(STREAM[: STREAM.index(b"event: content_block_stop")]) + ERROR, "error"),
    ],
    ids=["complete", "failed"],
)
def test_events_without_a_name_get_their_types(body: bytes, last: str) -> None:
    """The readers go by names: an answer without them would have no end for an EventSource."""
    with ReplayServer([body], pace=None) as claude, serving(claude) as relay:
        events = sent(relay.ask())
        assert [event.event for event in events] == [json.loads(event.data)["type"] for event in events]
        assert events[-1].event == last


def test_who_asks_for_something_else_on_a_connection_is_answered_behind_a_refusal(relay: Serving) -> None:
    with httpx.Client(base_url=relay.url, timeout=PATIENCE) as http:
        refusal_of(http.post("/v1/messages", content=b"[]"), 400, "invalid_request_error")
        assert http.get("/health").status_code == 200


def test_a_token_count_is_passed_on_as_it_came() -> None:
    counted = b'{"input_tokens": 7,  "more": [1]}'

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": counted})

    async def main() -> None:
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app))
        async with AsyncAnthropic(api_key="any", http_client=http) as client, Relay(client) as relay:
            site = relay_app(relay, lambda request: "")
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=site), base_url="http://relay") as reader:
                answer = await reader.post("/v1/messages/count_tokens", json=STREAMED)
                assert (answer.status_code, answer.content) == (200, counted)
                assert {name: answer.headers[name] for name in STANDARD} == STANDARD

    asyncio.run(main())


@pytest.mark.parametrize("body", [STREAMED, QUESTION], ids=["stream", "plain"])
def test_a_reader_who_leaves_before_the_first_event_ends_nothing(body: dict[str, Any]) -> None:
    with ReplayServer([STREAM], pace=Pace(ttft=1.0)) as claude, serving(claude) as relay:
        with pytest.raises(httpx.ReadTimeout):
            relay.http.post("/v1/messages", json=body, headers={"idempotency-key": "k"}, timeout=0.3)
        answer = relay.ask(body, idempotency_key="k")
        assert answer.status_code == 200
        assert [entry.ended for entry in claude.requests] == ["complete"]


def test_a_reader_who_does_not_read_delays_nobody_and_misses_nothing() -> None:
    words = [text("x" * 20_000) for _ in range(400)]
    recording = stream(*message_of([block_start(), *words, block_stop()]))
    with ReplayServer([recording], pace=None) as claude, serving(claude) as relay:
        id = relay.start()
        with socket.create_connection((HOST, int(relay.url.rpartition(":")[2])), PATIENCE) as slow:
            slow.sendall(f"GET /v1/messages/{id} HTTP/1.0\r\nhost: localhost\r\n{ACCEPT}\r\n\r\n".encode())
            quick = relay.events(id).content
            assert decoded(quick)[-1].event == "message_stop"
            late = b""
            while data := slow.recv(1 << 20):
                late += data
        assert late.partition(b"\r\n\r\n")[2] == quick


def test_on_the_way_out_it_is_not_healthy(relay: Serving) -> None:
    relay.refuse(True)
    refusal_of(relay.http.get("/health"), 503, "api_error")
    refusal_of(relay.ask(), 503, "api_error")
    relay.refuse(False)
    assert relay.http.get("/health").status_code == 200


def test_the_app_is_a_function_whatever_was_imported_before() -> None:
    script = "import sseclaude.relay.http_app, sseclaude.relay.page; from sseclaude.relay import app, Relay; app(1, 2)"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
