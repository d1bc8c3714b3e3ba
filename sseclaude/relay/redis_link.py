"""The connection to Redis: few sockets, many commands at a time, and since when Redis has been reachable.

Purpose: ``RedisLink``, which sends commands and returns their replies; the names of keys and channels.
Must not know: what the commands mean.
Rule: a command whose reply was lost is sent a second time, so every command must be idempotent. There are three
connections: for the appends, for all that is read, and for notifications.
"""

from __future__ import annotations

import asyncio
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from secrets import token_hex
from typing import Any

from redis.asyncio.client import PubSub
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, NoScriptError, RedisError, ResponseError

from .log import LogUnavailableError
from .redis_wire import Command, Done, RedisWire, Reply
from .scripts import SCRIPTS, Script

CONNECT_SECONDS = 2.0
REPLY_SECONDS = 3.0
"""How long a reply may take. A Redis that hangs is one that is away."""

LEASE = 10.0
"""Seconds that a producer is taken for alive after its last sign."""

RENEWAL = 3.0
"""Seconds between two signs."""

LOOK = 1.0
"""Seconds between two looks at everything, which make up for lost notifications."""

OLDEST = (6, 2)
"""The oldest Redis that will do."""


class Line:
    """A way to Redis: a connection that is made when it is needed, and made anew when it is lost."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._wire: RedisWire | None = None
        self._connecting: asyncio.Task[RedisWire] | None = None
        self.broke_at: float | None = None

    async def exchange(self, commands: Sequence[Command]) -> list[Reply]:
        """Send commands and return their replies. A connection that broke is tried once more. Raises RedisError."""
        if self._wire is not None and not self._wire.lost:
            with suppress(ConnectionError):
                return await self._wire.exchange(commands)
        return await (await self._connected()).exchange(commands)

    def send(self, commands: Sequence[Command], done: Done) -> None:
        """Send commands on the connection that there is now. ``done`` takes the replies, or the error: none is made."""
        if self._wire is None:
            done(ConnectionError("there is no connection yet"))
        else:
            self._wire.send(commands, done)

    async def _connected(self) -> RedisWire:
        """Return the connection. All who need it wait for the same one."""
        if self._wire is not None and not self._wire.lost:
            return self._wire
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connect(), name="sseclaude relay: connect")
            self._connecting.add_done_callback(self._forget)
        return await asyncio.shield(self._connecting)

    async def _connect(self) -> RedisWire:
        if self._wire is not None:
            self.broke_at = time.monotonic()
            await self._wire.close()
        self._wire = await RedisWire.connect(self._make, REPLY_SECONDS)
        return self._wire

    def _forget(self, task: asyncio.Task[RedisWire]) -> None:
        self._connecting = None
        if not task.cancelled():
            task.exception()  # seen, also where nobody waits any more

    async def close(self) -> None:
        """Close the connection."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        if self._wire is not None:
            await self._wire.close()


class RedisLink:
    """Sends commands to one Redis."""

    def __init__(self, url: str, prefix: str) -> None:
        self.process = token_hex(8)
        self.ttl = 0.0
        self._prefix = prefix
        self._pool: Any = ConnectionPool.from_url(
            url,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=REPLY_SECONDS,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            **({} if url.startswith("unix:") else {"socket_keepalive": True}),
        )
        make: Callable[[], Any] = self._pool.make_connection
        try:
            make()  # opens nothing
        except TypeError as error:
            raise ValueError(f"the URL has an option that there is not: {error}") from None
        self._reads = Line(make)
        self._appends = Line(make)
        self._written_at = 0.0
        self._there_since: float | None = None

    # --- names ---

    def key(self, id: str, what: str) -> str:
        """Return the name of a key, or channel, of an answer: one hash tag for all of them."""
        return f"{self._prefix}:{{{id}}}:{what}"

    def id_of(self, channel: bytes) -> str:
        """Return the answer that a channel is of."""
        return channel.decode().rpartition("{")[2].partition("}")[0]

    @property
    def channel(self) -> str:
        """The channel of this process: the ids of its answers that others ended."""
        return self.key(self.process, "ended")

    def milliseconds(self, *, running: bool) -> int:
        """Return how long an answer is to be kept from now."""
        return int(max(self.ttl, 60.0) * 1000) if running else max(int(self.ttl * 1000), 1)

    # --- commands ---

    def evaluate(self, script: Script, id: str, *arguments: Any) -> Command:
        """Return the command that runs a script for an answer."""
        return ("EVALSHA", script.digest, 2, self.key(id, "state"), self.key(id, "events"), *arguments)

    async def run(self, command: Command) -> Reply:
        """Send one command and return its reply. Raises LogUnavailableError."""
        (reply,) = await self.exchange([command])
        if isinstance(reply, ResponseError):
            raise LogUnavailableError(f"Redis refuses: {reply}") from reply
        return reply

    async def exchange(self, commands: Sequence[Command]) -> list[Reply]:
        """Send commands in one go and return their replies. Raises LogUnavailableError if Redis cannot be reached.

        A script that Redis does not know (any more) is loaded, and all is sent once more.
        """
        return await self._exchange(self._reads, commands)

    async def append(self, commands: Sequence[Command]) -> list[Reply]:
        """Do what ``exchange`` does, on a connection where no long reply is in the way."""
        return await self._exchange(self._appends, commands)

    def append_now(self, commands: Sequence[Command], done: Done) -> None:
        """Do what ``append`` does in the likely case, without a task.

        ``done`` takes the replies, which may be those of a Redis that does not know a script, or the error. Then it is
        for the caller to ``append`` the same commands.
        """
        self._appends.send(commands, done)

    async def _exchange(self, line: Line, commands: Sequence[Command]) -> list[Reply]:
        try:
            replies = await line.exchange(commands)
            if any(isinstance(reply, NoScriptError) for reply in replies):
                await line.exchange([("SCRIPT", "LOAD", script.text) for script in SCRIPTS])
                replies = await line.exchange(commands)
        except (RedisError, OSError) as error:
            raise LogUnavailableError(f"Redis cannot be reached: {error}") from error
        return replies

    def pubsub(self) -> PubSub:
        """Return a subscription, which takes one connection."""
        return PubSub(self._pool, push_handler_func=None)

    async def close(self) -> None:
        """Close all connections."""
        for line in (self._appends, self._reads):
            await line.close()
        await self._pool.aclose()

    # --- whether it is there ---

    def beat(self) -> Command:
        """Return a command that shows whether Redis takes what is written; ``note_beat`` its reply every second."""
        return ("SET", self.key(self.process, "alive"), "1", "PX", 60_000)

    def note_beat(self, reply: Reply | None) -> None:
        """Note the reply to ``beat``; None if there was none."""
        now = time.monotonic()
        written = reply is not None and not isinstance(reply, ResponseError)
        if not written or now - self._written_at > 3 * LOOK:  # it was away, or this process slept
            self._there_since = now if written else None
        if written:
            self._written_at = now

    @property
    def may_judge(self) -> bool:
        """Whether Redis was there, for writing, for as long as a lease: producers had the time to come back to it."""
        return self._there_since is not None and time.monotonic() - self._there_since >= LEASE

    @property
    def recovering(self) -> bool:
        """Whether a connection broke less than a lease ago: what a restart lost may not have been written again yet."""
        now = time.monotonic()
        return any(line.broke_at is not None and now - line.broke_at < LEASE for line in (self._reads, self._appends))

    def doubt(self) -> None:
        """Begin to wait for a lease's length again: Redis refused to end an answer."""
        self._there_since = None

    async def check(self) -> None:
        """Name what is wrong with this Redis: raises LogUnavailableError, or warns if it may evict answers."""
        info = _fields(await self.run(("INFO", "server"))) | _fields(await self.run(("INFO", "memory")))
        version = info.get("redis_version", "0")
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
            raise LogUnavailableError(f"Redis {version} is too old: the relay needs 6.2")
        await self.run(self.beat())
        policy = info.get("maxmemory_policy", "noeviction")
        if policy != "noeviction":
            text = f"Redis may evict answers that are being read: its maxmemory-policy is {policy}, not noeviction"
            warnings.warn(text, UserWarning, stacklevel=3)


def _fields(info: bytes) -> dict[str, str]:
    lines = info.decode("utf-8", "replace").splitlines()
    return {name: value for name, _, value in (line.partition(":") for line in lines) if value}
