"""``sseclaude replay``: recordings in the terminal, at the pace at which they were received.

Purpose: play files through the reader, as if they were just being received.
Must not know: HTTP; nothing is sent.
Rule: a recording without times is played at the pace of a model.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import click

from ..errors import APIError
from ..iterate import iter_events
from ..replay.pace import DEFAULT, schedule
from ..replay.recording import Recording
from .files import recordings
from .terminal import is_live, say
from .views import view


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE|DIR...", type=click.Path(exists=True))
@click.option(
    "--speed", type=click.FloatRange(min=0), default=1.0, show_default=True, help="Times as fast; 0 is at once."
)
def replay(files: tuple[str, ...], speed: float) -> None:
    """Show recordings at the pace at which they came, if there is a NAME.timing.json, else at the pace of a model.

    \b
      sseclaude messages create --record answer.sse ... ; sseclaude replay answer.sse --speed 2
    """
    broken = [recording.name for recording in recordings(files) if not _play(recording, speed)]
    click.get_current_context().exit(1 if broken else 0)


def _play(recording: Recording, speed: float) -> bool:
    """Show one recording; say what is wrong with its end, and return whether it was complete."""
    if is_live():
        say(f"--- {recording.name}", dim=True)
    try:
        with view() as shown:
            for event in iter_events(_paced(recording, speed)):
                shown.feed(event)
    except APIError as error:
        say(f"{recording.name}: {type(error).__name__}: {error}", fg="red")
        return False
    return True


def _paced(recording: Recording, speed: float) -> Iterator[bytes]:
    """Yield the chunks when they are due, counted from the start, so that drawing costs no time."""
    due = time.monotonic() + (recording.wait / speed if speed else 0)
    for seconds, chunk in schedule(recording, DEFAULT if speed else None):
        due += seconds / speed if speed else 0
        time.sleep(max(due - time.monotonic(), 0))
        yield chunk
