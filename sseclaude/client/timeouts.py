"""Timeouts by phase, and the deadline of a call.

Purpose: ``Timeout`` says how long each phase may take; ``Deadline`` runs for one call with all its retries.
Must not know: httpx (an ``httpx.Timeout`` is recognised by its attributes), or what is waited for.
Rule: idle is the time without any byte; comments and pings count as bytes. Total includes retries.

All times are seconds. Source: PROTOCOL.md, "Clocks".
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

from .not_given import NOT_GIVEN, NotGiven, given, is_given

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, init=False)
class Timeout:
    """How long to wait, in seconds; None waits for ever.

    ``Timeout(20.0, connect=2.0)``: the first argument is the value of all that is not named, as in httpx; without it,
    what is not named keeps its default.

    ``connect``: for the connection. ``pool``: for a free place in the pool; by default as ``connect``. ``read``, or
    ``idle``, which is the same: for the next byte. ``write``: for a byte to be sent; by default as ``read``.
    ``total``: for the complete call, with its retries and pauses; None by default.

    Raises ValueError for a timeout that is not above 0, TypeError if ``idle`` and ``read`` differ.
    """

    connect: float | None
    idle: float | None
    total: float | None
    write: float | None
    pool: float | None

    def __init__(
        self,
        timeout: TimeoutTypes | NotGiven = NOT_GIVEN,
        *,
        connect: float | NotGiven | None = NOT_GIVEN,
        read: float | NotGiven | None = NOT_GIVEN,
        write: float | NotGiven | None = NOT_GIVEN,
        pool: float | NotGiven | None = NOT_GIVEN,
        idle: float | NotGiven | None = NOT_GIVEN,
        total: float | NotGiven | None = NOT_GIVEN,
    ) -> None:
        if is_given(idle) and is_given(read) and idle != read:
            raise TypeError(f"idle={idle!r} and read={read!r} are two values for one timeout: pass one of them")
        named = given({"connect": connect, "idle": read, "write": write, "pool": pool, "total": total})
        named |= given({"idle": idle})
        for name, seconds in (_defaults(timeout, named) | named).items():
            if seconds is not None and not seconds > 0:
                raise ValueError(f"{name}={seconds!r}: a timeout is more than 0 seconds, or None for no timeout")
            object.__setattr__(self, name, seconds)

    @property
    def read(self) -> float | None:
        """The name that httpx has for ``idle``."""
        return self.idle

    @classmethod
    def of(cls, value: TimeoutTypes) -> Timeout:
        """Make a Timeout from a caller's argument: a number is the value of every phase, as in httpx."""
        return value if isinstance(value, Timeout) else cls(value)


CONNECT, IDLE = 5.0, 600.0
"""The seconds to wait where nothing else is said."""


def _defaults(timeout: TimeoutTypes | NotGiven, named: dict[str, float | None]) -> dict[str, float | None]:
    """Return the five timeouts as they are if none of them is named."""
    if isinstance(timeout, NotGiven):
        connect, idle = named.get("connect", CONNECT), named.get("idle", IDLE)
        return {"connect": connect, "idle": idle, "total": None, "write": idle, "pool": connect}
    if timeout is None or isinstance(timeout, (int, float)):
        return {"connect": timeout, "idle": timeout, "total": None, "write": timeout, "pool": timeout}
    total = timeout.total if isinstance(timeout, Timeout) else None
    return {
        "connect": timeout.connect,
        "idle": timeout.read,
        "total": total,
        "write": timeout.write,
        "pool": timeout.pool,
    }


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
        """Return ``seconds``, or what is left of the total if that is less (never below ``GRAIN``)."""
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


class TimeLeft(float):
    """Seconds that a read or a write of a call with a total may take, which ``now`` counts anew.

    The transport below httpx asks for it once in a phase, and a phase has any number of reads.
    """

    __slots__ = ("_seconds", "deadline")
    _seconds: float | None
    deadline: Deadline

    @classmethod
    def of(cls, seconds: float | None, deadline: Deadline) -> TimeLeft:
        """Make the number that ``now`` returns at first, of the seconds that hold without a total."""
        self = cls(deadline.within(seconds) or GRAIN)
        self._seconds, self.deadline = seconds, deadline
        return self

    def now(self) -> float | None:
        """Return the seconds from now on."""
        return self.deadline.within(self._seconds)


class PhaseTimeouts(dict[str, "float | None"]):
    """The timeouts that httpx passes down, made anew at each look, so that the total holds in every phase.

    The transport below httpx asks this dict with ``get`` at the start of connecting, writing and reading.
    """

    def __init__(self, deadline: Deadline) -> None:
        timeout = deadline.timeout
        super().__init__(connect=timeout.connect, pool=timeout.pool, read=timeout.read, write=timeout.write)
        self._deadline = deadline

    def get(self, phase: str, default: object = None) -> float | None:
        """Return the seconds that a phase may take from now on."""
        seconds = super().get(phase)
        if self._deadline.ends_at is None:
            return seconds
        return TimeLeft.of(seconds, self._deadline) if phase in ("read", "write") else self._deadline.within(seconds)

    def __getitem__(self, phase: str) -> float | None:
        return self.get(phase)
