"""From a number and a unit, both as written, to the figure in SI."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from takeoff.core.units import converted
from takeoff.vendors.ifc.units import PIECES, Unit, Units
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


class Source(NamedTuple):
    """Where a figure stands: origin as `quantities` has it, set, name, STEP id."""

    origin: str
    set_name: str | None
    name: str | None
    step_id: int


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
        self._used: dict[tuple[str, Ref | None], tuple[str, Unit, str, str | None]] = {}

    def figure(self, kind: str, value: Value, own: Ref | None, source: Source) -> Figure:
        """The figure of `kind` in its own unit, or if it names none in the project's."""
        used = self._used.get((kind, own))
        if used is None:
            used = self._used[kind, own] = self._choose(kind, own, source.step_id)
        kind, unit, status, symbol = used
        text = value if type(value) is Number else _text(value)
        number, exact, problem = _convert(text, unit.factor)
        origin, set_name, name, step_id = source
        return Figure(
            kind,
            origin,
            set_name,
            name,
            text,
            unit.text,
            status,
            number,
            exact,
            symbol,
            step_id,
            problem,
        )

    def length_m(self, value: Value) -> float | None:
        """A length attribute in metres; null if it is none or the unit is unknown."""
        return _convert(_text(value), self._project_unit("length").factor)[0]

    def _choose(
        self, kind: str, own: Ref | None, step_id: int
    ) -> tuple[str, Unit, str, str | None]:
        """(kind, unit, unit status, SI unit): a unit of another kind makes another figure."""
        unit = self.units.own(own)
        if unit is None:
            unit = self._project_unit(kind)
        elif kind == "count" and unit.factor is None:
            unit = replace(unit, factor=PIECES.factor, dimensions=PIECES.dimensions)
        elif unit.factor is not None and unit.kind != kind and kind != "count":
            kind = unit.kind
        if unit.factor is None and unit.text is not None:
            text = f"The unit {unit.text!r} cannot be brought to SI; figures in it have no value."
            self._warnings.add_once("unit_unknown", unit.text, text, own or step_id)
        return kind, unit, "unknown" if unit.factor is None else unit.status, unit.symbol

    def _project_unit(self, kind: str) -> Unit:
        if kind == "other":
            return PIECES
        unit = self.units.of_kind(kind)
        if unit.factor is None and unit.text is None:
            text = f"The file names no {kind} unit; its {kind} figures have no value."
            self._warnings.add_once("unit_missing", kind, text, None)
        return unit


def _text(value: Value) -> str | None:
    """What stands for a number, be it one or not."""
    if isinstance(value, Typed):
        value = value.value
    return value if isinstance(value, str) else None


def _convert(
    text: str | None, factor: Decimal | None
) -> tuple[float | None, Decimal | None, str | None]:
    """(value, value_exact, problem); both null if the text is no number or the unit unknown."""
    if type(text) is not Number:
        return None, None, "value_unreadable"
    if factor is None:
        return None, None, None
    value, value_exact = converted(text, factor)
    return value, value_exact, "value_out_of_range" if value_exact is None else None
