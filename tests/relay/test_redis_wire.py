"""The connection to Redis: replies cut anywhere, callers that leave, and what is no Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import pytest
from redis.exceptions import ConnectionError, InvalidResponse, NoScriptError, RedisError, ResponseError, TimeoutError

from sseclaude.relay import LogUnavailableError
from sseclaude.relay.redis_link import RedisLink
from sseclaude.relay.redis_wire import RedisWire, ReplyParser, packed
from tests.support.redis_server import WHY_NOT, RedisServer, binary

pytestmark = pytest.mark.anyio

REPLIES = [
    (b"+OK\r\n", b"OK"),
    (b":-12\r\n", -12),
    (b"$3\r\na\r\n\r\n", b"a\r\n"),
    (b"$0\r\n\r\n", b""),
    (b"$-1\r\n", None),
    (b"*-1\r\n", None),
    (b"*0\r\n", []),
    (b"*2\r\n*2\r\n$1\r\n1\r\n*2\r\n$1\r\na\r\n$4\r\n\r\n\r\n\r\n:7\r\n", [[b"1", [b"a", b"\r\n\r\n"]], 7]),
    (b"*1\r\n*0\r\n", [[]]),
    (b"$70000\r\n" + b"x" * 70000 + b"\r\n", b"x" * 70000),
]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 4096, 1 << 20])
async def test_replies_are_parsed_however_they_are_cut(size: int) -> None:
    parser, sent = ReplyParser(), b"".join(reply for reply, _ in REPLIES)
    found = [reply for at in range(0, len(sent), size) for reply in parser.feed(sent[at : at + size])]
    assert found == [value for _, value in REPLIES]


@pytest.mark.parametrize(
    ("said", "kind"), [(b"-ERR no\r\n", ResponseError), (b"-NOSCRIPT no\r\n", NoScriptError)], ids=["other", "script"]
)
async def test_an_error_is_a_value(said: bytes, kind: type[Exception]) -> None:
    (found,) = ReplyParser().feed(said)
    assert type(found) is kind
    assert str(found) == said[1:-2].decode()


@pytest.mark.parametrize("said", [b"HTTP/1.1 400\r\n", b"\r\n", b"$x\r\n"])
async def test_what_is_no_reply_is_refused(said: bytes) -> None:
    with pytest.raises((InvalidResponse, ValueError)):
        ReplyParser().feed(said)


async def test_a_command_is_packed_by_the_length_of_its_bytes() -> None:
    assert packed(("SET", "é", b"\xff", 12)) == b"*4\r\n$3\r\nSET\r\n$2\r\n\xc3\xa9\r\n$1\r\n\xff\r\n$2\r\n12\r\n"


# --- on a connection -------------------------------------------------------------------------------------------------


class Plain:
    """What a wire needs of redis-py's connection, without what that says of itself first."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def connect(self) -> None:
        _, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def disconnect(self, nowait: bool) -> None:
        self._writer.close()


@asynccontextmanager
async def wire_to(port: int, patience: float = 10.0) -> AsyncIterator[RedisWire]:
    wire = await RedisWire.connect(lambda: Plain(port), patience)
    try:
        yield wire
    finally:
        await wire.close()


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(serve: Serve) -> AsyncIterator[int]:
    """Something on a port that is no Redis."""
    serving: list[asyncio.Task[None]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.create_task(answer(reader, writer)))

    listening = await asyncio.start_server(begin, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await asyncio.sleep(0.01)  # what was closed is closed in the loop's next steps


async def test_each_caller_gets_its_own_replies(redis: RedisServer) -> None:
    async with wire_to(redis.port) as wire:

        async def ask(number: int) -> None:
            commands = [("ECHO", f"{number}.{each}") for each in range(number % 4 + 1)]
            expected = [f"{number}.{each}".encode() for each in range(number % 4 + 1)]
            assert await wire.exchange(commands) == expected

        await asyncio.gather(*(ask(number) for number in range(200)))


async def test_a_caller_who_leaves_disturbs_nobody(redis: RedisServer) -> None:
    async with wire_to(redis.port) as wire:
        leaving = asyncio.create_task(wire.exchange([("ECHO", "mine")]))
        staying = asyncio.create_task(wire.exchange([("ECHO", "yours")]))
        await asyncio.sleep(0)
        leaving.cancel()
        assert await staying == [b"yours"]
        assert await wire.exchange([("ECHO", "later")]) == [b"later"]


async def test_a_reply_that_does_not_come_ends_the_connection_for_all() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        await anyio.sleep(60)

    async with server(silent) as port, wire_to(port, patience=0.2) as wire:
        for result in await asyncio.gather(*(wire.exchange([("PING",)]) for _ in range(3)), return_exceptions=True):
            assert type(result) is TimeoutError
        assert wire.lost


async def test_replies_in_time_are_waited_for_beyond_the_first_look() -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(6):
            await reader.readuntil(b"PING\r\n")
            await anyio.sleep(0.1)
            writer.write(b"+PONG\r\n")

    async with server(slow) as port, wire_to(port, patience=0.35) as wire:
        for _ in range(6):
            assert await wire.exchange([("PING",)]) == [b"PONG"]


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n", b"+ONE\r\n+TOO MANY\r\n"])
async def test_what_is_no_redis_is_a_lost_connection(says: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(says)

    async with server(serve) as port, wire_to(port) as wire:
        with suppress(ConnectionError):
            await wire.exchange([("PING",)])  # the second line is the one too many
        with pytest.raises(ConnectionError):
            await wire.exchange([("PING",)])
        assert wire.lost


async def test_a_connection_that_broke_while_it_was_idle_is_made_anew(redis: RedisServer) -> None:
    link = RedisLink(redis.url, "p")
    assert await link.run(("PING",)) == b"PONG"
    redis.ask(b"CLIENT", b"KILL", b"TYPE", b"normal")
    assert await link.run(("PING",)) == b"PONG"
    await link.close()


async def test_all_who_wait_for_a_connection_wait_for_the_same_one(redis: RedisServer) -> None:
    link = RedisLink(redis.url, "p")
    assert await asyncio.gather(*(link.run(("PING",)) for _ in range(50))) == [b"PONG"] * 50
    clients = [line for line in redis.ask(b"CLIENT", b"LIST").splitlines() if b"id=" in line]
    assert len(clients) == 2  # this one, and who asks
    await link.close()


async def test_a_connection_that_cannot_be_made_fails_all_who_wait(own_redis: RedisServer) -> None:
    own_redis.stop()
    link = RedisLink(own_redis.url, "p")
    for result in await asyncio.gather(*(link.run(("PING",)) for _ in range(5)), return_exceptions=True):
        assert type(result) is LogUnavailableError
        assert isinstance(result.__cause__, (RedisError, OSError))
    own_redis.start()
    assert await link.run(("PING",)) == b"PONG"
    await link.close()


async def test_a_password_and_a_database_are_taken_from_the_url(own_redis: RedisServer) -> None:
    own_redis.ask(b"CONFIG", b"SET", b"requirepass", b"s3cret")
    host = own_redis.url.removeprefix("redis://")
    link = RedisLink(f"redis://:s3cret@{host}/3", "p")
    await link.run(("SET", "a", "1"))
    assert b"db=3" in await link.run(("CLIENT", "INFO"))
    await link.close()
    for wrong in (RedisLink(f"redis://:wrong@{host}", "p"), RedisLink(f"redis://{host}", "p")):
        with pytest.raises(LogUnavailableError) as caught:
            await wrong.run(("PING",))
        assert "wrong" not in str(caught.value)
        await wrong.close()


async def test_a_unix_socket_will_do(tmp_path: Path) -> None:
    if binary() is None:
        pytest.skip(WHY_NOT)
    server = RedisServer(tmp_path, "--unixsocket", str(tmp_path / "s"))
    link = RedisLink(f"unix://{tmp_path / 's'}", "p")
    assert await link.run(("PING",)) == b"PONG"
    await link.close()
    server.stop()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://x", "URL"),
        ("", "URL"),
        ("redis://127.0.0.1:port", "[Pp]ort"),
        ("redis://127.0.0.1?unknown=1", "unknown"),
    ],
)
async def test_a_url_that_is_none_is_a_value_error(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        RedisLink(url, "p")
