"""Faults as values: what each makes of a script."""

import gzip
import zlib
from collections.abc import Callable
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseclaude.replay import (
    CloseDelimited,
    CutChunkHeader,
    Disconnect,
    Drip,
    Drop,
    Duplicate,
    Error,
    Fault,
    Garbage,
    Gzip,
    Informational,
    NoBlankLine,
    NoStop,
    Stall,
    Status,
    Trailing,
    Truncate,
    WrongContentLength,
    WrongContentType,
    always,
    sometimes,
)
from sseclaude.replay.faults import NOT_JSON, FaultQueue, apply_all
from sseclaude.replay.script import Cut, Done, Head, Interim, Raw, Send, Step, Steps, Wait, body, head, split_events

STREAM = Head(200, (("request-id", "req_1"), ("content-type", "text/event-stream"), ("cache-control", "no-cache")))
PLAIN = Head(200, (("request-id", "req_1"), ("content-type", "application/json")))
A, B, STOP = b"event: a\ndata: 1\n\n", b"event: b\ndata: 2\n\n", b"event: message_stop\ndata: 3\n\n"
WHOLE: Steps = [STREAM, Wait(1), Send(A), Wait(2), Send(B), Send(STOP), Done()]
JSON: Steps = [PLAIN, Send(b'{"a": 1}'), Done()]

CHANGES: list[tuple[Fault, list[Step]]] = [
    (Disconnect(), [Cut("close")]),
    (Disconnect(after_events=0, how="reset"), [STREAM, Cut("reset")]),
    (Disconnect(after_events=1), [STREAM, Wait(1), Send(A), Cut("close")]),
    (Disconnect(after_events=99), [*WHOLE[:-1], Cut("close")]),
    (Disconnect(after_bytes=3, how="half"), [STREAM, Wait(1), Send(A[:3]), Cut("half")]),
    (Disconnect(after_events=2, after_bytes=3), [STREAM, Wait(1), Send(A[:3]), Cut("close")]),
    (Stall(), [STREAM, Wait(inf), *WHOLE[1:]]),
    (Stall(after_events=None, seconds=3), [Wait(3), *WHOLE]),
    (Stall(after_events=1, seconds=3), [STREAM, Wait(1), Send(A), Wait(3), *WHOLE[3:]]),
    (Drop(0), [STREAM, Wait(1), Wait(2), Send(B), Send(STOP), Done()]),
    (Drop("b"), [STREAM, Wait(1), Send(A), Wait(2), Send(STOP), Done()]),
    (Drop(-1), [STREAM, Wait(1), Send(A), Wait(2), Send(B), Done()]),
    (Drop(3), WHOLE),
    (Drop(-4), WHOLE),
    (Drop("ping"), WHOLE),
    (Duplicate(0), [STREAM, Wait(1), Send(A), Send(A), *WHOLE[3:]]),
    (NoStop(), [STREAM, Wait(1), Send(A), Wait(2), Send(B), Done()]),
    (NoBlankLine(), [*WHOLE[:-2], Send(STOP[:-1]), Done()]),
    (NoBlankLine("a"), [STREAM, Wait(1), Send(A[:-1]), *WHOLE[3:]]),
    (NoBlankLine("x"), WHOLE),
    (Garbage(), [STREAM, Send(NOT_JSON), *WHOLE[1:]]),
    (Garbage(at=1, data=b"?"), [STREAM, Wait(1), Send(A), Send(b"?"), *WHOLE[3:]]),
    (Truncate(20), [STREAM, Wait(1), Send(A), Wait(2), Send(B[:2]), Done()]),
    (Trailing(b"more"), [*WHOLE[:-1], Send(b"more"), Done()]),
    (Informational(), [Interim(103), *WHOLE]),
    (CutChunkHeader(1), [STREAM, Wait(1), Send(A), Raw(b"1f"), Cut("close")]),
    (WrongContentLength(-1), [Head(200, STREAM.headers, len(A + B + STOP) - 1), *WHOLE[1:]]),
    (CloseDelimited(), [Head(200, STREAM.headers, "close"), *WHOLE[1:]]),
    (Drip(100), WHOLE),
]


@pytest.mark.parametrize(("fault", "expected"), CHANGES, ids=[repr(fault) for fault, _ in CHANGES])
def test_a_fault_changes_the_script(fault: Fault, expected: list[Step]) -> None:
    before = list(WHOLE)
    assert apply_all((fault,), WHOLE) == expected
    assert before == WHOLE


PLAIN_CHANGES: list[tuple[Fault, list[Step]]] = [
    (Disconnect(after_events=0), [PLAIN, Cut("close")]),
    (Disconnect(after_events=1), [*JSON[:-1], Cut("close")]),
    (NoStop(), JSON),
    (NoBlankLine(), JSON),
    (Drop(0), [PLAIN, Done()]),
    (Truncate(3), [PLAIN, Send(b'{"a'), Done()]),
]


@pytest.mark.parametrize(("fault", "expected"), PLAIN_CHANGES, ids=[repr(fault) for fault, _ in PLAIN_CHANGES])
def test_a_plain_answer_is_one_event(fault: Fault, expected: list[Step]) -> None:
    assert fault.apply(JSON) == expected


def test_a_status_is_an_error_in_the_apis_envelope() -> None:
    steps = Status(529, retry_after=1.5).apply(WHOLE)
    error = b'{"type":"overloaded_error","message":"HTTP status 529, as asked"}'
    assert body(steps) == b'{"type":"error","error":' + error + b',"request_id":"req_1"}'
    assert head(steps) == Head(
        529, (("request-id", "req_1"), ("content-type", "application/json"), ("retry-after", "1.5"))
    )


TYPES = [(400, b"invalid_request_error"), (418, b"invalid_request_error"), (500, b"api_error"), (502, b"api_error")]


@pytest.mark.parametrize(("code", "kind"), TYPES)
def test_a_status_names_its_type(code: int, kind: bytes) -> None:
    assert b'"type":"' + kind + b'"' in body(Status(code).apply(WHOLE))


def test_a_status_may_have_a_body_and_headers_of_its_own() -> None:
    steps = Status(502, body=b"<html>", headers=(("x-should-retry", "false"),)).apply(WHOLE)
    expected = Head(502, (("request-id", "req_1"), ("content-type", "text/html"), ("x-should-retry", "false")))
    assert steps == [expected, Send(b"<html>"), Done()]


def test_a_status_waits_as_long_as_the_answer_would_have_for_its_headers() -> None:
    assert Status(500).apply([Wait(2), *WHOLE])[0] == Wait(2)


ENVELOPE = b'{"type":"error","error":{"type":"api_error","message":"Oops"},"request_id":"req_1"}'


def test_an_error_takes_the_place_of_the_rest() -> None:
    steps = Error("api_error", after_events=1, message="Oops").apply(WHOLE)
    assert steps == [STREAM, Wait(1), Send(A), Send(b"event: error\ndata: " + ENVELOPE + b"\n\n"), Done()]


def test_an_error_in_a_plain_answer_is_its_status() -> None:
    steps = Error("api_error", message="Oops").apply(JSON)
    assert steps == [Head(500, PLAIN.headers), Send(ENVELOPE), Done()]


def test_a_drip_keeps_the_bytes() -> None:
    steps = Drip(2).apply(WHOLE)
    assert body(steps) == A + B + STOP
    assert {len(step.data) for step in steps if isinstance(step, Send)} == {1, 2}
    assert Drip(9, seconds=0.5).apply([STREAM, Send(b"0123456789"), Done()]) == [
        STREAM,
        Wait(0.5),
        Send(b"012345678"),
        Wait(0.5),
        Send(b"9"),
        Done(),
    ]


def test_gzip_can_be_read_chunk_by_chunk() -> None:
    steps = Gzip().apply(WHOLE)
    packed = head(steps)
    assert packed is not None
    assert packed.get("content-encoding") == "gzip"
    assert gzip.decompress(body(steps)) == A + B + STOP
    unpack = zlib.decompressobj(wbits=31)
    chunks = [unpack.decompress(step.data) for step in steps if isinstance(step, Send)]
    assert chunks == [A, B, STOP, b""]


CONTENT_TYPES = [("text/html", "text/html"), (None, None)]


@pytest.mark.parametrize(("given_type", "expected"), CONTENT_TYPES)
def test_a_content_type_may_be_wrong(given_type: str | None, expected: str | None) -> None:
    changed = head(WrongContentType(given_type).apply(WHOLE))
    assert changed is not None
    assert changed.get("content-type") == expected


def test_combined_faults_are_applied_in_the_order_that_makes_sense() -> None:
    faults = (WrongContentType("text/html"), Drip(5), Gzip(), Disconnect(after_events=1), Drop(0))
    # Faults of one rank keep the order in which they were listed: the cut comes before the drop.
    steps = apply_all(faults, WHOLE)
    assert steps[-1] == Cut("close")
    assert body(steps) == b""
    steps = apply_all((Drip(5), Gzip(), Drop(0), Disconnect(after_events=1)), WHOLE)
    assert zlib.decompressobj(wbits=31).decompress(body(steps)) == B


EVERY: list[Callable[[int], Fault]] = [
    lambda n: Disconnect(after_events=n),
    lambda n: Disconnect(after_bytes=n),
    lambda n: Stall(n, 1),
    lambda n: Drip(n + 1),
    Garbage,
    Drop,
    Duplicate,
    Truncate,
    lambda n: Trailing(b"x" * n),
    lambda n: Error(after_events=n),
    CutChunkHeader,
    WrongContentLength,
    lambda n: Status(500 + n),
    NoBlankLine,
    lambda n: NoStop(),
    lambda n: Gzip(),
    lambda n: CloseDelimited(),
]
faults = st.builds(lambda make, n: make(n), st.sampled_from(EVERY), st.integers(0, 60))


@given(st.lists(faults, max_size=4), st.sampled_from([WHOLE, JSON]))
def test_any_combination_makes_a_script(combined: list[Fault], steps: Steps) -> None:
    result = apply_all(tuple(combined), steps)
    assert isinstance(result[-1], (Done, Cut))
    assert sum(isinstance(step, Head) for step in result) <= 1


# The queue: which fault falls on which request.


def dealt(plans: list[Any], requests: int) -> list[tuple[Fault, ...]]:
    queue = FaultQueue(plans)
    return [queue.take() for _ in range(requests)]


def test_each_fault_is_spent_on_one_request_in_order() -> None:
    plans = [Status(529), None, (Drip(1), NoStop())]
    assert dealt(plans, 4) == [(Status(529),), (), (Drip(1), NoStop()), ()]
    assert plans == []


def test_always_joins_every_request() -> None:
    assert dealt([always(Drip(1)), Status(529)], 3) == [(Status(529), Drip(1)), (Drip(1),), (Drip(1),)]


def test_sometimes_picks_the_same_requests_for_the_same_seed() -> None:
    first, again, other = (dealt([sometimes(0.5, seed, NoStop())], 40) for seed in (1, 1, 2))
    assert first == again != other
    assert 5 < first.count((NoStop(),)) < 35
    assert set(dealt([sometimes(0, 1, NoStop())], 20)) == {()}
    assert set(dealt([sometimes(1, 1, NoStop())], 20)) == {(NoStop(),)}


def test_the_list_may_grow() -> None:
    plans: list[Any] = []
    queue = FaultQueue(plans)
    assert queue.take() == ()
    plans.append(NoStop())
    assert queue.take() == (NoStop(),)


def test_what_is_no_fault_is_refused() -> None:
    with pytest.raises(TypeError, match="not a fault: 529"):
        dealt([529], 1)
    with pytest.raises(ValueError, match="a probability is from 0 to 1, not 2"):
        sometimes(2, 0, NoStop())


def test_values_that_make_no_fault_are_refused() -> None:
    with pytest.raises(ValueError, match="bytes_at_a_time is at least 1, not 0"):
        Drip(0)
    with pytest.raises(ValueError, match="how is one of close, half, reset, not 'slam'"):
        Disconnect(how="slam")  # type: ignore[arg-type]


REPRS = [
    (always(Drip(1)), "always(Drip(bytes_at_a_time=1, seconds=0.0))"),
    (sometimes(0.25, 7, NoStop(), Gzip()), "sometimes(0.25, 7, NoStop(), Gzip())"),
]


@pytest.mark.parametrize(("plan", "expected"), REPRS)
def test_wrapped_faults_read_as_they_are_written(plan: object, expected: str) -> None:
    assert repr(plan) == expected


REFUSALS = [
    (Status(529), True),
    (Error(), True),
    (Error(after_events=1), False),
    (Disconnect(), True),
    (Disconnect(after_events=0), True),
    (Disconnect(after_bytes=len(A)), False),
    (Stall(), False),
]


@pytest.mark.parametrize(("fault", "refuses"), REFUSALS, ids=repr)
def test_a_refusal_sends_nothing_of_the_recording(fault: Fault, refuses: bool) -> None:
    assert fault.refuses() is refuses
    assert (A in body(fault.apply(WHOLE))) is not refuses


def test_an_event_split_over_chunks_is_still_found() -> None:
    chopped: Steps = [STREAM, *(Send(bytes([byte])) for byte in A + B + STOP), Done()]
    assert split_events(body(Drop("b").apply(chopped))) == [A, STOP]
