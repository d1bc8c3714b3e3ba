"""Run every program in every way against the replay server, on this package and on the official client.

    python -m tests.tools.programs.compare PYTHON [PROGRAM]...

PYTHON is an interpreter that has the programs, the official client and this package. Prints a table: ``same`` where
what the program printed, and the requests that it sent, are the same on both; else what differs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from sseclaude.replay import ReplayServer
from tests.support.streams import ROOT
from tests.tools.programs.ask import CASES, PROGRAMS

FIXTURES = ROOT / "fixtures"
ASK = Path(__file__).with_name("ask.py")
PATIENCE = 120  # seconds for a program that takes its time

IGNORED_BODY = ("stream",)  # a message is streamed here where the official client waits for it
COMPARED_HEADERS = ("anthropic-version", "anthropic-beta", "x-api-key", "content-type")


class Run(NamedTuple):
    """What one run printed, the requests that it sent, and what it wrote to stderr."""

    printed: Any
    requests: list[Any]
    stderr: str


def run(python: str, program: str, case: str, *, dropin: bool) -> Run:
    """Run a program under ``sseclaude.dropin`` or on the official client."""

    def match(request: Any) -> str:
        if case == "tools" or program == "instructor":
            return "text" if "tool_result" in json.dumps(request.json) else "tool_use"
        return "thinking" if case == "thinking" else "text"

    with ReplayServer(FIXTURES, pace=None, match=match) as server:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "PYTHON"))}
        env = clean | {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "sk-programs", "PYTHONUTF8": "1"}
        command = [python, *(["-m", "sseclaude.dropin"] if dropin else []), str(ASK), program, case]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)
        requests = [
            {
                "path": request.path.removesuffix("?beta=true"),  # of client.beta; the API makes no difference
                "headers": {name: request.headers.get(name) for name in COMPARED_HEADERS if name != "x-api-key"},
                "body": {key: value for key, value in request.body.items() if key not in IGNORED_BODY},
            }
            for request in server.requests
        ]
    try:
        printed = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        printed = None
    return Run(printed, requests, done.stderr)


def compare(python: str, program: str, case: str) -> str:
    """Return ``same``, or what differs."""
    ours, theirs = (run(python, program, case, dropin=dropin) for dropin in (True, False))
    if theirs.printed is None:
        return f"fails on the official client: {_last_line(theirs.stderr)}"
    if ours.printed is None:
        return f"fails: {_last_line(ours.stderr)}"
    if ours.printed != theirs.printed:
        return f"prints {ours.printed} instead of {theirs.printed}"
    if ours.requests != theirs.requests:
        return f"sends {json.dumps(ours.requests)} instead of {json.dumps(theirs.requests)}"
    return "same"


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]


def main(python: str, *names: str) -> None:
    for program in names or PROGRAMS:
        for case in CASES:
            print(f"{program:<12} {case:<10} {compare(python, program, case)}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
