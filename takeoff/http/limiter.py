"""How many requests go to one host at once, and the pauses that it asks everybody to make."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from takeoff.http.clock import Clock


class Limiter:
    """At most `parallel` turns at once, and none begins before a pause is over. Thread-safe."""

    def __init__(self, parallel: int, clock: Clock) -> None:
        self._places = BoundedSemaphore(parallel)
        self._lock = Lock()
        self._clock = clock
        self._open_at = clock.monotonic()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One place, for as long as the block lasts."""
        with self._places:
            while (left_s := self._left_s()) > 0:
                self._clock.sleep(left_s)
            yield

    def pause(self, seconds: float) -> None:
        """No turn begins for so long; those under way go on."""
        with self._lock:
            self._open_at = max(self._open_at, self._clock.monotonic() + seconds)

    def _left_s(self) -> float:
        with self._lock:
            return self._open_at - self._clock.monotonic()
