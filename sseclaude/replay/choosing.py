"""Which recording answers a request.

Purpose: the next of the caller's recordings, the one that the caller's ``match`` names, or, among the shipped
recordings, one that fits the request.
Must not know: HTTP, faults, pace.
Rule: the caller's recordings are sent as they are; only a shipped tool call is changed, to call a tool of the request.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Any

from .envelope import compact
from .recording import Recording, Source, load
from .sampling import sample
from .script import event_type

THINKS = frozenset({"enabled", "adaptive"})


@dataclass(frozen=True)
class ReceivedRequest:
    """What a client sent. ``target`` is the path with its query; ``headers`` have lower-case names."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @cached_property
    def json(self) -> Any:
        """The body's JSON, or None if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


Request = ReceivedRequest
"""The name under which ``sseclaude.replay`` exports it, as it did before."""


Match = Callable[[ReceivedRequest], Source]
"""Picks the answer: a recording's name, anything a recording can be made of, or None for the usual choice."""


class Chooser:
    """Has the recordings, and picks one for each request."""

    def __init__(self, source: Source = None, match: Match | None = None) -> None:
        self.recordings = load(source)
        self.by_name = {recording.name: recording for recording in self.recordings}
        self.match = match
        self.shipped = source is None
        self._turn = 0
        self._lock = Lock()

    def choose(self, request: ReceivedRequest, *, take_turn: bool = True) -> Recording:
        """The recording for a request; without ``take_turn`` the next request may get it too.

        An exception of ``match`` is not caught.
        """
        picked = self.match(request) if self.match else None
        if isinstance(picked, str) and picked in self.by_name:
            picked = self.by_name[picked]
        if picked is not None:
            return self._fitted(load(picked)[0], request)
        if self.shipped:
            return self._fitted(self.by_name[wanted(request.json)], request)
        with self._lock:
            recording = self.recordings[self._turn % len(self.recordings)]
            self._turn += take_turn
        return recording

    def _fitted(self, recording: Recording, request: ReceivedRequest) -> Recording:
        tools = callable_tools(request.json)
        return with_tools(recording, tools) if self.shipped and tools else recording


def wanted(body: Mapping[str, Any]) -> str:
    """The name of the shipped recording that a request's body asks for.

    A request that brings a tool's result is answered in text, so that a loop over tools comes to its end.
    """
    if callable_tools(body) and not _brings_result(body):
        return "tool_use"
    return "thinking" if (body.get("thinking") or {}).get("type") in THINKS else "text"


def callable_tools(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The client's own tools that the answer may call, by ``tools`` and ``tool_choice``."""
    choice = body.get("tool_choice") or {"type": "auto"}
    tools = [tool for tool in body.get("tools") or () if "input_schema" in tool and "name" in tool]
    if choice.get("type") == "tool":
        return [tool for tool in tools if tool["name"] == choice.get("name")]
    return [] if choice.get("type") == "none" else tools


def _brings_result(body: Mapping[str, Any]) -> bool:
    content = body["messages"][-1].get("content")
    return isinstance(content, list) and any(block.get("type") == "tool_result" for block in content)


def with_tools(recording: Recording, tools: list[Mapping[str, Any]]) -> Recording:
    """The recording with its calls made to these tools, one after another, with inputs that fit their schemas.

    A call of a tool that the request has is left as it was recorded.
    """
    writer = _ToolWriter(tools)
    events = [writer.rewrite(event) for event in recording.events]
    body = b"".join(events)
    return recording if body == recording.body else replace(recording, body=body, chunks=())


class _ToolWriter:
    """Rewrites the events of tool calls, one by one."""

    def __init__(self, tools: list[Mapping[str, Any]]) -> None:
        self.tools = tools
        self.names = {tool["name"] for tool in tools}
        self.calls = 0
        self.left: dict[int, str] = {}  # by block: the input's JSON that is still to be sent

    def rewrite(self, event: bytes) -> bytes:
        """The events that take this one's place, as bytes."""
        change = REWRITES.get(event_type(event))
        if change is None:
            return event
        head, _, rest = event.partition(b"data: ")
        changed = change(self, json.loads(rest))
        return event if changed is None else b"".join(head + b"data: " + compact(one) + b"\n\n" for one in changed)

    def _start(self, data: dict[str, Any]) -> list[dict[str, Any]] | None:
        block = data["content_block"]
        if block["type"] != "tool_use" or block["name"] in self.names:
            return None
        tool = self.tools[self.calls % len(self.tools)]
        self.calls += 1
        value = sample(tool["input_schema"]) if isinstance(tool["input_schema"], dict) else {}
        self.left[data["index"]] = json.dumps(value, ensure_ascii=False) if value else ""
        return [{**data, "content_block": {**block, "name": tool["name"]}}]

    def _delta(self, data: dict[str, Any]) -> list[dict[str, Any]] | None:
        delta, index = data["delta"], data["index"]
        if delta["type"] != "input_json_delta" or index not in self.left:
            return None
        if not delta["partial_json"]:  # the first one is empty, as on the wire
            return [data]
        text, self.left[index] = self.left[index], ""
        fragments = (text[at : at + FRAGMENT] for at in range(0, len(text), FRAGMENT))
        return [{**data, "delta": {**delta, "partial_json": fragment}} for fragment in fragments]


FRAGMENT = 8
"""Characters of a made-up input that one event carries, about as many as on the wire."""

REWRITES: dict[str, Callable[[_ToolWriter, dict[str, Any]], list[dict[str, Any]] | None]] = {
    "content_block_start": _ToolWriter._start,
    "content_block_delta": _ToolWriter._delta,
}
