"""What an attribute stands for: a figure with its quantity, or a property.

Attributes are told by their ids, never by their names, which follow the user's language. A figure
counts in the unit that stands with it; what has none, or an unknown one, has no value. Only the
lengths of the built-in group are millimetres without a word, by the vendor's document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from takeoff.core.quantity_names import QuantityNames
from takeoff.core.units import SI_UNITS, Unit, unit_named
from takeoff.vendors.bimplus import known, shapes
from takeoff.vendors.values import Meaning

_ONE = Decimal(1)
_PROPERTY = Meaning(False, True)
_GUID_LENGTH = 36
# What a unit record's word for its dimension allows a symbol to measure.
_CONTEXTS = {
    "LENGTHUNIT": "length",
    "AREAUNIT": "area",
    "VOLUMEUNIT": "volume",
    "MASSUNIT": "mass",
    "TIMEUNIT": "time",
}


# Begins the key of a value whose unit its own record contradicts.
DOUBTFUL = "!"


class Key(NamedTuple):
    """Who an attribute is: its id, group and key, in lower case; each may be empty.

    `is_doubtful`: its unit record contradicts the symbol that stands with it.
    """

    attribute_id: str
    group: str
    attribute: str
    is_doubtful: bool = False


def key_of(text: str | None) -> Key:
    """The key in the form that `objects` gives it: `<id>|<group>|<key>`.

    Where all attributes stand in one group they go by their ids, so a key may be the id.
    """
    text = text or "||"
    attribute_id, _, rest = text.removeprefix(DOUBTFUL).partition("|")
    group, _, attribute = rest.partition("|")
    id_ = attribute_id or (attribute if len(attribute) == _GUID_LENGTH else "")
    return Key(id_, group, attribute, text.startswith(DOUBTFUL))


@dataclass(frozen=True)
class Units:
    """The service's unit records by id; a value may name its unit by the id alone."""

    by_id: Mapping[str, shapes.Unit]

    @classmethod
    def from_records(cls, records: Sequence[shapes.Unit]) -> Units:
        """From the records of an answer."""
        return cls({record.id: record for record in records})

    def symbol(self, written: str | None, unit_id: str | None) -> str | None:
        """The symbol that stands with a value, or else that of the record it names."""
        record = self.by_id.get(unit_id or "")
        return written if written is not None or record is None else record.symbol

    def fits(self, symbol: str | None, unit_id: str | None) -> bool:
        """Whether the record says that the symbol measures what it seems to."""
        record, unit = self.by_id.get(unit_id or ""), unit_named(symbol)
        context = None if record is None else _CONTEXTS.get((record.context or "").upper())
        return unit is None or context is None or context == unit.kind


class Meanings:
    """Says of each attribute what it stands for. What stands in the group of calculated values the
    service has calculated; with `is_calculated` it has calculated all of them.
    """

    def __init__(self, names: QuantityNames, *, is_calculated: bool = False) -> None:
        self._names, self._is_calculated = names, is_calculated

    def of(
        self,
        set_name: str | None,
        name: str | None,
        unit_name: str | None,
        key: str | None,
        ifc_class: str | None,
    ) -> Meaning:
        """See values.MeaningOf."""
        who = key_of(key)
        meaning = self._meaning(set_name, name, unit_name, who, ifc_class)
        if meaning.is_figure and (self._is_calculated or who.group == known.CALCULATED_GROUP):
            return replace(meaning, is_property=False, basis="vendor_calculated", origin="dynamic")
        return meaning

    def _meaning(
        self,
        set_name: str | None,
        name: str | None,
        unit_name: str | None,
        who: Key,
        ifc_class: str | None,
    ) -> Meaning:
        unit = None if who.is_doubtful else unit_named(unit_name)
        where = (ifc_class or "", set_name)
        if (quantity := known.QUANTITIES.get(who.attribute_id)) is not None:
            return self._known(quantity, unit, unit_name, where, "qto")
        built_in = known.BUILT_IN.get(who.attribute)
        if who.group == known.BUILT_IN_GROUP and built_in is not None:
            if unit_name is None and built_in.kind == "length":
                unit = unit_named(known.BUILT_IN_LENGTH)
            return self._known(built_in, unit, unit_name, where, "attribute")
        return self._named(name or "", unit, unit_name, where)

    def _known(
        self,
        quantity: known.Quantity,
        unit: Unit | None,
        unit_name: str | None,
        where: tuple[str, str | None],
        origin: str,
    ) -> Meaning:
        """An attribute that is a quantity by its id or by the group it stands in."""
        mapped = self._names.quantity(quantity.name, quantity.kind, *where)
        if unit is None or unit.kind != quantity.kind:
            return self._figure(mapped, quantity.kind, origin)
        status = "own" if unit_name is not None else "assumed"
        return self._figure(mapped, unit.kind, origin, status, unit.factor)

    def _named(
        self,
        name: str,
        unit: Unit | None,
        unit_name: str | None,
        where: tuple[str, str | None],
    ) -> Meaning:
        """Any other attribute: a figure if it is in a unit that we know, or in a quantity set."""
        is_in_set = _is_quantity_set(where[1])
        origin = "qto" if is_in_set else "pset"
        if unit is not None:
            mapped = self._names.quantity(name, unit.kind, *where)
            figure = self._figure(mapped, unit.kind, origin, "own", unit.factor)
            return replace(figure, is_property=not is_in_set)
        if not is_in_set and not self._is_calculated:
            return _PROPERTY
        kinds = [kind for kind in SI_UNITS if self._names.quantity(name, kind, *where) is not None]
        kind = kinds[0] if len(kinds) == 1 else "other"
        mapped = self._names.quantity(name, kind, *where)
        if kind == "count" and unit_name is None:
            return self._figure(mapped, kind, origin, "assumed", _ONE)
        return self._figure(mapped, kind, origin)

    def _figure(
        self,
        mapped: str | None,
        kind: str,
        origin: str,
        status: str = "unknown",
        factor: Decimal | None = None,
    ) -> Meaning:
        return Meaning(
            True,
            False,
            mapped,
            kind,
            "authored",
            origin,
            None,
            status,
            None if factor is None else SI_UNITS[kind],
            factor,
        )


def _is_quantity_set(name: str | None) -> bool:
    return name is not None and (name.startswith("Qto_") or name == "BaseQuantities")
