"""What the relay's tests share: both logs, a Redis, and a relay with the Claude behind it.

They run on asyncio, as redis-py and uvicorn do.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sseclaude.replay import ReplayServer
from tests.support.network import STREAM
from tests.support.redis_server import WHY_NOT, RedisServer, binary
from tests.support.serving import Serving, serving


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    if binary() is None:
        pytest.skip(WHY_NOT)
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    print(f"redis-server {'.'.join(map(str, server.version))}")
    yield server
    server.stop()


@pytest.fixture
def redis(shared_redis: RedisServer) -> RedisServer:
    """A Redis that is empty and running, for a test that does it no harm."""
    shared_redis.empty()
    return shared_redis


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that a test may stop."""
    if binary() is None:
        pytest.skip(WHY_NOT)
    server = RedisServer(tmp_path, "--appendonly", "yes", "--appendfsync", "always")
    yield server
    server.stop()


@pytest.fixture
def claude() -> Iterator[ReplayServer]:
    with ReplayServer([STREAM], pace=None) as server:
        yield server


@pytest.fixture
def relay(claude: ReplayServer) -> Iterator[Serving]:
    with serving(claude) as relay:
        yield relay
