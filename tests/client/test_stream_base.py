"""What every stream can be asked, without I/O: observers, settings, errors with all that is known."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sseclaude import APIError, IncompleteStreamError, ProtocolError, Timeout
from sseclaude.client.response_body import SyncResponseBody
from sseclaude.client.retries import Retries
from sseclaude.client.stream_base import Observers, Settings, StreamBase
from sseclaude.client.timeouts import Deadline
from sseclaude.client.transport import body_error
from sseclaude.events import build
from tests.support.network import EVENTS, FRAMES, STREAM, Chunks


class Call:
    """As much of a call as a face looks at."""

    def __init__(self) -> None:
        self.retries = Retries(0, Deadline(Timeout()))
        self.retries.attempts = 3


def face_of(*chunks: bytes, **settings: Any) -> StreamBase:
    """A face that was given a response and these bytes of it."""
    face = StreamBase(Call(), Settings(**settings))  # type: ignore[arg-type]
    headers = {"content-type": "text/event-stream", "request-id": "req_7"}
    response = httpx.Response(200, headers=headers, stream=Chunks(*chunks))
    body = SyncResponseBody(response, Deadline(Timeout()), 0.0, body_error)
    face._adopt(body)
    while (chunk := body.read()) is not None:
        face._reader.feed(chunk)
    return face


def test_observers_are_called_by_type_and_for_all() -> None:
    observers, seen = Observers(), []
    assert not observers
    for kind in ("ping", "event", "error", "ping"):
        observers.add(kind, seen.append)
    assert observers
    ping = build({"type": "ping"})
    assert (len(observers.of(ping)), len(observers.of(build({"type": "message_stop"})))) == (3, 1)
    assert len(observers.of(APIError("x"))) == 1
    assert len(observers.of(build({"type": "event"}))) == 1


def test_an_error_leaves_with_all_that_is_known() -> None:
    face = face_of(*FRAMES[:3])
    while face._reader.step() is not None:
        pass
    error = face._add_context(ProtocolError("bad"))
    assert (error.request_id, error.attempts, error.response) == ("req_7", 3, face.response)
    assert error.partial_message is not None
    assert error.partial_message.text == "Hello, "
    assert error.progress == (3, sum(map(len, FRAMES[:3])), "content_block_delta", "msg_1")
    assert "after 3 events" in str(error)


def test_an_error_keeps_the_request_id_that_it_has() -> None:
    assert face_of()._add_context(APIError("x", request_id="req_body")).request_id == "req_body"


def test_a_broken_connection_is_judged_once() -> None:
    face = face_of(*FRAMES[:3])
    face._body.ended = False
    cut = IncompleteStreamError("cut")
    assert face._end_at_cut(cut)
    assert not face._end_at_cut(cut)
    assert face._add_context(IncompleteStreamError("the stream ended")) is cut
    assert face._add_context(other := ProtocolError("x")) is other


@pytest.mark.parametrize("error", [ProtocolError("x"), APIError("x")])
def test_other_errors_are_not_judged(error: APIError) -> None:
    face = face_of(*FRAMES[:3])
    face._body.ended = False
    assert not face._end_at_cut(error)


def test_a_clean_end_is_not_judged_again() -> None:
    assert not face_of(*FRAMES[:3])._end_at_cut(IncompleteStreamError("x"))


def test_timing_tells_what_has_come() -> None:
    face = face_of()
    assert (face.timing.first_byte, face.timing.first_token, face.timing.total) == (None, None, None)
    face = face_of(STREAM)
    while not face._reader.done and (step := face._reader.step()) is not None:
        if face._first_token_at is None:
            face._note_token(step)
    timing = face.timing
    assert timing.first_byte is not None
    assert timing.first_byte <= (timing.first_token or 0) <= (timing.total or 0)
    assert face.attempts == 3
    assert face.deviations == []
    assert len(EVENTS) == face._reader.assembler.event_count


def test_timing_takes_no_word_for_a_number() -> None:
    face = face_of(STREAM.replace(b'"output_tokens": 9', b'"output_tokens": "nine"'))
    while not face._reader.done and (step := face._reader.step()) is not None:
        face._note_token(step)
    assert face._reader.assembler.message.usage.output_tokens == "nine"  # type: ignore[union-attr, comparison-overlap]
    assert face.timing.output_tokens_per_second is None


def test_a_verdict_on_what_came_is_not_judged() -> None:
    """``[DONE]`` before the message is whole is the stream's own fault, not the connection's."""
    face = face_of(*FRAMES[:3])
    face._body.ended = False
    face._reader.feed(b"data: [DONE]\n\n")
    with pytest.raises(IncompleteStreamError) as caught:
        list(iter(face._reader.step, None))
    assert not face._end_at_cut(caught.value)


def test_a_stream_that_was_closed_has_no_result() -> None:
    with pytest.raises(IncompleteStreamError, match="closed before the message ended"):
        face_of(*FRAMES[:3])._result()
