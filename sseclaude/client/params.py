"""A request's parameters: their types, and how they become JSON.

Purpose: ``MessageCreateParams`` for editors and type checkers; ``to_wire`` for what is sent.
Must not know: what the parameters mean. Whatever the caller gives is sent; new ones come without notice.
Rule: our own models go out as ``to_param()``, other pydantic models as what was set on them, and what JSON cannot hold
is a TypeError that names its path.

Source: PROTOCOL.md, "The request".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel
from typing_extensions import Required, TypedDict

from ..blocks import ContentBlock
from ..message import Message

if TYPE_CHECKING:
    import httpx

    from .not_given import Omit
    from .timeouts import TimeoutTypes

H = TypeVar("H", bound="httpx.Client | httpx.AsyncClient")
"""The HTTP client that a client of ours sends with."""

JSONObject: TypeAlias = Mapping[str, Any]
"""A JSON object whose shape is the API's business."""


class MessageParam(TypedDict):
    """One turn: who speaks, and what. A ``Message`` may stand for its own turn."""

    role: Literal["user", "assistant"]
    content: str | Iterable[ContentBlock | JSONObject]


class RequestOptions(TypedDict, total=False):
    """What goes beside the body: for one call."""

    extra_headers: Mapping[str, str] | None
    extra_query: Mapping[str, Any] | None
    extra_body: JSONObject | None
    timeout: TimeoutTypes
    betas: Sequence[str]


class MessageCountTokensParams(RequestOptions, total=False):
    """The parameters that count: those that make up the prompt."""

    model: Required[str]
    messages: Required[Iterable[MessageParam | JSONObject | Message]]
    system: str | Iterable[JSONObject]
    tools: Iterable[JSONObject | BaseModel]
    tool_choice: JSONObject
    thinking: JSONObject
    output_config: JSONObject
    context_management: JSONObject | None
    mcp_servers: Iterable[JSONObject]
    cache_control: JSONObject | None


class MessageCreateParams(MessageCountTokensParams, total=False):
    """All parameters of a message; ``max_tokens`` counts tokens. Others go into ``extra_body``."""

    max_tokens: Required[int]
    temperature: float
    top_p: float
    top_k: int
    stop_sequences: Sequence[str]
    metadata: JSONObject
    service_tier: str
    container: str | JSONObject | None
    inference_geo: str | None
    speed: str | None


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
