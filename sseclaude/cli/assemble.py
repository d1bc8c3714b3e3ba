"""``sseclaude assemble``: from a stream's bytes to the message's JSON.

Purpose: read a file or stdin as a response's body.
Must not know: HTTP, or how JSON is printed.
Rule: of a stream that breaks off, the partial message is printed, and the exit code is 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import click

from ..errors import APIError
from ..iterate import assemble as assemble_message
from ..message import Message
from .options import output_options, setting
from .output import Output
from .terminal import harmless, is_terminal, write

CHUNK = 64 * 1024


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--strict", is_flag=True, help="Refuse a stream that breaks a rule.")
@output_options
def assemble(file: BinaryIO, strict: bool) -> None:
    """Read a stream's bytes from FILE (- is stdin) and print the message. A cut stream gives what had come, and exit 1.

    \b
      sseclaude messages create --format raw ... | sseclaude assemble -
    """
    output = Output.chosen(in_a_pipe="json", on_a_terminal="pretty", refused=("raw",))
    try:
        message = assemble_message(_chunks(file), strict=strict or setting("strict", False))
    except APIError as error:
        if error.partial_message is not None:
            _print(error.partial_message, output)
        raise
    _print(message, output)


def _print(message: Message, output: Output) -> None:
    if output.format == "text":
        write((harmless(message.text) if is_terminal() else message.text) + "\n")
    else:
        output.print(message.to_dict())


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
