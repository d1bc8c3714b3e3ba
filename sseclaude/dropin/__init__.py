"""Standing in for the official client: from ``install()`` on, ``import anthropic`` gives this package in this process.

    import sseclaude.dropin
    sseclaude.dropin.install()
    import some_program_on_top_of_the_official_client

Or, for a program that is not to be changed by a line:

    python -m sseclaude.dropin PROGRAM [ARGS]
    python -m sseclaude.dropin -m MODULE [ARGS]

Rule: nothing happens unless it is asked for. What this package does not have can be imported, because programs import
more than they use, and says what is missing when it is used. A name that neither has is an ImportError that names the
nearest one. The official client need not be installed; where it is, it is not touched.
"""

from __future__ import annotations

import sys

from ..errors import AnthropicError
from .finder import Finder, is_ours

__all__ = ["install"]


def install() -> None:
    """Make ``import anthropic`` give this package, for the rest of the process; a second call does nothing.

    Raises AnthropicError if the official client was imported before: modules that imported its names would keep them.
    """
    if any(isinstance(finder, Finder) for finder in sys.meta_path):
        return
    loaded = sys.modules.get("anthropic")
    if loaded is not None and not is_ours(loaded):
        where = getattr(loaded, "__file__", None) or "somewhere"
        raise AnthropicError(f"anthropic was imported already, from {where}: call sseclaude.dropin.install() before")
    sys.meta_path.insert(0, Finder())
