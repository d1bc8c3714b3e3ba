"""What type checkers and editors see, from outside: against the built wheel, as an installed package."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

import sseclaude
from tests.support.streams import ROOT, block_stop, finish, start, stream

PACKAGE = ROOT / "sseclaude"
OUTSIDE = Path(__file__).parent / "outside"

# --- Any ------------------------------------------------------------------------------------------------------------

JSON_VALUE = "any JSON value"
OPEN = "the wire leaves its shape open"

MAY_BE_ANY = {
    "blocks.server_blocks.NOT_SENT": "what a field holds that was not sent, of whatever type",
    "blocks.content.TextBlock.parsed_output": "of the caller's type, which a block does not know",
    "blocks.model.by_attribute": JSON_VALUE,
    "client.streaming_response.StreamingResponse.json": JSON_VALUE,
    "client.streaming_response.AsyncStreamingResponse.json": JSON_VALUE,
    "event_json.mended": JSON_VALUE,
    "blocks.model.deferred": "a type that is made when the program runs",
    "blocks.model.plain": JSON_VALUE,
    "events.ErrorDetail.details": OPEN,
    "derived_events.TextEvent.parsed_snapshot": JSON_VALUE,
    "derived_events.InputJsonEvent.snapshot": JSON_VALUE,
    "partial_json.PartialJSON.value": JSON_VALUE,
    "partial_json.shared.NOTHING": "stands where a JSON value may be",
    "partial_json.shared.plain": JSON_VALUE,
    "growing_text.GrowingText.value": JSON_VALUE,
    "client.request.to_wire": JSON_VALUE,
    "error_bodies.masked": JSON_VALUE,
    "error_bodies.data_of_events": JSON_VALUE,
    "output_schema.enforceable": JSON_VALUE,
    "client.transport.document": JSON_VALUE,
    "message.Message.to_param": "a MessageParam, which only the part client has",
    "message.Message.parsed_output": "of the caller's type, which a message inside an event does not know",
    "client.stream_base.Settings.output_format": "whatever pydantic has a schema for",
}
"""Public fields and results that are Any, each with its reason."""


def _gives_any(annotation: ast.expr | None) -> bool:
    if isinstance(annotation, ast.BinOp):
        return _gives_any(annotation.left) or _gives_any(annotation.right)
    return annotation is not None and ast.unparse(annotation).strip("'\"") in ("Any", "typing.Any", "object", "Open")


def _public(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    """The public names in a module or class whose annotation is Any."""
    for node in body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name, annotation = node.target.id, node.annotation
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns is not None:
            name, annotation = node.name, node.returns
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public(node.body, f"{prefix}{node.name}.")
            continue
        else:
            continue
        if not name.startswith("_") and _gives_any(annotation):
            yield prefix + name


def test_nothing_public_is_any_where_the_wire_has_a_type() -> None:
    found = {
        name
        for folder in (".", "blocks", "client", "partial_json")
        for path in (PACKAGE / folder).glob("*.py")
        if path.stem not in ("__init__", "__main__") or folder == "partial_json"
        for name in _public(ast.parse(path.read_text(encoding="utf-8")).body, f"{_dotted(path)}.")
    }
    assert found == set(MAY_BE_ANY) | _lent(found)


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


def _lent(found: set[str]) -> set[str]:
    """Modules that the network's side keeps to itself may be loose: nobody outside is handed their objects."""
    loose = ("response_body", "decompress", "network_stream", "event_loop")
    return {name for name in found if name.rsplit(".")[1] in loose}


def test_the_names_that_checkers_see_are_those_that_there_are() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    (typed,) = (node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in typed.body if isinstance(node, ast.ImportFrom)]
    names = {alias.name for node in imports for alias in node.names}
    assert names | {"__version__"} == set(sseclaude.__all__)
    assert list(sseclaude.__all__) == sorted(sseclaude.__all__)
    assert dir(sseclaude) == sorted(sseclaude.__all__)
    for node in imports:
        module = import_module(f"sseclaude.{node.module}")
        assert all(getattr(sseclaude, alias.name) is getattr(module, alias.name) for alias in node.names), node.module


def test_every_stop_that_is_handed_out_carries_what_has_become_of_it() -> None:
    """As its type says: a stop for a block that is not open is not yielded."""
    events = list(sseclaude.iter_events([stream(start(), block_stop(7), finish(), {"type": "message_stop"})]))
    assert [event.type for event in events] == ["message_start", "message_delta", "message_stop"]
    assert all(hasattr(event, "content_block") for event in events if event.type == "content_block_stop")


# --- from outside ---------------------------------------------------------------------------------------------------

needs_checkers = pytest.mark.package


@pytest.fixture(scope="module")
def outside(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has the wheel, and all else that this one has; the project that uses it lies beside it."""
    home = tmp_path_factory.mktemp("outside")
    venv.create(home / "env", symlinks=True)
    (site,) = (home / "env").glob("lib/python*/site-packages")
    with ZipFile(next(built.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    (site / "others.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")) + "\n")
    shutil.copytree(OUTSIDE, home / "project")
    return home


def _check(home: Path, command: list[str], path: str | Path = "project") -> subprocess.CompletedProcess[str]:
    options = {
        "mypy": ["--strict", "--python-executable", str(home / "env/bin/python"), "--cache-dir", str(home / "cache")],
        "pyright": ["--outputjson", "--pythonpath", str(home / "env/bin/python")],
    }
    call = [sys.executable, "-m", *command, *options[command[0]], str(path)]
    return subprocess.run(call, cwd=home, capture_output=True, text=True, check=False)


def _needs(checker: str) -> None:
    if find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed")
    done = subprocess.run([sys.executable, "-m", checker, "--version"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"{checker} does not run here: {done.stderr.strip()[-200:]}")


def _complaints(checker: str, done: subprocess.CompletedProcess[str]) -> dict[int, str]:
    """The lines of one file that a checker complains of."""
    if checker == "mypy":
        return {int(line): reported for line, reported in re.findall(r":(\d+): error: (.+)", done.stdout)}
    found = json.loads(done.stdout)["generalDiagnostics"]
    return {one["range"]["start"]["line"] + 1: one["message"] for one in found if one["severity"] == "error"}


@needs_checkers
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_program_that_uses_it_all_is_clean(checker: str, outside: Path) -> None:
    _needs(checker)
    done = _check(outside, [checker], "project/program.py")
    assert _complaints(checker, done) == {}, done.stdout
    assert done.returncode == 0, done.stdout + done.stderr


@needs_checkers
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_mistakes_are_found_and_nothing_else(checker: str, outside: Path) -> None:
    _needs(checker)
    lines = (OUTSIDE / "mistakes.py").read_text(encoding="utf-8").splitlines()
    wrong = {number for number, line in enumerate(lines, 1) if "# wrong:" in line}
    complaints = _complaints(checker, _check(outside, [checker], "project/mistakes.py"))
    assert set(complaints) == wrong, complaints


@needs_checkers
def test_every_public_name_has_a_type_of_its_own(outside: Path) -> None:
    _needs("mypy")
    program = "import sseclaude\n" + "".join(f"reveal_type(sseclaude.{name})\n" for name in sseclaude.__all__)
    (outside / "project" / "names.py").write_text(program)
    done = _check(outside, ["mypy"], "project/names.py")
    revealed = re.findall(r'Revealed type is "(.+)"', done.stdout)
    assert len(revealed) == len(sseclaude.__all__), done.stdout
    assert "Any" not in revealed
    assert "error:" not in done.stdout


@needs_checkers
def test_no_public_type_is_unknown(outside: Path) -> None:
    _needs("pyright")
    call = [sys.executable, "-m", "pyright", "--outputjson", "--ignoreexternal", "--verifytypes", "sseclaude"]
    env = {**os.environ, "PATH": f"{outside / 'env/bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(call, cwd=outside, env=env, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)["typeCompleteness"]
    assert report["exportedSymbolCounts"]["withKnownType"] > 1000, "it looked at the package"
    symbols = [symbol for symbol in report["symbols"] if symbol["isExported"]]
    unknown = [one["name"] for one in symbols if not (one["isTypeKnown"] or one["isTypeAmbiguous"])]
    assert unknown == []


@needs_checkers
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_the_library_is_clean(checker: str, outside: Path) -> None:
    _needs(checker)
    done = _check(outside, [checker], PACKAGE)
    assert _complaints(checker, done) == {}, done.stdout


@needs_checkers
@pytest.mark.parametrize("part", ["sse", "core"])
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_cut_is_clean_without_what_it_lacks(checker: str, part: str, outside: Path, tmp_path: Path) -> None:
    _needs(checker)
    from sseclaude.cli.vendoring import vendor

    vendor(tmp_path / "claude", part)
    done = _check(outside, [checker], tmp_path / "claude")
    assert _complaints(checker, done) == {}, done.stdout
