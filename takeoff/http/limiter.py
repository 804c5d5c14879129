"""How many requests go to one host at once, and the pauses that it asks everybody to make."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from takeoff.http.clock import Clock


class Limiter:
    """At most `parallel` turns at once, and none begins before a pause is over. Thread-safe."""

    def __init__(self, parallel: int, clock: Clock) -> None:
        self._free = parallel
        self._hurried = 0
        self._changed = Condition()
        self._clock = clock
        self._open_at = clock.monotonic()

    @contextmanager
    def turn(self, *, yields: bool = False) -> Iterator[None]:
        """One place, for as long as the block lasts; one that `yields` lets all others go first."""
        self._take_place(yields=yields)
        try:
            while (left_s := self._left_s()) > 0:
                self._clock.sleep(left_s)
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """No turn begins for so long; those under way go on."""
        with self._changed:
            self._open_at = max(self._open_at, self._clock.monotonic() + seconds)

    def _take_place(self, *, yields: bool) -> None:
        with self._changed:
            self._hurried += not yields
            try:
                self._changed.wait_for(lambda: self._free and not (yields and self._hurried))
            finally:
                self._hurried -= not yields
                self._changed.notify_all()
            self._free -= 1

    def _left_s(self) -> float:
        with self._changed:
            return self._open_at - self._clock.monotonic()
