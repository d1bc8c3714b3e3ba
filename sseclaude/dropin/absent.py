"""Placeholders for names of the official client that this package lacks: they can be imported, but not used.

Rule: a class can be compared, used in an annotation and passed to ``isinstance``, which is always false. To make an
object of it, or to call a function, raises a TypeError that says what is missing. A parameter's type is a TypedDict
that takes every key, because the API checks parameters; an error's class is one that is never raised.
"""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict

from ..errors import AnthropicError


def absent(module: str, name: str) -> Any:
    """Return the placeholder for ``module.name``."""
    if name.endswith(("Param", "Params")):
        open_dict = TypedDict(name, {}, total=False)  # type: ignore[misc] # noqa: UP013 - its name is known at run time only
        open_dict.__pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[attr-defined]
        open_dict.__module__ = module
        return open_dict
    if name.endswith("Error") and not module.startswith("anthropic.types"):
        return type(name, (AnthropicError,), {"__module__": module, "__doc__": "Never raised."})
    if name[0].islower():
        return _function(module, name)
    return _AbsentType(name, (), {"__module__": module, "__get_pydantic_core_schema__": classmethod(_schema)})


class _AbsentType(type):
    """The class of the classes that are not here."""

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        raise TypeError(_missing(cls.__module__, cls.__name__))

    def __getattr__(cls, name: str) -> Any:
        raise AttributeError(f"{_missing(cls.__module__, cls.__name__)}: it has no attribute {name!r}")

    def __getitem__(cls, parameters: Any) -> Any:
        return cls


def _schema(cls: type, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    return core_schema.is_instance_schema(cls)


def _function(module: str, name: str) -> Any:
    def function(*arguments: Any, **named: Any) -> Any:
        raise TypeError(_missing(module, name))

    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    return function


def _missing(module: str, name: str) -> str:
    return f"sseclaude does not have {name} of the official client ({module})"
