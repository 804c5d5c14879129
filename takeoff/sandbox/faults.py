"""What goes wrong, and when: counted per position of the switches."""

from __future__ import annotations

import gzip
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from werkzeug.wrappers import Response

from takeoff.sandbox.framing import Framed, Reset
from takeoff.sandbox.switches import FAULTS_BY_STATUS, Planned, Switches, planned

WEB_PAGE = "<!doctype html><html><body><h1>Something is not as usual</h1></body></html>"


class Control:
    """The switches as they stand now, and what was counted since they were turned last."""

    def __init__(self, switches: Switches) -> None:
        self._lock = threading.Lock()
        self._switches, self._plan = switches, _plan(switches)
        self._counts: Counter[str] = Counter()
        self.stopping = threading.Event()

    @property
    def switches(self) -> Switches:
        return self._switches

    def turn(self, switches: Switches) -> None:
        """From now on these; counting begins anew."""
        with self._lock:
            self._switches, self._plan = switches, _plan(switches)
            self._counts.clear()

    def count(self, what: str) -> int:
        """How often `what` was counted before, since the last turn."""
        with self._lock:
            self._counts[what] += 1
            return self._counts[what] - 1

    def fault(self, endpoint: str) -> str:
        """What goes wrong with this request to `endpoint`; none if nothing does."""
        struck = [
            one.fault
            for number, one in enumerate(self._plan)
            if one.place in (endpoint, "any") and self._strikes(number, one)
        ]
        return struck[0] if struck else "none"

    def _strikes(self, number: int, one: Planned) -> bool:
        place = self.count(f"fault {number}") - one.skip
        return place >= 0 and (one.count is None or place < one.count)

    def wait(self, fault: str) -> None:
        """Take the time that the switches ask for; ends early when the sandbox stops."""
        delay = (self._switches.number("delay_ms") or 0) / 1000
        delay += (self._switches.number("slow_s") or 0) if fault == "slow" else 0
        if delay:
            self.stopping.wait(delay)


def _plan(switches: Switches) -> tuple[Planned, ...]:
    """All that is to go wrong."""
    more = planned(switches["faults"])
    if switches["fault"] == "none":
        return more
    skip = switches.number("fault_skip") or 0
    return (
        Planned(switches["fault"], switches["fault_at"], skip, switches.number("fault_count")),
        *more,
    )


def status_of(fault: str) -> int | None:
    """The status that stands for the whole fault; None if it needs the good answer first."""
    return FAULTS_BY_STATUS.get(fault)


def headers_of(fault: str, retry_after_s: int) -> dict[str, str]:
    """Retry-After in seconds, as a date, or not at all."""
    if fault in ("429_seconds", "503_seconds"):
        return {"Retry-After": str(retry_after_s)}
    if fault == "429_date":
        moment = datetime.now(UTC) + timedelta(seconds=retry_after_s)
        return {"Retry-After": format_datetime(moment, usegmt=True)}
    return {}


def spoiled(answer: Response, fault: str, framing: str, here: str) -> Response:
    """`answer` as `fault` leaves it; else as `framing` says. `here` is the request's own URL."""
    if fault.startswith("cut_"):
        return Framed(answer, fault.removeprefix("cut_"), cut=True)
    if fault == "reset":
        return Reset()
    if fault == "html":
        return Response(WEB_PAGE, 200, content_type="text/html; charset=utf-8")
    if fault == "empty":
        return Response(b"", 200, content_type=answer.content_type)
    if fault == "broken":
        content = _unpacked(answer.get_data())
        return Response(content[: len(content) // 2], 200, content_type=answer.content_type)
    if fault == "redirect_loop":
        return Response(b"", 302, {"Location": here})
    if framing != "length" and answer.status_code == 200:
        return Framed(answer, framing, cut=False)
    return answer


def _unpacked(content: bytes) -> bytes:
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
