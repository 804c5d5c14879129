"""The team, its projects and models. What clients create, change and delete lives here only."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from takeoff.core.refs import Snapshot
from takeoff.lake.layout import Layout
from takeoff.lake.reader import read_snapshots
from takeoff.sandbox.bimplus.answers import Refused
from takeoff.sandbox.bimplus.content import Content, Objects, Place, no_objects
from takeoff.sandbox.bimplus.nodes import is_guid
from takeoff.sandbox.bimplus.vocabulary import own_id
from takeoff.sandbox.switches import Switches

SLUG = "sandbox"
TEAM_ID = own_id("team", SLUG)
TEAM_NAME = "Sandbox team"
SHARED = "content"


@dataclass(frozen=True)
class Project:
    """A project of the lake: its id on the wire, and when its first model came."""

    id: str
    name: str
    created: datetime


@dataclass
class Revision:
    """One revision of a model; `snapshot` is null for a model that has no content."""

    id: str
    number: int
    name: str
    created: datetime
    snapshot: Snapshot | None
    description: str = ""
    told: dict[str, Any] = field(default_factory=dict)


@dataclass
class Division:
    """One model. `changes` counts what clients changed of it; `disciplines` null: as they are."""

    id: str
    project: Project
    name: str
    created: datetime
    topology_id: str | None
    revisions: list[Revision]
    description: str | None = None
    disciplines: list[str] | None = None
    changed: datetime | None = None
    changes: int = 0
    is_deleted: bool = False

    @property
    def snapshot(self) -> Snapshot | None:
        return self.revisions[-1].snapshot if self.revisions else None

    @property
    def place(self) -> Place:
        return Place(self.id, self.topology_id or self.id, self.project.id, self.name)

    def revision(self, number: int | None) -> Revision | None:
        """By its number; the newest for None. Raises: Refused with 404."""
        if number is None:
            return self.revisions[-1] if self.revisions else None
        for one in self.revisions:
            if one.number == number:
                return one
        raise Refused(404, f"The model has no revision {number}.")


class Catalogue:
    """Everything by its ids, which are compared without case. Safe to share by threads."""

    def __init__(self, layout: Layout, snapshots: Sequence[Snapshot]) -> None:
        self._layout = layout
        self._lock = threading.RLock()
        self._contents: dict[tuple[str, Place], Content] = {}
        self.projects = list(_projects(snapshots))
        by_ref = dict(zip(_project_keys(snapshots), self.projects, strict=True))
        every = read_snapshots(layout) if snapshots else []
        self._divisions = [
            _division(snapshot, model_id, by_ref[_project_key(snapshot)], _history(every, snapshot))
            for snapshot, model_id in zip(snapshots, _model_ids(snapshots), strict=True)
        ]

    def project(self, project_id: str) -> Project:
        """Raises: Refused with 404."""
        for project in self.projects:
            if project.id == project_id.lower():
                return project
        raise Refused(404, f"There is no project {project_id}.")

    def divisions(self, project: Project | None = None, *, deleted: bool = False) -> list[Division]:
        """The models of a project, or of all; with `deleted` also those in the recycle bin."""
        with self._lock:
            return [
                one
                for one in self._divisions
                if (deleted or not one.is_deleted) and project in (None, one.project)
            ]

    def division(self, division_id: str) -> Division:
        """By its own id or that of its topology. Raises: Refused with 404."""
        wanted = division_id.lower()
        for one in self.divisions():
            if wanted in (one.id, one.topology_id):
                return one
        raise Refused(404, f"There is no model {division_id}.")

    def content(self, division: Division, number: int | None = None) -> Content | None:
        """What a revision of a model holds; None for a model that was only created."""
        revision = division.revision(number)
        if revision is None or revision.snapshot is None:
            return None
        key = revision.snapshot.snapshot_id, division.place
        with self._lock:
            if key not in self._contents:
                self._contents[key] = Content(self._layout, revision.snapshot, division.place)
            return self._contents[key]

    def objects(self, division: Division, switches: Switches, number: int | None = None) -> Objects:
        content = self.content(division, number)
        return no_objects(division.place) if content is None else content.objects(switches)

    def create(self, project: Project, told: dict[str, Any], *, unique: bool) -> Division:
        """Raises: Refused with 400 without a name, with 409 if it must be `unique` and is not."""
        name = _name(told)
        if unique and any(one.name == name for one in self.divisions(project)):
            raise Refused(409, f"The project has a model {name} already.", "conflict")
        division = Division(str(uuid4()), project, name, datetime.now(UTC), None, [])
        _fill(division, told)
        with self._lock:
            self._divisions.append(division)
        return division

    def update(self, division: Division, told: dict[str, Any]) -> None:
        """Raises: Refused with 400 without a name."""
        with self._lock:
            division.name = _name(told)
            _fill(division, told)
            self.touch(division)

    def delete(self, division: Division) -> None:
        with self._lock:
            division.is_deleted = True

    def move(self, division: Division, project: Project) -> None:
        with self._lock:
            division.project = project
            self.touch(division)

    def touch(self, division: Division) -> None:
        """A client changed it: its tag moves."""
        division.changes += 1
        division.changed = datetime.now(UTC)

    def add_revision(self, division: Division, told: dict[str, Any]) -> Revision:
        """A new revision of what the model holds now. Raises: Refused with 400 without a name."""
        name = _name(told)
        with self._lock:
            number = max((one.number for one in division.revisions), default=0) + 1
            made = Revision(str(uuid4()), number, name, datetime.now(UTC), division.snapshot)
            made.description = str(told.get("description") or "")
            division.revisions.append(made)
            self.touch(division)
        return made

    def revision(self, revision_id: str) -> tuple[Division, Revision]:
        """Raises: Refused with 404."""
        for division in self.divisions():
            for one in division.revisions:
                if one.id == revision_id.lower():
                    return division, one
        raise Refused(404, f"There is no revision {revision_id}.")

    def opened(self) -> list[Content]:
        """What was read of the lake so far."""
        with self._lock:
            return list(self._contents.values())


def _name(told: dict[str, Any]) -> str:
    name = told.get("name")
    if not isinstance(name, str) or not name.strip():
        raise Refused(400, "name is missing.")
    return name


def _fill(division: Division, told: dict[str, Any]) -> None:
    """Whatever else is told of a model is passed over."""
    if "description" in told:
        division.description = told["description"]
    if isinstance(told.get("topologyId"), str):
        division.topology_id = told["topologyId"].lower()
    if isinstance(told.get("disciplines"), list):
        division.disciplines = [str(one).lower() for one in told["disciplines"]]


def _project_key(snapshot: Snapshot) -> tuple[str, str]:
    return snapshot.ref.vendor, snapshot.ref.project_id


def _project_keys(snapshots: Sequence[Snapshot]) -> list[tuple[str, str]]:
    return list(dict.fromkeys(_project_key(snapshot) for snapshot in snapshots))


def _projects(snapshots: Sequence[Snapshot]) -> Iterator[Project]:
    given: set[str] = set()
    for key in _project_keys(snapshots):
        own = [snapshot for snapshot in snapshots if _project_key(snapshot) == key]
        project_id = _kept(key[1], given, "project", *key)
        name = own[0].ref.project_name or own[0].ref.project_id
        yield Project(project_id, name, min(snapshot.taken_at for snapshot in own))


def _model_ids(snapshots: Sequence[Snapshot]) -> list[str]:
    given: set[str] = set()
    return [
        _kept(s.ref.model_id, given, "model", s.ref.vendor, s.ref.project_id, s.ref.model_id)
        for s in snapshots
    ]


def _kept(lake_id: str, given: set[str], *names: str) -> str:
    """The lake's own id if it is a GUID that is not given away yet."""
    is_free = is_guid(lake_id) and lake_id.lower() not in given
    one = lake_id.lower() if is_free else own_id(*names)
    given.add(one)
    return one


def _history(every: Sequence[Snapshot], snapshot: Snapshot) -> list[Snapshot]:
    """All snapshots of its model up to this one."""
    return [
        one
        for one in every
        if (one.ref.vendor, one.ref.project_id, one.ref.model_id)
        == (snapshot.ref.vendor, snapshot.ref.project_id, snapshot.ref.model_id)
        and one.sequence <= snapshot.sequence
    ]


def _division(
    snapshot: Snapshot, division_id: str, project: Project, history: Sequence[Snapshot]
) -> Division:
    revisions = [
        Revision(
            own_id("revision", division_id, one.snapshot_id),
            number,
            one.source_version.label or f"Revision {number}",
            one.taken_at,
            one,
        )
        for number, one in enumerate(history, start=1)
    ]
    return Division(
        id=division_id,
        project=project,
        name=snapshot.ref.model_name or snapshot.ref.model_id,
        created=history[0].taken_at,
        topology_id=own_id("topology", division_id),
        revisions=revisions,
        changed=snapshot.taken_at,
    )
