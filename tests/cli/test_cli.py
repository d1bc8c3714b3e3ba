"""The command as a whole: its help, its start, and the small commands around recordings."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from threading import Timer
from xml.etree import ElementTree

import click
import httpx
import pytest

from sseclaude.cli import COMMANDS, cli
from sseclaude.cli.messages import SUMMARIES
from sseclaude.cli.output import dumps
from sseclaude.cli.query import MISSING, parse, select
from sseclaude.cli.terminal import harmless
from sseclaude.iterate import assemble
from sseclaude.replay.recording import SHIPPED
from tests.support.shell import COMMAND, environment, inside, pipe
from tests.support.streams import FIXTURES, ROOT
from tests.tools.transcript import transcript

NAMES = [*COMMANDS, *(f"messages {name}" for name in SUMMARIES)]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_with_an_example(name: str) -> None:
    ran = inside(*name.split(), "--help")
    assert (ran.code, ran.err) == (0, "")
    assert name == "messages" or "sseclaude " in ran.text


def test_every_line_of_help_is_the_commands_own() -> None:
    context = click.Context(cli)
    assert cli.list_commands(context) == list(COMMANDS)
    for name, summary in COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert summary


def test_help_is_quick() -> None:
    loaded = "import sys; from sseclaude.cli import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, env=environment(), capture_output=True, check=True)
    assert not {"httpx", "pydantic", "rich", "yaml"} & set(ran.stderr.decode().split())


def test_what_is_missing_is_named() -> None:
    without = "import sys; sys.modules['click'] = None; from sseclaude.__main__ import main; main()"
    ran = subprocess.run([sys.executable, "-c", without], cwd=ROOT, env=environment(), capture_output=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.decode() == "The command line needs click: run  pip install 'sseclaude[cli]'\n"


def test_nothing_asked_is_answered_with_help() -> None:
    ran = inside()
    assert ran.code in (0, 2)  # click 8.1, and later ones
    assert "messages" in ran.text + ran.err
    assert inside("nonsense").code == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_ask_the_command(shell: str) -> None:
    assert f"_SSECLAUDE_COMPLETE={shell}_complete" in inside("completion", shell).text


def test_flags_are_completed() -> None:
    words = {"_SSECLAUDE_COMPLETE": "bash_complete", "COMP_WORDS": "sseclaude messages create --mes", "COMP_CWORD": "3"}
    start = "import sys; sys.argv[0] = 'sseclaude'; from sseclaude.__main__ import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", start], cwd=ROOT, env=environment(**words), capture_output=True, check=False
    )
    assert b"plain,--message" in ran.stdout


# --- small parts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc é 海 🌊", "a\tb\nc é 海 🌊"),
        ("\x1b[31m\r\x07\x00", "␛[31m␍␇␀"),
        ("\x7f\x9b\x85", "␡<U+009B><U+0085>"),
        ("\u202e\u2066", "<U+202E><U+2066>"),
        ("\ud83d", "\ufffd"),
    ],
)
def test_control_characters_are_shown(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_json_is_exact_and_acts_on_no_terminal() -> None:
    value = {"a": "é\x1b\x7f\x9b\u202e\ud83d", "b": [1.5, 12345678901234567890, None, True]}
    text = dumps(value)
    assert json.loads(text) == value
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", text)
    assert "é" in text


@pytest.mark.parametrize(
    ("path", "part"),
    [("a.0.b", 1), ("a.-1", 2), ("a.5", MISSING), ("a.b", MISSING), ("x", MISSING), ("a.0.b.c", MISSING)],
)
def test_a_part_is_found_by_its_path(path: str, part: object) -> None:
    assert select({"a": [{"b": 1}, 2]}, parse(path)) == part


# --- recordings ----------------------------------------------------------------------------------------------------


def test_assemble_prints_the_message() -> None:
    ran = inside("assemble", str(FIXTURES / "tool_use.sse"))
    assert json.loads(ran.out) == json.loads((FIXTURES / "tool_use.json").read_text())
    assert inside("assemble", "-", stdin=(FIXTURES / "tool_use.sse").read_bytes()) == ran


def test_assemble_prints_what_had_come() -> None:
    ran = inside("assemble", str(FIXTURES / "cut.sse"))
    assert ran.code == 1
    assert json.loads(ran.out) == json.loads((FIXTURES / "cut.partial.json").read_text())
    assert ran.err.startswith("IncompleteStreamError: ")
    assert inside("assemble", "--strict", str(FIXTURES / "deviations" / "others_index_gap.sse")).code == 1
    assert inside("assemble", "nowhere.sse").code == 2


def test_replay_shows_a_recording() -> None:
    ran = inside("replay", "--speed", "0", str(SHIPPED / "thinking.sse"))
    thinking, text = assemble([(SHIPPED / "thinking.sse").read_bytes()]).content
    assert ran.text == f"[thinking]\n{thinking.thinking}\n\n{text.text}\n"
    assert ran.code == 0


def test_replay_shows_tools_and_says_what_broke() -> None:
    ran = inside("replay", "--speed", "1000", str(FIXTURES / "tool_use.sse"), str(FIXTURES / "cut.sse"))
    assert "[tool " in ran.text
    assert ran.code == 1
    assert ran.err.startswith("cut: IncompleteStreamError")


@pytest.fixture
def timed(tmp_path: Path) -> Path:
    body = (SHIPPED / "thinking.sse").read_bytes()
    (tmp_path / "timed.sse").write_bytes(body)
    chunks = [[1000, 100.0]] * (len(body) // 1000) + [[len(body) % 1000, 2000.0]]
    (tmp_path / "timed.timing.json").write_text(json.dumps({"wait": 500, "chunks": chunks}))
    return tmp_path / "timed.sse"


def test_timeline_draws_when_events_came(timed: Path) -> None:
    ran = inside("timeline", str(timed))
    assert (ran.code, ran.err) == (0, "")
    assert "first byte 0.60 s · first token 0.60 s · total 3.70 s" in ran.text
    assert "longest gap 2.00 s, from 1.70 s on" in ran.text
    assert "92 events, 12993 bytes in 13 chunks" in ran.text
    assert "317 output tokens, 102 a second" in ran.text
    assert re.search(r"0 thinking +█|0 thinking +[▁-█]", ran.text)


def test_timeline_draws_svg_without_the_network(timed: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.svg"
    assert inside("timeline", str(timed), "-o", str(drawn)).code == 0
    svg = drawn.read_text()
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    assert not {"@font-face", "url(", "href"} & set(svg.split())
    titles = [title.text or "" for title in root.iter("{http://www.w3.org/2000/svg}title")]
    assert any(title.startswith("0 thinking: 62 events") for title in titles)
    assert "no byte for 2.00 s, from 1.70 s" in titles
    assert any(title.startswith("ping at ") for title in titles)
    assert any("tokens per second at" in title for title in titles)


def test_a_picture_is_an_svg(timed: Path) -> None:
    ran = inside("timeline", str(timed), "-o", "x.png")
    assert ran.code == 2
    assert "only .svg can be drawn" in ran.err


def test_timeline_invents_no_times() -> None:
    ran = inside("timeline", str(FIXTURES / "text.sse"))
    assert ran.code == 2
    assert "text.timing.json is missing" in ran.err


@pytest.mark.parametrize("timing", ["{", "[]", '{"chunks": [[1, 1]]}'])
def test_a_timing_file_that_does_not_fit_is_named(tmp_path: Path, timing: str) -> None:
    (tmp_path / "a.sse").write_bytes((FIXTURES / "text.sse").read_bytes())
    (tmp_path / "a.timing.json").write_text(timing)
    ran = inside("replay", str(tmp_path / "a.sse"))
    assert ran.code == 2
    assert "Traceback" not in ran.err
    assert len(ran.err.splitlines()) == 1


# --- demo and serve ------------------------------------------------------------------------------------------------


def test_the_demo_in_a_pipe_is_plain_and_quick() -> None:
    ran = pipe("demo", ANTHROPIC_API_KEY="", http_proxy="http://127.0.0.1:9")
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.text
    for name in ("text", "thinking", "tool_use"):
        message = assemble([(SHIPPED / f"{name}.sse").read_bytes()])
        assert message.text in ran.text
    assert "[tool get_weather]\n{" in ran.text
    assert "The stream broke: OverloadedError: Overloaded\nKept: the 429 characters above" in ran.text
    assert re.search(r"^thinking +end_turn +64 +317 +[0-9.]+ s +[0-9.]+ s$", ran.text, re.MULTILINE)


def test_the_demo_works_in_a_copy_under_another_name(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "sseclaude", tmp_path / "parrot", ignore=shutil.ignore_patterns("__pycache__"))
    ran = subprocess.run(
        [sys.executable, "-m", "parrot", "demo"],
        cwd=tmp_path, env=environment(PYTHONPATH=str(tmp_path)), capture_output=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"overloaded_error" in ran.stdout


def test_live_needs_a_key() -> None:
    ran = inside("demo", "--live", ANTHROPIC_API_KEY="")
    assert ran.code == 2
    assert "no API key" in ran.err


def test_serve_answers_until_it_is_stopped() -> None:
    command = [*COMMAND, "serve", str(FIXTURES / "text.sse"), "--pace", "none", "--fault", "Status(529)"]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        watchdog = Timer(60, run.kill)  # a failure below must not wait for the server's end
        watchdog.start()
        url = run.stdout.readline().decode().strip().removeprefix("export ANTHROPIC_BASE_URL=")
        assert run.stdout.readline() == b"export ANTHROPIC_API_KEY=any\n"
        assert f"Answering at {url} from 1 recordings" in run.stderr.readline().decode()
        body = {"model": "m", "max_tokens": 1, "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
        answers = [httpx.post(f"{url}/v1/messages", json=body, headers={"x-api-key": "k"}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [529, 200]
        assert answers[1].content == (FIXTURES / "text.sse").read_bytes()
        assert "529" in run.stderr.readline().decode()
        assert "POST /v1/messages: 200, text, " in run.stderr.readline().decode()
        os.kill(run.pid, signal.SIGINT)
        assert run.wait(10) == 130
        watchdog.cancel()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--fault", "Explode()"], "Explode"),
        (["--fault", "__import__('os')"], "__import__"),
        (["--pace", "slow"], "slow"),
        (["--port", "99999"], "99999"),
        (["nowhere.sse"], "nowhere.sse"),
        (["--host", "256.1.1.1"], "cannot listen on 256.1.1.1"),
    ],
)
def test_serve_names_what_is_wrong(arguments: list[str], says: str) -> None:
    ran = inside("serve", *arguments)
    assert ran.code in (1, 2)
    assert says in ran.err
    assert ("warning: the replay server will answer anybody" in ran.err) == ("--host" in arguments)


def test_the_transcript_runs_what_it_shows() -> None:
    lines = list(transcript("sseclaude check cut.sse; echo $?"))
    assert lines[0] == "$ sseclaude check cut.sse; echo $?"
    assert lines[1].startswith("cut.sse:1684: event 10: incomplete_stream")
    assert lines[2:] == ["1 stream, 1 finding", "1", ""]
