"""The replay kit's own names."""

import subprocess
import sys

import pytest

from sseclaude import replay
from sseclaude.replay.faults import Fault
from sseclaude.replay.script import Done


def test_every_public_name_is_there() -> None:
    assert dir(replay) == replay.__all__ == sorted(replay.__all__)
    for name in replay.__all__:
        assert getattr(replay, name) is not None


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match=r"'sseclaude\.replay' has no attribute 'Replayer'"):
        replay.Replayer  # noqa: B018


def test_record_is_the_function_however_often_it_is_asked_for() -> None:
    for _ in range(2):
        assert callable(replay.record)


LIGHT = """
import sys
from sseclaude.replay import ReplayServer, Status
assert "httpx" not in sys.modules
"""


def test_the_server_needs_no_httpx() -> None:
    subprocess.run([sys.executable, "-c", LIGHT], check=True, timeout=60)


def test_a_fault_of_ones_own_starts_from_one_that_does_nothing() -> None:
    assert Fault().apply([Done()]) == [Done()]
