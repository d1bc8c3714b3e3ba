"""The reader of a response body: from bytes to events and the message.

Purpose: ``StreamReader`` connects decoder, parser and assembler, and recognises bodies that are no event stream.
Must not know: httpx, timeouts or threads; it never waits, and returns each event as soon as it is complete.
Rule: one frame at a time. An event is applied when the caller takes its step, so that the message so far is always the
message at that event, and an error is raised after all events before it were returned.

The number of an event is the number of its frame: every frame with a data line counts from 1, those that are refused,
empty ones and those after message_stop included. A fault that is in no event has the number of the event before it: the
end of the stream that of the last event, the content type and a document 0. The events of a document count from 1.

Source: PROTOCOL.md, "How a stream ends", "Bodies that are no stream" and "Deviations".
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from .assembler import MessageAssembler, State
from .block_builder import Changes
from .content import as_block
from .content.checks import REQUIRED, missing
from .derived_events import MessageStreamEvent, events_of, wire_event
from .errors import FRAME_SHOWN, APIError, IncompleteStreamError, ProtocolError, error_object, event_error, is_error
from .event_json import GROWS, NO_EVENT, read
from .events import (
    RawMessageStreamEvent,
    from_message,
    named,
    read_plain,
    to_sse,
)
from .fast.likely_delta import LikelyDelta
from .message import Message
from .sse import BOM, DEFAULT_MAX_EVENT_BYTES, IGNORED_KEPT, Fields, SSEDecoder

_FIELD_LINE = (
    rb"(:|(event|data|id|retry)(:|[\r\n]|\Z)|(e|ev|eve|even|d|da|dat|i|r|re|ret|retr)\Z)"  # or a name cut short
)
_RUN_ON_LINE = rb"event:[^\r\n]*data:"
NOT_A_STREAM = "not_an_event_stream"
DONE = State.DONE  # an enum's member is slow to look up, and this one is asked for at every event
_NO_STREAM = (b"{", b"[", b"<")  # no line of an event stream that says anything begins so
MAX_BLANK_BYTES = 1024
"""Blank bytes that a body may begin with until it is taken for an event stream: not to be gathered for ever."""

KEPT_BYTES = 1024
"""Bytes of a body's beginning that are kept, so that an error can say what it was."""

REFUSED_FRAMES = ("malformed_json", "event_too_large")
"""Rules by which a frame is refused before the assembler has seen it."""

Step: TypeAlias = tuple[dict[str, Any], Changes, "RawMessageStreamEvent | None"]
"""One event's JSON, what it changed, and the wire's event if that has been made.

The JSON is an empty object for the step that ends a stream without message_stop.
"""

ShortStep: TypeAlias = "Step | str"
"""A step, or in its place the text that ``LikelyDelta.take`` returned: ``StreamReader.full`` makes the step of it."""


class StreamReader:
    """Reads one response body. ``feed`` it chunks, ``end`` it, and take ``step`` after ``step``.

    ``content_type`` is the response's, None where there is none to check (a file, a test). ``wants_events`` says that
    the caller uses the steps' events: then a plain delta is read straight to its event.
    """

    def __init__(
        self,
        strict: bool = False,
        *,
        max_event_bytes: int = DEFAULT_MAX_EVENT_BYTES,
        content_type: str | None = None,
        output_format: Any = None,
        wants_events: bool = False,
    ) -> None:
        self.assembler = MessageAssembler(strict, output_format=output_format)
        self.wants_events = wants_events
        self._decoder = SSEDecoder(max_event_bytes)
        self.frames: deque[Any] = deque()  # decoded, and not taken yet
        self._frame: Fields | None = None  # the one that was taken last
        self._content_type = content_type
        self._head: bytes | None = b""  # the body's first bytes, until it is clear what it is
        self._fed_bytes = 0
        self._document: list[bytes] | None = None  # the body, if it is no event stream
        self._first = b""  # what the body began with, for an error to show
        self._decode: Callable[[bytes], list[Fields]] | None = None  # the decoder's, once all this is settled
        self.ended = False
        self.likely = LikelyDelta(self.assembler, max_event_bytes)
        self._alone = b""  # the last chunk, if it held one frame and nothing else

    @property
    def done(self) -> bool:
        """Whether the message is complete."""
        return self.assembler.state is DONE

    @property
    def byte_count(self) -> int:
        """How many bytes have come."""
        return self._fed_bytes + self.likely.byte_count

    @property
    def frame(self) -> Fields | None:
        """The frame of the event that was taken last."""
        frame, data = self._frame, self.likely.data
        return frame if data is None or frame is None else (GROWS, data, frame[2], None)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body."""
        self._fed_bytes += len(chunk)
        self.likely.is_between_events = False
        try:
            self.frames.extend(self._begin(chunk) if self._decode is None else self._decode(chunk))
        except APIError as error:
            raise self.add_context(error) from None
        self._alone = chunk if len(self.frames) == 1 else b""

    def end(self) -> None:
        """Say that the body has ended; the next steps take what is left, and then judge the end."""
        self.ended = True

    def step(self) -> Step | None:
        """Take the next event and return its JSON and what it changed; None when more bytes are needed.

        At the end of the body the last step has an empty object for its event, or raises what is wrong with the
        end. Every APIError carries the partial message, the progress and, if one is at fault, the frame.
        """
        if self.frames:
            return self.take()
        return self._step_at_end() if self.ended else None

    def take(self) -> Step:
        """Take the next event, of which there must be one."""
        self._frame = frame = self.frames.popleft()
        self.likely.forget()
        noted = len(self.assembler.deviations)
        try:
            if self.wants_events and frame[0] == GROWS and (event := read_plain(frame[1])) is not None:
                body = {"type": GROWS, "index": event.index, "delta": _sent(event.delta)}
            else:
                body, event = self._body(frame), None
            changes = self.assembler.apply(body)
        except APIError as error:
            raise self.add_context(error, frame) from error.__cause__
        if noted == len(self.assembler.deviations):
            self.likely.learn(self._alone, frame, body, changes)
        return body, changes, event

    def short_step(self) -> ShortStep | None:
        """Take the next event as ``step`` does, and return of the likely one its text."""
        if not self.frames:
            return self.step()
        text = self.likely.take_frame(self.frames[0], self._alone)
        if text is None:
            return self.take()
        self._frame = self.frames.popleft()
        return text

    def skim(self) -> bool:
        """Take all steps that what has come allows, for a caller who needs none; say whether the message needs more."""
        assembler = self.assembler
        while self.frames and assembler.state is not DONE:
            self.short_step()
        return assembler.state is not DONE

    def full(self, step: ShortStep, event: RawMessageStreamEvent | None = None) -> Step:
        """Return the step that was taken last, as ``step`` would have returned it; its event only if it is given."""
        return step if not isinstance(step, str) else (*self.likely.step(step), event)

    def wire_event(self, step: ShortStep) -> RawMessageStreamEvent | None:
        """Return the wire's event of the step that was taken last; None if the step has none."""
        return self.likely.event(step) if isinstance(step, str) else step[2] or wire_event(step[0])

    def events(self, step: ShortStep) -> list[MessageStreamEvent]:
        """Return the wire's event of the step that was taken last, and what it means."""
        return self.likely.events(step) if isinstance(step, str) else events_of(step)

    def _body(self, frame: Fields) -> dict[str, Any]:
        """Return the JSON object of a frame, under the type that it has."""
        kind, data, _, _ = frame
        body = read(data, kind, self.assembler.lose_number)
        return body if body.get("type") == kind else self._named(kind, body)

    def look_behind(self, rest: bytes = b"") -> None:
        """Look at what has come behind a complete message: it is noted and never returned; strict refuses it.

        An event beyond the bound ends this: nothing is decoded after it.
        """
        while rest or self.frames:
            chunk, rest = rest, b""
            try:
                if chunk:
                    self.feed(chunk)
                else:
                    self.step()
            except APIError:
                if self.assembler.strict:
                    raise
        if self.assembler.strict:
            self.feed(b"")  # raises the decoder's failure, if events that came before it were returned in its place

    # --- what the body is ---

    def _begin(self, chunk: bytes) -> list[Fields]:
        """Take bytes of a body's beginning: until it is clear what it is, and an error has enough to show."""
        if self._head is not None:
            return self._recognise(chunk)
        self._first = _beginning(self._first + chunk)
        if self._document is not None:
            return self._gather(chunk)
        if len(self._first) == KEPT_BYTES:
            self._decode = self._decoder.feed_fields
        return self._decoder.feed_fields(chunk)

    def _recognise(self, chunk: bytes) -> list[Fields]:
        """Distinguish an event stream from JSON and HTML by the first byte that is not blank.

        Source: PROTOCOL.md, "Bodies that are no stream".
        """
        head = (self._head or b"") + chunk
        text = head.removeprefix(BOM)
        said = text.lstrip()
        if BOM.startswith(head) or (not said and len(head) < MAX_BLANK_BYTES):
            self._head = head
            return []
        self._head = None
        self._first = said[:KEPT_BYTES]
        if said.startswith(_NO_STREAM) and len(head) - len(said) < MAX_BLANK_BYTES:
            self._document = []
            return self._gather(said)
        self._first = _beginning(text)
        self._check_content_type()
        return self._decoder.feed_fields(head)

    def _check_content_type(self) -> None:
        """Note an event stream that came under another name (PROTOCOL.md, "The response")."""
        if self._content_type is not None and "text/event-stream" not in self._content_type.lower():
            self.assembler.note("wrong_content_type", self._content_type or "none")

    def _gather(self, chunk: bytes) -> list[Fields]:
        assert self._document is not None
        self._document.append(chunk)
        if self.byte_count > self._decoder.max_event_bytes:
            raise self._no_stream(f"is larger than {self._decoder.max_event_bytes} bytes")
        return []

    def _step_at_end(self) -> Step | None:
        try:
            if self._document is not None:
                self._take_document(b"".join(self._document))
                return self.step()
            self._check_ignored_line()
            self._look_at_lines()
            self._decoder.close()
            return {}, self.assembler.close(), None
        except APIError as error:
            raise self.add_context(error) from error.__cause__

    def _check_ignored_line(self) -> None:
        """Raise the error that a server wrote into the stream as a line of JSON, without ``data:``; the last line may
        lack its end."""
        line = self._unfinished() or self._decoder.ignored_line
        if line.startswith(b"{") and not self.done:
            with suppress(ProtocolError):
                if is_error(body := read(line)):
                    raise event_error(named("message", body))

    def _unfinished(self) -> bytes:
        """Return the body's last line, if no line end has ended it; b"" if it is blank or the beginning of a field."""
        line = self._decoder.pending_line
        return line if line.strip() and not re.match(_FIELD_LINE, line) else b""

    def _look_at_lines(self) -> None:
        """Refuse a body in whose lines there was no event; of lines among events that are none of its own, keep the
        first for the error at the end."""
        ignored, pending = self._decoder.first_ignored, self._decoder.pending_data
        fault = ""
        if ignored:
            fault = f"the line {ignored.decode('utf-8', 'replace')!r} is no field"
        elif _is_run_together(pending):
            fault = "no empty line ends its events"
        first = _first_line_on(self._first)
        if not fault and re.match(_RUN_ON_LINE, first):
            fault = "no line end ends its fields"
        if not self.assembler.event_count and first and (fault or not re.match(_FIELD_LINE, first)):
            raise self._no_stream("is no event stream" + (f": {fault}" if fault else ""))
        if not fault and (line := self._unfinished()):
            fault = f"the line {line[:IGNORED_KEPT].decode('utf-8', 'replace')!r} is no field"
        if fault:
            self.assembler.did_not_understand(fault)

    def _take_document(self, document: bytes) -> None:
        """Read a body that is one JSON document: a complete message, an error, or nothing of ours.

        Source: PROTOCOL.md, "Bodies that are no stream".
        """
        self._document = None
        lost: list[str] = []
        try:
            body = read(document, "message", lost.append)
        except ProtocolError:
            raise self._broken_document(document) from None
        for place in lost:
            self.assembler.note("number_out_of_range", place)
        if body.get("type") == "message" and isinstance(body.get("content"), list | str):
            self.assembler.note("not_a_stream", f"content type {self._content_type or 'unknown'}")
            self._content_type = None
            for field in missing(body, REQUIRED["message"]):
                self.assembler.note("missing_field", f"message.{field}")
            body["content"] = self._blocks_of(body["content"])
            self.assembler.expect_lossy(_lossy_blocks(body["content"], lost))
            self.frames.extend(to_sse(event) for event in from_message(Message.from_wire(body)))
        elif error_object(body) or is_error(body):
            raise event_error(named("message", body))
        else:
            raise self._no_stream("is JSON, but no message")

    def _blocks_of(self, content: list[Any] | str) -> list[Any]:
        """Return a document's content as blocks: words that are no block become one, and are noted."""
        if isinstance(content, str):
            self.assembler.note("wrong_type", "message.content: a string")
            return [as_block(content)]
        for at, block in enumerate(content):
            if not isinstance(block, Mapping):
                self.assembler.note("wrong_type", f"message.content.{at}: {type(block).__name__}")
        return [as_block(block) for block in content]

    def _broken_document(self, document: bytes) -> APIError:
        from .partial_json import PartialJSON

        text = PartialJSON()
        text.feed(document.decode("utf-8", "replace"))
        if text.complete:
            return self._no_stream("is JSON, but no message")
        if text.failed:
            return self._no_stream("is no event stream")
        return IncompleteStreamError("the response is one JSON document, and was cut")

    def _no_stream(self, what: str) -> ProtocolError:
        kind = self._content_type or "no content type"
        return ProtocolError(f"the body {what} ({kind})", rule=NOT_A_STREAM)

    # --- what is noted, and what errors carry ---

    def _named(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """Settle what an event is when its ``event:`` line and its JSON do not agree: the JSON decides.

        Source: PROTOCOL.md, "Events".
        """
        own = body.get("type")
        if own in NO_EVENT:
            return body
        if not isinstance(own, str):
            self.assembler.note("missing_type", f"event: {kind}", ahead=1)
        elif kind == "message":
            self.assembler.note("missing_event_field", own, ahead=1)
        else:
            self.assembler.note("event_type_mismatch", f"event: {kind}, type: {own}", ahead=1)
        return named(kind, body)

    def add_context(self, error: APIError, frame: Fields | None = None) -> APIError:
        """Give an error what had arrived by now, and the frame at fault."""
        self.assembler.add_context(error)
        if isinstance(error, ProtocolError):
            self._add_frame(error, frame)
        error.progress = self.assembler.progress._replace(bytes=self.byte_count)
        return error

    def _add_frame(self, error: ProtocolError, frame: Fields | None) -> None:
        """Give an error the frame at fault, or the body's beginning; number a frame that was refused."""
        if error.rule in REFUSED_FRAMES and error.event_number is None:
            error.event_number = self.assembler.count_refused(waiting=0 if frame is not None else len(self.frames))
        if error.frame is None and error.rule == NOT_A_STREAM:
            error.frame = error.body = self._first[:FRAME_SHOWN].decode("utf-8", "replace")
        elif error.frame is None and frame is not None:
            error.frame = error.body = frame[1].decode("utf-8", "replace")


def _lossy_blocks(content: list[Any], lost: list[str]) -> Iterator[int]:
    """Yield the indices of a document's blocks, as its events number them, in whose input a number became null."""
    inputs = {found[1] for place in lost if (found := _input_of_block(place))}
    blocks = (str(at) for at, block in enumerate(content) if isinstance(block, Mapping))
    return (index for index, at in enumerate(blocks) if at in inputs)


_input_of_block = re.compile(r"content\.(\d+)\.input(?:\.|\Z)").match


def _beginning(body: bytes) -> bytes:
    """Return what is kept of a body's beginning, from its first line that is not blank; of blanks alone the last."""
    return _first_line_on(body)[:KEPT_BYTES] or body[-1:]


def _first_line_on(text: bytes) -> bytes:
    """Return a text from its first line that is not blank, with one blank of its indentation if it has any."""
    said = text.lstrip()
    begins = len(text) - len(said)
    return text[begins - 1 :] if said and begins and text[begins - 1] not in b"\r\n" else said


def _sent(delta: Any) -> dict[str, Any]:
    """Return a plain delta's JSON: its fields without the defaults of those that were not sent."""
    fields: dict[str, Any] = delta.__dict__
    return fields if len(fields) == PLAIN_FIELDS else {name: fields[name] for name in delta.model_fields_set}


PLAIN_FIELDS = 2
"""The fields of a plain delta: its type, and its string."""


def _is_run_together(data: bytes) -> bool:
    """Return whether the lines of an event that no empty line has ended are events of their own."""
    first, _, behind = data.partition(b"\n")
    if not behind:
        return False
    try:
        read(first)
    except ProtocolError:
        return False
    return bool(first.decode("utf-8", "replace").strip())  # an event of white space is empty
