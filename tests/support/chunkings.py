"""Streams cut and damaged in every way, for tests that compare two ways of reading them.

Rule: the same stream and seed give the same chunks.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.support.streams import DEVIATIONS, FIXTURES, ROOT

RECORDED = ROOT.parent / "shared" / "streams"
STREAMS = sorted([*FIXTURES.glob("*.sse"), *DEVIATIONS.glob("*.sse"), *RECORDED.glob("*.sse")])


def one_event_a_chunk(body: bytes) -> list[bytes]:
    return [frame + b"\n\n" for frame in body.split(b"\n\n") if frame]


def chunkings(body: bytes, seed: int) -> Iterator[list[bytes]]:
    """An event a chunk; some chunks joined or cut; all in one chunk; and events repeated, lost and damaged."""
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
    yield [body]
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
