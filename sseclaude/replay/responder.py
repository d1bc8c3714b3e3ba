"""The Messages API in replay: from a request to a script.

Purpose: decide everything about an answer except how its bytes are transferred.
Must not know: sockets, threads, httpx, the clock.
Rule: the order of the API: path (404), method (405), key (401), body (400), then faults, then the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

from ..errors import APIStatusError
from . import script
from .choosing import Chooser, Match, ReceivedRequest
from .envelope import compact, envelope, error_type
from .faults import FaultQueue, Plan, apply_all
from .journal import Entry, Journal, masked
from .pace import DEFAULT, Pace, schedule
from .recording import Recording, Source
from .script import Cut, Done, Head, Headers, Send, Steps, Wait
from .validation import COUNT_TOKENS, CREATE, FieldCheck, Refusal, check_body, has_key

JSON: Headers = (("content-type", "application/json"),)
EVENT_STREAM: Headers = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))

MODELS = {
    "claude-opus-4-6": "Claude Opus 4.6",
    "claude-sonnet-4-6": "Claude Sonnet 4.6",
    "claude-haiku-4-5": "Claude Haiku 4.5",
}
CREATED = "2026-02-01T00:00:00Z"

ORGANIZATION = "00000000-0000-4000-8000-000000000000"
LIMITS = {"requests": 4_000, "tokens": 2_400_000, "input-tokens": 2_000_000, "output-tokens": 400_000}
RESET = "2026-02-01T00:00:00Z"

CHARACTERS_PER_TOKEN = 4
"""A rule of thumb: count_tokens is for programs that want a number, not for bills."""


@dataclass(frozen=True)
class Exchange:
    """A request's entry in the journal, and the script that answers it."""

    entry: Entry
    steps: Steps


class Responder:
    """Answers requests from recordings, at a pace, with faults; keeps the journal. Many threads may call it."""

    def __init__(
        self,
        recordings: Source = None,
        *,
        pace: Pace | None = DEFAULT,
        faults: Iterable[Plan] = (),
        match: Match | None = None,
    ) -> None:
        self.chooser = Chooser(recordings, match)
        self.pace = pace
        self.faults: list[Plan] = list(faults)
        self.journal = Journal()
        self._queue = FaultQueue(self.faults)
        self._numbers = count(1)

    def respond(self, request: ReceivedRequest) -> Exchange:
        """The answer to a request, noted in the journal.

        Never raises: an exception of ``match`` or a fault becomes a 500 that names it.
        """
        entry = Entry(request.method, request.target, masked(request.headers), _readable(request))
        standard = standard_headers(next(self._numbers))
        try:
            steps = self._answer(request, entry, standard)
        except Exception as failure:  # a thread has nobody to raise it to, and a test must see it
            message = f"the replay server failed: {type(failure).__name__}: {failure}"
            steps = refuse(Refusal(500, message), standard)
        answer = script.head(steps)
        entry.status = answer.status if answer else None
        self.journal.add(entry)
        return Exchange(entry, steps)

    def _answer(self, request: ReceivedRequest, entry: Entry, standard: Headers) -> Steps:
        route = ROUTES.get(request.path, NOWHERE)
        if (refusal := check(request, route)) is not None:
            return refuse(refusal, standard)
        entry.faults = self._queue.take()
        return apply_all(entry.faults, route.handler(self, request, entry, standard))

    def _messages(self, request: ReceivedRequest, entry: Entry, standard: Headers) -> Steps:
        recording = self.chooser.choose(request, take_turn=not any(fault.refuses() for fault in entry.faults))
        entry.recording = recording.name
        if request.json.get("stream") or recording.status != 200:
            return stream(recording, self.pace, standard)
        return as_document(recording, self.pace, standard)

    def _count_tokens(self, request: ReceivedRequest, entry: Entry, standard: Headers) -> Steps:
        characters = sum(len(text) for text in _texts(request.json))
        return reply({"input_tokens": max(1, characters // CHARACTERS_PER_TOKEN)}, standard)

    def _models(self, request: ReceivedRequest, entry: Entry, standard: Headers) -> Steps:
        data = [_model(name) for name in MODELS]
        page = {"data": data, "has_more": False, "first_id": data[0]["id"], "last_id": data[-1]["id"]}
        return reply(page, standard)

    def _model(self, request: ReceivedRequest, entry: Entry, standard: Headers) -> Steps:
        return reply(_model(request.path.rpartition("/")[2]), standard)


class Replay:
    """What the server and the transports share: recordings, pace, faults, and the journal.

    ``recordings``: a file, a folder, bytes, a Message or a list of them, answered in turn; None: the shipped ones,
    chosen by what the request asks for. ``pace``: a Pace, DEFAULT (as recorded, else like a model), or None for full
    speed. ``faults``: each item is spent on one request, in order; the list ``self.faults`` may grow at any time.
    ``match(request)`` picks the answer: a recording's name, anything a recording can be made of, or None.
    """

    def __init__(
        self,
        recordings: Source = None,
        *,
        pace: Pace | None = DEFAULT,
        faults: Iterable[Plan] = (),
        match: Match | None = None,
    ) -> None:
        self.responder = Responder(recordings, pace=pace, faults=faults, match=match)

    @property
    def requests(self) -> Journal:
        """The requests so far, and how their answers ended."""
        return self.responder.journal

    @property
    def faults(self) -> list[Plan]:
        """The faults still to come; may be appended to, or assigned."""
        return self.responder.faults

    @faults.setter
    def faults(self, plans: Iterable[Plan]) -> None:
        self.responder.faults[:] = plans

    @property
    def recordings(self) -> list[Recording]:
        """The recordings that it answers from."""
        return self.responder.chooser.recordings

    def wait_for(self, count: int, timeout: float = 5.0, *, ended: bool = False) -> list[Entry]:
        """Block until ``count`` requests have come (with ``ended``: and their answers are over); return them.

        Raises TimeoutError after ``timeout`` seconds. In async code, call it in a thread.
        """
        return self.requests.wait_for(count, timeout, ended=ended)


Handler = Callable[[Responder, ReceivedRequest, Entry, Headers], Steps]


@dataclass(frozen=True)
class Route:
    """The methods of one path."""

    method: str
    handler: Handler
    checks: list[FieldCheck] | None = None


ROUTES = {
    "/v1/messages": Route("POST", Responder._messages, CREATE),
    "/v1/messages/count_tokens": Route("POST", Responder._count_tokens, COUNT_TOKENS),
    "/v1/models": Route("GET", Responder._models),
    **{f"/v1/models/{name}": Route("GET", Responder._model) for name in MODELS},
}


NOWHERE = Route("", Responder._models)
"""The route of every other path."""


def check(request: ReceivedRequest, route: Route) -> Refusal | None:
    """Why a request is refused, in the API's order; or None."""
    if route is NOWHERE:
        return Refusal(404, f"Not found: {request.path}")
    if request.method != route.method:
        return Refusal(405, f"Method not allowed: {request.method} {request.path}")
    if not has_key(request):
        return Refusal(401, "x-api-key header is required")
    return None if route.checks is None else check_body(request, route.checks)


def standard_headers(number: int) -> Headers:
    """The headers of every answer: the request's id, the organization and the rate limits."""
    limits: list[tuple[str, str]] = []
    for kind, limit in LIMITS.items():
        values = {"limit": str(limit), "remaining": str(limit - 1), "reset": RESET}
        limits += [(f"anthropic-ratelimit-{kind}-{name}", value) for name, value in values.items()]
    return (("request-id", f"req_replay{number:014}"), ("anthropic-organization-id", ORGANIZATION), *limits)


def reply(value: object, standard: Headers, status: int = 200) -> Steps:
    """An answer in JSON."""
    return [Head(status, standard + JSON), Send(compact(value)), Done()]


def refuse(refusal: Refusal, standard: Headers) -> Steps:
    """The error envelope for a refusal."""
    body = envelope(error_type(refusal.status), refusal.message, dict(standard)["request-id"])
    return [Head(refusal.status, standard + JSON), Send(body), Done()]


def stream(recording: Recording, pace: Pace | None, standard: Headers) -> Steps:
    """The recording as it was: its bytes, its status, its headers where they are known."""
    headers = {**dict(standard), **dict(EVENT_STREAM), **dict(recording.headers)}
    steps: Steps = [Wait(recording.wait)] if recording.wait and pace is DEFAULT else []
    steps.append(Head(recording.status, tuple(headers.items())))
    for seconds, data in schedule(recording, pace):
        steps += [Wait(seconds), Send(data)] if seconds else [Send(data)]
    return [*steps, Cut() if recording.cut else Done()]


def as_document(recording: Recording, pace: Pace | None, standard: Headers) -> Steps:
    """The recording's message as one JSON object; a recorded error as its status."""
    from ..iterate import assemble

    try:
        steps = reply(assemble([recording.body]).to_dict(), standard)
    except APIStatusError as error:
        steps = reply(error.body, standard, error.status_code if error.status_code >= 400 else 500)
    return [Wait(pace.ttft), *steps] if pace and pace.ttft else steps


def _readable(request: ReceivedRequest) -> Any:
    return request.body if request.json is None else request.json


def _model(name: str) -> dict[str, Any]:
    return {"type": "model", "id": name, "display_name": MODELS[name], "created_at": CREATED}


def _texts(value: Any) -> list[str]:
    """All strings in a JSON value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []
