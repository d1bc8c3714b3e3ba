"""HTTP on the server's side."""

import pytest

from sseclaude.replay.choosing import ReceivedRequest
from sseclaude.replay.http1 import BadRequest, Wire
from sseclaude.replay.script import Cut, Done, Head, Interim, Raw, Send, Steps, Wait

GET = b"GET /v1/models HTTP/1.1\r\nHost: here\r\nX-A: 1\r\nX-A: 2\r\n\r\n"
POST = b"POST /v1/messages?beta=true HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}"
STREAM = Head(200, (("content-type", "text/event-stream"),))
PLAIN = Head(200, (("content-type", "application/json"),))


def after(data: bytes) -> Wire:
    """A connection that has read one request."""
    wire = Wire()
    wire.receive(data)
    assert isinstance(wire.next_request(), ReceivedRequest)
    return wire


def written(steps: Steps, data: bytes = POST) -> bytes:
    wire = after(data)
    wire.begin(steps)
    return b"".join(map(wire.encode, steps))


def test_a_request_is_read_byte_by_byte() -> None:
    wire = Wire()
    for byte in POST[:-1]:
        wire.receive(bytes([byte]))
        assert wire.next_request() == b""
    wire.receive(POST[-1:])
    headers = {"host": "here", "content-length": "2"}
    assert wire.next_request() == ReceivedRequest("POST", "/v1/messages?beta=true", headers, b"{}")


def test_repeated_headers_are_joined() -> None:
    wire = Wire()
    wire.receive(GET)
    request = wire.next_request()
    assert isinstance(request, ReceivedRequest)
    assert request.headers["x-a"] == "1, 2"


def test_the_end_of_the_client_is_none() -> None:
    wire = Wire()
    wire.receive(b"")
    assert wire.next_request() is None


def test_what_is_no_http_is_refused() -> None:
    wire = Wire()
    wire.receive(b"hello\r\n\r\n")
    with pytest.raises(BadRequest):
        wire.next_request()


def test_a_client_that_waits_for_100_continue_is_told_to_go_on() -> None:
    wire = Wire()
    wire.receive(POST[:-2].replace(b"Host", b"Expect: 100-continue\r\nHost"))
    assert wire.next_request() == b"HTTP/1.1 100 \r\n\r\n"
    wire.receive(b"{}")
    assert isinstance(wire.next_request(), ReceivedRequest)


CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

WRITTEN: list[tuple[str, Steps, bytes]] = [
    (
        "a stream is chunked",
        [STREAM, Wait(1), Send(b"ab"), Send(b"c"), Done()],
        CHUNKED + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
    ),
    (
        "a plain answer has a length",
        [PLAIN, Send(b"ab"), Send(b"c"), Done()],
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 3\r\n\r\nabc",
    ),
    (
        "a plain answer that is cut is chunked",
        [PLAIN, Send(b"ab"), Cut()],
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
    ),
    (
        "an informational answer comes first",
        [Interim(103), PLAIN, Done()],
        b"HTTP/1.1 103 \r\n\r\nHTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 0\r\n\r\n",
    ),
    (
        "raw bytes are not framed",
        [STREAM, Raw(b"1f"), Cut()],
        CHUNKED + b"1f",
    ),
    (
        "HTTP/1.0 ends with the connection",
        [Head(200, STREAM.headers, "close"), Send(b"abc"), Done()],
        b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\nabc",
    ),
    (
        "a wrong length is declared",
        [Head(529, (), 9), Send(b"abc"), Done()],
        b"HTTP/1.1 529 Overloaded\r\ncontent-length: 9\r\nconnection: close\r\n\r\nabc",
    ),
    (
        "an unknown status has a reason too",
        [Head(599, (), 0), Done()],
        b"HTTP/1.1 599 Unknown\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    ),
]


@pytest.mark.parametrize(("steps", "expected"), [row[1:] for row in WRITTEN], ids=[row[0] for row in WRITTEN])
def test_steps_are_written(steps: Steps, expected: bytes) -> None:
    assert written(steps) == expected


def test_a_head_request_gets_no_body() -> None:
    assert written([PLAIN, Send(b"abc"), Done()], GET.replace(b"GET", b"HEAD")).endswith(b"content-length: 3\r\n\r\n")


CYCLES: list[tuple[Steps, bool]] = [
    ([STREAM, Send(b"a"), Done()], True),
    ([STREAM, Send(b"a"), Cut()], False),
    ([STREAM, Send(b"a"), Done(), Raw(b"junk")], False),
    ([Head(200, (), "close"), Done()], False),
]


@pytest.mark.parametrize(("steps", "again"), CYCLES)
def test_a_connection_serves_again_after_a_whole_answer(steps: Steps, again: bool) -> None:
    wire = after(POST)
    wire.begin(steps)
    for step in steps:
        wire.encode(step)
    assert wire.next_cycle() is again
    if again:
        wire.receive(GET)
        assert isinstance(wire.next_request(), ReceivedRequest)


def test_a_client_that_closes_is_not_served_again() -> None:
    wire = after(POST.replace(b"Host", b"Connection: close\r\nHost"))
    steps: Steps = [STREAM, Done()]
    wire.begin(steps)
    for step in steps:
        wire.encode(step)
    assert not wire.next_cycle()
