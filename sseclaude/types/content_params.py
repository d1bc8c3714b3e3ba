"""The content blocks of a request's messages.

Purpose: a TypedDict for each block, source and citation, under the names that programs import.
Rule: types only; nothing is checked when the program runs, and what the caller gives is sent.

Source: PROTOCOL.md, "The request".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from typing_extensions import Required, TypedDict

from ..blocks import AnyCitation, ContentBlock, TextBlock


class CacheControlEphemeralParam(TypedDict, total=False):
    """A place up to which the prompt is cached; ``ttl`` is how long, 5 minutes by default."""

    type: Required[Literal["ephemeral"]]
    ttl: Literal["5m", "1h"]


class CitationsConfigParam(TypedDict, total=False):
    """Whether the answer may cite this."""

    enabled: bool


# --- citations ---------------------------------------------------------------------------------------------------


class CitationCharLocationParam(TypedDict):
    """Characters of a plain text document."""

    type: Literal["char_location"]
    cited_text: str
    document_index: int
    document_title: str | None
    start_char_index: int
    end_char_index: int


class CitationPageLocationParam(TypedDict):
    """Pages of a PDF."""

    type: Literal["page_location"]
    cited_text: str
    document_index: int
    document_title: str | None
    start_page_number: int
    end_page_number: int


class CitationContentBlockLocationParam(TypedDict):
    """Blocks of a document that is given as blocks."""

    type: Literal["content_block_location"]
    cited_text: str
    document_index: int
    document_title: str | None
    start_block_index: int
    end_block_index: int


class CitationWebSearchResultLocationParam(TypedDict):
    """A page that a web search found."""

    type: Literal["web_search_result_location"]
    cited_text: str
    url: str
    title: str | None
    encrypted_index: str


class CitationSearchResultLocationParam(TypedDict):
    """Blocks of a search result."""

    type: Literal["search_result_location"]
    cited_text: str
    source: str
    title: str | None
    search_result_index: int
    start_block_index: int
    end_block_index: int


TextCitationParam: TypeAlias = (
    CitationCharLocationParam
    | CitationPageLocationParam
    | CitationContentBlockLocationParam
    | CitationWebSearchResultLocationParam
    | CitationSearchResultLocationParam
)


# --- text, images, documents -------------------------------------------------------------------------------------


class TextBlockParam(TypedDict, total=False):
    """Text."""

    type: Required[Literal["text"]]
    text: Required[str]
    citations: Iterable[TextCitationParam | AnyCitation] | None
    cache_control: CacheControlEphemeralParam | None


class Base64ImageSourceParam(TypedDict):
    """An image, its bytes in base64."""

    type: Literal["base64"]
    media_type: Literal["image/jpeg", "image/png", "image/gif", "image/webp"]
    data: str


class URLImageSourceParam(TypedDict):
    """An image at a URL."""

    type: Literal["url"]
    url: str


class FileImageSourceParam(TypedDict):
    """An image that was uploaded."""

    type: Literal["file"]
    file_id: str


class ImageTransformationsParam(TypedDict, total=False):
    """What is done with an image that is too large."""

    oversized_image: Literal["downsize", "error"]


class ImageBlockParam(TypedDict, total=False):
    """An image."""

    type: Required[Literal["image"]]
    source: Required[Base64ImageSourceParam | URLImageSourceParam | FileImageSourceParam]
    cache_control: CacheControlEphemeralParam | None
    transformations: ImageTransformationsParam | None


class Base64PDFSourceParam(TypedDict):
    """A PDF, its bytes in base64."""

    type: Literal["base64"]
    media_type: Literal["application/pdf"]
    data: str


class PlainTextSourceParam(TypedDict):
    """A plain text."""

    type: Literal["text"]
    media_type: Literal["text/plain"]
    data: str


class URLPDFSourceParam(TypedDict):
    """A PDF at a URL."""

    type: Literal["url"]
    url: str


class FileDocumentSourceParam(TypedDict):
    """A document that was uploaded."""

    type: Literal["file"]
    file_id: str


ContentBlockSourceContentParam: TypeAlias = TextBlockParam | ImageBlockParam


class ContentBlockSourceParam(TypedDict):
    """A document that is given as blocks."""

    type: Literal["content"]
    content: str | Iterable[ContentBlockSourceContentParam]


class DocumentBlockParam(TypedDict, total=False):
    """A document; ``context`` tells the model about it, and is not cited."""

    type: Required[Literal["document"]]
    source: Required[
        Base64PDFSourceParam
        | PlainTextSourceParam
        | ContentBlockSourceParam
        | URLPDFSourceParam
        | FileDocumentSourceParam
    ]
    title: str | None
    context: str | None
    citations: CitationsConfigParam | None
    cache_control: CacheControlEphemeralParam | None


class SearchResultBlockParam(TypedDict, total=False):
    """A result of the caller's own search, which the answer may cite."""

    type: Required[Literal["search_result"]]
    source: Required[str]
    title: Required[str]
    content: Required[Iterable[TextBlockParam]]
    citations: CitationsConfigParam
    cache_control: CacheControlEphemeralParam | None


# --- thinking and tools ------------------------------------------------------------------------------------------


class ThinkingBlockParam(TypedDict):
    """The model's thinking, unchanged from its answer."""

    type: Literal["thinking"]
    thinking: str
    signature: str


class RedactedThinkingBlockParam(TypedDict):
    """Thinking that only the API can read, unchanged from the answer."""

    type: Literal["redacted_thinking"]
    data: str


class DirectCallerParam(TypedDict):
    """The model called the tool itself."""

    type: Literal["direct"]


class ServerToolCallerParam(TypedDict):
    """A program called the tool."""

    type: Literal["code_execution_20250825"]
    tool_id: str


class ServerToolCaller20260120Param(TypedDict):
    """A program called the tool."""

    type: Literal["code_execution_20260120"]
    tool_id: str


CallerParam: TypeAlias = DirectCallerParam | ServerToolCallerParam | ServerToolCaller20260120Param


class ToolUseBlockParam(TypedDict, total=False):
    """The model's call of a tool."""

    type: Required[Literal["tool_use"]]
    id: Required[str]
    name: Required[str]
    input: Required[Mapping[str, Any]]
    caller: CallerParam
    toolset_name: str | None
    cache_control: CacheControlEphemeralParam | None


class ServerToolUseBlockParam(TypedDict, total=False):
    """The model's call of a tool that the API runs."""

    type: Required[Literal["server_tool_use"]]
    id: Required[str]
    name: Required[str]
    input: Required[Mapping[str, Any]]
    caller: CallerParam
    cache_control: CacheControlEphemeralParam | None


class ToolReferenceBlockParam(TypedDict, total=False):
    """The name of a tool that was found."""

    type: Required[Literal["tool_reference"]]
    tool_name: Required[str]
    cache_control: CacheControlEphemeralParam | None


class ToolResultBlockParam(TypedDict, total=False):
    """What the caller's tool returned; ``tool_use_id`` is the id of the call."""

    type: Required[Literal["tool_result"]]
    tool_use_id: Required[str]
    content: (
        str
        | Iterable[
            TextBlockParam | ImageBlockParam | SearchResultBlockParam | DocumentBlockParam | ToolReferenceBlockParam
        ]
    )
    is_error: bool
    toolset_name: str | None
    cache_control: CacheControlEphemeralParam | None


class ContainerUploadBlockParam(TypedDict, total=False):
    """A file that is put into the container."""

    type: Required[Literal["container_upload"]]
    file_id: Required[str]
    cache_control: CacheControlEphemeralParam | None


class CompactionBlockParam(TypedDict, total=False):
    """A summary that stands for the conversation so far, unchanged from the answer."""

    type: Required[Literal["compaction"]]
    content: Required[str | None]
    encrypted_content: str | None
    signature: str | None
    tool_changes: Iterable[Mapping[str, Any]] | None
    cache_control: CacheControlEphemeralParam | None


# --- results of server tools -------------------------------------------------------------------------------------


class WebSearchResultBlockParam(TypedDict, total=False):
    """A page that a web search found, unchanged from the answer."""

    type: Required[Literal["web_search_result"]]
    url: Required[str]
    title: Required[str]
    encrypted_content: Required[str]
    page_age: str | None


class ServerToolErrorParam(TypedDict, total=False):
    """Why a server tool failed; its ``type`` ends with ``_tool_result_error``."""

    type: Required[str]
    error_code: Required[str]
    error_message: str | None


class _ServerToolResult(TypedDict, total=False):
    tool_use_id: Required[str]
    cache_control: CacheControlEphemeralParam | None


class WebSearchToolResultBlockParam(_ServerToolResult, total=False):
    """What a web search found."""

    type: Required[Literal["web_search_tool_result"]]
    content: Required[Iterable[WebSearchResultBlockParam] | ServerToolErrorParam]
    caller: CallerParam


class WebFetchBlockParam(TypedDict, total=False):
    """A page that was fetched."""

    type: Required[Literal["web_fetch_result"]]
    url: Required[str]
    content: Required[DocumentBlockParam]
    retrieved_at: str | None


class WebFetchToolResultBlockParam(_ServerToolResult, total=False):
    """What was fetched."""

    type: Required[Literal["web_fetch_tool_result"]]
    content: Required[WebFetchBlockParam | ServerToolErrorParam]
    caller: CallerParam


class CodeExecutionToolResultBlockParam(_ServerToolResult, total=False):
    """What a program wrote, unchanged from the answer."""

    type: Required[Literal["code_execution_tool_result"]]
    content: Required[Mapping[str, Any]]


class BashCodeExecutionToolResultBlockParam(_ServerToolResult, total=False):
    """What a shell command wrote, unchanged from the answer."""

    type: Required[Literal["bash_code_execution_tool_result"]]
    content: Required[Mapping[str, Any]]


class TextEditorCodeExecutionToolResultBlockParam(_ServerToolResult, total=False):
    """What an editor command returned, unchanged from the answer."""

    type: Required[Literal["text_editor_code_execution_tool_result"]]
    content: Required[Mapping[str, Any]]


class ToolSearchToolResultBlockParam(_ServerToolResult, total=False):
    """The tools that a search found, unchanged from the answer."""

    type: Required[Literal["tool_search_tool_result"]]
    content: Required[Mapping[str, Any]]


class AdvisorToolResultBlockParam(_ServerToolResult, total=False):
    """What another model advised, unchanged from the answer."""

    type: Required[Literal["advisor_tool_result"]]
    content: Required[Mapping[str, Any]]


class MCPToolUseBlockParam(TypedDict, total=False):
    """The model's call of a tool of an MCP server."""

    type: Required[Literal["mcp_tool_use"]]
    id: Required[str]
    name: Required[str]
    server_name: Required[str]
    input: Required[Mapping[str, Any]]
    cache_control: CacheControlEphemeralParam | None


class RequestMCPToolResultBlockParam(_ServerToolResult, total=False):
    """What a tool of an MCP server returned."""

    type: Required[Literal["mcp_tool_result"]]
    content: str | Iterable[TextBlockParam]
    is_error: bool


ContentBlockParam: TypeAlias = (
    TextBlockParam
    | ImageBlockParam
    | DocumentBlockParam
    | SearchResultBlockParam
    | ThinkingBlockParam
    | RedactedThinkingBlockParam
    | ToolUseBlockParam
    | ToolResultBlockParam
    | ServerToolUseBlockParam
    | WebSearchToolResultBlockParam
    | WebFetchToolResultBlockParam
    | CodeExecutionToolResultBlockParam
    | BashCodeExecutionToolResultBlockParam
    | TextEditorCodeExecutionToolResultBlockParam
    | ToolSearchToolResultBlockParam
    | AdvisorToolResultBlockParam
    | MCPToolUseBlockParam
    | RequestMCPToolResultBlockParam
    | ContainerUploadBlockParam
    | CompactionBlockParam
)
"""Any block that a caller may write."""

MessageContentParam: TypeAlias = str | Iterable[ContentBlockParam | ContentBlock]
"""What a message says: text, or blocks, those of an answer among them."""


class MessageParam(TypedDict):
    """One turn: who speaks, and what."""

    role: Literal["user", "assistant", "system"]
    content: MessageContentParam


UserMessageParam: TypeAlias = MessageParam
AssistantMessageParam: TypeAlias = MessageParam
SystemMessageParam: TypeAlias = MessageParam

SystemParam: TypeAlias = str | Iterable[TextBlockParam | TextBlock]
"""The system prompt: text, or text blocks."""
