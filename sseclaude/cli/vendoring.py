"""Copy the package, or a part of it, into another project; later, list what was changed there.

Purpose: ``vendor`` copies a part of the package; ``check`` compares a copy with the files that were copied.
Must not know: click, or what the copied modules do.
Rule: files are copied byte for byte, and files that were changed by hand are overwritten only on request.

A copy has its notes in ``VENDORED``: where it is from, and the sha256 of each file, in the format of ``sha256sum``, so
that ``sha256sum --check VENDORED`` works without this program. Modules import each other relatively and ``__init__``
imports names when they are used, so a copy runs under any name, and a part runs without the other parts' modules.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from keyword import iskeyword
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from .._version import __version__
from ..errors import AnthropicError

PACKAGE = Path(__file__).parent.parent
VENDORED = "VENDORED"
UNKNOWN = "unknown"

COMMON = ("LICENSE", "PROTOCOL.md", "py.typed", "__init__.py", "_version.py")
"""The files of every part."""

LAYERS: dict[str, tuple[str, ...]] = {
    "sse": ("error_bodies", "errors", "sse", "partial_json"),
    "core": (
        "deviations", "received", "growing_text", "event_json", "blocks", "message_details", "message", "events",
        "block_builder", "content", "assembler", "derived_events", "fast", "reader", "iterate", "output_schema",
    ),
    "client": (
        "types",
        "client/not_given", "client/absent", "client/rate_limits", "client/timeouts", "client/retries",
        "client/params", "client/request", "client/decompress", "client/network_stream", "client/event_loop",
        "client/documented", "client/chunked", "client/async_chunks", "client/response_body",
        "client/failures", "client/asyncio_stream", "client/network_backend", "client/proxies", "client/http_clients",
        "client/default_httpx", "client/transport", "client/observers", "client/needs_with", "client/wire_events",
        "client/stream_base", "client/stream", "client/options", "client/raw_response", "client/streaming_response",
        "client/messages", "client/client",
    ),
    "all": ("replay", "relay", "cli", "dropin", "__main__"),
}  # fmt: skip
"""The modules and folders that each part adds to the part before it, in the order of their imports: each may import
those before it, and none after it. Nothing else lists the layout; a test compares this table with the folder."""

PARTS = tuple(LAYERS)

NEEDS = {
    "sse": "the standard library",
    "core": "pydantic",
    "client": "httpx and pydantic",
    "all": "httpx and pydantic; for its command line click, rich, PyYAML; for its relay redis, starlette, uvicorn",
}

HEAD = """\
# {name} is a copy of sseclaude, made by `sseclaude vendor`. Its license is beside this file.
# It needs {needs}.
#
# version: {version}
# commit: {commit}
# part: {part}
#
# What was changed here by hand:  sseclaude vendor --check path/to/{name}   (or: sha256sum --check {notes})
# To update: install the version of sseclaude that you want, then:  sseclaude vendor path/to/{name}
#
"""

_note = re.compile(r"^# (version|commit|part): (.+)$", re.MULTILINE).findall
_file = re.compile(r"^([0-9a-f]{64}) [ *](.+)$", re.MULTILINE).findall


class VendoringError(AnthropicError):
    """The copy was not made, or not updated; nothing was written."""


class Notes(NamedTuple):
    """What ``VENDORED`` says: version, commit and part of the copy, and the sha256 of each file by its path."""

    version: str
    commit: str
    part: str
    files: dict[str, str]

    def render(self, name: str) -> str:
        """Return the text of ``VENDORED`` for a copy that is called ``name``."""
        head = HEAD.format(name=name, needs=NEEDS[self.part], notes=VENDORED, **self._asdict())
        return head + "".join(f"{digest}  {path}\n" for path, digest in sorted(self.files.items()))

    @classmethod
    def parse(cls, text: str) -> Notes:
        """Read the text of ``VENDORED``. Raises VendoringError for another format, or paths outside the copy."""
        fields = dict(_note(text))
        files = {path: digest for digest, path in _file(text)}
        if fields.get("part") not in PARTS or not files or not all(map(_is_inside, files)):
            raise VendoringError(f"its {VENDORED} cannot be read")
        return cls(fields.get("version", UNKNOWN), fields.get("commit", UNKNOWN), fields["part"], files)


class Change(NamedTuple):
    """How a copy differs from what was copied: a file was ``changed``, ``removed`` or ``added``."""

    what: str
    path: str

    def __str__(self) -> str:
        return f"{self.what:<8} {self.path}"


def vendor(dest: str | os.PathLike[str], part: str | None = None, *, force: bool = False) -> Notes:
    """Copy a part of this package to the folder ``dest``, whose name becomes the package's; or update a copy.

    ``part`` is sse, core, client or all; None keeps the part of a copy that is there, and else is all. A copy that was
    changed by hand is only updated with ``force``: changes are overwritten then, and added files stay. Returns the
    copy's notes. Raises VendoringError, and writes nothing, for a name that is no identifier, a folder that holds other
    things, and changes that would be lost; OSError for what the file system refuses.
    """
    target = _target(dest)
    before = _notes_of(target)
    if before is not None and not force:
        _refuse_to_lose(target)
    part = part or (before.part if before else "all")
    files = {path: (PACKAGE / path).read_bytes() for path in files_of(part)}
    notes = Notes(__version__, _commit(), part, {path: _digest(data) for path, data in files.items()})
    for path in set(before.files if before else ()) - set(files):
        _remove(target, path)
    for path, data in (*files.items(), (VENDORED, notes.render(target.name).encode())):
        _write(target / path, data)
    return notes


def check(dest: str | os.PathLike[str]) -> list[Change]:
    """Return what was changed in a copy by hand since it was made, by path. Raises VendoringError if it is no copy."""
    target = Path(os.path.abspath(dest))
    notes = _notes_of(target) if target.is_dir() else None
    if notes is None:
        raise VendoringError(f"{dest} is no vendored copy: it has no {VENDORED}")
    there = set(_files(target)) - {VENDORED}
    changes = [
        *(Change("removed", path) for path in notes.files.keys() - there),
        *(Change("added", path) for path in there - notes.files.keys()),
        *(
            Change("changed", path)
            for path in notes.files.keys() & there
            if not _is_same(target / path, notes.files[path])
        ),
    ]
    return sorted(changes, key=lambda change: change.path)


def files_of(part: str) -> list[str]:
    """Return the files of a part, as paths below the package with forward slashes."""
    files = set(_files(PACKAGE)) - {VENDORED}
    if part == "all":
        return sorted(files)
    parts = PARTS[: PARTS.index(part) + 1]
    names = {name.partition("/")[0] for each in parts for name in LAYERS[each]}
    return sorted(path for path in files if path in COMMON or path.partition("/")[0].removesuffix(".py") in names)


def _target(dest: str | os.PathLike[str]) -> Path:
    target = Path(os.path.abspath(dest))
    if not target.name.isidentifier() or iskeyword(target.name):
        raise VendoringError(f"{target.name!r} cannot be a package's name: name a folder that Python can import")
    ours, theirs = PACKAGE.resolve(), target.resolve()
    if ours == theirs or ours in theirs.parents or theirs in ours.parents:
        raise VendoringError(f"{dest} is where this package is, or around it")
    return target


def _notes_of(target: Path) -> Notes | None:
    """Read a copy's notes; None where nothing is yet. Raises VendoringError where other things are."""
    try:
        return Notes.parse((target / VENDORED).read_text(encoding="utf-8"))
    except VendoringError as error:
        raise VendoringError(f"{target}: {error}") from None
    except FileNotFoundError:
        if target.is_dir() and any(target.iterdir()):
            raise VendoringError(f"{target} holds other things, and has no {VENDORED}") from None
        return None
    except (NotADirectoryError, UnicodeDecodeError):
        raise VendoringError(f"{target} is no folder with a {VENDORED} of ours") from None


def _refuse_to_lose(target: Path) -> None:
    changes = check(target)
    if changes:
        listed = "\n".join(f"  {change}" for change in changes)
        raise VendoringError(f"{target} was changed since it was copied (--force overwrites that):\n{listed}")


def _files(folder: Path) -> Iterator[str]:
    """Yield the files in a folder, except those that Python and file managers leave there."""
    for path in folder.rglob("*"):
        inner = path.relative_to(folder)
        if (
            path.is_file()
            and path.suffix != ".pyc"
            and not any(part.startswith((".", "__pyc")) for part in inner.parts)
        ):
            yield inner.as_posix()


def _is_inside(path: str) -> bool:
    pure = PurePosixPath(path)
    return not (pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path)


def _is_same(path: Path, digest: str) -> bool:
    """Compare a file with its digest. Line ends do not count: version control may have turned them."""
    data = path.read_bytes()
    return digest in (_digest(data), _digest(data.replace(b"\r\n", b"\n")))


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def _write(path: Path, data: bytes) -> None:
    """Write a file in one step, beside the old one and then over it: a link is replaced, not followed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(data)
    os.replace(draft, path)


def _remove(target: Path, path: str) -> None:
    """Remove a file that a newer version does not have, and the folders that hold nothing else."""
    (target / path).unlink(missing_ok=True)
    for folder in (target / path).parents[: len(PurePosixPath(path).parts) - 1]:
        if any(_files(folder)):
            return
        shutil.rmtree(folder, ignore_errors=True)


def _commit() -> str:
    """Return the commit that this package is of: from its own notes if it is a copy, else from its repository."""
    notes = _own_notes()
    if notes is not None:
        return notes.commit
    root = PACKAGE.parent
    if not (root / ".git").exists():
        return UNKNOWN
    try:
        if 'name = "sseclaude"' not in (root / "pyproject.toml").read_text(encoding="utf-8"):
            return UNKNOWN  # the package lies in somebody else's repository
        commit = _git(root, "rev-parse", "HEAD")
        return f"{commit}, with changes" if _git(root, "status", "--porcelain", "--", PACKAGE.name) else commit
    except (OSError, subprocess.CalledProcessError):
        return UNKNOWN


def _own_notes() -> Notes | None:
    try:
        return Notes.parse((PACKAGE / VENDORED).read_text(encoding="utf-8"))
    except (OSError, VendoringError):
        return None


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(("git", "-C", str(root), *arguments), check=True, capture_output=True, text=True)
    return done.stdout.strip()
