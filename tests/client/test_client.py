"""The clients: their options, the request that they make, and what they refuse before anything is sent."""

from __future__ import annotations

import json
import warnings
from typing import Any

import anyio
import httpx
import pytest

from sseclaude import Anthropic, AnthropicError, AsyncAnthropic, ProtocolError, Timeout, __version__
from sseclaude.client import request as request_module
from tests.support.network import ASK, FACES, KEY, STREAM, WORDS, answer, mocked

ENVIRONMENT = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)


def sent(call: dict[str, Any] | None = None, **options: Any) -> httpx.Request:
    """The request that a client of these options makes."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer(STREAM)

    client = Anthropic(**{"api_key": KEY, "http_client": mocked("sync", handler), **options})
    assert client.messages.create(**{**ASK, **(call or {})}).text == WORDS
    return seen[0]


# --- the request -----------------------------------------------------------------------------------------------------


def test_what_is_sent() -> None:
    request = sent()
    assert (request.method, str(request.url)) == ("POST", "https://api.anthropic.com/v1/messages")
    assert json.loads(request.content) == {**ASK, "stream": True}
    expected = {
        "accept": "text/event-stream",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "user-agent": f"sseclaude/{__version__}",
        "anthropic-version": "2023-06-01",
        "x-api-key": KEY,
    }
    assert {name: request.headers[name] for name in expected} == expected
    assert "authorization" not in request.headers
    assert "anthropic-beta" not in request.headers


def test_options_of_the_client_and_of_the_call() -> None:
    request = sent(
        {"betas": ["b", "c"], "extra_headers": {"X-One": "1"}, "extra_query": {"q": "2"}, "extra_body": {"new": 3}},
        betas=["a", "b"],
        base_url="https://proxy.example/claude/",
        anthropic_version="2026-10-21",
        default_headers={"X-One": "0", "User-Agent": "mine"},
        auth_token="token",
        api_key=None,
    )
    assert str(request.url) == "https://proxy.example/claude/v1/messages?q=2"
    assert request.headers["anthropic-beta"] == "a,b,c"
    assert (request.headers["x-one"], request.headers["user-agent"]) == ("1", "mine")
    assert (request.headers["anthropic-version"], request.headers["authorization"]) == ("2026-10-21", "Bearer token")
    assert "x-api-key" not in request.headers
    assert json.loads(request.content) == {**ASK, "new": 3, "stream": True}


@pytest.mark.parametrize(
    ("environment", "options", "expected"),
    [
        ({"ANTHROPIC_API_KEY": "k"}, {}, {"x-api-key": "k"}),
        ({"ANTHROPIC_AUTH_TOKEN": "t"}, {}, {"authorization": "Bearer t"}),
        ({"ANTHROPIC_API_KEY": "k", "ANTHROPIC_AUTH_TOKEN": "t"}, {}, {"x-api-key": "k"}),
        ({"ANTHROPIC_API_KEY": "k"}, {"auth_token": "t"}, {"authorization": "Bearer t"}),
        ({"ANTHROPIC_API_KEY": ""}, {"api_key": "mine"}, {"x-api-key": "mine"}),
        ({}, {"default_headers": {"Authorization": "Bearer x"}}, {"authorization": "Bearer x"}),
        ({"ANTHROPIC_BASE_URL": "https://e.example"}, {"api_key": "k"}, {"host": "e.example"}),
    ],
)
def test_keys_and_the_environment(
    environment: dict[str, str], options: dict[str, Any], expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    headers = sent(**{"api_key": None, **options}).headers
    assert {name: headers.get(name) for name in expected} == expected
    assert len({"x-api-key", "authorization"} & set(headers)) == 1


# --- what is refused -------------------------------------------------------------------------------------------------

REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"api_key": None}, AnthropicError, "ANTHROPIC_API_KEY"),
    ({"api_key": ""}, AnthropicError, "ANTHROPIC_API_KEY"),
    ({"api_key": "sk-1\n"}, AnthropicError, "x-api-key holds a line break"),
    ({"api_key": "sk\r\nx-evil: 1"}, AnthropicError, "x-api-key holds"),
    ({"api_key": " sk-1"}, AnthropicError, "a space at an end"),
    ({"api_key": "sk-1 "}, AnthropicError, "a space at an end"),
    ({"api_key": "sk-ключ"}, AnthropicError, "not printable ASCII"),
    ({"api_key": b"sk-1"}, TypeError, "x-api-key is a bytes"),
    ({"auth_token": "t\t"}, AnthropicError, "authorization holds"),
    ({"default_headers": {"x-a": None}}, TypeError, "x-a is a NoneType"),
    ({"default_headers": {"x a": "1"}}, AnthropicError, "cannot be named 'x a'"),
    ({"default_headers": {"": "1"}}, AnthropicError, "cannot be named ''"),
    ({"default_headers": {"x:a": "1"}}, AnthropicError, "cannot be named 'x:a'"),
    ({"base_url": "localhost:8080"}, AnthropicError, "begins with https://"),
    ({"base_url": "ftp://host"}, AnthropicError, "begins with https://"),
    ({"base_url": "https://"}, AnthropicError, "begins with https://"),
]


@pytest.mark.parametrize(("options", "kind", "reported"), REFUSED)
def test_what_is_refused_before_anything_is_sent(options: dict[str, Any], kind: type[Exception], reported: str) -> None:
    client = Anthropic(**{"api_key": KEY, "http_client": mocked("sync", _never), **options})
    with pytest.raises(kind, match=reported) as caught:
        client.messages.create(**ASK)
    key = options.get("api_key")
    assert not key or str(key) not in str(caught.value)


def _never(request: httpx.Request) -> httpx.Response:
    raise AssertionError("nothing was to be sent")


def test_a_client_can_be_made_without_a_key() -> None:
    assert Anthropic().api_key is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://127.3.2.1", "http://[::1]:1", "http://a.localhost"])
def test_plain_http_is_fine_on_this_machine(url: str) -> None:
    assert sent(base_url=url).url.scheme == "http"


def test_plain_http_elsewhere_warns_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_module, "_warned", set())
    with pytest.warns(UserWarning, match="plain http to plain.example: the API key can be read") as warned:  # noqa: PT031
        sent(base_url="http://plain.example")
        sent(base_url="http://plain.example/other")
        sent(base_url="https://plain.example")
    assert len(warned) == 1
    with pytest.warns(UserWarning, match=r"10\.0\.0\.1"):
        sent(base_url="HTTP://10.0.0.1:80")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sent(base_url="http://10.0.0.1:80")


# --- options ---------------------------------------------------------------------------------------------------------


def test_a_client_tells_its_options_but_no_secret() -> None:
    client = Anthropic(api_key=KEY, auth_token="t", base_url="https://h/", timeout=3, max_retries=5)
    assert (client.api_key, client.auth_token, client.base_url) == (KEY, "t", "https://h")
    assert (client.timeout, client.max_retries) == (3, 5)
    assert repr(client) == "Anthropic(base_url='https://h', timeout=3, max_retries=5)"


def test_with_options_changes_what_it_is_told_and_shares_the_rest() -> None:
    client = Anthropic(api_key=KEY, timeout=3, base_url="https://h")
    other = client.with_options(
        timeout=Timeout(connect=1, idle=2, total=3), max_retries=0, base_url="https://other/", api_key="k2"
    )
    assert (other.timeout, other.max_retries, other.base_url, other.api_key) == (
        Timeout(connect=1, idle=2, total=3),
        0,
        "https://other",
        "k2",
    )
    assert (client.timeout, client.max_retries, client.base_url, client.api_key) == (3, 2, "https://h", KEY)
    assert other._transport is client._transport
    other.close()
    assert not client._transport._closed
    apart = client.with_options(http_client=mocked("sync", lambda request: answer(STREAM)))
    assert apart._transport is not client._transport
    assert apart.messages.create(**ASK).text == WORDS
    with pytest.raises(TypeError, match="no option colour"):
        client.with_options(colour=1)  # type: ignore[call-arg]
    with client:
        pass
    assert client._transport._closed


def test_a_call_s_timeout_goes_before_the_client_s() -> None:
    assert sent({"timeout": 7}, timeout=3).extensions["timeout"]["read"] == 7
    assert sent(timeout=3).extensions["timeout"]["read"] == 3
    assert sent(timeout=httpx.Timeout(4, connect=2)).extensions["timeout"]["connect"] == 2


def test_betas_are_a_parameter() -> None:
    client = Anthropic(api_key=KEY, http_client=mocked("sync", lambda request: answer(STREAM)))
    assert client.beta.messages.create(**ASK).text == WORDS
    assert AsyncAnthropic(api_key=KEY).beta.messages


# --- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("body", "tokens"), [(b'{"input_tokens": 12}', 12), (b"[]", None), (b"", None), (b"<html>", None)]
)
def test_count_tokens(face: str, body: bytes, tokens: int | None) -> None:
    http_client = mocked(face, lambda request: answer(body, content_type="application/json"))

    def count() -> int:
        if face == "sync":
            return Anthropic(api_key=KEY, http_client=http_client).messages.count_tokens(**QUESTION).input_tokens

        async def run() -> int:
            client = AsyncAnthropic(api_key=KEY, http_client=http_client)
            return (await client.messages.count_tokens(**QUESTION)).input_tokens

        return anyio.run(run, backend=face)

    if tokens is not None:
        assert count() == tokens
        return
    with pytest.raises(ProtocolError, match="no token count") as caught:
        count()
    assert caught.value.request_id == "req_1"


QUESTION: dict[str, Any] = {"model": "m", "messages": ASK["messages"]}


@pytest.mark.parametrize("face", FACES)
def test_parse_gives_the_callers_type(face: str) -> None:
    stream = STREAM.replace(b"Hello, ", b"[1, ").replace("wörld".encode(), b"2]")
    http_client = mocked(face, lambda request: answer(stream))
    if face == "sync":
        parsed = Anthropic(api_key=KEY, http_client=http_client).messages.parse(**ASK, output_format=list[int])
    else:

        async def run() -> Any:
            client = AsyncAnthropic(api_key=KEY, http_client=http_client)
            return await client.messages.parse(**ASK, output_format=list[int])

        parsed = anyio.run(run, backend=face)
    assert parsed.parsed_output == [1, 2]


@pytest.mark.anyio
async def test_the_async_client_is_a_context_manager_and_closes_twice() -> None:
    async with AsyncAnthropic(api_key=KEY) as client:
        assert repr(client).startswith("AsyncAnthropic(base_url=")
    await client.aclose()
    await client.close()
    with pytest.raises(AnthropicError, match="the client is closed"):
        await client.messages.create(**ASK)
