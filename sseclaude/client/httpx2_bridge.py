"""An ``httpx2`` client as the ``http_client``: programs that come from the official client may have one.

Purpose: ``adapted`` returns an httpx client that sends with the one that was given, which stays the caller's.
Must not know: httpx2; its clients are those of httpx under another name, and are known by their class's module.
Rule: requests, responses and extensions go through unchanged; an exception becomes the one of the same name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx

C = TypeVar("C", bound="httpx.Client | httpx.AsyncClient")


def adapted(http_client: Any, kind: type[C]) -> C | None:
    """Return a client of the kind that sends with ``http_client``: itself, if it is one; None for None.

    Raises TypeError for anything else.
    """
    if http_client is None or isinstance(http_client, kind):
        return http_client
    for base in type(http_client).__mro__:
        if base.__module__.partition(".")[0] == "httpx2" and base.__name__ == kind.__name__:
            bridge: Any = {"Client": _Client, "AsyncClient": _AsyncClient}[kind.__name__]
            made: C = bridge(http_client)
            return made
    raise TypeError(f"http_client is a {_name(type(http_client))}, and not an httpx.{kind.__name__}")


def _name(cls: type) -> str:
    return f"{cls.__module__.partition('.')[0]}.{cls.__name__}"


@contextmanager
def _translated(request: httpx.Request) -> Iterator[None]:
    """Raise the exception of httpx that has the name of the one that comes."""
    try:
        yield
    except Exception as error:
        names = [base.__name__ for base in type(error).__mro__ if base.__module__.partition(".")[0] == "httpx2"]
        ours = next((getattr(httpx, name) for name in names if hasattr(httpx, name)), None)
        if ours is None:
            raise
        with_request = issubclass(ours, httpx.RequestError)
        raise (ours(str(error), request=request) if with_request else ours(str(error))) from error


class _Client(httpx.Client):
    """A blocking client over another; closing it leaves the other open."""

    def __init__(self, inner: Any) -> None:
        super().__init__(transport=_Transport(inner))
        self._inner = inner

    @property
    def is_closed(self) -> bool:
        return bool(self._inner.is_closed)


class _AsyncClient(httpx.AsyncClient):
    """The same for a client that awaits."""

    def __init__(self, inner: Any) -> None:
        super().__init__(transport=_AsyncTransport(inner))
        self._inner = inner

    @property
    def is_closed(self) -> bool:
        return bool(self._inner.is_closed)


def _rebuilt(inner: Any, request: httpx.Request) -> Any:
    return inner.build_request(
        request.method,
        str(request.url),
        headers=request.headers.raw,
        content=request.content,
        extensions=request.extensions,
    )


def _answer(answer: Any, stream: Any) -> httpx.Response:
    return httpx.Response(
        answer.status_code, headers=answer.headers.raw, stream=stream, extensions=dict(answer.extensions)
    )


class _Transport(httpx.BaseTransport):
    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with _translated(request):
            answer = self.inner.send(_rebuilt(self.inner, request), stream=True, follow_redirects=False)
        return _answer(answer, _Stream(answer, request))


class _Stream(httpx.SyncByteStream):
    def __init__(self, answer: Any, request: httpx.Request) -> None:
        self.answer, self.request = answer, request

    def __iter__(self) -> Iterator[bytes]:
        with _translated(self.request):
            yield from self.answer.iter_raw()

    def close(self) -> None:
        self.answer.close()


class _AsyncTransport(httpx.AsyncBaseTransport):
    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        with _translated(request):
            answer = await self.inner.send(_rebuilt(self.inner, request), stream=True, follow_redirects=False)
        return _answer(answer, _AsyncStream(answer, request))


class _AsyncStream(httpx.AsyncByteStream):
    def __init__(self, answer: Any, request: httpx.Request) -> None:
        self.answer, self.request = answer, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated(self.request):
            async for chunk in self.answer.aiter_raw():
                yield chunk

    async def aclose(self) -> None:
        await self.answer.aclose()
