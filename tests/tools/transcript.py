"""The README's transcript of the command line: ``python -m tests.tools.transcript`` runs what it shows.

Every line of ``SESSION`` is run by bash, in a folder of its own, against a replay server at the pace of a model; what
it printed is shown below it, long lines and long outputs cut.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from sseclaude.replay import Pace, ReplayServer
from tests.support.shell import environment
from tests.support.streams import FIXTURES

WIDTH = 116
LINES = 12

SESSION = """
sseclaude messages create --stream --format jsonl --model claude-sonnet-4-6 --max-tokens 1024 \\
    --message '{role: user, content: "Hello"}' | head -3
sseclaude messages create --record answer.sse --model claude-sonnet-4-6 --max-tokens 4096 \\
    --thinking '{type: adaptive}' --message '{role: user, content: How long?}' --transform content.1.text -r
sseclaude timeline answer.sse
sseclaude check answer.sse others_index_gap.sse cut.sse
sseclaude assemble cut.sse --transform content.1.input
sseclaude demo | tail -17
"""

BROKEN = (FIXTURES / "deviations" / "others_index_gap.sse", FIXTURES / "cut.sse")


def transcript(session: str = SESSION) -> Iterator[str]:
    """Run each line and yield it with what it printed."""
    with tempfile.TemporaryDirectory() as folder, ReplayServer(pace=Pace(ttft=0.6, jitter=0.5)) as server:
        for path in BROKEN:
            subprocess.run(["cp", str(path), folder], check=True)
        for line in re.split(r"(?<!\\)\n", session.strip()):
            script = f'sseclaude() {{ "{sys.executable}" -m sseclaude "$@"; }}; {line}'
            ran = subprocess.run(
                ["bash", "-c", script], cwd=folder, env=environment(server.url, COLUMNS=str(WIDTH)),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            )  # fmt: skip
            yield f"$ {line}"
            yield from shortened(ran.stdout.splitlines())
            yield ""


def shortened(lines: list[str]) -> list[str]:
    """Cut what is too long to be read."""
    lines = lines if len(lines) <= LINES + 5 else [*lines[:LINES], "..."]
    return [line if len(line) <= WIDTH else line[: WIDTH - 3] + "..." for line in lines]


if __name__ == "__main__":
    print("\n".join(transcript()), end="")
