r"""Values of flags: YAML or JSON, files, stdin.

Purpose: turn the text of a flag into the value that is sent.
Must not know: which flags there are, or what the API accepts.
Rule: a value's form decides how it is read. JSON is read as JSON, all else as YAML by the rules of its version 1.2,
where ``yes`` and ``2026-01-01`` are strings.

``@file`` as a flag's value is the file's text. In a string inside a typed value it depends on the place:

    data: "@photo.png"         the file: its text if it is UTF-8, else base64
    source: "@photo.png"       the complete source: {type: base64, media_type: image/png, data: ...}
    content: ["@photo.png"]    the complete block: {type: image, source: ...}; text stays text

``@file://`` is always text, ``@data://`` always base64; ``@-`` is stdin; ``\@`` is an ``@``.

Only what was typed may name files. What came from a file or from stdin is data: in it an ``@`` is a character.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from contextlib import suppress
from functools import cache
from mimetypes import guess_type
from typing import Any, NoReturn

import click
import yaml

STDIN = "-"
PDF = "application/pdf"
SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"%PDF-": PDF,
}
"""What a file is by its first bytes. WebP, whose mark is not at the start, is recognized by ``_kind``."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2's core schema: null, true, false and numbers; every other plain word is a string."""

    _in_word = False

    def scan_plain(self) -> Any:
        """Read a plain word. PyYAML ends it at a question mark within brackets, as YAML 1.1 does; 1.2 does not."""
        self._in_word = True
        try:
            return super().scan_plain()
        finally:
            self._in_word = False

    def peek(self, index: int = 0) -> str:
        """Return the character to decide by: within a word a question mark is like any letter."""
        character: str = super().peek(index)
        return "x" if self._in_word and character == "?" else character

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML declares it so


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|[-+]?\.[0-9]+(?:[eE][-+]?[0-9]+)?",
        "-+.0123456789",
    ),
    ("merge", "<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), [*_first, ""])
_Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node)))  # type: ignore[arg-type]


class Bad(click.UsageError):
    """A value that cannot be used; the text names the flag."""


def parse(text: str, flag: str) -> Any:
    """Return the value of a flag's text, with the contents of the files that it names. Raises Bad."""
    if names_a_file(text):
        return parse_data(_given(text, flag), flag)
    return insert_files(parse_data(_given(text, flag), flag), flag)


def parse_data(text: str, flag: str) -> Any:
    """Return the value of JSON or YAML text that names no files: data from a file or from stdin. Raises Bad."""
    try:
        return json.loads(text)
    except ValueError:
        return _parse_yaml(text, flag)
    except RecursionError:
        raise Bad(f"{flag}: nested too deeply") from None


def text(given: str, flag: str) -> str:
    """Return a flag's text: what was typed, a file's or stdin's."""
    return _given(given, flag)


def text_or_value(given: str, flag: str) -> Any:
    """Return a list or an object if the text is one, else the text as it is, colons and all."""
    found = _given(given, flag)
    if not found.lstrip().startswith(("[", "{")):
        return found
    return parse_data(found, flag) if names_a_file(given) else parse(found, flag)


def turn(given: str, flag: str) -> Any:
    """Return a message: a mapping with a ``role`` (typed, or of a file or stdin), or else the user's words as typed."""
    if names_a_file(given) or given.startswith(("{", "[")):
        return parse(given, flag)
    with suppress(Bad):
        value = parse_data(given, flag)
        if isinstance(value, dict) and "role" in value:
            return insert_files(value, flag)
    return {"role": "user", "content": _given(given, flag)}


def names_a_file(text: str) -> bool:
    """Whether a flag's text stands for a file or stdin."""
    return text == STDIN or (text.startswith("@") and "\n" not in text)


def stdin_body() -> dict[str, Any]:
    """Return the request's body from stdin, JSON or YAML; an empty one if stdin is empty. Raises Bad."""
    given = _as_text(_stdin(), "stdin", "stdin")
    value = parse_data(given, "stdin") if given.strip() else {}
    if not isinstance(value, dict):
        raise Bad("stdin: the body is not an object such as {model: ..., messages: [...]}")
    return value


def _given(text: str, flag: str) -> str:
    if names_a_file(text):
        return _as_text(_read(text.removeprefix("@").removeprefix("file://"), flag), text, flag)
    return text.removeprefix("\\") if text.startswith("\\@") else text


def _parse_yaml(text: str, flag: str) -> Any:
    try:
        return yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise Bad(f"{flag}: bad YAML: {_described(error)}") from None
    except (RecursionError, ValueError) as error:
        raise Bad(f"{flag}: bad YAML: {error}") from None


def _described(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    mark = getattr(error, "problem_mark", None)
    return f"{problem} (line {mark.line + 1}, column {mark.column + 1})" if mark else problem


# --- files -----------------------------------------------------------------------------------------------------------


def insert_files(value: Any, flag: str, place: str = "") -> Any:
    """Return the value with every ``@file`` in it replaced; ``place`` is the key that it stands under."""
    if isinstance(value, dict):
        return {key: insert_files(item, flag, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [insert_files(item, flag, place and f"{place}[]") for item in value]
    if not isinstance(value, str):
        return value
    if value.startswith("\\@"):
        return value[1:]
    return PLACES.get(place, _insert)(value[1:], flag, place) if value.startswith("@") else value


def _insert(name: str, flag: str, place: str) -> Any:
    """Return a file's text, or its bytes as base64 if it is no text."""
    if name.startswith("file://"):
        return _as_text(_read(name.removeprefix("file://"), flag), name, flag)
    data = _read(name.removeprefix("data://"), flag)
    if not name.startswith("data://") and _kind(name, data) is None:
        return _as_text(data, name, flag)
    return base64.b64encode(data).decode("ascii")


def _insert_source(name: str, flag: str, place: str) -> Any:
    data = _read(name.removeprefix("data://"), flag)
    kind = _kind(name, data) or "text/plain"
    if kind == "text/plain":
        return {"type": "text", "media_type": kind, "data": _as_text(data, name, flag)}
    return {"type": "base64", "media_type": kind, "data": base64.b64encode(data).decode("ascii")}


def _insert_content(name: str, flag: str, place: str) -> Any:
    """Return a file's text, or the block that an image or a PDF makes."""
    if name.startswith("file://") or (kind := _kind(name, _read(name.removeprefix("data://"), flag))) is None:
        made: Any = _insert(name, flag, place)
        return {"type": "text", "text": made} if place.endswith("[]") else made
    if kind != PDF and not kind.startswith("image/"):
        raise Bad(f"{flag}: {name} is neither text nor an image nor a PDF ({kind})")
    block = {"type": "document" if kind == PDF else "image", "source": _insert_source(name, flag, place)}
    return block if place.endswith("[]") else [block]


PLACES = {"source": _insert_source, "content": _insert_content, "content[]": _insert_content}
"""Where a file is more than its contents."""


def _kind(name: str, data: bytes) -> str | None:
    """Return a binary file's media type, None for text."""
    found = next((kind for mark, kind in SIGNATURES.items() if data.startswith(mark)), None)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        found = "image/webp"
    if found is None and not _is_text(data):
        found = guess_type(name)[0] or "application/octet-stream"
    return found


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _as_text(data: bytes, name: str, flag: str) -> str:
    if not _is_text(data):
        raise Bad(f"{flag}: {name} is no UTF-8 text")
    return data.decode("utf-8").removeprefix("\ufeff")


def _read(name: str, flag: str) -> bytes:
    if name == STDIN:
        return _stdin()
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError as error:
        _refuse(flag, name, error)


def _refuse(flag: str, name: str, error: OSError) -> NoReturn:
    hint = r" (for an @ that names no file write \@)" if isinstance(error, FileNotFoundError) else ""
    raise Bad(f"{flag}: cannot read {name}: {error.strerror}{hint}") from None


@cache
def _stdin() -> bytes:
    """Return all of stdin; it can be read only once, but named as often as one likes."""
    return sys.stdin.buffer.read()
