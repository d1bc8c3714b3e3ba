"""The layers of the package: who may import whom, read from the imports themselves; and how large a file may be.

The order is ``LAYERS`` in ``sseclaude/cli/vendoring.py``: a module may import those before it, and none after it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import sseclaude
from sseclaude.cli.vendoring import COMMON, LAYERS
from tests.support.streams import ROOT

PACKAGE = ROOT / "sseclaude"

ORDER = [name for names in LAYERS.values() for name in names]
"""The modules and folders from the lowest to the highest."""

MODELS = {"pydantic", "pydantic_core", "typing_extensions"}
NETWORK = MODELS | {"anyio", "httpcore", "httpx"}
OUTSIDE: dict[str, set[str]] = {
    "sse": set(),
    "core": MODELS,
    "client": NETWORK,
    "all": NETWORK | {"h11", "click", "rich", "yaml", "pytest", "redis", "starlette", "uvicorn"},
}
"""What each part may import from outside the standard library."""

WORLD = {"socket", "ssl", "asyncio", "threading", "time", "select", "selectors", "httpx", "anyio", "trio", "http"}
"""What would tie the core to a network, a deadline or an event loop."""


class Import(NamedTuple):
    """One import: the module's path below the package ("" for one from outside), or the package from outside."""

    inside: str
    outside: str
    typing_only: bool


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


def name_of(path: Path) -> str:
    """The module's path below the package, without its ending: ``sse``, ``client/stream``, ``replay``."""
    name = path.relative_to(PACKAGE).with_suffix("").as_posix()
    return name.removesuffix("/__init__")


def layer_of(name: str) -> str | None:
    """The entry of ``ORDER`` that a module belongs to; None for what every part has."""
    return next((each for each in ORDER if name == each or name.startswith(f"{each}/")), None)


def part_of(name: str) -> str:
    layer = layer_of(name)
    return next((part for part, names in LAYERS.items() if layer in names), "sse")


def imports(path: Path) -> Iterator[Import]:
    """All imports of a file, wherever they stand; ``from . import a, b`` counts as one of each."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for part in node.body
        for inner in ast.walk(part)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import("", alias.name.partition(".")[0], node in typing_only)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield Import("", str(node.module).partition(".")[0], node in typing_only)
        elif isinstance(node, ast.ImportFrom):
            folder = path.parents[node.level - 1] / (node.module or "").replace(".", "/")
            for alias in node.names:
                yield Import(_module(folder, alias.name), "", node in typing_only)


def _module(folder: Path, name: str) -> str:
    """The module that ``from FOLDER import NAME`` imports: a module or package of that name, or the one that has it."""
    for candidate in (folder / f"{name}.py", folder / name / "__init__.py", folder.with_suffix(".py")):
        if candidate.is_file():
            return name_of(candidate)
    return name_of(folder / "__init__.py")


MODULES = [pytest.param(path, id=path.relative_to(PACKAGE).as_posix()) for path in modules()]
CORE = [
    pytest.param(path, id=name_of(path))
    for path in modules()
    if layer_of(name_of(path)) and part_of(name_of(path)) in ("sse", "core")
]


def test_the_table_of_layers_is_the_folder() -> None:
    found = {layer_of(name_of(path)) for path in modules() if path.relative_to(PACKAGE).as_posix() not in COMMON}
    assert found - {None} == set(ORDER)
    unlisted = [name_of(path) for path in modules() if layer_of(name_of(path)) is None]
    assert set(unlisted) - {"client"} == {"", "_version", "__init__"} - {""}
    assert len(ORDER) == len(set(ORDER))


def test_few_modules_lie_flat() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= 20


@pytest.mark.parametrize("path", MODULES)
def test_imports_inside_are_relative(path: Path) -> None:
    assert [found for found in imports(path) if found.outside == "sseclaude"] == []


@pytest.mark.parametrize("path", MODULES)
def test_imports_go_down_only(path: Path) -> None:
    layer = layer_of(name_of(path))
    if layer is None:
        return
    for found in imports(path):
        below = layer_of(found.inside)
        if found.inside and below and not found.typing_only and below != layer:
            assert ORDER.index(below) < ORDER.index(layer), f"{name_of(path)} imports {found.inside}"


def test_no_import_goes_in_a_circle() -> None:
    graph = {
        name_of(path): {found.inside for found in imports(path) if found.inside and not found.typing_only}
        for path in modules()
        if layer_of(name_of(path)) is not None
    }
    for name, below in graph.items():
        below.discard(name)
    list(TopologicalSorter(graph).static_order())  # raises CycleError


@pytest.mark.parametrize("path", CORE)
def test_the_part_sse_needs_nothing_but_errors(path: Path) -> None:
    if part_of(name_of(path)) == "sse":
        needed = {layer_of(found.inside) for found in imports(path) if found.inside and not found.typing_only}
        assert needed <= {"error_bodies", "errors", layer_of(name_of(path))}


@pytest.mark.parametrize("path", MODULES)
def test_outside_imports_are_those_of_the_part(path: Path) -> None:
    outside = {found.outside for found in imports(path) if found.outside and not found.typing_only}
    assert outside - sys.stdlib_module_names <= OUTSIDE[part_of(name_of(path))]


@pytest.mark.parametrize("path", CORE)
def test_the_core_knows_no_network_clock_or_loop(path: Path) -> None:
    assert {found.outside for found in imports(path) if not found.typing_only} & WORLD == set()


def test_the_lazy_names_are_the_names_for_type_checkers() -> None:
    """``__all__``, the table of modules and the imports under TYPE_CHECKING say the same."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    for_checkers = {
        str(node.module): sorted(alias.name for alias in node.names)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module != "_version"
    }
    assert {module: sorted(names) for module, names in sseclaude._MODULES.items()} == for_checkers
    assert sorted([*sseclaude._MODULE_OF, "__version__"]) == sorted(sseclaude.__all__)
    assert dir(sseclaude) == sseclaude.__all__


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
def test_the_core_opens_with_purpose_and_rule(path: Path) -> None:
    docstring = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").lower()
    assert "purpose:" in docstring
    assert "rule:" in docstring or "its rule" in docstring
