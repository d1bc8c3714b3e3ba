"""Documentation that follows from the code: ``python -m tests.tools.docs [--check]``.

Purpose: the generated parts of PROTOCOL.md and of the pages in docs/, each between ``<!-- generated: NAME -->`` and
``<!-- end -->``, made from the tables that the code itself works by; ``fixtures/EXPECTED.json``; and the API reference,
rendered by pdoc.
Rule: a part is a function without arguments, registered under its name by ``@generated(NAME)``, that returns Markdown.
To add one, write the function and put its two markers into a document. ``--check`` writes nothing and fails when a
document is out of date.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import types
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from warnings import catch_warnings, filterwarnings

import sseclaude
from sseclaude.block_builder import ACCEPTED_DELTAS, EVERY_DELTA, OPENED_BY
from sseclaude.blocks import BLOCKS, CITATIONS, AnyCitation, ContentBlock, Int, Model
from sseclaude.content.checks import NULLABLE, REQUIRED, REQUIRED_IN_BLOCK
from sseclaude.deviations import RULES
from sseclaude.errors import (
    ERROR_TYPES,
    RETRYABLE_STATUSES,
    STATUS_ERRORS,
    APIStatusError,
    InternalServerError,
    status_error_class,
)
from sseclaude.events import DELTAS, MessageDelta
from sseclaude.message import Message, Usage
from tests.support.fault_table import fault_table
from tests.tools import protocol_parts as parts
from tests.tools import protocol_states
from tests.tools.bench.report import bench_table
from tests.tools.expectations import EXPECTED, expected
from tests.tools.markdown import FIXTURES, ROOT, code, shortest, shown, table

PROTOCOL = ROOT / "sseclaude" / "PROTOCOL.md"
DOCUMENTS = (PROTOCOL, ROOT / "docs" / "errors.md", ROOT / "docs" / "speed.md")
REFERENCE = ROOT / "build" / "docs"

MARKED = re.compile(r"(<!-- generated: ([\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)

PARTS: dict[str, Callable[[], str]] = {}
"""The generated parts by name."""


def generated(name: str) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Register a function as the one that makes the part ``name``."""

    def register(make: Callable[[], str]) -> Callable[[], str]:
        PARTS[name] = make
        return make

    return register


def renewed(text: str) -> str:
    """Return a document with its generated parts made anew; those that nothing makes stay as they are."""
    return MARKED.sub(
        lambda part: f"{part[1]}\n{PARTS[part[2]]().strip()}\n\n{part[3]}" if part[2] in PARTS else part[0], text
    )


def orphans(text: str) -> set[str]:
    """Return the names of the parts of a document that nothing makes."""
    return {name for _, name, _ in MARKED.findall(text)} - set(PARTS)


# --- blocks, deltas, fields --------------------------------------------------------------------------------------

NAMES: dict[Any, str] = {
    str: "string",
    int: "integer",
    bool: "boolean",
    type(None): "null",
    Any: "anything",
    ContentBlock: "block",
    AnyCitation: "citation",
    Int: "integer",
}


def type_name(kind: Any) -> str:
    """Say in words what JSON a field holds."""
    if kind in NAMES:
        return NAMES[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(type_name(part) for part in parts))
    if origin is Literal:
        return f'`"{parts[0]}"`'
    if origin is list:
        return f"list of {type_name(parts[0])}s"
    return type_name(parts[0]) if origin is Annotated else "object"


def fields_of(model: type[Model]) -> list[tuple[str, str]]:
    """Return a model's fields except ``type``, as the wire names them, each with its type in words."""
    model.model_rebuild()  # schemas are built at first use
    fields = model.model_fields.items()
    return [(field.alias or name, type_name(_whole(field))) for name, field in fields if name != "type"]


def _whole(field: Any) -> Any:
    """Return a field's annotation; pydantic keeps what Annotated added beside it."""
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def _listed(model: type[Model]) -> str:
    return ", ".join(f"`{name}` {kind}" for name, kind in fields_of(model))


def _first_line(thing: Any) -> str:
    return thing.__doc__.partition("\n")[0].replace("``", "`")


@generated("blocks")
def blocks() -> str:
    rows = [
        (
            code(kind),
            _listed(model),
            code(*ACCEPTED_DELTAS[kind]) if ACCEPTED_DELTAS[kind] else "none",
            _first_line(model),
        )
        for kind, model in BLOCKS.items()
    ]
    return table(("block", "fields", "deltas", "what it is"), rows)


@generated("block examples")
def block_examples() -> str:
    return shown(shortest("content_block", kind) for kind in BLOCKS)


@generated("citations")
def citations() -> str:
    return table(
        ("citation", "fields", "what it names"),
        [(code(kind), _listed(model), _first_line(model)) for kind, model in CITATIONS.items()],
    )


@generated("citation examples")
def citation_examples() -> str:
    return shown(shortest("delta.citation", kind) for kind in CITATIONS)


@generated("deltas")
def deltas() -> str:
    """Return the table of (block, delta) pairs: the blocks that take any, and in one row those that take none."""
    yes = {kind: takes for kind, takes in ACCEPTED_DELTAS.items() if takes}
    rows = [[code(kind), *("takes" if delta in takes else "" for delta in EVERY_DELTA)] for kind, takes in yes.items()]
    rows.append(["any unknown block", *("takes" for _ in EVERY_DELTA)])
    rows.append(["all other known blocks", *("" for _ in EVERY_DELTA)])
    opens = [code(OPENED_BY[delta]) if delta in OPENED_BY else "" for delta in EVERY_DELTA]
    rows.append(["may open, where no block takes it", *opens])
    return table(("block", *(code(delta) for delta in EVERY_DELTA)), rows)


@generated("delta fields")
def delta_fields() -> str:
    rows = [
        (code(kind), _listed(DELTAS[kind]), _first_line(take).partition(": ")[2]) for kind, take in EVERY_DELTA.items()
    ]
    return table(("delta", "fields", "what it does to its block"), rows)


@generated("delta examples")
def delta_examples() -> str:
    """Return one of each, except those that have examples of their own for each citation."""
    return shown(shortest("delta", kind) for kind in EVERY_DELTA if kind != "citations_delta")


@generated("message")
def message() -> str:
    return _fields_table(Message, REQUIRED["message"])


@generated("message_delta")
def message_delta() -> str:
    rows = [(code(name), kind, _sent(name, REQUIRED["delta"])) for name, kind in fields_of(MessageDelta)]
    return table(("field", "type", "sent"), rows)


@generated("usage")
def usage() -> str:
    rows = [(code(name), kind, _inside(Usage.model_fields[name].annotation)) for name, kind in fields_of(Usage)]
    return table(("field", "type", "its fields"), rows)


def _fields_table(model: type[Model], required: Iterable[str]) -> str:
    kinds = {**({"type": '`"message"`'} if model is Message else {}), **dict(fields_of(model))}
    rows = [(code(name), kind, _sent(name, required), _inner(model, name)) for name, kind in kinds.items()]
    return table(("field", "type", "sent", "its fields"), rows)


def _sent(name: str, required: Iterable[str]) -> str:
    return "always" if name in required else "sometimes"


def _inner(model: type[Model], name: str) -> str:
    """Return the fields of an object's field, each with its type; those of usage have their own table."""
    if name in ("content", "usage"):
        return f"see {'Blocks' if name == 'content' else 'Usage'}"
    return _inside(model.model_fields[name].annotation) if name in model.model_fields else ""


def _inside(annotation: Any) -> str:
    """Return the fields of the model that an annotation holds, if it holds one, each with its type."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        kinds = {"type": "string"} if (kind := annotation.model_fields.get("type")) and kind.annotation is str else {}
        return ", ".join(f"`{name}` {kind}" for name, kind in {**kinds, **dict(fields_of(annotation))}.items())
    return "".join(map(_inside, get_args(annotation)))


@generated("required")
def required() -> str:
    """Return what is always sent; objects of which the same is true share a row."""
    alike: dict[tuple[str, ...], list[str]] = {}
    blocks = {kind: REQUIRED_IN_BLOCK[kind] for kind in BLOCKS if kind in REQUIRED_IN_BLOCK}
    for where, fields in {**REQUIRED, **blocks}.items():
        alike.setdefault(fields, []).append(where)
    rows = [(code(*wheres), ", ".join(map(_or_null, names))) for names, wheres in alike.items()]
    return table(("object", "fields that are always sent"), rows)


def _or_null(name: str) -> str:
    return code(name) + (" (may be null)" if name in NULLABLE else "")


# --- errors and deviations ---------------------------------------------------------------------------------------


def _cured(status: int) -> str:
    return "yes" if status in RETRYABLE_STATUSES or status >= 500 else "no"


@generated("errors")
def errors() -> str:
    rows = [
        (str(status), code(*_types_of(status)), code(kind.__name__), _meaning(kind), _cured(status))
        for status, kind in sorted({**dict.fromkeys((500,), InternalServerError), **STATUS_ERRORS}.items())
    ]
    others = {"any other 5xx": range(500, 600), "any other, and an unknown type": range(400, 500)}
    rows += [
        (words, "", code(kind.__name__), _meaning(kind), _cured(status))
        for words, statuses in others.items()
        for status in [next(status for status in statuses if status not in STATUS_ERRORS and status != 500)]
        for kind in [status_error_class(status)]
    ]
    return table(("status", "`error.type`", "class", "meaning", "retried"), rows)


def _types_of(status: int) -> list[str]:
    return [kind for kind, stands_for in ERROR_TYPES.items() if stands_for == status]


def _meaning(kind: type[APIStatusError]) -> str:
    return "another error" if kind is APIStatusError else _first_line(kind).partition(": ")[2].rstrip(".")


@generated("deviations")
def deviations() -> str:
    rows = [(code(rule), *text.split("; ", 1)) for rule, text in RULES.items()]
    return table(("rule", "what is wrong", "what a lenient reader does"), rows)


@generated("servers")
def servers() -> str:
    """Join the fixtures' own list with the rules that each breaks."""
    broken = json.loads((FIXTURES / "deviations" / "RULES.json").read_text())
    listed = (FIXTURES / "README.md").read_text().partition("## `deviations/`")[2].partition("\n## ")[0]
    rows = [
        (code(name), text, code(*broken[name]) if broken[name] else "none")
        for name, text in re.findall(r"^\| `(\w+)` \| (.+) \|$", listed, re.MULTILINE)
    ]
    return table(("fixture", "what the server does", "rules it breaks"), rows)


# --- parts that are made elsewhere -------------------------------------------------------------------------------


@generated("faults")
def faults() -> str:
    """Return what a caller gets under each fault."""
    return fault_table()


@generated("bench")
def bench() -> str:
    """Return what the last full run of ``make bench`` measured."""
    return bench_table()


PARTS |= {
    "states": protocol_states.states,
    "diagram": protocol_states.diagram,
    "transitions": protocol_states.transitions,
    "contents": parts.contents,
    "worked frames": parts.worked_frames,
    "worked steps": parts.worked_steps,
    "worked message": parts.worked_message,
    "document events": parts.document_events,
}


# --- the command -------------------------------------------------------------------------------------------------


def out_of_date() -> dict[Path, str]:
    """Return the documents that are out of date, each with the text that it should have."""
    texts = {path: path.read_text("utf-8") for path in DOCUMENTS}
    made = {path: renewed(parts.numbered(old) if path == PROTOCOL else old) for path, old in texts.items()}
    made[EXPECTED], texts[EXPECTED] = expected(), EXPECTED.read_text("utf-8") if EXPECTED.exists() else ""
    return {path: new for path, new in made.items() if new != texts[path]}


def modules() -> list[str]:
    """Return the names of the package's public modules."""
    found = walk_packages(sseclaude.__path__, "sseclaude.")
    return ["sseclaude", *(module.name for module in found if not module.name.rpartition(".")[2].startswith("_"))]


def render_reference() -> None:
    """Render the docstrings of all public names into ``build/docs``."""
    import pdoc

    for name in modules():  # pdoc sees what is in a module's dict: names that load lazily are put there
        module = import_module(name)
        vars(module).update({public: getattr(module, public) for public in getattr(module, "__all__", ())})
    pdoc.render.configure(docformat="markdown", mermaid=True, footer_text="sseclaude")
    with catch_warnings():
        # The annotations of a NamedTuple's made __init__ and of a TypedDict's keys cannot be linked; they are shown.
        # A package without __all__ brings its modules along; one with it hides them, so that all are named.
        known = "Error parsing type annotation|Cannot determine where|.* has already been added"
        filterwarnings("ignore", known, UserWarning)
        pdoc.pdoc(*modules(), output_directory=REFERENCE)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.docs", description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a document is out of date")
    check = parser.parse_args(arguments).check
    stale = out_of_date()
    for path, text in stale.items():
        print(f"{path.name} {'is out of date: run make docs' if check else 'is renewed'}")
        if not check:
            path.write_text(text, "utf-8")
    unmade = {name for path in DOCUMENTS for name in orphans(path.read_text("utf-8"))}
    if unmade:
        print(f"nothing makes the parts: {', '.join(sorted(unmade))}")
    if check:
        return int(bool(stale or unmade))
    render_reference()
    print(f"the API reference is in {REFERENCE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
