"""Copies of the package: each cut runs under another name without what it does not need, and knows what was changed."""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sseclaude
from sseclaude import vendoring
from sseclaude.vendoring import NEEDS, NOTES, PARTS, STAGES, Change, VendoringError, check, cut, vendor
from tests.streams import FIXTURES, ROOT

PACKAGE = ROOT / "sseclaude"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))

CORE_NEEDS = {"pydantic", "pydantic_core", "typing_extensions"}
COMMAND_LINE_NEEDS = {"click", "rich", "yaml"}
BROUGHT: dict[str, set[str]] = {
    "sse": set(),
    "core": CORE_NEEDS,
    "client": CORE_NEEDS | {"httpx", "anyio"},
    "all": CORE_NEEDS | {"httpx", "anyio", "h11"} | COMMAND_LINE_NEEDS,
}
"""What the modules of each cut may import: what it needs, and what that brings along."""


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
    files = {path for path in cut(part) if path.endswith(".py")}
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
    listed = [module for modules in STAGES.values() for module in modules]
    assert len(listed) == len(set(listed))
    assert all((PACKAGE / f"{module}.py").is_file() for module in listed)
    assert not imports("__init__.py") - set(sys.stdlib_module_names), "the package itself imports nothing else"


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
from theirs.inner.claude.vendoring import check
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
    (tmp_path / "claude" / "retries.py").unlink()
    program = (
        "import claude\ntry:\n    claude.Anthropic\nexcept ModuleNotFoundError as error:\n    assert error.name == "
    )
    _run(program + "'claude.retries'\nelse:\n    raise AssertionError", cwd=tmp_path)


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


# --- notes -------------------------------------------------------------------------------------------------------


def test_a_copy_has_the_files_byte_for_byte_and_notes_of_them(tmp_path: Path) -> None:
    dest = tmp_path / "deep" / "er" / "claude"
    notes = vendor(dest, "core")
    text = (dest / NOTES).read_text(encoding="utf-8")
    assert f"# version: {sseclaude.__version__}\n" in text
    assert "# part: core\n" in text
    assert NEEDS["core"] in text
    assert "sseclaude vendor path/to/claude" in text
    there = {path.relative_to(dest).as_posix() for path in dest.rglob("*")} - {NOTES}
    assert there == set(notes.files) == set(cut("core"))
    for path, digest in notes.files.items():
        data = (dest / path).read_bytes()
        assert data == (PACKAGE / path).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
        assert f"{digest}  {path}\n" in text
    assert vendoring.Notes.parse(text) == notes
    assert check(dest) == []


def test_the_license_travels_with_every_copy() -> None:
    assert (PACKAGE / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert all("LICENSE" in cut(part) for part in PARTS)


def test_all_is_the_whole_package_and_no_leavings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "sseclaude"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(vendoring, "PACKAGE", copy)
    clean = cut("all")
    for name in ("__pycache__/a.pyc", "old.pyc", ".DS_Store", "replay/.cache/x", NOTES):
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).touch()
    assert cut("all") == clean
    assert {"__main__.py", "replay/recordings/text.sse", "PROTOCOL.md", "py.typed"} <= set(clean)


def test_sha256sum_can_check_a_copy(tmp_path: Path) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("no sha256sum here")
    vendor(tmp_path / "claude", "sse")
    command = ["sha256sum", "--check", "--strict", "--quiet", NOTES]
    assert subprocess.run(command, cwd=tmp_path / "claude", check=False).returncode == 0
    with (tmp_path / "claude" / "sse.py").open("a") as file:
        file.write("# ours\n")
    assert subprocess.run(command, cwd=tmp_path / "claude", check=False, capture_output=True).returncode == 1


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with a core and nothing around it, to be copied from."""
    package = tmp_path / "from" / "sseclaude"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "replay", "cli"))
    monkeypatch.setattr(vendoring, "PACKAGE", package)
    return package


def test_the_commit_is_that_of_our_repository_and_of_no_other(elsewhere: Path, tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("no git here")
    root = elsewhere.parent
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b.c"]

    def told(name: str) -> str:
        return vendor(tmp_path / name, "sse").commit

    assert told("no_repository") == "unknown"
    subprocess.run([*git, "init", "-q"], check=True)
    assert told("no_project_file") == "unknown"
    (root / "pyproject.toml").write_text('[project]\nname = "other"\n')
    assert told("other_project") == "unknown"
    (root / "pyproject.toml").write_text('[project]\nname = "sseclaude"\n')
    assert told("no_commit_yet") == "unknown"
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "All"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    assert told("clean") == head
    (elsewhere / "sse.py").write_text("# changed\n")
    assert told("changed") == f"{head}, with changes"


def test_a_copy_of_a_copy_names_the_first_commit(elsewhere: Path, tmp_path: Path) -> None:
    first = vendoring.Notes("0.0.9", "abc123", "all", {"sse.py": "0" * 64})
    (elsewhere / NOTES).write_text(first.render("sseclaude"))
    assert vendor(tmp_path / "second", "sse").commit == "abc123"


# --- changes and updates -----------------------------------------------------------------------------------------


def _change(dest: Path) -> None:
    (dest / "sse.py").write_text("# ours\n")
    (dest / "partial_json.py").unlink()
    (dest / "extra.py").touch()


CHANGES = [Change("added", "extra.py"), Change("removed", "partial_json.py"), Change("changed", "sse.py")]


def test_check_tells_what_was_changed_removed_and_added(tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    vendor(dest, "sse")
    _change(dest)
    assert check(dest) == CHANGES
    assert [str(change) for change in check(dest)] == [
        "added    extra.py",
        "removed  partial_json.py",
        "changed  sse.py",
    ]


def test_check_looks_into_folders(tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    vendor(dest)
    (dest / "replay" / "recordings" / "text.sse").write_bytes(b"")
    (dest / "replay" / "sse.py").touch()
    assert check(dest) == [Change("changed", "replay/recordings/text.sse"), Change("added", "replay/sse.py")]


def test_line_ends_and_compiled_files_are_no_changes(tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    vendor(dest, "sse")
    for path in dest.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    (dest / "__pycache__").mkdir()
    (dest / "__pycache__" / "sse.pyc").touch()
    assert check(dest) == []
    vendor(dest)
    assert b"\r" not in (dest / "sse.py").read_bytes()


def test_an_update_refuses_to_lose_changes_and_writes_nothing(elsewhere: Path, tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    vendor(dest, "sse")
    _change(dest)
    before = _contents(dest)
    (elsewhere / "errors.py").write_text("# newer\n")
    with pytest.raises(VendoringError, match=r"changed since(.|\n)*added +extra.py(.|\n)*changed +sse.py"):
        vendor(dest)
    assert _contents(dest) == before


def test_force_overwrites_changes_and_keeps_what_was_added(tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    vendor(dest, "sse")
    _change(dest)
    vendor(dest, force=True)
    assert check(dest) == [Change("added", "extra.py")]


def test_an_update_brings_new_files_and_takes_old_ones_away(elsewhere: Path, tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    old = elsewhere / "old" / "er" / "module.py"
    old.parent.mkdir(parents=True)
    old.touch()
    vendor(dest)
    (dest / "old" / "er" / "__pycache__").mkdir()
    shutil.rmtree(elsewhere / "old")
    (elsewhere / "sse.py").write_text("# newer\n")
    (elsewhere / "new.py").touch()
    vendor(dest)
    assert (dest / "sse.py").read_text() == "# newer\n"
    assert (dest / "new.py").exists()
    assert not (dest / "old").exists()
    assert check(dest) == []


def test_an_update_keeps_the_part_unless_another_is_named(tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    assert vendor(dest, "core").part == "core"
    assert vendor(dest).part == "core"
    assert vendor(dest, "sse").part == "sse"
    assert not (dest / "assembler.py").exists()
    assert vendor(tmp_path / "other").part == "all"
    vendor(tmp_path / "other", "sse")
    assert {path.name for path in (tmp_path / "other").iterdir()} == {*cut("sse"), NOTES}


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    dest, outside = tmp_path / "claude", tmp_path / "outside.py"
    vendor(dest, "sse")
    outside.write_text("# theirs\n")
    (dest / "sse.py").unlink()
    (dest / "sse.py").symlink_to(outside)
    vendor(dest, force=True)
    assert outside.read_text() == "# theirs\n"
    assert check(dest) == []


# --- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["my-claude", "2claude", "class", "a.b", ""])
def test_a_name_that_python_cannot_import_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(VendoringError, match="cannot be a package's name"):
        vendor((tmp_path / "no-name" / name) if not name else tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dest", [PACKAGE, PACKAGE / "inner", ROOT / "sseclaude" / "cli"])
def test_a_copy_into_the_package_itself_is_refused(dest: Path) -> None:
    with pytest.raises(VendoringError, match="where this package is"):
        vendor(dest)


def test_a_copy_around_the_package_is_refused(elsewhere: Path) -> None:
    (elsewhere.parent.parent / "around").symlink_to(elsewhere.parent)
    with pytest.raises(VendoringError, match="where this package is, or around it"):
        vendor(elsewhere.parent.parent / "around")


def _folder(dest: Path) -> None:
    dest.mkdir()
    (dest / "theirs.py").write_text("x = 1\n")


def _file(dest: Path) -> None:
    dest.write_text("x = 1\n")


def _foreign_notes(dest: Path) -> None:
    dest.mkdir()
    (dest / NOTES).write_text("vendored by hand\n")


def _binary_notes(dest: Path) -> None:
    dest.mkdir()
    (dest / NOTES).write_bytes(b"\xff\xfe\x00")


def _notes_of_files_elsewhere(dest: Path) -> None:
    dest.mkdir()
    notes = vendoring.Notes("1", "unknown", "sse", {"../victim.py": "0" * 64})
    (dest / NOTES).write_text(notes.render("claude"))


OCCUPIED = {
    _folder: "holds other things",
    _file: "no folder",
    _foreign_notes: "cannot be read",
    _binary_notes: "no folder with a VENDORED of ours",
    _notes_of_files_elsewhere: "cannot be read",
}


@pytest.mark.parametrize("occupy", OCCUPIED, ids=lambda function: function.__name__)
@pytest.mark.parametrize("force", [False, True])
def test_a_place_that_holds_other_things_is_refused(occupy: Any, force: bool, tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    (tmp_path / "victim.py").touch()
    occupy(dest)
    before = _contents(tmp_path)
    with pytest.raises(VendoringError, match=OCCUPIED[occupy]):
        vendor(dest, "sse", force=force)
    assert _contents(tmp_path) == before


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../../x", "a\\..\\x", "C:/x"])
def test_notes_that_name_files_elsewhere_are_refused(path: str) -> None:
    text = vendoring.Notes("1", "unknown", "sse", {path: "0" * 64}).render("claude")
    with pytest.raises(VendoringError):
        vendoring.Notes.parse(text)


def test_an_empty_folder_is_a_fine_place(tmp_path: Path) -> None:
    (tmp_path / "claude").mkdir()
    vendor(tmp_path / "claude", "sse")
    assert check(tmp_path / "claude") == []


@pytest.mark.parametrize("make", [None, _folder, _file])
def test_check_refuses_what_is_no_copy(make: Any, tmp_path: Path) -> None:
    if make is not None:
        make(tmp_path / "claude")
    with pytest.raises(VendoringError):
        check(tmp_path / "claude")


def _contents(folder: Path) -> dict[str, bytes | None]:
    return dict(_walk(folder))


def _walk(folder: Path) -> Iterator[tuple[str, bytes | None]]:
    for path in folder.rglob("*"):
        yield str(path), path.read_bytes() if path.is_file() else None


# --- the command -------------------------------------------------------------------------------------------------


def _command(*arguments: str) -> tuple[int, str, str]:
    pytest.importorskip("click")
    from click.testing import CliRunner

    from sseclaude.cli.vendor import vendor as command

    result = CliRunner().invoke(command, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_the_command_copies_checks_and_refuses(tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    count = len(cut("sse"))
    told = f"{dest}: {count} files of sseclaude {sseclaude.__version__}, part sse\n"
    assert _command(str(dest), "--part", "sse") == (0, "", told)
    assert _command("--check", str(dest)) == (0, "", f"{dest}: as it was copied\n")
    _change(dest)
    listed = "".join(f"{change}\n" for change in CHANGES)
    assert _command("--check", str(dest)) == (1, listed, f"{dest}: 3 changes by hand\n")
    code, out, err = _command(str(dest))
    assert (code, out) == (1, "")
    assert err.startswith(f"Error: {dest} was changed since")
    assert "--force" in err
    assert _command(str(dest), "--force")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "DEST"),
        (["--part", "some", "x"], "'some'"),
        (["--check", "--force", "x"], "--check"),
        (["--check", "--part", "sse", "x"], "--check"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], named: str) -> None:
    code, out, err = _command(*arguments)
    assert (code, out) == (2, "")
    assert named in err
