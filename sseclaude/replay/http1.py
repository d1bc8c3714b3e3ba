"""HTTP/1.1 on the server's side: from bytes to requests, and from steps to bytes.

Purpose: speak HTTP with h11, and break its rules where a script says so.
Must not know: sockets, time.
Rule: h11 reads every request and writes every answer that follows the standard; only the others are framed by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import h11

from . import script
from .choosing import ReceivedRequest
from .script import Done, Head, Headers, Interim, Raw, Send, Step, Steps

BadRequest = h11.RemoteProtocolError
ProtocolError = h11.ProtocolError


class Wire:
    """HTTP on one connection: it turns received bytes into requests, and steps into bytes."""

    def __init__(self) -> None:
        self._h11 = h11.Connection(h11.SERVER)
        self._head: h11.Request | None = None
        self._body: list[bytes] = []
        self._by_hand = False  # HTTP's rules are left: the connection cannot serve again
        self._length: Headers = ()

    def receive(self, data: bytes) -> None:
        """Take what has come; b"" is the client's end."""
        self._h11.receive_data(data)

    def next_request(self) -> ReceivedRequest | bytes | None:
        """A complete request; or bytes to send before more is read; or None at the end.

        Raises BadRequest for what is no HTTP.
        """
        while True:
            event = self._h11.next_event()
            if event is h11.NEED_DATA:
                return self._go_on()
            if isinstance(event, h11.Request):
                self._head, self._body = event, []
            elif isinstance(event, h11.Data):
                self._body.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage) and self._head is not None:
                return _request(self._head, b"".join(self._body))
            else:
                return None

    def _go_on(self) -> bytes:
        if not self._h11.they_are_waiting_for_100_continue:
            return b""
        return self._h11.send(h11.InformationalResponse(status_code=100, headers=[])) or b""

    def begin(self, steps: Steps) -> None:
        """Look ahead at an answer: one that is no stream and has an end tells its length."""
        ends = any(isinstance(step, Done) for step in steps)
        stream = script.is_event_stream(script.head(steps))
        self._length = () if stream or not ends else (("content-length", str(len(script.body(steps)))),)

    def encode(self, step: Step) -> bytes:
        """The bytes of one step; none for a wait or a cut."""
        encoder = ENCODERS.get(type(step))
        return encoder(self, step) if encoder else b""

    def next_cycle(self) -> bool:
        """Whether the connection can take another request; if so, it is ready for it."""
        if self._by_hand or self._h11.our_state is not h11.DONE or self._h11.their_state is not h11.DONE:
            return False
        self._h11.start_next_cycle()
        return True

    def _interim(self, step: Interim) -> bytes:
        return self._send(h11.InformationalResponse(status_code=step.status, headers=[]))

    def _answer(self, step: Head) -> bytes:
        if step.framing == "auto":
            headers = [*step.headers, *self._length]
            return self._send(h11.Response(status_code=step.status, headers=headers, reason=reason(step.status)))
        self._by_hand = True
        if step.framing == "close":
            return plain_head("HTTP/1.0", step.status, step.headers)
        return plain_head("HTTP/1.1", step.status, (*step.headers, ("content-length", str(step.framing))))

    def _data(self, step: Send) -> bytes:
        if self._by_hand:
            return step.data
        unwanted = self._head is not None and self._head.method == b"HEAD"
        return b"" if unwanted else self._send(h11.Data(data=step.data))

    def _raw(self, step: Raw) -> bytes:
        self._by_hand = True
        return step.data

    def _done(self, step: Done) -> bytes:
        return b"" if self._by_hand else self._send(h11.EndOfMessage())

    def _send(self, event: Any) -> bytes:
        return self._h11.send(event) or b""


ENCODERS: dict[type[Step], Callable[[Wire, Any], bytes]] = {
    Interim: Wire._interim,
    Head: Wire._answer,
    Send: Wire._data,
    Raw: Wire._raw,
    Done: Wire._done,
}


def _request(head: h11.Request, body: bytes) -> ReceivedRequest:
    headers: dict[str, str] = {}
    for raw_name, raw_value in head.headers:
        name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return ReceivedRequest(head.method.decode("ascii"), head.target.decode("ascii"), headers, body)


def reason(status: int) -> str:
    """The reason phrase of a status."""
    return REASONS.get(status, "Unknown")


REASONS = {status.value: status.phrase for status in HTTPStatus} | {529: "Overloaded"}


def plain_head(version: str, status: int, headers: Headers) -> bytes:
    """A response's head, written without h11; the connection is closed after the response."""
    lines = [f"{version} {status} {reason(status)}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join([*lines, "connection: close"]) + "\r\n\r\n").encode("latin-1")
