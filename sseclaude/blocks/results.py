"""Objects inside content blocks: results and errors of server tools, callers, reasons for a fallback, tool changes.

Purpose: one model for each object inside a content block, except citations.
Rule: as in ``model``. The module is imported when the first such object comes: most programs never see one.

Source: PROTOCOL.md, "Blocks".
"""

# An item's `type` is one word where its base has any; nobody assigns it, so the base's users are safe.
# pyright: reportIncompatibleVariableOverride=false

# Annotations are evaluated here, not strings: pydantic would compile each of them when the class is made.

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import Field

from .content import TextBlock
from .model import AttributeDict, Bool, Int, Known, Model, by_type, deferred


class ResultItem(Model):
    """The base of the objects in a server tool's result."""

    type: str = ""


class UnknownResult(ResultItem):
    """A result of a type that this version does not know, with everything in it."""

    if TYPE_CHECKING:  # see UnknownBlock
        type: Literal["unknown"] = "unknown"

        def __getattr__(self, name: str) -> Any: ...


class ToolResultError(ResultItem):
    """The base of the errors of server tools: ``error_code`` says why, such as ``too_many_requests``."""

    error_code: str = ""


# --- web search and web fetch ------------------------------------------------------------------------------------


class WebSearchResult(ResultItem):
    """A page that a web search found; ``encrypted_content`` must be sent back unchanged."""

    type: Literal["web_search_result"] = "web_search_result"
    url: str = ""
    title: str = ""
    encrypted_content: str = ""
    page_age: str | None = None


class WebSearchToolResultError(ToolResultError):
    """Why a web search failed."""

    type: Literal["web_search_tool_result_error"] = "web_search_tool_result_error"


class CitationsConfig(Model):
    """Whether a document may be cited."""

    enabled: Bool = False


class Base64PDFSource(Model):
    """A PDF, its bytes in base64."""

    type: Literal["base64"] = "base64"
    media_type: Literal["application/pdf"] = "application/pdf"
    data: str = ""


class PlainTextSource(Model):
    """A plain text."""

    type: Literal["text"] = "text"
    media_type: Literal["text/plain"] = "text/plain"
    data: str = ""


SOURCES: Known = by_type(Base64PDFSource | PlainTextSource)

if TYPE_CHECKING:
    AnySource: TypeAlias = Base64PDFSource | PlainTextSource | AttributeDict
else:
    AnySource = deferred(__name__, "SOURCES")


class DocumentBlock(ResultItem):
    """A document that was fetched."""

    type: Literal["document"] = "document"
    source: AnySource | None = None
    title: str | None = None
    citations: CitationsConfig | None = None


class WebFetchBlock(ResultItem):
    """A page that was fetched; ``retrieved_at`` is an ISO 8601 time."""

    type: Literal["web_fetch_result"] = "web_fetch_result"
    url: str = ""
    retrieved_at: str | None = None
    content: DocumentBlock = Field(default_factory=DocumentBlock)


class WebFetchToolResultError(ToolResultError):
    """Why a page could not be fetched."""

    type: Literal["web_fetch_tool_result_error"] = "web_fetch_tool_result_error"


# --- code execution ----------------------------------------------------------------------------------------------


class CodeExecutionOutputBlock(ResultItem):
    """A file that a program wrote."""

    type: Literal["code_execution_output"] = "code_execution_output"
    file_id: str = ""


class CodeExecutionResultBlock(ResultItem):
    """What a program wrote to its outputs, and its exit status."""

    type: Literal["code_execution_result"] = "code_execution_result"
    stdout: str = ""
    stderr: str = ""
    return_code: Int = 0
    content: list[CodeExecutionOutputBlock] = Field(default_factory=list)


class EncryptedCodeExecutionResultBlock(ResultItem):
    """What a program wrote, its standard output readable by the API only."""

    type: Literal["encrypted_code_execution_result"] = "encrypted_code_execution_result"
    encrypted_stdout: str = ""
    stderr: str = ""
    return_code: Int = 0
    content: list[CodeExecutionOutputBlock] = Field(default_factory=list)


class CodeExecutionToolResultError(ToolResultError):
    """Why a program did not run."""

    type: Literal["code_execution_tool_result_error"] = "code_execution_tool_result_error"


class BashCodeExecutionOutputBlock(ResultItem):
    """A file that a shell command wrote."""

    type: Literal["bash_code_execution_output"] = "bash_code_execution_output"
    file_id: str = ""


class BashCodeExecutionResultBlock(ResultItem):
    """What a shell command wrote to its outputs, and its exit status."""

    type: Literal["bash_code_execution_result"] = "bash_code_execution_result"
    stdout: str = ""
    stderr: str = ""
    return_code: Int = 0
    content: list[BashCodeExecutionOutputBlock] = Field(default_factory=list)


class BashCodeExecutionToolResultError(ToolResultError):
    """Why a shell command did not run."""

    type: Literal["bash_code_execution_tool_result_error"] = "bash_code_execution_tool_result_error"


class TextEditorCodeExecutionViewResultBlock(ResultItem):
    """The part of a file that was viewed; lines count from 1."""

    type: Literal["text_editor_code_execution_view_result"] = "text_editor_code_execution_view_result"
    file_type: str = ""
    content: str = ""
    num_lines: Int | None = None
    start_line: Int | None = None
    total_lines: Int | None = None


class TextEditorCodeExecutionCreateResultBlock(ResultItem):
    """A file was written; ``is_file_update`` if there was one of that name."""

    type: Literal["text_editor_code_execution_create_result"] = "text_editor_code_execution_create_result"
    is_file_update: Bool = False


class TextEditorCodeExecutionStrReplaceResultBlock(ResultItem):
    """The lines of a file that were replaced, as a diff has them."""

    type: Literal["text_editor_code_execution_str_replace_result"] = "text_editor_code_execution_str_replace_result"
    lines: list[str] | None = None
    old_start: Int | None = None
    old_lines: Int | None = None
    new_start: Int | None = None
    new_lines: Int | None = None


class TextEditorCodeExecutionToolResultError(ToolResultError):
    """Why an editor command failed."""

    type: Literal["text_editor_code_execution_tool_result_error"] = "text_editor_code_execution_tool_result_error"
    error_message: str | None = None


# --- tool search and advisor -------------------------------------------------------------------------------------


class ToolReferenceBlock(ResultItem):
    """The name of a tool that was found."""

    type: Literal["tool_reference"] = "tool_reference"
    tool_name: str = ""


class ToolSearchToolSearchResultBlock(ResultItem):
    """The tools that a search found."""

    type: Literal["tool_search_tool_search_result"] = "tool_search_tool_search_result"
    tool_references: list[ToolReferenceBlock] = Field(default_factory=list)


class ToolSearchToolResultError(ToolResultError):
    """Why a search for tools failed."""

    type: Literal["tool_search_tool_result_error"] = "tool_search_tool_result_error"
    error_message: str | None = None


class AdvisorResultBlock(ResultItem):
    """What the advising model said."""

    type: Literal["advisor_result"] = "advisor_result"
    text: str = ""
    stop_reason: str | None = None


class AdvisorRedactedResultBlock(ResultItem):
    """What the advising model said, readable by the API only."""

    type: Literal["advisor_redacted_result"] = "advisor_redacted_result"
    encrypted_content: str = ""
    stop_reason: str | None = None


class AdvisorToolResultError(ToolResultError):
    """Why no advice came."""

    type: Literal["advisor_tool_result_error"] = "advisor_tool_result_error"


KnownResult: TypeAlias = (
    WebSearchResult
    | WebSearchToolResultError
    | WebFetchBlock
    | WebFetchToolResultError
    | CodeExecutionOutputBlock
    | CodeExecutionResultBlock
    | EncryptedCodeExecutionResultBlock
    | CodeExecutionToolResultError
    | BashCodeExecutionOutputBlock
    | BashCodeExecutionResultBlock
    | BashCodeExecutionToolResultError
    | TextEditorCodeExecutionViewResultBlock
    | TextEditorCodeExecutionCreateResultBlock
    | TextEditorCodeExecutionStrReplaceResultBlock
    | TextEditorCodeExecutionToolResultError
    | ToolReferenceBlock
    | ToolSearchToolSearchResultBlock
    | ToolSearchToolResultError
    | AdvisorResultBlock
    | AdvisorRedactedResultBlock
    | AdvisorToolResultError
)
RESULT_ITEMS: Known = {**by_type(KnownResult), "text": TextBlock}
"""What results hold, by its type; an MCP server's result holds text blocks (PROTOCOL.md, "Blocks")."""

# What each kind of result block may hold, for type checkers.
AdvisorContent: TypeAlias = AdvisorResultBlock | AdvisorRedactedResultBlock | AdvisorToolResultError | UnknownResult
BashCodeExecutionContent: TypeAlias = BashCodeExecutionResultBlock | BashCodeExecutionToolResultError | UnknownResult
CodeExecutionContent: TypeAlias = (
    CodeExecutionResultBlock | EncryptedCodeExecutionResultBlock | CodeExecutionToolResultError | UnknownResult
)
MCPContent: TypeAlias = str | list[TextBlock | UnknownResult]
TextEditorCodeExecutionContent: TypeAlias = (
    TextEditorCodeExecutionViewResultBlock
    | TextEditorCodeExecutionCreateResultBlock
    | TextEditorCodeExecutionStrReplaceResultBlock
    | TextEditorCodeExecutionToolResultError
    | UnknownResult
)
ToolSearchContent: TypeAlias = ToolSearchToolSearchResultBlock | ToolSearchToolResultError | UnknownResult
WebFetchContent: TypeAlias = WebFetchBlock | WebFetchToolResultError | UnknownResult
WebSearchContent: TypeAlias = list[WebSearchResult | UnknownResult] | WebSearchToolResultError | UnknownResult


# --- callers and triggers ----------------------------------------------------------------------------------------


class DirectCaller(Model):
    """The model called the tool itself."""

    type: Literal["direct"] = "direct"


class ServerToolCaller(Model):
    """A program called the tool; ``tool_id`` is the id of the call that ran it."""

    type: Literal["code_execution_20250825"] = "code_execution_20250825"
    tool_id: str = ""


class ServerToolCaller20260120(Model):
    """A program called the tool; ``tool_id`` is the id of the call that ran it."""

    type: Literal["code_execution_20260120"] = "code_execution_20260120"
    tool_id: str = ""


KnownCaller: TypeAlias = DirectCaller | ServerToolCaller | ServerToolCaller20260120
CALLERS: Known = by_type(KnownCaller)
Caller: TypeAlias = KnownCaller | AttributeDict
"""Who called a tool; a caller of an unknown type stays a dict."""


class FallbackRefusalTrigger(Model):
    """The first model refused, which is why another answered."""

    type: Literal["refusal"] = "refusal"
    category: str | None = None


TRIGGERS: Known = {"refusal": FallbackRefusalTrigger}
Trigger: TypeAlias = FallbackRefusalTrigger | AttributeDict
"""Why another model answered; a trigger of an unknown type stays a dict."""


# --- tools that a block describes --------------------------------------------------------------------------------


class MCPTool(Model):
    """A tool that an MCP server offers."""

    name: str = ""
    description: str | None = None
    input_schema: AttributeDict = Field(default_factory=AttributeDict)


class ToolChangeToolReference(Model):
    """A tool by its name."""

    type: Literal["tool_reference"] = "tool_reference"
    name: str = ""


class ToolChangeMCPToolReference(Model):
    """A tool of an MCP server, by its name."""

    type: Literal["mcp_tool_reference"] = "mcp_tool_reference"
    name: str = ""
    server_name: str = ""


class ToolChangeMCPToolsetReference(Model):
    """All tools of an MCP server."""

    type: Literal["mcp_toolset_reference"] = "mcp_toolset_reference"
    server_name: str = ""


class ToolChangeToolDefinition(Model):
    """A tool as the request would define it."""

    type: Literal["tool_definition"] = "tool_definition"
    definition: AttributeDict = Field(default_factory=AttributeDict)


KnownChangedTool: TypeAlias = (
    ToolChangeToolReference | ToolChangeMCPToolReference | ToolChangeMCPToolsetReference | ToolChangeToolDefinition
)
CHANGED_TOOLS: Known = by_type(KnownChangedTool)

if TYPE_CHECKING:
    ChangedTool: TypeAlias = KnownChangedTool | AttributeDict
else:
    ChangedTool = deferred(__name__, "CHANGED_TOOLS")


class ToolAdditionBlock(Model):
    """A tool was added in the part that a compaction stands for."""

    type: Literal["tool_addition"] = "tool_addition"
    tool: ChangedTool | None = None


class ToolRemovalBlock(Model):
    """A tool was removed in the part that a compaction stands for."""

    type: Literal["tool_removal"] = "tool_removal"
    tool: ChangedTool | None = None


TOOL_CHANGES: Known = by_type(ToolAdditionBlock | ToolRemovalBlock)
ToolChange: TypeAlias = ToolAdditionBlock | ToolRemovalBlock | AttributeDict
"""A change of the tools; one of an unknown type stays a dict."""
