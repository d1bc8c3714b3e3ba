"""The benchmark itself: its streams are what they say, its rows name what exists, and a tiny run makes a table."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from sseclaude import assemble
from tests.support.redis_server import WHY_NOT, binary
from tests.tools.bench import environment, relay_rows, report, streams, works
from tests.tools.bench.measure import (
    FEWEST_ROUNDS,
    IMPORTS,
    MOST_ROUNDS,
    Bench,
    JobError,
    Measured,
    Sample,
    bench,
    spread,
)
from tests.tools.bench.rows import BASE, OFFICIAL, OURS, Goal, Group, Job, Row, groups

TINY = 20
LONG_AGO = 0.0
"""A moment that has passed: nothing is run twice."""


def jobs() -> list[Job]:
    return [job for group in groups() for job in group.jobs]


# --- what is streamed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [streams.text, streams.thinking])
@pytest.mark.parametrize("count", [1, 7, 200])
def test_words_are_streamed_as_told(make: object, count: int) -> None:
    stream = make(count)  # type: ignore[operator]
    block = assemble(stream.frames, strict=make is streams.text).content[0]
    assert stream.deltas == count == len(stream.frames) - 5
    assert len(getattr(block, block.type)) == stream.expected()


@pytest.mark.parametrize("make", [streams.small_objects, streams.long_string])
@pytest.mark.parametrize("count", [10, 50, 4000])
def test_tool_input_is_streamed_as_told(make: object, count: int) -> None:
    stream = make(count)  # type: ignore[operator]
    block = assemble(stream.frames, strict=True).content[0]
    assert stream.deltas == count
    assert block.input == stream.expected()  # type: ignore[union-attr]


def test_large_chunks_are_the_same_bytes() -> None:
    frames = streams.text(1000).frames
    chunks = streams.in_large_chunks(frames)
    assert b"".join(chunks) == b"".join(frames)
    assert {len(chunk) for chunk in chunks[:-1]} == {64 * 1024}


# --- what is compared -------------------------------------------------------------------------------------------------


def test_every_job_can_be_done() -> None:
    assert {job.work for job in jobs()} - {"import"} <= set(works.WORKS)
    assert {job.side for job in jobs() if job.work == "import"} <= set(IMPORTS)


@pytest.mark.parametrize("quick", [False, True])
def test_rows_can_be_told_apart(quick: bool) -> None:
    rows = [row for group in groups(quick=quick) for row in group.rows]
    assert len({row.text for row in rows}) == len(rows)
    assert any(row.bound for row in rows) is not quick


@pytest.mark.parametrize(
    ("goal", "ours", "theirs", "ratio", "met"),
    [
        (Goal("cheaper", 15), 2.0, 30.0, 15.0, True),
        (Goal("cheaper", 15), 2.0, 29.0, 14.5, False),
        (Goal("at most", 1.5), 3.0, 2.0, 1.5, True),
        (Goal("at most", 1.5), 4.0, 2.0, 2.0, False),
    ],
)
def test_goals(goal: Goal, ours: float, theirs: float, ratio: float, met: bool) -> None:
    assert goal.ratio(ours, theirs) == ratio
    assert goal.met(ratio) is met


# --- running ----------------------------------------------------------------------------------------------------------


class Counting(Bench):
    """A bench whose jobs cost nothing; it keeps their order."""

    def __init__(self) -> None:
        super().__init__("", "")
        self.done: list[Job] = []

    def _do(self, job: Job, *, fresh: bool) -> Sample:
        self.done.append(job)
        if job.side == OFFICIAL:
            raise JobError("it is not here")
        return Sample(len(self.done), 0, 0)

    def _stop(self, side: str) -> None:
        pass


A, B, MISSING = Job(OURS, "a"), Job(OURS, "b"), Job(OFFICIAL, "a")


def test_sides_take_turns_and_medians_are_taken() -> None:
    counting = Counting()
    (progress,) = counting.measure([Group([Row("a", A, B, "at most")])], until=float("inf"))
    assert progress.rounds >= FEWEST_ROUNDS
    assert counting.done == [A, B] * progress.rounds
    assert progress.measured[A].median("us") == progress.rounds
    assert progress.measured[B].median("us") == progress.rounds + 1


class Noisy(Counting):
    """The same, in which every other round costs one job ``noise`` more."""

    def __init__(self, noise: float) -> None:
        super().__init__()
        self._noise = noise

    def _do(self, job: Job, *, fresh: bool) -> Sample:
        super()._do(job, fresh=fresh)
        return Sample(1 + self._noise * (job == A and self.done.count(A) % 2), 0, 0)


@pytest.mark.parametrize(("noise", "rounds"), [(0.0, FEWEST_ROUNDS), (0.05, FEWEST_ROUNDS), (0.5, MOST_ROUNDS)])
def test_rows_with_a_large_spread_have_more_rounds(noise: float, rounds: int) -> None:
    row = Row("a", A, B, "at most")
    (progress,) = Noisy(noise).measure([Group([row])], until=float("inf"))
    assert progress.rounds == rounds
    reported = report.line(row, progress.measured, progress.rounds)[-1]
    assert reported.startswith(f"{rounds}, ± ")
    assert (spread(row, progress.measured) or 0) == pytest.approx(noise / 2, abs=noise)


def test_every_group_is_run_once_however_late_it_is() -> None:
    counting = Counting()
    table = counting.measure([Group([Row("a", A, A, "at most")]), Group([Row("b", B, B, "at most")])], LONG_AGO)
    assert counting.done == [A, B]
    assert [each.rounds for each in table] == [1, 1]


def test_what_failed_is_not_run_again_and_says_why() -> None:
    counting = Counting()
    row = Row("a", A, MISSING, "cheaper", 4)
    (progress,) = counting.measure([Group([row])], until=float("inf"))
    assert counting.done.count(MISSING) == 1
    assert counting.done.count(A) == FEWEST_ROUNDS
    line = report.line(row, progress.measured, progress.rounds)
    assert line == ("a", "", "official client", "not measured: it is not here", "≥ 4×", "", "")


def test_a_job_that_was_never_run_has_no_median() -> None:
    with pytest.raises(JobError, match="not run"):
        Measured().median("us")


@pytest.fixture(scope="module")
def here() -> Iterator[Bench]:
    """A bench on this interpreter, without peers of its own."""
    with bench(sys.executable) as measuring:
        yield measuring


def tiny(job: Job) -> Job:
    return job._replace(size=min(job.size, 3 if job.work.startswith("many_streams") else TINY))


def test_a_tiny_run_makes_a_table(here: Bench) -> None:
    small = [
        group._replace(rows=[row._replace(ours=tiny(row.ours), theirs=tiny(row.ours)) for row in group.rows])
        for group in groups()
        if group.rows[0].ours.work != "import"
    ]
    table = here.measure(small, LONG_AGO)
    lines = [report.line(row, each.measured, each.rounds) for each in table for row in each.group.rows]
    missing = "httpx2" if find_spec("httpx2") is None else "nothing"
    assert not [line for line in lines if "not measured" in line[3] and f"'{missing}'" not in line[3]]
    text = report.table(lines)
    assert text.splitlines()[0].split()[1] == report.HEADS[0]
    assert len(text.splitlines()) == len(lines) + 2


def test_imports_are_measured_in_fresh_interpreters(here: Bench) -> None:
    row = Row("imports", Job(OURS, "import"), Job(BASE, "import"), "at most", None, "ms")
    (progress,) = here.measure([Group([row])], LONG_AGO)
    assert progress.measured[row.ours].median("ms") > 0
    assert progress.measured[row.theirs].median("ms") > 0


def test_a_worker_tells_what_went_wrong_and_no_path(here: Bench) -> None:
    missing = Job("no_such_module", "final_message", TINY)
    (progress,) = here.measure([Group([Row("a", missing, missing, "cheaper")])], LONG_AGO)
    failure = progress.measured[missing].failure
    assert failure == "ModuleNotFoundError: No module named 'no_such_module'"


def test_a_wrong_result_is_an_error_and_not_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.tools.bench import worker

    wrong = works.Prepared(lambda: 1, lambda: 2, 1)
    monkeypatch.setitem(works.WORKS, "wrong", lambda task: wrong)
    with pytest.raises(AssertionError, match="not what was sent"):
        worker.do("wrong", OURS, 1, "")


def test_the_relays_rows_are_measured_or_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_rows, "QUICK", relay_rows.Sizes(2, 20, 1.0, idle=2, produced=20, rounds=1))
    lines = relay_rows.lines(quick=True)
    assert len(lines) == (5 if binary() is not None else 4)
    assert all(len(line) == len(report.HEADS) for line in lines)
    assert [line for line in lines if "not measured: " in line[3] and WHY_NOT not in line[3]] == []


def test_without_a_redis_the_table_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_rows, "binary", lambda: None)
    monkeypatch.setattr(relay_rows, "tried", lambda *arguments: [])
    (line,) = relay_rows.lines(quick=True)
    assert WHY_NOT in line[3]


# --- what is said -----------------------------------------------------------------------------------------------------


def test_what_is_measured_sees_no_proxy_and_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTP_PROXY", "ANTHROPIC_API_KEY", "PYTHONDONTWRITEBYTECODE"):
        monkeypatch.setenv(name, "x")
    assert not {"https_proxy", "HTTP_PROXY", "ANTHROPIC_API_KEY", "PYTHONDONTWRITEBYTECODE"} & set(
        environment.variables()
    )


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (Row("a", A, B, "at most", 1.5), ("a", "8.00 µs", "4.00 µs", "2.00×", "≤ 1.5×", "**no**", "3")),
        (Row("a", A, B, "at most", 2.5), ("a", "8.00 µs", "4.00 µs", "2.00×", "≤ 2.5×", "yes", "3")),
        (Row("a", B, A, "cheaper"), ("a", "4.00 µs", "8.00 µs", "2.00× cheaper", "", "", "3")),
        (Row("a", A, B, "at most", figure="kib"), ("a", "3,000 KiB", "60.0 KiB", "50×", "", "", "3")),
    ],
)
def test_a_row_is_told(row: Row, line: tuple[str, ...]) -> None:
    a, b = Measured(), Measured()
    a.samples, b.samples = [Sample(8, 0.008, 3000)], [Sample(4, 0.004, 60)]
    assert report.line(row, {A: a, B: b}, 3) == line


def test_the_kept_table_is_the_described_run() -> None:
    described = report.described([("work",) * len(report.HEADS)], {"httpx": "1"}, "make bench", "3.10")
    kept = report.table_of(report.document(described))
    assert kept == described.strip()
    assert "httpx 1" in kept


def test_a_file_without_a_table_says_so() -> None:
    with pytest.raises(ValueError, match="make bench"):
        report.table_of("# Nothing")


def test_the_last_run_can_be_shown() -> None:
    assert "| work " in report.bench_table()


def test_a_figure_too_small_to_be_measured_breaks_no_table():
    assert Goal("cheaper", 2).ratio(0.0, 1.0) == Goal("at most", 1).ratio(1.0, 0.0) == float("inf")
    assert report.times(float("inf")) == "inf×"
