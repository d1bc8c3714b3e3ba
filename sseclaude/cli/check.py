"""``sseclaude check``: a linter for streams.

Purpose: lint files, folders and stdin, and print the findings.
Must not know: the rules.
Rule: if there are no findings, print only how many streams were read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ..deviations import RULES
from .lint import Finding, lint
from .output import dumps
from .terminal import harmless, write


@click.command()
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE|DIR|-...", type=click.Path(exists=True, allow_dash=True)
)
@click.option("--lenient", is_flag=True, help="Show what would be forgiven, and how; count only what would not.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check(files: tuple[str, ...], lenient: bool, format_: str) -> None:
    """Find where streams break the protocol's rules; exit 1 if they do. A folder stands for its .sse files.

    A finding is a line: the file, the byte at which the event begins, the event's number, the rule, what was seen and
    what was expected.

    \b
      sseclaude --record answer.sse messages create ... ; sseclaude check answer.sse
    """
    found: list[tuple[str, Finding]] = []
    count = 0
    for name, body in _streams(files):
        count += 1
        for finding in lint(body):
            found.append((name, finding))
            if format_ == "text":
                write(_line(name, finding, lenient))
    counted = sum(not (lenient and finding.forgiven) for _, finding in found)
    write(_json(count, found) if format_ == "json" else _total(count, len(found), counted))
    click.get_current_context().exit(1 if counted else 0)


def _streams(files: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield each stream with its name. Raises click.UsageError for a folder without any."""
    for name in files:
        if name == "-":
            yield "stdin", sys.stdin.buffer.read()
            continue
        path = Path(name)
        inside = sorted(path.rglob("*.sse")) if path.is_dir() else [path]
        if not inside:
            raise click.UsageError(f"{name}: no .sse files in this folder")
        for file in inside:
            yield str(file), file.read_bytes()


def _line(name: str, finding: Finding, lenient: bool) -> str:
    at = f"{name}:{finding.offset}: event {finding.event}: {finding.rule}: {finding.detail}"
    verdict = f"expected {finding.expected}"
    if lenient:
        verdict = f"forgiven: {_reading(finding.rule)}" if finding.forgiven else "not forgiven"
    return harmless(f"{at}; {verdict}") + "\n"


def _reading(rule: str) -> str:
    """Say how a lenient reader takes a broken rule: the second half of its entry."""
    return RULES[rule].partition("; ")[2]


def _total(count: int, found: int, counted: int) -> str:
    streams = f"{count} stream{'s' * (count != 1)}"
    forgiven = f", {found - counted} forgiven" if found > counted else ""
    return f"{streams}, {counted or 'no'} finding{'s' * (counted != 1)}{forgiven}\n"


def _json(count: int, found: list[tuple[str, Finding]]) -> str:
    findings: list[dict[str, Any]] = [
        {"file": name, **finding._asdict(), "expected": finding.expected, "forgiven": finding.forgiven}
        for name, finding in found
    ]
    return dumps({"streams": count, "findings": findings}, 2) + "\n"
