"""Options that many commands share: base URL and key, timeouts and retries, and how to print.

Purpose: declare them once, and store their values where every command finds them.
Must not know: clients or messages, for ``--help`` imports this file.
Rule: an option may stand before or after the command; the later one counts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import click

FORMATS = ("auto", "text", "pretty", "json", "jsonl", "yaml", "raw")
KEY = __name__ + "."

F = TypeVar("F", bound=Callable[..., Any])


def _keep(ctx: click.Context, option: click.Parameter, value: Any) -> None:
    if value is not None:
        ctx.meta[KEY + str(option.name)] = value


def setting(name: str, default: Any = None) -> Any:
    """Return a shared option's value, by its name without dashes."""
    return click.get_current_context().meta.get(KEY + name, default)


def _shared(*names: str, **attributes: Any) -> Callable[[F], F]:
    return click.option(*names, callback=_keep, expose_value=False, default=None, **attributes)


def _debug(ctx: click.Context, option: click.Parameter, value: Any) -> None:
    _keep(ctx, option, value)
    if value:
        logging.basicConfig(format="%(name)s: %(message)s")
        logging.getLogger(__package__.partition(".")[0] if __package__ else None).setLevel(logging.DEBUG)


CONNECTION = (
    _shared("--base-url", metavar="URL", help="Where the API is. [ANTHROPIC_BASE_URL]"),
    _shared("--api-key", metavar="KEY", help="The key. [ANTHROPIC_API_KEY]"),
    _shared("--auth-token", metavar="TOKEN", help="A bearer token instead of a key. [ANTHROPIC_AUTH_TOKEN]"),
    _shared("--beta", "betas", metavar="NAME,...", help="Betas to ask for."),
    _shared("--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS",
            help="How long to wait for the connection, and for each next byte. [5, 600]"),
    _shared("--max-retries", type=click.IntRange(min=0), metavar="N", help="Attempts after the first. [2]"),
    _shared("--record", type=click.Path(dir_okay=True, writable=True), metavar="FILE.sse", help="Record the answer."),
    _shared("--force", is_flag=True, help="Let --record overwrite a file."),
    _shared("--strict", is_flag=True, help="Refuse a stream that breaks a rule."),
    click.option(
        "--debug", is_flag=True, default=None, callback=_debug, expose_value=False,
        help="Say on stderr what is done. No keys, no contents.",
    ),
)  # fmt: skip

OUTPUT = (
    _shared("--format", type=click.Choice(FORMATS), help="How to print. [auto: live text, in a pipe JSON]"),
    _shared("--transform", metavar="PATH", help="Print a part only: content.0.text, delta.text."),
    _shared("-r", "--raw-output", is_flag=True, help="Print strings without quotes."),
)


def connection_options(command: F) -> F:
    """Add the options that make a client."""
    for option in reversed(CONNECTION):
        command = option(command)
    return command


def output_options(command: F) -> F:
    """Add the options that say how to print."""
    for option in reversed(OUTPUT):
        command = option(command)
    return command
