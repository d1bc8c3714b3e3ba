"""Values of flags: YAML, JSON, files and stdin."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import click
import pytest

from sseclaude.cli.body import FLAGS
from sseclaude.cli.values import parse, text, text_or_value
from sseclaude.client.params import MessageCreateParams, RequestOptions
from tests.support.shell import inside

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
PDF = b"%PDF-1.7\n%\xe2\xe3"
WORDS = {"a": "yes", "b": "off", "c": "2026-01-01", "d": "1:30", "e": "012"}
WEBP = b"RIFF\0\0\0\0WEBPVP8 "


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("{role: user, content: Hello}", {"role": "user", "content": "Hello"}),
        ('{"a": "\\ud83d\\ude00", "b": [1, 2.5, null]}', {"a": "😀", "b": [1, 2.5, None]}),
        ("{a: yes, b: off, c: 2026-01-01, d: 1:30, e: 012}", WORDS),
        ("{a: true, b: ~, c: -7, d: 1.5e3, e: .5}", {"a": True, "b": None, "c": -7, "d": 1500.0, "e": 0.5}),
        ("{role: user, content: How are you? Fine?}", {"role": "user", "content": "How are you? Fine?"}),
        ("[a?, b ? c, {? k : v}]", ["a?", "b ? c", {"k": "v"}]),
        ("[12345678901234567890]", [12345678901234567890]),
        ("{a: &x {b: 1}, c: *x}", {"a": {"b": 1}, "c": {"b": 1}}),
        ("", None),
    ],
)
def test_a_value_is_json_or_yaml_1_2(given: str, value: object) -> None:
    assert parse(given, "--param") == value


@pytest.mark.parametrize("given", ["{a: ", "!!python/object:os.system {}", "a: b: c", "\x00", "[" * 100_000])
def test_what_is_neither_is_refused(given: str) -> None:
    with pytest.raises(click.UsageError, match="--param"):
        parse(given, "--param")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, data in {
        "a.png": PNG,
        "a.pdf": PDF,
        "a.webp": WEBP,
        "a.txt": "é: 1\n".encode(),
        "a.bin": b"\0\xff",
    }.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def source(kind: str, data: bytes) -> dict[str, str]:
    return {"type": "base64", "media_type": kind, "data": b64(data)}


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ({"data": "@a.png"}, {"data": b64(PNG)}),
        ({"data": "@a.txt"}, {"data": "é: 1\n"}),
        ({"data": "@data://a.txt"}, {"data": b64("é: 1\n".encode())}),
        ({"data": "@a.bin"}, {"data": b64(b"\0\xff")}),
        ({"source": "@a.pdf"}, {"source": source("application/pdf", PDF)}),
        ({"source": "@a.txt"}, {"source": {"type": "text", "media_type": "text/plain", "data": "é: 1\n"}}),
        ({"content": "@a.txt"}, {"content": "é: 1\n"}),
        ({"content": "@a.webp"}, {"content": [{"type": "image", "source": source("image/webp", WEBP)}]}),
        ({"content": ["@a.pdf"]}, {"content": [{"type": "document", "source": source("application/pdf", PDF)}]}),
        ({"content": ["@a.txt", {"type": "text", "text": "@a.txt"}]},
         {"content": [{"type": "text", "text": "é: 1\n"}, {"type": "text", "text": "é: 1\n"}]}),
        ({"content": "\\@a.txt"}, {"content": "@a.txt"}),
        ({"content": "a@b"}, {"content": "a@b"}),
    ],
)  # fmt: skip
def test_a_file_is_what_its_place_asks_for(files: Path, given: Any, value: object) -> None:
    from sseclaude.cli.output import dumps

    assert parse(dumps(given), "--message") == value


def test_a_flags_own_value_may_be_a_file(files: Path) -> None:
    assert parse("@a.txt", "--metadata") == {"é": 1}
    assert text("@a.txt", "--system") == "é: 1\n"
    assert text("\\@a.txt", "--system") == "@a.txt"


@pytest.mark.parametrize("given", ["@a.png", "@nothing", "@file://a.bin"])
def test_a_file_that_cannot_be_a_value_is_named(files: Path, given: str) -> None:
    with pytest.raises(click.UsageError, match=given.rpartition("/")[2].removeprefix("@")):
        parse(given, "--metadata")


def test_a_block_of_unknown_bytes_is_refused(files: Path) -> None:
    with pytest.raises(click.UsageError, match=r"a\.bin is neither text nor an image nor a PDF"):
        parse('{content: ["@a.bin"]}', "--message")


def test_words_with_a_colon_stay_words() -> None:
    assert text_or_value("Note: be brief", "--system") == "Note: be brief"
    assert text_or_value("[{type: text, text: x}]", "--system") == [{"type": "text", "text": "x"}]


def test_stdin_is_a_value(tmp_path: Path) -> None:
    ran = inside("messages", "create", "--message", "-", "--metadata", "-", stdin=b"{role: user")
    assert "--message: bad YAML" in ran.err
    assert ran.code == 2


def test_every_parameter_has_a_flag() -> None:
    known = set(MessageCreateParams.__annotations__) - set(RequestOptions.__annotations__)
    assert known <= {flag.field for flag in FLAGS}
