"""What the fields of an index stand for: figures with their unit, or properties.

A figure is a number in a unit that we know; its IFC name, if it has one, goes by set, name and
class. Those without such a name are properties as well. A number without a unit is a figure only
if its name says what it measures, and has no value: a unit is never assumed, but pieces need none.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from takeoff.core.quantity_names import QuantityNames
from takeoff.core.units import SI_UNITS
from takeoff.vendors.autodesk.fields import NUMERIC, Field, Fields
from takeoff.vendors.autodesk.units import is_bare, unit_of
from takeoff.vendors.noticed import Noticed
from takeoff.vendors.values import Meaning

_PROPERTY = Meaning(False, True)
_ONE = Decimal(1)


class Meanings:
    """Asked for each different field and class; what it notices about fields is in `noticed`."""

    def __init__(
        self, fields: Fields, names: QuantityNames, elevations: Iterable[str], evidence_no: int
    ) -> None:
        """`elevations` are keys of how high levels lie, in any language: no size of anything."""
        self._fields, self._names, self._evidence_no = fields, names, evidence_no
        self._elevations = frozenset(elevations)
        self._known: dict[tuple[str | None, str | None], Meaning] = {}
        self.noticed: list[Noticed] = []

    def of(
        self,
        set_name: str | None,
        name: str | None,
        unit: str | None,
        key: str | None,
        ifc_class: str | None,
    ) -> Meaning:
        """What the field of this key stands for on something of this class."""
        asked = (key, ifc_class)
        if asked not in self._known:
            field = self._fields.get(key or "")
            self._known[asked] = _PROPERTY if field is None else self._meaning(field, ifc_class)
            if field is None:
                said = f"The property {key} is not among the fields; it goes by its key."
                self._notice("field_unknown", said, None, str(key))
        return self._known[asked]

    def _meaning(self, field: Field, ifc_class: str | None) -> Meaning:
        if field.type not in NUMERIC or field.is_internal:
            return _PROPERTY
        unit = unit_of(field.uom)
        origin = "qto" if _is_quantity_set(field.category) else "pset"
        if unit is not None:
            quantity = self._quantity(field, unit.kind, ifc_class)
            return Meaning(
                True,
                quantity is None and origin == "pset",
                quantity,
                unit.kind,
                origin=origin,
                unit_status="own",
                unit=SI_UNITS[unit.kind],
                factor=unit.factor,
            )
        if not is_bare(field.uom):
            said = f"{field.words} is in '{field.uom}', which cannot be brought to SI."
            self._notice("unit_unknown", said, field.row, str(field.uom))
        return self._without_unit(field, ifc_class, origin)

    def _without_unit(self, field: Field, ifc_class: str | None, origin: str) -> Meaning:
        kinds = {kind: self._quantity(field, kind, ifc_class) for kind in SI_UNITS}
        named = [(kind, quantity) for kind, quantity in kinds.items() if quantity is not None]
        if len(named) != 1:
            return Meaning(True, True, origin=origin) if origin == "qto" else _PROPERTY
        kind, quantity = named[0]
        if kind == "count" and is_bare(field.uom):
            status, si = "assumed", SI_UNITS[kind]
            return Meaning(
                True, False, quantity, kind, origin=origin, unit_status=status, unit=si, factor=_ONE
            )
        return Meaning(True, True, quantity, kind, origin=origin)

    def _quantity(self, field: Field, kind: str, ifc_class: str | None) -> str | None:
        if field.key in self._elevations:
            return None
        # A type's figures are called as those of what is of that type.
        named_as = (ifc_class or "").removesuffix("Type").removesuffix("Style")
        return self._names.quantity(field.name, kind, named_as, field.category)

    def _notice(self, code: str, said: str, row: int | None, once: str) -> None:
        self.noticed.append(Noticed(code, said, self._evidence_no, row, once=once))


def _is_quantity_set(name: str | None) -> bool:
    """Whether a set is one of quantities: Qto_WallBaseQuantities, BaseQuantities."""
    return name is not None and (name.startswith("Qto_") or name == "BaseQuantities")
