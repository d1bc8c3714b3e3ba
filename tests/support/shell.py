"""The command line for tests: in this process, in a pipe, on a pseudo-terminal."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import warnings
from collections.abc import Callable
from typing import NamedTuple
from unittest.mock import patch

from sseclaude.cli import run as run_inside
from sseclaude.cli.values import _stdin
from tests.support.screen import Screen
from tests.support.streams import ROOT

COMMAND = [sys.executable, "-m", "sseclaude"]
KEY = "sk-ant-test-never-shown"
ASK = [
    "messages", "create", "--model", "claude-sonnet-4-6", "--max-tokens", "1024",
    "--message", '{role: user, content: "Hello"}',
]  # fmt: skip
LIMIT = 20.0
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Ran(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


def environment(url: str | None = None, **more: str) -> dict[str, str]:
    """The environment of a command: a key, the server, nothing of the caller's that could change the output."""
    left_out = ("ANTHROPIC_", "NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES", "http_proxy", "HTTP_PROXY")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    server = {"ANTHROPIC_BASE_URL": url} if url else {}
    base = {"ANTHROPIC_API_KEY": KEY, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "TERM": "xterm-256color"}
    return {**kept, **base, **server, **more}


def pipe(*arguments: str, url: str | None = None, stdin: bytes = b"", **env: str) -> Ran:
    """Run the command with pipes."""
    command, environ = [*COMMAND, *arguments], environment(url, **env)
    ended = subprocess.run(command, input=stdin, env=environ, capture_output=True, timeout=LIMIT, check=False)
    return Ran(ended.returncode, ended.stdout, ended.stderr.decode())


class _Stream(io.TextIOWrapper):
    """Text over bytes in memory; ``tty``: it says that it is a terminal."""

    def __init__(self, given: bytes, tty: bool) -> None:
        super().__init__(io.BytesIO(given), encoding="utf-8")
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty


def inside(*arguments: str, url: str | None = None, stdin: bytes = b"", tty: bool = False, **env: str) -> Ran:
    """Run the command in this process, which is quicker; with ``tty`` its stdout and stderr say they are terminals."""
    streams = [_Stream(stdin, False), _Stream(b"", tty), _Stream(b"", tty)]
    _stdin.cache_clear()
    with (
        patch.multiple(sys, stdin=streams[0], stdout=streams[1], stderr=streams[2]),
        patch.dict(os.environ, environment(url, **env), clear=True),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")  # as in a shell
        code = run_inside(arguments)
    out, err = (stream.detach().getvalue() for stream in _flushed(streams[1:]))
    return Ran(code, out, err.decode())


def _flushed(streams: list[io.TextIOWrapper]) -> list[io.TextIOWrapper]:
    for stream in streams:
        stream.flush()
    return streams


class Terminal:
    """A command on a pseudo-terminal of ``columns`` and ``rows``. ``seen`` is all that it wrote."""

    def __init__(self, *arguments: str, url: str | None = None, rows: int = 24, columns: int = 80, **env: str) -> None:
        self.seen = ""
        self._pending = b""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(COMMAND[0], [*COMMAND, *arguments], environment(url, **env))

    def until(self, ready: Callable[[str], bool]) -> str:
        """Read until what was seen is as wanted, or the command ends; return it."""
        deadline = time.monotonic() + LIMIT
        while not ready(self.seen):
            assert time.monotonic() < deadline, self.seen
            if select.select([self._fd], [], [], 0.1)[0] and not self._read():
                break
        return self.seen

    def _read(self) -> bool:
        try:
            data = os.read(self._fd, 65536)
        except OSError:  # EIO: how Linux says that the other side has closed
            return False
        self._pending += data
        text = self._pending.decode("utf-8", "ignore")
        self._pending = self._pending[len(text.encode()) :]
        self.seen += text
        return bool(data)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._fd, text.encode())

    def resize(self, rows: int, columns: int) -> None:
        """Change the terminal's size, as its user does."""
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.kill(self.pid, signal.SIGINT)

    def end(self) -> int:
        """Read to the end and return the exit code."""
        self.until(lambda seen: False)
        os.close(self._fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def terminal(*arguments: str, url: str | None = None, rows: int = 24, **env: str) -> tuple[int, str]:
    """Run the command on a terminal; return its exit code and all that it wrote."""
    on = Terminal(*arguments, url=url, rows=rows, **env)
    return on.end(), on.seen


def plain(text: str) -> str:
    """What was written, without colours and cursor movements."""
    return ESCAPES.sub("", text).replace("\r", "")


def left(written: str, rows: int = 24) -> str:
    """What a terminal shows in the end, with all that has scrolled off its ``rows`` lines."""
    screen = Screen(rows)
    screen.feed(written)
    return screen.text
