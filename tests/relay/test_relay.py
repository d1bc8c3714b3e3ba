"""The relay on both logs: starting, following, ending, and what is kept."""

from __future__ import annotations

import anyio
import httpx
import pytest

from sseclaude import AnthropicError, APIConnectionError, APIStatusError, ConflictError, NotFoundError, OverloadedError
from sseclaude.relay import AnswerState, LogUnavailableError, Relay
from tests.support.network import ASK, FRAMES, STREAM, WORDS
from tests.support.relays import Claude, as_sent, follow, ids, log_of, relay_of, seen, until, whole
from tests.support.streams import OVERLOADED, PING, finish, frame

pytestmark = pytest.mark.anyio

ALL = [str(number) for number in range(1, len(FRAMES) + 1)]
BUSY = {"type": "error", "error": {"type": "rate_limit_error", "message": "slower"}}


@pytest.fixture(params=["memory", "redis"])
def url(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "memory" else request.getfixturevalue("redis").url


async def test_an_answer_is_kept_as_it_came_and_numbered(url: str | None) -> None:
    async with relay_of(whole(), log_of(url)) as relay:
        answer = await relay.start(ASK, owner="me")
        assert answer == AnswerState(answer.id, "me", "running", 0)
        assert len(answer.id) * 4 >= 128
        await seen(relay, answer.id, 1)
        events = await follow(relay, answer.id)
        assert ids(events) == ALL
        assert as_sent(events) == STREAM
        assert await relay.state(answer.id) == AnswerState(answer.id, "me", "complete", len(FRAMES))
        message = await relay.message(answer.id)
        assert message is not None
        assert message.text == WORDS


async def test_a_follower_begins_after_any_event(url: str | None) -> None:
    async with relay_of(whole(), log_of(url)) as relay:
        id = (await relay.start(ASK)).id
        await seen(relay, id, len(FRAMES))
        for after in range(len(FRAMES) + 1):
            assert ids(await follow(relay, id, after)) == ALL[after:]
        for bad in (-1, len(FRAMES) + 1):
            with pytest.raises(ValueError, match="no event"):
                await follow(relay, id, bad)


async def test_events_come_as_they_come_to_all_followers_of_all_processes(url: str | None) -> None:
    claude, log = Claude(FRAMES[0]), log_of(url)
    async with relay_of(claude, log) as relay:
        id = (await relay.start(ASK)).id
        async with relay_of(claude, log if url is None else log_of(url)) as other, anyio.create_task_group() as tasks:
            got: list[list[str]] = []

            async def keep(of: object, after: int) -> None:
                got.append(ids(await follow(of, id, after)))  # type: ignore[arg-type]

            for of in (relay, other):
                for after in (0, 0, 1):
                    await seen(of, id, 1)
                    tasks.start_soon(keep, of, after)
            for number, each in enumerate(FRAMES[1:], 2):
                claude.say(each)
                for of in (relay, other):
                    await seen(of, id, number)
        assert sorted(got) == sorted([ALL, ALL, ALL[1:]] * 2)
    assert len(claude.requests) == claude.closed == 1


async def test_an_id_that_is_there_gives_the_answer_that_is_there(url: str | None) -> None:
    claude = whole()
    async with relay_of(claude, log_of(url)) as relay:
        first = await relay.start(ASK, "mine", "me")
        await seen(relay, "mine", len(FRAMES))
        assert first.id == "mine"
        again = await relay.start({**ASK, "timeout": 9}, "mine", "me")
        assert again.last_event_id == len(FRAMES)
        for params, owner in (({**ASK, "max_tokens": 1}, "me"), (ASK, "you"), ({**ASK, "betas": ["b"]}, "me")):
            with pytest.raises(ConflictError):
                await relay.start(params, "mine", owner)
    assert len(claude.requests) == 1


@pytest.mark.parametrize("id", ["", "a" * 129, "a b", "é", "count_tokens", "a:b", "a\n"])
async def test_a_bad_id_is_refused(id: str) -> None:
    async with relay_of(whole()) as relay:
        for call in (relay.start(ASK, id), relay.state(id), relay.cancel(id), relay.message(id), relay.started(id)):
            with pytest.raises(ValueError, match="id"):
                await call


async def test_an_unknown_answer_is_not_found(url: str | None) -> None:
    async with relay_of(whole(), log_of(url)) as relay:
        for call in (relay.state("x"), relay.cancel("x"), relay.message("x"), relay.started("x"), follow(relay, "x")):
            with pytest.raises(NotFoundError):
                await call


async def test_what_cannot_be_asked_is_refused_before_anything_is_kept(url: str | None) -> None:
    async with relay_of(whole(), log_of(url)) as relay:
        for params in ({**ASK, "metadata": {1, 2}}, {**ASK, "extra_headers": {"a b": "c"}}):
            with pytest.raises((TypeError, AnthropicError)):
                await relay.start(params, "bad")
        with pytest.raises(NotFoundError):
            await relay.state("bad")


async def test_a_body_sets_nothing_but_the_body(url: str | None) -> None:
    claude = whole()
    async with relay_of(claude, log_of(url)) as relay:
        body = {**ASK, "extra_headers": {"x-api-key": "other"}, "stream": False}
        await relay.started((await relay.start({"extra_body": body, "betas": ["b-1"]})).id)
    assert claude.requests[0].headers["x-api-key"] != "other"
    assert claude.requests[0].headers["anthropic-beta"] == "b-1"
    assert b'"stream":true' in claude.requests[0].content


async def test_only_so_many_run(url: str | None) -> None:
    claude = Claude(FRAMES[0])
    async with relay_of(claude, log_of(url), max_running=1) as relay:
        id = (await relay.start(ASK, "one")).id
        with pytest.raises(OverloadedError):
            await relay.start(ASK, "two")
        assert (await relay.start(ASK, id)).id == id
        await relay.cancel(id)
        await until(lambda: not relay.running)
        await relay.start(ASK, "two")


async def test_a_cancelled_answer_ends_for_all_and_its_connection_is_closed(url: str | None) -> None:
    claude, log = Claude(*FRAMES[:3]), log_of(url)
    async with relay_of(claude, log) as relay, relay_of(whole(), log if url is None else log_of(url)) as other:
        id = (await relay.start(ASK)).id
        await seen(other, id, 3)
        state = await other.cancel(id)
        assert (state.status, state.last_event_id) == ("cancelled", 4)
        assert state.error is not None
        assert state.error["type"] == "cancelled_error"
        await until(lambda: not relay.running and claude.closed == 1)
        claude.say(*FRAMES[3:])
        for of in (relay, other):
            events = await follow(of, id)
            assert ids(events) == ALL[:4]
            assert b"cancelled_error" in events[-1].raw
            assert await of.cancel(id) == state
        with pytest.raises(APIStatusError) as caught:
            await relay.message(id)
        assert caught.value.type == "cancelled_error"
        assert caught.value.partial_message is not None


async def test_a_cancelled_answer_that_has_said_nothing_yet(url: str | None) -> None:
    async with relay_of(Claude(), log_of(url)) as relay:
        id = (await relay.start(ASK)).id
        assert (await relay.cancel(id)).status == "cancelled"
        assert (await relay.started(id)).last_event_id == 1
        assert await follow(relay, id, 1) == []


ENDS = {
    "error event": ([*FRAMES[:2], frame(OVERLOADED)], "overloaded_error", 3),
    "cut": (FRAMES[:2], "api_error", 3),
    "broken": ([*FRAMES[:2], b"event: content_block_delta\ndata: {broken\n\n"], "api_error", 3),
    "nothing at all": ([], "api_error", 1),
}


@pytest.mark.parametrize("name", ENDS)
async def test_an_answer_that_fails_ends_with_an_error_event(url: str | None, name: str) -> None:
    frames, kind, last = ENDS[name]
    claude = Claude(*frames)
    claude.say(end=True)
    async with relay_of(claude, log_of(url)) as relay:
        id = (await relay.start(ASK)).id
        await seen(relay, id, last)
        events = await follow(relay, id)
        state = await relay.state(id)
        assert (state.status, state.last_event_id) == ("failed", last)
        assert state.error is not None
        assert state.error["type"] == kind
        assert events[-1].event == "error"
        if name == "error event":
            assert as_sent(events) == b"".join(frames)


async def test_an_answer_that_is_too_large_fails(url: str | None) -> None:
    async with relay_of(whole(), log_of(url), max_bytes=400) as relay:
        id = (await relay.start(ASK)).id
        await until(lambda: not relay.running)
        state = await relay.state(id)
        assert state.status == "failed"
        assert "max_bytes" in str(state.error)


async def test_pings_and_what_comes_behind_the_end_are_not_kept(url: str | None) -> None:
    claude = Claude(frame(PING), *FRAMES[:1], frame(PING), *FRAMES[1:], frame(finish()))
    claude.say(end=True)
    async with relay_of(claude, log_of(url)) as relay:
        id = (await relay.start(ASK)).id
        await seen(relay, id, len(FRAMES))
        assert as_sent(await follow(relay, id)) == STREAM


@pytest.mark.parametrize("end", [b"", b"data: [DONE]\n\n"])
async def test_a_complete_message_gets_its_message_stop(url: str | None, end: bytes) -> None:
    claude = Claude(*FRAMES[:-1], *([end] if end else []))
    claude.say(end=True)
    async with relay_of(claude, log_of(url)) as relay:
        id = (await relay.start(ASK)).id
        await seen(relay, id, len(FRAMES))
        events = await follow(relay, id)
        assert events[-1][:3] == ("message_stop", b'{"type":"message_stop"}', ALL[-1])
        assert (await relay.state(id)).status == "complete"


async def test_a_refusal_is_raised_in_any_process_and_frees_the_key(url: str | None) -> None:
    claude, log = whole(), log_of(url)
    claude.refusals = [httpx.Response(429, json=BUSY, headers={"retry-after": "7"}) for _ in range(2)]
    async with relay_of(claude, log) as relay, relay_of(claude, log if url is None else log_of(url)) as other:
        names = []
        for _ in range(2):
            names.append((await relay.start(ASK, key="k")).id)
            for of in (relay, other):
                with pytest.raises(APIStatusError) as caught:
                    await of.started(names[-1])
                assert (caught.value.status_code, caught.value.body) == (429, BUSY)
                assert caught.value.response is not None
                assert caught.value.response.headers["retry-after"] == "7"
                with pytest.raises(APIStatusError):
                    await of.message(names[-1])
        third = (await other.start(ASK, key="k")).id
        assert (await other.started(third)).id == (await relay.start(ASK, key="k")).id
        assert len({*names, third}) == 3
        with pytest.raises(ConflictError):
            await relay.start({**ASK, "max_tokens": 2}, key="k")
        assert (await relay.start(ASK, owner="else", key="k")).id != third


async def test_no_answer_at_all_is_a_refusal_too(url: str | None) -> None:
    class Nobody(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("no route")

    async with relay_of(Nobody(), log_of(url)) as relay:
        id = (await relay.start(ASK)).id
        with pytest.raises(APIConnectionError):
            await relay.started(id)


async def test_an_answer_expires_after_its_end(url: str | None) -> None:
    async with relay_of(whole(), log_of(url), ttl=0.2) as relay:
        id = (await relay.start(ASK)).id
        await seen(relay, id, len(FRAMES))
        await anyio.sleep(0.5)
        for call in (relay.state(id), follow(relay, id)):
            with pytest.raises(NotFoundError):
                await call


async def test_on_the_way_out_what_runs_is_lost_at_once(url: str | None) -> None:
    claude, log = Claude(*FRAMES[:2]), log_of(url)
    async with relay_of(claude, log) as relay:
        id = (await relay.start(ASK)).id
        await seen(relay, id, 2)
        await relay.drain(0)
        events = await follow(relay, id)
        assert ids(events) == ALL[:3]
        assert b"producer_lost_error" in events[-1].raw
        assert (await relay.state(id)).status == "lost"
        for call in (relay.start(ASK), relay.ping()):
            with pytest.raises(LogUnavailableError):
                await call
    assert claude.closed == 1


async def test_on_the_way_out_what_ends_in_time_is_complete(url: str | None) -> None:
    claude = Claude(*FRAMES[:2])
    async with relay_of(claude, log_of(url), drain=20) as relay, anyio.create_task_group() as tasks:
        id = (await relay.start(ASK)).id
        await seen(relay, id, 2)
        tasks.start_soon(relay.drain)
        claude.say(*FRAMES[2:], end=True)
        assert ids(await follow(relay, id)) == ALL
        assert (await relay.state(id)).status == "complete"


async def test_a_race_of_starts_asks_once(url: str | None) -> None:
    claude, log = whole(), log_of(url)
    async with relay_of(claude, log) as relay, relay_of(claude, log if url is None else log_of(url)) as other:
        ids: set[str] = set()

        async def start(of: Relay) -> None:
            ids.add((await of.start(ASK, key="k")).id)

        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(start, relay)
                tasks.start_soon(start, other)
        (id,) = ids
        assert as_sent(await follow(relay, id)) == as_sent(await follow(other, id)) == STREAM
    assert len(claude.requests) == 1


async def test_an_answer_that_runs_does_not_expire(url: str | None) -> None:
    claude = Claude(*FRAMES[:2])
    async with relay_of(claude, log_of(url), ttl=0.1) as relay:
        id = (await relay.start(ASK)).id
        await seen(relay, id, 2)
        await anyio.sleep(0.5)
        assert (await relay.state(id)).status == "running"
        claude.say(*FRAMES[2:], end=True)
        assert as_sent(await follow(relay, id)) == STREAM
