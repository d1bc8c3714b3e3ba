"""Rare objects inside a message, apart from its content.

Purpose: one model for each object in ``usage``, ``diagnostics``, ``context_management`` and similar fields.
Must not know: messages or events.
Rule: as in ``blocks``. The module is imported when the first such object comes: most programs never see one.

Source: PROTOCOL.md, "The message" and "Usage".
"""

# An object's `type` is one word where its base has any; nobody assigns it, so the base's users are safe.
# pyright: reportIncompatibleVariableOverride=false

# Annotations are evaluated here, not strings: pydantic would compile each of them when the class is made.

from typing import TYPE_CHECKING, Literal, TypeAlias

from .blocks import AttributeDict, Int, Known, Model, by_type, deferred

# --- usage -------------------------------------------------------------------------------------------------------


class FallbackCreditRedeemed(Model):
    """The credit of a refused request paid for this one."""

    type: Literal["redeemed"] = "redeemed"


class FallbackCreditNotApplied(Model):
    """The credit was not used: ``reason`` says why, ``remove_to_redeem`` names the parameters in its way."""

    type: Literal["not_applied"] = "not_applied"
    reason: str = ""
    remove_to_redeem: list[str] | None = None


CREDIT_STATUS: Known = by_type(FallbackCreditRedeemed | FallbackCreditNotApplied)

if TYPE_CHECKING:
    CreditStatus: TypeAlias = FallbackCreditRedeemed | FallbackCreditNotApplied | AttributeDict
else:
    CreditStatus = deferred(__name__, "CREDIT_STATUS")


class FallbackCreditUsage(Model):
    """What became of the credit of a request that was refused before."""

    status: CreditStatus | None = None


# --- diagnostics -------------------------------------------------------------------------------------------------


class CacheMiss(Model):
    """The base of the reasons why the cache was not read."""

    type: str = ""


class CacheMissWithTokens(CacheMiss):
    """The base of those that say how many input tokens were not read from the cache."""

    cache_missed_input_tokens: Int = 0


class CacheMissModelChanged(CacheMissWithTokens):
    """The model is another."""

    type: Literal["model_changed"] = "model_changed"


class CacheMissSystemChanged(CacheMissWithTokens):
    """The system prompt is another."""

    type: Literal["system_changed"] = "system_changed"


class CacheMissToolsChanged(CacheMissWithTokens):
    """The tools are others."""

    type: Literal["tools_changed"] = "tools_changed"


class CacheMissMessagesChanged(CacheMissWithTokens):
    """An earlier message is another."""

    type: Literal["messages_changed"] = "messages_changed"


class CacheMissPreviousMessageNotFound(CacheMiss):
    """The message to compare with is not known."""

    type: Literal["previous_message_not_found"] = "previous_message_not_found"


class CacheMissUnavailable(CacheMiss):
    """The reason is not known."""

    type: Literal["unavailable"] = "unavailable"


CACHE_MISSES: Known = by_type(
    CacheMissModelChanged
    | CacheMissSystemChanged
    | CacheMissToolsChanged
    | CacheMissMessagesChanged
    | CacheMissPreviousMessageNotFound
    | CacheMissUnavailable
)

if TYPE_CHECKING:
    CacheMissReason: TypeAlias = (
        CacheMissModelChanged
        | CacheMissSystemChanged
        | CacheMissToolsChanged
        | CacheMissMessagesChanged
        | CacheMissPreviousMessageNotFound
        | CacheMissUnavailable
        | AttributeDict
    )
else:
    CacheMissReason = deferred(__name__, "CACHE_MISSES")


class Diagnostics(Model):
    """What the API found when it compared the request with an earlier one."""

    cache_miss_reason: CacheMissReason | None = None


# --- container, context, input -----------------------------------------------------------------------------------


class ContainerSkill(Model):
    """A skill that was loaded into the container; ``type`` is anthropic or custom."""

    type: str = ""
    skill_id: str = ""
    version: str = ""


class ClearToolUsesEdit(Model):
    """Tool calls and their results were taken out of the context."""

    type: Literal["clear_tool_uses_20250919"] = "clear_tool_uses_20250919"
    cleared_input_tokens: Int = 0
    cleared_tool_uses: Int = 0


class ClearThinkingEdit(Model):
    """Thinking was taken out of the context."""

    type: Literal["clear_thinking_20251015"] = "clear_thinking_20251015"
    cleared_input_tokens: Int = 0
    cleared_thinking_turns: Int = 0


APPLIED_EDITS: Known = by_type(ClearToolUsesEdit | ClearThinkingEdit)
AppliedEdit: TypeAlias = ClearToolUsesEdit | ClearThinkingEdit | AttributeDict
"""An edit of the context; one of an unknown type stays a dict."""


class ThinkingDroppedTransformation(Model):
    """A thinking block of the request was left out: ``path`` says which, ``reason`` why."""

    type: Literal["thinking_dropped"] = "thinking_dropped"
    path: str = ""
    reason: str = ""


class ThinkingMismatchAllowedTransformation(Model):
    """A thinking block of the request was read though it is of another origin."""

    type: Literal["thinking_mismatch_allowed"] = "thinking_mismatch_allowed"
    path: str = ""
    reason: str = ""


INPUT_TRANSFORMATIONS: Known = by_type(ThinkingDroppedTransformation | ThinkingMismatchAllowedTransformation)
InputTransformation: TypeAlias = ThinkingDroppedTransformation | ThinkingMismatchAllowedTransformation | AttributeDict
"""A change that the API made to the request; one of an unknown type stays a dict."""
