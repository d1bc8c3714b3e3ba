"""Real responses, where they are at hand: each assembles to its message, in strict mode too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sseclaude.errors import OverloadedError
from sseclaude.events import from_message, to_sse
from sseclaude.iterate import assemble
from sseclaude.sse import encode
from tests.support.streams import ROOT, bytewise, read_by_assemble, read_by_steps

RECORDINGS = sorted((ROOT.parent / "shared" / "streams").glob("*.sse"))
WHOLE = [path for path in RECORDINGS if path.with_suffix(".json").exists()]

pytestmark = pytest.mark.skipif(not RECORDINGS, reason="the recordings are not here")


def without_nulls(value: Any) -> Any:
    """The JSON without what is null: the recorded messages hold defaults that were never sent."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.stem)
def test_assembles_to_its_message(path: Path, strict: bool) -> None:
    expected = without_nulls(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
    for chunks in ([path.read_bytes()], bytewise(path.read_bytes())):
        assert without_nulls(assemble(chunks, strict=strict).to_dict()) == expected
    assert read_by_steps([path.read_bytes()]).deviations == []


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.stem)
def test_comes_back_from_its_message(path: Path) -> None:
    message = assemble([path.read_bytes()])
    assert assemble([encode(to_sse(event)) for event in from_message(message)], strict=True) == message


@pytest.mark.parametrize("path", [path for path in RECORDINGS if path not in WHOLE], ids=lambda path: path.stem)
def test_errors_are_raised(path: Path) -> None:
    assert path.stem == "error.1"
    for strict in (False, True):
        outcome = read_by_assemble([path.read_bytes()], strict=strict)
        assert outcome.error is not None
        assert outcome.error[0] is OverloadedError
