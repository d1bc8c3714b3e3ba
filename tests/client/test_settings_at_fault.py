"""Settings that are wrong: the environment's proxies and certificates, and base URLs. The error names each."""

from __future__ import annotations

import pickle
import ssl
from pathlib import Path

import httpx
import pytest

from sseclaude import Anthropic, AnthropicError, APIConnectionError, AsyncAnthropic, NotFoundError, Timeout
from sseclaude.client import http_clients
from sseclaude.client.failures import body_error, may_be_cured, sending_error
from sseclaude.client.request import join_url
from sseclaude.client.timeouts import Deadline
from sseclaude.errors import APIStatusError
from tests.support.network import ASK, FACES, KEY, STREAM, ask, mocked

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXIES, "ssl_cert_file", "ssl_cert_dir"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


# --- the environment -------------------------------------------------------------------------------------------------

WRONG = [
    ("ALL_PROXY", "socks5://user:secret@127.0.0.1:1080", "ALL_PROXY=socks5://127.0.0.1:1080: ImportError"),
    ("https_proxy", "ftp://user:secret@127.0.0.1:1", "https_proxy=ftp://127.0.0.1:1: "),
    ("HTTP_PROXY", "http://user:secret@127.0.0.1:port", "HTTP_PROXY=http://127.0.0.1:port: "),
    ("NO_PROXY", "[::1]", "NO_PROXY=[::1]: "),
]


@pytest.mark.parametrize(("name", "value", "said"), WRONG, ids=[row[0] for row in WRONG])
@pytest.mark.parametrize("face", FACES)
def test_a_proxy_that_cannot_be_used_is_named(
    face: str, name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    if name == "ALL_PROXY" and _has_socks():
        pytest.skip("the package for SOCKS is installed")
    error = ask(face, base_url="http://127.0.0.1:9", max_retries=2).error
    assert type(error) is AnthropicError
    assert said in str(error)
    assert "secret" not in str(error)
    assert error.__cause__ is not None


def _has_socks() -> bool:
    try:
        import socksio  # noqa: F401
    except ImportError:
        return False
    return True


@pytest.mark.parametrize("face", FACES)
def test_the_file_that_is_missing_is_named(face: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "missing" / "keys.log"
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setenv("SSLKEYLOGFILE", str(path))
    http_clients.tls_context.cache_clear()
    error = ask(face, base_url="http://127.0.0.1:9", max_retries=2).error
    assert type(error) is AnthropicError
    assert f"SSLKEYLOGFILE={path}: FileNotFoundError" in str(error)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_certificates_that_cannot_be_read_is_named(
    face: str, content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    http_clients.tls_context.cache_clear()  # a call that raises leaves nothing in it
    error = ask(face, base_url="http://127.0.0.1:9", max_retries=2).error
    assert type(error) is AnthropicError
    assert f"SSL_CERT_FILE={path}: " in str(error)


def test_a_refused_certificate_names_the_setting_and_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/ca.pem")
    failure = httpx.ConnectError("certificate verify failed")
    failure.__cause__ = ssl.SSLCertVerificationError("self-signed")
    said = "SSL_CERT_FILE=/ca.pem: ConnectError: certificate"
    assert said in str(sending_error(failure, Deadline(Timeout())))
    assert not may_be_cured(failure)

    def refuse(request: httpx.Request) -> httpx.Response:
        raise failure

    got = ask("sync", http_client=mocked("sync", refuse), max_retries=2)
    assert type(got.error) is APIConnectionError
    assert got.error.attempts == 1


# --- failures of a client that was passed in -------------------------------------------------------------------------


@pytest.mark.parametrize("face", FACES)
def test_a_foreign_exception_while_sending_becomes_ours_and_is_not_tried_again(face: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise KeyError("mine")

    got = ask(face, http_client=mocked(face, fail), max_retries=2)
    assert type(got.error) is APIConnectionError
    assert str(got.error) == "the HTTP client failed: KeyError: 'mine'"
    assert isinstance(got.error.__cause__, KeyError)
    assert got.error.attempts == 1


@pytest.mark.parametrize("face", FACES)
def test_an_error_without_an_answer_has_its_request(face: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    error = ask(face, http_client=mocked(face, fail), max_retries=0).error
    assert isinstance(error, APIConnectionError)
    assert error.request is not None
    assert (error.request.method, error.request.url.path) == ("POST", "/v1/messages")
    assert pickle.loads(pickle.dumps(error)).request is None


def test_a_loop_that_ended_under_a_body_is_a_cut() -> None:
    assert "Event loop is closed" in str(body_error(RuntimeError("Event loop is closed"), Deadline(Timeout())))


# --- base URLs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "joined"),
    [
        ("https://a", "https://a/v1/messages"),
        ("https://a/x/", "https://a/x/v1/messages"),
        ("https://a/x?api-version=2", "https://a/x/v1/messages?api-version=2"),
        ("https://a/?v=2#part", "https://a/v1/messages?v=2"),
        ("https://[::1]:8/x", "https://[::1]:8/x/v1/messages"),
    ],
)
def test_the_path_goes_before_the_query(base_url: str, joined: str) -> None:
    assert join_url(base_url, "/v1/messages") == joined


@pytest.mark.parametrize("face", FACES)
def test_the_queries_of_base_url_and_call_are_joined(face: str) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, content=STREAM)

    options = {"base_url": "https://a/x?v=2&w=1", "api_key": KEY}
    if face == "sync":
        Anthropic(http_client=mocked(face, answer), **options).messages.create(**ASK, extra_query={"w": "3"})
        assert asked == ["https://a/x/v1/messages?v=2&w=3"]
    else:
        assert ask(face, http_client=mocked(face, answer), **options).error is None
        assert asked == ["https://a/x/v1/messages?v=2&w=1"]


@pytest.mark.parametrize("base_url", ["http://[::1", "https://[x]", "https://a:99999", "https://a:port", "https://a:0"])
@pytest.mark.parametrize("face", FACES)
def test_a_url_that_cannot_be_read_is_named(face: str, base_url: str) -> None:
    error = ask(face, base_url=base_url).error
    assert type(error) is AnthropicError
    assert base_url in str(error)


@pytest.mark.parametrize("base_url", ["https://user:secret@a/", "https://secret@a"])
def test_user_info_is_refused_at_construction_and_not_shown(base_url: str) -> None:
    for kind in (Anthropic, AsyncAnthropic):
        with pytest.raises(AnthropicError, match="user info") as caught:
            kind(api_key=KEY, base_url=base_url)
        assert "secret" not in str(caught.value)
        with pytest.raises(AnthropicError, match="user info"):
            kind(api_key=KEY).with_options(base_url=base_url)


@pytest.mark.parametrize("face", FACES)
def test_a_base_url_that_ends_in_v1_is_the_likely_cause_of_a_404(face: str) -> None:
    client = mocked(face, lambda request: httpx.Response(404, content=b"nothing here"))
    error = ask(face, base_url="https://a/v1?key=secret", http_client=client).error
    assert type(error) is NotFoundError
    assert "https://a/v1/v1/messages was asked; base_url ends in /v1" in str(error)
    assert "secret" not in str(error)
    client = mocked(face, lambda request: httpx.Response(404))
    error = ask(face, base_url="https://a/v1/messages/", http_client=client).error
    assert "https://a/v1/messages/v1/messages was asked; base_url ends in /v1/messages, which" in str(error)
    client = mocked(face, lambda request: httpx.Response(404))
    assert "ends in /v1" not in str(ask(face, base_url="https://a", http_client=client).error)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://user:secret@b.example/x?key=secret#secret", "https://b.example/x"),
        ("/login?secret", "/login"),
        ("http://[secret", "a URL that cannot be read"),
    ],
)
def test_a_redirect_says_where_it_points(face: str, location: str, shown: str) -> None:
    client = mocked(face, lambda request: httpx.Response(302, headers={"location": location}))
    error = ask(face, base_url="https://a.example?secret", http_client=client).error
    assert type(error) is APIStatusError
    assert f"https://a.example/v1/messages redirects to {shown}; redirects are not followed" in str(error)
    assert "secret" not in str(error)
