"""From a name of the official client to the object that stands for it here.

Purpose: ``look_up`` returns the object; ``known_names`` lists the names that can be looked up in a module.
Rule: an object that has another name in this package is returned under the official client's name. For a name that this
package lacks, a placeholder of ``absent`` is returned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, TypeAlias

from .. import __all__ as public_names
from .absent import absent
from .names import ENDINGS, FAMILIES, MIRRORED, TOP, TYPES

HERE = __name__.rpartition(".")[0].rpartition(".")[0]

SAME: dict[str, tuple[str, str]] = {
    "APIResponse": ("client.raw_response", "RawResponse"),
    "AsyncAPIResponse": ("client.raw_response", "RawResponse"),
    "LegacyAPIResponse": ("client.raw_response", "RawResponse"),
    "BaseModel": ("blocks", "Model"),
    "DEFAULT_CONNECTION_LIMITS": ("client.default_httpx", "LIMITS"),
    "RequestOptions": ("client.params", "RequestOptions"),
    "accumulate_event": ("dropin.accumulate", "accumulate_event"),
    "is_given": ("client.not_given", "is_given"),
    "not_given": ("client.not_given", "NOT_GIVEN"),
    "MessagesWithRawResponse": ("client.raw_response", "RawMessages"),
    "AsyncMessagesWithRawResponse": ("client.raw_response", "AsyncRawMessages"),
    "MessagesWithStreamingResponse": ("client.streaming_response", "StreamingMessages"),
    "AsyncMessagesWithStreamingResponse": ("client.streaming_response", "AsyncStreamingMessages"),
}
"""What has another name here: its module and name."""

VALUES: dict[str, Any] = {
    "NoneType": type(None),
    "TypeAlias": TypeAlias,
    "VERSION": MIRRORED,
    **dict.fromkeys(("Body", "Query", "Headers", "FileTypes", "RequestFiles", "ResponseT", "PostParser"), Any),
}
"""What is a value, and not defined in a module."""

PRIVATE = frozenset(
    {
        "SyncAPIClient", "AsyncAPIClient", "BaseClient", "SyncHttpxClientWrapper", "AsyncHttpxClientWrapper",
        "SSEDecoder", "ServerSentEvent", "APIResponseValidationError",
    }
)  # fmt: skip
"""Names of private modules that programs import."""

TYPE_VALUES: dict[str, Any] = {
    **dict.fromkeys(("Model", "ModelParam", "StopReason", "AnthropicBetaParam", "ThinkingTypes"), str),
    **dict.fromkeys(("Content", "Request", "Source", "ContentParam"), Any),
}
"""Types that are no classes: a string that is not checked, and what a module of one type holds beside it."""

TYPE_NAMES: dict[str, str] = {
    "CompactionContentBlockDelta": "CompactionDelta",
    "TextCitation": "AnyCitation",
    "WebFetchBlock": "WebFetchResult",
    "WebSearchResultBlock": "WebSearchResult",
    "MessageDeltaUsage": "Usage",
    "ServerToolUsage": "ServerToolUsage",
    "RefusalStopDetails": "StopDetails",
    "ParsedTextBlock": "TextBlock",
    "ParsedContentBlock": "ContentBlock",
    "ContextManagementResponse": "ContextManagement",
    "MessageIterationUsage": "IterationUsage",
    "MessageCreateParamsNonStreaming": "MessageCreateParams",
    "MessageCreateParamsStreaming": "MessageCreateParams",
    "MessageCreateParamsBase": "MessageCreateParams",
}
"""Types that have another name here, without ``Beta``."""

DEFINED_IN = ("blocks", "events", "derived_events", "message", "client.params", "client.messages", "client.stream")
"""The modules that define what the types name."""


@cache
def look_up(module: str, name: str) -> Any:
    """Return what ``name`` is in a module of the official client. Raises LookupError if neither client has it."""
    found: Any
    if module.startswith("anthropic.types"):
        found = _type(name)
    elif name in VALUES:
        found = VALUES[name]
    elif name in SAME:
        found = getattr(_ours(SAME[name][0]), SAME[name][1])
    elif name in public_names and name != "__version__":
        found = getattr(import_module(HERE), name)
    else:
        found = _type(name)
    if found is not None:
        return found
    if not _is_theirs(module, name):
        raise LookupError(name)
    return absent(module, name)


def _ours(module: str) -> ModuleType:
    return import_module(f"{HERE}.{module}")


def _type(name: str) -> Any:
    """Return the type of a name, from ``types`` if this copy of the package has it, or from where it is defined."""
    plain = _plain(name)
    for folder in ("types.beta", "types"):
        try:
            return getattr(_ours(folder), name)
        except (ImportError, AttributeError):
            continue
    if plain in TYPE_VALUES:
        return TYPE_VALUES[plain]
    for candidate in _candidates(TYPE_NAMES.get(plain, plain)):
        for module in DEFINED_IN:
            if (found := vars(_ours(module)).get(candidate)) is not None:
                return found
    return None


def _plain(name: str) -> str:
    return re.sub(r"^(Parsed|Async)?Beta(?=[A-Z])", r"\1", name)


def _candidates(name: str) -> Iterator[str]:
    """Yield the names that a type may have here: citations and the wire's events have shorter ones."""
    yield name
    for prefix in ("Raw", "Parsed", "Citations", "Citation", "Async"):
        if name.startswith(prefix) and len(name) > len(prefix):
            yield name.removeprefix(prefix)


def _is_theirs(module: str, name: str) -> bool:
    if name in TOP or name in PRIVATE:
        return not module.startswith("anthropic.types")
    plain = _plain(name)
    return plain in TYPES or (name[0].isupper() and (plain.startswith(FAMILIES) or plain.endswith(ENDINGS)))


def known_names(module: str) -> list[str]:
    """Return the names that can be looked up in a module, as far as they are listed."""
    if module.startswith("anthropic.types"):
        return sorted({*TYPES, *(f"Beta{name}" for name in TYPES)})
    return sorted({*public_names, *TOP, *SAME} - {"__version__", "accumulate_event"})
