"""Values that stand for "no value": a parameter with one of them is left out, where None would be sent as null.

Purpose: ``omit`` and ``NOT_GIVEN``, for a program that passes on a parameter which it may not have.
Rule: both are false, and both are left out of bodies, headers and queries. ``omit`` also removes a header that the
client sends by default; ``NOT_GIVEN`` keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

V = TypeVar("V")


class NotGiven:
    """The class of ``NOT_GIVEN``: the argument was not passed."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "NOT_GIVEN"


class Omit:
    """The class of ``omit``: leave the parameter, or the header, out of the request."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "omit"


NOT_GIVEN = NotGiven()
omit = Omit()


def is_given(value: object) -> bool:
    """Whether a value is neither ``NOT_GIVEN`` nor ``omit``."""
    return not isinstance(value, (NotGiven, Omit))


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are to be sent, by their names."""
    return {name: value for name, value in values.items() if is_given(value)}
