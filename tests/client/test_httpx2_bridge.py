"""An httpx2 client as the ``http_client``: httpx under another name stands in for it."""

from __future__ import annotations

from typing import Any

import anyio
import httpx
import pytest

from sseclaude import Anthropic, APIConnectionError, APITimeoutError, AsyncAnthropic
from tests.support.network import ASK, KEY, STREAM, WORDS, answer


class Client:
    """What httpx2 calls its client: one of another library's, for all that is known of it."""

    __module__ = "httpx2._client"

    def __init__(self, **options: Any) -> None:
        self.of_httpx = httpx.Client(**options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.of_httpx, name)


class AsyncClient(Client):
    __module__ = "httpx2._client"

    def __init__(self, **options: Any) -> None:
        self.of_httpx: Any = httpx.AsyncClient(**options)


def failure(name: str) -> Exception:
    return type(name, (Exception,), {"__module__": "httpx2"})("failed")  # type: ignore[no-any-return]


def transport(what: Any) -> httpx.MockTransport:
    def handler(request: httpx.Request) -> httpx.Response:
        if isinstance(what, Exception):
            raise what
        assert request.headers["x-api-key"] == KEY
        assert request.headers["x-mine"] == "1"
        return answer(what)

    return httpx.MockTransport(handler)


def ask(what: Any) -> str:
    http: Any = Client(transport=transport(what), headers={"x-mine": "1"})
    with http.of_httpx:
        client = Anthropic(api_key=KEY, max_retries=0, http_client=http)
        text = client.messages.create(**ASK).text
        client.close()
        assert not http.is_closed
    assert client.is_closed()
    return text


def aask(what: Any) -> str:
    async def run() -> str:
        http: Any = AsyncClient(transport=transport(what), headers={"x-mine": "1"})
        async with http.of_httpx:
            client = AsyncAnthropic(api_key=KEY, max_retries=0, http_client=http)
            text = (await client.messages.create(**ASK)).text
            assert not client.is_closed()
        assert client.is_closed()
        return text

    return anyio.run(run)


@pytest.mark.parametrize("way", [ask, aask])
def test_requests_and_answers_go_through(way: Any) -> None:
    assert way(STREAM) == WORDS


@pytest.mark.parametrize("way", [ask, aask])
@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (failure("ReadTimeout"), APITimeoutError),
        (failure("ConnectError"), APIConnectionError),
        (failure("InvalidURL"), Exception),
        (ZeroDivisionError("a bug"), ZeroDivisionError),
    ],
    ids=repr,
)
def test_a_failure_is_the_one_of_the_same_name(way: Any, raised: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        way(raised)
