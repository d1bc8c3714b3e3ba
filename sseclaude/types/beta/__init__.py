"""The types of ``sseclaude.types`` under the names of the official client's betas: ``BetaMessage`` is ``Message``.

Betas are a parameter here (``betas=``), so that the types are the same.
"""

# The names stand here for type checkers; `names` has them for the program.
# ruff: noqa: I001
# mypy: disable-error-code="import-not-found"
# pyright: reportMissingImports=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..lookup import find, install
from ..names import BETA_NAMES

# fmt: off
if TYPE_CHECKING:
    from ... import (
        MessageTokensCount as BetaMessageTokensCount,
    )
    from ...blocks import (
        AdvisorToolResultBlock as BetaAdvisorToolResultBlock, AnyCitation as BetaTextCitation,
        BashCodeExecutionToolResultBlock as BetaBashCodeExecutionToolResultBlock, CharLocation as
        BetaCitationCharLocation, CodeExecutionToolResultBlock as BetaCodeExecutionToolResultBlock,
        CompactionBlock as BetaCompactionBlock, ContainerUploadBlock as BetaContainerUploadBlock, ContentBlock
        as BetaContentBlock, ContentBlock as ParsedBetaContentBlock, ContentBlockLocation as
        BetaCitationContentBlockLocation, FallbackBlock as BetaFallbackBlock, MCPToolListingBlock as
        BetaMCPToolListingBlock, MCPToolResultBlock as BetaMCPToolResultBlock, MCPToolUseBlock as
        BetaMCPToolUseBlock, ModelReference as BetaFallbackInfo, PageLocation as BetaCitationPageLocation,
        RedactedThinkingBlock as BetaRedactedThinkingBlock, SearchResultLocation as
        BetaCitationSearchResultLocation, SearchResultLocation as BetaCitationsSearchResultLocation,
        ServerToolUseBlock as BetaServerToolUseBlock, TextBlock as BetaTextBlock, TextBlock as
        ParsedBetaTextBlock, TextEditorCodeExecutionToolResultBlock as
        BetaTextEditorCodeExecutionToolResultBlock, ThinkingBlock as BetaThinkingBlock,
        ToolSearchToolResultBlock as BetaToolSearchToolResultBlock, ToolUseBlock as
        BetaBrowserCloseTabToolUseBlock, ToolUseBlock as BetaBrowserDoubleClickToolUseBlock, ToolUseBlock as
        BetaBrowserFindToolUseBlock, ToolUseBlock as BetaBrowserFormInputToolUseBlock, ToolUseBlock as
        BetaBrowserGetPageTextToolUseBlock, ToolUseBlock as BetaBrowserHoldKeyToolUseBlock, ToolUseBlock as
        BetaBrowserHoverToolUseBlock, ToolUseBlock as BetaBrowserJavascriptExecToolUseBlock, ToolUseBlock as
        BetaBrowserKeyToolUseBlock, ToolUseBlock as BetaBrowserLeftClickDragToolUseBlock, ToolUseBlock as
        BetaBrowserLeftClickToolUseBlock, ToolUseBlock as BetaBrowserLeftMouseDownToolUseBlock, ToolUseBlock
        as BetaBrowserLeftMouseUpToolUseBlock, ToolUseBlock as BetaBrowserListTabsToolUseBlock, ToolUseBlock
        as BetaBrowserMiddleClickToolUseBlock, ToolUseBlock as BetaBrowserMouseMoveToolUseBlock, ToolUseBlock
        as BetaBrowserNavigateToolUseBlock, ToolUseBlock as BetaBrowserNewTabToolUseBlock, ToolUseBlock as
        BetaBrowserReadConsoleToolUseBlock, ToolUseBlock as BetaBrowserReadPageToolUseBlock, ToolUseBlock as
        BetaBrowserRightClickToolUseBlock, ToolUseBlock as BetaBrowserScreenshotToolUseBlock, ToolUseBlock as
        BetaBrowserScrollToToolUseBlock, ToolUseBlock as BetaBrowserScrollToolUseBlock, ToolUseBlock as
        BetaBrowserSwitchTabToolUseBlock, ToolUseBlock as BetaBrowserToolUseBlock, ToolUseBlock as
        BetaBrowserTripleClickToolUseBlock, ToolUseBlock as BetaBrowserTypeToolUseBlock, ToolUseBlock as
        BetaBrowserWaitToolUseBlock, ToolUseBlock as BetaBrowserZoomToolUseBlock, ToolUseBlock as
        BetaComputerCursorPositionToolUseBlock, ToolUseBlock as BetaComputerDoubleClickToolUseBlock,
        ToolUseBlock as BetaComputerHoldKeyToolUseBlock, ToolUseBlock as BetaComputerKeyToolUseBlock,
        ToolUseBlock as BetaComputerLeftClickDragToolUseBlock, ToolUseBlock as
        BetaComputerLeftClickToolUseBlock, ToolUseBlock as BetaComputerLeftMouseDownToolUseBlock, ToolUseBlock
        as BetaComputerLeftMouseUpToolUseBlock, ToolUseBlock as BetaComputerMiddleClickToolUseBlock,
        ToolUseBlock as BetaComputerMouseMoveToolUseBlock, ToolUseBlock as BetaComputerRightClickToolUseBlock,
        ToolUseBlock as BetaComputerScreenshotToolUseBlock, ToolUseBlock as BetaComputerScrollToolUseBlock,
        ToolUseBlock as BetaComputerToolUseBlock, ToolUseBlock as BetaComputerTripleClickToolUseBlock,
        ToolUseBlock as BetaComputerTypeToolUseBlock, ToolUseBlock as BetaComputerWaitToolUseBlock,
        ToolUseBlock as BetaComputerZoomToolUseBlock, ToolUseBlock as BetaResponseBrowserCloseTabToolUseBlock,
        ToolUseBlock as BetaResponseBrowserDoubleClickToolUseBlock, ToolUseBlock as
        BetaResponseBrowserFindToolUseBlock, ToolUseBlock as BetaResponseBrowserFormInputToolUseBlock,
        ToolUseBlock as BetaResponseBrowserGetPageTextToolUseBlock, ToolUseBlock as
        BetaResponseBrowserHoldKeyToolUseBlock, ToolUseBlock as BetaResponseBrowserHoverToolUseBlock,
        ToolUseBlock as BetaResponseBrowserJavascriptExecToolUseBlock, ToolUseBlock as
        BetaResponseBrowserKeyToolUseBlock, ToolUseBlock as BetaResponseBrowserLeftClickDragToolUseBlock,
        ToolUseBlock as BetaResponseBrowserLeftClickToolUseBlock, ToolUseBlock as
        BetaResponseBrowserLeftMouseDownToolUseBlock, ToolUseBlock as
        BetaResponseBrowserLeftMouseUpToolUseBlock, ToolUseBlock as BetaResponseBrowserListTabsToolUseBlock,
        ToolUseBlock as BetaResponseBrowserMiddleClickToolUseBlock, ToolUseBlock as
        BetaResponseBrowserMouseMoveToolUseBlock, ToolUseBlock as BetaResponseBrowserNavigateToolUseBlock,
        ToolUseBlock as BetaResponseBrowserNewTabToolUseBlock, ToolUseBlock as
        BetaResponseBrowserReadConsoleToolUseBlock, ToolUseBlock as BetaResponseBrowserReadPageToolUseBlock,
        ToolUseBlock as BetaResponseBrowserRightClickToolUseBlock, ToolUseBlock as
        BetaResponseBrowserScreenshotToolUseBlock, ToolUseBlock as BetaResponseBrowserScrollToToolUseBlock,
        ToolUseBlock as BetaResponseBrowserScrollToolUseBlock, ToolUseBlock as
        BetaResponseBrowserSwitchTabToolUseBlock, ToolUseBlock as BetaResponseBrowserToolUseBlock,
        ToolUseBlock as BetaResponseBrowserTripleClickToolUseBlock, ToolUseBlock as
        BetaResponseBrowserTypeToolUseBlock, ToolUseBlock as BetaResponseBrowserWaitToolUseBlock, ToolUseBlock
        as BetaResponseBrowserZoomToolUseBlock, ToolUseBlock as
        BetaResponseComputerCursorPositionToolUseBlock, ToolUseBlock as
        BetaResponseComputerDoubleClickToolUseBlock, ToolUseBlock as BetaResponseComputerHoldKeyToolUseBlock,
        ToolUseBlock as BetaResponseComputerKeyToolUseBlock, ToolUseBlock as
        BetaResponseComputerLeftClickDragToolUseBlock, ToolUseBlock as
        BetaResponseComputerLeftClickToolUseBlock, ToolUseBlock as
        BetaResponseComputerLeftMouseDownToolUseBlock, ToolUseBlock as
        BetaResponseComputerLeftMouseUpToolUseBlock, ToolUseBlock as
        BetaResponseComputerMiddleClickToolUseBlock, ToolUseBlock as
        BetaResponseComputerMouseMoveToolUseBlock, ToolUseBlock as BetaResponseComputerRightClickToolUseBlock,
        ToolUseBlock as BetaResponseComputerScreenshotToolUseBlock, ToolUseBlock as
        BetaResponseComputerScrollToolUseBlock, ToolUseBlock as BetaResponseComputerToolUseBlock, ToolUseBlock
        as BetaResponseComputerTripleClickToolUseBlock, ToolUseBlock as BetaResponseComputerTypeToolUseBlock,
        ToolUseBlock as BetaResponseComputerWaitToolUseBlock, ToolUseBlock as
        BetaResponseComputerZoomToolUseBlock, ToolUseBlock as BetaResponseToolUseBlockUnion, ToolUseBlock as
        BetaToolUseBlock, ToolUseBlock as BetaToolsetToolUseBlock, UnknownBlock as BetaUnknownBlock,
        WebFetchToolResultBlock as BetaWebFetchToolResultBlock, WebSearchResultLocation as
        BetaCitationsWebSearchResultLocation, WebSearchToolResultBlock as BetaWebSearchToolResultBlock,
    )
    from ...blocks.results import (
        AdvisorRedactedResultBlock as BetaAdvisorRedactedResultBlock, AdvisorResultBlock as
        BetaAdvisorResultBlock, AdvisorToolResultError as BetaAdvisorToolResultError, AdvisorToolResultError
        as BetaAdvisorToolResultErrorObject, Base64PDFSource as BetaBase64PDFSource,
        BashCodeExecutionOutputBlock as BetaBashCodeExecutionOutputBlock, BashCodeExecutionResultBlock as
        BetaBashCodeExecutionResultBlock, BashCodeExecutionToolResultError as
        BetaBashCodeExecutionToolResultError, BashCodeExecutionToolResultError as
        BetaBashCodeExecutionToolResultErrorObject, Caller as BetaToolUseCaller, CitationsConfig as
        BetaCitationConfig, CitationsConfig as BetaCitationsConfig, CodeExecutionContent as
        BetaCodeExecutionToolResultBlockContent, CodeExecutionOutputBlock as BetaCodeExecutionOutputBlock,
        CodeExecutionResultBlock as BetaCodeExecutionResultBlock, CodeExecutionToolResultError as
        BetaCodeExecutionToolResultError, CodeExecutionToolResultError as
        BetaCodeExecutionToolResultErrorObject, DirectCaller as BetaDirectCaller, DocumentBlock as
        BetaDocumentBlock, EncryptedCodeExecutionResultBlock as BetaEncryptedCodeExecutionResultBlock,
        FallbackRefusalTrigger as BetaFallbackRefusalTrigger, MCPTool as BetaMCPTool, PlainTextSource as
        BetaPlainTextSource, ServerToolCaller as BetaServerToolCaller, ServerToolCaller20260120 as
        BetaServerToolCaller20260120, TextEditorCodeExecutionCreateResultBlock as
        BetaTextEditorCodeExecutionCreateResultBlock, TextEditorCodeExecutionStrReplaceResultBlock as
        BetaTextEditorCodeExecutionStrReplaceResultBlock, TextEditorCodeExecutionToolResultError as
        BetaTextEditorCodeExecutionToolResultError, TextEditorCodeExecutionToolResultError as
        BetaTextEditorCodeExecutionToolResultErrorObject, TextEditorCodeExecutionViewResultBlock as
        BetaTextEditorCodeExecutionViewResultBlock, ToolAdditionBlock as BetaResponseToolAdditionBlock,
        ToolChangeMCPToolReference as BetaResponseToolChangeMCPToolReference, ToolChangeMCPToolsetReference as
        BetaResponseToolChangeMCPToolsetReference, ToolChangeToolDefinition as BetaToolChangeToolDefinition,
        ToolChangeToolReference as BetaResponseToolChangeToolReference, ToolReferenceBlock as
        BetaToolReferenceBlock, ToolRemovalBlock as BetaResponseToolRemovalBlock, ToolSearchToolResultError as
        BetaToolSearchToolResultError, ToolSearchToolResultError as BetaToolSearchToolResultErrorObject,
        ToolSearchToolSearchResultBlock as BetaToolSearchToolSearchResultBlock, WebFetchBlock as
        BetaWebFetchBlock, WebFetchToolResultError as BetaWebFetchToolResultErrorBlock, WebSearchContent as
        BetaWebSearchToolResultBlockContent, WebSearchResult as BetaWebSearchResultBlock,
        WebSearchToolResultError as BetaWebSearchToolResultError, WebSearchToolResultError as
        BetaWebSearchToolResultErrorObject,
    )
    from ...client.params import (
        MessageCountTokensParams, MessageCreateParams, MessageCreateParams as MessageCreateParamsBase,
        MessageCreateParams as MessageCreateParamsNonStreaming, MessageCreateParams as
        MessageCreateParamsStreaming,
    )
    from ...derived_events import (
        CitationEvent as BetaCitationEvent, CompactionEvent as BetaCompactionEvent, ContentBlockStopEvent as
        BetaContentBlockStopEvent, InputJsonEvent as BetaInputJsonEvent, MessageStopEvent as
        BetaMessageStopEvent, MessageStreamEvent as BetaMessageStreamEvent, SignatureEvent as
        BetaSignatureEvent, TextEvent as BetaTextEvent, ThinkingEvent as BetaThinkingEvent,
    )
    from ...events import (
        CitationsDelta as BetaCitationsDelta, CompactionDelta as BetaCompactionContentBlockDelta,
        ContentBlockDeltaEvent as BetaContentBlockDeltaEvent, ContentBlockDeltaEvent as
        BetaRawContentBlockDeltaEvent, ContentBlockStartEvent as BetaContentBlockStartEvent,
        ContentBlockStartEvent as BetaRawContentBlockStartEvent, Delta as BetaRawContentBlockDelta,
        ErrorDetail as BetaAPIError, ErrorDetail as BetaAPIErrorObject, ErrorDetail as
        BetaAuthenticationError, ErrorDetail as BetaAuthenticationErrorObject, ErrorDetail as
        BetaAuthorizationCheckUnavailableError, ErrorDetail as BetaAvailableToolsLimitExceededError,
        ErrorDetail as BetaBillingError, ErrorDetail as BetaBillingErrorObject, ErrorDetail as
        BetaChangeOutcomeUnknownError, ErrorDetail as BetaCompactionBlockAmbiguousError, ErrorDetail as
        BetaCompactionBlockMisplacedError, ErrorDetail as BetaCompactionContentMismatchError, ErrorDetail as
        BetaCompactionIncompleteTurnError, ErrorDetail as BetaCompactionNothingToSummarizeError, ErrorDetail
        as BetaCompactionSignatureInvalidError, ErrorDetail as BetaCompactionTooManyToolReferencesError,
        ErrorDetail as BetaCompactionToolChangesMismatchError, ErrorDetail as BetaCompactionUnavailableError,
        ErrorDetail as BetaError, ErrorDetail as BetaErrorObject, ErrorDetail as BetaFileExpiredError,
        ErrorDetail as BetaFileNotDownloadableError, ErrorDetail as BetaGatewayTimeoutError, ErrorDetail as
        BetaGatewayTimeoutErrorObject, ErrorDetail as BetaImageDimensionsTooLargeError, ErrorDetail as
        BetaInvalidConfigTypeChangeError, ErrorDetail as BetaInvalidMetadataError, ErrorDetail as
        BetaInvalidRequestError, ErrorDetail as BetaInvalidRequestErrorObject, ErrorDetail as
        BetaLinkedOrganizationBillingUnavailableError, ErrorDetail as BetaNotFoundError, ErrorDetail as
        BetaNotFoundErrorObject, ErrorDetail as BetaOrganizationOnHoldError, ErrorDetail as
        BetaOrganizationTypeNotSupportedError, ErrorDetail as BetaOverloadedError, ErrorDetail as
        BetaOverloadedErrorObject, ErrorDetail as BetaPermissionError, ErrorDetail as
        BetaPermissionErrorObject, ErrorDetail as BetaRateLimitError, ErrorDetail as BetaRateLimitErrorObject,
        ErrorDetail as BetaRegionNotSupportedError, ErrorDetail as BetaRequestBodyEncodingInvalidError,
        ErrorDetail as BetaRequestBodyEncodingUnsupportedError, ErrorDetail as BetaRequestBodyTimeoutError,
        ErrorDetail as BetaRequestBodyTooLargeAfterDecodingError, ErrorDetail as
        BetaSandboxEgressRestrictedError, ErrorDetail as BetaToolNameConflictError, ErrorDetail as
        BetaToolReferenceUnresolvedError, ErrorDetail as BetaUnsupportedCharsetError, ErrorEvent as
        BetaErrorResponse, InputJSONDelta as BetaInputJSONDelta, MessageDelta as BetaDelta, MessageDeltaEvent
        as BetaMessageDeltaEvent, MessageDeltaEvent as BetaRawMessageDeltaEvent, MessageStartEvent as
        BetaMessageStartEvent, MessageStartEvent as BetaRawMessageStartEvent, RawContentBlockStopEvent as
        BetaRawContentBlockStopEvent, RawMessageStopEvent as BetaRawMessageStopEvent, RawMessageStreamEvent as
        BetaRawMessageStreamEvent, SignatureDelta as BetaSignatureDelta, TextDelta as BetaTextDelta,
        ThinkingDelta as BetaThinkingDelta, UnknownDelta as BetaUnknownDelta, UnknownEvent as
        BetaUnknownEvent,
    )
    from ...message import (
        CacheCreation as BetaCacheCreation, Container as BetaContainer, ContextManagement as
        BetaContextManagementResponse, IterationUsage as BetaAdvisorMessageIterationUsage, IterationUsage as
        BetaCompactionIterationUsage, IterationUsage as BetaFallbackMessageIterationUsage, IterationUsage as
        BetaMessageIterationUsage, Message as BetaMessage, OutputTokensDetails as BetaOutputTokensDetails,
        ParsedMessage as ParsedBetaMessage, ServerToolUsage as BetaServerToolUsage, StopDetails as
        BetaRefusalStopDetails, Usage as BetaMessageDeltaUsage, Usage as BetaUsage,
    )
    from ...message_details import (
        CacheMissMessagesChanged as BetaCacheMissMessagesChanged, CacheMissModelChanged as
        BetaCacheMissModelChanged, CacheMissPreviousMessageNotFound as BetaCacheMissPreviousMessageNotFound,
        CacheMissReason as BetaCacheMissReason, CacheMissSystemChanged as BetaCacheMissSystemChanged,
        CacheMissToolsChanged as BetaCacheMissToolsChanged, CacheMissUnavailable as BetaCacheMissUnavailable,
        ClearThinkingEdit as BetaClearThinking20251015EditResponse, ClearToolUsesEdit as
        BetaClearToolUses20250919EditResponse, ContainerSkill as BetaContainerSkill, Diagnostics as
        BetaDiagnostics, FallbackCreditNotApplied as BetaFallbackCreditNotApplied, FallbackCreditRedeemed as
        BetaFallbackCreditRedeemed, FallbackCreditUsage as BetaFallbackCreditUsage, InputTransformation as
        BetaInputTransformation, ThinkingDroppedTransformation as BetaThinkingDroppedInputTransformation,
        ThinkingMismatchAllowedTransformation as BetaThinkingMismatchAllowedInputTransformation,
    )
    from ..config_params import (
        ContainerParams as BetaContainerParams, ContextManagementConfigParam as
        BetaContextManagementConfigParam, DiagnosticsParam as BetaDiagnosticsParam, JSONOutputFormatParam as
        BetaJSONOutputFormatParam, MetadataParam as BetaMetadataParam, OutputConfigParam as
        BetaOutputConfigParam, RequestMCPServerURLDefinitionParam as BetaRequestMCPServerURLDefinitionParam,
        SkillParams as BetaSkillParams, ThinkingConfigAdaptiveParam as BetaThinkingConfigAdaptiveParam,
        ThinkingConfigBetweenToolsParam as BetaThinkingConfigBetweenToolsParam, ThinkingConfigDisabledParam as
        BetaThinkingConfigDisabledParam, ThinkingConfigEnabledParam as BetaThinkingConfigEnabledParam,
        ThinkingConfigParam as BetaThinkingConfigParam,
    )
    from ..content_params import (
        AdvisorToolResultBlockParam as BetaAdvisorToolResultBlockParam, AssistantMessageParam as
        BetaAssistantMessageParam, Base64ImageSourceParam as BetaBase64ImageSourceParam, Base64PDFSourceParam
        as BetaBase64PDFSourceParam, BashCodeExecutionToolResultBlockParam as
        BetaBashCodeExecutionToolResultBlockParam, CacheControlEphemeralParam as
        BetaCacheControlEphemeralParam, CitationCharLocationParam as BetaCitationCharLocationParam,
        CitationContentBlockLocationParam as BetaCitationContentBlockLocationParam, CitationPageLocationParam
        as BetaCitationPageLocationParam, CitationSearchResultLocationParam as
        BetaCitationSearchResultLocationParam, CitationSearchResultLocationParam as
        BetaSearchResultLocationParam, CitationWebSearchResultLocationParam as
        BetaCitationWebSearchResultLocationParam, CitationsConfigParam as BetaCitationsConfigParam,
        CodeExecutionToolResultBlockParam as BetaCodeExecutionToolResultBlockParam, CompactionBlockParam as
        BetaCompactionBlockParam, ContainerUploadBlockParam as BetaContainerUploadBlockParam,
        ContentBlockParam as BetaContentBlockParam, ContentBlockSourceContentParam as
        BetaContentBlockSourceContentParam, ContentBlockSourceParam as BetaContentBlockSourceParam,
        DirectCallerParam as BetaDirectCallerParam, DocumentBlockParam as BetaDocumentBlockParam,
        DocumentBlockParam as BetaRequestDocumentBlockParam, FileDocumentSourceParam as
        BetaFileDocumentSourceParam, FileImageSourceParam as BetaFileImageSourceParam, ImageBlockParam as
        BetaImageBlockParam, ImageTransformationsParam as BetaImageTransformationsParam, MCPToolUseBlockParam
        as BetaMCPToolUseBlockParam, MessageContentParam as BetaMessageContentParam, MessageParam as
        BetaMessageParam, PlainTextSourceParam as BetaPlainTextSourceParam, RedactedThinkingBlockParam as
        BetaRedactedThinkingBlockParam, RequestMCPToolResultBlockParam as BetaRequestMCPToolResultBlockParam,
        SearchResultBlockParam as BetaSearchResultBlockParam, ServerToolCaller20260120Param as
        BetaServerToolCaller20260120Param, ServerToolCallerParam as BetaServerToolCallerParam,
        ServerToolErrorParam as BetaAdvisorToolResultErrorParam, ServerToolErrorParam as
        BetaBashCodeExecutionToolResultErrorParam, ServerToolErrorParam as
        BetaCodeExecutionToolResultErrorParam, ServerToolErrorParam as BetaServerToolErrorParam,
        ServerToolErrorParam as BetaTextEditorCodeExecutionToolResultErrorParam, ServerToolErrorParam as
        BetaToolSearchToolResultErrorParam, ServerToolErrorParam as BetaWebFetchToolResultErrorBlockParam,
        ServerToolErrorParam as BetaWebSearchToolRequestErrorObjectParam, ServerToolErrorParam as
        BetaWebSearchToolRequestErrorParam, ServerToolUseBlockParam as BetaServerToolUseBlockParam,
        SystemMessageParam as BetaSystemMessageParam, TextBlockParam as BetaTextBlockParam, TextCitationParam
        as BetaTextCitationParam, TextEditorCodeExecutionToolResultBlockParam as
        BetaTextEditorCodeExecutionToolResultBlockParam, ThinkingBlockParam as BetaThinkingBlockParam,
        ToolReferenceBlockParam as BetaToolReferenceBlockParam, ToolResultBlockParam as
        BetaToolResultBlockParam, ToolSearchToolResultBlockParam as BetaToolSearchToolResultBlockParam,
        ToolUseBlockParam as BetaToolUseBlockParam, URLImageSourceParam as BetaURLImageSourceParam,
        URLPDFSourceParam as BetaURLPDFSourceParam, UserMessageParam as BetaUserMessageParam,
        WebFetchBlockParam as BetaWebFetchBlockParam, WebFetchToolResultBlockParam as
        BetaWebFetchToolResultBlockParam, WebSearchResultBlockParam as BetaWebSearchResultBlockParam,
        WebSearchToolResultBlockParam as BetaWebSearchToolResultBlockParam,
    )
    from ..tool_params import (
        AdvisorTool20260301Param as BetaAdvisorTool20260301Param, CodeExecutionTool20250522Param as
        BetaCodeExecutionTool20250522Param, CodeExecutionTool20250825Param as
        BetaCodeExecutionTool20250825Param, CodeExecutionTool20260120Param as
        BetaCodeExecutionTool20260120Param, CodeExecutionTool20260521Param as
        BetaCodeExecutionTool20260521Param, MCPToolsetParam as BetaMCPToolsetParam, MemoryTool20250818Param as
        BetaMemoryTool20250818Param, ToolBash20250124Param as BetaToolBash20250124Param, ToolChoiceAnyParam as
        BetaToolChoiceAnyParam, ToolChoiceAutoParam as BetaToolChoiceAutoParam, ToolChoiceNoneParam as
        BetaToolChoiceNoneParam, ToolChoiceParam as BetaToolChoiceParam, ToolChoiceToolParam as
        BetaToolChoiceToolParam, ToolComputerUseParam as BetaToolComputerUse20241022Param,
        ToolComputerUseParam as BetaToolComputerUse20250124Param, ToolComputerUseParam as
        BetaToolComputerUse20251124Param, ToolComputerUseParam as BetaToolComputerUseParam, ToolParam as
        BetaToolParam, ToolSearchToolBm25_20251119Param as BetaToolSearchToolBm25_20251119Param,
        ToolSearchToolRegex20251119Param as BetaToolSearchToolRegex20251119Param, ToolTextEditor20250124Param
        as BetaToolTextEditor20250124Param, ToolTextEditor20250429Param as BetaToolTextEditor20250429Param,
        ToolTextEditor20250728Param as BetaToolTextEditor20250728Param, ToolUnionParam as
        BetaMessageCountTokensToolParam, ToolUnionParam as BetaToolUnionParam, ToolsetParam as
        BetaBrowserToolset20260801Param, ToolsetParam as BetaComputerToolset20260801Param, ToolsetParam as
        BetaToolsetParam, UserLocationParam as BetaUserLocationParam, WebFetchTool20250910Param as
        BetaWebFetchTool20250910Param, WebFetchTool20260209Param as BetaWebFetchTool20260209Param,
        WebFetchTool20260309Param as BetaWebFetchTool20260309Param, WebFetchTool20260318Param as
        BetaWebFetchTool20260318Param, WebSearchTool20250305Param as BetaWebSearchTool20250305Param,
        WebSearchTool20260209Param as BetaWebSearchTool20260209Param, WebSearchTool20260318Param as
        BetaWebSearchTool20260318Param,
    )
    from ..words import (
        IterationsUsage as BetaIterationsUsage, Word as BetaAnthropicBetaParam, Word as
        BetaBashCodeExecutionToolResultErrorCode, Word as BetaCodeExecutionToolResultErrorCode, Word as
        BetaErrorType, Word as BetaModel, Word as BetaModelLine, Word as BetaModelParam, Word as
        BetaStopReason, Word as BetaTextEditorCodeExecutionToolResultErrorCode, Word as
        BetaThinkingPrefixMismatchBehavior, Word as BetaThinkingTypes, Word as
        BetaToolSearchToolResultErrorCode, Word as BetaWebFetchToolResultErrorCode, Word as
        BetaWebSearchToolResultErrorCode,
    )

__all__ = [
    "BetaAPIError", "BetaAPIErrorObject", "BetaAdvisorMessageIterationUsage",
    "BetaAdvisorRedactedResultBlock", "BetaAdvisorResultBlock", "BetaAdvisorTool20260301Param",
    "BetaAdvisorToolResultBlock", "BetaAdvisorToolResultBlockParam", "BetaAdvisorToolResultError",
    "BetaAdvisorToolResultErrorObject", "BetaAdvisorToolResultErrorParam", "BetaAnthropicBetaParam",
    "BetaAssistantMessageParam", "BetaAuthenticationError", "BetaAuthenticationErrorObject",
    "BetaAuthorizationCheckUnavailableError", "BetaAvailableToolsLimitExceededError",
    "BetaBase64ImageSourceParam", "BetaBase64PDFSource", "BetaBase64PDFSourceParam",
    "BetaBashCodeExecutionOutputBlock", "BetaBashCodeExecutionResultBlock",
    "BetaBashCodeExecutionToolResultBlock", "BetaBashCodeExecutionToolResultBlockParam",
    "BetaBashCodeExecutionToolResultError", "BetaBashCodeExecutionToolResultErrorCode",
    "BetaBashCodeExecutionToolResultErrorObject", "BetaBashCodeExecutionToolResultErrorParam",
    "BetaBillingError", "BetaBillingErrorObject", "BetaBrowserCloseTabToolUseBlock",
    "BetaBrowserDoubleClickToolUseBlock", "BetaBrowserFindToolUseBlock", "BetaBrowserFormInputToolUseBlock",
    "BetaBrowserGetPageTextToolUseBlock", "BetaBrowserHoldKeyToolUseBlock", "BetaBrowserHoverToolUseBlock",
    "BetaBrowserJavascriptExecToolUseBlock", "BetaBrowserKeyToolUseBlock",
    "BetaBrowserLeftClickDragToolUseBlock", "BetaBrowserLeftClickToolUseBlock",
    "BetaBrowserLeftMouseDownToolUseBlock", "BetaBrowserLeftMouseUpToolUseBlock",
    "BetaBrowserListTabsToolUseBlock", "BetaBrowserMiddleClickToolUseBlock",
    "BetaBrowserMouseMoveToolUseBlock", "BetaBrowserNavigateToolUseBlock", "BetaBrowserNewTabToolUseBlock",
    "BetaBrowserReadConsoleToolUseBlock", "BetaBrowserReadPageToolUseBlock",
    "BetaBrowserRightClickToolUseBlock", "BetaBrowserScreenshotToolUseBlock",
    "BetaBrowserScrollToToolUseBlock", "BetaBrowserScrollToolUseBlock", "BetaBrowserSwitchTabToolUseBlock",
    "BetaBrowserToolUseBlock", "BetaBrowserToolset20260801Param", "BetaBrowserTripleClickToolUseBlock",
    "BetaBrowserTypeToolUseBlock", "BetaBrowserWaitToolUseBlock", "BetaBrowserZoomToolUseBlock",
    "BetaCacheControlEphemeralParam", "BetaCacheCreation", "BetaCacheMissMessagesChanged",
    "BetaCacheMissModelChanged", "BetaCacheMissPreviousMessageNotFound", "BetaCacheMissReason",
    "BetaCacheMissSystemChanged", "BetaCacheMissToolsChanged", "BetaCacheMissUnavailable",
    "BetaChangeOutcomeUnknownError", "BetaCitationCharLocation", "BetaCitationCharLocationParam",
    "BetaCitationConfig", "BetaCitationContentBlockLocation", "BetaCitationContentBlockLocationParam",
    "BetaCitationEvent", "BetaCitationPageLocation", "BetaCitationPageLocationParam",
    "BetaCitationSearchResultLocation", "BetaCitationSearchResultLocationParam",
    "BetaCitationWebSearchResultLocationParam", "BetaCitationsConfig", "BetaCitationsConfigParam",
    "BetaCitationsDelta", "BetaCitationsSearchResultLocation", "BetaCitationsWebSearchResultLocation",
    "BetaClearThinking20251015EditResponse", "BetaClearToolUses20250919EditResponse",
    "BetaCodeExecutionOutputBlock", "BetaCodeExecutionResultBlock", "BetaCodeExecutionTool20250522Param",
    "BetaCodeExecutionTool20250825Param", "BetaCodeExecutionTool20260120Param",
    "BetaCodeExecutionTool20260521Param", "BetaCodeExecutionToolResultBlock",
    "BetaCodeExecutionToolResultBlockContent", "BetaCodeExecutionToolResultBlockParam",
    "BetaCodeExecutionToolResultError", "BetaCodeExecutionToolResultErrorCode",
    "BetaCodeExecutionToolResultErrorObject", "BetaCodeExecutionToolResultErrorParam", "BetaCompactionBlock",
    "BetaCompactionBlockAmbiguousError", "BetaCompactionBlockMisplacedError", "BetaCompactionBlockParam",
    "BetaCompactionContentBlockDelta", "BetaCompactionContentMismatchError", "BetaCompactionEvent",
    "BetaCompactionIncompleteTurnError", "BetaCompactionIterationUsage",
    "BetaCompactionNothingToSummarizeError", "BetaCompactionSignatureInvalidError",
    "BetaCompactionTooManyToolReferencesError", "BetaCompactionToolChangesMismatchError",
    "BetaCompactionUnavailableError", "BetaComputerCursorPositionToolUseBlock",
    "BetaComputerDoubleClickToolUseBlock", "BetaComputerHoldKeyToolUseBlock", "BetaComputerKeyToolUseBlock",
    "BetaComputerLeftClickDragToolUseBlock", "BetaComputerLeftClickToolUseBlock",
    "BetaComputerLeftMouseDownToolUseBlock", "BetaComputerLeftMouseUpToolUseBlock",
    "BetaComputerMiddleClickToolUseBlock", "BetaComputerMouseMoveToolUseBlock",
    "BetaComputerRightClickToolUseBlock", "BetaComputerScreenshotToolUseBlock",
    "BetaComputerScrollToolUseBlock", "BetaComputerToolUseBlock", "BetaComputerToolset20260801Param",
    "BetaComputerTripleClickToolUseBlock", "BetaComputerTypeToolUseBlock", "BetaComputerWaitToolUseBlock",
    "BetaComputerZoomToolUseBlock", "BetaContainer", "BetaContainerParams", "BetaContainerSkill",
    "BetaContainerUploadBlock", "BetaContainerUploadBlockParam", "BetaContentBlock",
    "BetaContentBlockDeltaEvent", "BetaContentBlockParam", "BetaContentBlockSourceContentParam",
    "BetaContentBlockSourceParam", "BetaContentBlockStartEvent", "BetaContentBlockStopEvent",
    "BetaContextManagementConfigParam", "BetaContextManagementResponse", "BetaDelta", "BetaDiagnostics",
    "BetaDiagnosticsParam", "BetaDirectCaller", "BetaDirectCallerParam", "BetaDocumentBlock",
    "BetaDocumentBlockParam", "BetaEncryptedCodeExecutionResultBlock", "BetaError", "BetaErrorObject",
    "BetaErrorResponse", "BetaErrorType", "BetaFallbackBlock", "BetaFallbackCreditNotApplied",
    "BetaFallbackCreditRedeemed", "BetaFallbackCreditUsage", "BetaFallbackInfo",
    "BetaFallbackMessageIterationUsage", "BetaFallbackRefusalTrigger", "BetaFileDocumentSourceParam",
    "BetaFileExpiredError", "BetaFileImageSourceParam", "BetaFileNotDownloadableError",
    "BetaGatewayTimeoutError", "BetaGatewayTimeoutErrorObject", "BetaImageBlockParam",
    "BetaImageDimensionsTooLargeError", "BetaImageTransformationsParam", "BetaInputJSONDelta",
    "BetaInputJsonEvent", "BetaInputTransformation", "BetaInvalidConfigTypeChangeError",
    "BetaInvalidMetadataError", "BetaInvalidRequestError", "BetaInvalidRequestErrorObject",
    "BetaIterationsUsage", "BetaJSONOutputFormatParam", "BetaLinkedOrganizationBillingUnavailableError",
    "BetaMCPTool", "BetaMCPToolListingBlock", "BetaMCPToolResultBlock", "BetaMCPToolUseBlock",
    "BetaMCPToolUseBlockParam", "BetaMCPToolsetParam", "BetaMemoryTool20250818Param", "BetaMessage",
    "BetaMessageContentParam", "BetaMessageCountTokensToolParam", "BetaMessageDeltaEvent",
    "BetaMessageDeltaUsage", "BetaMessageIterationUsage", "BetaMessageParam", "BetaMessageStartEvent",
    "BetaMessageStopEvent", "BetaMessageStreamEvent", "BetaMessageTokensCount", "BetaMetadataParam",
    "BetaModel", "BetaModelLine", "BetaModelParam", "BetaNotFoundError", "BetaNotFoundErrorObject",
    "BetaOrganizationOnHoldError", "BetaOrganizationTypeNotSupportedError", "BetaOutputConfigParam",
    "BetaOutputTokensDetails", "BetaOverloadedError", "BetaOverloadedErrorObject", "BetaPermissionError",
    "BetaPermissionErrorObject", "BetaPlainTextSource", "BetaPlainTextSourceParam", "BetaRateLimitError",
    "BetaRateLimitErrorObject", "BetaRawContentBlockDelta", "BetaRawContentBlockDeltaEvent",
    "BetaRawContentBlockStartEvent", "BetaRawContentBlockStopEvent", "BetaRawMessageDeltaEvent",
    "BetaRawMessageStartEvent", "BetaRawMessageStopEvent", "BetaRawMessageStreamEvent",
    "BetaRedactedThinkingBlock", "BetaRedactedThinkingBlockParam", "BetaRefusalStopDetails",
    "BetaRegionNotSupportedError", "BetaRequestBodyEncodingInvalidError",
    "BetaRequestBodyEncodingUnsupportedError", "BetaRequestBodyTimeoutError",
    "BetaRequestBodyTooLargeAfterDecodingError", "BetaRequestDocumentBlockParam",
    "BetaRequestMCPServerURLDefinitionParam", "BetaRequestMCPToolResultBlockParam",
    "BetaResponseBrowserCloseTabToolUseBlock", "BetaResponseBrowserDoubleClickToolUseBlock",
    "BetaResponseBrowserFindToolUseBlock", "BetaResponseBrowserFormInputToolUseBlock",
    "BetaResponseBrowserGetPageTextToolUseBlock", "BetaResponseBrowserHoldKeyToolUseBlock",
    "BetaResponseBrowserHoverToolUseBlock", "BetaResponseBrowserJavascriptExecToolUseBlock",
    "BetaResponseBrowserKeyToolUseBlock", "BetaResponseBrowserLeftClickDragToolUseBlock",
    "BetaResponseBrowserLeftClickToolUseBlock", "BetaResponseBrowserLeftMouseDownToolUseBlock",
    "BetaResponseBrowserLeftMouseUpToolUseBlock", "BetaResponseBrowserListTabsToolUseBlock",
    "BetaResponseBrowserMiddleClickToolUseBlock", "BetaResponseBrowserMouseMoveToolUseBlock",
    "BetaResponseBrowserNavigateToolUseBlock", "BetaResponseBrowserNewTabToolUseBlock",
    "BetaResponseBrowserReadConsoleToolUseBlock", "BetaResponseBrowserReadPageToolUseBlock",
    "BetaResponseBrowserRightClickToolUseBlock", "BetaResponseBrowserScreenshotToolUseBlock",
    "BetaResponseBrowserScrollToToolUseBlock", "BetaResponseBrowserScrollToolUseBlock",
    "BetaResponseBrowserSwitchTabToolUseBlock", "BetaResponseBrowserToolUseBlock",
    "BetaResponseBrowserTripleClickToolUseBlock", "BetaResponseBrowserTypeToolUseBlock",
    "BetaResponseBrowserWaitToolUseBlock", "BetaResponseBrowserZoomToolUseBlock",
    "BetaResponseComputerCursorPositionToolUseBlock", "BetaResponseComputerDoubleClickToolUseBlock",
    "BetaResponseComputerHoldKeyToolUseBlock", "BetaResponseComputerKeyToolUseBlock",
    "BetaResponseComputerLeftClickDragToolUseBlock", "BetaResponseComputerLeftClickToolUseBlock",
    "BetaResponseComputerLeftMouseDownToolUseBlock", "BetaResponseComputerLeftMouseUpToolUseBlock",
    "BetaResponseComputerMiddleClickToolUseBlock", "BetaResponseComputerMouseMoveToolUseBlock",
    "BetaResponseComputerRightClickToolUseBlock", "BetaResponseComputerScreenshotToolUseBlock",
    "BetaResponseComputerScrollToolUseBlock", "BetaResponseComputerToolUseBlock",
    "BetaResponseComputerTripleClickToolUseBlock", "BetaResponseComputerTypeToolUseBlock",
    "BetaResponseComputerWaitToolUseBlock", "BetaResponseComputerZoomToolUseBlock",
    "BetaResponseToolAdditionBlock", "BetaResponseToolChangeMCPToolReference",
    "BetaResponseToolChangeMCPToolsetReference", "BetaResponseToolChangeToolReference",
    "BetaResponseToolRemovalBlock", "BetaResponseToolUseBlockUnion", "BetaSandboxEgressRestrictedError",
    "BetaSearchResultBlockParam", "BetaSearchResultLocationParam", "BetaServerToolCaller",
    "BetaServerToolCaller20260120", "BetaServerToolCaller20260120Param", "BetaServerToolCallerParam",
    "BetaServerToolErrorParam", "BetaServerToolUsage", "BetaServerToolUseBlock",
    "BetaServerToolUseBlockParam", "BetaSignatureDelta", "BetaSignatureEvent", "BetaSkillParams",
    "BetaStopReason", "BetaSystemMessageParam", "BetaTextBlock", "BetaTextBlockParam", "BetaTextCitation",
    "BetaTextCitationParam", "BetaTextDelta", "BetaTextEditorCodeExecutionCreateResultBlock",
    "BetaTextEditorCodeExecutionStrReplaceResultBlock", "BetaTextEditorCodeExecutionToolResultBlock",
    "BetaTextEditorCodeExecutionToolResultBlockParam", "BetaTextEditorCodeExecutionToolResultError",
    "BetaTextEditorCodeExecutionToolResultErrorCode", "BetaTextEditorCodeExecutionToolResultErrorObject",
    "BetaTextEditorCodeExecutionToolResultErrorParam", "BetaTextEditorCodeExecutionViewResultBlock",
    "BetaTextEvent", "BetaThinkingBlock", "BetaThinkingBlockParam", "BetaThinkingConfigAdaptiveParam",
    "BetaThinkingConfigBetweenToolsParam", "BetaThinkingConfigDisabledParam",
    "BetaThinkingConfigEnabledParam", "BetaThinkingConfigParam", "BetaThinkingDelta",
    "BetaThinkingDroppedInputTransformation", "BetaThinkingEvent",
    "BetaThinkingMismatchAllowedInputTransformation", "BetaThinkingPrefixMismatchBehavior",
    "BetaThinkingTypes", "BetaToolBash20250124Param", "BetaToolChangeToolDefinition",
    "BetaToolChoiceAnyParam", "BetaToolChoiceAutoParam", "BetaToolChoiceNoneParam", "BetaToolChoiceParam",
    "BetaToolChoiceToolParam", "BetaToolComputerUse20241022Param", "BetaToolComputerUse20250124Param",
    "BetaToolComputerUse20251124Param", "BetaToolComputerUseParam", "BetaToolNameConflictError",
    "BetaToolParam", "BetaToolReferenceBlock", "BetaToolReferenceBlockParam",
    "BetaToolReferenceUnresolvedError", "BetaToolResultBlockParam", "BetaToolSearchToolBm25_20251119Param",
    "BetaToolSearchToolRegex20251119Param", "BetaToolSearchToolResultBlock",
    "BetaToolSearchToolResultBlockParam", "BetaToolSearchToolResultError",
    "BetaToolSearchToolResultErrorCode", "BetaToolSearchToolResultErrorObject",
    "BetaToolSearchToolResultErrorParam", "BetaToolSearchToolSearchResultBlock",
    "BetaToolTextEditor20250124Param", "BetaToolTextEditor20250429Param", "BetaToolTextEditor20250728Param",
    "BetaToolUnionParam", "BetaToolUseBlock", "BetaToolUseBlockParam", "BetaToolUseCaller",
    "BetaToolsetParam", "BetaToolsetToolUseBlock", "BetaURLImageSourceParam", "BetaURLPDFSourceParam",
    "BetaUnknownBlock", "BetaUnknownDelta", "BetaUnknownEvent", "BetaUnsupportedCharsetError", "BetaUsage",
    "BetaUserLocationParam", "BetaUserMessageParam", "BetaWebFetchBlock", "BetaWebFetchBlockParam",
    "BetaWebFetchTool20250910Param", "BetaWebFetchTool20260209Param", "BetaWebFetchTool20260309Param",
    "BetaWebFetchTool20260318Param", "BetaWebFetchToolResultBlock", "BetaWebFetchToolResultBlockParam",
    "BetaWebFetchToolResultErrorBlock", "BetaWebFetchToolResultErrorBlockParam",
    "BetaWebFetchToolResultErrorCode", "BetaWebSearchResultBlock", "BetaWebSearchResultBlockParam",
    "BetaWebSearchTool20250305Param", "BetaWebSearchTool20260209Param", "BetaWebSearchTool20260318Param",
    "BetaWebSearchToolRequestErrorObjectParam", "BetaWebSearchToolRequestErrorParam",
    "BetaWebSearchToolResultBlock", "BetaWebSearchToolResultBlockContent",
    "BetaWebSearchToolResultBlockParam", "BetaWebSearchToolResultError", "BetaWebSearchToolResultErrorCode",
    "BetaWebSearchToolResultErrorObject", "MessageCountTokensParams", "MessageCreateParams",
    "MessageCreateParamsBase", "MessageCreateParamsNonStreaming", "MessageCreateParamsStreaming",
    "ParsedBetaContentBlock", "ParsedBetaMessage", "ParsedBetaTextBlock",
]
# fmt: on
"""The types that are known to type checkers; to them an object without a type of its own here is Any."""


def __getattr__(name: str) -> Any:
    """Import a type when it is first used."""
    globals()[name] = found = find(__name__, BETA_NAMES, name)
    return found


def __dir__() -> list[str]:
    """List the names of all types."""
    return sorted(BETA_NAMES)


install(__name__, BETA_NAMES)
