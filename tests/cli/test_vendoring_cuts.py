"""Cuts of the package: each imports what belongs to it alone, and runs under another name without the rest."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from sseclaude.cli.vendoring import LAYERS, PARTS, files_of, vendor
from tests.support.streams import FIXTURES, ROOT

PACKAGE = ROOT / "sseclaude"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))

CORE_NEEDS = {"pydantic", "pydantic_core", "typing_extensions"}
COMMAND_LINE_NEEDS = {"click", "rich", "yaml", "redis", "starlette", "uvicorn"}
BROUGHT: dict[str, set[str]] = {
    "sse": set(),
    "core": CORE_NEEDS,
    "client": CORE_NEEDS | {"httpcore", "httpx", "anyio"},
    "all": CORE_NEEDS | {"httpcore", "httpx", "anyio", "h11"} | COMMAND_LINE_NEEDS,
}
"""What the modules of each cut may import: what it needs, and what that brings along."""


# --- how much it is ----------------------------------------------------------------------------------------------


def size_of(paths: Iterable[str]) -> float:
    return sum((PACKAGE / path).stat().st_size for path in paths) / 1000


def test_the_page_says_how_large_each_part_is() -> None:
    page = (ROOT / "docs" / "vendoring.md").read_text(encoding="utf-8")
    said = {part: int(size) for part, size in re.findall(r"^\| `(\w+)` \|.* (\d+) KB \|$", page, re.MULTILINE)}
    assert said == {part: pytest.approx(size_of(files_of(part)), rel=0.1) for part in PARTS}
    protocol, types = re.findall(r"(\d+) KB of", page)
    assert int(protocol) == pytest.approx(size_of(["PROTOCOL.md"]), rel=0.1)
    assert int(types) == pytest.approx(size_of(path for path in files_of("client") if path[:6] == "types/"), rel=0.1)


# --- what the modules import -------------------------------------------------------------------------------------


class Import(ast.NodeVisitor):
    """Gathers what a module imports when it runs: absolute names, and relative ones as dots and a path."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_If(self, node: ast.If) -> None:
        if "TYPE_CHECKING" not in ast.unparse(node.test):
            self.generic_visit(node)
        for other in node.orelse:
            self.visit(other)

    def visit_Import(self, node: ast.Import) -> None:
        self.found |= {alias.name for alias in node.names}

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        dots = "." * node.level
        self.found |= {dots + node.module} if node.module else {dots + alias.name for alias in node.names}


def imports(module: str) -> set[str]:
    visitor = Import()
    visitor.visit(ast.parse((PACKAGE / module).read_text(encoding="utf-8")))
    return visitor.found


@pytest.mark.parametrize("part", PARTS)
def test_the_modules_of_a_cut_import_only_what_belongs_to_it(part: str) -> None:
    files = {path for path in files_of(part) if path.endswith(".py")}
    for module in files - {"__init__.py"}:
        for name in imports(module):
            if name.startswith("."):
                inside = _resolved(module, name)
                assert inside in files or inside == "__init__.py", (module, name)
            else:
                top = name.partition(".")[0]
                assert top in sys.stdlib_module_names or top in BROUGHT[part] or module == PLUGIN, (module, name)


PLUGIN = "replay/pytest_plugin.py"  # loaded by pytest alone, so it may import pytest


def _resolved(module: str, name: str) -> str:
    """The file that a relative import means."""
    level = len(name) - len(name.lstrip("."))
    folder = Path(module).parents[level - 1] if level else Path()
    inner = folder / name.lstrip(".").replace(".", "/")
    for candidate in (inner.with_suffix(".py"), inner / "__init__.py"):
        if (PACKAGE / candidate).is_file():
            return candidate.as_posix()
    return (folder / "__init__.py").as_posix()  # a name of the package itself


def test_no_stage_has_a_module_that_a_lower_one_would_do_for() -> None:
    listed = [module for modules in LAYERS.values() for module in modules]
    assert len(listed) == len(set(listed))
    assert all((PACKAGE / f"{module}.py").is_file() or (PACKAGE / module).is_dir() for module in listed)
    found = {name.partition(".")[0] for name in imports("__init__.py") - {"._version"}}
    assert not found - set(sys.stdlib_module_names), "the package itself imports nothing else"


@pytest.mark.parametrize("module", MODULES)
def test_no_module_knows_its_own_name_or_how_it_was_installed(module: str) -> None:
    for name in imports(module):
        assert name.partition(".")[0] not in ("sseclaude", "pkg_resources"), module
        assert not name.startswith(("importlib.metadata", "importlib.resources")), module


# --- cuts at work ------------------------------------------------------------------------------------------------

HOOK = """
import sys
from pathlib import Path
needs = {needs!r}
for need in needs:
    module = __import__(need)
    [getattr(module, name, None) for name in ("BaseModel", "Field", "TypeAdapter")]  # pydantic imports itself late
known = {{name.partition(".")[0] for name in sys.modules}} | set(sys.stdlib_module_names) | {{"theirs", "encodings"}}

class Ban:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in known and not name.startswith("_sysconfigdata"):
            raise ImportError("banned: " + name)

sys.meta_path.insert(0, Ban())
"""

EXPECTED = "import json\nexpected = json.loads(Path(whole).read_text('utf-8'))\n"

SSE = """
from theirs.inner import claude
from theirs.inner.claude import PartialJSON, SSEDecoder, ServerSentEvent, encode
frames = SSEDecoder().feed(Path(stream).read_bytes())
assert frames[0].event == "message_start" and frames[-1].event == "message_stop", frames
assert SSEDecoder().feed(encode(frames[0])) == frames[:1]
json = PartialJSON()
json.feed('{"a": [1, 2')
assert json.value == {"a": [1]}
assert issubclass(claude.RateLimitError, claude.APIError)
for name in ("assemble", "Anthropic", "client", "replay"):
    try:
        getattr(claude, name)
    except AttributeError as error:
        assert name in str(error) and "not part of this copy" in str(error), error
    else:
        raise AssertionError(name)
assert not {"asyncio", "socket", "threading"} & set(sys.modules)
"""

CORE = (
    """
from theirs.inner.claude import Timeout, aiter_events, assemble, iter_events
""".replace("Timeout, ", "")
    + """
from theirs.inner import claude
chunks = [Path(stream).read_bytes()]
message = assemble(chunks)
assert message.to_dict() == expected, message
assert [event.type for event in iter_events(chunks)][-1] == "message_stop"
assert claude.Message is type(message) or issubclass(type(message), claude.Message)
assert not hasattr(claude, "Anthropic") and not hasattr(claude, "Timeout")
assert not {"asyncio", "httpx"} & set(sys.modules)
"""
)

CLIENT = """
import httpx
from theirs.inner import claude
body = Path(stream).read_bytes()
def answer(request):
    assert request.headers["user-agent"].startswith("sseclaude/")
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)
transport = httpx.MockTransport(answer)
asked = dict(model="m", max_tokens=9, messages=[{"role": "user", "content": "Hello"}])
with claude.Anthropic(api_key="k", http_client=httpx.Client(transport=transport)) as client:
    with client.messages.stream(**asked) as answered:
        assert "".join(answered.text_stream) == answered.get_final_text() != ""
        assert answered.get_final_message().to_dict() == expected
async def ask():
    async with claude.AsyncAnthropic(api_key="k", http_client=httpx.AsyncClient(transport=transport)) as client:
        return await client.messages.create(**asked)
import asyncio
assert asyncio.run(ask()).to_dict() == expected
assert not hasattr(claude, "replay")
"""

ALL = """
from theirs.inner import claude
from theirs.inner.claude.replay import ReplayServer
asked = dict(model="m", max_tokens=9, messages=[{"role": "user", "content": "Hello"}])
with ReplayServer(stream, pace=None) as server, claude.Anthropic(api_key="k", base_url=server.url) as client:
    assert client.messages.create(**asked).to_dict() == expected
with ReplayServer(pace=None) as server, claude.Anthropic(api_key="k", base_url=server.url) as client:
    assert client.messages.create(**asked).text
from theirs.inner.claude.cli.vendoring import check
import theirs.inner.claude as package
assert check(package.__path__[0]) == []
"""

PROGRAMS = {"sse": SSE, "core": CORE, "client": CLIENT, "all": ALL}


@pytest.mark.parametrize("part", PARTS)
def test_a_cut_runs_under_another_name_and_imports_nothing_it_does_not_need(part: str, tmp_path: Path) -> None:
    home = tmp_path / "theirs" / "inner"
    vendor(home / "claude", part)
    for folder in (home, home.parent):
        (folder / "__init__.py").touch()
    given = f"stream, whole = {str(FIXTURES / 'text.sse')!r}, {str(FIXTURES / 'text.json')!r}\n"
    needs = sorted(BROUGHT[part] - COMMAND_LINE_NEEDS)
    needs += ["httpcore", "certifi"] * ("httpx" in needs)  # httpx imports them at its first request
    _run(HOOK.format(needs=needs) + given + EXPECTED * (part != "sse") + PROGRAMS[part], cwd=tmp_path)


def test_a_vendored_command_line_runs(tmp_path: Path) -> None:
    pytest.importorskip("click")
    vendor(tmp_path / "theirs" / "claude")
    done = subprocess.run(
        [sys.executable, "-m", "theirs.claude", "vendor", "--check", "theirs/claude"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


QUIET = """
import logging, os, signal, sys, threading, warnings
from importlib import import_module
for need in {needs!r}:
    import_module(need)
def state():
    loggers = logging.root.manager.loggerDict.items()
    return {{
        "logging": (list(logging.root.handlers), logging.root.level, logging.root.manager.disable),
        "handlers": [name for name, logger in loggers if getattr(logger, "handlers", None)],
        "warnings": list(warnings.filters),
        "threads": threading.active_count(),
        "environment": dict(os.environ),
        "signals": signal.getsignal(signal.SIGINT),
        "hooks": (sys.excepthook, list(sys.meta_path), list(sys.path_hooks)),
        "limits": (sys.getrecursionlimit(), sys.getswitchinterval()),
        "paths": (os.getcwd(), list(sys.path)),
    }}
before, done = state(), []
sys.addaudithook(lambda event, args: done.append((event, args)) if event in {watched!r} else None)
for module in {modules!r}:
    import_module(module)
after = state()
assert after == before, [(key, before[key], after[key]) for key in before if before[key] != after[key]]
assert not done, done
"""

WATCHED = {"socket.__new__", "socket.connect", "socket.bind", "subprocess.Popen", "os.system", "os.putenv", "os.mkdir",
           "os.remove", "os.rename", "tempfile.mkstemp", "_thread.start_new_thread", "os.fork"}  # fmt: skip


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptiongroup, which anyio brings there, sets a hook")
def test_no_import_has_side_effects() -> None:
    modules = [
        "sseclaude" + "".join(f".{part}" for part in Path(module).with_suffix("").parts if part != "__init__")
        for module in MODULES
        if not module.endswith(("__main__.py", PLUGIN)) and not module.startswith("cli/")
    ]
    done = _run(QUIET.format(needs=sorted(BROUGHT["all"]), modules=modules, watched=WATCHED), cwd=ROOT)
    assert (done.stdout, done.stderr) == ("", "")


def test_the_core_is_had_without_httpx() -> None:
    program = "import sys\nfrom sseclaude import assemble, iter_events, aiter_events, Message, PartialJSON\n"
    _run(program + "assert not {'httpx', 'anyio', 'asyncio', 'ssl', 'socket'} & set(sys.modules)", cwd=ROOT)
    _run("import sys, sseclaude\nassert not {'pydantic', 'httpx', 'asyncio'} & set(sys.modules)", cwd=ROOT)


def test_a_fault_inside_a_module_is_not_taken_for_a_cut(tmp_path: Path) -> None:
    vendor(tmp_path / "claude", "client")
    (tmp_path / "claude" / "client" / "retries.py").unlink()
    program = (
        "import claude\ntry:\n    claude.Anthropic\nexcept ModuleNotFoundError as error:\n    assert error.name == "
    )
    _run(program + "'claude.client.retries'\nelse:\n    raise AssertionError", cwd=tmp_path)


def _run(program: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program alone: only its folder and the installed packages are on the path, and warnings are errors."""
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PYTHON", "COVERAGE", "COV_", "ANTHROPIC"))
    }
    command = [sys.executable, "-B", "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done
