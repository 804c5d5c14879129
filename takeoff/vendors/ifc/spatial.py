"""Where elements are: project, site, building, storey and space, by walking up the relations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from takeoff.vendors.ifc.converter import Converter
from takeoff.vendors.ifc.links import Links
from takeoff.vendors.ifc.model import Entity, Model

_KINDS = (
    ("project", "IfcProject"),
    ("site", "IfcSite"),
    ("storey", "IfcBuildingStorey"),
    ("space", "IfcSpace"),
    ("space", "IfcSpatialZone"),
    ("building", "IfcBuilding"),
    ("building", "IfcFacility"),
)


@dataclass(frozen=True)
class Location:
    """One place. `location_id` is the element_id of its own row; elevation in metres."""

    location_id: str
    kind: str
    name: str | None
    elevation_m: float | None


@dataclass(frozen=True)
class Place:
    """The nearest building, storey and space around an element; null where there is none."""

    building_id: str | None = None
    building_name: str | None = None
    storey_id: str | None = None
    storey_name: str | None = None
    space_id: str | None = None
    space_name: str | None = None
    storey_elevation_m: float | None = None


class Places:
    """The locations of one model, and the way from each element to its own.

    An element is where it is contained; else where its whole, the host that it voids, or the
    opening that it fills is. A location is in what it is a part of.
    """

    def __init__(
        self, model: Model, links: Links, ids: dict[int, str], converter: Converter
    ) -> None:
        self._links = links
        self.locations: dict[int, Location] = {}
        taken = set(ids.values())
        spatial = ("IfcProject", "IfcSpatialStructureElement", "IfcSpatialElement")
        for entity in model.of_class(*spatial):
            location_id = ids.get(entity.step_id)
            if location_id is None:
                guid = entity.text("GlobalId")
                free = guid is not None and guid not in taken
                location_id = guid if guid is not None and free else f"#{entity.step_id}"
                taken.add(location_id)
            self.locations[entity.step_id] = _location(entity, location_id, converter)
        self._above: dict[int, Place] = {}

    def of(self, step_id: int) -> Place:
        """What is around the element; a location is not around itself."""
        above = next(self._upwards(step_id), None)
        if above is None:
            return Place()
        if above not in self._above:
            self._above[above] = self._place([above, *self._upwards(above)])
        return self._above[above]

    def rows(self, evidence_no: int) -> Iterator[tuple[object, ...]]:
        """The values of `locations`, in the order of its columns."""
        for step_id, location in self.locations.items():
            above = next((s for s in self._upwards(step_id) if s in self.locations), None)
            yield (
                location.location_id,
                None if above is None else self.locations[above].location_id,
                location.kind,
                location.name,
                location.elevation_m,
                evidence_no,
                step_id,
            )

    def _upwards(self, step_id: int) -> Iterator[int]:
        links, seen = self._links, {step_id}
        ways = (links.container_of, links.whole_of, links.host_of, links.opening_of)
        while True:
            above = next((way[step_id] for way in ways if step_id in way), None)
            if above is None or above in seen:
                return
            seen.add(above)
            step_id = above
            yield step_id

    def _place(self, steps: list[int]) -> Place:
        nearest: dict[str, Location] = {}
        for step_id in steps:
            location = self.locations.get(step_id)
            if location is not None:
                nearest.setdefault(location.kind, location)
        building, storey, space = (nearest.get(kind) for kind in ("building", "storey", "space"))
        return Place(
            building.location_id if building else None,
            building.name if building else None,
            storey.location_id if storey else None,
            storey.name if storey else None,
            space.location_id if space else None,
            space.name if space else None,
            storey.elevation_m if storey else None,
        )


def _location(entity: Entity, location_id: str, converter: Converter) -> Location:
    kind = next((kind for kind, name in _KINDS if entity.cls.is_a(name)), "part")
    elevation_m = converter.length_m(entity["Elevation"]) if kind == "storey" else None
    return Location(location_id, kind, entity.text("Name"), elevation_m)
