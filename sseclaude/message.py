"""The result: ``Message`` and its ``Usage``.

Purpose: the answer as a pydantic model, complete or as far as it has come; as the wire's JSON (``to_dict``), as a turn
of the next request (``to_param``), and as the caller's own type (``parsed_output``).
Must not know: events, streams or the network.
Rule: as in ``blocks``: every value is kept as it came, and absent fields are not written.

Source: PROTOCOL.md, "The message".
"""

# Annotations are evaluated here, not strings: pydantic would compile each of them when the class is made.

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal

from pydantic import Field, PrivateAttr, TypeAdapter, ValidationError
from typing_extensions import Self, TypeVar

from .blocks import (
    AwaitableValue,
    Bool,
    ContentBlock,
    Int,
    MCPToolUseBlock,
    Model,
    ServerToolUseBlock,
    TextBlock,
    deferred,
)
from .errors import OutputValidationError
from .received import Received

if TYPE_CHECKING:
    from .message_details import AppliedEdit, ContainerSkill, Diagnostics, FallbackCreditUsage, InputTransformation
else:
    # The models are imported when the first such object comes.
    _DETAILS = f"{__package__}.message_details"
    AppliedEdit = deferred(_DETAILS, "APPLIED_EDITS")
    ContainerSkill = deferred(_DETAILS, None, "ContainerSkill")
    Diagnostics = deferred(_DETAILS, None, "Diagnostics")
    FallbackCreditUsage = deferred(_DETAILS, None, "FallbackCreditUsage")
    InputTransformation = deferred(_DETAILS, "INPUT_TRANSFORMATIONS")

T = TypeVar("T", default=None)
"""The caller's ``output_format``; None where none was given."""


class CacheCreation(Model):
    """Input tokens written to the cache, by how long they live."""

    ephemeral_5m_input_tokens: Int = 0
    ephemeral_1h_input_tokens: Int = 0


class ServerToolUsage(Model):
    """How often server tools were called."""

    web_search_requests: Int = 0
    web_fetch_requests: Int = 0


class OutputTokensDetails(Model):
    """What the output tokens were spent on."""

    thinking_tokens: Int = 0


class TokenCounts(Model):
    """Tokens that went in and came out. Counts never sent are 0 here and absent from ``to_dict()``."""

    input_tokens: Int = 0
    output_tokens: Int = 0
    cache_creation_input_tokens: Int | None = None
    cache_read_input_tokens: Int | None = None
    cache_creation: CacheCreation | None = None


class IterationUsage(TokenCounts):
    """The share of one round that the API made inside the request.

    ``type`` is message, compaction, advisor_message, fallback_message, or a type that is new.
    """

    type: str = ""
    model: str | None = None


class Usage(TokenCounts):
    """The tokens that the message has used so far: cumulative totals, never differences (PROTOCOL.md, "Usage")."""

    service_tier: str | None = None
    inference_geo: str | None = None
    server_tool_use: ServerToolUsage | None = None
    output_tokens_details: OutputTokensDetails | None = None
    iterations: list[IterationUsage] | None = None
    speed: str | None = None
    fallback_credit: FallbackCreditUsage | None = None


class StopDetails(Model):
    """More about a stop: why the model refused, and which model to try with which credit."""

    type: str = ""
    category: str | None = None
    explanation: str | None = None
    recommended_model: str | None = None
    fallback_credit_token: str | None = None
    fallback_has_prefill_claim: Bool | None = None


class Container(Model):
    """The container that code ran in; ``expires_at`` is an ISO 8601 time."""

    id: str = ""
    expires_at: str = ""
    skills: list[ContainerSkill] | None = None


class ContextManagement(Model):
    """What the API took out of the context."""

    applied_edits: list[AppliedEdit] = Field(default_factory=list)


def merge(into: dict[str, Any], brought: Mapping[str, Any], *, deep: bool = False) -> None:
    """Merge fields: each value replaces the former. Null erases nothing, and is kept only where there is no value.

    ``deep`` goes into objects: usage is a tree of totals, of which each may come alone. Source: PROTOCOL.md, "Usage".
    """
    for key, value in brought.items():
        if deep and isinstance(value, Mapping) and isinstance(old := into.get(key), Mapping):
            into[key] = merged = dict(old)
            merge(merged, value, deep=True)
        elif value is not None or key not in into:
            into[key] = value


class Message(AwaitableValue, Model):
    """An answer of the API, complete or as far as it has come.

    ``stop_reason`` is an open string: end_turn, max_tokens, stop_sequence, tool_use, pause_turn, refusal, compaction,
    model_context_window_exceeded, or a reason that is new; None while the message is not finished.
    Source: PROTOCOL.md, "The message".
    """

    __slots__ = ("_received",)  # a slot, and no field: it takes no part in equality, dumps and pickles

    id: str = ""
    type: Literal["message"] = "message"
    role: Literal["assistant"] = "assistant"
    model: str = ""
    content: list[ContentBlock] = Field(default_factory=list)
    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: StopDetails | None = None
    usage: Usage = Field(default_factory=Usage)
    container: Container | None = None
    context_management: ContextManagement | None = None
    diagnostics: Diagnostics | None = None
    input_transformations: list[InputTransformation] | None = None

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        """Make a message of parsed JSON. Never raises: ``usage`` and ``content`` are there whatever came.

        Items of the content that are no objects are left out.
        """
        sound = dict(data)
        for key, kind in (("usage", Mapping), ("content", list)):
            if not isinstance(sound.get(key), kind):
                sound.pop(key, None)
        if content := sound.get("content"):
            sound["content"] = [block for block in content if isinstance(block, Model | Mapping)]
        return super().from_wire(sound)

    @property
    def received(self) -> Received | None:
        """How the message was received; None if it was not read from a stream. ``assemble`` sets its deviations."""
        received: Received | None = getattr(self, "_received", None)
        return received

    @received.setter
    def received(self, received: Received) -> None:
        object.__setattr__(self, "_received", received)

    @property
    def _request_id(self) -> str | None:
        """The server's name for the request, under the name that the official client has for it."""
        return self.received.request_id if self.received is not None else None

    @property
    def text(self) -> str:
        """The text of all text blocks, joined."""
        texts: Iterable[object] = (block.text for block in self.content if isinstance(block, TextBlock))
        return "".join(text for text in texts if isinstance(text, str))  # a text of another type was kept as it came

    @property
    def parsed_output(self) -> Any:
        """None, because no ``output_format`` was given; see ``ParsedMessage``."""
        return None

    def to_param(self) -> Any:
        """Return the message as the assistant's turn for ``messages`` of the next request: a ``MessageParam``.

        Left out is what the API would refuse: fields that are output only, text blocks without words, and blocks
        that a cut left open and that cannot be continued: tool calls and thinking, and server tool calls whose
        result did not come. ``content`` may be empty then. Source: PROTOCOL.md, "Sending a message back".
        """
        answered = {getattr(block, "tool_use_id", None) for block in self.content}
        kept = [block.to_param() for block in self.content if self._sendable(block, answered)]
        return {"role": self.role, "content": kept}

    def _sendable(self, block: ContentBlock, answered: set[str | None]) -> bool:
        if isinstance(block, TextBlock):
            return bool(str(block.text or "").strip())
        if isinstance(block, ServerToolUseBlock | MCPToolUseBlock) and self.stop_reason is None:
            return block.id in answered
        return not block.is_open


class ParsedMessage(Message, Generic[T]):
    """The message of a request with ``output_format=T`` (PROTOCOL.md, "Structured outputs")."""

    _output_format: Any = PrivateAttr(default=None)
    _parsed: Any = PrivateAttr(default=None)

    @classmethod
    def of(cls, data: Mapping[str, Any], output_format: Any) -> Self:
        """Make a message of parsed JSON whose text is to be of the type ``output_format``."""
        message = cls.from_wire(data)
        message._output_format = output_format
        return message

    @property
    def parsed_output(self) -> T | None:
        """The text as the caller's type; None if no type was given or there is no text.

        Raises OutputValidationError, which carries this message, when the text is not of that type.
        """
        if self._parsed is None and self._output_format is not None and self.text:
            self._parsed = self._validate()
        parsed: T | None = self._parsed
        return parsed

    def _validate(self) -> Any:
        try:
            return TypeAdapter(self._output_format).validate_json(self.text)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_context=False)
            first = problems[0]
            where = ".".join(map(str, first["loc"])) or "the text"
            raise OutputValidationError(
                f"the answer is not a valid {_type_name(self._output_format)}: {where}: {first['msg']}"
                f" (stop_reason {self.stop_reason})",
                errors=[dict(problem) for problem in problems],
                partial_message=self,
            ) from None


def _type_name(kind: Any) -> str:
    return getattr(kind, "__name__", None) or str(kind)
