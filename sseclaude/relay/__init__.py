"""The relay: answers that continue when their reader disconnects, and can be read again.

Purpose: read the API's stream once, store the events in a log, and let any number of readers follow the log from any
event on.
Must not know: tool loops and histories; an answer is one Message.
Rule: the modules outside this folder never import it, and a name is imported when it is first used, so that a
``MemoryLog`` needs neither redis nor starlette.

    from sseclaude.relay import MemoryLog, RedisLog, Relay

    async with Relay(client, RedisLog("redis://localhost")) as relay:
        answer = await relay.start(params)
        async for event in relay.follow(answer.id, after=0): ...

It runs on asyncio, as redis-py and uvicorn do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .http_app import app
    from .log import LogUnavailableError
    from .memory_log import MemoryLog
    from .models import AnswerState
    from .redis_log import RedisLog
    from .relay import Relay

__all__ = ["AnswerState", "LogUnavailableError", "MemoryLog", "RedisLog", "Relay", "app"]

_MODULE_OF = {
    "AnswerState": "models",
    "LogUnavailableError": "log",
    "MemoryLog": "memory_log",
    "RedisLog": "redis_log",
    "Relay": "relay",
    "app": "http_app",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
    return value


def __dir__() -> list[str]:
    return __all__
