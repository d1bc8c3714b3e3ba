"""The types of requests, answers and events, by the names that the official client gives them.

    from sseclaude.types import Message, MessageParam, TextBlock, ToolParam

A type is imported when it is first used. The names with ``Param`` are TypedDicts for type checkers;
nothing is checked when the program runs. ``sseclaude.types.beta`` has the same types under ``Beta`` names.
"""

# The names stand here for type checkers; `names` has them for the program.
# ruff: noqa: I001
# mypy: disable-error-code="import-not-found"
# pyright: reportMissingImports=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .lookup import find, install
from .names import NAMES

# fmt: off
if TYPE_CHECKING:
    from .. import (
        MessageTokensCount,
    )
    from ..blocks import (
        AdvisorToolResultBlock, AnyCitation as TextCitation, BashCodeExecutionToolResultBlock, CharLocation as
        CitationCharLocation, CodeExecutionToolResultBlock, CompactionBlock, ContainerUploadBlock,
        ContentBlock, ContentBlock as ParsedContentBlock, ContentBlockLocation as
        CitationContentBlockLocation, FallbackBlock, MCPToolListingBlock, MCPToolResultBlock, MCPToolUseBlock,
        ModelReference as FallbackInfo, PageLocation as CitationPageLocation, RedactedThinkingBlock,
        SearchResultLocation as CitationSearchResultLocation, SearchResultLocation as
        CitationsSearchResultLocation, ServerToolUseBlock, TextBlock as ParsedTextBlock, TextBlock,
        TextEditorCodeExecutionToolResultBlock, ThinkingBlock, ToolSearchToolResultBlock, ToolUseBlock as
        BrowserCloseTabToolUseBlock, ToolUseBlock as BrowserDoubleClickToolUseBlock, ToolUseBlock as
        BrowserFindToolUseBlock, ToolUseBlock as BrowserFormInputToolUseBlock, ToolUseBlock as
        BrowserGetPageTextToolUseBlock, ToolUseBlock as BrowserHoldKeyToolUseBlock, ToolUseBlock as
        BrowserHoverToolUseBlock, ToolUseBlock as BrowserJavascriptExecToolUseBlock, ToolUseBlock as
        BrowserKeyToolUseBlock, ToolUseBlock as BrowserLeftClickDragToolUseBlock, ToolUseBlock as
        BrowserLeftClickToolUseBlock, ToolUseBlock as BrowserLeftMouseDownToolUseBlock, ToolUseBlock as
        BrowserLeftMouseUpToolUseBlock, ToolUseBlock as BrowserListTabsToolUseBlock, ToolUseBlock as
        BrowserMiddleClickToolUseBlock, ToolUseBlock as BrowserMouseMoveToolUseBlock, ToolUseBlock as
        BrowserNavigateToolUseBlock, ToolUseBlock as BrowserNewTabToolUseBlock, ToolUseBlock as
        BrowserReadConsoleToolUseBlock, ToolUseBlock as BrowserReadPageToolUseBlock, ToolUseBlock as
        BrowserRightClickToolUseBlock, ToolUseBlock as BrowserScreenshotToolUseBlock, ToolUseBlock as
        BrowserScrollToToolUseBlock, ToolUseBlock as BrowserScrollToolUseBlock, ToolUseBlock as
        BrowserSwitchTabToolUseBlock, ToolUseBlock as BrowserToolUseBlock, ToolUseBlock as
        BrowserTripleClickToolUseBlock, ToolUseBlock as BrowserTypeToolUseBlock, ToolUseBlock as
        BrowserWaitToolUseBlock, ToolUseBlock as BrowserZoomToolUseBlock, ToolUseBlock as
        ComputerCursorPositionToolUseBlock, ToolUseBlock as ComputerDoubleClickToolUseBlock, ToolUseBlock as
        ComputerHoldKeyToolUseBlock, ToolUseBlock as ComputerKeyToolUseBlock, ToolUseBlock as
        ComputerLeftClickDragToolUseBlock, ToolUseBlock as ComputerLeftClickToolUseBlock, ToolUseBlock as
        ComputerLeftMouseDownToolUseBlock, ToolUseBlock as ComputerLeftMouseUpToolUseBlock, ToolUseBlock as
        ComputerMiddleClickToolUseBlock, ToolUseBlock as ComputerMouseMoveToolUseBlock, ToolUseBlock as
        ComputerRightClickToolUseBlock, ToolUseBlock as ComputerScreenshotToolUseBlock, ToolUseBlock as
        ComputerScrollToolUseBlock, ToolUseBlock as ComputerToolUseBlock, ToolUseBlock as
        ComputerTripleClickToolUseBlock, ToolUseBlock as ComputerTypeToolUseBlock, ToolUseBlock as
        ComputerWaitToolUseBlock, ToolUseBlock as ComputerZoomToolUseBlock, ToolUseBlock as
        ResponseBrowserCloseTabToolUseBlock, ToolUseBlock as ResponseBrowserDoubleClickToolUseBlock,
        ToolUseBlock as ResponseBrowserFindToolUseBlock, ToolUseBlock as ResponseBrowserFormInputToolUseBlock,
        ToolUseBlock as ResponseBrowserGetPageTextToolUseBlock, ToolUseBlock as
        ResponseBrowserHoldKeyToolUseBlock, ToolUseBlock as ResponseBrowserHoverToolUseBlock, ToolUseBlock as
        ResponseBrowserJavascriptExecToolUseBlock, ToolUseBlock as ResponseBrowserKeyToolUseBlock,
        ToolUseBlock as ResponseBrowserLeftClickDragToolUseBlock, ToolUseBlock as
        ResponseBrowserLeftClickToolUseBlock, ToolUseBlock as ResponseBrowserLeftMouseDownToolUseBlock,
        ToolUseBlock as ResponseBrowserLeftMouseUpToolUseBlock, ToolUseBlock as
        ResponseBrowserListTabsToolUseBlock, ToolUseBlock as ResponseBrowserMiddleClickToolUseBlock,
        ToolUseBlock as ResponseBrowserMouseMoveToolUseBlock, ToolUseBlock as
        ResponseBrowserNavigateToolUseBlock, ToolUseBlock as ResponseBrowserNewTabToolUseBlock, ToolUseBlock
        as ResponseBrowserReadConsoleToolUseBlock, ToolUseBlock as ResponseBrowserReadPageToolUseBlock,
        ToolUseBlock as ResponseBrowserRightClickToolUseBlock, ToolUseBlock as
        ResponseBrowserScreenshotToolUseBlock, ToolUseBlock as ResponseBrowserScrollToToolUseBlock,
        ToolUseBlock as ResponseBrowserScrollToolUseBlock, ToolUseBlock as
        ResponseBrowserSwitchTabToolUseBlock, ToolUseBlock as ResponseBrowserToolUseBlock, ToolUseBlock as
        ResponseBrowserTripleClickToolUseBlock, ToolUseBlock as ResponseBrowserTypeToolUseBlock, ToolUseBlock
        as ResponseBrowserWaitToolUseBlock, ToolUseBlock as ResponseBrowserZoomToolUseBlock, ToolUseBlock as
        ResponseComputerCursorPositionToolUseBlock, ToolUseBlock as ResponseComputerDoubleClickToolUseBlock,
        ToolUseBlock as ResponseComputerHoldKeyToolUseBlock, ToolUseBlock as ResponseComputerKeyToolUseBlock,
        ToolUseBlock as ResponseComputerLeftClickDragToolUseBlock, ToolUseBlock as
        ResponseComputerLeftClickToolUseBlock, ToolUseBlock as ResponseComputerLeftMouseDownToolUseBlock,
        ToolUseBlock as ResponseComputerLeftMouseUpToolUseBlock, ToolUseBlock as
        ResponseComputerMiddleClickToolUseBlock, ToolUseBlock as ResponseComputerMouseMoveToolUseBlock,
        ToolUseBlock as ResponseComputerRightClickToolUseBlock, ToolUseBlock as
        ResponseComputerScreenshotToolUseBlock, ToolUseBlock as ResponseComputerScrollToolUseBlock,
        ToolUseBlock as ResponseComputerToolUseBlock, ToolUseBlock as ResponseComputerTripleClickToolUseBlock,
        ToolUseBlock as ResponseComputerTypeToolUseBlock, ToolUseBlock as ResponseComputerWaitToolUseBlock,
        ToolUseBlock as ResponseComputerZoomToolUseBlock, ToolUseBlock as ResponseToolUseBlockUnion,
        ToolUseBlock, ToolUseBlock as ToolsetToolUseBlock, UnknownBlock, WebFetchToolResultBlock,
        WebSearchResultLocation as CitationsWebSearchResultLocation, WebSearchToolResultBlock,
    )
    from ..blocks.results import (
        AdvisorRedactedResultBlock, AdvisorResultBlock, AdvisorToolResultError, AdvisorToolResultError as
        AdvisorToolResultErrorObject, Base64PDFSource, BashCodeExecutionOutputBlock,
        BashCodeExecutionResultBlock, BashCodeExecutionToolResultError, BashCodeExecutionToolResultError as
        BashCodeExecutionToolResultErrorObject, Caller as ToolUseCaller, CitationsConfig as CitationConfig,
        CitationsConfig, CodeExecutionContent as CodeExecutionToolResultBlockContent,
        CodeExecutionOutputBlock, CodeExecutionResultBlock, CodeExecutionToolResultError,
        CodeExecutionToolResultError as CodeExecutionToolResultErrorObject, DirectCaller, DocumentBlock,
        EncryptedCodeExecutionResultBlock, FallbackRefusalTrigger, MCPTool, PlainTextSource, ServerToolCaller,
        ServerToolCaller20260120, TextEditorCodeExecutionCreateResultBlock,
        TextEditorCodeExecutionStrReplaceResultBlock, TextEditorCodeExecutionToolResultError,
        TextEditorCodeExecutionToolResultError as TextEditorCodeExecutionToolResultErrorObject,
        TextEditorCodeExecutionViewResultBlock, ToolAdditionBlock as ResponseToolAdditionBlock,
        ToolChangeMCPToolReference as ResponseToolChangeMCPToolReference, ToolChangeMCPToolsetReference as
        ResponseToolChangeMCPToolsetReference, ToolChangeToolDefinition, ToolChangeToolReference as
        ResponseToolChangeToolReference, ToolReferenceBlock, ToolRemovalBlock as ResponseToolRemovalBlock,
        ToolSearchToolResultError, ToolSearchToolResultError as ToolSearchToolResultErrorObject,
        ToolSearchToolSearchResultBlock, WebFetchBlock, WebFetchToolResultError as
        WebFetchToolResultErrorBlock, WebSearchContent as WebSearchToolResultBlockContent, WebSearchResult as
        WebSearchResultBlock, WebSearchToolResultError, WebSearchToolResultError as
        WebSearchToolResultErrorObject,
    )
    from ..client.params import (
        MessageCountTokensParams, MessageCreateParams, MessageCreateParams as MessageCreateParamsBase,
        MessageCreateParams as MessageCreateParamsNonStreaming, MessageCreateParams as
        MessageCreateParamsStreaming,
    )
    from ..derived_events import (
        CitationEvent, CompactionEvent, ContentBlockStopEvent, InputJsonEvent, MessageStopEvent,
        MessageStreamEvent, SignatureEvent, TextEvent, ThinkingEvent,
    )
    from ..events import (
        CitationsDelta, CompactionDelta as CompactionContentBlockDelta, ContentBlockDeltaEvent,
        ContentBlockDeltaEvent as RawContentBlockDeltaEvent, ContentBlockStartEvent, ContentBlockStartEvent as
        RawContentBlockStartEvent, Delta as RawContentBlockDelta, ErrorDetail as APIError, ErrorDetail as
        APIErrorObject, ErrorDetail as AuthenticationError, ErrorDetail as AuthenticationErrorObject,
        ErrorDetail as AuthorizationCheckUnavailableError, ErrorDetail as AvailableToolsLimitExceededError,
        ErrorDetail as BillingError, ErrorDetail as BillingErrorObject, ErrorDetail as
        ChangeOutcomeUnknownError, ErrorDetail as CompactionBlockAmbiguousError, ErrorDetail as
        CompactionBlockMisplacedError, ErrorDetail as CompactionContentMismatchError, ErrorDetail as
        CompactionIncompleteTurnError, ErrorDetail as CompactionNothingToSummarizeError, ErrorDetail as
        CompactionSignatureInvalidError, ErrorDetail as CompactionTooManyToolReferencesError, ErrorDetail as
        CompactionToolChangesMismatchError, ErrorDetail as CompactionUnavailableError, ErrorDetail as Error,
        ErrorDetail as ErrorObject, ErrorDetail as FileExpiredError, ErrorDetail as FileNotDownloadableError,
        ErrorDetail as GatewayTimeoutError, ErrorDetail as GatewayTimeoutErrorObject, ErrorDetail as
        ImageDimensionsTooLargeError, ErrorDetail as InvalidConfigTypeChangeError, ErrorDetail as
        InvalidMetadataError, ErrorDetail as InvalidRequestError, ErrorDetail as InvalidRequestErrorObject,
        ErrorDetail as LinkedOrganizationBillingUnavailableError, ErrorDetail as NotFoundError, ErrorDetail as
        NotFoundErrorObject, ErrorDetail as OrganizationOnHoldError, ErrorDetail as
        OrganizationTypeNotSupportedError, ErrorDetail as OverloadedError, ErrorDetail as
        OverloadedErrorObject, ErrorDetail as PermissionError, ErrorDetail as PermissionErrorObject,
        ErrorDetail as RateLimitError, ErrorDetail as RateLimitErrorObject, ErrorDetail as
        RegionNotSupportedError, ErrorDetail as RequestBodyEncodingInvalidError, ErrorDetail as
        RequestBodyEncodingUnsupportedError, ErrorDetail as RequestBodyTimeoutError, ErrorDetail as
        RequestBodyTooLargeAfterDecodingError, ErrorDetail as SandboxEgressRestrictedError, ErrorDetail as
        ToolNameConflictError, ErrorDetail as ToolReferenceUnresolvedError, ErrorDetail as
        UnsupportedCharsetError, ErrorEvent as ErrorResponse, InputJSONDelta, MessageDelta as Delta,
        MessageDeltaEvent, MessageDeltaEvent as RawMessageDeltaEvent, MessageStartEvent, MessageStartEvent as
        RawMessageStartEvent, RawContentBlockStopEvent, RawMessageStopEvent, RawMessageStreamEvent,
        SignatureDelta, TextDelta, ThinkingDelta, UnknownDelta, UnknownEvent,
    )
    from ..message import (
        CacheCreation, Container, ContextManagement as ContextManagementResponse, IterationUsage as
        AdvisorMessageIterationUsage, IterationUsage as CompactionIterationUsage, IterationUsage as
        FallbackMessageIterationUsage, IterationUsage as MessageIterationUsage, Message, OutputTokensDetails,
        ParsedMessage, ServerToolUsage, StopDetails as RefusalStopDetails, Usage as MessageDeltaUsage, Usage,
    )
    from ..message_details import (
        CacheMissMessagesChanged, CacheMissModelChanged, CacheMissPreviousMessageNotFound, CacheMissReason,
        CacheMissSystemChanged, CacheMissToolsChanged, CacheMissUnavailable, ClearThinkingEdit as
        ClearThinking20251015EditResponse, ClearToolUsesEdit as ClearToolUses20250919EditResponse,
        ContainerSkill, Diagnostics, FallbackCreditNotApplied, FallbackCreditRedeemed, FallbackCreditUsage,
        InputTransformation, ThinkingDroppedTransformation as ThinkingDroppedInputTransformation,
        ThinkingMismatchAllowedTransformation as ThinkingMismatchAllowedInputTransformation,
    )
    from .config_params import (
        ContainerParams, ContextManagementConfigParam, DiagnosticsParam, JSONOutputFormatParam, MetadataParam,
        OutputConfigParam, RequestMCPServerURLDefinitionParam, SkillParams, ThinkingConfigAdaptiveParam,
        ThinkingConfigBetweenToolsParam, ThinkingConfigDisabledParam, ThinkingConfigEnabledParam,
        ThinkingConfigParam,
    )
    from .content_params import (
        AdvisorToolResultBlockParam, AssistantMessageParam, Base64ImageSourceParam, Base64PDFSourceParam,
        BashCodeExecutionToolResultBlockParam, CacheControlEphemeralParam, CitationCharLocationParam,
        CitationContentBlockLocationParam, CitationPageLocationParam, CitationSearchResultLocationParam,
        CitationSearchResultLocationParam as SearchResultLocationParam, CitationWebSearchResultLocationParam,
        CitationsConfigParam, CodeExecutionToolResultBlockParam, CompactionBlockParam,
        ContainerUploadBlockParam, ContentBlockParam, ContentBlockSourceContentParam, ContentBlockSourceParam,
        DirectCallerParam, DocumentBlockParam, DocumentBlockParam as RequestDocumentBlockParam,
        FileDocumentSourceParam, FileImageSourceParam, ImageBlockParam, ImageTransformationsParam,
        MCPToolUseBlockParam, MessageContentParam, MessageParam, PlainTextSourceParam,
        RedactedThinkingBlockParam, RequestMCPToolResultBlockParam, SearchResultBlockParam,
        ServerToolCaller20260120Param, ServerToolCallerParam, ServerToolErrorParam as
        AdvisorToolResultErrorParam, ServerToolErrorParam as BashCodeExecutionToolResultErrorParam,
        ServerToolErrorParam as CodeExecutionToolResultErrorParam, ServerToolErrorParam, ServerToolErrorParam
        as TextEditorCodeExecutionToolResultErrorParam, ServerToolErrorParam as
        ToolSearchToolResultErrorParam, ServerToolErrorParam as WebFetchToolResultErrorBlockParam,
        ServerToolErrorParam as WebSearchToolRequestErrorObjectParam, ServerToolErrorParam as
        WebSearchToolRequestErrorParam, ServerToolUseBlockParam, SystemMessageParam, TextBlockParam,
        TextCitationParam, TextEditorCodeExecutionToolResultBlockParam, ThinkingBlockParam,
        ToolReferenceBlockParam, ToolResultBlockParam, ToolSearchToolResultBlockParam, ToolUseBlockParam,
        URLImageSourceParam, URLPDFSourceParam, UserMessageParam, WebFetchBlockParam,
        WebFetchToolResultBlockParam, WebSearchResultBlockParam, WebSearchToolResultBlockParam,
    )
    from .tool_params import (
        AdvisorTool20260301Param, CodeExecutionTool20250522Param, CodeExecutionTool20250825Param,
        CodeExecutionTool20260120Param, CodeExecutionTool20260521Param, MCPToolsetParam,
        MemoryTool20250818Param, ToolBash20250124Param, ToolChoiceAnyParam, ToolChoiceAutoParam,
        ToolChoiceNoneParam, ToolChoiceParam, ToolChoiceToolParam, ToolComputerUseParam as
        ToolComputerUse20241022Param, ToolComputerUseParam as ToolComputerUse20250124Param,
        ToolComputerUseParam as ToolComputerUse20251124Param, ToolComputerUseParam, ToolParam,
        ToolSearchToolBm25_20251119Param, ToolSearchToolRegex20251119Param, ToolTextEditor20250124Param,
        ToolTextEditor20250429Param, ToolTextEditor20250728Param, ToolUnionParam as
        MessageCountTokensToolParam, ToolUnionParam, ToolsetParam as BrowserToolset20260801Param, ToolsetParam
        as ComputerToolset20260801Param, ToolsetParam, UserLocationParam, WebFetchTool20250910Param,
        WebFetchTool20260209Param, WebFetchTool20260309Param, WebFetchTool20260318Param,
        WebSearchTool20250305Param, WebSearchTool20260209Param, WebSearchTool20260318Param,
    )
    from .words import (
        IterationsUsage, Word as AnthropicBetaParam, Word as BashCodeExecutionToolResultErrorCode, Word as
        CodeExecutionToolResultErrorCode, Word as ErrorType, Word as Model, Word as ModelLine, Word as
        ModelParam, Word as StopReason, Word as TextEditorCodeExecutionToolResultErrorCode, Word as
        ThinkingPrefixMismatchBehavior, Word as ThinkingTypes, Word as ToolSearchToolResultErrorCode, Word as
        WebFetchToolResultErrorCode, Word as WebSearchToolResultErrorCode,
    )

__all__ = [
    "APIError", "APIErrorObject", "AdvisorMessageIterationUsage", "AdvisorRedactedResultBlock",
    "AdvisorResultBlock", "AdvisorTool20260301Param", "AdvisorToolResultBlock", "AdvisorToolResultBlockParam",
    "AdvisorToolResultError", "AdvisorToolResultErrorObject", "AdvisorToolResultErrorParam",
    "AnthropicBetaParam", "AssistantMessageParam", "AuthenticationError", "AuthenticationErrorObject",
    "AuthorizationCheckUnavailableError", "AvailableToolsLimitExceededError", "Base64ImageSourceParam",
    "Base64PDFSource", "Base64PDFSourceParam", "BashCodeExecutionOutputBlock", "BashCodeExecutionResultBlock",
    "BashCodeExecutionToolResultBlock", "BashCodeExecutionToolResultBlockParam",
    "BashCodeExecutionToolResultError", "BashCodeExecutionToolResultErrorCode",
    "BashCodeExecutionToolResultErrorObject", "BashCodeExecutionToolResultErrorParam", "BillingError",
    "BillingErrorObject", "BrowserCloseTabToolUseBlock", "BrowserDoubleClickToolUseBlock",
    "BrowserFindToolUseBlock", "BrowserFormInputToolUseBlock", "BrowserGetPageTextToolUseBlock",
    "BrowserHoldKeyToolUseBlock", "BrowserHoverToolUseBlock", "BrowserJavascriptExecToolUseBlock",
    "BrowserKeyToolUseBlock", "BrowserLeftClickDragToolUseBlock", "BrowserLeftClickToolUseBlock",
    "BrowserLeftMouseDownToolUseBlock", "BrowserLeftMouseUpToolUseBlock", "BrowserListTabsToolUseBlock",
    "BrowserMiddleClickToolUseBlock", "BrowserMouseMoveToolUseBlock", "BrowserNavigateToolUseBlock",
    "BrowserNewTabToolUseBlock", "BrowserReadConsoleToolUseBlock", "BrowserReadPageToolUseBlock",
    "BrowserRightClickToolUseBlock", "BrowserScreenshotToolUseBlock", "BrowserScrollToToolUseBlock",
    "BrowserScrollToolUseBlock", "BrowserSwitchTabToolUseBlock", "BrowserToolUseBlock",
    "BrowserToolset20260801Param", "BrowserTripleClickToolUseBlock", "BrowserTypeToolUseBlock",
    "BrowserWaitToolUseBlock", "BrowserZoomToolUseBlock", "CacheControlEphemeralParam", "CacheCreation",
    "CacheMissMessagesChanged", "CacheMissModelChanged", "CacheMissPreviousMessageNotFound",
    "CacheMissReason", "CacheMissSystemChanged", "CacheMissToolsChanged", "CacheMissUnavailable",
    "ChangeOutcomeUnknownError", "CitationCharLocation", "CitationCharLocationParam", "CitationConfig",
    "CitationContentBlockLocation", "CitationContentBlockLocationParam", "CitationEvent",
    "CitationPageLocation", "CitationPageLocationParam", "CitationSearchResultLocation",
    "CitationSearchResultLocationParam", "CitationWebSearchResultLocationParam", "CitationsConfig",
    "CitationsConfigParam", "CitationsDelta", "CitationsSearchResultLocation",
    "CitationsWebSearchResultLocation", "ClearThinking20251015EditResponse",
    "ClearToolUses20250919EditResponse", "CodeExecutionOutputBlock", "CodeExecutionResultBlock",
    "CodeExecutionTool20250522Param", "CodeExecutionTool20250825Param", "CodeExecutionTool20260120Param",
    "CodeExecutionTool20260521Param", "CodeExecutionToolResultBlock", "CodeExecutionToolResultBlockContent",
    "CodeExecutionToolResultBlockParam", "CodeExecutionToolResultError", "CodeExecutionToolResultErrorCode",
    "CodeExecutionToolResultErrorObject", "CodeExecutionToolResultErrorParam", "CompactionBlock",
    "CompactionBlockAmbiguousError", "CompactionBlockMisplacedError", "CompactionBlockParam",
    "CompactionContentBlockDelta", "CompactionContentMismatchError", "CompactionEvent",
    "CompactionIncompleteTurnError", "CompactionIterationUsage", "CompactionNothingToSummarizeError",
    "CompactionSignatureInvalidError", "CompactionTooManyToolReferencesError",
    "CompactionToolChangesMismatchError", "CompactionUnavailableError", "ComputerCursorPositionToolUseBlock",
    "ComputerDoubleClickToolUseBlock", "ComputerHoldKeyToolUseBlock", "ComputerKeyToolUseBlock",
    "ComputerLeftClickDragToolUseBlock", "ComputerLeftClickToolUseBlock", "ComputerLeftMouseDownToolUseBlock",
    "ComputerLeftMouseUpToolUseBlock", "ComputerMiddleClickToolUseBlock", "ComputerMouseMoveToolUseBlock",
    "ComputerRightClickToolUseBlock", "ComputerScreenshotToolUseBlock", "ComputerScrollToolUseBlock",
    "ComputerToolUseBlock", "ComputerToolset20260801Param", "ComputerTripleClickToolUseBlock",
    "ComputerTypeToolUseBlock", "ComputerWaitToolUseBlock", "ComputerZoomToolUseBlock", "Container",
    "ContainerParams", "ContainerSkill", "ContainerUploadBlock", "ContainerUploadBlockParam", "ContentBlock",
    "ContentBlockDeltaEvent", "ContentBlockParam", "ContentBlockSourceContentParam",
    "ContentBlockSourceParam", "ContentBlockStartEvent", "ContentBlockStopEvent",
    "ContextManagementConfigParam", "ContextManagementResponse", "Delta", "Diagnostics", "DiagnosticsParam",
    "DirectCaller", "DirectCallerParam", "DocumentBlock", "DocumentBlockParam",
    "EncryptedCodeExecutionResultBlock", "Error", "ErrorObject", "ErrorResponse", "ErrorType",
    "FallbackBlock", "FallbackCreditNotApplied", "FallbackCreditRedeemed", "FallbackCreditUsage",
    "FallbackInfo", "FallbackMessageIterationUsage", "FallbackRefusalTrigger", "FileDocumentSourceParam",
    "FileExpiredError", "FileImageSourceParam", "FileNotDownloadableError", "GatewayTimeoutError",
    "GatewayTimeoutErrorObject", "ImageBlockParam", "ImageDimensionsTooLargeError",
    "ImageTransformationsParam", "InputJSONDelta", "InputJsonEvent", "InputTransformation",
    "InvalidConfigTypeChangeError", "InvalidMetadataError", "InvalidRequestError",
    "InvalidRequestErrorObject", "IterationsUsage", "JSONOutputFormatParam",
    "LinkedOrganizationBillingUnavailableError", "MCPTool", "MCPToolListingBlock", "MCPToolResultBlock",
    "MCPToolUseBlock", "MCPToolUseBlockParam", "MCPToolsetParam", "MemoryTool20250818Param", "Message",
    "MessageContentParam", "MessageCountTokensParams", "MessageCountTokensToolParam", "MessageCreateParams",
    "MessageCreateParamsBase", "MessageCreateParamsNonStreaming", "MessageCreateParamsStreaming",
    "MessageDeltaEvent", "MessageDeltaUsage", "MessageIterationUsage", "MessageParam", "MessageStartEvent",
    "MessageStopEvent", "MessageStreamEvent", "MessageTokensCount", "MetadataParam", "Model", "ModelLine",
    "ModelParam", "NotFoundError", "NotFoundErrorObject", "OrganizationOnHoldError",
    "OrganizationTypeNotSupportedError", "OutputConfigParam", "OutputTokensDetails", "OverloadedError",
    "OverloadedErrorObject", "ParsedContentBlock", "ParsedMessage", "ParsedTextBlock", "PermissionError",
    "PermissionErrorObject", "PlainTextSource", "PlainTextSourceParam", "RateLimitError",
    "RateLimitErrorObject", "RawContentBlockDelta", "RawContentBlockDeltaEvent", "RawContentBlockStartEvent",
    "RawContentBlockStopEvent", "RawMessageDeltaEvent", "RawMessageStartEvent", "RawMessageStopEvent",
    "RawMessageStreamEvent", "RedactedThinkingBlock", "RedactedThinkingBlockParam", "RefusalStopDetails",
    "RegionNotSupportedError", "RequestBodyEncodingInvalidError", "RequestBodyEncodingUnsupportedError",
    "RequestBodyTimeoutError", "RequestBodyTooLargeAfterDecodingError", "RequestDocumentBlockParam",
    "RequestMCPServerURLDefinitionParam", "RequestMCPToolResultBlockParam",
    "ResponseBrowserCloseTabToolUseBlock", "ResponseBrowserDoubleClickToolUseBlock",
    "ResponseBrowserFindToolUseBlock", "ResponseBrowserFormInputToolUseBlock",
    "ResponseBrowserGetPageTextToolUseBlock", "ResponseBrowserHoldKeyToolUseBlock",
    "ResponseBrowserHoverToolUseBlock", "ResponseBrowserJavascriptExecToolUseBlock",
    "ResponseBrowserKeyToolUseBlock", "ResponseBrowserLeftClickDragToolUseBlock",
    "ResponseBrowserLeftClickToolUseBlock", "ResponseBrowserLeftMouseDownToolUseBlock",
    "ResponseBrowserLeftMouseUpToolUseBlock", "ResponseBrowserListTabsToolUseBlock",
    "ResponseBrowserMiddleClickToolUseBlock", "ResponseBrowserMouseMoveToolUseBlock",
    "ResponseBrowserNavigateToolUseBlock", "ResponseBrowserNewTabToolUseBlock",
    "ResponseBrowserReadConsoleToolUseBlock", "ResponseBrowserReadPageToolUseBlock",
    "ResponseBrowserRightClickToolUseBlock", "ResponseBrowserScreenshotToolUseBlock",
    "ResponseBrowserScrollToToolUseBlock", "ResponseBrowserScrollToolUseBlock",
    "ResponseBrowserSwitchTabToolUseBlock", "ResponseBrowserToolUseBlock",
    "ResponseBrowserTripleClickToolUseBlock", "ResponseBrowserTypeToolUseBlock",
    "ResponseBrowserWaitToolUseBlock", "ResponseBrowserZoomToolUseBlock",
    "ResponseComputerCursorPositionToolUseBlock", "ResponseComputerDoubleClickToolUseBlock",
    "ResponseComputerHoldKeyToolUseBlock", "ResponseComputerKeyToolUseBlock",
    "ResponseComputerLeftClickDragToolUseBlock", "ResponseComputerLeftClickToolUseBlock",
    "ResponseComputerLeftMouseDownToolUseBlock", "ResponseComputerLeftMouseUpToolUseBlock",
    "ResponseComputerMiddleClickToolUseBlock", "ResponseComputerMouseMoveToolUseBlock",
    "ResponseComputerRightClickToolUseBlock", "ResponseComputerScreenshotToolUseBlock",
    "ResponseComputerScrollToolUseBlock", "ResponseComputerToolUseBlock",
    "ResponseComputerTripleClickToolUseBlock", "ResponseComputerTypeToolUseBlock",
    "ResponseComputerWaitToolUseBlock", "ResponseComputerZoomToolUseBlock", "ResponseToolAdditionBlock",
    "ResponseToolChangeMCPToolReference", "ResponseToolChangeMCPToolsetReference",
    "ResponseToolChangeToolReference", "ResponseToolRemovalBlock", "ResponseToolUseBlockUnion",
    "SandboxEgressRestrictedError", "SearchResultBlockParam", "SearchResultLocationParam", "ServerToolCaller",
    "ServerToolCaller20260120", "ServerToolCaller20260120Param", "ServerToolCallerParam",
    "ServerToolErrorParam", "ServerToolUsage", "ServerToolUseBlock", "ServerToolUseBlockParam",
    "SignatureDelta", "SignatureEvent", "SkillParams", "StopReason", "SystemMessageParam", "TextBlock",
    "TextBlockParam", "TextCitation", "TextCitationParam", "TextDelta",
    "TextEditorCodeExecutionCreateResultBlock", "TextEditorCodeExecutionStrReplaceResultBlock",
    "TextEditorCodeExecutionToolResultBlock", "TextEditorCodeExecutionToolResultBlockParam",
    "TextEditorCodeExecutionToolResultError", "TextEditorCodeExecutionToolResultErrorCode",
    "TextEditorCodeExecutionToolResultErrorObject", "TextEditorCodeExecutionToolResultErrorParam",
    "TextEditorCodeExecutionViewResultBlock", "TextEvent", "ThinkingBlock", "ThinkingBlockParam",
    "ThinkingConfigAdaptiveParam", "ThinkingConfigBetweenToolsParam", "ThinkingConfigDisabledParam",
    "ThinkingConfigEnabledParam", "ThinkingConfigParam", "ThinkingDelta",
    "ThinkingDroppedInputTransformation", "ThinkingEvent", "ThinkingMismatchAllowedInputTransformation",
    "ThinkingPrefixMismatchBehavior", "ThinkingTypes", "ToolBash20250124Param", "ToolChangeToolDefinition",
    "ToolChoiceAnyParam", "ToolChoiceAutoParam", "ToolChoiceNoneParam", "ToolChoiceParam",
    "ToolChoiceToolParam", "ToolComputerUse20241022Param", "ToolComputerUse20250124Param",
    "ToolComputerUse20251124Param", "ToolComputerUseParam", "ToolNameConflictError", "ToolParam",
    "ToolReferenceBlock", "ToolReferenceBlockParam", "ToolReferenceUnresolvedError", "ToolResultBlockParam",
    "ToolSearchToolBm25_20251119Param", "ToolSearchToolRegex20251119Param", "ToolSearchToolResultBlock",
    "ToolSearchToolResultBlockParam", "ToolSearchToolResultError", "ToolSearchToolResultErrorCode",
    "ToolSearchToolResultErrorObject", "ToolSearchToolResultErrorParam", "ToolSearchToolSearchResultBlock",
    "ToolTextEditor20250124Param", "ToolTextEditor20250429Param", "ToolTextEditor20250728Param",
    "ToolUnionParam", "ToolUseBlock", "ToolUseBlockParam", "ToolUseCaller", "ToolsetParam",
    "ToolsetToolUseBlock", "URLImageSourceParam", "URLPDFSourceParam", "UnknownBlock", "UnknownDelta",
    "UnknownEvent", "UnsupportedCharsetError", "Usage", "UserLocationParam", "UserMessageParam",
    "WebFetchBlock", "WebFetchBlockParam", "WebFetchTool20250910Param", "WebFetchTool20260209Param",
    "WebFetchTool20260309Param", "WebFetchTool20260318Param", "WebFetchToolResultBlock",
    "WebFetchToolResultBlockParam", "WebFetchToolResultErrorBlock", "WebFetchToolResultErrorBlockParam",
    "WebFetchToolResultErrorCode", "WebSearchResultBlock", "WebSearchResultBlockParam",
    "WebSearchTool20250305Param", "WebSearchTool20260209Param", "WebSearchTool20260318Param",
    "WebSearchToolRequestErrorObjectParam", "WebSearchToolRequestErrorParam", "WebSearchToolResultBlock",
    "WebSearchToolResultBlockContent", "WebSearchToolResultBlockParam", "WebSearchToolResultError",
    "WebSearchToolResultErrorCode", "WebSearchToolResultErrorObject",
]
# fmt: on
"""The types that are known to type checkers; to them an object without a type of its own here is Any."""


def __getattr__(name: str) -> Any:
    """Import a type when it is first used."""
    globals()[name] = found = find(__name__, NAMES, name)
    return found


def __dir__() -> list[str]:
    """List the names of all types."""
    return sorted(NAMES)


install(__name__, NAMES)
