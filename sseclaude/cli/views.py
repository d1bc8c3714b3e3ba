"""Choose the view for stdout: ``live.Live`` for a terminal, ``view.Plain`` for a pipe."""

from __future__ import annotations

from typing import Any

from .terminal import is_live
from .view import Plain, View


def view(**plain: Any) -> View:
    """Return the view that suits stdout; ``plain`` are the options of ``Plain``."""
    if not is_live():
        return Plain(**plain)
    from .live import Live  # rich takes a while to import, and a pipe does not need it

    return Live()
