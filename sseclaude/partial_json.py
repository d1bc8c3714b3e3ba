"""JSON that arrives in fragments: the value of the text so far.

Purpose: a tool's input comes as fragments of JSON text. `PartialJSON` takes them and returns, at any moment,
the value of the text up to there.
Must not know: where the text comes from, what the value means, or anything else of this package: the file
needs only the standard library.
Rule: never guess. The value has everything that is finished, and the last string as far as it has come.

    text so far             value             why
    (nothing)               None              no value has begun
    {"a": 12                {}                the number may go on
    {"a": 12,               {"a": 12}         now it cannot
    {"a": 12, "b            {"a": 12}         a key without its value is not there
    {"a": 12, "b": "x       {"a": 12, "b": "x"}
    {"b": "x\\u12            {"b": "x"}        half an escape is not there
    [tru                    []                nor is half a literal
    [true                   [True]            nothing can follow that changes it

How such a parser works
-----------------------
1.  JSON needs a stack and a state. The stack holds the containers that are open: all of the nesting that
    can matter for what comes next. The state says what may come next. Here a state is a table from the
    next character to the step that takes it (see the end of the file); a character without a row
    cannot begin any valid continuation, and the text has failed.
2.  So every character is read once. A chunk of text may end within a token; the little that is not decided
    yet is carried into the next chunk: part of a literal, of an escape, of a surrogate pair, a short number.
    Tokens without bound are not carried. A string gives up at once what is settled of it; the digits of a
    long number are put aside, and a short stand-in is carried, which may be followed by just the same.
3.  The value is persistent: a container that is closed never changes again, so all the values that are
    returned share it. Only the open ones still change, and they are never returned: a read copies
    those along the stack, one level deep, and puts each copy into the copy of its parent.
4.  `feed` only stores the fragment; text is parsed when something is read. To read once at the end costs
    one pass over one long string, in which the regular expressions, and `json` itself for the innermost
    containers, work in C.

What is JSON: RFC 8259, to the letter. The value of a complete document equals
`json.loads(text)`, with its choices: the last of equal keys wins, a number beyond float is infinite, an
escaped surrogate that has no partner stays alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

__all__ = ["MAX_DEPTH", "PartialJSON"]

MAX_DEPTH = 200
"""Containers within containers. Deeper text has failed: pydantic stops there too."""

_HEX = "[0-9a-fA-F]"
_SPACE = re.compile(r"[ \t\n\r]*")
# Any prefix of a number, and any number. Group 1 makes it a float. It is whole when it ends in a digit.
_NUMBER = re.compile(r"-?(?:[1-9][0-9]*|0)(\.(?:[0-9]+(?:[eE][+-]?[0-9]*)?)?|[eE][+-]?[0-9]*)?|-")
_DIGITS = re.compile(r"([0-9])[0-9]*")
_LONG_NUMBER = 32  # characters; a shorter one is simply read again when more of it comes
_LITERALS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}
# A whole key without escapes, with the colon and the space that follow it.
_PLAIN_KEY = re.compile(r'"([^"\\\x00-\x1f]*)"[ \t\n\r]*:[ \t\n\r]*')
# What is settled of a string. The first half of a surrogate pair is, once what follows is valid and not the
# second half; the pair is, when it is whole.
_SETTLED = re.compile(
    rf"""(?: [^"\\\x00-\x1f\ud800-\udbff]+
        | \\ (?: ["\\/bfnrt] | u (?![dD][89abAB]) {_HEX}{{4}} )
        | \\ u[dD][89abAB]{_HEX}{{2}} (?= [^\\\x00-\x1f]
            | \\ (?: ["\\/bfnrt] | u (?: [0-9abcefABCEF] | [dD] (?: [0-9abAB] | [c-fC-F]{_HEX}{{2}} ) ) ) )
        | [\ud800-\udbff] (?= [^\x00-\x1f] )
        )*""",
    re.VERBOSE,
)
# What may be left of a string at the end of a chunk: a first half that waits, the beginning of an escape.
# Group 1 is to be carried; a first half that is not escaped comes back by itself.
_UNSETTLED = re.compile(rf"((?:\\u[dD][89abAB]{_HEX}{{2}})?(?:\\(?:u{_HEX}{{0,3}})?)?)\Z|[\ud800-\udbff]\Z")
# A container that holds no other, or looks like it.
_FLAT = re.compile(r"[\[{][^\[\]{}]*[\]}]")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_decode = json.JSONDecoder(parse_constant=_refuse).raw_decode
# The text behind a quotation mark up to the next, and where that is.
_unescape: Callable[[str, int], tuple[str, int]] = json.decoder.scanstring  # type: ignore[attr-defined]


_UNREAD: Any = object()


def _pair_up(text: str) -> str:
    """Join surrogates that stand side by side into the one character that they encode."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


class PartialJSON:
    """A JSON text that is still coming (PROTOCOL.md, "Partial JSON").

    >>> partial = PartialJSON()
    >>> partial.feed('{"city": "Par')
    >>> partial.value
    {'city': 'Par'}
    """

    def __init__(self) -> None:
        self._came: list[str] = []  # all fragments, ...
        self._fed: list[str] = []  # ... and those that were not looked at yet
        self._half = ""  # a first half of a surrogate pair, if that was at the very end of what was looked at
        self._carry = ""  # the beginning of a token, to be read again with what follows
        self._digits: list[str] = []  # what was put aside of a long number, ...
        self._stand_in = 0  # ... and how much of `_carry` stands in for it
        self._closed = False

        # The innermost open container, where in it the value goes that comes next, and the state after it. The
        # outermost is a list of our own whose one item is the document, so that the root is no special case.
        self._container: Any = []
        self._slot: Any = -1
        self._after: _State = _END
        self._outer: list[tuple[Any, Any, _State]] = []  # the same three of the containers around it
        self._expect: _State = _VALUE
        self._string: str | None = None  # the string that is open; it is not in its container yet
        self._in_key = False

        self._snapshot: Any = None  # the value that was read last, unless it has changed since: _UNREAD

    def feed(self, fragment: str) -> None:
        """Take the next piece of the text, cut anywhere. Malformed text raises nothing: see `failed`.

        Raises ValueError after `close()`.
        """
        if self._closed:
            raise ValueError("this JSON text was closed; nothing can be added to it")
        self._came.append(fragment)
        self._fed.append(fragment)

    def close(self) -> None:
        """The text ends here. A number at the root is finished by that; nothing else is. May be called twice."""
        self._advance()
        self._closed = True
        at_root = not self._outer and self._string is None
        if at_root and self._carry[-1:].isdigit():
            self._parse(self._carry + " ")

    @property
    def value(self) -> Any:
        """The value so far, as `json.loads` would give it; None before it begins.

        It will not change when more text comes. It may be changed by its owner, but what is finished in it is
        shared with the values that are read later.
        """
        self._advance()
        if self._snapshot is _UNREAD:
            self._snapshot = self._copy()
        return self._snapshot

    @property
    def complete(self) -> bool:
        """Whether a whole value has come, and nothing but white space after it."""
        self._advance()
        return self._expect is _END and self._string is None

    @property
    def failed(self) -> bool:
        """Whether nothing that could follow would make this JSON. `value` then stays what it was before.

        True also for nesting beyond MAX_DEPTH, and for an integer of more digits than Python converts (see
        `sys.set_int_max_str_digits`; `json.loads` refuses it too).
        """
        self._advance()
        return self._expect is _FAILED

    @property
    def text(self) -> str:
        """All that was fed."""
        self._came[:] = ["".join(self._came)]
        return _pair_up(self._came[0])

    def _advance(self) -> None:
        """Parse what was fed since the last time."""
        if not self._fed:
            return
        chunk = self._half + "".join(self._fed)
        self._fed.clear()
        if not chunk.isascii():
            chunk = _pair_up(chunk)
            self._half = chunk[-1] if "\ud800" <= chunk[-1] <= "\udbff" else ""
        if self._expect is not _FAILED:
            self._parse(self._carry + chunk)

    def _parse(self, chunk: str) -> None:
        """Take step after step, until the chunk ends or no step fits."""
        self._snapshot = _UNREAD  # let go of the old one: the open string can grow in place then
        self._carry = ""
        pos = 0 if self._string is None else self._read_string(chunk, 0)
        end = len(chunk)
        while pos < end:
            step = self._expect.get(chunk[pos])
            if step is None:
                self._expect = _FAILED
                return
            pos = step(self, chunk, pos)

    def _copy(self) -> Any:
        """The value so far. Costs a shallow copy of each open container."""
        inner = self._container.copy()
        if self._string is not None and not self._in_key:
            if self._slot == -1:
                inner.append(self._string)
            else:
                inner[self._slot] = self._string
        if not self._outer:
            return inner[0] if inner else None
        for container, slot, _ in self._outer[:0:-1]:  # all but the list of our own
            copy = container.copy()
            copy[slot] = inner
            inner = copy
        return inner

    # The steps. Each is called with the chunk and the position of the character that the state's table has it
    # for, and returns the position of the next one that was not taken.

    def _skip_space(self, chunk: str, pos: int) -> int:
        return _SPACE.match(chunk, pos).end()  # type: ignore[union-attr]

    def _expect_value(self, chunk: str, pos: int) -> int:
        self._expect = _VALUE
        return pos + 1

    def _expect_key(self, chunk: str, pos: int) -> int:
        self._expect = _KEY
        return pos + 1

    def _open_array(self, chunk: str, pos: int) -> int:
        return self._open([], -1, _FIRST_ITEM, _AFTER_ITEM, chunk, pos)

    def _open_object(self, chunk: str, pos: int) -> int:
        return self._open({}, None, _FIRST_KEY, _AFTER_MEMBER, chunk, pos)

    def _open(self, container: Any, slot: Any, expect: _State, after: _State, chunk: str, pos: int) -> int:
        if len(self._outer) == MAX_DEPTH:
            return self._fail(pos)
        flat = _FLAT.match(chunk, pos)
        if flat:
            try:
                self._put(_decode(flat[0])[0])
                return flat.end()
            except ValueError:
                pass  # a bracket was in a string, or it is not JSON: step by step shows how far it is
        self._put(container)
        self._outer.append((self._container, self._slot, self._after))
        self._container, self._slot, self._after = container, slot, after
        self._expect = expect
        return pos + 1

    def _close(self, chunk: str, pos: int) -> int:
        self._container, self._slot, self._after = self._outer.pop()
        self._expect = self._after
        return pos + 1

    def _begin_key(self, chunk: str, pos: int) -> int:
        plain = _PLAIN_KEY.match(chunk, pos)
        if plain:
            self._slot = plain[1]
            self._expect = _VALUE
            return plain.end()
        self._in_key = True
        self._string = ""
        return self._read_string(chunk, pos + 1)

    def _begin_string(self, chunk: str, pos: int) -> int:
        self._in_key = False
        self._string = ""
        return self._read_string(chunk, pos + 1)

    def _read_string(self, chunk: str, pos: int) -> int:
        """Take what has come of the open string, and its end if that is there."""
        end = chunk.find('"', pos)
        piece = chunk[pos:] if end < 0 else chunk[pos:end]
        if not piece.isprintable():
            return self._read_settled(chunk, pos)
        if "\\" in piece:
            if "\\u" in piece or piece[-1] == "\\" or not piece.isascii():
                return self._read_settled(chunk, pos)
            try:
                piece = _unescape(piece + '"', 0)[0]
            except ValueError:
                return self._read_settled(chunk, pos)
        if end < 0:
            self._grow_string(piece)
            return len(chunk)
        self._finish_string(piece)
        return end + 1

    def _read_settled(self, chunk: str, pos: int) -> int:
        """Do the same where there are escapes, or what is not to be printed: control characters, surrogates."""
        end = _SETTLED.match(chunk, pos).end()  # type: ignore[union-attr]
        settled = chunk[pos:end]
        piece = _decode(f'"{settled}"')[0] if "\\" in settled else settled
        if chunk.startswith('"', end):
            self._finish_string(piece)
            return end + 1
        self._grow_string(piece)
        if end == len(chunk):
            return end
        unsettled = _UNSETTLED.match(chunk, end)
        if unsettled is None:
            return self._fail(end)
        self._carry = unsettled[1] or ""
        return len(chunk)

    def _grow_string(self, piece: str) -> None:
        # If nobody kept the string that was read before, the local name is its only one, and CPython appends to
        # such a string in place.
        string, self._string = self._string or "", None
        string += piece
        self._string = string

    def _finish_string(self, piece: str) -> None:
        if self._string:
            piece = self._string + piece
        self._string = None
        if self._in_key:
            self._slot = piece
            self._expect = _COLON
        else:
            self._put(piece)

    def _number(self, chunk: str, pos: int) -> int:
        match: Any = _NUMBER.match(chunk, pos)
        text: str = match[0]
        end: int = match.end()
        if end == len(chunk):
            self._carry = text if len(text) < _LONG_NUMBER else self._abridge(text)
            return end
        if chunk[end] not in self._after or not text[-1].isdigit():
            return self._fail(end)
        if self._digits:
            text = "".join(self._digits) + text[self._stand_in :]
            self._digits.clear()
            self._stand_in = 0
        try:
            self._put(float(text) if match[1] else int(text))
        except ValueError:  # more digits than Python makes an integer of
            return self._fail(end)
        return end

    def _abridge(self, text: str) -> str:
        """Put the digits of an open number aside, and return what may be followed by the same: a digit of each run."""
        self._digits.append(text[self._stand_in :])
        short = _DIGITS.sub(r"\1", text)
        self._stand_in = len(short)
        return short

    def _literal(self, chunk: str, pos: int) -> int:
        word, value = _LITERALS[chunk[pos]]
        if chunk.startswith(word, pos):
            self._put(value)
            return pos + len(word)
        if word.startswith(chunk[pos:]):
            self._carry = chunk[pos:]
            return len(chunk)
        return self._fail(pos)

    def _put(self, value: Any) -> None:
        """Place a value that begins, or is whole, where it belongs."""
        if self._slot == -1:
            self._container.append(value)
        else:
            self._container[self._slot] = value
        self._expect = self._after

    def _fail(self, pos: int) -> int:
        self._expect = _FAILED
        return pos


_Step = Callable[[PartialJSON, str, int], int]
_State = dict[str, _Step]

_BLANK: _State = dict.fromkeys(" \t\n\r", PartialJSON._skip_space)
_FAILED: _State = {}
_END: _State = {**_BLANK}
_VALUE: _State = {
    **_BLANK,
    **dict.fromkeys("-0123456789", PartialJSON._number),
    **dict.fromkeys(_LITERALS, PartialJSON._literal),
    '"': PartialJSON._begin_string,
    "[": PartialJSON._open_array,
    "{": PartialJSON._open_object,
}
_FIRST_ITEM: _State = {**_VALUE, "]": PartialJSON._close}
_AFTER_ITEM: _State = {**_BLANK, ",": PartialJSON._expect_value, "]": PartialJSON._close}
_KEY: _State = {**_BLANK, '"': PartialJSON._begin_key}
_FIRST_KEY: _State = {**_KEY, "}": PartialJSON._close}
_COLON: _State = {**_BLANK, ":": PartialJSON._expect_value}
_AFTER_MEMBER: _State = {**_BLANK, ",": PartialJSON._expect_key, "}": PartialJSON._close}
