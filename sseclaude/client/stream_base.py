"""What all streams share, blocking and async: properties, observers, and how a stream ends. No I/O.

Purpose: ``StreamBase``, the part of every stream that does no I/O; ``Observers``, the callbacks; ``Settings``.
Must not know: whether the stream is read by blocking or by awaiting; the classes in ``stream`` add that.
Rule: rare steps that wait (a retry, the callbacks, the end) are written once, as a generator of bound methods and their
arguments, which ``stream`` calls or awaits. An error has everything that is known when it is raised: the response, the
request id, the partial message, the progress. After a read that was broken off, every later read raises.

Source: PROTOCOL.md, "Derived events" and "How a stream ends".
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias

from ..assembler import State
from ..derived_events import MessageStreamEvent
from ..deviations import Deviation
from ..errors import AnthropicError, APIError, IncompleteStreamError
from ..message import Message, ParsedMessage, T
from ..reader import DONE, ShortStep, Step, StreamReader
from ..received import Received, Timing
from ..sse import DEFAULT_MAX_EVENT_BYTES
from .observers import Callback, Observable

if TYPE_CHECKING:
    import httpx

    from .rate_limits import RateLimit
    from .response_body import AsyncResponseBody, SyncResponseBody
    from .transport import Call

Flow: TypeAlias = "Generator[tuple[Any, ...], Any, Step | None]"
"""Yields functions with their arguments, and is sent what they return, or has thrown into it what they raise."""


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


def carry_out(flow: Flow) -> Step | None:
    """Run a flow: call each method that it yields, and return its result."""
    proceed: Callable[[Any], tuple[Any, ...]] = flow.send
    value: Any = None
    try:
        while True:
            function, *arguments = proceed(value)
            try:
                value, proceed = function(*arguments), flow.send
            except BaseException as failure:
                value, proceed = failure, flow.throw
    except StopIteration as stop:
        step: Step | None = stop.value
        return step


class StreamBase(Observable):
    """What all streams share, except for reading."""

    _body: SyncResponseBody | AsyncResponseBody
    _reader: StreamReader

    def __init__(self, call: Call, settings: Settings, observers: Observers | None = None) -> None:
        self._call = call
        self._settings = settings
        self._observers = observers if observers is not None else Observers()  # one that has none yet may get some
        self._built: list[MessageStreamEvent] | None = None  # the step's events, if an observer has seen them
        self._wants_events = self._observers.present
        self._delivered = False  # something has reached the caller: from here on nothing is retried
        self._over = False  # nothing more will come: read to the end, or failed
        self._closed = False
        self._error: APIError | None = None
        self._broken_off: APIError | None = None  # what every later read raises
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
        """What a lenient read accepted against the protocol: rule, event number, detail (PROTOCOL.md, "Deviations")."""
        return self._reader.assembler.deviations

    @property
    def rate_limits(self) -> dict[str, RateLimit]:
        """The rate limits in the response's headers, by their names (see ``rate_limits.RateLimit``)."""
        from .rate_limits import rate_limits

        return rate_limits(self.response.headers)

    @property
    def timing(self) -> Timing:
        """The stream's times so far."""
        return self._timing(self._reader.assembler.message)

    def _timing(self, message: Message | None) -> Timing:
        body = self._body
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
        """Build the steps' events from here on."""
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
        """Whether no event was delivered, and no content has begun that the caller waits for."""
        return not (self._delivered or self._closed or self._reader.assembler.content_begun)

    def _reopen(self, error: APIError) -> Any:
        """Send the request again, and return the body of the response."""
        raise AssertionError("the streams that read have it")

    def _retry(self, error: APIError) -> Flow:
        """Retry the request if the error is retryable and nothing was delivered; otherwise raise."""
        if self._end_at_cut(error):
            return None
        yield (partial(self._body.close, drain=False),)
        try:
            if not self._may_retry():
                raise error
            while (body := (yield self._reopen, error)) is None:
                pass  # cancelled, and now continued
            self._adopt(body)
        except APIError as last:
            self._over = True
            if self._closed:
                return None  # the caller closed it, and needs no error
            self._error = last
            for callback in self._observers.of(last):
                yield callback, last
            raise
        if self._closed:
            yield (self._body.close,)
        return None

    def _notify(self, step: ShortStep) -> Flow:
        """Call the observers for the events of a step, and return it in full."""
        self._built = built = self._made(step)
        try:
            for event in built:
                for callback in self._observers.of(event):
                    self._delivered = True
                    yield callback, event
        except GeneratorExit:  # the stream was dropped
            raise
        except BaseException as error:
            if not isinstance(error, Exception):
                self._break_off(error)
            self._closed = True
            self._call.stop()
            yield (self._body.close,)
            raise
        return self._reader.full(step, built[0]) if isinstance(step, str) else step  # type: ignore[arg-type]

    def _end(self) -> Flow:
        """End the stream: after a complete message free the connection, and check what came after it."""
        if not self._reader.done:
            self._break_off(None)
            return None
        try:
            rest = yield (self._body.drain,)
            self._over = True
            self._reader.look_behind(rest or b"")
        except APIError as error:
            yield from self._retry(self._add_context(error))
        return None

    def _end_at_cut(self, error: APIError) -> bool:
        """Take a broken connection for the end of the body, once: what had come says whether that is an error."""
        if self._cut is not None or self._body.ended or not isinstance(error, IncompleteStreamError):
            return False
        if self._reader.assembler.state is State.FAILED:  # by what came, as ``[DONE]`` too early: that was the verdict
            return False
        self._cut = error
        self._reader.end()
        return True

    def _break_off(self, cause: BaseException | None) -> None:
        """Let every later read raise IncompleteStreamError, for this one was broken off by a foreign exception.

        Not so where the next read goes on, nor after a complete message, an error or the caller's own ``close``.
        """
        resumes = isinstance(cause, self._body.resumes_after)
        if resumes or self._over or self._closed or self._reader.done:
            return
        self._over = True
        by = f" by {type(cause).__name__}" if cause is not None else ""
        self._broken_off = self._add_context(IncompleteStreamError(f"an earlier read of the stream was broken off{by}"))

    def _raise_if_broken_off(self) -> None:
        if self._broken_off is not None:
            raise self._broken_off

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
        error = self._reader.add_context(error)
        self._receive(error.partial_message)
        return error

    def _note_token(self, step: ShortStep) -> None:
        body, changes, _ = self._reader.full(step)
        if changes and body.get("type") == "content_block_delta":
            self._first_token_at = self._body.last_byte_at

    def _events(self, step: ShortStep) -> list[MessageStreamEvent]:
        """Return a step's events; built once, also if an observer has seen them."""
        if isinstance(step, str):
            return self._reader.likely.events(step)
        built, self._built = self._built, None
        return self._made(step) if built is None else built

    def _made(self, step: ShortStep) -> list[MessageStreamEvent]:
        """Make a step's events; the last one's message says how it came."""
        if self._reader.assembler.state is DONE:
            self._receive(self._reader.assembler.message)
        return self._reader.events(step)

    def _receive(self, message: Message | None) -> None:
        """Say on a message how it came."""
        if message is not None:
            message.received = Received(self.request_id, self.attempts, self._timing(message), self.deviations)

    def _texts(self, step: ShortStep) -> Sequence[str]:
        """Return the words of a step."""
        if isinstance(step, str):
            return (step,) if self._reader.likely.derived == "text" else ()
        return [piece for change, piece, _ in step[1] if change == "text"]

    def _result(self) -> Any:
        """Return the complete message. Raises the error that kept it from being complete."""
        if (error := self._broken_off or self._error) is not None:
            raise error
        message = self._reader.assembler.message
        if not self._reader.done or message is None:
            raise self._add_context(IncompleteStreamError("the stream was closed before the message ended"))
        self._receive(message)
        if isinstance(message, ParsedMessage):
            _ = message.parsed_output  # raises here, with the message, rather than at some later look
        return message


def _since(start: float, moment: float | None) -> float | None:
    return None if moment is None else moment - start


class MessageStreamBase(StreamBase, Generic[T]):
    """What both message streams have in addition."""

    @property
    def current_message_snapshot(self) -> ParsedMessage[T]:
        """The message as far as the last event that was returned. Raises AnthropicError before message_start."""
        message = self._reader.assembler.message
        if message is None:
            raise AnthropicError("there is no message yet: message_start has not come")
        self._receive(message)
        return message  # type: ignore[return-value]
