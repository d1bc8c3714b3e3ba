"""The table: what is compared with what, and what is to be reached.

Purpose: ``GROUPS``. The jobs of a group are measured in turn, round after round, so that whatever slows the machine
slows all of them.
Must not know: how anything is measured.
Rule: a goal is a floor for a ratio of two figures of one run; figures of different runs are never compared.
"""

from __future__ import annotations

from math import inf
from typing import Literal, NamedTuple

OURS, OFFICIAL, HTTPX, HTTPX_SSE, FLOOR = "sseclaude", "anthropic", "httpx", "httpx-sse", "pydantic-core"
BASE = "httpx and pydantic"


class Job(NamedTuple):
    """One thing to measure: the work's name, the side that does it, and how much of it. ``{:,}`` in texts is size."""

    side: str
    work: str
    size: int = 1


class Goal(NamedTuple):
    """What the ratio of two figures is to be: so many times cheaper than the other, or at most so many times it."""

    kind: Literal["cheaper", "at most"]
    bound: float

    def ratio(self, ours: float, theirs: float) -> float:
        """Return the ratio that the goal speaks of; infinite against a figure too small to be measured."""
        over, under = (theirs, ours) if self.kind == "cheaper" else (ours, theirs)
        return over / under if under else inf

    def met(self, ratio: float) -> bool:
        return ratio >= self.bound if self.kind == "cheaper" else ratio <= self.bound


class Row(NamedTuple):
    """One line of the table: our figure and another, and the goal for their ratio, if there is one.

    ``kind`` is how the ratio is written, also where no bound is set. ``figure`` is what is compared: CPU time, or
    memory.
    """

    text: str
    ours: Job
    theirs: Job
    kind: Literal["cheaper", "at most"]
    bound: float | None = None
    figure: Literal["us", "ms", "kib"] = "us"


class Group(NamedTuple):
    """Rows that are measured together. ``fresh`` gives each job a process of its own: its memory is to be measured."""

    rows: list[Row]
    fresh: bool = False

    @property
    def jobs(self) -> list[Job]:
        """What is to be measured for the rows, each once."""
        return list(dict.fromkeys(job for row in self.rows for job in (row.ours, row.theirs)))


def against_official(text: str, work: str, size: int, bound: float | None) -> Row:
    return Row(text, Job(OURS, work, size), Job(OFFICIAL, work, size), "cheaper", bound)


def groups(*, quick: bool = False) -> list[Group]:
    """Return the table; ``quick`` makes it small enough for twenty seconds, without goals: they are for whole sizes."""
    few = 5 if quick else 1
    table = [*in_process(few), *tool_json(few), decoders(few), *loopback(few), imports(), *growth(few)]
    return [each._replace(rows=[row._replace(bound=None) for row in each.rows]) for each in table] if quick else table


def in_process(few: int) -> list[Group]:
    size = 20_000 // few
    text = f"{size:,} text events, "
    final, floor = f"{text}`get_final_message()`", Job(FLOOR, "from_json", size)
    return [
        Group(
            [
                against_official(final, "final_message", size, 45),
                Row(f"{final}, against reading their JSON alone", Job(OURS, "final_message", size), floor, "at most"),
                Row(f"{final}, the same in 64 KiB chunks", Job(OURS, "final_message_64k", size), floor, "at most"),
            ]
        ),
        Group([against_official(f"{text}`text_stream`", "text_stream", size, 30)]),
        Group([against_official(f"{text}all events, every `.snapshot` read", "text_snapshots", size, 12)]),
        Group([against_official(f"{size:,} thinking events, the same", "thinking_snapshots", size, 12)]),
        Group([against_official(f"{text}`create(stream=True)`", "wire_events", size, 6)]),
    ]


def tool_json(few: int) -> list[Group]:
    size, large = 4_000 // few, 16_000 // few
    objects, string = "small objects, every snapshot read", "one long string, every snapshot read"
    end = "small objects, read at the end"
    rows = [
        against_official(f"tool input in {size:,} fragments, {objects}", "objects_snapshots", size, 18),
        against_official(f"tool input in {large:,} fragments, {objects}", "objects_snapshots", large, 75),
        against_official(f"tool input in {size:,} fragments, {string}", "string_snapshots", size, 13),
        against_official(f"tool input in {size:,} fragments, {end}", "objects_at_the_end", size, 100),
    ]
    return [Group([row]) for row in rows]


def decoders(few: int) -> Group:
    size = 20_000 // few
    text = f"decoder alone, {size:,} events, "
    one, large = "decode", "decode_64k"
    return Group(
        [
            Row(text + "one a chunk", Job(OURS, one, size), Job(HTTPX_SSE, one, size), "cheaper", 2),
            Row(text + "64 KiB chunks", Job(OURS, large, size), Job(HTTPX_SSE, large, size), "cheaper", 2),
        ]
    )


def loopback(few: int) -> list[Group]:
    size, slow, many = 20_000 // few, 2_000 // few, 1_000 // few
    full = f"one stream over loopback, {size:,} events at full rate"
    apart = f"the same, {slow:,} events 400 µs apart, so that no side falls behind"
    together = f"{many:,} async streams at once, 200 events each, 5 ms apart"
    memory = Row(
        f"{many:,} async streams at once, memory for each",
        Job(OURS, "many_streams", many),
        Job(OFFICIAL, "many_streams", many),
        "at most",
        1,
        "kib",
    )
    passed_in = against_official(f"{together}, an httpx2 client passed in", "many_streams_httpx2", many, 1.7)
    return [
        Group(against_both(full, "full_rate", size, 0.75, 12)),
        Group(against_both(apart, "each_alone", slow, 0.85, 4.5)),
        Group([against_official(together, "many_streams", many, 3), memory], fresh=True),
        Group([passed_in], fresh=True),
    ]


def against_both(text: str, work: str, size: int, most: float, cheaper: float) -> list[Row]:
    bare = Row(f"{text}, against raw bytes", Job(OURS, work, size), Job(HTTPX, work, size), "at most", most)
    return [bare, against_official(text, work, size, cheaper)]


def imports() -> Group:
    ours = Job(OURS, "import")
    text = "import, build a client, look at `assemble`"
    return Group(
        [
            Row(text, ours, Job(BASE, "import"), "at most", 1.45, "ms"),
            Row(text + ", against the import alone", ours, Job(OFFICIAL, "import"), "cheaper", 5, "ms"),
        ],
    )


def growth(few: int) -> list[Group]:
    return [
        Group([grown("text events, `get_final_message()`", "final_message", 100_000 // few, 5_000 // few)]),
        Group([grown("fragments, read at the end", "objects_at_the_end", 64_000 // few, 4_000 // few)]),
        Group([grown("fragments, every snapshot read", "objects_snapshots", 64_000 // few, 4_000 // few, 1.2)]),
    ]


def grown(text: str, work: str, large: int, small: int, bound: float | None = 1.3) -> Row:
    return Row(f"{large:,} {text}, against {small:,}", Job(OURS, work, large), Job(OURS, work, small), "at most", bound)
