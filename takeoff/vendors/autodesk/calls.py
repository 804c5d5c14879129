"""Every call of Model Properties: indexes and diffs, how far they are, what they hold, queries.

Indexes and diffs are asked alike; `kind` is INDEXES or DIFFS. Files are written to a path, for
they can be large: one JSON object a line, UTF-8, empty if there are no rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from takeoff.core.errors import InputRefused
from takeoff.core.plain import excerpt
from takeoff.http.messages import Answer, Request
from takeoff.http.operations import Patience
from takeoff.http.session import Session
from takeoff.vendors.autodesk import answers, endpoints, waiting
from takeoff.vendors.autodesk.endpoints import MOST_AT_ONCE, USUAL, Handling
from takeoff.vendors.autodesk.fields import Fields
from takeoff.vendors.autodesk.fields import read as read_fields
from takeoff.vendors.autodesk.job import Job, job_of, jobs_of
from takeoff.vendors.autodesk.manifest import Manifest, manifest_of
from takeoff.vendors.autodesk.paths import DIFFS, INDEXES
from takeoff.vendors.autodesk.query import Query


@dataclass(frozen=True)
class Version:
    """A version to be indexed; with a query the job has that query's results, too."""

    urn: str
    query: Query | None = None

    @property
    def body(self) -> dict[str, Any]:
        """As the contract writes it."""
        return {"versionUrn": self.urn} | ({} if self.query is None else self.query.body)


@dataclass(frozen=True)
class Pair:
    """Two versions of one item to be compared, the older one first."""

    previous_urn: str
    current_urn: str
    query: Query | None = None

    @property
    def body(self) -> dict[str, Any]:
        """As the contract writes it."""
        urns = {"prevVersionUrn": self.previous_urn, "curVersionUrn": self.current_urn}
        return urns | ({} if self.query is None else self.query.body)


def indexes(
    session: Session, project_id: str, versions: Sequence[Version], handling: Handling = USUAL
) -> list[Job]:
    """Have these versions indexed, or find the indexes that there are: one job each, in order.

    Raises: InputRefused for no version, or for more than 1,000; VendorRefused; TryLater;
    NotUnderstood if the answer has another number of jobs.
    """
    bodies = [version.body for version in versions]
    return _batch(session, project_id, INDEXES, bodies, handling)


def diffs(
    session: Session, project_id: str, pairs: Sequence[Pair], handling: Handling = USUAL
) -> list[Job]:
    """Have these versions compared, or find what was compared. Raises as `indexes`."""
    bodies = [pair.body for pair in pairs]
    return _batch(session, project_id, DIFFS, bodies, handling)


def job(
    session: Session, project_id: str, kind: str, job_id: str, handling: Handling = USUAL
) -> Job:
    """How far an index or diff is. Raises: VendorRefused; TryLater; NotUnderstood."""
    return _asked_job(session, handling.of(endpoints.job(project_id, kind, job_id)))


def manifest(
    session: Session, project_id: str, kind: str, job_id: str, handling: Handling = USUAL
) -> Manifest:
    """What the result was made of. Raises: VendorRefused; TryLater; NotUnderstood."""
    request = handling.of(endpoints.manifest(project_id, kind, job_id))
    content = BytesIO()
    session.ask(request, content)
    return manifest_of(content.getvalue(), request.target)


def fields(
    session: Session,
    project_id: str,
    kind: str,
    job_id: str,
    into: Path,
    handling: Handling = USUAL,
) -> Fields:
    """The definitions of the properties; the file stays at `into`. Raises as `manifest`."""
    request = handling.of(endpoints.fields(project_id, kind, job_id))
    session.download(request, into)
    return read_fields(into, request.target)


def properties(
    session: Session,
    project_id: str,
    kind: str,
    job_id: str,
    into: Path,
    handling: Handling = USUAL,
) -> Answer:
    """All rows, written to `into`. Raises as `manifest`."""
    return session.download(handling.of(endpoints.properties(project_id, kind, job_id)), into)


def start_query(
    session: Session,
    project_id: str,
    kind: str,
    job_id: str,
    query: Query,
    handling: Handling = USUAL,
) -> Job:
    """Start a query over the rows of a finished index or diff.

    Raises: VendorRefused if the query is refused; TryLater; NotUnderstood.
    """
    request = handling.of(endpoints.start_query(project_id, kind, job_id, query))
    return _with_query(_asked_job(session, request), request)


def query(
    session: Session,
    project_id: str,
    kind: str,
    job_id: str,
    query_id: str,
    handling: Handling = USUAL,
) -> Job:
    """How far a query is. Raises: VendorRefused; TryLater; NotUnderstood."""
    request = handling.of(endpoints.query(project_id, kind, job_id, query_id))
    return _with_query(_asked_job(session, request), request)


def query_results(
    session: Session,
    project_id: str,
    kind: str,
    job_id: str,
    query_id: str,
    into: Path,
    handling: Handling = USUAL,
) -> Answer:
    """The rows that a finished query found, written to `into`. Raises as `manifest`."""
    request = endpoints.query_results(project_id, kind, job_id, query_id)
    return session.download(handling.of(request), into)


def run_query(
    session: Session,
    project_id: str,
    kind: str,
    job_id: str,
    query_asked: Query,
    into: Path,
    handling: Handling = USUAL,
    patience: Patience = waiting.USUAL,
) -> Job:
    """Start a query, wait for it, and write the rows that it found to `into`; its job.

    Raises: VendorRefused if the query is refused or fails, for the service may say so at once or
    later; TryLater; NotUnderstood.
    """
    started = start_query(session, project_id, kind, job_id, query_asked, handling)
    query_id = str(started.query_id)
    ended = waiting.finished(
        started,
        lambda: query(session, project_id, kind, job_id, query_id, handling),
        name="The query",
        clock=session.clock,
        patience=patience,
    )
    query_results(session, project_id, kind, job_id, query_id, into, handling)
    return ended


def read_job(path: Path, request: Request) -> Job:
    """The job in an answer to `request` that was kept at `path`; it is not waited for any more."""
    found = answers.parsed(path.read_bytes(), request.target)
    return job_of(found, request.target, {}, datetime.now(UTC))


def _asked_job(session: Session, request: Request) -> Job:
    content = BytesIO()
    answer = session.ask(request, content)
    found = answers.parsed(content.getvalue(), request.target)
    return _waiting(job_of(found, request.target, answer.headers, session.clock.now()), answer)


def _batch(
    session: Session, project_id: str, kind: str, bodies: list[dict[str, Any]], handling: Handling
) -> list[Job]:
    if not 1 <= len(bodies) <= MOST_AT_ONCE:
        raise InputRefused(
            f"One request takes 1 to {MOST_AT_ONCE:,} versions, not {len(bodies):,}; ask in parts."
        )
    request = handling.of(endpoints.batch_status(project_id, kind, bodies))
    content = BytesIO()
    answer = session.ask(request, content)
    raw, name = content.getvalue(), request.target
    found = jobs_of(answers.parsed(raw, name), kind, name, answer.headers, session.clock.now())
    if len(found) != len(bodies):
        raise answers.refused(name, raw, f"{len(bodies)} jobs were asked for, not {len(found)}")
    return [_waiting(item, answer) for item in found]


def _waiting(job: Job, answer: Answer) -> Job:
    """The job with the answer's Retry-After, where it names no time itself."""
    if job.wait_s is not None or not answer.wait_s:
        return job
    return replace(job, wait_s=answer.wait_s)


def _with_query(job: Job, request: Request) -> Job:
    if job.query_id is None:
        raise answers.refused(request.target, excerpt(job), "the job has no queryId")
    return job
