"""The models of content blocks and of the objects inside them.

Purpose: one place to import them from. ``model`` has the base of all models, ``content`` the blocks that the model
writes, ``server_blocks`` those that the API makes, ``results`` the results inside these, ``citations`` the citations.
Rule: every value is kept as it came, and every JSON object's fields are attributes. Three of the modules are imported
when one of their names is first used or the first such object comes: most programs never need them.

Source: PROTOCOL.md, "Blocks".
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .content import (
    BLOCKS,
    AnyCitation,
    Block,
    ContentBlock,
    MCPToolUseBlock,
    RedactedThinkingBlock,
    ServerToolUseBlock,
    TextBlock,
    ThinkingBlock,
    ToolBlock,
    ToolUseBlock,
    UnknownBlock,
    make_block,
)
from .model import (
    AttributeDict,
    AwaitableValue,
    Bool,
    Int,
    Known,
    Model,
    Open,
    by_attribute,
    by_type,
    construct_unchecked,
    deferred,
    discriminated,
    plain,
)

if TYPE_CHECKING:
    from .citations import (
        CITATIONS,
        CharLocation,
        Citation,
        ContentBlockLocation,
        DocumentCitation,
        KnownCitation,
        PageLocation,
        SearchResultLocation,
        WebSearchResultLocation,
    )
    from .content import KnownBlock as KnownBlock
    from .results import RESULT_ITEMS as RESULT_ITEMS
    from .results import ResultItem as ResultItem
    from .results import ToolResultError as ToolResultError
    from .results import UnknownResult as UnknownResult
    from .results import WebSearchResult as WebSearchResult
    from .server_blocks import (
        AdvisorToolResultBlock,
        BashCodeExecutionToolResultBlock,
        CodeExecutionToolResultBlock,
        CompactionBlock,
        ContainerUploadBlock,
        FallbackBlock,
        MCPToolListingBlock,
        MCPToolResultBlock,
        ModelReference,
        TextEditorCodeExecutionToolResultBlock,
        ToolResultBlock,
        ToolSearchToolResultBlock,
        WebFetchToolResultBlock,
        WebSearchToolResultBlock,
    )

__all__ = [
    "BLOCKS",
    "CITATIONS",
    "AdvisorToolResultBlock",
    "AnyCitation",
    "AttributeDict",
    "AwaitableValue",
    "BashCodeExecutionToolResultBlock",
    "Block",
    "Bool",
    "CharLocation",
    "Citation",
    "CodeExecutionToolResultBlock",
    "CompactionBlock",
    "ContainerUploadBlock",
    "ContentBlock",
    "ContentBlockLocation",
    "DocumentCitation",
    "FallbackBlock",
    "Int",
    "Known",
    "KnownBlock",
    "KnownCitation",
    "MCPToolListingBlock",
    "MCPToolResultBlock",
    "MCPToolUseBlock",
    "Model",
    "ModelReference",
    "Open",
    "PageLocation",
    "RedactedThinkingBlock",
    "SearchResultLocation",
    "ServerToolUseBlock",
    "TextBlock",
    "TextEditorCodeExecutionToolResultBlock",
    "ThinkingBlock",
    "ToolBlock",
    "ToolResultBlock",
    "ToolSearchToolResultBlock",
    "ToolUseBlock",
    "UnknownBlock",
    "WebFetchToolResultBlock",
    "WebSearchResultLocation",
    "WebSearchToolResultBlock",
    "by_attribute",
    "by_type",
    "construct_unchecked",
    "deferred",
    "discriminated",
    "make_block",
    "plain",
]


_LATE = ("citations", "server_blocks", "results")
"""The modules that are imported when one of their names is first used."""


def __getattr__(name: str) -> Any:
    """Import a name of the late modules, or one of these modules, when it is first used."""
    if name in _LATE:
        return import_module(f".{name}", __name__)
    for module in () if name.startswith("_") else _LATE:
        try:
            return getattr(import_module(f".{module}", __name__), name)
        except AttributeError:
            pass
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
