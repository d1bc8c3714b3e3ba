"""The documents: true to the code's tables, to the fixtures, and to the names that they and the docstrings use."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import sseclaude
from sseclaude.assembler import TRANSITIONS
from sseclaude.blocks import BLOCKS, CITATIONS
from sseclaude.deviations import REFUSED, RULES
from sseclaude.events import DELTAS, EVENTS, UnknownEvent, parse
from sseclaude.sse import SSEDecoder, encode
from tests.tools import docs
from tests.tools.expectations import EXPECTED, expected
from tests.tools.markdown import FIXTURES, ROOT, inner
from tests.tools.protocol_parts import numbered, sections

PACKAGE = ROOT / "sseclaude"
TEXT = docs.PROTOCOL.read_text("utf-8")
ALL_FIXTURES = b"".join(path.read_bytes() for path in sorted(FIXTURES.glob("**/*.sse")))
EXAMPLES = re.findall(r"^```event-stream ?(\S*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
SECTIONS = [section.name for section in sections(TEXT)]
CITED = re.compile(r'PROTOCOL\.md((?:(?:,| and|, and)? "[^"]+")+)')
WITHOUT_CODE = {
    "Words used here",
    "A worked example",
    "The pipeline",
    "What this client adds",
    "The usage of a message object",
    "The connection after the message",
    "The code of each section",
}
"""Sections that no single part of the code follows."""

NAME = re.compile(r"`([a-z_]+(?:\.\w+)*)`")


# --- what is generated ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", docs.DOCUMENTS, ids=lambda path: path.name)
def test_generated_parts_are_up_to_date(path: Path) -> None:
    text = path.read_text("utf-8")
    assert docs.renewed(text) == text, "run make docs"


def test_the_numbers_of_the_fixtures_are_up_to_date() -> None:
    assert EXPECTED.read_text("utf-8") == expected(), "run make docs"


def test_an_error_that_no_row_names_is_of_the_base_class() -> None:
    rows = [line for line in docs.errors().splitlines() if line.startswith("| any other")]
    assert [re.findall(r"`(\w+)`", row) for row in rows] == [["InternalServerError"], ["APIStatusError"]]


def test_every_mark_is_closed_and_every_part_used() -> None:
    texts = "".join(path.read_text("utf-8") for path in docs.DOCUMENTS)
    assert docs.orphans(texts) == set()
    assert {part[1] for part in docs.MARKED.findall(texts)} == set(docs.PARTS)
    assert texts.count("<!-- generated:") == texts.count("<!-- end -->") == len(docs.MARKED.findall(texts))


def test_what_was_changed_by_hand_is_made_anew() -> None:
    spoilt = TEXT.replace("| `ping` | ignore |", "| `ping` | dance |")
    assert spoilt != TEXT
    assert docs.renewed(spoilt) == TEXT


def test_check_fails_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = "<!-- generated: states -->\n<!-- end -->\n"
    document = tmp_path / "STALE.md"
    document.write_text(stale)
    monkeypatch.setattr(docs, "DOCUMENTS", (document,))
    assert docs.main(["--check"]) == 1
    assert capsys.readouterr().out == "STALE.md is out of date: run make docs\n"
    assert document.read_text() == stale
    document.write_text(docs.renewed(stale))
    assert docs.main(["--check"]) == 0
    document.write_text("<!-- generated: horoscope -->\n<!-- end -->\n")
    assert docs.main(["--check"]) == 1
    assert capsys.readouterr().out == "nothing makes the parts: horoscope\n"


# --- the examples --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "text"), EXAMPLES)
def test_an_example_is_part_of_a_fixture(source: str, text: str) -> None:
    if source:
        assert text.encode() in (ROOT / source).read_bytes()
    else:
        frames = [frame + b"\n\n" for frame in text.rstrip("\n").encode().split(b"\n\n")]
        assert [frame for frame in frames if frame not in ALL_FIXTURES] == []


@pytest.mark.parametrize(("source", "text"), EXAMPLES)
def test_an_example_can_be_decoded_and_parsed(source: str, text: str) -> None:
    data = text.encode() + b"\n"
    frames = SSEDecoder().feed(data)
    assert len(frames) == data.count(b"\ndata: ")
    for frame in frames:
        event = parse(frame)
        assert frame.event in (event.type, "message")
        assert isinstance(event, UnknownEvent) == (event.type not in EVENTS)
        assert encode(frame) in data


def _types(path: str) -> set[object]:
    events = [parse(frame).to_dict() for _, text in EXAMPLES for frame in SSEDecoder().feed(text.encode() + b"\n")]
    return {inner(event, path).get("type") for event in events}


@pytest.mark.parametrize(
    ("path", "known"),
    [("", EVENTS), ("content_block", BLOCKS), ("delta", DELTAS), ("delta.citation", CITATIONS)],
)
def test_everything_has_an_example(path: str, known: dict[str, object]) -> None:
    assert set(known) - _types(path) == set()


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_has_its_section(event: str) -> None:
    assert f"`{event}`" in SECTIONS


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_explained_where_it_is_noted(rule: str) -> None:
    words = docs.MARKED.sub("", TEXT)
    tabled = {step.rule for steps in TRANSITIONS.values() for step in steps.values()}
    assert rule in tabled or f"`{rule}`" in words


# --- names: of sections in docstrings, of functions in sections ----------------------------------------------------


def _sources() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


def _documented(module: str, path: Path) -> Iterator[tuple[str, ast.AST | None, str | None]]:
    """Yield all names that a module defines, each with its node and its docstring; of constants, the string below."""
    tree = ast.parse(path.read_text("utf-8"))
    yield module, tree, ast.get_docstring(tree)
    yield from _defined(module, tree)


def _defined(prefix: str, parent: ast.Module | ast.ClassDef) -> Iterator[tuple[str, ast.AST, str | None]]:
    for node, below in zip(parent.body, [*parent.body[1:], None], strict=True):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{prefix}.{node.name}".lstrip(".")
            yield name, node, ast.get_docstring(node)
            if isinstance(node, ast.ClassDef):
                yield from _defined(name, node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    yield f"{prefix}.{target.id}".lstrip("."), node, _string(below)


def _string(node: ast.stmt | None) -> str | None:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return node.value.value
    return None


SOURCES = list(_sources())
DOCSTRINGS = {name: doc for module, path in SOURCES for name, _, doc in _documented(module, path)}


def _cited_in(text: str) -> set[str]:
    found = CITED.findall(" ".join(text.split()))
    return {name for names in found for name in re.findall(r'"([^"]+)"', names)}


@pytest.mark.parametrize("path", [path for _, path in SOURCES], ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_section_that_the_code_names_exists(path: Path) -> None:
    assert _cited_in(path.read_text("utf-8")) - set(SECTIONS) == set()


def _kept() -> Iterator[tuple[str, str]]:
    """Yield the pairs of a section and a name that keeps it."""
    rows = re.findall(r"^\| \[([^]]+)\]\(#[^)]+\) \| (`.+`) \|$", _body_of("The code of each section"), re.MULTILINE)
    for section, named in rows:
        yield from ((section, name) for name in NAME.findall(named))


def _body_of(name: str) -> str:
    """Return what stands in a section, its parts included."""
    return re.split(rf"^## \S+ {name}\n", TEXT, maxsplit=1, flags=re.MULTILINE)[1].split("\n## ")[0]


KEPT = list(_kept())


@pytest.mark.parametrize(("section", "name"), KEPT)
def test_what_keeps_a_section_exists_and_names_it(section: str, name: str) -> None:
    assert name in DOCSTRINGS
    assert section in _cited_in(DOCSTRINGS[name] or "")


def test_every_name_of_the_code_that_is_mentioned_exists() -> None:
    modules = {module for module, _ in SOURCES}
    named = {name for name in NAME.findall(TEXT) if "." in name and name.partition(".")[0] in modules}
    assert named - set(DOCSTRINGS) == set()


def test_every_section_has_its_code_listed() -> None:
    appendix = {section.name for section in sections(TEXT) if section.level == 3 and section.label[0].isalpha()}
    chapters = {section.name for section in sections(TEXT) if section.level == 2}
    assert (chapters | appendix) - {section for section, _ in KEPT} == WITHOUT_CODE


def test_the_sections_are_numbered_and_the_links_between_them_lead_there() -> None:
    assert numbered(TEXT) == TEXT
    assert len(set(SECTIONS)) == len(SECTIONS)
    anchors = {section.anchor for section in sections(TEXT)}
    assert set(re.findall(r"\]\(#([^)]*)\)", TEXT)) - anchors == set()


def test_a_section_that_was_put_in_gets_its_number_and_moves_the_others() -> None:
    text = (
        "## 1. One\n\n[Two](#1-two)\n\n## New\n\n## 2. Two\n\n### 2.1 `two`\n\n## A. More\n\n### Most\n\n"
        "[Most](#) [`two`](#)\n"
    )
    assert numbered(text) == (
        "## 1. One\n\n[Two](#3-two)\n\n## 2. New\n\n## 3. Two\n\n### 3.1 `two`\n\n## A. More\n\n### A.1 Most\n\n"
        "[Most](#a1-most) [`two`](#31-two)\n"
    )


# --- what is written by hand, but follows from the code ------------------------------------------------------------


def test_the_pipeline_shows_the_rules_that_are_refused_in_both_modes() -> None:
    assert {rule for rule in RULES if rule in _body_of("The pipeline")} == REFUSED


def test_white_space_is_listed_as_the_code_takes_it() -> None:
    listed = re.search(r"the characters (.+?)\. \*ASCII\*", " ".join(_body_of("Words used here").split()))
    assert listed is not None
    spans = [[int(code, 16) for code in re.findall(r"U\+(\w{4})", item)] for item in re.split(", | and ", listed[1])]
    characters = {chr(code) for first, *rest in spans for code in range(first, (rest or [first])[0] + 1)}
    assert characters == {chr(code) for code in range(0x10000) if chr(code).isspace()}


# --- docstrings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("module", "path"), SOURCES)
def test_public_names_have_docstrings(module: str, path: Path) -> None:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bare = [
        name
        for name, node, doc in _documented(module, path)
        if isinstance(node, kinds) and not doc and not _hidden(name) and not _overload(node)
    ]
    assert bare == [] or not path.read_text("utf-8")


def _hidden(name: str) -> bool:
    return any(part.startswith("_") for part in name.split("."))


def _overload(node: ast.AST) -> bool:
    decorators = getattr(node, "decorator_list", [])
    return any(ast.unparse(decorator).endswith(("overload", ".setter")) for decorator in decorators)


def test_exported_names_have_docstrings() -> None:
    exported = {name: getattr(sseclaude, name) for name in sseclaude.__all__}
    named = {name: thing for name, thing in exported.items() if inspect.isclass(thing) or inspect.isroutine(thing)}
    assert [name for name, thing in named.items() if not thing.__doc__] == []
