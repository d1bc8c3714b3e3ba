"""``accumulate_event``: add one event to a partial message, for programs that assemble messages themselves."""

from __future__ import annotations

import weakref
from typing import Any

from ..assembler import MessageAssembler
from ..derived_events import DERIVE, SILENT
from ..errors import AnthropicError
from ..message import Message

_assemblers: dict[int, tuple[weakref.ref[Message], MessageAssembler]] = {}
"""The assembler of each message that is being gathered, by the message's id."""


def accumulate_event(*, event: Any, current_snapshot: Message | None = None, **_: object) -> Message:
    """Return the message after one more event; an event that is not the wire's changes nothing.

    Raises AnthropicError for a snapshot that was not made here, and for a stream that does not begin with its message;
    ProtocolError for an event that cannot be read.
    """
    if current_snapshot is None:
        assembler = MessageAssembler()
    elif (known := _assemblers.get(id(current_snapshot))) is not None:
        assembler = known[1]
    else:
        raise AnthropicError("the snapshot is not one that accumulate_event returned")
    if event.type in DERIVE and event.type not in SILENT:
        return _began(current_snapshot)
    assembler.feed({"type": event.type, **event.to_dict()})  # the stops are made here, and have no type of the wire's
    message = _began(assembler.message)
    key = id(message)
    _assemblers[key] = weakref.ref(message, lambda _: _assemblers.pop(key, None)), assembler
    return message


def _began(message: Message | None) -> Message:
    if message is None:
        raise AnthropicError("the stream does not begin with message_start")
    return message
