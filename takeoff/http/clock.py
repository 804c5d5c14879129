"""Time and chance, as an object so that tests need not wait."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime


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
