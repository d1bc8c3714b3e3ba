"""What a caller gives becomes JSON, or a TypeError that says where it cannot."""

from __future__ import annotations

import json

import pydantic
import pytest

from sseclaude.blocks import make_block
from sseclaude.client.params import OPTIONS
from sseclaude.client.request import encode_body, to_wire
from sseclaude.message import Message


class Point(pydantic.BaseModel):
    x: int
    y: int = 0


class Named(pydantic.BaseModel):
    from_: str = pydantic.Field(alias="from")


LOOP: list = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (None, None),
        ("text", "text"),
        (True, True),
        (12, 12),
        (1.5, 1.5),
        ((1, 2), [1, 2]),
        ({"a": {"b": [1]}}, {"a": {"b": [1]}}),
        (Point(x=1), {"x": 1}),
        (Named(**{"from": "here"}), {"from": "here"}),
        (range(3), [0, 1, 2]),
        (make_block({"type": "text", "text": "hi"}), {"type": "text", "text": "hi"}),
        (
            Message.model_validate({"role": "assistant", "id": "m", "content": [{"type": "text", "text": "hi"}]}),
            {"role": "assistant", "content": [{"type": "text", "text": "hi"}]},
        ),
    ],
)
def test_what_is_sent(given, sent):
    assert to_wire(given) == sent


@pytest.mark.parametrize(
    ("given", "reported"),
    [
        ({"messages": [{"content": b"x"}]}, r"messages\[0\]\.content is a bytes"),
        ({"metadata": {"when": object()}}, r"metadata\.when is a object"),
        ({"tags": {"a", "b"}}, "tags is a set"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"temperature": float("inf")}, "temperature is inf"),
        ({"metadata": {1: "x"}}, "metadata has the key 1"),
        (object(), "the value is a object"),
        ({"messages": LOOP}, "nested too deeply"),
    ],
)
def test_what_json_cannot_hold_is_named(given, reported):
    with pytest.raises(TypeError, match=reported):
        encode_body(given)


def test_the_usual_tool_loop_sends_our_own_blocks():
    message = Message.model_validate(
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "s"},
                {"type": "tool_use", "id": "t", "name": "n", "input": {"a": 1}},
            ],
        }
    )
    body = json.loads(encode_body({"messages": [{"role": "assistant", "content": message.content}]}))
    assert body["messages"][0]["content"] == message.to_dict()["content"]


def test_characters_travel_as_they_are_and_lone_surrogates_as_escapes():
    assert encode_body({"a": "ü😀"}) == '{"a":"ü😀"}'.encode()
    assert encode_body({"a": "\ud83d"}) == b'{"a":"\\ud83d"}'


def test_options_are_no_part_of_the_body():
    assert {"extra_headers", "extra_query", "extra_body", "timeout", "betas"} == OPTIONS
