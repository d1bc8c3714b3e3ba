"""Requests that the API refuses before it answers.

Purpose: the checks of a request, and the error text for each.
Must not know: recordings, scripts.
Rule: the checks are a table, in the order in which the API makes them; the first that fails decides the error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .choosing import ReceivedRequest

LARGEST = 32 * 1024 * 1024
"""Bytes that a request's body may have."""


@dataclass(frozen=True)
class Refusal:
    """A status, and what to say."""

    status: int
    message: str


Body = Mapping[str, Any]
FieldCheck = tuple[str, Callable[[Any], bool], str]

REQUIRED = "Field required"

MODEL: list[FieldCheck] = [
    ("model", lambda value: value is not None, REQUIRED),
    ("model", lambda value: isinstance(value, str), "Input should be a valid string"),
    ("model", lambda value: len(value) > 0, "String should have at least 1 character"),
]
MESSAGES: list[FieldCheck] = [
    ("messages", lambda value: value is not None, REQUIRED),
    ("messages", lambda value: isinstance(value, list), "Input should be a valid list"),
    ("messages", lambda value: len(value) > 0, "at least one message is required"),
    ("messages", lambda value: all(map(_is_message, value)), "each needs a role (user or assistant) and content"),
]
MAX_TOKENS: list[FieldCheck] = [
    ("max_tokens", lambda value: value is not None, REQUIRED),
    ("max_tokens", lambda value: type(value) is int, "Input should be a valid integer"),
    ("max_tokens", lambda value: value > 0, "Input should be greater than or equal to 1"),
]
OPTIONS: list[FieldCheck] = [
    ("stream", lambda value: value is None or isinstance(value, bool), "Input should be a valid boolean"),
    ("tools", lambda value: value is None or _is_objects(value), "Input should be a list of objects"),
    ("tool_choice", lambda value: value is None or isinstance(value, dict), "Input should be an object"),
    ("thinking", lambda value: value is None or isinstance(value, dict), "Input should be an object"),
]
COUNT_TOKENS = [*MODEL, *MESSAGES, *OPTIONS]
CREATE = [*MODEL, *MAX_TOKENS, *MESSAGES, *OPTIONS]

ROLES = frozenset({"user", "assistant", "system"})


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _is_message(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("role") not in ROLES:
        return False
    content = value.get("content")
    return isinstance(content, str) or _is_objects(content)


def has_key(request: ReceivedRequest) -> bool:
    """Whether the request names a key at all, by either header."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return bool(request.headers.get("x-api-key") or (scheme.lower() == "bearer" and token.strip()))


def check_body(request: ReceivedRequest, checks: list[FieldCheck]) -> Refusal | None:
    """What is wrong with a request's body, or None."""
    if len(request.body) > LARGEST:
        return Refusal(413, "ReceivedRequest exceeds the maximum size")
    body = request.json
    if not isinstance(body, dict):
        return Refusal(400, "The request body is not valid JSON: an object is required")
    for field, is_right, words in checks:
        if not is_right(body.get(field)):
            return Refusal(400, f"{field}: {words}")
    return None
