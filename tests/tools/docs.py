"""Documentation that follows from the code: ``python -m tests.tools.docs [--check]``.

Purpose: the generated parts of PROTOCOL.md and of the pages in docs/, each between ``<!-- generated: NAME -->`` and
``<!-- end -->``, made from the tables that the code itself works by; and the API reference, rendered by pdoc.
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
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from warnings import catch_warnings, filterwarnings

import sseclaude
from sseclaude.assembler import NULLABLE, OTHER, REQUIRED, TRANSITIONS, MessageAssembler, State, Transition
from sseclaude.block_builder import ACCEPTED_DELTAS, EVERY_DELTA, OPENED_BY
from sseclaude.blocks import BLOCKS, CITATIONS, AnyCitation, ContentBlock, Int, Model
from sseclaude.deviations import RULES
from sseclaude.errors import (
    ERROR_TYPES,
    RETRYABLE_STATUSES,
    STATUS_ERRORS,
    APIError,
    APIStatusError,
    InternalServerError,
    ProtocolError,
    status_error_class,
)
from sseclaude.events import DELTAS, DONE_MARKER, MessageDelta
from sseclaude.message import Message, Usage
from tests.support.fault_table import fault_table
from tests.tools.bench.report import bench_table

ROOT = Path(__file__).parent.parent.parent
PROTOCOL = ROOT / "sseclaude" / "PROTOCOL.md"
DOCUMENTS = (PROTOCOL, ROOT / "docs" / "errors.md", ROOT / "docs" / "speed.md")
FIXTURES = ROOT / "fixtures"
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


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    heads = list(heads)
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows))


def code(*words: str) -> str:
    """Return words as code, separated by commas."""
    return ", ".join(f"`{word}`" for word in words)


# --- the fixtures ------------------------------------------------------------------------------------------------


def frames(pattern: str = "*.sse") -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Yield the whole frames of the fixtures, each as its bytes and its JSON."""
    for path in sorted(FIXTURES.glob(pattern)):
        for frame in path.read_bytes().split(b"\n\n")[:-1]:
            data = frame.partition(b"\ndata: ")[2]
            yield frame + b"\n\n", json.loads(data)


def shown(chosen: Iterable[bytes]) -> str:
    """Return frames as a fenced example."""
    return "```event-stream\n" + b"".join(chosen).decode().rstrip("\n") + "\n```"


def shortest(where: str, kind: str) -> bytes:
    """Return the shortest frame in which the object ``where`` is of type ``kind`` and, if one does, says something."""
    found = [(raw, inner(body, where)) for raw, body in frames()]
    fitting = [(_says_little(thing), len(raw), raw) for raw, thing in found if thing.get("type") == kind]
    return min(fitting)[2]


def _says_little(thing: Mapping[str, Any]) -> bool:
    return all(len(str(value or "")) < 8 for key, value in thing.items() if key != "type")


def inner(body: Any, path: str) -> Mapping[str, Any]:
    """Return the object at a path of keys, an empty one if there is none."""
    for key in filter(None, path.split(".")):
        body = body.get(key) if isinstance(body, Mapping) else None
    return body if isinstance(body, Mapping) else {}


# --- states ------------------------------------------------------------------------------------------------------

LEADING_TO = {
    State.EXPECTING: (),
    State.BETWEEN: ("message_start",),
    State.IN_BLOCK: ("message_start", "content_block_start"),
    State.FINISHING: ("message_start", "message_delta"),
    State.DONE: ("message_start", "message_delta", "message_stop"),
    State.FAILED: ("error",),
}
"""A way into each state."""

END = "the end"


@generated("states")
def states() -> str:
    return table(("state", "meaning"), [(code(state.name), state.value) for state in State])


@generated("diagram")
def diagram() -> str:
    """Draw what strict mode allows, by trying each event in each state."""
    labels: dict[tuple[State, State], list[str]] = {}
    for state, kind, following in _allowed():
        labels.setdefault((state, following), []).append(kind)
    edges = [f"    {one.name} --> {other.name}: {', '.join(kinds)}" for (one, other), kinds in labels.items()]
    last = ["    DONE --> [*]", "    FAILED --> [*]"]
    return "\n".join(("```mermaid", "stateDiagram-v2", "    [*] --> EXPECTING", *edges, *last, "```"))


def _allowed() -> Iterator[tuple[State, str, State]]:
    samples = {body["type"]: body for _, body in (*frames("error_first.sse"), *reversed([*frames("text.sse")]))}
    for state in (State.EXPECTING, State.BETWEEN, State.IN_BLOCK, State.FINISHING):
        for kind, step in TRANSITIONS[state].items():
            if step.action is MessageAssembler._ignore or kind == DONE_MARKER:
                continue
            assembler = _assembler_in(state, samples)
            if (following := _state_after(assembler, samples[kind])) is not None:
                yield state, kind, following
        assembler = _assembler_in(state, samples)
        if (following := _state_after(assembler, None)) is not None:
            yield state, END, following


def _assembler_in(state: State, samples: Mapping[str, Any]) -> MessageAssembler:
    assembler = MessageAssembler(strict=True)
    for kind in LEADING_TO[state]:
        assembler.feed(samples[kind])
    assert assembler.state is state
    return assembler


def _state_after(assembler: MessageAssembler, body: dict[str, Any] | None) -> State | None:
    """Return the state that follows an event (None: the end), or None if strict mode refuses it."""
    try:
        assembler.close() if body is None else assembler.feed(body)
    except ProtocolError:
        return None
    except APIError:
        pass  # an error event, an end too early: the stream allows them, though they end badly
    return assembler.state


@generated("transitions")
def transitions() -> str:
    kinds = [*dict.fromkeys(kind for steps in TRANSITIONS.values() for kind in steps if kind != OTHER), OTHER]
    rows = [
        [code(kind) if kind else "any other", *(_cell(TRANSITIONS[state], kind) for state in State)] for kind in kinds
    ]
    return table(("event", *(code(state.name) for state in State)), rows)


def _cell(steps: Mapping[str, Transition], kind: str) -> str:
    step = steps.get(kind) or steps[OTHER]
    told = step.action.__name__.strip("_")
    if step.following is not None:
        told += " → " + " / ".join(dict.fromkeys(state.name for state in step.following))
    return told + (f"; {code(step.rule)}" if step.rule else "")


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
    """Return a model's fields but for ``type``, as the wire names them, each with its type in words."""
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
    return shown(shortest("delta", kind) for kind in EVERY_DELTA)


@generated("message")
def message() -> str:
    return _fields_table(Message, REQUIRED["message"])


@generated("message_delta")
def message_delta() -> str:
    return _fields_table(MessageDelta, REQUIRED["delta"])


@generated("usage")
def usage() -> str:
    rows = [(code(name), kind, _inside(Usage.model_fields[name].annotation)) for name, kind in fields_of(Usage)]
    return table(("field", "type", "its fields"), rows)


def _fields_table(model: type[Model], required: Iterable[str]) -> str:
    kinds = {**({"type": '`"message"`'} if model is Message else {}), **dict(fields_of(model))}
    rows = [(code(name), kind, "always" if name in required else "sometimes") for name, kind in kinds.items()]
    return table(("field", "type", "sent"), rows)


def _inside(annotation: Any) -> str:
    """Return the fields of the model that an annotation holds, if it holds one."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return code(*(name for name, _ in fields_of(annotation)))
    return "".join(map(_inside, get_args(annotation)))


@generated("required")
def required() -> str:
    """Return what is always sent; objects of which the same is true share a row."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for where in sorted(REQUIRED, key=REQUIRED_IN_ORDER.index):
        alike.setdefault(REQUIRED[where], []).append(where)
    rows = [(code(*wheres), ", ".join(map(_or_null, names))) for names, wheres in alike.items()]
    return table(("object", "fields that are always sent"), rows)


REQUIRED_IN_ORDER = ("message", "message_delta", "delta", *BLOCKS)


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
    rows += [
        (words, "", code(kind.__name__), _meaning(kind), _cured(status))
        for words, status in (("any other 5xx", 599), ("any other", 499))
        for kind in [status_error_class(status)]
    ]
    return table(("status", "`error.type`", "class", "meaning", "retried"), rows)


def _types_of(status: int) -> list[str]:
    return [kind for kind, stands_for in ERROR_TYPES.items() if stands_for == status]


def _meaning(kind: type[APIStatusError]) -> str:
    return _first_line(kind).partition(": ")[2].rstrip(".")


@generated("deviations")
def deviations() -> str:
    rows = [(code(rule), *told.split("; ", 1)) for rule, told in RULES.items()]
    return table(("rule", "what is wrong", "what a lenient reader does"), rows)


@generated("servers")
def servers() -> str:
    """Join the fixtures' own list with the rules that each breaks."""
    broken = {
        "litellm_whole_message": ["not_a_stream"],
        **json.loads((FIXTURES / "deviations" / "RULES.json").read_text()),
    }
    listed = (FIXTURES / "README.md").read_text().partition("## `deviations/`")[2]
    rows = [
        (code(name), told, code(*broken[name]) if broken[name] else "none")
        for name, told in re.findall(r"^\| `(\w+)` \| (.+) \|$", listed, re.MULTILINE)
    ]
    return table(("fixture", "what the server does", "rules it breaks"), rows)


# --- the command -------------------------------------------------------------------------------------------------


@generated("faults")
def faults() -> str:
    """Return what a caller gets under each fault."""
    return fault_table()


@generated("bench")
def bench() -> str:
    """Return what the last full run of ``make bench`` measured."""
    return bench_table()


def out_of_date() -> dict[Path, str]:
    """Return the documents that are out of date, each with the text that it should have."""
    texts = {path: path.read_text("utf-8") for path in DOCUMENTS}
    return {path: new for path, old in texts.items() if (new := renewed(old)) != old}


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
