"""The API's error envelope, and the type that goes with each status.

Purpose: one place that writes errors as the API does.
Must not know: requests, scripts.
Rule: the type of an unlisted status is ``api_error`` from 500 on, and ``invalid_request_error`` below.
"""

from __future__ import annotations

import json

from ..errors import ERROR_TYPES

TYPES = {status: kind for kind, status in ERROR_TYPES.items()}


def error_type(status: int) -> str:
    """The error type that an HTTP status stands for."""
    return TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")


def envelope(kind: str, message: str, request_id: str | None = None) -> bytes:
    """An error as JSON, in one line."""
    error = {"type": "error", "error": {"type": kind, "message": message}}
    return compact(error | ({"request_id": request_id} if request_id else {}))


def compact(value: object) -> bytes:
    """JSON without spaces, as the wire has it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
