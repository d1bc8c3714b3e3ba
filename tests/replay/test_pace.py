"""The pace: the same bytes, in chunks, with pauses."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseclaude.replay import DEFAULT, Pace, Recording, load, schedule

TEXT = next(recording for recording in load(None) if recording.name == "text")
TIMED = Recording("timed", b"data: a\n\n", chunks=((4, 0.5), (5, 0.25)))

paces = st.builds(
    Pace,
    ttft=st.floats(0, 10),
    tokens_per_second=st.none() | st.floats(0.1, 1000),
    jitter=st.floats(0, 1),
    chunk=st.sampled_from(["event", "byte"]) | st.integers(1, 10_000),
    seed=st.integers(0, 99),
)


@given(st.none() | paces, st.sampled_from([TEXT, TIMED, Recording("empty", b"")]))
def test_no_pace_changes_a_byte(pace: Pace | None, recording: Recording) -> None:
    assert b"".join(data for _, data in schedule(recording, pace)) == recording.body


@given(paces)
def test_chunks_do_not_change_the_whole_time(pace: Pace) -> None:
    whole = Pace(pace.ttft, pace.tokens_per_second, pace.jitter, "event", pace.seed)
    times = [sum(seconds for seconds, _ in schedule(TEXT, one)) for one in (pace, whole)]
    assert times[0] == pytest.approx(times[1])


def test_an_event_is_a_chunk() -> None:
    assert [data for _, data in schedule(TEXT, None)] == list(TEXT.events)
    assert [data for _, data in schedule(TEXT, DEFAULT)] == list(TEXT.events)


@pytest.mark.parametrize(("chunk", "size"), [("byte", 1), (7, 7), (4096, 4096)])
def test_a_chunk_may_be_a_number_of_bytes(chunk: Any, size: int) -> None:
    sizes = [len(data) for _, data in schedule(TEXT, Pace(chunk=chunk))]
    assert set(sizes[:-1]) == {size}
    assert 0 < sizes[-1] <= size


def test_recorded_chunks_and_times_are_kept() -> None:
    assert schedule(TIMED, DEFAULT) == [(0.5, b"data"), (0.25, b": a\n\n")]
    assert schedule(TIMED, None) == [(0.0, b"data"), (0.0, b": a\n\n")]
    assert schedule(TIMED, Pace(ttft=1)) == [(1.0, b"data: a\n\n")]


def test_tokens_come_at_their_rate_after_the_first() -> None:
    """The answer's usage says how many there are; an event has as many as its share of the text."""
    waits = [seconds for seconds, _ in schedule(TEXT, Pace(ttft=2, tokens_per_second=10))]
    deltas = [json.loads(event.partition(b"data: ")[2]) for event in TEXT.events if b"text_delta" in event]
    lengths = [len(body["delta"]["text"]) for body in deltas]
    assert waits[0] == 2
    assert [wait for wait in waits[1:] if wait] == pytest.approx([n * 33.8 / sum(lengths) for n in lengths])
    assert sum(waits) == pytest.approx(2 + 338 / 10)


def test_an_answer_without_usage_has_a_token_for_four_characters() -> None:
    body = b"".join(
        b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":%s}\n\n' % delta
        for delta in (b'{"type":"text_delta","text":"12345678"}', b'{"signature":"123456789"}', b"[]")
    )
    broken = b"event: content_block_delta\ndata: {\n\n"
    pace = Pace(ttft=0, tokens_per_second=1)
    assert [seconds for seconds, _ in schedule(Recording("a", body + broken), pace)] == [2.0, 0.0, 0.0, 0.0]


def test_jitter_is_the_same_for_the_same_seed() -> None:
    first, again, other = (schedule(TEXT, Pace(jitter=0.5, seed=seed)) for seed in (1, 1, 2))
    assert first == again != other
    steady = schedule(TEXT, Pace())
    assert all(0.5 * wait <= seconds <= 1.5 * wait for (seconds, _), (wait, _) in zip(first, steady, strict=True))


@pytest.mark.parametrize(
    "wrong",
    [{"ttft": -1}, {"jitter": 2}, {"tokens_per_second": 0}, {"chunk": 0}, {"chunk": "word"}],
    ids=str,
)
def test_what_is_no_pace_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Pace(**wrong)
