"""Running the jobs: a worker for each side, in turn, round after round.

Purpose: ``Bench``, which takes groups and returns what each job has cost, round by round.
Must not know: what the figures are for.
Rule: whatever goes wrong with one side is that side's result, and the others go on.
"""

from __future__ import annotations

import json
import select
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any, NamedTuple

from .environment import variables
from .rows import BASE, OFFICIAL, OURS, Group, Job, Row

LONGEST_JOB = 90.0
"""Seconds after which a worker that does not answer is given up."""

FEWEST_ROUNDS, MOST_ROUNDS = 3, 15
"""A group has the fewest if there is time for them, and more while a row of it has a larger spread than this:"""

SETTLED = 0.05

SHARE = 0.25
"""What one more round of a group may take of the time that is left, once it has had the fewest."""

IMPORTS = {
    OURS: "import sseclaude; sseclaude.Anthropic(api_key='x'); sseclaude.assemble",
    OFFICIAL: "import anthropic",
    BASE: "import httpx, pydantic; pydantic.BaseModel",
}
"""What a fresh interpreter does, by side; names that load lazily are touched, so that they are there."""


class JobError(Exception):
    """A job that has no figure, and why."""


class Sample(NamedTuple):
    """What one round of a job has cost."""

    us: float
    """CPU microseconds per event."""
    ms: float
    """CPU milliseconds in all."""
    kib: float
    """KiB that the process had to add, per unit of the job's size."""


class Measured:
    """What a job has cost, round by round, or why it could not be measured."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.failure: str | None = None

    def median(self, figure: str) -> float:
        """Return the median of a figure. Raises JobError without one."""
        if self.failure is not None or not self.samples:
            raise JobError(self.failure or "it was not run")
        return float(median(getattr(sample, figure) for sample in self.samples))


def spread(row: Row, measured: dict[Job, Measured]) -> float | None:
    """Return half the distance of the quartiles of a row's ratio, round by round, as a part of its median.

    Half of the rounds have a ratio that is so near to the median or nearer. None with fewer than two rounds.
    """
    pairs = zip(measured[row.ours].samples, measured[row.theirs].samples, strict=False)
    ratios = [getattr(ours, row.figure) / (getattr(theirs, row.figure) or 1) for ours, theirs in pairs]
    if len(ratios) < 2 or not median(ratios):
        return None
    low, _, high = quantiles(ratios, n=4, method="inclusive")
    return float((high - low) / 2 / median(ratios))


class Worker:
    """A process that does jobs for one side."""

    def __init__(self, python: str) -> None:
        command = (python, "-m", "tests.tools.bench.worker")
        self._process = subprocess.Popen(
            command, env=variables(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def do(self, job: Job, url: str) -> Sample:
        """Have a job done. Raises JobError."""
        assert self._process.stdin is not None
        request = {"name": job.work, "side": job.side, "size": job.size, "url": url}
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError:
            raise JobError("its process has ended") from None
        answer = self._answer()
        if "error" in answer:
            raise JobError(answer["error"])
        seconds, events, kib = answer["seconds"], answer["events"], answer["kib"]
        return Sample(seconds / events * 1e6, seconds * 1e3, kib / job.size)

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], LONGEST_JOB)
        if not ready:
            self.stop()
            raise JobError(f"it took more than {LONGEST_JOB:.0f} s")
        line = self._process.stdout.readline()
        if not line:
            raise JobError("its process has ended")
        return dict(json.loads(line))

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


class Progress:
    """How far the measuring of one group has come."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.measured = {job: Measured() for job in group.jobs}
        self.rounds = 0
        self.spent = 0.0
        """Seconds, in all."""

    def is_due(self, left: float) -> bool:
        """Whether to run another round, with so many seconds left: the first always, a long one not for long."""
        if not self.rounds:
            return True
        cost = self.spent / self.rounds
        if self.rounds < FEWEST_ROUNDS:
            return cost <= left
        return self.rounds < MOST_ROUNDS and not self._is_settled() and cost <= left * SHARE

    def _is_settled(self) -> bool:
        return all((spread(row, self.measured) or 0) <= SETTLED for row in self.group.rows)


class Bench:
    """Measures groups of jobs with one interpreter."""

    def __init__(self, python: str, url: str) -> None:
        self._python = python
        self._url = url
        self._workers: dict[str, Worker] = {}
        self._compiled: set[str] = set()  # the sides whose modules have been imported, and their bytecode kept

    def measure(self, groups: Iterable[Group], until: float) -> list[Progress]:
        """Run every group once, and then, as long as there is time, of those that are due the one with fewest rounds.

        ``until`` is a moment of ``time.perf_counter()``. So the rounds of a row are spread over the whole run.
        """
        table = [Progress(group) for group in groups]
        while due := [each for each in table if each.is_due(until - time.perf_counter())]:
            self._round(min(due, key=lambda each: each.rounds))
        return table

    def _round(self, progress: Progress) -> None:
        """Run a group's jobs in turn."""
        begin = time.perf_counter()
        for job, result in progress.measured.items():
            if result.failure is None:
                self._add(job, result, fresh=progress.group.fresh)
        progress.rounds += 1
        progress.spent += time.perf_counter() - begin

    def _add(self, job: Job, result: Measured, *, fresh: bool) -> None:
        try:
            result.samples.append(self._do(job, fresh=fresh))
        except JobError as failure:
            result.failure = str(failure)
            self._stop(job.side)

    def _do(self, job: Job, *, fresh: bool) -> Sample:
        if job.work == "import":
            return self._import(job.side)
        if fresh:
            return self._do_alone(job)
        worker = self._workers.get(job.side)
        if worker is None:
            worker = self._workers[job.side] = Worker(self._python)
        return worker.do(job, self._url)

    def _do_alone(self, job: Job) -> Sample:
        worker = Worker(self._python)
        try:
            return worker.do(job, self._url)
        finally:
            worker.stop()

    def _import(self, side: str) -> Sample:
        """Run a fresh interpreter, and take the CPU time of what it imports, without its own start."""
        script = f"import time; begin = time.process_time(); {IMPORTS[side]}; print(time.process_time() - begin)"
        command = (self._python, "-c", script)
        if side not in self._compiled:
            subprocess.run(command, env=variables(), capture_output=True, check=False)
            self._compiled.add(side)
        done = subprocess.run(command, env=variables(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise JobError(done.stderr.strip().rpartition("\n")[2] or "it ended with an error")
        return Sample(float(done.stdout) * 1e6, float(done.stdout) * 1e3, 0)

    def _stop(self, side: str) -> None:
        worker = self._workers.pop(side, None)
        if worker is not None:
            worker.stop()

    def stop(self) -> None:
        """End all workers."""
        for side in list(self._workers):
            self._stop(side)


@contextmanager
def bench(python: str) -> Iterator[Bench]:
    """Start the pump; give a bench; end everything that was started."""
    command = (python, "-m", "tests.tools.bench.pump")
    with subprocess.Popen(command, env=variables(), stdout=subprocess.PIPE, text=True) as pump:
        assert pump.stdout is not None
        made = Bench(python, f"http://127.0.0.1:{pump.stdout.readline().strip()}")
        try:
            yield made
        finally:
            made.stop()
            pump.kill()
