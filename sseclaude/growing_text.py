"""Append-only text with cheap snapshots: a snapshot is a length, and its text is built only when it is read.

Purpose: the ``snapshot`` of the derived events. An event keeps a length, so a snapshot that nobody reads costs nothing.
Must not know: events, blocks or messages.
Rule: a snapshot never changes. To append and read in turn takes linear time in all; to read an early snapshot late may
cost one copy.

Source: PROTOCOL.md, "Snapshots" and "Surrogates".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .partial_json import PartialJSON

REPLACEMENT = "\ufffd"

_surrogates = re.compile("[\ud800-\udfff]").search
_PAIRS = "[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]"  # compiled when the first half of a character comes


class GrowingText:
    """Text gathered piece by piece. ``length`` counts its characters so far.

    Source: PROTOCOL.md, "Surrogates" and "Snapshots".
    """

    __slots__ = ("_held", "_joined", "_parsed_length", "_parser", "_pending", "length")

    def __init__(self, start: str = "") -> None:
        self.length = 0
        self._joined = ""
        self._pending: list[str] = []
        self._held = ""  # a high surrogate whose other half may still come
        self._parser: PartialJSON | None = None
        self._parsed_length = 0
        if start:
            self.append(start)

    def append(self, piece: str) -> str:
        """Add a piece and return its complete characters: half a surrogate pair waits for its other half."""
        if self._held or not piece.isascii():
            piece = self._pair(piece)
        self._pending.append(piece)
        self.length += len(piece)
        return piece

    def add(self, piece: str) -> None:
        """Add a piece that is known to be of whole characters to a text that holds no half: ``append``, for less."""
        self._pending.append(piece)
        self.length += len(piece)

    @property
    def holds_half(self) -> bool:
        """Whether half a surrogate pair waits for its other half."""
        return bool(self._held)

    def finish(self) -> str:
        """End the text and return what was held back: U+FFFD for a half whose other half never came, or ""."""
        if not self._held:
            return ""
        self._held = ""
        return self.append(REPLACEMENT)

    def _pair(self, piece: str) -> str:
        """Join surrogate halves to characters, across pieces too; halves that cannot be joined are U+FFFD."""
        piece = self._held + piece
        self._held = ""
        if _surrogates(piece) is None:
            return piece
        if "\ud800" <= piece[-1] <= "\udbff":
            self._held = piece[-1]
            piece = piece[:-1]
        return mend(piece)

    def text(self, length: int | None = None) -> str:
        """Return the text, or what it was when it was ``length`` characters long."""
        if self._pending:
            # With one reference only, += grows the string in place: looking after every piece stays linear.
            joined = self._joined
            self._joined = ""
            joined += "".join(self._pending)
            self._joined = joined
            self._pending.clear()
        return self._joined if length is None or length == self.length else self._joined[:length]

    def value(self, length: int | None = None) -> Any:
        """Return the JSON value that the text is so far, or was at ``length``; None before it has begun."""
        if length is None:
            length = self.length
        parser = self._parser
        if parser is None or length < self._parsed_length:
            from .partial_json import PartialJSON  # imported with the first JSON

            parser, self._parsed_length = PartialJSON(), 0
            self._parser = parser
        new = length - self._parsed_length
        if new:
            # Read in turn, what is new is the last piece, and nothing has to be joined.
            piece = self._pending[-1] if self._pending and length == self.length else ""
            parser.feed(piece if len(piece) == new else self.text()[self._parsed_length : length])
            self._parsed_length = length
        return parser.value

    @property
    def complete(self) -> bool:
        """Whether the text is one complete JSON value."""
        self.value()
        return self._parser is not None and self._parser.complete


def mend(text: str) -> str:
    """Return text without lone surrogates: pairs become their character, halves alone U+FFFD.

    Source: PROTOCOL.md, "Surrogates".
    """
    return text if text.isascii() else re.sub(_PAIRS, _character, text)


def _character(match: re.Match[str]) -> str:
    found = match[0]
    return found.encode("utf-16", "surrogatepass").decode("utf-16") if len(found) == 2 else REPLACEMENT


class GrowingList(list[Any]):
    """A list that grows. ``made`` is what has been made of its first items, so that none is made anew for each look."""

    __slots__ = ("made",)

    def __init__(self, items: Iterable[Any] = ()) -> None:
        super().__init__(items)
        self.made: list[Any] = []
