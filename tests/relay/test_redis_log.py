"""What only a log in Redis meets: outages, failovers, dead producers, and many processes."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import pytest

from sseclaude import APIStatusError, NotFoundError
from sseclaude.relay import LogUnavailableError, RedisLog, Relay
from sseclaude.relay.log import Record
from sseclaude.relay.redis_writers import RedisWriter
from tests.support.network import ASK, FRAMES, STREAM
from tests.support.redis_server import RedisServer
from tests.support.relays import Claude, as_sent, follow, ids, relay_of, seen, until, whole
from tests.support.streams import ROOT

pytestmark = pytest.mark.anyio

ALL = [str(number) for number in range(1, len(FRAMES) + 1)]
LEASE, RENEWAL = 1.5, 0.4


@pytest.fixture
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases that a test can wait for."""
    for module in ("redis_link", "redis_log", "redis_writers"):
        monkeypatch.setattr(f"sseclaude.relay.{module}.LEASE", LEASE)
    for module in ("redis_link", "redis_writers"):
        monkeypatch.setattr(f"sseclaude.relay.{module}.RENEWAL", RENEWAL)


@contextmanager
def read_only(server: RedisServer) -> Iterator[None]:
    """A server that became a replica."""
    server.ask(b"REPLICAOF", b"127.0.0.1", b"1")
    yield
    server.ask(b"REPLICAOF", b"NO", b"ONE")


@contextmanager
def full(server: RedisServer) -> Iterator[None]:
    """A server without memory left."""
    server.ask(b"CONFIG", b"SET", b"maxmemory", b"1")
    yield
    server.ask(b"CONFIG", b"SET", b"maxmemory", b"0")


@contextmanager
def away(server: RedisServer) -> Iterator[None]:
    """A server that is restarted with what it had."""
    server.stop()
    yield
    server.start()


# --- outages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outage", [away, read_only, full])
@pytest.mark.usefixtures("short_lease")
async def test_an_outage_loses_nothing_and_kills_no_answer(own_redis: RedisServer, outage: object) -> None:
    claude = Claude(*FRAMES[:2])
    async with relay_of(claude, RedisLog(own_redis.url)) as relay, relay_of(claude, RedisLog(own_redis.url)) as other:
        id = (await relay.start(ASK)).id
        got: list[list[str]] = []

        async def keep(of: Relay) -> None:
            got.append(ids(await follow(of, id)))

        async with anyio.create_task_group() as tasks:
            for of in (relay, other):
                await seen(of, id, 2)
                tasks.start_soon(keep, of)
            await anyio.sleep(2 * LEASE)  # from here on, both may judge
            with outage(own_redis):  # type: ignore[operator]
                claude.say(*FRAMES[2:-1])
                await anyio.sleep(2 * LEASE)
                with pytest.raises(LogUnavailableError):
                    await relay.ping()
            await seen(other, id, len(FRAMES) - 1)
            claude.say(FRAMES[-1], end=True)
        assert got == [ALL, ALL]
        assert as_sent(await follow(other, id)) == STREAM
        await relay.ping()


async def test_a_start_while_redis_is_away_asks_nobody(own_redis: RedisServer) -> None:
    claude = whole()
    async with relay_of(claude, RedisLog(own_redis.url)) as relay:
        with away(own_redis):
            for call in (relay.start(ASK), relay.state("x"), follow(relay, "x")):
                with pytest.raises(LogUnavailableError):
                    await call
        id = (await relay.start(ASK)).id
        await seen(relay, id, len(FRAMES))
    assert len(claude.requests) == 1


async def test_a_redis_that_comes_back_empty_ends_everything(own_redis: RedisServer) -> None:
    claude = Claude(*FRAMES[:2])
    async with relay_of(claude, RedisLog(own_redis.url)) as relay, relay_of(claude, RedisLog(own_redis.url)) as other:
        id = (await relay.start(ASK)).id
        got = []

        async def keep(of: Relay) -> None:
            got.append(await follow(of, id))

        async with anyio.create_task_group() as tasks:
            for of in (relay, other):
                await seen(of, id, 2)
                tasks.start_soon(keep, of)
            await anyio.sleep(0.1)
            own_redis.empty()
            claude.say(FRAMES[2])
        assert [ids(events) for events in got] == [["1", "2", ""]] * 2
        assert {events[-1].event for events in got} == {"error"}
        await until(lambda: not relay.running and claude.closed == 1)
        with pytest.raises(NotFoundError):
            await other.state(id)


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.usefixtures("short_lease")
async def test_what_a_failover_lost_is_written_again(redis: RedisServer, ended: bool) -> None:
    claude = Claude(*FRAMES[:3])
    async with relay_of(claude, RedisLog(redis.url)) as relay:
        id = (await relay.start(ASK)).id
        await seen(relay, id, 3)
        before = {what: redis.ask(b"DUMP", f"sseclaude:{{{id}}}:{what}".encode()) for what in ("state", "events")}
        claude.say(*(FRAMES[3:] if ended else FRAMES[3:5]), end=ended)
        await seen(relay, id, len(FRAMES) if ended else 5)
        for what, dump in before.items():  # the last writes are lost
            value = dump.partition(b"\r\n")[2][:-2]
            redis.ask(b"RESTORE", f"sseclaude:{{{id}}}:{what}".encode(), b"60000", value, b"REPLACE")
        claude.say(*([] if ended else FRAMES[5:]), end=True)
        async with relay_of(claude, RedisLog(redis.url)) as other:
            assert as_sent(await follow(other, id)) == STREAM
            assert (await other.state(id)).status == "complete"


async def test_who_saw_what_a_restart_lost_is_asked_to_come_back(redis: RedisServer) -> None:
    """Not refused for good, as for a number that no event of the answer's has."""
    async with relay_of(whole(), RedisLog(redis.url)) as relay:
        state = (b"status", b"running", b"last", b"2", b"lease", b"9" * 15)
        redis.ask(b"HSET", b"sseclaude:{x}:state", *state)
        with pytest.raises(ValueError, match="no event"):
            await follow(relay, "x", 3)
        redis.ask(b"CLIENT", b"KILL", b"TYPE", b"normal")
        with pytest.raises(LogUnavailableError):
            await follow(relay, "x", 3)
        redis.ask(b"HSET", b"sseclaude:{x}:state", b"status", b"complete")
        with pytest.raises(ValueError, match="no event"):
            await follow(relay, "x", 3)


async def test_a_start_whose_reply_was_lost_leaves_nothing_that_waits(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end is a refusal, which frees the key, and those who found the answer are asked to come back."""
    monkeypatch.setattr("sseclaude.relay.redis_link.REPLY_SECONDS", 0.3)
    claude = whole()
    async with relay_of(claude, RedisLog(own_redis.url)) as relay, relay_of(claude, RedisLog(own_redis.url)) as other:
        key = (await relay.start(ASK, key="k")).id
        await seen(relay, key, len(FRAMES))
        own_redis.pause()
        with pytest.raises(LogUnavailableError):
            await relay.start(ASK, "x")
        own_redis.resume()
        await until(lambda: b"failed" in own_redis.ask(b"HGET", b"sseclaude:{x}:state", b"status"))
        for of in (relay, other):
            with pytest.raises(APIStatusError) as caught:
                await of.started("x")
            assert caught.value.status_code == 503
    assert len(claude.requests) == 1


# --- producers that die ------------------------------------------------------------------------------------------

PRODUCER = f"""
import anyio, sys
from sseclaude.relay import RedisLog, redis_link, redis_log, redis_writers
from tests.support.network import ASK, FRAMES
from tests.support.relays import Claude, relay_of, seen
redis_link.LEASE = redis_log.LEASE = redis_writers.LEASE = {LEASE}
redis_link.RENEWAL = redis_writers.RENEWAL = {RENEWAL}
async def main():
    async with relay_of(Claude(*FRAMES[:3]), RedisLog(sys.argv[1])) as relay:
        await relay.start(ASK, "theirs")
        await seen(relay, "theirs", 3)
        print("ready", flush=True)
        await anyio.sleep(60)
anyio.run(main)
"""


@pytest.mark.usefixtures("short_lease")
async def test_the_answers_of_a_killed_process_end_as_lost_and_others_go_on(redis: RedisServer) -> None:
    claude = Claude(*FRAMES[:2])
    async with relay_of(claude, RedisLog(redis.url)) as relay, relay_of(claude, RedisLog(redis.url)) as other:
        own = (await relay.start(ASK)).id
        command = [sys.executable, "-c", PRODUCER, redis.url]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)  # noqa: ASYNC220 - it is brief
        assert process.stdout is not None
        with process.stdout as out:
            assert await anyio.to_thread.run_sync(out.readline) == b"ready\n"
            got = []

            async def keep(of: Relay) -> None:
                got.append(await follow(of, "theirs"))

            with anyio.fail_after(30):
                async with anyio.create_task_group() as tasks:
                    for of in (relay, other):
                        tasks.start_soon(keep, of)
                    await anyio.sleep(2 * LEASE)
                    assert (await other.state("theirs")).status == "running"
                    process.send_signal(signal.SIGKILL)
                    await anyio.to_thread.run_sync(process.wait)
        assert [ids(events) for events in got] == [ALL[:4]] * 2
        assert as_sent(got[0][:3]) == b"".join(FRAMES[:3])
        assert b"producer_lost_error" in got[0][-1].raw
        assert (await other.state("theirs")).status == "lost"
        claude.say(*FRAMES[2:], end=True)
        assert ids(await follow(other, own)) == ALL


async def test_a_producer_that_was_given_up_can_write_nothing_more(redis: RedisServer) -> None:
    claude = Claude(*FRAMES[:2])
    async with relay_of(claude, RedisLog(redis.url)) as relay:
        id = (await relay.start(ASK)).id
        await seen(relay, id, 2)
        redis.ask(b"HSET", f"sseclaude:{{{id}}}:state".encode(), b"token", b"another's")
        claude.say(FRAMES[2])
        await until(lambda: not relay.running and claude.closed == 1)
        assert (await relay.state(id)).last_event_id == 2


async def test_an_append_that_was_made_already_counts_as_made(redis: RedisServer) -> None:
    log = RedisLog(redis.url)
    await log.open(60)
    writer = await log.create("x", "", "", lambda: None)
    assert isinstance(writer, RedisWriter)
    writer.put("a", b"1")
    command = writer.command()
    for _ in range(2):
        assert await log._link.run(command) == [b"made", 1]
    writer.put("b", b"2")
    assert await log._link.run(writer.command()) in ([b"at", 1], [b"made", 2])
    assert isinstance(await log.create("x", "", "", lambda: None), Record)
    await log.close()


async def test_every_key_expires(redis: RedisServer) -> None:
    claude = Claude(*FRAMES[:2])
    async with relay_of(claude, RedisLog(redis.url, prefix="p")) as relay:
        id = (await relay.start(ASK, key="k")).id
        await seen(relay, id, 2)
        await relay.log.set_attempt("k", 1)
        keys = redis.ask(b"KEYS", b"*").split(b"\r\n")[2::2]
        assert len(keys) >= 4
        for key in keys:
            assert key.startswith(b"p:{")
            assert int(redis.ask(b"PTTL", key)[1:]) > 0


async def test_of_the_question_only_a_digest_is_kept(redis: RedisServer) -> None:
    question = {**ASK, "messages": [{"role": "user", "content": "between us"}]}
    async with relay_of(Claude(*FRAMES[:2]), RedisLog(redis.url)) as relay:
        id = (await relay.start(question, key="k", owner="me")).id
        await seen(relay, id, 2)
        state = redis.ask(b"HGETALL", f"sseclaude:{{{id}}}:state".encode())
        events = redis.ask(b"XRANGE", f"sseclaude:{{{id}}}:events".encode(), b"-", b"+")
    assert b"digest" in state
    assert b"message_start" in events
    assert b"between us" not in state + events


# --- many readers ------------------------------------------------------------------------------------------------


async def test_a_crowd_that_comes_and_goes_sees_every_event_once(redis: RedisServer) -> None:
    claude, chance = Claude(FRAMES[0]), random.Random(17)
    async with relay_of(claude, RedisLog(redis.url)) as relay, relay_of(claude, RedisLog(redis.url)) as other:
        answers = [(await relay.start(ASK)).id for _ in range(4)]
        results: list[tuple[list[str], bytes]] = []

        async def wander(id: str) -> None:
            events: list[object] = []
            while not events or events[-1].event != "message_stop":  # type: ignore[attr-defined]
                stay = chance.randint(1, 4)
                stream = chance.choice((relay, other)).follow(id, len(events))
                async for event in stream:
                    events.append(event)
                    stay -= 1
                    if not stay:
                        break
                await stream.aclose()
            results.append((ids(events), as_sent(events)))  # type: ignore[arg-type]

        with anyio.fail_after(60):
            async with anyio.create_task_group() as tasks:
                for id in answers:
                    for of in (relay, other):
                        await seen(of, id, 1)
                    for _ in range(50):
                        tasks.start_soon(wander, id)
                for each in FRAMES[1:]:
                    await anyio.sleep(0.02)
                    claude.say(each)
        assert results == [(ALL, STREAM)] * 200
        clients = [line for line in redis.ask(b"CLIENT", b"LIST").splitlines() if b"id=" in line]
        assert len(clients) <= 2 * 8 + 1


# --- a Redis that will not do ------------------------------------------------------------------------------------


async def test_check_names_what_is_wrong(own_redis: RedisServer) -> None:
    log = RedisLog(own_redis.url)
    await log.check()
    own_redis.ask(b"CONFIG", b"SET", b"maxmemory-policy", b"allkeys-lru")
    with pytest.warns(UserWarning, match="allkeys-lru"):
        await log.check()
    own_redis.ask(b"CONFIG", b"SET", b"maxmemory-policy", b"noeviction")
    with read_only(own_redis), pytest.raises(LogUnavailableError, match="read only"):
        await log.check()
    own_redis.stop()
    with pytest.raises(LogUnavailableError, match="cannot be reached"):
        await log.check()
    await log.close()


async def test_an_old_redis_is_refused(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sseclaude.relay.redis_link.OLDEST", (99, 0))
    log = RedisLog(redis.url)
    with pytest.raises(LogUnavailableError, match="too old"):
        await log.check()
    await log.close()
