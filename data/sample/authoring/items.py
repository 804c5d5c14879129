"""What a model is made of, as plain data: written to IFC by one module and to truth by another."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import ifcopenshell.guid

from authoring.numbers import Units
from authoring.shapes import Hole, Point, Prism

ORIGIN: Point = (Decimal(0), Decimal(0), Decimal(0))
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:takeoff:sample:lindenhof")


def guid(key: str) -> str:
    """The GlobalId that belongs to this name, always."""
    return str(ifcopenshell.guid.compress(uuid.uuid5(_NAMESPACE, key).hex))


@dataclass(frozen=True)
class Figure:
    """One authored number as the file holds it; `quantity` is the IFC4X3 name of `source_name`."""

    source_name: str
    quantity: str
    kind: str
    raw: Decimal
    own_unit: tuple[str, Decimal] | None = None


@dataclass(frozen=True)
class FigureSet:
    """A quantity set (origin qto) or a property set of measured properties (origin pset)."""

    name: str
    origin: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Material:
    """Role layer, constituent, profile, list or single; per part name and thickness or share."""

    role: str
    name: str
    parts: tuple[tuple[str, Decimal | None], ...]


@dataclass(frozen=True)
class Code:
    system: str
    edition: str
    code: str
    title: str


@dataclass(frozen=True)
class Item:
    """One product or type. `key` names it within its model and makes its GUID."""

    key: str
    ifc_class: str
    name: str | None
    guid: str
    place: str | None = None
    at: Point = ORIGIN
    axis: tuple[Point, Point] | None = None
    body: Prism | None = None
    hole: Hole | None = None
    sets: tuple[FigureSet, ...] = ()
    properties: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    attributes: Mapping[str, object] = field(default_factory=dict)
    measures: Mapping[str, Decimal] = field(default_factory=dict)
    predefined: str | None = None
    tag: str | None = None
    type_key: str | None = None
    material: Material | None = None
    codes: tuple[Code, ...] = ()
    whole: str | None = None
    host: str | None = None
    fills: str | None = None
    system: str | None = None
    note: str = ""

    @property
    def role(self) -> str:
        """physical, part, opening, space, type, annotation or location."""
        if self.ifc_class.endswith("Type") or self.ifc_class.endswith("Style"):
            return "type"
        if self.whole is not None:
            return "part"
        return _ROLES.get(self.ifc_class, "physical")


_ROLES = {
    "IfcOpeningElement": "opening",
    "IfcSpace": "space",
    "IfcAnnotation": "annotation",
    "IfcGrid": "annotation",
    "IfcVirtualElement": "annotation",
    "IfcDistributionPort": "annotation",
    "IfcSite": "location",
    "IfcBuilding": "location",
    "IfcBuildingStorey": "location",
}


@dataclass(frozen=True)
class Storey:
    """`elevation` in metres."""

    key: str
    name: str
    elevation: Decimal
    building: str = "building"


@dataclass(frozen=True)
class Model:
    """One IFC file: its name without suffix is the model's id.

    Models of one `family` share the GUIDs of project, site, buildings and storeys.
    """

    name: str
    schema: str
    units: Units
    storeys: tuple[Storey, ...]
    items: tuple[Item, ...]
    title: str
    with_history: bool = True
    project: str = "Lindenhof"
    buildings: tuple[tuple[str, str], ...] = (("building", "House Lindenhof"),)
    family: str = ""

    def location_guid(self, key: str) -> str:
        """GlobalId of `project`, `site`, a building or a storey."""
        return guid(self.family + key)

    def by_key(self) -> dict[str, Item]:
        return {item.key: item for item in self.items}

    def holes(self) -> dict[str, list[Hole]]:
        """Holes by the key of the item they are cut from."""
        found: dict[str, list[Hole]] = {}
        for item in self.items:
            if item.host is not None and item.hole is not None:
                found.setdefault(item.host, []).append(item.hole)
        return found

    def parts(self) -> dict[str, list[Item]]:
        """Direct parts by the key of their whole."""
        found: dict[str, list[Item]] = {}
        for item in self.items:
            if item.whole is not None:
                found.setdefault(item.whole, []).append(item)
        return found

    def locations(self) -> Iterator[tuple[str, str, str]]:
        """(key, IFC class, name) of site, buildings and storeys; their GUIDs are every model's."""
        yield "site", "IfcSite", "Lindenhof site"
        for key, name in self.buildings:
            yield key, "IfcBuilding", name
        for storey in self.storeys:
            yield storey.key, "IfcBuildingStorey", storey.name
