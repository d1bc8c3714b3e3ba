"""``sseclaude messages create``: send a request, and print the message as it comes.

Purpose: send the parameters of the flags, and print the answer in the chosen format.
Must not know: how a format is written, or how a view draws.
Rule: if the answer ends early, what had come is printed all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click

from ..errors import AnthropicError, APIStatusError
from .body import body_options, build_body
from .connection import ask, connected
from .options import connection_options, output_options
from .output import Output
from .raw_events import Bytes, bodies, events
from .summary import summary
from .terminal import is_live, say, write_bytes
from .views import view


@click.command()
@body_options()
@click.option("--stream", is_flag=True, help="Print the events instead of the message.")
@output_options
@connection_options
def create(stream: bool, params: tuple[str, ...], **given: Any) -> None:
    """Request a message, and print it as it comes.

    Exactly the given parameters are sent, and stream: true. Flags take YAML or JSON, @FILE or - for stdin; inside of a
    value, "@FILE" stands for a file's text, or base64 if it is an image or a PDF.

    \b
      sseclaude serve &      (and set the two variables that it prints)
      sseclaude messages create --stream --format jsonl --model claude-sonnet-4-6 \\
          --max-tokens 1024 --message '{role: user, content: "Hello"}'
    """
    output = Output.chosen(in_a_pipe="jsonl", on_a_terminal="jsonl") if stream else Output.chosen(in_a_pipe="json")
    body = build_body(params, given)
    kind = output.format if output.format in PRINT else "events" if stream else "message"
    PRINT[kind](body, output)


def _print_text(body: dict[str, Any], output: Output) -> None:
    """Show the message as a person reads it; in a pipe, its words."""
    with connected() as client, view(words_only=True) as shown, ask(client, body) as answer:
        shown.waiting("waiting for the first token")
        for event in events(answer):
            shown.feed(event)
        message, timing = answer.get_final_message(), answer.timing
    if is_live():
        say("\n" + summary(message, timing), dim=True)


def _print_raw(body: dict[str, Any], output: Output) -> None:
    """Print the bytes of the wire."""
    tap = Bytes(write_bytes)
    try:
        with connected(tap) as client, ask(client, body) as answer:
            for _ in bodies(answer):
                tap.release()
    finally:
        tap.release()


def _print_events(body: dict[str, Any], output: Output) -> None:
    """Print each event of the wire, the error that ends it included."""
    with connected() as client:
        try:
            with ask(client, body) as answer:
                for event in bodies(answer):
                    output.print(event, single=False)
                answer.get_final_message()
        except APIStatusError as error:
            if error.progress is not None:  # it came as an event, not as the answer's status
                output.print(error.body, single=False)
            raise


def _print_message(body: dict[str, Any], output: Output) -> None:
    """Print the message when it is complete, or as far as it came."""
    with connected() as client, ask(client, body) as answer:
        try:
            message = answer.get_final_message()
        except BaseException:
            _print_partial(answer, output)
            raise
        output.print(message.to_dict())


def _print_partial(answer: Any, output: Output) -> None:
    with suppress(AnthropicError):  # nothing may have come
        output.print(answer.current_message_snapshot.to_dict())


PRINT: dict[str, Callable[[dict[str, Any], Output], None]] = {
    "text": _print_text,
    "raw": _print_raw,
    "events": _print_events,
    "message": _print_message,
}
"""What is printed: the two formats that are no JSON, the events, or the message."""
