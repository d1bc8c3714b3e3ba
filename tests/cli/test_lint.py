"""The linter of streams, and ``sseclaude check``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sseclaude.cli.lint import EXPECTED, FATAL, INCOMPLETE, frames, lint
from sseclaude.deviations import RULES
from tests.support.shell import inside
from tests.support.streams import DEVIATIONS, FIXTURES, REFUSED, documents, names, stream_bytes

RULES_OF = json.loads((DEVIATIONS / "RULES.json").read_text())
BROKEN = {name: found for name, found in RULES_OF.items() if (DEVIATIONS / f"{name}.sse").exists()}
ENDS = {"others_cut_in_message_delta": [INCOMPLETE]}
"""Streams that break no rule of a reader's, and still are not whole."""
NUMBERS = json.loads((FIXTURES / "EXPECTED.json").read_text())

TEXT = stream_bytes("text")


def rules(body: bytes) -> list[str]:
    return list(dict.fromkeys(finding.rule for finding in lint(body)))


@pytest.mark.parametrize("name", BROKEN)
def test_each_deviation_is_found(name: str) -> None:
    assert rules(stream_bytes(f"deviations/{name}")) == ENDS.get(name, BROKEN[name])


@pytest.mark.parametrize("name", [*names(REFUSED), *documents(REFUSED)])
def test_each_refusal_is_found(name: str) -> None:
    assert NUMBERS[name]["rule"] in rules(stream_bytes(name))


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.sse")), ids=lambda path: path.stem)
def test_good_streams_are_good(path: Path) -> None:
    assert rules(path.read_bytes()) == ([INCOMPLETE] if path.stem == "cut" else [])


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b": hello\n\n"])
def test_frames_are_the_body_and_know_where_they_begin(ending: bytes, before: bytes) -> None:
    body = before + TEXT.replace(b"\n", ending) + b"data: unfinished"
    cut = list(frames(body))
    assert b"".join(frame.data for frame in cut) == body
    assert [frame.is_event for frame in cut] == [True] * TEXT.count(b"data: ") + [False]
    assert all(body[frame.offset :].removeprefix(b"\xef\xbb\xbf").startswith((b"event", b"data")) for frame in cut)


def test_reading_goes_on_behind_what_cannot_be_read() -> None:
    events = TEXT.split(b"\n\n")
    events.insert(2, b"event: ping\ndata: {broken")
    events.insert(4, b"data: [1]")
    body = b"\n\n".join(events) + b"event: late\ndata: {}\n\n"
    found = list(lint(body))
    assert [finding.rule for finding in found[:2]] == ["malformed_json", "malformed_json"]
    assert [body[finding.offset :].partition(b"\n\n")[0] for finding in found[:2]] == [events[2], events[4]]
    assert [finding.event for finding in found[:2]] == [3, 5]
    assert {finding.rule for finding in found[2:]} == {"missing_type", "event_after_message_stop"}


@pytest.mark.parametrize("ending", [b"", b"\n", b"\n\n"])
def test_an_error_ends_a_stream_by_the_rules(ending: bytes) -> None:
    begun = b"\n\n".join(TEXT.split(b"\n\n")[:4]) + b"\n\n"
    error = b'{"error": {"type": "overloaded_error", "message": "Overloaded"}}'
    assert rules(begun + b"event: error\ndata: " + error[:-1] + b', "type": "error"}\n\n') == []
    assert rules(begun + error + ending) == []
    assert rules(error + ending) == []


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", INCOMPLETE),
        (b"<html>", "not_an_event_stream"),
        (b"\x00\xff\x00", "not_an_event_stream"),
        (TEXT + TEXT, "event_after_message_stop"),
        (TEXT.replace(b"content_block_stop", b"message_start"), "second_message"),
        (b"data: " + b"x" * (17 << 20), "event_too_large"),
        (b'data: {"type": "message_stop"}\n\n', "nothing_to_stop"),
        (json.dumps(json.loads((FIXTURES / "text.json").read_text())).encode(), "not_a_stream"),
    ],
)
def test_every_end_is_a_finding(body: bytes, rule: str) -> None:
    assert rule in rules(body)


def test_every_rule_says_what_was_expected() -> None:
    assert set(EXPECTED) == {*RULES, INCOMPLETE}
    refused = {rule for rule, reported in RULES.items() if "; refused" in reported}
    assert {*refused, INCOMPLETE} == FATAL


# --- the command ---------------------------------------------------------------------------------------------------


def test_good_streams_print_a_count() -> None:
    ran = inside("check", str(FIXTURES / "text.sse"), str(FIXTURES / "thinking.sse"))
    assert (ran.code, ran.text, ran.err) == (0, "2 streams, no findings\n", "")


def test_a_finding_is_a_line() -> None:
    file = str(DEVIATIONS / "others_index_gap.sse")
    ran = inside("check", file)
    assert ran.code == 1
    assert ran.text.splitlines() == [
        f"{file}:560: event 5: index_gap: index 2 where 1 was due; expected indices that count up from 0, one by one",
        f"{file}:868: event 8: index_gap: index 5 where 3 was due; expected indices that count up from 0, one by one",
        "1 stream, 2 findings",
    ]


def test_lenient_tells_what_is_forgiven() -> None:
    ran = inside("check", "--lenient", str(DEVIATIONS / "others_index_gap.sse"))
    assert ran.code == 0
    assert ran.text.splitlines()[0].endswith("; forgiven: blocks stay in order of their start")
    assert ran.text.endswith("1 stream, no findings, 2 forgiven\n")
    assert inside("check", "--lenient", str(FIXTURES / "cut.sse")).code == 1


def test_json_is_for_programs() -> None:
    ran = inside("check", "--format", "json", str(DEVIATIONS))
    reported = json.loads(ran.out)
    assert ran.code == 1
    assert reported["streams"] == len(list(DEVIATIONS.glob("*.sse")))
    assert {"file", "offset", "event", "rule", "detail", "expected", "forgiven"} == set(reported["findings"][0])


def test_stdin_is_a_stream() -> None:
    ran = inside("check", "-", stdin=TEXT[:-40])
    assert ran.code == 1
    assert ran.text.startswith("stdin:")


def test_a_folder_without_streams_is_named(tmp_path: Path) -> None:
    ran = inside("check", str(tmp_path))
    assert ran.code == 2
    assert f"{tmp_path}: no .sse files in this folder" in ran.err
    assert inside("check", str(tmp_path / "none")).code == 2
