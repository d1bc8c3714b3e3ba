"""Our models have every field, and our types every name, that the official client has for messages.

Runs where that client is: see ``find_python`` in ``tests/replay/test_clients.py``.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from sseclaude.blocks import Model
from sseclaude.types import beta
from sseclaude.types.names import BETA_NAMES
from tests.replay.test_clients import find_python

THEIRS = """
import json
from typing import get_args
from anthropic.types import beta
from pydantic import BaseModel

found = {}

def visit(kind):
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind.__name__ not in found:
            found[kind.__name__] = sorted(field.alias or name for name, field in kind.model_fields.items())
            for field in kind.model_fields.values():
                visit(field.annotation)
    for part in get_args(kind):
        visit(part)

visit(beta.BetaMessage)
visit(beta.BetaRawMessageStreamEvent)
print(json.dumps(found))
"""

OPEN = ("BetaBrowser", "BetaComputer", "BetaResponseBrowser", "BetaResponseComputer", "BetaMCPToolParam")
"""Types that have no name here: the tools of a toolset, which an answer brings inside an open object."""


@pytest.fixture(scope="module")
def theirs() -> dict[str, list[str]]:
    python = find_python()
    if python is None:
        pytest.skip("the official Python client is not here: set SSECLAUDE_OFFICIAL_PYTHON, or SSECLAUDE_PEERS=1")
    done = subprocess.run([python, "-W", "ignore", "-c", THEIRS], capture_output=True, text=True, check=True)
    fields: dict[str, list[str]] = json.loads(done.stdout)
    return {name: names for name, names in fields.items() if not name.startswith(OPEN)}


def ours(name: str) -> Any:
    """The type of a name of theirs; ``Delta`` and a parameter inside an answer lack ``Beta``."""
    return getattr(beta, name if name.startswith("Beta") else f"Beta{name}")


def test_no_type_is_missing(theirs: dict[str, list[str]]) -> None:
    assert len(theirs) > 50
    assert [name for name in theirs if name not in BETA_NAMES and f"Beta{name}" not in BETA_NAMES] == []


def test_no_field_is_missing(theirs: dict[str, list[str]]) -> None:
    missing = {}
    for name, fields in theirs.items():
        model = ours(name)
        if isinstance(model, type) and issubclass(model, Model):
            known = {field.alias or key for key, field in model.model_fields.items()}
            if gone := set(fields) - known:
                missing[name] = sorted(gone)
    assert missing == {}
