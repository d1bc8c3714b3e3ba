"""A recording's timeline as an SVG chart.

Purpose: ``chart`` draws what ``timing`` measured: a lane for each block, gaps, pings, and tokens per second.
Rule: the file is complete in itself (no font, script or picture from elsewhere) and legible on a light and on a dark
background. Each mark has a title, which a browser shows when the pointer rests on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import pairwise

from .terminal import harmless
from .timing import Times

WIDTH = 960
LABEL = 170
LANE = 26
TOP = 74
RATE = 70
TICKS = 8
BUCKETS = 60

GAP_SHARE = 0.04
"""A silence of at least this share of the total is drawn as a gap."""

COLOURS = {
    "text": "#2f9e44",
    "thinking": "#9c36b5",
    "tool_use": "#1c7ed6",
    "message": "#868e96",
    "ping": "#868e96",
    "error": "#e03131",
}
OTHER = "#e8590c"

STYLE = """\
text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: #212529 } .dim { fill: #6c757d; font-size: 12px }
.ground { fill: #ffffff } .grid { stroke: #dee2e6 } .gap { fill: #f1f3f5 } .rate { fill: #74c0fc; opacity: .7 }
@media (prefers-color-scheme: dark) { text { fill: #e9ecef } .dim { fill: #adb5bd } .ground { fill: #16181d }
.grid { stroke: #343a40 } .gap { fill: #23272e } .rate { fill: #1971c2 } }"""


def chart(name: str, times: Times, figures: list[str]) -> str:
    """Return the SVG text; ``figures`` are the lines of numbers above the lanes."""
    bottom = TOP + LANE * len(times.lanes)
    height = bottom + RATE + 40
    inner = [
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
        _text(16, 26, name, "font-weight: 600; font-size: 15px"),
        *(_text(16, 46 + 16 * at, line, css="dim") for at, line in enumerate(figures[:2])),
        *_gaps(times, bottom),
        *_axis(times, bottom),
        *_lanes(times),
        *_rate(times, bottom),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}">\n'
        f"<title>{escape(harmless(name))}</title><style>{STYLE}</style>\n" + "\n".join(inner) + "\n</svg>\n"
    )


def _text(x: float, y: float, text: str, style: str = "", css: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" style="{style}">{escape(harmless(text))}</text>'


def _x(moment: float, times: Times) -> float:
    return LABEL + (WIDTH - LABEL - 70) * (moment / times.total if times.total else 0)


def _titled(shape: str, title: str) -> str:
    return f"<{shape}><title>{escape(harmless(title))}</title></{shape.partition(' ')[0]}>"


def _gaps(times: Times, bottom: float) -> Iterator[str]:
    """Shade the long silences, from lane to lane."""
    moments = [0.0, *times.chunks]
    for before, after in pairwise(moments):
        if after - before >= GAP_SHARE * times.total and after > before:
            x, width = _x(before, times), _x(after, times) - _x(before, times)
            shape = f'rect class="gap" x="{x:.1f}" y="{TOP}" width="{width:.1f}" height="{bottom - TOP}"'
            yield _titled(shape, f"no byte for {after - before:.2f} s, from {before:.2f} s")


def _axis(times: Times, bottom: float) -> Iterator[str]:
    for tick in range(TICKS + 1):
        moment = times.total * tick / TICKS
        x = _x(moment, times)
        yield f'<path class="grid" d="M{x:.1f} {TOP}V{bottom + RATE}"/>'
        yield _text(x - 14, bottom + RATE + 20, f"{moment:.2f} s", css="dim")


def _lanes(times: Times) -> Iterator[str]:
    """Draw each lane as a bar from its first event to its last, and each event as a mark on it."""
    for row, (name, moments) in enumerate(times.lanes.items()):
        y = TOP + LANE * row
        colour = COLOURS.get(name.rpartition(" ")[2], OTHER)
        first, last = _x(moments[0], times), _x(moments[-1], times)
        yield _text(16, y + 17, name)
        yield _text(WIDTH - 60, y + 17, str(len(moments)), css="dim")
        if name not in ("ping", "message", "error"):
            size = f'x="{first:.1f}" y="{y + 5}" width="{max(last - first, 2):.1f}" height="{LANE - 10}"'
            title = f"{name}: {len(moments)} events, {moments[0]:.2f} to {moments[-1]:.2f} s"
            yield _titled(f'rect {size} rx="3" fill="{colour}" opacity="0.35"', title)
        for moment in moments:
            x = _x(moment, times)
            shape = (
                f'rect x="{x - 0.75:.1f}" y="{y + 5}" width="1.5" height="{LANE - 10}" fill="{colour}"'
                if name[:1].isdigit()
                else f'circle cx="{x:.1f}" cy="{y + LANE / 2}" r="4" fill="{colour}"'
            )
            yield _titled(shape, f"{name} at {moment:.3f} s")


def _rate(times: Times, bottom: float) -> Iterator[str]:
    """Draw tokens per second below the lanes, in equal stretches of time."""
    width = times.total / BUCKETS
    counts = [0.0] * BUCKETS
    for moment, tokens in times.tokens:
        counts[min(int(moment / width), BUCKETS - 1) if width else 0] += tokens
    most = max(counts)
    yield _text(16, bottom + RATE - 24, "tokens per second")
    if not (most and width):
        return
    yield _text(16, bottom + RATE - 8, f"up to {most / width:.0f}", css="dim")
    for at, count in enumerate(counts):
        if count:
            x, tall = _x(at * width, times), (RATE - 14) * count / most
            size = f'x="{x:.1f}" y="{bottom + RATE - tall:.1f}" width="{_x(width, times) - LABEL:.1f}"'
            title = f"{count / width:.0f} tokens per second at {at * width:.2f} s"
            yield _titled(f'rect class="rate" {size} height="{tall:.1f}"', title)
