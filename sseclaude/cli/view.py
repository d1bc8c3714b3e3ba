"""A message as a person reads it while it comes.

Purpose: ``Live`` for a terminal, ``Plain`` for a pipe; both are fed a stream's events.
Must not know: where the events come from, or what the command does with the message.
Rule: every word that came stays on the screen, also when the stream breaks; none acts on the terminal. Drawing costs
per refresh, not per token.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeAlias

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.highlighter import JSONHighlighter
from rich.live import Live as RichLive
from rich.markdown import Markdown
from rich.padding import Padding
from rich.segment import Segment
from rich.spinner import Spinner
from rich.text import Text
from typing_extensions import Self

from ..events import FrozenModel
from ..partial_json import PartialJSON
from .terminal import harmless, is_live, is_terminal, write

REFRESHES = 12
"""Redraws per second: smooth to the eye, and cheap however fast the tokens come."""

INDENT = 2

TOOLS = {"tool_use": "tool", "server_tool_use": "server tool", "mcp_tool_use": "MCP tool"}
GROWTH = {"text": "text", "thinking": "thinking", "input_json": "partial_json"}
"""The derived events that bring more of a block, and the field that holds it."""

KIND_OF = {"text": "text", "thinking": "thinking", "input_json": "tool_use"}
"""The block that such an event is for if none is open."""


class Part:
    """One block on the screen: what it is, and the pieces of its text."""

    def __init__(self, kind: str, name: str = "") -> None:
        self.kind = kind
        self.title = harmless(f"{TOOLS[kind]} {name}" if kind in TOOLS else kind)
        self.pieces: list[str] = []
        self._parser = PartialJSON()
        self._parsed = 0

    def takes(self, kind: str) -> bool:
        """Whether such an event may be for this block; one of unknown type takes them all."""
        own = "tool_use" if self.kind in TOOLS else self.kind
        return own == KIND_OF[kind] or own not in KIND_OF.values()

    @property
    def text(self) -> str:
        """All that has come."""
        return "".join(self.pieces)

    def tail(self, characters: int) -> str:
        """Return at least so many characters of the end, from the beginning of a line if there is one in reach.

        Wrapped from the same beginning at each look, the lines stay where they are while the text grows.
        """
        taken, size = len(self.pieces), 0
        while taken and size < 2 * characters:
            taken -= 1
            size += len(self.pieces[taken])
        text = "".join(self.pieces[taken:])
        line = text.find("\n", 0, len(text) - characters) if taken and len(text) > characters else -1
        return text[line + 1 :]

    def value(self) -> Any:
        """Return the JSON value so far; only the drawing thread asks."""
        end = len(self.pieces)
        self._parser.feed("".join(self.pieces[self._parsed : end]))
        self._parsed = end
        return self._parser.value


class View:
    """What both views share: which block an event is for."""

    def __init__(self) -> None:
        self._open: dict[int | None, Part] = {}
        self._index: int | None = None

    def feed(self, event: FrozenModel) -> None:
        """Show an event."""
        kind = event.type  # type: ignore[attr-defined]
        if kind in GROWTH:
            part = self._part(kind)
            piece = getattr(event, GROWTH[kind])
            part.pieces.append(piece)
            self.grew(part, piece)
        elif kind in STEPS:
            STEPS[kind](self, event)

    def _part(self, kind: str) -> Part:
        """Return the part that grows: the one at the last delta's index, else the last one open that such events fit.

        If there is none, a delta has opened a block without a start.
        """
        at = self._open.get(self._index)
        fitting = [part for part in (*self._open.values(), at) if part is not None and part.takes(kind)]
        return fitting[-1] if fitting else self._begin(None, Part(KIND_OF[kind]))

    def _begin(self, index: int | None, part: Part) -> Part:
        if index in self._open:
            self._end(index, None)
        self._open[index] = part
        self.begun(part)
        return part

    def _start(self, event: Any) -> None:
        self._start_block(event.index, event.content_block)

    def _start_block(self, index: int | None, block: Any) -> None:
        part = self._begin(index, Part(block.type, str(getattr(block, "name", ""))))
        given = getattr(block, block.type, None) if block.type in KIND_OF.values() else None
        if isinstance(given, str) and given:  # words that came with the start
            part.pieces.append(given)
            self.grew(part, given)

    def _early(self, event: Any) -> None:
        """Show what message_start holds already; the first party sends nothing there."""
        for block in event.message.content:
            self._start_block(None, block)
            self._end(None, block)

    def _delta(self, event: Any) -> None:
        self._index = event.index

    def _stop(self, event: Any) -> None:
        if event.index in self._open:
            self._end(event.index, getattr(event, "content_block", None))

    def _end(self, index: int | None, block: Any) -> None:
        self.ended(self._open.pop(index), block)

    def end_all(self) -> None:
        """End what is open: nothing more will come for it."""
        while self._open:
            self._end(next(iter(self._open)), None)

    def begun(self, part: Part) -> None:
        """A block has begun."""

    def grew(self, part: Part, piece: str) -> None:
        """A block has grown by a piece, which it holds already."""

    def ended(self, part: Part, block: Any) -> None:
        """A block has ended; ``block`` is what it has become, None if it was cut."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end_all()


STEPS: dict[str, Callable[[View, Any], None]] = {
    "message_start": View._early,
    "content_block_start": View._start,
    "content_block_delta": View._delta,
    "content_block_stop": View._stop,
    "message_stop": lambda view, _: view.end_all(),
}


class Plain(View):
    """Words as they come, for pipes and for terminals that cannot do more; ``words_only``: the answer's text alone."""

    def __init__(self, *, words_only: bool = False) -> None:
        super().__init__()
        self._words_only = words_only
        self._clean: Callable[[str], str] = harmless if is_terminal() else str
        self._last: Part | None = None
        self._at_line_start = True

    def grew(self, part: Part, piece: str) -> None:
        """Write the piece."""
        if self._words_only and part.kind != "text":
            return
        if part is not self._last:
            self._head(part)
        self._put(piece)

    def _head(self, part: Part) -> None:
        if self._last is not None and not (self._last.kind == part.kind == "text"):
            self._put("\n" if self._at_line_start else "\n\n")
        if part.kind != "text":
            self._put(f"[{part.title}]\n")
        self._last = part

    def ended(self, part: Part, block: Any) -> None:
        """Name a block that came whole."""
        if not part.pieces and part.kind != "text" and not self._words_only:
            self._head(part)

    def _put(self, text: str) -> None:
        if text:
            write(self._clean(text))
            self._at_line_start = text.endswith("\n")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        super().__exit__(kind, error, at)
        if not self._at_line_start:
            self._put("\n")


class Harmless:
    """Draws something else, its control characters shown: what Markdown makes of an entity is looked at too."""

    def __init__(self, inner: RenderableType) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for text, style, control in console.render(self._inner, options):
            yield Segment(text if control else harmless(text), style, control)


class Live(View):
    """The growing block at the bottom of a terminal; above it those that have ended, as they will stay."""

    def __init__(self, waiting: str = "waiting for the first token") -> None:
        super().__init__()
        self._console = Console(highlight=False)
        self._growing: Part | None = None
        self._held: Part | None = None
        self._printed = False
        self._spinner: RenderableType | None = Spinner("dots", Text(waiting, style="dim"), style="cyan")
        self._live = RichLive(
            get_renderable=self._draw, console=self._console, refresh_per_second=REFRESHES, transient=True
        )

    def _draw(self) -> RenderableType:
        """Draw the block that grows; the refreshing thread calls this, so it only reads what is appended to."""
        part = self._growing
        if part is None:
            return self._spinner or Text("")
        draw: Draw = GROWING.get(part.kind, _draw_title)
        return draw(part, self._console)

    def begun(self, part: Part) -> None:
        """Show it at the bottom. Text behind text goes on where that ended: citations cut sentences into blocks."""
        if self._held is not None and part.kind == "text":
            part.pieces, self._held = self._held.pieces, None
        self._leave_held()
        self._growing, self._spinner = part, None

    def grew(self, part: Part, piece: str) -> None:
        """The next refresh will show it."""
        self._growing = part

    def ended(self, part: Part, block: Any) -> None:
        """Leave it above in its final form; whole text waits, for more text may follow."""
        if part.kind == "text" and block is not None:
            self._leave_held()
            self._held = part
        else:
            self._leave(part, block)

    def end_all(self) -> None:
        """Leave all above."""
        super().end_all()
        self._leave_held()

    def _leave_held(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._leave(held, held)

    def _leave(self, part: Part, block: Any) -> None:
        if self._growing is part:
            self._growing = None
        if self._printed:
            self._console.print()
        self._printed = True
        self._console.print(ENDED.get(part.kind, _draw_title)(part, block))

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self.end_all()
        finally:
            self._spinner = None
            self._live.stop()


# --- how blocks are drawn ------------------------------------------------------------------------------------------


def _last_lines(part: Part, console: Console, indent: int = 0) -> str:
    """Return the end of a part's text that fits the screen, wrapped as it will be drawn."""
    width, height = console.width - indent, _room(console)
    lines = Text(harmless(part.tail(width * height))).wrap(console, width)
    return "\n".join(line.plain for line in lines[-height:])


def _room(console: Console) -> int:
    """Return how many lines a growing block may have: no more than the screen can take back."""
    return max(console.height - 4, 1)


def _draw_words(part: Part, console: Console) -> RenderableType:
    return Text(_last_lines(part, console))


def _draw_thinking(part: Part, console: Console) -> RenderableType:
    return _set_apart(part, Text(_last_lines(part, console, INDENT), "dim italic"))


def _draw_input(part: Part, console: Console) -> RenderableType:
    value = part.value()
    shown = "" if value is None else json.dumps(value, indent=2, ensure_ascii=False)
    return _set_apart(part, _json("\n".join(harmless(shown).split("\n")[-_room(console) :])))


def _draw_title(part: Part, *_: Any) -> RenderableType:
    return Text(part.title, "bold magenta dim")


def _set_apart(part: Part, body: RenderableType) -> RenderableType:
    return Group(_draw_title(part), Padding(body, (0, 0, 0, INDENT)))


def _json(text: str) -> Text:
    shown = Text(text)
    JSONHighlighter().highlight(shown)
    return shown


def _end_words(part: Part, block: Any) -> RenderableType:
    # A cut text is no whole Markdown; links are shown by their address, so that none leads elsewhere than it says.
    return Text(harmless(part.text)) if block is None else Harmless(Markdown(part.text, hyperlinks=False))


def _end_thinking(part: Part, block: Any) -> RenderableType:
    return _set_apart(part, Text(harmless(part.text) or "(not shown)", "dim italic"))


def _end_input(part: Part, block: Any) -> RenderableType:
    if block is None or not getattr(block, "input_complete", False):
        return _set_apart(part, Group(Text(harmless(part.text)), Text("(incomplete)", "yellow")))
    return _set_apart(part, _json(harmless(json.dumps(block.input, indent=2, ensure_ascii=False))))


Draw: TypeAlias = Callable[[Part, Console], RenderableType]

GROWING: dict[str, Draw] = {
    "text": _draw_words,
    "thinking": _draw_thinking,
    **dict.fromkeys(TOOLS, _draw_input),
}
"""How a block is drawn while it grows."""

ENDED: dict[str, Callable[[Part, Any], RenderableType]] = {
    "text": _end_words,
    "thinking": _end_thinking,
    **dict.fromkeys(TOOLS, _end_input),
}
"""How a block is drawn when it has ended; ``block`` is None if it was cut."""


def view(**plain: Any) -> View:
    """Return the view that suits stdout."""
    return Live() if is_live() else Plain(**plain)
