"""From a number and a unit, both as written, to the figure in SI."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import NamedTuple

from takeoff.core import units as core_units
from takeoff.vendors.ifc.units import UNKNOWN, Unit, Units
from takeoff.vendors.ifc.values import Number, Ref, Typed, Value
from takeoff.vendors.ifc.warnings import Warnings

MEASURES = {
    "IFCLENGTHMEASURE": "length",
    "IFCPOSITIVELENGTHMEASURE": "length",
    "IFCNONNEGATIVELENGTHMEASURE": "length",
    "IFCAREAMEASURE": "area",
    "IFCVOLUMEMEASURE": "volume",
    "IFCMASSMEASURE": "mass",
    "IFCTIMEMEASURE": "time",
    "IFCCOUNTMEASURE": "count",
}


class Figure(NamedTuple):
    """One figure, ready but for the element it belongs to.

    `text` is the number as written; `problem` the code of the warning that it deserves, if any.
    """

    kind: str
    origin: str
    set_name: str | None
    name: str | None
    text: str | None
    unit_text: str | None
    unit_status: str
    value: float | None
    value_exact: Decimal | None
    unit: str | None
    step_id: int
    problem: str | None


class Converter:
    """Brings figures to SI by the units of one file, and warns once of each unit it cannot use."""

    def __init__(self, units: Units, warnings: Warnings) -> None:
        self.units = units
        self._warnings = warnings

    def figure(
        self,
        kind: str,
        value: Value,
        own: Ref | None,
        *,
        origin: str,
        set_name: str | None,
        name: str | None,
        step_id: int,
    ) -> Figure:
        """The figure of `kind` in its own unit, or if it names none in the project's."""
        kind, unit = self._unit(kind, own, step_id)
        text = _number_text(value)
        converted, exact, problem = _convert(text, unit)
        status = unit.status if unit.factor is not None else "unknown"
        return Figure(
            kind,
            origin,
            set_name,
            name,
            text,
            unit.text,
            status,
            converted,
            exact,
            unit.symbol,
            step_id,
            problem,
        )

    def length_m(self, value: Value) -> float | None:
        """A length attribute in metres; null if it is none or the unit is unknown."""
        _, unit = self._unit("length", None, None)
        return _convert(_number_text(value), unit)[0]

    def _unit(self, kind: str, own: Ref | None, step_id: int | None) -> tuple[str, Unit]:
        unit = self.units.own(own)
        if unit is None:
            unit = self._project_unit(kind)
        elif kind == "count" and unit.factor is None:
            unit = Unit(unit.text, Decimal(1), (0, 0, 0, 0, 0, 0, 0), "own")
        elif unit.factor is not None and kind != "count" and unit.kind != kind:
            kind = unit.kind
        if unit.factor is None and unit.text is not None:
            text = f"The unit {unit.text!r} cannot be brought to SI; figures in it have no value."
            self._warnings.add_once("unit_unknown", unit.text, text, own or step_id)
        return kind, unit

    def _project_unit(self, kind: str) -> Unit:
        if kind == "other":
            return UNKNOWN
        unit = self.units.of_kind(kind)
        if unit.factor is None and unit.text is None:
            text = f"The file names no {kind} unit; its {kind} figures have no value."
            self._warnings.add_once("unit_missing", kind, text, None)
        return unit


def _number_text(value: Value) -> str | None:
    if isinstance(value, Typed):
        value = value.value
    return str(value) if isinstance(value, str) else None


def _convert(text: str | None, unit: Unit) -> tuple[float | None, Decimal | None, str | None]:
    """(value, value_exact, problem); both null if the text is no number or the unit unknown."""
    if text is None or not Number.is_one(text):
        return None, None, "value_unreadable"
    if unit.factor is None:
        return None, None, None
    exact = core_units.exact(text, unit.factor)
    value = float(text) if unit.factor == 1 else float(Decimal(text) * unit.factor)
    if exact is None or not math.isfinite(value):
        return None, None, "value_out_of_range"
    return value, exact, None
