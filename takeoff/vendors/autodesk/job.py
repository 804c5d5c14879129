"""Jobs: indexes, diffs and queries that the service works on, as its answers describe them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from takeoff.core.plain import excerpt
from takeoff.core.refs import OperationState
from takeoff.vendors.autodesk.answers import counts, refused, text, texts

_STATES: dict[str, OperationState] = {
    "queued": "queued",
    "pending": "queued",
    "processing": "running",
    "running": "running",
    "finished": "ready",
    "failed": "failed",
}
_URLS = {
    "self": "selfUrl",
    "manifest": "manifestUrl",
    "fields": "fieldsUrl",
    "properties": "propertiesUrl",
    "results": "queryResultsUrl",
}


@dataclass(frozen=True)
class Job:
    """One job. A state that is not in the contract is `unknown`, which means still working.

    `urls` are those that the answer has, by what they lead to: self, manifest, fields, properties,
    results. `wait_s` is how long the service asks us to wait, by its own clock; null if it does
    not, or the time that it names has passed: that says nothing about the job. `problem` is what
    it says about a failure.
    """

    id: str
    state: OperationState
    is_diff: bool = False
    query_id: str | None = None
    version_urns: tuple[str, ...] = ()
    previous_urns: tuple[str, ...] = ()
    stats: Mapping[str, int] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict, repr=False)
    wait_s: float | None = None
    problem: str | None = None

    @property
    def stated_objects(self) -> int | None:
        """Rows of the result, as the job states them; null if it does not."""
        return self.stats.get("objects")


def job_of(answer: object, name: str, headers: Mapping[str, str], now: datetime) -> Job:
    """The job in an answer. `headers` are the answer's; `now` counts if they hold no Date.

    Raises: NotUnderstood if it has no id or no state.
    """
    given = answer if isinstance(answer, dict) else {}
    diff_id = text(given.get("diffId"))
    job_id = diff_id or text(given.get("indexId"))
    state = text(given.get("state"))
    if job_id is None or state is None:
        raise refused(name, excerpt(answer), "it is no job with an id and a state")
    return Job(
        job_id,
        _STATES.get(state.casefold(), "unknown"),
        diff_id is not None,
        text(given.get("queryId")),
        texts(given.get("curVersionUrns") or given.get("versionUrns")),
        texts(given.get("prevVersionUrns")),
        counts(given.get("stats")),
        {key: url for key, member in _URLS.items() if (url := text(given.get(member)))},
        _wait_s(text(given.get("retryAt")), headers, now),
        problem_of(given.get("errors")),
    )


def jobs_of(
    answer: object, key: str, name: str, headers: Mapping[str, str], now: datetime
) -> list[Job]:
    """The jobs of a batch: in an object under `key`, or in a bare array; the documents disagree.

    Raises: NotUnderstood if it is neither.
    """
    found = answer.get(key) if isinstance(answer, dict) else answer
    if not isinstance(found, list):
        raise refused(name, excerpt(answer), f"it has no list '{key}' and is none")
    return [job_of(item, name, headers, now) for item in found]


def problem_of(errors: Any) -> str | None:
    """The words of `errors`, with those of the errors inside them; null if there are none."""
    if not isinstance(errors, list):
        return None
    return "; ".join(filter(None, map(_words, errors))) or None


def _words(error: Any) -> str | None:
    if not isinstance(error, dict):
        return text(error)
    own = [text(error.get(key)) for key in ("type", "field", "title", "detail")]
    return ": ".join(filter(None, [*own, problem_of(error.get("errors"))])) or None


def _wait_s(retry_at: str | None, headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until the stated time, by the server's clock; ours may be off."""
    until = None if retry_at is None else _time(retry_at)
    if until is None:
        return None
    left_s = (until - (_date(headers.get("date", "")) or now)).total_seconds()
    return left_s if left_s > 0 else None


def _time(written: str) -> datetime | None:
    """Times come with 3 or 7 digits behind the second, and with `Z` or `+00:00`."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _date(written: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
