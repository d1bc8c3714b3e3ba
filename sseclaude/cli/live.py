"""The view for a terminal: finished paragraphs in the scrollback, the unfinished one at the bottom.

Purpose: ``Live`` draws a message while it comes, and says what it waits for until then.
Rule: a finished paragraph is printed once, rendered, and never drawn again. Only the unfinished paragraph is redrawn, a
few times a second, however fast the tokens come, and in its final form, so that nothing moves when it is finished.
The cursor stays on its first line, so that a redraw erases what is below, and a resize leaves nothing behind.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import dropwhile
from types import TracebackType
from typing import Any, TypeAlias

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.control import Control
from rich.highlighter import JSONHighlighter
from rich.live import Live as RichLive
from rich.live_render import LiveRender
from rich.markdown import Markdown
from rich.padding import Padding
from rich.segment import ControlType, Segment
from rich.spinner import Spinner
from rich.text import Text
from typing_extensions import Self

from .retry_notice import retries_shown
from .terminal import harmless
from .view import TOOLS, Part, View

REFRESHES = 12
"""Redraws per second: smooth to the eye, and cheap however fast the tokens come."""

INDENT = 2

BEGIN_UPDATE, END_UPDATE = "\x1b[?2026h", "\x1b[?2026l"
"""Synchronized update: a terminal that knows it shows what is between in one step; others ignore it."""

NO_WRAP, WRAP = "\x1b[?7l", "\x1b[?7h"
ERASE_BELOW = "\r\x1b[J"

PARAGRAPH = "\n\n"


class _FromTheTop(LiveRender):
    """Draws lines, and leaves the cursor on the first of them.

    A terminal that is resized wraps its lines anew or cuts them, and a program cannot know which of the two, but the
    cursor stays on its line. So lines are not counted: what is below the cursor is erased. While they are drawn the
    terminal wraps none, so that they are as many as expected even if it has become narrower a moment ago.
    """

    def position_cursor(self) -> Control:
        """Erase what was drawn."""
        return _control("" if self._shape is None else ERASE_BELOW)

    def restore_cursor(self) -> Control:
        """Erase what was drawn, for good; older versions of rich have begun a new line before."""
        return _control(ERASE_BELOW if hasattr(LiveRender, "last_render_height") else "\x1b[1A" + ERASE_BELOW)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self.renderable, options, pad=False)
        self._shape = (0, 0)  # for rich, there is nothing to move over
        yield _control(NO_WRAP).segment
        for line in lines:
            yield from line
            yield Segment.line()
        up = f"\x1b[{len(lines)}A" if lines else ""
        yield _control(up + WRAP).segment


def _control(codes: str) -> Control:
    """Return control codes that rich has no names for."""
    control = Control()
    control.segment = Segment(codes, None, [(ControlType.CARRIAGE_RETURN,)])  # anything, so that it is taken for one
    return control


class _Synchronized(RichLive):
    """Rich's live display; each redraw reaches the screen in one step."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._live_render = _FromTheTop(self.get_renderable())
        self._in_one_step = False

    def refresh(self) -> None:
        """Redraw."""
        with self.update_in_one_step():
            super().refresh()

    @contextmanager
    def update_in_one_step(self) -> Iterator[None]:
        """Hold the screen back while it is changed; a change within another is part of that."""
        with self._lock:
            if self._in_one_step:
                yield
                return
            self._in_one_step = True
            self.console.file.write(BEGIN_UPDATE)
            yield
            self.console.file.write(END_UPDATE)
            self.console.file.flush()
            self._in_one_step = False


class Harmless:
    """Draws another renderable, its control characters made visible, also those that Markdown makes of an entity.

    Without the empty lines that Markdown draws above a list, and without spaces at the end of a line, which a terminal
    that becomes narrower would wrap to empty lines.
    """

    def __init__(self, inner: RenderableType) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = [_without_end(line) for line in console.render_lines(self._inner, options, pad=False)]
        for line in dropwhile(lambda line: not line, lines):
            yield from line
            yield Segment.line()


def _without_end(line: list[Segment]) -> list[Segment]:
    """Return a line harmless, and without the spaces at its end that have no colour."""
    shown = [Segment(harmless(text), style, control) for text, style, control in line if not control]
    while shown and not (shown[-1].style and shown[-1].style.bgcolor) and not shown[-1].text.strip(" "):
        shown.pop()
    if shown and not (shown[-1].style and shown[-1].style.bgcolor):
        text, style, _ = shown[-1]
        shown[-1] = Segment(text.rstrip(" "), style)
    return shown


class LastLines:
    """Draws the last lines of another renderable: no more than the terminal can erase again."""

    def __init__(self, inner: RenderableType) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self._inner, options.update(height=None), pad=False)
        for line in lines[-max(console.height - 5, 1) :]:
            yield from line
            yield Segment.line()


class Live(View):
    """The unfinished paragraph at the bottom of a terminal; above it the finished ones."""

    def __init__(self) -> None:
        super().__init__()
        self._console = Console(highlight=False)
        self._growing: Part | None = None
        self._held: Part | None = None
        self._printed = False
        self._spinner: Spinner | None = None
        self._reason: str | Callable[[], str] = ""
        self._retries = ExitStack()
        self.waiting("connecting")
        self._live = _Synchronized(
            get_renderable=self._draw, console=self._console, refresh_per_second=REFRESHES, transient=True
        )

    def waiting(self, reason: str | Callable[[], str]) -> None:
        """Show a spinner with the reason, until a block begins."""
        self._reason, self._spinner = reason, Spinner("dots", style="cyan")

    def _draw(self) -> RenderableType:
        """Draw the paragraph that grows; the refreshing thread calls this, so it only reads what is appended to."""
        part = self._growing
        if part is None:
            return self._draw_spinner()
        draw: Draw = GROWING.get(part.kind, _draw_title)
        drawn = LastLines(draw(part, part.text[part.printed :]))
        return Group("", drawn) if self._printed else drawn  # set apart as it will be when it is printed

    def _show_retry(self, text: Callable[[], str]) -> None:
        self.waiting(text)
        self._live.refresh()

    def _draw_spinner(self) -> RenderableType:
        spinner, reason = self._spinner, self._reason
        if spinner is None:
            return Group()
        spinner.update(text=Text(reason if isinstance(reason, str) else reason(), style="dim"))
        return spinner

    def begun(self, part: Part) -> None:
        """Show the block at the bottom. Text after text goes on in its paragraph: citations split sentences."""
        if self._held is not None and part.kind == "text":
            part.pieces, part.printed, self._held = self._held.pieces, self._held.printed, None
        self._leave_held()
        self._growing, self._spinner = part, None

    def grew(self, part: Part, piece: str) -> None:
        """Print the paragraphs that the piece finished; the next refresh shows the rest."""
        self._growing = part
        if "\n" in piece and part.kind in FINISHED:
            text = part.text
            if PARAGRAPH in text[part.printed :]:
                self._print(part, text, part.printed + _finished(part.kind, text[part.printed :]))

    def ended(self, part: Part, block: Any) -> None:
        """Print the block in its final form. Complete text waits, for more text may follow."""
        if part.kind == "text" and block is not None:
            self._leave_held()
            self._held = part
        else:
            self._leave(part, block)

    def end_all(self) -> None:
        """Print all blocks in their final form."""
        super().end_all()
        self._leave_held()

    def _leave_held(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._leave(held, held)

    def _leave(self, part: Part, block: Any) -> None:
        with self._live.update_in_one_step():
            if self._growing is part:
                self._growing = None
                self._live.refresh()
            if part.printed and not part.text[part.printed :].strip():
                return  # all of it is printed
            self._separate()
            self._console.print(ENDED.get(part.kind, _draw_title)(part, block))

    def _print(self, part: Part, text: str, end: int) -> None:
        """Print the text up to ``end`` for good."""
        if end <= part.printed:
            return
        with self._live.update_in_one_step():
            self._separate()
            finished = FINISHED[part.kind](part, text[part.printed : end])
            part.printed = end
            self._live.refresh()
            self._console.print(finished)

    def _separate(self) -> None:
        if self._printed:
            self._console.print()
        self._printed = True

    def __enter__(self) -> Self:
        self._retries.enter_context(retries_shown(self._show_retry))
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._retries.close()
        try:
            self.end_all()
        finally:
            self._spinner = None
            self._live.stop()


# --- how blocks are drawn ------------------------------------------------------------------------------------------


def _finished(kind: str, text: str) -> int:
    """Return how many characters of a text are finished paragraphs: all before its last block of Markdown."""
    if kind != "text":
        return text.rfind(PARAGRAPH) + len(PARAGRAPH)
    starts = [token.map[0] for token in Markdown(text).parsed if token.level == 0 and token.map]
    return sum(map(len, text.splitlines(keepends=True)[: starts[-1]])) if starts else 0


def _markdown(part: Part, text: str) -> RenderableType:
    # Links are shown by their address, so that none leads elsewhere than it says.
    return Harmless(Markdown(text, hyperlinks=False))


def _thinking(part: Part, text: str) -> RenderableType:
    return _titled(part, Text(harmless(text.strip("\n")), "dim italic"))


def _draw_input(part: Part, text: str) -> RenderableType:
    value = part.value()
    return _titled(part, _json(harmless("" if value is None else json.dumps(value, indent=2, ensure_ascii=False))))


def _draw_title(part: Part, *_: Any) -> RenderableType:
    return Text(part.title, "bold magenta dim")


def _titled(part: Part, body: RenderableType) -> RenderableType:
    """Set a block apart: indented, and its title above its first paragraph."""
    indented = Padding(body, (0, 0, 0, INDENT))
    return indented if part.printed else Group(_draw_title(part), indented)


def _json(text: str) -> Text:
    shown = Text(text)
    JSONHighlighter().highlight(shown)
    return shown


def _end_text(part: Part, block: Any) -> RenderableType:
    rest = part.text[part.printed :]
    return (
        Text(harmless(rest.strip("\n"))) if block is None else _markdown(part, rest)
    )  # a cut text may be half of a mark


def _end_thinking(part: Part, block: Any) -> RenderableType:
    return _thinking(part, part.text[part.printed :] or "(not shown)")


def _end_input(part: Part, block: Any) -> RenderableType:
    if block is None or not getattr(block, "input_complete", False):
        return _titled(part, Group(Text(harmless(part.text)), Text("(incomplete)", "yellow")))
    return _titled(part, _json(harmless(json.dumps(block.input, indent=2, ensure_ascii=False))))


Draw: TypeAlias = Callable[[Part, str], RenderableType]

GROWING: dict[str, Draw] = {"text": _markdown, "thinking": _thinking, **dict.fromkeys(TOOLS, _draw_input)}
"""How the rest of a block, which is not yet printed, is drawn while it grows."""

FINISHED: dict[str, Draw] = {"text": _markdown, "thinking": _thinking}
"""How the finished paragraphs of a block are printed; other blocks are printed when they end."""

ENDED: dict[str, Callable[[Part, Any], RenderableType]] = {
    "text": _end_text,
    "thinking": _end_thinking,
    **dict.fromkeys(TOOLS, _end_input),
}
"""How the rest of a block is printed when it has ended; ``block`` is None if it was cut."""
