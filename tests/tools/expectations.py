"""What a lenient reader makes of each fixture, beside its message: ``fixtures/EXPECTED.json``.

Purpose: the numbers that a reader in another language can be compared with: how many events were counted, which rule
was noted at which, and how the stream failed.
Rule: each fixture is read in one chunk, to the end of its bytes. ``python -m tests.tools.docs`` writes the file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sseclaude.errors import APIError
from sseclaude.reader import StreamReader
from tests.tools.markdown import FIXTURES

EXPECTED = FIXTURES / "EXPECTED.json"

ENDINGS = {".sse": None, ".body.json": "application/json"}
"""The endings of the fixtures' files, each with the content type of its response."""


def outcome(data: bytes, content_type: str | None = None) -> dict[str, Any]:
    """Return the number of events, what was noted at which event, and the error, if the stream ends in one."""
    reader = StreamReader(content_type=content_type)
    error = None
    try:
        reader.feed(data)
        reader.end()
        while not reader.done:
            reader.step()
        reader.look_behind()
    except APIError as failure:
        error = type(failure).__name__
    noted = [[rule, number] for rule, number, _ in reader.assembler.deviations]
    return {"events": reader.assembler.event_count, "noted": noted, "error": error}


def fixtures() -> dict[str, tuple[Path, str | None]]:
    """Return the fixtures by name, each with its file and its content type."""
    return {
        str(path.relative_to(FIXTURES)).removesuffix(ending): (path, content_type)
        for ending, content_type in ENDINGS.items()
        for path in FIXTURES.rglob(f"*{ending}")
    }


def expected() -> str:
    """Return the text of the file: a line for each fixture."""
    outcomes = {name: outcome(path.read_bytes(), kind) for name, (path, kind) in sorted(fixtures().items())}
    lines = [f"  {json.dumps(name)}: {json.dumps(found)}" for name, found in outcomes.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"
