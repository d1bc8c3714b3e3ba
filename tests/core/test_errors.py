"""The exception tree: classes by status and by type, what they carry, how they travel."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import httpx
import pytest

from sseclaude import errors
from sseclaude.errors import (
    ERROR_TYPES,
    STATUS_ERRORS,
    AnthropicError,
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ContentTooLargeError,
    GatewayTimeoutError,
    IncompleteStreamError,
    InternalServerError,
    NotFoundError,
    OutputValidationError,
    OverloadedError,
    PaymentRequiredError,
    PermissionDeniedError,
    Progress,
    ProtocolError,
    RateLimitError,
    RequestTimeoutError,
    ServiceUnavailableError,
    UnprocessableEntityError,
    error_object,
    event_error,
    is_retryable,
    status_error,
)
from sseclaude.message import Message

STATUSES: list[tuple[int, type[APIStatusError], bool]] = [
    (400, BadRequestError, False),
    (401, AuthenticationError, False),
    (402, PaymentRequiredError, False),
    (403, PermissionDeniedError, False),
    (404, NotFoundError, False),
    (408, RequestTimeoutError, True),
    (409, ConflictError, True),
    (413, ContentTooLargeError, False),
    (422, UnprocessableEntityError, False),
    (429, RateLimitError, True),
    (500, InternalServerError, True),
    (502, InternalServerError, True),
    (503, ServiceUnavailableError, True),
    (504, GatewayTimeoutError, True),
    (529, OverloadedError, True),
    (599, InternalServerError, True),
    (418, APIStatusError, False),
    (302, APIStatusError, False),
    (200, APIStatusError, False),
]


@pytest.mark.parametrize(("status", "cls", "retryable"), STATUSES)
def test_statuses(status: int, cls: type[APIStatusError], retryable: bool) -> None:
    error = status_error(status, {"error": {"type": "t", "message": "m"}})
    assert type(error) is cls
    assert (error.status_code, error.type, error.message) == (status, "t", "m")
    assert is_retryable(error) == retryable


TYPES: list[tuple[str | None, int, type[APIStatusError]]] = [
    ("invalid_request_error", 400, BadRequestError),
    ("authentication_error", 401, AuthenticationError),
    ("billing_error", 402, PaymentRequiredError),
    ("permission_error", 403, PermissionDeniedError),
    ("not_found_error", 404, NotFoundError),
    ("conflict_error", 409, ConflictError),
    ("request_too_large", 413, ContentTooLargeError),
    ("rate_limit_error", 429, RateLimitError),
    ("api_error", 500, InternalServerError),
    ("timeout_error", 504, GatewayTimeoutError),
    ("overloaded_error", 529, OverloadedError),
    ("internal_error", 200, APIStatusError),
    (None, 200, APIStatusError),
]


@pytest.mark.parametrize(("kind", "status", "cls"), TYPES)
def test_types_inside_a_200(kind: str | None, status: int, cls: type[APIStatusError]) -> None:
    error = event_error({"type": "error", "error": {"type": kind, "message": "m"}}, request_id="req_1")
    assert type(error) is cls
    assert (error.status_code, error.type, error.request_id) == (status, kind, "req_1")
    assert error.body == {"type": "error", "error": {"type": kind, "message": "m"}}


def test_the_tables_are_tested_whole() -> None:
    assert {kind for kind, _, _ in TYPES} - {"internal_error", None} == set(ERROR_TYPES)
    assert set(STATUS_ERRORS) <= {status for status, _, _ in STATUSES}


BODIES: list[tuple[Any, dict[str, Any], str]] = [
    (None, {}, "HTTP status 500"),
    ("text", {}, "HTTP status 500"),
    ([], {}, "HTTP status 500"),
    ({}, {}, "HTTP status 500"),
    ({"error": None}, {}, "HTTP status 500"),
    ({"error": "told so"}, {"message": "told so"}, "told so"),
    ({"error": {"message": 5}}, {"message": 5}, "HTTP status 500"),
    ({"error": {"type": ["x"], "message": "m"}}, {"type": ["x"], "message": "m"}, "m"),
]


@pytest.mark.parametrize(("body", "found", "told"), BODIES, ids=str)
def test_any_body_makes_an_error(body: Any, found: dict[str, Any], told: str) -> None:
    assert error_object(body) == found
    error = status_error(500, body)
    assert (error.message, error.body, error.type) == (told, body, None)
    assert event_error(body).status_code == 200


TOLD = [
    ({"error": {"type": "api_error"}}, "api_error"),
    ({"error": {}}, "the stream carried an error"),
    ({"error": {"type": "api_error", "message": ""}}, "api_error"),
]


@pytest.mark.parametrize(("body", "told"), TOLD, ids=str)
def test_an_event_that_says_little(body: Any, told: str) -> None:
    assert event_error(body).message == told


DETAILS = [
    ({"error_code": "spend_limit"}, "spend_limit"),
    ({"error_code": 5}, None),
    ({}, None),
    ("text", None),
    (None, None),
]


@pytest.mark.parametrize(("details", "code"), DETAILS, ids=str)
def test_details(details: Any, code: str | None) -> None:
    error = status_error(400, {"error": {"details": details}})
    assert (error.details, error.error_code) == (details, code)


TREE: list[tuple[type[Exception], type[Exception]]] = [
    (APIError, AnthropicError),
    (APIConnectionError, APIError),
    (APITimeoutError, APIConnectionError),
    (IncompleteStreamError, APIConnectionError),
    (ProtocolError, APIError),
    (OutputValidationError, APIError),
    (APIStatusError, APIError),
    (InternalServerError, APIStatusError),
    (ServiceUnavailableError, InternalServerError),
    (GatewayTimeoutError, InternalServerError),
    (OverloadedError, InternalServerError),
    (RateLimitError, APIStatusError),
]


@pytest.mark.parametrize(("cls", "base"), TREE)
def test_the_tree(cls: type[Exception], base: type[Exception]) -> None:
    assert cls.__base__ is base


def test_aliases() -> None:
    assert errors.RequestTooLargeError is ContentTooLargeError
    assert errors.DeadlineExceededError is GatewayTimeoutError


RETRYABLE = [
    (APIConnectionError("x"), True),
    (APITimeoutError("x"), True),
    (IncompleteStreamError("x"), True),
    (ProtocolError("x"), False),
    (OutputValidationError("x"), False),
    (APIError("x"), False),
    (ValueError("x"), False),
]


@pytest.mark.parametrize(("error", "retryable"), RETRYABLE, ids=repr)
def test_what_another_attempt_may_cure(error: Exception, retryable: bool) -> None:
    assert is_retryable(error) == retryable


# --- what they carry ---------------------------------------------------------------------------------------------

CLASSES = [
    found
    for found in vars(errors).values()
    if inspect.isclass(found) and issubclass(found, APIError) and found.__module__ == errors.__name__
]
CONTEXT: dict[str, Any] = {
    "request_id": "req_1",
    "partial_message": Message(id="msg_1"),
    "progress": Progress(3, 200, "ping", "msg_1"),
}


def made(cls: type[APIError], **context: Any) -> APIError:
    extra: dict[str, Any] = {"status_code": 400} if issubclass(cls, APIStatusError) else {}
    return cls("it failed", **extra, **context)


@pytest.mark.parametrize("cls", CLASSES)
def test_all_travel(cls: type[APIError]) -> None:
    request = httpx.Request("POST", "http://localhost", headers={"x-api-key": "secret"})
    error = made(cls, response=httpx.Response(400, request=request), **CONTEXT)
    assert error.request is request
    for travelled in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(travelled) is cls
        assert str(travelled) == str(error)
        assert vars(travelled) == {**vars(error), "response": None}
        assert travelled.request is None
    assert b"secret" not in pickle.dumps(error)


@pytest.mark.parametrize("cls", CLASSES)
def test_the_text_says_how_far_it_got(cls: type[APIError]) -> None:
    assert str(made(cls)) == "it failed"
    assert made(cls).request is None
    told = "it failed (after 3 events, the last one ping, 200 bytes, message msg_1, request req_1)"
    assert str(made(cls, **CONTEXT)) == told
    assert str(made(cls, request_id="req_1")) == "it failed (request req_1)"


def test_progress() -> None:
    assert str(Progress()) == "after 0 events, 0 bytes"


def test_a_protocol_error_shows_its_frame() -> None:
    error = ProtocolError("bad", rule="malformed_json", frame="x" * 5000, event_number=7)
    assert (error.rule, error.frame, error.body, error.event_number) == ("malformed_json", "x" * 5000, "x" * 5000, 7)
    assert str(error) == f"bad: {'x' * 200!r}"
    assert ProtocolError("bad", frame="a", body={"b": 1}).body == {"b": 1}
    assert str(ProtocolError("bad", frame="")) == "bad"


def test_an_output_error_lists_what_failed() -> None:
    assert OutputValidationError("x").errors == []
    assert OutputValidationError("x", errors=[{"loc": ()}]).errors == [{"loc": ()}]
