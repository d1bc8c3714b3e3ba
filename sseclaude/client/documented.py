"""What ``help()`` shows of a method's parameters: their names, types and one-line docs.

Rule: type checkers read the TypedDict of the parameters, which this adds nothing to; it takes no part in a call. What
the method takes besides stays open: ``**others``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import Parameter, cleandoc, signature
from typing import Any, TypeVar

from .not_given import NOT_GIVEN

F = TypeVar("F", bound=Callable[..., Any])


def documented(params: Any, docs: str) -> Callable[[F], F]:
    """Give a method the signature and the docs of its parameters: ``params`` is their TypedDict, ``docs`` a line each.

    A line is of the form ``name: what it is``; those of other names are left out.
    """
    types = {name: _type_of(annotation) for name, annotation in params.__annotations__.items()}
    known = [_parameter(name, kind) for name, kind in types.items()]
    lines = [line for line in docs.splitlines() if line.partition(":")[0] in types]

    def apply(method: F) -> F:
        own = signature(method)
        first, *named = [each for each in own.parameters.values() if each.kind is not Parameter.VAR_KEYWORD]
        rest = Parameter("others", Parameter.VAR_KEYWORD, annotation=Any)
        method.__signature__ = own.replace(parameters=[first, *_required_first([*known, *named]), rest])  # type: ignore[attr-defined]
        method.__doc__ = "\n".join([cleandoc(method.__doc__ or ""), "", "Parameters:", "", *lines])
        return method

    return apply


def _type_of(annotation: Any) -> str:
    return str(getattr(annotation, "__forward_arg__", annotation))


def _parameter(name: str, kind: str) -> Parameter:
    required = kind.startswith("Required[")
    shown = kind.removeprefix("Required[").removesuffix("]") if required else kind
    return Parameter(name, Parameter.KEYWORD_ONLY, default=Parameter.empty if required else NOT_GIVEN, annotation=shown)


def _required_first(parameters: Iterable[Parameter]) -> list[Parameter]:
    return sorted(parameters, key=lambda each: each.default is not Parameter.empty)
