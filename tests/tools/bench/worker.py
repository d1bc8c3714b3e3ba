"""A process in which one side is measured: ``python -m tests.tools.bench.worker``.

Purpose: read jobs from standard input, one JSON object a line, do them, and answer each with one line.
Must not know: the other sides. What is imported here is what that side needs, and its memory is its own.
Rule: only the work itself is timed, in CPU seconds of this process; a wrong result is an error, not a figure.
"""

from __future__ import annotations

import gc
import json
import re
import resource
import sys
import time
from pathlib import Path
from typing import Any

OPEN_FILES = 8192

PATH = re.compile(r" *\(/[^)]*\)|/\S+/")
"""Where files lie is nobody's business; an import that failed names it."""


def raise_file_limit() -> None:
    """Allow as many open files as a thousand streams need, if the system lets us."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def peak_kib() -> float:
    """The most memory this process has had, in KiB."""
    try:
        status = Path("/proc/self/status").read_text()
        return float(status.partition("VmHWM:")[2].split()[0])
    except (OSError, IndexError):  # not Linux, where the other figure counts what was there before exec, too
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / 1024 if sys.platform == "darwin" else float(peak)


def do(name: str, side: str, size: int, url: str) -> dict[str, Any]:
    """Do one job and return its figures: CPU seconds, events, and KiB of memory that had to be added."""
    from .works import WORKS, Task

    prepared = WORKS[name](Task(side, size, url))
    gc.collect()
    memory = peak_kib()
    begin = time.process_time()
    result = prepared.run()
    seconds = time.process_time() - begin
    if result != prepared.expected():
        raise AssertionError("what was read is not what was sent")
    return {"seconds": seconds, "events": prepared.events, "kib": peak_kib() - memory}


def main() -> None:
    raise_file_limit()
    for line in sys.stdin:
        try:
            answer = do(**json.loads(line))
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {PATH.sub('', str(error))}"[:200]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
