"""What a network or a server can do wrong, when, and what the caller gets: the table of tests and README alike.

Rule: a row says for every moment how a call ends. The tests play each row at each moment through every face, without a
socket and over one; ``fault_table`` writes the same rows as Markdown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from sseclaude import (
    AnthropicError,
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    IncompleteStreamError,
    InternalServerError,
    OverloadedError,
    ProtocolError,
    RateLimitError,
    ServiceUnavailableError,
)
from sseclaude.replay import (
    CloseDelimited,
    CutChunkHeader,
    Disconnect,
    Drip,
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
)
from tests.support.network import FRAMES

MOMENTS: dict[str, int | None] = {
    "before the headers": None,
    "before the first event": 0,
    "inside a block": 7,
    "between blocks": 5,
    "after message_delta": 10,
}
"""Each moment as the number of events of ``network.EVENTS`` that were sent by then."""

HEADERS, FIRST, INSIDE, BETWEEN, LATE = MOMENTS

COMPLETE = "the complete message"
Ending: TypeAlias = "type[AnthropicError] | str"
"""The exception, or ``COMPLETE``."""

Plan: TypeAlias = "Callable[[int | None], tuple[Fault, ...]]"


class Row(NamedTuple):
    """A fault, how it is played after so many events, how a call ends at each moment, and the text of the table."""

    fault: str
    plan: Plan
    endings: dict[str, Ending]
    outcome: str
    rule: str | None = None
    """The deviation that is noted when the message is complete, or the rule that the exception names."""


def _cut(before: type[AnthropicError] | None = APIConnectionError) -> dict[str, Ending]:
    """The ways in which a broken connection ends."""
    endings: dict[str, Ending] = {HEADERS: before} if before else {}
    return {**endings, **dict.fromkeys((FIRST, INSIDE, BETWEEN), IncompleteStreamError), LATE: COMPLETE}


def _any(ending: Ending, *moments: str) -> dict[str, Ending]:
    return dict.fromkeys(moments or (FIRST, INSIDE, BETWEEN, LATE), ending)


def _bytes(after: int | None) -> int:
    return sum(map(len, FRAMES[:after]))


PARTIAL = "with the partial message"
STOPPED = "Once `stop_reason` has come and every block is closed, the message is complete, with a deviation."

ROWS = [
    Row(
        "the server closes the connection",
        lambda after: (Disconnect(after_events=after),),
        _cut(),
        f"before the headers `APIConnectionError`, then `IncompleteStreamError` {PARTIAL}. {STOPPED}",
        "missing_message_stop",
    ),
    Row(
        "it closes its half only",
        lambda after: (Disconnect(after_events=after, how="half"),),
        _cut(),
        "the same",
        "missing_message_stop",
    ),
    Row(
        "it resets the connection",
        lambda after: (Stall(after, 0.05), Disconnect(after_events=after, how="reset")),
        _cut(),
        "the same; a reset may destroy bytes that were on their way",
        "missing_message_stop",
    ),
    Row(
        "it leaves inside a chunk's header",
        lambda after: (CutChunkHeader(after or 0),),
        _cut(None),
        "the same",
        "missing_message_stop",
    ),
    Row(
        "it leaves inside an event, even inside a character",
        lambda after: (Disconnect(after_bytes=_bytes(after) + len('event: content_block_delta\ndata: {"')),),
        {**_any(IncompleteStreamError, FIRST, INSIDE, BETWEEN), LATE: COMPLETE},
        "the same: an incomplete event is dropped",
        "missing_message_stop",
    ),
    Row(
        "the body ends early, as if it were complete",
        lambda after: (Truncate(_bytes(after)),),
        _cut(None),
        "the same",
        "missing_message_stop",
    ),
    Row(
        "it falls silent",
        lambda after: (Stall(after),),
        dict.fromkeys(MOMENTS, APITimeoutError),
        f"`APITimeoutError` {PARTIAL}, when `idle` or `total` runs out",
    ),
    Row(
        "an error status",
        lambda after: (Status(429),),
        {HEADERS: RateLimitError},
        "the class of the status, such as `RateLimitError`",
    ),
    Row(
        'an error status whose body is of another shape (text, HTML, `{"detail"}`, `{"message"}`)',
        lambda after: (Status(429, body=b'{"detail": "too many"}'),),
        {HEADERS: RateLimitError},
        "the class of the status; the text says what the server said, with method and address, credentials masked",
    ),
    Row(
        "an `error` event",
        lambda after: (Error("overloaded_error", after_events=after or 0),),
        _any(OverloadedError),
        f"the class of its type, such as `OverloadedError`, {PARTIAL}",
    ),
    Row(
        "an `error` event of unknown type",
        lambda after: (Error("mood_error", after_events=after or 0),),
        _any(APIStatusError),
        f"`APIStatusError` {PARTIAL}",
    ),
    Row(
        "an `error` event that is only text",
        lambda after: (Garbage(after or 0, b"event: error\ndata: upstream failed\n\n"),),
        _any(InternalServerError),
        f"`InternalServerError` {PARTIAL}, retryable",
    ),
    Row(
        "an error of another server inside the stream",
        lambda after: (Garbage(after or 0, b'data: {"object":"error","message":"busy","code":503}\n\n'),),
        _any(ServiceUnavailableError),
        f"the class of its number, such as `ServiceUnavailableError`, {PARTIAL}",
    ),
    Row(
        "an event that is not JSON",
        lambda after: (Garbage(after or 0),),
        _any(ProtocolError),
        "`ProtocolError` with the frame and the partial message",
        "malformed_json",
    ),
    Row(
        "bytes that are no event stream at all",
        lambda after: (Garbage(0, b"<html>busy</html>\n\n"),),
        {FIRST: ProtocolError},
        "`ProtocolError` with the content type and the first bytes",
        "not_an_event_stream",
    ),
    Row(
        "no `message_stop`",
        lambda after: (NoStop(),),
        {LATE: COMPLETE},
        "the complete message, with a deviation",
        "missing_message_stop",
    ),
    Row(
        "the last empty line is missing",
        lambda after: (NoBlankLine(),),
        {LATE: COMPLETE},
        "the same",
        "missing_message_stop",
    ),
    Row(
        "the wrong content type",
        lambda after: (WrongContentType(),),
        {HEADERS: COMPLETE},
        "the complete message, with a deviation",
        "wrong_content_type",
    ),
    Row("no content type", lambda after: (WrongContentType(None),), {HEADERS: COMPLETE}, "the complete message"),
    Row(
        "a body longer than its content-length",
        lambda after: (WrongContentLength(-len(FRAMES[-1])),),
        {LATE: COMPLETE},
        "what is within the length is read, as a body that ends there",
        "missing_message_stop",
    ),
    Row(
        "a body shorter than its content-length, after `message_stop`",
        lambda after: (WrongContentLength(10),),
        {LATE: COMPLETE},
        "the complete message",
    ),
    Row(
        "no length and no chunks (HTTP/1.0)",
        lambda after: (CloseDelimited(),),
        {HEADERS: COMPLETE},
        "the complete message",
    ),
    Row("a compressed body", lambda after: (Gzip(),), {HEADERS: COMPLETE}, "the complete message"),
    Row("a 1xx answer first", lambda after: (Informational(103),), {HEADERS: COMPLETE}, "the complete message"),
    Row("single bytes, slowly", lambda after: (Drip(1),), {HEADERS: COMPLETE}, "the complete message"),
    Row(
        "bytes after `message_stop`",
        lambda after: (Trailing(),),
        {LATE: COMPLETE},
        "the complete message, with a deviation if they are an event",
    ),
]

CASES = [(row, moment) for row in ROWS for moment in MOMENTS if moment in row.endings]


def fault_table() -> str:
    """Return the rows as a Markdown table."""
    rows = [(row.fault, row.outcome) for row in ROWS]
    return "\n".join(f"| {' | '.join(row)} |" for row in (("fault", "what you get"), ("---", "---"), *rows))
