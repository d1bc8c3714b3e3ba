"""``sseclaude chat``: turns go along, tools are answered with ``not run``, and what was stopped is kept."""

from __future__ import annotations

import json
from pathlib import Path

from sseclaude.replay import Disconnect, ReplayServer, Stall, Status, answer, thinking, tool_call
from tests.support.shell import Terminal, inside, left, plain


def test_the_turns_before_go_along(tmp_path: Path) -> None:
    saved = tmp_path / "chat.json"
    with ReplayServer([answer("One"), answer("Two")], pace=None) as server:
        ran = inside("chat", "--system", "Short.", url=server.url, stdin=f"Hi\n\nMore: x\n/save {saved}\n".encode())
    assert ran.code == 0
    assert ran.text == "One\nTwo\n"
    first, second = (request.body for request in server.requests)
    turns = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [{"type": "text", "text": "One"}]},
        {"role": "user", "content": "More: x"},
    ]
    assert (first["messages"], second["messages"], second["system"]) == (turns[:1], turns, "Short.")
    assert json.loads(saved.read_text())[:3] == turns
    assert "saved in" in ran.err


def test_a_tool_call_is_answered_with_not_run() -> None:
    calls = thinking("Hm").then(tool_call("get_weather", location="Paris"))
    with ReplayServer([calls, answer("Well")], pace=None) as server:
        ran = inside("chat", url=server.url, stdin=b"Weather?\nAnd now?\n")
    assert "get_weather: not run" in ran.err
    last = server.requests[-1].body["messages"][-1]["content"]
    assert [block["type"] for block in last] == ["tool_result", "text"]
    assert last[0] == {"type": "tool_result", "tool_use_id": "toolu_01", "content": "not run"}


def test_what_came_before_a_cut_is_kept_and_a_refused_turn_is_taken_back() -> None:
    faults = [Status(400), Disconnect(after_events=4)]
    with ReplayServer(answer("A text of more than one delta, so that a part of it comes"), pace=None) as server:
        server.faults = faults
        ran = inside("chat", url=server.url, stdin=b"a\nb\nc\n")
    assert ran.code == 0
    assert "BadRequestError" in ran.err
    assert "IncompleteStreamError" in ran.err
    messages = server.requests[-1].body["messages"]
    assert [turn["role"] for turn in messages] == ["user", "assistant", "user"]
    assert (messages[0]["content"], messages[2]["content"]) == ("b", "c")
    assert messages[1]["content"][0]["text"].startswith("A text")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with ReplayServer(answer("x"), pace=None) as server:
        ran = inside("chat", url=server.url, stdin=f"/save {tmp_path}\n".encode())
    assert (ran.code, len(server.requests)) == (0, 0)
    assert f"/save: {tmp_path}: Is a directory" in ran.err


def test_ctrl_c_stops_the_answer_and_keeps_it() -> None:
    with ReplayServer(answer("A text of more than one delta, so that a part of it comes"), pace=None) as server:
        server.faults = [Stall(after_events=4)]
        on = Terminal("chat", url=server.url)
        on.until(lambda seen: "> " in seen)
        on.type("a\n")
        on.until(lambda seen: "A text" in seen)
        on.interrupt()
        on.until(lambda seen: "stopped" in seen and plain(seen).count("> ") == 2)
        on.type("b\n")
        server.wait_for(2, 10)
        on.until(lambda seen: "end_turn" in seen and plain(seen).count("> ") == 3)  # the prompt reads Ctrl-D
        on.type("\x04")
        assert on.end() == 0
        assert "A text" in left(on.seen)
        assert server.requests[-1].body["messages"][1]["content"][0]["text"].startswith("A text")
