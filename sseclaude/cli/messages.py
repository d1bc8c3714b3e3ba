"""``sseclaude messages``: the commands that ask the API.

Purpose: hold them together under one name.
Must not know: what they do; each is imported when it is run.
Rule: one line of help for each.
"""

from __future__ import annotations

import click

from . import LazyGroup

SUMMARIES = {
    "create": "Ask for a message, and print it as it comes.",
    "count-tokens": "Count the tokens that a request would have.",
}


@click.group(cls=LazyGroup, summaries=SUMMARIES, prefix="messages_")
def messages() -> None:
    """Ask for a message, or count its tokens."""
