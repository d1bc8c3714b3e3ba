"""A plausible value for a JSON schema.

Purpose: the input of a tool call for which there is no recording.
Must not know: requests, recordings, events.
Rule: a value that the schema offers (const, default, examples, enum) is preferred to one that is made up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

DEEPEST = 8
"""Nesting beyond this is cut short: a schema may refer to itself."""

BY_NAME = {
    "city": "Paris",
    "command": "ls",
    "country": "France",
    "date": "2026-01-15",
    "email": "ada@example.com",
    "expression": "6 * 7",
    "language": "en",
    "location": "Paris",
    "name": "Ada",
    "path": "notes.txt",
    "query": "weather in Paris",
    "symbol": "ABC",
    "ticker": "ABC",
    "time": "12:00:00",
    "timezone": "Europe/Paris",
    "url": "https://example.com/",
}

BY_FORMAT = {
    "date": "2026-01-15",
    "date-time": "2026-01-15T12:00:00Z",
    "email": "ada@example.com",
    "ipv4": "127.0.0.1",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "uuid": "12345678-1234-5678-1234-567812345678",
}

Schema = Mapping[str, Any]
Maker = Callable[[Schema, Any, str, int], Any]


def sample(schema: Any, root: Any = None, name: str = "", depth: int = 0) -> Any:
    """A value that the schema should accept; None where it says nothing that is understood.

    ``root`` is the complete schema, in which ``$ref`` is looked up; ``name`` is the property's, for a likely text.
    Patterns and conditions are not obeyed.
    """
    root = schema if root is None else root
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return name or None
    if (offered := _offered(schema)) is not None:
        return offered[0]
    if (inner := _inner(schema, root)) is not None:
        return sample(inner, root, name, depth + 1)
    kind: Any = schema.get("type", "object" if "properties" in schema else "string")
    kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
    make: Maker = MAKERS.get(kind, _text)
    return make(schema, root, name, depth)


def _offered(schema: Schema) -> list[Any] | None:
    for key in ("const", "default"):
        if key in schema:
            return [schema[key]]
    lists = (schema.get(key) for key in ("examples", "enum"))
    return next((offers for offers in lists if isinstance(offers, list) and offers), None)


def _inner(schema: Schema, root: Any) -> Schema | None:
    """The schema that this one leads to: its reference, its first alternative, or all its parts in one."""
    if isinstance(reference := schema.get("$ref"), str):
        return _resolve(reference, root)
    for key in ("anyOf", "oneOf"):
        if options := [one for one in schema.get(key) or () if one != {"type": "null"}]:
            return {**_without(schema, key), **options[0]}
    if parts := schema.get("allOf"):
        return _merged([_without(schema, "allOf"), *(_inner(part, root) or part for part in parts)])
    return None


def _without(schema: Schema, key: str) -> Schema:
    return {name: value for name, value in schema.items() if name != key}


def _merged(parts: list[Schema]) -> Schema:
    merged: dict[str, Any] = {}
    for part in parts:
        properties = {**merged.get("properties", {}), **part.get("properties", {})}
        required = [*merged.get("required", ()), *part.get("required", ())]
        merged = {**merged, **part, **({"properties": properties, "required": required} if properties else {})}
    return merged


def _resolve(reference: str, root: Any) -> Schema:
    found = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, Mapping) and key else found
    return found if isinstance(found, Mapping) else {}


def _object(schema: Schema, root: Any, name: str, depth: int) -> dict[str, Any]:
    properties = schema.get("properties") or {}
    wanted = schema.get("required", properties)
    return {key: sample(properties[key], root, key, depth + 1) for key in properties if key in wanted}


def _array(schema: Schema, root: Any, name: str, depth: int) -> list[Any]:
    items = schema.get("items", {"type": "string"})
    return [sample(items, root, name.removesuffix("s"), depth + 1)] * max(1, schema.get("minItems", 1))


def _number(schema: Schema, root: Any, name: str, depth: int) -> Any:
    step = schema.get("multipleOf", 1)
    if "minimum" in schema:
        return schema["minimum"]
    lowest = schema["exclusiveMinimum"] + step if "exclusiveMinimum" in schema else step
    highest = schema["exclusiveMaximum"] - step if "exclusiveMaximum" in schema else schema.get("maximum", lowest)
    return min(lowest, highest)


def _text(schema: Schema, root: Any, name: str, depth: int) -> str:
    text = BY_FORMAT.get(schema.get("format", ""), BY_NAME.get(name.lower(), "example"))
    return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength")]


MAKERS: dict[Any, Maker] = {
    "array": _array,
    "boolean": lambda schema, root, name, depth: True,
    "integer": _number,
    "null": lambda schema, root, name, depth: None,
    "number": _number,
    "object": _object,
    "string": _text,
}
