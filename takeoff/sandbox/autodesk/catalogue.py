"""Hubs, projects, folders and items: the models of a lake as Data Management lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from takeoff.core.refs import Snapshot
from takeoff.lake.layout import Layout
from takeoff.lake.reader import read_snapshots
from takeoff.sandbox.autodesk.answers import Refused
from takeoff.sandbox.autodesk.ids import UUID_FORM, opaque, uuid
from takeoff.sandbox.autodesk.model import Version

HUB_NAME = "takeoff"
_LINEAGE = re.compile(r"urn:adsk\.\w+:dm\.lineage:([\w-]+)")
_SUFFIX = re.compile(r"\.(ifc|rvt|nwc|nwd|dwg|ifczip)$", re.IGNORECASE)
_VERSION = re.compile(r"urn:adsk\S+:fs\.file:vf\.(\S+)\?version=(\d+)")
# By where the switch `autodesk_region` stands.
_REGIONS = {"any": "wipprod", "US": "wipprod", "EMEA": "wipemea"}


@dataclass(frozen=True)
class Item:
    """A model: `place` is its number in the catalogue, `lineage` the id within its URNs."""

    place: int
    lineage: str
    name: str
    versions: tuple[Version, ...]

    @property
    def tip(self) -> Version:
        return self.versions[-1]

    def file_name(self, source: str) -> str:
        """With the suffix of the files of this source: rvt or ifc."""
        return f"{_SUFFIX.sub('', self.name)}.{source}"

    def urn(self, region: str) -> str:
        return f"urn:adsk.{region}:dm.lineage:{self.lineage}"


@dataclass(frozen=True)
class Folder:
    """A folder of a project; `key` is the id within its URN."""

    key: str
    name: str
    folders: tuple[Folder, ...] = ()
    items: tuple[Item, ...] = ()

    def urn(self, region: str) -> str:
        return f"urn:adsk.{region}:fs.folder:co.{self.key}"

    def all(self) -> Iterator[Folder]:
        """It and what lies within it."""
        yield self
        for folder in self.folders:
            yield from folder.all()


@dataclass(frozen=True)
class Project:
    """A project by its bare UUID; every second model lies in a folder within the first."""

    id: str
    name: str
    items: tuple[Item, ...]

    @property
    def folders(self) -> tuple[Folder, ...]:
        within = Folder(
            opaque("folder", self.id, "Consultants"), "Consultants", (), self.items[1::2]
        )
        files = Folder(
            opaque("folder", self.id, "Project Files"),
            "Project Files",
            (within,) if within.items else (),
            self.items[::2],
        )
        return Folder(opaque("folder", self.id, "Plans"), "Plans"), files

    def folder(self, urn: str) -> Folder:
        """Raises: Refused with 404."""
        for top in self.folders:
            for folder in top.all():
                if folder.key == urn.rpartition(":co.")[2]:
                    return folder
        raise Refused(404, "NotFound", "There is no such folder.")

    def item(self, urn: str) -> Item:
        """Raises: Refused with 404."""
        for item in self.items:
            if item.lineage == urn.rpartition(":dm.lineage:")[2]:
                return item
        raise Refused(404, "NotFound", "There is no such item.")

    def version(self, urn: str) -> tuple[Item, Version] | None:
        """The version of this URN; None if there is none. Raises: Refused, 400, if it is no URN."""
        found = _VERSION.fullmatch(urn)
        if found is None:
            what = f"{urn} is not a valid version URN."
            raise Refused(400, "BadInput", what, [("versionUrn", what)])
        for item in self.items:
            for version in item.versions:
                if (item.lineage, str(version.number)) == found.groups():
                    return item, version
        return None


class Catalogue:
    """What is served. Snapshots of a model up to the one that is served are its versions."""

    def __init__(self, layout: Layout, snapshots: Sequence[Snapshot]) -> None:
        read = read_snapshots(layout) if snapshots else []
        every = {s.snapshot_id: s for s in (*read, *snapshots)}
        tips = {(s.ref.vendor, s.ref.project_id, s.ref.model_id): s for s in snapshots}
        self.hub_id = uuid("hub")
        grouped: dict[tuple[str, str], list[Item]] = {}
        names: dict[tuple[str, str], str] = {}
        for place, (model, tip) in enumerate(tips.items()):
            own = [s for s in every.values() if _is_version(s, tip)]
            item = _item(layout, place, tip, sorted(own, key=lambda s: s.sequence))
            grouped.setdefault(model[:2], []).append(item)
            names[model[:2]] = tip.ref.project_name or tip.ref.project_id
        self.projects = [
            Project(_project_id(*key), names[key], tuple(items)) for key, items in grouped.items()
        ]

    def project(self, project_id: str) -> Project:
        """By its bare UUID. Raises: Refused with 404."""
        for project in self.projects:
            if project.id == project_id:
                return project
        raise Refused(404, "NotFound", "There is no such project in this account and region.")

    def items(self) -> Iterator[tuple[Project, Item]]:
        for project in self.projects:
            for item in project.items:
                yield project, item


def region(switch: str) -> str:
    """The part of URNs that says where things lie."""
    return _REGIONS[switch]


def _is_version(snapshot: Snapshot, tip: Snapshot) -> bool:
    same = ("vendor", "project_id", "model_id")
    is_same = all(getattr(snapshot.ref, name) == getattr(tip.ref, name) for name in same)
    return is_same and snapshot.sequence <= tip.sequence


def _item(layout: Layout, place: int, tip: Snapshot, snapshots: Sequence[Snapshot]) -> Item:
    ref = tip.ref
    known = _LINEAGE.fullmatch(ref.model_id)
    lineage = known[1] if known else opaque("lineage", ref.vendor, ref.project_id, ref.model_id)
    name = ref.model_name or ref.model_id
    versions: list[Version] = []
    for number, snapshot in enumerate(snapshots, start=1):
        earlier = versions[-1] if versions else None
        versions.append(Version(layout, snapshot, number, lineage, name, earlier))
    return Item(place, lineage, name, tuple(versions))


def _project_id(vendor: str, project_id: str) -> str:
    if UUID_FORM.fullmatch(project_id):
        return project_id
    return uuid("project", vendor, project_id)
