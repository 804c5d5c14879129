"""Modification sessions: one of a user for each model, ended by itself when nothing happens.

The sandbox has one user: whoever has a token.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from werkzeug.datastructures import Headers

from takeoff.sandbox.qonic.answers import Refused
from takeoff.sandbox.switches import Switches

HEADER = "X-Client-Session-Id"


@dataclass
class _Session:
    id: str
    used_at: float


class Sessions:
    """All sessions by model; safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, _Session] = {}
        self._ended_at: dict[str, float] = {}

    def start(self, model: str, session_id: str, switches: Switches) -> None:
        """Begin, or go on with the session of this id.

        Raises: Refused while another session is open, or the one before is still worked on.
        """
        status = int(switches["session_refusal"])
        with self._lock:
            known = self._alive(model, switches)
            if known is not None and known.id != session_id:
                raise Refused(status, "SessionExists", "You have a session of this model already.")
            settled_at = self._ended_at.get(model, 0.0) + (switches.number("settle_s") or 0)
            if known is None and model in self._ended_at and time.monotonic() < settled_at:
                what = "The changes of the session before are not processed yet."
                raise Refused(status, "VersionConflict", what)
            self._open[model] = _Session(session_id, time.monotonic())

    def use(self, model: str, session_id: str, switches: Switches) -> None:
        """Something happens in the session. Raises: Refused with 400 if it is not open."""
        with self._lock:
            known = self._alive(model, switches)
            if known is None or known.id != session_id:
                raise Refused(400, "NoSession", "There is no open session of this id.", HEADER)
            known.used_at = time.monotonic()

    def end(self, model: str, session_id: str, switches: Switches) -> None:
        """The end of a session that is not known succeeds."""
        with self._lock:
            known = self._alive(model, switches)
            if known is not None and known.id == session_id:
                del self._open[model]
                self._ended_at[model] = time.monotonic()

    def _alive(self, model: str, switches: Switches) -> _Session | None:
        known = self._open.get(model)
        lifetime_s = switches.number("session_s") or 0
        if known is not None and time.monotonic() >= known.used_at + lifetime_s:
            del self._open[model]
            self._ended_at[model] = known.used_at + lifetime_s
            return None
        return known


def session_id(headers: Headers) -> str:
    """The id that a request carries. Raises: Refused with 400 if it carries none."""
    given = headers.get(HEADER, "").strip()
    if not given:
        raise Refused(400, "MissingSessionId", f"The header {HEADER} is missing.", HEADER)
    return given
