"""The command: ``python -m tests.tools.bench [--quick] [--profile]``."""

from __future__ import annotations

import argparse
import platform
import time

from . import environment, relay_rows, report
from .measure import bench
from .rows import groups
from .stages import profile

FULL, QUICK = 480.0, 18.0
"""Seconds after which no other round is begun. On a slow machine the first round alone may take longer."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.bench", description="Measure against other clients.")
    parser.add_argument("--quick", action="store_true", help="smaller works, fewer rounds; writes no file")
    parser.add_argument("--profile", action="store_true", help="show what each stage costs; writes no file")
    options = parser.parse_args()
    begin = time.perf_counter()
    python = environment.prepare()
    if options.profile:
        print(profile(python))
        return
    text = run(python, begin + (QUICK if options.quick else FULL), quick=options.quick)
    print(text)
    if not options.quick:
        report.RESULTS.write_text(report.document(text), encoding="utf-8")


def run(python: str, until: float, *, quick: bool) -> str:
    """Measure everything and return the table."""
    relay = relay_rows.lines(quick=quick)
    with bench(python) as measuring:
        table = measuring.measure(groups(quick=quick), until)
    lines = [report.line(row, each.measured, each.rounds) for each in table for row in each.group.rows] + relay
    command = "make bench ARGS=--quick" if quick else "make bench"
    return report.described(lines, environment.versions(python), command, platform.python_version())


if __name__ == "__main__":
    main()
