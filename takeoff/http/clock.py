"""Time and chance, as an object so that tests need not wait."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime

# A clock that can be stopped looks this often whether it was.
_NAP_S = 0.05


class Clock:
    """The machine's own."""

    def monotonic(self) -> float:
        """Seconds; only differences mean something."""
        return time.monotonic()

    def now(self) -> datetime:
        """UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        time.sleep(seconds)

    def chance(self) -> float:
        """From 0 up to 1, so that many clients do not all come back at once."""
        return random.random()


class Stopped(Exception):
    """Raised instead of more waiting, once nobody wants what is waited for."""


class StoppableClock(Clock):
    """Another clock, which can be stopped: then whoever sleeps, or is about to, gets Stopped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._is_stopped = threading.Event()

    def stop(self) -> None:
        """End all sleep, now and later; from any thread."""
        self._is_stopped.set()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        end = self.monotonic() + seconds
        while not self._is_stopped.is_set():
            left_s = end - self.monotonic()
            if left_s <= 0:
                return
            self._clock.sleep(min(left_s, _NAP_S))
        raise Stopped

    def chance(self) -> float:
        return self._clock.chance()
