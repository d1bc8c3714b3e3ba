"""The README and the pages in docs/: all the code they show is run, and what they link to exists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sseclaude.replay import ReplayServer

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
BLOCKS = [
    pytest.param(block, id=f"{page.stem}-{number}")
    for page in PAGES
    if page.stem != "browser"  # its programs serve until they are stopped: tests/project/test_browser.py runs them
    for number, block in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")))
]


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with ReplayServer(pace=None) as server:
        yield {**os.environ, "ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "test", "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("block", BLOCKS)
def test_the_code_runs(block: str, environment: dict[str, str], tmp_path: Path) -> None:
    if "def test_" in block:  # an example of a test is run as one
        (tmp_path / "test_example.py").write_text(block, encoding="utf-8")
        plugin = [] if _plugin_is_installed() else ["-p", "sseclaude.replay.pytest_plugin"]
        command = [sys.executable, "-m", "pytest", "-q", *plugin, str(tmp_path)]
    else:
        command = [sys.executable, "-W", "error", "-c", block]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.strip()
    assert not run.stderr


def _plugin_is_installed() -> bool:
    from importlib.metadata import entry_points

    return any(entry.value == "sseclaude.replay.pytest_plugin" for entry in entry_points(group="pytest11"))


@pytest.mark.package
def test_the_code_passes_mypy(tmp_path: Path) -> None:
    for number, block in enumerate(BLOCKS):
        (tmp_path / f"block_{number}.py").write_text(str(block.values[0]), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file=", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_there_is_code() -> None:
    assert len(BLOCKS) >= 12


def test_the_readme_is_short() -> None:
    assert len(PAGES[0].read_text(encoding="utf-8").splitlines()) <= 200


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_and_pictures_exist(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    found = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)|(?:src|srcset)=\"([^\"]+)\"", text)
    links = [link for pair in found for link in pair if link and "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []
