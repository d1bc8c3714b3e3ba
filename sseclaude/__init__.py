"""A client for Claude's streaming Messages API, from the bytes up.

    import sseclaude

    client = sseclaude.Anthropic()
    with client.messages.stream(model=..., max_tokens=1024, messages=[...]) as stream:
        for text in stream.text_stream:
            print(text, end="", flush=True)

Names are imported when they are first used, so that ``from sseclaude import assemble`` never imports httpx. To read the
code, begin with ``sse``, then ``events``, ``assembler`` and ``stream``; PROTOCOL.md beside this file is the reference.
"""

# A cut of the package (see vendoring) lacks modules, and the names that are theirs.
# mypy: disable-error-code="import-not-found"
# pyright: reportMissingImports=false

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .assembler import MessageAssembler
    from .blocks import ContentBlock, TextBlock, ThinkingBlock, ToolUseBlock, UnknownBlock
    from .client import Anthropic, AsyncAnthropic, MessageTokensCount
    from .clocks import Timeout
    from .derived import MessageStreamEvent
    from .deviations import Deviation
    from .errors import (
        AnthropicError,
        APIConnectionError,
        APIError,
        APIStatusError,
        APITimeoutError,
        AuthenticationError,
        BadRequestError,
        ConflictError,
        ContentTooLargeError,
        DeadlineExceededError,
        GatewayTimeoutError,
        IncompleteStreamError,
        InternalServerError,
        NotFoundError,
        OutputValidationError,
        OverloadedError,
        PaymentRequiredError,
        PermissionDeniedError,
        ProtocolError,
        RateLimitError,
        RequestTimeoutError,
        RequestTooLargeError,
        ServiceUnavailableError,
        UnprocessableEntityError,
    )
    from .events import RawMessageStreamEvent, UnknownDelta, UnknownEvent
    from .message import Message, ParsedMessage, Usage
    from .partial_json import PartialJSON
    from .reader import aiter_events, assemble, iter_events
    from .sse import ServerSentEvent, SSEDecoder, encode
    from .stream import AsyncMessageStream, AsyncStream, MessageStream, Stream

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "Anthropic",
    "AnthropicError",
    "AsyncAnthropic",
    "AsyncMessageStream",
    "AsyncStream",
    "AuthenticationError",
    "BadRequestError",
    "ConflictError",
    "ContentBlock",
    "ContentTooLargeError",
    "DeadlineExceededError",
    "Deviation",
    "GatewayTimeoutError",
    "IncompleteStreamError",
    "InternalServerError",
    "Message",
    "MessageAssembler",
    "MessageStream",
    "MessageStreamEvent",
    "MessageTokensCount",
    "NotFoundError",
    "OutputValidationError",
    "OverloadedError",
    "ParsedMessage",
    "PartialJSON",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "ProtocolError",
    "RateLimitError",
    "RawMessageStreamEvent",
    "RequestTimeoutError",
    "RequestTooLargeError",
    "SSEDecoder",
    "ServerSentEvent",
    "ServiceUnavailableError",
    "Stream",
    "TextBlock",
    "ThinkingBlock",
    "Timeout",
    "ToolUseBlock",
    "UnknownBlock",
    "UnknownDelta",
    "UnknownEvent",
    "UnprocessableEntityError",
    "Usage",
    "__version__",
    "aiter_events",
    "assemble",
    "encode",
    "iter_events",
]

_UPWARD = (
    "errors",
    "sse",
    "partial_json",
    "deviations",
    "clocks",
    "blocks",
    "message",
    "events",
    "derived",
    "assembler",
    "reader",
    "stream",
    "client",
)
"""The modules that hold the public names, lowest first: a name is looked for upward, and no further than needed."""

_ROOMS = frozenset(
    (*_UPWARD, "body", "builder", "cli", "face", "inflate", "lever", "params", "replay", "retries", "snapshots",
     "structured", "transport", "vendoring")
)  # fmt: skip
"""The modules that may be named after the package without being imported first: ``sseclaude.events.parse``."""


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        if (room := _module(name)) is not None:
            return room
    elif name in __all__:
        for module in map(_module, _UPWARD):
            if hasattr(module, name):
                globals()[name] = value = getattr(module, name)
                return value
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    raise AttributeError(f"{name!r} is not part of this copy of the package: {__name__!r} is a cut without it")


def _module(name: str) -> ModuleType | None:
    """Import a module of ours; None if it was left out when the package was copied (see vendoring)."""
    try:
        return import_module(f".{name}", __name__)
    except ModuleNotFoundError as error:
        if error.name == f"{__name__}.{name}":
            return None
        raise


def __dir__() -> list[str]:
    return __all__
