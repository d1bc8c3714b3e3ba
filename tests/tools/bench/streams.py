"""The bytes that are streamed, the same for every side.

Purpose: whole event streams of any number of deltas, spelled as the API spells them.
Must not know: who reads them; it is imported by every worker, so it needs nothing but the standard library.
Rule: the same size gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import cycle, islice
from typing import Any, NamedTuple

PIECES = (
    " safely, which is a", " matter of", "\n\n", "The", " stream", " ends when the last event", " has come; ",
    "naïve", " readers", " wait", " for a", " line", " that never", " comes.", " \"Quoted\"", " 1,024 bytes",
)  # fmt: skip
"""What the deltas say in turn; the API sends a few tokens at a time."""

FRAGMENT = 20
"""Characters of one fragment of a tool's input."""

ROOM_FOR_AN_EDIT = 120
"""Characters that one of the small objects may need."""

KIB_64 = 64 * 1024


class Stream(NamedTuple):
    """A stream's frames, how many deltas are among them, and what a whole read of it must have seen.

    What is kept is made of bytes and text alone: the garbage collector must find nothing of ours to go through.
    """

    frames: tuple[bytes, ...]
    deltas: int
    expected: Callable[[], object]


def _frame(body: dict[str, Any]) -> bytes:
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return f"event: {body['type']}\ndata: {data}\n\n".encode()


def _stream(block: dict[str, Any], deltas: list[dict[str, Any]], expected: Callable[[], object]) -> Stream:
    message: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-6",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 25, "output_tokens": 1},
    }
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    bodies: list[dict[str, Any]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": block},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": end, "usage": {"output_tokens": len(deltas)}},
        {"type": "message_stop"},
    ]
    return Stream(tuple(_frame(body) for body in bodies), len(deltas), expected)


@lru_cache(maxsize=4)
def text(count: int) -> Stream:
    """A text block; a whole read has seen so many characters."""
    pieces = list(islice(cycle(PIECES), count))
    deltas = [{"type": "text_delta", "text": piece} for piece in pieces]
    return _stream({"type": "text", "text": ""}, deltas, partial(sum, tuple(map(len, pieces))))


@lru_cache(maxsize=4)
def thinking(count: int) -> Stream:
    """A thinking block (without a signature); a whole read has seen so many characters."""
    pieces = list(islice(cycle(PIECES), count))
    deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces]
    block = {"type": "thinking", "thinking": "", "signature": ""}
    return _stream(block, deltas, partial(sum, tuple(map(len, pieces))))


@lru_cache(maxsize=4)
def small_objects(count: int) -> Stream:
    """A tool's input that is a list of small objects of some 95 characters, in ``count`` fragments."""
    room = count * FRAGMENT - len('{"edits":[],"note":""}')
    edits: list[str] = []
    while room > ROOM_FOR_AN_EDIT:
        line = len(edits)
        edit = {"line": line, "old": f"the text that stood in line {line} before", "new": f"what stands in {line} now"}
        edits.append(json.dumps(edit, separators=(",", ":")))
        room -= len(edits[-1]) + (line > 0)
    return _tool(f'{{"edits":[{",".join(edits)}],"note":"{"." * room}"}}')


@lru_cache(maxsize=4)
def long_string(count: int) -> Stream:
    """A tool's input that is one long string, a file with its line ends, in ``count`` fragments."""
    frame = '{"content":""}'
    lines = cycle("    if the line is empty: dispatch the event\\n")
    room = count * FRAGMENT - len(frame)
    words = "".join(islice(lines, room - 1))
    return _tool(f'{{"content":"{words.rstrip(chr(92)).ljust(room, ".")}"}}')


def _tool(document: str) -> Stream:
    fragments = [document[at : at + FRAGMENT] for at in range(0, len(document), FRAGMENT)]
    deltas = [{"type": "input_json_delta", "partial_json": fragment} for fragment in fragments]
    block = {"type": "tool_use", "id": "toolu_1", "name": "write", "input": {}}
    return _stream(block, deltas, partial(json.loads, document))


def in_large_chunks(frames: Sequence[bytes]) -> tuple[bytes, ...]:
    """The same bytes, cut every 64 KiB."""
    whole = b"".join(frames)
    return tuple(whole[at : at + KIB_64] for at in range(0, len(whole), KIB_64))
