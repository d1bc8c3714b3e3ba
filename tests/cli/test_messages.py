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
from tests.support.network import RawServer
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
    path = tmp_path / "answer.sse"
    server.faults.append(Gzip())
    ran = inside(*ASK, "--record", str(path), url=server.url)
    assert ran.code == 0
    assert f"recorded in {path}" in ran.err
    assert path.read_bytes() == TEXT
    timing = (tmp_path / "answer.timing.json").read_text()
    assert json.loads(timing)["wait"] > 0
    assert KEY not in timing


def test_a_recording_is_not_overwritten_unasked(server: ReplayServer, tmp_path: Path) -> None:
    path = tmp_path / "answer.sse"
    path.write_text("mine")
    ran = inside(*ASK, "--record", str(path), url=server.url)
    assert (ran.code, path.read_text()) == (2, "mine")
    assert "--force overwrites it" in ran.err
    assert inside(*ASK, "--record", str(path), "--force", url=server.url).code == 0
    assert path.read_bytes() == TEXT


@pytest.mark.parametrize(
    ("name", "says"), [("answer.txt", "does not end in .sse"), ("new/answer.sse", "there is no folder")]
)
def test_a_recording_needs_its_ending_and_its_folder(tmp_path: Path, name: str, says: str) -> None:
    ran = inside(*ASK, "--record", str(tmp_path / name), url="http://127.0.0.1:1")
    assert (ran.code, list(tmp_path.iterdir())) == (2, [])
    assert says in ran.err


def test_a_recording_that_cannot_be_written_is_a_failure(server: ReplayServer, tmp_path: Path) -> None:
    """The answer is printed all the same."""
    (tmp_path / "answer.timing.json").mkdir()
    ran = inside(*ASK, "--record", str(tmp_path / "answer.sse"), url=server.url)
    assert ran.code == 1
    assert json.loads(ran.out)["type"] == "message"
    assert "--record: " in ran.err
    assert "Is a directory" in ran.err


# --- the body on stdin, and words as typed --------------------------------------------------------------------------


def test_the_body_may_come_on_stdin(server: ReplayServer) -> None:
    body = b"{model: m, max_tokens: 5, messages: [{role: user, content: Hello}], odd: [1]}"
    assert inside("messages", "create", "--max-tokens", "7", url=server.url, stdin=body).code == 0
    assert server.requests[-1].body == {
        "model": "m", "max_tokens": 7, "messages": [{"role": "user", "content": "Hello"}], "odd": [1], "stream": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("stdin", "says"),
    [
        (b"", "missing --model, --max-tokens, --message (or give the request's body on stdin)"),
        (b"{model: m}", "missing --max-tokens, --message"),
        (b"[1]", "stdin: the body is not an object"),
        (b"{", "stdin: bad YAML"),
    ],
)
def test_what_is_missing_is_named_before_anything_is_sent(stdin: bytes, says: str) -> None:
    ran = inside("messages", "create", url="http://127.0.0.1:1", stdin=stdin)
    assert ran.code == 2
    assert says in ran.err


@pytest.mark.parametrize("words", ["yes", "42", "Note: x", "Hello, you", "null", "- a\n- b", "a: [", "\\@home"])
def test_words_are_a_turn_of_the_user(server: ReplayServer, words: str) -> None:
    ask = ["messages", "create", "--model", "m", "--max-tokens", "9", "--message", words]
    assert inside(*ask, url=server.url).code == 0
    assert server.requests[-1].body["messages"] == [{"role": "user", "content": words.removeprefix("\\")}]


def test_a_mapping_with_a_role_is_a_turn(server: ReplayServer) -> None:
    ask = ["messages", "create", "--model", "m", "--max-tokens", "9", "--message", "role: user\ncontent: Hi"]
    assert inside(*ask, url=server.url).code == 0
    assert server.requests[-1].body["messages"] == [{"role": "user", "content": "Hi"}]


@pytest.mark.parametrize("way", ["file", "stdin", "body"])
def test_data_names_no_files(server: ReplayServer, tmp_path: Path, way: str) -> None:
    """An ``@`` in what came from a file or from stdin is a character; only what was typed may name files."""
    (tmp_path / "secret").write_text("secret")
    turn = {"role": "user", "content": f"@{tmp_path}/secret", "more": "\\@x"}
    (tmp_path / "turn.json").write_text(json.dumps(turn))
    typed = f"@{tmp_path}/turn.json" if way == "file" else "-"
    flags = [] if way == "body" else ["--model", "m", "--max-tokens", "9", "--message", typed]
    stdin = json.dumps({"model": "m", "max_tokens": 9, "messages": [turn]} if way == "body" else turn).encode()
    assert inside("messages", "create", *flags, url=server.url, stdin=stdin).code == 0
    assert server.requests[-1].body["messages"] == [turn]


# --- every format of every command ----------------------------------------------------------------------------------

FORMATS = ("auto", "text", "pretty", "json", "jsonl", "yaml", "raw")
COMMANDS = {
    "create": ASK,
    "create --stream": [*ASK, "--stream"],
    "count-tokens": ["messages", "count-tokens", "--model", "m", "--message", "Hello"],
    "assemble": ["assemble", "-"],
}


@pytest.mark.parametrize("healthy", [True, False], ids=["healthy", "cut"])
@pytest.mark.parametrize("transform", [False, True], ids=["all", "a part"])
@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_format_of_every_command_works_or_is_a_usage_error(
    server: ReplayServer, command: str, format_: str, transform: bool, healthy: bool
) -> None:
    if not healthy:
        server.faults.append(Disconnect(after_events=20))
    part = ["--transform", "input_tokens" if command == "count-tokens" else "type"] if transform else []
    stdin = TEXT if healthy else TEXT[: len(TEXT) // 2]
    ran = inside(*COMMANDS[command], "--format", format_, *part, url=server.url, stdin=stdin)
    refused = (format_ in ("text", "raw") and transform) or (
        format_ == "raw" and command in ("count-tokens", "assemble")
    )
    if refused:
        assert (ran.code, ran.out) == (2, b"")
        assert "--format" in ran.err
    else:
        fine = healthy or command == "count-tokens"
        assert ran.out
        assert (ran.code, "Incomplete" in ran.err) == ((0, False) if fine else (1, True))


def test_a_part_that_is_not_there_exits_1_and_says_what_is(server: ReplayServer) -> None:
    ran = inside(*ASK, "--transform", "nothing", url=server.url)
    assert (ran.code, ran.out) == (1, b"")
    assert "--transform: nothing there; the value has" in ran.err
    assert "stop_reason" in ran.err


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
        (
            ["--message", "-"],
            "--message: expected an object such as {role: user, content: Hello}, not what stdin holds",
        ),
        (["--message", "[1]"], "--message: expected an object such as {role: user, content: Hello}, not '[1]'"),
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


def test_a_terminal_shows_the_events_of_a_stream_too(server: ReplayServer) -> None:
    ran = inside(*ASK, "--stream", url=server.url, tty=True)
    assert ran.text.splitlines() == LINES


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
    ran = inside(*ASK, "--max-retries", "0", url="http://127.0.0.1:9")
    assert ran.code == 1
    assert ran.err.startswith("APIConnectionError: http://127.0.0.1:9: no answer")
    assert len(ran.err.splitlines()) == 1


def test_user_info_in_the_url_is_refused_and_not_shown() -> None:
    ran = inside(*ASK, "--max-retries", "0", url="http://user:secret@127.0.0.1:9")
    assert ran.code == 1
    assert ran.err == "AnthropicError: base_url has user info before its host; pass api_key= or auth_token= instead\n"


PAGE = b"<html><head><title>Welcome to the harbour</title></head></html>"


@pytest.mark.parametrize("status", [b"200 OK", b"404 Not Found", b"501 Not Implemented"])
def test_a_page_in_place_of_an_answer_asks_for_the_address(status: bytes) -> None:
    head = b"HTTP/1.1 %s\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n" % (status, len(PAGE))
    with RawServer([head + PAGE]) as server:
        ran = inside(*ASK, "--max-retries", "0", url=f"{server.url}/api")
    assert ran.code == 1
    error, hint = ran.err.splitlines()
    assert "Welcome to the harbour" in error
    assert hint == f"A web page answered. Is {server.url}/api the API's address? (--base-url, ANTHROPIC_BASE_URL)"
