"""What all streams share: what they are asked, what they tell, and who looks on. No I/O.

Purpose: ``StreamBase``, the part of every stream that needs no waiting; ``Observers``, the callbacks; ``Settings``.
Must not know: whether it is read by blocking or by awaiting; the faces in ``stream`` add that, and nothing else.
Rule: an error leaves with all that is known: the response, the request's id, the partial message, how far it got.

Source: PROTOCOL.md, "Derived events" and "How a stream ends".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple

from ..assembler import State
from ..derived_events import MessageStreamEvent, events_of
from ..deviations import Deviation
from ..errors import AnthropicError, APIError, IncompleteStreamError
from ..message import ParsedMessage, T
from ..reader import Step, StreamReader
from ..received import Received, Timing
from ..sse import DEFAULT_MAX_EVENT_BYTES
from .observers import Callback, Observable
from .rate_limits import RateLimit, rate_limits

if TYPE_CHECKING:
    import httpx

    from .response_body import ResponseBody
    from .transport import Call


class Settings(NamedTuple):
    """How a stream is to be read."""

    strict: bool = False
    max_event_bytes: int = DEFAULT_MAX_EVENT_BYTES
    output_format: Any = None


class Observers:
    """Callbacks by event type; ``"event"`` stands for every event, ``"error"`` for the exception that ends a stream."""

    def __init__(self) -> None:
        self._callbacks: dict[str, list[Callback]] = {}
        self.present = False  # asked at every step

    def __bool__(self) -> bool:
        return self.present

    def add(self, event_type: str, callback: Callback) -> None:
        """Call ``callback(event)`` for every event of that type."""
        self._callbacks.setdefault(event_type, []).append(callback)
        self.present = True

    def of(self, event: Any) -> list[Callback]:
        """Return the callbacks that an event, or an exception, is for."""
        if isinstance(event, BaseException):
            return self._callbacks.get("error", [])
        named = self._callbacks.get(event.type, []) if event.type != "event" else []
        return [*self._callbacks.get("event", []), *named]


class StreamBase(Observable):
    """What all streams share: what they are asked, and everything that needs no waiting."""

    _body: ResponseBody
    _reader: StreamReader

    def __init__(self, call: Call, settings: Settings, observers: Observers | None = None) -> None:
        self._call = call
        self._settings = settings
        self._observers = observers if observers is not None else Observers()  # one that has none yet may get some
        self._built: list[MessageStreamEvent] | None = None  # the step's events, if an observer has seen them
        self._wants_events = self._observers.present
        self._delivered = False  # something was handed out: from here on nothing is retried
        self._over = False  # nothing more will come: read to the end, failed or closed
        self._closed = False
        self._error: APIError | None = None
        self._first_token_at: float | None = None
        self._cut: IncompleteStreamError | None = None  # the connection broke, and what had come is being judged

    @property
    def response(self) -> httpx.Response:
        """The ``httpx.Response`` that is being read: the last attempt's."""
        return self._body.response

    @property
    def request_id(self) -> str | None:
        """The server's name for the request, from the ``request-id`` header."""
        request_id: str | None = self.response.headers.get("request-id")
        return request_id

    @property
    def attempts(self) -> int:
        """How many requests were sent for this stream."""
        return self._call.retries.attempts

    @property
    def deviations(self) -> list[Deviation]:
        """What was forgiven: rule, event number, detail (PROTOCOL.md, "Deviations")."""
        return self._reader.assembler.deviations

    @property
    def rate_limits(self) -> dict[str, RateLimit]:
        """The limits that the response's headers tell, by their names (see ``rate_limits.RateLimit``)."""
        return rate_limits(self.response.headers)

    @property
    def timing(self) -> Timing:
        """What the stream has taken so far."""
        body, message = self._body, self._reader.assembler.message
        total = body.last_byte_at - body.sent_at if body.first_byte_at is not None else None
        written = body.last_byte_at - self._first_token_at if self._first_token_at is not None else 0.0
        tokens: object = message.usage.output_tokens if message is not None else 0  # or what came in its place
        return Timing(
            first_byte=_since(body.sent_at, body.first_byte_at),
            first_token=_since(body.sent_at, self._first_token_at),
            total=total,
            longest_gap=body.longest_gap,
            output_tokens_per_second=tokens / written if isinstance(tokens, int) and tokens and written > 0 else None,
        )

    def _observe(self, event_type: str, callback: Callback) -> None:
        self._observers.add(event_type, callback)
        self._look()

    def _look(self) -> None:
        """From here on events are looked at."""
        self._wants_events = self._reader.wants_events = True

    def _adopt(self, body: Any) -> None:
        """Begin to read a response, the first or that of another attempt."""
        self._body = body
        self._first_token_at = None
        self._cut = None
        self._reader = StreamReader(
            self._settings.strict,
            max_event_bytes=self._settings.max_event_bytes,
            content_type=body.response.headers.get("content-type"),
            output_format=self._settings.output_format,
            wants_events=self._wants_events,
        )

    def _may_retry(self) -> bool:
        """Whether nothing has been handed out, and nothing the caller waits for has begun."""
        return not (self._delivered or self._closed or self._reader.assembler.content_begun)

    def _judge_end(self, error: APIError) -> bool:
        """Whether a broken connection is yet to be judged: like a clean end, by what had come."""
        if self._cut is not None or self._body.ended or not isinstance(error, IncompleteStreamError):
            return False
        if self._reader.assembler.state is State.FAILED:  # by what came, as ``[DONE]`` too early: that was the verdict
            return False
        self._cut = error
        self._reader.end()
        return True

    def _may_read_in_bulk(self) -> bool:
        """Whether more steps may be taken in bulk: no observer, the first token's time is known, no retry is left."""
        return not (self._observers.present or self._closed or self._reader.done) and self._first_token_at is not None

    def _add_context(self, error: APIError) -> APIError:
        """Give an error what is known of the response and of how far it got."""
        if self._cut is not None and isinstance(error, IncompleteStreamError):
            error = self._cut  # which knows how the end came about
        error.request_id = error.request_id or self.request_id
        error.response = error.response or self.response
        error.attempts = self.attempts
        return self._reader.add_context(error)

    def _note_token(self, step: Step) -> None:
        if step[1] and step[0].get("type") == "content_block_delta":
            self._first_token_at = self._body.last_byte_at

    def _events(self, step: Step) -> list[MessageStreamEvent]:
        """Return a step's events; built once, also if an observer has seen them."""
        built, self._built = self._built, None
        return events_of(step) if built is None else built

    def _result(self) -> Any:
        """Return the whole message, or raise what kept it from being whole."""
        if self._error is not None:
            raise self._error
        message = self._reader.assembler.message
        if not self._reader.done or message is None:
            raise self._add_context(IncompleteStreamError("the stream was closed before the message ended"))
        message.received = Received(self.request_id, self.attempts, self.timing, self.deviations)
        if isinstance(message, ParsedMessage):
            _ = message.parsed_output  # raises here, with the message, rather than at some later look
        return message


def _since(start: float, moment: float | None) -> float | None:
    return None if moment is None else moment - start


class MessageStreamBase(StreamBase, Generic[T]):
    """What the message streams can be asked on the way."""

    @property
    def current_message_snapshot(self) -> ParsedMessage[T]:
        """The message as far as the last event that was handed out. Raises AnthropicError before message_start."""
        message = self._reader.assembler.message
        if message is None:
            raise AnthropicError("there is no message yet: message_start has not come")
        return message  # type: ignore[return-value]
