"""The units of fields: short signs such as `ft^2`, and Forge unit ids, whose version says nothing.

Values are in the field's own unit, which is the one that the model is shown in; one index mixes
units, and two models of one project may differ.
"""

from __future__ import annotations

import re
from decimal import Decimal

from takeoff.core.units import Unit, unit_named

_FORGE = re.compile(r"autodesk\.unit\.unit:(?P<name>[A-Za-z0-9]+)(?:-[0-9.]+)?")
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
# How a figure is shown says nothing about its size; other names than those of single units.
_SAME_AS = {
    "feetFractionalInches": "feet",
    "fractionalInches": "inches",
    "metersCentimeters": "meters",
    "poundsMass": "pounds",
}
_OTHERS = {
    "usGallons": ("volume", "0.003785411784"),
    "usTonnesMass": ("mass", "907.18474"),
}
# Bare numbers.
_NO_UNITS = frozenset(("general", "fixed", "integer", "number"))


def unit_of(uom: str | None) -> Unit | None:
    """The unit of a field; null if it has none, or none that we can bring to SI."""
    if uom is None:
        return None
    forge = _FORGE.fullmatch(uom.strip())
    return unit_named(uom) if forge is None else _forge(forge["name"])


def is_bare(uom: str | None) -> bool:
    """Whether a field's figures have no unit, as far as it says."""
    forge = None if uom is None else _FORGE.fullmatch(uom.strip())
    return uom is None or (forge is not None and forge["name"] in _NO_UNITS)


def _forge(name: str) -> Unit | None:
    if name in _OTHERS:
        kind, factor = _OTHERS[name]
        return Unit(name, kind, Decimal(factor))
    same_as = _SAME_AS.get(name, " ".join(_WORD.findall(name)))
    return unit_named(same_as)
