"""``--transform``: each form of a path, and the paths that cannot be read."""

from __future__ import annotations

import pytest

from sseclaude.cli.query import MISSING, parse, select

VALUE = {
    "id": "msg_1",
    "model": "claude",
    "content": [
        {"type": "thinking", "thinking": "Hm", "size": 2},
        {"type": "text", "text": "Hello", "size": 5},
        {"type": "text", "text": "Bye", "size": 3},
    ],
    "a.b": {"": 1},
    "usage": {"output_tokens": 7},
}


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("content.0.type", "thinking"),
        ("content.-1.text", "Bye"),
        ("content.-4", MISSING),
        ("content.3", MISSING),
        ("content.text", MISSING),
        ("id.0", MISSING),
        ("content.#", 3),
        ("content.#.text", ["Hello", "Bye"]),
        ("content.#.nothing", []),
        ("id.#", MISSING),
        (r"a\.b", {"": 1}),
        ('content.#(type=="text").text', "Hello"),
        ('content.#(type=="text")#.text', ["Hello", "Bye"]),
        ('content.#(type=="none")', MISSING),
        ('content.#(type=="none")#', []),
        ("content.#(size>=3)#.size", [5, 3]),
        ("content.#(size<3).type", "thinking"),
        ("content.#(size > 3).text", "Hello"),
        ("content.#(size<=2)#.size", [2]),
        ('content.#(type!="text").thinking', "Hm"),
        ('content.#(text%"H*").text', "Hello"),
        ('content.#(size%"5*")', MISSING),
        ("content.#(text>3)", MISSING),
        ("{id,model}", {"id": "msg_1", "model": "claude"}),
        ("{id,nothing}", {"id": "msg_1"}),
        ('{words:content.1.text,"n":usage.output_tokens}', {"words": "Hello", "n": 7}),
        ("{usage.output_tokens}", {"output_tokens": 7}),
        ("[id,usage.output_tokens,nothing]", ["msg_1", 7]),
        (
            "content.#.{type,size}",
            [{"type": kind, "size": n} for kind, n in (("thinking", 2), ("text", 5), ("text", 3))],
        ),
        ("content.#.text.#", [MISSING]),
    ],
)
def test_a_path_names_a_part(path: str, part: object) -> None:
    expected = [] if part == [MISSING] else part
    assert select(VALUE, parse(path)) == expected


def test_conditions_on_the_items_themselves() -> None:
    assert select([1, 5, 9], parse("#(>4)#")) == [5, 9]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("a..b", "empty"),
        ("", "empty"),
        ("a.#(b)", "is not"),
        ("a.#b", "is not"),
        ("a.#(b==x)", "no JSON value"),
        ("{a,b", "not closed"),
        ("{a}b", "does not end"),
        ('a.#(b=="x)', "not closed"),
        ("{a,,b}", "empty"),
    ],
)
def test_a_path_that_cannot_be_read_says_why(path: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse(path)
