"""The streams that a caller iterates, blocking and async.

Purpose: ``Stream`` and ``AsyncStream`` yield the wire's events; ``MessageStream`` and ``AsyncMessageStream`` yield them
with the derived events, and return the text and the final message. All four observe, retry and close alike.
Must not know: httpx, or how bytes are read; a body gives chunks, and the reader turns them into steps.
Rule: one step at a time, taken when the caller needs it. Only code that awaits is written twice.

All reading goes through ``SyncStreamBase._short_step``, or ``AsyncStreamBase._short_step``, which awaits; a cancelled
read is continued by the next call. Their subclasses only choose what to yield. Rare steps are in ``stream_base``.

Source: PROTOCOL.md, "Derived events", "How a stream ends" and "Retries".
"""

# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from inspect import isawaitable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, cast

from typing_extensions import Self, TypeVar

from ..blocks import AwaitableValue
from ..derived_events import MessageStreamEvent
from ..errors import AnthropicError, APIError
from ..events import RawMessageStreamEvent
from ..message import ParsedMessage, T
from ..reader import DONE, ShortStep, Step
from .event_loop import shielded, start_task
from .needs_with import NeedsWith
from .observers import Callback, Observable
from .stream_base import Flow, MessageStreamBase, Observers, Settings, StreamBase, carry_out
from .wire_events import HasAsyncWireEvents, HasWireEvents

if TYPE_CHECKING:
    from .response_body import AsyncResponseBody, SyncResponseBody
    from .transport import AsyncTransport, Call, SyncTransport

E = TypeVar("E", default=RawMessageStreamEvent)
"""The events of a stream."""


# --- sync ----------------------------------------------------------------------------------------------------------


class SyncStreamBase(StreamBase):
    """The loop, blocking."""

    _body: SyncResponseBody

    def __init__(
        self, transport: SyncTransport, call: Call, settings: Settings, observers: Observers | None = None
    ) -> None:
        super().__init__(call, settings, observers)
        self._transport = transport
        self._adopt(transport.open(call))

    def _step(self) -> Step | None:
        """Take the next step, reading and retrying as needed; None when nothing more will come."""
        step = self._short_step()
        return None if step is None else self._reader.full(step)

    def _short_step(self) -> ShortStep | None:
        """Take the next step as ``_step`` does; one of a likely event is its text, which saves making the rest."""
        try:
            while not (self._over or self._closed):
                try:
                    step = self._read_step()
                except APIError as error:
                    carry_out(self._retry(self._add_context(error)))
                    continue
                if step is None:
                    carry_out(self._end())
                    break
                if self._first_token_at is None:
                    self._note_token(step)
                return carry_out(self._notify(step)) if self._observers.present else step
        except AnthropicError:
            raise
        except BaseException as failure:
            self._break_off(failure)
            raise
        self._raise_if_broken_off()
        return None

    def _read_step(self) -> ShortStep | None:
        reader = self._reader
        if reader.assembler.state is DONE:
            return None
        while not (reader.frames or reader.ended):
            chunk = self._body.read()
            if chunk is not None:
                if (text := reader.likely.take(chunk)) is not None:
                    return text
                reader.feed(chunk)
            elif self._body.ended:
                reader.end()
            else:  # closed, or an earlier read was broken off
                return None
        return reader.short_step()

    def _reopen(self, error: APIError) -> SyncResponseBody:
        return self._transport.open(self._call, error)

    def _run(self) -> None:
        """Take all steps to the end, in bulk where nothing looks at them."""
        while self._short_step() is not None:
            if self._may_read_in_bulk():
                self._skim()

    def _skim(self) -> None:
        """Take steps in bulk, up to the message's end or the body's."""
        reader = self._reader
        try:
            more = reader.skim()
            while more and (chunk := self._body.read(reader.likely.take)) is not None:
                reader.feed(chunk)
                more = reader.skim()
        except APIError as error:
            carry_out(self._retry(self._add_context(error)))
        except AnthropicError:
            raise
        except BaseException as failure:
            self._break_off(failure)
            raise

    def until_done(self) -> None:
        """Read the stream to its end. Raises what ends it early."""
        self._run()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Stop reading and free the connection; at any time, from any thread, any number of times."""
        self._closed = True
        self._call.stop()
        self._body.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class Stream(SyncStreamBase, Generic[E]):
    """The wire's events of one answer, as ``messages.create(stream=True)`` returns them."""

    def __iter__(self) -> Iterator[E]:
        self._look()
        while (step := self._short_step()) is not None:
            if (event := self._reader.wire_event(step)) is not None:
                self._delivered = True
                yield event  # type: ignore[misc]

    def __next__(self) -> E:
        """Return the next event of the wire; raises what ends the stream early."""
        return next(iter(self))


class MessageStream(HasWireEvents, MessageStreamBase[T], SyncStreamBase):
    """One answer as it comes: iterate its events, or its ``text_stream``, or ask for the final message."""

    def __init__(
        self, transport: SyncTransport, call: Call, settings: Settings, observers: Observers | None = None
    ) -> None:
        self._queue: deque[MessageStreamEvent] = deque()
        super().__init__(transport, call, settings, observers)

    def __iter__(self) -> Iterator[MessageStreamEvent]:
        self._look()
        queue = self._queue
        while True:
            while queue and not self._closed:
                self._delivered = True
                yield queue.popleft()
            if (step := self._short_step()) is None:
                return
            queue.extend(self._events(step))

    def __next__(self) -> MessageStreamEvent:
        """Return the next event; raises what ends the stream early."""
        return next(iter(self))

    @property
    def text_stream(self) -> Iterator[str]:
        """The words, piece by piece, in whole characters."""
        while self._queue and not self._closed:
            if (event := self._queue.popleft()).type == "text":
                yield event.text
        while (step := self._short_step()) is not None:
            for text in self._texts(step):
                if not self._closed:
                    self._delivered = True
                    yield text

    def get_final_message(self) -> ParsedMessage[T]:
        """Read to the end and return the whole message. Raises what ends it early, with the partial message."""
        self._run()
        message: ParsedMessage[T] = self._result()
        return message

    def get_final_text(self) -> str:
        """Read to the end and return all the words."""
        return self.get_final_message().text


class MessageStreamManager(Observable, NeedsWith, Generic[T]):
    """What ``messages.stream()`` returns: ``with`` sends the request and gives the stream."""

    _gives = MessageStream

    def __init__(self, start: Callable[[Observers], MessageStream[T]]) -> None:
        self._start = start
        self._observers = Observers()
        self._stream: MessageStream[T] | None = None

    def _observe(self, event_type: str, callback: Callback) -> None:
        self._observers.add(event_type, callback)

    def __enter__(self) -> MessageStream[T]:
        self._stream = self._start(self._observers)
        return self._stream

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._stream is not None:
            self._stream.close()


# --- async ---------------------------------------------------------------------------------------------------------


class AsyncStreamBase(AwaitableValue, StreamBase):
    """The loop, awaiting."""

    _body: AsyncResponseBody

    def __init__(
        self, transport: AsyncTransport, call: Call, settings: Settings, observers: Observers | None = None
    ) -> None:
        super().__init__(call, settings, observers)
        self._transport = transport
        self._flow: Flow | None = None  # one that was cancelled, and goes on at the next step
        self._opening: Any = None  # the task that sends the request again

    async def _open(self) -> Self:
        self._adopt(await self._transport.open(self._call))
        return self

    async def _short_step(self) -> ShortStep | None:
        """Take the next step, reading and retrying as needed; None when nothing more will come.

        One of a likely event is its text, which saves making the rest.
        """
        try:
            while not (self._over or self._closed):
                if self._flow is not None:
                    if (continued := await self._carry_out(self._flow)) is not None:
                        return continued
                    continue
                try:
                    step = await self._read_step()
                except APIError as error:
                    await self._carry_out(self._retry(self._add_context(error)))
                    continue
                if step is None:
                    await self._carry_out(self._end())
                    break
                if self._first_token_at is None:
                    self._note_token(step)
                return await self._carry_out(self._notify(step)) if self._observers.present else step
        except AnthropicError:
            raise
        except BaseException as failure:
            self._break_off(failure)
            raise
        self._raise_if_broken_off()
        return None

    async def _read_step(self) -> ShortStep | None:
        reader = self._reader
        if reader.assembler.state is DONE:
            return None
        while not (reader.frames or reader.ended):
            chunk = await self._body.read()
            if chunk is not None:
                if (text := reader.likely.take(chunk)) is not None:
                    return text
                reader.feed(chunk)
            elif self._body.ended:
                reader.end()
            else:  # closed, or an earlier read was broken off
                return None
        return reader.short_step()

    async def _carry_out(self, flow: Flow) -> Step | None:
        """Call what a flow yields, await it if need be, and return what the flow returns.

        A flow that is cancelled where reading can go on does so at the next step.
        """
        proceed: Callable[[Any], tuple[Any, ...]] = flow.send
        value: Any = None
        self._flow = None
        try:
            while True:
                function, *arguments = proceed(value)
                try:
                    value, proceed = function(*arguments), flow.send
                    if isawaitable(value):
                        value = await value
                except self._body.resumes_after:
                    self._flow = flow
                    raise
                except BaseException as failure:
                    value, proceed = failure, flow.throw
        except StopIteration as stop:
            return cast("Step | None", stop.value)

    async def _reopen(self, error: APIError) -> AsyncResponseBody:
        """Send the request again; where reading can go on, in a task, which a cancelled read leaves running."""
        if not self._body.resumes_after:
            return await self._transport.open(self._call, error)
        if self._opening is None:
            self._opening = start_task(self._transport.open(self._call, error))
        try:
            body: AsyncResponseBody = await shielded(self._opening)
        except self._body.resumes_after:
            raise  # the next read awaits the task, perhaps one that has just ended
        except BaseException:
            self._opening = None
            raise
        self._opening = None
        return body

    async def _run(self) -> None:
        """Take all steps to the end, in bulk where nothing looks at them."""
        while await self._short_step() is not None:
            if self._may_read_in_bulk():
                await self._skim()

    async def _skim(self) -> None:
        """Take steps in bulk, up to the message's end or the body's."""
        reader = self._reader
        try:
            more = reader.skim()
            while more and (chunk := await self._body.read(reader.likely.take)) is not None:
                reader.feed(chunk)
                more = reader.skim()
        except APIError as error:
            await self._carry_out(self._retry(self._add_context(error)))
        except AnthropicError:
            raise
        except BaseException as failure:
            self._break_off(failure)
            raise

    async def until_done(self) -> None:
        """Read the stream to its end. Raises what ends it early."""
        await self._run()
        if self._error is not None:
            raise self._error

    async def close(self) -> None:
        """Stop reading and free the connection; at any time, from any task, any number of times."""
        self._closed = True
        self._call.stop()
        if self._flow is not None and self._opening is not None:  # no read waits for it
            with suppress(AnthropicError):
                await (await self._opening).close()
        await self._body.close()

    async def aclose(self) -> None:
        """Do what ``close`` does."""
        await self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()


class AsyncStream(AsyncStreamBase, Generic[E]):
    """The wire's events of one answer, as ``messages.create(stream=True)`` returns them."""

    def __aiter__(self) -> AsyncIterator[E]:
        self._look()
        return self

    async def __anext__(self) -> E:
        """Return the next event of the wire; raises what ends the stream early."""
        while (step := await self._short_step()) is not None:
            if (event := self._reader.wire_event(step)) is not None:
                self._delivered = True
                return event  # type: ignore[return-value]
        raise StopAsyncIteration


class AsyncMessageStream(HasAsyncWireEvents, MessageStreamBase[T], AsyncStreamBase):
    """One answer as it comes: iterate its events, or its ``text_stream``, or ask for the final message."""

    def __init__(
        self, transport: AsyncTransport, call: Call, settings: Settings, observers: Observers | None = None
    ) -> None:
        super().__init__(transport, call, settings, observers)
        self._queue: deque[MessageStreamEvent] = deque()

    def __aiter__(self) -> AsyncIterator[MessageStreamEvent]:
        self._look()
        return self

    async def __anext__(self) -> MessageStreamEvent:
        """Return the next event; raises what ends the stream early."""
        while self._closed or not self._queue:
            step = await self._short_step()
            if step is None:
                raise StopAsyncIteration
            self._queue.extend(self._events(step))
        self._delivered = True
        return self._queue.popleft()

    @property
    def text_stream(self) -> AsyncIterator[str]:
        """The words, piece by piece, in whole characters."""
        return _AsyncTexts(self)

    async def get_final_message(self) -> ParsedMessage[T]:
        """Read to the end and return the whole message. Raises what ends it early, with the partial message."""
        await self._run()
        message: ParsedMessage[T] = self._result()
        return message

    async def get_final_text(self) -> str:
        """Read to the end and return all the words."""
        return (await self.get_final_message()).text


class _AsyncTexts:
    """The async text stream. A class, for a generator left in the middle would have to be closed by somebody."""

    def __init__(self, stream: AsyncMessageStream[Any]) -> None:
        self._stream = stream
        self._pieces: deque[str] = deque()

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        stream = self._stream
        while stream._queue and not stream._closed:
            if (event := stream._queue.popleft()).type == "text":
                return event.text
        while stream._closed or not self._pieces:
            step = await stream._short_step()
            if step is None:
                raise StopAsyncIteration
            self._pieces.extend(stream._texts(step))
        stream._delivered = True
        return self._pieces.popleft()


class AsyncMessageStreamManager(Observable, NeedsWith, Generic[T]):
    """What the async ``messages.stream()`` returns: ``async with`` sends the request and gives the stream."""

    _gives, _statement = AsyncMessageStream, "async with"

    def __init__(self, start: Callable[[Observers], Awaitable[AsyncMessageStream[T]]]) -> None:
        self._start = start
        self._observers = Observers()
        self._stream: AsyncMessageStream[T] | None = None

    def _observe(self, event_type: str, callback: Callback) -> None:
        self._observers.add(event_type, callback)

    async def __aenter__(self) -> AsyncMessageStream[T]:
        self._stream = await self._start(self._observers)
        return self._stream

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._stream is not None:
            await self._stream.close()
