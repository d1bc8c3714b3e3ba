"""Recordings: the bytes of an answer, and when they came.

Purpose: load recordings (from a file, a folder, bytes, a Message, or a list of these) as values.
Must not know: requests, sockets, clocks.
Rule: the bytes of a recording are never changed.

A file ``NAME.sse`` has the body. Beside it ``NAME.timing.json``, if it exists, has the rest: ``{"status": 200,
"headers": [[name, value]], "wait": ms before the headers, "chunks": [[bytes, ms since the previous]], "cut": whether
the connection broke}``. All its keys may be absent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from .answers import Answer
from .script import Headers, split_events

if TYPE_CHECKING:
    from ..message import Message

SHIPPED = Path(__file__).parent / "recordings"
TIMING = ".timing.json"

One: TypeAlias = "str | PathLike[str] | bytes | bytearray | Message | Answer | Mapping[str, Any] | Recording"
Source: TypeAlias = "One | Iterable[Source] | None"
"""What a recording can be made of. A ``str`` is a path; a mapping is a message's JSON; None is the shipped ones."""


@dataclass(frozen=True)
class Recording:
    """One recorded answer.

    ``chunks`` are pairs of a size in bytes and the seconds since the chunk before it, or () when they are not known;
    ``wait`` is the seconds before the headers; ``cut`` says that the connection broke at the end of ``body``.
    """

    name: str
    body: bytes
    status: int = 200
    headers: Headers = ()
    chunks: tuple[tuple[int, float], ...] = ()
    wait: float = 0.0
    cut: bool = False

    def __post_init__(self) -> None:
        if self.chunks and sum(size for size, _ in self.chunks) != len(self.body):
            raise ValueError(f"recording {self.name!r}: its chunk sizes do not add up to its {len(self.body)} bytes")

    @cached_property
    def events(self) -> tuple[bytes, ...]:
        """The body, split after each event."""
        return tuple(split_events(self.body))

    def __repr__(self) -> str:
        return f"Recording({self.name!r}, {len(self.body)} bytes)"


def load(source: Source) -> list[Recording]:
    """Make recordings from a path, bytes, a Message, or a list of these.

    Raises FileNotFoundError for a path that is not there, ValueError for a folder without recordings, for a timing
    file that does not fit and for an empty list, TypeError for anything else that cannot be a recording.
    """
    found = _load(SHIPPED if source is None else source)
    if not found:
        raise ValueError(f"no recordings in {source!r}")
    return found


def _load(source: Source) -> list[Recording]:
    if isinstance(source, Recording):
        return [source]
    if isinstance(source, (bytes, bytearray)):
        return [Recording("bytes", bytes(source))]
    if isinstance(source, (str, PathLike)):
        return _load_path(Path(source))
    if isinstance(source, Answer):
        return [from_message(source.message(), "answer")]
    if isinstance(source, Mapping) or hasattr(source, "to_dict"):
        return [from_message(source)]  # type: ignore[arg-type]  # a Message is what has to_dict
    if isinstance(source, Iterable):
        return [recording for one in source for recording in _load(one)]
    raise TypeError(
        f"a recording is a path, bytes, a Message, an Answer or a list of them, not {type(source).__name__}"
    )


def _load_path(path: Path) -> list[Recording]:
    if path.is_dir():
        return [_load_stream(file) for file in sorted(path.glob("*.sse"))]
    if path.suffix == ".json":
        return [from_message(json.loads(path.read_bytes()), name=path.stem)]
    return [_load_stream(path)]


def _load_stream(path: Path) -> Recording:
    timing = path.with_suffix(TIMING)
    known: dict[str, Any] = json.loads(timing.read_bytes()) if timing.is_file() else {}
    return Recording(
        name=path.stem,
        body=path.read_bytes(),
        status=known.get("status", 200),
        headers=tuple((name, value) for name, value in known.get("headers", ())),
        chunks=tuple((size, milliseconds / 1000) for size, milliseconds in known.get("chunks", ())),
        wait=known.get("wait", 0) / 1000,
        cut=known.get("cut", False),
    )


def from_message(message: Message | Mapping[str, Any], name: str | None = None) -> Recording:
    """The stream that would produce a message. Raises pydantic's ValidationError for JSON that is none."""
    from .. import events, sse
    from ..message import Message as MessageModel

    model = MessageModel.model_validate(message) if isinstance(message, Mapping) else message
    body = b"".join(sse.encode(events.to_sse(event)) for event in events.from_message(model))
    return Recording(name or model.id or "message", body)
