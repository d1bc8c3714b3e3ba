"""The README's picture of the relay: three readers of one answer, drawn from a real run.

Purpose: ``run`` lets one reader stay, one reload in mid-answer and one come late, at two processes' worth of relays on
one Redis, and notes when each event came; ``drawn`` makes an SVG of that.
Rule: every dot is an event that a reader got, at the time when it got it.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import NamedTuple

from sseclaude import SSEDecoder
from sseclaude.relay import RedisLog
from sseclaude.replay import Pace, ReplayServer, answer
from tests.support.redis_server import redis_server
from tests.support.serving import EVENTS, Serving, serving

WORDS = "An answer belongs to no reader: it goes on while they leave, and is there when they come back. " * 8
PACE = Pace(ttft=0.3, tokens_per_second=45)
RELOAD_AT, AWAY = 12, 1.1
LATE = 2.8
"""The event after which one reader reloads, for how many seconds it is away, and how late another one comes."""

WIDTH, LEFT, RIGHT, TOP, LANE = 760, 24, 736, 84, 62


class Visit(NamedTuple):
    """What a reader got in one connection: when it asked, after which event, and the events with their times."""

    began: float
    after: int
    events: list[tuple[float, int]]


class Lane(NamedTuple):
    """A reader."""

    text: str
    visits: list[Visit]


def visit(relay: Serving, id: str, after: int, upto: int | None, origin: float) -> Visit:
    """Follow an answer from an event on, up to another one or to its end."""
    found = Visit(time.monotonic() - origin, after, [])
    decoder = SSEDecoder()
    headers = {**EVENTS, "last-event-id": str(after)}
    with relay.http.stream("GET", f"/v1/messages/{id}", headers=headers) as response:
        for chunk in response.iter_raw():
            now = time.monotonic() - origin
            found.events.extend((now, int(event.id)) for event in decoder.feed(chunk))
            if upto is not None and found.events[-1][1] >= upto:
                break
    return found


def run() -> list[Lane]:
    """Let the three read, and return what they got."""
    with (
        tempfile.TemporaryDirectory() as folder,
        redis_server(Path(folder)) as url,
        ReplayServer(answer(WORDS), pace=PACE) as claude,
        serving(claude, make_log=lambda: RedisLog(url)) as one,
        serving(claude, make_log=lambda: RedisLog(url)) as other,
    ):
        origin = time.monotonic()
        id = one.start()
        lanes = [
            Lane("stays, at process A", []),
            Lane("reloads in mid-answer, at process A", []),
            Lane("opens the address later, at process B", []),
        ]

        def stay() -> None:
            lanes[0].visits.append(visit(one, id, 0, None, origin))

        def reload() -> None:
            lanes[1].visits.append(visit(one, id, 0, RELOAD_AT, origin))
            time.sleep(AWAY)
            lanes[1].visits.append(visit(one, id, lanes[1].visits[0].events[-1][1], None, origin))

        def come_late() -> None:
            time.sleep(LATE)
            lanes[2].visits.append(visit(other, id, 0, None, origin))

        readers = [threading.Thread(target=each) for each in (stay, reload, come_late)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    return lanes


# --- the picture -----------------------------------------------------------------------------------------------------

STYLE = (
    "text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: #212529 } .soft { fill: #6c757d; font-size: 12px } "
    ".head { font-weight: 600 } line { stroke: #ced4da; stroke-width: 2 } .there { stroke: #1c7ed6 } "
    "circle { fill: #1c7ed6 } .end { fill: none; stroke: #2f9e44; stroke-width: 2.5 } "
    "@media (prefers-color-scheme: dark) { text { fill: #e9ecef } .soft { fill: #adb5bd } line { stroke: #495057 } "
    ".there { stroke: #4dabf7 } circle { fill: #4dabf7 } .end { fill: none; stroke: #69db7c } }"
)
TITLE = "One answer, read from Claude once; every reader gets every event once"


Scale = Callable[[float], float]


def drawn(lanes: list[Lane]) -> str:
    """Return the picture."""
    seconds = max(at for lane in lanes for each in lane.visits for at, _ in each.events)
    height = TOP + LANE * len(lanes) + 4

    def x(at: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * at / seconds, 1)

    shapes = [_lane(lane, TOP + LANE * number, x) for number, lane in enumerate(lanes)]
    axis = "".join(
        f'<text class="soft" x="{x(second):g}" y="52" text-anchor="middle">{second} s</text>'
        for second in range(1, int(seconds) + 1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}">'
        f"<title>{TITLE}</title><style>{STYLE}</style>"
        f'<text class="head" x="{LEFT}" y="26">{TITLE}</text>{axis}{"".join(shapes)}'
        f'<text x="{RIGHT}" y="26" text-anchor="end">message_stop</text>{_dot(RIGHT - 108, 21, 0)}</svg>\n'
    )


def _lane(lane: Lane, y: int, x: Scale) -> str:
    line = f'<line x1="{LEFT}" y1="{y + 22}" x2="{RIGHT}" y2="{y + 22}"/>'
    parts = [f'<text x="{LEFT}" y="{y}">{escape(lane.text)}</text>', line]
    last_at = 0.0
    for each in lane.visits:
        last_at = each.events[-1][0]
        parts.append(f'<line class="there" x1="{x(each.began):g}" y1="{y + 22}" x2="{x(last_at):g}" y2="{y + 22}"/>')
        at_once = sum(at == each.events[0][0] for at, _ in each.events)
        if at_once > 2:  # message_start and the block's start come together anyway
            said = f"last-event-id: {each.after}, {at_once} at once" if each.after else f"{at_once} at once"
            parts.append(f'<text class="soft" x="{x(each.began):g}" y="{y + 8}">{said}</text>')
        parts += [_dot(x(at), y + 22, number) for at, number in each.events]
    parts.append(_dot(x(last_at), y + 22, 0))
    return f"<g>{''.join(parts)}</g>"


def _dot(x: float, y: int, number: int) -> str:
    """An event; number 0 is the mark of the answer's end, around the last one."""
    if not number:
        return f'<circle class="end" cx="{x:g}" cy="{y}" r="7"/>'
    return f'<circle cx="{x:g}" cy="{y}" r="4"><title>{number}</title></circle>'
