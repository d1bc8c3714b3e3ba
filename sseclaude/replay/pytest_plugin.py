"""The pytest plugin: fixtures for programs that read Claude's stream.

Purpose: a replay server or transport in a test's arguments.
Must not know: anything at pytest's start; each fixture imports what it needs.
Rule: what a fixture gives is fresh for each test, at full speed, and configured by one marker.

    @pytest.mark.claude(recordings="answer.sse", faults=[Status(529)])
    def test_my_program(claude_server): ...
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .httpx_transport import AsyncReplayTransport, ReplayTransport
    from .server import ReplayServer

MARKER = "claude(recordings=None, pace=None, faults=(), match=None): what the fixtures claude_server, claude_transport \
and claude_async_transport answer with."


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


def _settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    marker = request.node.get_closest_marker("claude")
    return {"pace": None, **(marker.kwargs if marker else {})}


@pytest.fixture
def claude_server(request: pytest.FixtureRequest) -> Iterator[ReplayServer]:
    """A running ``ReplayServer`` at full speed; ``claude_server.faults`` may be appended to."""
    from .server import ReplayServer

    with ReplayServer(**_settings(request)) as server:
        yield server


@pytest.fixture
def claude_transport(request: pytest.FixtureRequest) -> ReplayTransport:
    """A ``ReplayTransport`` for ``httpx.Client(transport=...)``."""
    from .httpx_transport import ReplayTransport

    return ReplayTransport(**_settings(request))


@pytest.fixture
def claude_async_transport(request: pytest.FixtureRequest) -> AsyncReplayTransport:
    """An ``AsyncReplayTransport`` for ``httpx.AsyncClient(transport=...)``."""
    from .httpx_transport import AsyncReplayTransport

    return AsyncReplayTransport(**_settings(request))
