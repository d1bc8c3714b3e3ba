"""``sseclaude relay``: the relay as a server.

Purpose: make a client, a log and the app, and serve until Ctrl-C or SIGTERM.
Must not know: how answers are stored or sent.
Rule: errors in the settings are reported before the server listens. stdout gets the line that a shell can evaluate,
stderr one line for each answer.
"""

from __future__ import annotations

import asyncio
import logging
import shlex
import socket
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from ..client.client import AsyncAnthropic
from .connection import check_key, client_options
from .terminal import say, write

if TYPE_CHECKING:
    from ..relay import MemoryLog, RedisLog
    from ..relay.http_app import Authorize

PACKAGES = ("starlette", "uvicorn", "redis")
"""What the extra ``[relay]`` brings."""


def _origins(ctx: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what no ``origin`` header can be equal to."""
    for value in values:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or f"{parts.scheme}://{parts.netloc}" != value or not parts.netloc:
            raise click.BadParameter(f"{value!r} is no origin, such as https://app.example.com", ctx, option)
    return values


@click.command()
@click.option("--redis", metavar="URL", help="Where answers are kept: redis://, rediss://. [this process's memory]")
@click.option("--prefix", default="sseclaude", show_default=True, help="What the keys in Redis begin with.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 is a free one.")
@click.option(
    "--tokens",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Who may ask: lines of NAME TOKEN. Without it, this machine alone.",
)
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    callback=_origins,
    metavar="ORIGIN",
    help="A site that may ask. Repeats.",
)
@click.option(
    "--ttl", type=click.FloatRange(min=1), default=3600, show_default=True, help="Seconds an ended answer is kept."
)
@click.option(
    "--max-bytes", type=click.IntRange(min=1), default=16 << 20, show_default=True, help="Bytes an answer may have."
)
@click.option(
    "--max-running", type=click.IntRange(min=1), default=1000, show_default=True, help="Answers that run at once."
)
@click.option(
    "--drain", type=click.FloatRange(min=0), default=20, show_default=True, help="Seconds for what runs at SIGTERM."
)
def relay(
    redis: str | None,
    prefix: str,
    host: str,
    port: int,
    tokens: Path | None,
    origins: tuple[str, ...],
    **limits: Any,
) -> None:
    """Serve answers that outlive their readers: the Messages API, whose answers can be read again, from anywhere.

    \b
      sseclaude relay --redis redis://127.0.0.1:6379 --port 8080
      ANTHROPIC_BASE_URL=http://127.0.0.1:8080 ANTHROPIC_API_KEY=any sseclaude messages create ...
    """
    _check_packages(PACKAGES if redis is not None else PACKAGES[:2])
    from ..relay.auth import is_local, read_tokens

    if tokens is None and not is_local(host):
        raise click.UsageError(f"--host {host} is open to others: --tokens FILE says who may ask")
    client = AsyncAnthropic(**client_options())
    check_key(client)
    authorize = None if tokens is None else read_tokens(tokens)
    logging.basicConfig(format="%(message)s")
    logging.getLogger("sseclaude.relay").setLevel(logging.INFO)
    serving = _serve(host, port, client, _log(redis, prefix), authorize, origins, limits)
    if asyncio.run(serving):
        raise KeyboardInterrupt


def _log(redis: str | None, prefix: str) -> MemoryLog | RedisLog:
    if redis is None:
        from ..relay import MemoryLog

        return MemoryLog()
    from ..relay import RedisLog

    try:
        return RedisLog(redis, prefix=prefix)
    except ValueError as error:
        raise click.UsageError(f"--redis: {error}") from None


def _check_packages(names: Sequence[str]) -> None:
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise click.ClickException(f"it needs {', '.join(missing)}: run  pip install 'sseclaude[relay]'")


async def _serve(
    host: str,
    port: int,
    client: AsyncAnthropic,
    kept: MemoryLog | RedisLog,
    authorize: Authorize | None,
    origins: Sequence[str],
    limits: dict[str, Any],
) -> bool:
    """Serve until a signal; return whether it was Ctrl-C."""
    from ..relay import Relay
    from ..relay.http_app import app
    from ..relay.http_server import Server, url_of

    await _check(kept)
    async with client, Relay(client, kept, **limits) as answers:
        with _listen(host, port) as sock:
            site = app(answers, authorize or _this_machine, allow_origins=origins, local=authorize is None)
            server = Server(site, lambda: _announce(url_of(sock, host), kept), answers.drain)
            await server.serve(sockets=[sock])
        if server.force_exit:  # Ctrl-C came twice
            await answers.drain(0)
    return server.interrupted


def _announce(url: str, kept: MemoryLog | RedisLog) -> None:
    from ..relay import MemoryLog

    where = (
        " in memory, until this process ends (--redis URL keeps them)" if isinstance(kept, MemoryLog) else " in Redis"
    )
    say(f"Answering at {url}; answers are kept{where}.")
    write(f"export ANTHROPIC_BASE_URL={shlex.quote(url)}\n")


async def _check(kept: MemoryLog | RedisLog) -> None:
    """Name what is wrong with Redis before anything listens; an error of the log's ends the command with 1."""
    from ..relay import MemoryLog

    if not isinstance(kept, MemoryLog):
        try:
            await kept.check()
        except BaseException:
            await kept.close()
            raise


def _listen(host: str, port: int) -> socket.socket:
    from ..relay.http_server import listen

    try:
        return listen(host, port)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror or error}") from None


def _this_machine(request: object) -> str:
    """Authorize for a relay that serves this machine alone: all is one owner's."""
    return ""
