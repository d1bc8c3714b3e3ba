"""Where the measuring happens: an environment with the peers, and what there is to say of it.

Purpose: make ``.venv-bench`` once, and tell which interpreter to measure with, on what machine, at which versions.
Must not know: what is measured.
Rule: a peer that cannot be installed is missing from the table; that is no reason to fail.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent
VENV = ROOT / ".venv-bench"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "complete"

NEEDED = ("httpx", "pydantic")
PEERS = ("anthropic", "httpx-sse")
SHOWN = ("httpx", "pydantic", "pydantic-core", "anthropic", "httpx2", "httpx-sse")


def prepare() -> str:
    """Return the interpreter to measure with: the peers' own, or this one when none can be made."""
    if not STAMP.exists():
        print(f"installing the peers into {VENV.name}", file=sys.stderr)
        if not _install():
            print(f"{VENV.name} cannot be made: measuring with {sys.executable}, without peers", file=sys.stderr)
            return sys.executable
    return str(PYTHON)


def _install() -> bool:
    """Make the environment; if the peers cannot be had all at once, take those that can. Say if it is of use."""
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    if _pip(*NEEDED, *PEERS):
        STAMP.touch()
        return True
    installed = _pip(*NEEDED)  # without the stamp the rest is tried again next time
    for peer in PEERS if installed else ():
        _pip(peer)
    return installed


def _pip(*packages: str) -> bool:
    command = (str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *packages)
    return subprocess.run(command, check=False, env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}).returncode == 0


def variables() -> dict[str, str]:
    """The environment of what is measured: no proxies, no key, and bytecode kept, as in an installed package."""
    kept = {name: value for name, value in os.environ.items() if not _left_out(name.upper())}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(VENV / "bytecode")}


def _left_out(name: str) -> bool:
    return name.endswith("_PROXY") or name.startswith(("ANTHROPIC_", "PYTHON"))


def versions(python: str) -> dict[str, str]:
    """Return the versions of what is compared; what is not installed is not listed."""
    script = f"""
import importlib.metadata as metadata, json
found = {{}}
for name in {SHOWN}:
    try: found[name] = metadata.version(name)
    except metadata.PackageNotFoundError: pass
print(json.dumps(found))
"""
    done = subprocess.run((python, "-c", script), env=variables(), capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def machine() -> str:
    """Say what this runs on: system, processor, cores."""
    return f"{platform.system()} {platform.machine()}, {_processor()}, {os.cpu_count()} cores"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "unknown processor")
