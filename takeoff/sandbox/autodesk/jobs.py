"""Jobs: indexes, diffs and their queries. Looks bring them on; finished, they never change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import duckdb

from takeoff.sandbox.autodesk.answers import Refused, problem
from takeoff.sandbox.autodesk.diffs import diff, diff_line
from takeoff.sandbox.autodesk.ids import opaque
from takeoff.sandbox.autodesk.model import Version, row_line
from takeoff.sandbox.autodesk.query import Selected, translate
from takeoff.sandbox.autodesk.query_words import BadQuery
from takeoff.sandbox.autodesk.rowfile import RowFile
from takeoff.sandbox.autodesk.switches import looks, spelling
from takeoff.sandbox.switches import Switches

FINISHED = "FINISHED"
FAILED = "FAILED"
_STRANGE = "AWAITING_TRANSLATION"
_KINDS = ("OBJECT_ADDED", "OBJECT_REMOVED", "OBJECT_CHANGED")


@dataclass(frozen=True)
class Subject:
    """What is indexed: a version, or two of them if it is a diff.

    A version is None if there is none of its URN.
    """

    project_id: str
    place: int
    urn: str
    version: Version | None
    prev_urn: str | None = None
    prev: Version | None = None

    @property
    def kind(self) -> str:
        return "INDEX" if self.prev_urn is None else "DIFF"

    @property
    def problem(self) -> str | None:
        if self.version is None:
            return f"The version {self.urn} was not found."
        if self.prev_urn is not None and self.prev is None:
            return f"The version {self.prev_urn} was not found."
        return None


@dataclass
class Work:
    """Something that takes a few looks. `switches` are those it was begun under."""

    id: str
    switches: Switches
    kind: str
    lookups: int = 0
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def state(self) -> str:
        end, polls = self.switches["operation"], self.switches.number("polls") or 0
        if end == "unknown_state" and 0 < self.lookups <= polls:
            return _STRANGE
        if self.lookups < polls or end == "hung":
            return self.switches["autodesk_working"] if self.lookups else "PROCESSING"
        return FAILED if self.failure is not None else FINISHED

    @property
    def failure(self) -> str | None:
        """Why it fails; None if it does not. Looked at when it is over."""
        told = self.switches["operation"] in ("failed", "failed_words")
        if told or self.switches["autodesk_failed"] == self.kind:
            return "The translation of the file failed."
        return None


@dataclass
class Query(Work):
    """A query of an index or a diff."""

    rows: Callable[[], RowFile] = field(kw_only=True)
    line: str = field(kw_only=True)
    asked: tuple[Any, Any] = field(kw_only=True)

    @cached_property
    def selected(self) -> Selected:
        """Raises: BadQuery."""
        rows = self.rows()
        is_ion = self.switches["autodesk_result_numbers"] == "ion"
        return translate(*self.asked, rows.columns, rows.fields, is_ion=is_ion)

    @property
    def failure(self) -> str | None:
        return super().failure or self._bad

    @cached_property
    def _bad(self) -> str | None:
        try:
            _ = self.count, self.result
        except (BadQuery, duckdb.Error) as error:
            return f"The query cannot be run: {error}"
        return None

    @cached_property
    def count(self) -> int:
        return self.rows().count(self.selected)

    @cached_property
    def result(self) -> bytes:
        return self.rows().result(self.selected, self.line)


class Job(Work):
    """An index or a diff, with its files."""

    def __init__(self, identity: str, subject: Subject, switches: Switches) -> None:
        super().__init__(identity, switches, subject.kind.lower())
        self.subject = subject
        self.queries: dict[str, Query] = {}

    @property
    def failure(self) -> str | None:
        return self.subject.problem or super().failure

    @cached_property
    def rows(self) -> RowFile:
        shown = looks(self.switches, self.subject.place)
        assert self.subject.version is not None  # else it has failed
        if self.subject.kind == "INDEX":
            return self.subject.version.rows(shown)
        assert self.subject.prev is not None
        return diff(self.subject.prev, self.subject.version, shown)

    @cached_property
    def fields(self) -> bytes:
        return self.rows.fields_text()

    @cached_property
    def properties(self) -> bytes:
        content = self.rows.text(self.line(is_ion=False))
        if self.switches["autodesk_rows"] == "short":
            return content[: content.rstrip(b"\n").rfind(b"\n") + 1]
        return content

    @cached_property
    def stats(self) -> dict[str, int]:
        if self.subject.kind == "INDEX":
            return {"objects": len(self.rows)}
        found = dict(self.rows.rows("select type, count(*) from rows group by type"))
        counts = [int(found.get(kind, 0)) for kind in _KINDS]
        return dict(zip(("added", "removed", "modified"), counts, strict=True))

    def line(self, *, is_ion: bool) -> str:
        """SQL of one row as JSON."""
        make = row_line if self.subject.kind == "INDEX" else diff_line
        return make(spelling(self.switches), is_ion=is_ion)

    def query(self, query: Any, columns: Any, switches: Switches) -> Query:
        """The query with this content: the same one, as long as the switches stand as they do."""
        identity = opaque(self.id, query, columns)
        known = self.queries.get(identity)
        if known is None or known.switches is not switches:
            is_ion = switches["autodesk_result_numbers"] == "ion"
            known = Query(
                identity,
                switches,
                "query",
                rows=lambda: self.rows,
                line=self.line(is_ion=is_ion),
                asked=(query, columns),
            )
            self.queries[identity] = known
        return known


class Jobs:
    """All jobs since the start; safe to share by threads."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._by_id: dict[str, Job] = {}

    def posted(self, subject: Subject, switches: Switches, *, is_forced: bool) -> Job:
        """The job of this subject, one look on; the same id for the same subject, always."""
        identity = opaque(subject.kind, subject.project_id, subject.prev_urn, subject.urn)
        with self.lock:
            job = self._by_id.get(identity)
            if job is None or is_forced or job.switches is not switches:
                job = Job(identity, subject, switches)
                self._by_id[identity] = job
            else:
                job.lookups += 1
            return job

    def find(self, project_id: str, kind: str, identity: str) -> Job:
        """Raises: Refused with 404."""
        with self.lock:
            job = self._by_id.get(identity)
        if job is None or job.subject.kind != kind or job.subject.project_id != project_id:
            raise Refused(404, "NotFound", f"There is no {kind.lower()} {identity}.")
        return job

    def expire(self, job: Job) -> None:
        """It is gone until it is posted again."""
        with self.lock:
            self._by_id.pop(job.id, None)

    def close(self) -> None:
        """Nothing more can be read of diffs; indexes belong to their versions."""
        with self.lock:
            for job in self._by_id.values():
                if job.subject.kind == "DIFF" and "rows" in vars(job):
                    job.rows.close()
            self._by_id.clear()


def shown_job(job: Job, base: str, query: Query | None, *, is_of_query: bool) -> dict[str, Any]:
    """The job object; `base` is the address of the project's index service.

    With a query its id and result are told beside the index's own; `is_of_query` tells the query
    alone.
    """
    kind = job.subject.kind
    own = f"{base}/{'indexes' if kind == 'INDEX' else 'diffs'}/{job.id}"
    work: Work = query if query is not None and is_of_query else job
    is_over = work.state == FINISHED
    told: dict[str, Any] = {
        "projectId": job.subject.project_id,
        "indexId" if kind == "INDEX" else "diffId": job.id,
    }
    if query is not None:
        told["queryId"] = query.id
    told |= {"type": kind, "state": work.state}
    told["selfUrl"] = f"{own}/queries/{query.id}" if query is not None and is_of_query else own
    told |= _urns(job.subject)
    told |= {"updatedAt": _time(work.began, work.switches), **_retry_at(work)}
    told["stats"] = None
    if is_over:
        told["stats"] = {"objects": query.count} if query and is_of_query else job.stats
    for name in ("manifest", "fields", "properties"):
        told[f"{name}Url"] = f"{own}/{name}" if is_over else None
    if query is not None:
        is_answered = is_over and query.state == FINISHED
        result = f"{own}/queries/{query.id}/properties"
        told["queryResultsUrl"] = result if is_answered else None
    if work.state == FAILED:
        detail = work.failure or ""
        told["errors"] = [problem(Refused(200, "ProcessingFailed", detail))]
    return _spelled(told, work.switches)


def _urns(subject: Subject) -> dict[str, Sequence[str]]:
    if subject.prev_urn is None:
        return {"versionUrns": [subject.urn]}
    return {"prevVersionUrns": [subject.prev_urn], "curVersionUrns": [subject.urn]}


def _retry_at(work: Work) -> Mapping[str, str]:
    form = work.switches["autodesk_retry_at"]
    if form == "missing":
        return {}
    if form == "broken":
        return {"retryAt": "in a moment"}
    later_s = work.switches.number("autodesk_retry_s") or 0
    moment = datetime.now(UTC) + timedelta(seconds=later_s)
    return {"retryAt": _time(work.began if form == "past" else moment, work.switches)}


def _time(moment: datetime, switches: Switches) -> str:
    if switches["autodesk_times"] == "short":
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}7+00:00"


def _spelled(told: dict[str, Any], switches: Switches) -> dict[str, Any]:
    if switches["autodesk_numbers"] == "quoted" and told["stats"] is not None:
        told["stats"] = {name: str(count) for name, count in told["stats"].items()}
    if switches["autodesk_unset"] == "absent":
        return {name: value for name, value in told.items() if value is not None}
    return told
