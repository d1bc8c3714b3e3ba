"""Show a message to a person while it comes.

Purpose: ``View`` finds the block that an event belongs to; ``Plain`` writes to a pipe. ``live.Live`` is for a terminal.
Rule: all text that came stays on the screen, also when the stream breaks, and none of it controls the terminal.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from typing_extensions import Self

from ..events import FrozenModel
from ..partial_json import PartialJSON
from .terminal import harmless, is_terminal, write

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
        self.printed = 0  # characters that are on the screen for good
        self._parser = PartialJSON()
        self._parsed = 0

    def takes(self, kind: str) -> bool:
        """Whether an event of this kind may belong to this block; a block of unknown type takes all kinds."""
        own = "tool_use" if self.kind in TOOLS else self.kind
        return own == KIND_OF[kind] or own not in KIND_OF.values()

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self.pieces)

    def value(self) -> Any:
        """Return the JSON value so far; only the drawing thread calls this."""
        end = len(self.pieces)
        self._parser.feed("".join(self.pieces[self._parsed : end]))
        self._parsed = end
        return self._parser.value


class View:
    """What both views share: finding the block that an event belongs to."""

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
        """Show the content that message_start holds already; the Anthropic API sends none."""
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

    def waiting(self, reason: str | Callable[[], str]) -> None:
        """Nothing comes yet, for this reason, or for what the function returns at the moment."""

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
    """Text as it comes, for pipes and simple terminals; ``words_only``: only the answer's text."""

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
        """Name a block that came complete in its start."""
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
