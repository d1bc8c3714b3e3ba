"""``sseclaude serve``: the replay server as a command.

Purpose: answer the Messages API from recordings until Ctrl-C.
Must not know: how the server works.
Rule: stdout gets the lines that a shell can evaluate, stderr one line for each request.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

import click

from ..replay import Entry, ReplayServer
from ..replay.spelling import parse_fault, parse_pace
from .files import recordings
from .terminal import say, write

LISTEN = 0.5
"""Seconds to wait for an answer's end at a time: Ctrl-C is heard in between."""


def spelled(parse: Callable[[str], Any]) -> Callable[..., Any]:
    """Return an option's callback that reads what ``replay.spelling`` can read, once or repeated."""

    def read(ctx: click.Context, option: click.Parameter, value: str | tuple[str, ...]) -> Any:
        try:
            return parse(value) if isinstance(value, str) else [parse(one) for one in value]
        except ValueError as error:
            raise click.BadParameter(str(error), ctx, option) from None

    return read


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE|DIR]...", type=click.Path(exists=True))
@click.option(
    "--pace",
    callback=spelled(parse_pace),
    default="default",
    metavar="PACE",
    help="default (as recorded, else like a model), none (full speed), or Pace(ttft=0.2, tokens_per_second=50).",
)
@click.option(
    "--fault",
    "faults",
    callback=spelled(parse_fault),
    multiple=True,
    metavar="FAULT",
    help="What goes wrong with the next request: Status(529), Disconnect(after_events=3), always(Drip(7)). Repeats.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port to listen on. [a free one]")
def serve(files: tuple[str, ...], pace: Any, faults: list[Any], host: str, port: int) -> None:
    """Answer the Messages API from recordings: those that are named, in turn, or the shipped ones, chosen by what a
    request asks for.

    \b
      sseclaude serve --port 8123 --fault 'Status(529)' &
      export ANTHROPIC_BASE_URL=http://127.0.0.1:8123 ANTHROPIC_API_KEY=any
      sseclaude messages create --model claude-sonnet-4-6 --max-tokens 1024 --message '{role: user, content: Hello}'
    """
    source = recordings(files) if files else None
    try:
        server = ReplayServer(source, pace=pace, faults=faults, host=host, port=port)
        server.start()
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror or error}") from None
    _serve(server)


def _serve(server: ReplayServer) -> NoReturn:
    """Print the server's URL, then a line for each request, until Ctrl-C."""
    try:
        say(f"Answering at {server.url} from {len(server.recordings)} recordings; Ctrl-C ends it.")
        write(f"export ANTHROPIC_BASE_URL={shlex.quote(server.url)}\nexport ANTHROPIC_API_KEY=any\n")
        reported: set[int] = set()  # by identity: answers do not end in the order in which they were asked for
        while True:
            with suppress(TimeoutError):
                for entry in server.wait_for(len(reported) + 1, LISTEN, ended=True):
                    if id(entry) not in reported:
                        reported.add(id(entry))
                        say(_line(entry))
    finally:
        server.stop()


def _line(entry: Entry) -> str:
    faults = f", with {', '.join(map(repr, entry.faults))}" if entry.faults else ""
    answer = f"{entry.recording or 'no recording'}, {entry.bytes_sent} bytes, {entry.ended}"
    return f"{entry.method} {entry.path}: {entry.status or 'no status'}, {answer}{faults}"
