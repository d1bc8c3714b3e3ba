"""Parts of PROTOCOL.md that come from runs of the reader, and the numbers of its sections.

Purpose: the worked example, the events that a JSON document is read as, the list of contents; ``numbered`` gives the
sections their numbers, and the links between them their targets.
Rule: what a part shows is computed each time, by feeding the stream it shows to ``StreamReader``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sseclaude.assembler import ACTIONS, OTHER, TRANSITIONS
from sseclaude.message import Message
from sseclaude.reader import StreamReader
from tests.tools.markdown import ROOT, table

WORKED = "fixtures/deviations/others_worked_example.sse"
"""The stream of the worked example."""

DOCUMENT = (
    '{"type": "message", "id": "msg_01Document", "role": "assistant", "model": "claude-sonnet-4-6", '
    '"content": ["Low water", {"type": "tool_use", "id": "toolu_01Document", "name": "get_tide", '
    '"input": {"harbour": "Roscoff"}}, 7], "stop_reason": "tool_use", '
    '"usage": {"input_tokens": 30, "output_tokens": 12}}'
)
"""A document that a server sends where a stream was asked for."""


# --- sections ----------------------------------------------------------------------------------------------------


class Section(NamedTuple):
    """A heading: its level (2 or 3), its label (``6.1``, ``A``), and its name."""

    level: int
    label: str
    name: str

    @property
    def title(self) -> str:
        """The heading's text."""
        return f"{self.label}. {self.name}" if self.level == 2 else f"{self.label} {self.name}"

    @property
    def anchor(self) -> str:
        """The name under which a renderer of Markdown lets the heading be linked to."""
        return re.sub(r"[^\w\- ]", "", self.title.lower()).replace(" ", "-")


_heading = re.compile(r"^(##|###) (?:([A-Z]|\d+)(?:\.|\.\d+) )?(.+)$", re.MULTILINE)
_link = re.compile(r"\[([^\[\]]+)\]\(#[^)]*\)")


def sections(text: str) -> list[Section]:
    """Return a document's headings in order, with the labels that they should have.

    Sections count from 1, those whose label is a letter (appendices) from A; their parts count within them.
    """
    found: list[Section] = []
    number, letter, part, above = 0, 0, 0, ""
    for marks, label, name in _heading.findall(text):
        if marks == "###":
            part += 1
            found.append(Section(3, f"{above}.{part}", name))
            continue
        if label.isalpha():
            letter += 1
            above = chr(ord("A") + letter - 1)
        else:
            number += 1
            above = str(number)
        part = 0
        found.append(Section(2, above, name))
    return found


def numbered(text: str) -> str:
    """Return a document with its sections numbered and the links to them, which are by name, led there."""
    found = sections(text)
    anchors = {" ".join(section.name.split()).strip("`"): section.anchor for section in found}
    anchors |= {f"appendix {section.label}": section.anchor for section in found if section.label.isalpha()}
    remaining = iter(found)

    def heading(match: re.Match[str]) -> str:
        return f"{match[1]} {next(remaining).title}"

    def link(match: re.Match[str]) -> str:
        name = " ".join(match[1].split()).strip("`")
        return f"[{match[1]}](#{anchors[name]})" if name in anchors else match[0]

    return _link.sub(link, _heading.sub(heading, text))


def contents() -> str:
    """Return the list of contents: the sections, each with its parts."""
    text = (ROOT / "sseclaude" / "PROTOCOL.md").read_text("utf-8")
    lines, divider = [""], ""
    for section in sections(text):
        linked = f"[{section.name}](#{section.anchor})"
        if section.level == 2:
            lines.append(
                f"- Appendix {section.label}: {linked}" if section.label.isalpha() else f"{section.label}. {linked}"
            )
            divider = ": "
        else:
            lines[-1] += divider + linked
            divider = ", "
    return "\n".join(lines)


# --- the worked example ------------------------------------------------------------------------------------------


class Taken(NamedTuple):
    """One event that a reader took: its JSON, the states around it, and the rules that were noted."""

    number: int
    body: Mapping[str, Any]
    before: str
    after: str
    noted: list[str]
    message: Message | None


def read(data: bytes) -> Iterator[Taken]:
    """Yield what a lenient reader does with each event of a body."""
    reader = StreamReader()
    reader.feed(data)
    reader.end()
    assembler = reader.assembler
    while not reader.done:
        before, known = assembler.state.name, len(assembler.deviations)
        step = reader.step()
        assert step is not None
        noted = [f"`{one.rule}` ({one.detail})" for one in assembler.deviations[known:]]
        yield Taken(assembler.event_count, step[0], before, assembler.state.name, noted, assembler.message)


def action(kind: str, state: str) -> str:
    """Return the name of what an event does in a state."""
    steps = next(steps for one, steps in TRANSITIONS.items() if one.name == state)
    step = steps.get(kind) or steps[OTHER]
    return ACTIONS.get(kind, ACTIONS[OTHER]) if step.acts else "ignore"


def _json(value: Any) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _grown(taken: Taken) -> str:
    """Return the part of the message that an event was for, as it is after it."""
    assert taken.message is not None
    message, index = taken.message.to_dict(), taken.body.get("index")
    if isinstance(index, int):
        block, complete = message["content"][index], getattr(taken.message.content[index], "input_complete", False)
        grown = "; ".join(f"{field} {_json(block[field])}" for field in ("text", "input") if field in block)
        return grown + (", complete" if complete else "")
    if taken.body["type"] == "message_delta":
        return "; ".join(f"{field} {_json(message[field])}" for field in ("stop_reason", "stop_sequence", "usage"))
    return {"message_start": "the message, without content", "message_stop": "complete"}.get(taken.body["type"], "")


def worked_frames() -> str:
    """Return the stream of the worked example."""
    return f"```event-stream {WORKED}\n{(ROOT / WORKED).read_text('utf-8').rstrip()}\n```"


def worked_steps() -> str:
    """Return what a lenient reader does with each of its events."""
    rows = [
        [
            str(taken.number),
            f"`{kind}`",
            action(kind, taken.before),
            f"`{taken.before}`" + (f" → `{taken.after}`" if taken.after != taken.before else ""),
            _grown(taken),
            ", ".join(taken.noted),
        ]
        for taken in read((ROOT / WORKED).read_bytes())
        for kind in [str(taken.body["type"])]
    ]
    return table(["no.", "event", "action", "state", "the block, or the message, after it", "noted"], rows)


def worked_message() -> str:
    """Return the message that it describes."""
    *_, last = read((ROOT / WORKED).read_bytes())
    assert last.message is not None
    return f"```json\n{json.dumps(last.message.to_dict(), ensure_ascii=False, indent=2)}\n```"


# --- a document --------------------------------------------------------------------------------------------------


def document_events() -> str:
    """Return a document, and the events that it is read as."""
    reader = StreamReader()
    reader.feed(DOCUMENT.encode())
    reader.end()
    rows = []
    while not reader.done:
        step = reader.step()
        assert step is not None
        rows.append([str(reader.assembler.event_count), _json(step[0])])
    noted = ", ".join(f"`{one.rule}` ({one.detail}) at {one.event_number}" for one in reader.assembler.deviations)
    return f"```json\n{DOCUMENT}\n```\n\n{table(['no.', 'event'], rows)}\n\nNoted: {noted}."
