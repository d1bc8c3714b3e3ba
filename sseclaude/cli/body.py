"""The flags that make up a request's body.

Purpose: one flag for each known parameter, and ``--param`` for any other.
Must not know: what the parameters mean; the API checks them.
Rule: exactly the given parameters are sent.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import click

from ..client.request import encode_body
from .values import STDIN, parse, stdin_body, text, text_or_value, turn

F = TypeVar("F", bound=Callable[..., Any])


def _object(given: str, flag: str) -> Any:
    return _checked(parse(given, flag), given, flag)


def _turn(given: str, flag: str) -> Any:
    return _checked(turn(given, flag), given, flag)


def _checked(value: Any, given: str, flag: str) -> Any:
    if not isinstance(value, dict):
        found = "what stdin holds" if given == STDIN else repr(given)
        raise click.UsageError(f"{flag}: expected an object such as {EXAMPLES[flag]}, not {found}")
    return value


def _integer(given: str, flag: str) -> int:
    converted: int = click.INT(given)
    return converted


def _number(given: str, flag: str) -> float:
    converted: float = click.FLOAT(given)
    return converted


EXAMPLES = {
    "--message": "{role: user, content: Hello}",
    "--tool": "{name: get_time, input_schema: {type: object}}",
    "--mcp-server": "{type: url, url: 'https://...', name: ...}",
}

METAVARS: dict[Callable[..., Any], str] = {text: "TEXT", _integer: "N", _number: "NUMBER"}


class Flag(NamedTuple):
    """A flag, the body's field that it fills, and how its text is read.

    ``many``: it repeats, and makes a list. ``prompt``: it is a part of the prompt, which count-tokens counts.
    """

    name: str
    field: str
    read: Callable[[str, str], Any]
    help: str
    many: bool = False
    prompt: bool = False


FLAGS = (
    Flag("--model", "model", text, "The model.", prompt=True),
    Flag("--max-tokens", "max_tokens", _integer, "Write so many tokens at most."),
    Flag(
        "--message",
        "messages",
        _turn,
        "A turn: {role: user, content: Hello}; or words. Repeats.",
        many=True,
        prompt=True,
    ),
    Flag("--system", "system", text_or_value, "The system prompt: text, or a list of blocks.", prompt=True),
    Flag("--tool", "tools", _object, "A tool: {name: ..., input_schema: ...}. Repeats.", many=True, prompt=True),
    Flag("--tool-choice", "tool_choice", parse, "{type: auto}, {type: tool, name: ...}.", prompt=True),
    Flag("--thinking", "thinking", parse, "{type: enabled, budget_tokens: 2000}, {type: adaptive}.", prompt=True),
    Flag("--temperature", "temperature", _number, "From 0 to 1."),
    Flag("--top-p", "top_p", _number, "From 0 to 1."),
    Flag("--top-k", "top_k", _integer, "Choose among so many tokens."),
    Flag("--stop-sequence", "stop_sequences", text, "Stop at this text. Repeats.", many=True),
    Flag("--metadata", "metadata", parse, "{user_id: ...}."),
    Flag("--service-tier", "service_tier", text, "auto or standard_only."),
    Flag("--container", "container", text_or_value, "A container's id, or an object."),
    Flag("--context-management", "context_management", parse, "{edits: [...]}.", prompt=True),
    Flag("--mcp-server", "mcp_servers", _object, "{type: url, url: ..., name: ...}. Repeats.", many=True, prompt=True),
    Flag("--output-config", "output_config", parse, "{effort: low}, {format: ...}.", prompt=True),
    Flag("--output-format", "output_format", parse, "{type: json_schema, schema: ...}.", prompt=True),
    Flag("--cache-control", "cache_control", parse, "{type: ephemeral}.", prompt=True),
    Flag("--inference-geo", "inference_geo", text, "Where to run."),
    Flag("--speed", "speed", text, "standard or fast."),
    Flag("--diagnostics", "diagnostics", parse, "{previous_message_id: ...}."),
)


def body_options(*, prompt_only: bool = False) -> Callable[[F], F]:
    """Add the body's flags to a command; ``prompt_only``: those that make up the prompt."""

    def add(command: F) -> F:
        command = click.option("--param", "params", metavar="KEY=YAML", multiple=True, help="Any other field.")(command)
        for flag in reversed(FLAGS):
            if flag.prompt or not prompt_only:
                metavar = METAVARS.get(flag.read, "YAML")
                declare = click.option(flag.name, flag.field, multiple=flag.many, metavar=metavar, help=flag.help)
                command = declare(command)
        return command

    return add


REQUIRED = ("--model", "--max-tokens", "--message")
"""The flags without which the API refuses a request; count-tokens has no ``--max-tokens``."""


def build_body(params: tuple[str, ...], given: Mapping[str, Any], *, prompt_only: bool = False) -> dict[str, Any]:
    """Return the body that the flags describe, and stdin where they lack what is required.

    Raises click.UsageError, naming the flag, for what is missing and for what cannot be sent.
    """
    body = from_flags(params, given)
    _check(body)
    required = [flag for flag in FLAGS if flag.name in REQUIRED and (flag.prompt or not prompt_only)]
    if any(flag.field not in body for flag in required) and not sys.stdin.isatty():
        body = {**stdin_body(), **body}
        _check(body)
    if missing := [flag.name for flag in required if flag.field not in body]:
        raise click.UsageError(f"missing {', '.join(missing)} (or give the request's body on stdin)")
    return body


def _check(body: dict[str, Any]) -> None:
    try:
        encode_body(body)
    except TypeError as error:
        raise click.UsageError(str(error)) from None


def from_flags(params: tuple[str, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body that the flags alone describe; nothing is required. Raises click.UsageError."""
    body: dict[str, Any] = {}
    for flag in FLAGS:
        value = given.get(flag.field)
        if value is None or value == ():
            continue
        body[flag.field] = [_read(flag, one) for one in value] if flag.many else _read(flag, value)
    for param in params:
        key, equals, value = param.partition("=")
        if not (key and equals):
            raise click.UsageError(f"--param: {param!r} is not KEY=YAML")
        body[key] = parse(value, f"--param {key}")
    return body


def _read(flag: Flag, given: str) -> Any:
    try:
        return flag.read(given, flag.name)
    except click.BadParameter as error:
        raise click.UsageError(f"{flag.name}: {error.message}") from None
