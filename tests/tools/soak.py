"""Many streams at once, with random faults: ``python -m tests.tools.soak [--seconds N] [--streams N]``.

Purpose: see that nothing is lost and nothing is left: every stream that was begun ends in a message, in an error of
ours with a part of that message, or because it was left; threads, descriptors and memory are at the end what they were.
Rule: the server is another process, so what is measured here is the client alone. Streams are read by threads over one
client, and by tasks on asyncio, uvloop and trio at once over one async client, whose loops end and begin anew every
``ROUND`` seconds. A process of its own asks, forks, and asks in parent and child over the client that both have.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from random import Random
from typing import Any

import anyio
import sniffio

from sseclaude import Anthropic, APIError, AsyncAnthropic, Message, Timeout, assemble
from sseclaude.client import retries
from sseclaude.replay import (
    CutChunkHeader,
    Disconnect,
    Drip,
    Error,
    Garbage,
    Gzip,
    NoStop,
    Pace,
    Plan,
    ReplayServer,
    Stall,
    Status,
    Trailing,
    Truncate,
    WrongContentType,
)
from tests.support.network import ASK, KEY, STREAM, descriptors, threads

SECONDS, STREAMS = 60.0, 200
LONGEST = 30.0
"""Seconds that one stream may take: clocks, retries and pauses are far below it."""

GROWTH = 8 * 1024 * 1024
"""Bytes by which the memory may differ between a third of the time and its end."""

FAULTS: list[Plan] = [
    Status(529),
    Status(429, retry_after=0.01),
    Status(400),
    Error(after_events=0),
    Error(after_events=4),
    Disconnect(),
    Disconnect(after_events=1),
    Disconnect(after_events=6, how="reset"),
    Disconnect(after_bytes=700, how="half"),
    CutChunkHeader(3),
    Stall(2),
    Stall(3, 0.05),
    Drip(5),
    Garbage(5),
    Gzip(),
    NoStop(),
    Trailing(),
    Truncate(900),
    WrongContentType(),
]

FAULTY = 0.6
"""The share of requests that meet a fault."""

AHEAD = 300
"""Faults that wait for their requests."""

WHOLE = assemble([STREAM]).to_dict()
TEXT = assemble([STREAM]).text
READS = ("final", "text", "events", "raw")
ACTS = (*READS, *READS, "leave", "drop", "interrupt", "heartbeat")
BEAT = 0.004
"""Seconds after which a heartbeat cancels a read."""

ROUND = 2.0
"""Seconds that one event loop runs."""

LOOPS: dict[str, dict[str, Any]] = {
    "asyncio": {"backend": "asyncio"},
    "uvloop": {"backend": "asyncio", "backend_options": {"use_uvloop": True}},
    "trio": {"backend": "trio"},
}


class Counts:
    """How the streams ended, and what was wrong. Each stream that is ``begun`` ends once."""

    def __init__(self) -> None:
        self.ends: Counter[str] = Counter()
        self.begun = 0
        self.wrong: list[str] = []
        self.longest = 0.0
        self._lock = threading.Lock()

    def begin(self) -> None:
        with self._lock:
            self.begun += 1

    def end(self, how: str) -> None:
        with self._lock:
            self.ends[how] += 1


def judge(counts: Counts, message: Message | None, error: BaseException | None) -> None:
    """Account for one stream that was read to its end."""
    if error is None:
        counts.end("complete")
        if message is not None and message.to_dict() != WHOLE:
            counts.wrong.append(f"not the message: {message.to_dict()}")
    elif isinstance(error, APIError):
        counts.end(type(error).__name__)
        partial = error.partial_message
        if partial is not None and not TEXT.startswith(partial.text):
            counts.wrong.append(f"not a part of the message: {partial.text!r}")
        if partial is not None and any(
            getattr(block, "input_complete", None) and not block.input for block in partial.content
        ):
            counts.wrong.append("a tool call that was cut counts as complete")
    else:
        counts.end("wrong")
        counts.wrong.append("".join(traceback.format_exception(error)))


@contextmanager
def accounted(counts: Counts) -> Iterator[None]:
    """Account for the end of one stream, and for its time."""
    counts.begin()
    began = time.monotonic()
    try:
        yield
    except Exception as error:
        judge(counts, None, error)
    counts.longest = max(counts.longest, time.monotonic() - began)


# --- reading ---------------------------------------------------------------------------------------------------------


def read(client: Anthropic, act: str, counts: Counts) -> None:
    """Read one stream by blocking."""
    if act in ("raw", "drop"):
        stream = client.messages.create(**ASK, stream=True)
        if act == "drop":
            counts.end("dropped")
            return
        with stream:
            for _ in stream:
                pass
        judge(counts, None, None)
        return
    with client.messages.stream(**ASK) as answer:
        if act == "leave":
            next(answer.text_stream, None)
            counts.end("left")
            return
        if act == "interrupt":
            timer = threading.Timer(0.01, answer.close)
            timer.start()
            answer.until_done()
            timer.join()
            counts.end("closed")
            return
        for _ in {"text": answer.text_stream, "events": answer}.get(act, ()):
            pass
        judge(counts, answer.get_final_message(), None)


async def aread(client: AsyncAnthropic, act: str, counts: Counts) -> None:
    """Read one stream by awaiting."""
    if act in ("raw", "drop"):
        stream = await client.messages.create(**ASK, stream=True)
        if act == "drop":
            counts.end("dropped")
            return
        async with stream:
            async for _ in stream:
                pass
        judge(counts, None, None)
        return
    async with client.messages.stream(**ASK) as answer:
        if act == "leave":
            async for _ in answer.text_stream:
                break
            counts.end("left")
            return
        if act == "interrupt":  # and read on, or raise
            with anyio.move_on_after(0.01):
                await answer.until_done()
        if act == "heartbeat" and sniffio.current_async_library() == "asyncio":
            await with_heartbeats(answer, counts)
        if act in ("text", "events"):
            async for _ in answer.text_stream if act == "text" else answer:  # type: ignore[attr-defined]
                pass
        judge(counts, await answer.get_final_message(), None)


async def with_heartbeats(answer: Any, counts: Counts) -> None:
    """Take the text with reads that are cancelled again and again."""
    words: list[str] = []
    texts = answer.text_stream
    while True:
        try:
            words.append(await asyncio.wait_for(anext(texts), BEAT))
        except asyncio.TimeoutError:
            continue
        except StopAsyncIteration:
            break
    if "".join(words) != TEXT:
        counts.wrong.append(f"not the text: {words}")


def read_on(client: Anthropic, random: Random, until: float, counts: Counts) -> None:
    """One thread's work."""
    while time.monotonic() < until:
        with accounted(counts):
            read(client.with_options(max_retries=random.randrange(3)), random.choice(ACTS), counts)


async def aread_on(client: AsyncAnthropic, random: Random, until: float, counts: Counts) -> None:
    """One task's work."""
    while time.monotonic() < until:
        with accounted(counts):
            await aread(client.with_options(max_retries=random.randrange(3)), random.choice(ACTS), counts)


async def tasks_on(client: AsyncAnthropic, number: int, first: int, until: float, counts: Counts) -> None:
    """One event loop's work."""
    async with anyio.create_task_group() as tasks:
        for seed in range(number):
            tasks.start_soon(aread_on, client, Random(first + seed), until, counts)


def loops_on(name: str, client: AsyncAnthropic, number: int, first: int, until: float, counts: Counts) -> None:
    """One thread's event loops, one after the other."""
    while (now := time.monotonic()) < until:
        anyio.run(tasks_on, client, number, first, min(until, now + ROUND), counts, **LOOPS[name])
        first += number


def fork_on(url: str, seconds: float) -> None:
    """Ask over one client in a process and in the children that it forks; print how many asked, and what was wrong.

    The server makes no faults here: each answer has to be complete.
    """
    client, until, asked, wrong = Anthropic(base_url=url, **CLIENT), time.monotonic() + seconds, 0, Counter[str]()
    while time.monotonic() < until:
        wrong["an answer before forking"] += not _is_complete(client)
        children = []
        for _ in range(3):
            if (child := os.fork()) == 0:
                signal.alarm(int(LONGEST))
                os._exit(0 if _is_complete(client) else 1)
            children.append(child)
        wrong["the parent's answer"] += not _is_complete(client)
        ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        wrong["a child's answer"] += sum(end != 0 for end in ends)
        asked += 2 + len(children)
    print(json.dumps([asked, [f"{count} times {what} was not the message" for what, count in wrong.items() if count]]))


def _is_complete(client: Anthropic) -> bool:
    try:
        return client.with_options(max_retries=0).messages.create(**ASK).to_dict() == WHOLE
    except Exception:
        return False


CLIENT: dict[str, Any] = {"api_key": KEY, "timeout": Timeout(connect=5, idle=0.5, total=10)}


# --- the run ---------------------------------------------------------------------------------------------------------


def memory() -> int:
    """The bytes of this process that are in memory."""
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def run(url: str, seconds: float, streams: int, seed: int) -> tuple[Counts, list[str]]:
    """Soak, print the memory on the way, and return how streams ended and what was left."""
    counts, until = Counts(), time.monotonic() + seconds
    names = [name for name in LOOPS if find_spec(name) is not None]
    client, shared, share = Anthropic(base_url=url, **CLIENT), AsyncAnthropic(base_url=url, **CLIENT), streams // 4
    work = [threading.Thread(target=read_on, args=(client, Random(seed + n), until, counts)) for n in range(share)]
    for place, name in enumerate(names):
        args = (name, shared, share, seed + 1000 * place, until, counts)
        work.append(threading.Thread(target=loops_on, args=args))
    for name in names:
        anyio.run(anyio.sleep, 0, **LOOPS[name])  # a loop's library may keep descriptors for the process
    before, files = threads(), descriptors()
    for thread in work:
        thread.start()
    marks = [_mark(until - seconds * 2 / 3, counts), _mark(until - seconds / 3, counts), _mark(until, counts)]
    for thread in work:
        thread.join(max(0.0, until + LONGEST - time.monotonic()))
    left = [f"a thread still runs: {thread.name}" for thread in work if thread.is_alive()]
    client.close()
    anyio.run(shared.close)
    gc.collect()
    time.sleep(0.2)
    left += [f"a thread is left: {thread.name}" for thread in threads() - before if thread not in work]
    left += [f"a descriptor is left: {what}" for name, what in descriptors().items() if name not in files]
    if counts.begun != sum(counts.ends.values()):
        left.append(f"{counts.begun} streams were begun, and {sum(counts.ends.values())} ended")
    if marks[2] - marks[0] > GROWTH:
        left.append(f"the memory grew by {(marks[2] - marks[0]) / 2**20:.1f} MiB")
    return counts, left


def _mark(when: float, counts: Counts) -> int:
    time.sleep(max(0.0, when - time.monotonic()))
    used = memory()
    print(
        f"{sum(counts.ends.values()):8} streams, {used / 2**20:6.1f} MiB, {len(descriptors())} descriptors", flush=True
    )
    return used


def serve(seed: int, faulty: float) -> None:
    """Be the server: say where, and serve until the input ends; ``faulty`` is the share of requests with a fault."""
    random, over = Random(seed), threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    with ReplayServer([STREAM], pace=Pace(0, 2000)) as server:
        print(server.url, flush=True)
        while not over.wait(0.02):
            while len(server.faults) < AHEAD:
                server.faults.append(random.choice(FAULTS) if random.random() < faulty else None)


MODULE = (sys.executable, "-m", "tests.tools.soak")


@contextmanager
def served(seed: int, faulty: float) -> Iterator[str]:
    """Run a server in a process of its own, and give its address."""
    command = [*MODULE, "--seed", str(seed), "--serve", str(faulty)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.communicate()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--streams", type=int, default=STREAMS)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--fork", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--serve", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve is not None:
        serve(options.seed, options.serve)
        return 0
    retries.INITIAL_BACKOFF = 0.01
    if options.fork:
        with served(options.seed, 0) as url:
            fork_on(url, options.seconds)
        return 0
    warnings.simplefilter("ignore", ResourceWarning)  # some are dropped on purpose
    logging.getLogger("sseclaude").setLevel(logging.WARNING)
    print(f"seed {options.seed}: {options.streams} streams at once for {options.seconds:g} s", flush=True)
    command = [*MODULE, "--fork", "--seconds", str(options.seconds)]
    with served(options.seed, FAULTY) as url, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as forks:
        counts, left = run(url, options.seconds, options.streams, options.seed)
        asked, wrong = json.loads(forks.communicate()[0] or '[0, ["the process that forks failed"]]')
    left += wrong
    if counts.longest > LONGEST:
        left.append(f"a stream took {counts.longest:.0f} s")
    print(f"{counts.begun} streams were begun, the longest took {counts.longest:.1f} s; {asked} more around forks:")
    for end, count in counts.ends.most_common():
        print(f"  {count:8} {end}")
    for problem in (*counts.wrong[:10], *left):
        print(f"WRONG: {problem}")
    return 1 if counts.wrong or left else 0


if __name__ == "__main__":
    sys.exit(main())
