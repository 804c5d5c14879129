"""Slower, the fewer requests of the hour are left: the service allows 5,000 and counts them."""

from __future__ import annotations

from collections.abc import Mapping

from takeoff.http.clock import Clock
from takeoff.vendors.bimplus.shapes import whole

REMAINING, LIMIT = "x-ratelimit-remaining", "x-ratelimit-limit"

_HOUR_S = 3600
_USUAL_LIMIT = 5000
# From this share of the hour's requests on, they are asked as slowly as they come back.
_FEW = 20
_LONGEST_S = 2.0


class Pace:
    """How long to wait before the next request, by what the last answer said. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pause_s = 0.0

    def wait(self) -> None:
        """Wait, if few are left."""
        if self._pause_s > 0:
            self._clock.sleep(self._pause_s)

    def saw(self, headers: Mapping[str, str]) -> None:
        """Take note of an answer; one that says nothing changes nothing."""
        remaining = whole(headers.get(REMAINING))
        if remaining is None:
            return
        limit = whole(headers.get(LIMIT)) or _USUAL_LIMIT
        is_few = remaining * _FEW < limit
        self._pause_s = min(_HOUR_S / limit, _LONGEST_S) if is_few else 0.0
