"""Structured outputs: the schema that is sent, and the answer that comes back as the caller's type."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import httpx
import pydantic
import pytest

import sseclaude
from sseclaude.events import from_message, to_sse
from sseclaude.output_schema import enforceable, output_config
from sseclaude.sse import encode


class Item(pydantic.BaseModel):
    name: Annotated[str, pydantic.Field(min_length=1, description="What it is called")]
    count: int = pydantic.Field(default=1, ge=0, le=9)


class Order(pydantic.BaseModel):
    items: list[Item]
    kind: Literal["take", "bring"]


QUESTION = {"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": "x"}]}


def client(text: str, seen: list[dict] | None = None, stop_reason: str = "end_turn") -> sseclaude.Anthropic:
    message = sseclaude.Message.model_validate(
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "content": [{"type": "text", "text": text}],
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 2},
        }
    )
    body = b"".join(encode(to_sse(event)) for event in from_message(message))

    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(json.loads(request.content))
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    return sseclaude.Anthropic(api_key="k", http_client=httpx.Client(transport=httpx.MockTransport(answer)))


def test_objects_are_closed_and_ranges_become_words():
    schema = output_config(Order)["format"]["schema"]
    item = schema["$defs"]["Item"]
    assert schema["additionalProperties"] is item["additionalProperties"] is False
    assert item["properties"]["name"]["description"] == "What it is called\n\n{minLength: 1}"
    assert item["properties"]["count"]["description"] == "{default: 1, maximum: 9, minimum: 0}"
    assert "minimum" not in item["properties"]["count"]


def test_a_property_may_be_called_like_a_keyword():
    schema = {"type": "object", "properties": {"minimum": {"type": "integer"}, "default": {"type": "string"}}}
    assert enforceable(schema)["properties"] == schema["properties"]


def test_values_are_no_schemas():
    schema = {"enum": [{"minimum": 1}], "const": {"maximum": 2}}
    assert enforceable(schema) == schema


CLOSED = {"properties": {}, "additionalProperties": False}

SCHEMAS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"type": "object"}, {"type": "object", **CLOSED}),
    ({"type": "object", "additionalProperties": {"type": "null"}}, {"type": "object", **CLOSED}),
    ({"type": ["object", "null"]}, {"type": ["object", "null"], **CLOSED}),
    ({"type": "string", "format": "email"}, {"type": "string", "format": "email"}),
    ({"type": "string", "format": "byte"}, {"type": "string", "description": "{format: byte}"}),
    ({"type": "string", "pattern": "a+"}, {"type": "string", "description": "{pattern: a+}"}),
    ({"type": "array", "minItems": 1}, {"type": "array", "minItems": 1}),
    ({"type": "array", "minItems": 2}, {"type": "array", "description": "{minItems: 2}"}),
    ({"type": "array", "items": {"type": "object"}}, {"type": "array", "items": {"type": "object", **CLOSED}}),
    ({"type": "array", "items": True}, {"type": "array", "items": True}),
    ({"oneOf": [{"type": "object"}, {"const": 1}]}, {"anyOf": [{"type": "object", **CLOSED}, {"const": 1}]}),
    ({"type": "string", "enum": ["a"], "title": "T"}, {"enum": ["a"], "title": "T"}),
    ({"$ref": "#/$defs/A", "description": "d"}, {"$ref": "#/$defs/A"}),
    ({"$defs": {"A": {"type": "object"}}, "$ref": "#"}, {"$defs": {"A": {"type": "object", **CLOSED}}, "$ref": "#"}),
    ({"description": "d", "default": 1, "enum": [1]}, {"description": "d\n\n{default: 1}", "enum": [1]}),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "expected"), SCHEMAS, ids=str)
def test_schemas_are_made_as_the_api_takes_them(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    assert sseclaude.transform_schema(schema) == expected


def test_a_type_is_made_a_schema():
    assert sseclaude.transform_schema(Item)["additionalProperties"] is False


def test_two_formats_are_refused_before_anything_is_sent():
    seen: list[dict] = []
    config = {"format": {"type": "json_schema", "schema": {"type": "object"}}}
    with pytest.raises(TypeError, match="pass one of them"):
        client("{}", seen).messages.create(output_format=Order, output_config=config, **QUESTION)
    assert seen == []


def test_a_finished_format_gives_a_message_without_a_parsed_output():
    seen: list[dict] = []
    finished = {"type": "json_schema", "schema": {"type": "object"}}
    message = client('{"a": 1}', seen).messages.create(output_format=finished, **QUESTION)
    assert (message.text, message.parsed_output) == ('{"a": 1}', None)
    assert seen[0]["output_config"] == {"format": finished}


def test_a_finished_format_is_sent_as_it_is_and_what_stands_beside_it_is_kept():
    finished = {"type": "json_schema", "schema": {"type": "object", "minProperties": 1}}
    assert output_config(finished, {"effort": "low"}) == {"effort": "low", "format": finished}


@pytest.mark.parametrize("call", ["create", "parse", "stream"])
def test_the_answer_is_the_callers_type(call):
    seen: list[dict] = []
    text = '{"items": [{"name": "tea", "count": 2}], "kind": "bring"}'
    asked = client(text, seen).messages
    if call == "stream":
        with asked.stream(output_format=Order, **QUESTION) as stream:
            partial = [event.parsed_snapshot() for event in stream if event.type == "text"]
            message = stream.get_final_message()
        assert partial[-1] == json.loads(text)
        assert partial[0] != partial[-1]
    else:
        message = getattr(asked, call)(output_format=Order, **QUESTION)
    assert message.parsed_output == Order(items=[Item(name="tea", count=2)], kind="bring")
    assert seen[0]["output_config"]["format"]["type"] == "json_schema"
    assert "output_format" not in seen[0]
    assert "parsed_output" not in message.to_dict()


def test_any_type_will_do():
    assert client("[1, 2]").messages.create(output_format=list[int], **QUESTION).parsed_output == [1, 2]


@pytest.mark.parametrize("text", ['{"items": [], "kind": "steal"}', '{"items": [', "I would rather not."])
def test_an_answer_of_another_shape_is_an_error_that_carries_the_message(text):
    with pytest.raises(sseclaude.OutputValidationError) as caught:
        client(text, stop_reason="max_tokens").messages.create(output_format=Order, **QUESTION)
    assert caught.value.partial_message.text == text
    assert "Order" in str(caught.value)
    assert "max_tokens" in str(caught.value)
    assert caught.value.errors


def test_a_block_of_text_has_its_parsed_output():
    tea = Item(name="tea", count=2)
    with client(tea.model_dump_json()).messages.stream(output_format=Item, **QUESTION) as stream:
        blocks = [event.content_block for event in stream if event.type == "content_block_stop"]
        blocks += stream.get_final_message().content
    assert [block.parsed_output for block in blocks] == [tea, tea]
    assert "parsed_output" not in blocks[0].to_dict()
    assert client("hello").messages.create(**QUESTION).content[0].parsed_output is None


def test_a_block_whose_text_is_not_of_the_type_has_none():
    with pytest.raises(sseclaude.OutputValidationError) as caught:
        client("hello").messages.create(output_format=Item, **QUESTION)
    assert caught.value.partial_message.content[0].parsed_output is None


def test_without_a_format_there_is_no_parsed_output():
    assert client("hello").messages.create(**QUESTION).parsed_output is None
