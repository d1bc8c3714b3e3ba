"""Writing to a terminal, with control characters made visible.

Purpose: write data and messages, and replace the control characters in text that is not ours.
Must not know: rich, messages or commands.
Rule: nothing that a model or a server wrote moves the cursor, changes a title or reverses the order of text.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Any, TextIO

import click

_controls = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""C0 except tab and LF, DEL, C1, the marks that turn the order of text around (UAX #9), and half characters."""

CONTROL_PICTURES = 0x2400


def harmless(text: str) -> str:
    """Return text with every control character replaced by a visible one; half a surrogate pair is U+FFFD."""
    return _controls.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(CONTROL_PICTURES + code)
    if code == 0x7F:
        return "\u2421"
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else f"<U+{code:04X}>"


def is_live(stream: TextIO | None = None) -> bool:
    """Whether a stream is a terminal that can move its cursor."""
    return is_terminal(stream) and os.environ.get("TERM", "") not in ("dumb", "unknown")


def is_terminal(stream: TextIO | None = None) -> bool:
    """Whether a stream (stdout unless given) is a terminal."""
    return (stream or sys.stdout).isatty()


class ReaderGoneError(Exception):
    """The program that reads stdout has closed it."""


def write(text: str) -> None:
    """Write data to stdout and flush it: as UTF-8 to a pipe, in the terminal's encoding to a terminal."""
    if is_terminal():
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        write_bytes(text.encode("utf-8", "replace"))


def write_bytes(data: bytes) -> None:
    """Write bytes to stdout as they are, and flush them. Raises ReaderGoneError."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise ReaderGoneError from None


def say(text: str, **style: Any) -> None:
    """Write a message to stderr; ``style`` has click's options."""
    click.echo(styled(harmless(text), sys.stderr, **style), err=True)


def styled(text: str, stream: TextIO | None = None, **style: Any) -> str:
    """Return text as a terminal shows it in a style, without colours if NO_COLOR asks for that."""
    if not style or not is_live(stream):
        return text
    if os.environ.get("NO_COLOR"):
        style.pop("fg", None)
    return click.style(text, **style)
