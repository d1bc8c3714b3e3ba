"""What a lenient reader makes of each fixture, beside its message: ``fixtures/EXPECTED.json``.

Purpose: what a reader in another language can be compared with: how many events were counted, which rule was noted at
which, how the stream failed, and which tool's input is not complete.
Rule: each fixture is read in one chunk, to the end of its bytes. ``python -m tests.tools.docs`` writes the file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sseclaude.error_bodies import error_message
from sseclaude.errors import APIError, APIStatusError, ProtocolError
from sseclaude.message import Message
from sseclaude.reader import StreamReader
from tests.tools.markdown import FIXTURES

EXPECTED = FIXTURES / "EXPECTED.json"

ENDINGS = {
    ".sse": None,
    ".body.json": "application/json",
    ".body.ndjson": "application/x-ndjson",
    ".body.html": "text/html",
}
"""The endings of the fixtures' files, each with the content type of its response."""


def outcome(data: bytes, content_type: str | None = None) -> dict[str, Any]:
    """Return the number of events, what was noted at which event, the error, if the stream ends in one, and the tools
    whose input is not complete, if there are any."""
    reader = StreamReader(content_type=content_type)
    failure = None
    try:
        reader.feed(data)
        reader.end()
        while not reader.done:
            reader.step()
        reader.look_behind()
    except APIError as error:
        failure = error
    noted = [[rule, number] for rule, number, _ in reader.assembler.deviations]
    found = {"events": reader.assembler.event_count, "noted": noted, "error": failure and type(failure).__name__}
    incomplete = _incomplete(failure.partial_message if failure else reader.assembler.message)
    return found | _said(failure) | ({"incomplete": incomplete} if incomplete else {})


def _said(failure: APIError | None) -> dict[str, Any]:
    """Return the rule of a refusal, or the type and the text of an error that the server sent, null where absent."""
    if isinstance(failure, ProtocolError):
        return {"rule": failure.rule}
    if isinstance(failure, APIStatusError):
        return {"error_type": failure.type, "error_message": error_message(failure.body)}
    return {}


def _incomplete(message: Message | None) -> list[int]:
    """Return the positions of the tool blocks whose input is not complete."""
    blocks = message.content if message else []
    return [at for at, block in enumerate(blocks) if not getattr(block, "input_complete", True)]


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
