"""The pytest plugin, in a pytest of its own."""

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

PROGRAM = """
import httpx, pytest
from sseclaude.replay import Recording, Status

ASK = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], "stream": True}
KEY = {"x-api-key": "k"}

def test_server(claude_server):
    claude_server.faults.append(Status(529))
    answers = [httpx.post(f"{claude_server.url}/v1/messages", headers=KEY, json=ASK) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [529, 200]
    assert claude_server.responder.pace is None
    assert len(claude_server.requests) == 2

@pytest.mark.claude(recordings=Recording("mine", b"data: 1\\\\n\\\\n"))
def test_transport(claude_transport):
    with httpx.Client(transport=claude_transport) as client:
        assert client.post("http://replay/v1/messages", headers=KEY, json=ASK).content == b"data: 1\\\\n\\\\n"
    assert claude_transport.requests[0].recording == "mine"

@pytest.mark.anyio
@pytest.mark.claude(faults=[Status(500)])
async def test_async_transport(claude_async_transport):
    async with httpx.AsyncClient(transport=claude_async_transport) as client:
        assert (await client.post("http://replay/v1/messages", headers=KEY, json=ASK)).status_code == 500
"""

LIGHT = """
import sys
import sseclaude.replay.pytest_plugin
heavy = [name for name in ("httpx", "h11", "pydantic", "anyio") if name in sys.modules]
assert not heavy, heavy
"""


def run(*arguments: str, cwd: Path) -> str:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_fixtures_serve_a_test_suite(tmp_path: Path) -> None:
    (tmp_path / "test_program.py").write_text(PROGRAM, encoding="utf-8")
    installed = any(plugin.value == "sseclaude.replay.pytest_plugin" for plugin in entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "sseclaude.replay.pytest_plugin"]
    reported = run("-m", "pytest", "-q", "-W", "error", "--strict-markers", *plugin, str(tmp_path), cwd=tmp_path)
    assert "4 passed" in reported or "3 passed" in reported  # the async one runs on every event loop that is here


def test_it_imports_nothing_heavy(tmp_path: Path) -> None:
    run("-c", LIGHT, cwd=tmp_path)
