"""The running event loop, asyncio's or trio's: call into it from other threads, and start tasks that no caller awaits.

Rule: neither library is imported before a loop of it runs.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeAlias


def on_trio() -> Any:
    """Return trio's module if a loop of trio runs here, else None."""
    trio = sys.modules.get("trio")
    return trio if trio is not None and trio.lowlevel.in_trio_run() else None


Soon: TypeAlias = Callable[[Callable[[], None]], Any]


def running_loop() -> Soon:
    """Return a function that schedules a call in the running loop, from any thread and inside the garbage collector."""
    if (trio := on_trio()) is not None:
        soon: Soon = trio.lowlevel.current_trio_token().run_sync_soon
        return soon
    import asyncio

    loop = asyncio.get_running_loop()

    def call(function: Callable[[], None]) -> None:
        here = asyncio._get_running_loop() is loop  # None where no loop runs, as in other threads
        function() if here else loop.call_soon_threadsafe(function)  # at once: it may be the loop's last round

    return call


def spawn(close: Callable[[], Awaitable[None]]) -> None:
    """Close a dropped object in a new task. Exceptions are ignored, for no caller could catch them."""

    async def quietly() -> None:
        with suppress(Exception):
            await close()

    if (trio := on_trio()) is not None:
        trio.lowlevel.spawn_system_task(quietly)
    else:
        start_task(quietly())


def start_task(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Start an asyncio task that runs to its end also if nothing awaits it, and return it."""
    import asyncio

    task = asyncio.get_running_loop().create_task(coroutine)
    _tasks.add(task)
    task.add_done_callback(_discard_task)
    return task


def shielded(task: Any) -> Awaitable[Any]:
    """Return an awaitable for an asyncio task; to cancel it leaves the task running."""
    import asyncio

    return asyncio.shield(task)


def _discard_task(task: Any) -> None:
    _tasks.discard(task)
    if not task.cancelled():
        task.exception()  # asyncio logs one that nothing has looked at


_tasks: set[Any] = set()
"""Tasks under way; a loop itself keeps only weak references."""
