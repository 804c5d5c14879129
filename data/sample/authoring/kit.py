"""What the disciplines share: the plan's sizes, materials, codes, and a list to add items to."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal

from authoring.figures import Scribe
from authoring.items import Code, Item, Material, Storey, guid
from authoring.numbers import Units
from authoring.shapes import Point, box

D = Decimal
FOOT = D("0.3048")
POUND = D("0.45359237")

MILLIMETRES = Units(
    D("0.001"),
    {
        "length": ("MILLI METRE", D("0.001")),
        "area": ("SQUARE_METRE", D(1)),
        "volume": ("CUBIC_METRE", D(1)),
    },
)
METRES = Units(
    D(1),
    {
        "length": ("METRE", D(1)),
        "area": ("SQUARE_METRE", D(1)),
        "volume": ("CUBIC_METRE", D(1)),
        "mass": ("KILO GRAM", D(1)),
    },
)
FEET = Units(
    FOOT,
    {"length": ("FOOT", FOOT), "mass": ("POUND", POUND)},
)


@dataclass(frozen=True)
class Plan:
    """The building's sizes in metres; `bays` along the front, `levels` above the ground."""

    bays: int
    levels: int

    bay = D("6")
    depth = D("10.4")
    storey_height = D("3.2")
    cellar_height = D("2.8")
    slab = D("0.22")

    @classmethod
    def of_size(cls, size: int) -> Plan:
        """About `size` times the building of size 1, which has 3 bays and 2 levels."""
        wide = math.isqrt(size - 1) + 1
        return cls(bays=3 * wide, levels=2 * math.ceil(size / wide))

    @property
    def storeys(self) -> tuple[Storey, ...]:
        named = [Storey("storey/B", "Basement", -self.cellar_height)]
        for level in range(self.levels):
            name = "Ground floor" if level == 0 else f"Level {level}"
            named.append(Storey(level_key(level), name, level * self.storey_height))
        return (*named, Storey("storey/R", "Roof", self.levels * self.storey_height))


def level_key(level: int) -> str:
    return f"storey/{level}"


UNIFORMAT = {
    "A1010": "Standard Foundations",
    "A1020": "Special Foundations",
    "A1030": "Slab on Grade",
    "A2020": "Basement Walls",
    "B1010": "Floor Construction",
    "B1020": "Roof Construction",
    "B2010": "Exterior Walls",
    "B2020": "Exterior Windows",
    "B2030": "Exterior Doors",
    "C1010": "Partitions",
    "C1020": "Interior Doors",
    "C2010": "Stair Construction",
    "C3020": "Floor Finishes",
    "C3030": "Ceiling Finishes",
    "D2010": "Plumbing Fixtures",
    "D2020": "Domestic Water Distribution",
    "D3040": "Distribution Systems",
    "D3050": "Terminal & Package Units",
}
COST_GROUPS = {
    "LH-10": "Foundations",
    "LH-20": "Load-bearing frame",
    "LH-25": "Floors and stairs",
    "LH-30": "Outer walls",
    "LH-35": "Windows and outer doors",
    "LH-40": "Inner walls",
    "LH-45": "Inner doors",
    "LH-50": "Finishes",
    "LH-60": "Roof",
    "LH-70": "Air",
    "LH-75": "Water",
}


def codes(*wanted: str) -> tuple[Code, ...]:
    """Codes of both systems by the code alone."""
    found = []
    for code in wanted:
        if code in UNIFORMAT:
            found.append(Code("UNIFORMAT II", "NISTIR 6389", code, UNIFORMAT[code]))
        else:
            found.append(Code("Lindenhof cost groups", "2026", code, COST_GROUPS[code]))
    return tuple(found)


def single(name: str) -> Material:
    return Material("single", name, ((name, None),))


class ItemList:
    """Items of one model in the order they are added."""

    def __init__(self, model: str, scribe: Scribe) -> None:
        self.model = model
        self.scribe = scribe
        self.items: list[Item] = []

    def add(self, key: str, ifc_class: str, name: str | None, **rest: object) -> str:
        """Add an item; its GUID comes from model and key unless one is given. Returns the key."""
        identity = rest.pop("guid", None) or guid(f"{self.model}/{key}")
        item = Item(key, ifc_class, name, str(identity))
        self.items.append(replace(item, **rest))  # type: ignore[arg-type]
        return key

    def add_marker(self, size: Decimal, at: Point, **rest: object) -> None:
        """The cube that shows where the origin is: one GUID in every discipline."""
        self.add(
            "marker",
            "IfcBuildingElementProxy",
            "Origin marker",
            guid=guid("marker"),
            place="storey/0",
            at=at,
            body=box(size, size, size),
            **rest,
        )
