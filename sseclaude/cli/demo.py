"""``sseclaude demo``: four answers, streamed to the terminal by the real client.

Purpose: show in fifteen seconds what a stream brings: text, thinking, a tool's input, and an error in mid-answer.
Must not know: how answers are read or drawn.
Rule: everything that is shown has just come over HTTP.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

import click
import httpx

from ..client.client import Anthropic
from ..errors import APIError
from ..message import Message
from ..received import Timing
from ..replay import Pace, ReplayServer, Request
from .connection import connected
from .options import connection_options
from .raw_events import events
from .summary import summary
from .terminal import harmless, is_live, styled, write
from .views import view

LIKE_A_MODEL = Pace(ttft=0.6, tokens_per_second=100, jitter=0.5)

LIKE_A_PIPE = Pace(ttft=0.05, tokens_per_second=2000)
"""In a pipe no person reads along, but it is a stream all the same."""

TWICE_SECONDS = 2.0
"""Seconds within which a second Ctrl-C ends the demo."""

BREAKS = "lighthouse"
"""The word in the question whose answer breaks off."""

WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "description": "The weather of a place, hour by hour.",
    "input_schema": {
        "type": "object",
        "properties": {
            "location": {"type": "string"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            "hours": {"type": "array", "items": {"type": "integer"}},
        },
        "required": ["location"],
    },
}


class Scene(NamedTuple):
    """One request: its name, the question, and what else goes with it."""

    name: str
    question: str
    more: dict[str, Any]
    breaks: bool = False


SCENES = (
    Scene("text", "How does an answer travel from you to my screen?", {"max_tokens": 1024}),
    Scene(
        "thinking",
        "How long do 400 tokens take at 80 per second, if the first needs 0.6 s?",
        {"max_tokens": 4096, "thinking": {"type": "enabled", "budget_tokens": 2048}},
    ),
    Scene("tool call", "What will the weather in Zürich be today?", {"max_tokens": 1024, "tools": [WEATHER]}),
    Scene("overloaded", f"Why was the lens of a {BREAKS} such a clever thing?", {"max_tokens": 1024}, breaks=True),
)


class Outcome(NamedTuple):
    """How a scene ended."""

    scene: Scene
    message: Message | None
    timing: Timing | None
    error: APIError | None


@click.command()
@click.option("--live", is_flag=True, help="Ask the real API; needs a key, and costs a little.")
@click.option("--speed", type=click.FloatRange(min=0.1), default=1.0, show_default=True, help="Times as fast.")
@click.option("--model", default="claude-sonnet-4-6", show_default=True, help="The model to ask.")
@connection_options
def demo(live: bool, speed: float, model: str) -> None:
    """Stream four answers to this terminal: text, thinking, a tool call, and one that breaks in the middle.

    They come from recordings, over HTTP, from a server that this command starts. With --live the first three are asked
    of the real API. Ctrl-C skips to the next answer; twice, it ends.

    \b
      sseclaude demo
    """
    write(f"The answers come from {'the API' if live else 'recordings, over HTTP, from a server of our own'}.\n")
    with _client(live, speed) as client:
        outcomes = _play_all(client, [scene for scene in SCENES if not (live and scene.breaks)], model)
    write("\n" + "\n".join(_table(outcomes)) + "\n")


def _play_all(client: Anthropic, scenes: list[Scene], model: str) -> list[Outcome]:
    """Play the scenes. Ctrl-C skips to the next; a second one within ``TWICE_SECONDS`` raises KeyboardInterrupt."""
    outcomes: list[Outcome] = []
    skipped_at = -TWICE_SECONDS
    for scene in scenes:
        try:
            outcomes.append(_play(client, scene, model))
        except KeyboardInterrupt:
            if time.monotonic() - skipped_at < TWICE_SECONDS:
                raise
            skipped_at = time.monotonic()
    return outcomes


@contextmanager
def _client(live: bool, speed: float) -> Iterator[Anthropic]:
    if live:
        with connected() as client:
            yield client
        return
    like = LIKE_A_MODEL if is_live() else LIKE_A_PIPE
    pace = replace(like, ttft=like.ttft / speed, tokens_per_second=(like.tokens_per_second or 1) * speed)
    # No proxy that the environment names may stand between us and our own server.
    with (
        ReplayServer(pace=pace, match=_recording) as server,
        httpx.Client(trust_env=False) as http,
        Anthropic(base_url=server.url, api_key="none-needed", http_client=http) as client,
    ):
        yield client


def _recording(request: Request) -> str | None:
    """Name the recording that breaks off, for its question; for the others the server chooses."""
    return "overloaded" if BREAKS in request.body.decode("utf-8", "replace") else None


def _play(client: Anthropic, scene: Scene, model: str) -> Outcome:
    """Send a scene's question and show the answer."""
    write("\n" + styled(f"{scene.name}: {scene.question}", fg="cyan", bold=True) + "\n\n")
    message: Message | None = None
    timing = answer = error = None
    try:
        with (
            view() as shown,
            client.messages.stream(
                model=model, messages=[{"role": "user", "content": scene.question}], **scene.more
            ) as answer,
        ):
            shown.waiting("waiting for the first token")
            for event in events(answer):
                shown.feed(event)
            message = answer.get_final_message()
    except APIError as failure:
        error, message = failure, failure.partial_message
    if answer is not None:
        timing = answer.timing
    write("\n")
    for line, style in _ending(message, timing, error):
        write(styled(line + "\n", **style))
    return Outcome(scene, message, timing, error)


Line: TypeAlias = tuple[str, dict[str, Any]]
"""A line, and how it is to look."""


def _ending(message: Message | None, timing: Timing | None, error: APIError | None) -> Iterator[Line]:
    if error is not None:
        kept = len(message.text) if message is not None else 0
        yield harmless(f"The stream broke: {type(error).__name__}: {error.message}"), {"fg": "red"}
        yield f"Kept: the {kept} characters above, as error.partial_message.", {}
    if message is not None:
        yield summary(message, timing), {"dim": True}


def _table(outcomes: list[Outcome]) -> Iterator[str]:
    """Sum up: how each answer ended, its tokens, the time to its first token."""
    yield f"{'':12}{'stop reason':>18}{'tokens in':>11}{'out':>6}{'first token':>13}{'in all':>9}"
    for scene, message, timing, error in outcomes:
        usage = message.usage if message is not None else None
        reason = getattr(error, "type", None) or (message.stop_reason if message is not None else None) or "none"
        counts = f"{usage.input_tokens:>11}{usage.output_tokens:>6}" if usage is not None else f"{'':17}"
        first = f"{timing.first_token:.2f} s" if timing is not None and timing.first_token is not None else ""
        total = f"{timing.total:.2f} s" if timing is not None and timing.total is not None else ""
        yield harmless(f"{scene.name:12}{reason:>18}{counts}{first:>13}{total:>9}")
