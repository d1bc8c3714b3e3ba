"""The pictures of the README are of the kind that ``make pictures`` makes, and need nothing from elsewhere."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from tests.tools import pictures


@pytest.mark.parametrize("name", ["demo.svg", "demo-dark.svg", "speed.svg", "relay.svg"])
def test_a_picture_stands_alone(name: str) -> None:
    text = (pictures.PICTURES / name).read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert not re.search(r"@font-face|<script|href=|url\((?!#)", text)


def test_the_demos_picture_shows_todays_demo() -> None:
    """Its words are those of the demo; times and wrapping may differ."""
    drawn = (pictures.PICTURES / "demo.svg").read_text(encoding="utf-8").replace("&#160;", " ")
    for words in ("thinking: How long", "tool get_weather", "The stream broke: OverloadedError", "Kept: the"):
        assert words in drawn
    assert drawn.count(pictures.MARK) == len(pictures.LEFT_OUT)


def test_the_chart_shows_the_table_of_results() -> None:
    drawn = (pictures.PICTURES / "speed.svg").read_text(encoding="utf-8")
    assert drawn == pictures.bars(pictures.RESULTS.read_text(encoding="utf-8"))


def test_in_the_relays_picture_every_reader_gets_every_event_once() -> None:
    drawn = ElementTree.fromstring((pictures.PICTURES / "relay.svg").read_text(encoding="utf-8"))
    svg = "{http://www.w3.org/2000/svg}"
    lanes = [[title.text for title in lane.findall(f"{svg}circle/{svg}title")] for lane in drawn.findall(f"{svg}g")]
    assert len(lanes) == 3
    assert lanes == [[str(number) for number in range(1, len(lanes[0]) + 1)]] * 3
