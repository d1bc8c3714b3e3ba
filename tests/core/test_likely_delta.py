"""The fast way for the likely event: it is taken, it is never wrong, and without it nothing but speed changes."""

from __future__ import annotations

import json
import pickle
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import copy, deepcopy
from pathlib import Path
from typing import Any, TypeAlias
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sseclaude.assembler import MessageAssembler
from sseclaude.errors import APIError
from sseclaude.fast.likely_delta import LESSONS, LikelyDelta, _decodes_to
from sseclaude.reader import ShortStep, StreamReader
from tests.support.chunkings import STREAMS, chunkings, one_event_a_chunk
from tests.support.near_deltas import near_deltas
from tests.support.streams import (
    POINTS,
    block_start,
    block_stop,
    bytewise,
    cut_at_random,
    delta,
    described,
    failure,
    frame,
    start,
    stream,
    text,
)

Way: TypeAlias = Callable[[list[bytes], StreamReader], Iterator[Any]]
"""Reads chunks, and yields what is seen on the way."""


def by_steps(chunks: list[bytes], reader: StreamReader) -> Iterator[Any]:
    """Every step in full, with the frame that it came in."""
    for chunk in chunks:
        for step in short_steps(reader, chunk):
            body, changes, _ = reader.full(step)
            grown = [(change, what, getattr(source, "length", None)) for change, what, source in changes]
            yield body, grown, reader.frame
    yield from at_the_end(reader)


def by_events(chunks: list[bytes], reader: StreamReader) -> Iterator[Any]:
    """Every event as it is shown."""
    for chunk in chunks:
        for step in short_steps(reader, chunk):
            yield list(map(shown, reader.events(step)))
    yield from at_the_end(reader)


def by_wire_events(chunks: list[bytes], reader: StreamReader) -> Iterator[Any]:
    for chunk in chunks:
        for step in short_steps(reader, chunk):
            yield shown(reader.wire_event(step))
    yield from at_the_end(reader)


def in_bulk(chunks: list[bytes], reader: StreamReader) -> Iterator[Any]:
    """Nothing on the way."""
    for chunk in chunks:
        if reader.likely.take(chunk) is None:
            reader.feed(chunk)
            reader.skim()
    yield from at_the_end(reader)


WAYS = (by_steps, by_events, by_wire_events, in_bulk)


def short_steps(reader: StreamReader, chunk: bytes) -> Iterator[ShortStep]:
    if (text := reader.likely.take(chunk)) is not None:
        yield text
        return
    reader.feed(chunk)
    while not reader.done and (step := reader.short_step()) is not None:
        yield step


def at_the_end(reader: StreamReader) -> Iterator[Any]:
    reader.end()
    while not reader.done and (step := reader.step()) is not None and step[0]:
        yield step[0], list(map(shown, reader.events(step)))


def shown(event: Any) -> Any:
    """What a caller can see of an event."""
    return event and (type(event), event.model_dump(warnings=False), event.model_fields_set, event.model_extra)


def outcome(way: Way, chunks: list[bytes], *, strict: bool, wants_events: bool) -> Any:
    """What a reader's user can see: what it yields, deviations, counts, the message, the error and its progress."""
    reader = StreamReader(strict, wants_events=wants_events)
    seen: list[Any] = []
    error = None
    try:
        for each in way(chunks, reader):
            seen.append(each)  # noqa: PERF402 - what came before an error counts
    except APIError as failure:
        error = (type(failure), str(failure), failure.progress)
    message = reader.assembler.message
    whole = json.dumps(message.to_dict()) if message is not None else None
    return seen, error, reader.assembler.deviations, reader.assembler.progress, reader.byte_count, whole


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_without_it_only_the_speed_changes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = [{"strict": False, "wants_events": True}, {"strict": True, "wants_events": False}]
    every = [*chunkings(path.read_bytes(), len(path.stem))]
    cases = [(way, chunks, each) for chunks in every for way in WAYS for each in options]
    fast = [outcome(way, chunks, **each) for way, chunks, each in cases]
    monkeypatch.setattr(LikelyDelta, "learn", lambda *_: None)
    for (way, chunks, each), found in zip(cases, fast, strict=True):
        assert outcome(way, chunks, **each) == found, (way, chunks, each)


def seen(chunks: list[bytes], *, strict: bool, wants_events: bool) -> Any:
    """What is to be the same however the bytes are cut."""
    reader, steps, error = StreamReader(strict, wants_events=wants_events), list[Any](), None
    try:
        for step in by_steps(chunks, reader):
            steps.append(step)
    except APIError as found:
        error = failure(found), described(found.partial_message)
    return steps, error, reader.assembler.deviations, described(reader.assembler.message)


@pytest.mark.parametrize("kind", ["text", "thinking", "tool_use"])
@settings(max_examples=150, deadline=None)
@given(data=st.data(), points=POINTS, strict=st.booleans(), wants_events=st.booleans())
def test_deltas_that_are_nearly_alike_are_not_taken_for_alike(
    kind: str, data: st.DataObject, points: list[int], strict: bool, wants_events: bool
) -> None:
    deltas = data.draw(near_deltas(kind))
    events = [frame(start()), frame(block_start(0, kind)), *deltas, frame(block_stop())]
    body = b"".join(events)
    with patch.object(LikelyDelta, "learn"):
        expected = seen(bytewise(body), strict=strict, wants_events=not wants_events)
    for chunks in (events, [body], cut_at_random(body, points)):
        assert seen(chunks, strict=strict, wants_events=wants_events) == expected


def words(*pieces: str) -> list[bytes]:
    return one_event_a_chunk(stream(start(), block_start(), *map(text, pieces)))


def taken(chunks: list[bytes]) -> tuple[StreamReader, int]:
    """Read the chunks, and count those that the fast way took."""
    reader, count = StreamReader(), 0
    for chunk in chunks:
        count += sum(isinstance(step, str) for step in short_steps(reader, chunk))
    return reader, count


def test_it_is_taken() -> None:
    chunks = words("a", "b", 'c "quoted"', "d\n\u2028", "\U0001f600", "")
    for spaces in ([], [1], [0, 2, 4], [3, 7, 0, 1, 0, 9, 0]):
        padded = zip(chunks, (*spaces, *[0] * len(chunks)), strict=False)
        each = [chunk.replace(b"}}\n\n", b"}" + b" " * count + b"}\n\n") for chunk, count in padded]
        reader, count = taken(each)
        assert count == 5
        assert reader.assembler.message is not None
        assert reader.assembler.message.text == 'abc "quoted"d\n\u2028\U0001f600'


FRAME = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta",%s}}\n\n'
)


@pytest.mark.parametrize("string", [b'\n"c"', b'"c"\n', b'\r\n"c"', b'"c"\r'])
def test_a_line_end_beside_the_string_ends_the_data(string: bytes) -> None:
    """JSON allows white space there, but the event stream cuts the line."""
    *chunks, last = words("a", "b", "c")
    chunks.append(last.replace(b'"c"', string))
    for each in (chunks, [b"".join(chunks)]):
        with pytest.raises(APIError, match="malformed"):
            taken(each)


@pytest.mark.parametrize("behind", [b'"te\\u0078t":""', b'"text":\t""', b'"text"\t:""'])
def test_a_string_whose_key_comes_again_is_not_the_text(behind: bytes) -> None:
    """JSON takes the last of equal keys, however it is spelled."""
    first, second = (FRAME % b'"text":"%s",%s' % (string, behind) for string in (b"a", b"b"))
    reader, count = taken([*words(), first, second])
    assert count == 0
    assert reader.assembler.message is not None
    assert reader.assembler.message.text == ""


def test_a_large_event_is_learned_in_little_memory() -> None:
    chunks = words("x" * 1_000_000, "y")
    tracemalloc.start()
    try:
        _, count = taken(chunks)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert count == 1


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
        list(short_steps(reader, chunk))
    with pytest.raises(APIError, match="max_event_bytes"):
        list(short_steps(reader, words("x" * 400)[-1]))


def test_no_bytes_are_likely_before_anything_was_learned() -> None:
    """Not even bytes that no event stream has."""
    for chunk in (b"", b"\0}\n\n", b"}\n\n", FRAME % b'"text":"x"'):
        assert StreamReader().likely.take(chunk) is None


def test_half_a_character_that_waits_for_the_other_half_is_not_learned_from() -> None:
    """What is added is always just what the event says."""
    half, other = (FRAME % (b'"text":"%s"' % piece) for piece in (b"\\ud83d", b"\\ude00"))
    reader, count = taken([*words("a"), half, *words("b")[-1:]])
    assert count == 0
    reader, count = taken([*words("a"), half, other, *words("b")[-1:] * 2])
    assert count == 1
    assert reader.assembler.message is not None
    assert reader.assembler.message.text == "a\U0001f600bb"


GROWTH = [
    ("text", "text_delta", "text"),
    ("thinking", "thinking_delta", "thinking"),
    ("tool_use", "input_json_delta", "partial_json"),
]


@pytest.mark.parametrize(("block", "kind", "field"), GROWTH)
def test_its_events_are_what_the_standards_way_makes(block: str, kind: str, field: str) -> None:
    chunks = [*map(frame, (start(), block_start(0, block), *[delta(0, kind, **{field: "1"})] * 3))]
    reader = StreamReader(wants_events=True)
    steps = [step for chunk in chunks for step in short_steps(reader, chunk)]
    assert isinstance(steps[-1], str)
    made = [*reader.events(steps[-1]), reader.wire_event(steps[-1])]
    careful = StreamReader(wants_events=True)
    for chunk in chunks:
        careful.feed(chunk)
        step = careful.step()
        assert step is not None
    expected = [*careful.events(step), careful.wire_event(step)]
    body, ((*change, source),), _ = reader.full(steps[-1])
    other_body, ((*other_change, other_source),), _ = step
    assert (body, change, source.text()) == (other_body, other_change, other_source.text())
    for event, other in zip(made, expected, strict=True):
        assert event is not None
        assert type(event) is type(other)
        assert event == other
        assert repr(event) == repr(other)
        assert getattr(event, "snapshot", None) == getattr(other, "snapshot", None)
        for each in (event, getattr(event, "delta", event)):
            assert each.__pydantic_extra__ == {}
            with pytest.raises(ValidationError, match="frozen"):
                each.type = "x"
        for again in (pickle.loads(pickle.dumps(event)), copy(event), deepcopy(event), event.model_copy()):
            assert shown(again) == shown(event) == shown(other)
            assert again == event
        assert event.to_dict() == other.to_dict()  # type: ignore[union-attr]
        assert list(event.model_dump()) == list(other.model_dump())  # type: ignore[union-attr]


def test_a_stream_of_alternating_blocks_is_not_learned_for_ever() -> None:
    """Learning costs more than reading; what is learned in vain is given up."""
    events = [start(), block_start(0), block_start(1)]
    events += [text(f"{number} ", number % 2) for number in range(4 * LESSONS)]
    learned: list[int] = []
    reader = StreamReader()
    for chunk in one_event_a_chunk(stream(*events)):
        learned += [reader.likely._lessons for _ in short_steps(reader, chunk)]
    assert learned[-1] == 0


def test_what_has_no_place_for_a_string_is_not_learned() -> None:
    likely = LikelyDelta(MessageAssembler(), 1000)
    body = delta(text="a")
    for changes in ((), (("text", "a", None),)):
        likely.learn(b"data: x\n\n", ("message", b"x", "", None), body, changes)
    likely.learn(b"", ("message", b"", "", None), {"type": "content_block_delta", "delta": 1}, (("text", "a", None),))
    assert likely.take(b"data: x\n\n") is None


def test_bytes_that_cannot_be_read_decode_to_nothing() -> None:
    assert not _decodes_to(b"{", {})


def test_events_that_share_a_chunk_are_taken_too() -> None:
    a, b, c, *_, last = words(*"abcdefg")[2:]
    reader, count = taken([*words()[:2], a, b + c, c + b, b + c[:9], c[9:], b, last])
    assert count == 8  # all but the first
    assert reader.assembler.message is not None
    assert reader.assembler.message.text == "abccbbcbg"


LIKELY = words("a", "b")[-1]
BEHIND = {
    "an id alone": b"id: 7\n\n",
    "an event too large": LIKELY + b"data: " + b"x" * 400 + b"\n\n",
    "a line": LIKELY + b"event: ping\n",
    "half a line": LIKELY + b"data: [",
    "half a line end": LIKELY[:-1] + b"\r",
    "a comment": LIKELY + b": it lives\n",
    "an id": b"id: 7\n" + LIKELY,
}


@pytest.mark.parametrize("chunk", BEHIND.values(), ids=BEHIND)
def test_what_a_chunk_leaves_behind_belongs_to_the_next(chunk: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk that looks like the likely event is none, while the decoder still holds something."""
    chunks = [*words("a", "b"), chunk, LIKELY, b"\n", LIKELY, LIKELY]
    readers = [StreamReader(max_event_bytes=300), StreamReader(max_event_bytes=300)]
    seen: list[list[Any]] = [[], []]
    for number, reader in enumerate(readers):
        with suppress(APIError):
            seen[number] += by_steps(chunks, reader)
        monkeypatch.setattr(LikelyDelta, "learn", lambda *_: None)
    assert readers[0].assembler.progress == readers[1].assembler.progress
    assert readers[0].byte_count == readers[1].byte_count
    assert seen[0] == seen[1]


def test_only_spaces_may_differ_before_the_end() -> None:
    chunks = words("a", "b", "c")
    other = chunks[-1].replace(b"}}\n\n", b"1 }\n\n")
    assert other != chunks[-1]
    with pytest.raises(APIError, match="malformed"):
        taken([*chunks, other])
