"""Extractions: a mapping's tables as the model was at one changeset, worked out when asked for."""

from __future__ import annotations

import threading
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from takeoff.sandbox.itwin import ecsql
from takeoff.sandbox.itwin.answers import missing, own_id, required
from takeoff.sandbox.itwin.definitions import Group, Mapping, refused
from takeoff.sandbox.itwin.mappings import Mappings
from takeoff.sandbox.itwin.tables import GroupTable, Look, Note, group_table, nothing
from takeoff.sandbox.itwin.world import Changeset, IModel, World
from takeoff.sandbox.switches import Switches

QUEUED, RUNNING, SUCCEEDED, PARTIAL, FAILED = (
    "Queued",
    "Running",
    "Succeeded",
    "PartiallySucceeded",
    "Failed",
)
_STRANGE = "AwaitingResources"


@dataclass(frozen=True)
class Part:
    """One mapping in an extraction, with its groups as they stood."""

    mapping: Mapping
    groups: tuple[Group, ...]
    is_skipped: bool


@dataclass(frozen=True)
class Log:
    """One line of an extraction's logs."""

    state: str
    moment: datetime
    context_type: str
    context_id: str
    level: str
    category: str
    message: str


@dataclass
class Extraction:
    """One run. `switches` are null for the one that was there at the start: it has today's.

    `listed_under` are those that stood when a list first said that it has tables.
    """

    id: str
    imodel: IModel
    changeset: Changeset
    parts: tuple[Part, ...]
    instances: frozenset[str] | None
    started: datetime
    switches: Switches | None
    lookups: int = 0
    listed_under: Switches | None = None
    made: dict[tuple[str, Look], list[GroupTable]] = field(default_factory=dict)
    failures: dict[str, list[tuple[Group, Note]]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def part(self, mapping_id: str) -> Part | None:
        return next((p for p in self.parts if p.mapping.id == mapping_id.lower()), None)


class Extractions:
    """All extractions; safe to share by threads."""

    def __init__(self, world: World, mappings: Mappings) -> None:
        self._world = world
        self._mappings = mappings
        self._lock = threading.RLock()
        self._run: dict[str, Extraction] = {}
        self._built: dict[str, Extraction] = {}

    def run(self, given: Map[str, Any], switches: Switches) -> Extraction:
        """Start one, or another after it. Raises: Refused with 404 or 422."""
        imodel = self._world.imodel(str(required(given, "iModelId")))
        wanted = given.get("changesetId")
        state = self._world.latest(imodel, switches)
        if wanted is not None:
            state = self._world.changeset(imodel, str(wanted), switches)
        told = required(given, "mappings")
        if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
            raise refused("mappings", "mappings is a list of objects with an id each.")
        instances = given.get("ecInstanceIds")
        parts = tuple(self._part(imodel, str(required(one, "id")), state, switches) for one in told)
        extraction = Extraction(
            str(uuid4()),
            imodel,
            state,
            parts,
            None if instances is None else frozenset(map(str, instances)),
            datetime.now(UTC),
            switches,
        )
        with self._lock:
            self._run[extraction.id] = extraction
        return extraction

    def of(self, imodel: IModel, switches: Switches) -> list[Extraction]:
        """All extractions of a model, the newest first."""
        with self._lock:
            found = [
                one
                for one in self._run.values()
                if one.imodel.id == imodel.id and _is_shown(one, switches)
            ]
        built = self._extracted(imodel, switches)
        return [*reversed(found), *([] if built is None else [built])]

    def find(self, extraction_id: str, switches: Switches) -> Extraction:
        """Raises: Refused with 404."""
        with self._lock:
            found = self._run.get(extraction_id.lower())
        if found is not None:
            return found
        for imodel in self._world.imodels():
            built = self._extracted(imodel, switches)
            if built is not None and built.id == extraction_id.lower():
                return built
        raise missing("ExtractionStatusNotFound", "Extraction Status", "extractionId")

    def look_up(self, extraction: Extraction) -> str:
        """Its state, one step on."""
        with extraction.lock:
            extraction.lookups += 1
            return self.state(extraction)

    def state(self, extraction: Extraction) -> str:
        """Its state as it is."""
        switches = extraction.switches
        if switches is None:
            return SUCCEEDED
        polls, end = switches.number("polls") or 0, _end(switches)
        if extraction.lookups == 0:
            return QUEUED
        if end == "unknown_state" and extraction.lookups == 1:
            return _STRANGE
        if extraction.lookups < polls or end == "hung":
            return RUNNING
        return self._ended(extraction, end)

    def done(self, mapping: Mapping, switches: Switches) -> list[Extraction]:
        """Those that have tables of the mapping, the newest first."""
        imodel = self._world.imodel(mapping.imodel_id)
        return [one for one in self.of(imodel, switches) if self._has_tables(one, mapping)]

    def listed(self, mapping: Mapping, now: Switches) -> list[Extraction]:
        """As `done`, for who asks: from now on it is known what was told under which switches."""
        found = self.done(mapping, now)
        for one in found:
            one.listed_under = one.listed_under or now
        return found

    def tables(self, extraction: Extraction, mapping: Mapping, now: Switches) -> list[GroupTable]:
        """The tables of one mapping, a group each; groups that failed have none.

        Raises: Refused with 404 if the extraction has none of it, or not yet; LakeUnusable.
        """
        if not self._has_tables(extraction, mapping):
            raise missing("ExtractionNotFound", "Extraction of the mapping", "extractionId")
        part = extraction.part(mapping.id)
        assert part is not None  # it has tables of it
        return self._made(extraction, part, Look.of(extraction.switches or now))

    def logs(self, extraction: Extraction, now: Switches) -> list[Log]:
        """What there is to say of it so far."""
        with extraction.lock:
            state = self.state(extraction)
        context = ("IModel", extraction.imodel.id)
        started = extraction.started
        found = [Log(QUEUED, started, *context, "Information", "StateChange", "Queued.")]
        if state == QUEUED:
            return found
        found.append(Log(RUNNING, started, *context, "Information", "StateChange", "Running."))
        if state in (SUCCEEDED, PARTIAL, FAILED):
            for part in extraction.parts:
                found += self._part_logs(extraction, part, now)
            word = f"{state}."
            found.append(Log(state, started, *context, "Information", "StateChange", word))
        return found

    def _part(self, imodel: IModel, mapping_id: str, state: Changeset, now: Switches) -> Part:
        mapping = self._mappings.mapping(mapping_id)
        if mapping.imodel_id != imodel.id:
            raise missing("MappingNotFound", "Mapping", "mappingId")
        newer = (one.changeset.index > state.index for one in self.done(mapping, now))
        is_skipped = now["itwin_extraction"] == "skipped" or any(newer)
        return Part(mapping, self._mappings.groups(mapping_id), is_skipped)

    def _extracted(self, imodel: IModel, switches: Switches) -> Extraction | None:
        """The extraction of a lake's model that was there from the start, at its latest state."""
        if switches["itwin_extracted"] == "no" or not imodel.is_of_lake:
            return None
        state = self._world.latest(imodel, switches)
        with self._lock:
            known = self._built.get(imodel.id)
            if known is not None and known.changeset == state:
                return known
            mapping_id = own_id("mapping", imodel.id)
            built = next((m for m in self._mappings.of(imodel) if m.id == mapping_id), None)
            if built is None:
                return None
            part = Part(built, self._mappings.groups(mapping_id), is_skipped=False)
            found = Extraction(
                own_id("extraction", mapping_id),
                imodel,
                state,
                (part,),
                None,
                state.pushed,
                None,
            )
            self._built[imodel.id] = found
            return found

    def _has_tables(self, extraction: Extraction, mapping: Mapping) -> bool:
        part = extraction.part(mapping.id)
        if part is None or part.is_skipped:
            return False
        with extraction.lock:
            return self.state(extraction) in (SUCCEEDED, PARTIAL)

    def _ended(self, extraction: Extraction, end: str) -> str:
        if end == FAILED:
            return FAILED
        look = Look.of(extraction.switches) if extraction.switches is not None else None
        made = failed = 0
        for part in extraction.parts:
            if not part.is_skipped and look is not None:
                made += len(self._made(extraction, part, look))
                failed += len(extraction.failures.get(part.mapping.id, ()))
        if failed == 0:
            return SUCCEEDED
        return PARTIAL if made else FAILED

    def _made(self, extraction: Extraction, part: Part, look: Look) -> list[GroupTable]:
        """The groups' tables, worked out once for each look; what fails is noted."""
        key = (part.mapping.id, look)
        with extraction.lock:
            if key not in extraction.made:
                extraction.made = {k: v for k, v in extraction.made.items() if k[0] != key[0]}
                extraction.failures[part.mapping.id] = []
                extraction.made[key] = self._make(extraction, part, look)
            return extraction.made[key]

    def _make(self, extraction: Extraction, part: Part, look: Look) -> list[GroupTable]:
        snapshot = extraction.changeset.snapshot
        failures = extraction.failures[part.mapping.id]
        groups = part.groups
        if extraction.switches is not None and _end(extraction.switches) == PARTIAL and groups:
            told = Note("Error", "QueryExecution", "The query was broken off.")
            groups, failures[:] = groups[:-1], [(groups[-1], told)]
        if snapshot is None:
            return [nothing(group) for group in groups]
        elements, made = self._world.elements(snapshot), []
        for group in groups:
            try:
                made.append(group_table(group, elements, look, extraction.instances))
            except ecsql.QueryRefused as error:
                failures.append((group, Note("Error", "GroupQuery", str(error))))
        return made

    def _part_logs(self, extraction: Extraction, part: Part, now: Switches) -> list[Log]:
        context = ("Mapping", part.mapping.id)
        moment, state = extraction.started, RUNNING
        if part.is_skipped:
            words = f"{part.mapping.name} was extracted from a newer changeset; skipped."
            return [Log(state, moment, *context, "Information", "Unknown", words)]
        with extraction.lock:
            if self.state(extraction) == FAILED and not extraction.failures:
                words = f"{part.mapping.name} could not be extracted."
                return [Log(state, moment, *context, "Error", "Unknown", words)]
            tables = self._made(extraction, part, Look.of(extraction.switches or now))
            notes = [(table.group, note) for table in tables for note in table.notes]
            notes += extraction.failures.get(part.mapping.id, [])
            if extraction.failures.get(part.mapping.id):
                told = Note("Warning", "Unknown", f"{part.mapping.name} is incomplete.")
                notes.append((part.groups[0], told))
        return [
            Log(state, moment, *context, note.level, note.category, f"{group.name}: {note.message}")
            for group, note in notes
        ]


def _is_shown(extraction: Extraction, now: Switches) -> bool:
    """Whether a list has it: without what was extracted before, not one of other switches."""
    is_kept = now["itwin_extracted"] == "yes"
    return is_kept or extraction.listed_under in (None, now)


def _end(switches: Switches) -> str:
    """How a run is to end: its own switch, else the one that all vendors share."""
    word, general = switches["itwin_extraction"], switches["operation"]
    if word != SUCCEEDED or general == "ready":
        return word
    return FAILED if general.startswith("failed") else general
