"""Content blocks: what a message consists of.

Purpose: one model for each block that the model writes; ``BLOCKS``, which has those of ``server_blocks`` too; and
``make_block``, which chooses the model for a JSON object.
Must not know: events, streams or the network.
Rule: as in ``model``; a block of an unknown type is an ``UnknownBlock`` with all its fields.

Source: PROTOCOL.md, "Blocks".
"""

# A block's `type` is one word where its base has any; nobody assigns it, so the base's users are safe.
# pyright: reportIncompatibleVariableOverride=false

# Annotations are evaluated here, not strings: pydantic would compile each of them when the class is made.

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, cast

from pydantic import Field, PrivateAttr, TypeAdapter, ValidationError

from .model import Model, by_type, deferred, discriminated

if TYPE_CHECKING:
    from .citations import Citation, KnownCitation
    from .results import Caller
    from .server_blocks import ServerBlock

    AnyCitation: TypeAlias = KnownCitation | Citation
else:
    # The models are imported when the first such object comes.
    AnyCitation = deferred(f"{__package__}.citations", "CITATIONS", "Citation")
    Caller = deferred(f"{__package__}.results", "CALLERS")


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

    __slots__ = ("_output_format",)  # a slot, and no field: it takes no part in equality, dumps and pickles

    type: Literal["text"] = "text"
    text: str = ""
    citations: list[AnyCitation] | None = None

    @property
    def parsed_output(self) -> Any:
        """The block's text as the type that was asked for; None if none was, or if the text is not of it."""
        output_format = getattr(self, "_output_format", None)
        if output_format is None:
            return None
        try:
            return TypeAdapter(output_format).validate_json(self.text)
        except ValidationError:
            return None

    def expect(self, output_format: Any) -> None:
        """Say which type the text was asked to be."""
        object.__setattr__(self, "_output_format", output_format)


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


class UnknownBlock(Block):
    """A block of a type that this version does not know, with everything in it."""

    if TYPE_CHECKING:
        # One word for all the types that are not known: type checkers then tell the known ones apart by ``type``.
        # The wire's own word is there when the program runs, and so is every field, as an attribute.
        type: Literal["unknown"] = "unknown"

        def __getattr__(self, name: str) -> Any: ...


CommonBlock: TypeAlias = (
    TextBlock | ThinkingBlock | RedactedThinkingBlock | ToolUseBlock | ServerToolUseBlock | MCPToolUseBlock
)
"""The blocks of this module. To add one: its class above, and its name here."""

SERVER_BLOCKS = {
    "mcp_tool_result": "MCPToolResultBlock",
    "web_search_tool_result": "WebSearchToolResultBlock",
    "web_fetch_tool_result": "WebFetchToolResultBlock",
    "code_execution_tool_result": "CodeExecutionToolResultBlock",
    "bash_code_execution_tool_result": "BashCodeExecutionToolResultBlock",
    "text_editor_code_execution_tool_result": "TextEditorCodeExecutionToolResultBlock",
    "tool_search_tool_result": "ToolSearchToolResultBlock",
    "advisor_tool_result": "AdvisorToolResultBlock",
    "container_upload": "ContainerUploadBlock",
    "compaction": "CompactionBlock",
    "mcp_tool_listing": "MCPToolListingBlock",
    "fallback": "FallbackBlock",
}
"""The blocks of ``server_blocks`` by their type: the names of their classes."""


class _KnownBlocks(Mapping[str, type[Block]]):
    """Every known block by its type. Those of ``server_blocks`` are imported when the first of them is looked up."""

    def __init__(self) -> None:
        self._common: dict[str, type[Block]] = by_type(CommonBlock)

    def __getitem__(self, kind: str) -> type[Block]:
        if kind in self._common:
            return self._common[kind]
        model: type[Block] = getattr(import_module(f"{__package__}.server_blocks"), SERVER_BLOCKS[kind])
        return model

    def __iter__(self) -> Iterator[str]:
        return iter((*self._common, *SERVER_BLOCKS))

    def __len__(self) -> int:
        return len(self._common) + len(SERVER_BLOCKS)


BLOCKS: Mapping[str, type[Block]] = _KnownBlocks()
"""The known blocks by their type (PROTOCOL.md, "Blocks")."""

if TYPE_CHECKING:
    KnownBlock: TypeAlias = CommonBlock | ServerBlock
    ContentBlock: TypeAlias = KnownBlock | UnknownBlock
else:
    ContentBlock = Annotated[Block, discriminated(BLOCKS, UnknownBlock)]


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
