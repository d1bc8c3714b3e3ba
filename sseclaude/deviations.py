"""The names of the stream's rules, and the record of a rule that was broken and tolerated.

Purpose: one list of names for the assembler, strict mode's errors, ``stream.deviations`` and the linter.
Must not know: how a rule is checked; the assembler does that.
Rule: a name says what was wrong with the stream, so that it is understood without this table.

Source: PROTOCOL.md, "Deviations".
"""

from __future__ import annotations

from typing import NamedTuple


class Deviation(NamedTuple):
    """A rule that the stream broke: its name, the number of the event at fault (from 1), and what was seen.

    ``event_number`` is the number of events that had come when the fault lies between them (an end, a content type).
    """

    rule: str
    event_number: int
    detail: str

    def __str__(self) -> str:
        return f"{self.rule} at event {self.event_number}: {self.detail}"


RULES: dict[str, str] = {
    # the response
    "not_a_stream": "a complete message in JSON came where a stream was asked for; it is taken as that message",
    "wrong_content_type": "an event stream came under another content type; it is read as an event stream",
    # frames
    "missing_event_field": "the frame has no `event:` line; the JSON's `type` decides",
    "event_type_mismatch": "the `event:` line and the JSON's `type` differ; the JSON decides",
    "missing_type": "the JSON has no `type` that is a string; the `event:` line decides",
    "missing_field": "a field that is always sent is absent or null; the reader goes on without it",
    "wrong_type": "a field is not of its type; it is kept as it came, where it can be",
    "number_out_of_range": "a number is too large; it is null, and a tool's input with it is incomplete",
    # order
    "missing_message_start": "content came before any message_start; a message without id is begun",
    "repeated_message_start": "message_start came again before any content; it is merged into the first",
    "content_in_message_start": "message_start already holds content; it is kept as closed blocks",
    "overlapping_blocks": "a block starts while another is open; each is kept apart by its index",
    "index_reused": "a block starts at an index that was used before; it is a new block",
    "repeated_block_start": "an open tool's start came again at its index, with its id; no second block begins",
    "tool_id_reused": "two tool blocks have one id; both are kept, though the API refuses them in the next request",
    "index_gap": "a block's index is not the next one; blocks stay in order of their start",
    "delta_for_unopened_block": "a delta's index is not open; the only open block that takes it gets it",
    "delta_block_mismatch": "a block was sent a delta of a kind it does not take; another block gets it",
    "missing_block_start": "text or thinking came for no open block; it opens one",
    "delta_not_taken": "no block takes this delta; it stays on its event",
    "words_in_other_field": "words came in another field than their delta's own; the block that they are for gets them",
    "tool_input_not_read": "a tool's input came in a shape that is not read; it counts as incomplete",
    "stop_for_unopened_block": "a block is stopped that is not open; nothing happens",
    "thinking_after_signature": "thinking came after the block's signature; it is appended",
    "empty_signature": "a signature_delta is empty; nothing happens",
    "missing_signature": "a thinking block ended without a signature; it is kept without one",
    "block_open_at_message_delta": "message_delta came while a block was open; the block may still be stopped",
    "usage_in_delta": "the usage stands inside message_delta's delta; it is read, if the event has none",
    "usage_back_to_zero": "a count of 0 came behind a larger one; the larger is kept",
    "content_after_message_delta": "content came after message_delta; it is kept",
    "block_never_stopped": "message_stop came while a block was open; a tool's input counts as incomplete",
    "missing_message_delta": "message_stop came without a stop_reason; the message has none",
    "missing_message_stop": "the stream ended after its stop_reason, with no block owed a stop; it is complete",
    "done_marker": "`[DONE]` is no event of this protocol; it ends the stream",
    "event_after_message_stop": "something came after message_stop; it is ignored",
    # never forgiven
    "malformed_json": "a frame's data is not a JSON object; refused",
    "event_too_large": "an event is larger than max_event_bytes; refused",
    "second_message": "message_start came after content; refused, for it would splice two messages",
    "tool_never_named": "tool JSON came for no open tool; refused, for a call would have to be invented",
    "nothing_to_stop": "message_stop came before any message; refused",
    "not_an_event_stream": "the body is no event stream and no message; refused",
}
"""Every rule, and what a lenient reader does when it is broken. The last six are refused in both modes.

Source: PROTOCOL.md, "Deviations".
"""

REFUSED = frozenset(rule for rule, text in RULES.items() if "refused" in text)
"""The rules that a lenient reader refuses too: to go on would need invention."""
