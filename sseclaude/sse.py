"""The event stream: from bytes to server-sent events, and back.

Purpose: the parser of WHATWG HTML, "Server-sent events", 9.2.5 (parsing) and 9.2.6 (interpretation).
Must not know: Claude, JSON or the network. It is fed bytes, cut anywhere, and never waits for more.
Rule: an event is returned with the byte that completes it, and each byte is examined a bounded number of times.

The format in short. A stream is lines, ended by LF, CR or CRLF and by nothing else. A line is a field, a colon and
a value, with one space after the colon dropped; without a colon the complete line is the field's name. A line that
begins with a colon is a comment. An empty line dispatches the event:

    event: greeting            the event's type ("message" when it is not given)
    data: hello                its data; further data lines are joined with LF
    id: 7                      remembered, and given to every later event too
                               (an empty line: here the event is dispatched)

Decoding works on bytes, for the separators are ASCII and UTF-8 never hides an ASCII byte inside a character. Text is
decoded when it is used. Source: PROTOCOL.md, "The event stream".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter
from typing import Protocol, TypeAlias

from .errors import ProtocolError

BOM = b"\xef\xbb\xbf"
LF, CR = b"\n\r"  # as numbers: to look for one byte in bytes is cheaper than to look for bytes of one

DEFAULT_MAX_EVENT_BYTES = 16 * 1024 * 1024
"""Bytes one event may hold. The largest real ones (files, search results) stay well under a tenth of it."""


Fields: TypeAlias = tuple[str, bytes, str, "int | None"]
"""What an event is made of: its type, its data as bytes, the id, the reconnection time."""


class ServerSentEvent(Fields):
    """One event: ``event`` (its type), ``data``, ``id`` (the last one seen) and ``retry`` in milliseconds, or None.

    ``raw`` is the data as bytes, exactly as it came; ``data`` is its text, decoded when it is asked for, with
    U+FFFD where it is not UTF-8 (9.2.5: "decode"). An event is a tuple inside, so it cannot change, and it costs
    one allocation.
    """

    __slots__ = ()

    def __new__(cls, event: str = "message", data: str = "", id: str = "", retry: int | None = None) -> ServerSentEvent:
        """Make an event of text."""
        # Lone surrogates have no UTF-8; their bytes are kept so that encode() can name them.
        return tuple.__new__(cls, (event, data.encode("utf-8", "surrogatepass"), id, retry))

    event: str = property(itemgetter(0))  # type: ignore[assignment]
    raw: bytes = property(itemgetter(1))  # type: ignore[assignment]
    id: str = property(itemgetter(2))  # type: ignore[assignment]
    retry: int | None = property(itemgetter(3))  # type: ignore[assignment]

    @property
    def data(self) -> str:
        """The event's data as text."""
        return self.raw.decode("utf-8", "replace")

    def __getnewargs__(self) -> tuple[str, str, str, int | None]:
        return self.event, self.data, self.id, self.retry

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ServerSentEvent) and self.__getnewargs__() == other.__getnewargs__()

    def __ne__(self, other: object) -> bool:
        return not self == other  # a tuple's own would compare the bytes

    def __hash__(self) -> int:
        return hash(self.__getnewargs__())

    def __repr__(self) -> str:
        return f"ServerSentEvent(event={self.event!r}, data={self.data!r}, id={self.id!r}, retry={self.retry!r})"


_new_event = tuple.__new__


class SSEDecoder:
    """Decodes an event stream: ``feed`` it bytes as they come, ``close`` it at the end.

    ``max_event_bytes`` bounds what one event may hold, its unfinished line included; beyond it ``feed`` raises
    ProtocolError. ``last_event_id`` and ``reconnection_time`` (milliseconds) are what the stream has set so far;
    ``ignored_line`` is the last line that was of no known field, for an error to quote.
    Source: PROTOCOL.md, "The event stream".
    """

    def __init__(self, max_event_bytes: int = DEFAULT_MAX_EVENT_BYTES) -> None:
        self.max_event_bytes = max_event_bytes
        self.last_event_id = ""
        self.reconnection_time: int | None = None
        self.first_ignored = b""  # the first line that is no field of 9.2.6, for a caller who finds no events
        self._line = bytearray()  # the unfinished line: grows in place, and needs no more memory than it has bytes
        self._line_size = 0
        self._in_comment = False  # the unfinished line is a comment: nothing of it is kept
        self._after_cr = False  # the last line ended with CR: an LF that comes next belongs to it
        self._head: bytes | None = b""  # what has come of a possible BOM; None once that is settled
        self._failure: ProtocolError | None = None
        self._closed = False
        self.ignored_line = b""  # the last line that is neither a field nor a comment, as far as it is kept
        self._kinds: dict[bytes, str] = {}  # the `event:` lines seen, and the types they set
        self._between_events = False  # settled, with nothing gathered: a plain event may be taken at once
        self._forget()

    def _forget(self) -> None:
        """Start the next event (9.2.6: set the data and event type buffers to the empty string)."""
        self._type = b""
        self._data: bytes | bytearray | None = None  # one line as it came; more grow in place
        self._retry: int | None = None

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Decode the next bytes and return the events that they complete.

        Raises ProtocolError when an event grows beyond ``max_event_bytes``; events that were complete before it
        are returned first, and the error comes with the next call.
        """
        return [_new_event(ServerSentEvent, fields) for fields in self.feed_fields(chunk)]

    def feed_fields(self, chunk: bytes) -> list[Fields]:
        """Do what ``feed`` does, and return the events' fields alone, for a reader who needs no more."""
        events: list[Fields] = []
        if self._between_events and len(chunk) <= self.max_event_bytes:
            # What a live stream nearly always brings: one plain event, alone.
            first, _, rest = chunk.partition(b"\ndata: ")
            kind, data = self._kinds.get(first), rest[:-2]
            if kind is not None and rest[-2:] == b"\n\n" and LF not in data and CR not in data:
                return [(kind, data, self.last_event_id, None)]
            chunk = self._read_plain(chunk, events)
            if not chunk:
                return events
        try:
            self._read(chunk, events)
        except ProtocolError as failure:
            self._failure = failure
            self._between_events = False
            if not events:
                raise
        return events

    def _read_plain(self, chunk: bytes, events: list[Fields]) -> bytes:
        """Take plain events off the front of a chunk and return what is left for the careful way.

        Plain is what nearly every server sends: a type, one line of data, LF. Such events are taken three lines at a
        time; the first that is otherwise leaves the rest of its chunk to the careful way.
        """
        if CR in chunk:
            return chunk
        lines = chunk.split(b"\n")
        rest = lines.pop()
        each, taken = iter(lines), 0
        for first, second, third in zip(each, each, each, strict=False):  # what is left over is no complete event
            kind = self._kinds.get(first) or self._learn(first)
            if kind is None or third or second[:6] != b"data: ":
                break
            events.append((kind, second[6:], self.last_event_id, None))
            taken += 3
        return chunk[sum(map(len, lines[:taken])) + taken :] if taken < len(lines) else rest

    def _learn(self, line: bytes) -> str | None:
        """Return the type that an ``event:`` line sets, None if it is none; a stream has few of them, so keep it."""
        if not line.startswith(b"event: ") or line == b"event: ":
            return None
        kind = line[7:].decode("utf-8", "replace")
        if len(self._kinds) < KINDS_KEPT and len(line) < KINDS_KEPT:
            self._kinds[line] = kind
        return kind

    def _read(self, chunk: bytes, events: list[Fields]) -> None:
        """Take a chunk that is cut anywhere, at any state."""
        if self._failure is not None:
            raise self._failure
        if self._closed:
            raise ValueError("feed() after close()")
        if self._head is not None:
            chunk = self._skip_bom(chunk)
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if (end := chunk.find(b"\n\n") + 2) > 1 and len(chunk) <= self.max_event_bytes:
            # The open event ends here at the latest; after it plain events can be read in the fast way again.
            self._read_lines(chunk[:end], events)
            chunk = self._read_plain(chunk[end:], events)
        if chunk:
            self._read_lines(chunk, events)
        self._between_events = self._head is None and not (
            self._line_size or self._data is not None or self._type or self._after_cr or self._retry is not None
        )

    def close(self) -> None:
        """End the stream. What is unfinished is dropped (9.2.6: "discard"). Raises a failure not yet raised."""
        self._closed = True
        self._between_events = False
        self._line.clear()
        self._forget()
        if self._failure is not None:
            raise self._failure

    @property
    def pending_data(self) -> bytes:
        """The data of the event that no empty line has ended yet."""
        return bytes(self._data or b"")

    @property
    def pending_line(self) -> bytes:
        """The line that no line end has ended yet; empty for a comment."""
        return bytes(self._line)

    def _skip_bom(self, chunk: bytes) -> bytes:
        """Drop one leading byte order mark, even if its bytes arrive apart (9.2.5, first step)."""
        chunk = (self._head or b"") + chunk
        if len(chunk) < len(BOM) and BOM.startswith(chunk):
            self._head = chunk
            return b""
        self._head = None
        return chunk.removeprefix(BOM)

    def _read_lines(self, chunk: bytes, events: list[Fields]) -> None:
        """Split a chunk into lines, finishing the pending one first and keeping the last if it is open."""
        lines = chunk.splitlines()  # of bytes: at LF, CR and CRLF, and nowhere else
        ending = chunk[-1]
        rest = None if ending in b"\r\n" else lines.pop()
        tight = self._line_size + len(chunk) + len(self._data or b"") > self.max_event_bytes
        if lines and self._line_size:
            self._keep(lines[0])
            lines[0] = b":" if self._in_comment else bytes(self._line)
            self._line.clear()
            self._line_size = 0
            self._in_comment = False
        for line in lines:
            if line:
                if tight and not line.startswith(b":"):
                    self._check_size(line)
                self._read_field(line)
            else:
                self._dispatch(events)
        self._after_cr = ending == CR
        if rest is not None:
            self._keep(rest)

    def _keep(self, fragment: bytes) -> None:
        """Add to the unfinished line; a comment's text is not worth keeping, however long it grows."""
        if not self._line_size and fragment:
            self._in_comment = fragment.startswith(b":")
        self._line_size += len(fragment)
        if self._in_comment:
            return
        self._line += fragment
        self._check_size(self._line)

    def _read_field(self, line: bytes) -> None:
        """Process one line (9.2.6): comments and unknown fields are ignored."""
        if line.startswith(b"data: "):  # the field that nearly every line is, in its usual spelling
            self._add_data(line[6:])
            return
        name, _, value = line.partition(b":")
        field = FIELDS.get(name)
        if field is not None:
            field(self, value[1:] if value.startswith(b" ") else value)
        elif name and line.strip():
            self.ignored_line = line[:LINE_KEPT]
            self.first_ignored = self.first_ignored or line[:IGNORED_KEPT]

    def _set_type(self, value: bytes) -> None:
        self._type = value

    def _add_data(self, value: bytes) -> None:
        if self._data is None:
            self._data = value
            return
        if isinstance(self._data, bytes):
            self._data = bytearray(self._data)
        self._data += b"\n"
        self._data += value

    def _set_id(self, value: bytes) -> None:
        if b"\0" not in value:
            self.last_event_id = value.decode("utf-8", "replace")

    def _set_retry(self, value: bytes) -> None:
        if value.isdigit() and len(value) <= MAX_RETRY_DIGITS:  # bytes.isdigit() knows ASCII digits only
            self._retry = self.reconnection_time = int(value)

    def _dispatch(self, events: list[Fields]) -> None:
        """Dispatch the event (9.2.6): without a data line there is none, and its type is forgotten."""
        if self._data is not None:
            raw = bytes(self._data)  # no copy of what is bytes already
            kind = self._type.decode("utf-8", "replace") if self._type else "message"
            events.append((kind, raw, self.last_event_id, self._retry))
        self._forget()

    def _check_size(self, line: bytes | bytearray) -> None:
        """Refuse a line that makes the event too large; its size counts alike in one chunk or in several."""
        if len(self._data or b"") + len(line) > self.max_event_bytes:
            frame = bytes((self._data or line)[:FRAME_KEPT]).decode("utf-8", "replace")
            self._line.clear()
            self._forget()
            raise ProtocolError(
                f"an event is larger than max_event_bytes={self.max_event_bytes}", rule="event_too_large", frame=frame
            )


KINDS_KEPT = 64
"""Event lines that a decoder remembers, and the bytes that one may have: the protocol has nine, of 26 at most."""

MAX_RETRY_DIGITS = 18
"""A reconnection time of more digits than this (30 million years) is taken for garbage."""

LINE_KEPT = 4096
"""Bytes of an ignored line that a decoder keeps: an error's JSON may stand in it."""

IGNORED_KEPT = 200
"""Bytes of the first ignored line that are kept, for an error to quote."""

FRAME_KEPT = 1024
"""Bytes of an oversized event that its error keeps."""

FIELDS: dict[bytes, Callable[[SSEDecoder, bytes], None]] = {
    b"event": SSEDecoder._set_type,
    b"data": SSEDecoder._add_data,
    b"id": SSEDecoder._set_id,
    b"retry": SSEDecoder._set_retry,
}
"""The four fields of 9.2.6. Every other name, the empty one of a comment included, is ignored."""


SURROGATE = re.compile(rb"\xed[\xa0-\xbf]").search
"""Finds a surrogate by the bytes it would have in UTF-8, which has none."""


class Encodable(Protocol):
    """An event of another kind that knows the server-sent event which carries it, or that none does."""

    def to_sse(self) -> ServerSentEvent | None:
        """Return the event to write."""


def encode(event: ServerSentEvent | Encodable) -> bytes:
    """Write one event as bytes that decode to the same event.

    An event of the wire or of a stream (``events``, ``derived_events``) is written as the wire's event: the two stops
    lose the block and the message that they carry here, and derived events give no bytes.

    Raises ValueError for what the format cannot carry: an empty type, a CR in data (it would come back as LF), a line
    end in the type or the id, NUL in the id, a lone surrogate, a negative ``retry``.
    Source: PROTOCOL.md, "The event stream".
    """
    if not isinstance(event, ServerSentEvent):
        carried = event.to_sse()
        return b"" if carried is None else encode(carried)
    if not event.event:
        raise ValueError("event cannot be empty in an event stream: it would come back as 'message'")
    _refuse("event", event.event, "\r\n")
    _refuse("id", event.id, "\r\n\0")
    _refuse("data", event.data, "\r")
    if SURROGATE(event.raw):
        raise ValueError(f"data cannot hold a lone surrogate in an event stream: {event.data[:80]!r}")
    lines = [] if event.event == "message" else [f"event: {event.event}"]
    lines += [f"id: {event.id}"] if event.id else []
    if event.retry is not None:
        if event.retry < 0:
            raise ValueError(f"retry cannot be negative: {event.retry}")
        lines.append(f"retry: {event.retry}")
    lines += [f"data: {line}" for line in event.data.split("\n")]
    return ("\n".join(lines) + "\n\n").encode("utf-8")


def _refuse(field: str, value: str, characters: str) -> None:
    for character in characters:
        if character in value:
            raise ValueError(f"{field} cannot hold {character!r} in an event stream: {value[:80]!r}")
