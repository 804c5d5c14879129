"""Extractions, what they made, and reports, as plain values.

Each is made of one JSON object by its `of`, which raises NotUnderstood if an id or state is
missing. Times are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from takeoff.core.refs import OperationState
from takeoff.vendors.itwin.answers import Json, flag, href, member, moment, required, text, whole

EXTRACTION_STATES: dict[str, OperationState] = {
    "queued": "queued",
    "running": "running",
    "succeeded": "ready",
    "partiallysucceeded": "partial",
    "failed": "failed",
}


@dataclass(frozen=True)
class Extraction:
    """A run that fills the tables of mappings; `word` is its state as the service says it.

    A word that is not documented is `unknown`. `reason` and `contains_issues` come from the old
    generation only.
    """

    id: str
    state: OperationState
    word: str
    started_at: datetime | None
    reason: str | None = None
    contains_issues: bool | None = None
    logs_url: str | None = None

    @staticmethod
    def of(item: Json, name: str, extraction_id: str | None = None) -> Extraction:
        """See the module; `extraction_id` is used where the answer does not repeat it."""
        word = required(item, "state", name)
        known = text(member(item, "id", "jobId")) or extraction_id
        return Extraction(
            required(item, "id", name) if known is None else known,
            EXTRACTION_STATES.get(word.casefold(), "unknown"),
            word,
            moment(member(item, "startedOn")),
            text(member(item, "reason")),
            flag(member(item, "containsIssues")),
            href(item, "logs"),
        )


@dataclass(frozen=True)
class MappingExtraction:
    """What a run made of one mapping: the tables of this changeset, by this form of the mapping."""

    id: str
    changeset_index: int | None
    made_at: datetime | None
    mapping_at: datetime | None

    @staticmethod
    def of(item: Json, name: str) -> MappingExtraction:
        """See the module."""
        return MappingExtraction(
            required(item, "extractionId", name),
            whole(member(item, "changesetIndex")),
            moment(member(item, "extractionTimestamp")),
            moment(member(item, "mappingTimestamp")),
        )


@dataclass(frozen=True)
class LogEntry:
    """One line of a run's log. `category` and `context_type` are open words."""

    level: str | None
    category: str | None
    context_type: str | None
    context_id: str | None
    message: str | None
    state: str | None
    at: datetime | None

    @property
    def is_bad(self) -> bool:
        """Whether it is a warning or an error."""
        return (self.level or "").casefold() in ("warning", "error")

    @staticmethod
    def of(item: Json, name: str) -> LogEntry:
        """See the module."""
        return LogEntry(
            text(member(item, "level")),
            text(member(item, "category")),
            text(member(item, "contextType")),
            text(member(item, "contextId")),
            text(member(item, "message", "reason")),
            text(member(item, "state")),
            moment(member(item, "dateTime", "date")),
        )


@dataclass(frozen=True)
class Report:
    """A feed over the mappings of one iTwin. A deleted one is kept by the service for a month."""

    id: str
    name: str | None
    description: str | None
    deleted: bool | None
    odata_url: str | None

    @staticmethod
    def of(item: Json, name: str) -> Report:
        """See the module."""
        return Report(
            required(item, "id", name),
            text(member(item, "displayName")),
            text(member(item, "description")),
            flag(member(item, "deleted")),
            href(item, "odata"),
        )


@dataclass(frozen=True)
class ReportMapping:
    """A mapping that a report reads."""

    mapping_id: str
    imodel_id: str | None

    @staticmethod
    def of(item: Json, name: str) -> ReportMapping:
        """See the module."""
        return ReportMapping(
            required(item, "mappingId", name), text(member(item, "imodelId", "iModelId"))
        )
