"""``accumulate_event``: the message so far, of one more event, for programs that keep it themselves."""

from __future__ import annotations

import weakref
from typing import Any

from ..assembler import MessageAssembler
from ..message import Message

_assemblers: dict[int, tuple[weakref.ref[Message], MessageAssembler]] = {}
"""The assembler of each message that is being gathered, by the message's id."""


def accumulate_event(*, event: Any, current_snapshot: Message | None = None, **_: object) -> Message:
    """Return the message after one more event of the wire; the same object for all events of a stream.

    Raises ProtocolError for an event that cannot stand where it does.
    """
    known = _assemblers.get(id(current_snapshot)) if current_snapshot is not None else None
    assembler = known[1] if known is not None else MessageAssembler()
    assembler.feed(event)
    message = assembler.message
    if message is None:
        raise RuntimeError(f"a stream begins with message_start, and not with {event.type}")
    if known is None:
        key = id(message)
        _assemblers[key] = weakref.ref(message, lambda _: _assemblers.pop(key, None)), assembler
    return message
