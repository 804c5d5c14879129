"""What the fields of products stand for: figures and properties, a column at a time.

A field is a figure if its set is one of quantities, or its definition names a measure and a unit;
of the values that the service calculates for each product, those are figures whose name tells what
they measure. No unit travels with a product: SI is assumed unless a definition names another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa

from takeoff.core.quantity_names import QuantityNames
from takeoff.core.units import SI_UNITS
from takeoff.vendors import values as shared
from takeoff.vendors.longs import Indices
from takeoff.vendors.qonic import measures
from takeoff.vendors.qonic.fields import Field
from takeoff.vendors.qonic.longs import Long
from takeoff.vendors.qonic.lookups import Definition
from takeoff.vendors.values import Elements, LongValues, Meaning, Values

_ONE = Decimal(1)
_PROPERTY = Meaning(False, True)


@dataclass(frozen=True)
class Reading:
    """How the fields of one kind of answer are read.

    `is_calculated`: the service has calculated them for each product; else somebody wrote them.
    """

    names: QuantityNames
    definitions: Mapping[tuple[str, str], Definition]
    is_calculated: bool
    _known: dict[tuple[str, str | None, str | None], Meaning] = field(default_factory=dict)

    def meaning(
        self,
        set_name: str | None,
        name: str | None,
        unit: str | None,
        key: str | None,
        ifc_class: str | None,
    ) -> Meaning:
        """What such a field stands for; there are neither units nor keys beside the values."""
        asked = (name or "", set_name, ifc_class)
        if asked not in self._known:
            self._known[asked] = self._meaning(*asked)
        return self._known[asked]

    def _meaning(self, name: str, set_name: str | None, ifc_class: str | None) -> Meaning:
        quantity, kind = measures.meaning(self.names, name, ifc_class or "", set_name)
        definition = self.definitions.get((set_name or "", name))
        in_quantity_set = measures.is_quantity_set(set_name)
        if definition is not None and definition.kind is not None:
            kind = definition.kind
            quantity = self.names.quantity(name, kind, ifc_class or "", set_name)
        unit_name = None if definition is None else definition.unit_name
        unit = measures.unit(unit_name)
        if self.is_calculated:
            return self._figure(quantity, kind, None, "dynamic", False) if kind else _PROPERTY
        if in_quantity_set:
            return self._figure(quantity, kind, unit_name, "qto", False)
        if definition is not None and definition.kind is not None and unit is not None:
            return self._figure(quantity, kind, unit_name, "pset", True)
        return Meaning(False, True, source_unit=unit_name)

    def _figure(
        self,
        quantity: str | None,
        kind: str | None,
        unit_name: str | None,
        origin: str,
        is_property: bool,
    ) -> Meaning:
        basis = "vendor_calculated" if self.is_calculated else "authored"
        unit = measures.unit(unit_name)
        if unit is not None and kind in (None, unit.kind):
            kind, factor, status = unit.kind, unit.factor, "own"
        elif unit_name is None and kind is not None:
            factor, status = _ONE, "assumed"
        else:
            kind = kind or "other"
            return Meaning(True, is_property, quantity, kind, basis, origin, unit_name)
        si = SI_UNITS[kind]
        return Meaning(
            True, is_property, quantity, kind, basis, origin, unit_name, status, si, factor
        )


def values(
    elements: Elements,
    found: Sequence[Field],
    reading: Reading,
    *,
    first_figures: Indices | None = None,
    first_properties: Indices | None = None,
) -> Values:
    """The rows for the fields of these products; `first_*` are ordinals to begin with, each 0."""
    return shared.rows(
        elements,
        _long(found, len(elements)),
        reading.meaning,
        first_figures=first_figures,
        first_properties=first_properties,
    )


def _long(found: Sequence[Field], length: int) -> LongValues:
    """The values that are set, product by product, within one in the order of the fields."""
    long = Long([item.is_set for item in found], length)
    names = pa.array([item.name for item in found], pa.string())
    return LongValues(
        element=long.rows,
        set_name=long.encoded([item.set_name for item in found]),
        name=pa.DictionaryArray.from_arrays(pa.array(long.columns.astype(np.int32)), names),
        text=long.taken([item.values.text for item in found]),
        number=long.taken([item.values.number for item in found]),
        flag=long.taken([item.values.flag for item in found]),
        unit=pa.nulls(len(long), pa.string()),
    )
