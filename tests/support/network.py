"""Networks for tests: one question asked through every face, raw sockets that misbehave, and the traces that are left.

Rule: a question is asked in the same words by blocking, on asyncio and on trio; what came of it is a value.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple, TypeAlias

import anyio
import httpx

from sseclaude import Anthropic, AnthropicError, APIError, AsyncAnthropic, Message, Timeout
from sseclaude.replay import AsyncReplayTransport, ReplayTransport
from tests.support.streams import STOP, block_start, block_stop, delta, finish, frame, start, text

KEY = "sk-ant-secret-0123456789"
ASK: dict[str, Any] = {"model": "m", "max_tokens": 64, "messages": [{"role": "user", "content": "Hi"}]}
FACES = ("sync", "asyncio", "trio")

EVENTS = [
    start(),
    block_start(0),
    text("Hello, "),
    text("wörld"),
    block_stop(0),
    block_start(1, "tool_use"),
    delta(1, "input_json_delta", partial_json='{"a": '),
    delta(1, "input_json_delta", partial_json="1}"),
    block_stop(1),
    finish("tool_use"),
    STOP,
]
FRAMES = [frame(body).replace(b"\\u00f6", "ö".encode()) for body in EVENTS]
STREAM = b"".join(FRAMES)
WORDS = "Hello, wörld"


# --- asking ------------------------------------------------------------------------------------------------------


class Answer(NamedTuple):
    """What came of one question."""

    error: AnthropicError | None
    message: Message | None
    """The whole message, or the partial one of the error."""
    words: str
    """What the caller was handed, if it took words."""
    attempts: int
    rules: list[str]
    seconds: float


def ask(face: str, how: str = "final", *, tasks: bool = True, **options: Any) -> Answer:
    """Ask once, with a client of these options: ``how`` is final, text, events or raw. Checks that no task is left.

    An ``http_client`` among the options is closed at the end.
    """
    options = {"api_key": KEY, "max_retries": 0, **options}
    given = options.get("http_client")
    if face == "sync":
        answer = _ask(Anthropic(**options), how)
        if given is not None:
            given.close()
        return answer

    async def run() -> Answer:
        before = tasks_alive()
        answer = await _aask(AsyncAnthropic(**options), how)
        if given is not None:
            await given.aclose()
        await anyio.lowlevel.checkpoint()
        assert not tasks or tasks_alive() == before
        return answer

    return anyio.run(run, backend=face)


def tasks_alive() -> int:
    """How many tasks the running loop has."""
    return len(anyio.get_running_tasks())


def _ask(client: Anthropic, how: str) -> Answer:
    began, words, stream = time.perf_counter(), [], None
    try:
        with client:
            if how == "raw":
                stream = client.messages.create(**ASK, stream=True)
                words.extend(map(_text, stream))
            else:
                with client.messages.stream(**ASK) as stream:
                    words.extend(TAKEN[how](stream))
                    return _whole(stream, stream.get_final_message(), words, began)
            return _whole(stream, None, words, began)
    except AnthropicError as error:
        return _broken(stream, error, words, began)


async def _aask(client: AsyncAnthropic, how: str) -> Answer:
    began, words, stream = time.perf_counter(), [], None
    try:
        async with client:
            if how == "raw":
                stream = await client.messages.create(**ASK, stream=True)
                async for event in stream:
                    words.append(_text(event))  # noqa: PERF401 - what came before an error counts
            else:
                async with client.messages.stream(**ASK) as stream:
                    async for piece in ATAKEN[how](stream):
                        words.append(piece)  # noqa: PERF401
                    return _whole(stream, await stream.get_final_message(), words, began)
            return _whole(stream, None, words, began)
    except AnthropicError as error:
        return _broken(stream, error, words, began)


def _text(event: Any) -> str:
    return event.text if event.type == "text" else getattr(getattr(event, "delta", None), "text", "")


async def _anothing(stream: Any) -> AsyncIterator[str]:
    return
    yield ""


async def _atext(stream: Any) -> AsyncIterator[str]:
    async for event in stream:
        if event.type == "text":
            yield event.text


TAKEN: dict[str, Callable[[Any], Iterator[str]]] = {
    "final": lambda stream: iter(()),
    "text": lambda stream: stream.text_stream,
    "events": lambda stream: (event.text for event in stream if event.type == "text"),
}
ATAKEN: dict[str, Callable[[Any], AsyncIterator[str]]] = {
    "final": _anothing,
    "text": lambda stream: stream.text_stream,
    "events": _atext,
}


def _whole(stream: Any, message: Message | None, words: list[str], began: float) -> Answer:
    rules = [rule for rule, _, _ in stream.deviations]
    return Answer(None, message, "".join(words), stream.attempts, rules, time.perf_counter() - began)


def _broken(stream: Any, error: AnthropicError, words: list[str], began: float) -> Answer:
    partial = error.partial_message if isinstance(error, APIError) else None
    attempts = error.attempts if isinstance(error, APIError) else 0
    rules = [rule for rule, _, _ in stream.deviations] if stream is not None else []
    return Answer(error, partial, "".join(words), attempts, rules, time.perf_counter() - began)


# --- without a socket --------------------------------------------------------------------------------------------


class Closings:
    """A transport around another, which counts how often each body was closed."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.counts: list[int] = []

    def _counted(self, response: httpx.Response) -> httpx.Response:
        number, close = len(self.counts), None
        self.counts.append(0)
        stream: Any = response.stream
        if isinstance(stream, httpx.SyncByteStream):
            close = stream.close
            stream.close = lambda: self._count(number) or close()
        if isinstance(stream, httpx.AsyncByteStream):
            aclose = stream.aclose
            stream.aclose = lambda: self._count(number) or aclose()
        return response

    def _count(self, number: int) -> None:
        self.counts[number] += 1


class CountingTransport(Closings, httpx.BaseTransport):
    """For blocking clients."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._counted(self.inner.handle_request(request))


class AsyncCountingTransport(Closings, httpx.AsyncBaseTransport):
    """For clients that await."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._counted(await self.inner.handle_async_request(request))


def http_client(face: str, transport: Any) -> Any:
    """An httpx client over a transport that was made for the face."""
    return httpx.Client(transport=transport) if face == "sync" else httpx.AsyncClient(transport=transport)


def replayed(face: str, **options: Any) -> Any:
    """A counting transport that plays ``STREAM``, for the face."""
    recordings = options.pop("recordings", [STREAM])
    if face == "sync":
        return CountingTransport(ReplayTransport(recordings, pace=None, **options))
    return AsyncCountingTransport(AsyncReplayTransport(recordings, pace=None, **options))


def mocked(face: str, handler: Callable[[httpx.Request], httpx.Response]) -> Any:
    """An httpx client whose requests a function answers."""
    return http_client(face, httpx.MockTransport(handler))


class Chunks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body of these chunks; an exception among them is raised in its place."""

    def __init__(self, *chunks: bytes | BaseException) -> None:
        self.chunks = iter(chunks)
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return (self._given(chunk) for chunk in self.chunks)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        for chunk in self.chunks:
            return self._given(chunk)
        raise StopAsyncIteration

    def _given(self, chunk: bytes | BaseException) -> bytes:
        if isinstance(chunk, BaseException):
            raise chunk
        return chunk

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1


def answer(*chunks: bytes | BaseException, status: int = 200, **headers: str) -> httpx.Response:
    """A response with a body in chunks; header names are written with underscores."""
    given = {"content-type": "text/event-stream", "request-id": "req_1"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=given, stream=Chunks(*chunks))


# --- over raw sockets --------------------------------------------------------------------------------------------

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nrequest-id: req_raw\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"

Play: TypeAlias = "Iterable[bytes | float | str]"
"""What a raw server does with one request: bytes are sent, a number is a pause in seconds, "reset" resets, "half" shuts
its own half, "hold" waits until the client leaves, "again" takes the next request on the same connection."""


def chunk(data: bytes) -> bytes:
    """Bytes as one chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"
LONG: list[bytes | str] = [CHUNKED, chunk(b"".join(FRAMES[:3])), "hold"]
"""An answer that stops in the middle of its text and keeps the connection."""

CLIENT: dict[str, Any] = {"api_key": KEY, "max_retries": 0, "timeout": Timeout(connect=5, idle=30)}
"""A client that asks once and is patient."""


class RawServer:
    """Plays scripts to connections, in order; the last one again and again. ``connections`` counts them."""

    def __init__(self, *plays: Play) -> None:
        self.plays = [list(play) for play in plays]
        self.connections = 0
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> RawServer:
        self._threads[0].start()
        return self

    def __exit__(self, *exc: object) -> None:
        for sock in (self._listener, *self._sockets):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                play = self.plays[min(self.connections, len(self.plays) - 1)]
                self.connections += 1
                self._sockets.append(sock)
                self._threads.append(threading.Thread(target=self._serve, args=(sock, play), daemon=True))
                self._threads[-1].start()

    def _serve(self, sock: socket.socket, play: list[bytes | float | str]) -> None:
        with sock, suppress(OSError):
            self._take_request(sock)
            for step in play:
                self._do(sock, step)

    def _take_request(self, sock: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._received(sock)
        head, _, body = data.partition(b"\r\n\r\n")
        (length,) = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        while len(body) < length:
            body += self._received(sock)
        self.requests.append(data)

    def _received(self, sock: socket.socket) -> bytes:
        data = sock.recv(65536)
        if not data:
            raise OSError("the client has left")
        return data

    def _do(self, sock: socket.socket, step: bytes | float | str) -> None:
        if isinstance(step, bytes):
            sock.sendall(step)
        elif isinstance(step, float):
            time.sleep(step)
        elif step == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif step == "half":
            sock.shutdown(socket.SHUT_WR)
        elif step == "again":
            self._take_request(sock)
        elif step == "hold":
            while sock.recv(65536):
                pass


# --- what is left ------------------------------------------------------------------------------------------------


def descriptors() -> dict[str, str]:
    """The descriptors that this process has open, and what each is."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # the one that listed them
            found[name] = os.readlink(f"/proc/self/fd/{name}")
    return {name: what for name, what in found.items() if what != "/dev/null"}  # uvloop keeps one


def threads() -> set[threading.Thread]:
    """The threads of this process, except those that event loops keep for a while to look up names."""
    return {thread for thread in threading.enumerate() if not thread.name.startswith(("Trio", "AnyIO", "asyncio"))}


@contextmanager
def nothing_left() -> Iterator[None]:
    """Check that no thread and no descriptor outlives the block; a server's own threads have a moment to end."""
    before, files = threads(), descriptors()
    yield
    for _ in range(200):
        if threads() <= before and len(descriptors()) <= len(files):
            return
        time.sleep(0.005)
    assert threads() <= before
    more = [pair for pair in descriptors().items() if pair not in files.items()]
    assert more == [], f"left open: {more}"
