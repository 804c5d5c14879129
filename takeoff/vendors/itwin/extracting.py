"""The tables of mappings at one changeset: those that are there, or those of a run that is started.

A mapping that was extracted from a newer changeset is skipped by the service without a word, and a
run that succeeds in part counts as ended; both are told apart here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from zlib import crc32

from takeoff.core.errors import NotUnderstood, VendorRefused
from takeoff.core.refs import Operation, OperationState
from takeoff.core.sink import Sink
from takeoff.http import operations
from takeoff.http.messages import Request
from takeoff.http.operations import Patience
from takeoff.http.session import Session
from takeoff.vendors.itwin import answers, endpoints
from takeoff.vendors.itwin.definitions import Mapping
from takeoff.vendors.itwin.lists import Kept, inner_of, listed
from takeoff.vendors.itwin.runs import Extraction, LogEntry, MappingExtraction
from takeoff.vendors.itwin.versions import Wanted

T = TypeVar("T")

_NOT_FOUND = 404
_ENDED: tuple[OperationState, ...] = ("ready", "partial", "failed")
_MOST_SAID = 10


@dataclass(frozen=True)
class Extracted:
    """A mapping whose tables are at the wanted changeset. `word` is the state of the run.

    `is_whole` is false if it succeeded in part only or nobody knows; `logs` say why then.
    """

    mapping: Mapping
    extraction_id: str
    is_whole: bool
    word: str
    logs: tuple[LogEntry, ...]

    @property
    def said(self) -> str:
        """What the log complains of, in a few words."""
        return complaints(self.logs)


@dataclass(frozen=True)
class Extracting:
    """Extracts one iModel at one version. `order` is the place of the answers in the evidence.

    With `must_be_newest` only a mapping's newest tables count, as in a report's feed.
    """

    session: Session
    sink: Sink
    imodel_id: str
    wanted: Wanted
    patience: Patience
    order: int
    must_be_newest: bool = False

    def tables_of(self, mappings: Sequence[Mapping]) -> list[Extracted]:
        """The mappings with their tables, in order; those that lack them are extracted first.

        Raises: VendorRefused if the run fails; NotUnderstood if the service skipped a mapping;
        TryLater if the run takes too long.
        """
        missing = [one for one in mappings if not self._is_there(one)]
        run = self._run(missing) if missing else None
        return [self._extracted(place, one, run) for place, one in enumerate(mappings)]

    def _is_there(self, mapping: Mapping) -> bool:
        """Whether the mapping, as it is now, has been extracted whole at the version.

        What came in part only is extracted anew: a group that was corrected since leaves no trace
        in the mapping's own time.
        """
        request = endpoints.mapping_extractions(mapping.id)
        if self.sink.held(request.asked) is not None:
            return True
        runs = listed(self.session, request, "extractions", MappingExtraction.of)
        found = self._chosen(runs, None)
        return found is not None and _is_current(found, mapping) and self._has_ended_well(found.id)

    def _has_ended_well(self, extraction_id: str) -> bool:
        """A run that still goes on, such as one that began by itself, is waited for."""
        try:
            found = self._look(extraction_id)
        except VendorRefused as refusal:
            if refusal.status != _NOT_FOUND:
                raise
            return False
        if found.state not in _ENDED:
            found = self._waited(found)
        return found.state == "ready"

    def _chosen(
        self, runs: Sequence[MappingExtraction], run: Extraction | None
    ) -> MappingExtraction | None:
        """Our own run's tables, or else the newest ones, if they are at the version."""
        newest_first = sorted(runs, key=_made, reverse=True)
        if self.must_be_newest:
            newest_first = newest_first[:1]
        fitting = [one for one in newest_first if one.changeset_index == self.wanted.index]
        own = [one for one in fitting if run is not None and one.id == run.id]
        return next(iter([*own, *fitting]), None)

    def _run(self, mappings: Sequence[Mapping]) -> Extraction:
        """A run for these mappings, waited for; the one that a killed try had started, if any."""
        if not self.wanted.is_latest and self.wanted.changeset_id is None:
            raise NotUnderstood(
                f"The baseline of {self.imodel_id} cannot be extracted any more, because an "
                "extraction names a changeset and there are newer ones; fetch another version."
            )
        ids = [one.id for one in mappings]
        request = endpoints.run_extraction(self.imodel_id, ids, self.wanted.changeset_id)
        key = f"operation {request.method} {request.target} {request.asked.body_sha256}"
        run = self._known(self.sink.noted(key))
        if run is None:
            run = Extraction.of(inner_of(self.session, request, "extraction"), request.target)
            self.sink.note(key, run.id)
        run = self._waited(run)
        if run.state == "failed":
            raise VendorRefused(
                f"The extraction of {self.imodel_id} failed at the vendor (extraction {run.id}): "
                f"{self._complaints(run.id)}; correct the mapping in Grouping and Mapping, then "
                "fetch again."
            )
        return run

    def _known(self, extraction_id: str | None) -> Extraction | None:
        if extraction_id is None:
            return None
        try:
            return self._look(extraction_id)
        except VendorRefused as refusal:
            if refusal.status != _NOT_FOUND:
                raise
            return None

    def _waited(self, run: Extraction) -> Extraction:
        last = run

        def look(extraction_id: str) -> Operation:
            nonlocal last
            last = self._look(extraction_id)
            return _operation(last)

        operations.wait(
            _operation(run),
            look,
            name=f"The extraction of {self.imodel_id}",
            patience=self.patience,
            clock=self.session.clock,
            accept=_ENDED,
        )
        return last

    def _look(self, extraction_id: str) -> Extraction:
        """How far a run is; kept once it has ended well."""
        request = endpoints.extraction(extraction_id)

        def read(path: Path) -> Extraction:
            item = answers.inner(
                answers.read_object(path, request.target), "extraction", request.target
            )
            return Extraction.of(item, request.target, extraction_id)

        return once_final(
            self.session,
            Kept(self.sink, (self.order, 1, crc32(extraction_id.encode()))),
            request,
            read,
            lambda found: found.state in ("ready", "partial"),
        )

    def _complaints(self, extraction_id: str) -> str:
        request = endpoints.extraction_logs(extraction_id)
        logs = listed(self.session, request, "logs", LogEntry.of)
        return complaints(logs)

    def _extracted(self, place: int, mapping: Mapping, run: Extraction | None) -> Extracted:
        """The tables that a mapping has. Raises: NotUnderstood if they are of another version."""
        request = endpoints.mapping_extractions(mapping.id)
        kept = Kept(self.sink, (self.order, 0, place))
        runs = listed(self.session, request, "extractions", MappingExtraction.of, kept)
        found = self._chosen(runs, run)
        if found is None:
            raise NotUnderstood(self._skipped(mapping, runs))
        state = self._known(found.id)
        is_whole = state is not None and state.state == "ready"
        logs = () if is_whole or state is None else self._logs(place, found.id)
        word = "unknown" if state is None else state.word
        return Extracted(mapping, found.id, is_whole, word, logs)

    def _logs(self, place: int, extraction_id: str) -> tuple[LogEntry, ...]:
        request = endpoints.extraction_logs(extraction_id)
        kept = Kept(self.sink, (self.order, 2, place))
        return tuple(listed(self.session, request, "logs", LogEntry.of, kept))

    def _skipped(self, mapping: Mapping, runs: Sequence[MappingExtraction]) -> str:
        newest = max((one.changeset_index or 0 for one in runs), default=None)
        there = "no tables" if newest is None else f"tables of changeset {newest} at best"
        return (
            f"The mapping '{mapping.name}' ({mapping.id}) was skipped: changeset "
            f"{self.wanted.index} was wanted, and it has {there}. A mapping that was extracted "
            "from a newer changeset is not extracted from an older one; copy the mapping and "
            "extract the copy, or fetch the latest version. Nothing was committed."
        )


def complaints(logs: Sequence[LogEntry]) -> str:
    """The warnings and errors of a log, each once, in a few words."""
    bad = [entry.message or entry.category or "?" for entry in logs if entry.is_bad]
    return "; ".join(list(dict.fromkeys(bad))[:_MOST_SAID]) or "its log names no reason"


def once_final(
    session: Session,
    kept: Kept,
    request: Request,
    read: Callable[[Path], T],
    is_final: Callable[[T], bool],
) -> T:
    """What an answer says; it is kept if that will not change any more."""
    held = kept.sink.held(request.asked)
    if held is not None:
        return read(held)
    part = kept.sink.part()
    answer = session.ask(request, part)
    found = read(part)
    if is_final(found):
        kept.sink.keep(request.asked, part, order=kept.order, status=answer.status)
    else:
        part.unlink()
    return found


def _is_current(found: MappingExtraction, mapping: Mapping) -> bool:
    """Whether the mapping has not changed since; where nobody says when, it has not."""
    if found.mapping_at is None or mapping.modified_at is None:
        return True
    return found.mapping_at >= mapping.modified_at


def _made(one: MappingExtraction) -> tuple[bool, float]:
    return (one.made_at is not None, 0.0 if one.made_at is None else one.made_at.timestamp())


def _operation(run: Extraction) -> Operation:
    return Operation(run.id, run.state, problem=run.reason)
