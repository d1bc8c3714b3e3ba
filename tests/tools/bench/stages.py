"""Where the time goes: what each stage of the pipeline costs, alone and on the way.

Purpose: ``profile``, the text of ``--profile``. Each stage is run by itself on what the stage before it hands on.
Must not know: other clients.
Rule: what no stage accounts for is shown as the rest of the whole, so that the lines add up.
"""

from __future__ import annotations

import gc
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from .environment import variables
from .measure import JobError, Measured, bench
from .rows import HTTPX, OURS, Group, Job, Row, groups

EVENTS = 20_000
ROUNDS = 9
SOCKET_SECONDS = 15.0


def profile(python: str) -> str:
    """Return what each stage costs, in process and over loopback."""
    command = (python, "-m", "tests.tools.bench.stages")
    done = subprocess.run(command, env=variables(), capture_output=True, text=True, check=True)
    return f"{done.stdout}\n{over_loopback(python)}"


def over_loopback(python: str) -> str:
    """Return what httpx costs over a socket, and what we do."""
    rows = [row for group in groups() for row in group.rows if row.theirs.side == HTTPX]
    with bench(python) as measuring:
        table = measuring.measure([Group([row]) for row in rows], time.perf_counter() + SOCKET_SECONDS)
    return "\n".join(reported(row, progress.measured) for row, progress in zip(rows, table, strict=True))


def reported(row: Row, measured: Mapping[Job, Measured]) -> str:
    """Return what a row over loopback has cost."""
    try:
        ours, raw = measured[row.ours].median("us"), measured[row.theirs].median("us")
    except JobError as failure:
        return f"{row.text}: not measured: {failure}"
    return f"{row.text}: httpx {raw:.2f} µs, we {ours:.2f} µs"


# --- in process: runs in the environment with the peers -----------------------------------------------------------


def stages() -> dict[str, Callable[[], object]]:
    """Return each stage as what is to be timed: one pass over the stream's events."""
    from sseclaude.assembler import MessageAssembler
    from sseclaude.derived_events import events_of
    from sseclaude.events import build, read, read_plain
    from sseclaude.reader import StreamReader
    from sseclaude.sse import SSEDecoder

    from . import streams, works

    chunks = streams.text(EVENTS).frames
    frames = SSEDecoder().feed(b"".join(chunks))
    data = [frame.raw for frame in frames]
    bodies = [read(each) for each in data]
    steps = list(_steps(StreamReader(wants_events=True), chunks))
    client = works.client_of(OURS, chunks)
    return {
        "httpx, over a mock transport": lambda: _raw(chunks),
        "decoder": lambda: _each(SSEDecoder().feed_fields, chunks),
        "JSON": lambda: _each(read, data),
        "JSON to wire events": lambda: _each(lambda each: read_plain(each) or build(read(each)), data),
        "assembler": lambda: _each(MessageAssembler().apply, bodies),
        "reader": lambda: _skim(StreamReader(), chunks),
        "derived events": lambda: _each(events_of, steps),
        "get_final_message()": lambda: works.final_message(client),
        "text_stream": lambda: works.text_stream(client),
        "every event": lambda: works.snapshots(client),
    }


def _raw(chunks: Sequence[bytes]) -> int:
    import httpx

    class Body(httpx.SyncByteStream):
        def __iter__(self) -> Any:
            yield from chunks

    client = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, stream=Body())))
    with client.stream("POST", "http://localhost/") as response:
        return sum(len(chunk) for chunk in response.stream)  # type: ignore[union-attr, misc]


def _each(function: Callable[[Any], object], arguments: Iterable[Any]) -> None:
    for argument in arguments:
        function(argument)


def _skim(reader: Any, chunks: Sequence[bytes]) -> None:
    for chunk in chunks:
        if reader.likely.take(chunk) is None:
            reader.feed(chunk)
            reader.skim()


def _steps(reader: Any, chunks: Sequence[bytes]) -> Any:
    for chunk in chunks:
        reader.feed(chunk)
        while (step := reader.step()) is not None:
            yield step


def timed() -> dict[str, float]:
    """Return the median of each stage, in CPU microseconds per event; the stages take turns."""
    costs: dict[str, list[float]] = {}
    prepared = stages()
    gc.collect()
    gc.freeze()  # what is prepared here for all stages is not alive in a program
    for _ in range(ROUNDS):
        for name, stage in prepared.items():
            begin = time.process_time()
            stage()
            costs.setdefault(name, []).append((time.process_time() - begin) / EVENTS * 1e6)
    return {name: median(each) for name, each in costs.items()}


def lines(cost: dict[str, float]) -> list[str]:
    """Return the stages of each way to read, and the rest that no stage accounts for."""
    own = {"reader's own": cost["reader"] - sum(cost[name] for name in ("decoder", "JSON", "assembler"))}
    core = ("httpx, over a mock transport", "decoder", "JSON", "assembler")
    events = ("httpx, over a mock transport", "decoder", "JSON to wire events", "assembler", "derived events")
    passed = {"get_final_message()": core, "text_stream": core, "every event": events}
    ways = {way: {**{name: cost[name] for name in names}, **own} for way, names in passed.items()}
    text = [f"{EVENTS:,} text events in process, one a chunk (CPU µs per event, medians of {ROUNDS})"]
    for way, parts in ways.items():
        rest = {"face, body and the rest": cost[way] - sum(parts.values()), "in all": cost[way]}
        text += [
            "",
            way,
            *(f"  {name:<32}{each:6.2f}{each / cost[way]:7.0%}" for name, each in {**parts, **rest}.items()),
        ]
    return text


if __name__ == "__main__":
    print("\n".join(lines(timed())))
