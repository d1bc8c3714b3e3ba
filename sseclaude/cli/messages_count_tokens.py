"""``sseclaude messages count-tokens``: the number of tokens in a prompt, without an answer.

Purpose: send a request's prompt to be counted.
Must not know: how tokens are counted.
Rule: it has only the flags that make up a prompt.
"""

from __future__ import annotations

from typing import Any

import click

from .body import body_options, build_body
from .connection import connected, exactly
from .options import connection_options, output_options
from .output import Output
from .terminal import write


@click.command()
@body_options(prompt_only=True)
@output_options
@connection_options
def count_tokens(params: tuple[str, ...], **given: Any) -> None:
    """Count the input tokens of a request.

    \b
      sseclaude messages count-tokens --model claude-sonnet-4-6 --message '{role: user, content: "Hello"}'
    """
    output = Output.chosen(in_a_pipe="json", on_a_terminal="json", refused=("raw",))
    body = build_body(params, given, prompt_only=True)
    with connected() as client:
        count = client.messages.count_tokens(**exactly(body))
    if output.format == "text":
        write(f"{count.input_tokens}\n")
    else:
        output.print(count.to_dict())
