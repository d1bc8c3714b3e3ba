"""A request's parameters: their types.

Purpose: ``MessageCreateParams`` and others, for editors and type checkers.
Must not know: what the parameters mean. Every parameter is sent, known or not.
Rule: types only; ``request`` turns parameters into JSON.

Source: PROTOCOL.md, "The request".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel
from typing_extensions import Required, TypedDict

from ..message import Message

if TYPE_CHECKING:
    import httpx

    from ..types.config_params import (
        ContainerParams,
        ContextManagementConfigParam,
        DiagnosticsParam,
        MetadataParam,
        OutputConfigParam,
        RequestMCPServerURLDefinitionParam,
        ThinkingConfigParam,
    )
    from ..types.content_params import CacheControlEphemeralParam, SystemParam
    from ..types.content_params import MessageParam as MessageParam  # noqa: PLC0414  (exported)
    from ..types.tool_params import ToolChoiceParam, ToolUnionParam
    from .not_given import Omit
    from .timeouts import TimeoutTypes

H = TypeVar("H", bound="httpx.Client | httpx.AsyncClient")
"""The HTTP client that ``Anthropic`` or ``AsyncAnthropic`` sends with."""

JSONObject: TypeAlias = Mapping[str, Any]
"""A JSON object whose shape is the API's business."""


class RequestOptions(TypedDict, total=False):
    """Options of one call, apart from the parameters."""

    extra_headers: Mapping[str, str] | None
    """Headers beside those of the client; they win."""
    extra_query: Mapping[str, Any] | None
    """Parameters of the URL's query."""
    extra_body: JSONObject | None
    """Fields of the body beside the parameters; they win."""
    timeout: TimeoutTypes
    """Seconds, a ``sseclaude.Timeout`` or an ``httpx.Timeout``; the client's without it."""
    betas: Sequence[str]
    """Names for the header ``anthropic-beta``, beside those of the client."""


class MessageCountTokensParams(RequestOptions, total=False):
    """The parameters that count: those that make up the prompt."""

    model: Required[str]
    """The model that answers, such as ``claude-sonnet-4-6``."""
    messages: Required[Iterable[MessageParam | Message]]
    """The conversation: turns of user and assistant. A ``Message`` stands for its own turn."""
    system: SystemParam
    """The system prompt: text, or text blocks."""
    tools: Iterable[ToolUnionParam | BaseModel]
    """The tools that the model may call: the caller's, and those that the API runs."""
    tool_choice: ToolChoiceParam
    """Whether the model may, must or must not call a tool, and which."""
    thinking: ThinkingConfigParam
    """Whether the model thinks first, and how much."""
    output_config: OutputConfigParam
    """The effort, and the format of the text. ``output_format=T`` of the calls sets the format."""
    context_management: ContextManagementConfigParam | JSONObject | None
    """What the API may take out of the context. A beta."""
    mcp_servers: Iterable[RequestMCPServerURLDefinitionParam]
    """MCP servers whose tools the API calls. A beta."""
    cache_control: CacheControlEphemeralParam | None
    """Caches the prompt up to its last block that can be cached."""
    speed: Literal["standard", "fast"] | None
    """How fast the answer is to come."""


class MessageCreateParams(MessageCountTokensParams, total=False):
    """All parameters of a message. Others go into ``extra_body``."""

    max_tokens: Required[int]
    """The most tokens that the answer may have, thinking included."""
    temperature: float
    """How random the answer is, from 0 to 1. Models of late take no other value than the default."""
    top_p: float
    """The share of the likeliest tokens to choose from, from 0 to 1."""
    top_k: int
    """The number of the likeliest tokens to choose from."""
    stop_sequences: Sequence[str]
    """Texts that end the answer, which does not contain them."""
    metadata: MetadataParam
    """Whom the request is for."""
    service_tier: Literal["auto", "standard_only"]
    """Whether priority capacity may be used."""
    container: str | ContainerParams | None
    """The container to run code in: an id, or an id and skills."""
    inference_geo: str | None
    """The region in which the model must run."""
    diagnostics: DiagnosticsParam | None
    """The message to compare with, to explain why the cache was not read."""


PARAMETER_DOCS = """\
model: The model that answers, such as ``claude-sonnet-4-6``.
messages: The conversation: turns of user and assistant. A ``Message`` stands for its own turn.
max_tokens: The most tokens that the answer may have, thinking included.
extra_headers: Headers beside those of the client; they win.
extra_query: Parameters of the URL's query.
extra_body: Fields of the body beside the parameters; they win.
timeout: Seconds, a ``sseclaude.Timeout`` or an ``httpx.Timeout``; the client's without it.
betas: Names for the header ``anthropic-beta``, beside those of the client.
system: The system prompt: text, or text blocks.
tools: The tools that the model may call: the caller's, and those that the API runs.
tool_choice: Whether the model may, must or must not call a tool, and which.
thinking: Whether the model thinks first, and how much.
output_config: The effort, and the format of the text. ``output_format=T`` of the calls sets the format.
context_management: What the API may take out of the context. A beta.
mcp_servers: MCP servers whose tools the API calls. A beta.
cache_control: Caches the prompt up to its last block that can be cached.
speed: How fast the answer is to come.
temperature: How random the answer is, from 0 to 1. Models of late take no other value than the default.
top_p: The share of the likeliest tokens to choose from, from 0 to 1.
top_k: The number of the likeliest tokens to choose from.
stop_sequences: Texts that end the answer, which does not contain them.
metadata: Whom the request is for.
service_tier: Whether priority capacity may be used.
container: The container to run code in: an id, or an id and skills.
inference_geo: The region in which the model must run.
diagnostics: The message to compare with, to explain why the cache was not read.
"""
"""The parameters' docs once more, for ``help()``: type checkers and editors read them above."""


class ClientOptions(TypedDict, Generic[H], total=False):
    """What ``with_options`` may change: the arguments of the client."""

    api_key: str | None
    auth_token: str | None
    base_url: str | httpx.URL
    anthropic_version: str
    betas: Sequence[str]
    timeout: TimeoutTypes
    max_retries: int
    default_headers: Mapping[str, str | Omit]
    set_default_headers: Mapping[str, str | Omit]
    default_query: Mapping[str, Any]
    set_default_query: Mapping[str, Any]
    strict: bool
    max_event_bytes: int
    http_client: H | None


OPTIONS = frozenset(RequestOptions.__annotations__)
"""The names of the parameters that are not part of the body."""


def __getattr__(name: str) -> Any:
    """Import ``MessageParam`` when it is first used: making the parameters' types takes time."""
    if name == "MessageParam":
        from ..types.content_params import MessageParam

        return MessageParam
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
