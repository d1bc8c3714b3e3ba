"""Faults: what can go wrong with an answer, as values.

Purpose: break an answer on purpose, in a way that can be named, listed, combined and read in the journal.
Must not know: sockets, clocks, requests.
Rule: a fault is a frozen value that turns a script into another script. Each is used for one request, in order.

    faults=[Status(529), Status(529)]            two refusals, then answers
    faults=[(Drip(1), Disconnect(after_events=3))]   both on the first request
    faults=[always(Drip(7))]                     every request
    faults=[sometimes(0.2, 1, Stall())]          a fifth of the requests, the same ones for the same seed
    faults=[None, Status(500)]                   the first request goes well

Events are counted from 0, so ``after_events=3`` and ``event=3`` name the same place: the fourth event is the first that
is affected. A negative ``event`` counts from the end, and a string is the first event of that type. A fault on an event
that the answer does not have changes nothing. An answer that is not a stream counts as one event.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from math import inf
from random import Random
from threading import Lock
from typing import ClassVar, Literal

from ..errors import ERROR_TYPES
from . import script
from .envelope import envelope, error_type
from .script import Cut, Done, Head, Headers, Interim, Raw, Send, Step, Steps, Wait

NOT_JSON = b"event: content_block_delta\ndata: \xff\x00{not json\n\n"


@dataclass(frozen=True)
class Fault:
    """What can be done to an answer. ``rank``: combined faults are applied from low to high."""

    rank: ClassVar[int] = 1

    def apply(self, steps: Steps) -> Steps:
        """The script with this fault in it."""
        return steps

    def refuses(self) -> bool:
        """Whether nothing of the answer is sent: its recording then keeps its turn for the next request."""
        return False


def is_stream(steps: Steps) -> bool:
    """Whether the answer is an event stream."""
    return script.is_event_stream(script.head(steps))


def events_of(steps: Steps) -> list[bytes]:
    """The events of an answer; a body that is no stream is one."""
    body = script.body(steps)
    return script.split_events(body) if is_stream(steps) else [body]


def find(events: list[bytes], event: int | str) -> int | None:
    """An event's number: counted from the end if negative, the first of a type if a string; None if not there."""
    if isinstance(event, str):
        return next((number for number, one in enumerate(events) if script.event_type(one) == event), None)
    number = event + len(events) if event < 0 else event
    return number if 0 <= number < len(events) else None


def offset_after(steps: Steps, events: int) -> int:
    """How many bytes of the body are before event number ``events``."""
    return sum(map(len, events_of(steps)[:events]))


def replace_event(steps: Steps, event: int | str, new: tuple[bytes, ...] | None) -> Steps:
    """The script with one event replaced by others. ``new`` None is the event twice."""
    events = events_of(steps)
    number = find(events, event)
    if number is None:
        return steps
    before, rest = script.split(steps, sum(map(len, events[:number])))
    _, after = script.split([*rest], len(events[number]))
    pauses = [step for step in rest[: len(rest) - len(after)] if isinstance(step, Wait)]
    old = events[number]
    return [*before, *pauses, *map(Send, (old, old) if new is None else new), *after]


@dataclass(frozen=True)
class Status(Fault):
    """Answer with an error status. ``retry_after`` (seconds) becomes the header; ``body`` replaces the API's error
    envelope, as gateways do with HTML; ``headers`` are added."""

    code: int
    retry_after: float | None = None
    body: bytes | None = None
    headers: Headers = ()
    rank: ClassVar[int] = 0

    def apply(self, steps: Steps) -> Steps:
        """Keep the pauses before the headers, and replace all that follows."""
        head = script.head(steps) or Head(200, ())
        kept = {name: value for name, value in head.headers if name not in ("content-type", "cache-control")}
        kept["content-type"] = "application/json" if self.body is None else "text/html"
        if self.retry_after is not None:
            kept["retry-after"] = f"{self.retry_after:g}"
        kept.update(self.headers)
        body = self.body
        if body is None:
            body = envelope(error_type(self.code), f"HTTP status {self.code}, as asked", kept.get("request-id"))
        before = steps[: steps.index(head)] if head in steps else []
        return [*before, Head(self.code, tuple(kept.items())), Send(body), Done()]

    def refuses(self) -> bool:
        """Always."""
        return True


@dataclass(frozen=True)
class Error(Fault):
    """An ``error`` event of this type after so many events, and the end of the body. An answer that is not a stream
    becomes the HTTP status that the type stands for."""

    type: str = "overloaded_error"
    after_events: int = 0
    message: str = "Overloaded"
    rank: ClassVar[int] = 0

    def apply(self, steps: Steps) -> Steps:
        """Put the event in the place of the rest."""
        head = script.head(steps)
        data = envelope(self.type, self.message, head.get("request-id") if head else None)
        if not is_stream(steps):
            return Status(ERROR_TYPES.get(self.type, 500), body=data, headers=JSON).apply(steps)
        before, _ = script.split(steps, offset_after(steps, self.after_events))
        return [*before, Send(b"event: error\ndata: " + data + b"\n\n"), Done()]

    def refuses(self) -> bool:
        """As the first event."""
        return self.after_events == 0


JSON: Headers = (("content-type", "application/json"),)


HOWS = ("close", "half", "reset")


@dataclass(frozen=True)
class Disconnect(Fault):
    """Disconnect after so many events or bytes of the body; with neither, before the headers. ``how``: "close",
    "half" (only our half of the connection) or "reset", which may throw away bytes already sent."""

    after_events: int | None = None
    after_bytes: int | None = None
    how: Literal["close", "half", "reset"] = "close"

    def __post_init__(self) -> None:
        if self.how not in HOWS:
            raise ValueError(f"how is one of {', '.join(HOWS)}, not {self.how!r}")

    def apply(self, steps: Steps) -> Steps:
        """Cut there."""
        if self.after_events is None and self.after_bytes is None:
            return [Cut(self.how)]
        offset = offset_after(steps, self.after_events or 0) if self.after_bytes is None else self.after_bytes
        before, _ = script.split(steps, offset)
        return [*before, Cut(self.how)]

    def refuses(self) -> bool:
        """Before the first byte of the body."""
        return not self.after_events and not self.after_bytes


@dataclass(frozen=True)
class Stall(Fault):
    """Silence for so many seconds (infinity: until the client leaves or the server stops), then go on. It comes after
    so many events; ``after_events=None`` is before the response's headers."""

    after_events: int | None = 0
    seconds: float = inf

    def apply(self, steps: Steps) -> Steps:
        """Put the silence in."""
        if self.after_events is None:
            return [Wait(self.seconds), *steps]
        before, after = script.split(steps, offset_after(steps, self.after_events))
        return [*before, Wait(self.seconds), *after]


@dataclass(frozen=True)
class Drip(Fault):
    """Send so many bytes at a time, each its own chunk, with ``seconds`` of silence between them."""

    bytes_at_a_time: int = 1
    seconds: float = 0.0
    rank: ClassVar[int] = 3

    def __post_init__(self) -> None:
        if self.bytes_at_a_time < 1:
            raise ValueError(f"bytes_at_a_time is at least 1, not {self.bytes_at_a_time}")

    def apply(self, steps: Steps) -> Steps:
        """Cut each chunk into small ones."""
        dripped: Steps = []
        for step in steps:
            dripped += self._drops(step) if isinstance(step, Send) else [step]
        return dripped

    def _drops(self, step: Send) -> Steps:
        drops: Steps = []
        for piece in script.pieces(step.data, self.bytes_at_a_time):
            drops += [Wait(self.seconds), Send(piece)] if self.seconds else [Send(piece)]
        return drops


@dataclass(frozen=True)
class Garbage(Fault):
    """Insert wrong bytes before event ``at``: by default an event whose data is no JSON."""

    at: int = 0
    data: bytes = NOT_JSON

    def apply(self, steps: Steps) -> Steps:
        """Insert them."""
        before, after = script.split(steps, offset_after(steps, self.at))
        return [*before, Send(self.data), *after]


@dataclass(frozen=True)
class Drop(Fault):
    """Leave one event out: its number, or its type."""

    event: int | str

    def apply(self, steps: Steps) -> Steps:
        """Leave it out."""
        return replace_event(steps, self.event, ())


@dataclass(frozen=True)
class Duplicate(Fault):
    """Send one event twice: its number, or its type."""

    event: int | str

    def apply(self, steps: Steps) -> Steps:
        """Send it again right after itself."""
        return replace_event(steps, self.event, None)


@dataclass(frozen=True)
class NoStop(Fault):
    """End without ``message_stop``, as HTTP ends a complete body."""

    def apply(self, steps: Steps) -> Steps:
        """Drop it."""
        return replace_event(steps, "message_stop", ())


@dataclass(frozen=True)
class NoBlankLine(Fault):
    """Leave out the empty line that ends an event: by default the last one, which then is never dispatched."""

    event: int | str = -1

    def apply(self, steps: Steps) -> Steps:
        """Keep one line end of those that close the event."""
        events = events_of(steps)
        number = find(events, self.event)
        if number is None or not is_stream(steps):
            return steps
        return replace_event(steps, number, (events[number].rstrip(b"\r\n") + b"\n",))


@dataclass(frozen=True)
class WrongContentType(Fault):
    """The right body under another content type; None is no content type at all."""

    content_type: str | None = "application/octet-stream"
    rank: ClassVar[int] = 4

    def apply(self, steps: Steps) -> Steps:
        """Change the header."""
        return script.map_head(steps, lambda head: with_header(head, "content-type", self.content_type))


def with_header(head: Head, name: str, value: str | None) -> Head:
    """The head with one header set, or without it."""
    others = tuple(pair for pair in head.headers if pair[0] != name)
    return replace(head, headers=others if value is None else (*others, (name, value)))


@dataclass(frozen=True)
class Gzip(Fault):
    """Compress the body, each chunk flushed, whether the client requested that or not."""

    rank: ClassVar[int] = 2

    def apply(self, steps: Steps) -> Steps:
        """Compress chunk by chunk: a cut before it stays a cut."""
        squeeze = zlib.compressobj(wbits=31)
        packed: Steps = []
        for step in steps:
            if isinstance(step, Send):
                step = Send(squeeze.compress(step.data) + squeeze.flush(zlib.Z_SYNC_FLUSH))
            elif isinstance(step, Done):
                packed.append(Send(squeeze.flush()))
            packed.append(step)
        return script.map_head(packed, lambda head: with_header(head, "content-encoding", "gzip"))


@dataclass(frozen=True)
class Truncate(Fault):
    """End the body after so many bytes as if it were complete: HTTP sees nothing wrong."""

    bytes: int

    def apply(self, steps: Steps) -> Steps:
        """Leave the rest out."""
        before, after = script.split(steps, self.bytes)
        return [*before, *(step for step in after if not isinstance(step, (Send, Wait)))]


@dataclass(frozen=True)
class Trailing(Fault):
    """More bytes in the body, after its end."""

    data: bytes = b"event: ping\ndata: not JSON either\n\n"

    def apply(self, steps: Steps) -> Steps:
        """Append them."""
        before, after = script.split(steps, len(script.body(steps)))
        return [*before, Send(self.data), *after]


@dataclass(frozen=True)
class Informational(Fault):
    """An informational answer (1xx) before the real one."""

    status: int = 103
    rank: ClassVar[int] = 4

    def apply(self, steps: Steps) -> Steps:
        """Send it first."""
        return [Interim(self.status), *steps]


@dataclass(frozen=True)
class CutChunkHeader(Fault):
    """Disconnect in the middle of a chunk's size line, after so many events. Without a socket: just disconnect."""

    after_events: int = 0

    def apply(self, steps: Steps) -> Steps:
        """Begin a chunk, and cut."""
        before, _ = script.split(steps, offset_after(steps, self.after_events))
        return [*before, Raw(b"1f"), Cut("close")]


@dataclass(frozen=True)
class WrongContentLength(Fault):
    """Declare ``by`` bytes more (or less, if negative) than the body has."""

    by: int = 10
    rank: ClassVar[int] = 4

    def apply(self, steps: Steps) -> Steps:
        """Declare it."""
        length = max(0, len(script.body(steps)) + self.by)
        return script.map_head(steps, lambda head: replace(head, framing=length))


@dataclass(frozen=True)
class CloseDelimited(Fault):
    """Answer as HTTP/1.0 does: no length and no chunks, the body ends with the connection."""

    rank: ClassVar[int] = 4

    def apply(self, steps: Steps) -> Steps:
        """Frame it so."""
        return script.map_head(steps, lambda head: replace(head, framing="close"))


@dataclass(frozen=True)
class Standing:
    """Faults for every request, or for some at random, in addition to the queue. See always and sometimes."""

    faults: tuple[Fault, ...]
    p: float = 1.0
    seed: int = 0

    def __repr__(self) -> str:
        inside = ", ".join(map(repr, self.faults))
        return f"always({inside})" if self.p >= 1 else f"sometimes({self.p:g}, {self.seed}, {inside})"


def always(*faults: Fault) -> Standing:
    """These faults on every request."""
    return Standing(faults)


def sometimes(p: float, seed: int, *faults: Fault) -> Standing:
    """These faults on each request with probability ``p``; the same seed picks the same requests."""
    if not 0 <= p <= 1:
        raise ValueError(f"a probability is from 0 to 1, not {p}")
    return Standing(faults, p, seed)


Plan = Fault | Standing | tuple[Fault, ...] | None
"""What a list of faults may hold."""


class FaultQueue:
    """The faults of the requests to come, in order. The list is the caller's, and may grow while the server runs."""

    def __init__(self, plans: list[Plan]) -> None:
        self.plans = plans
        self._chances: dict[int, tuple[Standing, Random]] = {}  # each keeps its plan, so that ids stay unique
        self._lock = Lock()

    def take(self) -> tuple[Fault, ...]:
        """The faults of the next request."""
        with self._lock:
            standing = [plan for plan in self.plans if isinstance(plan, Standing)]
            taken = [fault for plan in standing if self._strikes(plan) for fault in plan.faults]
            place = next((at for at, plan in enumerate(self.plans) if not isinstance(plan, Standing)), None)
            plan = None if place is None else self.plans.pop(place)
        return (*_as_faults(plan), *taken)

    def _strikes(self, plan: Standing) -> bool:
        _, chance = self._chances.setdefault(id(plan), (plan, Random(plan.seed)))
        return chance.random() < plan.p


def _as_faults(plan: Plan) -> tuple[Fault, ...]:
    if plan is None:
        return ()
    faults = plan if isinstance(plan, tuple) else (plan,)
    for fault in faults:
        if not isinstance(fault, Fault):
            raise TypeError(f"not a fault: {fault!r}")
    return faults  # type: ignore[return-value]


def apply_all(faults: tuple[Fault, ...], steps: list[Step]) -> list[Step]:
    """The script with all the faults in it."""
    for fault in sorted(faults, key=lambda fault: fault.rank):
        steps = fault.apply(steps)
    return steps
