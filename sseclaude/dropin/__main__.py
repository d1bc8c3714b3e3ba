"""``python -m sseclaude.dropin PROGRAM [ARGS]``: run a program on this package instead of the official client.

PROGRAM is a file, a folder or archive with a ``__main__``, or a command that is written in Python; ``-m MODULE`` is a
module, as for Python itself.
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys

from . import install

USAGE = "usage: python -m sseclaude.dropin PROGRAM [ARGS]\n       python -m sseclaude.dropin -m MODULE [ARGS]"


def main(arguments: list[str]) -> None:
    """Run the program with its arguments, as ``__main__``."""
    if arguments[:1] == ["-m"] and len(arguments) > 1:
        install()
        sys.argv = arguments[1:]
        sys.path.insert(0, os.getcwd())
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    elif arguments and not arguments[0].startswith("-"):
        program = arguments[0] if os.path.exists(arguments[0]) else shutil.which(arguments[0])
        if program is None:
            sys.exit(f"there is no program {arguments[0]}")
        install()
        sys.argv = [program, *arguments[1:]]
        if os.path.isfile(program):
            sys.path.insert(0, os.path.dirname(os.path.abspath(program)))
        runpy.run_path(program, run_name="__main__")
    else:
        sys.exit(USAGE)


if __name__ == "__main__":
    main(sys.argv[1:])
