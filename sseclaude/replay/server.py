"""The replay server: the Messages API on a local socket.

Purpose: play scripts over TCP, so that any client in any language can be tested.
Must not know: what an answer says; the responder decides that.
Rule: one thread per connection, each blocked in one socket call at a time. To stop, shut the sockets down, which ends
these calls, and wait for every thread.
"""

from __future__ import annotations

import selectors
import socket
import struct
import threading
import time
import warnings
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Literal

from .choosing import Match
from .faults import Plan
from .http1 import BadRequest, ProtocolError, Wire
from .journal import Ended, Entry
from .pace import DEFAULT, Pace
from .recording import Source
from .responder import Exchange, Replay, refuse, standard_headers
from .script import Cut, Send, Steps, Wait
from .validation import Refusal

RECEIVE = 64 * 1024
FLUSH = 64 * 1024
"""Bytes gathered before they are written, when nothing makes the answer wait."""

SHORT = 0.005
"""Pauses below this many seconds are slept: a socket's timeout counts whole milliseconds."""

LONG = 10.0**6
"""Pauses above this many seconds have no end."""

BACKLOG = 4096
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class ReplayServer(Replay):
    """A server for tests: ``with ReplayServer() as server: Anthropic(base_url=server.url, api_key="any")``.

    It listens on 127.0.0.1 and a free port by default; another ``host`` gives a RuntimeWarning, for there
    is no real authentication. The other arguments are those of ``Replay``. It runs in threads of its own, so
    ``async with`` works on any event loop. Raises OSError when the port is taken.
    """

    def __init__(
        self,
        recordings: Source = None,
        *,
        pace: Pace | None = DEFAULT,
        faults: Iterable[Plan] = (),
        match: Match | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(recordings, pace=pace, faults=faults, match=match)
        if host not in LOOPBACK:
            warnings.warn(f"the replay server will answer anybody who reaches {host}", RuntimeWarning, stacklevel=2)
        self.host = host
        self.port = port
        self._accepted = 0
        self._acceptor: _Acceptor | None = None

    @property
    def url(self) -> str:
        """The base URL for a client."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def connections(self) -> int:
        """How many TCP connections were accepted so far."""
        return self._accepted

    def start(self) -> None:
        """Listen. Raises RuntimeError when it already does, OSError when the port is taken."""
        if self._acceptor is not None:
            raise RuntimeError("the replay server runs already")
        self._acceptor = _Acceptor(self)
        self.port = self._acceptor.port

    def stop(self) -> None:
        """Close all connections and wait for their threads. Safe to call twice."""
        acceptor, self._acceptor = self._acceptor, None
        if acceptor is not None:
            acceptor.stop()

    def __enter__(self) -> ReplayServer:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    async def __aenter__(self) -> ReplayServer:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import anyio.to_thread

        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.stop)


class _Acceptor:
    """Owns the listening socket and the connections' threads."""

    def __init__(self, server: ReplayServer) -> None:
        self._server = server
        self.stopping = threading.Event()
        family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
        self._listener = socket.create_server((server.host, server.port), family=family, backlog=BACKLOG)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._wake, self._woken = socket.socketpair()
        self._open: dict[_Connection, threading.Thread] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept, name="replay-server", daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._listener, selectors.EVENT_READ)
            ready.register(self._woken, selectors.EVENT_READ)
            while not self.stopping.is_set():
                ready.select()
                self._take_all()

    def _take_all(self) -> None:
        while not self.stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:  # nobody is left in the queue, or the one who was has gone
                return
            try:
                self._serve(sock)
            except OSError:  # on some systems a client that has gone again is noticed here
                sock.close()

    def _serve(self, sock: socket.socket) -> None:
        self._server._accepted += 1
        connection = _Connection(sock, self._server, self)
        thread = threading.Thread(target=connection.run, name="replay-connection", daemon=True)
        with self._lock:
            self._open[connection] = thread
        thread.start()

    def forget(self, connection: _Connection) -> None:
        """A connection's thread is at its end."""
        with self._lock:
            self._open.pop(connection, None)

    def stop(self) -> None:
        self.stopping.set()
        self._wake.send(b"x")
        self._thread.join()
        with self._lock:
            running = dict(self._open)
        for connection in running:
            connection.wake()
        for thread in running.values():
            thread.join()
        for sock in (self._listener, self._wake, self._woken):
            sock.close()


class _Connection:
    """One client: read a request, play its answer, and again."""

    def __init__(self, sock: socket.socket, server: ReplayServer, acceptor: _Acceptor) -> None:
        sock.setblocking(True)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self._server = server
        self._acceptor = acceptor
        self._wire = Wire()

    def run(self) -> None:
        try:
            while self._serve_one():
                pass
        except BadRequest as error:
            self._refuse(error)
        except OSError:  # the client is gone, or the server stops
            pass
        finally:
            self._sock.close()
            self._acceptor.forget(self)

    def wake(self) -> None:
        """End whatever socket call the thread is in."""
        with suppress(OSError):  # it may have been closed in the meantime
            self._sock.shutdown(socket.SHUT_RDWR)

    def _serve_one(self) -> bool:
        while isinstance(request := self._wire.next_request(), bytes):
            if request:
                self._sock.sendall(request)
            self._wire.receive(self._sock.recv(RECEIVE))
        if request is None:
            return False
        exchange = self._server.responder.respond(request)
        ended = self._play(exchange)
        self._server.requests.finish(exchange.entry, ended)
        return ended == "complete" and self._wire.next_cycle()

    def _play(self, exchange: Exchange) -> Ended:
        try:
            return self._play_steps(exchange.steps, exchange.entry)
        except OSError:
            return self._left()

    def _left(self) -> Ended:
        return "stopped" if self._acceptor.stopping.is_set() else "client left"

    def _play_steps(self, steps: Steps, entry: Entry) -> Ended:
        self._wire.begin(steps)
        output = _Output(self._sock, entry)
        due = time.monotonic()
        for step in steps:
            if isinstance(step, Wait):
                output.flush()
                due += step.seconds  # counted from the start, so that a late one does not wait again
                if (left := due - time.monotonic()) > 0 and not self._pause(left):
                    return self._left()
            elif isinstance(step, Cut):
                output.flush()
                self._cut(step.how)
                return "fault"
            else:
                output.add(self._wire.encode(step), len(step.data) if isinstance(step, Send) else 0)
        output.flush()
        return "complete"

    def _pause(self, seconds: float) -> bool:
        """Be silent, and listen: False as soon as the client has gone or the server stops."""
        if seconds < SHORT:
            time.sleep(seconds)
            return True
        self._sock.settimeout(seconds if seconds < LONG else None)
        try:
            if not self._sock.recv(1, socket.MSG_PEEK):
                return False
        except TimeoutError:
            return True
        finally:
            self._sock.settimeout(None)
        # The next request is here already, so its end cannot be seen: only a stop ends the silence early.
        return not self._acceptor.stopping.wait(min(seconds, threading.TIMEOUT_MAX))

    def _cut(self, how: Literal["close", "half", "reset"]) -> None:
        if how == "reset":  # closing without lingering sends RST
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif how == "half":
            self._sock.shutdown(socket.SHUT_WR)
            while self._sock.recv(RECEIVE):
                pass

    def _refuse(self, error: BadRequest) -> None:
        """Say what was wrong with bytes that are no HTTP; nobody may be listening any more."""
        steps = refuse(Refusal(400, f"not HTTP: {error}"), standard_headers(0))
        with suppress(OSError, ProtocolError):
            self._wire.begin(steps)
            self._sock.sendall(b"".join(map(self._wire.encode, steps)))


class _Output:
    """Gathers what is to be written, and counts the body's bytes that were."""

    def __init__(self, sock: socket.socket, entry: Entry) -> None:
        self._sock = sock
        self._entry = entry
        self._pending: list[bytes] = []
        self._size = 0
        self._counted = 0

    def add(self, data: bytes, counted: int) -> None:
        self._pending.append(data)
        self._size += len(data)
        self._counted += counted
        if self._size >= FLUSH:
            self.flush()

    def flush(self) -> None:
        if self._pending:
            self._sock.sendall(b"".join(self._pending))
            self._entry.bytes_sent += self._counted
            self._pending, self._size, self._counted = [], 0, 0
