"""Bodies that are no event stream: errors, whole messages, blanks, content types; and what the core makes of each."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from sseclaude.errors import (
    APIError,
    APIStatusError,
    IncompleteStreamError,
    InternalServerError,
    OverloadedError,
    ProtocolError,
    RateLimitError,
)
from sseclaude.iterate import assemble
from sseclaude.reader import MAX_BLANK_BYTES, StreamReader
from sseclaude.sse import BOM
from tests.support.streams import (
    MESSAGE,
    PING,
    WHOLE,
    bytewise,
    cut,
    edges,
    frame,
    read_by_steps,
    take,
)

ENVELOPE = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_7"}


def document(value: Any) -> bytes:
    return json.dumps(value).encode()


NO_STREAM: list[tuple[str, bytes, type[APIError], str]] = [
    ("nothing", b"", IncompleteStreamError, "no message_start came"),
    ("blanks", b" \n\t\r\n  ", IncompleteStreamError, "no message_start came"),
    ("only a BOM", BOM, IncompleteStreamError, "no message_start came"),
    ("half a BOM", BOM[:2], IncompleteStreamError, "no message_start came"),
    ("comments", b": hello\n\n: there\n\n", IncompleteStreamError, "no message_start came"),
    ("the beginning of a frame", b"event: message_st", IncompleteStreamError, "no message_start came"),
    ("the beginning of a field's name", b"eve", IncompleteStreamError, "no message_start came"),
    ("a field alone", b"data\n", IncompleteStreamError, "no message_start came"),
    ("only a ping", frame(PING), IncompleteStreamError, "no message_start came"),
    ("HTML", b"<!DOCTYPE html><html>no</html>", ProtocolError, "the body is no event stream (no content type)"),
    ("HTML behind blanks", b"\n\n <html>", ProtocolError, "is no event stream"),
    ("text", b"upstream connect error", ProtocolError, "is no event stream"),
    ("text that is cut in two", b"internal\nserver\n\nerror", ProtocolError, "is no event stream"),
    ("binary", b"\x00\x01\xff\xfe", ProtocolError, "is no event stream"),
    ("foreign JSON", document({"hello": 1}), ProtocolError, "is JSON, but no message"),
    ("a list", b"[1, 2]", ProtocolError, "is JSON, but no message"),
    ("an empty object", b"{}", ProtocolError, "is JSON, but no message"),
    ("a message without content", b'{"type": "message"}', ProtocolError, "is JSON, but no message"),
    ("content that is none", b'{"type": "message", "content": 5}', ProtocolError, "is JSON, but no message"),
    ("an empty error", b'{"error": {}}', ProtocolError, "is JSON, but no message"),
    ("what begins like JSON", b"{not json}", ProtocolError, "is no event stream"),
    ("JSON that is too deep", b"[" * 100_000, ProtocolError, "is no event stream"),
    ("cut JSON", document(MESSAGE)[:-1], IncompleteStreamError, "one JSON document, and was cut"),
    ("JSON cut in a character", '{"a": "ü'.encode()[:-1], IncompleteStreamError, "one JSON document, and was cut"),
    ("an error envelope", document(ENVELOPE), OverloadedError, "Overloaded"),
    ("an error that is a string", b'{"error": "no such model"}', InternalServerError, "no such model"),
    ("an error with a number", b'{"object": "error", "message": "slow", "code": 429}', RateLimitError, "slow"),
    ("a detail", b'{"detail": "no such model"}', InternalServerError, "no such model"),
    ("a message without a number", b'{"message": "hello"}', ProtocolError, "is JSON, but no message"),
    ("an error behind a BOM", BOM + document(ENVELOPE), OverloadedError, "Overloaded"),
    ("[DONE] alone", frame("[DONE]"), IncompleteStreamError, "no message_start came"),
]


@pytest.mark.parametrize(("body", "cls", "shown"), [row[1:] for row in NO_STREAM], ids=[row[0] for row in NO_STREAM])
def test_bodies_that_are_no_stream(body: bytes, cls: type[APIError], shown: str) -> None:
    cuts = [[body], bytewise(body)] if len(body) > 200 else [[body], bytewise(body), *edges(body)]
    for chunks in cuts:
        with pytest.raises(APIError) as caught:
            assemble(chunks)
        assert type(caught.value) is cls
        assert shown in caught.value.message
        assert caught.value.partial_message is None
        assert caught.value.progress is not None
        assert caught.value.progress.bytes == len(body)


def test_an_envelope_tells_the_request() -> None:
    with pytest.raises(OverloadedError) as caught:
        assemble([document(ENVELOPE)])
    assert (caught.value.status_code, caught.value.request_id) == (529, "req_7")


def test_no_stream_shows_its_content_type_and_first_bytes() -> None:
    for chunks in ([b"  <html>" + b"x" * 5000], bytewise(b"  <html>" + b"x" * 5000)):
        outcome = read_by_steps(chunks, content_type="text/html")
        assert outcome.error is not None
        assert outcome.error[1:3] == ("the body is no event stream (text/html)", "not_an_event_stream")
    reader = StreamReader(content_type="text/html")
    reader.feed(b"<html>")
    reader.feed(b"x" * 5000)
    reader.end()
    with pytest.raises(ProtocolError) as caught:
        reader.step()
    assert caught.value.frame == "<html>" + "x" * 194


MESSAGES: list[tuple[str, bytes]] = [
    ("plain", document(MESSAGE)),
    ("padded", b" \r\n" + document(MESSAGE) + b"\n"),
    ("behind a BOM", BOM + document(MESSAGE)),
    ("over lines", json.dumps(MESSAGE, indent=2).encode()),
]


@pytest.mark.parametrize("body", [row[1] for row in MESSAGES], ids=[row[0] for row in MESSAGES])
def test_a_whole_message_is_taken(body: bytes) -> None:
    for chunks in ([body], bytewise(body)):
        assert assemble(chunks).to_dict() == MESSAGE
        outcome = read_by_steps(chunks)
        assert outcome.deviations == [("not_a_stream", 0)]
        assert [event["type"] for event in outcome.events] == [
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
        ]
        with pytest.raises(ProtocolError, match="not_a_stream"):
            assemble(chunks, strict=True)


ODD_MESSAGES: list[tuple[str, bytes, str]] = [
    ("bad UTF-8", document(MESSAGE).replace(b"Hello", b"Hel\xfflo"), "Hel\ufffdlo"),
    ("a lone surrogate", document(MESSAGE).replace(b"Hello", b"Hel\\ud83dlo"), "Hel\ufffdlo"),
    ("a pair", document(MESSAGE).replace(b"Hello", b"Hel\\ud83d\\uddfclo"), "Hel🗼lo"),
]


@pytest.mark.parametrize(("body", "words"), [row[1:] for row in ODD_MESSAGES], ids=[row[0] for row in ODD_MESSAGES])
def test_a_whole_message_with_odd_characters(body: bytes, words: str) -> None:
    assert assemble([body]).text == words


def test_a_large_document_is_refused() -> None:
    reader = StreamReader(max_event_bytes=1000)
    reader.feed(b"{")
    reader.feed(b" " * 999)
    with pytest.raises(ProtocolError, match="is larger than 1000 bytes"):
        reader.feed(b" ")


def test_blanks_before_the_stream_are_not_gathered() -> None:
    reader = StreamReader()
    tracemalloc.start()
    try:
        for _ in range(20_000):
            reader.feed(b"\n" * 8)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()
    reader.feed(WHOLE)
    take(reader, [])
    assert reader.done


@pytest.mark.parametrize("blanks", [0, 1, MAX_BLANK_BYTES - 1, MAX_BLANK_BYTES, MAX_BLANK_BYTES + 1])
def test_blanks_before_a_document(blanks: int) -> None:
    body = b" " * blanks + b"<html>"
    for chunks in ([body], bytewise(body)):
        with pytest.raises(ProtocolError, match="is no event stream"):
            assemble(chunks)


@pytest.mark.parametrize("blanks", [0, MAX_BLANK_BYTES, 2 * MAX_BLANK_BYTES + 1])
def test_an_error_shows_a_body_from_behind_its_blanks_however_they_are_cut(blanks: int) -> None:
    body = b"\n" * blanks + b"hello"
    for chunks in ([body], cut(body, [blanks]), bytewise(body)):
        with pytest.raises(ProtocolError, match="is no event stream") as caught:
            assemble(chunks)
        assert caught.value.frame == "hello"


@pytest.mark.parametrize("blanks", [MAX_BLANK_BYTES - 1, MAX_BLANK_BYTES])
def test_too_many_blanks_before_a_message_are_too_many_however_they_are_cut(blanks: int) -> None:
    body = b" " * blanks + b'{"type":"message","content":[]}'
    for chunks in ([body], bytewise(body)):
        outcome = read_by_steps(chunks)
        assert (outcome.error is None) == (blanks < MAX_BLANK_BYTES)


TYPES = [
    ("text/event-stream", []),
    ("Text/Event-Stream; charset=utf-8", []),
    (None, []),
    ("application/json", ["wrong_content_type"]),
    ("", ["wrong_content_type"]),
]


@pytest.mark.parametrize(("content_type", "rules"), TYPES)
def test_content_types(content_type: str | None, rules: list[str]) -> None:
    for chunks in ([WHOLE], bytewise(WHOLE)):
        outcome = read_by_steps(chunks, content_type=content_type)
        assert outcome.error is None
        assert outcome.message[0] == MESSAGE
        assert [rule for rule, _ in outcome.deviations] == rules
        strict = read_by_steps(chunks, content_type=content_type, strict=True)
        assert (strict.error and strict.error[2]) == (rules[0] if rules else None)


HALF = WHOLE[: WHOLE.index(b"event: message_delta")]
FOREIGN: list[tuple[str, bytes, type[APIStatusError], int, str]] = [
    (
        "an error frame of words",
        b"event: error\ndata: upstream broke\n\n",
        InternalServerError,
        500,
        "upstream broke",
    ),
    ("one of JSON text", b'event: error\ndata: "upstream broke"\n\n', InternalServerError, 500, "upstream broke"),
    ("one of a list", b'event: error\ndata: ["failed"]\n\n', InternalServerError, 500, '["failed"]'),
    ("one of half an escape", b'event: error\ndata: {"a": "\\ud83\n\n', InternalServerError, 500, '{"a": "\\ud83'),
    ("one of an object", b'event: error\ndata: {"message": "no"}\n\n', InternalServerError, 500, "no"),
    ("one with a number", b'event: error\ndata: {"code": 429, "message": "no"}\n\n', RateLimitError, 429, "no"),
    ("an unknown type", frame({"type": "error", "error": {"type": "t", "message": "no"}}), APIStatusError, 200, "no"),
    ("an object", b'data: {"object": "error", "type": "X", "message": "no"}\n\n', APIStatusError, 200, "no"),
    ("a type of ours", b'data: {"type": "overloaded_error", "message": "no"}\n\n', OverloadedError, 529, "no"),
    ("a detail", b'data: {"detail": [{"loc": ["body"], "msg": "no"}]}\n\n', InternalServerError, 500, "body: no"),
    ("a chunk of others", b'data: {"id": 1, "error": {"code": 529, "message": "no"}}\n\n', OverloadedError, 529, "no"),
    ("a line without data:", b'{"error": {"code": 429, "message": "no"}}\n', RateLimitError, 429, "no"),
    ("one without its end", b'{"error": {"code": 429, "message": "no"}}', RateLimitError, 429, "no"),
    ("one behind another", b'{"id": 1}\n{"detail": "no"}', InternalServerError, 500, "no"),
]


@pytest.mark.parametrize("row", FOREIGN, ids=[row[0] for row in FOREIGN])
def test_errors_of_others_within_a_stream(row: tuple[str, bytes, type[APIStatusError], int, str]) -> None:
    _, data, cls, status, said = row
    for before in (frame(PING), HALF):
        body = before + data
        for chunks in ([body], bytewise(body)):
            with pytest.raises(APIError) as caught:
                assemble(chunks)
            assert type(caught.value) is cls
            assert (caught.value.status_code, caught.value.message) == (status, said)
            assert (caught.value.partial_message is None) == (before == frame(PING))


@pytest.mark.parametrize("blanks", [b" ", b"\t \n", b"\x0b\x0c", b"\n  "])
def test_blank_lines_behind_the_line_of_an_error_do_not_count(blanks: bytes) -> None:
    body = frame(PING) + b'{"error": "no"}\n' + blanks
    for chunks in ([body], bytewise(body)):
        with pytest.raises(InternalServerError, match="no"):
            assemble(chunks)


@pytest.mark.parametrize("line", [b"x\n", b"x", b" :x\n", b" :x", b"\xc2\xa0\n"])
def test_another_line_behind_the_line_of_an_error_counts(line: bytes) -> None:
    body = frame(PING) + b'{"error": "no"}\n' + line
    for chunks in ([body], bytewise(body)):
        with pytest.raises(IncompleteStreamError):
            assemble(chunks)


def test_an_error_line_goes_before_another_protocol() -> None:
    body = frame({"type": "theirs"}) * 3 + b'{"error": {"code": 429, "message": "no"}}\n'
    for chunks in ([body], bytewise(body)):
        with pytest.raises(RateLimitError):
            assemble(chunks)


@pytest.mark.parametrize("body", [b'{"type": "message", "content": [], "x": 1e999}', b'{"error": "no", "x": 1e999}'])
def test_a_number_out_of_range_in_a_document_has_the_number_0(body: bytes) -> None:
    for chunks in ([body], bytewise(body)):
        assert read_by_steps(chunks).deviations[0] == ("number_out_of_range", 0)
        strict = read_by_steps(chunks, strict=True)
        assert strict.error is not None
        assert strict.error[2:4] == ("number_out_of_range", 0)


@pytest.mark.parametrize("length", [0, 1, MAX_BLANK_BYTES - 1, MAX_BLANK_BYTES])
def test_the_content_type_of_blanks_is_judged_once_they_are_an_event_stream(length: int) -> None:
    for chunks in ([b" " * length], bytewise(b" " * length)):
        outcome = read_by_steps(chunks, content_type="text/html")
        assert outcome.error is not None
        assert outcome.error[:2] == (
            IncompleteStreamError,
            "the stream ended before the message did: no message_start came",
        )
        assert outcome.deviations == ([("wrong_content_type", 0)] if length == MAX_BLANK_BYTES else [])


IGNORED = [b"{not json}\n", b'{"hello": 1}\n', b"hello\n", b"hello: x\n"]


@pytest.mark.parametrize("line", IGNORED)
def test_other_lines_without_data_are_ignored(line: bytes) -> None:
    with pytest.raises(IncompleteStreamError):
        assemble([frame(PING), line])


def test_a_line_of_an_error_behind_a_complete_message_is_ignored() -> None:
    assert assemble([WHOLE, b'{"error": "no"}\n']) == assemble([WHOLE])


@pytest.mark.parametrize(("strict", "refused"), [(False, "event_too_large"), (True, "wrong_content_type")])
def test_the_content_type_is_judged_before_the_first_byte_is_decoded(strict: bool, refused: str) -> None:
    outcome = read_by_steps([WHOLE], strict=strict, content_type="text/plain", max_event_bytes=10)
    assert outcome.error is not None
    assert outcome.error[2] == refused
    assert outcome.deviations == ([] if strict else [("wrong_content_type", 0)])
