"""The programs that are timed, each written once for all sides that can run it.

Purpose: ``WORKS``, by name: a function that prepares everything and returns what is to be timed.
Must not know: what the others cost. It runs in a worker, in which only one side is imported.
Rule: both clients run the same lines; what was read is compared with what was sent, outside the timed part.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from itertools import cycle, islice
from typing import Any, NamedTuple

from . import streams

MEDIA_TYPE = {"content-type": "text/event-stream; charset=utf-8"}
ASK: dict[str, Any] = {"max_tokens": 1024, "messages": [{"role": "user", "content": "Hello"}]}
WARM_UP = 50
"""Events of the run before the timed one: what is built at first use is not what a stream costs."""


Chunks = Sequence[bytes]


class Task(NamedTuple):
    """What a worker is to do: for which side, how much, and where the pump listens."""

    side: str
    size: int
    url: str


class Prepared(NamedTuple):
    """What is to be timed, what it must return (asked for afterwards), and the number of events to divide by."""

    run: Callable[[], object]
    expected: Callable[[], object]
    events: int


Work = Callable[[Task], Prepared]
WORKS: dict[str, Work] = {}


def work(prepare: Work) -> Work:
    """Register a work under its function's name."""
    WORKS[prepare.__name__] = prepare
    return prepare


# --- the two clients -------------------------------------------------------------------------------------------------


def http_of(side: str) -> Any:
    """Return the HTTP library that a side uses, once the side is imported."""
    import_module(side)
    return import_module("httpx2" if side == "anthropic" and "httpx2" in sys.modules else "httpx")


def client_of(side: str, chunks: Chunks) -> Any:
    """Return a side's client, over a transport that answers with these chunks."""
    http = http_of(side)

    class Body(http.SyncByteStream):  # type: ignore[misc, name-defined]
        def __iter__(self) -> Iterator[bytes]:
            yield from chunks

    transport = http.MockTransport(lambda request: http.Response(200, headers=MEDIA_TYPE, stream=Body()))
    return import_module(side).Anthropic(api_key="x", max_retries=0, http_client=http.Client(transport=transport))


Program = Callable[..., object]
"""Reads one answer with a client's usual interface and returns what it saw."""


def final_message(client: Any, model: str = "claude-sonnet-4-6") -> int:
    with client.messages.stream(model=model, **ASK) as stream:
        return len(stream.get_final_message().content[0].text)


def text_stream(client: Any, model: str = "claude-sonnet-4-6") -> int:
    with client.messages.stream(model=model, **ASK) as stream:
        return sum(len(text) for text in stream.text_stream)


def snapshots(client: Any, model: str = "claude-sonnet-4-6") -> int:
    seen = 0
    with client.messages.stream(model=model, **ASK) as stream:
        for event in stream:
            if event.type == "text" or event.type == "thinking":
                seen = len(event.snapshot)
    return seen


def wire_events(client: Any, model: str = "claude-sonnet-4-6") -> int:
    seen = 0
    for event in client.messages.create(model=model, stream=True, **ASK):
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            seen += len(event.delta.text)
    return seen


def tool_snapshots(client: Any, model: str = "claude-sonnet-4-6") -> object:
    seen: object = None
    with client.messages.stream(model=model, **ASK) as stream:
        for event in stream:
            if event.type == "input_json":
                seen = event.snapshot
    return seen


def tool_at_the_end(client: Any, model: str = "claude-sonnet-4-6") -> object:
    with client.messages.stream(model=model, **ASK) as stream:
        return stream.get_final_message().content[0].input


def in_process(program: Program, make: Callable[[int], streams.Stream], *, large_chunks: bool = False) -> Work:
    """Make the work of running a program on a stream that needs no network."""

    def prepare(task: Task) -> Prepared:
        program(client_of(task.side, make(WARM_UP).frames))
        stream = make(task.size)
        chunks = streams.in_large_chunks(stream.frames) if large_chunks else stream.frames
        client = client_of(task.side, chunks)
        return Prepared(lambda: program(client), stream.expected, stream.deltas)

    return prepare


WORKS |= {
    "final_message": in_process(final_message, streams.text),
    "final_message_64k": in_process(final_message, streams.text, large_chunks=True),
    "text_stream": in_process(text_stream, streams.text),
    "text_snapshots": in_process(snapshots, streams.text),
    "thinking_snapshots": in_process(snapshots, streams.thinking),
    "wire_events": in_process(wire_events, streams.text),
    "objects_snapshots": in_process(tool_snapshots, streams.small_objects),
    "objects_at_the_end": in_process(tool_at_the_end, streams.small_objects),
    "string_snapshots": in_process(tool_snapshots, streams.long_string),
}


# --- the floors ------------------------------------------------------------------------------------------------------


@work
def from_json(task: Task) -> Prepared:
    """Read the JSON of each event and do nothing with it: no client can cost less."""
    from pydantic_core import from_json as read

    stream = streams.text(task.size)
    data = tuple(frame.partition(b"\ndata: ")[2] for frame in stream.frames)

    def run() -> int:
        for each in data:
            read(each)
        return len(data)

    return Prepared(run, lambda: len(data), stream.deltas)


def _decode_ours(chunks: Chunks) -> tuple[int, str]:
    from sseclaude.sse import SSEDecoder

    decoder, count, data = SSEDecoder(), 0, ""
    for chunk in chunks:
        for event in decoder.feed(chunk):
            kind, data = event.event, event.data
            count += kind is not None
    return count, data


def _decode_httpx_sse(chunks: Chunks) -> tuple[int, str]:
    import httpx
    from httpx_sse import EventSource

    class Body(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield from chunks

    count, data = 0, ""
    for event in EventSource(httpx.Response(200, headers=MEDIA_TYPE, stream=Body())).iter_sse():
        kind, data = event.event, event.data
        count += kind is not None
    return count, data


DECODERS = {"sseclaude": _decode_ours, "httpx-sse": _decode_httpx_sse}
"""Bytes in, events out; each event's type and its data as text are looked at, as every consumer does."""


def decoding(*, large_chunks: bool) -> Work:
    """Make the work of decoding, with nothing behind it."""

    def prepare(task: Task) -> Prepared:
        stream = streams.text(task.size)
        chunks = streams.in_large_chunks(stream.frames) if large_chunks else stream.frames
        expected = len(stream.frames), stream.frames[-1].partition(b"data: ")[2].decode().rstrip()
        return Prepared(lambda: DECODERS[task.side](chunks), lambda: expected, stream.deltas)

    return prepare


WORKS |= {"decode": decoding(large_chunks=False), "decode_64k": decoding(large_chunks=True)}


# --- over loopback ---------------------------------------------------------------------------------------------------


def asked(count: int, *, pause_us: int = 0, together: int = 1) -> str:
    """Return the model's name that tells the pump what to send (see pump)."""
    return f"text-{count}-{pause_us}-{together}"


def over_loopback(task: Task, pause_us: int) -> Prepared:
    """Read one stream from the pump: with a client, or, as the floor, the raw bytes with httpx."""
    if task.side == "httpx":
        client: Any = import_module("httpx").Client(base_url=task.url, timeout=None)
        program: Program = raw_bytes
    else:
        client = import_module(task.side).Anthropic(api_key="x", base_url=task.url, max_retries=0)
        program = final_message
    program(client, asked(WARM_UP))
    stream = streams.text(task.size)
    expected = (lambda: sum(map(len, stream.frames))) if task.side == "httpx" else stream.expected
    return Prepared(lambda: program(client, asked(task.size, pause_us=pause_us)), expected, stream.deltas)


def raw_bytes(client: Any, model: str) -> int:
    with client.stream("POST", "/v1/messages", json={"model": model, **ASK}) as response:
        return sum(len(chunk) for chunk in response.iter_raw())


@work
def full_rate(task: Task) -> Prepared:
    return over_loopback(task, 0)


@work
def each_alone(task: Task) -> Prepared:
    """So far apart that every side has time to finish with one event before the next."""
    return over_loopback(task, 400)


EVENTS_EACH = 200
APART_US = 5_000


@work
def many_streams(task: Task) -> Prepared:
    """So many async streams at once, of 200 events each; the pump gives each stream an event in turn."""
    return many(task, dict)


@work
def many_streams_httpx2(task: Task) -> Prepared:
    """The same with a client of httpx2 that is passed in."""
    import httpx2

    return many(task, lambda: {"http_client": httpx2.AsyncClient(limits=httpx2.Limits())})


def many(task: Task, options: Callable[[], dict[str, Any]]) -> Prepared:
    """Make the work of many streams at once, with clients of further options."""
    asyncio.run(read_together(task, 10, options()))
    seen_by_each = sum(len(piece) for piece in islice(cycle(streams.PIECES), EVENTS_EACH))
    run = partial(read_together, task, task.size)
    return Prepared(lambda: asyncio.run(run(options())), lambda: seen_by_each * task.size, EVENTS_EACH * task.size)


async def read_together(task: Task, count: int, options: dict[str, Any]) -> int:
    kind = import_module(task.side).AsyncAnthropic
    patient = {"timeout": 600.0, "max_retries": 0}  # a thousand connections take long to open on a busy machine
    async with kind(api_key="x", base_url=task.url, **patient, **options) as client:
        model = asked(EVENTS_EACH, pause_us=APART_US, together=count)
        return sum(await asyncio.gather(*(read_one(client, model) for _ in range(count))))


async def read_one(client: Any, model: str) -> int:
    seen = 0
    async with client.messages.stream(model=model, **ASK) as stream:
        async for text in stream.text_stream:
            seen += len(text)
    return seen
