"""The relay's programs, each in a process of its own: ``python -m tests.tools.bench.relay_works NAME ARGUMENTS``.

Purpose: ``claude`` streams paced events; ``relay`` and ``bare`` serve one stream to followers, through the relay and by
a bare Starlette app; ``producer`` and ``replicas`` measure inside and print JSON.
Must not know: what is made of the figures.
Rule: the two servers send the same bytes at the same pace. ``GET /used`` says what a server's process has used so far.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

from . import streams
from .worker import raise_file_limit

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
ASK: dict[str, Any] = {"max_tokens": 1024, "messages": [{"role": "user", "content": "Hello"}]}


def asked(events: int, pause_ms: float) -> dict[str, Any]:
    """A question whose model's name says what ``claude`` is to send."""
    return {"model": f"{events}-{pause_ms}", **ASK}


async def paced(frames: tuple[bytes, ...], pause_ms: float) -> AsyncIterator[bytes]:
    """Yield frames so far apart; a pause of 0 yields the first two, and then nothing, for ever."""
    begin = time.perf_counter()
    for number, frame in enumerate(frames):
        if pause_ms == 0 and number == 2:
            await asyncio.Event().wait()
        yield frame
        if (left := begin + (number + 1) * pause_ms / 1e3 - time.perf_counter()) > 0:
            await asyncio.sleep(left)


# --- Claude ----------------------------------------------------------------------------------------------------------


async def claude() -> None:
    """Answer every request with the stream that its model's name asks for."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                events, pause_ms = json.loads(await reader.readexactly(length))["model"].split("-")
                writer.write(HEAD)
                async for frame in paced((*streams.text(int(events)).frames, b""), float(pause_ms)):
                    writer.write(b"%x\r\n%b\r\n" % (len(frame), frame))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# --- servers ---------------------------------------------------------------------------------------------------------


async def used(request: Any) -> Any:
    """What this process has used: CPU seconds, and KiB of memory now."""
    from starlette.responses import JSONResponse

    return JSONResponse({"seconds": time.process_time(), "kib": memory_now()})


def memory_now() -> int:
    """The KiB of memory that this process has; 0 where the system does not say."""
    gc.collect()
    try:
        return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0])
    except (OSError, IndexError):
        return 0


async def serve(app: Any) -> None:
    """Serve an app on a free port, which is printed."""
    from starlette.routing import Route

    from sseclaude.relay.http_server import Server, listen

    raise_file_limit()
    app.router.routes.append(Route("/used", used))
    with listen("127.0.0.1", 0) as sock:
        await Server(app, lambda: print(sock.getsockname()[1], flush=True)).serve(sockets=[sock])


async def relay(url: str) -> None:
    """Serve by the relay, in memory."""
    from sseclaude import AsyncAnthropic
    from sseclaude.relay import Relay, app

    async with AsyncAnthropic(base_url=url, api_key="any") as client, Relay(client, drain=0) as relay:
        await serve(app(relay, lambda request: ""))


async def bare(url: str) -> None:
    """Serve by an app that does nothing else: one task counts the frames that have come, all readers send them."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response, StreamingResponse
    from starlette.routing import Route

    from sseclaude.relay.http_stream import OpenStreams

    frames: list[bytes] = []
    changed, tasks, over = [asyncio.Event()], set[Any](), [False]

    def wake() -> None:
        changed[0].set()
        changed[0] = asyncio.Event()

    async def fill(events: int, pause_ms: float) -> None:
        number = 0
        async for frame in paced(streams.text(events).frames, pause_ms):
            number += 1
            frames.append(frame.replace(b"\ndata:", b"\nid: %d\ndata:" % number, 1))
            wake()
        over[0] = True
        wake()

    async def ask(request: Request) -> Response:
        frames.clear()
        over[0] = False
        events, pause_ms = (await request.json())["model"].split("-")
        tasks.add(asyncio.create_task(fill(int(events), float(pause_ms))))
        return Response(status_code=202, headers={"location": "/v1/messages/x"})

    async def body() -> AsyncIterator[bytes]:
        at = 0
        while True:
            if at < len(frames):
                new = b"".join(frames[at:])
                at = len(frames)
                yield new
            elif over[0]:
                return
            else:
                await changed[0].wait()

    async def read(request: Request) -> Response:
        return StreamingResponse(body(), media_type="text/event-stream")

    routes = [Route("/v1/messages", ask, methods=["POST"]), Route("/v1/messages/x", read)]
    app = Starlette(routes=routes)
    app.state.streams = OpenStreams()
    await serve(app)


# --- measured inside --------------------------------------------------------------------------------------------------


async def producer(url: str, redis: str, events: str, pause_ms: str, rounds: str) -> None:
    """Print what an event costs in CPU microseconds, median of rounds: the client alone, and a producer on each log."""
    from sseclaude import AsyncAnthropic
    from sseclaude.relay import MemoryLog, RedisLog, Relay

    async with AsyncAnthropic(base_url=url, api_key="any") as client:

        async def alone(question: dict[str, Any]) -> float:
            begin = time.process_time()
            async for _ in await client.messages.create(**question, stream=True):
                pass
            return time.process_time() - begin

        async def relayed(question: dict[str, Any], log: Any) -> float:
            async with Relay(client, log) as relay:
                first = await relay.start(asked(5, 1))  # the connections are made by the first answer
                async for _ in relay.follow(first.id):
                    pass
                begin = time.process_time()
                answer = await relay.start(question)
                await relay.drain(60)
                seconds = time.process_time() - begin
                assert (await relay.state(answer.id)).status == "complete"
                return seconds

        sides: dict[str, Callable[[dict[str, Any]], Awaitable[float]]] = {
            "alone": alone,
            "memory": lambda question: relayed(question, MemoryLog()),
        }
        if redis:
            sides["redis"] = lambda question: relayed(question, RedisLog(redis))
        found: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(int(rounds) + 1):
            for name, run in sides.items():
                seconds = await run(asked(20, 1) if number == 0 else asked(int(events), float(pause_ms)))
                if number:  # the first is to warm up
                    found[name].append(seconds / int(events) * 1e6)
    print(json.dumps({name: median(each) for name, each in found.items()}))


async def replicas(redis: str, events: str) -> None:
    """Print the median milliseconds by which a follower on another replica is behind one on the producer's."""
    from sseclaude.relay import RedisLog
    from sseclaude.relay.log import End

    one, other = RedisLog(redis), RedisLog(redis)
    for log in (one, other):
        await log.open(60)
    writer: Any = await one.create("x", "", "", lambda: None)
    writer.put("event", b"{}")
    seen: dict[Any, list[float]] = {one: [], other: []}

    async def follow(log: RedisLog) -> None:
        async with log.feed("x", 0) as feed:
            while not feed.ended:
                await feed.wait()
                seen[log] += [time.perf_counter()] * (feed.last - 1 - len(seen[log]))

    following = [asyncio.create_task(follow(log)) for log in (one, other)]
    await asyncio.sleep(0.3)
    for _ in range(int(events)):
        writer.put("event", bytes(100))
        await asyncio.sleep(0.004)
    writer.end(End("complete", "message_stop", b"{}"))
    await asyncio.gather(*following)
    for log in (one, other):
        await log.close()
    print(json.dumps(median(late - early for early, late in zip(seen[one], seen[other], strict=True)) * 1e3))


PROGRAMS = {program.__name__: program for program in (claude, relay, bare, producer, replicas)}


if __name__ == "__main__":
    asyncio.run(PROGRAMS[sys.argv[1]](*sys.argv[2:]))  # type: ignore[operator]
