"""Reports: lists of mappings whose latest tables make one feed."""

from __future__ import annotations

import threading
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from takeoff.sandbox.itwin.answers import Refused, missing, own_id, required
from takeoff.sandbox.itwin.extractions import Extraction, Extractions
from takeoff.sandbox.itwin.mappings import Mappings
from takeoff.sandbox.itwin.tables import GroupTable
from takeoff.sandbox.itwin.world import World
from takeoff.sandbox.switches import Switches

_NAME = "Takeoff"


@dataclass(frozen=True)
class Report:
    """A report. `mapping_ids` are its data sources, in the order that they were added."""

    id: str
    name: str
    description: str
    itwin_id: str
    created: datetime
    modified: datetime
    is_deleted: bool = False
    mapping_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entity:
    """One table of a feed: its entity set's name, and the extraction that it is from."""

    name: str
    extraction: Extraction
    table: GroupTable


class Reports:
    """All reports; safe to share by threads. Each iTwin of the lake has one with its mappings."""

    def __init__(self, world: World, mappings: Mappings, extractions: Extractions) -> None:
        self._world = world
        self._mappings = mappings
        self._extractions = extractions
        self._lock = threading.RLock()
        self._reports: dict[str, Report] = {}
        for itwin in world.itwins():
            report_id = own_id("report", itwin.id)
            found = tuple(m.id for i in world.imodels(itwin.id) for m in mappings.of(i))
            told = "Every model of the iTwin."
            self._reports[report_id] = Report(
                report_id,
                _NAME,
                told,
                itwin.id,
                itwin.created,
                itwin.created,
                mapping_ids=found,
            )

    def of(self, itwin_id: str, *, deleted: bool) -> list[Report]:
        """The reports of an iTwin; with `deleted` also those that were deleted."""
        with self._lock:
            every = list(self._reports.values())
        itwin = self._world.itwin(itwin_id)
        return [one for one in every if one.itwin_id == itwin.id and deleted >= one.is_deleted]

    def report(self, report_id: str) -> Report:
        """Raises: Refused with 404."""
        with self._lock:
            found = self._reports.get(report_id.lower())
        if found is None:
            raise missing("ReportNotFound", "Report", "reportId")
        return found

    def create(self, given: Map[str, Any]) -> Report:
        """Raises: Refused."""
        key = "iTwinId" if "iTwinId" in given else "projectId"
        itwin = self._world.itwin(str(required(given, key)))
        name = str(required(given, "displayName"))
        now = datetime.now(UTC)
        told = str(given.get("description") or "")
        return self._put(Report(str(uuid4()), name, told, itwin.id, now, now))

    def update(self, report_id: str, given: Map[str, Any]) -> Report:
        """Raises: Refused with 404."""
        report = self.report(report_id)
        name = str(given.get("displayName") or report.name)
        told = str(given.get("description", report.description) or "")
        return self._put(replace(report, name=name, description=told))

    def delete(self, report_id: str) -> None:
        """It stays, marked as deleted. Raises: Refused with 404."""
        self._put(replace(self.report(report_id), is_deleted=True))

    def add_source(self, report_id: str, given: Map[str, Any]) -> tuple[str, str]:
        """A mapping, and its model. Raises: Refused."""
        report = self.report(report_id)
        mapping = self._mappings.mapping(str(required(given, "mappingId")))
        imodel = self._world.imodel(str(required(given, "imodelId")))
        if mapping.imodel_id != imodel.id:
            raise missing("MappingNotFound", "Mapping", "mappingId")
        if mapping.id in report.mapping_ids:
            raise Refused(409, "ReportMappingExists", "The report has that mapping already.")
        self._put(replace(report, mapping_ids=(*report.mapping_ids, mapping.id)))
        return mapping.id, imodel.id

    def remove_source(self, report_id: str, mapping_id: str) -> None:
        """Raises: Refused with 404."""
        report = self.report(report_id)
        if mapping_id.lower() not in report.mapping_ids:
            raise missing("ReportMappingNotFound", "Report Mapping", "mappingId")
        kept = tuple(one for one in report.mapping_ids if one != mapping_id.lower())
        self._put(replace(report, mapping_ids=kept))

    def sources(self, report: Report) -> list[tuple[str, str]]:
        """Mappings that are still there, with their models."""
        known = {one.id: one for i in self._world.imodels() for one in self._mappings.of(i)}
        return [(known[m].id, known[m].imodel_id) for m in report.mapping_ids if m in known]

    def entities(self, report: Report, switches: Switches) -> list[Entity]:
        """The tables of each mapping's newest extraction. Raises: LakeUnusable."""
        found: list[Entity] = []
        for mapping_id, _ in self.sources(report):
            mapping = self._mappings.mapping(mapping_id)
            newest = next(iter(self._extractions.done(mapping, switches)), None)
            if newest is None:
                continue
            for table in self._extractions.tables(newest, mapping, switches):
                suffix = own_id(mapping.id, table.group.name)[:8]
                if switches["itwin_entity_suffix"] == "number":
                    suffix = f"Mapping_{len(found) + 1}"
                name = f"{mapping.name}_{table.group.name}_{suffix}"
                found.append(Entity(name, newest, table))
        return found

    def _put(self, report: Report) -> Report:
        changed = replace(report, modified=datetime.now(UTC))
        with self._lock:
            self._reports[report.id] = changed
        return changed


def manifest_id(entities: list[Entity]) -> str:
    """Changes whenever one of the extractions is another one."""
    return own_id("manifest", *(f"{one.name} {one.extraction.id}" for one in entities))
