"""Faults and paces as text: what ``repr`` writes is read back, and nothing is run."""

import pytest

from sseclaude.replay import (
    DEFAULT,
    CloseDelimited,
    CutChunkHeader,
    Disconnect,
    Drip,
    Drop,
    Duplicate,
    Error,
    Garbage,
    Gzip,
    Informational,
    NoBlankLine,
    NoStop,
    Pace,
    Plan,
    Stall,
    Status,
    Trailing,
    Truncate,
    WrongContentLength,
    WrongContentType,
    always,
    parse_fault,
    parse_pace,
    sometimes,
)
from sseclaude.replay.spelling import FAULTS

ALL: list[Plan] = [
    CloseDelimited(),
    CutChunkHeader(2),
    Disconnect(after_events=3, how="reset"),
    Drip(7, 0.5),
    Drop("message_stop"),
    Duplicate(-1),
    Error("api_error", 2),
    Garbage(1, b"\xff\n\n"),
    Gzip(),
    Informational(),
    NoBlankLine(),
    NoStop(),
    Stall(),
    Status(429, retry_after=1.5, headers=(("x-should-retry", "false"),)),
    Trailing(),
    Truncate(9),
    WrongContentLength(-3),
    WrongContentType(None),
]
COMBINED: list[Plan] = [always(Drip(1), NoStop()), sometimes(0.25, 7, Stall(None)), (Drip(1), Truncate(3))]


def test_the_list_is_complete() -> None:
    assert {type(fault).__name__ for fault in ALL} == set(FAULTS)


@pytest.mark.parametrize("fault", [*ALL, *COMBINED], ids=repr)
def test_a_repr_is_read_back(fault: Plan) -> None:
    assert parse_fault(repr(fault)) == fault


SPELLED: list[tuple[str, Plan]] = [
    ("NoStop", NoStop()),
    (" Status(529) ", Status(529)),
    ("Stall(seconds=inf)", Stall()),
    ("always(NoStop)", always(NoStop())),
    ("Drip(1), NoStop", (Drip(1), NoStop())),
]


@pytest.mark.parametrize(("text", "expected"), SPELLED)
def test_a_fault_may_be_spelled_shortly(text: str, expected: Plan) -> None:
    assert parse_fault(text) == expected


WRONG = [
    ("", "cannot read ''"),
    ("Nonsense(1)", "unknown name Nonsense; known: CloseDelimited"),
    ("Status", "missing 1 required positional argument"),
    ("Status(", "cannot read"),
    ("NoStop(1)", "takes 1 positional argument"),
    ("__import__('os').system('true')", "unknown name"),
    ("Drip(open('x'))", "unknown name open"),
    ("Drip(2 ** 2)", "malformed node"),
    ("529", "not a fault: '529'"),
    ("Drip(1), 2", "not a fault"),
    ("Drip(1), always(NoStop)", "not a fault"),
    ("Pace()", "unknown name Pace"),
    ("sometimes(2, 0, NoStop)", "a probability is from 0 to 1"),
]


@pytest.mark.parametrize(("text", "reported"), WRONG)
def test_what_is_no_fault_is_refused(text: str, reported: str) -> None:
    with pytest.raises(ValueError, match=reported.replace("(", r"\(").replace("*", r"\*")):
        parse_fault(text)


PACES: list[tuple[str, Pace | None]] = [
    ("none", None),
    ("None", None),
    ("default", DEFAULT),
    ("Pace(ttft=0.2, tokens_per_second=None, chunk='byte')", Pace(0.2, None, chunk="byte")),
    (repr(Pace(jitter=0.5)), Pace(jitter=0.5)),
]


@pytest.mark.parametrize(("text", "expected"), PACES)
def test_a_pace_is_read(text: str, expected: Pace | None) -> None:
    assert parse_pace(text) == expected


@pytest.mark.parametrize(
    ("text", "reported"), [("fast", "unknown name fast; known: Pace, default, none"), ("3", "not a pace: '3'")]
)
def test_what_is_no_pace_is_refused(text: str, reported: str) -> None:
    with pytest.raises(ValueError, match=reported):
        parse_pace(text)
