"""Where elements are: project, site, building, storey and space, by walking up the relations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

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
                free = guid is not None and guid not in taken and not guid.startswith("#")
                location_id = guid if guid is not None and free else f"#{entity.step_id}"
                taken.add(location_id)
            self.locations[entity.step_id] = _location(entity, location_id, converter)
        self._within: dict[int, Place] = {}
        self._nearest: dict[int, int | None] = {}

    def of(self, step_id: int) -> Place:
        """What is around the element; a location is not around itself."""
        above = self._above(step_id)
        return Place() if above is None else self.within(above)

    def within(self, step_id: int) -> Place:
        """What is around all that is in a location, a whole, a host or an opening."""
        if step_id not in self._within:
            self._walk(step_id)
        return self._within[step_id]

    def rows(self, evidence_no: int) -> Iterator[tuple[object, ...]]:
        """The values of `locations`, in the order of its columns."""
        for step_id, location in self.locations.items():
            above = self._location_above(step_id)
            yield (
                location.location_id,
                None if above is None else self.locations[above].location_id,
                location.kind,
                location.name,
                location.elevation_m,
                evidence_no,
                step_id,
            )

    def _above(self, step_id: int) -> int | None:
        links = self._links
        ways = (links.container_of, links.whole_of, links.host_of, links.opening_of)
        return next((way[step_id] for way in ways if step_id in way), None)

    def _location_above(self, step_id: int) -> int | None:
        above = self._above(step_id)
        if above is None:
            return None
        if above not in self._within:
            self._walk(above)
        nearest = self._nearest[above]
        return None if nearest == step_id else nearest

    def _walk(self, step_id: int) -> None:
        """Up to what is known, the top or where it goes in a ring, and down again with places."""
        path: dict[int, None] = {}
        above: int | None = step_id
        while above is not None and above not in path and above not in self._within:
            path[above] = None
            above = self._above(above)
        place = self._within.get(above or 0, Place())
        nearest = self._nearest.get(above or 0)
        for passed in reversed(path):
            location = self.locations.get(passed)
            if location is not None:
                place, nearest = _inside(location, place), passed
            self._within[passed], self._nearest[passed] = place, nearest


def _inside(location: Location, place: Place) -> Place:
    """The place in a location that is itself in `place`."""
    location_id, name = location.location_id, location.name
    if location.kind == "building":
        return replace(place, building_id=location_id, building_name=name)
    if location.kind == "storey":
        elevation_m = location.elevation_m
        return replace(
            place, storey_id=location_id, storey_name=name, storey_elevation_m=elevation_m
        )
    if location.kind == "space":
        return replace(place, space_id=location_id, space_name=name)
    return place


def _location(entity: Entity, location_id: str, converter: Converter) -> Location:
    kind = next((kind for kind, name in _KINDS if entity.cls.is_a(name)), "part")
    elevation_m = converter.length_m(entity["Elevation"]) if kind == "storey" else None
    return Location(location_id, kind, entity.text("Name"), elevation_m)
