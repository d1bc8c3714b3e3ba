"""The content blocks of a message in progress: which are open, and which of them takes a delta.

Purpose: ``Content`` has the blocks in the order of their start, and the open ones by index. It finds the block for a
delta whose index is not open, or whose block does not take it.
Must not know: the order of the other events, or the message's top level; the assembler does.
Rule: words are kept if only one block can be meant; nothing is guessed. A start or a delta costs the same, however many
blocks are open.

Source: PROTOCOL.md, "How a message is assembled" and "Deltas".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from ..block_builder import (
    EVERY_DELTA,
    INPUT_FIELDS,
    NOTHING,
    OPENED_BY,
    WORD_FIELDS,
    BlockBuilder,
    Changes,
    Note,
    carries_input,
)
from ..blocks import ContentBlock
from ..growing_text import mend
from .checks import block_faults

SHOWN = 200
"""Characters of what is not understood that an error's text shows."""

LISTED = 8
"""Open blocks that a text names."""

_input_of_delta = re.compile(rf"delta\.({'|'.join(INPUT_FIELDS)})(?:\.|\Z)").match
"""Matches the place of a number in a delta where a tool's input may come."""


class Content:
    """The blocks of one message. ``note`` records a deviation; ``did_not_understand`` what may explain a later error.

    Source: PROTOCOL.md, "How a message is assembled".
    """

    def __init__(self, note: Note, did_not_understand: Callable[[str], None]) -> None:
        self.blocks: list[BlockBuilder] = []  # in order of their start
        self.open: dict[int | None, BlockBuilder] = {}  # by index
        self._takers: dict[str, dict[int, BlockBuilder]] = {kind: {} for kind in EVERY_DELTA}  # the open, by delta
        self._tools: dict[int, BlockBuilder] = {}  # the open ones, and of these the ones without each mark
        self._unmarked: dict[str, dict[int, BlockBuilder]] = {"missed_delta": {}, "distrusted": {}}
        self._tool_ids: set[str] = set()
        self.lossy: set[int] = set()  # indices of starts to come whose input lost a number
        self._next_index = 0
        self._note = note
        self._did_not_understand = did_not_understand

    def start(self, body: Mapping[str, Any], *, lossy: bool = False) -> Changes:
        """content_block_start: open a block. Return what the block that was open at its index had held back.

        ``lossy``: a number in its input was too large, and became null.
        """
        index, start = self._index(body), body.get("content_block")
        if index is None:
            index = self._next_index
        if not isinstance(start, Mapping):
            return self._no_object("content_block", start)
        if self._is_repeat(index, start):
            self._note("repeated_block_start", f"{start.get('type')} {index}")
            block = self.open[index]
            if start.get("input") not in (None, "", {}, block.data.get("input")):
                block.missed_piece = True  # the start that is ignored brought it
            return NOTHING
        for fault in block_faults(start):
            self._note(*fault)
        held = self._note_order(index)
        builder = BlockBuilder(index, start)
        builder.distrusted = lossy or index in self.lossy
        self.lossy.discard(index)
        self._note_tool_id(builder)
        self._add(builder)
        return held

    def lose_number(self, place: str) -> None:
        """Mark the open tools' input as incomplete if it may have had a number at this place of the next delta."""
        if _input_of_delta(place):
            self._spoil(self._tools, distrust=True)

    def _is_repeat(self, index: int, start: Mapping[str, Any]) -> bool:
        """Whether a start is that of the tool which is open at its index, by its id."""
        block, tool_id = self.open.get(index), _id_of(start)
        return block is not None and block.is_tool and tool_id != "" and _id_of(block.data) == tool_id

    def _note_tool_id(self, builder: BlockBuilder) -> None:
        tool_id = _id_of(builder.data)
        if builder.is_tool and tool_id:
            if tool_id in self._tool_ids:
                self._note("tool_id_reused", f"{builder.kind} {builder.index}: {tool_id[:SHOWN]}")
            self._tool_ids.add(tool_id)

    def _note_order(self, index: int) -> Changes:
        """Note an index that is not the next one. A block still open at it ends here, and gives what it held back."""
        if self.open:
            self._note("overlapping_blocks", f"index {index} starts, open: {_listed(map(str, self.open))}")
        if index < self._next_index:
            self._note("index_reused", f"index {index}")
        elif index > self._next_index:
            self._note("index_gap", f"index {index} where {self._next_index} was due")
        return self._close_block(index, stopped=False) if index in self.open else NOTHING

    def _close_block(self, index: int | None, *, stopped: bool) -> Changes:
        """Close an open block and return what it held back; ``stopped``: by its own content_block_stop."""
        block = self.open.pop(index)
        for of_kind in (*self._takers.values(), self._tools, *self._unmarked.values()):
            of_kind.pop(block.index, None)
        for fault in block.faults_at_end():
            self._note(*fault)
        held = block.flush()
        finished = block.close(stopped=stopped)
        return (*held, ("content_block_stop", finished, index)) if stopped else held

    def _add(self, builder: BlockBuilder) -> None:
        self.blocks.append(builder)
        self.open[builder.index] = builder
        for kind in builder.takes:
            self._takers[kind][builder.index] = builder
        if builder.is_tool:
            for tools in (self._tools, *self._unmarked.values()):
                tools[builder.index] = builder
        self._next_index = max(self._next_index, builder.index + 1)

    def _index(self, body: Mapping[str, Any]) -> int | None:
        """Return the event's index; one that is no number is as good as none."""
        index = body.get("index")
        if type(index) is int:
            return index
        self._note("missing_field" if index is None else "wrong_type", "index")
        return None

    def place(self, body: Mapping[str, Any]) -> Changes:
        """Find the block for a delta whose own block does not take it: the only open one that does, or a new one."""
        index, delta = self._index(body), body.get("delta")
        if not isinstance(delta, Mapping):
            self._spoil(self._tools_meant(index), distrust=bool(delta) or carries_input(body))
            return self._no_object("delta", delta)
        kind = delta.get("type")
        if not isinstance(kind, str) or kind not in EVERY_DELTA:
            return self._place_unknown(index, delta)
        block = self.open.get(index)
        if block is not None and block.is_tool and carries_input(delta):
            block.missed_piece = True  # the words are kept elsewhere, but may be meant as the tool's input
        if block is not None and kind in OPENED_BY and (words := _words_for(block, delta, kind)) is not None:
            return self._take_words(block, delta, words)
        takers = self._takers[kind]
        if len(takers) == 1:
            (taker,) = takers.values()
            rule = "delta_block_mismatch" if block is not None else "delta_for_unopened_block"
            self._note(rule, f"{kind} for index {index} goes to {taker.kind} {taker.index}")
            return taker.takes[kind](taker, delta, self._note)
        return self._open_by(kind, index, delta)

    def _place_unknown(self, index: int | None, delta: Mapping[str, Any]) -> Changes:
        """A delta of unknown or no type stays on its event. Words without a type may belong to the open block; what
        may be a tool's input makes that tool's input incomplete."""
        kind = delta.get("type")
        block = self._meant(index)
        if block is not None and not (isinstance(kind, str) and kind):
            words = _words_for(block, delta)
            if words is not None:
                return self._take_words(block, delta, words)
        tools = self._tools_meant(index)
        if tools and carries_input(delta):
            self._note("tool_input_not_read", f"a delta of type {str(kind)[:SHOWN]} for index {index}")
        self._spoil(tools, distrust=carries_input(delta))
        self._did_not_understand(f"a delta of type {str(kind)[:SHOWN]}")
        return NOTHING

    def _meant(self, index: int | None) -> BlockBuilder | None:
        """Return the open block at an index, or else the only open one."""
        block = self.open.get(index)
        if block is None and len(self.open) == 1:
            (block,) = self.open.values()
        return block

    def _tools_meant(self, index: int | None) -> dict[Any, BlockBuilder]:
        """Return the tools for which a delta may be: the block that is meant, or all open ones if none can be named."""
        block = self._meant(index)
        return self._tools if block is None else {block.index: block} if block.is_tool else {}

    def _spoil(self, tools: dict[Any, BlockBuilder], *, distrust: bool) -> None:
        """Mark tools whose input may have been missed; of all the open ones, those that are not marked yet."""
        for mark in ("missed_delta", "distrusted") if distrust else ("missed_delta",):
            unmarked = self._unmarked[mark] if tools is self._tools else tools
            for tool in unmarked.values():
                setattr(tool, mark, True)
            if unmarked is self._unmarked[mark]:
                unmarked.clear()

    def _take_words(self, block: BlockBuilder, delta: Mapping[str, Any], words: str) -> Changes:
        self._note("words_in_other_field", f"a delta of type {str(delta.get('type'))[:SHOWN]} for block {block.index}")
        kind = f"{block.kind}_delta"
        return block.takes[kind](block, {"type": kind, block.kind: mend(words)}, self._note)

    def _open_by(self, kind: str, index: int | None, delta: Mapping[str, Any]) -> Changes:
        if kind in OPENED_BY:
            self._note("missing_block_start", f"{kind} for index {index} opens a {OPENED_BY[kind]} block")
            free = self._next_index if index is None or index in self.open else index
            builder = BlockBuilder(free, {"type": OPENED_BY[kind]}, implied=True)
            self._add(builder)
            return builder.takes[kind](builder, delta, self._note)
        piece = delta.get("partial_json")
        if kind == "input_json_delta" and (isinstance(piece, Mapping) or (isinstance(piece, str) and piece)):
            self._note("tool_never_named", f"tool JSON for index {index}, where no open tool can take it")
        self._note("delta_not_taken", f"{kind} for index {index}")
        return NOTHING

    def stop(self, body: Mapping[str, Any]) -> Changes:
        """content_block_stop: close the block at the event's index."""
        index = self._index(body)
        if index is None and len(self.open) == 1:
            (index,) = self.open
        if index in self.open:
            return self._close_block(index, stopped=True)
        self._note("stop_for_unopened_block", f"index {index}")
        return NOTHING

    def owed_a_stop(self) -> list[BlockBuilder]:
        """Return the open blocks that need a stop: all except those that a delta opened."""
        return [block for block in self.open.values() if not block.implied]

    def take_early(self, content: list[Any], lossy: Container[str] = ()) -> None:
        """Keep blocks that message_start holds already, and words as blocks; the Anthropic API sends none.

        ``lossy`` has the places of those in whose input a number became null: ``message.content.0``.
        """
        for at, item in enumerate(content):
            what = f"{item.get('type')} block" if isinstance(item, Mapping) else type(item).__name__
            self._note("content_in_message_start", what)
            if isinstance(block := as_block(item), Mapping):
                builder = BlockBuilder(None, block)
                builder.distrusted = f"message.content.{at}" in lossy
                builder.close()
                self._note_tool_id(builder)
                self.blocks.append(builder)

    def made(self, *, cut: bool) -> list[ContentBlock]:
        """Return the blocks as far as they have come. ``cut``: a limit of tokens may have cut the last tool's input."""
        cut_tool = self._tool_without_json() if cut else None
        return [block.cut_block() if block is cut_tool else block.block() for block in self.blocks]

    def _tool_without_json(self) -> BlockBuilder | None:
        """Return the last tool block, if none of its input has come and no result either."""
        last = next((block for block in reversed(self.blocks) if block.is_tool), None)
        if last is None or last.has_json:
            return None
        answered = {str(block.data.get("tool_use_id")) for block in self.blocks}
        return None if str(last.data.get("id")) in answered else last

    def described(self) -> str:
        """Name the open blocks, for an error."""
        return _listed(f"{block.kind} block {block.index}" for block in self.open.values())

    def _no_object(self, field: str, found: Any) -> Changes:
        """Note a field that is no object though the event is nothing without it."""
        self._note("missing_field" if found is None else "wrong_type", field)
        self._did_not_understand(f"no {field}")
        return NOTHING


def as_block(item: Any) -> Any:
    """Return an item of a message's content as a block: a text alone becomes one."""
    return {"type": "text", "text": item} if isinstance(item, str) else item


def _id_of(data: Mapping[str, Any]) -> str:
    """Return a block's id; "" if it has none, or one that is no string."""
    found = data.get("id")
    return found if isinstance(found, str) else ""


def _listed(names: Iterable[str]) -> str:
    """Return the first few of some names: a stream may open blocks without end."""
    first = [name for _, name in zip(range(LISTED + 1), names, strict=False)]
    return ", ".join(first[:LISTED]) + (" and others" if len(first) > LISTED else "")


def _words_for(block: BlockBuilder, delta: Mapping[str, Any], kind: str = "") -> str | None:
    """Return the words of a delta that is not the block's, if they can belong to it alone; else None.

    Words stand in the field of the block's own kind, and the delta's own field (if ``kind`` gives it one) has none;
    without a type, words of a ``text`` field belong to a thinking block too.
    """
    own = delta.get(OPENED_BY[kind]) if kind else ""
    if block.kind not in WORD_FIELDS or (isinstance(own, str) and own):
        return None
    words = delta.get(block.kind)
    if words is None and not kind and block.kind == "thinking":
        words = delta.get("text")
    return words if isinstance(words, str) and words else None
