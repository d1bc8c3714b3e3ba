"""The tools of a request: the caller's own, and those that the API runs.

Purpose: a TypedDict for each tool, under the names that programs import.
Rule: types only; nothing is checked when the program runs, and what the caller gives is sent.

Source: PROTOCOL.md, "The request".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from typing_extensions import Required, TypedDict

from .content_params import CacheControlEphemeralParam, CitationsConfigParam


class _AnyTool(TypedDict, total=False):
    allowed_callers: Sequence[str]
    cache_control: CacheControlEphemeralParam | None
    defer_loading: bool
    strict: bool


class ToolParam(_AnyTool, total=False):
    """A tool that the caller runs; ``input_schema`` is the JSON Schema of its input, an object."""

    name: Required[str]
    input_schema: Required[Mapping[str, Any]]
    description: str
    type: Literal["custom"] | None
    eager_input_streaming: bool | None
    input_examples: Iterable[Mapping[str, Any]]


class _ClientTool(_AnyTool, total=False):
    input_examples: Iterable[Mapping[str, Any]]


class ToolBash20250124Param(_ClientTool, total=False):
    """A shell, which the caller runs."""

    type: Required[Literal["bash_20250124"]]
    name: Required[Literal["bash"]]


class ToolTextEditor20250124Param(_ClientTool, total=False):
    """A text editor, which the caller runs."""

    type: Required[Literal["text_editor_20250124"]]
    name: Required[Literal["str_replace_editor"]]


class ToolTextEditor20250429Param(_ClientTool, total=False):
    """A text editor, which the caller runs."""

    type: Required[Literal["text_editor_20250429"]]
    name: Required[Literal["str_replace_based_edit_tool"]]


class ToolTextEditor20250728Param(_ClientTool, total=False):
    """A text editor, which the caller runs; it views up to ``max_characters``."""

    type: Required[Literal["text_editor_20250728"]]
    name: Required[Literal["str_replace_based_edit_tool"]]
    max_characters: int | None


class MemoryTool20250818Param(_ClientTool, total=False):
    """Files that outlast the conversation, which the caller keeps."""

    type: Required[Literal["memory_20250818"]]
    name: Required[Literal["memory"]]


class ToolComputerUseParam(_ClientTool, total=False):
    """A screen, a keyboard and a mouse, which the caller operates; sizes are pixels."""

    type: Required[Literal["computer_20241022", "computer_20250124", "computer_20251124"]]
    name: Required[Literal["computer"]]
    display_width_px: Required[int]
    display_height_px: Required[int]
    display_number: int | None
    enable_zoom: bool


class CodeExecutionTool20250522Param(_AnyTool, total=False):
    """Programs that the API runs."""

    type: Required[Literal["code_execution_20250522"]]
    name: Required[Literal["code_execution"]]


class CodeExecutionTool20250825Param(_AnyTool, total=False):
    """Programs and shell commands that the API runs."""

    type: Required[Literal["code_execution_20250825"]]
    name: Required[Literal["code_execution"]]


class CodeExecutionTool20260120Param(_AnyTool, total=False):
    """Programs and shell commands that the API runs."""

    type: Required[Literal["code_execution_20260120"]]
    name: Required[Literal["code_execution"]]


class CodeExecutionTool20260521Param(_AnyTool, total=False):
    """Programs and shell commands that the API runs."""

    type: Required[Literal["code_execution_20260521"]]
    name: Required[Literal["code_execution"]]


class UserLocationParam(TypedDict, total=False):
    """Where the user is, about; ``country`` is an ISO 3166 code, ``timezone`` an IANA name."""

    type: Required[Literal["approximate"]]
    city: str | None
    region: str | None
    country: str | None
    timezone: str | None


class _WebTool(_AnyTool, total=False):
    allowed_domains: Sequence[str] | None
    blocked_domains: Sequence[str] | None
    max_uses: int | None


class WebSearchTool20250305Param(_WebTool, total=False):
    """Web search, which the API runs."""

    type: Required[Literal["web_search_20250305"]]
    name: Required[Literal["web_search"]]
    user_location: UserLocationParam | None


class WebSearchTool20260209Param(_WebTool, total=False):
    """Web search, which the API runs."""

    type: Required[Literal["web_search_20260209"]]
    name: Required[Literal["web_search"]]
    user_location: UserLocationParam | None


class WebSearchTool20260318Param(_WebTool, total=False):
    """Web search, which the API runs; its results may be left out of the answer."""

    type: Required[Literal["web_search_20260318"]]
    name: Required[Literal["web_search"]]
    user_location: UserLocationParam | None
    response_inclusion: Literal["full", "excluded"]


class _WebFetchTool(_WebTool, total=False):
    citations: CitationsConfigParam | None
    max_content_tokens: int | None
    url_sources: Mapping[str, Any] | None


class WebFetchTool20250910Param(_WebFetchTool, total=False):
    """Pages that the API fetches."""

    type: Required[Literal["web_fetch_20250910"]]
    name: Required[Literal["web_fetch"]]


class WebFetchTool20260209Param(_WebFetchTool, total=False):
    """Pages that the API fetches."""

    type: Required[Literal["web_fetch_20260209"]]
    name: Required[Literal["web_fetch"]]


class WebFetchTool20260309Param(_WebFetchTool, total=False):
    """Pages that the API fetches, or has from before."""

    type: Required[Literal["web_fetch_20260309"]]
    name: Required[Literal["web_fetch"]]
    use_cache: bool


class WebFetchTool20260318Param(_WebFetchTool, total=False):
    """Pages that the API fetches; they may be left out of the answer."""

    type: Required[Literal["web_fetch_20260318"]]
    name: Required[Literal["web_fetch"]]
    use_cache: bool
    response_inclusion: Literal["full", "excluded"]


class ToolSearchToolBm25_20251119Param(_AnyTool, total=False):  # noqa: N801  (the name that programs import)
    """A search for tools by words."""

    type: Required[Literal["tool_search_tool_bm25_20251119", "tool_search_tool_bm25"]]
    name: Required[Literal["tool_search_tool_bm25"]]


class ToolSearchToolRegex20251119Param(_AnyTool, total=False):
    """A search for tools by a regular expression."""

    type: Required[Literal["tool_search_tool_regex_20251119", "tool_search_tool_regex"]]
    name: Required[Literal["tool_search_tool_regex"]]


class AdvisorTool20260301Param(_AnyTool, total=False):
    """Another model, which the model may ask."""

    type: Required[Literal["advisor_20260301"]]
    name: Required[Literal["advisor"]]
    model: Required[str]
    caching: CacheControlEphemeralParam | None
    max_tokens: int | None
    max_uses: int | None


class MCPToolsetParam(TypedDict, total=False):
    """The tools of an MCP server that ``mcp_servers`` names."""

    type: Required[Literal["mcp_toolset"]]
    mcp_server_name: Required[str]
    default_config: Mapping[str, Any]
    configs: Mapping[str, Any] | None
    cache_control: CacheControlEphemeralParam | None


class ToolsetParam(TypedDict, total=False):
    """A set of tools that the caller runs, such as those of a browser."""

    type: Required[Literal["browser_toolset_20260801", "computer_toolset_20260801"]]
    configs: Mapping[str, Any]
    default_config: Mapping[str, Any]
    cache_control: CacheControlEphemeralParam | None


ToolUnionParam: TypeAlias = (
    ToolParam
    | ToolBash20250124Param
    | ToolTextEditor20250124Param
    | ToolTextEditor20250429Param
    | ToolTextEditor20250728Param
    | ToolComputerUseParam
    | MemoryTool20250818Param
    | CodeExecutionTool20250522Param
    | CodeExecutionTool20250825Param
    | CodeExecutionTool20260120Param
    | CodeExecutionTool20260521Param
    | WebSearchTool20250305Param
    | WebSearchTool20260209Param
    | WebSearchTool20260318Param
    | WebFetchTool20250910Param
    | WebFetchTool20260209Param
    | WebFetchTool20260309Param
    | WebFetchTool20260318Param
    | ToolSearchToolBm25_20251119Param
    | ToolSearchToolRegex20251119Param
    | AdvisorTool20260301Param
    | MCPToolsetParam
    | ToolsetParam
)
"""Any tool that a request may have."""


# --- tool choice -------------------------------------------------------------------------------------------------


class ToolChoiceAutoParam(TypedDict, total=False):
    """The model chooses whether to call a tool."""

    type: Required[Literal["auto"]]
    disable_parallel_tool_use: bool


class ToolChoiceAnyParam(TypedDict, total=False):
    """The model must call a tool."""

    type: Required[Literal["any"]]
    disable_parallel_tool_use: bool


class ToolChoiceToolParam(TypedDict, total=False):
    """The model must call the tool ``name``."""

    type: Required[Literal["tool"]]
    name: Required[str]
    disable_parallel_tool_use: bool


class ToolChoiceNoneParam(TypedDict):
    """The model must not call a tool."""

    type: Literal["none"]


ToolChoiceParam: TypeAlias = ToolChoiceAutoParam | ToolChoiceAnyParam | ToolChoiceToolParam | ToolChoiceNoneParam
