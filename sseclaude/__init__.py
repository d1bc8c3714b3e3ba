"""A client for Claude's streaming Messages API, from the bytes up.

    import sseclaude

    client = sseclaude.Anthropic()
    with client.messages.stream(model=..., max_tokens=1024, messages=[...]) as stream:
        for text in stream.text_stream:
            print(text, end="", flush=True)

Names are imported when they are first used, so ``from sseclaude import assemble`` never imports httpx. To read the
code, begin with ``sse``, then ``events``, ``assembler`` and ``client/stream``. The reference is PROTOCOL.md, in the
same folder.
"""

# A vendored part of the package (see cli/vendoring.py) lacks modules, and the names that they define.
# mypy: disable-error-code="import-not-found"
# pyright: reportMissingImports=false

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .assembler import MessageAssembler
    from .blocks import ContentBlock, TextBlock, ThinkingBlock, ToolUseBlock, UnknownBlock
    from .client.client import Anthropic, AsyncAnthropic, AsyncClient, Client
    from .client.default_httpx import DefaultAsyncHttpxClient, DefaultHttpxClient
    from .client.messages import MessageTokensCount
    from .client.not_given import NOT_GIVEN, NotGiven, Omit, omit
    from .client.options import DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT
    from .client.rate_limits import RateLimit
    from .client.stream import (
        AsyncMessageStream,
        AsyncMessageStreamManager,
        AsyncStream,
        MessageStream,
        MessageStreamManager,
        Stream,
    )
    from .client.timeouts import Timeout
    from .derived_events import MessageStreamEvent
    from .deviations import Deviation
    from .errors import (
        AnthropicError,
        APIConnectionError,
        APIError,
        APIStatusError,
        APITimeoutError,
        AuthenticationError,
        BadRequestError,
        ClientClosedRequestError,
        ConflictError,
        ContentTooLargeError,
        DeadlineExceededError,
        GatewayTimeoutError,
        HTTPNotImplementedError,
        IncompleteStreamError,
        InternalServerError,
        NotFoundError,
        OutputValidationError,
        OverloadedError,
        PaymentRequiredError,
        PermissionDeniedError,
        PreconditionFailedError,
        ProtocolError,
        RateLimitError,
        RequestHeaderFieldsTooLargeError,
        RequestTimeoutError,
        RequestTooLargeError,
        ServiceUnavailableError,
        UnprocessableEntityError,
    )
    from .events import RawMessageStreamEvent, UnknownDelta, UnknownEvent
    from .iterate import aiter_events, assemble, iter_events
    from .message import Message, ParsedMessage, Usage
    from .output_schema import transform_schema
    from .partial_json import PartialJSON
    from .received import Received, Timing
    from .sse import ServerSentEvent, SSEDecoder, encode

__all__ = [  # noqa: RUF022 - in the order of dir()
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "Anthropic",
    "AnthropicError",
    "AsyncAnthropic",
    "AsyncClient",
    "AsyncMessageStream",
    "AsyncMessageStreamManager",
    "AsyncStream",
    "AuthenticationError",
    "BadRequestError",
    "Client",
    "ClientClosedRequestError",
    "ConflictError",
    "ContentBlock",
    "ContentTooLargeError",
    "DEFAULT_MAX_RETRIES",
    "DEFAULT_TIMEOUT",
    "DeadlineExceededError",
    "DefaultAsyncHttpxClient",
    "DefaultHttpxClient",
    "Deviation",
    "GatewayTimeoutError",
    "HTTPNotImplementedError",
    "IncompleteStreamError",
    "InternalServerError",
    "Message",
    "MessageAssembler",
    "MessageStream",
    "MessageStreamEvent",
    "MessageStreamManager",
    "MessageTokensCount",
    "NOT_GIVEN",
    "NotFoundError",
    "NotGiven",
    "Omit",
    "OutputValidationError",
    "OverloadedError",
    "ParsedMessage",
    "PartialJSON",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "PreconditionFailedError",
    "ProtocolError",
    "RateLimit",
    "RateLimitError",
    "RawMessageStreamEvent",
    "Received",
    "RequestHeaderFieldsTooLargeError",
    "RequestTimeoutError",
    "RequestTooLargeError",
    "SSEDecoder",
    "ServerSentEvent",
    "ServiceUnavailableError",
    "Stream",
    "TextBlock",
    "ThinkingBlock",
    "Timeout",
    "Timing",
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
    "omit",
    "transform_schema",
]

_MODULES = {
    "errors": (
        "APIConnectionError",
        "APIError",
        "APIStatusError",
        "APITimeoutError",
        "AnthropicError",
        "AuthenticationError",
        "BadRequestError",
        "ClientClosedRequestError",
        "ConflictError",
        "ContentTooLargeError",
        "DeadlineExceededError",
        "GatewayTimeoutError",
        "HTTPNotImplementedError",
        "IncompleteStreamError",
        "InternalServerError",
        "NotFoundError",
        "OutputValidationError",
        "OverloadedError",
        "PaymentRequiredError",
        "PermissionDeniedError",
        "PreconditionFailedError",
        "ProtocolError",
        "RateLimitError",
        "RequestHeaderFieldsTooLargeError",
        "RequestTimeoutError",
        "RequestTooLargeError",
        "ServiceUnavailableError",
        "UnprocessableEntityError",
    ),
    "sse": (
        "SSEDecoder",
        "ServerSentEvent",
        "encode",
    ),
    "partial_json": ("PartialJSON",),
    "deviations": ("Deviation",),
    "received": (
        "Received",
        "Timing",
    ),
    "blocks": (
        "ContentBlock",
        "TextBlock",
        "ThinkingBlock",
        "ToolUseBlock",
        "UnknownBlock",
    ),
    "message": (
        "Message",
        "ParsedMessage",
        "Usage",
    ),
    "events": (
        "RawMessageStreamEvent",
        "UnknownDelta",
        "UnknownEvent",
    ),
    "assembler": ("MessageAssembler",),
    "derived_events": ("MessageStreamEvent",),
    "iterate": (
        "aiter_events",
        "assemble",
        "iter_events",
    ),
    "output_schema": ("transform_schema",),
    "client.not_given": (
        "NOT_GIVEN",
        "NotGiven",
        "Omit",
        "omit",
    ),
    "client.rate_limits": ("RateLimit",),
    "client.timeouts": ("Timeout",),
    "client.default_httpx": (
        "DefaultAsyncHttpxClient",
        "DefaultHttpxClient",
    ),
    "client.stream": (
        "AsyncMessageStream",
        "AsyncMessageStreamManager",
        "AsyncStream",
        "MessageStream",
        "MessageStreamManager",
        "Stream",
    ),
    "client.options": (
        "DEFAULT_MAX_RETRIES",
        "DEFAULT_TIMEOUT",
    ),
    "client.messages": ("MessageTokensCount",),
    "client.client": (
        "Anthropic",
        "AsyncAnthropic",
        "AsyncClient",
        "Client",
    ),
}
"""The public names by the module that defines them: a name is imported when it is first used."""

_ALIASES = {
    "APIResponse": ("client.raw_response", "RawResponse"),
    "AsyncAPIResponse": ("client.raw_response", "RawResponse"),
    "BaseModel": ("blocks", "Model"),
    "DEFAULT_CONNECTION_LIMITS": ("client.http_clients", "LIMITS"),
    "RequestOptions": ("client.params", "RequestOptions"),
    "not_given": ("client.not_given", "NOT_GIVEN"),
    "BetaAsyncMessageStream": ("client.stream", "AsyncMessageStream"),
    "BetaAsyncMessageStreamManager": ("client.stream", "AsyncMessageStreamManager"),
    "BetaMessageStream": ("client.stream", "MessageStream"),
    "BetaMessageStreamManager": ("client.stream", "MessageStreamManager"),
    **{
        f"{prefix}{name}": ("derived_events", name)
        for prefix in ("", "Beta", "Parsed", "ParsedBeta")
        for name in ("TextEvent", "InputJsonEvent", "ContentBlockStopEvent", "MessageStopEvent", "MessageStreamEvent")
    },
}
"""More names of the official client's top level, for programs that move over by their import line."""

_FOLDERS = ("types", "client", "replay", "cli")
"""The folders that a vendored part may lack."""

_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name, or a module such as ``sseclaude.events``, when it is first used."""
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, ours = _ALIASES.get(name) or (_MODULE_OF.get(name, name), name)
    try:
        value = import_module(f".{module}", __name__)
    except ModuleNotFoundError as error:
        if not f"{__name__}.{module}".startswith(str(error.name)):
            raise  # a dependency is missing, not a module of ours
        left_out = module != name or name in _FOLDERS
        raise _missing(name, "it is not part of this copy of the package" if left_out else _nearest(name)) from None
    if module != name:
        globals()[name] = value = getattr(value, ours)
    return value


def _nearest(name: str) -> str:
    """Return a question that names the public name which is most like another; "" if none is."""
    from difflib import get_close_matches

    try:
        theirs = import_module(".dropin.names", __name__).TOP
    except ImportError:  # this copy of the package has no such part
        theirs = ()
    if name in theirs:
        return "sseclaude does not have this part of the official client"
    found = get_close_matches(name, [*__all__, *_ALIASES], 1)
    return f"did you mean {found[0]!r}?" if found else ""


def _missing(name: str, why: str) -> AttributeError | ImportError:
    """Return the error for a name that is not here: ImportError if an import statement asks for it."""
    because = f": {why}" if why else ""
    asking = sys._getframe(2).f_globals.get("__name__")
    if asking == "importlib._bootstrap":
        return ImportError(f"cannot import name {name!r} from {__name__!r}{because}", name=name, path=__file__)
    return AttributeError(f"module {__name__!r} has no attribute {name!r}{because}")


def __dir__() -> list[str]:
    """List the public names whose modules are here: a vendored part of the package has only some of them."""
    from importlib.util import find_spec

    packages = {name for name in _FOLDERS if find_spec(f".{name}", __name__)}
    here = {
        module
        for module in _MODULES
        if module.partition(".")[0] in packages or ("." not in module and find_spec(f".{module}", __name__))
    }
    return [name for name in __all__ if _MODULE_OF.get(name) in here | {None}]
