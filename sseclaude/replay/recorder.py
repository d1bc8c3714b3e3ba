"""Record real answers in one line.

Purpose: write an answer's bytes, and when they came, to files while the program reads them.
Must not know: what the bytes say.
Rule: the program's reading is not changed. No key is written, and the request only if asked for. A failure to write is
a RuntimeWarning and an entry in ``Recorder.failures``; it never ends the answer.

    httpx.Client(transport=record("answer.sse", httpx.HTTPTransport()))
    httpx.Client(event_hooks={"response": [record("answer.sse")]})

Both work with AsyncClient too, and with httpx2. A path that ends in ``.sse`` names the first answer, further ones are
``answer-2.sse`` and so on; any other path is a folder, its files ``0001.sse`` and so on. Beside each there is a
``.timing.json``: see ``recording.py``. The files are written when the answer ends or is closed.
"""

from __future__ import annotations

import json
import time
import warnings
import zlib
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from itertools import count
from os import PathLike
from pathlib import Path
from typing import Any, overload

import httpx

from ..client.decompress import decoder_of
from ..errors import ProtocolError
from .families import family_of, stream_class
from .recording import TIMING

HARMLESS = frozenset({"content-type", "cache-control", "request-id", "retry-after", "retry-after-ms", "x-should-retry"})
HARMLESS_PREFIX = "anthropic-ratelimit-"

MAX_INFLATED_BYTES = 64 * 1024 * 1024
"""The size up to which a compressed answer is written decompressed; a larger one is written as it came."""


@overload
def record(path: str | PathLike[str], *, request: bool = ...) -> Recorder: ...
@overload
def record(
    path: str | PathLike[str], transport: httpx.BaseTransport | httpx.AsyncBaseTransport, *, request: bool = ...
) -> RecordingTransport: ...
def record(
    path: str | PathLike[str],
    transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None = None,
    *,
    request: bool = False,
) -> Recorder | RecordingTransport:
    """A recorder: an event hook for responses or, around a transport, a transport.

    The transport also records the time until the headers; a hook comes too late for that. ``request`` writes the
    request's method, path and body to ``NAME.request.json``; its headers are never written.
    """
    recorder = Recorder(Path(path), request)
    return recorder if transport is None else RecordingTransport(recorder, transport)


class Recorder:
    """An httpx event hook, sync and async: it puts itself between the response and its stream.

    ``written`` lists the recordings that are complete on disk, ``failures`` what kept others from being written.
    """

    def __init__(self, path: Path, request: bool = False) -> None:
        self.path = path
        self.request = request
        self.written: list[Path] = []
        self.failures: list[OSError] = []
        self._numbers = count(1)

    def __call__(self, response: httpx.Response) -> Awaitable[None] | None:
        """Record a response that has just begun."""
        self.tap(response, 0.0)
        return None if isinstance(response.stream, family_of(response).SyncByteStream) else _nothing()

    def tap(self, response: httpx.Response, wait: float, request: httpx.Request | None = None) -> None:
        """Record what is read from the response from now on; its headers took ``wait`` seconds."""
        take = _Take(self, response, wait, request or response.request)
        family = family_of(response)
        is_sync = isinstance(response.stream, family.SyncByteStream)
        tee = (_Tee, family.SyncByteStream) if is_sync else (_AsyncTee, family.AsyncByteStream)
        response.stream = stream_class(*tee)(response.stream, take)

    def next_path(self) -> Path:
        """Where the next recording goes."""
        number = next(self._numbers)
        if self.path.suffix != ".sse":
            return self.path / f"{number:04}.sse"
        return self.path if number == 1 else self.path.with_name(f"{self.path.stem}-{number}.sse")


async def _nothing() -> None:
    """What an async hook returns to be awaited."""


class RecordingTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport, sync or async as the one inside it is, that records every response."""

    def __init__(self, recorder: Recorder, transport: httpx.BaseTransport | httpx.AsyncBaseTransport) -> None:
        self._recorder = recorder
        self._transport: Any = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on, and record the response."""
        started = time.perf_counter()
        response: httpx.Response = self._transport.handle_request(request)
        self._recorder.tap(response, time.perf_counter() - started, request)
        return response

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on, and record the response."""
        started = time.perf_counter()
        response: httpx.Response = await self._transport.handle_async_request(request)
        self._recorder.tap(response, time.perf_counter() - started, request)
        return response

    def close(self) -> None:
        """Close the transport inside."""
        self._transport.close()

    async def aclose(self) -> None:
        """Close the transport inside."""
        await self._transport.aclose()


class _Take:
    """One answer while it is being recorded."""

    def __init__(self, recorder: Recorder, response: httpx.Response, wait: float, request: httpx.Request) -> None:
        self._recorder = recorder
        self._path = recorder.next_path()
        self._response = response
        self._request = request if recorder.request else None
        self._wait = wait
        self._chunks: list[tuple[bytes, float]] = []
        self._cut = False
        self._written = False
        self._last = time.perf_counter()

    def add(self, chunk: bytes) -> None:
        now = time.perf_counter()
        self._chunks.append((chunk, (now - self._last) * 1000))
        self._last = now

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Write when reading is over, however it ends, and note whether it failed."""
        try:
            yield
        except BaseException as end:
            self._cut = isinstance(end, family_of(self._response).TransportError)
            self.write()
            raise

    def write(self) -> None:
        if self._written:
            return
        self._written = True
        try:
            self._write()
        except OSError as failure:
            self._recorder.failures.append(failure)
            warnings.warn(f"the answer was not recorded: {failure}", RuntimeWarning, stacklevel=2)
        else:
            self._recorder.written.append(self._path)

    def _write(self) -> None:
        headers = _harmless(self._response.headers)
        chunks = self._decoded()
        if chunks is None:
            chunks = self._chunks
            headers.append(["content-encoding", self._response.headers["content-encoding"]])
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_bytes(b"".join(data for data, _ in chunks))
        self._write_json(TIMING, self._timing(headers, chunks))
        if self._request is not None:
            self._write_json(".request.json", _described(self._request))

    def _timing(self, headers: list[list[str]], chunks: list[tuple[bytes, float]]) -> dict[str, Any]:
        return {
            "status": self._response.status_code,
            "headers": headers,
            "wait": round(self._wait * 1000, 3),
            "chunks": [[len(data), round(milliseconds, 3)] for data, milliseconds in chunks],
            "cut": self._cut,
        }

    def _write_json(self, suffix: str, value: object) -> None:
        self._path.with_suffix(suffix).write_text(json.dumps(value) + "\n", encoding="utf-8")

    def _decoded(self) -> list[tuple[bytes, float]] | None:
        """The chunks without their encoding, as a recording should be read; None if it cannot be undone here."""
        inflater = decoder_of(self._response.headers.get("content-encoding", ""))
        if inflater is None:
            return self._chunks
        decoded: list[tuple[bytes, float]] = []
        left = MAX_INFLATED_BYTES
        try:
            for data, milliseconds in self._chunks:
                inflater.feed(data)
                pieces = []
                while left >= 0 and (piece := inflater.piece()):
                    pieces.append(piece)
                    left -= len(piece)
                decoded.append((b"".join(pieces), milliseconds))
        except (zlib.error, ProtocolError):
            return None
        return decoded if left >= 0 else None


def _harmless(headers: httpx.Headers) -> list[list[str]]:
    return [[name, value] for name, value in headers.items() if name in HARMLESS or name.startswith(HARMLESS_PREFIX)]


def _described(request: httpx.Request) -> dict[str, Any]:
    try:
        content = request.content
    except family_of(request).RequestNotRead:  # it was streamed, and is gone
        content = b""
    try:
        body: Any = json.loads(content)
    except ValueError:
        body = content.decode("utf-8", "replace")
    return {"method": request.method, "path": request.url.raw_path.decode("ascii"), "body": body}


class _Tee:
    def __init__(self, stream: httpx.SyncByteStream, take: _Take) -> None:
        self._stream = stream
        self._take = take

    def __iter__(self) -> Iterator[bytes]:
        with self._take.watch():
            for chunk in self._stream:
                self._take.add(chunk)
                yield chunk
        self._take.write()

    def close(self) -> None:
        try:
            self._stream.close()
        finally:
            self._take.write()


class _AsyncTee:
    def __init__(self, stream: httpx.AsyncByteStream, take: _Take) -> None:
        self._stream = stream
        self._chunks = aiter(stream)
        self._take = take

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:  # no async generator: one that is left early cannot be tidied away in time
        with self._take.watch():
            chunk = await anext(self._chunks)
        self._take.add(chunk)
        return chunk

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            self._take.write()
