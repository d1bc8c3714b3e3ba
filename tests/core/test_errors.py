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
    ClientClosedRequestError,
    ConflictError,
    ContentTooLargeError,
    GatewayTimeoutError,
    HTTPNotImplementedError,
    IncompleteStreamError,
    InternalServerError,
    NotFoundError,
    OutputValidationError,
    OverloadedError,
    PaymentRequiredError,
    PermissionDeniedError,
    PreconditionFailedError,
    Progress,
    ProtocolError,
    RateLimitError,
    RequestHeaderFieldsTooLargeError,
    RequestTimeoutError,
    ServiceUnavailableError,
    UnprocessableEntityError,
    error_object,
    event_error,
    is_error,
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
    (412, PreconditionFailedError, False),
    (413, ContentTooLargeError, False),
    (422, UnprocessableEntityError, False),
    (429, RateLimitError, True),
    (431, RequestHeaderFieldsTooLargeError, False),
    (499, ClientClosedRequestError, False),
    (501, HTTPNotImplementedError, True),
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
    (None, 500, InternalServerError),
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
    ("text", {}, "text"),
    ("", {}, "HTTP status 500"),
    ([], {}, "HTTP status 500"),
    ({}, {}, "HTTP status 500"),
    ({"error": None}, {}, "HTTP status 500"),
    ({"error": "told so"}, {"message": "told so"}, "told so"),
    ({"error": {"message": 5}}, {"message": 5}, "HTTP status 500"),
    ({"error": {"type": ["x"], "message": "m"}}, {"type": ["x"], "message": "m"}, "m"),
]


@pytest.mark.parametrize(("body", "found", "reported"), BODIES, ids=str)
def test_any_body_makes_an_error(body: Any, found: dict[str, Any], reported: str) -> None:
    assert error_object(body) == found
    error = status_error(500, body)
    assert (error.message, error.body, error.type) == (reported, body, None)
    assert event_error(body).status_code == 500


REPORTED = [
    ({"error": {"type": "api_error"}}, "api_error"),
    ({"error": {}}, "the stream carried an error"),
    ({"error": {"type": "api_error", "message": ""}}, "api_error"),
]


@pytest.mark.parametrize(("body", "reported"), REPORTED, ids=str)
def test_an_event_that_says_little(body: Any, reported: str) -> None:
    assert event_error(body).message == reported


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
    status = "status 400, " if issubclass(cls, APIStatusError) else ""
    assert str(made(cls)) == (f"it failed ({status[:-2]})" if status else "it failed")
    assert made(cls).request is None
    shown = f"it failed ({status}after 3 events, the last one ping, 200 bytes, message msg_1, request req_1)"
    assert str(made(cls, **CONTEXT)) == shown
    assert str(made(cls, request_id="req_1")) == f"it failed ({status}request req_1)"


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


# --- made as the official client's are ---------------------------------------------------------------------------

REQUEST = httpx.Request("POST", "https://user:pass@api.example:8443/v1/messages?beta=true#x")
ENDPOINT = "POST https://api.example:8443/v1/messages"


def answer(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()})


OFFICIAL: list[tuple[APIError, type[APIError], str]] = [
    (RateLimitError("slow", response=answer(429), body=None), RateLimitError, "slow (status 429)"),
    (
        RateLimitError("slow", response=httpx.Response(429, request=REQUEST), body=None),
        RateLimitError,
        f"slow (status 429, {ENDPOINT})",
    ),
    (
        APIStatusError("m", response=answer(418, request_id="req_1"), body={"error": {"type": "t"}}),
        APIStatusError,
        "m (status 418, request req_1)",
    ),
    (APIConnectionError(request=REQUEST), APIConnectionError, "Connection error."),
    (APIConnectionError(message="no", request=REQUEST), APIConnectionError, "no"),
    (APITimeoutError(request=REQUEST), APITimeoutError, "Request timed out."),
    (APITimeoutError(REQUEST), APITimeoutError, "Request timed out."),
    (APIError("m", REQUEST, body=None), APIError, "m"),
    (APIError("m", request=REQUEST, body=None), APIError, "m"),
]


@pytest.mark.parametrize(("error", "cls", "text"), OFFICIAL, ids=lambda value: str(value)[:40])
def test_errors_are_made_as_in_the_official_client(error: APIError, cls: type[APIError], text: str) -> None:
    assert (type(error), str(error)) == (cls, text)
    assert error.body == getattr(error, "body", None)
    if error.response is None:
        assert error.request is REQUEST
    travelled = pickle.loads(pickle.dumps(error))
    assert (str(travelled), travelled.request, travelled.response) == (text, None, None)
    assert b"pass" not in pickle.dumps(error)


def test_the_status_is_that_of_the_response_unless_it_is_given() -> None:
    error = APIStatusError("m", response=answer(418), body={"error": {"type": "t"}})
    assert (error.status_code, error.type) == (418, "t")
    assert APIStatusError("m", response=answer(200), status_code=529).status_code == 529
    assert APIStatusError("m", response=answer(400, request_id="a"), request_id="b").request_id == "b"
    assert RateLimitError("m", response=answer(429)).request is None
    with pytest.raises(TypeError, match="RateLimitError needs a response or a status_code"):
        RateLimitError("m")


# --- errors in the shapes of others ------------------------------------------------------------------------------

KEY = "sk-ant-secret-1234"


def asked(**headers: str) -> httpx.Response:
    request = httpx.Request("POST", REQUEST.url, headers={k.replace("_", "-"): v for k, v in headers.items()})
    return httpx.Response(401, request=request)


ECHOES: list[tuple[Any, Any]] = [
    (f"no such key: {KEY}", "no such key: ***"),
    ({"detail": f"Bearer {KEY}", KEY: [KEY, 5]}, {"detail": "Bearer ***", "***": ["***", 5]}),
    (f'data: {{"message": "{KEY}?"}}', {"message": "***?"}),
]


@pytest.mark.parametrize(("body", "shown"), ECHOES, ids=["text", "JSON", "an event"])
@pytest.mark.parametrize("headers", [{"x_api_key": KEY}, {"authorization": f"Bearer {KEY}"}], ids=["key", "token"])
def test_credentials_are_masked_in_what_a_gateway_quotes(body: Any, shown: Any, headers: dict[str, str]) -> None:
    error = status_error(401, body, response=asked(**headers))
    assert error.body == shown
    assert KEY not in str(error) + repr(error)
    assert ENDPOINT in str(error)
    assert "user" not in str(error)
    assert "beta" not in str(error)


def test_a_secret_of_a_few_letters_masks_no_words() -> None:
    assert status_error(401, "no key", response=asked(x_api_key="key", authorization=" ")).message == "no key"


def test_a_body_that_is_too_deep_to_mask_is_dropped() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    error = status_error(401, deep, response=asked(x_api_key=KEY))
    assert (error.message, error.body) == ("HTTP status 401", None)


NUMBERS: list[tuple[Any, int, type[APIStatusError]]] = [
    ({"object": "error", "message": "m", "type": "BadRequestError", "code": 400}, 400, BadRequestError),
    ({"error": {"message": "m", "code": 429}}, 429, RateLimitError),
    ({"error": {"message": "m", "type": "None", "code": "429"}}, 429, RateLimitError),
    ({"error": {"message": "m", "type": "api_error", "status": 529}}, 529, OverloadedError),
    ({"error": "m", "status_code": 404}, 404, NotFoundError),
    ({"message": "m", "status": 503}, 503, ServiceUnavailableError),
    ({"error": {"message": "m", "code": True}}, 500, InternalServerError),
    ({"error": {"message": "m", "code": 200}}, 500, InternalServerError),
    ({"error": {"message": "m", "code": "4290", "status": 600}}, 500, InternalServerError),
    ({"error": {"message": "m", "code": "rate_limited"}}, 500, InternalServerError),
    ({"message": "m"}, 500, InternalServerError),
    ({"detail": "m"}, 500, InternalServerError),
    ("m", 500, InternalServerError),
    ({"error": {"message": "m", "type": "tide_error"}}, 200, APIStatusError),
]


@pytest.mark.parametrize(("body", "status", "cls"), NUMBERS, ids=str)
def test_the_number_of_an_error_inside_a_200(body: Any, status: int, cls: type[APIStatusError]) -> None:
    error = event_error(body)
    assert (type(error), error.status_code, error.message) == (cls, status, "m")


SHAPES: list[tuple[dict[str, Any], bool]] = [
    ({"object": "error"}, True),
    ({"type": "overloaded_error"}, True),
    ({"type": "BadRequest", "message": "m", "code": 400}, True),
    ({"type": "error", "message": "m"}, True),
    ({"type": "error"}, False),
    ({"detail": "m"}, True),
    ({"error": {"message": "m"}}, True),
    ({"error": {}}, False),
    ({"code": 400}, False),
    ({"message": "m"}, False),
    ({"message": "m", "code": 1}, False),
    ({"type": "tide", "detail": "m"}, False),
    ({"type": ["tide"], "detail": "m"}, True),
    ({}, False),
]


@pytest.mark.parametrize(("body", "expected"), SHAPES, ids=str)
def test_what_has_the_shape_of_an_error(body: dict[str, Any], expected: bool) -> None:
    assert is_error(body) is expected
