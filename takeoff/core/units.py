"""Units by name, SI units of the quantity kinds, and the one way from a number to our two values.

`value` is a double for reading and plotting; `value_exact` is a decimal for adding up, because sums
of doubles change with thread count and row order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

# Decimals that people are shown; the figures themselves keep all of theirs.
SHOWN_DECIMALS = {"m": 2, "m2": 2, "m3": 3, "kg": 1, "s": 0, "1": 0, "%": 1}

SI_UNITS = {"length": "m", "area": "m2", "volume": "m3", "mass": "kg", "time": "s", "count": "1"}

_QUANTUM = Decimal("1e-12")
_LIMIT = Decimal("1e20")
# Wide enough for any product that fits; what does not comes out as infinity, not as an exception.
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[])

_NAMED: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("m", "meter", "metre", "meters", "metres"), ("length", "1")),
    **dict.fromkeys(
        ("mm", "millimeter", "millimetre", "millimeters", "millimetres"), ("length", "0.001")
    ),
    **dict.fromkeys(
        ("cm", "centimeter", "centimetre", "centimeters", "centimetres"), ("length", "0.01")
    ),
    **dict.fromkeys(
        ("dm", "decimeter", "decimetre", "decimeters", "decimetres"), ("length", "0.1")
    ),
    **dict.fromkeys(
        ("km", "kilometer", "kilometre", "kilometers", "kilometres"), ("length", "1000")
    ),
    **dict.fromkeys(("ft", "foot", "feet"), ("length", "0.3048")),
    **dict.fromkeys(("in", "inch", "inches"), ("length", "0.0254")),
    **dict.fromkeys(("yd", "yard", "yards"), ("length", "0.9144")),
    **dict.fromkeys(
        ("m2", "m²", "m^2", "square meter", "square metre", "square meters", "square metres"),
        ("area", "1"),
    ),
    **dict.fromkeys(("mm2", "mm²", "mm^2", "square millimeters"), ("area", "0.000001")),
    **dict.fromkeys(("cm2", "cm²", "cm^2", "square centimeters"), ("area", "0.0001")),
    **dict.fromkeys(("dm2", "dm²", "dm^2"), ("area", "0.01")),
    **dict.fromkeys(("ft2", "ft²", "ft^2", "square foot", "square feet"), ("area", "0.09290304")),
    **dict.fromkeys(
        ("in2", "in²", "in^2", "inch^2", "square inch", "square inches"), ("area", "0.00064516")
    ),
    **dict.fromkeys(("yd2", "yd²", "yd^2", "square yard", "square yards"), ("area", "0.83612736")),
    **dict.fromkeys(("acre", "acres"), ("area", "4046.8564224")),
    **dict.fromkeys(("ha", "hectare", "hectares"), ("area", "10000")),
    **dict.fromkeys(
        ("m3", "m³", "m^3", "cubic meter", "cubic metre", "cubic meters", "cubic metres"),
        ("volume", "1"),
    ),
    **dict.fromkeys(("mm3", "mm³", "mm^3", "cubic millimeters"), ("volume", "0.000000001")),
    **dict.fromkeys(("cm3", "cm³", "cm^3", "cubic centimeters"), ("volume", "0.000001")),
    **dict.fromkeys(("dm3", "dm³", "dm^3"), ("volume", "0.001")),
    **dict.fromkeys(("l", "liter", "litre", "liters", "litres"), ("volume", "0.001")),
    **dict.fromkeys(
        ("ft3", "ft³", "ft^3", "cubic foot", "cubic feet"), ("volume", "0.028316846592")
    ),
    **dict.fromkeys(
        ("in3", "in³", "in^3", "inch^3", "cubic inch", "cubic inches"),
        ("volume", "0.000016387064"),
    ),
    **dict.fromkeys(
        ("yd3", "yd³", "yd^3", "cubic yard", "cubic yards"), ("volume", "0.764554857984")
    ),
    **dict.fromkeys(("kg", "kilogram", "kilograms"), ("mass", "1")),
    **dict.fromkeys(("g", "gram", "grams"), ("mass", "0.001")),
    **dict.fromkeys(("t", "ton", "tonne", "tonnes"), ("mass", "1000")),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), ("mass", "0.45359237")),
    **dict.fromkeys(("s", "sec", "second", "seconds"), ("time", "1")),
    **dict.fromkeys(("min", "minute", "minutes"), ("time", "60")),
    **dict.fromkeys(("h", "hour", "hours"), ("time", "3600")),
    **dict.fromkeys(("1", "pcs", "pieces", "piece", "count"), ("count", "1")),
}


@dataclass(frozen=True)
class Unit:
    """A unit as named, what it measures, and its factor to the SI unit of that kind."""

    name: str
    kind: str
    factor: Decimal


def unit_named(name: str | None) -> Unit | None:
    """The unit of this name or sign, whatever its case; null if it is none that we know.

    An exact table: a unit of another kind than those of SI_UNITS, such as kip/inch^2, is unknown.
    """
    found = None if name is None else _NAMED.get(name.strip().casefold())
    return None if found is None else Unit(str(name), found[0], Decimal(found[1]))


def shortest(number: float) -> str:
    """The shortest text that reads back as `number`: 5200, not 5200.0; 1e-07 stays as it is."""
    text = repr(number)
    return text[:-2] if text.endswith(".0") else text


def exact(number: float | str | Decimal, factor: Decimal) -> Decimal | None:
    """`number` x `factor`, rounded half even to 12 decimals, as `value_exact` holds it.

    A double is taken by its shortest text, which is what the source wrote in all but odd cases.
    None if it is not finite or does not fit decimal(32,12).
    """
    return converted(number, factor)[1]


def converted(
    number: float | str | Decimal, factor: Decimal
) -> tuple[float | None, Decimal | None]:
    """(`value`, `value_exact`) of `number` x `factor`; the double is the nearest to the product.

    Both are None if the product is not finite or does not fit decimal(32,12).
    """
    if isinstance(number, float) and not math.isfinite(number):
        return None, None
    given = Decimal(repr(number) if isinstance(number, float) else number)
    product = _WIDE.multiply(given, factor)
    if not product.is_finite() or abs(product) >= _LIMIT:
        return None, None
    return float(product), product.quantize(_QUANTUM, context=_WIDE)
