"""JSON that arrives in fragments: the value of the text so far.

Purpose: a tool's input comes as fragments of JSON text. `PartialJSON` takes them and returns, at any moment,
the value of the text up to there.
Must not know: where the text comes from, what the value means, or anything else of this package: the folder
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
3.  Values share what is nested in them. A container that is closed never changes again, so all the values that
    are returned have the same one, which refuses to be changed. Only the open ones still change: they are put into
    the container around them when they close. A read makes a copy of each along the stack, with the copy of the
    one within. Large ones are not copied: two copies take turns (see `shared`). So do the copies of the open
    string. The outermost container belongs to the reader: it is a plain copy at each read.
4.  `feed` only stores the fragment; text is parsed when something is read. To read once at the end costs
    one pass over one long string, in which the regular expressions, and `json` itself for the innermost
    containers, work in C. Nothing is shared before the first read.

What is JSON: RFC 8259, to the letter. The value of a complete document equals
`json.loads(text)`, with its choices: the last of equal keys wins, a number beyond float is infinite, an
escaped surrogate that has no partner stays alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from .shared import NOTHING, OpenDict, OpenList, SharedDict, SharedList, as_shared, share_items

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
# A complete key without escapes, with the comma before it, the colon and the space that follow it.
_PLAIN_KEY = re.compile(r'(?:,[ \t\n\r]*)?"([^"\\\x00-\x1f]*)"[ \t\n\r]*:[ \t\n\r]*')
# What is settled of a string. The first half of a surrogate pair is, once what follows is valid and not the
# second half; the pair is, when it is whole.
_SETTLED = re.compile(
    rf"""(?: [^"\\\x00-\x1f\ud800-\udbff]+
        | \\ (?: ["\\/bfnrt] | u (?![dD][89abAB]) {_HEX}{{4}} )
        | \\ u[dD][89abAB]{_HEX}{{2}} (?= [^\\\x00-\x1f]
            | \\ (?: ["\\/bfnrt] | u (?: [0-9abcefABCEF] | [dD] (?: [0-9abAB] | [c-fC-F]{_HEX}{{2}} ) ) ) )
        | [\ud800-\udbff] (?= [^\x00-\x1f] )
        ){{0,1000}}""",  # not more, for each round takes memory
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
# The string behind a quotation mark, and where the text goes on behind its end.
_scan: Callable[[str, int], tuple[str, int]] = json.decoder.scanstring  # type: ignore[attr-defined]


_SMALL = 16  # items; a container that has no more is copied when it is read


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
        self._parsed = 0  # ... and how many of them were looked at
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
        self._older = self._lacking = ""  # what it was before its last piece, and that piece
        self._in_key = False

        # What readers get. In `_container` is only what came since the last read, if `_copies` has an entry for it.
        self._shown = False  # whether there are readers at all
        self._changed = False  # since the last read
        self._copies: dict[int, OpenDict | OpenList] = {}  # of the large containers that are open, by their depth
        self._top: Any = None  # the document, without its open item; ...
        self._top_slot: Any = None  # ... where that goes, ...
        self._top_item: Any = NOTHING  # ... and that

    def feed(self, fragment: str) -> None:
        """Take the next piece of the text, cut anywhere. Malformed text raises nothing: see `failed`.

        Raises ValueError after `close()`.
        """
        if self._closed:
            raise ValueError("this JSON text was closed; nothing can be added to it")
        self._came.append(fragment)

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

        It never changes, and each read returns another. If it is a dict or list, the caller may change it. The dicts
        and lists nested in it are shared with other values: they raise TypeError if they are to be changed, and
        `copy.deepcopy` gives plain ones.
        """
        self._advance()
        if self._changed:
            self._show()
        value, item = self._top, self._top_item
        if type(value) is dict:
            value = value.copy()
            if item is not NOTHING:
                value[self._top_slot] = item
        elif type(value) is list:
            value = value.copy()
            if item is not NOTHING:
                value.append(item)
        return value

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
        self._advance()
        self._came, self._parsed = ["".join(self._came)], 1
        return _pair_up(self._came[0])

    def _advance(self) -> None:
        """Parse what was fed since the last time."""
        new = len(self._came) - self._parsed
        if not new:
            return
        chunk = self._came[-1] if new == 1 else "".join(self._came[self._parsed :])
        self._parsed += new
        if self._half or not chunk.isascii():
            chunk = _pair_up(self._half + chunk)
            self._half = chunk[-1] if "\ud800" <= chunk[-1] <= "\udbff" else ""
        if self._expect is not _FAILED:
            self._parse(self._carry + chunk)

    def _parse(self, chunk: str) -> None:
        """Take step after step, until the chunk ends or no step fits."""
        if not self._changed:
            self._changed = True
            if self._copies:
                for copies in self._copies.values():
                    copies.swap()
        self._carry = ""
        pos = 0 if self._string is None else self._read_string(chunk, 0)
        end = len(chunk)
        while pos < end:
            step = self._expect.get(chunk[pos])
            if step is None:
                self._expect = _FAILED
                return
            pos = step(self, chunk, pos)

    def _show(self) -> None:
        """Make what has come ready for readers. Costs a shallow copy of each open container that is small."""
        if not self._shown:
            self._shown = True
            for container, *_ in self._outer[1:]:
                share_items(container)
            for container in [self._container] if self._outer else self._container:
                share_items(container)
        self._changed = False
        item = NOTHING if self._string is None or self._in_key else self._string
        came, slot = self._container, self._slot
        depth = len(self._outer)
        while depth > 1:
            if depth in self._copies:
                item = self._copies[depth].add(came, slot, item)
            elif len(came) > _SMALL:
                copies = OpenList() if slot == -1 else OpenDict()
                item = copies.add(came, slot, item)
                # The outer ones swap first: that takes their open item out, so that the inner one has no other owner.
                self._copies = dict(sorted([*self._copies.items(), (depth, copies)]))
            elif item is NOTHING:
                item = as_shared(came)
            elif slot == -1:
                item = SharedList((*came, item))
            else:
                came[slot] = item
                item = SharedDict(came)
            depth -= 1
            came, slot, _ = self._outer[depth]
        if depth == 0:
            came, item = came[0] if came else None if item is NOTHING else item, NOTHING
        self._top, self._top_slot, self._top_item = came, slot, item

    # The steps. Each is called with the chunk and the position of the character that the state's table has it
    # for, and returns the position of the next one that was not taken.

    def _skip_space(self, chunk: str, pos: int) -> int:
        return _SPACE.match(chunk, pos).end()  # type: ignore[union-attr]

    def _expect_value(self, chunk: str, pos: int) -> int:
        self._expect = _VALUE
        return pos + 1

    def _next_key(self, chunk: str, pos: int) -> int:
        plain = _PLAIN_KEY.match(chunk, pos)
        if plain is None:
            self._expect = _KEY
            return pos + 1
        self._slot = plain[1]
        self._expect = _VALUE
        return plain.end()

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
                value = _decode(flat[0])[0]
            except ValueError:
                pass  # a bracket was in a string, or it is not JSON: step by step shows how far it is
            else:
                self._put(as_shared(value) if self._shown and self._outer else value)
                return flat.end()
        self._outer.append((self._container, self._slot, self._after))
        self._container, self._slot, self._after = container, slot, after
        self._expect = expect
        return pos + 1

    def _close(self, chunk: str, pos: int) -> int:
        closed = self._container
        if self._shown and len(self._outer) > 1:
            copies = self._copies.pop(len(self._outer), None)
            closed = as_shared(closed) if copies is None else copies.add(closed, None, NOTHING)
        self._container, self._slot, self._after = self._outer.pop()
        self._put(closed)
        return pos + 1

    def _begin_key(self, chunk: str, pos: int) -> int:
        plain = _PLAIN_KEY.match(chunk, pos)
        if plain:
            self._slot = plain[1]
            self._expect = _VALUE
            return plain.end()
        self._in_key = True
        return self._read_string(chunk, pos + 1)

    def _begin_string(self, chunk: str, pos: int) -> int:
        self._in_key = False
        return self._read_string(chunk, pos + 1)

    def _read_string(self, chunk: str, pos: int) -> int:
        """Take what has come of the open string, and its end if that is there."""
        text = chunk if pos and chunk.find('"', pos) >= 0 else chunk + '"'
        try:
            piece, end = _scan(text, pos)
        except ValueError:
            return self._read_settled(chunk, pos)
        if end <= len(chunk):
            self._finish_string(piece)
            return end
        if not piece.isascii() and "\ud800" <= piece[-1] <= "\udbff":
            return self._read_settled(chunk, pos)
        self._grow_string(piece)
        return len(chunk)

    def _read_settled(self, chunk: str, pos: int) -> int:
        """Take what is settled of a string that does not end in this chunk, or is malformed."""
        end, settled_to = pos, -1
        while end != settled_to:
            settled_to = end
            end = _SETTLED.match(chunk, end).end()  # type: ignore[union-attr]
        settled = chunk[pos:end]
        piece = _decode(f'"{settled}"')[0] if "\\" in settled else settled
        self._grow_string(piece)
        if end == len(chunk):
            return end
        unsettled = _UNSETTLED.match(chunk, end)
        if unsettled is None:
            return self._fail(end)
        self._carry = unsettled[1] or ""
        return len(chunk)

    def _grow_string(self, piece: str) -> None:
        """Append to the open string; begin it if there is none.

        CPython extends a string in place if the local name is its only one. That is so here unless a reader has kept
        the string before the last: the last one may still be in use.
        """
        if self._string is None:
            self._string = self._older = self._lacking = ""
        string, self._older = self._older, self._string
        string += self._lacking + piece
        self._string, self._lacking = string, piece

    def _finish_string(self, piece: str) -> None:
        if self._string is not None:
            piece = self._string + piece
            self._string = None
            self._older = ""
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
_AFTER_MEMBER: _State = {**_BLANK, ",": PartialJSON._next_key, "}": PartialJSON._close}
