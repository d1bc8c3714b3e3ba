"""A terminal's screen with its scrollback, for tests of what a command leaves there, also when it is resized.

Purpose: ``Screen`` obeys what the command line writes, and knows both ways in which terminals are resized.
Rule: it shows what it was sent, and raises nothing: a control sequence that it does not know is ignored.
"""

from __future__ import annotations

import re
from unicodedata import east_asian_width

PIECES = re.compile(r"(\x1b\[(\??[0-9;]*)([A-Za-z]))|([^\x1b])", re.DOTALL)
"""A control sequence with its numbers and its command, or a character."""

AUTOWRAP = "?7"


class Line:
    """One line of the screen: its cells, and whether it goes on in the next one since it was too long."""

    def __init__(self, cells: list[str] | None = None, goes_on: bool = False) -> None:
        self.cells = cells or []
        self.goes_on = goes_on


class Screen:
    """``rows`` lines of ``columns`` cells, and above them all that has scrolled off.

    ``rewraps``: lines that are longer than a new width are wrapped anew, as in most terminals; else they are cut, as in
    xterm. In both the cursor stays on its line, and lines below it make way if there are too few.
    """

    def __init__(self, rows: int = 24, columns: int = 1_000_000, *, rewraps: bool = True) -> None:
        self._rows, self._columns, self._rewraps = rows, columns, rewraps
        self._lines = [Line()]
        self._row = self._column = self._top = 0
        self._wraps = True

    @property
    def text(self) -> str:
        """All lines, those that have scrolled off too; a line that was wrapped is one."""
        shown = ""
        for line in self._lines:
            cells = "".join(line.cells)
            shown += cells if line.goes_on else cells.rstrip() + "\n"
        return shown.rstrip("\n")

    def feed(self, written: str) -> None:
        """Obey what a command wrote."""
        for escape, numbers, command, character in PIECES.findall(written):
            if not escape:
                self._take(character)
            elif command == "A":  # what has scrolled off cannot be reached
                self._row = max(self._row - int(numbers or 1), self._top)
            elif command == "K":
                self._line.cells = [] if numbers == "2" else self._line.cells[: self._column]
            elif command == "J":
                self._line.cells, self._line.goes_on = self._line.cells[: self._column], False
                del self._lines[self._row + 1 :]
            elif numbers == AUTOWRAP:
                self._wraps = command == "h"

    @property
    def _line(self) -> Line:
        return self._lines[self._row]

    def _take(self, character: str) -> None:
        if character == "\n":
            self._line.goes_on = False
            self._down()
        elif character == "\r":
            self._column = 0
        else:
            self._put([character, ""] if east_asian_width(character) in "WF" else [character])

    def _down(self) -> None:
        self._row, self._column = self._row + 1, 0  # the kernel makes CR LF of LF
        if self._row == len(self._lines):
            self._lines.append(Line())
        self._top = max(self._top, self._row + 1 - self._rows)

    def _put(self, cells: list[str]) -> None:
        if self._column + len(cells) > self._columns:
            if not self._wraps:
                return
            self._line.goes_on = True
            self._down()
        line = self._line.cells
        line += [" "] * (self._column - len(line))
        line[self._column : self._column + len(cells)] = cells
        self._column += len(cells)

    def resize(self, rows: int, columns: int) -> None:
        """Change the size, as the terminal's user does."""
        self._rows, self._columns = rows, columns
        if self._rewraps:
            self._rewrap()
        else:
            for line in self._lines:
                del line.cells[columns:]
            self._column = min(self._column, columns)
        below = len(self._lines) - 1 - self._row
        too_many = len(self._lines) - self._top - rows
        if below and too_many > 0:
            del self._lines[-min(below, too_many) :]
        self._top = max(len(self._lines) - rows, 0) if self._rewraps else max(self._top, self._row + 1 - rows)

    def _rewrap(self) -> None:
        """Wrap each line anew, and find the cursor's place in it again."""
        old, self._lines = self._lines, []
        cells: list[str] = []
        cursor: int | None = None
        for at, line in enumerate(old):
            if at == self._row:
                cursor = len(cells) + self._column
            cells += line.cells
            if line.goes_on:
                continue
            begun = len(self._lines)
            starts = range(0, max(len(cells), 1), self._columns)
            self._lines += [Line(cells[start : start + self._columns], goes_on=True) for start in starts]
            self._lines[-1].goes_on = False
            if cursor is not None:
                further = min(cursor // self._columns, len(starts) - 1)
                row, self._column = begun + further, cursor - further * self._columns
                cursor = None
            cells = []
        self._row = row
