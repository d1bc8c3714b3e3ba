"""A relay over HTTP for tests: the app on uvicorn in a thread, with the replay server as Claude."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from sseclaude import AsyncAnthropic
from sseclaude.relay import MemoryLog, Relay, app
from sseclaude.relay.http_server import Server, listen, url_of
from sseclaude.replay import ReplayServer

QUESTION: dict[str, Any] = {
    "model": "claude-sonnet-4-6",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Hello"}],
}
STREAMED = QUESTION | {"stream": True}
EVENTS = {"accept": "text/event-stream"}
LATER = {"prefer": "respond-async"}
PATIENCE = 20.0
HOST = "127.0.0.1"


class Serving:
    """A relay that serves in a thread. ``http`` is a client of its own; ``stop`` is what SIGTERM does."""

    def __init__(
        self,
        claude: ReplayServer,
        *,
        authorize: Callable[[Any], Any] | None = None,
        origins: Sequence[str] = (),
        make_log: Callable[[], Any] = MemoryLog,
        **limits: Any,
    ) -> None:
        self._claude = claude
        self._authorize = authorize
        self._origins = origins
        self._make_log = make_log
        self._limits = {"drain": 0, **limits}
        self._socket = listen(HOST, 0)
        self.url = url_of(self._socket, HOST)
        self.http = httpx.Client(base_url=self.url, timeout=PATIENCE)
        self.server: Server | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failure:  # to be raised where it is waited for
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        client = AsyncAnthropic(base_url=self._claude.url, api_key="sk-claude", max_retries=1)
        authorize, local = self._authorize or (lambda request: ""), self._authorize is None
        async with client, Relay(client, self._make_log(), **self._limits) as relay:
            site = app(relay, authorize, allow_origins=self._origins, local=local)
            self.server = Server(site, drain=relay.drain)
            self._ready.set()
            await self.server.serve(sockets=[self._socket])

    def refuse(self, refusing: bool) -> None:
        """Answer 503 to everything, as on the way out, or no longer."""
        assert self.server is not None
        self.server.streams.closing = refusing

    def leave(self) -> None:
        """Begin to stop, as at SIGTERM, and do not wait for it."""
        assert self.server is not None
        self.server.should_exit = True

    def stop(self) -> None:
        """Stop and wait for it."""
        self.http.close()
        self.leave()
        self._thread.join(PATIENCE)
        self._socket.close()
        assert not self._thread.is_alive()
        if self._failure is not None:
            raise self._failure

    # --- asking ---

    def ask(self, body: dict[str, Any] = STREAMED, **headers: str) -> httpx.Response:
        """POST a question and read the answer to its end; ``_`` in a header's name is ``-``."""
        return self.http.post("/v1/messages", json=body, headers=_named(headers))

    def start(self, body: dict[str, Any] = QUESTION, **headers: str) -> str:
        """Start an answer without reading it, and return its id."""
        started = self.ask(body, **{**LATER, **headers})
        assert started.status_code == 202, started.text
        id: str = started.json()["id"]
        return id

    def events(self, id: str, query: str = "", **headers: str) -> httpx.Response:
        """Follow an answer to its end."""
        return self.http.get(f"/v1/messages/{id}{query}", headers={**EVENTS, **_named(headers)})

    def state(self, id: str, **headers: str) -> dict[str, Any]:
        """Read an answer's state and message."""
        answer = self.http.get(f"/v1/messages/{id}", headers=_named(headers))
        assert answer.status_code == 200, answer.text
        state: dict[str, Any] = answer.json()
        return state


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def serving(claude: ReplayServer, **options: Any) -> Iterator[Serving]:
    """Serve a relay that asks ``claude``; the options are those of ``Serving``."""
    relay = Serving(claude, **options)
    try:
        yield relay
    finally:
        relay.stop()
