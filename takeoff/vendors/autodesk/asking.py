"""One model being asked for: its index, and what has changed since an earlier version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from takeoff.core.errors import NotUnderstood, VendorRefused
from takeoff.core.progress import Progress
from takeoff.core.refs import Brought, ModelRef, Proof, SourceVersion
from takeoff.core.sink import Asked, Sink
from takeoff.http.messages import Request
from takeoff.http.session import LinkEnded, Session
from takeoff.vendors.autodesk import asked, calls, endpoints, listing, waiting
from takeoff.vendors.autodesk.asked import Record
from takeoff.vendors.autodesk.calls import Pair, Version
from takeoff.vendors.autodesk.endpoints import Handling
from takeoff.vendors.autodesk.fields import read as read_fields
from takeoff.vendors.autodesk.job import Job
from takeoff.vendors.autodesk.lines import count_lines
from takeoff.vendors.autodesk.manifest import Manifest, manifest_of
from takeoff.vendors.autodesk.options import Options
from takeoff.vendors.autodesk.paths import ASKED, DIFFS, INDEXES

# Places of the kinds of answers among the evidence.
_INDEX, _DIFF, _RECORD = range(3)
_JOB, _MANIFEST, _FIELDS, _PROPERTIES = range(4)
# What an index that has expired may be answered with; it is asked for anew, once.
_EXPIRED = (404, 410)

T = TypeVar("T")


def newest_version(session: Session, ref: ModelRef) -> SourceVersion:
    """The newest version of the item: its URN, and its number for people."""
    newest = listing.item_versions(session, ref.project_id, ref.model_id)[0]
    label = None if newest.number is None else f"version {newest.number}"
    return SourceVersion("version_urn", newest.urn, label)


@dataclass(frozen=True)
class _Files:
    """One result on disk: what the job and the manifest say, and the lines of the properties."""

    job: Job
    manifest: Manifest
    lines: int
    is_framed: bool


class Asking:
    """One model being asked for."""

    def __init__(
        self, ref: ModelRef, session: Session, sink: Sink, progress: Progress, options: Options
    ) -> None:
        self._project, self._ref = ref.project_id, ref
        self._session, self._sink, self._progress = session, sink, progress
        self._options, self._handling = options, Handling(options.region)
        self._codes = options.code_fields

    def all(self) -> Brought:
        """The index, and the comparison with an earlier version if one is named."""
        newest = self._newest()
        self._progress.step("waiting for the index")
        index = self._result(INDEXES, lambda: self._index(str(newest.value)))
        proof = _proof(index)
        record = Record(str(newest.value), index.job.id, codes=self._codes)
        if index.manifest.problem is not None:
            said = f"The manifest names errors: {index.manifest.problem}"
            record = record.noticing("manifest_errors", said)
        record, changes = self._compared(record)
        self._keep_record(record)
        totals = {"objects": index.lines} if proof.kind == "stated_total" else {}
        return Brought(proof, totals | changes, newest)

    def _newest(self) -> SourceVersion:
        """The version that counts: the newest, or the one that an earlier try began with."""
        urn, label = self._sink.noted("version"), self._sink.noted("version label")
        if urn is not None:
            return SourceVersion("version_urn", urn, label or None)
        newest = newest_version(self._session, self._ref)
        self._sink.note("version label", newest.label or "")
        self._sink.note("version", str(newest.value))
        return newest

    def _compared(self, record: Record) -> tuple[Record, dict[str, int]]:
        """The record with the comparison, and what it states; without it if it cannot be had."""
        previous = self._options.previous_version
        if previous is None or previous == record.version_urn:
            return record, {}
        self._progress.step("waiting for the comparison with the version before")
        pair = Pair(previous, record.version_urn)
        try:
            diff = self._result(DIFFS, lambda: self._diff(pair))
        except VendorRefused as refusal:
            said = f"The changes since {previous} are not known: {refusal}"
            return record.noticing("changes_missing", said), {}
        _must_be_all_changes(diff)
        compared = replace(record, previous_urn=previous, diff_id=diff.job.id)
        return compared, {f"{name} objects": count for name, count in diff.job.stats.items()}

    def _index(self, urn: str) -> Job:
        versions = [Version(urn)]
        return calls.indexes(self._session, self._project, versions, self._handling)[0]

    def _diff(self, pair: Pair) -> Job:
        return calls.diffs(self._session, self._project, [pair], self._handling)[0]

    def _result(self, kind: str, start: Callable[[], Job]) -> _Files:
        """The files of an index or diff; it is started again if it has expired meanwhile."""
        return _once_more(
            lambda is_again: self._files(kind, self._finished(kind, start, is_again=is_again))
        )

    def _finished(self, kind: str, start: Callable[[], Job], *, is_again: bool) -> Job:
        """The job of an earlier try if that was finished, else one that is waited for."""
        key = f"{kind} job"
        known = None if is_again else self._sink.noted(key)
        if known is not None and self._held(endpoints.job(self._project, kind, known)) is not None:
            return self._job(kind, known)
        started = start()
        self._sink.note(key, started.id)
        waiting.finished(
            started,
            lambda: calls.job(self._session, self._project, kind, started.id, self._handling),
            name=f"The {'index' if kind == INDEXES else 'comparison'} of {self._ref.model_id}",
            clock=self._session.clock,
            patience=self._options.patience,
        )
        return self._job(kind, started.id)

    def _job(self, kind: str, job_id: str) -> Job:
        """The finished job, whose answer no longer changes, kept as evidence of its totals."""
        request = endpoints.job(self._project, kind, job_id)
        path, _ = self._kept(request, (_place(kind), _JOB), request)
        return calls.read_job(path, request)

    def _files(self, kind: str, job: Job) -> _Files:
        """The manifest, the fields and the rows; those that do not suit what is stated twice."""
        place = _place(kind)
        at, _ = self._kept(
            endpoints.manifest(self._project, kind, job.id),
            (place, _MANIFEST),
            self._by_link(job, "manifest"),
        )
        manifest = manifest_of(at.read_bytes(), job.id)
        if manifest.is_failed:
            said = manifest.problem or "no reason is given"
            raise VendorRefused(f"Autodesk could not make the result {job.id}: {said}.")
        self._progress.step("asking for the fields")
        definitions, _ = self._kept(
            endpoints.fields(self._project, kind, job.id),
            (place, _FIELDS),
            self._by_link(job, "fields"),
        )
        fields = read_fields(definitions, job.id)
        self._progress.step("asking for the rows", job.stated_objects)
        files = _twice(lambda is_fresh: self._rows(kind, job, manifest, is_fresh=is_fresh))
        if files.lines and not len(fields):
            raise NotUnderstood(
                f"Autodesk's index {job.id} has rows, but defines no field; nothing was committed. "
                "Fetch again, and if it stays so, have the index made anew."
            )
        return files

    def _rows(self, kind: str, job: Job, manifest: Manifest, *, is_fresh: bool) -> _Files:
        path, is_framed = self._kept(
            endpoints.properties(self._project, kind, job.id),
            (_place(kind), _PROPERTIES),
            self._by_link(job, "properties"),
            is_fresh=is_fresh,
        )
        lines = count_lines(path)
        self._progress.advance(lines)
        return _Files(job, manifest, lines, is_framed)

    def _by_link(self, job: Job, what: str) -> Request | None:
        """The request for a link of the job; null if it has none, or one that leads elsewhere."""
        href = job.urls.get(what)
        if href is None:
            return None
        try:
            return self._session.link(href)
        except NotUnderstood:
            return None

    def _held(self, request: Request) -> Path | None:
        return self._sink.held(request.asked)

    def _kept(
        self,
        request: Request,
        order: tuple[int, ...],
        sent: Request | None,
        *,
        is_fresh: bool = False,
    ) -> tuple[Path, bool]:
        """Where an answer lies, and whether its end was marked as such; it is asked for if need be.

        `sent` is what is asked in place of `request`, by whose path the answer is known.
        """
        held = None if is_fresh else self._held(request)
        if held is not None:
            # Only what was found complete is kept, and its end cannot be looked at again.
            return held, self._sink.noted(f"framed {request.target}") == "yes"
        part = self._sink.part()
        answer = self._session.download(self._handling.of(sent or request), part)
        self._sink.note(f"framed {request.target}", "yes" if answer.is_framed else "no")
        kept = self._sink.keep(request.asked, part, order=order, status=answer.status)
        return kept, answer.is_framed

    def _keep_record(self, record: Record) -> None:
        """What was asked for is evidence, too: the answers do not say which index counts."""
        part = self._sink.part()
        part.write_bytes(asked.written(record))
        self._sink.keep(Asked("FILE", ASKED), part, order=(_RECORD,), status=None)


def _place(kind: str) -> int:
    return _INDEX if kind == INDEXES else _DIFF


def _once_more(attempt: Callable[[bool], T]) -> T:
    """The attempt; once more, with true, if what it needs has expired."""
    try:
        return attempt(False)
    except LinkEnded:
        raise
    except VendorRefused as refusal:
        if refusal.status not in _EXPIRED:
            raise
        return attempt(True)


class _NotAsStated(NotUnderstood):
    """The rows are not as many as were stated; another download may bring them."""


def _twice(attempt: Callable[[bool], _Files]) -> _Files:
    """The rows; asked for afresh, once, if they are not as many as stated."""
    try:
        files = attempt(False)
        _must_be_as_stated(files)
    except _NotAsStated:
        files = attempt(True)
        _must_be_as_stated(files)
    return files


def _must_be_as_stated(files: _Files) -> None:
    for said_by, stated in (
        ("the job", files.job.stated_objects),
        ("the manifest", files.manifest.stated_objects),
    ):
        if stated is not None and stated != files.lines:
            raise _NotAsStated(
                f"Autodesk's index {files.job.id} has {files.lines:,} rows, but {said_by} states "
                f"{stated:,}. Nothing was committed; fetch again, and if it stays so, have the "
                "index made anew."
            )


def _must_be_all_changes(files: _Files) -> None:
    """Raises: NotUnderstood if the rows of a diff are not as many as the changes it states."""
    stats = files.job.stats
    stated = sum(stats.get(name, 0) for name in ("added", "removed", "modified"))
    if stats and stated != files.lines:
        raise NotUnderstood(
            f"Autodesk's comparison {files.job.id} has {files.lines:,} rows, but states "
            f"{stated:,} changes. Nothing was committed; fetch again."
        )


def _proof(files: _Files) -> Proof:
    stated = [files.job.stated_objects, files.manifest.stated_objects]
    if any(count is not None for count in stated):
        ends = ", and the transport marks the end" if files.is_framed else ""
        return Proof("stated_total", f"objects: {files.lines:,} stated and read{ends}")
    if files.is_framed:
        return Proof("protocol_end", f"objects: {files.lines:,} read to the end of the transfer")
    return Proof("none", f"objects: {files.lines:,} read, none stated, and no end is marked")
