"""Text that grows: what each look shows, and what it costs."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sseclaude.growing_text import REPLACEMENT, GrowingText, mend

CHARACTERS = st.text(st.sampled_from('ab"\\ü🗼\ud83d\uddfc\ud83c'), max_size=12)

MENDED = [
    ("", ""),
    ("abc", "abc"),
    ("ü🗼", "ü🗼"),
    ("\ud83d\uddfc", "🗼"),
    ("a\ud83db", "a\ufffdb"),
    ("\uddfc\ud83d", "\ufffd\ufffd"),
    ("\ud83d\ud83d\uddfc\uddfc", "\ufffd🗼\ufffd"),
]


@pytest.mark.parametrize(("text", "mended"), MENDED)
def test_mend(text: str, mended: str) -> None:
    assert mend(text) == mended


@given(st.lists(CHARACTERS, max_size=8))
def test_pieces_join_to_the_whole(pieces: list[str]) -> None:
    """However a text is cut into pieces, it is the same text, and no piece holds half a character."""
    growing = GrowingText()
    added = [growing.append(piece) for piece in pieces]
    added.append(growing.finish())
    assert growing.text() == "".join(added) == mend("".join(pieces))
    assert growing.length == len(growing.text())
    for piece in added:
        piece.encode()


@given(st.lists(CHARACTERS, max_size=8), st.data())
def test_a_look_at_an_earlier_length_shows_what_was_there(pieces: list[str], data: st.DataObject) -> None:
    growing = GrowingText()
    seen = []
    for piece in pieces:
        growing.append(piece)
        seen.append((growing.length, growing.text()))
    for length, text in data.draw(st.permutations(seen)):
        assert growing.text(length) == text


def test_a_start() -> None:
    growing = GrowingText("a\ud83d")
    assert (growing.text(), growing.length) == ("a", 1)
    assert growing.append("\uddfc") == "🗼"
    assert growing.text() == "a🗼"


def test_half_a_character() -> None:
    growing = GrowingText()
    assert growing.append("\ud83d") == ""
    assert growing.append("") == ""
    assert growing.finish() == REPLACEMENT
    assert growing.finish() == ""
    assert growing.text() == REPLACEMENT


DOCUMENT = ['{"a"', ': [1, "x', 'y"], ', '"b": tr', "ue}"]
VALUES: list[Any] = [{}, {"a": [1, "x"]}, {"a": [1, "xy"]}, {"a": [1, "xy"]}, {"a": [1, "xy"], "b": True}]


@pytest.mark.parametrize("order", [range(5), range(4, -1, -1), [4, 0, 4, 2, 2, 1]], ids=["forth", "back", "across"])
def test_values_at_every_length(order: list[int]) -> None:
    growing = GrowingText()
    lengths = list(accumulate(len(growing.append(piece)) for piece in DOCUMENT))
    for at in order:
        assert growing.value(lengths[at]) == VALUES[at]
    assert growing.complete
    assert growing.value() == VALUES[-1]


def test_values_as_they_grow() -> None:
    growing = GrowingText()
    assert growing.value() is None
    assert not growing.complete
    looks = []
    for piece in DOCUMENT:
        growing.append(piece)
        looks.append(growing.value())
    assert looks == VALUES


def test_text_that_is_no_json() -> None:
    growing = GrowingText("words")
    assert growing.value() is None
    assert not growing.complete


def test_looking_at_every_piece_is_linear() -> None:
    """200,000 looks, each at a text of up to 2 MB: with a copy at each it would be 200 GB."""
    growing = GrowingText()
    for _ in range(200_000):
        growing.append("ten chars.")
        length = growing.length
        assert growing.text() is growing.text()
    assert length == len(growing.text()) == 2_000_000
