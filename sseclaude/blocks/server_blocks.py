"""Content blocks that the API makes, not the model: results of server tools, listings, uploads, compaction, fallback.

Purpose: one model for each.
Rule: as in ``content``. This module is imported when the first such block comes: most programs never see one.

Source: PROTOCOL.md, "Blocks".
"""

# A block's `type` is one word where its base has any; nobody assigns it, so the base's users are safe.
# pyright: reportIncompatibleVariableOverride=false

# Annotations are evaluated here, not strings: pydantic would compile each of them when the class is made.

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import Field

from .content import Block, CommonBlock
from .model import Bool, Model, deferred

if TYPE_CHECKING:
    from .results import (
        AdvisorContent,
        BashCodeExecutionContent,
        Caller,
        CodeExecutionContent,
        MCPContent,
        MCPTool,
        TextEditorCodeExecutionContent,
        ToolChange,
        ToolSearchContent,
        Trigger,
        WebFetchContent,
        WebSearchContent,
    )
else:
    # The models are imported when the first such object comes. A result differs from another by its `type` alone.
    _RESULTS = f"{__package__}.results"
    Caller = deferred(_RESULTS, "CALLERS")
    Trigger = deferred(_RESULTS, "TRIGGERS")
    MCPTool = deferred(_RESULTS, None, "MCPTool")
    ToolChange = deferred(_RESULTS, "TOOL_CHANGES")
    _Result = deferred(_RESULTS, "RESULT_ITEMS", "UnknownResult")
    _Content = str | list[_Result] | _Result | None
    AdvisorContent = BashCodeExecutionContent = CodeExecutionContent = MCPContent = _Content
    TextEditorCodeExecutionContent = ToolSearchContent = WebFetchContent = WebSearchContent = _Content


NOT_SENT: Any = None
"""The value of a result block's ``content`` that was not sent, which the API always sends."""


class ToolResultBlock(Block):
    """The base of the blocks that hold a server tool's result: they come complete, in their start.

    ``content`` is the result or an error, distinguished by ``type``; None if none came.
    """

    tool_use_id: str = ""


class MCPToolResultBlock(ToolResultBlock):
    """What a tool of an MCP server returned."""

    type: Literal["mcp_tool_result"] = "mcp_tool_result"
    content: MCPContent = NOT_SENT
    is_error: Bool = False


class WebSearchToolResultBlock(ToolResultBlock):
    """What a web search found, or why it failed."""

    type: Literal["web_search_tool_result"] = "web_search_tool_result"
    content: WebSearchContent = NOT_SENT
    caller: Caller | None = None


class WebFetchToolResultBlock(ToolResultBlock):
    """What was fetched."""

    type: Literal["web_fetch_tool_result"] = "web_fetch_tool_result"
    content: WebFetchContent = NOT_SENT
    caller: Caller | None = None


class CodeExecutionToolResultBlock(ToolResultBlock):
    """What a program printed."""

    type: Literal["code_execution_tool_result"] = "code_execution_tool_result"
    content: CodeExecutionContent = NOT_SENT


class BashCodeExecutionToolResultBlock(ToolResultBlock):
    """What a shell command printed."""

    type: Literal["bash_code_execution_tool_result"] = "bash_code_execution_tool_result"
    content: BashCodeExecutionContent = NOT_SENT


class TextEditorCodeExecutionToolResultBlock(ToolResultBlock):
    """What an editor command returned."""

    type: Literal["text_editor_code_execution_tool_result"] = "text_editor_code_execution_tool_result"
    content: TextEditorCodeExecutionContent = NOT_SENT


class ToolSearchToolResultBlock(ToolResultBlock):
    """The tools that a search found."""

    type: Literal["tool_search_tool_result"] = "tool_search_tool_result"
    content: ToolSearchContent = NOT_SENT


class AdvisorToolResultBlock(ToolResultBlock):
    """What another model advised."""

    type: Literal["advisor_tool_result"] = "advisor_tool_result"
    content: AdvisorContent = NOT_SENT


class ContainerUploadBlock(Block):
    """A file that was put into the container."""

    type: Literal["container_upload"] = "container_upload"
    file_id: str = ""


class CompactionBlock(Block):
    """A summary that stands for the conversation so far."""

    type: Literal["compaction"] = "compaction"
    content: str | None = None
    encrypted_content: str | None = None
    signature: str | None = None
    tool_changes: list[ToolChange] | None = None


class MCPToolListingBlock(Block):
    """The tools that an MCP server offers."""

    type: Literal["mcp_tool_listing"] = "mcp_tool_listing"
    mcp_server_name: str = ""
    tools: list[MCPTool] = Field(default_factory=list)


class ModelReference(Model):
    """A model's name."""

    model: str = ""


class FallbackBlock(Block):
    """From here on another model answers: the message's ``model`` becomes ``to.model``."""

    type: Literal["fallback"] = "fallback"
    from_: ModelReference | None = Field(default=None, alias="from")
    to: ModelReference | None = None
    trigger: Trigger | None = None


ServerBlock: TypeAlias = (
    MCPToolResultBlock
    | WebSearchToolResultBlock
    | WebFetchToolResultBlock
    | CodeExecutionToolResultBlock
    | BashCodeExecutionToolResultBlock
    | TextEditorCodeExecutionToolResultBlock
    | ToolSearchToolResultBlock
    | AdvisorToolResultBlock
    | ContainerUploadBlock
    | CompactionBlock
    | MCPToolListingBlock
    | FallbackBlock
)
"""The blocks of this module. To add one: its class above, its name here, and its line in ``content.SERVER_BLOCKS``."""

KnownBlock: TypeAlias = CommonBlock | ServerBlock
"""Every block that the wire is known to have."""
