"""Every fixture: whole, byte by byte and cut at random, through every way in; and what strict makes of it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sseclaude.assembler import MessageAssembler
from sseclaude.blocks.content import ToolBlock
from sseclaude.deviations import REFUSED as REFUSED_RULES
from sseclaude.deviations import RULES as ALL_RULES
from sseclaude.errors import (
    APIError,
    APIStatusError,
    IncompleteStreamError,
    InternalServerError,
    NotFoundError,
    OverloadedError,
    ProtocolError,
    ServiceUnavailableError,
)
from sseclaude.iterate import assemble
from sseclaude.message import Message
from sseclaude.reader import StreamReader
from tests.support.streams import (
    DEVIATIONS,
    FIXTURES,
    POINTS,
    REFUSED,
    aread_by_events,
    bytewise,
    cut_at_random,
    documents,
    message_json,
    names,
    read_by_assemble,
    read_by_events,
    read_by_steps,
    run,
    stream_bytes,
)

REFUSALS = {
    "refused/html_page": "not_an_event_stream",
    "refused/json_lines": "not_an_event_stream",
    "refused/json_of_another_protocol": "not_an_event_stream",
    "refused/malformed_json": "malformed_json",
    "refused/malformed_json_nan": "malformed_json",
    "refused/malformed_json_nested": "malformed_json",
    "refused/no_empty_lines": "not_an_event_stream",
    "refused/no_line_ends": "not_an_event_stream",
    "refused/nothing_to_stop": "nothing_to_stop",
    "refused/plain_text": "not_an_event_stream",
    "refused/plain_text_after_a_comment": "not_an_event_stream",
    "refused/second_message": "second_message",
    "refused/second_message_after_message_delta": "second_message",
    "refused/event_of_another_protocol": "not_an_event_stream",
    "refused/stream_of_another_protocol": "not_an_event_stream",
    "refused/stream_of_another_protocol_with_event_lines": "not_an_event_stream",
    "refused/tool_never_named": "tool_never_named",
}
"""The fixtures that are refused in both modes, each with the rule."""

ENDS: dict[str, type[APIError]] = {
    "cut": IncompleteStreamError,
    "error_first": OverloadedError,
    "error_middle": InternalServerError,
    "deviations/litellm_two_errors": OverloadedError,
    "deviations/others_cut_in_message_delta": IncompleteStreamError,
    "deviations/others_error_as_text": ServiceUnavailableError,
    "deviations/others_error_in_plain_text": InternalServerError,
    "deviations/others_error_line_without_data": ServiceUnavailableError,
    "deviations/others_error_list": InternalServerError,
    "deviations/others_error_without_words": InternalServerError,
    "deviations/vllm_error_document": NotFoundError,
    "deviations/vllm_internal_error": APIStatusError,
    **dict.fromkeys(REFUSALS, ProtocolError),
}
"""The fixtures that end in an error or a cut; all others end in their message."""

SAID: dict[str, tuple[str | None, str | None]] = {
    "error_first": ("overloaded_error", "Overloaded"),
    "error_middle": ("api_error", "Internal server error"),
    "deviations/litellm_two_errors": ("overloaded_error", "Overloaded"),
    "deviations/others_error_as_text": (None, "The tide table is being loaded"),
    "deviations/others_error_in_plain_text": (None, "the harbour did not answer in time"),
    "deviations/others_error_line_without_data": ("api_error", "The connection to the harbour was lost"),
    "deviations/others_error_list": (
        None,
        "body.max_tokens: Input should be greater than 0; body.messages.0.content: Field required",
    ),
    "deviations/others_error_without_words": (None, None),
    "deviations/vllm_error_document": ("NotFoundError", "The model `lighthouse-7b` does not exist."),
    "deviations/vllm_internal_error": ("internal_error", "the engine has stopped"),
}
"""The type and the text of the errors that a server sent."""

INCOMPLETE = {
    "cut": [1],
    "max_tokens_tool": [1],
    "max_tokens_tool_without_input": [2],
    "deviations/others_block_start_twice_with_input": [0],
    "deviations/others_tool_ended_by_another": [0],
    "deviations/others_tool_input_as_text": [0],
    "deviations/others_tool_json_in_unknown_delta": [0],
    "deviations/others_tool_json_under_unknown_name": [0],
    "deviations/others_tool_json_under_another_field": [0],
    "deviations/others_tool_never_stopped": [1],
    "deviations/others_tool_number_out_of_range": [0, 1],
}
"""Where a tool block stands whose input is not complete."""

WHOLE = "deviations/litellm_whole_message"
"""The one document that is a message."""
STREAMS = [*names(FIXTURES), *names(DEVIATIONS), *names(REFUSED)]
DOCUMENTS = [*documents(DEVIATIONS), *documents(REFUSED)]
NAMES = [*STREAMS, *(name for name in DOCUMENTS if name != WHOLE)]
DEVIATING = [name for name in NAMES if name.startswith("deviations/")]
RULES: dict[str, list[str]] = json.loads((DEVIATIONS / "RULES.json").read_text(encoding="utf-8"))
EXPECTED: dict[str, Any] = json.loads((FIXTURES / "EXPECTED.json").read_text(encoding="utf-8"))
BEHIND = {"deviations/others_done_after_message_stop", "deviations/others_event_after_message_stop"}
"""What these do wrong is behind the message: it is seen if it has come with the rest, or if somebody asks for more."""


def expected(name: str) -> Any:
    """The message, or how far it came, or None."""
    kinds = [kind for kind in ("json", "partial.json") if (FIXTURES / f"{name}.{kind}").exists()]
    return message_json(name, kinds[0]) if kinds else None


def check(name: str, chunks: list[bytes]) -> None:
    """Read chunks in the ways that need no event loop."""
    outcome = read_by_steps(chunks)
    assert (outcome.message and outcome.message[0]) == expected(name)
    assert (outcome.error and outcome.error[0]) == ENDS.get(name)
    assembled = read_by_assemble(chunks)
    assert (assembled.message, assembled.error) == (outcome.message, outcome.error)
    seen, once = read_by_events(chunks), read_by_events([stream_bytes(name)])
    assert seen == once
    assert seen.error == outcome.error
    assert run(aread_by_events(chunks)) == seen


@pytest.mark.parametrize("name", NAMES)
def test_whole_and_byte_by_byte(name: str) -> None:
    data = stream_bytes(name)
    check(name, [data])
    check(name, bytewise(data))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(NAMES), POINTS)
def test_cut_at_random(name: str, points: list[int]) -> None:
    check(name, cut_at_random(stream_bytes(name), points))


@pytest.mark.anyio
@pytest.mark.parametrize("name", NAMES)
async def test_under_an_event_loop(name: str) -> None:
    data = stream_bytes(name)
    assert await aread_by_events(bytewise(data)) == read_by_events([data])


@pytest.mark.parametrize("name", NAMES)
def test_the_message_at_each_event_is_the_message_so_far(name: str) -> None:
    """Each look is a message of its own, and none is changed by what comes later."""
    reader = StreamReader()
    reader.feed(stream_bytes(name))
    looks = []
    try:
        while not reader.done and reader.step() is not None:
            if (message := reader.assembler.message) is not None:
                looks.append((message, message.to_dict()))
    except APIError:
        pass
    assert all(message.to_dict() == then for message, then in looks)


@pytest.mark.parametrize("name", names(FIXTURES))
def test_strict_takes_what_the_first_party_sends(name: str) -> None:
    outcome = read_by_steps([stream_bytes(name)], strict=True)
    assert (outcome.message and outcome.message[0]) == expected(name)
    assert (outcome.error and outcome.error[0]) == ENDS.get(name)
    assert read_by_steps([stream_bytes(name)]).deviations == []


def test_every_fixture_has_its_numbers() -> None:
    assert set(EXPECTED) == {*NAMES, WHOLE}


def test_every_fixture_is_described() -> None:
    readme = (FIXTURES / "README.md").read_text(encoding="utf-8")
    tables = re.split(r"^## `(\w+/)`$", readme, flags=re.MULTILINE)
    listed = [
        folder + name
        for folder, text in zip(["", *tables[1::2]], tables[::2], strict=True)
        for name in re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    ]
    assert sorted(listed) == sorted(EXPECTED)
    refused = re.findall(r"^\| `(\w+)` \| .+ \| `(\w+)` \|$", tables[-1], re.MULTILINE)
    assert {f"refused/{name}": rule for name, rule in refused} == REFUSALS


@pytest.mark.parametrize("name", NAMES)
def test_events_are_counted_and_errors_are_of_their_class(name: str) -> None:
    outcome, expects = read_by_steps([stream_bytes(name)]), EXPECTED[name]
    assert [list(noted) for noted in outcome.deviations] == expects["noted"]
    assert (outcome.error and outcome.error[0].__name__) == expects["error"]
    if outcome.error:
        *_, number, events = outcome.error  # a refused frame has its number, and the progress leaves it out
        assert (events if number is None else number) == expects["events"]


# --- tools, refusals and errors, as a caller sees them ----------------------------------------------------------------


def result(chunks: list[bytes]) -> tuple[Message | None, APIError | None]:
    """The message, or how far it came and the error."""
    try:
        return assemble(chunks), None
    except APIError as error:
        return error.partial_message, error


def both(name: str) -> list[tuple[Message | None, APIError | None]]:
    """Read a fixture whole and byte by byte."""
    data = stream_bytes(name)
    return [result([data]), result(bytewise(data))]


@pytest.mark.parametrize("name", [*NAMES, WHOLE])
def test_each_tool_says_whether_its_input_is_complete(name: str) -> None:
    assert EXPECTED[name].get("incomplete") == INCOMPLETE.get(name)
    for message, _ in both(name):
        blocks = message.content if message else []
        found = [at for at, block in enumerate(blocks) if isinstance(block, ToolBlock) and not block.input_complete]
        assert found == INCOMPLETE.get(name, [])


@pytest.mark.parametrize("name", [*NAMES, WHOLE])
def test_a_refusal_names_its_rule(name: str) -> None:
    assert EXPECTED[name].get("rule") == REFUSALS.get(name)
    for _, error in both(name):
        assert getattr(error, "rule", None) == REFUSALS.get(name)


@pytest.mark.parametrize("name", [*NAMES, WHOLE])
def test_an_error_says_what_the_server_said(name: str) -> None:
    kind, said = SAID.get(name, (None, None))
    expects = {"error_type": kind, "error_message": said} if name in SAID else {}
    assert {key: value for key, value in EXPECTED[name].items() if key.startswith("error_")} == expects
    for _, error in both(name):
        assert isinstance(error, APIStatusError) == (name in SAID)
        if isinstance(error, APIStatusError):
            assert error.type == kind
            assert said in (None, error.message)


def test_every_rule_that_a_file_can_show_is_refused() -> None:
    assert {*REFUSALS.values(), "event_too_large"} == REFUSED_RULES


@pytest.mark.parametrize("name", REFUSALS)
def test_strict_refuses_what_lenient_refuses(name: str) -> None:
    """By the first rule that the stream breaks: that of the refusal, unless another was noted before."""
    lenient = read_by_steps([stream_bytes(name)])
    first = [rule for rule, _ in lenient.deviations][:1] or [REFUSALS[name]]
    for chunks in ([stream_bytes(name)], bytewise(stream_bytes(name))):
        error = read_by_steps(chunks, strict=True).error
        assert error is not None
        assert [error[2]] == first


# --- deviations -----------------------------------------------------------------------------------------------------


def test_every_deviation_has_its_rules() -> None:
    assert {f"deviations/{name}" for name in RULES} == {*DEVIATING, WHOLE}
    assert {rule for rules in RULES.values() for rule in rules} <= set(ALL_RULES)


@pytest.mark.parametrize("name", DEVIATING)
def test_lenient_notes_each_rule(name: str) -> None:
    outcome = read_by_steps([stream_bytes(name)])
    rules = [rule for rule, _ in outcome.deviations]
    assert list(dict.fromkeys(rules)) == RULES[name.removeprefix("deviations/")]
    assert all(0 < number <= len(outcome.events) + 1 for _, number in outcome.deviations)


@pytest.mark.parametrize("name", DEVIATING)
def test_strict_refuses_the_first(name: str) -> None:
    rules = RULES[name.removeprefix("deviations/")]
    lenient = read_by_steps([stream_bytes(name)])
    for chunks in ([stream_bytes(name)], bytewise(stream_bytes(name))):
        strict = read_by_steps(chunks, strict=True)
        assert strict.deviations == []
        if not rules:
            assert (strict.message, strict.error) == (lenient.message, lenient.error)
        elif rules[0] == "missing_message_stop":
            assert strict.error is not None
            assert strict.error[0] is IncompleteStreamError
        else:
            assert strict.error is not None
            assert (strict.error[0], *strict.error[2:4]) == (ProtocolError, *lenient.deviations[0])


@pytest.mark.parametrize("name", sorted(BEHIND))
def test_what_is_behind_the_message(name: str) -> None:
    """A lenient reader asks for no more after message_stop; an assembler that is fed all of it notes it."""
    chunks = bytewise(stream_bytes(name))
    assert read_by_assemble(chunks).error is None
    assembler = MessageAssembler()
    for body in read_by_steps([stream_bytes(name)]).events:
        assembler.feed(body)
    assembler.feed({"type": "[DONE]"} if "done" in name else {"type": "message_stop"})
    assert [found.rule for found in assembler.deviations] == RULES[name.removeprefix("deviations/")]


def test_a_whole_message_instead_of_a_stream() -> None:
    data = stream_bytes(WHOLE)
    for chunks in ([data], bytewise(data)):
        reader = StreamReader(content_type="application/json")
        for chunk in chunks:
            reader.feed(chunk)
        reader.end()
        while not reader.done:
            reader.step()
        assert reader.assembler.message is not None
        assert reader.assembler.message.to_dict() == json.loads(data)
        assert [[found.rule, found.event_number] for found in reader.assembler.deviations] == EXPECTED[WHOLE]["noted"]
        assert [found.rule for found in reader.assembler.deviations] == RULES[WHOLE.removeprefix("deviations/")]
        assert reader.assembler.event_count == EXPECTED[WHOLE]["events"]
        with pytest.raises(ProtocolError) as refused:
            assemble(chunks, strict=True)
        assert refused.value.rule == "not_a_stream"
