"""Recordings: whatever names one, its bytes come out unchanged."""

import json
from pathlib import Path

import pytest

from sseclaude.iterate import assemble
from sseclaude.message import Message
from sseclaude.replay import SHIPPED, Recording, load
from sseclaude.replay.recording import Source

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
TEXT = (FIXTURES / "text.sse").read_bytes()
NAMES = ["text", "thinking", "tool_use", "parallel_tools", "redacted_thinking", "tool_no_arguments"]


def names(recordings: list[Recording]) -> list[str]:
    return [recording.name for recording in recordings]


def test_the_shipped_ones_are_the_default() -> None:
    assert names(load(None)) == ["overloaded", "parallel_tools", "text", "thinking", "tool_use"]
    assert load(None) == load(SHIPPED)


def test_a_file_a_path_and_bytes_hold_the_same() -> None:
    sources: list[Source] = [FIXTURES / "text.sse", str(FIXTURES / "text.sse"), TEXT, bytearray(TEXT)]
    for source in sources:
        (recording,) = load(source)
        assert recording.body == TEXT
        assert b"".join(recording.events) == TEXT


def test_a_folder_is_its_streams_in_order(tmp_path: Path) -> None:
    for name in ("b.sse", "a.sse", "c.json", "d.txt"):
        (tmp_path / name).write_bytes(TEXT)
    assert names(load(tmp_path)) == ["a", "b"]


def test_a_list_is_all_of_them() -> None:
    inner = Recording("inner", b"")
    assert names(load([FIXTURES / "text.sse", [TEXT, inner]])) == ["text", "bytes", "inner"]


@pytest.mark.parametrize("name", NAMES)
def test_a_message_becomes_the_stream_that_makes_it(name: str) -> None:
    described = json.loads((FIXTURES / f"{name}.json").read_bytes())
    for source in (described, Message.model_validate(described), FIXTURES / f"{name}.json"):
        (recording,) = load(source)
        assert assemble([recording.body]).to_dict() == described


def test_the_timing_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.sse").write_bytes(b"abcdef")
    timing = {"status": 529, "headers": [["a", "b"]], "wait": 250, "chunks": [[2, 10], [4, 500]], "cut": True}
    (tmp_path / "a.timing.json").write_text(json.dumps(timing))
    expected = Recording("a", b"abcdef", 529, (("a", "b"),), ((2, 0.01), (4, 0.5)), 0.25, True)
    assert load(tmp_path) == [expected]


def test_a_timing_file_may_say_little(tmp_path: Path) -> None:
    (tmp_path / "a.sse").write_bytes(b"abcdef")
    (tmp_path / "a.timing.json").write_text("{}")
    assert load(tmp_path / "a.sse") == [Recording("a", b"abcdef")]


def test_a_timing_file_must_fit(tmp_path: Path) -> None:
    (tmp_path / "a.sse").write_bytes(b"abcdef")
    (tmp_path / "a.timing.json").write_text('{"chunks": [[5, 0]]}')
    with pytest.raises(ValueError, match="recording 'a': its chunk sizes do not add up to its 6 bytes"):
        load(tmp_path)


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing-here"):
        load(tmp_path / "nothing-here.sse")
    with pytest.raises(ValueError, match="no recordings in"):
        load(tmp_path)
    with pytest.raises(ValueError, match="no recordings in"):
        load([])
    with pytest.raises(TypeError, match="not int"):
        load(3)  # type: ignore[arg-type]


def test_the_repr_is_short() -> None:
    assert repr(Recording("a", b"x" * 1000)) == "Recording('a', 1000 bytes)"
