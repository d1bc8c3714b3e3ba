"""Who may: the tokens file, and what a token is looked for in."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from starlette.requests import Request

from sseclaude.relay.auth import Tokens, TokensFileError, is_local, read_tokens

FILE = "# who may\nada  s3cret\n\nbob\tother-token\nada second\n"


def file_of(folder: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path = folder / "tokens"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw})


@pytest.mark.parametrize(
    ("headers", "owner"),
    [
        ({"x_api_key": "s3cret"}, "ada"),
        ({"x_api_key": "second"}, "ada"),
        ({"authorization": "Bearer other-token"}, "bob"),
        ({"authorization": "bearer  other-token "}, "bob"),
        ({"x_api_key": "s3cret", "authorization": "Bearer other-token"}, "ada"),
        ({"x_api_key": "S3cret"}, None),
        ({"x_api_key": "s3cre"}, None),
        ({"x_api_key": "s3crété"}, None),
        ({"x_api_key": ""}, None),
        ({"authorization": "Bearer"}, None),
        ({"authorization": "Basic other-token"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_the_token_says_who_asks(tmp_path: Path, headers: dict[str, str], owner: str | None) -> None:
    assert read_tokens(file_of(tmp_path, FILE))(request(**headers)) == owner


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ada s3cret\nbob\n", "line 2: not NAME TOKEN"),
        ("ada s3cret x\n", "line 1: not NAME TOKEN"),
        ("a/b s3cret\n", "line 1: not NAME TOKEN"),
        ("ada s3cr\u00e9t\n", "line 1: not NAME TOKEN"),
        (b"ada \xff\xfe\n", "line 1: not NAME TOKEN"),
        ("ada s3cret\n\nbob s3cret\n", "line 3: this token stands in a line before"),
        ("# none\n", "holds no token"),
        ("", "holds no token"),
    ],
    ids=str,
)
def test_a_malformed_line_is_named_by_its_number(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(TokensFileError) as caught:
        read_tokens(file_of(tmp_path, text))
    assert said in str(caught.value)
    assert "s3cr" not in str(caught.value)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_can_read_is_warned_of(tmp_path: Path, mode: int) -> None:
    with pytest.warns(UserWarning, match="can be read by others"):
        read_tokens(file_of(tmp_path, FILE, mode))


def test_a_file_of_the_owners_alone_is_not(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_tokens(file_of(tmp_path, FILE))


def test_tokens_show_nowhere() -> None:
    assert repr(Tokens({"s3cret": "ada", "b": "bob"})) == "<Tokens of ada, bob>"


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True), ("127.8.8.8:80", True), ("localhost", True), ("LOCALHOST:8080", True), ("[::1]", True),
        ("0.0.0.0", False), ("[::]", False), ("example.com", False), ("localhost.example.com", False), ("", False),
        ("127.0.0.1@example.com", False), ("[", False), ("::1", True),
    ],
)  # fmt: skip
def test_this_machine_has_these_names(host: str, local: bool) -> None:
    assert is_local(host) is local
