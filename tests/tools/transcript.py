"""The transcript of the command line in docs/cli.md: ``python -m tests.tools.transcript`` runs what it shows.

Every line of ``SESSION`` is run by bash, in a folder of its own, against a replay server at the pace of a model; what
it printed is shown below it.
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

SESSION = """
sseclaude messages create --stream --format jsonl --model claude-sonnet-4-6 --max-tokens 1024 \\
    --message Hello --transform delta.text | head -4
sseclaude messages create --record answer.sse --model claude-sonnet-4-6 --max-tokens 4096 \\
    --thinking '{type: adaptive}' --message 'How long?' --transform '{stop_reason,types:content.#.type}'
sseclaude timeline answer.sse
sseclaude check answer.sse; echo "exit code $?"
sseclaude check --format json cut.sse
sseclaude assemble cut.sse --transform content.1.input 2> /dev/null
"""

BROKEN = (FIXTURES / "cut.sse",)


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
            yield from ran.stdout.splitlines()
            yield ""


if __name__ == "__main__":
    print("\n".join(transcript()), end="")
