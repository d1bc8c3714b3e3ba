"""The relay over HTTP: every row of the table in docs/relay.md, asked by a plain HTTP client."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sseclaude import ServerSentEvent, SSEDecoder
from sseclaude.relay import LogUnavailableError, MemoryLog, http_stream
from sseclaude.relay.http_errors import EXPOSED
from sseclaude.replay import Disconnect, Error, ReplayServer, Stall, Status, always
from tests.support.network import STREAM
from tests.support.serving import EVENTS, PATIENCE, QUESTION, STREAMED, Serving, serving
from tests.support.waiting import wait_for

STANDARD = {"cache-control": "no-store", "x-accel-buffering": "no", "x-content-type-options": "nosniff"}


def sent(answer: httpx.Response) -> list[ServerSentEvent]:
    """The events of an answer's body, without their reconnection time."""
    return decoded(answer.content)


def decoded(body: bytes) -> list[ServerSentEvent]:
    return SSEDecoder().feed(body)


WIRE = [(event.event, event.data) for event in decoded(STREAM) if event.event != "ping"]
COUNT = len(WIRE)


def pairs(events: list[ServerSentEvent]) -> list[tuple[str, str]]:
    return [(event.event, event.data) for event in events]


def numbers(events: list[ServerSentEvent]) -> list[str]:
    return [event.id for event in events]


@pytest.fixture
def slow() -> Iterator[Serving]:
    """A relay whose Claude says nothing after the fourth event, until it is cancelled."""
    with ReplayServer([STREAM], pace=None, faults=[always(Stall(after_events=4))]) as claude, serving(claude) as relay:
        yield relay


def refusal_of(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """Check that an answer is an error in the API's shape, and return it."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert body["type"] == "error"
    assert body["error"]["type"] == kind
    assert body["request_id"] == answer.headers["request-id"]
    assert {name: answer.headers[name] for name in STANDARD} == STANDARD
    return body


# --- asking ---------------------------------------------------------------------------------------------------------


def test_a_stream_has_the_wires_events_and_their_numbers(relay: Serving) -> None:
    answer = relay.ask()
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["request-id"].startswith("req_")
    assert {name: answer.headers[name] for name in STANDARD} == STANDARD
    assert pairs(sent(answer)) == WIRE
    assert numbers(sent(answer)) == [str(number) for number in range(1, COUNT + 1)]
    assert relay.http.get(answer.headers["content-location"], headers=EVENTS).content == answer.content


def test_a_query_changes_nothing(relay: Serving) -> None:
    assert pairs(sent(relay.http.post("/v1/messages?beta=true", json=STREAMED))) == WIRE


def test_without_stream_it_is_the_message(relay: Serving) -> None:
    answer = relay.ask(QUESTION)
    assert answer.json()["content"][0]["text"] == "Hello, wörld"
    assert answer.headers["content-location"].startswith("/v1/messages/")
    assert relay.state(answer.headers["content-location"].rpartition("/")[2])["message"] == answer.json()


def test_it_can_be_answered_at_once(slow: Serving) -> None:
    answer = slow.ask(QUESTION, prefer="respond-async, wait=5")
    assert answer.status_code == 202
    state = answer.json()
    assert answer.headers["location"] == f"/v1/messages/{state['id']}"
    assert (state["type"], state["status"], state["error"]) == ("answer", "running", None)
    assert len(state["id"]) >= 22


def test_only_the_body_and_the_betas_reach_claude(relay: Serving, claude: ReplayServer) -> None:
    options = {"extra_headers": {"x-api-key": "sk-mine"}, "timeout": 1}
    relay.ask({**STREAMED, **options}, anthropic_beta="one, two", x_api_key="sk-reader", x_other="x")
    asked = claude.requests[0]
    assert asked.body == {**STREAMED, **options}
    assert asked.headers["anthropic-beta"] == "one,two"
    assert "x-other" not in asked.headers
    assert "reader" not in repr(asked)


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"", 400, "invalid_request_error"),
        (b"no JSON", 400, "invalid_request_error"),
        (b"[]", 400, "invalid_request_error"),
        (b'{"a": NaN}', 400, "invalid_request_error"),
        (b'{"a": 1e999}', 400, "invalid_request_error"),
        (b'{"stream": "yes"}', 400, "invalid_request_error"),
        (b"[" * 100_000, 400, "invalid_request_error"),
        (b'{"a": "' + bytes(32 << 20) + b'"}', 413, "request_too_large"),
    ],
    ids=["empty", "text", "array", "nan", "infinite", "stream", "deep", "large"],
)
def test_a_body_that_is_no_question_is_refused(
    relay: Serving, claude: ReplayServer, body: bytes, status: int, kind: str
) -> None:
    refusal_of(relay.http.post("/v1/messages", content=body), status, kind)
    assert list(claude.requests) == []


def test_a_body_without_a_length_is_bounded_too(relay: Serving) -> None:
    chunks = (bytes(1 << 20) for _ in range(33))
    refusal_of(relay.http.post("/v1/messages", content=chunks), 413, "request_too_large")


# --- Claude's no ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [STREAMED, QUESTION], ids=["stream", "plain"])
def test_claudes_refusal_is_passed_on(body: dict[str, Any]) -> None:
    refused = Status(429, retry_after=120)
    with ReplayServer([STREAM], pace=None, faults=[refused]) as claude, serving(claude) as relay:
        answer = relay.ask(body)
        refusal_of(answer, 429, "rate_limit_error")
        assert answer.headers["retry-after"] == "120"
        assert answer.headers["request-id"].startswith("req_replay")


def test_what_the_client_retries_was_retried() -> None:
    again = Status(529, retry_after=0.01)
    with ReplayServer([STREAM], pace=None, faults=[again]) as claude, serving(claude) as relay:
        assert pairs(sent(relay.ask())) == WIRE
        assert [entry.status for entry in claude.requests] == [529, 200]


def test_an_answer_that_fails_ends_with_an_error_event() -> None:
    cut = Disconnect(after_events=4)
    with ReplayServer([STREAM], pace=None, faults=[cut]) as claude, serving(claude) as relay:
        events = sent(relay.ask())
        assert pairs(events)[:4] == WIRE[:4]
        assert (events[4].event, events[4].id) == ("error", "5")
        assert json.loads(events[4].data)["error"]["type"] == "api_error"


def test_a_message_that_fails_has_the_status_of_its_error() -> None:
    faults = [Error("overloaded_error", after_events=4), Disconnect(after_events=4)]
    with ReplayServer([STREAM], pace=None, faults=faults) as claude, serving(claude) as relay:
        answer = relay.ask(QUESTION)
        refusal_of(answer, 529, "overloaded_error")
        assert answer.headers["x-should-retry"] == "false"
        answer = relay.ask(QUESTION)
        refusal_of(answer, 500, "api_error")
        assert answer.headers["x-should-retry"] == "false"


# --- the same key ---------------------------------------------------------------------------------------------------


def test_the_same_key_is_the_same_answer(relay: Serving, claude: ReplayServer) -> None:
    first = relay.ask(idempotency_key="k")
    again = relay.ask(idempotency_key="k")
    rest = relay.ask(idempotency_key="k", last_event_id="4")
    plain = relay.ask(QUESTION, idempotency_key="k")
    assert again.headers["content-location"] == first.headers["content-location"]
    assert again.content == first.content
    assert numbers(sent(rest)) == numbers(sent(first))[4:]
    assert plain.json()["content"][0]["text"] == "Hello, wörld"
    assert len(claude.requests) == 1


def test_another_body_under_the_same_key_conflicts(relay: Serving) -> None:
    relay.ask(idempotency_key="k")
    answer = relay.ask({**STREAMED, "max_tokens": 65}, idempotency_key="k")
    refusal_of(answer, 409, "invalid_request_error")
    assert answer.headers["x-should-retry"] == "false"


def test_a_refusal_frees_the_key_but_not_its_id() -> None:
    with ReplayServer([STREAM], pace=None, faults=[Status(400), Status(400)]) as claude, serving(claude) as relay:
        refusal_of(relay.ask(idempotency_key="k"), 400, "invalid_request_error")
        refused = relay.start({**QUESTION, "max_tokens": 65}, idempotency_key="k")
        wait_for(lambda: relay.state(refused)["status"] == "failed", PATIENCE)
        answer = relay.ask(idempotency_key="k")
        assert pairs(sent(answer)) == WIRE
        assert relay.ask(idempotency_key="k").content == answer.content
        assert refused not in answer.headers["content-location"]
        assert len(claude.requests) == 3


def test_a_key_is_its_owners(claude: ReplayServer) -> None:
    with serving(claude, authorize=lambda request: request.headers.get("x-api-key")) as relay:
        asked = {relay.ask(idempotency_key="k", x_api_key=who).headers["content-location"] for who in ("a", "b", "a")}
        assert len(asked) == 2


@pytest.mark.parametrize("key", ["", "k" * 257])
def test_a_key_has_bounds(relay: Serving, key: str) -> None:
    refusal_of(relay.ask(idempotency_key=key), 400, "invalid_request_error")


# --- reading again --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [0, 1, COUNT - 1])
def test_a_reader_goes_on_after_what_it_has(relay: Serving, after: int) -> None:
    id = relay.start()
    complete = sent(relay.events(id))
    assert sent(relay.events(id, f"?after={after}")) == complete[after:]
    assert sent(relay.events(id, "?after=99", last_event_id=str(after))) == complete[after:]


def test_a_reader_who_has_all_gets_204(relay: Serving) -> None:
    id = relay.start()
    relay.events(id)
    answer = relay.events(id, last_event_id=str(COUNT))
    assert (answer.status_code, answer.content) == (204, b"")
    assert {name: answer.headers[name] for name in STANDARD} == STANDARD


@pytest.mark.parametrize("after", [str(COUNT + 1), "-1", "x", "", "1.0", "1" * 5000, "٣"])
def test_what_is_no_number_of_an_event_is_refused(relay: Serving, after: str) -> None:
    id = relay.start()
    relay.events(id)
    answer = relay.http.get(f"/v1/messages/{id}", params={"after": after}, headers=EVENTS)
    refusal_of(answer, 400, "invalid_request_error")


def test_a_reader_who_leaves_ends_nothing(slow: Serving) -> None:
    with slow.http.stream("POST", "/v1/messages", json=STREAMED) as answer:
        id = answer.headers["content-location"].rpartition("/")[2]
        next(answer.iter_raw())
    time.sleep(0.1)
    assert slow.state(id)["status"] == "running"


def test_the_state_has_the_message_as_far_as_it_has_come(slow: Serving) -> None:
    id = slow.start()
    state = wait_for(lambda: (found := slow.state(id))["last_event_id"] == 4 and found, PATIENCE)
    assert set(state) == {"id", "type", "status", "last_event_id", "message", "error"}
    assert state["status"] == "running"
    assert state["message"]["content"][0]["text"] == "Hello, wörld"


def test_cancelling_ends_the_answer_for_all_readers(slow: Serving) -> None:
    id = slow.start()
    wait_for(lambda: slow.state(id)["last_event_id"] == 4, PATIENCE)
    bodies: list[bytes] = []
    readers = [threading.Thread(target=lambda: bodies.append(slow.events(id).content)) for _ in range(3)]
    for reader in readers:
        reader.start()
    state = slow.http.post(f"/v1/messages/{id}/cancel").json()
    assert (state["status"], state["error"]["type"]) == ("cancelled", "cancelled_error")
    for reader in readers:
        reader.join(PATIENCE)
    assert [decoded(body)[-1].event for body in bodies] == ["error"] * 3
    assert len(set(bodies)) == 1
    assert slow.http.post(f"/v1/messages/{id}/cancel").json() == state


def test_cancelling_what_has_ended_changes_nothing(relay: Serving) -> None:
    id = relay.start()
    relay.events(id)
    assert relay.http.post(f"/v1/messages/{id}/cancel").json() == relay.state(id)


def test_a_cancelled_answer_that_is_waited_for_is_an_error(slow: Serving) -> None:
    answers: list[httpx.Response] = []
    waiting = threading.Thread(target=lambda: answers.append(slow.ask(QUESTION, idempotency_key="k")))
    waiting.start()
    id = slow.start(idempotency_key="k")
    wait_for(lambda: slow.state(id)["last_event_id"] == 4, PATIENCE)
    slow.http.post(f"/v1/messages/{id}/cancel")
    waiting.join(PATIENCE)
    refusal_of(answers[0], 500, "cancelled_error")
    assert answers[0].headers["x-should-retry"] == "false"


def test_silence_is_broken_by_comments(monkeypatch: pytest.MonkeyPatch, slow: Serving) -> None:
    monkeypatch.setattr(http_stream, "QUIET", 0.05)
    with slow.http.stream("POST", "/v1/messages", json=STREAMED) as answer:
        body = b""
        for chunk in answer.iter_raw():
            body += chunk
            if body.count(b"\n: \n\n") >= 2:
                break
    assert pairs(decoded(body)) == WIRE[:4]


# --- what else there is ---------------------------------------------------------------------------------------------


def test_tokens_are_counted(relay: Serving) -> None:
    assert relay.http.post("/v1/messages/count_tokens", json=QUESTION).json()["input_tokens"] > 0
    answer = relay.http.post("/v1/messages/count_tokens", json={**QUESTION, "messages": []})
    refusal_of(answer, 400, "invalid_request_error")


def test_health_needs_no_token(claude: ReplayServer) -> None:
    with serving(claude, authorize=lambda request: None) as relay:
        assert relay.http.get("/health").status_code == 200


def test_unknown_and_another_owners_answers_are_answered_alike(claude: ReplayServer) -> None:
    with serving(claude, authorize=lambda request: request.headers.get("x-api-key")) as relay:
        id = relay.start(x_api_key="a")
        relay.state(id, x_api_key="a")
        seen = []
        for path in (id, "unknown", "not.an.id", "x" * 200):
            for method, suffix in (("GET", ""), ("POST", "/cancel")):
                headers = {"x-api-key": "b", **EVENTS}
                answer = relay.http.request(method, f"/v1/messages/{path}{suffix}", headers=headers)
                body = refusal_of(answer, 404, "not_found_error")
                kept = {k: v for k, v in answer.headers.items() if k not in ("request-id", "date")}
                seen.append((body["error"], kept))
        assert all(one == seen[0] for one in seen)


def test_more_than_may_run_is_overload() -> None:
    stalled = always(Stall(after_events=4))
    with ReplayServer([STREAM], pace=None, faults=[stalled]) as claude, serving(claude, max_running=1) as relay:
        relay.start()
        refusal_of(relay.ask(), 529, "overloaded_error")


class Away(MemoryLog):
    """A log that cannot be reached."""

    async def _away(self, *arguments: Any) -> Any:
        raise LogUnavailableError("Redis at redis:6379 does not answer")

    ping = record = create = end = attempt = _away


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/health"),
        ("GET", "/v1/messages/x"),
        ("POST", "/v1/messages"),
        ("POST", "/v1/messages?with=key"),
        ("POST", "/v1/messages/x/cancel"),
    ],
)
def test_without_the_log_it_is_503(claude: ReplayServer, method: str, path: str) -> None:
    headers = {"idempotency-key": "k"} if "key" in path else {}
    with serving(claude, make_log=Away) as relay:
        answer = relay.http.request(method, path, json=STREAMED, headers=headers)
        refusal_of(answer, 503, "api_error")
        assert answer.headers["retry-after"] == "1"
        assert "redis" not in answer.text
    assert list(claude.requests) == []


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("PUT", "/v1/messages", 405)])
def test_other_paths_and_methods_have_the_apis_shape(relay: Serving, method: str, path: str, status: int) -> None:
    kind = "not_found_error" if status == 404 else "invalid_request_error"
    refusal_of(relay.http.request(method, path), status, kind)


# --- who may --------------------------------------------------------------------------------------------------------


def test_who_is_not_known_is_refused(claude: ReplayServer) -> None:
    async def authorize(request: Any) -> str | None:
        return request.headers.get("x-api-key")

    with serving(claude, authorize=authorize) as relay:
        refusal_of(relay.ask(), 401, "authentication_error")
        assert relay.ask(x_api_key="a").status_code == 200
        refusal_of(relay.http.get("/", headers={"x-api-key": "a"}), 404, "not_found_error")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:80"}, 200),
        ({"host": "app.localhost"}, 200),
        ({"host": "[::1]:8080"}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "127.0.0.1.evil.example"}, 403),
        ({"host": "192.168.1.2"}, 403),
        ({"host": ""}, 403),
        ({"host": "127.0.0.1:1", "origin": "http://127.0.0.1:1"}, 200),
        ({"host": "127.0.0.1:1", "origin": "http://127.0.0.1:2"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://good.example"}, 200),
    ],
    ids=str,
)
def test_this_machine_alone_is_answered(claude: ReplayServer, headers: dict[str, str], status: int) -> None:
    with serving(claude, origins=["https://good.example"]) as relay:
        for answer in (relay.http.get("/health", headers=headers), relay.http.get("/", headers=headers)):
            assert answer.status_code == status
            if status == 403:
                refusal_of(answer, 403, "permission_error")


def test_a_site_that_may_reads_the_headers_too(claude: ReplayServer) -> None:
    site = {"origin": "https://good.example"}
    with serving(claude, authorize=lambda request: "a", origins=[site["origin"]]) as relay:
        asks = {"access-control-request-method": "POST", "access-control-request-headers": "x-api-key,idempotency-key"}
        allowed = relay.http.options("/v1/messages", headers={**site, **asks})
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == site["origin"]
        assert "x-api-key" in allowed.headers["access-control-allow-headers"]
        answer = relay.ask(**site)
        assert answer.headers["access-control-allow-origin"] == site["origin"]
        assert answer.headers["access-control-expose-headers"].split(", ") == list(EXPOSED)
        other = relay.ask(origin="https://evil.example")
        assert "access-control-allow-origin" not in other.headers


# --- the way out ----------------------------------------------------------------------------------------------------


def test_on_the_way_out_readers_are_cut_and_see_it(slow: Serving) -> None:
    with slow.http.stream("POST", "/v1/messages", json=STREAMED) as answer:
        chunks = answer.iter_raw()
        next(chunks)
        slow.leave()
        with pytest.raises(httpx.RemoteProtocolError):
            list(chunks)


def test_on_the_way_out_who_waits_for_a_message_is_refused(slow: Serving) -> None:
    answers: list[httpx.Response] = []
    waiting = threading.Thread(target=lambda: answers.append(slow.ask(QUESTION, idempotency_key="k")))
    waiting.start()
    id = slow.start(idempotency_key="k")
    wait_for(lambda: slow.state(id)["last_event_id"] == 4, PATIENCE)
    slow.leave()
    waiting.join(PATIENCE)
    refusal_of(answers[0], 503, "api_error")
    assert answers[0].headers["retry-after"] == "1"


def test_what_runs_has_time_to_end() -> None:
    with ReplayServer([STREAM], pace=None, faults=[Stall(after_events=4, seconds=1.0)]) as claude:
        with serving(claude, drain=PATIENCE) as relay:
            relay.start()
            claude.wait_for(1)
        assert claude.requests[0].ended == "complete"
