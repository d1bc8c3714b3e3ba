"""`PartialJSON` against a slow reader that can be checked by eye, against json, and against pydantic_core."""

from __future__ import annotations

import doctest
import json
import random
import re
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from sseclaude import partial_json
from sseclaude.partial_json import PartialJSON
from tests.support.partial_reference import (
    check_every_prefix,
    cut,
    cuts,
    foreign,
    fragments_of,
    join_halves,
    parse,
    same,
    state,
    texts,
    unhurried,
)

# --- Any document, any mutation, any cut


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


# --- The text


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


@pytest.mark.parametrize("escape", ["\\n", "\\ud83d\\ude00", "\\ud83dx"])
def test_a_megabyte_of_escapes_takes_memory_of_its_size(escape: str) -> None:
    """Also where the text ends within one, so that the string is read up to there."""
    text = escape * (1_000_000 // len(escape))
    tracemalloc.start()
    try:
        value = parse(f'["{text}\\').value
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert value == json.loads(f'["{text}"]')


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
    for path in Path(partial_json.__file__).parent.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        imported = set(re.findall(r"^\s*(?:from|import) ([\w.]+)", source, re.MULTILINE))
        assert imported <= {"__future__", "json", "re", "sys", "collections.abc", "typing", ".shared"}


def test_the_docstrings_tell_the_truth() -> None:
    assert doctest.testmod(partial_json) == (0, 3)
    rows = re.findall(r"^    (\S.*?) {3,}(None|[\[{].*?)(?: {3,}.*)?$", partial_json.__doc__ or "", re.MULTILINE)
    shown = {"" if text == "(nothing)" else text: value for text, value in rows}
    assert len(shown) == 8
    for text, value in shown.items():
        assert parse(text).value == eval(value), text
