"""How data is printed: the formats, and parts of a value.

Purpose: print a value, or the part of it that a path names, as JSON, JSON lines or YAML.
Must not know: what the values are, or where they come from.
Rule: each value is printed at once, and no character in it can control a terminal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import click

from .options import setting
from .query import MISSING, Step, parse, select
from .terminal import harmless, is_live, is_terminal, say, write

WORDS = frozenset({"text", "raw"})
"""The formats that print no JSON value, so that there is none to take a part of."""

_acting = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def dumps(value: Any, indent: int | None = None) -> str:
    """Return JSON text: compact unless ``indent`` is given, beyond ASCII as it is, control characters as escapes."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    return _acting.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


class Output(NamedTuple):
    """How to print the values of one command."""

    format: str
    path: tuple[Step, ...] = ()
    plain_strings: bool = False

    @classmethod
    def chosen(cls, *, in_a_pipe: str, on_a_terminal: str = "text", refused: Sequence[str] = ()) -> Output:
        """Return what the options ask for.

        Raises click.UsageError for a format that the command lacks (``refused``), for a part of what has none, and
        for a path that cannot be read.
        """
        path, plain = setting("transform"), setting("raw_output", False)
        name = setting("format", "auto")
        if name == "auto":
            name = on_a_terminal if is_terminal() and not (path or plain) else in_a_pipe
        if name in refused:
            raise click.UsageError(f"this command has no --format {name}")
        if name in WORDS and (path or plain):
            raise click.UsageError(f"--transform and -r need JSON or YAML, not --format {name}")
        try:
            return cls(name, parse(path) if path else (), plain)
        except ValueError as error:
            raise click.UsageError(f"--transform: {error}") from None

    def print(self, value: Any, *, single: bool = True) -> None:
        """Print a value, or the part of it that the path names.

        Raises click.exceptions.Exit with 1 if a ``single`` value has no such part, and names the parts that it has.
        """
        part = select(value, self.path)
        if part is MISSING:
            if single:
                say(f"--transform: nothing there; the value has {_keys(value)}", fg="red")
                raise click.exceptions.Exit(1)
        elif self.plain_strings and isinstance(part, str):
            write((harmless(part) if is_terminal() else part) + "\n")
        else:
            PRINTERS[self.format](part, single)


def _keys(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, dict) else f"no keys: it is {dumps(value)[:60]}"


def _json(value: Any, single: bool) -> None:
    write(dumps(value, 2) + "\n")


def _jsonl(value: Any, single: bool) -> None:
    write(dumps(value) + "\n")


def _yaml(value: Any, single: bool) -> None:
    import yaml

    text: str = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, explicit_start=not single, width=120)
    text = text.removesuffix("...\n")
    write(harmless(text) if is_terminal() else text)


def _pretty(value: Any, single: bool) -> None:
    if not is_live():
        return _json(value, single)
    from rich.console import Console
    from rich.highlighter import JSONHighlighter
    from rich.text import Text

    text = Text(dumps(value, 2))
    JSONHighlighter().highlight(text)
    Console().print(text, soft_wrap=True)
    return None


PRINTERS: dict[str, Callable[[Any, bool], None]] = {
    "json": _json,
    "jsonl": _jsonl,
    "yaml": _yaml,
    "pretty": _pretty,
}
