"""A client's options: where they come from, which are refused, and the headers that they become.

Purpose: ``BaseClient``, the part of both clients that needs no network: its options, and requests from parameters.
Rule: what the caller gives is sent; the body gets no other field except ``stream``; the key is in headers only.

Source: PROTOCOL.md, "The request".
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Any, Generic, NamedTuple

from typing_extensions import Never, Self, Unpack

from .._version import __version__
from ..errors import AnthropicError
from ..sse import DEFAULT_MAX_EVENT_BYTES
from .not_given import NOT_GIVEN, NotGiven, Omit, given, is_given
from .params import OPTIONS, ClientOptions, H
from .request import Headers, Request, check_headers, check_user_info, encode_body, join_url, warn_if_readable
from .stream_base import Settings
from .timeouts import Timeout, TimeoutTypes
from .transport import Call

if TYPE_CHECKING:
    import httpx

BASE_URL = "https://api.anthropic.com"
API_VERSION = "2023-06-01"
DEFAULT_TIMEOUT = Timeout()
DEFAULT_MAX_RETRIES = 2

ABSENT = frozenset(
    {
        "credentials", "config", "profile", "webhook_key", "open_telemetry", "middleware", "transport", "proxies",
        "connection_pool_limits", "custom_auth", "_strict_response_validation", "_token_cache",
    }
)  # fmt: skip
"""Options of the official client that this one does not have."""


class Options(NamedTuple):
    """The options of a client (see ``Anthropic``)."""

    api_key: str | None
    auth_token: str | None
    base_url: str
    anthropic_version: str
    betas: tuple[str, ...]
    timeout: TimeoutTypes
    max_retries: int
    default_headers: Mapping[str, str | Omit]
    default_query: Mapping[str, Any]
    strict: bool
    max_event_bytes: int

    def __repr__(self) -> str:
        """Show everything except the key and the headers."""
        return f"base_url={self.base_url!r}, timeout={self.timeout!r}, max_retries={self.max_retries}"


def refuse_unknown(names: Mapping[str, object], where: str) -> None:
    """Raise TypeError for unknown options; the text says which of them the official client has.

    An option of the official client that is None, False or not given has no effect, and is accepted.
    """
    for name, value in names.items():
        if name not in ABSENT:
            raise TypeError(f"{where} has no option {name}")
        if value and is_given(value):
            raise TypeError(f"{where} has no option {name}: sseclaude does not have this option of the official client")


def check_max_retries(max_retries: Any) -> None:
    """Raise an exception for a value that is no number of retries. ``math.inf`` is one."""
    if max_retries != inf and (not isinstance(max_retries, int) or isinstance(max_retries, bool)):
        raise TypeError(f"max_retries={max_retries!r} is no number: 0 stands for no retries, math.inf for no limit")
    if max_retries < 0:
        raise ValueError(f"max_retries={max_retries!r} is less than 0")


def custom_headers() -> dict[str, str]:
    """Read ANTHROPIC_CUSTOM_HEADERS: ``Name: value``, one a line.

    Raises AnthropicError for a line without a colon or a name; its number is named, and what it holds is not.
    """
    headers: dict[str, str] = {}
    for number, line in enumerate(os.environ.get("ANTHROPIC_CUSTOM_HEADERS", "").splitlines(), 1):
        name, colon, value = line.partition(":")
        if colon and name.strip():
            headers[name.strip()] = value.strip()
        elif line.strip():
            raise AnthropicError(f"line {number} of ANTHROPIC_CUSTOM_HEADERS is not of the form 'Name: value'")
    return headers


class BaseClient(Generic[H]):
    """What both clients share: their options, and requests from parameters."""

    _transport: Any

    def __init__(
        self,
        *,
        api_key: str | None = None,
        auth_token: str | None = None,
        base_url: str | httpx.URL | None = None,
        anthropic_version: str = API_VERSION,
        betas: Sequence[str] = (),
        timeout: TimeoutTypes | NotGiven = NOT_GIVEN,
        max_retries: int = DEFAULT_MAX_RETRIES,
        default_headers: Mapping[str, str | Omit] | None = None,
        default_query: Mapping[str, Any] | None = None,
        strict: bool = False,
        max_event_bytes: int = DEFAULT_MAX_EVENT_BYTES,
        http_client: H | None = None,
        **others: Never,
    ) -> None:
        refuse_unknown(others, type(self).__name__)
        check_max_retries(max_retries)
        if api_key is None and auth_token is None:
            api_key = os.environ.get("ANTHROPIC_API_KEY") or None
            auth_token = None if api_key else os.environ.get("ANTHROPIC_AUTH_TOKEN") or None
        url = str(base_url or os.environ.get("ANTHROPIC_BASE_URL") or BASE_URL).rstrip("/")
        check_user_info(url)
        self._options = Options(
            api_key, auth_token, url, anthropic_version, tuple(betas),
            DEFAULT_TIMEOUT if isinstance(timeout, NotGiven) else timeout, max_retries,
            {**custom_headers(), **(default_headers or {})}, dict(default_query or {}), strict, max_event_bytes,
        )  # fmt: skip
        self._transport = self._make_transport(http_client)
        self._shared = False  # the transport belongs to another client

    def _make_transport(self, http_client: H | None) -> Any:
        raise AssertionError("a subclass says which")  # pragma: no cover

    @property
    def api_key(self) -> str | None:
        """The key, or None."""
        return self._options.api_key

    @api_key.setter
    def api_key(self, value: str | None) -> None:
        self._options = self._options._replace(api_key=value)

    @property
    def auth_token(self) -> str | None:
        """The bearer token, or None."""
        return self._options.auth_token

    @auth_token.setter
    def auth_token(self, value: str | None) -> None:
        self._options = self._options._replace(auth_token=value)

    @property
    def base_url(self) -> httpx.URL:
        """The URL that requests are sent to, as an ``httpx.URL`` whose path ends with a slash."""
        import httpx

        url = httpx.URL(self._options.base_url)
        return url if url.path.endswith("/") else url.copy_with(path=f"{url.path}/")

    @base_url.setter
    def base_url(self, value: str | httpx.URL) -> None:
        check_user_info(str(value))
        self._options = self._options._replace(base_url=str(value).rstrip("/"))

    @property
    def default_headers(self) -> Mapping[str, str | Omit]:
        """The headers that each request has beside the client's own, as they were given."""
        return self._options.default_headers

    @default_headers.setter
    def default_headers(self, value: Mapping[str, str | Omit]) -> None:
        self._options = self._options._replace(default_headers=dict(value))

    @property
    def default_query(self) -> Mapping[str, Any]:
        """The parameters that each request has in its URL."""
        return self._options.default_query

    @default_query.setter
    def default_query(self, value: Mapping[str, Any]) -> None:
        self._options = self._options._replace(default_query=dict(value))

    @property
    def timeout(self) -> TimeoutTypes:
        """The timeout of calls that have none of their own."""
        return self._options.timeout

    @timeout.setter
    def timeout(self, value: TimeoutTypes) -> None:
        self._options = self._options._replace(timeout=value)

    @property
    def max_retries(self) -> int:
        """How many attempts may follow the first."""
        return self._options.max_retries

    @max_retries.setter
    def max_retries(self, value: int) -> None:
        check_max_retries(value)
        self._options = self._options._replace(max_retries=value)

    def is_closed(self) -> bool:
        """Whether ``close`` was called: no more requests can be sent."""
        return bool(self._transport.is_closed)

    def with_options(self, **changes: Unpack[ClientOptions[H]]) -> Self:
        """Return a client that differs in some options and shares the connections (unless it has an ``http_client``).

        ``default_headers`` and ``default_query`` add to those of this client, ``set_default_headers`` and
        ``set_default_query`` replace them. To close the new client leaves the connections open: they belong to the
        client that it was made from. Raises TypeError for an option that there is not.
        """
        asked: dict[str, Any] = given(changes)
        refuse_unknown({name: asked[name] for name in asked if name not in CHANGES}, "with_options()")
        options: dict[str, Any] = {**self._options._asdict(), **{k: v for k, v in asked.items() if k in CHANGES}}
        for name in ("default_headers", "default_query"):
            added, replaced = asked.get(name), options.pop(f"set_{name}", None)
            if added is not None and replaced is not None:
                raise TypeError(f"{name} adds and set_{name} replaces: pass one of them")
            options[name] = {**getattr(self._options, name), **(added or {})} if replaced is None else replaced
        other = type(self)(**options)
        if options.get("http_client") is None:
            other._transport, other._shared = self._transport, True
        return other

    copy = with_options

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._options!r})"

    def _call(self, path: str, params: Mapping[str, Any], *, stream: bool) -> Call:
        """Make the call that the parameters describe."""
        params = given(params)
        options = {name: params[name] for name in OPTIONS if name in params}
        body = {name: value for name, value in params.items() if name not in OPTIONS}
        body |= options.get("extra_body") or {}
        if stream:
            body["stream"] = True
        base_url = self._options.base_url
        request = Request(
            method="POST",
            url=join_url(base_url, path),
            headers=self._headers(options, stream=stream),
            body=encode_body(given(body)),
            query=given({**self._options.default_query, **(options.get("extra_query") or {})}),
        )
        warn_if_readable(base_url)
        timeout = options.get("timeout", self.timeout)
        if timeout is DEFAULT_TIMEOUT:  # given neither to the call nor to the client
            timeout = self._transport.given_timeout or timeout
        return Call(request, Timeout.of(timeout), self.max_retries)

    def _headers(self, options: Mapping[str, Any], *, stream: bool) -> Headers:
        client = self._options
        headers = Headers({
            "accept": "text/event-stream" if stream else "application/json",
            "accept-encoding": "identity",  # compression would hold events back until a block is full
            "content-type": "application/json",
            "user-agent": f"sseclaude/{__version__}",
            "anthropic-version": client.anthropic_version,
            **({"x-api-key": client.api_key} if client.api_key else {}),
            **({"authorization": f"Bearer {client.auth_token}"} if client.auth_token else {}),
        })  # fmt: skip
        omitted = _update(headers, client.default_headers)
        if betas := _joined(headers.get("anthropic-beta"), client.betas, options.get("betas") or ()):
            headers["anthropic-beta"] = betas
        omitted |= _update(headers, options.get("extra_headers") or {})
        if not {"x-api-key", "authorization"} & (headers.keys() | omitted):
            raise AnthropicError("no API key: pass api_key= (or auth_token=), or set ANTHROPIC_API_KEY")
        check_headers(headers)
        return headers

    def _settings(self, output_format: Any = None) -> Settings:
        return Settings(self._options.strict, self._options.max_event_bytes, output_format)


CHANGES = frozenset(ClientOptions.__annotations__)
"""The options that ``with_options`` may change."""


def _update(headers: Headers, given: Mapping[str, Any]) -> set[str]:
    """Set the headers that are given, remove those that are ``omit``, and return the names of the latter."""
    named = {name.lower(): value for name, value in given.items() if not isinstance(value, NotGiven)}
    omitted = {name for name, value in named.items() if isinstance(value, Omit)}
    headers.update({name: value for name, value in named.items() if name not in omitted})
    for name in omitted:
        headers.pop(name, None)
    return omitted


def _joined(header: str | None, *betas: Sequence[str]) -> str:
    """Join the betas of the client's default header, of the client and of the call, each once."""
    in_header = [beta.strip() for beta in (header or "").split(",") if beta.strip()]
    return ",".join(dict.fromkeys((*in_header, *(beta for each in betas for beta in each))))
