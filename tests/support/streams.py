"""Streams for tests: fixtures by name, frames by hand, every way to cut bytes, and what a read of them came to."""

from __future__ import annotations

import json
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

from hypothesis import strategies as st

from sseclaude.assembler import MessageAssembler
from sseclaude.errors import APIError
from sseclaude.iterate import aiter_events, assemble, iter_events
from sseclaude.message import Message
from sseclaude.reader import StreamReader
from sseclaude.sse import SSEDecoder

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "fixtures"
DEVIATIONS = FIXTURES / "deviations"
REFUSED = FIXTURES / "refused"

Event: TypeAlias = Mapping[str, Any]
"""An event's JSON."""

T = TypeVar("T")
Fields = tuple[str, str, str, int | None]
"""A server-sent event's type, data, last id and retry."""


# --- fixtures ----------------------------------------------------------------------------------------------------


def stream_bytes(name: str) -> bytes:
    """The bytes of a fixture: ``text``, ``deviations/others_index_gap``; also of a body that is a document."""
    return next(path for pattern in (".sse", ".body.*") for path in FIXTURES.glob(name + pattern)).read_bytes()


def message_json(name: str, kind: str = "json") -> Any:
    """The message of a fixture; ``kind="partial.json"``: as far as it came."""
    return json.loads((FIXTURES / f"{name}.{kind}").read_text(encoding="utf-8"))


def names(folder: Path, pattern: str = ".sse") -> list[str]:
    """The fixtures of a folder, as they are named here."""
    found = sorted(folder.glob(f"*{pattern}"))
    return [str(path.relative_to(FIXTURES)).removesuffix(pattern) for path in found]


def documents(folder: Path) -> list[str]:
    """The fixtures of a folder whose body is a document: JSON, HTML."""
    return sorted(str(path.relative_to(FIXTURES)).partition(".body.")[0] for path in folder.glob("*.body.*"))


# --- frames ------------------------------------------------------------------------------------------------------


def frame(body: Mapping[str, Any] | str, event: str | None = None) -> bytes:
    """One frame: the body as JSON (or as the text it is), under its own type or ``event`` (``""``: no such line)."""
    kind = event if event is not None else str(body["type"]) if isinstance(body, Mapping) else ""
    data = json.dumps(body) if isinstance(body, Mapping) else body
    return (f"event: {kind}\n" if kind else "").encode() + b"data: " + data.encode("utf-8", "surrogatepass") + b"\n\n"


def stream(*bodies: Mapping[str, Any] | str) -> bytes:
    """The frames of events, one after the other."""
    return b"".join(frame(body) for body in bodies)


def start(**fields: Any) -> dict[str, Any]:
    """message_start, whole."""
    usage = {"input_tokens": 3, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None}
    return {"type": "message_start", "message": {**message, "stop_sequence": None, "usage": usage, **fields}}


def block_start(index: int = 0, kind: str = "text", **fields: Any) -> dict[str, Any]:
    """content_block_start of any kind, whole."""
    return {"type": "content_block_start", "index": index, "content_block": {**BLOCK_STARTS.get(kind, {}), **fields}}


BLOCK_STARTS: dict[str, dict[str, Any]] = {
    "text": {"type": "text", "text": ""},
    "thinking": {"type": "thinking", "thinking": "", "signature": ""},
    "redacted_thinking": {"type": "redacted_thinking", "data": "x"},
    "tool_use": {"type": "tool_use", "id": "toolu_1", "name": "go", "input": {}},
    "server_tool_use": {"type": "server_tool_use", "id": "srvtoolu_1", "name": "go", "input": {}},
    "mcp_tool_use": {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "go", "input": {}, "server_name": "s"},
    "compaction": {"type": "compaction", "content": None},
    "future": {"type": "future"},
}

DELTAS: dict[str, dict[str, Any]] = {
    "text_delta": {"type": "text_delta", "text": "word"},
    "thinking_delta": {"type": "thinking_delta", "thinking": "hm"},
    "signature_delta": {"type": "signature_delta", "signature": "sig"},
    "input_json_delta": {"type": "input_json_delta", "partial_json": '{"a": 1}'},
    "citations_delta": {"type": "citations_delta", "citation": {"type": "char_location", "cited_text": "c"}},
    "compaction_delta": {"type": "compaction_delta", "content": "sum"},
}


def delta(index: int = 0, kind: str = "text_delta", **fields: Any) -> dict[str, Any]:
    """content_block_delta of any kind."""
    return {"type": "content_block_delta", "index": index, "delta": {**DELTAS.get(kind, {"type": kind}), **fields}}


def text(words: str, index: int = 0) -> dict[str, Any]:
    """A text_delta."""
    return delta(index, text=words)


def block_stop(index: int = 0) -> dict[str, Any]:
    """content_block_stop."""
    return {"type": "content_block_stop", "index": index}


def finish(stop_reason: str | None = "end_turn", **fields: Any) -> dict[str, Any]:
    """message_delta."""
    why = {"stop_reason": stop_reason, "stop_sequence": None}
    return {"type": "message_delta", "delta": why, "usage": {"output_tokens": 9}, **fields}


STOP: dict[str, Any] = {"type": "message_stop"}
PING: dict[str, Any] = {"type": "ping"}
DONE = {"type": "[DONE]"}
OVERLOADED: dict[str, Any] = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


def message_of(*blocks: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The events of a whole message around those of its blocks."""
    return [start(), *(event for block in blocks for event in block), finish(), STOP]


WORDS = [block_start(), text("Hel"), text("lo"), block_stop()]
"""The events of one block of text."""
WHOLE = stream(*message_of(WORDS))
"""A stream of this block alone."""
MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [{"type": "text", "text": "Hello"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 9},
}
"""The message of that stream, in JSON."""


def fed(*bodies: Mapping[str, Any], strict: bool = False) -> MessageAssembler:
    """An assembler that was fed these events."""
    assembler = MessageAssembler(strict)
    for body in bodies:
        assembler.feed(body)
    return assembler


# --- cuts --------------------------------------------------------------------------------------------------------


def bytewise(data: bytes) -> list[bytes]:
    """Every byte alone."""
    return [data[at : at + 1] for at in range(len(data))]


def cut(data: bytes, points: Iterable[int]) -> list[bytes]:
    """The pieces between cuts; a point that is given twice makes an empty piece."""
    edges = [0, *sorted(min(point, len(data)) for point in points), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


POINTS = st.lists(st.integers(min_value=0, max_value=1 << 16), max_size=12)
"""Where to cut any bytes: the points are taken modulo the length by ``cut_at_random``."""


def cut_at_random(data: bytes, points: Iterable[int]) -> list[bytes]:
    """Cut bytes at points drawn from ``POINTS``."""
    return cut(data, (point % (len(data) + 1) for point in points))


def edges(data: bytes) -> Iterator[list[bytes]]:
    """Cut bytes in two at every place."""
    return (cut(data, [at]) for at in range(len(data) + 1))


class AsyncChunks:
    """The chunks of a body, one after another; no generator, so that leaving early leaves nothing behind."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = iter(chunks)

    def __aiter__(self) -> AsyncChunks:
        return self

    async def __anext__(self) -> bytes:
        for chunk in self.chunks:
            return chunk
        raise StopAsyncIteration


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that waits for nothing, without an event loop: the core must never need one."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise AssertionError("the coroutine waited")


# --- what a read came to -------------------------------------------------------------------------------------------


def decode(chunks: Iterable[bytes], **options: Any) -> list[Fields]:
    """The server-sent events of a stream."""
    decoder = SSEDecoder(**options)
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    decoder.close()
    return [(event.event, event.data, event.id, event.retry) for event in events]


class Outcome(NamedTuple):
    """The end of a read, in values that can be compared."""

    message: Any
    """The message as JSON, or the partial one if it failed."""
    error: tuple[Any, ...] | None
    """Its class, text without the byte count, rule, event number."""
    deviations: list[tuple[str, int]]
    events: list[Any]


def failure(error: APIError) -> tuple[Any, ...]:
    """What is to be the same of an error however the bytes were cut."""
    rule, number = getattr(error, "rule", None), getattr(error, "event_number", None)
    return type(error), error.message, rule, number, error.progress and error.progress[:2][0]


def described(message: Message | None) -> Any:
    """A message as JSON, with what is not on the wire."""
    if message is None:
        return None
    beside = [
        (block.is_open, getattr(block, "input_complete", None), getattr(block, "partial_json", None))
        for block in message.content
    ]
    return message.to_dict(), beside


def read_by_steps(chunks: Iterable[bytes], **options: Any) -> Outcome:
    """Read with a StreamReader, to the end of the bytes, as ``iter_events`` does, and see everything it saw."""
    reader = StreamReader(**options)
    bodies: list[Any] = []
    try:
        for chunk in chunks:
            if reader.done:
                reader.look_behind(chunk)
                continue
            reader.feed(chunk)
            take(reader, bodies)
        reader.end()
        take(reader, bodies)
    except APIError as error:
        seen = [(rule, number) for rule, number, _ in reader.assembler.deviations]
        return Outcome(described(error.partial_message), failure(error), seen, bodies)
    seen = [(rule, number) for rule, number, _ in reader.assembler.deviations]
    return Outcome(described(reader.assembler.message), None, seen, bodies)


def read(*blocks: Iterable[Mapping[str, Any]]) -> Message:
    """The message of these blocks."""
    return assemble([stream(*message_of(*blocks))])


def rules(body: bytes) -> list[str]:
    """What a lenient read notes, by name."""
    return [rule for rule, _ in read_by_steps([body]).deviations]


def take(reader: StreamReader, bodies: list[Any]) -> None:
    """Take the steps that are there."""
    while not reader.done and (step := reader.step()) is not None:
        bodies.append(step[0])
        if not step[0]:
            break
    if reader.done:
        reader.look_behind()


def read_by_assemble(chunks: Iterable[bytes], *, strict: bool = False) -> Outcome:
    """Read with ``assemble``."""
    try:
        return Outcome(described(assemble(chunks, strict=strict)), None, [], [])
    except APIError as error:
        return Outcome(described(error.partial_message), failure(error), [], [])


def read_by_events(chunks: Iterable[bytes], *, strict: bool = False) -> Outcome:
    """Read with ``iter_events``."""
    events: list[Any] = []
    try:
        events.extend(plain(event) for event in iter_events(chunks, strict=strict))
    except APIError as error:
        return Outcome(described(error.partial_message), failure(error), [], events)
    return Outcome(None, None, [], events)


async def aread_by_events(chunks: Iterable[bytes], *, strict: bool = False) -> Outcome:
    """Read with ``aiter_events``."""
    events: list[Any] = []
    try:
        async for event in aiter_events(AsyncChunks(chunks), strict=strict):
            events.append(plain(event))  # noqa: PERF401 - what came before an error counts
    except APIError as error:
        return Outcome(described(error.partial_message), failure(error), [], events)
    return Outcome(None, None, [], events)


def plain(event: Any) -> tuple[str, Any]:
    """An event as its class and its JSON, snapshots included: read now, so that a later change would show."""
    return type(event).__name__, event.model_dump(warnings=False)


TOOL = block_start(0, "tool_use")
"""A tool's start."""

JSON = '{"a": 1}'
"""Its input."""


def piece(value: Any = JSON, index: int = 0) -> dict[str, Any]:
    """An input_json_delta."""
    return delta(index, "input_json_delta", partial_json=value)


def raw(**fields: Any) -> dict[str, Any]:
    """A content_block_delta with just these fields."""
    return {"type": "content_block_delta", "index": 0, "delta": fields}
