"""The usage, stop reason and times of an answer in one line.

Purpose: the line that a person reads below an answer.
Must not know: where the line goes.
Rule: unknown values are left out.
"""

from __future__ import annotations

from ..message import Message
from ..received import Timing


def summary(message: Message, timing: Timing | None = None) -> str:
    """Return the line: stop reason, tokens, times."""
    usage = message.usage
    parts = [
        message.stop_reason or "not finished",
        f"{usage.input_tokens} tokens in, {usage.output_tokens} out",
        f"{usage.cache_read_input_tokens} read from the cache" if usage.cache_read_input_tokens else "",
    ]
    if timing is not None:
        rate = timing.output_tokens_per_second if message.stop_reason else None  # before, the count is not the true one
        parts += [
            f"first token {timing.first_token:.2f} s" if timing.first_token is not None else "",
            f"total {timing.total:.2f} s" if timing.total is not None else "",
            f"{rate:.0f}/s" if rate else "",
        ]
    return " · ".join(part for part in parts if part)
