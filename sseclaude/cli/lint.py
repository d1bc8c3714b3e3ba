"""The linter for streams: every rule that a stream breaks, and where.

Purpose: read recorded bytes to their end, and report each broken rule of ``deviations`` with its byte offset.
Must not know: files or formats.
Rule: one fault does not hide another: an event that cannot be read is reported and skipped, and reading continues.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..errors import APIStatusError, IncompleteStreamError, ProtocolError
from ..reader import StreamReader
from ..sse import BOM, SSEDecoder

INCOMPLETE = "incomplete_stream"
"""What is broken when the stream ends before the message: it has no name among the deviations, for nothing can be
forgiven there."""

FIELD_NAMES = "event and the JSON's type name the same thing"
ALWAYS_SENT = "every field that the API always sends"
ONE_BLOCK_AT_A_TIME = "a block's stop before the next block's start"
COUNTING_UP = "indices that count up from 0, one by one"
BLOCK_FIRST = "content_block_start before the first delta of its index"
ORDER = "message_start, blocks, message_delta, message_stop"
BYTES = "an event stream: lines of `event:` and `data:`, and empty lines"

EXPECTED: dict[str, str] = {
    "not_a_stream": BYTES,
    "wrong_content_type": "content-type: text/event-stream",
    "missing_event_field": "an `event:` line that names the JSON's type",
    "event_type_mismatch": FIELD_NAMES,
    "missing_type": "a `type` in the JSON",
    "missing_field": ALWAYS_SENT,
    "wrong_type": "a value of the field's type",
    "number_out_of_range": "a number that a double can hold, or an integer of at most 4,300 digits",
    "missing_message_start": "message_start as the first event",
    "repeated_message_start": "message_start once",
    "content_in_message_start": "an empty `content` in message_start",
    "overlapping_blocks": ONE_BLOCK_AT_A_TIME,
    "index_reused": COUNTING_UP,
    "index_gap": COUNTING_UP,
    "repeated_block_start": "one content_block_start for each block",
    "tool_id_reused": "an id of its own for each tool block",
    "delta_for_unopened_block": BLOCK_FIRST,
    "delta_block_mismatch": "a delta of the block's own kind",
    "missing_block_start": BLOCK_FIRST,
    "delta_not_taken": BLOCK_FIRST,
    "words_in_other_field": "words in the field of their delta's type",
    "tool_input_not_read": "a tool's input as input_json_delta with `partial_json`, a string",
    "stop_for_unopened_block": "content_block_stop for a block that is open",
    "thinking_after_signature": "the signature as the last delta of a thinking block",
    "empty_signature": "a signature that is not empty",
    "missing_signature": "a signature_delta before the stop of a thinking block",
    "block_open_at_message_delta": "every block stopped before message_delta",
    "usage_in_delta": "usage beside the delta of message_delta",
    "usage_back_to_zero": "totals: a count that came before is part of them",
    "content_after_message_delta": "no content after message_delta",
    "block_never_stopped": "content_block_stop for every block",
    "missing_message_delta": "message_delta with a stop_reason before message_stop",
    "missing_message_stop": "message_stop as the last event",
    "done_marker": "message_stop as the end mark",
    "event_after_message_stop": "nothing after message_stop",
    "malformed_json": "one JSON object as the event's data",
    "event_too_large": "an event within 16 MiB",
    "second_message": "one message in a stream",
    "tool_never_named": "content_block_start with the tool's name before its input",
    "nothing_to_stop": ORDER,
    "not_an_event_stream": BYTES,
    INCOMPLETE: ORDER,
}
"""What each rule asks for."""

FATAL = frozenset({"malformed_json", "event_too_large", "second_message", "tool_never_named", "nothing_to_stop",
                   "not_an_event_stream", INCOMPLETE})  # fmt: skip
"""The rules that a lenient reader refuses too."""

_line = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


class Finding(NamedTuple):
    """A broken rule: the byte at which the event begins, the event's number from 1, the rule, what was seen."""

    offset: int
    event: int
    rule: str
    detail: str

    @property
    def expected(self) -> str:
        """What the rule requires."""
        return EXPECTED.get(self.rule, "")

    @property
    def forgiven(self) -> bool:
        """Whether a lenient reader goes on."""
        return self.rule not in FATAL


class Frame(NamedTuple):
    """One event's bytes, with the comments before it; ``offset`` is where the event itself begins.

    ``is_event`` is False for what is unfinished at the end, and for a body that is no stream.
    """

    offset: int
    data: bytes
    is_event: bool


def frames(body: bytes) -> Iterator[Frame]:
    """Split a body after each event. The frames' bytes, joined, are the body."""
    decoder = SSEDecoder(max(len(body), 1))
    cut, begins = 0, None
    for line in _line.finditer(body):
        says = line[0].removeprefix(BOM if line.start() == 0 else b"").strip(b"\r\n")
        if begins is None and says and not says.startswith(b":"):
            begins = line.start()
        if decoder.feed(line[0]):
            yield Frame(begins or 0, body[cut : line.end()], True)
            cut = line.end()
        if not says:
            begins = None
    if cut < len(body):
        yield Frame(cut if begins is None else begins, body[cut:], False)


def lint(body: bytes) -> Iterator[Finding]:
    """Yield what is wrong with a stream, in order. The rules are those of strict mode."""
    reader = StreamReader()
    frame = Frame(0, b"", True)
    for frame in frames(body):
        try:
            reader.feed(frame.data)
        except ProtocolError as error:
            yield Finding(frame.offset, *_described(error, reader))
            return  # the decoder has given up: an event without end hides all that follows
        for found in _broken(reader):
            yield Finding(frame.offset, *found)
    reader.end()
    unfinished = len(body) if frame.is_event else frame.offset
    for found in _broken(reader):
        yield Finding(unfinished, *found)


def _broken(reader: StreamReader) -> Iterator[tuple[int, str, str]]:
    """Take the steps that are there and yield each rule that they break, with the event's number."""
    more = True
    while more:
        try:
            step = reader.step()
            more = bool(step and step[0])
        except (ProtocolError, IncompleteStreamError) as error:
            yield from _noted(reader)
            yield _described(error, reader)
            more = not isinstance(error, IncompleteStreamError) and error.rule != "not_an_event_stream"
        except APIStatusError:  # an error ends a stream by the rules; a lint has nothing to say of it
            more = bool(reader.frames)
        yield from _noted(reader)


def _noted(reader: StreamReader) -> Iterator[tuple[int, str, str]]:
    noted, reader.assembler.deviations = reader.assembler.deviations, []
    for deviation in noted:
        yield deviation.event_number, deviation.rule, deviation.detail


def _described(error: ProtocolError | IncompleteStreamError, reader: StreamReader) -> tuple[int, str, str]:
    rule, number = INCOMPLETE, None
    if isinstance(error, ProtocolError):
        rule, number = error.rule or INCOMPLETE, error.event_number
    last = reader.assembler.event_count
    return last if number is None else number, rule, error.message.removeprefix(f"{rule}: ")
