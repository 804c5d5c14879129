"""What a row stands for: by Revit's number of its category, which is the same in every language.

`categories.csv` names the IFC class and role of each; a category without a class has none that is
plain. Files that are not from Revit name IFC classes instead.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("categories.csv")
_IFC = re.compile(r"\s*(Ifc[A-Za-z]+)\b")
_VARIANTS = ("StandardCase", "ElementedCase")
_SPACES = frozenset(("Space", "SpatialZone"))
_LOCATIONS = frozenset("Project Site Building BuildingStorey Facility FacilityPart".split())
_TYPES = ("Type", "Style")
_ANNOTATIONS = frozenset("Annotation Grid VirtualElement Port DistributionPort".split())
_LOCATION_KINDS = {
    "Project": "project",
    "Site": "site",
    "Building": "building",
    "BuildingStorey": "storey",
    "Space": "space",
    "SpatialZone": "space",
}

LEVEL = -2000240


@dataclass(frozen=True)
class Category:
    """One category: its name in English, its IFC class (null if none is plain), its role."""

    name: str
    ifc_class: str | None
    role: str


@cache
def by_id() -> dict[int, Category]:
    """All known categories by Revit's number."""
    return {int(row["category_id"]): _category(row) for row in _rows()}


@cache
def by_name() -> dict[str, Category]:
    """The same by their English names, for rows that state no number."""
    return {row["name"]: _category(row) for row in _rows()}


def ifc_class(written: str | None) -> str | None:
    """The IFC class that a text begins with, without Ifc; null if it begins with none.

    IfcWallStandardCase -> Wall, `IfcSlab.ROOF` -> Slab; IfcWallType -> WallType.
    """
    found = None if written is None else _IFC.match(written)
    if found is None:
        return None
    name = found[1].removeprefix("Ifc")
    for variant in _VARIANTS:
        name = name.removesuffix(variant)
    return name or None


def role(name: str | None) -> str:
    """What something of this IFC class is in a takeoff; whatever is nothing else is physical."""
    if name in _SPACES:
        return "space"
    if name is not None and name.endswith(_TYPES):
        return "type"
    if name is not None and name.startswith("Opening"):
        return "opening"
    if name in _LOCATIONS:
        return "location"
    return "annotation" if name in _ANNOTATIONS else "physical"


def location_kind(name: str | None) -> str | None:
    """The kind of location of an IFC class; null if it is none."""
    return _LOCATION_KINDS.get(name or "")


def _rows() -> list[dict[str, str]]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _category(row: dict[str, str]) -> Category:
    return Category(row["name"], row["ifc_class"] or None, row["role"])
