"""The journal: the requests that a replay server received, and how each answer ended.

Purpose: let a test read what its program sent, and wait for it.
Must not know: HTTP, recordings' bytes.
Rule: no entry holds a key.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, overload

if TYPE_CHECKING:
    from .faults import Fault

MASKED = frozenset({"x-api-key", "authorization", "proxy-authorization", "cookie"})
MASK = "***"

Ended = Literal["complete", "client left", "fault", "stopped"]


@dataclass
class Entry:
    """One request and its answer.

    ``path`` is as it was sent, query included; ``headers`` have lower-case names, the key masked; ``body`` is the
    parsed JSON, or bytes if it is none; ``recording`` is the name of what answered, ``faults`` what was done to it;
    ``status`` is None if no answer was begun; ``bytes_sent`` counts the body's bytes; ``ended`` is None while the
    answer is going on, then "complete" (all was sent), "client left", "fault" (the connection was cut on purpose) or
    "stopped" (the server was). ``started`` and ``finished`` are ``time.time()`` seconds.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    recording: str | None = None
    faults: tuple[Fault, ...] = ()
    status: int | None = None
    bytes_sent: int = 0
    ended: Ended | None = None
    started: float = field(default_factory=time.time, repr=False)
    finished: float | None = field(default=None, repr=False)


def masked(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with secrets replaced; an authorization keeps its scheme."""
    return {name: _mask(value) if name in MASKED else value for name, value in headers.items()}


def _mask(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space else MASK


class Journal(Sequence[Entry]):
    """The entries in order of arrival; safe to read while the server runs."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._changed = threading.Condition()

    def add(self, entry: Entry) -> None:
        """Note that a request has come."""
        with self._changed:
            self._entries.append(entry)
            self._changed.notify_all()

    def finish(self, entry: Entry, ended: Ended) -> None:
        """Note how its answer ended."""
        with self._changed:
            entry.ended = ended
            entry.finished = time.time()
            self._changed.notify_all()

    def wait_for(self, count: int, timeout: float = 5.0, *, ended: bool = False) -> list[Entry]:
        """Block until ``count`` requests have come (with ``ended``: and their answers are over); return them.

        Raises TimeoutError after ``timeout`` seconds, saying how many there were.
        """

        def ready() -> list[Entry]:
            return [entry for entry in self._entries if entry.ended is not None or not ended]

        with self._changed:
            if not self._changed.wait_for(lambda: len(ready()) >= count, timeout):
                what = "answers ended" if ended else "requests came"
                raise TimeoutError(f"{len(ready())} {what} within {timeout} s, not {count}")
            return ready()[:count]

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        return self._entries[index]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries))

    def __repr__(self) -> str:
        return f"Journal({self._entries!r})"
