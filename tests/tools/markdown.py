"""Markdown for the generated documents: tables, code, and frames of the fixtures as examples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "fixtures"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    heads = list(heads)
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows))


def code(*words: str) -> str:
    """Return words as code, separated by commas."""
    return ", ".join(f"`{word}`" for word in words)


# --- the fixtures ------------------------------------------------------------------------------------------------


def frames(pattern: str = "*.sse") -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Yield the complete frames of the fixtures, each as its bytes and its JSON."""
    for path in sorted(FIXTURES.glob(pattern)):
        for frame in path.read_bytes().split(b"\n\n")[:-1]:
            data = frame.partition(b"\ndata: ")[2]
            yield frame + b"\n\n", json.loads(data)


def shown(chosen: Iterable[bytes]) -> str:
    """Return frames as a fenced example."""
    return "```event-stream\n" + b"".join(chosen).decode().rstrip("\n") + "\n```"


def shortest(where: str, kind: str) -> bytes:
    """Return the shortest frame in which the object ``where`` is of type ``kind`` and, if one does, says something."""
    found = [(raw, inner(body, where)) for raw, body in frames()]
    fitting = [(_says_little(thing), len(raw), raw) for raw, thing in found if thing.get("type") == kind]
    return min(fitting)[2]


def _says_little(thing: Mapping[str, Any]) -> bool:
    return all(len(str(value or "")) < 8 for key, value in thing.items() if key != "type")


def inner(body: Any, path: str) -> Mapping[str, Any]:
    """Return the object at a path of keys, an empty one if there is none."""
    for key in filter(None, path.split(".")):
        body = body.get(key) if isinstance(body, Mapping) else None
    return body if isinstance(body, Mapping) else {}
