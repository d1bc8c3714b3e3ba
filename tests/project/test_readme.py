"""The README keeps its word: all the code it shows is run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sseclaude.replay import ReplayServer

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
HEADINGS = [re.findall(r"^#+ (.*)$", README[: README.index(block)], re.MULTILINE)[-1] for block in BLOCKS]


@pytest.fixture(scope="module")
def environment():
    with ReplayServer(pace=None) as server:
        yield {**os.environ, "ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "test", "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("number", range(len(BLOCKS)), ids=[re.sub(r"\W+", "-", heading) for heading in HEADINGS])
def test_the_code_runs(number, environment, tmp_path):
    block = BLOCKS[number]
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


def test_there_is_code():
    assert len(BLOCKS) >= 8
