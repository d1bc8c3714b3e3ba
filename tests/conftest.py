"""What all tests share: async tests run on asyncio, on uvloop where it is installed, and on trio."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from sseclaude.client import asyncio_stream, chunked
from sseclaude.replay import ReplayServer
from tests.support.network import STREAM, ask

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts its background jobs so, and the commands under test would inherit it and never see Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


LOOPS: dict[str, tuple[str, dict[str, bool]]] = {
    "asyncio": ("asyncio", {"use_uvloop": False}),
    "uvloop": ("asyncio", {"use_uvloop": True}),
    "trio": ("trio", {}),
}


@pytest.fixture(params=[name for name in LOOPS if name != "uvloop" or find_spec("uvloop") is not None])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """The event loop of tests marked ``anyio``; a test may name those that it runs on."""
    if find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    return LOOPS[request.param]


@pytest.fixture(params=["fast", "chunks by h11", "streams by anyio"])
def every_reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own connections are read as they are by default, and with either of the faster ways switched off."""
    monkeypatch.setattr(chunked, "enabled", request.param != "chunks by h11")
    monkeypatch.setattr(asyncio_stream, "enabled", request.param != "streams by anyio")


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    """A server that answers with ``STREAM`` at full speed; each of its faults is spent on one request."""
    with ReplayServer([STREAM], pace=None) as server:
        ask("sync", base_url=server.url)  # its own descriptors are open from here on
        yield server


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the sdist, built now; the wheel from the sdist, so that both are whole."""
    out = tmp_path_factory.mktemp("dist")
    alone = [] if find_spec("hatchling") is None else ["--no-isolation"]
    command = [sys.executable, "-m", "build", *alone, "--outdir", str(out)]
    done = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"cannot build here: {(done.stdout + done.stderr).strip()[-300:]}")
    return out
