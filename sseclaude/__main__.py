"""``python -m sseclaude``, and the command ``sseclaude``.

Purpose: start the command line, or say in one line which package it lacks.
Must not know: any command.
Rule: no other module of the package is imported before a command needs it.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

NEEDED = ("click", "rich", "yaml")
"""What the extra ``[cli]`` brings."""


def main() -> None:
    """Run the command line and exit: 0 success, 1 the API or a stream failed, 2 wrong usage, 130 interrupted."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        sys.exit(f"The command line needs {', '.join(missing)}: run  pip install 'sseclaude[cli]'")
    from .cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
