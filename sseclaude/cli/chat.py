"""``sseclaude chat``: a conversation in the terminal.

Purpose: read a line, send the conversation, show the answer, and add both to the history.
Rule: an answer that was stopped or cut stays in the history as far as it came. No tool is run; each call is answered
with ``not run``, so that the API accepts the next turn.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from ..client.client import Anthropic
from ..errors import AnthropicError, APIError
from ..message import Message
from .body import body_options, from_flags
from .connection import ask, connected
from .options import connection_options
from .raw_events import events
from .summary import summary
from .terminal import is_live, say, styled, write
from .views import view

DEFAULTS: dict[str, Any] = {"model": "claude-sonnet-4-6", "max_tokens": 4096}
NOT_RUN = "not run"
SAVE = "/save "
HELP = "A line is a turn. /save FILE writes the conversation as JSON; Ctrl-C stops an answer; Ctrl-D ends."


@click.command()
@body_options()
@connection_options
def chat(params: tuple[str, ...], **given: Any) -> None:
    """Talk with a model: a line is a turn, and the answers before it go along.

    /save FILE writes the conversation as JSON. Ctrl-C stops an answer and keeps what came; Ctrl-D ends. Tools that the
    flags name may be called; they are shown, and answered with "not run".

    \b
      sseclaude serve &      (and set the two variables that it prints)
      sseclaude chat --system "Answer in one sentence."
    """
    body = {**DEFAULTS, **from_flags(params, given)}
    conversation = Conversation(body)
    say(HELP, dim=True)
    with connected() as client:
        while (line := _read_line()) is not None:
            if line.startswith(SAVE):
                _save(Path(line.removeprefix(SAVE).strip()), conversation.messages)
            elif line.strip():
                conversation.say(line)
                _answer(client, conversation)


class Conversation:
    """The turns so far, and the other parameters of each request."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.messages: list[dict[str, Any]] = list(body.pop("messages", []))

    def say(self, text: str) -> None:
        """Add a turn of the user; it begins with the results of the tools that the turn before called."""
        results = [
            {"type": "tool_result", "tool_use_id": block["id"], "content": NOT_RUN}
            for block in (self.messages[-1]["content"] if self.messages else ())
            if isinstance(block, dict) and block.get("type") == "tool_use"
        ]
        content: Any = [*results, {"type": "text", "text": text}] if results else text
        self.messages.append({"role": "user", "content": content})

    def keep(self, message: Message | None) -> None:
        """Add the answer, as far as it came; a turn without any answer is taken back."""
        turn = message.to_param() if message is not None else {"content": []}
        if turn["content"]:
            self.messages.append({"role": "assistant", "content": turn["content"]})
        else:
            self.messages.pop()

    def request(self) -> dict[str, Any]:
        """Return the next request's body."""
        return {**self.body, "messages": self.messages}


def _read_line() -> str | None:
    """Read a turn from the terminal or a pipe; None at its end and for Ctrl-C."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        return line.removesuffix("\n") if line else None
    with suppress(ImportError):
        import_module("readline")  # gives input() history and editing, where the system has it
    try:
        return input(styled("> ", fg="cyan", bold=True))
    except (EOFError, KeyboardInterrupt):
        write("\n")
        return None


def _answer(client: Anthropic, conversation: Conversation) -> None:
    """Show the answer and keep it, however it ends."""
    message: Message | None = None
    answer = None
    try:
        with view() as shown, ask(client, conversation.request()) as answer:
            shown.waiting("waiting for the first token")
            for event in events(answer):
                shown.feed(event)
            message = answer.get_final_message()
        _note(message, answer.timing)
    except APIError as error:
        message = error.partial_message
        say(f"{type(error).__name__}: {error}", fg="red")
    except KeyboardInterrupt:
        with suppress(AnthropicError):  # nothing may have come
            message = answer.current_message_snapshot if answer is not None else None
        say("stopped", dim=True)
    conversation.keep(message)


def _note(message: Message, timing: Any) -> None:
    for block in message.content:
        if block.type == "tool_use":
            say(f"{block.name}: {NOT_RUN}", fg="yellow")
    if is_live():
        say("\n" + summary(message, timing), dim=True)


def _save(path: Path, messages: list[dict[str, Any]]) -> None:
    try:
        path.write_text(json.dumps(messages, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        say(f"/save: {path}: {error.strerror}", fg="red")
    else:
        say(f"saved in {path}", dim=True)
