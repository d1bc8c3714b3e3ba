"""The types of ``sseclaude.types`` under the names of the official client's betas: ``BetaMessage`` is ``Message``.

Betas are a parameter here (``betas=``), so that the types are the same.
"""

# Every import below gives a name to importers: `X as X` says so to type checkers.
# ruff: noqa: F401, I001
# mypy: disable-error-code="import-not-found"
# pyright: reportMissingImports=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..lookup import find, install
from ..names import BETA_NAMES

if TYPE_CHECKING:
    from ... import MessageTokensCount as BetaMessageTokensCount
    from ...blocks import AdvisorToolResultBlock as BetaAdvisorToolResultBlock
    from ...blocks import AnyCitation as BetaTextCitation
    from ...blocks import AttributeDict as BetaAdvisorTool20260301
    from ...blocks import AttributeDict as BetaCacheControlEphemeral
    from ...blocks import AttributeDict as BetaCodeExecutionTool20250522
    from ...blocks import AttributeDict as BetaCodeExecutionTool20250825
    from ...blocks import AttributeDict as BetaCodeExecutionTool20260120
    from ...blocks import AttributeDict as BetaCodeExecutionTool20260521
    from ...blocks import AttributeDict as BetaMCPToolConfig
    from ...blocks import AttributeDict as BetaMCPToolDefaultConfig
    from ...blocks import AttributeDict as BetaMCPToolset
    from ...blocks import AttributeDict as BetaMemoryTool20250818
    from ...blocks import AttributeDict as BetaResponseTool
    from ...blocks import AttributeDict as BetaResponseToolInputSchema
    from ...blocks import AttributeDict as BetaResponseToolUnion
    from ...blocks import AttributeDict as BetaToolBash20241022
    from ...blocks import AttributeDict as BetaToolBash20250124
    from ...blocks import AttributeDict as BetaToolComputerUse20241022
    from ...blocks import AttributeDict as BetaToolComputerUse20250124
    from ...blocks import AttributeDict as BetaToolComputerUse20251124
    from ...blocks import AttributeDict as BetaToolSearchToolBm25_20251119
    from ...blocks import AttributeDict as BetaToolSearchToolRegex20251119
    from ...blocks import AttributeDict as BetaToolTextEditor20241022
    from ...blocks import AttributeDict as BetaToolTextEditor20250124
    from ...blocks import AttributeDict as BetaToolTextEditor20250429
    from ...blocks import AttributeDict as BetaToolTextEditor20250728
    from ...blocks import AttributeDict as BetaUserLocation
    from ...blocks import AttributeDict as BetaWebFetchTool20250910
    from ...blocks import AttributeDict as BetaWebFetchTool20260209
    from ...blocks import AttributeDict as BetaWebFetchTool20260309
    from ...blocks import AttributeDict as BetaWebFetchTool20260318
    from ...blocks import AttributeDict as BetaWebFetchURLSourceAll
    from ...blocks import AttributeDict as BetaWebFetchURLSourceExcept
    from ...blocks import AttributeDict as BetaWebFetchURLSourceNone
    from ...blocks import AttributeDict as BetaWebFetchURLSourceOnly
    from ...blocks import AttributeDict as BetaWebFetchURLSourceToolReference
    from ...blocks import AttributeDict as BetaWebFetchURLSources
    from ...blocks import AttributeDict as BetaWebSearchTool20250305
    from ...blocks import AttributeDict as BetaWebSearchTool20260209
    from ...blocks import AttributeDict as BetaWebSearchTool20260318
    from ...blocks import BashCodeExecutionToolResultBlock as BetaBashCodeExecutionToolResultBlock
    from ...blocks import CharLocation as BetaCitationCharLocation
    from ...blocks import CodeExecutionToolResultBlock as BetaCodeExecutionToolResultBlock
    from ...blocks import CompactionBlock as BetaCompactionBlock
    from ...blocks import ContainerUploadBlock as BetaContainerUploadBlock
    from ...blocks import ContentBlock as BetaContentBlock
    from ...blocks import ContentBlock as ParsedBetaContentBlock
    from ...blocks import ContentBlockLocation as BetaCitationContentBlockLocation
    from ...blocks import FallbackBlock as BetaFallbackBlock
    from ...blocks import MCPToolListingBlock as BetaMCPToolListingBlock
    from ...blocks import MCPToolResultBlock as BetaMCPToolResultBlock
    from ...blocks import MCPToolUseBlock as BetaMCPToolUseBlock
    from ...blocks import ModelReference as BetaFallbackInfo
    from ...blocks import PageLocation as BetaCitationPageLocation
    from ...blocks import RedactedThinkingBlock as BetaRedactedThinkingBlock
    from ...blocks import SearchResultLocation as BetaCitationSearchResultLocation
    from ...blocks import SearchResultLocation as BetaCitationsSearchResultLocation
    from ...blocks import ServerToolUseBlock as BetaServerToolUseBlock
    from ...blocks import TextBlock as BetaTextBlock
    from ...blocks import TextBlock as ParsedBetaTextBlock
    from ...blocks import TextEditorCodeExecutionToolResultBlock as BetaTextEditorCodeExecutionToolResultBlock
    from ...blocks import ThinkingBlock as BetaThinkingBlock
    from ...blocks import ToolSearchToolResultBlock as BetaToolSearchToolResultBlock
    from ...blocks import ToolUseBlock as BetaBrowserToolUseBlock
    from ...blocks import ToolUseBlock as BetaComputerToolUseBlock
    from ...blocks import ToolUseBlock as BetaResponseToolUseBlockUnion
    from ...blocks import ToolUseBlock as BetaToolUseBlock
    from ...blocks import ToolUseBlock as BetaToolsetToolUseBlock
    from ...blocks import UnknownBlock as BetaUnknownBlock
    from ...blocks import WebFetchToolResultBlock as BetaWebFetchToolResultBlock
    from ...blocks import WebSearchResultLocation as BetaCitationsWebSearchResultLocation
    from ...blocks import WebSearchToolResultBlock as BetaWebSearchToolResultBlock
    from ...blocks.results import AdvisorRedactedResultBlock as BetaAdvisorRedactedResultBlock
    from ...blocks.results import AdvisorResultBlock as BetaAdvisorResultBlock
    from ...blocks.results import AdvisorToolResultError as BetaAdvisorToolResultError
    from ...blocks.results import AdvisorToolResultError as BetaAdvisorToolResultErrorObject
    from ...blocks.results import Base64PDFSource as BetaBase64PDFSource
    from ...blocks.results import BashCodeExecutionOutputBlock as BetaBashCodeExecutionOutputBlock
    from ...blocks.results import BashCodeExecutionResultBlock as BetaBashCodeExecutionResultBlock
    from ...blocks.results import BashCodeExecutionToolResultError as BetaBashCodeExecutionToolResultError
    from ...blocks.results import BashCodeExecutionToolResultError as BetaBashCodeExecutionToolResultErrorObject
    from ...blocks.results import Caller as BetaToolUseCaller
    from ...blocks.results import CitationsConfig as BetaCitationConfig
    from ...blocks.results import CitationsConfig as BetaCitationsConfig
    from ...blocks.results import CodeExecutionContent as BetaCodeExecutionToolResultBlockContent
    from ...blocks.results import CodeExecutionOutputBlock as BetaCodeExecutionOutputBlock
    from ...blocks.results import CodeExecutionResultBlock as BetaCodeExecutionResultBlock
    from ...blocks.results import CodeExecutionToolResultError as BetaCodeExecutionToolResultError
    from ...blocks.results import CodeExecutionToolResultError as BetaCodeExecutionToolResultErrorObject
    from ...blocks.results import DirectCaller as BetaDirectCaller
    from ...blocks.results import DocumentBlock as BetaDocumentBlock
    from ...blocks.results import EncryptedCodeExecutionResultBlock as BetaEncryptedCodeExecutionResultBlock
    from ...blocks.results import FallbackRefusalTrigger as BetaFallbackRefusalTrigger
    from ...blocks.results import MCPTool as BetaMCPTool
    from ...blocks.results import PlainTextSource as BetaPlainTextSource
    from ...blocks.results import ServerToolCaller as BetaServerToolCaller
    from ...blocks.results import ServerToolCaller20260120 as BetaServerToolCaller20260120
    from ...blocks.results import (
        TextEditorCodeExecutionCreateResultBlock as BetaTextEditorCodeExecutionCreateResultBlock,
    )
    from ...blocks.results import (
        TextEditorCodeExecutionStrReplaceResultBlock as BetaTextEditorCodeExecutionStrReplaceResultBlock,
    )
    from ...blocks.results import TextEditorCodeExecutionToolResultError as BetaTextEditorCodeExecutionToolResultError
    from ...blocks.results import (
        TextEditorCodeExecutionToolResultError as BetaTextEditorCodeExecutionToolResultErrorObject,
    )
    from ...blocks.results import TextEditorCodeExecutionViewResultBlock as BetaTextEditorCodeExecutionViewResultBlock
    from ...blocks.results import ToolAdditionBlock as BetaResponseToolAdditionBlock
    from ...blocks.results import ToolChangeMCPToolReference as BetaResponseToolChangeMCPToolReference
    from ...blocks.results import ToolChangeMCPToolsetReference as BetaResponseToolChangeMCPToolsetReference
    from ...blocks.results import ToolChangeToolDefinition as BetaToolChangeToolDefinition
    from ...blocks.results import ToolChangeToolReference as BetaResponseToolChangeToolReference
    from ...blocks.results import ToolReferenceBlock as BetaToolReferenceBlock
    from ...blocks.results import ToolRemovalBlock as BetaResponseToolRemovalBlock
    from ...blocks.results import ToolSearchToolResultError as BetaToolSearchToolResultError
    from ...blocks.results import ToolSearchToolResultError as BetaToolSearchToolResultErrorObject
    from ...blocks.results import ToolSearchToolSearchResultBlock as BetaToolSearchToolSearchResultBlock
    from ...blocks.results import WebFetchBlock as BetaWebFetchBlock
    from ...blocks.results import WebFetchToolResultError as BetaWebFetchToolResultErrorBlock
    from ...blocks.results import WebSearchContent as BetaWebSearchToolResultBlockContent
    from ...blocks.results import WebSearchResult as BetaWebSearchResultBlock
    from ...blocks.results import WebSearchToolResultError as BetaWebSearchToolResultError
    from ...blocks.results import WebSearchToolResultError as BetaWebSearchToolResultErrorObject
    from ...client.params import MessageCountTokensParams as MessageCountTokensParams
    from ...client.params import MessageCreateParams as MessageCreateParams
    from ...client.params import MessageCreateParams as MessageCreateParamsBase
    from ...client.params import MessageCreateParams as MessageCreateParamsNonStreaming
    from ...client.params import MessageCreateParams as MessageCreateParamsStreaming
    from ...derived_events import CitationEvent as BetaCitationEvent
    from ...derived_events import CompactionEvent as BetaCompactionEvent
    from ...derived_events import ContentBlockStopEvent as BetaContentBlockStopEvent
    from ...derived_events import InputJsonEvent as BetaInputJsonEvent
    from ...derived_events import MessageStopEvent as BetaMessageStopEvent
    from ...derived_events import MessageStreamEvent as BetaMessageStreamEvent
    from ...derived_events import SignatureEvent as BetaSignatureEvent
    from ...derived_events import TextEvent as BetaTextEvent
    from ...derived_events import ThinkingEvent as BetaThinkingEvent
    from ...events import CitationsDelta as BetaCitationsDelta
    from ...events import CompactionDelta as BetaCompactionContentBlockDelta
    from ...events import ContentBlockDeltaEvent as BetaContentBlockDeltaEvent
    from ...events import ContentBlockDeltaEvent as BetaRawContentBlockDeltaEvent
    from ...events import ContentBlockStartEvent as BetaContentBlockStartEvent
    from ...events import ContentBlockStartEvent as BetaRawContentBlockStartEvent
    from ...events import Delta as BetaRawContentBlockDelta
    from ...events import ErrorDetail as BetaAPIError
    from ...events import ErrorDetail as BetaAPIErrorObject
    from ...events import ErrorDetail as BetaAuthenticationError
    from ...events import ErrorDetail as BetaAuthenticationErrorObject
    from ...events import ErrorDetail as BetaBillingError
    from ...events import ErrorDetail as BetaBillingErrorObject
    from ...events import ErrorDetail as BetaError
    from ...events import ErrorDetail as BetaErrorObject
    from ...events import ErrorDetail as BetaGatewayTimeoutError
    from ...events import ErrorDetail as BetaGatewayTimeoutErrorObject
    from ...events import ErrorDetail as BetaInvalidRequestError
    from ...events import ErrorDetail as BetaInvalidRequestErrorObject
    from ...events import ErrorDetail as BetaNotFoundError
    from ...events import ErrorDetail as BetaNotFoundErrorObject
    from ...events import ErrorDetail as BetaOverloadedError
    from ...events import ErrorDetail as BetaOverloadedErrorObject
    from ...events import ErrorDetail as BetaPermissionError
    from ...events import ErrorDetail as BetaPermissionErrorObject
    from ...events import ErrorDetail as BetaRateLimitError
    from ...events import ErrorDetail as BetaRateLimitErrorObject
    from ...events import ErrorEvent as BetaErrorResponse
    from ...events import InputJSONDelta as BetaInputJSONDelta
    from ...events import MessageDelta as BetaDelta
    from ...events import MessageDeltaEvent as BetaMessageDeltaEvent
    from ...events import MessageDeltaEvent as BetaRawMessageDeltaEvent
    from ...events import MessageStartEvent as BetaMessageStartEvent
    from ...events import MessageStartEvent as BetaRawMessageStartEvent
    from ...events import RawContentBlockStopEvent as BetaRawContentBlockStopEvent
    from ...events import RawMessageStopEvent as BetaRawMessageStopEvent
    from ...events import RawMessageStreamEvent as BetaRawMessageStreamEvent
    from ...events import SignatureDelta as BetaSignatureDelta
    from ...events import TextDelta as BetaTextDelta
    from ...events import ThinkingDelta as BetaThinkingDelta
    from ...events import UnknownDelta as BetaUnknownDelta
    from ...events import UnknownEvent as BetaUnknownEvent
    from ...message import CacheCreation as BetaCacheCreation
    from ...message import Container as BetaContainer
    from ...message import ContextManagement as BetaContextManagementResponse
    from ...message import IterationUsage as BetaAdvisorMessageIterationUsage
    from ...message import IterationUsage as BetaCompactionIterationUsage
    from ...message import IterationUsage as BetaFallbackMessageIterationUsage
    from ...message import IterationUsage as BetaMessageIterationUsage
    from ...message import Message as BetaMessage
    from ...message import OutputTokensDetails as BetaOutputTokensDetails
    from ...message import ParsedMessage as ParsedBetaMessage
    from ...message import ServerToolUsage as BetaServerToolUsage
    from ...message import StopDetails as BetaRefusalStopDetails
    from ...message import Usage as BetaMessageDeltaUsage
    from ...message import Usage as BetaUsage
    from ...message_details import CacheMissMessagesChanged as BetaCacheMissMessagesChanged
    from ...message_details import CacheMissModelChanged as BetaCacheMissModelChanged
    from ...message_details import CacheMissPreviousMessageNotFound as BetaCacheMissPreviousMessageNotFound
    from ...message_details import CacheMissReason as BetaCacheMissReason
    from ...message_details import CacheMissSystemChanged as BetaCacheMissSystemChanged
    from ...message_details import CacheMissToolsChanged as BetaCacheMissToolsChanged
    from ...message_details import CacheMissUnavailable as BetaCacheMissUnavailable
    from ...message_details import ClearThinkingEdit as BetaClearThinking20251015EditResponse
    from ...message_details import ClearToolUsesEdit as BetaClearToolUses20250919EditResponse
    from ...message_details import ContainerSkill as BetaContainerSkill
    from ...message_details import Diagnostics as BetaDiagnostics
    from ...message_details import FallbackCreditNotApplied as BetaFallbackCreditNotApplied
    from ...message_details import FallbackCreditRedeemed as BetaFallbackCreditRedeemed
    from ...message_details import FallbackCreditUsage as BetaFallbackCreditUsage
    from ...message_details import InputTransformation as BetaInputTransformation
    from ...message_details import ThinkingDroppedTransformation as BetaThinkingDroppedInputTransformation
    from ...message_details import (
        ThinkingMismatchAllowedTransformation as BetaThinkingMismatchAllowedInputTransformation,
    )
    from ..config_params import ContainerParams as BetaContainerParams
    from ..config_params import ContextManagementConfigParam as BetaContextManagementConfigParam
    from ..config_params import DiagnosticsParam as BetaDiagnosticsParam
    from ..config_params import JSONOutputFormatParam as BetaJSONOutputFormatParam
    from ..config_params import MetadataParam as BetaMetadataParam
    from ..config_params import OutputConfigParam as BetaOutputConfigParam
    from ..config_params import RequestMCPServerURLDefinitionParam as BetaRequestMCPServerURLDefinitionParam
    from ..config_params import SkillParams as BetaSkillParams
    from ..config_params import ThinkingConfigAdaptiveParam as BetaThinkingConfigAdaptiveParam
    from ..config_params import ThinkingConfigBetweenToolsParam as BetaThinkingConfigBetweenToolsParam
    from ..config_params import ThinkingConfigDisabledParam as BetaThinkingConfigDisabledParam
    from ..config_params import ThinkingConfigEnabledParam as BetaThinkingConfigEnabledParam
    from ..config_params import ThinkingConfigParam as BetaThinkingConfigParam
    from ..content_params import AdvisorToolResultBlockParam as BetaAdvisorToolResultBlockParam
    from ..content_params import AssistantMessageParam as BetaAssistantMessageParam
    from ..content_params import Base64ImageSourceParam as BetaBase64ImageSourceParam
    from ..content_params import Base64PDFSourceParam as BetaBase64PDFSourceParam
    from ..content_params import BashCodeExecutionToolResultBlockParam as BetaBashCodeExecutionToolResultBlockParam
    from ..content_params import CacheControlEphemeralParam as BetaCacheControlEphemeralParam
    from ..content_params import CitationCharLocationParam as BetaCitationCharLocationParam
    from ..content_params import CitationContentBlockLocationParam as BetaCitationContentBlockLocationParam
    from ..content_params import CitationPageLocationParam as BetaCitationPageLocationParam
    from ..content_params import CitationSearchResultLocationParam as BetaCitationSearchResultLocationParam
    from ..content_params import CitationSearchResultLocationParam as BetaSearchResultLocationParam
    from ..content_params import CitationWebSearchResultLocationParam as BetaCitationWebSearchResultLocationParam
    from ..content_params import CitationsConfigParam as BetaCitationsConfigParam
    from ..content_params import CodeExecutionToolResultBlockParam as BetaCodeExecutionToolResultBlockParam
    from ..content_params import CompactionBlockParam as BetaCompactionBlockParam
    from ..content_params import ContainerUploadBlockParam as BetaContainerUploadBlockParam
    from ..content_params import ContentBlockParam as BetaContentBlockParam
    from ..content_params import ContentBlockSourceContentParam as BetaContentBlockSourceContentParam
    from ..content_params import ContentBlockSourceParam as BetaContentBlockSourceParam
    from ..content_params import DirectCallerParam as BetaDirectCallerParam
    from ..content_params import DocumentBlockParam as BetaDocumentBlockParam
    from ..content_params import DocumentBlockParam as BetaRequestDocumentBlockParam
    from ..content_params import FileDocumentSourceParam as BetaFileDocumentSourceParam
    from ..content_params import FileImageSourceParam as BetaFileImageSourceParam
    from ..content_params import ImageBlockParam as BetaImageBlockParam
    from ..content_params import ImageTransformationsParam as BetaImageTransformationsParam
    from ..content_params import MCPToolUseBlockParam as BetaMCPToolUseBlockParam
    from ..content_params import MessageContentParam as BetaMessageContentParam
    from ..content_params import MessageParam as BetaMessageParam
    from ..content_params import PlainTextSourceParam as BetaPlainTextSourceParam
    from ..content_params import RedactedThinkingBlockParam as BetaRedactedThinkingBlockParam
    from ..content_params import RequestMCPToolResultBlockParam as BetaRequestMCPToolResultBlockParam
    from ..content_params import SearchResultBlockParam as BetaSearchResultBlockParam
    from ..content_params import ServerToolCaller20260120Param as BetaServerToolCaller20260120Param
    from ..content_params import ServerToolCallerParam as BetaServerToolCallerParam
    from ..content_params import ServerToolErrorParam as BetaAdvisorToolResultErrorParam
    from ..content_params import ServerToolErrorParam as BetaBashCodeExecutionToolResultErrorParam
    from ..content_params import ServerToolErrorParam as BetaCodeExecutionToolResultErrorParam
    from ..content_params import ServerToolErrorParam as BetaServerToolErrorParam
    from ..content_params import ServerToolErrorParam as BetaTextEditorCodeExecutionToolResultErrorParam
    from ..content_params import ServerToolErrorParam as BetaToolSearchToolResultErrorParam
    from ..content_params import ServerToolErrorParam as BetaWebFetchToolResultErrorBlockParam
    from ..content_params import ServerToolErrorParam as BetaWebSearchToolRequestErrorObjectParam
    from ..content_params import ServerToolErrorParam as BetaWebSearchToolRequestErrorParam
    from ..content_params import ServerToolUseBlockParam as BetaServerToolUseBlockParam
    from ..content_params import SystemMessageParam as BetaSystemMessageParam
    from ..content_params import TextBlockParam as BetaTextBlockParam
    from ..content_params import TextCitationParam as BetaTextCitationParam
    from ..content_params import (
        TextEditorCodeExecutionToolResultBlockParam as BetaTextEditorCodeExecutionToolResultBlockParam,
    )
    from ..content_params import ThinkingBlockParam as BetaThinkingBlockParam
    from ..content_params import ToolReferenceBlockParam as BetaToolReferenceBlockParam
    from ..content_params import ToolResultBlockParam as BetaToolResultBlockParam
    from ..content_params import ToolSearchToolResultBlockParam as BetaToolSearchToolResultBlockParam
    from ..content_params import ToolUseBlockParam as BetaToolUseBlockParam
    from ..content_params import URLImageSourceParam as BetaURLImageSourceParam
    from ..content_params import URLPDFSourceParam as BetaURLPDFSourceParam
    from ..content_params import UserMessageParam as BetaUserMessageParam
    from ..content_params import WebFetchBlockParam as BetaWebFetchBlockParam
    from ..content_params import WebFetchToolResultBlockParam as BetaWebFetchToolResultBlockParam
    from ..content_params import WebSearchResultBlockParam as BetaWebSearchResultBlockParam
    from ..content_params import WebSearchToolResultBlockParam as BetaWebSearchToolResultBlockParam
    from ..tool_params import AdvisorTool20260301Param as BetaAdvisorTool20260301Param
    from ..tool_params import CodeExecutionTool20250522Param as BetaCodeExecutionTool20250522Param
    from ..tool_params import CodeExecutionTool20250825Param as BetaCodeExecutionTool20250825Param
    from ..tool_params import CodeExecutionTool20260120Param as BetaCodeExecutionTool20260120Param
    from ..tool_params import CodeExecutionTool20260521Param as BetaCodeExecutionTool20260521Param
    from ..tool_params import MCPToolsetParam as BetaMCPToolsetParam
    from ..tool_params import MemoryTool20250818Param as BetaMemoryTool20250818Param
    from ..tool_params import ToolBash20250124Param as BetaToolBash20250124Param
    from ..tool_params import ToolChoiceAnyParam as BetaToolChoiceAnyParam
    from ..tool_params import ToolChoiceAutoParam as BetaToolChoiceAutoParam
    from ..tool_params import ToolChoiceNoneParam as BetaToolChoiceNoneParam
    from ..tool_params import ToolChoiceParam as BetaToolChoiceParam
    from ..tool_params import ToolChoiceToolParam as BetaToolChoiceToolParam
    from ..tool_params import ToolComputerUseParam as BetaToolComputerUse20241022Param
    from ..tool_params import ToolComputerUseParam as BetaToolComputerUse20250124Param
    from ..tool_params import ToolComputerUseParam as BetaToolComputerUse20251124Param
    from ..tool_params import ToolComputerUseParam as BetaToolComputerUseParam
    from ..tool_params import ToolParam as BetaToolParam
    from ..tool_params import ToolSearchToolBm25_20251119Param as BetaToolSearchToolBm25_20251119Param
    from ..tool_params import ToolSearchToolRegex20251119Param as BetaToolSearchToolRegex20251119Param
    from ..tool_params import ToolTextEditor20250124Param as BetaToolTextEditor20250124Param
    from ..tool_params import ToolTextEditor20250429Param as BetaToolTextEditor20250429Param
    from ..tool_params import ToolTextEditor20250728Param as BetaToolTextEditor20250728Param
    from ..tool_params import ToolUnionParam as BetaMessageCountTokensToolParam
    from ..tool_params import ToolUnionParam as BetaToolUnionParam
    from ..tool_params import ToolsetParam as BetaBrowserToolset20260801Param
    from ..tool_params import ToolsetParam as BetaComputerToolset20260801Param
    from ..tool_params import ToolsetParam as BetaToolsetParam
    from ..tool_params import UserLocationParam as BetaUserLocationParam
    from ..tool_params import WebFetchTool20250910Param as BetaWebFetchTool20250910Param
    from ..tool_params import WebFetchTool20260209Param as BetaWebFetchTool20260209Param
    from ..tool_params import WebFetchTool20260309Param as BetaWebFetchTool20260309Param
    from ..tool_params import WebFetchTool20260318Param as BetaWebFetchTool20260318Param
    from ..tool_params import WebSearchTool20250305Param as BetaWebSearchTool20250305Param
    from ..tool_params import WebSearchTool20260209Param as BetaWebSearchTool20260209Param
    from ..tool_params import WebSearchTool20260318Param as BetaWebSearchTool20260318Param
    from ..words import IterationsUsage as BetaIterationsUsage
    from ..words import OpenParam as BetaAdvisorRedactedResultBlockParam
    from ..words import OpenParam as BetaAdvisorResultBlockParam
    from ..words import OpenParam as BetaAllThinkingTurnsParam
    from ..words import OpenParam as BetaBashCodeExecutionOutputBlockParam
    from ..words import OpenParam as BetaBashCodeExecutionResultBlockParam
    from ..words import OpenParam as BetaBillingPolicyParam
    from ..words import OpenParam as BetaBrowserStateBlockParam
    from ..words import OpenParam as BetaBrowserStateTabEntryParam
    from ..words import OpenParam as BetaCitationsConfigParamParam
    from ..words import OpenParam as BetaClearThinking20251015EditParam
    from ..words import OpenParam as BetaClearToolUses20250919EditParam
    from ..words import OpenParam as BetaCodeExecutionOutputBlockParam
    from ..words import OpenParam as BetaCodeExecutionResultBlockParam
    from ..words import OpenParam as BetaCodeExecutionToolResultBlockParamContentParam
    from ..words import OpenParam as BetaCompact20260112EditParam
    from ..words import OpenParam as BetaCompactionConfigParam
    from ..words import OpenParam as BetaEncryptedCodeExecutionResultBlockParam
    from ..words import OpenParam as BetaFallbackBlockParam
    from ..words import OpenParam as BetaFallbackCreditTokenParam
    from ..words import OpenParam as BetaFallbackInfoParam
    from ..words import OpenParam as BetaFallbackParam
    from ..words import OpenParam as BetaFallbacksParam
    from ..words import OpenParam as BetaInputTokensClearAtLeastParam
    from ..words import OpenParam as BetaInputTokensTriggerParam
    from ..words import OpenParam as BetaMCPToolConfigParam
    from ..words import OpenParam as BetaMCPToolDefaultConfigParam
    from ..words import OpenParam as BetaMCPToolListingBlockParam
    from ..words import OpenParam as BetaMCPToolParam
    from ..words import OpenParam as BetaMCPToolParamParam
    from ..words import OpenParam as BetaMessageThreadParam
    from ..words import OpenParam as BetaRequestMCPServerToolConfigurationParam
    from ..words import OpenParam as BetaRequestToolAdditionBlockParam
    from ..words import OpenParam as BetaRequestToolRemovalBlockParam
    from ..words import OpenParam as BetaSystemMessageOutputConfigParam
    from ..words import OpenParam as BetaTextEditorCodeExecutionCreateResultBlockParam
    from ..words import OpenParam as BetaTextEditorCodeExecutionStrReplaceResultBlockParam
    from ..words import OpenParam as BetaTextEditorCodeExecutionViewResultBlockParam
    from ..words import OpenParam as BetaThinkingBlockBindingParam
    from ..words import OpenParam as BetaThinkingTurnsParam
    from ..words import OpenParam as BetaTokenTaskBudgetParam
    from ..words import OpenParam as BetaToolBash20241022Param
    from ..words import OpenParam as BetaToolChangeMCPToolReferenceParam
    from ..words import OpenParam as BetaToolChangeMCPToolsetReferenceParam
    from ..words import OpenParam as BetaToolChangeToolDefinitionParam
    from ..words import OpenParam as BetaToolChangeToolReferenceParam
    from ..words import OpenParam as BetaToolSearchToolSearchResultBlockParam
    from ..words import OpenParam as BetaToolTextEditor20241022Param
    from ..words import OpenParam as BetaToolUsesKeepParam
    from ..words import OpenParam as BetaToolUsesTriggerParam
    from ..words import OpenParam as BetaWebFetchURLSourceAllParam
    from ..words import OpenParam as BetaWebFetchURLSourceExceptParam
    from ..words import OpenParam as BetaWebFetchURLSourceNoneParam
    from ..words import OpenParam as BetaWebFetchURLSourceOnlyParam
    from ..words import OpenParam as BetaWebFetchURLSourceToolReferenceParam
    from ..words import OpenParam as BetaWebFetchURLSourcesParam
    from ..words import OpenParam as BetaWebSearchToolResultBlockParamContentParam
    from ..words import OpenParam as MessageCreateParamsContainerParam
    from ..words import Word as BetaAnthropicBetaParam
    from ..words import Word as BetaBashCodeExecutionToolResultErrorCode
    from ..words import Word as BetaCodeExecutionToolResultErrorCode
    from ..words import Word as BetaErrorType
    from ..words import Word as BetaModel
    from ..words import Word as BetaModelLine
    from ..words import Word as BetaModelParam
    from ..words import Word as BetaStopReason
    from ..words import Word as BetaTextEditorCodeExecutionToolResultErrorCode
    from ..words import Word as BetaThinkingPrefixMismatchBehavior
    from ..words import Word as BetaToolSearchToolResultErrorCode
    from ..words import Word as BetaWebFetchToolResultErrorCode
    from ..words import Word as BetaWebSearchToolResultErrorCode


def __getattr__(name: str) -> Any:
    """Import a type when it is first used."""
    globals()[name] = found = find(__name__, BETA_NAMES, name)
    return found


def __dir__() -> list[str]:
    """List the names of all types."""
    return sorted(BETA_NAMES)


install(__name__, BETA_NAMES)
