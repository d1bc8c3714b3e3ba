"""The command line: streams in a shell, for people and for pipes.

Purpose: find the command, run it, and turn an exception into a line on stderr and an exit code.
Must not know: what a command does. Its module is imported when it runs, so that ``--help`` is fast.
Rule: data goes to stdout, messages to stderr; exit code 0 for success, 1 if the API or a stream failed, 2 for wrong
usage, 130 if interrupted.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click

from .._version import __version__
from ..errors import AnthropicError
from .options import connection_options, output_options
from .terminal import ReaderGoneError, say

COMMANDS = {
    "messages": "Ask for a message, or count its tokens.",
    "chat": "Talk with a model in this terminal.",
    "demo": "Stream four answers to this terminal.",
    "replay": "Show recordings at the pace at which they came.",
    "serve": "Answer the Messages API from recordings.",
    "relay": "Serve answers that outlive their readers.",
    "check": "Find where streams break the protocol's rules.",
    "assemble": "Read a stream's bytes and print the message.",
    "timeline": "Draw when a stream's events came.",
    "vendor": "Copy this package into another project.",
    "completion": "Print the completion script for a shell.",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run.

    ``summaries`` are the commands with their one line of help. ``messages create`` is ``create`` in
    ``messages_create.py``; ``prefix`` is the ``messages_`` of it.
    """

    def __init__(self, *args: Any, summaries: Mapping[str, str], prefix: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.summaries = summaries
        self.prefix = prefix

    def _module(self, name: str) -> str:
        return f".{self.prefix}{name.replace('-', '_')}"

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands that are present: a vendored part of the package may lack some."""
        return [name for name in self.summaries if find_spec(self._module(name), __name__) is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(self._module(cmd_name), __name__)
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.summaries[name]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, summaries=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@connection_options
@output_options
@click.version_option(__version__, prog_name="sseclaude")
def cli() -> None:
    """Claude's streaming Messages API in a shell.

    Options may stand before or after the command. Without a key, try `sseclaude demo`, or `sseclaude serve`, which
    answers every command's examples.
    """


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code. Raises only for a fault of this program."""
    warnings.showwarning = _show_warning
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")  # a terminal that lacks a character shows another
    try:
        return int(cli.main(list(arguments), standalone_mode=False) or 0)
    except BaseException as end:
        return _ended(end)


def _ended(end: BaseException) -> int:
    """Say what ended a command and return the exit code."""
    for kinds, tell in ENDS:
        if isinstance(end, kinds):
            return tell(end)
    raise end


NOTHING_ASKED: Any = getattr(click.exceptions, "NoArgsIsHelpError", ())
"""A group without a command, since click 8.2; before, it was no error."""


def _usage(error: Any) -> int:
    """Say what was wrong with the command line: one line, or the help if no command was given."""
    path = error.ctx.command_path if getattr(error, "ctx", None) else "sseclaude"
    if isinstance(error, NOTHING_ASKED):
        error.show()
    else:
        say(f"{path}: {error.format_message()}", fg="red")
    return int(error.exit_code)


def _interrupted(_: BaseException) -> int:
    return 130


def _left(_: BaseException) -> int:
    """The reader of stdout has closed it. What Python would still flush at the end is discarded."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _failed(error: BaseException) -> int:
    say(f"{type(error).__name__}: {error}" if not isinstance(error, OSError) else _os_error(error), fg="red")
    response = getattr(error, "response", None)
    if response is not None and "html" in response.headers.get("content-type", ""):
        say(
            f"A web page answered. Is {_without_path(response.url)} the API's address? (--base-url, ANTHROPIC_BASE_URL)"
        )
    return 1


def _without_path(url: Any) -> str:
    """Return the address that a request was sent to, without the API's own path, user info and query."""
    return f"{url.scheme}://{url.netloc.decode()}{url.path.partition('/v1/messages')[0]}"


def _os_error(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename is not None else str(error)


def _exit(error: Any) -> int:
    return int(error.code or 0)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    say(f"warning: {message}", fg="yellow")


ENDS: tuple[tuple[Any, Callable[[Any], int]], ...] = (
    (ReaderGoneError, _left),
    (click.ClickException, _usage),
    ((KeyboardInterrupt, click.Abort), _interrupted),
    ((AnthropicError, OSError), _failed),
    (SystemExit, _exit),
)
"""How a command may end. Anything else is a fault of this program, and is shown as such."""
