"""Checks of the wire's objects: fields that are missing, and fields that are not of their type.

Purpose: the tables of the fields that the Anthropic API always sends, and ``faults``, which compares an object with
them and with its model.
Must not know: events, states, or what a caller does with a fault.
Rule: a check changes nothing. It names each field at most once, and no list or object of which it names a part.

Source: PROTOCOL.md, "How a message is assembled" and "Deviations".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from pydantic import ValidationError

from ..block_builder import TOOL_BLOCKS
from ..blocks import BLOCKS, Model, UnknownBlock
from ..events import MessageDeltaEvent
from ..message import Message

Fault: TypeAlias = tuple[str, str]
"""A rule that is broken, and what was seen."""

NONE: frozenset[str] = frozenset()

REQUIRED: dict[str, tuple[str, ...]] = {
    "message": ("id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"),
    "message_delta": ("delta", "usage"),
    "delta": ("stop_reason", "stop_sequence"),
}
"""The fields that the Anthropic API always sends, by the object that they are in (PROTOCOL.md, "Checks")."""

REQUIRED_IN_BLOCK: dict[str, tuple[str, ...]] = {
    "text": ("text",),
    "thinking": ("thinking", "signature"),
    "redacted_thinking": ("data",),
    **dict.fromkeys(TOOL_BLOCKS, ("id", "name", "input")),
}
"""The same for a block's start, by the block's type."""

NULLABLE = frozenset({"stop_reason", "stop_sequence"})
"""Of these, the fields that may be null, though not absent."""

MODELS: dict[str, type[Model]] = {"message": Message, "message_delta": MessageDeltaEvent, "delta": Model}
"""The model that each of these objects is validated by; the fields of ``delta`` are those of the event's model."""


def missing(data: Mapping[str, Any], required: tuple[str, ...]) -> list[str]:
    """Return the fields that are absent, or null where they may not be."""
    return [field for field in required if data.get(field) is None and not (field in NULLABLE and field in data)]


def faults(where: str, data: Mapping[str, Any], *, leave_out: frozenset[str] = frozenset()) -> Iterator[Fault]:
    """Yield the rule and the detail of each fault of a ``message``, a ``message_delta`` or a ``delta``."""
    yield from _faults(where, data, REQUIRED[where], MODELS[where], leave_out)


def block_faults(start: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the rule and the detail of each fault of a block's start."""
    kind = start.get("type")
    model = BLOCKS.get(kind, UnknownBlock) if isinstance(kind, str) else UnknownBlock
    yield from _faults(str(kind), start, REQUIRED_IN_BLOCK.get(str(kind), ()), model, NONE)


def _faults(
    where: str, data: Mapping[str, Any], required: tuple[str, ...], model: type[Model], leave_out: frozenset[str]
) -> Iterator[Fault]:
    absent = missing(data, required)
    for field in absent:
        yield "missing_field", f"{where}.{field}"
    try:
        model.model_validate({key: value for key, value in data.items() if key not in leave_out.union(absent)})
    except ValidationError as error:
        found: dict[str, str] = {}
        for problem in error.errors(include_url=False, include_context=False, include_input=False):
            found.setdefault(_path(data, problem["loc"]), problem["msg"])
        around = {path.rpartition(".")[0] for path in found}
        for path, said in found.items():
            if path not in around:
                yield "wrong_type", f"{where}.{path}: {said}"


def _path(data: Any, loc: tuple[int | str, ...]) -> str:
    """Return where a problem lies in the data: its location without the names of a union's branches."""
    path = []
    for step in loc:
        inside = isinstance(data, Mapping) if isinstance(step, str) else isinstance(data, list)
        if inside and (isinstance(step, int) or step in data):
            data = data[step]
            path.append(str(step))
    return ".".join(path)
