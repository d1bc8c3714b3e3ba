"""Faults and paces as text, for command lines and files.

Purpose: parse what the ``repr`` of a fault or a pace says.
Must not know: what faults do.
Rule: only the kit's own names and plain values are accepted; no text is ever executed.

    parse_fault("Disconnect(after_events=3, how='reset')")      parse_pace("Pace(ttft=0.2, tokens_per_second=50)")
    parse_fault("always(Drip(7), NoStop)")                      parse_pace("none")
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from . import faults
from .faults import Fault, Plan, Standing
from .pace import DEFAULT, Pace

FAULTS: dict[str, Callable[..., Any]] = {
    kind.__name__: kind for kind in Fault.__subclasses__() if kind.__module__ == faults.__name__
}
PLANS: dict[str, Callable[..., Plan]] = {**FAULTS, "always": faults.always, "sometimes": faults.sometimes}
PACES: dict[str, Pace | None] = {"none": None, "default": DEFAULT}


def parse_fault(text: str) -> Plan:
    """The fault that a text spells: a name, or a call with plain arguments; several in round brackets are a tuple.

    Raises ValueError, saying what was not understood.
    """
    plan = _parse(text, PLANS)
    for fault in plan if isinstance(plan, tuple) else (plan,):
        if not isinstance(fault, (Fault, Standing)) or (isinstance(plan, tuple) and isinstance(fault, Standing)):
            raise ValueError(f"not a fault: {text!r} (known: {', '.join(sorted(PLANS))})")
    return plan  # type: ignore[no-any-return]  # the loop has seen to it


def parse_pace(text: str) -> Pace | None:
    """The pace that a text spells: ``none`` (full speed), ``default``, or ``Pace(...)``.

    Raises ValueError, saying what was not understood.
    """
    if text.lower() in PACES:
        return PACES[text.lower()]
    pace = _parse(text, {"Pace": Pace, **dict.fromkeys(PACES, Pace)})
    if not isinstance(pace, Pace):
        raise ValueError(f"not a pace: {text!r} (known: none, default, Pace(ttft=..., tokens_per_second=...))")
    return pace


def _parse(text: str, names: Mapping[str, Callable[..., Any]]) -> Any:
    try:
        return _value(ast.parse(text.strip(), mode="eval").body, names)
    except (SyntaxError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"cannot read {text!r}: {error}") from None


def _value(node: ast.expr, names: Mapping[str, Callable[..., Any]]) -> Any:
    if isinstance(node, ast.Name) and node.id == "inf":
        return inf
    if isinstance(node, ast.Name):
        return _named(node, names)()
    if isinstance(node, ast.Call):
        values = [_value(one, names) for one in node.args]
        return _named(node.func, names)(*values, **{str(one.arg): _value(one.value, names) for one in node.keywords})
    if isinstance(node, ast.Tuple):
        return tuple(_value(one, names) for one in node.elts)
    return ast.literal_eval(node)


def _named(node: ast.expr, names: Mapping[str, Callable[..., Any]]) -> Callable[..., Any]:
    if not isinstance(node, ast.Name) or node.id not in names:
        raise ValueError(f"unknown name {ast.unparse(node)}; known: {', '.join(sorted(names))}")
    return names[node.id]
