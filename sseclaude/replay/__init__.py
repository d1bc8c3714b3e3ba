"""The replay kit: recorded streams of Claude, byte for byte, for tests without the network.

    from sseclaude.replay import ReplayServer, Status

    with ReplayServer(faults=[Status(529)]) as server:
        client = Anthropic(base_url=server.url, api_key="any")

``ReplayServer`` listens on a local socket; ``ReplayTransport`` and ``AsyncReplayTransport`` do the same inside httpx;
``record`` makes recordings. Names are imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answers import Answer as Answer
    from .answers import answer as answer
    from .answers import thinking as thinking
    from .answers import tool_call as tool_call
    from .choosing import ReceivedRequest as ReceivedRequest
    from .choosing import Request as Request
    from .faults import CloseDelimited as CloseDelimited
    from .faults import CutChunkHeader as CutChunkHeader
    from .faults import Disconnect as Disconnect
    from .faults import Drip as Drip
    from .faults import Drop as Drop
    from .faults import Duplicate as Duplicate
    from .faults import Error as Error
    from .faults import Fault as Fault
    from .faults import Garbage as Garbage
    from .faults import Gzip as Gzip
    from .faults import Informational as Informational
    from .faults import NoBlankLine as NoBlankLine
    from .faults import NoStop as NoStop
    from .faults import Plan as Plan
    from .faults import Stall as Stall
    from .faults import Status as Status
    from .faults import Trailing as Trailing
    from .faults import Truncate as Truncate
    from .faults import WrongContentLength as WrongContentLength
    from .faults import WrongContentType as WrongContentType
    from .faults import always as always
    from .faults import sometimes as sometimes
    from .httpx_transport import AsyncReplayTransport as AsyncReplayTransport
    from .httpx_transport import ReplayTransport as ReplayTransport
    from .journal import Entry as Entry
    from .journal import Journal as Journal
    from .pace import DEFAULT as DEFAULT
    from .pace import Pace as Pace
    from .pace import schedule as schedule
    from .recorder import record as record
    from .recording import SHIPPED as SHIPPED
    from .recording import Recording as Recording
    from .recording import load as load
    from .server import ReplayServer as ReplayServer
    from .spelling import parse_fault as parse_fault
    from .spelling import parse_pace as parse_pace

MODULES = {
    "answers": ["Answer", "answer", "thinking", "tool_call"],
    "choosing": ["ReceivedRequest", "Request"],
    "faults": [
        "CloseDelimited",
        "CutChunkHeader",
        "Disconnect",
        "Drip",
        "Drop",
        "Duplicate",
        "Error",
        "Fault",
        "Garbage",
        "Gzip",
        "Informational",
        "NoBlankLine",
        "NoStop",
        "Plan",
        "Stall",
        "Status",
        "Trailing",
        "Truncate",
        "WrongContentLength",
        "WrongContentType",
        "always",
        "sometimes",
    ],
    "journal": ["Entry", "Journal"],
    "pace": ["DEFAULT", "Pace", "schedule"],
    "recording": ["SHIPPED", "Recording", "load"],
    "recorder": ["record"],
    "server": ["ReplayServer"],
    "spelling": ["parse_fault", "parse_pace"],
    "httpx_transport": ["AsyncReplayTransport", "ReplayTransport"],
}
MODULE_OF = {name: module for module, names in MODULES.items() for name in names}

__all__ = sorted(MODULE_OF)  # noqa: PLE0605  # pyright: ignore[reportUnsupportedDunderAll] - the table says it once


def __getattr__(name: str) -> Any:
    if name not in MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{MODULE_OF[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
