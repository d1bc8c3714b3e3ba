"""The error for a forgotten ``with``: raised by a context manager that is used as if it were the stream.

Rule: type checkers do not see these methods, so they report the mistake too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar


class NeedsWith:
    """A context manager that knows the class of the stream that it returns, and the statement that it needs."""

    _gives: ClassVar[type]
    _statement: ClassVar[str] = "with"

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Name the statement that is missing, where the stream would have the attribute."""
            if hasattr(self._gives, name):
                raise AttributeError(self._advice(f".{name}"), name=name, obj=self)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

        def __iter__(self) -> Any:
            raise TypeError(self._advice(""))

        def __aiter__(self) -> Any:
            raise TypeError(self._advice(""))

    def _advice(self, use: str) -> str:
        return (
            f"messages.stream() returns a context manager: write "
            f"'{self._statement} client.messages.stream(...) as stream:', then use stream{use}"
        )
