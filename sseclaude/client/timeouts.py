"""Three clocks: connect, idle and total; and the times that a stream took.

Purpose: ``Timeout`` says how long to wait for what; ``Deadline`` runs for one call, retries and all; ``Timing`` tells.
Must not know: httpx (an ``httpx.Timeout`` is known by its attributes), or what is waited for.
Rule: idle is the time without a single byte, comments and pings included; total holds for the call as a whole.

All times are seconds. Source: PROTOCOL.md, "Clocks".
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True)
class Timeout:
    """How long to wait, in seconds; None waits for ever.

    ``connect``: for the connection (and for one of the pool to be free). ``idle``: for the next byte, in either
    direction. ``total``: for the whole call, retries and their pauses included.
    """

    connect: float | None = 5.0
    idle: float | None = 600.0
    total: float | None = None

    def __post_init__(self) -> None:
        for name, seconds in vars(self).items():
            if seconds is not None and not seconds > 0:
                raise ValueError(f"{name}={seconds!r}: a timeout is more than 0 seconds, or None for no timeout")

    @classmethod
    def of(cls, value: TimeoutTypes) -> Timeout:
        """Make a Timeout of what a caller may give: a number is connect and idle, as in httpx."""
        if isinstance(value, Timeout):
            return value
        if value is None or isinstance(value, (int, float)):
            return cls(connect=value, idle=value)
        return cls(connect=value.connect, idle=value.read)


TimeoutTypes: TypeAlias = "float | Timeout | httpx.Timeout | None"


GRAIN = 0.001
"""Seconds below which times are taken for equal: an event loop may wake a little early."""


class Deadline:
    """The clocks of one call, started when it is made."""

    __slots__ = ("ends_at", "timeout")

    def __init__(self, timeout: Timeout) -> None:
        self.timeout = timeout
        self.ends_at = None if timeout.total is None else monotonic() + timeout.total

    @property
    def expired(self) -> bool:
        """Whether the total has run out."""
        return self.ends_at is not None and monotonic() >= self.ends_at - GRAIN

    def within(self, seconds: float | None) -> float | None:
        """Return a wait of ``seconds``, cut to what is left of the total (never below ``GRAIN``)."""
        if self.ends_at is None:
            return seconds
        left = max(self.ends_at - monotonic(), GRAIN)
        return left if seconds is None else min(seconds, left)

    def capped(self, seconds: float) -> Deadline:
        """Return these clocks with a total that ends in ``seconds`` at the latest."""
        shorter = Deadline(self.timeout)
        end = monotonic() + seconds
        shorter.ends_at = end if self.ends_at is None else min(end, self.ends_at)
        return shorter

    def has(self, seconds: float) -> bool:
        """Whether a pause of ``seconds`` ends before the total does."""
        return self.ends_at is None or monotonic() + seconds < self.ends_at

    def describe(self) -> str:
        """Name the deadline that ran out."""
        if self.expired and self.timeout.total is not None:
            return f"total={self.timeout.total:g} s ran out"
        return f"no byte came for idle={self.timeout.idle:g} s" if self.timeout.idle is not None else "timed out"


class PhaseTimeouts(dict[str, "float | None"]):
    """The timeouts that httpx hands down, made anew at each look, so that the total holds in every phase.

    The transport below httpx asks this dict with ``get`` at the start of connecting, writing and reading.
    """

    def __init__(self, deadline: Deadline) -> None:
        connect, idle = deadline.timeout.connect, deadline.timeout.idle
        super().__init__(connect=connect, pool=connect, read=idle, write=idle)
        self._deadline = deadline

    def get(self, phase: str, default: object = None) -> float | None:
        """Return the seconds that a phase may take from now on."""
        return self._deadline.within(super().get(phase))

    def __getitem__(self, phase: str) -> float | None:
        return self.get(phase)


class Timing(NamedTuple):
    """What a stream took, in seconds from the sending of its request; None where a moment has not come yet."""

    first_byte: float | None
    first_token: float | None
    total: float | None
    longest_gap: float
    output_tokens_per_second: float | None
