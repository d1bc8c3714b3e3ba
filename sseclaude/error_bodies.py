"""What an error body says: the API's, and those of proxies, gateways and other servers.

Purpose: find the message as one line, and the status that an error inside a 200 names; mask secrets that a gateway
quotes. A body is parsed JSON of any shape, or text.
Must not know: the exceptions that are made of it, or where the body came from.
Rule: a body may hold anything, so no function here raises or takes more than linear time.

Source: PROTOCOL.md, "Errors".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

MESSAGE_SHOWN = 500
"""How many characters of a message an error's text shows; the API's own messages have up to 400."""

MESSAGE_FIELDS = ("message", "detail", "error_description", "msg", "error", "errors", "title")
"""Where servers put what they have to say, in the order in which it is looked for.

The API: ``error.message``; FastAPI: ``detail``, a text or a list of ``loc`` and ``msg``; AWS: ``message``; OAuth:
``error_description``; RFC 9457: ``detail`` and ``title``.
"""

NUMBER_FIELDS = ("status_code", "status", "code")
"""Where an error inside a 200 names the status that it stands for, as a number or as its three digits."""


def error_object(body: Any) -> Mapping[str, Any]:
    """Return the ``error`` object of an error envelope, or an empty one: never raises."""
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping):
        return error
    return {"message": error} if isinstance(error, str) else {}


def error_message(body: Any) -> str | None:
    """Return the message of an error body: one line of printable text, or None if it has none. Never raises.

    ``body`` is parsed JSON of any shape, or text; of HTML it is the title or else the words. A line is cut at
    MESSAGE_SHOWN characters, and control characters in it are escaped. Source: PROTOCOL.md, "Errors".
    """
    if isinstance(body, str):
        said = body.strip()
        return _line(_words_of_page(said) if said.startswith("<") else said)
    error = body.get("error") if isinstance(body, Mapping) else None
    return _line((_said(error) if isinstance(error, Mapping) else "") or _said(body))


def error_number(body: Any) -> int | None:
    """Return the status from 400 to 599 that an error names, in its ``error`` object or beside it, or None."""
    for part in (error_object(body), body):
        for field in NUMBER_FIELDS if isinstance(part, Mapping) else ():
            number = part.get(field)
            if isinstance(number, str) and re.fullmatch("[45][0-9][0-9]", number):
                return int(number)
            if type(number) is int and 400 <= number <= 599:
                return number
    return None


def _said(value: Any, depth: int = 3) -> str:
    """Return the text in parsed JSON that was meant for people; in objects and lists it is looked for so deep."""
    if isinstance(value, str):
        return value.strip()
    if depth and isinstance(value, list):
        return "; ".join(filter(None, (_said(item, depth - 1) for item in value[:8])))
    if not depth or not isinstance(value, Mapping):
        return ""
    said = next(filter(None, (_said(value.get(field), depth - 1) for field in MESSAGE_FIELDS)), "")
    where = value.get("loc")
    return f"{'.'.join(map(str, where))}: {said}" if said and where and isinstance(where, list) else said


def _line(said: str) -> str | None:
    """Return the first line as an error's text may show it."""
    line = " ".join((said.splitlines() or [""])[0][: 2 * MESSAGE_SHOWN].split())
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    return f"{shown[:MESSAGE_SHOWN]}…" if len(shown) > MESSAGE_SHOWN else shown or None


_PAGE_READ = 4096  # characters of a page: its title stands at its beginning, and the patterns below are not linear
_TITLE = r"(?is)<title[^>]*>(.*?)</title"  # compiled when the first page comes
_MARKUP = r"(?is)<(script|style)\b.*?</\1>|<[^>]*>"


def _words_of_page(page: str) -> str:
    """Return the title of an HTML page, or what is left of it, or of XML, without the markup."""
    from html import unescape  # a table of 2,000 names, needed here only

    page = page[:_PAGE_READ]
    title = re.search(_TITLE, page)
    words = title[1] if title else ""
    return " ".join(unescape(words if words.strip() else re.sub(_MARKUP, " ", page)).split())


_FIELD_LINES = ("event:", "data:", "id:", "retry:", ":")


def data_of_events(text: str) -> Any:
    """Return the data of an error that came as an event stream under an error status: JSON, or text; None if none."""
    lines = text.lstrip("\ufeff \r\n").splitlines()
    if not lines or not lines[0].startswith(_FIELD_LINES):
        return None
    plain = None
    for data in (line[5:].strip() for line in lines if line.startswith("data:")):
        try:
            body = json.loads(data)
        except (ValueError, RecursionError):
            plain = plain or data
        else:
            if error_message(body):
                return body
    return plain


def masked(body: Any, secrets: list[str]) -> Any:
    """Return parsed JSON, or text, with every secret replaced by ``***``; None if it is nested too deep for that."""
    if not secrets:
        return body
    pattern = re.compile("|".join(map(re.escape, secrets)))

    def mask(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub("***", value)
        if isinstance(value, dict):
            return {mask(key): mask(item) for key, item in value.items()}
        return [mask(item) for item in value] if isinstance(value, list) else value

    try:
        return mask(body)
    except RecursionError:
        return None
