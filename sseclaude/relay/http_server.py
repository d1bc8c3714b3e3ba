"""The server: uvicorn around the app, and the order in which it stops.

Purpose: listen; on SIGTERM or Ctrl-C disconnect the readers, so that they reconnect to another process.
Must not know: answers. A caller's function, ``drain``, waits for those that still run.
Rule: cut the streams; answer 503 while ``drain`` waits, so that a load balancer asks another process; then stop
accepting connections, and close those that are left. A second Ctrl-C skips the waiting.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette

from .http_stream import OpenStreams

GRACE = 2
"""Seconds that requests have to end when the readers have been cut: what is left are answers of one document."""

BACKLOG = 4096

LOOK = 0.1
"""Seconds between two looks whether Ctrl-C came again."""


async def _at_once() -> None:
    """Wait for nothing."""


class Server(uvicorn.Server):
    """Serves an app of ``relay.app`` on sockets that are open already.

    ``announce`` is called once it answers; from then on signals end it as they should. ``drain`` returns when what runs
    has ended, or has had its time. ``streams`` are those that the app is sending; ``interrupted`` says that Ctrl-C
    ended it.
    """

    def __init__(
        self,
        app: Starlette,
        announce: Callable[[], None] = lambda: None,
        drain: Callable[[], Coroutine[Any, Any, None]] = _at_once,
    ) -> None:
        # uvicorn's own words, a traceback for each reader that was cut among them, help nobody here.
        logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                backlog=BACKLOG,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self.streams: OpenStreams = app.state.streams
        self.interrupted = False
        self._announce = announce
        self._drain = drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self._announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop. Unlike uvicorn's own, it does not let the signal end the process afterwards."""
        self.force_exit = self.force_exit or (self.should_exit and sig == signal.SIGINT)
        self.interrupted = self.interrupted or sig == signal.SIGINT
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut the readers, answer 503 while what runs has its time, then let uvicorn close the rest."""
        self.streams.cut()
        for connection in list(self.server_state.connections):
            connection.shutdown()  # idle ones at once, so that the next request may go to another process
        draining = asyncio.create_task(self._drain())
        while not draining.done() and not self.force_exit:
            await asyncio.wait([draining], timeout=LOOK)
        if draining.cancel():
            await asyncio.wait([draining])
        else:
            draining.result()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address; port 0 is a free one. Raises OSError."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return socket.create_server(address[:2], family=family, backlog=BACKLOG)


def url_of(sock: socket.socket, host: str) -> str:
    """Return the base URL of a listening socket."""
    return f"http://{f'[{host}]' if ':' in host else host}:{sock.getsockname()[1]}"
