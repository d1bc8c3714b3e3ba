"""Attributes that the official client has and this one does not: to use one raises an error that says so.

Rule: nothing is ignored silently; an attribute that neither client has is an ordinary AttributeError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar


class Absent:
    """A class that knows which attributes of the official client's class it lacks."""

    _absent: ClassVar[frozenset[str]] = frozenset()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Say what is missing."""
            kind = type(self).__name__
            why = ": sseclaude does not have this part of the official client" if name in self._absent else ""
            raise AttributeError(f"{kind!r} object has no attribute {name!r}{why}", name=name, obj=self)
