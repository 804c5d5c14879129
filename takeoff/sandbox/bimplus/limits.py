"""How many requests an hour: with a login, and without one."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from takeoff.sandbox.switches import Switches


@dataclass
class _Spent:
    since: float
    count: int = 0


@dataclass(frozen=True)
class Allowance:
    """What is left after a request."""

    limit: int
    remaining: int
    is_spent: bool


@dataclass
class Limits:
    """Counts begin anew when the switches are turned. Safe to share by threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _switches: Switches | None = None
    _spent: dict[str, _Spent] = field(default_factory=dict)

    def take(self, token: str, switches: Switches) -> Allowance:
        """Count one request; an empty token is no login."""
        limit = switches.number("bimplus_rate" if token else "bimplus_rate_anonymous") or 0
        window_s = switches.number("bimplus_rate_window_s") or 0
        now = time.monotonic()
        with self._lock:
            if switches is not self._switches:
                self._switches, self._spent = switches, {}
            spent = self._spent.setdefault(token, _Spent(now))
            if now - spent.since >= window_s:
                spent.since, spent.count = now, 0
            spent.count += 1
            return Allowance(limit, max(limit - spent.count, 0), spent.count > limit)
