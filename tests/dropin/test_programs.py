"""Programs by other people do the same on this package as on the official client.

They are looked for in SSECLAUDE_PROGRAMS_PYTHON (an interpreter that has them, the official client and this package);
with SSECLAUDE_PROGRAMS=1 they are installed into ``.peers/``. Without either this is skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.streams import ROOT
from tests.tools.programs.ask import CASES, PACKAGES, PROGRAMS
from tests.tools.programs.compare import compare


@pytest.fixture(scope="session")
def python() -> str:
    if named := os.environ.get("SSECLAUDE_PROGRAMS_PYTHON"):
        return named
    if os.environ.get("SSECLAUDE_PROGRAMS") != "1":
        pytest.skip("the programs are not here: set SSECLAUDE_PROGRAMS_PYTHON, or SSECLAUDE_PROGRAMS=1")
    folder = ROOT / ".peers" / "programs"
    made = folder / "bin" / "python"
    if not made.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([made, "-m", "pip", "install", "--quiet", *PACKAGES, "-e", str(ROOT)], check=True)
    return str(made)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_it_does_the_same_on_both(python: str, program: str, case: str) -> None:
    assert compare(python, program, case) == "same"
