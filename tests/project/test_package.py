"""The package as others get it: built, installed on every Python found, with the oldest and the newest dependencies."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

import sseclaude
from sseclaude.cli.vendoring import files_of
from tests.support.streams import FIXTURES, ROOT

WHEEL_BYTES = 420_000
"""What a stray file would break. PROTOCOL.md is a tenth of the wheel; command line and replay kit are two fifths."""

VERSIONS = ("3.10", "3.11", "3.12", "3.13")

PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def _table(name: str, text: str = PROJECT) -> str:
    """The lines of one table of the project file. (Python 3.10 has no TOML parser.)"""
    return re.split(r"^\[", text.split(f"\n[{name}]\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def _requirements(key: str, table: str) -> list[str]:
    listed = re.search(rf"^{key} = \[([^\]]*)\]", _table(table), re.MULTILINE)
    assert listed is not None
    return re.findall(r'"([^"]+)"', listed[1])


DEPENDENCIES = _requirements("dependencies", "project")
CLI = _requirements("cli", "project.optional-dependencies")
OLDEST = [requirement.replace(">=", "==") for requirement in (*DEPENDENCIES, *CLI)]


# --- what the files say ---------------------------------------------------------------------------------------------


def test_the_version_is_the_same_everywhere() -> None:
    assert f'\nversion = "{sseclaude.__version__}"\n' in _table("project")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[?([\w.]+)", changes, re.MULTILINE)[:2] in (
        [sseclaude.__version__],
        ["Unreleased"],
        ["Unreleased", sseclaude.__version__],
    )


def test_every_dependency_names_its_lowest_version() -> None:
    assert all(re.fullmatch(r"[\w-]+>=[\d.]+", requirement) for requirement in (*DEPENDENCIES, *CLI))


def test_every_supported_python_is_named() -> None:
    named = re.findall(r"Python :: (3\.\d+)", PROJECT)
    assert named == list(VERSIONS)
    assert f'requires-python = ">={VERSIONS[0]}"' in PROJECT
    tried = re.findall(r"3\.\d+", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert set(tried) == set(VERSIONS)


# --- what is built --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.mark.package
def test_the_wheel_is_small_and_holds_the_package_and_nothing_else(wheel: Path) -> None:
    assert wheel.stat().st_size < WHEEL_BYTES
    assert wheel.name == f"sseclaude-{sseclaude.__version__}-py3-none-any.whl"
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(f"sseclaude-{sseclaude.__version__}.dist-info/METADATA").decode()
    inside = {name.removeprefix("sseclaude/") for name in names if name.startswith("sseclaude/")}
    assert inside == set(files_of("all"))
    beside = {name.partition("dist-info/")[2] for name in names if not name.startswith("sseclaude/")}
    assert beside == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    assert "License-Expression: MIT" in metadata
    required = re.findall(r"^Requires-Dist: ([^;\n]+)$", metadata, re.MULTILINE)
    assert {name.replace("_", "-") for name in required} == {name.replace("_", "-") for name in DEPENDENCIES}


@pytest.mark.package
def test_the_sdist_holds_what_it_takes_to_test_it(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "Makefile", ".ci/run", "PKG-INFO"} <= names
    assert {f"sseclaude/{path}" for path in files_of("all")} <= names
    assert {"tests/conftest.py", "tests/project/outside/program.py", "fixtures/text.sse", "fixtures/README.md"} <= names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


@pytest.mark.package
def test_an_index_would_accept_the_files(built: Path) -> None:
    if find_spec("twine") is None:
        pytest.skip("twine is not installed")
    files = sorted(map(str, built.iterdir()))
    done = _run([sys.executable, "-m", "twine", "check", "--strict", *files], ROOT)
    assert done.stdout.count("PASSED") == 2, done.stdout


# --- where it is installed ------------------------------------------------------------------------------------------


@cache
def _python(version: str) -> str | None:
    """An interpreter of a version that runs (a version manager's shim may not), from PATH or pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for candidate in (f"python{version}", *map(str, sorted(pyenv.glob(f"{version}.*/bin/python")))):
        try:
            done = subprocess.run([candidate, "-c", "import venv"], capture_output=True, check=False)
        except OSError:
            continue
        if done.returncode == 0:
            return candidate
    return None


def _run(command: list[str], cwd: Path, *, code: int = 0) -> subprocess.CompletedProcess[str]:
    ours = ("PYTHON", "COVERAGE", "COV_", "ANTHROPIC", "VIRTUAL_ENV")
    env = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == code, (command, done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    return done


def _environment(home: Path, version: str, *requirements: str) -> str:
    """Make an environment with what is required and nothing else, and return its interpreter."""
    interpreter = _python(version)
    if interpreter is None:
        pytest.skip(f"Python {version} is not here")
    _run([interpreter, "-m", "venv", "--without-pip", str(home)], home.parent)
    python = str(home / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--disable-pip-version-check"]
    quiet = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    done = subprocess.run([*pip, *requirements], env=quiet, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        unreachable = "connection" in done.stderr.lower() or "No module named pip" in done.stderr
        (pytest.skip if unreachable else pytest.fail)(f"cannot install: {done.stderr.strip()[-500:]}")
    return python


IMPORT = """
import sseclaude, sys
from pathlib import Path
for name in sseclaude.__all__:
    getattr(sseclaude, name)
import sseclaude.replay as replay
for name in replay.__all__:
    getattr(replay, name)
assert sseclaude.assemble([Path(sys.argv[1]).read_bytes()]).stop_reason == "end_turn"
"""


@pytest.mark.package
@pytest.mark.parametrize("dependencies", ["oldest", "newest"])
@pytest.mark.parametrize("version", VERSIONS)
def test_it_installs_imports_and_runs(version: str, dependencies: str, wheel: Path, tmp_path: Path) -> None:
    required = [f"{wheel}[cli]", *(OLDEST if dependencies == "oldest" else [])]
    python = _environment(tmp_path / "env", version, *required)
    _run([python, "-W", "error", "-X", "dev", "-c", IMPORT, str(FIXTURES / "text.sse")], tmp_path)
    shown = _run([python, "-W", "error", "-m", "sseclaude", "demo"], tmp_path)
    for word in ("end_turn", "tool_use", "overloaded_error"):
        assert word in shown.stdout + shown.stderr
    reported = _run([str(tmp_path / "env" / "bin" / "sseclaude"), "--version"], tmp_path)
    assert sseclaude.__version__ in reported.stdout
    _run([python, "-m", "sseclaude", "vendor", "theirs/claude"], tmp_path)
    assert _run([python, "-m", "sseclaude", "vendor", "--check", "theirs/claude"], tmp_path).stdout == ""


@pytest.mark.package
def test_the_library_alone_says_what_its_command_line_needs(wheel: Path, tmp_path: Path) -> None:
    version = f"3.{sys.version_info.minor}"
    python = _environment(tmp_path / "env", version, str(wheel))
    done = _run([python, "-m", "sseclaude", "demo"], tmp_path, code=1)
    assert "sseclaude[cli]" in done.stderr
    assert "Traceback" not in done.stderr
