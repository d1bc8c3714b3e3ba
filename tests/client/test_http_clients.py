"""The HTTP clients below ours: loops, threads and processes, both families, their timeouts, and wrong ones."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import warnings
from collections.abc import Awaitable, Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from unittest import mock

import anyio
import anyio.lowlevel
import httpx
import pytest

from sseclaude import Anthropic, APIConnectionError, APITimeoutError, AsyncAnthropic, IncompleteStreamError, Timeout
from sseclaude.client.http_clients import timeout_of_client
from sseclaude.replay import ReplayServer
from tests.support.network import (
    ASK,
    CHUNKED,
    CLIENT,
    FRAMES,
    KEY,
    LAST_CHUNK,
    LONG,
    STREAM,
    WORDS,
    RawServer,
    ask,
    chunk,
    nothing_left,
)

FAMILIES = {name: import_module(name) for name in ("httpx", "httpx2") if find_spec(name)}  # httpx2 needs Python 3.11
Run = Callable[[Callable[[], Awaitable[Any]]], Any]


def _uvloop(function: Callable[[], Awaitable[Any]]) -> Any:
    return anyio.run(function, backend="asyncio", backend_options={"use_uvloop": True})


LOOPS: dict[str, Run] = {
    "asyncio": lambda function: anyio.run(function, backend="asyncio"),
    "uvloop": _uvloop,
    "trio": lambda function: anyio.run(function, backend="trio"),
}

# --- event loops -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loop", LOOPS)
def test_one_client_serves_loops_one_after_the_other(loop: str, server: ReplayServer) -> None:
    client = AsyncAnthropic(base_url=server.url, **CLIENT)

    async def run() -> str:
        return (await client.messages.create(**ASK)).text

    LOOPS[loop](anyio.lowlevel.checkpoint)  # uvloop opens a pipe for all its loops
    with nothing_left():
        assert [LOOPS[loop](run) for _ in range(4)] == [WORDS] * 4
        assert client._transport.clients.made == {}


def test_one_client_serves_two_loops_at_once(server: ReplayServer) -> None:
    client, together = AsyncAnthropic(base_url=server.url, **CLIENT), threading.Barrier(4, timeout=30)
    texts: list[str] = []

    async def run() -> None:
        for _ in range(5):
            await anyio.to_thread.run_sync(together.wait)
            texts.append((await client.messages.create(**ASK)).text)

    with nothing_left():
        threads = [
            threading.Thread(target=LOOPS[loop], args=(run,)) for loop in ("asyncio", "uvloop", "trio", "asyncio")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert texts == [WORDS] * 20


def test_closing_reaches_the_clients_of_other_loops(server: ReplayServer) -> None:
    client = AsyncAnthropic(base_url=server.url, **CLIENT)
    closed, used = threading.Event(), threading.Event()
    left: list[Any] = []

    async def other() -> None:
        await client.messages.create(**ASK)
        (made,) = client._transport.clients.made.values()
        used.set()
        await anyio.to_thread.run_sync(closed.wait)
        for _ in range(100):
            if made.client.is_closed:
                break
            await anyio.sleep(0.01)
        left.append(made.client.is_closed)

    async def run() -> None:
        await anyio.to_thread.run_sync(used.wait)
        await client.close()
        closed.set()

    with nothing_left():
        thread = threading.Thread(target=lambda: asyncio.run(other()))
        thread.start()
        asyncio.run(run())
        thread.join()
    assert left == [True]


def test_a_client_can_be_closed_in_a_loop_that_never_used_it(server: ReplayServer) -> None:
    client = AsyncAnthropic(base_url=server.url, **CLIENT)

    async def run() -> str:
        return (await client.messages.create(**ASK)).text

    with nothing_left():
        assert LOOPS["asyncio"](run) == WORDS
        LOOPS["trio"](client.close)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_client_that_was_passed_in_belongs_to_its_loop(family: str, server: ReplayServer) -> None:
    def in_two_loops() -> tuple[str, int]:
        client = AsyncAnthropic(base_url=server.url, http_client=FAMILIES[family].AsyncClient(), api_key=KEY)

        async def run() -> str:
            return (await client.messages.create(**ASK)).text

        assert asyncio.run(run()) == WORDS
        with pytest.raises(APIConnectionError) as caught:
            asyncio.run(run())
        assert isinstance(caught.value.__cause__, RuntimeError)
        return str(caught.value), caught.value.attempts

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # asyncio's own, of a loop that ended with connections open
        text, attempts = in_two_loops()
        gc.collect()
    assert "the http_client that was passed in belongs to the event loop" in text
    assert attempts == 1


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("family", [None, *FAMILIES])
def test_a_close_from_another_task_ends_a_blocked_read(family: str | None, loop: str) -> None:
    async def run(url: str) -> None:
        http = None if family is None else FAMILIES[family].AsyncClient()
        client = AsyncAnthropic(base_url=url, http_client=http, **CLIENT)
        async with client, client.messages.stream(**ASK) as stream, anyio.create_task_group() as tasks:
            await anext(stream.text_stream)
            tasks.start_soon(stream.until_done)
            await anyio.sleep(0.02)
            await stream.close()
        if http is not None:
            await http.aclose()

    LOOPS[loop](anyio.lowlevel.checkpoint)
    with nothing_left(), RawServer(LONG) as server:
        LOOPS[loop](lambda: run(server.url))


@pytest.mark.parametrize("loop", LOOPS)
def test_streams_that_are_dropped_leave_the_pool(loop: str) -> None:
    async def run(url: str) -> None:
        async with AsyncAnthropic(base_url=url, **CLIENT) as client:
            for _ in range(5):
                with pytest.warns(ResourceWarning, match="dropped without being closed"):
                    await drop(client)
            for _ in range(200):
                if server.left == 5:
                    break
                await anyio.sleep(0.01)
            assert server.left == 5

    async def drop(client: AsyncAnthropic) -> None:
        stream = await client.messages.create(**ASK, stream=True)
        await anext(stream)
        del stream
        gc.collect()

    LOOPS[loop](anyio.lowlevel.checkpoint)
    with nothing_left(), LeavingServer(LONG) as server:
        LOOPS[loop](lambda: run(server.url))


class LeavingServer(RawServer):
    """Counts the clients that have left."""

    left = 0

    def _serve(self, sock: Any, play: list[bytes | float | str]) -> None:
        super()._serve(sock, play)
        self.left += 1


# --- processes -------------------------------------------------------------------------------------------------------


def in_child(work: Callable[[], bool]) -> bool:
    """Do something in a fork of this process, and return what it returned."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the server's threads do not live on in the child
        child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if work() else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


TWICE = [CHUNKED, chunk(STREAM), LAST_CHUNK, "again", CHUNKED, chunk(STREAM), LAST_CHUNK, "hold"]


def test_a_child_process_makes_its_own_connections() -> None:
    with nothing_left(), RawServer(TWICE) as server, Anthropic(base_url=server.url, **CLIENT) as client:
        before = client.messages.create(**ASK) and client._transport.clients.get().client

        def work() -> bool:
            answered = client.messages.create(**ASK).text == WORDS
            other = client._transport.clients.get().client is not before
            client.close()
            return answered and other

        assert in_child(work)
        assert client.messages.create(**ASK).text == WORDS
        assert server.connections == 2  # the parent's connection served it twice


def test_a_child_does_not_end_the_streams_of_its_parent() -> None:
    half = [CHUNKED, chunk(b"".join(FRAMES[:3])), 0.3, chunk(b"".join(FRAMES[3:])), LAST_CHUNK, "hold"]

    def work() -> bool:
        stream.close()
        client.close()
        return True

    with nothing_left(), RawServer(half) as server:
        client = Anthropic(base_url=server.url, **CLIENT)
        with client, client.messages.stream(**ASK) as stream:
            next(iter(stream))
            assert in_child(work)
            assert stream.get_final_text() == WORDS


def test_a_child_of_a_loop_makes_its_own_connections() -> None:
    with nothing_left(), RawServer(TWICE) as server:
        client = AsyncAnthropic(base_url=server.url, **CLIENT)

        async def run() -> str:
            return (await client.messages.create(**ASK)).text

        async def parent() -> tuple[str, bool, str]:
            first = await run()
            in_fork = in_child(lambda: run_in_thread(lambda: LOOPS["trio"](run)) == WORDS)
            return first, in_fork, await run()

        assert asyncio.run(parent()) == (WORDS, True, WORDS)
        assert server.connections == 2


def run_in_thread(function: Callable[[], Any]) -> Any:
    got: list[Any] = []
    thread = threading.Thread(target=lambda: got.append(function()))
    thread.start()
    thread.join()
    return got[0]


# --- both families ---------------------------------------------------------------------------------------------------


def given(family: str, face: str, **options: Any) -> Any:
    module = FAMILIES[family]
    return module.Client(**options) if face == "sync" else module.AsyncClient(**options)


FACES = ("sync", "asyncio", "trio")
CUT = [CHUNKED, chunk(b"".join(FRAMES[:4])), "reset"]
WHOLE = [CHUNKED, chunk(STREAM), LAST_CHUNK, "hold"]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("face", FACES)
def test_both_families_stream_and_retry_and_keep_what_came(face: str, family: str) -> None:
    with nothing_left(), RawServer(WHOLE) as server:
        got = ask(face, "text", base_url=server.url, http_client=given(family, face))
        assert (got.error, got.words) == (None, WORDS)
    with nothing_left(), RawServer(["reset"], ["reset"], WHOLE) as server:
        got = ask(face, base_url=server.url, http_client=given(family, face), max_retries=2)
        assert (got.error, got.attempts) == (None, 3)
    with nothing_left(), RawServer(CUT) as server:
        got = ask(face, "text", base_url=server.url, http_client=given(family, face))
        assert type(got.error) is IncompleteStreamError
        assert got.message is not None
        assert got.message.text == WORDS
    with nothing_left(), RawServer(["hold"]) as server:
        got = ask(face, base_url=server.url, http_client=given(family, face), timeout=Timeout(connect=5, idle=0.05))
        assert type(got.error) is APITimeoutError
        assert "idle=0.05 s" in str(got.error)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("face", FACES)
def test_the_transports_of_both_families_serve(face: str, family: str) -> None:
    module = FAMILIES[family]

    def answer(request: Any) -> Any:
        asked.append(str(request.url))
        return module.Response(200, headers={"content-type": "text/event-stream"}, content=STREAM)

    asked: list[str] = []
    client = given(family, face, transport=module.MockTransport(answer))
    assert ask(face, "text", base_url="https://a.example/x?v=2", http_client=client).words == WORDS
    assert asked == ["https://a.example/x/v1/messages?v=2"]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_other_kind_of_client_is_refused_at_construction(family: str) -> None:
    module = FAMILIES[family]
    with (
        module.Client() as blocking,
        pytest.raises(TypeError, match=rf"an {family}\.Client, and not an {family}\.Async"),
    ):
        AsyncAnthropic(api_key=KEY, http_client=blocking)
    with pytest.raises(TypeError, match=rf"an {family}\.AsyncClient, and not an {family}\.Client"):
        Anthropic(api_key=KEY, http_client=module.AsyncClient())


class AwaitedLookalike:
    async def send(self, *_: Any, **__: Any) -> None: ...
    def build_request(self) -> None: ...


@pytest.mark.parametrize("kind", [httpx.Client, AwaitedLookalike])
def test_a_class_is_no_client(kind: Any) -> None:
    with pytest.raises(TypeError, match=rf"is the class {kind.__name__}, .* write {kind.__name__}\(\)"):
        Anthropic(api_key=KEY, http_client=kind)


@pytest.mark.parametrize("wrong", ["https://a", object(), httpx.HTTPTransport(), AwaitedLookalike()])
def test_what_is_no_client_is_refused_at_construction(wrong: Any) -> None:
    with pytest.raises(TypeError, match="http_client is a"):
        Anthropic(api_key=KEY, http_client=wrong)


def test_what_has_the_methods_of_a_client_is_taken() -> None:
    inner = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, content=STREAM)))
    client = mock.Mock(spec=["send", "build_request"], send=inner.send, build_request=inner.build_request)
    assert Anthropic(api_key=KEY, http_client=client).messages.create(**ASK).text == WORDS
    AsyncAnthropic(api_key=KEY, http_client=AwaitedLookalike())  # type: ignore[arg-type]


# --- timeouts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_the_timeout_of_a_client_is_known_unless_it_is_the_default(family: str) -> None:
    module = FAMILIES[family]
    assert timeout_of_client(module.Client()) is None
    assert timeout_of_client(module.Client(timeout=5)) is None
    assert timeout_of_client(module.Client(timeout=1)).read == 1
    assert timeout_of_client(module.Client(timeout=module.Timeout(5, read=None))).read is None
    assert timeout_of_client(object()) is None


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("face", FACES)
def test_the_timeout_of_a_client_holds_unless_another_is_given(face: str, family: str) -> None:
    with nothing_left(), RawServer([CHUNKED, chunk(FRAMES[0]), 0.4, chunk(STREAM[len(FRAMES[0]) :]), "hold"]) as server:
        got = ask(face, base_url=server.url, http_client=given(family, face, timeout=0.1))
        assert type(got.error) is APITimeoutError
        assert "idle=0.1 s" in str(got.error)
        for client in (given(family, face, timeout=0.1), given(family, face)):
            got = ask(face, base_url=server.url, http_client=client, timeout=30)
            assert got.error is None
