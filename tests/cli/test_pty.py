"""The command on a real pseudo-terminal: live, harmless, and leaving what came when it is stopped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sseclaude.errors import APIError
from sseclaude.events import from_message
from sseclaude.iterate import assemble
from sseclaude.message import Message
from sseclaude.replay import Error, Pace, ReplayServer, Stall, Status
from tests.support.screen import Screen
from tests.support.shell import ASK, Terminal, inside, left, plain, terminal
from tests.support.streams import DEVIATIONS, FIXTURES

WEATHER = "{name: get_weather, input_schema: {type: object}}"
FAST = Pace(ttft=0.3, tokens_per_second=400)
BOLD = "\x1b[1m"
DIM = "\x1b[2;3m"
ERASE_BELOW = "\x1b[J"
COLOURS = re.compile(r"\x1b\[(?:[0-9]+;)*(?:3[0-7]|38;[0-9;]*)m")

STREAMS = sorted([*FIXTURES.glob("*.sse"), *DEVIATIONS.glob("*.sse")])

EVIL = "red \x1b[31m title \x1b]0;owned\x07 erase \x9b2J back \r bell \x07 turned \u202eabc half \ud83d &#x202e;"
"""What a model may write to get at the reader's terminal; the entity is one that Markdown would resolve."""


@pytest.fixture(scope="module")
def shared() -> Iterator[ReplayServer]:
    with ReplayServer(pace=FAST) as server:
        yield server


@pytest.fixture
def server(shared: ReplayServer) -> ReplayServer:
    shared.faults.clear()
    return shared


def test_text_is_live_and_ends_as_markdown(server: ReplayServer) -> None:
    code, seen = terminal(*ASK, url=server.url)
    assert code == 0
    assert "waiting for the first token" in seen
    assert seen.count(ERASE_BELOW) > 5, "it is redrawn while it grows"
    assert COLOURS.search(seen)
    assert f"{BOLD}server-sent events" in seen
    shown = left(seen)
    assert "older than any language model: server-sent events." in shown
    assert shown.count("any language model") == 1
    assert "waiting" not in shown
    assert "\n\n\n" not in shown, "one empty line is between paragraphs"
    assert " \r\n" not in seen, "a narrower terminal would wrap spaces to empty lines"
    assert "end_turn · 21 tokens in, 338 out · first token " in shown


def test_a_retry_says_what_it_waits_for(server: ReplayServer) -> None:
    server.faults.append(Status(529, retry_after=2))
    code, seen = terminal(*ASK, url=server.url)
    assert code == 0
    counted = re.findall(r"overloaded, trying again in ([0-9]+) s \(1 of 2\)", plain(seen))
    assert counted
    assert set(counted) <= {"1", "2"}
    assert counted == sorted(counted, reverse=True)
    assert "trying again" not in left(seen)
    assert "any language model" in left(seen)


def test_a_stream_that_breaks_before_its_first_word_is_retried_and_says_so(server: ReplayServer) -> None:
    server.faults.extend([Error(after_events=1), Status(429, retry_after=2)])
    code, seen = terminal(*ASK, url=server.url)
    assert code == 0
    assert re.search(r"overloaded, trying again( in 1 s)? \(1 of 2\)", plain(seen))
    assert re.search(r"rate limit reached, trying again( in [12] s)? \(2 of 2\)", plain(seen))
    assert left(seen).count("any language model") == 1


def test_thinking_is_set_apart_and_no_color_obeyed(server: ReplayServer) -> None:
    code, seen = terminal(*ASK, "--thinking", "{type: adaptive}", url=server.url, NO_COLOR="1")
    assert code == 0
    assert f"  {DIM}The question is how long" in seen
    assert f"{BOLD}5.6 seconds" in seen
    assert not COLOURS.search(seen)


def test_a_tools_input_is_seen_growing() -> None:
    with ReplayServer(pace=None, faults=[Stall(after_events=25)]) as server:
        on = Terminal(*ASK, "--tool", WEATHER, url=server.url)
        seen = on.until(lambda seen: '"unit"' in seen)
        assert "tool get_weather" in plain(seen)
        assert '"alerts"' not in seen
        on.interrupt()
        assert on.end() == 130
        assert "(incomplete)" in on.seen


def test_ctrl_c_leaves_what_came() -> None:
    with ReplayServer(pace=None, faults=[Stall(after_events=30)]) as server:
        on = Terminal(*ASK, url=server.url)
        on.until(lambda seen: "any language model" in plain(seen))
        on.interrupt()
        assert on.end() == 130
    assert "any language model" in left(on.seen)
    assert "waiting" not in left(on.seen)
    assert "Traceback" not in on.seen


def test_what_grows_is_set_apart_as_it_will_stay(server: ReplayServer) -> None:
    _, seen = terminal(*ASK, "--tool", WEATHER, url=server.url)
    above, title, _ = seen.partition("tool get_weather")
    assert left(above + "!").endswith("\n\n!")
    assert f"\n\n{title}\n" in left(seen)
    assert "\n\ntool_use · " in left(seen)


def test_a_break_leaves_what_came(server: ReplayServer) -> None:
    server.faults.append(Error(after_events=30))
    code, seen = terminal(*ASK, url=server.url)
    assert code == 1
    assert "any language model" in left(seen)
    assert "Error: " in left(seen)
    assert "Traceback" not in seen


def test_a_text_taller_than_the_screen_is_left_once() -> None:
    lines = [f"line {number:03}" for number in range(60)]
    message = Message.from_wire({"content": [{"type": "text", "text": "\n\n".join(lines)}], "stop_reason": "end_turn"})
    with ReplayServer(message, pace=FAST) as server:
        _, seen = terminal(*ASK, url=server.url, rows=10)
    shown = left(seen, rows=10)
    assert [shown.count(line) for line in lines] == [1] * len(lines)


NUMBERS = [f"w{number:03}" for number in range(180)]
RESIZES: list[tuple[str, str, list[tuple[int, int]]]] = [
    ("narrower", "text", [(24, 50), (24, 33), (24, 21)]),
    ("wider", "text", [(24, 90), (24, 120), (24, 200)]),
    ("to and fro", "text", [(24, 120), (40, 37), (24, 80)]),
    ("to and fro, thinking", "thinking", [(24, 120), (40, 37), (24, 80)]),
    ("lower", "text", [(18, 80), (14, 80), (10, 60)]),
    ("higher", "text", [(30, 80), (40, 60), (50, 90)]),
]


@pytest.mark.parametrize("rewraps", [True, False], ids=["rewraps", "cuts"])
@pytest.mark.parametrize(("kind", "sizes"), [row[1:] for row in RESIZES], ids=[row[0] for row in RESIZES])
def test_a_resize_leaves_nothing_behind(kind: str, sizes: list[tuple[int, int]], rewraps: bool) -> None:
    text = "\n\n".join(" ".join(NUMBERS[at : at + 60]) for at in (0, 60, 120))
    message = Message.from_wire({"content": [{"type": kind, kind: text}], "stop_reason": "end_turn"})
    screen, fed = Screen(rewraps=rewraps, columns=80), 0
    with ReplayServer(message, pace=Pace(ttft=0.05, tokens_per_second=600)) as server:
        on = Terminal(*ASK, url=server.url)
        for word, size in zip(("w030", "w080", "w150"), sizes, strict=True):
            on.until(lambda seen, word=word: word in seen)  # type: ignore[misc]
            screen.feed(on.seen[fed:])
            fed = len(on.seen)
            screen.resize(*size)
            on.resize(*size)
        assert on.end() == 0
    screen.feed(on.seen[fed:])
    shown = re.findall(r"\bw\d{3}\b", screen.text)
    assert shown == (NUMBERS if rewraps else sorted(set(shown)))  # where lines are cut, some words are
    assert len(shown) > 60
    assert "waiting" not in screen.text


def evil() -> bytes:
    """A stream whose words and tool input try to act on the terminal."""
    tool = {"type": "tool_use", "id": "t", "name": "x\x1b[2J", "input": {"a": EVIL}}
    content = [{"type": "text", "text": f"**{EVIL}**"}, tool]
    message = Message.from_wire({"content": content, "stop_reason": "end_turn"})
    events = (json.dumps(event.to_dict()).encode() for event in from_message(message))
    return b"".join(b"data: " + event + b"\n\n" for event in events)


def acts(seen: str) -> bool:
    return any(acting in seen for acting in ("\x1b[31m title", "\x1b]0;", "\x9b", "\x07", "\u202e", "\x1b[2J"))


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_control_sequences_are_shown_instead_of_obeyed(term: str) -> None:
    with ReplayServer(evil(), pace=None) as server:
        code, seen = terminal(*ASK, url=server.url, TERM=term)
    assert code == 0
    assert not acts(seen)
    assert "title" in seen
    assert ("\x1b" in seen, "**" in seen) == ((True, False) if term != "dumb" else (False, True))


@pytest.mark.parametrize(
    "flags", ["--format json", "--format yaml", "--format pretty", "--transform content.0.text -r"]
)
def test_no_format_lets_them_through(flags: str) -> None:
    with ReplayServer(evil(), pace=None) as server:
        ran = inside(*ASK, *flags.split(), url=server.url, tty=True)
    assert ran.code == 0
    assert not acts(ran.text)
    assert "title" in ran.text


def test_the_demo_is_live_and_ctrl_c_skips_and_twice_ends() -> None:
    on = Terminal("demo")
    on.until(lambda seen: "It arrives as a list" in plain(seen))
    on.interrupt()
    on.until(lambda seen: "thinking: " in plain(seen))
    on.interrupt()
    assert on.end() == 130
    assert "\x1b[36m" in on.seen
    assert "waiting for the first token" in on.seen
    assert "It arrives as a list" in left(on.seen)


@pytest.mark.parametrize("tty", [True, False])
def test_a_sentence_that_citations_cut_into_blocks_is_shown_as_one(tty: bool) -> None:
    shown = left(inside("replay", "--speed", "0", str(FIXTURES / "citations.sse"), tty=tty).text)
    assert "the lamp burns all night, two keepers share it" in " ".join(shown.split())


@pytest.mark.parametrize(
    "path", sorted([*FIXTURES.glob("*.sse"), *DEVIATIONS.glob("*.sse")]), ids=lambda path: path.stem
)
def test_no_word_of_any_stream_is_lost(path: Path) -> None:
    ran = inside("replay", "--speed", "0", str(path), tty=True)
    try:
        message = assemble([path.read_bytes()])
    except APIError as error:
        assert ran.code == 1
        message = error.partial_message or Message()
    shown = squeezed(left(ran.text))
    for block in message.content:
        if block.type in ("text", "thinking"):
            assert squeezed(str(getattr(block, block.type))) in shown


def squeezed(text: str) -> str:
    """Text without the blanks that wrapping moves, and without the marks that Markdown takes."""
    return re.sub(r"[\s*`_]+", "", text)
