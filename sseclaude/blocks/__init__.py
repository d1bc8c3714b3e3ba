"""The models of content blocks and of all that is inside them.

Purpose: one place to import them from. ``model`` is the base of all models, ``citations`` and ``content`` have the
blocks; ``results`` has the results of server tools, and is imported when one of its names is used.
Rule: a value is kept as it came, and every object answers by attribute.

Source: PROTOCOL.md, "Blocks".
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .citations import (
    CITATIONS,
    AnyCitation,
    CharLocation,
    Citation,
    ContentBlockLocation,
    DocumentCitation,
    KnownCitation,
    PageLocation,
    SearchResultLocation,
    WebSearchResultLocation,
)
from .content import (
    BLOCKS,
    AdvisorToolResultBlock,
    BashCodeExecutionToolResultBlock,
    Block,
    CodeExecutionToolResultBlock,
    CompactionBlock,
    ContainerUploadBlock,
    ContentBlock,
    FallbackBlock,
    KnownBlock,
    MCPToolListingBlock,
    MCPToolResultBlock,
    MCPToolUseBlock,
    ModelReference,
    RedactedThinkingBlock,
    ServerToolUseBlock,
    TextBlock,
    TextEditorCodeExecutionToolResultBlock,
    ThinkingBlock,
    ToolBlock,
    ToolResultBlock,
    ToolSearchToolResultBlock,
    ToolUseBlock,
    UnknownBlock,
    WebFetchToolResultBlock,
    WebSearchToolResultBlock,
    make_block,
)
from .model import (
    AtHand,
    AttributeDict,
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
    from .results import RESULT_ITEMS as RESULT_ITEMS
    from .results import ResultItem as ResultItem
    from .results import ToolResultError as ToolResultError
    from .results import UnknownResult as UnknownResult
    from .results import WebSearchResult as WebSearchResult

__all__ = [
    "BLOCKS",
    "CITATIONS",
    "AdvisorToolResultBlock",
    "AnyCitation",
    "AtHand",
    "AttributeDict",
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


def __getattr__(name: str) -> Any:
    """Import a name of ``results`` when it is first used."""
    if not name.startswith("_"):
        try:
            return getattr(import_module(".results", __name__), name)
        except AttributeError:
            pass
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
