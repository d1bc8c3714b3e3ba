"""A client's options: those that the official client has too, how they are changed, and what is refused."""

from __future__ import annotations

import copy
import json
import math
import pickle
from typing import Any

import httpx
import pytest

import sseclaude
from sseclaude import NOT_GIVEN, Anthropic, AnthropicError, AsyncAnthropic, NotGiven, Omit, Timeout, omit
from sseclaude.client.http_clients import timeout_of_client
from tests.support.network import ASK, KEY, STREAM, answer, mocked


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "AUTH_TOKEN", "BASE_URL", "CUSTOM_HEADERS"):
        monkeypatch.delenv(f"ANTHROPIC_{name}", raising=False)


class Sent:
    """A client that sends nowhere, and the requests that it made."""

    def __init__(self, **options: Any) -> None:
        self.requests: list[httpx.Request] = []
        self.client = Anthropic(**{"api_key": KEY, "http_client": mocked("sync", self._answer), **options})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return answer(STREAM)

    def ask(self, client: Anthropic | None = None, **params: Any) -> httpx.Request:
        (client or self.client).messages.create(**{**ASK, **params})
        return self.requests[-1]


# --- values that are not sent ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", [omit, NOT_GIVEN, Omit(), NotGiven()], ids=repr)
def test_what_is_not_given_is_in_no_part_of_the_request(nothing: Any) -> None:
    request = Sent().ask(
        temperature=nothing,
        metadata={"user_id": "u", "more": nothing},
        betas=nothing,
        timeout=nothing,
        output_config=nothing,
        output_format=nothing,
        extra_body={"new": nothing},
        extra_query={"q": nothing, "p": "1"},
        extra_headers={"x-one": nothing},
    )
    assert json.loads(request.content) == {**ASK, "metadata": {"user_id": "u"}, "stream": True}
    assert str(request.url).endswith("/v1/messages?p=1")
    assert not {"x-one", "anthropic-beta"} & set(request.headers)


def test_the_values_are_false_and_stay_what_they_are_when_copied() -> None:
    for value in (omit, NOT_GIVEN):
        assert not value
        assert type(copy.deepcopy(value)) is type(pickle.loads(pickle.dumps(value))) is type(value)
    assert (repr(omit), repr(NOT_GIVEN)) == ("omit", "NOT_GIVEN")


def test_omit_removes_a_header_that_is_sent_by_default_and_not_given_leaves_it() -> None:
    sent = Sent(default_headers={"x-one": "1", "user-agent": NOT_GIVEN})
    assert "x-one" not in sent.ask(extra_headers={"X-One": omit}).headers
    assert sent.ask(extra_headers={"X-One": NOT_GIVEN}).headers["x-one"] == "1"
    assert sent.requests[-1].headers["user-agent"].startswith("sseclaude/")


def test_a_key_that_is_omitted_is_not_missed() -> None:
    request = Sent(api_key=None, default_headers={"x-api-key": omit}).ask()
    assert not {"x-api-key", "authorization"} & set(request.headers)


# --- changing options ------------------------------------------------------------------------------------------------


def test_headers_and_query_are_added_to_or_replaced() -> None:
    sent = Sent(default_headers={"x-one": "1"}, default_query={"a": "1"})
    client = sent.client
    added = sent.ask(client.with_options(default_headers={"x-two": "2"}, default_query={"b": "2"}))
    assert (added.headers["x-one"], added.headers["x-two"], str(added.url.query, "ascii")) == ("1", "2", "a=1&b=2")
    replaced = sent.ask(client.copy(set_default_headers={"x-two": "2"}, set_default_query={"b": "2"}))
    assert ("x-one" in replaced.headers, replaced.headers["x-two"], replaced.url.query) == (False, "2", b"b=2")
    assert client.default_headers == {"x-one": "1"}
    for name in ("default_headers", "default_query"):
        with pytest.raises(TypeError, match=f"set_{name} replaces"):
            client.with_options(**{name: {}, f"set_{name}": {}})


def test_options_are_set_on_a_client() -> None:
    sent = Sent()
    client = sent.client
    client.base_url, client.api_key, client.auth_token = "https://other.example/x", "k2", "t2"
    client.default_headers, client.default_query = {"x-one": "1"}, {"a": "1"}
    client.timeout, client.max_retries = 3, 7
    request = sent.ask()
    assert str(request.url) == "https://other.example/x/v1/messages?a=1"
    assert (request.headers["x-api-key"], request.headers["authorization"]) == ("k2", "Bearer t2")
    assert (request.headers["x-one"], client.timeout, client.max_retries) == ("1", 3, 7)
    assert (client.auth_token, client.default_query) == ("t2", {"a": "1"})
    with pytest.raises(TypeError, match="max_retries=None"):
        client.max_retries = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (None, "https://api.anthropic.com"),
        ("https://h", "https://h"),
        ("https://h/x", "https://h/x/"),
        ("https://h/x/", "https://h/x/"),
        (httpx.URL("https://h/x"), "https://h/x/"),
    ],
)
def test_the_base_url_is_a_url_of_httpx(given: Any, text: str) -> None:
    url = Anthropic(api_key=KEY, base_url=given).base_url
    assert isinstance(url, httpx.URL)
    assert (str(url).removesuffix("/"), url.path[-1]) == (text.removesuffix("/"), "/")


def test_a_client_of_a_subclass_is_made_by_its_constructor() -> None:
    class Mine(Anthropic):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.mine = True

    other = Mine(api_key=KEY).with_options(max_retries=5, timeout=NOT_GIVEN)
    assert (type(other), other.mine, other.max_retries, other.timeout) == (Mine, True, 5, sseclaude.DEFAULT_TIMEOUT)


def test_is_closed() -> None:
    client = Anthropic(api_key=KEY)
    other = client.copy()
    assert not client.is_closed()
    other.close()
    assert not client.is_closed()
    client.close()
    assert client.is_closed()
    assert other.is_closed()


# --- betas and headers -----------------------------------------------------------------------------------------------


def test_betas_are_joined_with_the_default_header() -> None:
    sent = Sent(default_headers={"Anthropic-Beta": "a, b"}, betas=["b", "c"])
    assert sent.ask(betas=["d", "a"]).headers["anthropic-beta"] == "a,b,c,d"


def test_custom_headers_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-One: 1\n\n X-Two :  a:b \r\nX-Three: 3")
    headers = Sent(default_headers={"X-Three": "mine"}).ask().headers
    assert [headers[f"x-{name}"] for name in ("one", "two", "three")] == ["1", "a:b", "mine"]


@pytest.mark.parametrize("line", ["no colon SECRET", ": SECRET", "  : SECRET"])
def test_a_malformed_custom_header_is_named_by_its_line(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", f"X-One: 1\n{line}")
    with pytest.raises(AnthropicError, match="line 2 of ANTHROPIC_CUSTOM_HEADERS") as caught:
        Anthropic(api_key=KEY)
    assert "SECRET" not in str(caught.value)


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"max_retries": None}, TypeError, "max_retries=None is no number"),
        ({"max_retries": "2"}, TypeError, "max_retries='2'"),
        ({"max_retries": True}, TypeError, "max_retries=True"),
        ({"max_retries": -1}, ValueError, "less than 0"),
        ({"http_client": "no"}, TypeError, r"http_client is a builtins\.str, and not an httpx\."),
        ({"credentials": object()}, TypeError, "does not have this option of the official client"),
        ({"middleware": [1]}, TypeError, "does not have this option of the official client"),
        ({"no_such": None}, TypeError, "has no option no_such"),
    ],
)
@pytest.mark.parametrize("kind", [Anthropic, AsyncAnthropic])
def test_what_is_refused_when_a_client_is_made(kind: Any, options: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        kind(api_key=KEY, **options)


def test_a_client_for_the_other_world_is_refused() -> None:
    with pytest.raises(TypeError, match=r"httpx\.AsyncClient, and not an httpx\.Client"):
        Anthropic(api_key=KEY, http_client=httpx.AsyncClient())  # type: ignore[arg-type]


def test_their_options_may_be_given_as_nothing() -> None:
    client = Anthropic(api_key=KEY, middleware=None, credentials=NOT_GIVEN, _strict_response_validation=False)  # type: ignore[arg-type]
    assert client.with_options(middleware=None, max_retries=math.inf).max_retries == math.inf  # type: ignore[call-arg, typeddict-item]
    with pytest.raises(TypeError, match=r"with_options\(\) has no option retries"):
        client.with_options(retries=3)  # type: ignore[call-arg]


@pytest.mark.parametrize("path", ["models", "messages.batches", "beta.messages.tool_runner", "skills"])
def test_what_the_official_client_has_and_this_one_has_not_says_so(path: str) -> None:
    *way, last = path.split(".")
    thing: Any = Anthropic(api_key=KEY)
    for name in way:
        thing = getattr(thing, name)
    with pytest.raises(AttributeError, match=f"{last!r}: sseclaude does not have this part of the official client"):
        getattr(thing, last)
    with pytest.raises(AttributeError, match=r"no attribute 'mesages'$"):
        _ = Anthropic(api_key=KEY).mesages  # type: ignore[attr-defined]


# --- names -----------------------------------------------------------------------------------------------------------


def test_the_official_clients_names() -> None:
    assert sseclaude.Client is Anthropic
    assert sseclaude.AsyncClient is AsyncAnthropic
    assert (Timeout(), 2) == (sseclaude.DEFAULT_TIMEOUT, sseclaude.DEFAULT_MAX_RETRIES)
    assert sseclaude.Stream[int] is not None
    assert sseclaude.AsyncStream[int] is not None


def test_a_name_that_there_is_not_is_an_import_error_with_the_nearest_name() -> None:
    with pytest.raises(ImportError, match=r"cannot import name 'Mesage' from 'sseclaude': did you mean 'Message'\?"):
        from sseclaude import Mesage  # type: ignore[attr-defined] # noqa: F401
    with pytest.raises(AttributeError, match=r"no attribute 'Xyzzyx'$"):
        _ = sseclaude.Xyzzyx  # type: ignore[attr-defined]
    assert not hasattr(sseclaude, "Mesage")


async def _close(client: httpx.AsyncClient) -> None:
    await client.aclose()


def test_the_default_http_clients_differ_only_in_what_is_given() -> None:
    import anyio

    with sseclaude.DefaultHttpxClient(timeout=3) as client:
        assert (client.timeout, client.follow_redirects) == (httpx.Timeout(3), False)
    made = sseclaude.DefaultAsyncHttpxClient(transport=httpx.MockTransport(lambda request: answer(STREAM)))
    assert timeout_of_client(made) is None  # so that the timeout of the client around it holds
    anyio.run(_close, made)
