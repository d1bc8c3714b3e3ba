"""``sseclaude messages``: the commands that send requests to the API.

Purpose: group them under one name.
Must not know: what they do; each is imported when it runs.
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
    """Request a message, or count a prompt's tokens."""
