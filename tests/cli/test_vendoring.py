"""Copies of the package: what they hold, how they know what was changed, and where none is made."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sseclaude
from sseclaude.cli import vendoring
from sseclaude.cli.vendoring import NEEDS, PARTS, VENDORED, Change, VendoringError, check, files_of, vendor
from tests.support.streams import ROOT

PACKAGE = ROOT / "sseclaude"


# --- notes -------------------------------------------------------------------------------------------------------


def test_a_copy_has_the_files_byte_for_byte_and_notes_of_them(tmp_path: Path) -> None:
    dest = tmp_path / "deep" / "er" / "claude"
    notes = vendor(dest, "core")
    text = (dest / VENDORED).read_text(encoding="utf-8")
    assert f"# version: {sseclaude.__version__}\n" in text
    assert "# part: core\n" in text
    assert NEEDS["core"] in text
    assert "sseclaude vendor path/to/claude" in text
    there = {path.relative_to(dest).as_posix() for path in dest.rglob("*")} - {VENDORED}
    there -= {path.relative_to(dest).as_posix() for path in dest.rglob("*") if path.is_dir()}
    assert there == set(notes.files) == set(files_of("core"))
    for path, digest in notes.files.items():
        data = (dest / path).read_bytes()
        assert data == (PACKAGE / path).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
        assert f"{digest}  {path}\n" in text
    assert vendoring.Notes.parse(text) == notes
    assert check(dest) == []


def test_the_license_travels_with_every_copy() -> None:
    assert (PACKAGE / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert all("LICENSE" in files_of(part) for part in PARTS)


def test_all_is_the_whole_package_and_no_leavings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "sseclaude"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(vendoring, "PACKAGE", copy)
    clean = files_of("all")
    for name in ("__pycache__/a.pyc", "old.pyc", ".DS_Store", "replay/.cache/x", VENDORED):
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).touch()
    assert files_of("all") == clean
    assert {"__main__.py", "replay/recordings/text.sse", "PROTOCOL.md", "py.typed"} <= set(clean)


def test_sha256sum_can_check_a_copy(tmp_path: Path) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("no sha256sum here")
    vendor(tmp_path / "claude", "sse")
    command = ["sha256sum", "--check", "--strict", "--quiet", VENDORED]
    assert subprocess.run(command, cwd=tmp_path / "claude", check=False).returncode == 0
    with (tmp_path / "claude" / "sse.py").open("a") as file:
        file.write("# ours\n")
    assert subprocess.run(command, cwd=tmp_path / "claude", check=False, capture_output=True).returncode == 1


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with a core and nothing around it, to be copied from."""
    package = tmp_path / "from" / "sseclaude"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "replay", "cli"))
    monkeypatch.setattr(vendoring, "PACKAGE", package)
    return package


def test_the_commit_is_that_of_our_repository_and_of_no_other(elsewhere: Path, tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("no git here")
    root = elsewhere.parent
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b.c"]

    def reported(name: str) -> str:
        return vendor(tmp_path / name, "sse").commit

    assert reported("no_repository") == "unknown"
    subprocess.run([*git, "init", "-q"], check=True)
    assert reported("no_project_file") == "unknown"
    (root / "pyproject.toml").write_text('[project]\nname = "other"\n')
    assert reported("other_project") == "unknown"
    (root / "pyproject.toml").write_text('[project]\nname = "sseclaude"\n')
    assert reported("no_commit_yet") == "unknown"
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "All"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    assert reported("clean") == head
    (elsewhere / "sse.py").write_text("# changed\n")
    assert reported("changed") == f"{head}, with changes"


def test_a_copy_of_a_copy_names_the_first_commit(elsewhere: Path, tmp_path: Path) -> None:
    first = vendoring.Notes("0.0.9", "abc123", "all", {"sse.py": "0" * 64})
    (elsewhere / VENDORED).write_text(first.render("sseclaude"))
    assert vendor(tmp_path / "second", "sse").commit == "abc123"


# --- changes and updates -----------------------------------------------------------------------------------------


def _change(dest: Path) -> None:
    (dest / "sse.py").write_text("# ours\n")
    (dest / "partial_json" / "shared.py").unlink()
    (dest / "extra.py").touch()


CHANGES = [Change("added", "extra.py"), Change("removed", "partial_json/shared.py"), Change("changed", "sse.py")]


def test_check_tells_what_was_changed_removed_and_added(tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    vendor(dest, "sse")
    _change(dest)
    assert check(dest) == CHANGES
    assert [str(change) for change in check(dest)] == [
        "added    extra.py",
        "removed  partial_json/shared.py",
        "changed  sse.py",
    ]


def test_check_looks_into_folders(tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    vendor(dest)
    (dest / "replay" / "recordings" / "text.sse").write_bytes(b"")
    (dest / "replay" / "sse.py").touch()
    assert check(dest) == [Change("changed", "replay/recordings/text.sse"), Change("added", "replay/sse.py")]


def test_line_ends_and_compiled_files_are_no_changes(tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    vendor(dest, "sse")
    for path in filter(Path.is_file, dest.rglob("*")):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    (dest / "__pycache__").mkdir()
    (dest / "__pycache__" / "sse.pyc").touch()
    assert check(dest) == []
    vendor(dest)
    assert b"\r" not in (dest / "sse.py").read_bytes()


def test_an_update_refuses_to_lose_changes_and_writes_nothing(elsewhere: Path, tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    vendor(dest, "sse")
    _change(dest)
    before = _contents(dest)
    (elsewhere / "errors.py").write_text("# newer\n")
    with pytest.raises(VendoringError, match=r"changed since(.|\n)*added +extra.py(.|\n)*changed +sse.py"):
        vendor(dest)
    assert _contents(dest) == before


def test_force_overwrites_changes_and_keeps_what_was_added(tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    vendor(dest, "sse")
    _change(dest)
    vendor(dest, force=True)
    assert check(dest) == [Change("added", "extra.py")]


def test_an_update_brings_new_files_and_takes_old_ones_away(elsewhere: Path, tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    old = elsewhere / "old" / "er" / "module.py"
    old.parent.mkdir(parents=True)
    old.touch()
    vendor(dest)
    (dest / "old" / "er" / "__pycache__").mkdir()
    shutil.rmtree(elsewhere / "old")
    (elsewhere / "sse.py").write_text("# newer\n")
    (elsewhere / "new.py").touch()
    vendor(dest)
    assert (dest / "sse.py").read_text() == "# newer\n"
    assert (dest / "new.py").exists()
    assert not (dest / "old").exists()
    assert check(dest) == []


def test_an_update_keeps_the_part_unless_another_is_named(tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    assert vendor(dest, "core").part == "core"
    assert vendor(dest).part == "core"
    assert vendor(dest, "sse").part == "sse"
    assert not (dest / "assembler.py").exists()
    assert vendor(tmp_path / "other").part == "all"
    vendor(tmp_path / "other", "sse")
    files = filter(Path.is_file, (tmp_path / "other").rglob("*"))
    assert {path.relative_to(tmp_path / "other").as_posix() for path in files} == {*files_of("sse"), VENDORED}


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    dest, outside = tmp_path / "claude", tmp_path / "outside.py"
    vendor(dest, "sse")
    outside.write_text("# theirs\n")
    (dest / "sse.py").unlink()
    (dest / "sse.py").symlink_to(outside)
    vendor(dest, force=True)
    assert outside.read_text() == "# theirs\n"
    assert check(dest) == []


# --- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["my-claude", "2claude", "class", "a.b", ""])
def test_a_name_that_python_cannot_import_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(VendoringError, match="cannot be a package's name"):
        vendor((tmp_path / "no-name" / name) if not name else tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dest", [PACKAGE, PACKAGE / "inner", ROOT / "sseclaude" / "cli"])
def test_a_copy_into_the_package_itself_is_refused(dest: Path) -> None:
    with pytest.raises(VendoringError, match="where this package is"):
        vendor(dest)


def test_a_copy_around_the_package_is_refused(elsewhere: Path) -> None:
    (elsewhere.parent.parent / "around").symlink_to(elsewhere.parent)
    with pytest.raises(VendoringError, match="where this package is, or around it"):
        vendor(elsewhere.parent.parent / "around")


def _folder(dest: Path) -> None:
    dest.mkdir()
    (dest / "theirs.py").write_text("x = 1\n")


def _file(dest: Path) -> None:
    dest.write_text("x = 1\n")


def _foreign_notes(dest: Path) -> None:
    dest.mkdir()
    (dest / VENDORED).write_text("vendored by hand\n")


def _binary_notes(dest: Path) -> None:
    dest.mkdir()
    (dest / VENDORED).write_bytes(b"\xff\xfe\x00")


def _notes_of_files_elsewhere(dest: Path) -> None:
    dest.mkdir()
    notes = vendoring.Notes("1", "unknown", "sse", {"../victim.py": "0" * 64})
    (dest / VENDORED).write_text(notes.render("claude"))


OCCUPIED = {
    _folder: "holds other things",
    _file: "no folder",
    _foreign_notes: "cannot be read",
    _binary_notes: "no folder with a VENDORED of ours",
    _notes_of_files_elsewhere: "cannot be read",
}


@pytest.mark.parametrize("occupy", OCCUPIED, ids=lambda function: function.__name__)
@pytest.mark.parametrize("force", [False, True])
def test_a_place_that_holds_other_things_is_refused(occupy: Any, force: bool, tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    (tmp_path / "victim.py").touch()
    occupy(dest)
    before = _contents(tmp_path)
    with pytest.raises(VendoringError, match=OCCUPIED[occupy]):
        vendor(dest, "sse", force=force)
    assert _contents(tmp_path) == before


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../../x", "a\\..\\x", "C:/x"])
def test_notes_that_name_files_elsewhere_are_refused(path: str) -> None:
    text = vendoring.Notes("1", "unknown", "sse", {path: "0" * 64}).render("claude")
    with pytest.raises(VendoringError):
        vendoring.Notes.parse(text)


def test_an_empty_folder_is_a_fine_place(tmp_path: Path) -> None:
    (tmp_path / "claude").mkdir()
    vendor(tmp_path / "claude", "sse")
    assert check(tmp_path / "claude") == []


@pytest.mark.parametrize("make", [None, _folder, _file])
def test_check_refuses_what_is_no_copy(make: Any, tmp_path: Path) -> None:
    if make is not None:
        make(tmp_path / "claude")
    with pytest.raises(VendoringError):
        check(tmp_path / "claude")


def _contents(folder: Path) -> dict[str, bytes | None]:
    return dict(_walk(folder))


def _walk(folder: Path) -> Iterator[tuple[str, bytes | None]]:
    for path in folder.rglob("*"):
        yield str(path), path.read_bytes() if path.is_file() else None


# --- the command -------------------------------------------------------------------------------------------------


def _command(*arguments: str) -> tuple[int, str, str]:
    pytest.importorskip("click")
    from click.testing import CliRunner

    from sseclaude.cli.vendor import vendor as command

    result = CliRunner().invoke(command, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_the_command_copies_checks_and_refuses(tmp_path: Path) -> None:
    dest = tmp_path / "claude"
    count = len(files_of("sse"))
    reported = f"{dest}: {count} files of sseclaude {sseclaude.__version__}, part sse\n"
    assert _command(str(dest), "--part", "sse") == (0, "", reported)
    assert _command("--check", str(dest)) == (0, "", f"{dest}: as it was copied\n")
    (dest / "extra.py").write_text("")
    assert _command("--check", str(dest)) == (1, f"{CHANGES[0]}\n", f"{dest}: 1 change by hand\n")
    _change(dest)
    listed = "".join(f"{change}\n" for change in CHANGES)
    assert _command("--check", str(dest)) == (1, listed, f"{dest}: 3 changes by hand\n")
    code, out, err = _command(str(dest))
    assert (code, out) == (1, "")
    assert err.startswith(f"Error: {dest} was changed since")
    assert "--force" in err
    assert _command(str(dest), "--force")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "DEST"),
        (["--part", "some", "x"], "'some'"),
        (["--check", "--force", "x"], "--check"),
        (["--check", "--part", "sse", "x"], "--check"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], named: str) -> None:
    code, out, err = _command(*arguments)
    assert (code, out) == (2, "")
    assert named in err
