"""The floors of the house: who may import whom, read from the imports themselves; and how large anything may be."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.streams import ROOT

PACKAGE = ROOT / "sseclaude"

FLOORS: dict[str, int] = {
    **dict.fromkeys(["errors", "sse", "partial_json", "deviations"], 0),
    **dict.fromkeys(["snapshots", "blocks", "message"], 1),
    **dict.fromkeys(["events", "derived"], 2),
    **dict.fromkeys(["builder", "assembler", "reader"], 3),
    "replay": 6,
    "cli": 6,
}
"""The floor of each module. What is not named here is between the core and the top: faces, transport, client."""

UPPER = 4
TOP = 6

MODELS = {"pydantic", "pydantic_core", "typing_extensions"}
FACES = MODELS | {"anyio", "httpx"}
OUTSIDE: list[set[str]] = [
    set(),
    MODELS,
    MODELS,
    MODELS,
    FACES,
    FACES,
    FACES | {"h11", "click", "rich", "yaml", "pytest"},
]
"""What each floor may import from outside the standard library."""

WORLD = {"socket", "ssl", "asyncio", "threading", "time", "select", "selectors", "httpx", "anyio", "trio", "http"}
"""What would tie the core to a network, a clock or an event loop."""


class Import(NamedTuple):
    """One import: from which module of ours (None: from outside), the name, whether only type checkers see it."""

    module: str | None
    outside: str
    typing_only: bool
    lazy: bool


def modules(under: Path = PACKAGE) -> list[Path]:
    return sorted(path for path in under.rglob("*.py") if "__pycache__" not in path.parts)


def name_of(path: Path) -> str:
    """The module's top name inside the package: ``sse``, ``replay``."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imports(path: Path) -> Iterator[Import]:
    """All imports of a file, wherever they stand."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for part in node.body
        for inner in ast.walk(part)
    }
    lazy = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
    }
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(None, alias.name.partition(".")[0], node in typing_only, node in lazy)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield Import(None, str(node.module).partition(".")[0], node in typing_only, node in lazy)
        elif isinstance(node, ast.ImportFrom):
            inside = depth > node.level  # the module belongs to a subpackage, and so does what it imports
            for alias in node.names:
                first = (node.module or alias.name).partition(".")[0]
                yield Import(name_of(path) if inside else first, "", node in typing_only, node in lazy)


MODULES = [pytest.param(path, id=str(path.relative_to(PACKAGE))) for path in modules()]
CORE = [pytest.param(path, id=path.stem) for path in modules() if FLOORS.get(name_of(path), UPPER) <= 3]


def test_every_floor_is_inhabited() -> None:
    assert set(FLOORS) <= {name_of(path) for path in modules()} | {"cli"}
    assert len(CORE) == 12


@pytest.mark.parametrize("path", MODULES)
def test_imports_inside_are_relative(path: Path) -> None:
    assert [found for found in imports(path) if found.outside == "sseclaude"] == []


@pytest.mark.parametrize("path", MODULES)
def test_imports_go_down_only(path: Path) -> None:
    name = name_of(path)
    if name in ("__init__", "__main__"):
        return
    floor = FLOORS.get(name, UPPER)
    for found in imports(path):
        if found.module is not None and not found.typing_only and found.module != name:
            below = FLOORS.get(found.module, UPPER)
            assert below <= floor, f"{name} (floor {floor}) imports {found.module} (floor {below})"


@pytest.mark.parametrize("path", CORE)
def test_floor_0_needs_nothing_but_errors(path: Path) -> None:
    if FLOORS[name_of(path)] == 0:
        assert {found.module for found in imports(path) if found.module and not found.typing_only} <= {"errors"}


@pytest.mark.parametrize("path", MODULES)
def test_outside_imports_are_the_floors_own(path: Path) -> None:
    floor = FLOORS.get(name_of(path), UPPER)
    outside = {found.outside for found in imports(path) if found.outside and not found.typing_only}
    assert outside - sys.stdlib_module_names <= OUTSIDE[TOP if name_of(path) == "__main__" else floor]


@pytest.mark.parametrize("path", CORE)
def test_the_core_knows_no_world(path: Path) -> None:
    assert {found.outside for found in imports(path) if not found.typing_only} & WORLD == set()


@pytest.mark.parametrize("path", MODULES)
def test_httpx_is_imported_where_requests_are_sent(path: Path) -> None:
    httpx = [found for found in imports(path) if found.outside == "httpx" and not found.typing_only]
    if name_of(path) not in HTTPX:
        assert httpx == []


HTTPX = {"transport", "replay", "cli"}

LINES = 500
FUNCTION_LINES = 60


@pytest.mark.parametrize("path", MODULES)
def test_files_and_functions_are_short(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= LINES
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < FUNCTION_LINES, node.name


@pytest.mark.parametrize("path", MODULES)
def test_every_file_says_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, "the module has no docstring"


@pytest.mark.parametrize("path", CORE)
def test_the_core_opens_with_purpose_limits_and_rule(path: Path) -> None:
    docstring = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").lower()
    assert "purpose:" in docstring
    assert "must not know" in docstring
    assert "rule:" in docstring or "its rule" in docstring
