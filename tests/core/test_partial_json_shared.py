"""What the values of `PartialJSON` share: none that was read ever changes, and no reader changes another's."""

from __future__ import annotations

import copy
import json
import pickle
import runpy
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, TypeAdapter

from sseclaude import partial_json
from sseclaude.partial_json import MAX_DEPTH, PartialJSON, shared
from sseclaude.partial_json.shared import CHANGES, PROVEN, SharedDict, SharedList, plain
from tests.support.partial_reference import cut, cuts, foreign, parse, reference, same, texts, unhurried

COUNTED = shared.getrefcount is sys.getrefcount
"""Whether this interpreter counts references as the module needs it."""


@contextmanager
def settings_of_copies(small: int, *, counted: bool = True) -> Iterator[None]:
    """Let containers of more than ``small`` items take turns; ``counted``: with reference counts, if there are any."""
    alone = shared._OURS_ALONE if counted else -1
    with patch.object(partial_json, "_SMALL", small), patch.object(shared, "_OURS_ALONE", alone):
        yield


def containers(value: Any) -> Iterator[Any]:
    """Yield a value and all in it, if they are dicts or lists."""
    if isinstance(value, dict | list):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


def change(container: Any) -> None:
    """Change a container in three ways."""
    if isinstance(container, dict):
        container["added"] = 1
        container |= {"more": 2}
    else:
        container.append(1)
        container += [2]
    container.clear()


# --- values that were read, of any document, at any cut


@unhurried
@given(texts, cuts, st.data())
def test_values_that_are_kept_never_change(text: str, places: list[int], data: st.DataObject) -> None:
    """Some, all or none are kept, or only something in them; at the very end each is what its prefix describes."""
    kept: list[tuple[str, Any, Any]] = []  # prefix, value, an iterator of each container in it
    parts: list[tuple[Any, Any]] = []
    partial = PartialJSON()
    pieces = cut(text, places)
    share = data.draw(st.sampled_from([0, 1, 2, 3]))
    with settings_of_copies(data.draw(st.sampled_from([0, 1, 16])), counted=data.draw(st.booleans())):
        for piece, prefix in zip(pieces, accumulate(pieces), strict=True):
            partial.feed(piece)
            if not data.draw(st.booleans()):
                continue
            value = partial.value
            if data.draw(st.integers(1, 3)) <= share:
                kept.append((prefix, value, [iter(part) for part in containers(value)]))
            elif share and isinstance(value, dict | list) and value:
                part = data.draw(st.sampled_from([*containers(value)]))
                parts.append((part, copy.deepcopy(part)))
                del part
            del value
    for prefix, value, iterators in kept:
        expected = reference(prefix)[0]
        assert same(value, expected), prefix
        assert same([list(each) for each in iterators], [list(each) for each in containers(expected)])
    assert all(same(part, then) for part, then in parts)


@unhurried
@given(texts, cuts, foreign, st.data())
def test_a_reader_changes_only_what_is_theirs(text: str, places: list[int], wrong: str, data: st.DataObject) -> None:
    """The dict or list that was read may be changed; what is nested in it refuses. No other value is touched."""
    end = data.draw(st.integers(0, len(text)))
    text = text[:end] + wrong + text[end:]
    partial = PartialJSON()
    pieces = cut(text, places)
    others = []
    with settings_of_copies(data.draw(st.sampled_from([0, 16]))):
        for piece, prefix in zip(pieces, accumulate(pieces), strict=True):
            partial.feed(piece)
            others.append((prefix, partial.value))
            mine = partial.value
            for part in [*containers(mine)][1:]:
                with pytest.raises(TypeError, match=r"is shared with other snapshots; copy\.deepcopy"):
                    change(part)
            if isinstance(mine, dict | list):
                assert type(mine) in (dict, list)
                change(mine)
            others.append((prefix, partial.value))
    for prefix, value in others:
        assert same(value, reference(prefix)[0]), prefix


EQUAL_KEYS = [
    '{"x": {"a": 1, "b": [1], "a": {"c": 2, "c": "34"}, "b": "56", "d": {"e": "7"}, "b": [[8], "9"], "d": 0}, "x": {}}',
    '{"a": "12", "a": [3, {"b": "4", "b": {"c": []}, "b": 5}], "a": {"d": {}, "d": "6", "e": 7, "d": [8]}}',
    '[{"a": [1, 2], "b": 3, "a": "4"}, {"b": {}, "a": {"a": "5", "a": {"a": 6}}, "b": "7"}]',
]


@pytest.mark.parametrize("text", EQUAL_KEYS)
@pytest.mark.parametrize("small", [0, 1, 16])
@pytest.mark.parametrize("kept", [1, 2, 3, 7])
def test_a_replaced_value_shows_in_no_value_that_was_read_before(text: str, small: int, kept: int) -> None:
    partial, seen = PartialJSON(), []
    with settings_of_copies(small):
        for end, char in enumerate(text, 1):
            partial.feed(char)
            value = partial.value
            if end % kept == 0:
                seen.append((end, value))
            del value
    for end, value in seen:
        assert same(value, reference(text[:end])[0]), text[:end]


@unhurried
@given(texts, cuts)
def test_a_plain_copy_is_plain_and_shares_nothing(text: str, places: list[int]) -> None:
    for value in (parse(*cut(text, places), read=True).value, parse(text[:-1]).value):
        before = repr(value)
        for each in (plain(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
            assert same(each, value)
            for part in [*containers(each)][::-1]:
                assert type(part) in (dict, list)
                change(part)
        assert repr(value) == before


def test_a_second_read_returns_another_container_with_the_same_in_it() -> None:
    for text in ('{"a": [1, "x', '[{"a": 1}', '{"a": {"b": 1}}'):
        partial = parse(text)
        first, second = partial.value, partial.value
        assert first is not second
        assert same(first, second)
        assert [*containers(first)][1] is [*containers(second)][1]


def test_closed_parts_are_shared() -> None:
    partial = parse('{"x": [{"a": {"deep": [1]}}, {"b": {"c": ')
    first = partial.value["x"]
    partial.feed('1}, "d": "')
    second = partial.value["x"]
    assert first[0] is second[0]
    assert first[1] is not second[1]


def test_the_deepest_document_has_plain_copies() -> None:
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        partial = parse(*[opening] * MAX_DEPTH, read=True)
        value = partial.value
        assert same(copy.deepcopy(value), plain(value))
        assert same(pickle.loads(pickle.dumps(value)), plain(value))
        partial.feed(("1" if opening != "[" else "") + closing * MAX_DEPTH)
        assert json.dumps(partial.value) == json.dumps(plain(partial.value))
        assert partial.complete


# --- containers that cannot be changed

READING: dict[type, str] = {
    SharedDict: "__class_getitem__ __contains__ __copy__ __deepcopy__ __getitem__ __iter__ __len__ __or__ __reversed__ "
    "__ror__ copy fromkeys get items keys values",
    SharedList: "__add__ __class_getitem__ __contains__ __copy__ __deepcopy__ __getitem__ __iter__ __len__ __mul__ "
    "__reversed__ __rmul__ copy count index",
}
SAMPLES: dict[type, Any] = {SharedDict: SharedDict({"a": SharedList([1])}), SharedList: SharedList([3, SharedDict()])}
CALLS: dict[str, tuple[Any, ...]] = {
    "__setitem__": (0, 1), "__delitem__": (0,), "__ior__": ({"b": 2},), "__iadd__": ([2],), "__imul__": (2,),
    "append": (2,), "extend": ([2],), "insert": (0, 2), "remove": (3,), "setdefault": ("b", 2), "update": ({"b": 2},),
}  # fmt: skip
REFUSED = [(kind, name) for kind, names in CHANGES.items() for name in names]


@pytest.mark.parametrize("kind", CHANGES)
def test_every_method_either_reads_or_refuses(kind: type) -> None:
    class Other:
        __slots__ = ()

    assert set(dir(kind)) - {*dir(Other), "__orig_bases__"} == {*CHANGES[kind], *READING[kind].split()}
    assert not hasattr(SAMPLES[kind], "__dict__")


@pytest.mark.parametrize(("kind", "name"), REFUSED, ids=[f"{kind.__name__}.{name}" for kind, name in REFUSED])
def test_what_would_change_a_shared_container_is_refused(kind: type, name: str) -> None:
    sample = SAMPLES[kind]
    before = repr(sample)
    what = kind.__name__.removeprefix("Shared").lower()
    with pytest.raises(TypeError, match=rf"this {what} is shared with other snapshots; copy\.deepcopy"):
        getattr(sample, name)(*CALLS.get(name, ()))
    assert repr(sample) == before


def test_the_statements_that_change_are_refused() -> None:
    one: Any = parse('{"a": {"b": [1], "c": 2}}').value["a"]
    for statement in (
        "one['b'] = 1",
        "del one['b']",
        "one |= {}",
        "one['b'] += [2]",
        "one['b'][0] = 2",
        "one['b'] *= 2",
    ):
        with pytest.raises(TypeError, match="is shared"):
            exec(statement, {}, {"one": one})
    assert one == {"b": [1], "c": 2}


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=[kind.__name__ for kind in SAMPLES])
def test_shared_containers_are_as_plain_ones(sample: Any) -> None:
    same_but_plain = plain(sample)
    assert sample == same_but_plain
    assert isinstance(sample, type(same_but_plain))
    assert repr(sample) == repr(same_but_plain)
    assert json.dumps([sample], indent=1) == json.dumps([same_but_plain], indent=1)
    for made in (TypeAdapter(JsonValue).validate_python(sample), TypeAdapter(Any).dump_python(sample)):
        assert same(made, same_but_plain)
        assert {type(part) for part in containers(made)} <= {dict, list}
    assert TypeAdapter(Any).dump_json(sample) == TypeAdapter(Any).dump_json(same_but_plain)


COPIES: list[tuple[str, Callable[[Any], Any]]] = [
    ("copy", lambda one: one.copy()),
    ("copy.copy", copy.copy),
    ("its type", lambda one: dict(one) if isinstance(one, dict) else list(one)),
    ("with more", lambda one: one | {} if isinstance(one, dict) else one * 1),
    ("before it", lambda one: {} | one if isinstance(one, dict) else 1 * one),
    ("by display", lambda one: {**one} if isinstance(one, dict) else [*one]),
    ("by slice", lambda one: one.copy() if isinstance(one, dict) else one[:]),
]


@pytest.mark.parametrize("copied", [row[1] for row in COPIES], ids=[row[0] for row in COPIES])
@pytest.mark.parametrize("sample", SAMPLES.values(), ids=[kind.__name__ for kind in SAMPLES])
def test_shallow_copies_are_plain(sample: Any, copied: Callable[[Any], Any]) -> None:
    made = copied(sample)
    assert type(made) in (dict, list)
    assert made == sample
    made.clear()


# --- who has a container, and what is copied


class Copies:
    """Counts how often a shared list or dict is made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made = 0
        for name in ("SharedList", "SharedDict"):
            monkeypatch.setattr(shared, name, self._counting(getattr(shared, name)))

    def _counting(self, kind: type) -> Callable[..., Any]:
        def make(*arguments: Any) -> Any:
            self.made += 1
            return kind(*arguments)

        return make


MANY = "0, " * 20
LARGE = {
    "list": ('{"a": [0', ', "x', 'y"'),
    "list in a list": ('{"a": [[0', ', "x', 'y"'),
    "large list in a large list": (f'{{"a": [{MANY}[{MANY}0', ', "x', 'y"'),
    "dict": ('{"a": {"0": 0', ', "%d": "x', 'y"'),
    "dict in a list": ('{"a": [{"0": 0', ', "%d": "x', 'y"'),
}
"""How a document begins, and an item of it in two pieces."""
READS = 300


def grow(name: str, read: Callable[[Any], Any]) -> None:
    """Read each value of a document with a container that grows by an item in two reads."""
    begin, opens, closes = LARGE[name]
    partial = parse(begin)
    for number in range(READS):
        partial.feed(opens % (number + 1) if "%" in opens else opens)
        read(partial.value)
        partial.feed(closes)
        read(partial.value)


def drop(value: Any) -> None:
    """Keep nothing."""


class Last:
    """Keeps the last value, as a loop does that says ``seen = event.snapshot``."""

    seen: Any = None

    def __call__(self, value: Any) -> None:
        self.seen = value


class Inner:
    """Keeps nothing of the last values except the container within."""

    def __init__(self, many: int, part: Callable[[Any], Any]) -> None:
        self.many, self.part = many, part
        self.seen: list[Any] = []

    def __call__(self, value: Any) -> None:
        self.seen = [*self.seen, self.part(value["a"])][-self.many :]


@pytest.mark.skipif(not COUNTED, reason="each read copies on this interpreter")
@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("read", [drop, Last()], ids=["values dropped", "the last value kept"])
def test_a_large_container_is_not_copied_while_no_reader_has_the_older_copy(
    name: str, read: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = Copies(monkeypatch)
    grow(name, read)
    assert copies.made < READS / 5  # while it was small, and at the beginning


HELD: list[tuple[str, Callable[[Any], Any]]] = [
    ("container", lambda part: part),
    ("iterator", iter),
    ("view", lambda part: part.items() if isinstance(part, dict) else reversed(part)),
]


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("part", [row[1] for row in HELD], ids=[row[0] for row in HELD])
def test_a_container_that_a_reader_has_is_copied(
    name: str, part: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = Copies(monkeypatch)
    grow(name, Inner(2, part))
    assert copies.made > 1.9 * READS


@pytest.mark.parametrize("name", LARGE)
def test_without_reference_counts_each_read_copies(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = Copies(monkeypatch)
    with settings_of_copies(16, counted=False):
        grow(name, drop)
    assert copies.made > 1.9 * READS


def test_reference_counts_are_used_where_they_are_proven() -> None:
    """The tests above are the proof; a version that is to be added to the list has to pass them."""
    listed = sys.implementation.name == "cpython" and sys.version_info[:2] in PROVEN
    assert COUNTED is (listed and not sysconfig.get_config_var("Py_GIL_DISABLED"))
    if COUNTED:
        assert shared._OURS_ALONE == 2  # the attribute's, and the argument's


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", "3.13.0 experimental free-threading build (main)"),
        ("version_info", (3, 14, 0, "final", 0)),
        ("implementation", type(sys.implementation)(name="pypy")),
    ],
)
def test_elsewhere_no_count_says_that_a_container_is_free(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, name, value)
    module = runpy.run_path(shared.__file__)
    monkeypatch.undo()
    assert module["getrefcount"](object()) != module["_OURS_ALONE"]
    opened = module["OpenList"]()
    first = opened.add([1], -1, module["NOTHING"])
    seen = [first]
    for _ in range(3):
        opened.swap()
        seen.append(opened.add([2], -1, module["NOTHING"]))
    assert len({id(each) for each in seen}) == 4


def test_a_value_of_an_outer_container_keeps_what_is_in_it() -> None:
    """The outer list is left to nobody, the inner one to a reader, and then the other way round."""
    with settings_of_copies(0):
        for part in (lambda value: value["a"], lambda value: value["a"][-1], lambda value: value):
            partial, seen = parse('{"a": [[0'), []
            for number in range(1, 40):
                partial.feed(f", {number}")
                if number % 3:
                    kept = part(partial.value)
                    seen.append((kept, repr(kept)))
                    del kept
            assert all(repr(kept) == then for kept, then in seen)


def test_nothing_is_shared_before_there_is_a_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    copies = Copies(monkeypatch)
    monkeypatch.setattr(partial_json, "as_shared", lambda container: pytest.fail("nobody has read"))
    partial = parse()
    for number in range(100):
        partial.feed('{"a": [{"b": [1]}, ' if not number else f'{{"b": [{number}]}}, ')
        assert not partial.failed
    assert copies.made == 0


@pytest.mark.parametrize("first", range(1, 40, 7))
def test_a_first_read_at_any_time_shows_all(first: int) -> None:
    text = json.dumps({"a": [{"b": [[1], {"c": {"d": 2}}]} for _ in range(20)], "e": {"f": [[]]}})
    pieces = [text[at : at + 17] for at in range(0, len(text), 17)]
    partial = PartialJSON()
    for number, (piece, prefix) in enumerate(zip(pieces, accumulate(pieces), strict=True)):
        partial.feed(piece)
        if number >= first:
            value = partial.value
            assert same(value, reference(prefix)[0])
            assert all(type(part) in CHANGES for part in [*containers(value)][1:])
        else:
            assert not partial.failed
