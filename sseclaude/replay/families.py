"""httpx and httpx2: one interface under two names, treated alike.

Purpose: find the library that an object of the caller belongs to, and make streams of its kind.
Rule: httpx2 is never imported here; a program that passes an object of it has imported it.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import httpx

FAMILIES = ("httpx2", "httpx")


def family_of(thing: object) -> Any:
    """Return the module, httpx2 or httpx, whose class (or subclass) an object is of; httpx for any other object."""
    packages = {base.__module__.partition(".")[0] for base in type(thing).__mro__}
    return next((sys.modules[name] for name in FAMILIES if name in packages), httpx)


@cache
def stream_class(mixin: type[Any], base: type[Any]) -> type[Any]:
    """Return ``mixin`` as a subclass of a family's stream class, by which its clients check a response's stream."""
    return type(mixin.__name__, (mixin, base), {"__module__": mixin.__module__, "__doc__": mixin.__doc__})
