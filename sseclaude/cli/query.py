"""Parts of a value by a path: the common forms of GJSON's syntax, for ``--transform``.

Rule: a path that names nothing gives ``MISSING``; a path that cannot be read is a ValueError that names the part.

    content.0.text            a key, or an index; -1 is the last item
    content.#, content.#.text how many items; the text of every item that has one
    content.#(type=="text")   the first item that fits; #(...)# all of them; == != < <= > >= and % (a pattern)
    {id,model}                an object of these parts; {name:path} names one; [id,model] is a list of them
    a\\.b                      a key that holds a dot
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, TypeAlias

MISSING: Any = object()  # what a path that names nothing gives


class Where(NamedTuple):
    """``#(path op value)``: the first item that fits; ``all`` (a ``#`` follows): each item that fits."""

    path: tuple[Step, ...]
    compare: Callable[[Any, Any], bool]
    value: Any
    all: bool


class Several(NamedTuple):
    """``{a,b}``, or ``[a,b]``, which has no ``names``: several parts at once."""

    names: tuple[str, ...]
    paths: tuple[tuple[Step, ...], ...]


Step: TypeAlias = "str | Where | Several | None"  # None is ``#``

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "%": lambda value, pattern: isinstance(value, str) and fnmatchcase(value, str(pattern)),
}
_condition = re.compile(r"(.*?)\s*(==|!=|<=|>=|<|>|%)\s*(.+)", re.DOTALL).fullmatch


def parse(path: str) -> tuple[Step, ...]:
    """Read a path. Raises ValueError for one that cannot be read."""
    return tuple(map(_step, _split(path, ".")))


def _step(part: str) -> Step:
    if part.startswith("#"):
        return None if part == "#" else _where(part)
    if part[:1] in ("{", "["):
        return _several(part)
    if not part:
        raise ValueError("a part of the path is empty")
    return re.sub(r"\\(.)", r"\1", part)


def _where(part: str) -> Where:
    inner = part.removesuffix("#")
    if not inner.endswith(")") or (found := _condition(inner[2:-1])) is None:
        raise ValueError(f"{part!r} is not #(path==value)")
    try:
        value = json.loads(found[3])
    except ValueError:
        raise ValueError(f"{found[3]!r} is no JSON value; a string has double quotes") from None
    return Where(parse(found[1]) if found[1] else (), COMPARISONS[found[2]], value, part.endswith("#"))


def _several(part: str) -> Several:
    if part[-1] not in "}]":
        raise ValueError(f"{part!r} does not end with its bracket")
    pieces = [piece.strip() for piece in _split(part[1:-1], ",")]
    if part.startswith("["):
        return Several((), tuple(map(parse, pieces)))
    named = [_split(piece, ":") for piece in pieces]
    names = (words[0].strip('"') if len(words) > 1 else _split(words[0], ".")[-1] for words in named)
    return Several(tuple(names), tuple(parse(words[-1]) for words in named))


def _split(text: str, separator: str) -> list[str]:
    """Split at a separator that is outside of brackets and quotes, and has no backslash before it."""
    parts, depth, quoted, escaped = [""], 0, False, False
    for character in text:
        if not (escaped or quoted):
            depth += (character in "({[") - (character in ")}]")
        if character == '"' and not escaped:
            quoted = not quoted
        if character == separator and not (depth or quoted or escaped):
            parts.append("")
        else:
            parts[-1] += character
        escaped = character == "\\" and not escaped
    if depth or quoted:
        raise ValueError(f"a bracket or a quote of {text!r} is not closed")
    return parts


def select(value: Any, path: tuple[Step, ...]) -> Any:
    """Return the part of a value that a path names, or ``MISSING``."""
    for at, step in enumerate(path):
        if isinstance(step, str):
            value = _child(value, step)
        elif isinstance(step, Several):
            value = _gathered(value, step)
        elif not isinstance(value, list):
            return MISSING
        elif isinstance(step, Where) and not step.all:
            value = next(_fitting(value, step), MISSING)
        else:
            if step is None and at == len(path) - 1:
                return len(value)
            found = (select(item, path[at + 1 :]) for item in (_fitting(value, step) if step else value))
            return [part for part in found if part is not MISSING]
        if value is MISSING:
            return MISSING
    return value


def _child(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return value.get(key, MISSING)
    if not isinstance(value, list) or not re.fullmatch(r"-?[0-9]{1,9}", key):
        return MISSING
    return value[int(key)] if -len(value) <= int(key) < len(value) else MISSING


def _gathered(value: Any, step: Several) -> Any:
    parts = [select(value, path) for path in step.paths]
    named = dict(zip(step.names or range(len(parts)), parts, strict=True))
    found = {name: part for name, part in named.items() if part is not MISSING}
    return found if step.names else list(found.values())


def _fitting(items: list[Any], where: Where) -> Iterator[Any]:
    for item, found in ((item, select(item, where.path)) for item in items):
        with suppress(TypeError):  # values that have no order: a string and a number
            if found is not MISSING and where.compare(found, where.value):
                yield item
