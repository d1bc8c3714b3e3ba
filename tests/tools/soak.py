"""Many streams at once, with random faults: ``python -m tests.tools.soak [--seconds N] [--streams N]``.

Purpose: see that nothing is lost and nothing is left: every stream ends in a message, in an error of ours with a part
of that message, or because it was left; and threads, descriptors and memory are at the end what they were.
Rule: the server is another process, so what is measured here is the client alone. A third of the streams is read by
threads, a third by tasks on asyncio, a third by tasks on trio, all of them over one client for each.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import subprocess
import sys
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import anyio

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
ACTS = (*READS, *READS, "leave", "drop", "interrupt")


class Counts(Counter[str]):
    """How the streams ended, and what was wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.longest = 0.0


def judge(counts: Counts, message: Message | None, error: BaseException | None) -> None:
    """Account for one stream that was read to its end."""
    if error is None:
        counts["whole"] += 1
        if message is not None and message.to_dict() != WHOLE:
            counts.wrong.append(f"not the message: {message.to_dict()}")
    elif isinstance(error, APIError):
        counts[type(error).__name__] += 1
        partial = error.partial_message
        if partial is not None and not TEXT.startswith(partial.text):
            counts.wrong.append(f"not a part of the message: {partial.text!r}")
        if partial is not None and any(
            getattr(block, "input_complete", None) and not block.input for block in partial.content
        ):
            counts.wrong.append("a tool call that was cut counts as complete")
    else:
        counts.wrong.append("".join(traceback.format_exception(error)))


@contextmanager
def accounted(counts: Counts) -> Iterator[None]:
    """Account for whatever one stream comes to, and for its time."""
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
            counts["dropped"] += 1
            return
        with stream:
            for _ in stream:
                pass
        judge(counts, None, None)
        return
    with client.messages.stream(**ASK) as answer:
        if act == "leave":
            next(answer.text_stream, None)
            counts["left"] += 1
            return
        if act == "interrupt":
            timer = threading.Timer(0.01, answer.close)
            timer.start()
            answer.until_done()
            timer.join()
            counts["closed"] += 1
            return
        for _ in {"text": answer.text_stream, "events": answer}.get(act, ()):
            pass
        judge(counts, answer.get_final_message(), None)


async def aread(client: AsyncAnthropic, act: str, counts: Counts) -> None:
    """Read one stream by awaiting."""
    if act in ("raw", "drop"):
        stream = await client.messages.create(**ASK, stream=True)
        if act == "drop":
            counts["dropped"] += 1
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
            counts["left"] += 1
            return
        if act == "interrupt":
            with anyio.move_on_after(0.01):
                await answer.until_done()
            counts["cancelled"] += 1
            return
        if act in ("text", "events"):
            async for _ in answer.text_stream if act == "text" else answer:  # type: ignore[attr-defined]
                pass
        judge(counts, await answer.get_final_message(), None)


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


async def tasks_on(url: str, number: int, first: int, until: float, counts: Counts) -> None:
    """One event loop's work."""
    async with AsyncAnthropic(base_url=url, **CLIENT) as client, anyio.create_task_group() as tasks:
        for seed in range(number):
            tasks.start_soon(aread_on, client, Random(first + seed), until, counts)


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
    client, share = Anthropic(base_url=url, **CLIENT), streams // 3
    work = [threading.Thread(target=read_on, args=(client, Random(seed + n), until, counts)) for n in range(share)]
    for backend, number in (("asyncio", share), ("trio", streams - 2 * share)):
        args = (tasks_on, url, number, seed + 1000 * len(backend), until, counts)
        work.append(threading.Thread(target=anyio.run, args=args, kwargs={"backend": backend}))
    before, files = threads(), descriptors()
    for thread in work:
        thread.start()
    marks = [_mark(until - seconds * 2 / 3, counts), _mark(until - seconds / 3, counts), _mark(until, counts)]
    for thread in work:
        thread.join(max(0.0, until + LONGEST - time.monotonic()))
    left = [f"a thread still runs: {thread.name}" for thread in work if thread.is_alive()]
    client.close()
    gc.collect()
    time.sleep(0.2)
    left += [f"a thread is left: {thread.name}" for thread in threads() - before if thread not in work]
    left += [f"a descriptor is left: {what}" for name, what in descriptors().items() if name not in files]
    if marks[2] - marks[0] > GROWTH:
        left.append(f"the memory grew by {(marks[2] - marks[0]) / 2**20:.1f} MiB")
    return counts, left


def _mark(when: float, counts: Counts) -> int:
    time.sleep(max(0.0, when - time.monotonic()))
    used = memory()
    print(f"{sum(counts.values()):8} streams, {used / 2**20:6.1f} MiB, {len(descriptors())} descriptors", flush=True)
    return used


def serve(seed: int) -> None:
    """Be the server: say where, and serve until the input ends, one fault or none for each request."""
    random, over = Random(seed), threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    with ReplayServer([STREAM], pace=Pace(0, 2000)) as server:
        print(server.url, flush=True)
        while not over.wait(0.02):
            while len(server.faults) < AHEAD:
                server.faults.append(random.choice(FAULTS) if random.random() < FAULTY else None)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--streams", type=int, default=STREAMS)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.seed)
        return 0
    warnings.simplefilter("ignore", ResourceWarning)  # some are dropped on purpose
    logging.getLogger("sseclaude").setLevel(logging.WARNING)
    retries.INITIAL_BACKOFF = 0.01
    command = [sys.executable, "-m", "tests.tools.soak", "--serve", "--seed", str(options.seed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        print(f"seed {options.seed}: {options.streams} streams at once for {options.seconds:g} s", flush=True)
        counts, left = run(server.stdout.readline().strip(), options.seconds, options.streams, options.seed)
        server.communicate()
    if counts.longest > LONGEST:
        left.append(f"a stream took {counts.longest:.0f} s")
    print(f"{sum(counts.values())} streams ended, the longest took {counts.longest:.1f} s:")
    for told, count in counts.most_common():
        print(f"  {count:8} {told}")
    for problem in (*counts.wrong[:10], *left):
        print(f"WRONG: {problem}")
    return 1 if counts.wrong or left else 0


if __name__ == "__main__":
    sys.exit(main())
