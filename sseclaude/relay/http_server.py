"""The server: uvicorn around the app, and the order in which it stops.

Purpose: listen; on SIGTERM or Ctrl-C disconnect the readers, so that they reconnect to another process.
Must not know: answers. Those that still run are ended afterwards, by the relay's own ``async with``.
Rule: stop accepting connections, then cut the streams, then close the connections. A second Ctrl-C skips the waiting.
"""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from .http_stream import OpenStreams

GRACE = 2
"""Seconds that requests have to end when the readers have been cut: what is left are answers of one document."""

BACKLOG = 4096


class Server(uvicorn.Server):
    """Serves an app of ``relay.app`` on sockets that are open already.

    ``announce`` is called once it answers; from then on signals end it as they should. ``streams`` are those that the
    app is sending; ``interrupted`` says that Ctrl-C ended it.
    """

    def __init__(self, app: Starlette, announce: Callable[[], None] = lambda: None) -> None:
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
        """Stop accepting and cut the readers, in one step of the event loop; then let uvicorn close the rest."""
        for server in self.servers:
            server.close()
        self.streams.cut()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address; port 0 is a free one. Raises OSError."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return socket.create_server(address[:2], family=family, backlog=BACKLOG)


def url_of(sock: socket.socket, host: str) -> str:
    """Return the base URL of a listening socket."""
    return f"http://{f'[{host}]' if ':' in host else host}:{sock.getsockname()[1]}"
