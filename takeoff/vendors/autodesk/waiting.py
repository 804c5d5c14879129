"""Waiting for jobs: at the times that the service names, else with growing pauses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from takeoff.core.refs import Operation
from takeoff.http import operations
from takeoff.http.clock import Clock
from takeoff.http.operations import Patience
from takeoff.vendors.autodesk.job import Job

# A big model is translated for many minutes before its index is made.
USUAL = Patience(first_s=2, growth=1.5, longest_s=30, total_s=900)
_SHORTEST_S = 1.0


def finished(
    started: Job,
    look: Callable[[], Job],
    *,
    name: str,
    clock: Clock,
    patience: Patience = USUAL,
) -> Job:
    """The job once it is finished; `look` asks how far it is.

    The pause is what the service asks for, from 1 s to the longest; if it names no time that lies
    ahead, it grows from the first to the longest, jittered.
    Raises: VendorRefused with the service's words if the job failed; TryLater if it does not end.
    """
    pauses = _Pauses(patience, clock)
    seen = started

    def look_again(job_id: str) -> Operation:
        nonlocal seen
        seen = look()
        return pauses.operation(seen)

    # The pauses are all worked out here, so the poller adds none of its own.
    shortest = pauses.shortest_s
    none_of_its_own = replace(patience, first_s=shortest, growth=1, longest_s=shortest)
    operations.wait(
        pauses.operation(started), look_again, name=name, patience=none_of_its_own, clock=clock
    )
    return seen


class _Pauses:
    """How long to wait before each look."""

    def __init__(self, patience: Patience, clock: Clock) -> None:
        self._patience, self._clock = patience, clock
        self._own_s = patience.first_s
        self.shortest_s = min(_SHORTEST_S, patience.first_s)

    def operation(self, job: Job) -> Operation:
        """The job as the poller knows it."""
        return Operation(job.id, job.state, wait_s=self._next_s(job), problem=job.problem)

    def _next_s(self, job: Job) -> float:
        if job.wait_s is not None:
            return min(max(job.wait_s, self.shortest_s), self._patience.longest_s)
        own_s = self._own_s * (1 + self._clock.chance() / 10)
        self._own_s = min(self._own_s * self._patience.growth, self._patience.longest_s)
        return own_s
