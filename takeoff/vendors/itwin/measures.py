"""Numbers that tell of an element, such as a storey's elevation, by the unit stated beside them."""

from __future__ import annotations

import pyarrow as pa

from takeoff.vendors import longs
from takeoff.vendors.itwin.cells import typed
from takeoff.vendors.itwin.columns import Column
from takeoff.vendors.itwin.source import Block, Source
from takeoff.vendors.itwin.units import unit as unit_of


def in_si(source: Source, column: Column, kind: str, block: Block) -> pa.Array:
    """The numbers of a column in the SI unit of their kind.

    Null where the column says nothing, or no unit of that kind is stated.
    """
    numbers = typed(block.columns[column.name], column).number
    units, which = longs.encoded(stated_units(source, column, block))
    known = [unit_of(text) for text in units]
    factors = [one.factor if one is not None and one.kind == kind else None for one in known]
    return longs.in_si(numbers, pa.nulls(len(numbers), pa.string()), factors, which)[0]


def stated_units(source: Source, column: Column, block: Block) -> pa.Array:
    """The unit that another column of the table states for each value, as written."""
    stating = source.unit_of(column)
    if stating is None:
        return pa.nulls(len(block), pa.string())
    return typed(block.columns[stating.name], stating).text
