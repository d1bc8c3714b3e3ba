"""The pictures of the README: ``python -m tests.tools.pictures`` makes them from a real run.

Purpose: run ``sseclaude demo`` on a pseudo-terminal, take what is left on its screen, shorten it so that a first screen
holds more than the picture, and draw it; draw a bar chart of the benchmark's results; draw what readers of the relay
got (``relay_picture``).
Rule: nothing in a picture is typed by hand except the marks where lines are left out, and none needs anything from
elsewhere: no font, no script.
"""

from __future__ import annotations

import re
from html import escape
from io import StringIO
from itertools import groupby
from pathlib import Path

import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI, TerminalTheme
from rich.text import Text

from tests.support.redis_server import WHY_NOT, binary
from tests.support.shell import Terminal
from tests.support.streams import ROOT
from tests.tools import relay_picture

PICTURES = ROOT / "docs" / "pictures"
RESULTS = ROOT / "tests" / "tools" / "bench" / "RESULTS.md"

COLUMNS, ROWS = 100, 200

GREY = (134, 142, 150)
LIGHT = TerminalTheme(
    (255, 255, 255),
    (33, 37, 41),
    [(33, 37, 41), (201, 42, 42), (43, 138, 62), (153, 102, 0), (24, 100, 171), (134, 46, 156), (11, 114, 133), GREY],
    [(73, 80, 87), (224, 49, 49), (47, 158, 68), (180, 120, 0), (28, 126, 214), (156, 54, 181), (16, 152, 173), GREY],
)

SHOWN = re.compile(r"^thinking: .*", re.MULTILINE)
"""Where the picture begins: at the demo's second answer; the first is only text."""

LEFT_OUT = (
    ("  The first token comes", "About "),
    ("But that is not", "end_turn "),
    ('    "hours"', "  }"),
    ("A lighthouse lens", "The result is"),
)
"""What the picture leaves out: the lines from one that begins so, up to one that begins so. After them there is the
table of all answers, which it leaves out too."""

MARK = "⋮"

BARS = (
    ("20,000 text events, `get_final_message()`", "text, final message"),
    ("20,000 text events, `text_stream`", "text_stream"),
    ("20,000 text events, `create(stream=True)`", "create(stream=True)"),
    ("tool input in 16,000 fragments, small objects, every snapshot read", "tool input, 16,000 fragments"),
    ("1,000 async streams at once, 200 events each, 5 ms apart", "1,000 async streams"),
)
"""The rows of the benchmark that the chart shows, each with its label."""


def screen() -> list[Text]:
    """Run the demo and return the lines that it leaves, in their styles."""
    on = Terminal("demo", rows=ROWS, columns=COLUMNS)
    assert on.end() == 0
    terminal = pyte.Screen(COLUMNS, ROWS)
    pyte.Stream(terminal).feed(re.sub(r"\x1b\[\?2026[hl]|\x1b\[2;3m", _without_dim, on.seen))
    lines = [_line(terminal, row) for row in range(ROWS)]
    while not lines[-1].plain.strip():
        lines.pop()
    start = next(at for at, line in enumerate(lines) if SHOWN.match(line.plain))
    return shortened(lines[start:])


def shortened(lines: list[Text]) -> list[Text]:
    """Return the lines without what LEFT_OUT names, a mark in its place, and without the table at the end."""
    plain = [line.plain for line in lines]
    for first, behind in LEFT_OUT:
        start = next(at for at, line in enumerate(plain) if line.startswith(first))
        end = next(at for at in range(start, len(plain)) if plain[at].startswith(behind))
        indent = len(first) - len(first.lstrip())
        kept = [Text(" " * indent + MARK)] + ([] if plain[end - 1] else [Text("")])
        lines = [*lines[:start], *kept, *lines[end:]]
        plain = [line.plain for line in lines]
    return lines[: len(plain) - plain[::-1].index("") - 1]


def _without_dim(match: re.Match[str]) -> str:
    return "\x1b[3m" if match[0].endswith("m") else ""  # pyte knows italic, not dim


def _line(terminal: pyte.Screen, row: int) -> Text:
    """Return a line of the screen as text; cells of one style are one piece."""
    cells = [terminal.buffer[row][column] for column in range(COLUMNS)]
    text = Text()
    for style, run in groupby(cells, lambda cell: Style(color=_colour(cell.fg), bold=cell.bold, italic=cell.italics)):
        text.append("".join(cell.data for cell in run), style)
    text.rstrip()
    return text


def _colour(name: str) -> str:
    """Return rich's name for a colour of pyte."""
    if re.fullmatch("[0-9a-f]{6}", name):
        return f"#{name}"
    return name.replace("brown", "yellow").replace("bright", "bright_")


def terminal_picture(lines: list[Text], theme: TerminalTheme) -> str:
    """Return an SVG of the lines."""
    console = Console(width=COLUMNS, record=True, file=StringIO(), force_terminal=True, color_system="truecolor")
    for line in lines:
        console.print(line, soft_wrap=True)
    svg = console.export_svg(title="make demo", theme=theme, unique_id="demo")
    svg = svg.replace("rgba(255,255,255,0.35)", "#868e96", 1)  # the frame, which a white page would hide
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def bars(results: str) -> str:
    """Return the bar chart of the benchmark: how many times less CPU than the official client."""
    rows = {cells[1].strip(): cells for line in results.splitlines() if len(cells := line.split("|")) > 5}
    found = [(label, rows[work][4].strip()) for work, label in BARS]
    ratios = [(label, float(re.sub(r"[^0-9.]", "", text.partition("×")[0]))) for label, text in found]
    most = max(ratio for _, ratio in ratios)
    height = 60 + 34 * len(ratios)
    shapes = [
        f'<text x="16" y="{64 + 34 * at}">{escape(label)}</text>'
        f'<rect x="230" y="{50 + 34 * at}" width="{max(400 * ratio / most, 2):.0f}" height="20" rx="3"/>'
        f'<text x="{240 + 400 * ratio / most:.0f}" y="{64 + 34 * at}">{ratio:g}×</text>'
        for at, (label, ratio) in enumerate(ratios)
    ]
    style = (
        "text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: #212529 } rect { fill: #4c9a2a } "
        "@media (prefers-color-scheme: dark) { text { fill: #e9ecef } rect { fill: #69db7c } }"
    )
    title = "times less CPU per event than the official client (higher is better)"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{height}" viewBox="0 0 720 {height}">'
        f"<title>{title}</title><style>{style}</style>"
        f'<text x="16" y="26" style="font-weight: 600">{title}</text>{"".join(shapes)}</svg>\n'
    )


def main() -> None:
    """Make all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    lines = screen()
    write(PICTURES / "demo.svg", terminal_picture(lines, LIGHT))
    write(PICTURES / "demo-dark.svg", terminal_picture(lines, MONOKAI))
    write(PICTURES / "speed.svg", bars(RESULTS.read_text(encoding="utf-8")))
    if binary() is None:
        print(f"relay.svg stays as it is: {WHY_NOT}")
    else:
        write(PICTURES / "relay.svg", relay_picture.drawn(relay_picture.run()))


def write(path: Path, svg: str) -> None:
    """Write one picture."""
    path.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
