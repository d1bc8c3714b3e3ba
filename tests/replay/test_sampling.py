"""A plausible value for a schema."""

from typing import Any

import pytest

from sseclaude.replay.sampling import sample

SAMPLES: list[tuple[Any, Any]] = [
    ({"const": 3}, 3),
    ({"default": False, "type": "boolean"}, False),
    ({"examples": ["x", "y"]}, "x"),
    ({"enum": ["celsius", "kelvin"]}, "celsius"),
    ({"enum": [], "type": "string"}, "example"),
    ({"type": "boolean"}, True),
    ({"type": "null"}, None),
    ({"type": ["null", "integer"]}, 1),
    ({"type": ["null"]}, None),
    ({"type": "integer"}, 1),
    ({"type": "integer", "minimum": 7}, 7),
    ({"type": "integer", "exclusiveMinimum": 7}, 8),
    ({"type": "integer", "maximum": -2}, -2),
    ({"type": "number", "exclusiveMaximum": 1}, 0),
    ({"type": "integer", "multipleOf": 5}, 5),
    ({"type": "string"}, "example"),
    ({"type": "string", "format": "date"}, "2026-01-15"),
    ({"type": "string", "minLength": 9}, "example.."),
    ({"type": "string", "maxLength": 2}, "ex"),
    ({"type": "array", "items": {"type": "integer"}}, [1]),
    ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [True, True]),
    ({"type": "array"}, ["example"]),
    ({}, "example"),
    ({"type": "mystery"}, "example"),
    (True, None),
    ({"type": "object"}, {}),
    ({"type": "object", "properties": {"city": {"type": "string"}}}, {"city": "Paris"}),
    ({"properties": {"a": {"type": "integer"}, "b": {}}, "required": ["a"]}, {"a": 1}),
    ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
    ({"oneOf": [{"properties": {"a": {"const": 1}}}, {}]}, {"a": 1}),
    (
        {"allOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}, {"properties": {"b": {}}}]},
        {"a": 1},
    ),
    (
        {"properties": {"at": {"$ref": "#/$defs/Place"}}, "$defs": {"Place": {"enum": ["here"]}}},
        {"at": "here"},
    ),
    ({"$ref": "#/$defs/Missing"}, "example"),
]


@pytest.mark.parametrize(("schema", "expected"), SAMPLES, ids=str)
def test_a_schema_is_filled(schema: Any, expected: Any) -> None:
    assert sample(schema) == expected


def test_a_schema_that_holds_itself_comes_to_an_end() -> None:
    value = sample({"type": "object", "properties": {"next": {"$ref": "#"}}})
    assert value["next"]["next"]
