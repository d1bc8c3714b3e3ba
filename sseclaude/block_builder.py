"""One content block while it grows: the fields of its start, and what each delta adds.

Purpose: the table of the deltas that each block takes (``ACCEPTED_DELTAS``), and what each of them does.
Must not know: other blocks, indices, or the order of events; the assembler passes it only the deltas of its block.
Rule: a delta adds or replaces the fields that it has; an absent, null or empty field erases nothing. A tool's input is
never guessed: if a piece of it cannot be read, the input is incomplete.

Source: PROTOCOL.md, "Deltas" and "How a message is assembled".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from pydantic_core import from_json, to_json

from .blocks import BLOCKS, ContentBlock, make_block
from .event_json import drop_infinities, mended
from .growing_text import GrowingList, GrowingText, mend

Note: TypeAlias = Callable[[str, str], None]
"""Records a deviation: the rule's name and what was seen."""

Change: TypeAlias = tuple[str, Any, Any]
"""What an event did: the derived event's type, what was added, and what it was added to."""

Changes: TypeAlias = tuple[Change, ...]
NOTHING: Changes = ()

Take: TypeAlias = Callable[["BlockBuilder", Mapping[str, Any], Note], Changes]

TOOL_BLOCKS = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})


class BlockBuilder:
    """A block in progress. ``takes`` maps the types of the deltas that it takes to the functions that apply them.

    ``distrusted``, ``missed_piece`` and ``missed_delta`` record pieces of a tool's input that could not be read.
    Source: PROTOCOL.md, "How a message is assembled".
    """

    __slots__ = (
        "citations", "closed", "data", "distrusted", "grown", "implied", "index", "kind", "missed_delta",
        "missed_piece", "takes",
    )  # fmt: skip

    def __init__(self, index: Any, start: Mapping[str, Any], *, implied: bool = False) -> None:
        self.index = index
        self.data = dict(start)
        self.kind = str(start.get("type"))
        self.takes = ACCEPTED_DELTAS.get(self.kind, EVERY_DELTA)
        self.grown: dict[str, GrowingText] = {}
        self.citations: GrowingList | None = None  # those of the start, and what citations_deltas have brought
        self.implied = implied  # opened by a delta: no start came, so no stop is owed
        self.distrusted = False  # a piece of the input was refused, or the block did not end by its own stop
        self.missed_piece = False  # a piece came without its JSON: the input is incomplete if no other has any
        self.missed_delta = False  # an unknown delta came: the input is incomplete if it is all that came
        self.closed: ContentBlock | None = None

    @property
    def is_tool(self) -> bool:
        """Whether the block is a tool call."""
        return self.kind in TOOL_BLOCKS

    @property
    def has_json(self) -> bool:
        """Whether anything of a tool's input has come, in fragments or in the start."""
        source = self._fragments()
        return bool(source is not None and source.length) or bool(self.data.get("input"))

    def growing(self, field: str) -> GrowingText:
        """Return the growing text of a field; it begins with the field's value in the start."""
        source = self.grown.get(field)
        if source is None:
            start = self.data.get(field)
            source = self.grown[field] = GrowingText(start if isinstance(start, str) else "")
        return source

    def flush(self) -> Changes:
        """End the texts and return the characters that were held back."""
        changes: list[Change] = []
        for field, source in self.grown.items():
            if held := source.finish():
                changes.append((DERIVED_OF[field], held, source))
        return tuple(changes)

    def faults_at_end(self) -> Iterator[tuple[str, str]]:
        """Yield the rule and the detail of each fault that is known only when the block ends."""
        if self.kind == "thinking" and "signature" not in self.grown and self.data.get("signature") in (None, ""):
            yield "missing_signature", f"block {self.index}"
        if self.is_tool and not self.distrusted and self._pieces_without_json():
            yield "tool_input_not_read", f"{self.kind} {self.index}: pieces came, and none brought JSON"

    def close(self, *, stopped: bool = True) -> ContentBlock:
        """End the block: from here on it never changes. ``stopped``: by its own content_block_stop."""
        if self.closed is None:
            self.distrusted = self.distrusted or not stopped
            self.closed = self._make(is_open=False)
        return self.closed

    def block(self) -> ContentBlock:
        """Return the block as far as it has come; a new object while it is open."""
        return self.closed or self._make(is_open=not self.implied)

    def cut_block(self) -> ContentBlock:
        """Return the block as one whose input was cut; what ``close`` returned stays as it was."""
        return self._make(is_open=self.closed is None, is_cut=True)

    def _make(self, *, is_open: bool, is_cut: bool = False) -> ContentBlock:
        data = {**self.data, **{field: text.text() for field, text in self.grown.items() if field != JSON_FIELD}}
        if self.citations is not None:
            data["citations"] = list(self.citations)
        source = self._fragments()
        if source is None and not self.is_tool:
            return make_block(data, is_open=is_open)
        data["input"], complete = self._input(is_open=is_open)
        complete = complete and not (self.is_tool and self._pieces_without_json()) and not self.distrusted
        text = "" if source is None else source.text()
        return make_block(data, is_open=is_open, partial_json=text, input_complete=complete and not is_cut)

    def _fragments(self) -> GrowingText | None:
        """Return the JSON text that fragments made, None if none came."""
        if JSON_FIELD in self.grown or (self.is_tool and self.data.get(JSON_FIELD)):
            return self.growing(JSON_FIELD)
        return None

    def _pieces_without_json(self) -> bool:
        source = self._fragments()
        if source is None:
            return self.missed_piece or (self.missed_delta and not self.data.get("input"))
        return self.missed_piece and not source.length

    def _input(self, *, is_open: bool) -> tuple[dict[str, Any], bool]:
        """Return the tool's input and whether it is complete: deltas win, else the start's input, else ``{}``."""
        source = self._fragments()
        if source is None or not source.length:
            start = self.data.get("input")
            return (start, not is_open) if isinstance(start, dict) else ({}, not is_open and not start)
        if not is_open:
            try:
                return _without_infinities(from_json(source.text(), allow_inf_nan=False))
            except ValueError:
                pass  # cut, invalid, or with lone surrogates: the careful parser knows which
        from .partial_json.shared import plain  # imported with the first such input

        text, value = source.text(), source.value()
        value = mended(value) if "\\ud" in text or "\\uD" in text else plain(value)
        tool_input, has_all = _without_infinities(value)
        return tool_input, has_all and source.complete and not is_open


INFINITY = b"Infinity"
"""How ``to_json`` writes a number that no float holds; a string may hold the word too."""

JSON_FIELD = "partial_json"
"""Under this name a builder gathers the fragments of ``input``; no block has such a field on the wire."""

DERIVED_OF = {"text": "text", "thinking": "thinking", JSON_FIELD: "input_json"}
"""The derived event that reports a field's growth."""

WORD_FIELDS = ("text", "thinking")
"""The fields in which words come. Some servers put them into the other's field."""

INPUT_FIELDS = (JSON_FIELD, "input", "text")
"""The fields in which a delta may carry a tool's input, though in a shape that is not read."""


def _without_infinities(value: Any) -> tuple[dict[str, Any], bool]:
    """Return a tool's input and whether it is complete: numbers that no float holds become null, and are missed."""
    if not isinstance(value, dict):
        return {}, False
    lost: list[str] = []
    if INFINITY in to_json(value):  # a fifth of the time that a look at every value takes
        drop_infinities(value, lost.append)
    return value, not lost


def carries_input(delta: Mapping[str, Any]) -> bool:
    """Return whether a delta that is not read may have carried a part of a tool's input."""
    return any(delta.get(field) not in (None, "") for field in INPUT_FIELDS)


def words_beside(delta: Mapping[str, Any], field: str) -> str:
    """Return the words that came in another field than the expected one, "" if none did."""
    beside = (delta.get(other) for other in WORD_FIELDS if other != field)
    return next((words for words in beside if isinstance(words, str)), "")


def _note_no_text(piece: Any, field: str, note: Note) -> None:
    note("missing_field" if piece is None else "wrong_type", f"delta.{field}")


def _words_instead(block: BlockBuilder, delta: Mapping[str, Any], field: str, note: Note) -> str:
    """Return the words of a delta whose own field holds none: the neighbouring field's, or none."""
    if words := words_beside(delta, field):
        note("words_in_other_field", f"{delta.get('type')} for block {block.index} has no {field}")
        return mend(words)
    if delta.get(field) != "":
        _note_no_text(delta.get(field), field, note)
    return ""


def _json_instead(block: BlockBuilder, delta: Mapping[str, Any], field: str, note: Note) -> str:
    """Return the JSON of a fragment that is no text: an object is the input itself, all else cannot be read.

    An empty one is no fault, unless the input came beside it.
    """
    piece = delta.get(field)
    if piece != "":
        _note_no_text(piece, field, note)
        if isinstance(piece, dict):
            return json.dumps(piece, ensure_ascii=False)
        block.missed_piece = True
    elif carries_input(delta):
        note("tool_input_not_read", f"a delta of type {delta.get('type')} for block {block.index}")
    block.distrusted = block.distrusted or carries_input(delta)
    return ""


def _append(derived: str, field: str, what: str, instead: Callable[..., str] = _words_instead) -> Take:
    """Return what a delta does whose ``field`` makes the block's text longer; ``derived`` reports it.

    ``instead`` finds the piece where the field holds none.
    """

    def take(block: BlockBuilder, delta: Mapping[str, Any], note: Note) -> Changes:
        try:
            source, piece = block.grown[field], delta[field]
        except KeyError:
            source, piece = block.growing(field), delta.get(field)
        if not piece or type(piece) is not str:
            piece = instead(block, delta, field, note)
        return ((derived, source.append(piece), source),)

    take.__doc__ = what
    return take


take_text = _append("text", "text", "text_delta: more words.")
take_json = _append("input_json", JSON_FIELD, "input_json_delta: more of a tool's input.", _json_instead)
take_thinking = _append("thinking", "thinking", "thinking_delta: more thinking.")


def take_late_thinking(block: BlockBuilder, delta: Mapping[str, Any], note: Note) -> Changes:
    """thinking_delta after the signature of the thinking: appended all the same, and noted."""
    changes = take_thinking(block, delta, note)
    note("thinking_after_signature", f"block {block.index}")
    return changes


def take_signature(block: BlockBuilder, delta: Mapping[str, Any], note: Note) -> Changes:
    """signature_delta: the first replaces the start's signature, further ones are appended."""
    signature = delta.get("signature")
    if not isinstance(signature, str):
        _note_no_text(signature, "signature", note)
        signature = ""
    if not signature:
        note("empty_signature", f"block {block.index}")
        return NOTHING
    source = block.grown.get("signature")
    if source is None:
        source = block.grown["signature"] = GrowingText()
        block.takes = {**block.takes, "thinking_delta": take_late_thinking}
    return (("signature", source.append(mend(signature)), source),)


def take_citation(block: BlockBuilder, delta: Mapping[str, Any], note: Note) -> Changes:
    """citations_delta: one more citation, before the words that it belongs to."""
    citation = delta.get("citation")
    if not isinstance(citation, Mapping):
        _note_no_text(citation, "citation", note)
        return NOTHING
    if block.citations is None:
        cited = block.data.get("citations")
        block.citations = GrowingList(cited if isinstance(cited, list) else ())
    block.citations.append(citation)
    return (("citation", citation, block.citations),)


def take_compaction(block: BlockBuilder, delta: Mapping[str, Any], note: Note) -> Changes:
    """compaction_delta: its ``content`` makes the summary longer; other fields replace; null says nothing."""
    brought = {key: value for key, value in delta.items() if key != "type" and value is not None}
    for field in ("content", "encrypted_content"):
        if not isinstance(brought.get(field, ""), str):
            note("wrong_type", f"delta.{field}")
            del brought[field]
    piece = brought.pop("content", None)
    block.data.update(brought)
    if piece is not None:
        block.growing("content").append(mend(piece))
    begun = block.data.get("content") if piece is None else piece
    return (("compaction", begun, (block.grown.get("content"), block.data.get("encrypted_content"))),)


EVERY_DELTA: dict[str, Take] = {
    "text_delta": take_text,
    "citations_delta": take_citation,
    "thinking_delta": take_thinking,
    "signature_delta": take_signature,
    "input_json_delta": take_json,
    "compaction_delta": take_compaction,
}
"""What each delta does. A block of unknown type takes them all: its words are not to be lost.

Source: PROTOCOL.md, "Deltas".
"""


def _only(*deltas: str) -> dict[str, Take]:
    return {delta: EVERY_DELTA[delta] for delta in deltas}


ACCEPTED_DELTAS: dict[str, dict[str, Take]] = {
    **{kind: {} for kind in BLOCKS},  # results come complete, in their start
    "text": _only("text_delta", "citations_delta"),
    "thinking": _only("thinking_delta", "signature_delta"),
    **{kind: _only("input_json_delta") for kind in TOOL_BLOCKS},
    "compaction": _only("compaction_delta"),
}
"""The (block, delta) pairs: which deltas each known block takes (PROTOCOL.md, "Deltas")."""

OPENED_BY = {"text_delta": "text", "thinking_delta": "thinking"}
"""Deltas that may open their block when none takes them: words are kept, and nothing has to be invented.

Source: PROTOCOL.md, "Deltas".
"""
