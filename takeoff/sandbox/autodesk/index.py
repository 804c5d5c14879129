"""The routes of Model Properties v2: indexes, diffs, queries and their files."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from takeoff.sandbox.autodesk.answers import Refused, answer
from takeoff.sandbox.autodesk.catalogue import Catalogue, Project, region
from takeoff.sandbox.autodesk.jobs import FINISHED, Job, Jobs, Query, Subject, Work, shown_job
from takeoff.sandbox.autodesk.manifests import manifest
from takeoff.sandbox.autodesk.query_words import BadQuery
from takeoff.sandbox.faults import Control
from takeoff.sandbox.storage import Storage

_BASE = "/construction/index/v2/projects/<project_id>"
_MOST = 1000
_FINAL = "private, max-age=31536000, immutable"
_WORKING = "no-cache"
_GZIP = "application/gzip"
_LINES = "application/json"


@dataclass(frozen=True)
class File:
    """A result as the storage gives it."""

    content: bytes
    content_type: str = _GZIP


class IndexService:
    """What the routes do; each method is one call of the contract."""

    def __init__(
        self, catalogue: Catalogue, control: Control, storage: Storage, jobs: Jobs
    ) -> None:
        self._catalogue = catalogue
        self._control = control
        self._storage = storage
        self._jobs = jobs

    def batch(self, project_id: str, kind: str) -> Response:
        """Starts and reports the jobs that are asked for. Raises: Refused."""
        project = self._project(project_id)
        listed = "versions" if kind == "INDEX" else "diffs"
        entries = _entries(_body(), listed)
        is_forced = request.headers.get("x-ads-force-regenerate-cache", "").lower() == "true"
        told = [self._posted(project, kind, entry, is_forced) for entry in entries]
        if self._control.switches["autodesk_batch"] == "array":
            return self._told(told)
        return self._told({"indexes" if kind == "INDEX" else "diffs": told})

    def status(self, project_id: str, kind: str, identity: str) -> Response:
        """The job, one look on. Raises: Refused with 404."""
        job = self._job(project_id, kind, identity)
        with self._jobs.lock:
            job.lookups += 1
        return self._told(self._shown(job), job)

    def manifest(self, project_id: str, kind: str, identity: str) -> Response:
        """Raises: Refused with 404 if it is not finished or gone."""
        job = self._finished(project_id, kind, identity)
        where = region(self._control.switches["autodesk_region"])
        made = answer(manifest(job, where))
        made.headers["Cache-Control"] = _FINAL
        return made

    def file(self, project_id: str, kind: str, identity: str, name: str) -> Response:
        """`fields` or `properties`. Raises: Refused with 404 if it is not finished or gone."""
        job = self._finished(project_id, kind, identity)
        content = job.fields if name == "fields" else job.properties
        return self._download(content, f"{job.id} {name}")

    def query(self, project_id: str, kind: str, identity: str) -> Response:
        """Starts a query. Raises: Refused with 400, 404."""
        job = self._job(project_id, kind, identity)
        body = _body()
        if job.subject.problem is not None:
            raise Refused(400, "BadInput", f"The {job.kind} has failed: {job.subject.problem}")
        if "query" not in body:
            raise Refused(400, "BadInput", "A query is required.", [("query", "is required")])
        with self._jobs.lock:
            query = self._asked(job, body)
        return self._told(self._shown(job, query, is_of_query=True), query)

    def query_status(self, project_id: str, kind: str, identity: str, query_id: str) -> Response:
        """The query's job, one look on. Raises: Refused with 404."""
        job, query = self._found(project_id, kind, identity, query_id)
        with self._jobs.lock:
            query.lookups += 1
        return self._told(self._shown(job, query, is_of_query=True), query)

    def results(self, project_id: str, kind: str, identity: str, query_id: str) -> Response:
        """The rows of a query. Raises: Refused with 404 if it is not finished or gone."""
        job, query = self._found(project_id, kind, identity, query_id)
        _must_be_over(query)
        self._expire(job)
        return self._download(query.result, f"{job.id} {query.id}")

    def _posted(
        self, project: Project, kind: str, entry: dict[str, Any], is_forced: bool
    ) -> dict[str, Any]:
        job = self._jobs.posted(
            _subject(project, kind, entry), self._control.switches, is_forced=is_forced
        )
        if entry.get("query") is None:
            return self._shown(job)
        with self._jobs.lock:
            query = self._asked(job, entry)
            query.lookups = job.lookups
        return self._shown(job, query)

    def _asked(self, job: Job, body: dict[str, Any]) -> Query:
        """The query of this body; refused at once if it is bad and the switches say so."""
        switches = self._control.switches
        query = job.query(body["query"], body.get("columns"), switches)
        if switches["autodesk_bad_query"] == "400" and job.subject.problem is None:
            try:
                _ = query.selected
            except BadQuery as error:
                told = [(error.where, str(error))]
                raise Refused(400, "BadInput", f"The query is invalid: {error}", told) from error
        return query

    def _project(self, project_id: str) -> Project:
        """Raises: Refused with 403 for a project that there is not, or in another region."""
        wanted = self._control.switches["autodesk_region"]
        if wanted != "any" and request.headers.get("x-ads-region", "US").upper() != wanted:
            raise Refused(404, "NotFound", f"There is no project {project_id} in this region.")
        try:
            return self._catalogue.project(project_id)
        except Refused as error:
            what = f"The user has no access to the project {project_id}."
            raise Refused(403, "Forbidden", what) from error

    def _job(self, project_id: str, kind: str, identity: str) -> Job:
        return self._jobs.find(self._project(project_id).id, kind, identity)

    def _found(self, project_id: str, kind: str, identity: str, query_id: str) -> tuple[Job, Query]:
        job = self._job(project_id, kind, identity)
        query = job.queries.get(query_id)
        if query is None:
            raise Refused(404, "NotFound", f"There is no query {query_id}.")
        return job, query

    def _finished(self, project_id: str, kind: str, identity: str) -> Job:
        job = self._job(project_id, kind, identity)
        _must_be_over(job)
        self._expire(job)
        return job

    def _expire(self, job: Job) -> None:
        """Raises: Refused if the switches say that it is gone just now."""
        switches = self._control.switches
        form = switches["autodesk_expired"]
        if form == "never":
            return
        if form == "once" and self._control.count(f"expired {job.id}"):
            return
        self._jobs.expire(job)
        status = int(switches["autodesk_expired_status"])
        raise Refused(status, "NotFound", f"The {job.kind} {job.id} has expired.")

    def _shown(
        self, job: Job, query: Query | None = None, *, is_of_query: bool = False
    ) -> dict[str, Any]:
        base = f"{request.host_url}construction/index/v2/projects/{job.subject.project_id}"
        return shown_job(job, base, query, is_of_query=is_of_query)

    def _told(self, value: Any, work: Work | None = None) -> Response:
        """`work` is the one job that is told; it may be kept if it is over."""
        made = answer(value)
        is_over = work is not None and work.state in (FINISHED, "FAILED")
        made.headers["Cache-Control"] = _FINAL if is_over else _WORKING
        wait_s = self._control.switches.number("operation_retry_after_s")
        if wait_s is not None and not is_over:
            made.headers["Retry-After"] = str(wait_s)
        return made

    def _download(self, content: bytes, owner: str) -> Response:
        switches = self._control.switches
        mode, charset = switches["autodesk_download"], switches["autodesk_charset"]
        lines = _LINES if charset == "none" else f"{_LINES}; charset={charset}"
        headers = {"Cache-Control": _FINAL}
        if mode == "plain":
            return Response(content, 200, headers, content_type=lines)
        packed = gzip.compress(content, 6, mtime=0)
        if mode == "303":
            headers["Location"] = self._storage.link(File(packed), owner)
            return Response(b"", 303, headers)
        if mode == "raw":
            return Response(packed, 200, headers, content_type=_GZIP)
        headers["Content-Encoding"] = "gzip"
        return Response(packed, 200, headers, content_type=lines)


def routes(service: IndexService) -> Blueprint:
    """`/construction/index/v2`: the same calls for indexes and for diffs."""
    made = Blueprint("index", __name__)
    for kind, name in (("INDEX", "index"), ("DIFF", "diff")):
        _add(made, service, kind, name)
    return made


def _add(made: Blueprint, service: IndexService, kind: str, name: str) -> None:
    listed = f"{_BASE}/{'indexes' if kind == 'INDEX' else 'diffs'}"
    prefix = "" if kind == "INDEX" else "diff_"

    def add(place: str, method: str, path: str, call: Callable[..., Response]) -> None:
        made.add_url_rule(path, place, call, methods=[method])

    for spelled in ("batch-status", "batchStatus"):
        add(
            name if spelled == "batch-status" else f"{name}_camel",
            "POST",
            f"{listed}:{spelled}",
            lambda project_id: service.batch(project_id, kind),
        )
    one = f"{listed}/<identity>"
    add(
        f"{prefix}job",
        "GET",
        one,
        lambda project_id, identity: service.status(project_id, kind, identity),
    )
    add(
        f"{prefix}manifest",
        "GET",
        f"{one}/manifest",
        lambda project_id, identity: service.manifest(project_id, kind, identity),
    )
    add(
        f"{prefix}fields",
        "GET",
        f"{one}/fields",
        lambda project_id, identity: service.file(project_id, kind, identity, "fields"),
    )
    add(
        f"{prefix}properties",
        "GET",
        f"{one}/properties",
        lambda project_id, identity: service.file(project_id, kind, identity, "properties"),
    )
    add(
        f"{prefix}query",
        "POST",
        f"{one}/queries",
        lambda project_id, identity: service.query(project_id, kind, identity),
    )
    add(
        f"{prefix}query_job",
        "GET",
        f"{one}/queries/<query_id>",
        lambda project_id, identity, query_id: service.query_status(
            project_id, kind, identity, query_id
        ),
    )
    add(
        f"{prefix}results",
        "GET",
        f"{one}/queries/<query_id>/properties",
        lambda project_id, identity, query_id: service.results(
            project_id, kind, identity, query_id
        ),
    )


def _must_be_over(work: Work) -> None:
    if work.state != FINISHED:
        raise Refused(404, "NotFound", f"The {work.kind} {work.id} is {work.state}.")


def _body() -> dict[str, Any]:
    """Raises: Refused with 415 unless it is JSON, with 400 unless it is an object."""
    if request.mimetype != "application/json":
        what = "The Content-Type must be application/json."
        raise Refused(415, "UnsupportedMediaType", what)
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "BadInput", "The body must be a JSON object.")
    return body


def _entries(body: dict[str, Any], name: str) -> Sequence[dict[str, Any]]:
    entries = body.get(name)
    if not isinstance(entries, list) or not 1 <= len(entries) <= _MOST:
        what = f"{name} must be a list of 1 to {_MOST} entries."
        raise Refused(400, "BadInput", what, [(name, what)])
    if not all(isinstance(entry, dict) for entry in entries):
        what = f"{name} must be objects."
        raise Refused(400, "BadInput", what, [(name, what)])
    return entries


def _subject(project: Project, kind: str, entry: dict[str, Any]) -> Subject:
    """Raises: Refused with 400 for what is no version URN."""
    if kind == "INDEX":
        urn = _text(entry, "versionUrn")
        found = project.version(urn)
        place, version = (0, None) if found is None else (found[0].place, found[1])
        return Subject(project.id, place, urn, version)
    prev_urn, urn = _text(entry, "prevVersionUrn"), _text(entry, "curVersionUrn")
    prev, cur = project.version(prev_urn), project.version(urn)
    return Subject(
        project.id,
        0 if cur is None else cur[0].place,
        urn,
        None if cur is None else cur[1],
        prev_urn,
        None if prev is None else prev[1],
    )


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str):
        what = f"{name} is required."
        raise Refused(400, "BadInput", what, [(name, what)])
    return value
