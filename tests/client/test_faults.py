"""The fault matrix: every fault at every moment, through every face, without a socket and over one."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sseclaude import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    IncompleteStreamError,
    ProtocolError,
    Timeout,
    assemble,
)
from sseclaude.replay import ReplayServer
from tests.support import network
from tests.support.fault_table import CASES, COMPLETE, FIRST, HEADERS, MOMENTS, ROWS, Row, fault_table
from tests.support.network import (
    CHUNKED,
    FACES,
    FRAMES,
    HEAD,
    KEY,
    LAST_CHUNK,
    STREAM,
    WORDS,
    Answer,
    Play,
    RawServer,
    ask,
    chunk,
)

IMPATIENT = Timeout(connect=5, idle=0.08)
IDS = [f"{row.fault}, {moment}" for row, moment in CASES]
MESSAGE = assemble([STREAM]).to_dict()


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer([STREAM], pace=None) as server:
        ask("sync", base_url=server.url)  # its own descriptors are open from here on
        yield server


def partial_of(events: int | None) -> Any:
    """What a message is after so many events, as JSON."""
    if not events:
        return None
    try:
        assemble(FRAMES[:events])
    except APIError as error:
        return error.partial_message and error.partial_message.to_dict()
    return MESSAGE


def patience(row: Row) -> Timeout:
    """Short clocks where they are to run out, long ones elsewhere."""
    return IMPATIENT if APITimeoutError in row.endings.values() else Timeout(connect=5, idle=5)


def check(row: Row, moment: str, got: Answer, *, exact: bool = True) -> None:
    """Hold an answer against its row."""
    expected, partial = row.endings[moment], partial_of(MOMENTS[moment])
    assert got.attempts == 1
    if expected == COMPLETE:
        assert (got.error, got.message and got.message.to_dict()) == (None, MESSAGE)
        assert got.rules == ([row.rule] if row.rule else got.rules)
        return
    error = got.error
    assert type(error) is expected
    assert isinstance(error, APIError)
    assert KEY not in str(error)
    assert pickle.loads(pickle.dumps(error)).message == error.message
    if moment == HEADERS:
        assert error.partial_message is None
        return
    assert error.request_id
    assert error.progress is not None
    assert error.progress.bytes or moment == FIRST
    if exact:
        assert (error.partial_message and error.partial_message.to_dict()) == partial
        assert "after" in str(error)
    if isinstance(error, ProtocolError):
        assert error.rule == row.rule
        assert error.frame
    if isinstance(error, APIStatusError):
        assert error.status_code in (200, 429, 500, 503, 529)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(("row", "moment"), CASES, ids=IDS)
def test_without_a_socket(row: Row, moment: str, face: str) -> None:
    transport = network.replayed(face, faults=[row.plan(MOMENTS[moment])])
    got = ask(face, http_client=network.http_client(face, transport), timeout=patience(row))
    check(row, moment, got)
    assert all(count == 1 for count in transport.counts)
    assert len(transport.counts) == (
        0 if moment == HEADERS and got.error and not row.fault.startswith("an error status") else 1
    )


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(("row", "moment"), CASES, ids=IDS)
def test_over_a_socket(row: Row, moment: str, face: str, server: ReplayServer) -> None:
    with network.nothing_left():
        server.faults.append(row.plan(MOMENTS[moment]))
        got = ask(face, base_url=server.url, timeout=patience(row))
        check(row, moment, got, exact="reset" not in row.fault)


@pytest.mark.parametrize("how", ["text", "events", "raw"])
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("events", [3, 7, 10])
def test_a_cut_is_told_however_the_stream_is_read(events: int, face: str, how: str) -> None:
    frames = FRAMES[:events]
    client = network.mocked(face, lambda request: network.answer(*frames, httpx.ReadError("cut")))
    got = ask(face, how, http_client=client)
    assert got.words == WORDS[: 7 if events == 3 else None]
    if events == 10:
        assert (got.error, got.rules) == (None, ["missing_message_stop"])
        return
    assert type(got.error) is IncompleteStreamError
    assert isinstance(got.error.__cause__, httpx.ReadError)
    assert "the connection was cut: ReadError: cut" in str(got.error)
    assert got.message is not None
    assert got.message.to_dict() == partial_of(events)
    tools = [block for block in got.message.content if block.type == "tool_use"]
    assert [tool.input_complete for tool in tools] == [False] * (events == 7)


# --- over sockets that do what no server does ------------------------------------------------------------------------

SPLIT = STREAM.index("ö".encode()) + 1
HALF = b"".join(FRAMES[:4])
CLOSED = HEAD + b"connection: close\r\n\r\n"

RAW: dict[str, tuple[Play, type[Exception] | None]] = {
    "reset before the headers": (["reset"], APIConnectionError),
    "reset inside the status line": ([b"HTTP/1.1 2", "reset"], APIConnectionError),
    "closed inside the headers": ([b"HTTP/1.1 200 OK\r\ncontent-ty"], APIConnectionError),
    "garbage instead of HTTP": ([b"\x16\x03\x01\x00\xffnot HTTP\r\n\r\n"], APIConnectionError),
    "reset inside the body": ([CHUNKED, chunk(HALF), 0.05, "reset"], IncompleteStreamError),
    "half-closed": ([CHUNKED, chunk(HALF), "half", "hold"], IncompleteStreamError),
    "stalled": ([CHUNKED, chunk(HALF), "hold"], APITimeoutError),
    "stalled in the headers": ([HEAD, "hold"], APITimeoutError),
    "cut inside a character": ([CLOSED, STREAM[:SPLIT]], IncompleteStreamError),
    "split inside a character": ([CHUNKED, chunk(STREAM[:SPLIT]), 0.01, chunk(STREAM[SPLIT:]), LAST_CHUNK], None),
    "cut inside a chunk's header": ([CHUNKED, chunk(HALF), b"1"], IncompleteStreamError),
    "cut inside a chunk": ([CHUNKED, chunk(HALF)[:-9]], IncompleteStreamError),
    "garbage for a chunk's header": ([CHUNKED, chunk(HALF), b"zz\r\n"], IncompleteStreamError),
    "a chunk's header without an end": ([CHUNKED, chunk(HALF), b"0" * 200_000], IncompleteStreamError),
    "content-length too large": ([HEAD + b"content-length: 99999\r\n\r\n", HALF], IncompleteStreamError),
    "content-length too small": ([HEAD + b"content-length: %d\r\n\r\n" % len(HALF), STREAM], IncompleteStreamError),
    "no content-length number": ([HEAD + b"content-length: x\r\n\r\n", STREAM], APIConnectionError),
    "HTTP/1.0 to the end": ([b"HTTP/1.0 200 OK\r\n\r\n" + STREAM], None),
    "HTTP/1.0 cut": ([b"HTTP/1.0 200 OK\r\n\r\n" + HALF], IncompleteStreamError),
    "1xx first": ([b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" * 3, CHUNKED, chunk(STREAM), LAST_CHUNK], None),
    "held open after message_stop": ([CHUNKED, chunk(STREAM), "hold"], None),
    "bytes behind the end": ([CHUNKED, chunk(STREAM), LAST_CHUNK, b"\x00garbage" * 99, "hold"], None),
    "an answer behind the end": ([CHUNKED, chunk(STREAM), LAST_CHUNK, CHUNKED, chunk(HALF), "hold"], None),
    "headers that never end": ([b"HTTP/1.1 200 OK\r\n", b"x: y\r\n" * 100_000, "hold"], APIConnectionError),
    "an upgrade": ([b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n", "hold"], APIError),
}


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("case", RAW)
def test_over_a_raw_socket(case: str, face: str) -> None:
    play, expected = RAW[case]
    with network.nothing_left(), RawServer(play) as server:
        got = ask(
            face, base_url=server.url, timeout=IMPATIENT if expected is APITimeoutError else Timeout(connect=5, idle=5)
        )
    if expected is None:
        assert got.error is None
        assert got.message is not None
        assert got.message.to_dict() == MESSAGE
    else:
        assert isinstance(got.error, expected)
        assert got.attempts == server.connections == 1
    if expected is IncompleteStreamError:
        assert got.message is not None
        assert (got.message.text, got.message.content[0].is_open) in [(WORDS, True), ("Hello, ", True)]


@pytest.mark.parametrize("face", FACES)
def test_single_bytes_come_to_the_same(face: str) -> None:
    play = [CHUNKED, *(chunk(STREAM[at : at + 1]) for at in range(len(STREAM))), LAST_CHUNK]
    with network.nothing_left(), RawServer(play) as server:
        assert ask(face, "text", base_url=server.url).words == WORDS


@pytest.mark.parametrize("face", FACES)
def test_what_is_told_before_a_retry_succeeds_is_nothing(face: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sseclaude.client.retries.INITIAL_BACKOFF", 0.0)
    cut: Play = [CHUNKED, chunk(FRAMES[0]), b"zz"]
    with network.nothing_left(), RawServer(cut, ["reset"], [CHUNKED, chunk(STREAM), LAST_CHUNK]) as server:
        got = ask(face, "text", base_url=server.url, max_retries=2)
    assert (got.words, got.attempts, server.connections) == (WORDS, 3, 3)


# --- the table -------------------------------------------------------------------------------------------------------


def test_every_row_is_in_the_table() -> None:
    table = fault_table()
    assert table.count("\n") == len(ROWS) + 1
    assert all(row.fault in table for row in ROWS)
    assert {moment for row in ROWS for moment in row.endings} == set(MOMENTS)
    assert FIRST in MOMENTS
