"""``sseclaude timeline``: when a stream's events came, as a picture.

Purpose: draw lanes of events over time, in the terminal or as SVG.
Must not know: how times are measured.
Rule: only measured times are drawn: a recording without times has no picture.
"""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from ..replay.recording import Recording
from .chart import chart
from .files import recordings
from .terminal import harmless, say
from .timing import Times, measure

HEIGHTS = "▁▂▃▄▅▆▇█"
TICKS = 6

STYLES = {"text": "green", "thinking": "magenta", "tool_use": "cyan", "ping": "dim", "error": "red"}
"""The colour of a lane, by the last word of its name."""


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("-o", "--output", metavar="FILE.svg", type=click.Path(dir_okay=False), help="Draw into an SVG file.")
def timeline(file: str, output: str | None) -> None:
    """Draw when a stream's events came: time to first token, gaps, rates. FILE is a recording with its times.

    \b
      sseclaude messages create --record answer.sse ... ; sseclaude timeline answer.sse
    """
    if output and not output.endswith(".svg"):
        raise click.UsageError(f"-o {output}: only .svg can be drawn")
    recording = recordings([file])[0]
    if not recording.chunks:
        raise click.UsageError(f"{file} has no times: {recording.name}.timing.json is missing (--record writes it)")
    times = measure(recording)
    if not output:
        _draw(Console(), recording, times)
        return
    figures = _figures(recording, times)
    lines = [" · ".join(line.plain for line in figures[:2]), " · ".join(line.plain for line in figures[2:])]
    Path(output).write_text(chart(recording.name, times, lines), encoding="utf-8")
    say(f"drawn into {output}")


def _draw(console: Console, recording: Recording, times: Times) -> None:
    label = max(map(len, times.lanes), default=0) + 2
    width = max(console.width - label - 8, 20)
    console.print(Text(harmless(recording.name), "bold"), *_figures(recording, times), sep="\n")
    console.print()
    for name, moments in times.lanes.items():
        style = STYLES.get(name.rpartition(" ")[2], "blue")
        lane = Text(_bar(moments, times.total, width), style)
        console.print(Text(harmless(name).ljust(label)) + lane + Text(f"{len(moments):6}", "dim"), soft_wrap=True)
    console.print(Text(" " * label + _axis(times.total, width), "dim"), soft_wrap=True)


def _figures(recording: Recording, times: Times) -> list[Text]:
    first = f"{times.first_token:.2f} s" if times.first_token is not None else "never"
    gap = times.longest_gap
    lines = [
        f"first byte {times.first_byte:.2f} s · first token {first} · total {times.total:.2f} s",
        f"longest gap {gap.seconds:.2f} s, from {gap.at:.2f} s on",
        f"{times.events} events, {len(recording.body)} bytes in {len(times.chunks)} chunks",
    ]
    if times.tokens_per_second is not None and times.message is not None:
        lines.append(f"{times.message.usage.output_tokens} output tokens, {times.tokens_per_second:.0f} a second")
    if times.error is not None:
        lines.append(harmless(f"ends in {type(times.error).__name__}: {times.error.message}"))
    return [Text(line) for line in lines]


def _bar(moments: list[float], total: float, width: int) -> str:
    """Draw how many events came in each stretch of time: the taller, the more."""
    counts = [0] * width
    for moment in moments:
        counts[_column(moment, total, width)] += 1
    most = max(counts)
    return "".join(HEIGHTS[(count * len(HEIGHTS) - 1) // most] if count else " " for count in counts)


def _column(moment: float, total: float, width: int) -> int:
    return min(int(moment / total * width), width - 1) if total else 0


def _axis(total: float, width: int) -> str:
    """Write the times below, from 0 to the end."""
    axis = [" "] * (width + 8)
    for tick in range(TICKS):
        moment = total * tick / (TICKS - 1)
        at = _column(moment, total, width)
        axis[at : at + 7] = f"{moment:.2f} s".ljust(7)
    return "".join(axis).rstrip()
