"""Other people's clients read answers through the relay, by their base URL alone (see tests/replay/test_clients.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sseclaude.relay.auth import Tokens
from sseclaude.replay import Disconnect, ReplayServer, Status
from tests.replay.test_clients import (
    FIXTURES,
    NAMES,
    PARAMS,
    PLAINS,
    STREAMS,
    Program,
    client,
    expectation,
    node_client,
    python_client,
    shown,
)
from tests.support.serving import serving

__all__ = ["client", "node_client", "python_client"]


@pytest.fixture
def claude() -> Iterator[ReplayServer]:
    with ReplayServer(pace=None) as server:
        yield server


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("face", STREAMS)
def test_a_stream_is_read_to_the_fixtures_message(client: Program, face: str, name: str) -> None:
    with ReplayServer(FIXTURES / f"{name}.sse", pace=None) as claude, serving(claude) as relay:
        expected = expectation(name)
        assert shown(client(face, relay.url, PARAMS), expected) == expected
        assert "sk-peer" not in repr(claude.requests[0])


@pytest.mark.parametrize("face", PLAINS)
def test_a_plain_answer_is_the_fixtures_message(client: Program, face: str) -> None:
    with ReplayServer(FIXTURES / "tool_use.sse", pace=None) as claude, serving(claude) as relay:
        expected = expectation("tool_use")
        assert shown(client(face, relay.url, PARAMS), expected) == expected


@pytest.mark.parametrize("face", STREAMS)
def test_a_refusal_is_the_clients_own_error(client: Program, face: str) -> None:
    with ReplayServer(pace=None, faults=[Status(403)]) as claude, serving(claude) as relay:
        expected = {"status": 403, "type": "permission_error", "id": "req_replay00000000000001"}
        assert client(face, relay.url, PARAMS) == expected


@pytest.mark.parametrize("face", STREAMS)
def test_an_answer_that_was_cut_is_not_taken_for_a_message(client: Program, face: str) -> None:
    cut = Disconnect(after_events=4)
    with ReplayServer(FIXTURES / "text.sse", pace=None, faults=[cut]) as claude, serving(claude) as relay:
        assert "content" not in client(face, relay.url, PARAMS)


@pytest.mark.parametrize("face", ["sync_stream", "node_stream"])
def test_who_has_no_token_gets_the_clients_own_error(client: Program, face: str, claude: ReplayServer) -> None:
    def nobody(request: Any) -> None:
        return None

    with serving(claude, authorize=nobody) as relay:
        said = client(face, relay.url, PARAMS)
        assert (said["status"], said["type"]) == (401, "authentication_error")


@pytest.mark.parametrize("face", ["sync_stream", "node_stream"])
def test_the_clients_key_is_the_relays_token(client: Program, face: str, claude: ReplayServer) -> None:
    """Older ones send it as ``x-api-key``, newer ones as a bearer token."""
    with serving(claude, authorize=Tokens({"sk-peer": "peer"})) as relay:
        assert "content" in client(face, relay.url, PARAMS)


@pytest.mark.parametrize("face", ["count_tokens"])
def test_tokens_are_counted(client: Program, face: str, claude: ReplayServer) -> None:
    with serving(claude) as relay:
        assert client(face, relay.url, PARAMS)["input_tokens"] > 0
