"""The server of the loopback rows: a process of its own that pumps prepared bytes.

Purpose: answer every POST with a text stream, one HTTP chunk an event, as fast or as slow as asked.
Must not know: the Messages API; it looks for the model's name in the request, and that name says what to send:
``text-COUNT-PAUSE-TOGETHER``: so many events, so many microseconds apart, and, if more than one stream is to run
together, no event before that many have been asked for, and then an event to each in turn, and a pause.
Rule: it does as little as it can, so that it is never what the client waits for.
"""

from __future__ import annotations

import asyncio
import re
import time
from functools import lru_cache

from . import streams
from .worker import raise_file_limit

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
ASKED = re.compile(rb'"text-(\d+)-(\d+)-(\d+)"')
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
BACKLOG = 4096


@lru_cache(maxsize=8)
def http_chunks(count: int) -> list[bytes]:
    """The HTTP chunks of a text stream: one for each event, and the empty one that ends a body."""
    return [b"%x\r\n%b\r\n" % (len(frame), frame) for frame in (*streams.text(count).frames, b"")]


class Together:
    """Streams that wait for each other; the last to come serves them all."""

    def __init__(self) -> None:
        self._writers: list[asyncio.StreamWriter] = []
        self._served = asyncio.Event()

    async def serve(self, writer: asyncio.StreamWriter, chunks: list[bytes], pause_us: int, together: int) -> bool:
        """Take part; return whether this one has served the others."""
        self._writers.append(writer)
        if len(self._writers) < together:
            await self._served.wait()
            return False
        for chunk in chunks:
            for each in self._writers:
                each.write(chunk)
            await asyncio.sleep(pause_us / 1e6)
        self._served.set()
        return True


class Pump:
    """Serves every connection; streams that run together are gathered by what they asked for."""

    def __init__(self) -> None:
        self._gathering: dict[tuple[int, int], Together] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                count, pause_us, together = await read_request(reader)
                writer.write(HEAD)
                await self._send(writer, count, pause_us, together)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _send(self, writer: asyncio.StreamWriter, count: int, pause_us: int, together: int) -> None:
        chunks = http_chunks(count)
        if together > 1:
            gathered = self._gathering.setdefault((count, together), Together())
            if await gathered.serve(writer, chunks, pause_us, together):
                del self._gathering[count, together]
        elif pause_us:
            send_apart(writer, chunks, pause_us)
        else:
            writer.write(b"".join(chunks))


async def read_request(reader: asyncio.StreamReader) -> tuple[int, int, int]:
    """Read a request and return what its model's name asks for."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    body = await reader.readexactly(int(length[1]) if length else 0)
    asked = ASKED.search(body)
    if asked is None:
        raise ConnectionError("the model's name asks for nothing")
    count, pause_us, together = map(int, asked.groups())
    return count, pause_us, together


def send_apart(writer: asyncio.StreamWriter, chunks: list[bytes], pause_us: int) -> None:
    """Send one chunk at a time. A sleep cannot be this short, so the time between is spent looking at the clock."""
    for chunk in chunks:
        writer.write(chunk)
        until = time.perf_counter() + pause_us / 1e6
        while time.perf_counter() < until:
            pass


async def main() -> None:
    raise_file_limit()
    server = await asyncio.start_server(Pump().serve, "127.0.0.1", 0, backlog=BACKLOG)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
