"""Recordings named on the command line.

Purpose: load them, and say in one line what is wrong with a file.
Must not know: how they are used.
Rule: a file that cannot be a recording is a usage error that names it.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from ..replay.recording import Recording, load


def recordings(files: Sequence[str]) -> list[Recording]:
    """Load recordings from files and folders. Raises click.UsageError, naming the file."""
    return [recording for name in files for recording in _load(name)]


def _load(name: str) -> list[Recording]:
    try:
        return load(name)
    except OSError as error:
        raise click.UsageError(f"{name}: {error.strerror}") from None
    except (ValueError, TypeError, AttributeError) as error:  # a timing file, or a message's JSON, of another shape
        reason = str(error).partition("\n")[0]
        raise click.UsageError(reason if name in reason else f"{name}: {reason}") from None
