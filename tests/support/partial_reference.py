"""A slow reader of JSON that was cut, which can be checked by eye; and how `PartialJSON` is compared with it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from sseclaude.partial_json import MAX_DEPTH, PartialJSON

State = tuple[Any, bool, bool]
"""value, complete, failed"""


# --- The reference: a recursive descent over the whole text, one character after the other, that puts each value
# --- where it belongs as soon as it may be seen. It raises CutError where the text ends
# --- too early, BadError where it is wrong.


class CutError(Exception):
    pass


class BadError(Exception):
    pass


Put = Callable[[Any], None]
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
NUMBER_SO_FAR = re.compile(r"-?((0|[1-9][0-9]*)(\.[0-9]*)?|(0|[1-9][0-9]*)(\.[0-9]+)?[eE][+-]?[0-9]*)?")
HIGH = re.compile(r"[\ud800-\udbff]")
LOW_ESCAPE = re.compile(r"\\u[dD][c-fC-F][0-9a-fA-F]{2}")


def peek(text: str, i: int) -> str:
    if i == len(text):
        raise CutError
    return text[i]


def expect(text: str, i: int, wanted: str) -> int:
    if peek(text, i) not in wanted:
        raise BadError
    return i + 1


def skip_space(text: str, i: int) -> int:
    while i < len(text) and text[i] in " \t\n\r":
        i += 1
    return i


def read_value(text: str, i: int, put: Put, ends: str, depth: int) -> int:
    """Read a value. `ends` are the characters that may follow a number here."""
    first = peek(text, i)
    if first == "[":
        return read_array(text, i + 1, put, depth + 1)
    if first == "{":
        return read_object(text, i + 1, put, depth + 1)
    if first == '"':
        return read_string(text, i + 1, put)
    if first in "-0123456789":
        return read_number(text, i, put, ends)
    for word, value in (("true", True), ("false", False), ("null", None)):
        if first == word[0]:
            for k in range(len(word)):
                expect(text, i + k, word[k])
            put(value)
            return i + len(word)
    raise BadError


def read_array(text: str, i: int, put: Put, depth: int) -> int:
    items: list[Any] = []
    if depth > MAX_DEPTH:
        raise BadError
    put(items)
    i = skip_space(text, i)
    if peek(text, i) == "]":
        return i + 1
    while True:
        place = len(items)

        def put_item(value: Any, place: int = place) -> None:
            items[place:] = [value]

        i = skip_space(text, read_value(text, skip_space(text, i), put_item, " \t\n\r,]", depth))
        i = expect(text, i, ",]")
        if text[i - 1] == "]":
            return i


def read_object(text: str, i: int, put: Put, depth: int) -> int:
    members: dict[str, Any] = {}
    if depth > MAX_DEPTH:
        raise BadError
    put(members)
    i = skip_space(text, i)
    if peek(text, i) == "}":
        return i + 1
    while True:
        keys = [""]
        i = expect(text, skip_space(text, i), '"')
        i = skip_space(text, read_string(text, i, keys.append))
        i = skip_space(text, expect(text, i, ":"))

        def put_member(value: Any, key: str = keys[-1]) -> None:
            members[key] = value

        i = skip_space(text, read_value(text, i, put_member, " \t\n\r,}", depth))
        i = expect(text, i, ",}")
        if text[i - 1] == "}":
            return i


def read_number(text: str, i: int, put: Put, ends: str) -> int:
    end = i
    while end < len(text) and NUMBER_SO_FAR.fullmatch(text, i, end + 1):
        end += 1
    if end == len(text):
        raise CutError
    number = NUMBER.fullmatch(text, i, end)
    if not number or text[end] not in ends:
        raise BadError
    put(float(number[0]) if number[2] or number[3] else int(number[0]))
    return end


def read_string(text: str, i: int, put: Put) -> int:
    """Read the rest of a string. What `put` was called with last is how far it has come."""
    so_far = ""
    put(so_far)
    while (char := peek(text, i)) != '"':
        if char < " ":
            raise BadError
        if char == "\\":
            char, i = read_escape(text, i + 1)
            if HIGH.match(char):
                rest = text[i : i + 6]
                if LOW_ESCAPE.match(rest):
                    char, i = json.loads(f'"\\u{ord(char):x}{rest}"'), i + 6
                elif LOW_ESCAPE.match(rest + r"\udc00"[len(rest) :]):
                    raise CutError
        else:
            i += 1
            if HIGH.match(char):
                peek(text, i)
        so_far += char
        put(so_far)
    return i + 1


def read_escape(text: str, i: int) -> tuple[str, int]:
    i = expect(text, i, '"\\/bfnrtu')
    if text[i - 1] != "u":
        return json.loads(f'"\\{text[i - 1]}"'), i
    for k in range(4):
        expect(text, i + k, "0123456789abcdefABCDEF")
    return chr(int(text[i : i + 4], 16)), i + 4


def join_halves(text: str) -> str:
    return re.sub(
        "([\ud800-\udbff])([\udc00-\udfff])",
        lambda pair: chr(0x10000 + ((ord(pair[1]) - 0xD800) << 10) + ord(pair[2]) - 0xDC00),
        text,
    )


def reference(text: str) -> State:
    text = join_halves(text)
    document: list[Any] = [None]
    try:
        i = read_value(text, skip_space(text, 0), lambda value: document.__setitem__(0, value), " \t\n\r", 0)
        if skip_space(text, i) < len(text):
            raise BadError
    except CutError:
        return document[0], False, False
    except BadError:
        return reference(text[:-1])[0], False, True  # the value that it last was
    return document[0], True, False


def state(partial: PartialJSON) -> State:
    return partial.value, partial.complete, partial.failed


def parse(*fragments: str, read: bool = False) -> PartialJSON:
    partial = PartialJSON()
    for fragment in fragments:
        partial.feed(fragment)
        if read:
            state(partial)
    return partial


def same(left: Any, right: Any) -> bool:
    """Equal in types, in the order of keys, and to the last bit."""
    return repr(left) == repr(right)


def cut(text: str, places: list[int]) -> list[str]:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[a:b] for a, b in pairwise(edges)]


def fragments_of(text: str, size: int = 20) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size)]


def check_every_prefix(fragments: list[str]) -> None:
    """Read after each fragment; read late; and read once: all see what the reference sees."""
    partial = PartialJSON()
    for fragment, prefix in zip(fragments, accumulate(fragments), strict=True):
        partial.feed(fragment)
        expected = reference(prefix)
        assert same(state(partial), expected), prefix
        assert same(state(parse(prefix)), expected), prefix
        assert partial.text == join_halves(prefix)


# --- Any document, any mutation, any cut

unhurried = settings(deadline=None)
strings = st.text(st.characters() | st.sampled_from('"\\/\n\x00\x7fé\u2028😀\ud83d\ude00'), max_size=8)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
documents = st.recursive(
    st.none() | st.booleans() | numbers | strings,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(strings, inner, max_size=4),
    max_leaves=12,
)
texts = st.builds(
    lambda document, indent, separators, escape, around: (
        around + json.dumps(document, indent=indent, separators=separators, ensure_ascii=escape) + around
    ),
    documents,
    st.sampled_from([None, 0, 1, "\t"]),
    st.sampled_from([None, (",", ":"), (" ,\r\n", " :\t")]),
    st.booleans(),
    st.sampled_from(["", " ", "\r\n"]),
)
foreign = st.text(st.sampled_from('[]{}:,"\\/ \nud83deE+-.019tfnalsx\x01\ud83d'), max_size=3)
cuts = st.lists(st.integers(min_value=0, max_value=10_000), max_size=8)
