"""The whole core in one place: bytes in at one end, events and the message out at the other.

Purpose: ``StreamReader`` joins decoder, parser and assembler; ``iter_events``, ``aiter_events`` and ``assemble`` run it
over any iterable of bytes, so that any HTTP library will do.
Must not know: httpx, clocks or threads; it never waits, and holds back nothing that it could hand out.
Rule: one frame at a time. What an event says is applied when the caller comes to it, so that the message so far is
always the message at that event, and an error comes after everything that came before it.

Source: PROTOCOL.md, "How a stream ends" and "Bodies that are no stream".
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeAlias

from .assembler import MessageAssembler, State
from .block_builder import Changes
from .errors import FRAME_SHOWN, APIError, IncompleteStreamError, ProtocolError, error_object, event_error, is_error
from .event_json import DONE_MARKER, GROWS, read
from .events import (
    RawMessageStreamEvent,
    from_message,
    named,
    read_plain,
    to_sse,
)
from .message import Message
from .partial_json import PartialJSON
from .sse import BOM, DEFAULT_MAX_EVENT_BYTES, Fields, SSEDecoder

_field_line = re.compile(
    rb"\s*(:|(event|data|id|retry)[ \t]*(:|[\r\n]|$)|(e|ev|eve|even|d|da|dat|i|r|re|ret|retr)\Z)"  # or a name cut short
).match
DONE = State.DONE  # an enum's member is slow to look up, and this one is asked for at every event
NO_EVENT = ("", DONE_MARKER)
_NO_STREAM = (b"{", b"[", b"<")  # no line of an event stream that says anything begins so
MAX_BLANK_BYTES = 1024
"""Blank bytes that a body may begin with until it is taken for an event stream: not to be gathered for ever."""


Step: TypeAlias = tuple[dict[str, Any], Changes, "RawMessageStreamEvent | None"]
"""One event's JSON, what it changed, and the wire's event if that has been made.

The JSON is an empty object for the step that ends a stream without message_stop.
"""


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
        self.byte_count = 0
        self.wants_events = wants_events
        self._decoder = SSEDecoder(max_event_bytes)
        self.frames: deque[Fields] = deque()  # decoded, and not taken yet
        self.frame: Fields | None = None  # the one that was taken last
        self._content_type = content_type
        self._head: bytes | None = b""  # the body's first bytes, until it is clear what it is
        self._document: list[bytes] | None = None  # the body, if it is no event stream
        self._first = b""  # what the body began with, for an error to show
        self._decode: Callable[[bytes], list[Fields]] | None = None  # the decoder's, once all this is settled
        self._ended = False

    @property
    def done(self) -> bool:
        """Whether the message is whole."""
        return self.assembler.state is DONE

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body."""
        self.byte_count += len(chunk)
        try:
            self.frames.extend(self._begin(chunk) if self._decode is None else self._decode(chunk))
        except APIError as error:
            raise self.add_context(error) from None

    def end(self) -> None:
        """Say that the body has ended; the next steps take what is left, and then judge the end."""
        self._ended = True

    def step(self) -> Step | None:
        """Take the next event and return its JSON and what it changed; None when more bytes are needed.

        At the end of the body the last step has an empty object for its event, or raises what is wrong with the
        end. Every APIError carries the partial message, the progress and, if one is at fault, the frame.
        """
        if self.frames:
            return self.take()
        return self._step_at_end() if self._ended else None

    def take(self) -> Step:
        """Take the next event, of which there must be one."""
        self.frame = frame = self.frames.popleft()
        try:
            if self.wants_events and frame[0] == GROWS and (event := read_plain(frame[1])) is not None:
                body = {"type": GROWS, "index": event.index, "delta": event.delta.__dict__}
                return body, self.assembler.apply(body), event
            body = read(frame[1], frame[0], self._note_number)
            if body.get("type") != frame[0]:
                body = self._named(frame[0], body)
            return body, self.assembler.apply(body), None
        except APIError as error:
            raise self.add_context(error, frame) from error.__cause__

    def skim(self, chunk: bytes = b"") -> bool:
        """Take a chunk and all the steps that it allows, for a caller who looks at none: ``take`` in a loop.

        Says whether the message needs more.
        """
        if chunk:
            self.feed(chunk)
        frames, assembler, frame = self.frames, self.assembler, None
        try:
            while frames and assembler.state is not DONE:
                frame = frames.popleft()
                body = read(frame[1], frame[0], self._note_number)
                if body.get("type") != frame[0]:
                    body = self._named(frame[0], body)
                assembler.apply(body)
        except APIError as error:
            raise self.add_context(error, frame) from error.__cause__
        return assembler.state is not DONE

    def look_behind(self, rest: bytes = b"") -> None:
        """Look at what has come behind a whole message: it is noted and never handed out; strict refuses it."""
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

    # --- what the body is ---

    def _begin(self, chunk: bytes) -> list[Fields]:
        """Take bytes of a body's beginning: until it is clear what it is, and an error has enough to show."""
        if self._head is not None:
            return self._recognise(chunk)
        self._first = (self._first + chunk)[:FRAME_SHOWN]
        if self._document is not None:
            return self._gather(chunk)
        if len(self._first) == FRAME_SHOWN:
            self._decode = self._decoder.feed_fields
        return self._decoder.feed_fields(chunk)

    def _recognise(self, chunk: bytes) -> list[Fields]:
        """Tell an event stream from JSON and HTML by the first byte that says anything.

        Source: PROTOCOL.md, "Bodies that are no stream".
        """
        head = (self._head or b"") + chunk
        said = head.removeprefix(BOM).lstrip()
        if BOM.startswith(head) or (not said and len(head) < MAX_BLANK_BYTES):
            self._head = head
            return []
        self._head = None
        self._first = said[:FRAME_SHOWN]
        if said.startswith(_NO_STREAM) and len(head) - len(said) < MAX_BLANK_BYTES:
            self._document = []
            return self._gather(said)
        frames = self._decoder.feed_fields(head)
        self._check_content_type()
        return frames

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
            self._decoder.close()
            if not self.assembler.event_count and self._first.strip() and not _field_line(self._first):
                raise self._no_stream("is no event stream")
            self._check_ignored_line()
            return {}, self.assembler.close(), None
        except APIError as error:
            raise self.add_context(error) from error.__cause__

    def _check_ignored_line(self) -> None:
        """Raise the error that a server wrote into the stream as a line of JSON, without ``data:``."""
        line = self._decoder.ignored_line
        if line.startswith(b"{") and not self.done:
            with suppress(ProtocolError):
                if is_error(body := read(line)):
                    raise event_error(named("message", body))

    def _take_document(self, document: bytes) -> None:
        """Read a body that is one JSON document: a whole message, an error, or nothing of ours.

        Source: PROTOCOL.md, "Bodies that are no stream".
        """
        self._document = None
        try:
            body = read(document, "message", self._note_number)
        except ProtocolError:
            raise self._broken_document(document) from None
        if body.get("type") == "message" and isinstance(body.get("content"), list):
            self.assembler.note("not_a_stream", f"content type {self._content_type or 'unknown'}")
            self._content_type = None
            self.frames.extend(to_sse(event) for event in from_message(Message.from_wire(body)))
        elif error_object(body) or is_error(body):
            raise event_error(named("message", body))
        else:
            raise self._no_stream("is JSON, but no message")

    def _broken_document(self, document: bytes) -> APIError:
        text = PartialJSON()
        text.feed(document.decode("utf-8", "replace"))
        if text.complete:
            return self._no_stream("is JSON, but no message")
        if text.failed:
            return self._no_stream("is no event stream")
        return IncompleteStreamError("the response is one JSON document, and was cut")

    def _no_stream(self, what: str) -> ProtocolError:
        shown = self._first.decode("utf-8", "replace")
        kind = self._content_type or "no content type"
        return ProtocolError(f"the body {what} ({kind})", rule="not_an_event_stream", frame=shown)

    # --- what is noted, what is told ---

    def _note_number(self, place: str) -> None:
        self.assembler.note("number_out_of_range", place, ahead=1)

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
        error.progress = self.assembler.progress._replace(bytes=self.byte_count)
        if isinstance(error, ProtocolError) and frame is not None and error.frame is None:
            error.frame = error.body = frame[1].decode("utf-8", "replace")
        return error
