"""How an answer was received: times, deviations and the like, apart from the message itself.

Purpose: ``Received``, the class of ``message.received``, and the ``Timing`` in it.
Rule: it describes the transfer, so equality, dumps and pickles of a message leave it out.

Source: PROTOCOL.md, "Clocks" and "Deviations".
"""

from __future__ import annotations

from typing import NamedTuple

from .deviations import Deviation


class Timing(NamedTuple):
    """A stream's times, in seconds since its request was sent; None for what has not happened yet."""

    first_byte: float | None
    first_token: float | None
    total: float | None
    longest_gap: float
    output_tokens_per_second: float | None


class Received(NamedTuple):
    """How a message was received: request id, number of requests sent, times, and tolerated deviations."""

    request_id: str | None
    attempts: int
    timing: Timing
    deviations: list[Deviation]
