"""``sseclaude vendor``: copy this package into another project, or list what was changed in a copy.

Purpose: the command for ``vendoring``.
Must not know: which files belong to a part, or how copies are compared.
Rule: changed files go to stdout, one a line; what was done, and errors, go to stderr.
"""

from __future__ import annotations

import click

from .vendoring import PARTS, VendoringError, check
from .vendoring import vendor as copy


@click.command()
@click.argument("dest", type=click.Path(file_okay=False))
@click.option(
    "--part",
    type=click.Choice(PARTS),
    help="What to copy: the event-stream parser; with it the messages (needs pydantic); with them the client (needs"
    " httpx); or all. [the part of the copy that is there, else all]",
)
@click.option("--check", "only_check", is_flag=True, help="Say what was changed by hand; write nothing.")
@click.option("--force", is_flag=True, help="Overwrite what was changed by hand. Files that were added stay.")
@click.pass_context
def vendor(ctx: click.Context, dest: str, part: str | None, only_check: bool, force: bool) -> None:
    """Copy this package, or a part of it, to the folder DEST, or update such a copy.

    DEST's name becomes the package's. DEST/VENDORED says what was copied.

    Example: sseclaude vendor myproject/_vendor/claude --part client
    """
    if only_check and (part or force):
        raise click.UsageError("--check takes neither --part nor --force: it writes nothing")
    try:
        ctx.exit(_check(dest) if only_check else _copy(dest, part, force))
    except VendoringError as error:
        click.echo(f"Error: {error}", err=True)
        ctx.exit(1)


def _copy(dest: str, part: str | None, force: bool) -> int:
    notes = copy(dest, part, force=force)
    click.echo(f"{dest}: {len(notes.files)} files of sseclaude {notes.version}, part {notes.part}", err=True)
    return 0


def _check(dest: str) -> int:
    changes = check(dest)
    for change in changes:
        click.echo(str(change))
    count = f"{len(changes)} change{'s' if len(changes) > 1 else ''} by hand"
    click.echo(f"{dest}: {count if changes else 'as it was copied'}", err=True)
    return 1 if changes else 0
