"""What kind of figure a name stands for. Exact tables: a name that they do not hold has no kind."""

from __future__ import annotations

from takeoff.core.quantity_names import QuantityNames
from takeoff.core.units import unit_named

KINDS = ("length", "area", "volume", "mass", "count", "time")

# The measures of IFC, as custom properties name them ("IfcLengthMeasure", "Length").
_MEASURES = {
    "length": "length",
    "positivelength": "length",
    "nonnegativelength": "length",
    "area": "area",
    "volume": "volume",
    "mass": "mass",
    "weight": "mass",
    "count": "count",
    "time": "time",
}
# Names in quantity sets and of dynamic properties whose kind is plain though IFC has no such name
# for every class. `Mass` is one of the two dynamic properties that the vendor documents.
_PLAIN_NAMES = {
    "area": "area",
    "volume": "volume",
    "mass": "mass",
    "weight": "mass",
    "length": "length",
    "width": "length",
    "height": "length",
    "depth": "length",
    "thickness": "length",
    "perimeter": "length",
    "count": "count",
    "grossfootprintarea": "area",
    "netfootprintarea": "area",
}

# Units of the project's own properties and of totals.
unit = unit_named


def measured(measure: str | None) -> str | None:
    """The kind that a custom property's measure type names; null if it is none of ours."""
    word = (measure or "").casefold().removeprefix("ifc").removesuffix("measure")
    return _MEASURES.get(word)


def meaning(
    names: QuantityNames, name: str, ifc_class: str, set_name: str | None
) -> tuple[str | None, str | None]:
    """(IFC4X3 quantity, kind) of a figure that is known by its name only; null where unknown.

    A name that would be quantities of two kinds is none.
    """
    found = {kind: names.quantity(name, kind, ifc_class, set_name) for kind in KINDS}
    mapped = {kind: quantity for kind, quantity in found.items() if quantity is not None}
    if len(mapped) == 1:
        kind, quantity = next(iter(mapped.items()))
        return quantity, kind
    return None, None if mapped else _PLAIN_NAMES.get(name.casefold())


def is_quantity_set(name: str | None) -> bool:
    """Whether a property set is one of quantities: Qto_WallBaseQuantities, BaseQuantities."""
    return name is not None and (name.startswith("Qto_") or name == "BaseQuantities")
