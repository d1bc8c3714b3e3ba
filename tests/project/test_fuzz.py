"""The fuzzer's finds, and a second of fuzzing."""

from __future__ import annotations

import pytest

from tests.tools import fuzz

FINDS = sorted(fuzz.CASES.glob("*.sse"))


@pytest.mark.parametrize("path", FINDS, ids=lambda path: path.stem)
def test_a_find_is_read_in_one_way(path: fuzz.Path) -> None:
    data = path.read_bytes()
    for points in ([], [1], [7, 99], *([at, at + 1] for at in range(0, len(data), max(1, len(data) // 40)))):
        fuzz.check(data, points)


def test_a_second_of_fuzzing_finds_nothing() -> None:
    assert sum(fuzz.run(1.0, 0).values()) >= fuzz.ROUND
