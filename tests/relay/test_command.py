"""``sseclaude relay``: what it says when something is wrong, and how it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from sseclaude.cli import relay as command
from sseclaude.replay import ReplayServer, Stall
from tests.support.network import STREAM
from tests.support.serving import PATIENCE, QUESTION, STREAMED
from tests.support.shell import COMMAND, environment, inside
from tests.support.waiting import wait_for

NOWHERE = "redis://127.0.0.1:9/0"


class Command:
    """The command in a process of its own, once it listens."""

    def __init__(self, claude: ReplayServer, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "relay", "--port", "0", *arguments],
            env=environment(claude.url, PYTHONWARNINGS="default"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("export ANTHROPIC_BASE_URL="), self.end()
        self.url = line.strip().partition("=")[2]

    def end(self, how: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; return the exit code and what was said."""
        self.process.send_signal(how)
        _, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, err


@contextmanager
def started(claude: ReplayServer, *arguments: str) -> Iterator[Command]:
    relay = Command(claude, *arguments)
    try:
        yield relay
    finally:
        relay.process.kill()
        relay.process.communicate()


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_serves_until_a_signal(claude: ReplayServer, how: int, code: int) -> None:
    with started(claude) as relay:
        answer = httpx.post(f"{relay.url}/v1/messages", json=QUESTION, timeout=PATIENCE)
        assert answer.json()["content"][0]["text"] == "Hello, wörld"
        assert "<!doctype html>" in httpx.get(relay.url).text
        ended, said = relay.end(how)
    assert ended == code
    assert "in memory, until this process ends" in said
    assert "Traceback" not in said


def test_it_says_one_line_an_answer_and_no_words(claude: ReplayServer, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text("ada s3cret\n")
    tokens.chmod(0o600)
    with started(claude, "--tokens", str(tokens)) as relay:
        asked = httpx.post(f"{relay.url}/v1/messages", json=QUESTION, headers={"x-api-key": "s3cret"})
        assert httpx.post(f"{relay.url}/v1/messages", json=QUESTION).status_code == 401
        assert httpx.get(relay.url).status_code == 404
        _, said = relay.end()
    id = asked.headers["content-location"].rpartition("/")[2]
    lines = [line for line in said.splitlines() if id in line]
    assert len(lines) == 1
    assert "complete" in lines[0]
    for secret in ("s3cret", "Hello", "sk-ant"):
        assert secret not in said


def test_what_runs_is_lost_when_the_time_is_over() -> None:
    with ReplayServer([STREAM], pace=None, faults=[Stall(after_events=4)]) as claude:
        with started(claude, "--drain", "0") as relay:
            headers = {"prefer": "respond-async"}
            id = httpx.post(f"{relay.url}/v1/messages", json=QUESTION, headers=headers).json()["id"]
            claude.wait_for(1)
            code, said = relay.end()
        assert code == 0
        assert any(id in line and "lost" in line for line in said.splitlines())


def test_on_the_way_out_it_refuses_until_what_runs_has_ended() -> None:
    with ReplayServer([STREAM], pace=None, faults=[Stall(after_events=4, seconds=2.0)]) as claude:
        with started(claude, "--drain", "600") as relay:
            headers = {"prefer": "respond-async"}
            id = httpx.post(f"{relay.url}/v1/messages", json=QUESTION, headers=headers).json()["id"]
            claude.wait_for(1)
            for _ in range(2):  # a second SIGTERM changes nothing
                relay.process.send_signal(signal.SIGTERM)
                wait_for(lambda: httpx.get(f"{relay.url}/health").status_code == 503)
            for refused in (
                httpx.post(f"{relay.url}/v1/messages", json=QUESTION),
                httpx.get(f"{relay.url}/v1/messages/{id}", headers={"accept": "text/event-stream"}),
            ):
                assert refused.status_code == 503
                assert refused.headers["retry-after"] == "1"
            _, said = relay.process.communicate(timeout=PATIENCE)
        assert relay.process.returncode == 0
        assert any(id in line and "complete" in line for line in said.splitlines())


@pytest.mark.parametrize("seen", ["the reader is cut", "it answers 503"])
def test_a_second_ctrl_c_waits_for_nothing(seen: str) -> None:
    with ReplayServer([STREAM], pace=None, faults=[Stall(after_events=4)]) as claude:
        with (
            started(claude, "--drain", "600") as relay,
            httpx.stream("POST", f"{relay.url}/v1/messages", json=STREAMED, timeout=PATIENCE) as reader,
        ):
            chunks = reader.iter_raw()
            next(chunks)
            relay.process.send_signal(signal.SIGINT)
            if seen == "the reader is cut":
                with pytest.raises(httpx.RemoteProtocolError):
                    list(chunks)
            else:
                wait_for(lambda: httpx.get(f"{relay.url}/health").status_code == 503)
            code, said = relay.end(signal.SIGINT)
        assert code == 130
        assert "lost" in said
        assert "Traceback" not in said


# --- what is wrong ----------------------------------------------------------------------------------------------------


def test_another_host_needs_tokens(claude: ReplayServer) -> None:
    for host in ("0.0.0.0", "::", "192.168.1.1", "example.com"):
        ran = inside("relay", "--host", host, url=claude.url)
        assert ran.code == 2
        assert "--tokens" in ran.err


def test_a_key_is_needed(claude: ReplayServer) -> None:
    ran = inside("relay", url=claude.url, ANTHROPIC_API_KEY="")
    assert ran.code == 2
    assert "no API key" in ran.err


@pytest.mark.parametrize("origin", ["good.example", "https://good.example/", "https://", "*"])
def test_an_origin_is_a_scheme_and_a_host(claude: ReplayServer, origin: str) -> None:
    ran = inside("relay", "--allow-origin", origin, url=claude.url)
    assert ran.code == 2
    assert "no origin" in ran.err


def test_a_malformed_tokens_file_is_named_by_its_line(claude: ReplayServer, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text("ada s3cret\nbob\n")
    tokens.chmod(0o644)
    ran = inside("relay", "--tokens", str(tokens), url=claude.url)
    assert ran.code == 1
    assert "line 2: not NAME TOKEN" in ran.err
    assert "can be read by others" in ran.err
    assert "s3cret" not in ran.err


def test_a_port_that_is_taken_is_named(claude: ReplayServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = inside("relay", "--port", str(port), url=claude.url)
    assert ran.code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in ran.err


@pytest.mark.parametrize(
    ("missing", "arguments"), [("uvicorn", []), ("starlette", []), ("redis", ["--redis", NOWHERE])]
)
def test_a_package_that_is_missing_is_named_with_its_pip_line(
    claude: ReplayServer, monkeypatch: pytest.MonkeyPatch, missing: str, arguments: list[str]
) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == missing else object())
    ran = inside("relay", *arguments, url=claude.url)
    assert ran.code == 1
    assert missing in ran.err
    assert "pip install 'sseclaude[relay]'" in ran.err
