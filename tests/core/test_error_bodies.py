"""What an error body says, in the shapes of many servers."""

from __future__ import annotations

from typing import Any

import pytest

from sseclaude.error_bodies import MESSAGE_SHOWN, data_of_events, error_message, masked

DEEP: list[Any] = []
for _ in range(100_000):
    DEEP = [DEEP]

SAID: list[tuple[str, Any, str | None]] = [
    # the API
    ("the envelope", {"type": "error", "error": {"type": "t", "message": "m"}, "message": "other"}, "m"),
    # JSON of others
    ("a text as error", {"error": "m"}, "m"),
    ("detail", {"detail": "m"}, "m"),
    ("message", {"message": "m"}, "m"),
    ("the name of the status beside a message", {"status": 400, "error": "Bad Request", "message": "m"}, "m"),
    ("a problem", {"type": "about:blank", "title": "Bad Gateway", "status": 502}, "Bad Gateway"),
    ("a problem with detail", {"title": "Bad Gateway", "detail": "m"}, "m"),
    ("OAuth", {"error": "invalid_client", "error_description": "m"}, "m"),
    (
        "FastAPI",
        {"detail": [{"loc": ["body", "tools", 0], "msg": "Field required"}, {"loc": 5, "msg": "m"}]},
        "body.tools.0: Field required; m",
    ),
    ("an object as detail", {"detail": {"error": {"message": "m"}}}, "m"),
    ("a list of envelopes", [{"error": {"code": 429, "message": "m"}}], "m"),
    ("a list of texts", {"errors": ["a", "b", ""]}, "a; b"),
    ("a message over lines", {"error": {"message": "\n\n first \n second"}}, "first"),
    ("control characters", {"message": "a\x1b[31mb\x00\u202e"}, "a\\x1b[31mb\\x00\\u202e"),
    ("half a character", {"message": "a\ud83d"}, "a\\ud83d"),
    ("a place without words", {"detail": [{"loc": ["body"]}]}, None),
    ("an empty place", {"detail": [{"loc": [], "msg": "m"}]}, "m"),
    ("a number", {"message": 5}, None),
    ("blanks", {"message": "  "}, None),
    ("nothing", None, None),
    ("an empty object", {}, None),
    ("too deep", DEEP, None),
    # text
    ("text", "  upstream connect error\r\nreset\r\n", "upstream connect error"),
    ("no text", " \n", None),
    ("a long line", "x" * 5000, "x" * MESSAGE_SHOWN + "…"),
    ("nginx", "<html>\r\n<head><title>502 Bad\n Gateway</title></head><body>x</body>", "502 Bad Gateway"),
    ("a page with entities", "<TITLE lang=en>a &amp; b</TITLE>", "a & b"),
    ("a page without title", "<html><style>p {}</style><h1>No</h1>\n<p>entry", "No entry"),
    ("an empty title", "<title> </title><p>No", "No"),
    ("XML", "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "AccessDenied"),
    ("a page that says nothing", "<html></html>", None),
    ("a page of beginnings", "<title" * 100_000, "<title" * 83 + "<t…"),
]


@pytest.mark.parametrize(("body", "said"), [row[1:] for row in SAID], ids=[row[0] for row in SAID])
def test_what_a_body_says(body: Any, said: str | None) -> None:
    assert error_message(body) == said


EVENTS: list[tuple[str, str, Any]] = [
    ("an error event", 'event: error\ndata: {"error": {"message": "m"}}\n\n', {"error": {"message": "m"}}),
    ("behind others", ': hi\n\ndata: {}\n\ndata: {"detail": "m"}\n\n', {"detail": "m"}),
    ("behind words", 'data: no\ndata: {"detail": "m"}\n\n', {"detail": "m"}),
    ("words", "event: error\r\ndata: upstream failed\r\ndata: again\r\n\r\n", "upstream failed"),
    ("behind a BOM", "\ufeff\ndata: words", "words"),
    ("nested too deep", "data: " + "[" * 100_000, "[" * 100_000),
    ("no data", "event: error\n\n", None),
    ("data without words", "data: {}\n\n", None),
    ("text", "no data: here\ndata: m", None),
    ("nothing", "", None),
]


@pytest.mark.parametrize(("text", "data"), [row[1:] for row in EVENTS], ids=[row[0] for row in EVENTS])
def test_an_event_stream_as_error_body(text: str, data: Any) -> None:
    assert data_of_events(text) == data


def test_masking() -> None:
    body = {"a.c": ["abc", 5, {"b": "xa.cx"}], "n": None}
    assert masked(body, []) is body
    assert masked(body, ["a.c"]) == {"***": ["abc", 5, {"b": "x***x"}], "n": None}
    assert masked(DEEP, ["a.c"]) is None
