"""Every fixture: whole, byte by byte and cut at random, through every way in; and what strict makes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sseclaude.assembler import MessageAssembler
from sseclaude.deviations import RULES as ALL_RULES
from sseclaude.errors import APIStatusError, IncompleteStreamError, InternalServerError, OverloadedError, ProtocolError
from sseclaude.iterate import assemble
from sseclaude.reader import StreamReader
from tests.support.streams import (
    DEVIATIONS,
    FIXTURES,
    POINTS,
    aread_by_events,
    bytewise,
    cut_at_random,
    message_json,
    names,
    read_by_assemble,
    read_by_events,
    read_by_steps,
    run,
    stream_bytes,
)

ENDS: dict[str, type[Exception]] = {
    "cut": IncompleteStreamError,
    "error_first": OverloadedError,
    "error_middle": InternalServerError,
    "deviations/litellm_two_errors": OverloadedError,
    "deviations/others_cut_in_message_delta": IncompleteStreamError,
    "deviations/vllm_internal_error": APIStatusError,
}
"""The fixtures that end in an error or a cut; all others end in their message."""

NAMES = [*names(FIXTURES), *names(DEVIATIONS)]
BODIES = names(DEVIATIONS, ".body.json")
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


@settings(max_examples=150, deadline=None)
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
    except APIStatusError:
        pass
    assert all(message.to_dict() == then for message, then in looks)


@pytest.mark.parametrize("name", names(FIXTURES))
def test_strict_takes_what_the_first_party_sends(name: str) -> None:
    outcome = read_by_steps([stream_bytes(name)], strict=True)
    assert (outcome.message and outcome.message[0]) == expected(name)
    assert (outcome.error and outcome.error[0]) == ENDS.get(name)
    assert read_by_steps([stream_bytes(name)]).deviations == []


def test_every_fixture_has_its_numbers() -> None:
    assert set(EXPECTED) == {*NAMES, *BODIES}


@pytest.mark.parametrize("name", NAMES)
def test_events_are_counted_and_errors_are_of_their_class(name: str) -> None:
    outcome, expects = read_by_steps([stream_bytes(name)]), EXPECTED[name]
    assert [list(noted) for noted in outcome.deviations] == expects["noted"]
    assert (outcome.error and outcome.error[0].__name__) == expects["error"]
    if outcome.error:
        assert outcome.error[-1] == expects["events"]


# --- deviations -----------------------------------------------------------------------------------------------------


def test_every_deviation_has_its_rules() -> None:
    assert {f"deviations/{name}" for name in RULES} == {*names(DEVIATIONS), *BODIES}
    assert {rule for rules in RULES.values() for rule in rules} <= set(ALL_RULES)


@pytest.mark.parametrize("name", names(DEVIATIONS))
def test_lenient_notes_each_rule(name: str) -> None:
    outcome = read_by_steps([stream_bytes(name)])
    rules = [rule for rule, _ in outcome.deviations]
    assert list(dict.fromkeys(rules)) == RULES[name.removeprefix("deviations/")]
    assert all(0 < number <= len(outcome.events) + 1 for _, number in outcome.deviations)


@pytest.mark.parametrize("name", names(DEVIATIONS))
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


@pytest.mark.parametrize("name", BODIES)
def test_a_whole_message_instead_of_a_stream(name: str) -> None:
    data = (FIXTURES / f"{name}.body.json").read_bytes()
    for chunks in ([data], bytewise(data)):
        reader = StreamReader(content_type="application/json")
        for chunk in chunks:
            reader.feed(chunk)
        reader.end()
        while not reader.done:
            reader.step()
        assert reader.assembler.message is not None
        assert reader.assembler.message.to_dict() == json.loads(data)
        assert [[found.rule, found.event_number] for found in reader.assembler.deviations] == EXPECTED[name]["noted"]
        assert [found.rule for found in reader.assembler.deviations] == RULES[name.removeprefix("deviations/")]
        assert reader.assembler.event_count == EXPECTED[name]["events"]
        with pytest.raises(ProtocolError) as refused:
            assemble(chunks, strict=True)
        assert refused.value.rule == "not_a_stream"
