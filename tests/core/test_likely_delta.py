"""The fast way for the likely event: it is taken, it is never wrong, and without it nothing but speed changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sseclaude.derived_events import events_of
from sseclaude.errors import APIError
from sseclaude.fast.likely_delta import LESSONS, LikelyDelta, _decodes_to
from sseclaude.reader import Step, StreamReader
from tests.support.streams import DEVIATIONS, FIXTURES, ROOT, block_start, delta, start, stream, text

RECORDED = ROOT.parent / "shared" / "streams"
STREAMS = sorted([*FIXTURES.glob("*.sse"), *DEVIATIONS.glob("*.sse"), *RECORDED.glob("*.sse")])


def one_event_a_chunk(body: bytes) -> list[bytes]:
    return [frame + b"\n\n" for frame in body.split(b"\n\n") if frame]


def chunkings(body: bytes, seed: int) -> Iterator[list[bytes]]:
    """An event a chunk; the same with some chunks joined or cut; and events repeated, lost and damaged."""
    random = Random(seed)
    events = one_event_a_chunk(body)
    yield events
    joined: list[bytes] = []
    for event in events:
        if joined and random.random() < 0.3:
            joined[-1] += event
        elif random.random() < 0.2:
            at = random.randrange(len(event))
            joined += [event[:at], event[at:]]
        else:
            joined.append(event)
    yield [chunk for chunk in joined if chunk]
    for _ in range(6):
        damaged = list(events)
        for _ in range(random.randrange(1, 4)):
            at = random.randrange(len(damaged))
            event = bytearray(damaged[at])
            event[random.randrange(len(event))] = random.choice(b'"\\{}:, \n\rx0')
            damaged[at : at + 1] = random.choice([[bytes(event)], [], [damaged[at]] * 3])
            if not damaged:
                break
        yield damaged


def dumps(step: Step) -> list[dict[str, Any]]:
    return [event.model_dump(warnings=False) for event in events_of(step)]


def outcome(chunks: list[bytes], *, strict: bool, wants_events: bool, skim: bool = False) -> Any:
    """What a reader's user can see: events and snapshots, frames, deviations, progress, the message, the error."""
    reader = StreamReader(strict, wants_events=wants_events)
    seen: list[Any] = []
    error = None
    try:
        for chunk in chunks:
            if skim:
                reader.skim(chunk)
                continue
            reader.feed(chunk)
            while not reader.done and (step := reader.step()) is not None:
                assert step[2] is None or wants_events
                seen.append(
                    (step[0], [event.model_dump(warnings=False) for event in events_of(step)], (reader.frame or ())[:2])
                )
        reader.end()
        while not reader.done and (step := reader.step()) is not None and step[0]:
            seen.append((step[0], dumps(step), None))
    except APIError as failure:
        error = (type(failure), str(failure))
    message = reader.assembler.message
    whole = json.dumps(message.to_dict()) if message is not None else None
    return seen, error, reader.assembler.deviations, reader.assembler.progress, reader.byte_count, whole


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_without_it_only_the_speed_changes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ways: list[dict[str, Any]] = [
        {"strict": False, "wants_events": True},
        {"strict": True, "wants_events": False},
        {"strict": False, "wants_events": False, "skim": True},
    ]
    cases = [(chunks, way) for chunks in chunkings(path.read_bytes(), len(path.stem)) for way in ways]
    fast = [outcome(chunks, **way) for chunks, way in cases]
    monkeypatch.setattr(LikelyDelta, "learn", lambda *_: None)
    for (chunks, way), found in zip(cases, fast, strict=True):
        assert outcome(chunks, **way) == found, (chunks, way)


def words(*pieces: str) -> list[bytes]:
    return one_event_a_chunk(stream(start(), block_start(), *map(text, pieces)))


def taken(chunks: list[bytes]) -> tuple[StreamReader, int]:
    """Read the chunks, and count those that the fast way took."""
    reader, count = StreamReader(), 0
    for chunk in chunks:
        reader.feed(chunk)
        count += sum(len(frame) == 3 for frame in reader.frames)
        while reader.step() is not None:
            pass
    return reader, count


def test_it_is_taken() -> None:
    chunks = words("a", "b", 'c "quoted"', "d\n\u2028", "\U0001f600", "")
    padded = [chunk.replace(b"}}\n\n", b"}   }\n\n") if b'"b"' in chunk else chunk for chunk in chunks]
    for each in (chunks, padded):
        reader, count = taken(each)
        assert count == 5
        assert reader.assembler.message is not None
        assert reader.assembler.message.text == 'abc "quoted"d\n\u2028\U0001f600'


FRAME = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta",%s}}\n\n'
)


@pytest.mark.parametrize(
    "other",
    [b"data: {}\n\n", FRAME % b'"text":"x","more":1', FRAME % b'"text":"\\ud83d"', FRAME % b'"text":1'],
    ids=["another", "a field more", "half a character", "no string"],
)
def test_any_other_chunk_is_read_the_standards_way(other: bytes) -> None:
    chunks = words("a", "b")
    _, count = taken([*chunks, other])
    assert count == 1


def test_a_chunk_over_the_bound_is_read_the_standards_way() -> None:
    reader = StreamReader(max_event_bytes=300)
    for chunk in words("a", "b"):
        reader.feed(chunk)
        reader.step()
    with pytest.raises(APIError, match="max_event_bytes"):
        reader.feed(words("x" * 400)[-1])


def test_a_stream_of_alternating_blocks_is_not_learned_for_ever() -> None:
    """Learning costs more than reading; what is learned in vain is given up."""
    events = [start(), block_start(0), block_start(1)]
    events += [text(f"{number} ", number % 2) for number in range(4 * LESSONS)]
    learned: list[int] = []
    reader = StreamReader()
    for chunk in one_event_a_chunk(stream(*events)):
        reader.feed(chunk)
        while reader.step() is not None:
            learned.append(reader._likely._lessons)
    assert learned[-1] == 0


def test_what_has_no_place_for_a_string_is_not_learned() -> None:
    likely = LikelyDelta(1000)
    body = delta(text="a")
    for changes in ((), (("text", "a", None),)):
        likely.learn(b"data: x\n\n", ("message", b"x", "", None), body, changes)
    likely.learn(b"", ("message", b"", "", None), {"type": "content_block_delta", "delta": 1}, (("text", "a", None),))
    assert likely.text(b"data: x\n\n") is None


def test_bytes_that_cannot_be_read_decode_to_nothing() -> None:
    assert not _decodes_to(b"data: {\n\n", ("message", b"{", "", None), {})
