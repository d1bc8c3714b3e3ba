"""Types that are a string, a list or any JSON object: names for annotations.

Purpose: aliases for values that the API may extend without notice, so that no version of this package must list them.
Rule: one of a set of strings is a ``str``; an object of a request without a type here is a ``dict``.

Source: PROTOCOL.md, "The request".
"""

from __future__ import annotations

from typing import Any, TypeAlias

from ..message import IterationUsage

Word: TypeAlias = str
"""The name of a model, a reason, an error's code: the API adds values without notice."""

OpenParam: TypeAlias = dict[str, Any]
"""An object of a request whose fields are not listed here."""

IterationsUsage: TypeAlias = list[IterationUsage]
"""What each round inside a request has cost."""
