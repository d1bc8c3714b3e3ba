"""The journal: what was asked, without secrets, and how to wait for it."""

import threading

import pytest

from sseclaude.replay import Entry, Journal
from sseclaude.replay.journal import masked


def entry(path: str = "/") -> Entry:
    return Entry("GET", path, {}, None)


MASKS = [
    ("x-api-key", "sk-secret", "***"),
    ("authorization", "Bearer sk-secret", "Bearer ***"),
    ("authorization", "sk-secret", "***"),
    ("cookie", "session=secret", "***"),
    ("proxy-authorization", "Basic secret", "Basic ***"),
    ("anthropic-version", "2023-06-01", "2023-06-01"),
]


@pytest.mark.parametrize(("name", "value", "expected"), MASKS)
def test_secrets_are_masked(name: str, value: str, expected: str) -> None:
    assert masked({name: value}) == {name: expected}


def test_entries_are_a_sequence() -> None:
    journal = Journal()
    first, second = entry("/1"), entry("/2")
    journal.add(first)
    journal.add(second)
    assert len(journal) == 2
    assert journal[0] is first
    assert journal[-1] is second
    assert journal[1:] == [second]
    assert list(journal) == [first, second]
    assert repr(journal) == f"Journal([{first!r}, {second!r}])"


def test_waiting_ends_with_the_request() -> None:
    journal, coming = Journal(), entry()
    thread = threading.Thread(target=journal.add, args=[coming])
    thread.start()
    assert journal.wait_for(1) == [coming]
    thread.join()


def test_waiting_can_be_for_the_answers_end() -> None:
    journal, one, other = Journal(), entry("/1"), entry("/2")
    journal.add(one)
    journal.add(other)
    thread = threading.Thread(target=journal.finish, args=[other, "client left"])
    thread.start()
    assert journal.wait_for(1, ended=True) == [other]
    thread.join()
    assert other.ended == "client left"
    assert other.finished is not None
    assert other.finished >= other.started


@pytest.mark.parametrize(("ended", "reported"), [(False, "1 requests came"), (True, "0 answers ended")])
def test_waiting_in_vain_says_what_came(ended: bool, reported: str) -> None:
    journal = Journal()
    journal.add(entry())
    with pytest.raises(TimeoutError, match=reported + r" within 0 s, not 2"):
        journal.wait_for(2, 0, ended=ended)
