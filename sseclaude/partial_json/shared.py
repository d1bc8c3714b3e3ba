"""What the values of a growing JSON text share: containers that cannot be changed, and how open ones grow.

Purpose: a value may be read after each fragment, and each value that was read must stay as it was. To copy all that
has come at each read would be quadratic. So the values share what is nested in them; and since several readers have
it, none of them can change it: `SharedDict` and `SharedList` refuse. Must not know: JSON text, and how it is parsed.

Its rule: a container changes only while no reader has it.

Two copies take turns
---------------------
A container that is closed never changes. A large one that is open exists twice, as `latest` and as `older`. A read
adds to `older` what it lacks, returns it, and swaps the names.

    read    came    returned        latest    older    what `older` lacks
    1       1, 2    A: [1, 2]       A         (none)
    2       3       B: [1, 2, 3]    B         A        3
    3       4       A: [1, 2, 3, 4] A         B        4
    4       5       B: [1, .. 5]    B         A        5

So each item is added twice and nothing is copied, and the value that was read last is never touched: a loop that
says `seen = event.snapshot` still has it while it reads the next. But A, which read 3 extends, was returned by read 1.
If some reader has A still, it is left to them, and a copy of `latest` takes its turn.

Whether a reader has A, its reference count says, on the interpreters for which that is proven (see the end of the
file). A tracer or debugger that holds references only causes copies. On other interpreters each read copies.

Source: PROTOCOL.md, "Snapshots".
"""

from __future__ import annotations

import sys
from typing import Any, NoReturn

__all__ = ["NOTHING", "OpenDict", "OpenList", "SharedDict", "SharedList", "as_shared", "plain", "share_items"]


class SharedDict(dict[str, Any]):
    """A dict that several values share: it cannot be changed. It equals a plain one, and its copies are plain."""

    __slots__ = ()
    __copy__ = dict.copy

    def __deepcopy__(self, memo: object) -> dict[str, Any]:
        copy: dict[str, Any] = plain(self)
        return copy

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (), None, None, iter(self.items())


class SharedList(list[Any]):
    """A list that several values share: it cannot be changed. It equals a plain one, and its copies are plain."""

    __slots__ = ()
    __copy__ = list.copy

    def __deepcopy__(self, memo: object) -> list[Any]:
        copy: list[Any] = plain(self)
        return copy

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (), None, iter(self)


def _refuse(self: Any, *_: object, **__: object) -> NoReturn:
    kind = "dict" if isinstance(self, dict) else "list"
    raise TypeError(f"this {kind} is shared with other snapshots; copy.deepcopy() gives one that can be changed")


CHANGES: dict[type, tuple[str, ...]] = {
    SharedDict: ("__delitem__", "__ior__", "__setitem__", "clear", "pop", "popitem", "setdefault", "update"),
    SharedList: (
        "__delitem__", "__iadd__", "__imul__", "__setitem__", "append", "clear", "extend", "insert", "pop", "remove",
        "reverse", "sort",
    ),
}  # fmt: skip
"""The methods that would change a container."""

for _type, _names in CHANGES.items():
    for _name in _names:
        setattr(_type, _name, _refuse)


def as_shared(container: Any) -> SharedDict | SharedList:
    """Return what readers get of a dict or list that is closed, and in which every container is a shared one."""
    return SharedDict(container) if type(container) is dict else SharedList(container)


def share_items(value: Any) -> None:
    """Replace the containers in a value by shared ones, if it is a plain dict or list."""
    for slot, item in value.items() if type(value) is dict else enumerate(value) if type(value) is list else ():
        if type(item) is dict or type(item) is list:
            share_items(item)
            value[slot] = as_shared(item)


def plain(value: Any) -> Any:
    """Return a copy of a JSON value that shares no container with it; all are plain dicts and lists."""
    if not isinstance(value, dict | list):
        return value
    copy = value.copy()
    for slot, item in copy.items() if isinstance(copy, dict) else enumerate(copy):
        if isinstance(item, dict | list):
            copy[slot] = plain(item)
    return copy


NOTHING: Any = object()
"""Stands for the open item of a container that has none."""


class OpenDict:
    """A dict that is open, as readers see it."""

    __slots__ = ("_lacking", "_latest", "_older")

    def __init__(self) -> None:
        self._latest = SharedDict()
        self._older: Any = None
        self._lacking: dict[str, Any] = {}  # what `older` lacks

    def swap(self) -> None:
        """Make `older` the latest, or a copy of it if some reader has `older`. No reader has the latest then."""
        if getrefcount(self._older) == _OURS_ALONE:
            latest: SharedDict = self._older
            _update(latest, self._lacking)
        else:
            latest = SharedDict(self._latest)
        self._older, self._latest = self._latest, latest

    def add(self, came: dict[str, Any], slot: Any, item: Any) -> SharedDict:
        """Move what came since the last read into the latest, and return that, with the open item at its slot."""
        if item is not NOTHING:
            came[slot] = item
        _update(self._latest, came)
        self._lacking = came.copy()
        came.clear()
        return self._latest


class OpenList:
    """A list that is open, as readers see it."""

    __slots__ = ("_in_older", "_items", "_latest", "_older")

    def __init__(self) -> None:
        self._items: list[Any] = []  # those that are closed; one more is open, or none
        self._latest = SharedList()
        self._older: Any = None
        self._in_older = 0  # how many of the closed items `older` has; it lacks those after them

    def swap(self) -> None:
        """Make `older` the latest, or a new one if some reader has `older`; the open item is taken out."""
        items = self._items
        if getrefcount(self._older) == _OURS_ALONE:
            latest: SharedList = self._older
            if len(latest) > self._in_older:
                _pop(latest)
            if len(items) > self._in_older:
                _extend(latest, items[self._in_older :])
        else:
            latest = SharedList(items)
        self._older, self._latest, self._in_older = self._latest, latest, len(items)

    def add(self, came: list[Any], slot: Any, item: Any) -> SharedList:
        """Move what came since the last read into the latest, and return that, with the open item at its end."""
        latest = self._latest
        if came:
            self._items += came
            _extend(latest, came)
            came.clear()
        if item is not NOTHING:
            _append(latest, item)
        return latest


_update, _append, _extend, _pop = dict.update, list.append, list.extend, list.pop

PROVEN = {(3, 10), (3, 11), (3, 12), (3, 13)}
"""The versions of CPython whose reference counts are proven by the tests. 3.14 has references that do not count, as has
a build without the global interpreter lock."""

if sys.implementation.name == "cpython" and sys.version_info[:2] in PROVEN and "free-threading" not in sys.version:
    from sys import getrefcount

    _probe = OpenDict()
    _probe._older = SharedDict()
    _OURS_ALONE = getrefcount(_probe._older)
else:
    _OURS_ALONE = 1

    def getrefcount(_: Any, /) -> int:
        """Count nothing: some reader may have it."""
        return 0
