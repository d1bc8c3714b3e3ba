"""Answers in one line, for tests: text, thinking and tool calls.

Purpose: ``answer``, ``thinking`` and ``tool_call`` make an ``Answer``, which a server or a transport replays.
Rule: an answer is a message's content; ids, usage and stop reason are filled in as the API would.

    ReplayServer(answer("42"))
    ReplayServer(thinking("Which city?").then(tool_call("get_weather", location="Paris")))
    ReplayServer([tool_call("get_weather", location="Paris"), answer("Sunny")])     one after the other
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeAlias

CHARACTERS_PER_TOKEN = 4
"""About what a token of English has; the usage of an answer is estimated so."""

MODEL = "claude-sonnet-4-6"

JSONObject: TypeAlias = "dict[str, Any]"


@dataclass(frozen=True)
class Answer:
    """A message's content blocks, as JSON."""

    content: tuple[JSONObject, ...]

    def then(self, more: str | Answer) -> Answer:
        """Return this answer followed by another; a ``str`` is text."""
        return Answer(self.content + (answer(more) if isinstance(more, str) else more).content)

    def message(self) -> JSONObject:
        """Return the message's JSON. Its ``stop_reason`` is ``tool_use`` if it calls a tool, else ``end_turn``."""
        calls = [block for block in self.content if block["type"] == "tool_use"]
        content = [
            {**block, "id": f"toolu_{calls.index(block) + 1:02}"} if block["type"] == "tool_use" else block
            for block in self.content
        ]
        size = len(json.dumps(self.content, ensure_ascii=False))
        return {
            "id": "msg_01",
            "type": "message",
            "role": "assistant",
            "model": MODEL,
            "content": content,
            "stop_reason": "tool_use" if calls else "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": max(size // CHARACTERS_PER_TOKEN, 1)},
        }


def answer(text: str) -> Answer:
    """An answer of text."""
    return Answer(({"type": "text", "text": text},))


def thinking(text: str, signature: str = "c2lnbmF0dXJl") -> Answer:
    """An answer that begins with thinking: ``thinking("Hm").then("42")``. The default signature proves nothing."""
    return Answer(({"type": "thinking", "thinking": text, "signature": signature},))


def tool_call(name: str, /, **input: Any) -> Answer:
    """An answer that calls a tool with this input."""
    return Answer(({"type": "tool_use", "name": name, "input": input},))
