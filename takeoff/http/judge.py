"""What an answer's status means: taken, refused, or worth another try; and when to try again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

REDIRECTS = (301, 302, 303, 307, 308)
# What storage answers once a signed link has ended; the codes differ from vendor to vendor.
LINK_ENDED = (400, 401, 403, 404, 410)

_BENTLEY_RETRY_AFTER = "itwinplatform-ratelimit-retry-after-seconds"
_HINTS = {
    401: "the token is missing, wrong or has ended; log in again",
    403: "the login lacks the permission; ask whoever manages the project",
    404: "check the ids of project and model",
}


class Passing(Exception):
    """A failure that may pass. `wait_s` is what the vendor asks for; null if it does not.

    `is_for_all` says that every request to this host should wait, not just this one.
    """

    def __init__(
        self, problem: str, status: int | None = None, wait_s: float | None = None
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.status = status
        self.wait_s = wait_s

    @property
    def is_for_all(self) -> bool:
        """The vendor has spoken to all of us: too many requests, or closed for a stated time."""
        return self.status == 429 or self.wait_s is not None


def may_pass(status: int, headers: Mapping[str, str]) -> bool:
    """Whether the same question may be answered a little later.

    403 is one of those if the answer says that this hour's requests are used up.
    """
    if status == 403:
        return headers.get("x-ratelimit-remaining", "").strip() == "0"
    return status in (408, 429) or (status >= 500 and status not in (501, 505))


def hint(status: int, hints: Mapping[int, str]) -> str:
    """What to do about a refusal; the vendor's own hint goes before the general one."""
    return hints.get(status) or _HINTS.get(status) or "the request does not suit the vendor"


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds of the header Retry-After, which may be a number or a date; null if it says nothing.

    Bentley's own header of the same meaning is read where that one is missing.

    A date is compared with the server's own clock, as far as the answer tells it: ours may be off.
    """
    text = (headers.get("retry-after") or headers.get(_BENTLEY_RETRY_AFTER) or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        until = _date(text)
        if until is None:
            return None
        seconds = (until - (_date(headers.get("date", "")) or now)).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def stated_time(headers: Mapping[str, str]) -> datetime | None:
    """What the server's clock says: its date, and the time since in caches; null if not told."""
    date = _date(headers.get("date", ""))
    age = headers.get("age", "").strip()
    # A cache keeps nothing for longer than a number of nine digits says.
    known_s = int(age) if age.isascii() and age.isdigit() and len(age) < 10 else 0
    return None if date is None else date + timedelta(seconds=known_s)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
