"""Types that are a word, a list or any JSON object: names for annotations.

Purpose: aliases for what the API may add to without notice, so that no version of this package has to list it.
Rule: a word is a ``str``; an object of a request that has no type of its own here is a ``dict``.

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
