"""From the data of one frame to the JSON object in it.

Purpose: ``read``. Nearly always it is one call of pydantic's parser; the other functions handle what that parser
refuses or wrongly accepts: bad UTF-8, lone surrogates, numbers that no type can hold, errors in plain words.
Must not know: the models of events, or the order in which events come.
Rule: the result can be written as JSON again, except for halves of characters in growing text (see ``GROWING``).

Source: PROTOCOL.md, "Events" and "Surrogates".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from pydantic_core import from_json

from .errors import ProtocolError
from .growing_text import mend

DONE_MARKER = "[DONE]"
"""The end mark of another protocol, which some servers send here too. It stands as the type of its frame."""

NO_EVENT = ("", DONE_MARKER)
"""The types of what is no event: empty data, and that mark."""

GROWS = "content_block_delta"
GROWING = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}
"""The field by which each delta of text makes its block's text longer; a character may be split over two of them."""

NoteNumber: TypeAlias = Callable[[str], object]
"""Takes the place of a number that became null: ``message.usage.input_tokens``."""


def read(data: bytes | str, kind: str = GROWS, note_number: NoteNumber = str) -> dict[str, Any]:
    """Return the JSON object that one frame's data holds; ``kind`` is the frame's own type.

    Empty data and ``[DONE]`` give an object that has a ``type`` and nothing else. Data of an ``error`` frame that is
    no JSON object is the message of that error. A number that neither a float nor an integer can hold is None, and
    ``note_number`` is called with its place. Raises ProtocolError for anything else that is no JSON object.
    Source: PROTOCOL.md, "Events".
    """
    try:
        body = from_json(data, allow_inf_nan=False)
    except (ValueError, TypeError):  # TypeError: a str with a surrogate in it, which is no text to the parser
        try:
            body = _read_carefully(data, kind)
        except ProtocolError:
            if kind != "error":
                raise
            body = _text_of(data)
    if type(body) is not dict:
        if kind == "error":
            return {"type": "error", "error": {"message": body if isinstance(body, str) else _text_of(data)}}
        raise _malformed(data, "the data is not a JSON object")
    if not _is_plain(body):
        drop_infinities(body, note_number)
    return body


def _is_plain(body: dict[str, Any]) -> bool:
    """Say whether an event is a delta of text and nothing besides, as nearly all are: it holds no float."""
    delta = body.get("delta")
    return (
        type(delta) is dict
        and len(delta) == 2
        and type(kind := delta.get("type")) is str
        and type(delta.get(GROWING.get(kind, ""))) is str
        and len(body) == 3
        and type(body.get("index")) is int
        and type(body.get("type")) is str
    )


def drop_infinities(container: Any, note_number: NoteNumber, place: str = "") -> None:
    """Replace the infinite numbers in parsed JSON by None, and note their places; the parser bounds the depth."""
    for key, value in container.items() if isinstance(container, dict) else enumerate(container):
        if type(value) is dict or type(value) is list:
            drop_infinities(value, note_number, f"{place}{key}.")
        elif type(value) is float and value in (INFINITY, -INFINITY):
            container[key] = None
            note_number(f"{place}{key}")


def _read_carefully(data: bytes | str, kind: str) -> Any:
    """Read what the fast parser refuses though it can be read: bad UTF-8, lone surrogates, huge integers, no JSON."""
    text = _text_of(data)
    stripped = text.strip()
    if stripped in ("", DONE_MARKER):
        return {"type": stripped}
    try:
        return from_json(mend(text), allow_inf_nan=False)
    except ValueError as refusal:
        judged = re.sub(_LONG_INTEGERS, "1", re.sub(_SURROGATE_ESCAPES, r"\\u00", text))
        if judged == text:
            raise _malformed(data, str(refusal)) from None
        return _read_judged(text, judged, kind)


def _read_judged(text: str, judged: str, kind: str) -> Any:
    """Read JSON with lone surrogates or huge integers, if the strict parser takes it with others in their place.

    It bounds the depth, and knows no NaN. In text that grows lone surrogates stay, for their other half may come;
    elsewhere none will. Source: PROTOCOL.md, "Surrogates" and "Events".
    """
    try:
        from_json(judged, allow_inf_nan=False)
        body = json.loads(text, parse_int=_integer)
    except ValueError as refusal:
        raise _malformed(text, str(refusal)) from None
    whole = mended(body)
    if not isinstance(body, dict):
        return whole
    own = body.get("type")
    if (own if isinstance(own, str) else kind) == GROWS and isinstance(delta := body.get("delta"), dict):
        field = GROWING.get(str(delta.get("type")))
        if isinstance(piece := delta.get(field), str):
            whole["delta"][field] = piece
    return whole


def mended(value: Any) -> Any:
    """Return parsed JSON without lone surrogates: each is U+FFFD."""
    if isinstance(value, str):
        return mend(value)
    if isinstance(value, dict):
        return {mend(key): mended(item) for key, item in value.items()}
    return [mended(item) for item in value] if isinstance(value, list) else value


def _integer(digits: str) -> int | float:
    """Return an integer, or infinity for one of more digits than Python converts."""
    try:
        return int(digits)
    except ValueError:
        return INFINITY


INFINITY = float("inf")
# Compiled when the first such event comes.
_LONG_INTEGERS = "[0-9]{640,}"  # no limit to the digits of an integer can be set lower
_SURROGATE_ESCAPES = r"\\u[dD][89a-fA-F]"


def _text_of(data: bytes | str) -> str:
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else data


def _malformed(data: bytes | str, why: str) -> ProtocolError:
    return ProtocolError(f"malformed event: {why}", rule="malformed_json", frame=_text_of(data))
