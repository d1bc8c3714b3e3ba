"""`PartialJSON` in every state of the grammar, row by row; numbers, depth, and what comes after a failure."""

from __future__ import annotations

import copy
import json
import sys
from typing import Any

import pytest

from sseclaude.partial_json import MAX_DEPTH
from tests.support.partial_reference import check_every_prefix, fragments_of, parse, reference, same, state

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
        assert same(partial.value, before)
    partial.close()
    assert partial.failed
    assert same(partial.value, before)
    assert partial.text == '{"a": [1, 2], "b": "x\n"} 😀]'
