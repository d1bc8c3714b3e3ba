"""The table of types: the module, and the name there, of each name in ``types``.

Purpose: ``NAMES`` is the only such table for ``types`` and ``types.beta``. Three things follow from it, and a test
compares them: what these packages import for type checkers, what they import when the program runs, and which modules
can be imported from them.
Rule: a line lists the names of one module; ``NAME=OURS`` where the type has another name there.
"""

from __future__ import annotations

MODULES: dict[str, str] = {
    "blocks": """
        AdvisorTool20260301=AttributeDict AdvisorToolResultBlock AuthorizationCheckUnavailableErrorDetails=AttributeDict
        AvailableToolsLimitExceededErrorDetails=AttributeDict BashCodeExecutionToolResultBlock
        BrowserCloseTabToolUseBlock=ToolUseBlock BrowserDoubleClickToolUseBlock=ToolUseBlock
        BrowserFindToolUseBlock=ToolUseBlock BrowserFormInputToolUseBlock=ToolUseBlock
        BrowserGetPageTextToolUseBlock=ToolUseBlock BrowserHoldKeyToolUseBlock=ToolUseBlock
        BrowserHoverToolUseBlock=ToolUseBlock BrowserJavascriptExecToolUseBlock=ToolUseBlock
        BrowserKeyToolUseBlock=ToolUseBlock BrowserLeftClickDragToolUseBlock=ToolUseBlock
        BrowserLeftClickToolUseBlock=ToolUseBlock BrowserLeftMouseDownToolUseBlock=ToolUseBlock
        BrowserLeftMouseUpToolUseBlock=ToolUseBlock BrowserListTabsToolUseBlock=ToolUseBlock
        BrowserMiddleClickToolUseBlock=ToolUseBlock BrowserMouseMoveToolUseBlock=ToolUseBlock
        BrowserNavigateToolUseBlock=ToolUseBlock BrowserNewTabToolUseBlock=ToolUseBlock
        BrowserReadConsoleToolUseBlock=ToolUseBlock BrowserReadPageToolUseBlock=ToolUseBlock
        BrowserRightClickToolUseBlock=ToolUseBlock BrowserScreenshotToolUseBlock=ToolUseBlock
        BrowserScrollToToolUseBlock=ToolUseBlock BrowserScrollToolUseBlock=ToolUseBlock
        BrowserSwitchTabToolUseBlock=ToolUseBlock BrowserToolUseBlock=ToolUseBlock
        BrowserTripleClickToolUseBlock=ToolUseBlock BrowserTypeToolUseBlock=ToolUseBlock
        BrowserWaitToolUseBlock=ToolUseBlock BrowserZoomToolUseBlock=ToolUseBlock CacheControlEphemeral=AttributeDict
        ChangeOutcomeUnknownErrorDetails=AttributeDict CitationCharLocation=CharLocation
        CitationContentBlockLocation=ContentBlockLocation CitationPageLocation=PageLocation
        CitationSearchResultLocation=SearchResultLocation CitationsSearchResultLocation=SearchResultLocation
        CitationsWebSearchResultLocation=WebSearchResultLocation CodeExecutionTool20250522=AttributeDict
        CodeExecutionTool20250825=AttributeDict CodeExecutionTool20260120=AttributeDict
        CodeExecutionTool20260521=AttributeDict CodeExecutionToolResultBlock CompactionBlock
        CompactionBlockAmbiguousErrorDetails=AttributeDict CompactionBlockMisplacedErrorDetails=AttributeDict
        CompactionContentMismatchErrorDetails=AttributeDict CompactionIncompleteTurnErrorDetails=AttributeDict
        CompactionNothingToSummarizeErrorDetails=AttributeDict CompactionSignatureInvalidErrorDetails=AttributeDict
        CompactionTooManyToolReferencesErrorDetails=AttributeDict
        CompactionToolChangesMismatchErrorDetails=AttributeDict CompactionUnavailableErrorDetails=AttributeDict
        ComputerCursorPositionToolUseBlock=ToolUseBlock ComputerDoubleClickToolUseBlock=ToolUseBlock
        ComputerHoldKeyToolUseBlock=ToolUseBlock ComputerKeyToolUseBlock=ToolUseBlock
        ComputerLeftClickDragToolUseBlock=ToolUseBlock ComputerLeftClickToolUseBlock=ToolUseBlock
        ComputerLeftMouseDownToolUseBlock=ToolUseBlock ComputerLeftMouseUpToolUseBlock=ToolUseBlock
        ComputerMiddleClickToolUseBlock=ToolUseBlock ComputerMouseMoveToolUseBlock=ToolUseBlock
        ComputerRightClickToolUseBlock=ToolUseBlock ComputerScreenshotToolUseBlock=ToolUseBlock
        ComputerScrollToolUseBlock=ToolUseBlock ComputerToolUseBlock=ToolUseBlock
        ComputerTripleClickToolUseBlock=ToolUseBlock ComputerTypeToolUseBlock=ToolUseBlock
        ComputerWaitToolUseBlock=ToolUseBlock ComputerZoomToolUseBlock=ToolUseBlock ContainerUploadBlock ContentBlock
        CountTokensContextManagementResponse=AttributeDict ErrorDetails=AttributeDict FallbackBlock
        FallbackInfo=ModelReference FileExpiredErrorDetails=AttributeDict FileNotDownloadableErrorDetails=AttributeDict
        ImageDimensionsTooLargeErrorDetails=AttributeDict InvalidConfigTypeChangeErrorDetails=AttributeDict
        InvalidMetadataErrorDetails=AttributeDict LinkedOrganizationBillingUnavailableErrorDetails=AttributeDict
        MCPToolConfig=AttributeDict MCPToolDefaultConfig=AttributeDict MCPToolListingBlock MCPToolResultBlock
        MCPToolUseBlock MCPToolset=AttributeDict MemoryTool20250818=AttributeDict
        MemoryTool20250818Command=AttributeDict MemoryTool20250818CreateCommand=AttributeDict
        MemoryTool20250818DeleteCommand=AttributeDict MemoryTool20250818InsertCommand=AttributeDict
        MemoryTool20250818RenameCommand=AttributeDict MemoryTool20250818StrReplaceCommand=AttributeDict
        MemoryTool20250818ViewCommand=AttributeDict OrganizationInfo=AttributeDict
        OrganizationOnHoldErrorDetails=AttributeDict OrganizationTypeNotSupportedErrorDetails=AttributeDict
        ParsedContentBlock=ContentBlock ParsedTextBlock=TextBlock RedactedThinkingBlock
        RegionNotSupportedErrorDetails=AttributeDict RequestBodyEncodingInvalidErrorDetails=AttributeDict
        RequestBodyEncodingUnsupportedErrorDetails=AttributeDict RequestBodyTimeoutErrorDetails=AttributeDict
        RequestBodyTooLargeAfterDecodingErrorDetails=AttributeDict ResponseBrowserCloseTabToolUseBlock=ToolUseBlock
        ResponseBrowserDoubleClickToolUseBlock=ToolUseBlock ResponseBrowserFindToolUseBlock=ToolUseBlock
        ResponseBrowserFormInputToolUseBlock=ToolUseBlock ResponseBrowserGetPageTextToolUseBlock=ToolUseBlock
        ResponseBrowserHoldKeyToolUseBlock=ToolUseBlock ResponseBrowserHoverToolUseBlock=ToolUseBlock
        ResponseBrowserJavascriptExecToolUseBlock=ToolUseBlock ResponseBrowserKeyToolUseBlock=ToolUseBlock
        ResponseBrowserLeftClickDragToolUseBlock=ToolUseBlock ResponseBrowserLeftClickToolUseBlock=ToolUseBlock
        ResponseBrowserLeftMouseDownToolUseBlock=ToolUseBlock ResponseBrowserLeftMouseUpToolUseBlock=ToolUseBlock
        ResponseBrowserListTabsToolUseBlock=ToolUseBlock ResponseBrowserMiddleClickToolUseBlock=ToolUseBlock
        ResponseBrowserMouseMoveToolUseBlock=ToolUseBlock ResponseBrowserNavigateToolUseBlock=ToolUseBlock
        ResponseBrowserNewTabToolUseBlock=ToolUseBlock ResponseBrowserReadConsoleToolUseBlock=ToolUseBlock
        ResponseBrowserReadPageToolUseBlock=ToolUseBlock ResponseBrowserRightClickToolUseBlock=ToolUseBlock
        ResponseBrowserScreenshotToolUseBlock=ToolUseBlock ResponseBrowserScrollToToolUseBlock=ToolUseBlock
        ResponseBrowserScrollToolUseBlock=ToolUseBlock ResponseBrowserSwitchTabToolUseBlock=ToolUseBlock
        ResponseBrowserToolUseBlock=ToolUseBlock ResponseBrowserTripleClickToolUseBlock=ToolUseBlock
        ResponseBrowserTypeToolUseBlock=ToolUseBlock ResponseBrowserWaitToolUseBlock=ToolUseBlock
        ResponseBrowserZoomToolUseBlock=ToolUseBlock ResponseComputerCursorPositionToolUseBlock=ToolUseBlock
        ResponseComputerDoubleClickToolUseBlock=ToolUseBlock ResponseComputerHoldKeyToolUseBlock=ToolUseBlock
        ResponseComputerKeyToolUseBlock=ToolUseBlock ResponseComputerLeftClickDragToolUseBlock=ToolUseBlock
        ResponseComputerLeftClickToolUseBlock=ToolUseBlock ResponseComputerLeftMouseDownToolUseBlock=ToolUseBlock
        ResponseComputerLeftMouseUpToolUseBlock=ToolUseBlock ResponseComputerMiddleClickToolUseBlock=ToolUseBlock
        ResponseComputerMouseMoveToolUseBlock=ToolUseBlock ResponseComputerRightClickToolUseBlock=ToolUseBlock
        ResponseComputerScreenshotToolUseBlock=ToolUseBlock ResponseComputerScrollToolUseBlock=ToolUseBlock
        ResponseComputerToolUseBlock=ToolUseBlock ResponseComputerTripleClickToolUseBlock=ToolUseBlock
        ResponseComputerTypeToolUseBlock=ToolUseBlock ResponseComputerWaitToolUseBlock=ToolUseBlock
        ResponseComputerZoomToolUseBlock=ToolUseBlock ResponseTool=AttributeDict ResponseToolInputSchema=AttributeDict
        ResponseToolUnion=AttributeDict ResponseToolUseBlockUnion=ToolUseBlock
        SandboxEgressRestrictedErrorDetails=AttributeDict ServerToolUseBlock TextBlock TextCitation=AnyCitation
        TextEditorCodeExecutionToolResultBlock ThinkingBlock ToolBash20241022=AttributeDict
        ToolBash20250124=AttributeDict ToolComputerUse20241022=AttributeDict ToolComputerUse20250124=AttributeDict
        ToolComputerUse20251124=AttributeDict ToolNameConflictErrorDetails=AttributeDict
        ToolReferenceUnresolvedErrorDetails=AttributeDict ToolSearchToolBm25_20251119=AttributeDict
        ToolSearchToolRegex20251119=AttributeDict ToolSearchToolResultBlock ToolTextEditor20241022=AttributeDict
        ToolTextEditor20250124=AttributeDict ToolTextEditor20250429=AttributeDict ToolTextEditor20250728=AttributeDict
        ToolUseBlock ToolsetToolUseBlock=ToolUseBlock UnknownBlock UnsupportedCharsetErrorDetails=AttributeDict
        UserLocation=AttributeDict WebFetchTool20250910=AttributeDict WebFetchTool20260209=AttributeDict
        WebFetchTool20260309=AttributeDict WebFetchTool20260318=AttributeDict WebFetchToolResultBlock
        WebFetchURLSourceAll=AttributeDict WebFetchURLSourceExcept=AttributeDict WebFetchURLSourceNone=AttributeDict
        WebFetchURLSourceOnly=AttributeDict WebFetchURLSourceToolReference=AttributeDict
        WebFetchURLSources=AttributeDict WebSearchTool20250305=AttributeDict WebSearchTool20260209=AttributeDict
        WebSearchTool20260318=AttributeDict WebSearchToolResultBlock
    """,
    "blocks.results": """
        AdvisorRedactedResultBlock AdvisorResultBlock AdvisorToolResultError
        AdvisorToolResultErrorObject=AdvisorToolResultError Base64PDFSource BashCodeExecutionOutputBlock
        BashCodeExecutionResultBlock BashCodeExecutionToolResultError
        BashCodeExecutionToolResultErrorObject=BashCodeExecutionToolResultError CitationConfig=CitationsConfig
        CitationsConfig CodeExecutionOutputBlock CodeExecutionResultBlock
        CodeExecutionToolResultBlockContent=CodeExecutionContent CodeExecutionToolResultError
        CodeExecutionToolResultErrorObject=CodeExecutionToolResultError DirectCaller DocumentBlock
        EncryptedCodeExecutionResultBlock FallbackRefusalTrigger MCPTool PlainTextSource
        ResponseToolAdditionBlock=ToolAdditionBlock ResponseToolChangeMCPToolReference=ToolChangeMCPToolReference
        ResponseToolChangeMCPToolsetReference=ToolChangeMCPToolsetReference
        ResponseToolChangeToolReference=ToolChangeToolReference ResponseToolRemovalBlock=ToolRemovalBlock
        ServerToolCaller ServerToolCaller20260120 TextEditorCodeExecutionCreateResultBlock
        TextEditorCodeExecutionStrReplaceResultBlock TextEditorCodeExecutionToolResultError
        TextEditorCodeExecutionToolResultErrorObject=TextEditorCodeExecutionToolResultError
        TextEditorCodeExecutionViewResultBlock ToolChangeToolDefinition ToolReferenceBlock ToolSearchToolResultError
        ToolSearchToolResultErrorObject=ToolSearchToolResultError ToolSearchToolSearchResultBlock ToolUseCaller=Caller
        WebFetchBlock WebFetchToolResultErrorBlock=WebFetchToolResultError WebSearchResultBlock=WebSearchResult
        WebSearchToolResultBlockContent=WebSearchContent WebSearchToolResultError
        WebSearchToolResultErrorObject=WebSearchToolResultError
    """,
    "message": """
        AdvisorMessageIterationUsage=IterationUsage CacheCreation CompactionIterationUsage=IterationUsage Container
        ContextManagementResponse=ContextManagement FallbackMessageIterationUsage=IterationUsage Message
        MessageDeltaUsage=Usage MessageIterationUsage=IterationUsage OutputTokensDetails ParsedMessage
        RefusalStopDetails=StopDetails ServerToolUsage Usage
    """,
    "message_details": """
        CacheMissMessagesChanged CacheMissModelChanged CacheMissPreviousMessageNotFound CacheMissReason
        CacheMissSystemChanged CacheMissToolsChanged CacheMissUnavailable
        ClearThinking20251015EditResponse=ClearThinkingEdit ClearToolUses20250919EditResponse=ClearToolUsesEdit
        ContainerSkill Diagnostics FallbackCreditNotApplied FallbackCreditRedeemed FallbackCreditUsage
        InputTransformation ThinkingDroppedInputTransformation=ThinkingDroppedTransformation
        ThinkingMismatchAllowedInputTransformation=ThinkingMismatchAllowedTransformation
    """,
    "events": """
        APIError=ErrorDetail APIErrorObject=ErrorDetail AuthenticationError=ErrorDetail
        AuthenticationErrorObject=ErrorDetail AuthorizationCheckUnavailableError=ErrorDetail
        AvailableToolsLimitExceededError=ErrorDetail BillingError=ErrorDetail BillingErrorObject=ErrorDetail
        ChangeOutcomeUnknownError=ErrorDetail CitationsDelta CompactionBlockAmbiguousError=ErrorDetail
        CompactionBlockMisplacedError=ErrorDetail CompactionContentBlockDelta=CompactionDelta
        CompactionContentMismatchError=ErrorDetail CompactionIncompleteTurnError=ErrorDetail
        CompactionNothingToSummarizeError=ErrorDetail CompactionSignatureInvalidError=ErrorDetail
        CompactionTooManyToolReferencesError=ErrorDetail CompactionToolChangesMismatchError=ErrorDetail
        CompactionUnavailableError=ErrorDetail ContentBlockDeltaEvent ContentBlockStartEvent Delta=MessageDelta
        Error=ErrorDetail ErrorObject=ErrorDetail ErrorResponse=ErrorEvent FileExpiredError=ErrorDetail
        FileNotDownloadableError=ErrorDetail GatewayTimeoutError=ErrorDetail GatewayTimeoutErrorObject=ErrorDetail
        ImageDimensionsTooLargeError=ErrorDetail InputJSONDelta InvalidConfigTypeChangeError=ErrorDetail
        InvalidMetadataError=ErrorDetail InvalidRequestError=ErrorDetail InvalidRequestErrorObject=ErrorDetail
        LinkedOrganizationBillingUnavailableError=ErrorDetail MessageDeltaEvent MessageStartEvent
        NotFoundError=ErrorDetail NotFoundErrorObject=ErrorDetail OrganizationOnHoldError=ErrorDetail
        OrganizationTypeNotSupportedError=ErrorDetail OverloadedError=ErrorDetail OverloadedErrorObject=ErrorDetail
        PermissionError=ErrorDetail PermissionErrorObject=ErrorDetail RateLimitError=ErrorDetail
        RateLimitErrorObject=ErrorDetail RawContentBlockDelta=Delta RawContentBlockDeltaEvent=ContentBlockDeltaEvent
        RawContentBlockStartEvent=ContentBlockStartEvent RawContentBlockStopEvent RawMessageDeltaEvent=MessageDeltaEvent
        RawMessageStartEvent=MessageStartEvent RawMessageStopEvent RawMessageStreamEvent
        RegionNotSupportedError=ErrorDetail RequestBodyEncodingInvalidError=ErrorDetail
        RequestBodyEncodingUnsupportedError=ErrorDetail RequestBodyTimeoutError=ErrorDetail
        RequestBodyTooLargeAfterDecodingError=ErrorDetail SandboxEgressRestrictedError=ErrorDetail SignatureDelta
        TextDelta ThinkingDelta ToolNameConflictError=ErrorDetail ToolReferenceUnresolvedError=ErrorDetail UnknownDelta
        UnknownEvent UnsupportedCharsetError=ErrorDetail
    """,
    "derived_events": """
        CitationEvent CompactionEvent ContentBlockStopEvent InputJsonEvent MessageStopEvent MessageStreamEvent
        SignatureEvent TextEvent ThinkingEvent
    """,
    "client.params": """
        MessageCountTokensParams MessageCreateParams MessageCreateParamsBase=MessageCreateParams
        MessageCreateParamsNonStreaming=MessageCreateParams MessageCreateParamsStreaming=MessageCreateParams
    """,
    "": """
        MessageTokensCount
    """,
    "types.content_params": """
        AdvisorToolResultBlockParam AdvisorToolResultErrorParam=ServerToolErrorParam AssistantMessageParam
        Base64ImageSourceParam Base64PDFSourceParam BashCodeExecutionToolResultBlockParam
        BashCodeExecutionToolResultErrorParam=ServerToolErrorParam CacheControlEphemeralParam
        CitationCharLocationParam CitationContentBlockLocationParam CitationPageLocationParam
        CitationSearchResultLocationParam CitationWebSearchResultLocationParam CitationsConfigParam
        CodeExecutionToolResultBlockParam CodeExecutionToolResultErrorParam=ServerToolErrorParam CompactionBlockParam
        ContainerUploadBlockParam ContentBlockParam ContentBlockSourceContentParam ContentBlockSourceParam
        DirectCallerParam DocumentBlockParam FileDocumentSourceParam FileImageSourceParam ImageBlockParam
        ImageTransformationsParam MCPToolUseBlockParam MessageContentParam MessageParam PlainTextSourceParam
        RedactedThinkingBlockParam RequestDocumentBlockParam=DocumentBlockParam RequestMCPToolResultBlockParam
        SearchResultBlockParam SearchResultLocationParam=CitationSearchResultLocationParam
        ServerToolCaller20260120Param ServerToolCallerParam ServerToolErrorParam ServerToolUseBlockParam
        SystemMessageParam TextBlockParam TextCitationParam TextEditorCodeExecutionToolResultBlockParam
        TextEditorCodeExecutionToolResultErrorParam=ServerToolErrorParam ThinkingBlockParam ToolReferenceBlockParam
        ToolResultBlockParam ToolSearchToolResultBlockParam ToolSearchToolResultErrorParam=ServerToolErrorParam
        ToolUseBlockParam URLImageSourceParam URLPDFSourceParam UserMessageParam WebFetchBlockParam
        WebFetchToolResultBlockParam WebFetchToolResultErrorBlockParam=ServerToolErrorParam WebSearchResultBlockParam
        WebSearchToolRequestErrorObjectParam=ServerToolErrorParam WebSearchToolRequestErrorParam=ServerToolErrorParam
        WebSearchToolResultBlockParam
    """,
    "types.tool_params": """
        AdvisorTool20260301Param BrowserToolset20260801Param=ToolsetParam CodeExecutionTool20250522Param
        CodeExecutionTool20250825Param CodeExecutionTool20260120Param CodeExecutionTool20260521Param
        ComputerToolset20260801Param=ToolsetParam MCPToolsetParam MemoryTool20250818Param
        MessageCountTokensToolParam=ToolUnionParam ToolBash20250124Param ToolChoiceAnyParam ToolChoiceAutoParam
        ToolChoiceNoneParam ToolChoiceParam ToolChoiceToolParam ToolComputerUse20241022Param=ToolComputerUseParam
        ToolComputerUse20250124Param=ToolComputerUseParam ToolComputerUse20251124Param=ToolComputerUseParam
        ToolComputerUseParam ToolParam ToolSearchToolBm25_20251119Param ToolSearchToolRegex20251119Param
        ToolTextEditor20250124Param ToolTextEditor20250429Param ToolTextEditor20250728Param ToolUnionParam
        ToolsetParam UserLocationParam WebFetchTool20250910Param WebFetchTool20260209Param WebFetchTool20260309Param
        WebFetchTool20260318Param WebSearchTool20250305Param WebSearchTool20260209Param WebSearchTool20260318Param
    """,
    "types.config_params": """
        ContainerParams ContextManagementConfigParam DiagnosticsParam JSONOutputFormatParam MetadataParam
        OutputConfigParam RequestMCPServerURLDefinitionParam SkillParams ThinkingConfigAdaptiveParam
        ThinkingConfigBetweenToolsParam ThinkingConfigDisabledParam ThinkingConfigEnabledParam ThinkingConfigParam
    """,
    "types.words": """
        AdvisorRedactedResultBlockParam=OpenParam AdvisorResultBlockParam=OpenParam AllThinkingTurnsParam=OpenParam
        AnthropicBetaParam=Word BashCodeExecutionOutputBlockParam=OpenParam BashCodeExecutionResultBlockParam=OpenParam
        BashCodeExecutionToolResultErrorCode=Word BillingPolicyParam=OpenParam BrowserStateBlockParam=OpenParam
        BrowserStateTabEntryParam=OpenParam CitationsConfigParamParam=OpenParam ClearThinking20251015EditParam=OpenParam
        ClearToolUses20250919EditParam=OpenParam CodeExecutionOutputBlockParam=OpenParam
        CodeExecutionResultBlockParam=OpenParam CodeExecutionToolResultBlockParamContentParam=OpenParam
        CodeExecutionToolResultErrorCode=Word Compact20260112EditParam=OpenParam CompactionConfigParam=OpenParam
        EncryptedCodeExecutionResultBlockParam=OpenParam ErrorType=Word FallbackBlockParam=OpenParam
        FallbackCreditTokenParam=OpenParam FallbackInfoParam=OpenParam FallbackParam=OpenParam FallbacksParam=OpenParam
        InputTokensClearAtLeastParam=OpenParam InputTokensTriggerParam=OpenParam IterationsUsage
        MCPToolConfigParam=OpenParam MCPToolDefaultConfigParam=OpenParam MCPToolListingBlockParam=OpenParam
        MCPToolParam=OpenParam MCPToolParamParam=OpenParam MessageCreateParamsContainerParam=OpenParam
        MessageThreadParam=OpenParam Model=Word ModelLine=Word ModelParam=Word
        RequestMCPServerToolConfigurationParam=OpenParam RequestToolAdditionBlockParam=OpenParam
        RequestToolRemovalBlockParam=OpenParam StopReason=Word SystemMessageOutputConfigParam=OpenParam
        TextEditorCodeExecutionCreateResultBlockParam=OpenParam
        TextEditorCodeExecutionStrReplaceResultBlockParam=OpenParam TextEditorCodeExecutionToolResultErrorCode=Word
        TextEditorCodeExecutionViewResultBlockParam=OpenParam ThinkingBlockBindingParam=OpenParam
        ThinkingPrefixMismatchBehavior=Word ThinkingTurnsParam=OpenParam ThinkingTypes=Word
        TokenTaskBudgetParam=OpenParam ToolBash20241022Param=OpenParam ToolChangeMCPToolReferenceParam=OpenParam
        ToolChangeMCPToolsetReferenceParam=OpenParam ToolChangeToolDefinitionParam=OpenParam
        ToolChangeToolReferenceParam=OpenParam ToolSearchToolResultErrorCode=Word
        ToolSearchToolSearchResultBlockParam=OpenParam ToolTextEditor20241022Param=OpenParam ToolUsesKeepParam=OpenParam
        ToolUsesTriggerParam=OpenParam WebFetchToolResultErrorCode=Word WebFetchURLSourceAllParam=OpenParam
        WebFetchURLSourceExceptParam=OpenParam WebFetchURLSourceNoneParam=OpenParam WebFetchURLSourceOnlyParam=OpenParam
        WebFetchURLSourceToolReferenceParam=OpenParam WebFetchURLSourcesParam=OpenParam
        WebSearchToolResultBlockParamContentParam=OpenParam WebSearchToolResultErrorCode=Word
    """,
}
"""The names by the module that defines them, as a path below the package; "" is the package itself."""

NAMES: dict[str, tuple[str, str]] = {
    name: (module, ours or name)
    for module, words in MODULES.items()
    for name, _, ours in (word.partition("=") for word in words.split())
}
"""Each name's module and the name that it has there."""

UNPREFIXED = tuple(name for name in NAMES if name.startswith(("MessageCreateParams", "MessageCountTokensParams")))
"""The names that have no ``Beta`` in ``types.beta`` either."""


def beta_name(name: str) -> str:
    """Return a type's name in ``types.beta``: ``Message`` is ``BetaMessage`` there."""
    if name in UNPREFIXED:
        return name
    return f"ParsedBeta{name[6:]}" if name.startswith("Parsed") else f"Beta{name}"


BETA_NAMES: dict[str, tuple[str, str]] = {beta_name(name): place for name, place in NAMES.items()}
