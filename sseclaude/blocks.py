"""What a message is made of: the base of all models, citations, and content blocks.

Purpose: pydantic models that lose nothing: a field they do not know stays on the object, a block they do not know
becomes an ``UnknownBlock``, and ``to_dict()`` gives the wire's JSON back, field for field.
Must not know: events, streams or the network; a block does not care how it came.
Rule: what came is kept as it came. Nothing is coerced (``"12"`` never becomes 12), nothing absent is written out,
and a field of the wrong type is kept as it is, so that one odd value never costs an answer.

Source: PROTOCOL.md, "Blocks".
"""

# A block's `type` is one word where its base has any; nobody assigns it, so the base's users are safe.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias, TypeVar, cast, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    PrivateAttr,
    Strict,
    ValidationError,
)
from pydantic_core import core_schema
from typing_extensions import Self

Int = Annotated[int, Strict()]
Bool = Annotated[bool, Strict()]


class Model(BaseModel):
    """The base of all that travels: keeps unknown fields, and knows which of its fields were really sent."""

    # Schemas are built at first use: a program that only imports the library does not pay for sixty of them.
    model_config = ConfigDict(extra="allow", defer_build=True, protected_namespaces=())

    output_only: ClassVar[frozenset[str]] = frozenset()
    """Fields that the API sends but does not accept back."""

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        """Make a model of parsed JSON; a field that is not of its type is kept as it came. Never raises.

        Source: PROTOCOL.md, "Blocks".
        """
        try:
            made: Self = cls.__pydantic_validator__.validate_python(data)
        except ValidationError as error:
            return cls._with_faults(data, {problem["loc"][0] for problem in error.errors(include_url=False)})
        return made

    @classmethod
    def _with_faults(cls, data: Mapping[str, Any], faulty: set[int | str]) -> Self:
        """Validate the fields that are right, and keep the others as they came (as models, if they are objects)."""
        try:
            made = cls.model_validate({key: value for key, value in data.items() if key not in faulty})
        except ValidationError:  # a field without a default is at fault: nothing is validated, all is kept
            made, faulty = cls.model_construct(), faulty | set(data)
            known = {field.alias or name for name, field in cls.model_fields.items()}
            made.__pydantic_extra__ = {key: value for key, value in data.items() if key not in known}
        for name, field in cls.model_fields.items():
            key = field.alias or name
            if key in faulty and key in data:
                vars(made)[name] = _model_or_raw(field.annotation, data[key])
                made.__pydantic_fields_set__.add(name)
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON that the wire described: what was sent, nulls included, and nothing else.

        Source: PROTOCOL.md, "The message".
        """
        return self.model_dump(by_alias=True, exclude_unset=True, warnings=False)

    def to_json(self, *, indent: int | None = None) -> str:
        """Return ``to_dict()`` as JSON text, characters beyond ASCII as they are."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)

    def to_param(self) -> dict[str, Any]:
        """Return what may be sent back in a request: ``to_dict()`` without the fields that are output only.

        Source: PROTOCOL.md, "Sending a message back".
        """
        set_fields = {name: getattr(self, name) for name in self.model_fields_set if name in type(self).model_fields}
        aliases = {name: field.alias or name for name, field in type(self).model_fields.items()}
        sent = {aliases[name]: value for name, value in set_fields.items()} | (self.__pydantic_extra__ or {})
        return {key: _param(value) for key, value in sent.items() if key not in self.output_only}

    def __eq__(self, other: object) -> bool:
        """Compare what is on the wire: how a block came to be does not make it another."""
        if type(self) is not type(other):
            return NotImplemented
        assert isinstance(other, Model)
        return self.__dict__ == other.__dict__ and self.__pydantic_extra__ == other.__pydantic_extra__

    __hash__ = None  # type: ignore[assignment]


def _model_or_raw(annotation: Any, value: Any) -> Any:
    models = [
        kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type) and issubclass(kind, Model)
    ]
    return models[0].from_wire(value) if models and isinstance(value, Mapping) else value


M = TypeVar("M", bound=Model)
_new = object.__new__
_put_fields, _put_sent, _put_extra, _put_private = (
    BaseModel.__dict__[slot].__set__
    for slot in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)


def construct_unchecked(
    cls: type[M], fields: dict[str, Any], sent: set[str], private: dict[str, Any] | None = None
) -> M:
    """Make the object that ``cls(**fields)`` would make, without validating what is known to be right.

    For the few shapes that nearly every event of a stream has: there the validator is half the price.
    """
    made = _new(cls)
    _put_fields(made, fields)
    _put_sent(made, sent)
    _put_extra(made, {})
    _put_private(made, private)
    return made


def _param(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_param()
    return [_param(item) for item in value] if isinstance(value, list) else value


# --- citations ---------------------------------------------------------------------------------------------------


def by_type(union: Any) -> dict[str, Any]:
    """Index the models of a union by the ``type`` that each has on the wire."""
    return {model.model_fields["type"].default: model for model in get_args(union)}


def discriminated(known: Mapping[str, type[Model]], unknown: type[Model], *, often: bool = False) -> GetPydanticSchema:
    """Make the schema of "one of these, by its ``type``; else that": nothing unknown is taken for known.

    ``often`` tries the known ones without leaving the validator; that costs the building of all their schemas.
    """

    def choose(value: Any) -> Any:
        if isinstance(value, Model):
            return value
        if not isinstance(value, Mapping):
            raise ValueError("an object was expected")
        kind = value.get("type")
        return (known.get(kind, unknown) if isinstance(kind, str) else unknown).from_wire(value)

    as_it_is = core_schema.simple_ser_schema("any")
    careful = core_schema.no_info_plain_validator_function(choose, serialization=as_it_is)

    def schema(source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        if not often:
            return careful
        choices = {kind: handler.generate_schema(model) for kind, model in known.items()}
        fast = core_schema.tagged_union_schema(choices, discriminator="type")
        return core_schema.union_schema([fast, careful], mode="left_to_right", serialization=as_it_is)

    return GetPydanticSchema(schema)


class Citation(Model):
    """Where a piece of text comes from. ``type`` tells which location fields there are."""

    type: str = ""
    cited_text: str = ""


class DocumentCitation(Citation):
    """A citation of a document that the request held."""

    output_only = frozenset({"file_id"})

    document_index: Int = 0
    document_title: str | None = None
    file_id: str | None = None


class CharLocation(DocumentCitation):
    """Characters ``start_char_index`` up to, not including, ``end_char_index`` of a plain text document."""

    type: Literal["char_location"] = "char_location"
    start_char_index: Int = 0
    end_char_index: Int = 0


class PageLocation(DocumentCitation):
    """Pages ``start_page_number`` up to, not including, ``end_page_number`` of a PDF, counted from 1."""

    type: Literal["page_location"] = "page_location"
    start_page_number: Int = 0
    end_page_number: Int = 0


class ContentBlockLocation(DocumentCitation):
    """Blocks ``start_block_index`` up to, not including, ``end_block_index`` of a document given as blocks."""

    type: Literal["content_block_location"] = "content_block_location"
    start_block_index: Int = 0
    end_block_index: Int = 0


class WebSearchResultLocation(Citation):
    """A web page that a search found."""

    type: Literal["web_search_result_location"] = "web_search_result_location"
    url: str = ""
    title: str | None = None
    encrypted_index: str = ""


class SearchResultLocation(Citation):
    """Blocks of a search result that the request held."""

    type: Literal["search_result_location"] = "search_result_location"
    source: str = ""
    title: str | None = None
    search_result_index: Int = 0
    start_block_index: Int = 0
    end_block_index: Int = 0


# --- content blocks ----------------------------------------------------------------------------------------------


class Block(Model):
    """The base of every content block."""

    type: str = ""

    _open: bool = PrivateAttr(default=False)

    @property
    def is_open(self) -> bool:
        """Whether the stream ended, or stands, inside this block: its ``content_block_stop`` has not come."""
        return self._open


class TextBlock(Block):
    """The model's words, and where they come from."""

    type: Literal["text"] = "text"
    text: str = ""
    citations: list[AnyCitation] | None = None


class ThinkingBlock(Block):
    """The model's thinking. ``signature`` proves it to the API when it is sent back; it must not be touched."""

    type: Literal["thinking"] = "thinking"
    thinking: str = ""
    signature: str = ""


class RedactedThinkingBlock(Block):
    """Thinking that only the API can read; it must not be touched."""

    type: Literal["redacted_thinking"] = "redacted_thinking"
    data: str = ""


class ToolBlock(Block):
    """The base of the blocks that ask for a tool. ``input`` is always a dict; ask ``input_complete`` first."""

    id: str = ""
    name: str = ""
    input: dict[str, Any] = Field(default_factory=dict)

    _input_complete: bool = PrivateAttr(default=True)
    _partial_json: str = PrivateAttr(default="")

    @property
    def input_complete(self) -> bool:
        """Whether ``input`` is whole: the block was closed and its JSON was a whole object. If not, do not run it."""
        return self._input_complete

    @property
    def partial_json(self) -> str:
        """The raw text that ``input`` was read from, "" if it did not come in fragments. Not on the wire."""
        return self._partial_json


class ToolUseBlock(ToolBlock):
    """A tool of the caller's to run."""

    type: Literal["tool_use"] = "tool_use"
    caller: Any = None


class ServerToolUseBlock(ToolBlock):
    """A tool that the API runs itself; its result follows as a block of its own."""

    type: Literal["server_tool_use"] = "server_tool_use"
    caller: Any = None


class MCPToolUseBlock(ToolBlock):
    """A tool of an MCP server, run by the API."""

    type: Literal["mcp_tool_use"] = "mcp_tool_use"
    server_name: str = ""


class ResultItem(Model):
    """What a server tool's result holds: an object told apart by its ``type``, an error by its ``error_code``."""

    type: str = ""
    error_code: str | None = None


class WebSearchResult(ResultItem):
    """A page that a web search found; ``encrypted_content`` must go back untouched."""

    type: Literal["web_search_result"] = "web_search_result"
    url: str = ""
    title: str = ""
    encrypted_content: str = ""
    page_age: str | None = None


class ToolResultBlock(Block):
    """The base of the blocks that hold a server tool's result. They come whole, in their start."""

    tool_use_id: str = ""
    content: ResultContent = None


class MCPToolResultBlock(ToolResultBlock):
    """What an MCP server's tool gave."""

    type: Literal["mcp_tool_result"] = "mcp_tool_result"
    is_error: Bool = False


class WebSearchToolResultBlock(ToolResultBlock):
    """What a web search found, or why it failed."""

    type: Literal["web_search_tool_result"] = "web_search_tool_result"
    caller: Any = None


class WebFetchToolResultBlock(ToolResultBlock):
    """What was fetched."""

    type: Literal["web_fetch_tool_result"] = "web_fetch_tool_result"
    caller: Any = None


class CodeExecutionToolResultBlock(ToolResultBlock):
    """What a program printed."""

    type: Literal["code_execution_tool_result"] = "code_execution_tool_result"


class BashCodeExecutionToolResultBlock(ToolResultBlock):
    """What a shell command printed."""

    type: Literal["bash_code_execution_tool_result"] = "bash_code_execution_tool_result"


class TextEditorCodeExecutionToolResultBlock(ToolResultBlock):
    """What an editor command gave."""

    type: Literal["text_editor_code_execution_tool_result"] = "text_editor_code_execution_tool_result"


class ToolSearchToolResultBlock(ToolResultBlock):
    """The tools that a search found."""

    type: Literal["tool_search_tool_result"] = "tool_search_tool_result"


class AdvisorToolResultBlock(ToolResultBlock):
    """What another model advised."""

    type: Literal["advisor_tool_result"] = "advisor_tool_result"


class ContainerUploadBlock(Block):
    """A file that was put into the container."""

    type: Literal["container_upload"] = "container_upload"
    file_id: str = ""


class CompactionBlock(Block):
    """A summary that stands for the conversation so far."""

    type: Literal["compaction"] = "compaction"
    content: str | None = None
    encrypted_content: str | None = None


class MCPToolListingBlock(Block):
    """The tools that an MCP server offers."""

    type: Literal["mcp_tool_listing"] = "mcp_tool_listing"
    mcp_server_name: str = ""
    tools: list[dict[str, Any]] = Field(default_factory=list)


class ModelReference(Model):
    """A model's name."""

    model: str = ""


class FallbackBlock(Block):
    """From here on another model answers: the message's ``model`` becomes ``to.model``."""

    type: Literal["fallback"] = "fallback"
    from_: ModelReference | None = Field(default=None, alias="from")
    to: ModelReference | None = None
    trigger: Any = None


class UnknownBlock(Block):
    """A block of a type that this version does not know, with everything in it."""

    if TYPE_CHECKING:
        # One word for all the types that are not known: type checkers then tell the known ones apart by ``type``.
        # The wire's own word is there when the program runs, and so is every field, as an attribute.
        type: Literal["unknown"] = "unknown"

        def __getattr__(self, name: str) -> Any: ...


KnownBlock: TypeAlias = (
    TextBlock
    | ThinkingBlock
    | RedactedThinkingBlock
    | ToolUseBlock
    | ServerToolUseBlock
    | MCPToolUseBlock
    | MCPToolResultBlock
    | WebSearchToolResultBlock
    | WebFetchToolResultBlock
    | CodeExecutionToolResultBlock
    | BashCodeExecutionToolResultBlock
    | TextEditorCodeExecutionToolResultBlock
    | ToolSearchToolResultBlock
    | AdvisorToolResultBlock
    | ContainerUploadBlock
    | CompactionBlock
    | MCPToolListingBlock
    | FallbackBlock
)
"""Every block that the wire is known to have. To add one: its class above, and its name here."""

KnownCitation: TypeAlias = (
    CharLocation | PageLocation | ContentBlockLocation | WebSearchResultLocation | SearchResultLocation
)

BLOCKS: dict[str, type[Block]] = by_type(KnownBlock)
"""The known blocks by their type (PROTOCOL.md, "Blocks")."""
CITATIONS: dict[str, type[Citation]] = by_type(KnownCitation)
RESULT_ITEMS: dict[str, type[ResultItem]] = {"web_search_result": WebSearchResult}

ContentBlock: TypeAlias = Annotated[KnownBlock | UnknownBlock, discriminated(BLOCKS, UnknownBlock)]
AnyCitation: TypeAlias = Annotated[KnownCitation | Citation, discriminated(CITATIONS, Citation)]
AnyResultItem: TypeAlias = Annotated[WebSearchResult | ResultItem, discriminated(RESULT_ITEMS, ResultItem)]
ResultContent: TypeAlias = str | list[AnyResultItem] | AnyResultItem | None


def make_block(
    data: Mapping[str, Any], *, is_open: bool = False, partial_json: str = "", input_complete: bool = True
) -> ContentBlock:
    """Make the block that ``data`` describes; an unknown type gives an UnknownBlock. Never raises.

    Source: PROTOCOL.md, "Blocks".
    """
    kind = data.get("type")
    cls = BLOCKS.get(kind, UnknownBlock) if isinstance(kind, str) else UnknownBlock
    block = cls.from_wire(data)
    if is_open:
        block._open = True
    if isinstance(block, ToolBlock):
        block._partial_json = partial_json
        block._input_complete = input_complete
    return cast("ContentBlock", block)
