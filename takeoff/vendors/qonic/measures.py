"""What kind of figure a name stands for, and the factor that brings a unit to SI.

Exact tables: a name or unit that they do not hold has no kind or factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from takeoff.core.quantity_names import QuantityNames

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
_UNITS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("m", "meter", "metre", "meters", "metres"), ("length", "1")),
    **dict.fromkeys(("mm", "millimeter", "millimetre"), ("length", "0.001")),
    **dict.fromkeys(("cm", "centimeter", "centimetre"), ("length", "0.01")),
    **dict.fromkeys(("dm", "decimeter", "decimetre"), ("length", "0.1")),
    **dict.fromkeys(("km", "kilometer", "kilometre"), ("length", "1000")),
    **dict.fromkeys(("ft", "foot", "feet"), ("length", "0.3048")),
    **dict.fromkeys(("in", "inch"), ("length", "0.0254")),
    **dict.fromkeys(("m2", "m²", "m^2", "square meter", "square metre"), ("area", "1")),
    **dict.fromkeys(("mm2", "mm²", "mm^2"), ("area", "0.000001")),
    **dict.fromkeys(("cm2", "cm²", "cm^2"), ("area", "0.0001")),
    **dict.fromkeys(("ft2", "ft²", "ft^2", "square foot"), ("area", "0.09290304")),
    **dict.fromkeys(("m3", "m³", "m^3", "cubic meter", "cubic metre"), ("volume", "1")),
    **dict.fromkeys(("mm3", "mm³", "mm^3"), ("volume", "0.000000001")),
    **dict.fromkeys(("cm3", "cm³", "cm^3"), ("volume", "0.000001")),
    **dict.fromkeys(("l", "liter", "litre"), ("volume", "0.001")),
    **dict.fromkeys(("ft3", "ft³", "ft^3", "cubic foot"), ("volume", "0.028316846592")),
    **dict.fromkeys(("kg", "kilogram"), ("mass", "1")),
    **dict.fromkeys(("g", "gram"), ("mass", "0.001")),
    **dict.fromkeys(("t", "ton", "tonne"), ("mass", "1000")),
    **dict.fromkeys(("lb", "pound"), ("mass", "0.45359237")),
    **dict.fromkeys(("s", "sec", "second"), ("time", "1")),
    **dict.fromkeys(("min", "minute"), ("time", "60")),
    **dict.fromkeys(("h", "hour"), ("time", "3600")),
    **dict.fromkeys(("1", "pcs", "pieces", "piece", "count"), ("count", "1")),
}


@dataclass(frozen=True)
class Unit:
    """A unit as named, what it measures, and its factor to the SI unit of that kind."""

    name: str
    kind: str
    factor: Decimal


def unit(name: str | None) -> Unit | None:
    """The unit of this name or sign; null if it is none that we know."""
    found = None if name is None else _UNITS.get(name.strip().casefold())
    return None if found is None else Unit(str(name), found[0], Decimal(found[1]))


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
