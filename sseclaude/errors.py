"""The exception tree: everything that can go wrong, each with what had arrived by then.

Purpose: one root to catch, one class per cause, and the partial message on each.
Must not know: httpx, pydantic or the message's shape; a response is asked for its status, its request and its
``request-id``, and is otherwise only carried.
Rule: the class says what happened and the attributes say how far it got. What a server said is shown as one line of
printable text, and the credentials of the request are masked in it.

    AnthropicError
    └─ APIError                     .message .body .request_id .partial_message .progress .response
       ├─ APIConnectionError        no answer, or cut
       │  ├─ APITimeoutError
       │  └─ IncompleteStreamError  the stream ended before the message did
       ├─ ProtocolError             what came is no event stream, or breaks its grammar
       ├─ OutputValidationError     the answer is complete, but is not what ``output_format`` asked for
       └─ APIStatusError            .status_code .type .error_code .details .endpoint
          ├─ BadRequestError 400            ├─ ContentTooLargeError 413
          ├─ AuthenticationError 401        ├─ UnprocessableEntityError 422
          ├─ PaymentRequiredError 402       ├─ RateLimitError 429
          ├─ PermissionDeniedError 403      ├─ RequestHeaderFieldsTooLargeError 431
          ├─ NotFoundError 404              ├─ ClientClosedRequestError 499
          ├─ RequestTimeoutError 408        └─ InternalServerError 5xx
          ├─ ConflictError 409                 ├─ HTTPNotImplementedError 501
          ├─ PreconditionFailedError 412       ├─ ServiceUnavailableError 503
          │                                    ├─ GatewayTimeoutError 504
          │                                    └─ OverloadedError 529

They can also be made as the official client's are: ``RateLimitError("slow", response=response, body=None)``,
``APIConnectionError(request=request)``. Source: PROTOCOL.md, "Errors".
"""

# A cut of the package that only parses event streams has neither messages nor httpx.
# mypy: disable-error-code="import-not-found"
# pyright: reportMissingImports=false

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .error_bodies import data_of_events, error_message, error_number, masked
from .error_bodies import error_object as error_object  # noqa: PLC0414 (the modules above import it from here)

if TYPE_CHECKING:  # types only: message.py imports this module
    import httpx

    from .message import Message

FRAME_SHOWN = 200
"""How many characters of a frame at fault an error's text shows: enough to see what it was."""


class Progress(NamedTuple):
    """How far a response had come: counts of events and of body bytes, and the last event's type."""

    events: int = 0
    bytes: int = 0
    last_event: str | None = None
    message_id: str | None = None

    def __str__(self) -> str:
        last = f", the last one {self.last_event}" if self.last_event else ""
        message = f", message {self.message_id}" if self.message_id else ""
        return f"after {self.events} events{last}, {self.bytes} bytes{message}"


class AnthropicError(Exception):
    """The root of every exception that this library raises on purpose."""


class APIError(AnthropicError):
    """A request that did not end in a complete message.

    ``message`` says what happened; ``body`` is the parsed error body, or the frame at fault; ``request_id`` is the
    server's name for the request; ``partial_message`` is what had been assembled, or None; ``progress`` says how far
    the response had got, or is None when there was none; ``attempts`` counts the requests that were sent;
    ``response`` is the ``httpx.Response`` and ``request`` the ``httpx.Request``, each None if there was none. Both
    are dropped when the exception is pickled or copied, because the request holds the key.
    """

    def __init__(
        self,
        message: str,
        request: httpx.Request | None = None,
        *,
        body: Any = None,
        request_id: str | None = None,
        partial_message: Message | None = None,
        progress: Progress | None = None,
        response: httpx.Response | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.body = body
        self.request_id: str | None = request_id
        self.partial_message = partial_message
        self.progress = progress
        self.response = response
        self.attempts = 0
        self._request = request

    @property
    def request(self) -> httpx.Request | None:
        """The ``httpx.Request`` that failed or was answered, or None."""
        return self._request or _request_of(self.response)

    def of_request(self, request: httpx.Request | None) -> None:
        """Say which request failed, where there is no response."""
        self._request = self._request or request

    def __str__(self) -> str:
        context = ", ".join(self._context())
        return f"{self.message} ({context})" if context else self.message

    def _context(self) -> list[str]:
        """Return what the text adds to the message."""
        context = [str(self.progress)] if self.progress is not None else []
        return context + ([f"request {self.request_id}"] if self.request_id else [])

    def __reduce__(self) -> tuple[Any, ...]:
        state = {**self.__dict__, "response": None, "_request": None}
        return _restore, (type(self), self.message), state


def _restore(cls: type[APIError], message: str) -> APIError:
    """Make an exception without calling its own ``__init__``, whose arguments differ by class."""
    error = cls.__new__(cls, message)
    Exception.__init__(error, message)
    return error


class APIConnectionError(APIError):
    """No answer came, or it was cut off; ``__cause__`` holds the transport's own exception."""

    def __init__(
        self, message: str = "Connection error.", request: httpx.Request | None = None, **context: Any
    ) -> None:
        super().__init__(message, request, **context)


class APITimeoutError(APIConnectionError):
    """A time limit ran out: connect, idle or total. The request may stand first, in place of the message."""

    def __init__(
        self,
        message: str | httpx.Request = "Request timed out.",
        request: httpx.Request | None = None,
        **context: Any,
    ) -> None:
        if not isinstance(message, str):
            request, message = message, "Request timed out."
        super().__init__(message, request, **context)


class IncompleteStreamError(APIConnectionError):
    """The stream ended before the message did; ``partial_message`` holds what had come."""


class ProtocolError(APIError):
    """What came is no event stream, or breaks its grammar.

    ``frame`` is the event's data (or the body's first bytes) as text; ``rule`` is the name of the rule that
    was broken; ``event_number`` counts the stream's events from 1, None where no event is at fault.
    """

    def __init__(
        self,
        message: str,
        *,
        rule: str | None = None,
        frame: str | None = None,
        event_number: int | None = None,
        **context: Any,
    ) -> None:
        super().__init__(message, **{"body": frame, **context})
        self.rule = rule
        self.frame = frame
        self.event_number = event_number

    def __str__(self) -> str:
        shown = f": {self.frame[:FRAME_SHOWN]!r}" if self.frame else ""
        return super().__str__() + shown


class OutputValidationError(APIError):
    """The answer is complete, but its text does not validate as the caller's ``output_format``.

    ``partial_message`` carries the complete message; ``errors`` lists what failed, where.
    """

    def __init__(self, message: str, *, errors: list[dict[str, Any]] | None = None, **context: Any) -> None:
        super().__init__(message, **context)
        self.errors = errors or []


class APIStatusError(APIError):
    """The API refused or failed: by an HTTP status, or by an ``error`` event inside a 200.

    ``status_code`` is the HTTP status, or the one that the error names or its type stands for (200 for an unknown
    type inside a 200); without one it is the response's. ``type`` is the error's type; ``details`` and ``error_code``
    are what the error adds; ``endpoint`` is the method and the address, without user info and query, or None.
    """

    def __init__(
        self,
        message: str,
        request: httpx.Request | None = None,
        *,
        response: httpx.Response | None = None,
        body: Any = None,
        status_code: int | None = None,
        **context: Any,
    ) -> None:
        super().__init__(message, request, response=response, body=body, **context)
        if status_code is None:
            if response is None:
                raise TypeError(f"{type(self).__name__} needs a response or a status_code")
            status_code = response.status_code
        if self.request_id is None and response is not None:
            self.request_id = response.headers.get("request-id")
        self.status_code = status_code
        self.endpoint = _endpoint(self.request)
        error = error_object(body)
        self.type: str | None = _text(error.get("type"))
        self.details: Any = error.get("details")
        code = self.details.get("error_code") if isinstance(self.details, Mapping) else None
        self.error_code: str | None = _text(code)

    def _context(self) -> list[str]:
        status = [] if self.message.startswith("HTTP status ") else [f"status {self.status_code}"]
        return status + ([self.endpoint] if self.endpoint else []) + super()._context()


class BadRequestError(APIStatusError):
    """400: the request is malformed."""


class AuthenticationError(APIStatusError):
    """401: no key, or a wrong one."""


class PaymentRequiredError(APIStatusError):
    """402: a billing problem."""


class PermissionDeniedError(APIStatusError):
    """403: the key may not do this."""


class NotFoundError(APIStatusError):
    """404: no such path or model."""


class RequestTimeoutError(APIStatusError):
    """408: the server waited too long for the request."""


class ConflictError(APIStatusError):
    """409: the request collides with another."""


class PreconditionFailedError(APIStatusError):
    """412: a condition of the request does not hold."""


class ContentTooLargeError(APIStatusError):
    """413: the request is too large."""


class UnprocessableEntityError(APIStatusError):
    """422: well formed, but it cannot be processed."""


class RateLimitError(APIStatusError):
    """429: too many requests or tokens."""


class RequestHeaderFieldsTooLargeError(APIStatusError):
    """431: the headers are too large."""


class ClientClosedRequestError(APIStatusError):
    """499: the connection to the server was closed before it answered."""


class InternalServerError(APIStatusError):
    """5xx: the server failed."""


class HTTPNotImplementedError(InternalServerError):
    """501: the server cannot do what was asked."""


class ServiceUnavailableError(InternalServerError):
    """503: temporarily unavailable."""


class GatewayTimeoutError(InternalServerError):
    """504: the server ran out of time."""


class OverloadedError(InternalServerError):
    """529: the API is overloaded."""


RequestTooLargeError = ContentTooLargeError
DeadlineExceededError = GatewayTimeoutError

STATUS_ERRORS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: RequestTimeoutError,
    409: ConflictError,
    412: PreconditionFailedError,
    413: ContentTooLargeError,
    422: UnprocessableEntityError,
    429: RateLimitError,
    431: RequestHeaderFieldsTooLargeError,
    499: ClientClosedRequestError,
    501: HTTPNotImplementedError,
    503: ServiceUnavailableError,
    504: GatewayTimeoutError,
    529: OverloadedError,
}

ERROR_TYPES: dict[str, int] = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""The status that each error type of an ``error`` event stands for (PROTOCOL.md, "Errors")."""

RETRYABLE_STATUSES = frozenset({408, 409, 429})
"""Statuses below 500 that another attempt may cure; every 5xx may be cured too."""


def status_error_class(status: int) -> type[APIStatusError]:
    """Return the class that stands for an HTTP status."""
    return STATUS_ERRORS.get(status, InternalServerError if status >= 500 else APIStatusError)


def status_error(status: int, body: Any, *, response: httpx.Response | None = None, **context: Any) -> APIStatusError:
    """Make the exception for an HTTP status and its body: parsed JSON, or text if it was none.

    The message is what the server said (see ``error_message``). The credentials of the response's request are masked
    in the message and in the body: gateways quote them.
    """
    if isinstance(body, str):
        body = data_of_events(body) or body
    body = masked(body, _credentials(_request_of(response)))
    said = error_message(body) or f"HTTP status {status}"
    return status_error_class(status)(said, status_code=status, body=body, response=response, **context)


def event_error(body: Any, **context: Any) -> APIStatusError:
    """Make the exception for an ``error`` event inside a 200: its number decides, else its type, else it is a 500.

    An unknown type stands for 200. ``request_id`` is the one that the event names. Source: PROTOCOL.md, "Errors".
    """
    if isinstance(body, Mapping):
        context.setdefault("request_id", _text(body.get("request_id")))
    kind = _text(error_object(body).get("type"))
    status = error_number(body) or ERROR_TYPES.get(kind or "api_error", 200)
    said = error_message(body) or kind or "the stream carried an error"
    return status_error_class(status)(said, status_code=status, body=body, **context)


def is_retryable(error: BaseException) -> bool:
    """Say whether another attempt may succeed (PROTOCOL.md, "Errors")."""
    if isinstance(error, APIStatusError):
        return error.status_code in RETRYABLE_STATUSES or error.status_code >= 500
    return isinstance(error, APIConnectionError)


def is_error(body: Mapping[str, Any]) -> bool:
    """Say whether an object has the shape of an error, the API's or another server's.

    Source: PROTOCOL.md, "Errors".
    """
    kind = body.get("type")
    if body.get("object") == "error" or (isinstance(kind, str) and kind in ERROR_TYPES):
        return True
    if kind == "error" or error_number(body) is not None:
        return error_message(body) is not None
    return not isinstance(kind, str) and bool(body.get("error") or body.get("detail"))


# --- what of a request may be shown ------------------------------------------------------------------------------

_SECRET_LENGTH = 5  # characters; a shorter "secret" would mask parts of words
_SECRET_NAME = "(?i)auth|cookie|key|secret|token"  # compiled with the first error


def _request_of(response: httpx.Response | None) -> httpx.Request | None:
    try:
        return response.request if response is not None else None
    except RuntimeError:  # httpx: the response was made without one
        return None


def _endpoint(request: httpx.Request | None) -> str | None:
    """Return the method and the address of a request, without user info, query and fragment."""
    if request is None:
        return None
    scheme, _, rest = re.split("[?#]", str(request.url), maxsplit=1)[0].partition("://")
    authority, slash, path = rest.partition("/")
    return f"{request.method} {scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def _credentials(request: httpx.Request | None) -> list[str]:
    """Return the values of a request's headers that must not be shown, with and without ``Bearer``."""
    headers: Iterable[tuple[str, str]] = request.headers.items() if request is not None else ()
    secrets = [value.split()[-1] for name, value in headers if re.search(_SECRET_NAME, name) and value.strip()]
    return sorted({secret for secret in secrets if len(secret) >= _SECRET_LENGTH}, key=len, reverse=True)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
