"""One content block while it grows: what its start said, and what each delta adds.

Purpose: the table of which block takes which delta (``ACCEPTED_DELTAS``), and what taking it means.
Must not know: other blocks, indices, or the order of events; the assembler hands it the deltas that are its own.
Rule: a delta adds or replaces what it carries; what is absent, null or empty erases nothing.

Source: PROTOCOL.md, "Deltas" and "How a message is assembled".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from pydantic_core import from_json

from .blocks import BLOCKS, ContentBlock, make_block
from .growing_text import GrowingText

Note: TypeAlias = Callable[[str, str], None]
"""Records a deviation: the rule's name and what was seen."""

Change: TypeAlias = tuple[str, Any, Any]
"""What an event did: the derived event's type, what was added, and what it was added to."""

Changes: TypeAlias = tuple[Change, ...]
NOTHING: Changes = ()

Take: TypeAlias = Callable[["BlockBuilder", Mapping[str, Any], Note], Changes]

TOOL_BLOCKS = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})


class BlockBuilder:
    """A block under way. ``takes`` maps the deltas that it understands to what they do to it.

    Source: PROTOCOL.md, "How a message is assembled".
    """

    __slots__ = ("closed", "data", "grown", "implied", "index", "kind", "signature", "takes")

    def __init__(self, index: Any, start: Mapping[str, Any], *, implied: bool = False) -> None:
        self.index = index
        self.data = dict(start)
        self.kind = str(start.get("type"))
        self.takes = ACCEPTED_DELTAS.get(self.kind, EVERY_DELTA)
        self.grown: dict[str, GrowingText] = {}
        self.signature = ""  # what signature_deltas have brought; the start's is in data
        self.implied = implied  # opened by a delta: no start came, so no stop is owed
        self.closed: ContentBlock | None = None

    def growing(self, field: str) -> GrowingText:
        """Return the text of a field that grows, begun with what the start held."""
        source = self.grown.get(field)
        if source is None:
            start = self.data.get(field)
            source = self.grown[field] = GrowingText(start if isinstance(start, str) else "")
        return source

    def flush(self) -> Changes:
        """End the text and return what was held back of it."""
        changes: list[Change] = []
        for field, source in self.grown.items():
            if held := source.finish():
                changes.append((DERIVED_OF[field], held, source))
        return tuple(changes)

    def close(self) -> ContentBlock:
        """End the block: from here on it never changes."""
        if self.closed is None:
            self.closed = self._make(is_open=False)
        return self.closed

    def block(self) -> ContentBlock:
        """Return the block as far as it has come; a new object while it is open."""
        return self.closed or self._make(is_open=not self.implied)

    def _make(self, *, is_open: bool) -> ContentBlock:
        data = {**self.data, **{field: text.text() for field, text in self.grown.items() if field != JSON_FIELD}}
        if self.kind not in TOOL_BLOCKS and JSON_FIELD not in self.grown:
            return make_block(data, is_open=is_open)
        data["input"], complete = self._input(is_open=is_open)
        text = self.growing(JSON_FIELD).text()
        return make_block(data, is_open=is_open, partial_json=text, input_complete=complete)

    def _input(self, *, is_open: bool) -> tuple[dict[str, Any], bool]:
        """Return the tool's input and whether it is whole: deltas win, else the start's input, else ``{}``."""
        source = self.growing(JSON_FIELD)
        if not source.length:
            start = self.data.get("input")
            return (start, not is_open) if isinstance(start, dict) else ({}, not is_open and not start)
        if not is_open:
            try:
                whole = from_json(source.text(), allow_inf_nan=False)
                return (whole, True) if isinstance(whole, dict) else ({}, False)
            except ValueError:
                pass  # cut, invalid, or with lone surrogates: the careful parser knows which
        value = source.value()
        return (value, source.complete and not is_open) if isinstance(value, dict) else ({}, False)


JSON_FIELD = "partial_json"
"""Under this name a builder gathers the fragments of ``input``; no block has such a field on the wire."""

DERIVED_OF = {"text": "text", "thinking": "thinking", JSON_FIELD: "input_json"}
"""The derived event that tells of a field's growth."""


def _no_piece(piece: Any, field: str, note: Note) -> str:
    """Note a delta whose text is none; it counts as empty."""
    note("missing_field" if piece is None else "wrong_type", f"delta.{field}")
    return ""


def _append(derived: str, field: str, what: str) -> Take:
    """Return what a delta does whose ``field`` makes the block's text longer; ``derived`` tells of it."""

    def take(block: BlockBuilder, delta: Mapping[str, Any], note: Note) -> Changes:
        try:
            source, piece = block.grown[field], delta[field]
        except KeyError:
            source, piece = block.growing(field), delta.get(field)
        if type(piece) is not str:
            piece = _no_piece(piece, field, note)
        return ((derived, source.append(piece), source),)

    take.__doc__ = what
    return take


take_text = _append("text", "text", "text_delta: more words.")
take_json = _append("input_json", JSON_FIELD, "input_json_delta: more of a tool's input.")
take_thinking = _append("thinking", "thinking", "thinking_delta: more thinking.")


def take_late_thinking(block: BlockBuilder, delta: Mapping[str, Any], note: Note) -> Changes:
    """thinking_delta behind the signature of what was thought: noted, and taken all the same."""
    note("thinking_after_signature", f"block {block.index}")
    return take_thinking(block, delta, note)


def take_signature(block: BlockBuilder, delta: Mapping[str, Any], note: Note) -> Changes:
    """signature_delta: the first replaces what the start held, further ones append."""
    signature = delta.get("signature")
    if not isinstance(signature, str):
        signature = _no_piece(signature, "signature", note)
    if not signature:
        note("empty_signature", f"block {block.index}")
        return NOTHING
    block.signature += signature
    block.data["signature"] = block.signature
    block.takes = {**block.takes, "thinking_delta": take_late_thinking}
    return (("signature", block.signature, None),)


def take_citation(block: BlockBuilder, delta: Mapping[str, Any], note: Note) -> Changes:
    """citations_delta: one citation more, ahead of the words it is for."""
    citation = delta.get("citation")
    if not isinstance(citation, Mapping):
        note("missing_field" if citation is None else "wrong_type", "delta.citation")
        return NOTHING
    cited = block.data.get("citations")
    block.data["citations"] = [*(cited if isinstance(cited, list) else ()), citation]
    return (("citation", citation, block.data["citations"]),)


def take_compaction(block: BlockBuilder, delta: Mapping[str, Any], note: Note) -> Changes:
    """compaction_delta: replaces what it carries; null says nothing."""
    brought = {key: value for key, value in delta.items() if key != "type" and value is not None}
    for field in ("content", "encrypted_content"):
        if not isinstance(brought.get(field, ""), str):
            note("wrong_type", f"delta.{field}")
            del brought[field]
    block.data.update(brought)
    return (("compaction", block.data.get("content"), block.data.get("encrypted_content")),)


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
    **{kind: {} for kind in BLOCKS},  # results and the like come whole, in their start
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
