"""``sseclaude messages`` through pipes, against the embedded server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from sseclaude.iterate import assemble
from sseclaude.replay import (
    Disconnect,
    Drip,
    Error,
    Garbage,
    Gzip,
    NoStop,
    Pace,
    ReplayServer,
    Stall,
    Status,
)
from sseclaude.replay.recording import SHIPPED
from tests.support.shell import ASK, COMMAND, KEY, environment, inside, pipe

TEXT = (SHIPPED / "text.sse").read_bytes()
MESSAGE = assemble([TEXT]).to_dict()
BODIES = [json.loads(line[6:]) for line in TEXT.decode().splitlines() if line.startswith("data: ")]
LINES = [json.dumps(body, ensure_ascii=False, separators=(",", ":")) for body in BODIES]
"""The wire's events as ``--format jsonl`` prints them: the order of keys and every field as they came."""


@pytest.fixture(scope="module")
def shared() -> Iterator[ReplayServer]:
    with ReplayServer(pace=None) as server:
        yield server


@pytest.fixture
def server(shared: ReplayServer) -> ReplayServer:
    shared.faults.clear()
    return shared


def test_jsonl_prints_the_events_as_they_were(server: ReplayServer) -> None:
    message = '{role: user, content: "Hello"}'
    ran = pipe(
        "messages", "create", "--stream", "--format", "jsonl", "--model", "claude-sonnet-4-6",
        "--max-tokens", "1024", "--message", message, url=server.url,
    )  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    assert ran.text.splitlines() == LINES
    assert server.requests[-1].body == {
        "model": "claude-sonnet-4-6",
        "max_tokens": 1024,
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": True,
    }


def test_each_event_is_printed_when_it_comes() -> None:
    with ReplayServer(pace=None, faults=[Stall(after_events=3)]) as server:
        command = [*COMMAND, *ASK, "--stream"]
        with subprocess.Popen(command, env=environment(server.url), stdout=subprocess.PIPE) as run:
            assert run.stdout is not None
            assert [run.stdout.readline().decode().rstrip("\n") for _ in range(3)] == LINES[:3]
            run.kill()


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], MESSAGE),
        (["--format", "jsonl"], MESSAGE),
        (["--format", "pretty"], MESSAGE),
        (["--transform", "usage.output_tokens"], 338),
        (["--transform", "content.-1.type"], "text"),
    ],
)
def test_without_stream_the_message_is_printed(server: ReplayServer, flags: list[str], expected: object) -> None:
    ran = inside(*ASK, *flags, url=server.url)
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == expected


def test_yaml_is_yaml(server: ReplayServer) -> None:
    assert yaml.safe_load(inside(*ASK, "--format", "yaml", url=server.url).out) == MESSAGE
    documents = yaml.safe_load_all(inside(*ASK, "--stream", "--format", "yaml", url=server.url).out)
    assert list(documents) == BODIES


def test_text_is_the_words(server: ReplayServer) -> None:
    thinking = ["--thinking", "{type: adaptive}"]
    ran = inside(*ASK, "--format", "text", *thinking, url=server.url)
    assert ran.text == assemble([(SHIPPED / "thinking.sse").read_bytes()]).text + "\n"
    assert (ran.code, ran.err) == (0, "")


def test_raw_is_the_wire(server: ReplayServer) -> None:
    assert inside(*ASK, "--format", "raw", url=server.url).out == TEXT
    server.faults.extend([Error(after_events=0), Drip(7)])
    assert inside(*ASK, "--format", "raw", url=server.url).out == TEXT, "only the attempt that counted is printed"


def test_a_part_of_each_event_is_printed(server: ReplayServer) -> None:
    ran = inside(*ASK, "--stream", "--transform", "delta.text", "-r", url=server.url)
    pieces = [body["delta"]["text"] for body in BODIES if body.get("delta", {}).get("type") == "text_delta"]
    assert ran.text == "".join(piece + "\n" for piece in pieces)


def test_options_may_stand_before_the_command(server: ReplayServer) -> None:
    ran = inside("--base-url", server.url, "--format", "jsonl", *ASK, "--transform", "id", "-r")
    assert ran.text == MESSAGE["id"] + "\n"


def test_count_tokens(server: ReplayServer) -> None:
    ask = ["messages", "count-tokens", "--model", "m", "--message", "{role: user, content: Hello there}"]
    assert json.loads(inside(*ask, url=server.url).out).keys() == {"input_tokens"}
    assert "stream" not in server.requests[-1].body


def test_what_is_recorded_is_the_wire(server: ReplayServer, tmp_path: Path) -> None:
    path = tmp_path / "new" / "answer.sse"
    server.faults.append(Gzip())
    assert inside(*ASK, "--record", str(path), url=server.url).code == 0
    assert path.read_bytes() == TEXT
    timing = (tmp_path / "new" / "answer.timing.json").read_text()
    assert json.loads(timing)["wait"] > 0
    assert KEY not in timing


# --- what fails ----------------------------------------------------------------------------------------------------

CUT = [Disconnect(after_events=20)]
OVERLOADED = [Error("overloaded_error", after_events=20)]


@pytest.mark.parametrize(
    ("faults", "says"),
    [
        (CUT, "IncompleteStreamError"),
        (OVERLOADED, "OverloadedError: Overloaded"),
        ([Garbage(at=20)], "ProtocolError"),
        ([Status(401)], "AuthenticationError"),
    ],
)
def test_what_had_come_is_printed(server: ReplayServer, faults: list, says: str) -> None:
    server.faults.extend(faults)
    ran = inside(*ASK, "--stream", url=server.url)
    lines = ran.text.splitlines()
    assert ran.code == 1
    assert lines[:20] == LINES[: 20 if says != "AuthenticationError" else 0][: len(lines)]
    assert says in ran.err
    assert "Traceback" not in ran.err
    assert len(ran.err.splitlines()) == 1


def test_the_error_event_is_printed_too(server: ReplayServer) -> None:
    server.faults.extend(OVERLOADED)
    last = json.loads(inside(*ASK, "--stream", url=server.url).text.splitlines()[-1])
    assert (last["type"], last["error"]["type"]) == ("error", "overloaded_error")


def test_a_cut_message_is_printed_as_far_as_it_came(server: ReplayServer) -> None:
    server.faults.extend(CUT)
    ran = inside(*ASK, url=server.url)
    partial = json.loads(ran.out)
    assert ran.code == 1
    assert MESSAGE["content"][0]["text"].startswith(partial["content"][0]["text"])
    assert partial["stop_reason"] is None


def test_a_cut_text_is_printed_as_far_as_it_came(server: ReplayServer) -> None:
    server.faults.extend(CUT)
    ran = pipe(*ASK, "--format", "text", url=server.url)
    words = ran.text.removesuffix("\n")
    assert words
    assert MESSAGE["content"][0]["text"].startswith(words)


def test_it_is_asked_again_while_nothing_was_printed(server: ReplayServer) -> None:
    server.faults.extend([Error(after_events=1)])
    ran = inside(*ASK, "--format", "text", url=server.url)
    assert (ran.code, ran.text) == (0, MESSAGE["content"][0]["text"] + "\n")


def test_strict_refuses(server: ReplayServer) -> None:
    server.faults.extend([NoStop(), NoStop()])
    assert inside(*ASK, url=server.url).code == 0
    assert inside(*ASK, "--strict", url=server.url).code == 1


def test_a_clock_that_runs_out_is_named() -> None:
    with ReplayServer(pace=Pace(ttft=5)) as server:
        ran = inside(*ASK, "--timeout", "0.2", "--max-retries", "0", url=server.url)
    assert ran.code == 1
    assert ran.err.startswith("APITimeoutError: ")


def test_debug_tells_what_is_done_and_no_secret(server: ReplayServer) -> None:
    server.faults.extend([Status(529, retry_after=0)])
    ran = pipe(*ASK, "--debug", url=server.url)
    assert ran.code == 0
    assert "attempt 2" in ran.err
    assert KEY not in ran.err
    assert "Hello" not in ran.err


def test_head_ends_it_quietly(server: ReplayServer) -> None:
    server.faults.append(Drip(40, seconds=0.001))
    command = " ".join(f"'{part}'" for part in [*COMMAND, *ASK, "--stream"])
    run = subprocess.run(
        ["bash", "-c", f"{command} | head -1; echo ${{PIPESTATUS[0]}}"],
        env=environment(server.url), capture_output=True, timeout=20, check=False,
    )  # fmt: skip
    assert run.stdout.decode().splitlines() == [LINES[0], "0"]
    assert run.stderr == b""


# --- bad input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--message", "{role: user, content: [}"], "--message: bad YAML: "),
        (["--message", "Hello"], "--message: expected an object such as {role: user, content: Hello}, not 'Hello'"),
        (["--message", "@nowhere.yaml"], "--message: cannot read nowhere.yaml: No such file or directory"),
        (["--message", f"@{COMMAND[0]}"], "is no UTF-8 text"),
        (["--max-tokens", "many"], "--max-tokens: 'many' is not a valid integer."),
        (["--param", "just_a_key"], "--param: 'just_a_key' is not KEY=YAML"),
        (["--metadata", "{1: a}"], "metadata has the key 1"),
        (["--metadata", "{a: .inf}", "--param", "b=NaN"], "b is nan, which JSON cannot hold"),
        (["--modell", "x"], "--modell"),
        (["--format", "xml"], "'xml' is not one of"),
        (["--format", "text", "--transform", "id"], "--transform and -r need JSON or YAML, not --format text"),
    ],
)
def test_a_bad_flag_is_one_line_that_names_it(arguments: list[str], says: str) -> None:
    ran = inside("messages", "create", *arguments)
    assert (ran.code, ran.out) == (2, b"")
    assert says in ran.err
    assert len(ran.err.splitlines()) == 1
    assert KEY not in ran.err


def test_a_missing_key_is_named() -> None:
    ran = inside(*ASK, ANTHROPIC_API_KEY="")
    assert ran.code == 2
    assert ran.err.endswith("no API key: set ANTHROPIC_API_KEY, or pass --api-key\n")


def test_a_bad_key_is_not_shown() -> None:
    ran = inside(*ASK, "--api-key", f"{KEY}\n")
    assert ran.code == 1
    assert "x-api-key" in ran.err
    assert KEY not in ran.err


def test_a_server_that_is_not_there_is_named() -> None:
    ran = inside(*ASK, "--max-retries", "0", url="http://user:secret@127.0.0.1:9")
    assert ran.code == 1
    assert ran.err.startswith("APIConnectionError: http://127.0.0.1:9: no answer")
    assert "secret" not in ran.err
    assert len(ran.err.splitlines()) == 1
