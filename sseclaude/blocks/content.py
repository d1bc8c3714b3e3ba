"""Content blocks: what a message consists of.

Purpose: one model for each block of the wire, and ``make_block``, which chooses the model for a JSON object.
Must not know: events, streams or the network.
Rule: as in ``model``; a block of an unknown type is an ``UnknownBlock`` with all its fields.

Source: PROTOCOL.md, "Blocks".
"""

# A block's `type` is one word where its base has any; nobody assigns it, so the base's users are safe.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, cast

from pydantic import Field, PrivateAttr

from .citations import AnyCitation
from .model import Bool, Model, by_type, deferred, discriminated

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


class Block(Model):
    """The base of every content block."""

    type: str = ""

    _open: bool = PrivateAttr(default=False)

    @property
    def is_open(self) -> bool:
        """Whether the block is unfinished: its ``content_block_stop`` has not come."""
        return self._open


class TextBlock(Block):
    """Text, and the sources that it cites."""

    type: Literal["text"] = "text"
    text: str = ""
    citations: list[AnyCitation] | None = None


class ThinkingBlock(Block):
    """The model's thinking. ``signature`` proves it to the API when it is sent back; it must be sent back unchanged."""

    type: Literal["thinking"] = "thinking"
    thinking: str = ""
    signature: str = ""


class RedactedThinkingBlock(Block):
    """Thinking that only the API can read; it must be sent back unchanged."""

    type: Literal["redacted_thinking"] = "redacted_thinking"
    data: str = ""


class ToolBlock(Block):
    """The base of tool calls. ``input`` is always a dict; check ``input_complete`` before using it."""

    id: str = ""
    name: str = ""
    input: dict[str, Any] = Field(default_factory=dict)

    _input_complete: bool = PrivateAttr(default=True)
    _partial_json: str = PrivateAttr(default="")

    @property
    def input_complete(self) -> bool:
        """Whether ``input`` is complete: the block was closed, and its JSON is an object. If not, do not use it."""
        return self._input_complete

    @property
    def partial_json(self) -> str:
        """The raw text that ``input`` was read from, "" if it did not come in fragments. Not on the wire."""
        return self._partial_json


class ToolUseBlock(ToolBlock):
    """A tool of the caller's to run."""

    type: Literal["tool_use"] = "tool_use"
    caller: Caller | None = None
    toolset_name: str | None = None


class ServerToolUseBlock(ToolBlock):
    """A tool that the API runs itself; its result follows as a block of its own."""

    type: Literal["server_tool_use"] = "server_tool_use"
    caller: Caller | None = None


class MCPToolUseBlock(ToolBlock):
    """A tool of an MCP server, run by the API."""

    type: Literal["mcp_tool_use"] = "mcp_tool_use"
    server_name: str = ""


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


class UnknownBlock(Block):
    """A block of a type that this version does not know, with everything in it."""

    if TYPE_CHECKING:
        # One word for all the types that are not known: type checkers then tell the known ones apart by ``type``.
        # The wire's own word is there when the program runs, and so is every field, as an attribute.
        type: Literal["unknown"] = "unknown"

        def __getattr__(self, name: str) -> Any: ...


KnownBlock: TypeAlias = (
    TextBlock
    | ThinkingBlock
    | RedactedThinkingBlock
    | ToolUseBlock
    | ServerToolUseBlock
    | MCPToolUseBlock
    | MCPToolResultBlock
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
"""Every block that the wire is known to have. To add one: its class above, and its name here."""

BLOCKS: dict[str, type[Block]] = by_type(KnownBlock)
"""The known blocks by their type (PROTOCOL.md, "Blocks")."""

ContentBlock: TypeAlias = Annotated[KnownBlock | UnknownBlock, discriminated(BLOCKS, UnknownBlock)]


def make_block(
    data: Mapping[str, Any], *, is_open: bool = False, partial_json: str = "", input_complete: bool = True
) -> ContentBlock:
    """Make the block that ``data`` describes; for an unknown type, an UnknownBlock. Never raises.

    Source: PROTOCOL.md, "Blocks".
    """
    kind = data.get("type")
    cls = BLOCKS.get(kind, UnknownBlock) if isinstance(kind, str) else UnknownBlock
    block = cls.from_wire(data)
    if is_open:
        block._open = True
    if isinstance(block, ToolBlock):
        block._partial_json = partial_json
        block._input_complete = input_complete
    return cast("ContentBlock", block)
