"""iTwins and iModels: those of the lake, and those that were created since the start."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from takeoff.core.refs import Snapshot
from takeoff.lake.layout import Layout
from takeoff.lake.reader import read_snapshots
from takeoff.sandbox.itwin.answers import Refused, is_uuid, missing, own_id
from takeoff.sandbox.itwin.values import Elements
from takeoff.sandbox.switches import Switches

# A version of the lake names its changeset first.
_CHANGESET_ID = re.compile(r"[0-9a-f]{40}(?![0-9a-f])")


@dataclass(frozen=True)
class ITwin:
    id: str
    name: str
    number: str
    created: datetime


@dataclass(frozen=True)
class Changeset:
    """A state of a model. Index 0 with the id "" is the baseline; a state may have no content."""

    index: int
    id: str
    parent_id: str
    snapshot: Snapshot | None
    pushed: datetime


@dataclass(frozen=True)
class NamedVersion:
    id: str
    name: str
    description: str | None
    changeset: Changeset
    created: datetime


@dataclass(frozen=True)
class Origin:
    """Which model this one was cloned or forked from, and at which changeset; "" is baseline."""

    kind: str
    imodel_id: str
    changeset_id: str
    relationship_id: str | None = None


@dataclass
class IModel:
    """A model. `snapshots` are those of the lake; a created one has `fixed` states instead.

    `is_ready` turns true when the operation that creates it ends well.
    """

    id: str
    itwin_id: str
    name: str
    description: str | None
    created: datetime
    snapshots: tuple[Snapshot, ...] = ()
    fixed: tuple[Changeset, ...] | None = None
    origin: Origin | None = None
    is_ready: bool = True
    containers: int = 0
    added_versions: list[NamedVersion] = field(default_factory=list)

    @property
    def is_of_lake(self) -> bool:
        return self.fixed is None


class World:
    """Everything that there is by an id; safe to share by threads.

    A model's snapshots, up to the one that is served, are its changesets from the oldest on.
    """

    def __init__(self, layout: Layout, snapshots: Sequence[Snapshot]) -> None:
        self._layout = layout
        self._lock = threading.RLock()
        self._itwins: dict[str, ITwin] = {}
        self._imodels: dict[str, IModel] = {}
        self._elements: dict[str, Elements] = {}
        self._fill(layout, snapshots)

    def itwins(self) -> list[ITwin]:
        with self._lock:
            return list(self._itwins.values())

    def itwin(self, itwin_id: str) -> ITwin:
        """Raises: Refused with 404."""
        with self._lock:
            found = self._itwins.get(itwin_id.lower())
        if found is None:
            raise missing("iTwinNotFound", "iTwin")
        return found

    def imodels(self, itwin_id: str | None = None) -> list[IModel]:
        with self._lock:
            every = list(self._imodels.values())
        return [one for one in every if itwin_id in (None, one.itwin_id)]

    def imodel(self, imodel_id: str) -> IModel:
        """Raises: Refused with 404."""
        with self._lock:
            found = self._imodels.get(imodel_id.lower())
        if found is None:
            raise missing("iModelNotFound", "iModel")
        return found

    def add(self, imodel: IModel) -> None:
        """Raises: Refused with 409 if the iTwin has a model of that name."""
        with self._lock:
            if any(one.name == imodel.name for one in self.imodels(imodel.itwin_id)):
                told = "iModel with the same name already exists within the iTwin."
                raise Refused(409, "iModelExists", told)
            self._imodels[imodel.id] = imodel

    def changesets(self, imodel: IModel, switches: Switches) -> list[Changeset]:
        """The baseline, index 0, and all changesets in their order."""
        if imodel.fixed is not None:
            return list(imodel.fixed)
        is_baselined = switches["itwin_first"] == "baseline"
        snapshots: list[Snapshot | None] = [*([] if is_baselined else [None]), *imodel.snapshots]
        states: list[Changeset] = []
        for index, snapshot in enumerate(snapshots):
            parent_id = states[-1].id if states else ""
            pushed = imodel.created if snapshot is None else snapshot.taken_at
            taken = {state.id for state in states}
            changeset_id = "" if snapshot is None or index == 0 else _changeset_id(snapshot, taken)
            states.append(Changeset(index, changeset_id, parent_id, snapshot, pushed))
        return states

    def changeset(self, imodel: IModel, wanted: str, switches: Switches) -> Changeset:
        """By id or index; "" is the baseline. Raises: Refused with 404."""
        for state in self.changesets(imodel, switches):
            if wanted.lower() == state.id or (wanted == str(state.index) and len(wanted) < 40):
                return state
        raise missing("ChangesetNotFound", "Changeset")

    def latest(self, imodel: IModel, switches: Switches) -> Changeset:
        return self.changesets(imodel, switches)[-1]

    def named_versions(self, imodel: IModel, switches: Switches) -> list[NamedVersion]:
        """Snapshots whose version has a label, and what was added; names differ."""
        versions: dict[str, NamedVersion] = {}
        for state in self.changesets(imodel, switches):
            if state.snapshot is not None and imodel.is_of_lake:
                label = state.snapshot.source_version.label
                if label is not None:
                    name, count = label, 1
                    while name in versions:
                        count += 1
                        name = f"{label} ({count})"
                    version_id = own_id("named version", state.snapshot.snapshot_id)
                    versions[name] = NamedVersion(version_id, name, None, state, state.pushed)
        return [*versions.values(), *imodel.added_versions]

    def elements(self, snapshot: Snapshot) -> Elements:
        with self._lock:
            if snapshot.snapshot_id not in self._elements:
                self._elements[snapshot.snapshot_id] = Elements(self._layout, snapshot)
            return self._elements[snapshot.snapshot_id]

    def copied(self, source: IModel, upto: Changeset, kept: str, switches: Switches) -> IModel:
        """A model with the source's states up to one; not yet named, nor added.

        `kept`: history, or state - that one state is its baseline then.
        """
        states = [s for s in self.changesets(source, switches) if s.index <= upto.index]
        if kept == "state":
            states = [replace(upto, index=0, id="", parent_id="")]
        now = datetime.now(UTC)
        return IModel("", source.itwin_id, source.name, None, now, fixed=tuple(states))

    def _fill(self, layout: Layout, snapshots: Sequence[Snapshot]) -> None:
        by_model = {_model(s): s for s in sorted(snapshots, key=lambda s: s.sequence)}
        history = read_snapshots(layout) if snapshots else []
        for snapshot in sorted(by_model.values(), key=_by_name):
            ref = snapshot.ref
            itwin = self._itwin_of(snapshot)
            upto = tuple(
                one
                for one in history
                if _model(one) == _model(snapshot) and one.sequence <= snapshot.sequence
            )
            imodel_id = self._free_id(ref.model_id, self._imodels, "imodel", *_model(snapshot))
            self._imodels[imodel_id] = IModel(
                imodel_id,
                itwin.id,
                ref.model_name or ref.model_id,
                None,
                (upto or (snapshot,))[0].taken_at,
                upto or (snapshot,),
                origin=_origin(snapshot),
            )

    def _itwin_of(self, snapshot: Snapshot) -> ITwin:
        ref = snapshot.ref
        name = ref.project_name or ref.project_id
        own = own_id("itwin", ref.vendor, ref.project_id)
        itwin_id = ref.project_id.lower() if is_uuid(ref.project_id) else own
        return self._itwins.setdefault(
            itwin_id, ITwin(itwin_id, name, ref.project_id, snapshot.taken_at)
        )

    @staticmethod
    def _free_id(given: str, taken: dict[str, IModel], *names: str) -> str:
        return given.lower() if is_uuid(given) and given.lower() not in taken else own_id(*names)


def _model(snapshot: Snapshot) -> tuple[str, str, str]:
    ref = snapshot.ref
    return ref.vendor, ref.project_id, ref.model_id


def _by_name(snapshot: Snapshot) -> tuple[str, str, str]:
    ref = snapshot.ref
    return ref.project_name or ref.project_id, ref.model_name or ref.model_id, ref.model_id


def _changeset_id(snapshot: Snapshot, taken: Set[str]) -> str:
    """The changeset that the lake knows it by, or one made of the snapshot's own id."""
    known = snapshot.source_version.value or ""
    found = _CHANGESET_ID.match(known) if snapshot.source_version.kind == "changeset" else None
    if found is not None and found[0] not in taken:
        return found[0]
    return hashlib.sha1(snapshot.snapshot_id.encode(), usedforsecurity=False).hexdigest()


def _origin(snapshot: Snapshot) -> Origin | None:
    """The lineage that the lake has of a model that was copied from another iModel.

    `cloned_from` or `forked_from` is its id; with `_changeset` behind it the state that was copied,
    which is the baseline where the lake names none, and with `_relationship` a fork's.
    """
    for kind in ("cloned_from", "forked_from"):
        imodel_id = snapshot.lineage.get(kind, "")
        if is_uuid(imodel_id):
            changeset_id = snapshot.lineage.get(f"{kind}_changeset", "")
            own = own_id(kind, imodel_id, snapshot.snapshot_id)
            relationship = snapshot.lineage.get(f"{kind}_relationship", own)
            is_fork = kind == "forked_from"
            return Origin(kind, imodel_id, changeset_id, relationship if is_fork else None)
    return None
