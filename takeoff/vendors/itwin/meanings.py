"""What a column's property definition makes of its values: a figure or a property, in which unit.

No unit travels with a table. What is known is, in this order: the unit that another column states
by `getpersistenceunit`; for what the service calculates of bodies in metres, SI, marked as assumed.
All other figures have no value, only the number as it came. A number whose definition does not say
what it measures is a property, and a figure as well if its unit does and IFC has a name for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from takeoff.core.quantity_names import QuantityNames
from takeoff.core.units import SI_UNITS
from takeoff.vendors.itwin.columns import Column
from takeoff.vendors.itwin.definitions import Property
from takeoff.vendors.itwin.source import Source
from takeoff.vendors.itwin.units import unit as unit_of
from takeoff.vendors.values import Meaning

ORIGIN = "mapping"
AUTHORED, CALCULATED, DERIVED = "authored", "vendor_calculated", "derived"

_NUMERIC = ("double", "integer", "number")
# Force and Monetary measure what is no quantity of ours: such columns are properties.
_QUANTITY_TYPES = {
    "area": "area",
    "distance": "length",
    "volume": "volume",
    "mass": "mass",
    "time": "time",
}
_CALCULATED = {"area": "area", "volume": "volume"}
_LENGTHS = ("length", "boundingbox")
_COUNT = "count"
_ONE = Decimal(1)
_SEPARATOR = "\x1f"
_PROPERTY = Meaning(False, True)


@dataclass(frozen=True)
class Meanings:
    """What the columns of these tables mean; each is known by its `key`."""

    names: QuantityNames
    sources: Sequence[Source]

    def meaning(
        self,
        set_name: str | None,
        name: str | None,
        unit: str | None,
        key: str | None,
        ifc_class: str | None,
    ) -> Meaning:
        """As `takeoff.vendors.values` asks for it."""
        table_no, _, column_name = (key or "").partition(_SEPARATOR)
        source = self.sources[int(table_no)]
        column = source.column(column_name)
        definition = column.definition
        if definition is None or definition.data_type.casefold() not in _NUMERIC:
            return _PROPERTY
        declared = kind_of(definition)
        kind = declared or _kind_of_unit(unit)
        named_as = (ifc_class or "").removesuffix("Type").removesuffix("Style")
        quantity = self._quantity(column, kind, named_as)
        figure = _figure(definition, quantity, kind, unit)
        if declared is not None:
            return figure
        is_one = quantity is not None and not _is_shown_as_quantity(source, column)
        return replace(figure, is_property=True) if is_one else _PROPERTY

    def is_quantity_without_type(self, source: Source, column: Column) -> bool:
        """Whether IFC has a quantity of this name, but no definition says what it measures."""
        definition = column.definition
        if definition is None or definition.data_type.casefold() not in _NUMERIC:
            return False
        if kind_of(definition) is not None or _is_shown_as_quantity(source, column):
            return False
        kinds = [kind for kind in SI_UNITS if kind != _COUNT]
        found = (self.names.quantity(column.label, kind, "", None) for kind in kinds)
        return any(one is not None for one in found)

    def _quantity(self, column: Column, kind: str, ifc_class: str) -> str | None:
        """IFC's name for a figure: by the column's name, or else by that of its property."""
        written = (column.label, column.property_name)
        found = (self.names.quantity(one, kind, ifc_class, column.class_name) for one in written)
        return next((one for one in found if one is not None), None)


def _kind_of_unit(written: str | None) -> str:
    """What a unit that is stated measures; a number without any may be a count."""
    unit = unit_of(written)
    return _COUNT if unit is None else unit.kind


def key(table_no: int, column_name: str) -> str:
    """What tells a column from those of its name in other tables."""
    return f"{table_no}{_SEPARATOR}{column_name}"


def kind_of(definition: Property) -> str | None:
    """The kind of quantity that a definition states; null if it states none of ours."""
    stated = _QUANTITY_TYPES.get((definition.quantity_type or "").casefold())
    return _kind_calculated(definition) if stated is None else stated


def basis_of(definition: Property) -> str:
    """Who said the value: a mapped property goes before a calculation, that before a formula."""
    if definition.ec_properties:
        return AUTHORED
    return DERIVED if definition.calculated is None else CALCULATED


def is_ambiguous(definition: Property) -> bool:
    """Whether a value may be a mapped one or, where that is missing, a calculated one."""
    others = (definition.calculated, definition.formula)
    return bool(definition.ec_properties) and any(one is not None for one in others)


def is_figure(column: Column) -> bool:
    """Whether a column is declared as a quantity."""
    definition = column.definition
    return definition is not None and kind_of(definition) is not None


def _is_shown_as_quantity(source: Source, column: Column) -> bool:
    """Whether another column shows the same property of the iModel and says what it measures."""
    shown = (column.class_name, column.property_name)
    return None not in shown and any(
        is_figure(one) and (one.class_name, one.property_name) == shown for one in source.columns
    )


def _figure(definition: Property, quantity: str | None, kind: str, written: str | None) -> Meaning:
    basis = basis_of(definition)

    def meant(status: str, factor: Decimal | None) -> Meaning:
        si = None if factor is None else SI_UNITS[kind]
        return Meaning(True, False, quantity, kind, basis, ORIGIN, written, status, si, factor)

    unit = unit_of(written)
    if unit is not None and unit.kind == kind:
        return meant("own", unit.factor)
    if written is not None:
        return meant("unknown", None)
    is_metric = basis == CALCULATED and _kind_calculated(definition) == kind
    if is_metric or kind == _COUNT:
        return meant("assumed", _ONE)
    return meant("unknown", None)


def _kind_calculated(definition: Property) -> str | None:
    """What the service calculates; of bounding boxes it is always a length."""
    word = (definition.calculated or "").casefold()
    return "length" if word.startswith(_LENGTHS) else _CALCULATED.get(word)
