"""The base of all models, and the class of JSON objects that have no model.

Purpose: ``Model`` is a pydantic model that loses nothing: an unknown field stays on the object, and ``to_dict()``
returns the wire's JSON, field for field. ``AttributeDict`` is an object without a model of its own.
Must not know: which models there are.
Rule: every value is kept as it came. Nothing is coerced (``"12"`` never becomes 12), absent fields are not written, and
a field of the wrong type is kept, so one odd value never makes an answer unreadable. Every field is an attribute.

Source: PROTOCOL.md, "Blocks".
"""

# Annotations are evaluated here, not strings: pydantic looks up those of `__pydantic_extra__` in a subclass's module.

import json
from collections.abc import Callable, Generator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeVar, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    Strict,
    ValidationError,
)
from pydantic_core import PydanticSerializationError, core_schema
from typing_extensions import Self

Int = Annotated[int, Strict()]
Bool = Annotated[bool, Strict()]
_as_it_is = core_schema.simple_ser_schema("any")


def _object_schema(take: Callable[[Any], Any]) -> core_schema.CoreSchema:
    """Make the schema of a JSON object that a function validates; in a JSON schema it is any object."""
    as_json_schema = {"pydantic_js_functions": [lambda schema, handler: {"type": "object"}]}
    return core_schema.no_info_plain_validator_function(take, serialization=_as_it_is, metadata=as_json_schema)


class AttributeDict(dict[str, Any]):
    """A JSON object without a model of its own: a dict whose items are attributes too, at every depth.

    It equals a plain dict, and ``json.dumps`` takes it. A field that is named like a method of dict (``items``) is
    read by index. A field that was not sent raises AttributeError, or KeyError by index.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the object has no field {name!r}; it has {', '.join(self) or 'none'}") from None

    def __dir__(self) -> list[str]:
        """List the fields beside the methods of dict, for completion."""
        return [*super().__dir__(), *self]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Make a field of this type take any JSON object."""
        return _object_schema(_take_object)


def _take_object(value: Any) -> AttributeDict:
    if not isinstance(value, dict):
        raise ValueError("an object was expected")
    made: AttributeDict = by_attribute(value)
    return made


def by_attribute(value: Any) -> Any:
    """Return JSON data in which every object is an AttributeDict; the data itself is not changed."""
    if isinstance(value, dict):
        return AttributeDict((key, by_attribute(item)) for key, item in value.items())
    return [by_attribute(item) for item in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """Return JSON data in which every object is a plain dict: the inverse of ``by_attribute``."""
    if isinstance(value, AttributeDict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


class AwaitableValue:
    """An object that is its own result when awaited: programs await the ``parse()`` of an async raw response."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, Self]:
        yield from ()  # there is nothing to wait for
        return self


Open = Annotated[Any, BeforeValidator(by_attribute)]
"""Any JSON value: the type of a field whose shape the wire leaves open."""


class Model(BaseModel):
    """The base of everything that comes from the API: keeps unknown fields, and knows which fields were sent."""

    # Schemas are built at first use: a program that only imports the library does not pay for a hundred of them.
    model_config = ConfigDict(extra="allow", defer_build=True, protected_namespaces=())

    if not TYPE_CHECKING:  # checkers would take it for an argument of ``__init__``
        __pydantic_extra__: dict[str, Open]

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
            made.__pydantic_extra__ = {key: by_attribute(value) for key, value in data.items() if key not in known}
        for name, field in cls.model_fields.items():
            key = field.alias or name
            if key in faulty and key in data:
                vars(made)[name] = _model_or_raw(field.annotation, data[key])
                made.__pydantic_fields_set__.add(name)
        return made

    def to_dict(
        self,
        *,
        mode: Literal["json", "python"] = "python",
        use_api_names: bool = True,
        exclude_unset: bool = True,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        warnings: bool = False,
    ) -> dict[str, Any]:
        """Return the JSON that was received: the fields that were sent, nulls included, and no others.

        The options are those of the official client. Source: PROTOCOL.md, "The message".
        """
        return self.model_dump(
            mode=mode,
            by_alias=use_api_names,
            exclude_unset=exclude_unset,
            exclude_defaults=exclude_defaults,
            exclude_none=exclude_none,
            warnings=warnings,
        )

    def to_json(self, *, indent: int | None = 2, **options: Any) -> str:
        """Return ``to_dict(**options)`` as JSON text, not only in ASCII; ``indent=None`` puts it on one line."""
        return json.dumps(self.to_dict(**options), indent=indent, ensure_ascii=False)

    def __str__(self) -> str:
        return repr(self)

    def model_dump_json(self, **options: Any) -> str:
        """Return JSON text, as pydantic does. Half a character, which an event may hold, is written as an escape."""
        try:
            return super().model_dump_json(**options)
        except PydanticSerializationError:
            indent, _ = options.pop("indent", None), options.pop("ensure_ascii", True)
            separators = (",", ":" if indent is None else ": ")
            return json.dumps(self.model_dump(mode="json", **options), indent=indent, separators=separators)

    def to_param(self) -> dict[str, Any]:
        """Return the JSON to send back in a request: ``to_dict()`` without the fields that are output only.

        Source: PROTOCOL.md, "Sending a message back".
        """
        set_fields = {name: getattr(self, name) for name in self.model_fields_set if name in type(self).model_fields}
        aliases = {name: field.alias or name for name, field in type(self).model_fields.items()}
        sent = {aliases[name]: value for name, value in set_fields.items()} | (self.__pydantic_extra__ or {})
        return {key: _param(value) for key, value in sent.items() if key not in self.output_only}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """Unpickle; what is inside other models is dumped by pydantic up to 2.13 only if its schema has been built."""
        super().__setstate__(state)
        self.model_rebuild()

    def __eq__(self, other: object) -> bool:
        """Compare what is on the wire: how a block came to be does not make it another."""
        if type(self) is not type(other):
            return NotImplemented
        assert isinstance(other, Model)
        return self.__dict__ == other.__dict__ and self.__pydantic_extra__ == other.__pydantic_extra__

    __hash__ = None  # type: ignore[assignment]


def _model_or_raw(annotation: Any, value: Any) -> Any:
    # Not issubclass(): on Python 3.10 a list[int] passes for a type, and is refused there.
    models = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type(Model))]
    return models[0].from_wire(value) if models and isinstance(value, Mapping) else by_attribute(value)


def _param(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_param()
    return [_param(item) for item in value] if isinstance(value, list) else plain(value)


M = TypeVar("M", bound=Model)
_new = object.__new__
_put_fields, _put_sent, _put_extra, _put_private = (
    BaseModel.__dict__[slot].__set__
    for slot in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)


def construct_unchecked(
    cls: type[M], fields: dict[str, Any], sent: set[str], private: dict[str, Any] | None = None
) -> M:
    """Make the object that ``cls(**fields)`` would make, without validation: the fields are known to be valid.

    For the few shapes that nearly every event of a stream has: there the validator is half the price.
    """
    made = _new(cls)
    _put_fields(made, fields)
    _put_sent(made, sent)
    _put_extra(made, {})
    _put_private(made, private)
    return made


# --- one of several models ---------------------------------------------------------------------------------------


def by_type(union: Any) -> dict[str, Any]:
    """Index the models of a union by the ``type`` that each has on the wire."""
    return {model.model_fields["type"].default: model for model in get_args(union)}


Known = Mapping[str, type[Model]]
"""Models by the ``type`` that each has on the wire."""


def _choose(known: Known, unknown: type[Model] | None, value: Any) -> Any:
    if isinstance(value, Model):
        return value
    if not isinstance(value, Mapping):
        raise ValueError("an object was expected")
    kind = value.get("type")
    model = known.get(kind, unknown) if isinstance(kind, str) else unknown
    return by_attribute(value) if model is None else model.from_wire(value)


def discriminated(known: Known, unknown: type[Model], *, often: bool = False) -> GetPydanticSchema:
    """Make the schema of "one of these, by its ``type``; else that": nothing unknown is taken for known.

    ``often`` tries the known ones without leaving the validator; that costs the building of all their schemas.
    """
    careful = _object_schema(lambda value: _choose(known, unknown, value))

    def schema(source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        if not often:
            return careful
        for model in known.values():
            model.model_rebuild()  # made without their validators too, and see __setstate__
        choices = {kind: handler.generate_schema(model) for kind, model in known.items()}
        fast = core_schema.tagged_union_schema(choices, discriminator="type")
        return core_schema.union_schema([fast, careful], mode="left_to_right", serialization=_as_it_is)

    return GetPydanticSchema(schema)


def deferred(module: str, known: str | None, unknown: str | None = None) -> Any:
    """Make the type "one of these, by its ``type``; else that", whose models are imported when the first one comes.

    ``known`` names the table of the models in the module, ``unknown`` the model of any other object: without one, that
    becomes an AttributeDict.
    """

    def choose(value: Any) -> Any:
        models = import_module(module)
        return _choose(getattr(models, known) if known else {}, getattr(models, unknown) if unknown else None, value)

    schema = _object_schema(choose)
    return Annotated[Model, GetPydanticSchema(lambda source, handler: schema)]
