"""A crowd of followers over two replicas: ``python -m tests.tools.relay_crowd [--answers N] [--followers N]``.

Purpose: see that every follower of an answer, leaving and coming back at random on either replica, gets the numbers
1…N once each, in order, with the bytes that Claude sent.
Rule: real processes only: a redis-server, two ``sseclaude relay``, the replay server as Claude. It ends by itself, and
exits 1 if a follower saw anything else.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from sseclaude import ServerSentEvent, SSEDecoder
from sseclaude.replay import Pace, ReplayServer, load
from tests.support.redis_server import redis_server

QUESTION: dict[str, Any] = {
    "model": "m",
    "max_tokens": 1024,
    "stream": True,
    "messages": [{"role": "user", "content": "?"}],
}
READY = 20.0
"""Seconds that a replica has to listen."""

PATIENCE = 300.0
"""Seconds that the crowd has."""


@contextlib.contextmanager
def replica(redis: str, claude: str) -> Iterator[int]:
    """Run ``sseclaude relay`` on a free port and give the port."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    command = [sys.executable, "-m", "sseclaude", "relay", "--redis", redis, "--port", str(port)]
    environment = {**os.environ, "ANTHROPIC_BASE_URL": claude, "ANTHROPIC_API_KEY": "any"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            ends = time.monotonic() + READY
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200:
                        break
                assert time.monotonic() < ends, "a replica does not listen"
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()


async def follow(port: int, id: str, after: int, events: int | None) -> list[ServerSentEvent]:
    """Read an answer's events from one replica over HTTP/1.0: ``events`` of them, or all if None."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    seen: list[ServerSentEvent] = []
    try:
        writer.write(
            f"GET /v1/messages/{id} HTTP/1.0\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n"
            f"last-event-id: {after}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 204"):
            return seen
        if head.startswith(b"HTTP/1.1 503"):  # the log was not reached: "retry-after: 1"
            await asyncio.sleep(1)
            return seen
        assert head.startswith(b"HTTP/1.1 200"), head
        decoder = SSEDecoder()
        while (events is None or len(seen) < events) and (data := await reader.read(65536)):
            seen += [event for event in decoder.feed(data) if event.id]
        return seen if events is None else seen[:events]
    finally:
        writer.close()


async def follower(ports: tuple[int, int], id: str, returns: int, seed: int) -> list[ServerSentEvent]:
    """Follow an answer to its end, leaving ``returns`` times after a few events, and coming back on either replica."""
    dice = random.Random(seed)
    seen: list[ServerSentEvent] = []
    for _ in range(returns):
        seen += await follow(dice.choice(ports), id, len(seen), dice.randrange(1, 20))
        await asyncio.sleep(dice.random() / 5)
    while not seen or seen[-1].event not in ("message_stop", "error"):
        seen += await follow(dice.choice(ports), id, len(seen), None)
    return seen


async def crowd(ports: tuple[int, int], answers: int, followers: int, returns: int) -> int:
    """Start the answers, let all followers read, and return how many saw anything but 1…N in order."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        ids = []
        for number in range(answers):
            url = f"http://127.0.0.1:{ports[number % 2]}/v1/messages"
            body = {**QUESTION, "metadata": {"user_id": str(number)}}
            answer = await client.post(url, json=body, headers={"prefer": "respond-async", "x-api-key": "any"})
            assert answer.status_code == 202, answer.text
            ids.append(answer.json()["id"])
    everyone = (follower(ports, ids[number % answers], returns, number) for number in range(followers))
    found = await asyncio.wait_for(asyncio.gather(*everyone), PATIENCE)
    wire = [(event.event, event.data) for event in SSEDecoder().feed(load(None)[0].body) if event.event != "ping"]
    return sum(
        [(event.event, event.data) for event in each] != wire or [event.id for event in each] != numbers(len(wire))
        for each in found
    )


def numbers(count: int) -> list[str]:
    """The ids 1…N."""
    return [str(number) for number in range(1, count + 1)]


def main() -> None:
    """Run the crowd and print what it saw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--answers", type=int, default=20)
    parser.add_argument("--followers", type=int, default=4000)
    parser.add_argument("--returns", type=int, default=5)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        redis_server(Path(folder)) as redis,
        ReplayServer([load(None)[0]], pace=Pace(ttft=0.2, tokens_per_second=10)) as claude,
        replica(redis, claude.url) as one,
        replica(redis, claude.url) as other,
    ):
        began = time.monotonic()
        wrong = asyncio.run(crowd((one, other), options.answers, options.followers, options.returns))
        seconds = time.monotonic() - began
    print(f"{options.followers} followers of {options.answers} answers, {options.returns} returns each: {wrong} wrong")
    print(f"{seconds:.0f} s")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
