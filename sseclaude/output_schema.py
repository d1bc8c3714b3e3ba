"""Structured outputs: from the caller's type to the schema that the API understands.

Purpose: ``output_config`` makes the request's part of ``output_format=T``; the answer's part is ``ParsedMessage``.
Must not know: requests or streams.
Rule: the API enforces shapes, not ranges: a range moves into the description, where the model reads it, and
is checked when the answer is validated.

Source: PROTOCOL.md, "Structured outputs".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

UNENFORCED = frozenset(
    {
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
    }
)
"""Keywords of JSON Schema that the API refuses."""

_NAMED = ("properties", "$defs", "definitions", "patternProperties")  # objects whose keys are the caller's names


def output_config(output_format: Any, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the request's ``output_config`` that asks for a type; what was ``given`` beside it is kept.

    ``output_format`` is a pydantic model or any type that pydantic has a schema for; or a dict, which is taken for a
    finished format (``{"type": "json_schema", "schema": …}``).
    """
    if isinstance(output_format, Mapping):
        return {**(given or {}), "format": dict(output_format)}
    schema = TypeAdapter(output_format).json_schema()
    return {**(given or {}), "format": {"type": "json_schema", "schema": enforceable(schema)}}


def enforceable(schema: Any) -> Any:
    """Return a schema that the API accepts: objects are closed, and ranges are words."""
    if isinstance(schema, list):
        return [enforceable(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    made = {
        key: {name: enforceable(item) for name, item in value.items()} if key in _NAMED else enforceable(value)
        for key, value in schema.items()
        if key not in UNENFORCED and key not in ("default", "examples")
    }
    made |= {key: schema[key] for key in ("default", "examples", "enum", "const") if key in schema}
    ranges = ", ".join(f"{key}: {schema[key]}" for key in schema if key in UNENFORCED)
    if ranges:
        made["description"] = f"{made['description']} ({ranges})" if made.get("description") else ranges
    if schema.get("type") == "object" and "properties" in schema:
        made.setdefault("additionalProperties", False)
    return made
