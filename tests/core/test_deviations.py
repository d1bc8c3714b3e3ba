"""The rules' names: one vocabulary, each said somewhere, each said of something."""

from __future__ import annotations

import re

import pytest

from sseclaude.deviations import RULES, Deviation
from tests.support.streams import ROOT

NEVER_FORGIVEN = [
    "malformed_json",
    "event_too_large",
    "second_message",
    "tool_never_named",
    "nothing_to_stop",
    "not_an_event_stream",
]
CORE = [*(ROOT / "sseclaude").glob("*.py"), *(ROOT / "sseclaude" / "content").glob("*.py")]
SOURCE = "".join(path.read_text("utf-8") for path in CORE if path.stem != "deviations")


def test_a_deviation_says_what_where_and_how() -> None:
    found = Deviation("index_gap", 4, "index 3 where 1 was due")
    assert str(found) == "index_gap at event 4: index 3 where 1 was due"
    assert found == ("index_gap", 4, "index 3 where 1 was due")


def test_the_last_six_are_refused() -> None:
    assert list(RULES)[-6:] == NEVER_FORGIVEN
    assert [rule for rule, shown in RULES.items() if "refused" in shown] == NEVER_FORGIVEN


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_used_and_explained(rule: str) -> None:
    assert re.fullmatch("[a-z]+(_[a-z]+)*", rule)
    assert f'"{rule}"' in SOURCE
    assert ";" in RULES[rule]
    assert not RULES[rule].endswith(".")
