"""The responder: the API's checks in the API's order, and its answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from sseclaude.replay import DEFAULT, Disconnect, Drip, Error, Pace, Recording, Request, Status, load
from sseclaude.replay.responder import Exchange, Replay, Responder
from sseclaude.replay.script import Cut, Done, Head, Send, Wait, body, head

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
KEY = {"x-api-key": "sk-secret"}
GOOD: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello, you"}]}
STREAM = GOOD | {"stream": True}


def ask(responder: Responder, value: Any = GOOD, path: str = "/v1/messages", method: str = "POST") -> Exchange:
    return responder.respond(Request(method, path, KEY, json.dumps(value).encode()))


def answer(exchange: Exchange) -> Any:
    return json.loads(body(exchange.steps))


def status(exchange: Exchange) -> int | None:
    first = head(exchange.steps)
    return first.status if first else None


BEARER = {"authorization": "Bearer sk-secret"}
RAW: list[tuple[str, str, dict[str, str], bytes, int, str]] = [
    ("POST", "/nowhere", {}, b"", 404, "not_found_error"),
    ("GET", "/v1/models/unknown", KEY, b"", 404, "not_found_error"),
    ("GET", "/v1/messages", {}, b"", 405, "invalid_request_error"),
    ("POST", "/v1/models", KEY, b"", 405, "invalid_request_error"),
    ("POST", "/v1/messages", {}, b"{", 401, "authentication_error"),
    ("POST", "/v1/messages", {"x-api-key": ""}, b"{}", 401, "authentication_error"),
    ("POST", "/v1/messages", {"authorization": "Basic abc"}, b"{}", 401, "authentication_error"),
    ("POST", "/v1/messages", {"authorization": "Bearer "}, b"{}", 401, "authentication_error"),
    ("GET", "/v1/models", {}, b"", 401, "authentication_error"),
    ("POST", "/v1/messages", KEY, b"{", 400, "invalid_request_error"),
    ("POST", "/v1/messages", KEY, b"[]", 400, "invalid_request_error"),
    ("POST", "/v1/messages", KEY, b"\xff", 400, "invalid_request_error"),
    ("POST", "/v1/messages", BEARER, b"{", 400, "invalid_request_error"),
    ("POST", "/v1/messages", KEY, b" " * (32 * 1024 * 1024 + 1), 413, "request_too_large"),
]


@pytest.mark.parametrize(
    ("method", "path", "headers", "content", "expected", "kind"),
    RAW,
    ids=[f"{row[4]}-{n}" for n, row in enumerate(RAW)],
)
def test_a_refusal_has_the_apis_status_and_envelope(
    method: str, path: str, headers: dict[str, str], content: bytes, expected: int, kind: str
) -> None:
    exchange = Responder().respond(Request(method, path, headers, content))
    reported = answer(exchange)
    assert status(exchange) == exchange.entry.status == expected
    assert reported["type"] == "error"
    assert reported["error"]["type"] == kind
    assert reported["request_id"] == "req_replay00000000000001"


def without(field: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != field}


BODIES: list[tuple[dict[str, Any], str]] = [
    (without("model"), "model: Field required"),
    (GOOD | {"model": 3}, "model: Input should be a valid string"),
    (GOOD | {"model": ""}, "model: String should have at least 1 character"),
    (without("max_tokens"), "max_tokens: Field required"),
    (GOOD | {"max_tokens": "9"}, "max_tokens: Input should be a valid integer"),
    (GOOD | {"max_tokens": True}, "max_tokens: Input should be a valid integer"),
    (GOOD | {"max_tokens": 0}, "max_tokens: Input should be greater than or equal to 1"),
    (without("messages"), "messages: Field required"),
    (GOOD | {"messages": {}}, "messages: Input should be a valid list"),
    (GOOD | {"messages": []}, "messages: at least one message is required"),
    (GOOD | {"messages": ["hi"]}, "messages: each needs a role (user or assistant) and content"),
    (
        GOOD | {"messages": [{"role": "robot", "content": ""}]},
        "messages: each needs a role (user or assistant) and content",
    ),
    (
        GOOD | {"messages": [{"role": "user", "content": 3}]},
        "messages: each needs a role (user or assistant) and content",
    ),
    (GOOD | {"stream": "yes"}, "stream: Input should be a valid boolean"),
    (GOOD | {"tools": "all"}, "tools: Input should be a list of objects"),
    (GOOD | {"tool_choice": "any"}, "tool_choice: Input should be an object"),
    (GOOD | {"thinking": True}, "thinking: Input should be an object"),
]


@pytest.mark.parametrize(("value", "reported"), BODIES, ids=[row[1] for row in BODIES])
def test_a_bad_body_is_named_by_its_field(value: dict[str, Any], reported: str) -> None:
    exchange = ask(Responder(), value)
    assert status(exchange) == 400
    assert answer(exchange)["error"] == {"type": "invalid_request_error", "message": reported}


def test_a_stream_is_the_recordings_bytes() -> None:
    responder = Responder(FIXTURES / "text.sse", pace=None)
    exchange = ask(responder, STREAM)
    assert body(exchange.steps) == (FIXTURES / "text.sse").read_bytes()
    assert exchange.entry.recording == "text"
    assert exchange.steps[-1] == Done()
    first = head(exchange.steps)
    assert first is not None
    assert first.get("content-type") == "text/event-stream; charset=utf-8"
    assert first.get("request-id") == "req_replay00000000000001"
    assert first.get("anthropic-ratelimit-tokens-limit") == "2400000"


@pytest.mark.parametrize("name", ["text", "thinking", "tool_use", "parallel_tools", "refusal", "server_tools"])
def test_a_plain_answer_is_the_recordings_message(name: str) -> None:
    exchange = ask(Responder(FIXTURES / f"{name}.sse", pace=None))
    assert answer(exchange) == json.loads((FIXTURES / f"{name}.json").read_bytes())


def test_a_plain_answer_takes_its_time() -> None:
    assert ask(Responder(pace=Pace(ttft=2))).steps[0] == Wait(2)


def test_a_recorded_error_is_its_status_in_a_plain_answer() -> None:
    exchange = ask(Responder(match=lambda request: "overloaded", pace=None))
    assert status(exchange) == 529
    assert answer(exchange)["error"]["type"] == "overloaded_error"


def test_an_unknown_recorded_error_is_a_500() -> None:
    recording = b'event: error\ndata: {"type":"error","error":{"type":"odd_error","message":"Odd"}}\n\n'
    exchange = ask(Responder(recording))
    assert status(exchange) == 500
    assert answer(exchange)["error"]["type"] == "odd_error"


def test_a_recorded_refusal_is_repeated_to_everybody() -> None:
    recording = Recording(
        "busy", b"{}", status=429, headers=(("content-type", "application/json"), ("retry-after", "3"))
    )
    for value in (GOOD, STREAM):
        exchange = ask(Responder(recording), value)
        first = head(exchange.steps)
        assert first is not None
        assert (first.status, first.get("retry-after"), first.get("content-type")) == (429, "3", "application/json")
        assert body(exchange.steps) == b"{}"


def test_recorded_waits_and_cuts_are_repeated() -> None:
    recording = Recording("cut", b"data: 1\n\n", wait=0.5, cut=True)
    steps = ask(Responder(recording, pace=DEFAULT), STREAM).steps
    assert steps[0] == Wait(0.5)
    assert steps[-1] == Cut()
    assert isinstance(ask(Responder(recording, pace=None), STREAM).steps[0], Head)


def test_the_pace_is_in_the_script() -> None:
    steps = ask(Responder(b"data: 1\n\n", pace=Pace(ttft=3)), STREAM).steps
    assert steps[1:] == [Wait(3), Send(b"data: 1\n\n"), Done()]


def test_tokens_are_counted_roughly() -> None:
    count = {"model": "m", "messages": GOOD["messages"], "system": [{"type": "text", "text": "x" * 400}]}
    tokens = answer(ask(Responder(), count, "/v1/messages/count_tokens"))["input_tokens"]
    assert 100 < tokens < 120
    assert status(ask(Responder(), {"model": "m"}, "/v1/messages/count_tokens")) == 400


def test_models_are_listed() -> None:
    page = answer(ask(Responder(), path="/v1/models", method="GET"))
    names = [model["id"] for model in page["data"]]
    assert "claude-sonnet-4-6" in names
    assert (page["first_id"], page["last_id"], page["has_more"]) == (names[0], names[-1], False)
    assert answer(ask(Responder(), path=f"/v1/models/{names[0]}", method="GET")) == page["data"][0]


def test_faults_fall_on_requests_that_are_in_order_only() -> None:
    responder = Responder(faults=[Status(529)], pace=None)
    assert status(ask(responder, {})) == 400
    assert status(ask(responder)) == 529
    assert status(ask(responder)) == 200
    assert [entry.faults for entry in responder.journal] == [(), (Status(529),), ()]


def test_faults_fall_on_every_path() -> None:
    responder = Responder(faults=[Status(500), Status(429)])
    assert status(ask(responder, path="/v1/messages/count_tokens")) == 500
    assert status(ask(responder, path="/v1/models", method="GET")) == 429


def test_a_retry_gets_the_recording_that_was_refused() -> None:
    recordings = [Recording("a", b"data: 1\n\n"), Recording("b", b"data: 2\n\n")]
    faults = [Status(529), Error(), Disconnect(), Drip(1)]
    responder = Responder(recordings, faults=faults, pace=None)
    for _ in range(5):
        ask(responder, STREAM)
    assert [entry.recording for entry in responder.journal] == ["a", "a", "a", "a", "b"]


def test_an_answer_that_never_begins_has_no_status() -> None:
    exchange = ask(Responder(faults=[Disconnect()]), STREAM)
    assert exchange.entry.status is None
    assert exchange.steps == [Cut()]


def broken(request: Request) -> str:
    raise KeyError("my mistake")


def test_what_match_raises_is_told_to_the_client() -> None:
    exchange = ask(Responder(match=broken))
    assert status(exchange) == 500
    assert answer(exchange)["error"]["message"] == "the replay server failed: KeyError: 'my mistake'"
    assert status(ask(Responder(match=lambda request: "no-such-recording"))) == 500


def test_the_journal_holds_no_key() -> None:
    responder = Responder()
    responder.respond(Request("POST", "/v1/messages?beta=true", KEY | BEARER, b"not JSON"))
    (entry,) = responder.journal
    assert "sk-secret" not in repr(entry)
    assert entry.body == b"not JSON"
    assert entry.path == "/v1/messages?beta=true"


def test_what_is_shared_by_servers_and_transports() -> None:
    replay = Replay(FIXTURES / "text.sse", faults=[Status(529)])
    assert replay.recordings == load(FIXTURES / "text.sse")
    replay.faults.append(Drip(1))
    assert [status(ask(replay.responder, STREAM)) for _ in range(3)] == [529, 200, 200]
    assert replay.wait_for(2) == replay.requests[:2]
