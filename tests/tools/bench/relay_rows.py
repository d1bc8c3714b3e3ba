"""The relay's rows: what its followers and producers cost, beside the figures that it promises.

Purpose: ``lines`` measures and returns lines of the table.
Must not know: how the relay works.
Rule: where no redis-server is found, its rows are left out, and the table says so. They are measured with this
interpreter, for the relay's packages are the development environment's.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from urllib.request import ProxyHandler, build_opener

from tests.support.redis_server import WHY_NOT, binary, redis_server

from .relay_works import asked
from .worker import PATH, raise_file_limit

MOST_OVER_BARE = 1.3
MOST_EXTRA_US = 150
MOST_BEHIND_MS = 5
MOST_IDLE_KIB = 30
"""What the relay promises (docs/relay.md, "What it costs")."""

Line = tuple[str, ...]


class Sizes(NamedTuple):
    """How much is measured."""

    followers: int = 200
    events: int = 60
    pause_ms: float = 15.0
    """So far apart that the servers send each event alone, even on a busy machine."""
    idle: int = 1000
    produced: int = 200
    produced_pause_ms: float = 3.0
    rounds: int = 2


WARM_UP = Sizes(followers=5, events=20, pause_ms=1.0)
"""What a server is asked first: what is imported and built at first use is not what a follower costs."""

QUICK = Sizes(followers=20, events=50, idle=100, produced=50, rounds=1)


def lines(*, quick: bool = False) -> list[Line]:
    """Measure the relay and return its lines; what cannot be measured says why."""
    sizes = QUICK if quick else Sizes()
    raise_file_limit()
    with ExitStack() as stack:
        redis = ""
        if binary() is not None:
            redis = stack.enter_context(redis_server(Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        claude = f"http://127.0.0.1:{stack.enter_context(program('claude'))}"
        found = [tried(followed, claude, sizes), tried(idle, claude, sizes), tried(produced, claude, redis, sizes)]
        if redis:
            found.append(tried(behind, redis, sizes))
        else:
            found.append([unmeasured("producer on Redis, and latency between replicas", WHY_NOT)])
    made = [line for each in found for line in each]
    return [(*line[:4], "", "", line[6]) for line in made] if quick else made  # the goals are for whole sizes


def tried(measure: Any, *arguments: Any) -> list[Line]:
    """Return what a measurement returns, or a line that says why there is none."""
    try:
        done: list[Line] = measure(*arguments)
        return done
    except (OSError, ValueError, AssertionError, subprocess.SubprocessError, asyncio.IncompleteReadError) as error:
        why = f"{type(error).__name__}: {PATH.sub('', str(error))}"[:120]
        return [unmeasured(measure.__doc__.partition(".")[0], why)]


def unmeasured(what: str, why: str) -> Line:
    return (f"relay: {what}", "", "", f"not measured: {why}", "", "", "")


# --- the rows --------------------------------------------------------------------------------------------------------


def followed(claude: str, sizes: Sizes) -> list[Line]:
    """CPU per event and follower."""
    costs: dict[str, list[float]] = {"relay": [], "bare": []}
    with ExitStack() as stack:
        ports = {side: stack.enter_context(program(side, claude)) for side in costs}
        for port in ports.values():
            asyncio.run(crowd(port, WARM_UP))
        for _ in range(sizes.rounds):
            bodies = set()
            for side, port in ports.items():
                began = used(port)["seconds"]
                bodies.add(asyncio.run(crowd(port, sizes)))
                seconds = used(port)["seconds"] - began
                costs[side].append(seconds / (sizes.followers * sizes.events) * 1e6)
            assert len(bodies) == 1, "the servers did not send the same"
    ours, theirs = median(costs["relay"]), median(costs["bare"])
    text = f"relay: {sizes.followers} followers of one answer of {sizes.events} events, CPU per event and follower"
    goal = (f"≤ {MOST_OVER_BARE}×", met(ours / theirs <= MOST_OVER_BARE))
    other = f"bare Starlette app: {theirs:.1f} µs"
    return [(text, f"{ours:.1f} µs", other, f"{ours / theirs:.2f}×", *goal, str(sizes.rounds))]


def idle(claude: str, sizes: Sizes) -> list[Line]:
    """Memory of an idle follower."""
    with program("relay", claude) as port:
        kib = asyncio.run(waiting(port, sizes.idle))
    goal = (f"≤ {MOST_IDLE_KIB} KiB", met(kib <= MOST_IDLE_KIB))
    return [(f"relay: {sizes.idle:,} idle followers, memory for each", f"{kib:.1f} KiB", "", "", *goal, "1")]


def produced(claude: str, redis: str, sizes: Sizes) -> list[Line]:
    """Producer's extra cost."""
    count, pause_ms = sizes.produced, sizes.produced_pause_ms
    costs = json.loads(output("producer", claude, redis, str(count), str(pause_ms), str(sizes.rounds)))
    text = f"relay: producer, {count} events {pause_ms:g} ms apart, CPU per event beyond the client's, "
    made = []
    for side, name in (("memory", "`MemoryLog`"), ("redis", "`RedisLog`")):
        if side in costs:
            extra = costs[side] - costs["alone"]
            goal = (f"≤ {MOST_EXTRA_US} µs", met(extra <= MOST_EXTRA_US))
            client = f"the client alone: {costs['alone']:.0f} µs"
            made.append((text + name, f"{extra:+.0f} µs", client, "", *goal, str(sizes.rounds)))
    return made


def behind(redis: str, sizes: Sizes) -> list[Line]:
    """Latency between replicas."""
    ms = json.loads(output("replicas", redis, str(sizes.produced)))
    text = "relay: a follower on another replica, behind one on the producer's (median)"
    return [(text, f"{ms:.2f} ms", "", "", f"≤ {MOST_BEHIND_MS} ms", met(ms <= MOST_BEHIND_MS), "1")]


def met(good: bool) -> str:
    return "yes" if good else "**no**"


# --- programs and readers --------------------------------------------------------------------------------------------


@contextmanager
def program(name: str, *arguments: str) -> Iterator[int]:
    """Run one of ``relay_works`` that listens, and give its port."""
    with subprocess.Popen(command(name, *arguments), env=variables(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def output(name: str, *arguments: str) -> str:
    """Run one of ``relay_works`` that ends, and return what it prints."""
    done = subprocess.run(
        command(name, *arguments), env=variables(), capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        raise ValueError(done.stderr.strip().rpartition("\n")[2])
    return done.stdout


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "tests.tools.bench.relay_works", *words]


def variables() -> dict[str, str]:
    """The environment without proxies and keys."""
    left_out = ("_PROXY", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL")
    return {name: value for name, value in os.environ.items() if not name.upper().endswith(left_out)}


def used(port: int) -> dict[str, float]:
    """What a server's process has used so far."""
    with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{port}/used", timeout=20) as answer:
        return dict(json.load(answer))


async def start(port: int, question: dict[str, Any]) -> str:
    """Start an answer, and return its path."""
    body = json.dumps(question).encode()
    head = f"POST /v1/messages HTTP/1.0\r\nprefer: respond-async\r\ncontent-length: {len(body)}\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode() + body)
    said = (await reader.read()).decode()
    writer.close()
    if "\r\nlocation: " not in said:
        raise ValueError(said[:80])
    return said.partition("\r\nlocation: ")[2].split("\r\n")[0]


async def open_stream(port: int, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Begin to follow, and read the head."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.0\r\naccept: text/event-stream\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def crowd(port: int, sizes: Sizes) -> bytes:
    """Let all followers read the same answer to its end, and return what every one of them has got."""
    path = await start(port, asked(sizes.events, sizes.pause_ms))

    async def follow() -> bytes:
        reader, writer = await open_stream(port, path)
        body = await reader.read()
        writer.close()
        return body

    bodies = await asyncio.gather(*(follow() for _ in range(sizes.followers)))
    assert len(set(bodies)) == 1, "the followers did not get the same"
    return bodies[0]


async def waiting(port: int, count: int) -> float:
    """Let followers wait for an answer that says nothing more, and return the KiB that each of them took."""
    path = await start(port, asked(2, 0))
    few = [await open_stream(port, path) for _ in range(20)]  # what is built once, for the first
    before = await asyncio.to_thread(used, port)
    many = [await open_stream(port, path) for _ in range(count)]
    await asyncio.sleep(0.5)
    after = await asyncio.to_thread(used, port)
    for _, writer in (*few, *many):
        writer.close()
    if not after["kib"]:
        raise ValueError("this system does not say how much memory a process has")
    return (after["kib"] - before["kib"]) / count
