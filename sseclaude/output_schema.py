"""Structured outputs: from the caller's type to the schema that the API accepts.

Purpose: ``output_config`` makes the request's part of ``output_format=T``; the answer's part is ``ParsedMessage``.
Must not know: requests or streams.
Rule: the API accepts a subset of JSON Schema. Objects get ``additionalProperties: false``. A keyword that the API
refuses is moved into the description, where the model reads it, and is checked when the answer is validated.

Source: PROTOCOL.md, "Structured outputs".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from pydantic import TypeAdapter

Test: TypeAlias = Callable[[Any], bool]
"""Whether the API takes a keyword with this value."""


def _always(value: Any) -> bool:
    return True


FORMATS = frozenset(
    {"date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uri", "uuid"}
)  # fmt: skip
"""The values of ``format`` that the API takes."""

ANYWHERE: dict[str, Test] = dict.fromkeys(
    ("$defs", "title", "description", "type", "enum", "const", "anyOf", "allOf", "oneOf"), _always
)

BY_TYPE: dict[str, dict[str, Test]] = {
    "object": dict.fromkeys(("properties", "required", "additionalProperties"), _always),
    "array": {"items": _always, "minItems": lambda value: value in (0, 1)},
    "string": {"format": lambda value: value in FORMATS},
}
"""The keywords that the API takes, by the type of the value that they are about."""

_SCHEMAS = ("items", "additionalProperties", "anyOf", "allOf", "oneOf")  # a schema, or a list of them
_NAMED = ("properties", "$defs")  # objects whose keys are the caller's names, and whose values are schemas


def output_config(output_format: Any, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the request's ``output_config`` for a type; the other fields that were ``given`` are kept.

    ``output_format`` is a pydantic model or any type that pydantic has a schema for; or a dict, which is taken for a
    finished format (``{"type": "json_schema", "schema": …}``). Raises TypeError if ``given`` has a format too.
    """
    if given and given.get("format") is not None:
        raise TypeError("output_format and output_config['format'] say the same thing: pass one of them")
    if is_finished(output_format):
        return {**(given or {}), "format": dict(output_format)}
    return {**(given or {}), "format": {"type": "json_schema", "schema": transform_schema(output_format)}}


def is_finished(output_format: Any) -> bool:
    """Whether a caller's ``output_format`` is in the API's form already, and not a type."""
    return isinstance(output_format, Mapping)


def transform_schema(json_schema: Any) -> dict[str, Any]:
    """Return the schema that the API accepts, from a type or a JSON schema.

    Source: PROTOCOL.md, "Structured outputs".
    """
    schema = json_schema if isinstance(json_schema, Mapping) else TypeAdapter(json_schema).json_schema()
    made: dict[str, Any] = enforceable(schema)
    return made


def enforceable(schema: Any) -> Any:
    """Return a part of a schema as the API accepts it: objects are closed, and refused keywords become words."""
    if isinstance(schema, list):
        return [enforceable(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:  # nothing may stand beside a reference
        return {key: _part(key, schema[key]) for key in ("$defs", "$ref") if key in schema}
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    taken = ANYWHERE | {key: test for each in kinds for key, test in BY_TYPE.get(str(each), {}).items()}
    made: dict[str, Any] = {}
    refused: list[str] = []
    for key, value in schema.items():
        if key in taken and taken[key](value):
            made["anyOf" if key == "oneOf" else key] = _part(key, value)
        else:
            refused.append(f"{key}: {value}")
    if "object" in kinds:
        made.setdefault("properties", {})
        made["additionalProperties"] = False
    if made.keys() & {"enum", "const", "anyOf"}:
        made.pop("type", None)  # it says no more than they do
    if refused:
        words = "{" + ", ".join(refused) + "}"
        made["description"] = f"{made['description']}\n\n{words}" if made.get("description") else words
    return made


def _part(key: str, value: Any) -> Any:
    if key in _NAMED and isinstance(value, Mapping):
        return {name: enforceable(item) for name, item in value.items()}
    return enforceable(value) if key in _SCHEMAS else value
