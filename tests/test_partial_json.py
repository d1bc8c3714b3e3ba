"""`PartialJSON` against a slow reader that can be checked by eye, against json, and against pydantic_core."""

from __future__ import annotations

import copy
import doctest
import json
import random
import re
import sys
from collections.abc import Callable
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import from_json

from sseclaude import partial_json
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


@unhurried
@given(texts, cuts)
def test_any_document_at_any_cut(text: str, places: list[int]) -> None:
    check_every_prefix(cut(text, places))


@unhurried
@given(texts)
def test_any_document_one_character_at_a_time(text: str) -> None:
    check_every_prefix(list(text))


@unhurried
@given(texts, cuts)
def test_the_final_value_is_that_of_json(text: str, places: list[int]) -> None:
    partial = parse(*cut(text, places), read=True)
    partial.close()
    assert same(partial.value, json.loads(join_halves(text)))
    assert partial.complete
    assert not partial.failed


@unhurried
@given(texts, st.data())
def test_any_mutation_of_a_document(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        stop = data.draw(st.integers(start, min(start + 3, len(text))))
        text = text[:start] + data.draw(foreign) + text[stop:]
    places = data.draw(cuts)
    check_every_prefix(cut(text, places))


@unhurried
@given(st.text(st.sampled_from('[]{}:,"\\ ud83cC-0.1e+true'), max_size=12), cuts)
def test_any_characters(text: str, places: list[int]) -> None:
    check_every_prefix(cut(text, places))


@unhurried
@given(st.lists(st.sampled_from(["\\", "u", "d8", "3d", "\\ud83d", "\\ude00", "\ud83d", "\ude00", "a", '"', "\x1f"])))
def test_any_mix_of_half_characters(pieces: list[str]) -> None:
    check_every_prefix(['["', *pieces])


@unhurried
@given(texts)
def test_pydantic_agrees_where_it_does_not_guess(text: str) -> None:
    """It guesses that a number at the end is finished. It refuses lone surrogates, and a text without any value."""
    text = f"[{text}]"
    partial = PartialJSON()
    for end, char in enumerate(text, 1):
        partial.feed(char)
        if re.search(r"[0-9]\Z|[\ud800-\udfff]|\\u[dD][89a-fA-F]", text[:end]) is None:
            assert same(partial.value, from_json(text[:end], allow_partial="trailing-strings")), text[:end]


# --- Rows for every state of the grammar: (text, value, complete or failed)

OPEN, COMPLETE, FAILED = (False, False), (True, False), (False, True)

ROWS: list[tuple[str, Any, tuple[bool, bool]]] = [
    # before the value
    ("", None, OPEN),
    (" \t\n\r", None, OPEN),
    ("\ufeff", None, FAILED),
    ("\u00a0", None, FAILED),
    ("x", None, FAILED),
    ("]", None, FAILED),
    ("}", None, FAILED),
    (",", None, FAILED),
    (":", None, FAILED),
    ("'", None, FAILED),
    ("/* */", None, FAILED),
    ("😀", None, FAILED),
    ("\ud83d", None, FAILED),
    # literals
    ("t", None, OPEN),
    ("tru", None, OPEN),
    ("true", True, COMPLETE),
    ("false", False, COMPLETE),
    ("null", None, COMPLETE),
    ("trux", None, FAILED),
    ("true1", True, FAILED),
    ("NaN", None, FAILED),
    ("[NaN]", [], FAILED),
    ("[Infinity]", [], FAILED),
    ("[-Infinity]", [], FAILED),
    ("[nul", [], OPEN),
    ("[null", [None], OPEN),
    ("[nulL", [], FAILED),
    # numbers
    ("0", None, OPEN),
    ("12", None, OPEN),
    ("12 ", 12, COMPLETE),
    ("-0 ", 0, COMPLETE),
    ("-0.0\n", -0.0, COMPLETE),
    ("1E+2\t", 100.0, COMPLETE),
    ("12,", None, FAILED),
    ("[12", [], OPEN),
    ("[12,", [12], OPEN),
    ("[12 ", [12], OPEN),
    ("[12]", [12], COMPLETE),
    ("[12}", [], FAILED),
    ("[12:", [], FAILED),
    ("[12\ud83d", [], FAILED),
    ("[01", [], FAILED),
    ("[-", [], OPEN),
    ("[--", [], FAILED),
    ("[-a", [], FAILED),
    ("[-01", [], FAILED),
    ("[+1", [], FAILED),
    ("[.5", [], FAILED),
    ("[1.", [], OPEN),
    ("[1.]", [], FAILED),
    ("[1.e", [], FAILED),
    ("[1.5e", [], OPEN),
    ("[1.5e]", [], FAILED),
    ("[1.5e-", [], OPEN),
    ("[1.5e-]", [], FAILED),
    ("[1.5e-3]", [0.0015], COMPLETE),
    ("[1e999]", [float("inf")], COMPLETE),
    ("[1_0", [], FAILED),
    ("[\u0661", [], FAILED),
    ("[1\u0661", [], FAILED),
    # arrays
    ("[", [], OPEN),
    ("[ ", [], OPEN),
    ("[]", [], COMPLETE),
    ("[] ", [], COMPLETE),
    ("[}", [], FAILED),
    ("[,", [], FAILED),
    ("[1,]", [1], FAILED),
    ("[1,,", [1], FAILED),
    ("[1 2", [1], FAILED),
    ("[[1], [2", [[1], []], OPEN),
    ('["a":', ["a"], FAILED),
    ("[]]", [], FAILED),
    ("[] x", [], FAILED),
    # objects
    ("{", {}, OPEN),
    ("{ ", {}, OPEN),
    ("{}", {}, COMPLETE),
    ("{]", {}, FAILED),
    ("{,", {}, FAILED),
    ("{1", {}, FAILED),
    ("{a", {}, FAILED),
    ('{"', {}, OPEN),
    ('{"a', {}, OPEN),
    ('{"a"', {}, OPEN),
    ('{"a" ', {}, OPEN),
    ('{"a"}', {}, FAILED),
    ('{"a",', {}, FAILED),
    ('{"a" "', {}, FAILED),
    ('{"a":', {}, OPEN),
    ('{"a": ', {}, OPEN),
    ('{"a":}', {}, FAILED),
    ('{"a":,', {}, FAILED),
    ('{"a": 12', {}, OPEN),
    ('{"a": 12,', {"a": 12}, OPEN),
    ('{"a": 12 ', {"a": 12}, OPEN),
    ('{"a": 12]', {}, FAILED),
    ('{"a": 1,}', {"a": 1}, FAILED),
    ('{"a": 1 "b"', {"a": 1}, FAILED),
    ('{"a": "', {"a": ""}, OPEN),
    ('{"a": {"b": [', {"a": {"b": []}}, OPEN),
    ('{"\\u0061": 1}', {"a": 1}, COMPLETE),
    ('{"\\x', {}, FAILED),
    # equal keys: the last wins, as soon as there is something to see of it
    ('{"a": 1, "a"', {"a": 1}, OPEN),
    ('{"a": 1, "a": ', {"a": 1}, OPEN),
    ('{"a": 1, "a": 2', {"a": 1}, OPEN),
    ('{"a": 1, "a": 2}', {"a": 2}, COMPLETE),
    ('{"a": 1, "a": "', {"a": ""}, OPEN),
    ('{"a": 1, "b": 2, "a": [', {"a": [], "b": 2}, OPEN),
    # strings
    ('"', "", OPEN),
    ('"ab', "ab", OPEN),
    ('"ab"', "ab", COMPLETE),
    ('"ab"x', "ab", FAILED),
    ('"ab\x1f', "ab", FAILED),
    ('"ab\n', "ab", FAILED),
    ('"\x7f\u2028"', "\x7f\u2028", COMPLETE),
    ('"ab\\', "ab", OPEN),
    ('"ab\\"', 'ab"', OPEN),
    ('"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t', COMPLETE),
    ('"ab\\x', "ab", FAILED),
    ('"ab\\u', "ab", OPEN),
    ('"ab\\u12', "ab", OPEN),
    ('"ab\\u123"', "ab", FAILED),
    ('"ab\\u+123', "ab", FAILED),
    ('"ab\\u1_23', "ab", FAILED),
    ('"ab\\u1234', "ab\u1234", OPEN),
    ('"\\u0000', "\0", OPEN),
    ('{"a": "}', {"a": "}"}, OPEN),
    ('{"a": "}"}', {"a": "}"}, COMPLETE),
    # halves of characters
    ('"\\ud83d\\ude00', "😀", OPEN),
    ('"\\uD83D\\uDE00', "😀", OPEN),
    ('"\\ud83d', "", OPEN),
    ('"\\ud83d"', "\ud83d", COMPLETE),
    ('"\\ud83d\\', "", OPEN),
    ('"\\ud83d\\n', "\ud83d\n", OPEN),
    ('"\\ud83d\\x', "", FAILED),
    ('"\\ud83d\\u', "", OPEN),
    ('"\\ud83d\\ux', "", FAILED),
    ('"\\ud83d\\u0', "\ud83d", OPEN),
    ('"\\ud83d\\u0x', "\ud83d", FAILED),
    ('"\\ud83d\\ud', "", OPEN),
    ('"\\ud83d\\ud8', "\ud83d", OPEN),
    ('"\\ud83d\\ud83d', "\ud83d", OPEN),
    ('"\\ud83d\\ud83d\\ude00', "\ud83d😀", OPEN),
    ('"\\ud83d\\ude0', "", OPEN),
    ('"\\ud83d\\udex', "", FAILED),
    ('"\\ud83d\x01', "", FAILED),
    ('"\\ude00', "\ude00", OPEN),
    ('"\\\\ud83d', "\\ud83d", OPEN),
    ('"\ud83d', "", OPEN),
    ('"\ud83d"', "\ud83d", COMPLETE),
    ('"\ud83dx', "\ud83dx", OPEN),
    ('"\ud83d\x01', "", FAILED),
    ('"\ud83d\\', "\ud83d", OPEN),
    ('"\ud83d\ude00', "😀", OPEN),
    ('"\ud83d\\ude00"', "\ud83d" + "\ude00", COMPLETE),
    ('"\\ud83d\ude00"', "\ud83d" + "\ude00", COMPLETE),
    ('"\ude00', "\ude00", OPEN),
]


@pytest.mark.parametrize(("text", "value", "flags"), ROWS, ids=[ascii(row[0]) for row in ROWS])
def test_row(text: str, value: Any, flags: tuple[bool, bool]) -> None:
    assert same(state(parse(text)), (value, *flags))
    assert same(state(parse(*text, read=True)), (value, *flags))
    assert same(reference(text), (value, *flags))


# --- Numbers


@pytest.mark.parametrize("number", ["12", "-0", "0", "1.50", "1e5", "-1E-2"])
def test_close_finishes_a_number_at_the_root(number: str) -> None:
    partial = parse(*number, read=True)
    assert state(partial) == (None, False, False)
    partial.close()
    assert same(state(partial), (json.loads(number), True, False))
    assert partial.text == number


@pytest.mark.parametrize(
    "text", ["", "-", "1.", "1e", "1e+", "tru", '"1', '"a\\u1', '"\ud83d', "[1", '{"a": 1', "[1, 2"]
)
def test_close_changes_nothing_else(text: str) -> None:
    partial = parse(text)
    before = copy.deepcopy(state(partial))
    partial.close()
    partial.close()
    assert same(state(partial), before)
    assert not partial.complete
    assert not partial.failed
    assert partial.text == text


def test_feeding_after_close_is_an_error() -> None:
    partial = parse("[1]")
    partial.close()
    with pytest.raises(ValueError, match="closed"):
        partial.feed(" ")
    assert partial.value == [1]


def test_integers_are_exact() -> None:
    digits = "9" * 4000
    partial = parse(*f"[{digits}, 12345678901234567890]", read=True)
    assert partial.value == [10**4000 - 1, 12345678901234567890]


@pytest.mark.skipif(not hasattr(sys, "get_int_max_str_digits"), reason="this Python has no limit")
def test_an_integer_that_python_refuses_has_failed() -> None:
    digits = "1" * (sys.get_int_max_str_digits() + 1)
    with pytest.raises(ValueError, match="digits"):
        json.loads(digits)
    for text in (f"[0, {digits}]", f'[0, {{"a": {digits}, "b": 1}}]'):
        whole, pieces = parse(text), parse(*text, read=True)
        assert state(whole) == state(pieces) == (whole.value, False, True)
    assert state(parse(f"[0, {digits}")) == ([0], False, False)
    root = parse(digits)
    assert state(root) == (None, False, False)
    root.close()
    assert state(root) == (None, False, True)
    assert parse(f"[{digits}.0]").value == [float(digits)]


@pytest.mark.parametrize("number", ["123456", "-100200", "0.000100", "10.0203", "1e-100", "1.5e+300", "-9.9E99"])
def test_numbers_in_all_cuts(number: str) -> None:
    for a in range(len(number) + 1):
        for b in range(a, len(number) + 1):
            partial = parse("[7,", number[:a], number[a:b], number[b:], "]", read=True)
            assert same(partial.value, [7, json.loads(number)])


LONG_NUMBERS = ["1" * 90, "-" + "90" * 45, "0." + "05" * 45, "12" * 20 + "." + "34" * 20 + "e-0" + "1" * 40]


@pytest.mark.parametrize("number", LONG_NUMBERS)
@pytest.mark.parametrize("size", [1, 7, 31, 32, 33, 40])
def test_long_numbers(number: str, size: int) -> None:
    """They are put aside while they are open; twice, so that nothing is left over for the next."""
    partial = parse(*fragments_of(f"[{number}, {number} ,5]", size), read=True)
    assert same(partial.value, [json.loads(number), json.loads(number), 5])
    for wrong in ("x", "-", ".." if number.isdigit() else ".", "}"):
        check_every_prefix(["[0, ", *fragments_of(number, size), wrong])


# --- Depth


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth(opening: str, closing: str) -> None:
    inner = "1" if opening != "[" else ""
    deepest = opening * MAX_DEPTH + inner + closing * MAX_DEPTH
    assert state(parse(deepest)) == (json.loads(deepest), True, False)
    too_deep = parse(opening * (MAX_DEPTH + 1) + inner + closing * (MAX_DEPTH + 1))
    assert state(too_deep) == (parse(opening * MAX_DEPTH).value, False, True)


def test_a_flat_container_is_not_exempt_from_the_depth() -> None:
    assert parse("[" * 199 + "[1]" + "]" * 199).complete
    assert parse("[" * 200 + "[1]").failed


def test_a_hundred_thousand_brackets_raise_nothing() -> None:
    for text in ("[" * 100_000, '{"a":' * 100_000):
        partial = parse(*fragments_of(text), read=True)
        assert partial.failed
        assert not partial.complete
        assert partial.text == text


# --- After failing


def test_feeding_goes_on_after_a_failure() -> None:
    partial = parse('{"a": [1, 2], "b": "x\n')
    before = partial.value
    assert partial.failed
    assert before == {"a": [1, 2], "b": "x"}
    for fragment in ('"', "}", " ", "\ud83d", "\ude00", "]"):
        partial.feed(fragment)
        assert partial.failed
        assert partial.value is before
    partial.close()
    assert partial.failed
    assert partial.value is before
    assert partial.text == '{"a": [1, 2], "b": "x\n"} 😀]'


# --- Values that were handed out


@unhurried
@given(texts, cuts)
def test_values_that_were_handed_out_never_change(text: str, places: list[int]) -> None:
    partial = PartialJSON()
    seen = []
    for fragment in cut(text, places):
        partial.feed(fragment)
        seen.append((partial.value, copy.deepcopy(partial.value)))
    assert all(same(value, then) for value, then in seen)


def test_a_reader_who_changes_an_open_value_changes_only_that_value() -> None:
    text = '[{"a": {"b": [12, {"c": "xyz'  # every container in it stays open
    partial = PartialJSON()
    for end, char in enumerate(text, 1):
        partial.feed(char)
        assert same(partial.value, reference(text[:end])[0])
        part = partial.value
        while isinstance(part, list | dict) and part:
            inner = part[-1] if isinstance(part, list) else list(part.values())[-1]
            part.clear()
            part = inner


def test_a_second_read_costs_nothing() -> None:
    partial = parse('{"a": [1, "x')
    assert partial.value is partial.value


def test_finished_parts_are_shared() -> None:
    partial = parse('[{"a": {"deep": [1]}}, {"b": {"c": ')
    first = partial.value
    partial.feed('1}, "d": "')
    second = partial.value
    assert first[0] is second[0]
    assert first[1] is not second[1]


def test_text_is_what_was_fed() -> None:
    partial = parse('{"a": ', "", "[1, tr", "\ud83d")
    assert partial.text == '{"a": [1, tr\ud83d'
    partial.feed("\ude00")
    assert partial.text == '{"a": [1, tr😀'
    assert partial.text == '{"a": [1, tr😀'
    assert parse("", "").text == ""


# --- The work is linear in the text: characters handed to the parser, and calls made, are counted


LONG_TEXTS = {
    "string": '"' + "lorem ipsum \\n dolor 😀 \\ud83d\\ude00 " * 2000,
    "number": "1" * 60_000,
    "fraction": "0." + "12" * 30_000,
    "exponent": "1e-" + "0" * 60_000,
    "key": '{"' + "key" * 20_000,
    "space": "[" + " " * 60_000,
    "objects": "[" + '{"id": 1234, "name": "some name"}, ' * 2000,
    "escapes": '"' + "\\u00e9" * 10_000,
    "lone halves": '"' + "\\ud83d" * 10_000,
    "raw halves": '"' + "\ud83d" * 10_000,
}


@pytest.mark.parametrize("text", LONG_TEXTS.values(), ids=LONG_TEXTS)
def test_each_character_is_parsed_once(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    handed = 0
    parse_chunk = PartialJSON._parse

    def counting(self: PartialJSON, chunk: str) -> None:
        nonlocal handed
        handed += len(chunk)
        parse_chunk(self, chunk)

    monkeypatch.setattr(PartialJSON, "_parse", counting)
    fragments = fragments_of(text)
    partial = parse(*fragments, read=True)
    assert not partial.failed
    assert handed <= len(text) + 32 * len(fragments)
    assert same(partial.value, parse(text).value)


def calls_made(fragments: list[str]) -> int:
    """Calls of Python and C functions while each value is read."""
    calls = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        parse(*fragments, read=True)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("text", LONG_TEXTS.values(), ids=LONG_TEXTS)
def test_calls_do_not_grow_with_what_has_come(text: str) -> None:
    fragments = fragments_of(text)
    short, long = calls_made(fragments[: len(fragments) // 8]), calls_made(fragments)
    assert long <= 8.5 * short


def test_one_read_of_many_fragments_joins_them_once(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = []
    monkeypatch.setattr(PartialJSON, "_parse", lambda self, chunk: chunks.append(chunk))
    partial = parse(*"[1, 2, 3]")
    assert chunks == []
    partial.close()
    assert chunks == ["[1, 2, 3]"]


def test_a_megabyte_string_in_fragments() -> None:
    piece = "0123456789 abcdef \\n " * 5
    partial = parse('{"content": "')
    for _ in range(10_000):
        partial.feed(piece)
        partial.value  # noqa: B018
    assert partial.value["content"] == json.loads(f'"{piece}"') * 10_000


def test_random_documents_of_some_size_in_random_cuts() -> None:
    random.seed(7)
    document = [{"id": i, "name": f"näme {i}", "tags": ["a", "]}", {"x": i / 7}], "ok": i % 3 == 0} for i in range(300)]
    for indent in (None, 2):
        text = json.dumps(document, indent=indent)
        pieces = cut(text, [random.randrange(len(text)) for _ in range(500)])
        partial = parse(*pieces, read=True)
        assert same(state(partial), (document, True, False))
        assert partial.text == text


def test_the_module_knows_nothing_of_the_package() -> None:
    source = Path(partial_json.__file__).read_text(encoding="utf-8")
    imported = set(re.findall(r"^\s*(?:from|import) ([\w.]+)", source, re.MULTILINE))
    assert imported <= {"__future__", "json", "re", "collections.abc", "typing"}


def test_the_docstrings_tell_the_truth() -> None:
    assert doctest.testmod(partial_json) == (0, 3)
    rows = re.findall(r"^    (\S.*?) {3,}(None|[\[{].*?)(?: {3,}.*)?$", partial_json.__doc__ or "", re.MULTILINE)
    shown = {"" if text == "(nothing)" else text: value for text, value in rows}
    assert len(shown) == 8
    for text, value in shown.items():
        assert parse(text).value == eval(value), text
