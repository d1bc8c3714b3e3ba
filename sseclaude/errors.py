"""The exception tree: everything that can go wrong, each with what had arrived by then.

Purpose: one root to catch, one class per cause, and no exception that forgets the partial answer.
Must not know: httpx, pydantic or the message's shape; responses and messages are carried, not read.
Rule: the class says what happened, the attributes say how far it got, and neither holds a secret.

    AnthropicError
    └─ APIError                     .message .body .request_id .partial_message .progress .response
       ├─ APIConnectionError        no answer, or cut
       │  ├─ APITimeoutError
       │  └─ IncompleteStreamError  the stream ended before the message did
       ├─ ProtocolError             what came is no event stream, or breaks its grammar
       ├─ OutputValidationError     the answer is whole, but is not what ``output_format`` asked for
       └─ APIStatusError            .status_code .type .error_code .details
          ├─ BadRequestError 400            ├─ ConflictError 409
          ├─ AuthenticationError 401        ├─ ContentTooLargeError 413
          ├─ PaymentRequiredError 402       ├─ UnprocessableEntityError 422
          ├─ PermissionDeniedError 403      ├─ RateLimitError 429
          ├─ NotFoundError 404              └─ InternalServerError 5xx
          ├─ RequestTimeoutError 408           ├─ ServiceUnavailableError 503
          │                                    ├─ GatewayTimeoutError 504
          │                                    └─ OverloadedError 529

Source: PROTOCOL.md, "Errors".
"""

# A cut of the package that only parses event streams has neither messages nor httpx.
# mypy: disable-error-code="import-not-found"
# pyright: reportMissingImports=false

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import httpx

    from .message import Message

FRAME_SHOWN = 200
"""How many characters of a frame at fault an error's text shows: enough to see what it was."""


class Progress(NamedTuple):
    """How far a response had got: counts of events and of body bytes, and the last event's type."""

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
    """A request that did not end in a whole message.

    ``message`` says what happened; ``body`` is the parsed error body, or the frame at fault; ``request_id`` is the
    server's name for the request; ``partial_message`` is what had been assembled, or None; ``progress`` says how far
    the response had got, or is None when there was none; ``attempts`` counts the requests that were sent;
    ``response`` is the ``httpx.Response``, dropped when the exception is pickled or copied because its request holds
    the key.
    """

    def __init__(
        self,
        message: str,
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
        self.request_id = request_id
        self.partial_message = partial_message
        self.progress = progress
        self.response = response
        self.attempts = 0

    @property
    def request(self) -> httpx.Request | None:
        """The ``httpx.Request`` that was answered, or None."""
        return self.response.request if self.response is not None else None

    def __str__(self) -> str:
        told = [str(self.progress)] if self.progress is not None else []
        told += [f"request {self.request_id}"] if self.request_id else []
        return f"{self.message} ({', '.join(told)})" if told else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        state = {**self.__dict__, "response": None}
        return _restore, (type(self), self.message), state


def _restore(cls: type[APIError], message: str) -> APIError:
    """Make an exception without calling its own ``__init__``, whose arguments differ by class."""
    error = cls.__new__(cls, message)
    Exception.__init__(error, message)
    return error


class APIConnectionError(APIError):
    """No answer came, or it was cut off; ``__cause__`` holds the transport's own exception."""


class APITimeoutError(APIConnectionError):
    """A clock ran out: connect, idle or total."""


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
    """The answer is whole, but its text does not validate as the caller's ``output_format``.

    ``partial_message`` carries the whole message; ``errors`` lists what failed, where.
    """

    def __init__(self, message: str, *, errors: list[dict[str, Any]] | None = None, **context: Any) -> None:
        super().__init__(message, **context)
        self.errors = errors or []


class APIStatusError(APIError):
    """The API said no: by an HTTP status, or by an ``error`` event inside a 200.

    ``status_code`` is the HTTP status, or the one that the error's type stands for (200 for an unknown type
    inside a 200); ``type`` is the error's type; ``details`` and ``error_code`` are what the error adds.
    """

    def __init__(self, message: str, *, status_code: int, body: Any = None, **context: Any) -> None:
        super().__init__(message, body=body, **context)
        self.status_code = status_code
        error = error_object(body)
        self.type: str | None = _text(error.get("type"))
        self.details: Any = error.get("details")
        code = self.details.get("error_code") if isinstance(self.details, Mapping) else None
        self.error_code: str | None = _text(code)


class BadRequestError(APIStatusError):
    """400: the request is malformed."""


class AuthenticationError(APIStatusError):
    """401: no key, or a wrong one."""


class PaymentRequiredError(APIStatusError):
    """402: a matter of billing."""


class PermissionDeniedError(APIStatusError):
    """403: the key may not do this."""


class NotFoundError(APIStatusError):
    """404: no such path or model."""


class RequestTimeoutError(APIStatusError):
    """408: the server waited too long for the request."""


class ConflictError(APIStatusError):
    """409: the request collides with another."""


class ContentTooLargeError(APIStatusError):
    """413: the request is too large."""


class UnprocessableEntityError(APIStatusError):
    """422: well formed, but not to be done."""


class RateLimitError(APIStatusError):
    """429: too many requests or tokens."""


class InternalServerError(APIStatusError):
    """5xx: the server failed."""


class ServiceUnavailableError(InternalServerError):
    """503: not now."""


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
    413: ContentTooLargeError,
    422: UnprocessableEntityError,
    429: RateLimitError,
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


def error_object(body: Any) -> Mapping[str, Any]:
    """Return the ``error`` object of an error envelope, or an empty one: never raises."""
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping):
        return error
    return {"message": error} if isinstance(error, str) else {}


def status_error(status: int, body: Any, **context: Any) -> APIStatusError:
    """Make the exception for an HTTP status and its parsed body."""
    told = _text(error_object(body).get("message")) or f"HTTP status {status}"
    return status_error_class(status)(told, status_code=status, body=body, **context)


def event_error(body: Any, **context: Any) -> APIStatusError:
    """Make the exception for an ``error`` event inside a 200: its type decides, unknown types are 200.

    ``request_id`` is the one that the event tells. Source: PROTOCOL.md, "Errors".
    """
    if isinstance(body, Mapping):
        context.setdefault("request_id", _text(body.get("request_id")))
    error = error_object(body)
    kind = _text(error.get("type"))
    status = ERROR_TYPES.get(kind or "", 200)
    told = _text(error.get("message")) or kind or "the stream carried an error"
    return status_error_class(status)(told, status_code=status, body=body, **context)


def is_retryable(error: BaseException) -> bool:
    """Say whether another attempt may cure an error (PROTOCOL.md, "Errors")."""
    if isinstance(error, APIStatusError):
        return error.status_code in RETRYABLE_STATUSES or error.status_code >= 500
    return isinstance(error, APIConnectionError)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
