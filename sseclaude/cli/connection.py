"""The client that the shared options describe, with its recorder and its copy of the bytes.

Purpose: make an ``Anthropic`` client; record its answers; pass a copy of the received bytes to a function.
Must not know: which request is sent, or how the answer is printed.
Rule: recording and copying change neither the bytes nor when they arrive.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import click
import httpx

from ..client.client import Anthropic, AsyncAnthropic
from ..client.http_clients import tls_context
from ..client.stream import MessageStreamManager
from ..errors import APIConnectionError
from ..replay.recorder import Recorder
from .options import setting
from .terminal import say

Listen = Callable[[bytes | None], None]
"""Is called with each piece of a body as it came, and with None when another attempt's body begins."""


@contextmanager
def connected(listen: Listen | None = None) -> Iterator[Anthropic]:
    """Make the client, and close it. Raises click.UsageError without a key.

    An APIConnectionError names the server's address.
    """
    recording = _recorder()
    hooks = [hook for hook in (recording, listen and _Tap(listen)) if hook]
    http = _listened(hooks) if hooks else None
    with http or nullcontext(), _client(http) as client:
        try:
            yield client
        except APIConnectionError as error:
            if error.progress is None:
                error.message = f"{_address(str(client.base_url))}: {error.message}"
            raise
        finally:
            if recording is not None:
                recording.report()
    if recording is not None and recording.failed:
        raise click.exceptions.Exit(1)


def _address(url: str) -> str:
    """Return a URL without user and password."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "the base URL"
    return f"{parsed.scheme}://{parsed.netloc.decode('ascii')}{parsed.path.rstrip('/')}"


def _client(http: httpx.Client | None) -> Anthropic:
    client = Anthropic(**client_options(), http_client=http)
    check_key(client)
    return client


def client_options() -> dict[str, Any]:
    """Return the arguments of a client that the shared options name."""
    named = {name: setting(name) for name in ("base_url", "api_key", "auth_token", "timeout", "max_retries", "strict")}
    options: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    options["betas"] = [beta for beta in (setting("betas") or "").split(",") if beta]
    return options


def check_key(client: Anthropic | AsyncAnthropic) -> None:
    """Raise click.UsageError if a client has no key."""
    if not (client.api_key or client.auth_token):
        raise click.UsageError("no API key: set ANTHROPIC_API_KEY, or pass --api-key")


def exactly(body: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments that make a request with this body and nothing else in it."""
    return {"extra_body": body}


def ask(client: Anthropic, body: dict[str, Any]) -> MessageStreamManager[Any]:
    """Request a message as a stream, with this body."""
    return client.messages.stream(**exactly(body))


def _listened(hooks: list[Any]) -> httpx.Client:
    """Make an HTTP client as the library makes its own, with hooks."""
    events: dict[str, list[Callable[..., Any]]] = {
        "request": [hook.sent for hook in hooks],
        "response": [hook.answered for hook in hooks],
    }
    return httpx.Client(verify=tls_context(), follow_redirects=False, event_hooks=events)


class _Recording:
    """Writes each answer to a file (see ``replay.recorder``)."""

    def __init__(self, path: Path) -> None:
        self._recorder = Recorder(path)
        self._sent_at = 0.0

    def sent(self, request: httpx.Request) -> None:
        self._sent_at = time.perf_counter()

    def answered(self, response: httpx.Response) -> None:
        self._recorder.tap(response, time.perf_counter() - self._sent_at)

    @property
    def failed(self) -> bool:
        return bool(self._recorder.failures)

    def report(self) -> None:
        """Say where the answers went, and what was not written."""
        for path in self._recorder.written:
            say(f"recorded in {path}", dim=True)
        for failure in self._recorder.failures:
            say(f"--record: {failure.filename or self._recorder.path}: {failure.strerror}", fg="red")


def _recorder() -> _Recording | None:
    if setting("record") is None:
        return None
    path = Path(setting("record"))
    if path.suffix != ".sse":
        raise click.UsageError(f"--record: {path} does not end in .sse")
    if not path.parent.is_dir():
        raise click.UsageError(f"--record: there is no folder {path.parent}")
    if path.exists() and not setting("force", False):
        raise click.UsageError(f"--record: {path} exists; --force overwrites it")
    return _Recording(path)


class _Tap(httpx.SyncByteStream):
    """Copies the bytes of each body to a listener."""

    _stream: httpx.SyncByteStream

    def __init__(self, listen: Listen) -> None:
        self._listen = listen

    def sent(self, request: httpx.Request) -> None:
        self._listen(None)

    def answered(self, response: httpx.Response) -> None:
        assert isinstance(response.stream, httpx.SyncByteStream)
        self._stream = response.stream
        response.stream = self

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            self._listen(chunk)
            yield chunk

    def close(self) -> None:
        self._stream.close()
