"""The fast way for the likely event, through the faces: however a stream is read, nothing but the speed changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from inspect import isawaitable
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import anyio
import httpx
import pytest

from sseclaude import Anthropic, AnthropicError, APIError, AsyncAnthropic
from sseclaude.fast.likely_delta import LikelyDelta
from tests.support.chunkings import STREAMS, chunkings
from tests.support.network import ASK, KEY, answer, mocked
from tests.support.streams import block_start, frame, start, text

Program: TypeAlias = Callable[[Any, list[Any], Random], Coroutine[Any, Any, Any]]
"""Reads a stream of either face, and adds what it sees to the list."""


async def each(items: Any) -> AsyncIterator[Any]:
    """What an iterable of either kind yields."""
    if hasattr(items, "__aiter__"):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


async def done(result: Any) -> Any:
    return await result if isawaitable(result) else result


def shown(event: Any) -> Any:
    if isinstance(event, Exception):
        return type(event), str(event)
    return type(event), event.model_dump(warnings=False), event.model_fields_set


# --- the programs ----------------------------------------------------------------------------------------------------


async def final(stream: Any, seen: list[Any], random: Random) -> None:
    seen.append((await done(stream.get_final_message())).to_dict())


async def texts(stream: Any, seen: list[Any], random: Random) -> None:
    async for piece in each(stream.text_stream):
        seen.append((piece, stream.current_message_snapshot.text))  # noqa: PERF401 - what came before an error counts


async def events(stream: Any, seen: list[Any], random: Random) -> None:
    async for event in each(stream):
        seen.append(shown(event))
        if random.random() < 0.2:
            seen.append(stream.current_message_snapshot.to_dict())


async def wire(stream: Any, seen: list[Any], random: Random) -> None:
    async for event in each(stream.wire_events):
        seen.append(shown(event))  # noqa: PERF401


async def observed(stream: Any, seen: list[Any], random: Random) -> None:
    stream.on("event", lambda event: seen.append(shown(event))).on("error", lambda error: seen.append(shown(error)))
    async for piece in each(stream.text_stream):
        seen.append(piece)  # noqa: PERF401


async def mixed(stream: Any, seen: list[Any], random: Random) -> None:
    """A few of this, then a few of that; observed from somewhere in the middle, and read to the end at last."""
    for _ in range(random.randrange(1, 8)):
        source = random.choice((stream, stream.text_stream, stream.wire_events))
        left = random.randrange(1, 5)
        async for item in each(source):
            seen.append(item if isinstance(item, str) else shown(item))
            left -= 1
            if not left:
                break
        if random.random() < 0.2:
            stream.on("text", lambda event: seen.append(("observed", shown(event))))
    await done(stream.until_done())
    seen.append(stream.current_message_snapshot.to_dict())


async def closed(stream: Any, seen: list[Any], random: Random) -> None:
    """Close it in the middle, and go on all the same."""
    left = random.randrange(1, 12)
    async for item in each(random.choice((stream, stream.text_stream))):
        seen.append(item if isinstance(item, str) else shown(item))
        left -= 1
        if not left:
            await done(stream.close())
    seen.append([item async for item in each(stream.text_stream)])
    seen.append((await done(stream.get_final_message())).to_dict())


async def created(stream: Any, seen: list[Any], random: Random) -> None:
    """The other kind of stream, of ``create(stream=True)``."""
    async for event in each(stream):
        seen.append(shown(event))  # noqa: PERF401


PROGRAMS: list[Program] = [final, texts, events, wire, observed, mixed, closed, created]


# --- one case --------------------------------------------------------------------------------------------------------


async def outcome(face: str, program: Program, chunks: list[bytes | BaseException], seed: int) -> Any:
    """All that a caller can see of one stream."""
    http = mocked(face, lambda request: answer(*chunks))
    client: Any = (Anthropic if face == "sync" else AsyncAnthropic)(api_key=KEY, max_retries=0, http_client=http)
    stream: Any
    if program is created:
        stream = await done(client.messages.create(**ASK, stream=True))
    elif face == "sync":
        stream = client.messages.stream(**ASK).__enter__()
    else:
        stream = await client.messages.stream(**ASK).__aenter__()
    seen: list[Any] = []
    error: Any = None
    try:
        await program(stream, seen, Random(seed))
    except AnthropicError as failure:
        error = shown(failure)
        if isinstance(failure, APIError):
            error += failure.progress, failure.attempts, failure.partial_message
    finally:
        await done(stream.close())
    message = stream._reader.assembler.message
    timed = [each is None for each in stream.timing]
    return seen, error, stream.deviations, message and message.to_dict(), timed


def cases(path: Path) -> list[tuple[str, Program, list[bytes | BaseException], int]]:
    """An event a chunk, other cuts, damage, and a connection that breaks: each program, on the faces in turn."""
    plain, *others = ([*chunks] for chunks in chunkings(path.read_bytes(), len(path.stem)))
    broken = [*plain[: len(plain) * 2 // 3], httpx.ReadError("cut")]
    ways = [plain, plain, *others[:3], broken]
    return [
        (FACES[(seed + number) % 2], program, [*chunks], seed)
        for seed, chunks in enumerate(ways)
        for number, program in enumerate(PROGRAMS)
    ]


FACES = ("sync", "asyncio")


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_without_it_only_the_speed_changes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def outcomes() -> list[Any]:
        return [await outcome(*case) for case in cases(path)]

    fast = anyio.run(outcomes)
    monkeypatch.setattr(LikelyDelta, "learn", lambda *_: None)
    for case, found, expected in zip(cases(path), fast, anyio.run(outcomes), strict=True):
        assert found == expected, case


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_it_is_taken(face: str, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every program reads by it: a comparison of one way with itself would say nothing."""
    served: list[str | None] = []
    take = LikelyDelta.take

    def counted(self: LikelyDelta, chunk: bytes) -> str | None:
        served.append(take(self, chunk))
        return served[-1]

    monkeypatch.setattr(LikelyDelta, "take", counted)
    chunks = [*map(frame, (start(), block_start(), *[text("word ")] * 20))]
    anyio.run(outcome, face, program, chunks, 5)  # which reads far enough
    assert "word " in served
