"""Options of a request that are objects: thinking, output, metadata, container.

Purpose: a TypedDict for each of these options, under the names that programs import.
Rule: types only; nothing is checked when the program runs, and what the caller gives is sent.

Source: PROTOCOL.md, "The request".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from typing_extensions import Required, TypedDict


class ThinkingConfigEnabledParam(TypedDict, total=False):
    """Thinking with up to ``budget_tokens`` tokens: at least 1024, and fewer than ``max_tokens``."""

    type: Required[Literal["enabled"]]
    budget_tokens: Required[int]
    display: Literal["summarized", "omitted"] | None


class ThinkingConfigAdaptiveParam(TypedDict, total=False):
    """The model decides how much it thinks."""

    type: Required[Literal["adaptive"]]
    display: Literal["summarized", "omitted"] | None


class ThinkingConfigBetweenToolsParam(TypedDict):
    """Thinking between tool calls only."""

    type: Literal["between_tools"]


class ThinkingConfigDisabledParam(TypedDict):
    """No thinking."""

    type: Literal["disabled"]


ThinkingConfigParam: TypeAlias = (
    ThinkingConfigEnabledParam
    | ThinkingConfigAdaptiveParam
    | ThinkingConfigBetweenToolsParam
    | ThinkingConfigDisabledParam
)


class JSONOutputFormatParam(TypedDict):
    """The text is JSON that ``schema`` describes."""

    type: Literal["json_schema"]
    schema: Mapping[str, Any]


class OutputConfigParam(TypedDict, total=False):
    """How much effort the answer is worth, and of which form it is."""

    effort: Literal["low", "medium", "high", "xhigh", "max"] | None
    format: JSONOutputFormatParam | None


class MetadataParam(TypedDict, total=False):
    """Whom the request is for: ``user_id`` is opaque, and must not name a person."""

    user_id: str | None


class SkillParams(TypedDict, total=False):
    """A skill to load into the container."""

    type: Required[Literal["anthropic", "custom"]]
    skill_id: Required[str]
    version: str


class ContainerParams(TypedDict, total=False):
    """The container to run code in: an earlier one by its ``id``, and the skills to load."""

    id: str | None
    skills: Iterable[SkillParams] | None


class DiagnosticsParam(TypedDict, total=False):
    """The message that the request is compared with, to explain why the cache was not read."""

    previous_message_id: str | None


class RequestMCPServerURLDefinitionParam(TypedDict, total=False):
    """An MCP server whose tools the API may call."""

    type: Required[Literal["url"]]
    url: Required[str]
    name: Required[str]
    authorization_token: str | None
    tool_configuration: Mapping[str, Any] | None


class ContextManagementConfigParam(TypedDict, total=False):
    """The edits of the context that the API may make."""

    edits: Iterable[Mapping[str, Any]]
