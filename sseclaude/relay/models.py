"""The state of an answer, ids and digests, and the events that the relay itself adds.

Purpose: ``AnswerState``; ids and digests; ``error`` events in the API's shape.
Must not know: logs, clients or HTTP.
Rule: an id that the relay makes has 160 bits; of a request's parameters only a digest is stored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from secrets import token_hex
from typing import Any, Literal, NamedTuple, TypeAlias

from ..client.params import OPTIONS
from ..client.request import to_wire
from ..errors import ConflictError, NotFoundError, status_error
from ..sse import ServerSentEvent

Status: TypeAlias = Literal["running", "complete", "failed", "cancelled", "lost"]
"""``failed``: Claude's error or a cut stream. ``lost``: the process that asked Claude died."""


class AnswerState(NamedTuple):
    """An answer: its id, its owner, its status, its last event's number (0: none yet).

    ``error`` is the error object that ended it, ``{"type": ..., "message": ...}``, or None.
    """

    id: str
    owner: str
    status: Status
    last_event_id: int
    error: Mapping[str, Any] | None = None


# --- names ---

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}").fullmatch
RESERVED = frozenset({"count_tokens"})
"""Names that are paths of the API."""


def is_id(id: str) -> bool:
    """Whether an answer may have this name: 1 to 128 of ``A–Z a–z 0–9 _ -``, and no path of the API's."""
    return bool(_ID(id)) and id not in RESERVED


def check_id(id: str) -> str:
    """Return the id. Raises ValueError if no answer may be called so."""
    if not is_id(id):
        raise ValueError(f"an answer's id is 1 to 128 of A-Z a-z 0-9 _ - and not {', '.join(RESERVED)}: {id[:140]!r}")
    return id


def new_id() -> str:
    """Return a name that no one can guess."""
    return token_hex(20)


def key_digest(owner: str, key: str) -> str:
    """Return a name for an owner's idempotency key."""
    return _digest(["key", owner, key])


def id_of_key(owner: str, key: str, attempt: int) -> str:
    """Return the id of the answer to an idempotency key; each attempt has its own."""
    return _digest(["answer", owner, key, attempt])


def params_digest(params: Mapping[str, Any]) -> str:
    """Return a digest of the parameters that change the answer: all except ``stream`` and ``timeout``.

    Raises TypeError for what JSON cannot hold.
    """
    body = {name: value for name, value in params.items() if name not in OPTIONS}
    body |= params.get("extra_body") or {}
    body.pop("stream", None)
    beside = {name: params[name] for name in OPTIONS - {"extra_body", "timeout"} if params.get(name)}
    try:
        return _digest([body, beside])  # the usual case: it is plain JSON already
    except (TypeError, ValueError, RecursionError):
        pass
    try:
        return _digest([to_wire(body), to_wire(beside)])
    except RecursionError:
        raise TypeError("the parameters are nested too deeply, or hold themselves") from None


def _digest(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:40]


# --- events and errors ---


def error_data(kind: str, message: str) -> bytes:
    """Return the data of an ``error`` event of the relay's own, in Claude's shape."""
    return json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()


def numbered(kind: str, data: bytes, number: int | str) -> ServerSentEvent:
    """Return an event as readers see it: the bytes as they came, and the number as the id ("": none)."""
    event: ServerSentEvent = tuple.__new__(ServerSentEvent, (kind, data, str(number), None))
    return event


def not_found(id: str) -> NotFoundError:
    """Make the error for an id of no answer, or of an expired one."""
    error = status_error(404, json.loads(error_data("not_found_error", f"there is no answer {id}")))
    assert isinstance(error, NotFoundError)
    return error


def conflict(id: str) -> ConflictError:
    """Make the error for an id that belongs to other parameters or to another owner."""
    text = f"the answer {id} is to another question"
    error = status_error(409, json.loads(error_data("invalid_request_error", text)))
    assert isinstance(error, ConflictError)
    return error
