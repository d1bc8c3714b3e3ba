"""What is said of the figures: the table, and the file that keeps it.

Purpose: lines of the table from what was measured; RESULTS.md; ``bench_table``, the part of it that README shows.
Must not know: how anything was measured.
Rule: what was missed is shown like what was met, and what could not be measured says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path

from . import environment
from .measure import JobError, Measured, spread
from .rows import OURS, Goal, Job, Row

RESULTS = Path(__file__).parent / "RESULTS.md"
HEADS = ("work", "sseclaude", "the other", "ratio", "goal", "met", "rounds, spread")
UNITS = {"us": "µs", "ms": "ms", "kib": "KiB"}
NAMES = {"anthropic": "official client", "pydantic-core": "`from_json`"}
REPORTED = {"cheaper": "{} cheaper", "at most": "{}"}
BOUNDS = {"cheaper": "≥ {:g}×", "at most": "≤ {:g}×"}

EXPLAINED = """\
CPU time per event (imports: in all; memory: KiB per stream), medians of rounds in which all sides took turns, each in \
a process of its own, on one interpreter. A row has at least three rounds, and more while its spread is above 5 % \
(half the distance of the quartiles of the ratio, round by round, as a part of the median). In process, a mock \
transport yields one event a chunk, as a live stream does. Over loopback, the time is the client's process's alone. \
The relay's rows are the server's process's, with the event loop's and the HTTP server's share; their goals are what \
it promises."""


def line(row: Row, measured: dict[Job, Measured], rounds: int) -> tuple[str, ...]:
    """Return a row's cells."""
    who = NAMES.get(row.theirs.side, row.theirs.side)
    bound = "" if row.bound is None else BOUNDS[row.kind].format(row.bound)
    try:
        ours, theirs = (measured[job].median(row.figure) for job in (row.ours, row.theirs))
    except JobError as failure:
        return (row.text, "", "" if row.theirs.side == OURS else who, f"not measured: {failure}", bound, "", "")
    reported = shown(theirs, row.figure)
    other = reported if row.theirs.side == OURS else f"{who}: {reported}"
    goal = Goal(row.kind, row.bound or 0)
    ratio = goal.ratio(ours, theirs)
    met = "" if row.bound is None else "yes" if goal.met(ratio) else "**no**"
    wide = spread(row, measured)
    counted = str(rounds) if wide is None else f"{rounds}, ± {wide * 100:.0f} %"
    return (row.text, shown(ours, row.figure), other, REPORTED[row.kind].format(times(ratio)), bound, met, counted)


def shown(value: float, figure: str) -> str:
    """Return a figure with its unit, in three digits or so."""
    return f"{value:,.{2 if value < 10 else 1 if value < 100 else 0}f} {UNITS[figure]}"


def times(ratio: float) -> str:
    return f"{ratio:.{2 if ratio < 3 else 1 if ratio < 20 else 0}f}×"


def table(lines: Iterable[tuple[str, ...]]) -> str:
    """Return the lines as a Markdown table whose columns stand below each other."""
    cells = [HEADS, *lines]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADS))]
    rows = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in cells]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def described(lines: Iterable[tuple[str, ...]], versions: Mapping[str, str], command: str, python: str) -> str:
    """Return the table with all that one must know of the run."""
    day = datetime.now(timezone.utc).date()
    packages = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"""{EXPLAINED}

`{command}`, {day}, Python {python}, {packages}; {environment.machine()}.

{table(lines)}
"""


def document(described: str) -> str:
    """Return RESULTS.md."""
    return f"# What streaming costs\n\nWritten by `make bench`.\n\n<!-- table -->\n\n{described}\n<!-- end -->\n"


def table_of(document: str) -> str:
    """Return what RESULTS.md keeps: the table, and what there is to know of it. Raises ValueError without one."""
    kept = re.search(r"<!-- table -->\n(.*)<!-- end -->", document, re.DOTALL)
    if kept is None:
        raise ValueError(f"{RESULTS.name} holds no table: run make bench")
    return kept[1].strip()


def bench_table() -> str:
    """Return the last full run's table as Markdown, for README. Raises ValueError without one."""
    return table_of(RESULTS.read_text(encoding="utf-8"))
