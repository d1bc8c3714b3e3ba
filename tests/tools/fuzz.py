"""Mutate streams for a bounded time: ``python -m tests.tools.fuzz [--seconds N] [--seed N]``.

Purpose: find bytes that the core reads differently when they are cut differently, or that raise what was not promised.
Rule: a find is shrunk, printed as bytes, and kept: put it into ``tests/fuzz_cases``, which ``tests/test_fuzz.py`` runs.

A mutation takes a recorded stream and changes bytes (flip, insert, delete, double, splice) or events (drop, repeat,
swap, another index, type or value), some times over. What comes of it is read leniently and strictly, whole, byte by
byte and at drawn cuts: the outcome must be one and the same message, or one and the same error of ours.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from sseclaude.errors import APIError
from tests.support.streams import (
    DEVIATIONS,
    FIXTURES,
    POINTS,
    REFUSED,
    bytewise,
    cut_at_random,
    names,
    read_by_steps,
    stream_bytes,
)

CASES = Path(__file__).parent / "fuzz_cases"
SECONDS = 30.0
ROUND = 400
"""Examples between two looks at the clock."""

BYTEWISE_LIMIT = 4096
"""Longer streams are not read byte by byte: it would cost most of the time."""

STREAMS = [stream_bytes(name) for folder in (FIXTURES, DEVIATIONS, REFUSED) for name in names(folder)]
BITS = b'\r\n:{}[]",\\ \0\xef\xbb\xbf\xff\xd8'
JUNK = [None, True, -1, 2**70, 0.5, "", "x", "\ud800", [], {}, [{}], {"type": "text"}, {"type": None}, "[DONE]"]
TYPES = ["text", "thinking", "tool_use", "text_delta", "input_json_delta", "signature_delta", "message_stop", "error",
         "ping", "message_start", "content_block_stop", "future"]  # fmt: skip

Mutation = Callable[[bytes, Any], bytes]


# --- bytes -----------------------------------------------------------------------------------------------------------


def _place(data: bytes, draw: Any) -> int:
    at: int = draw(st.integers(0, len(data)))
    return at


def flip(data: bytes, draw: Any) -> bytes:
    at = _place(data, draw)
    return data[:at] + bytes([b ^ draw(st.integers(1, 255)) for b in data[at : at + 1]]) + data[at + 1 :]


def insert(data: bytes, draw: Any) -> bytes:
    at = _place(data, draw)
    return data[:at] + draw(st.binary(max_size=6) | st.lists(st.sampled_from(BITS)).map(bytes)) + data[at:]


def delete(data: bytes, draw: Any) -> bytes:
    at = _place(data, draw)
    return data[:at] + data[at + draw(st.integers(1, 200)) :]


def truncate(data: bytes, draw: Any) -> bytes:
    return data[: _place(data, draw)]


def double(data: bytes, draw: Any) -> bytes:
    at, size = _place(data, draw), draw(st.integers(1, 300))
    return data[: at + size] + data[at:]


def splice(data: bytes, draw: Any) -> bytes:
    other: bytes = draw(st.sampled_from(STREAMS))
    return data[: _place(data, draw)] + other[_place(other, draw) :]


# --- events ----------------------------------------------------------------------------------------------------------


def _frames(data: bytes) -> list[bytes]:
    return data.split(b"\n\n")


def _number(frames: list[bytes], draw: Any) -> int:
    number: int = draw(st.integers(0, len(frames) - 1))
    return number


def drop(data: bytes, draw: Any) -> bytes:
    frames = _frames(data)
    del frames[_number(frames, draw)]
    return b"\n\n".join(frames)


def repeat(data: bytes, draw: Any) -> bytes:
    frames = _frames(data)
    frames.insert(_number(frames, draw), frames[_number(frames, draw)])
    return b"\n\n".join(frames)


def swap(data: bytes, draw: Any) -> bytes:
    frames = _frames(data)
    one, other = _number(frames, draw), _number(frames, draw)
    frames[one], frames[other] = frames[other], frames[one]
    return b"\n\n".join(frames)


def change(data: bytes, draw: Any) -> bytes:
    """Put another value into one place of an event's JSON."""
    frames = _frames(data)
    number = _number(frames, draw)
    line, colon, text = frames[number].partition(b"data: ")
    try:
        body = json.loads(text)
    except ValueError:
        return data
    inner, key = _somewhere(body, draw)
    if key is not None:
        inner[key] = draw(st.sampled_from(TYPES) if key == "type" else st.sampled_from(JUNK) | st.integers(0, 3))
    frames[number] = line + colon + json.dumps(body).encode()
    return b"\n\n".join(frames)


def _somewhere(body: Any, draw: Any) -> tuple[Any, Any]:
    """A place in a JSON value: what holds it, and its key."""
    places = [(body, key) for key in body] if isinstance(body, dict) else []
    for value in list(body.values()) if isinstance(body, dict) else []:
        places += [(value, key) for key in value] if isinstance(value, dict) else []
    place: tuple[Any, Any] = draw(st.sampled_from(places)) if places else (None, None)
    return place


MUTATIONS: list[Mutation] = [flip, insert, delete, truncate, double, splice, drop, repeat, swap, change, change, change]


@st.composite
def mutated(draw: Any) -> bytes:
    """A recorded stream with a few mutations."""
    data: bytes = draw(st.sampled_from(STREAMS))
    for mutate in draw(st.lists(st.sampled_from(MUTATIONS), min_size=1, max_size=4)):
        data = mutate(data, draw)
    return data


# --- what must hold --------------------------------------------------------------------------------------------------


def check(data: bytes, points: list[int]) -> str:
    """Read bytes in every way and hold the outcomes against each other; return what they came to."""
    shown = []
    for strict in (False, True):
        whole = read_by_steps([data], strict=strict)
        shown.append("whole" if whole.error is None else whole.error[0].__name__)
        assert whole.error is None or issubclass(whole.error[0], APIError)
        ways = [cut_at_random(data, points), *([bytewise(data)] if len(data) <= BYTEWISE_LIMIT else [])]
        for chunks in ways:
            assert read_by_steps(chunks, strict=strict) == whole, f"{'strict' if strict else 'lenient'}: {data!r}"
    return shown[0]


def run(seconds: float, first: int) -> dict[str, int]:
    """Fuzz for so many seconds and return how often each outcome was seen. Raises what was found, shrunk."""
    outcomes: dict[str, int] = {}
    until, number = time.monotonic() + seconds, first

    @settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(mutated(), POINTS)
    def one(data: bytes, points: list[int]) -> None:
        shown = check(data, points)
        outcomes[shown] = outcomes.get(shown, 0) + 1

    while time.monotonic() < until:
        seed(number)(one)()
        number += 1
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.seconds:g} s", flush=True)
    outcomes = run(options.seconds, options.seed)
    print(f"{sum(outcomes.values())} streams, none read in two ways:")
    for shown, count in sorted(outcomes.items(), key=lambda item: -item[1]):
        print(f"  {count:7} {shown}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
