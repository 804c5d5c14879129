"""What elements are made of and how they are classified: columns that may say several things."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.vendors import longs
from takeoff.vendors.itwin.cells import typed
from takeoff.vendors.itwin.columns import (
    EDITION,
    MATERIAL,
    MEASURED,
    ROLE,
    SHARE,
    THICKNESS,
    TITLE,
    VOLUME,
    Column,
)
from takeoff.vendors.itwin.measures import in_si
from takeoff.vendors.itwin.source import Block, Source
from takeoff.vendors.longs import Indices

ROLES = ("single", "layer", "constituent", "profile", "list")
PARTS = {
    TITLE: pa.string(),
    EDITION: pa.string(),
    ROLE: pa.string(),
    SHARE: pa.float64(),
    THICKNESS: pa.float64(),
    VOLUME: pa.float64(),
}

_SCHEMA = pa.schema(
    [("row", pa.int64()), ("text", pa.string()), ("system", pa.string()), *PARTS.items()]
)


@dataclass(frozen=True)
class Distinct:
    """Each thing once for an element: the things, by element; the row of each; its place."""

    things: pa.Table
    rows: Indices
    ordinals: pa.Array

    def column(self, name: str) -> pa.Array:
        """A column of the things."""
        return self.things.column(name).combine_chunks()


class Listed:
    """The materials or the codes of all rows; `row` counts the rows of all tables."""

    def __init__(self, *, is_code: bool) -> None:
        self._is_code = is_code
        self._found: list[pa.Table] = []

    def add(self, source: Source, block: Block, first_row: int) -> None:
        """Take what the rows of a block say."""
        for column in source.columns:
            if column.is_code if self._is_code else column.field == MATERIAL:
                self._found.append(_said(source, column, block, first_row))

    def distinct(self, numbers: Indices) -> Distinct:
        """What is said, each thing once for an element; `numbers` is the element of each row.

        Two layers of one name in a row are two; what another table says again is the same.
        """
        found = pa.concat_tables([_SCHEMA.empty_table(), *self._found])
        found = found.take(np.argsort(found.column("row").to_numpy(), kind="stable"))
        rows = found.column("row").to_numpy()
        keys = [longs.encoded(found.column(name).combine_chunks()) for name in ("system", "text")]
        _, thing = longs.combinations(keys)
        again = _ranks(rows, thing)
        first = np.sort(
            np.unique(np.column_stack([numbers[rows], thing, again]), axis=0, return_index=True)[1]
        )
        first = first[np.argsort(numbers[rows[first]], kind="stable")]
        ordinals = longs.ranks(numbers[rows[first]])
        return Distinct(found.take(first), rows[first], pa.array(ordinals, pa.int32()))


def _said(source: Source, column: Column, block: Block, first_row: int) -> pa.Table:
    text = typed(block.columns[column.name], column).text
    parts = {one.part: one for one in source.columns if one.of == column.name}
    table = pa.table(
        [
            pa.array(np.arange(first_row, first_row + len(block))),
            text,
            pa.repeat(pa.scalar(column.system, pa.string()), len(block)),
            *_parts(parts, source, block),
        ],
        schema=_SCHEMA,
    )
    return table.filter(pc.is_valid(text))


def _parts(parts: dict[str | None, Column], source: Source, block: Block) -> Iterator[pa.Array]:
    for part, kind in PARTS.items():
        column = parts.get(part)
        if column is None:
            yield pa.nulls(len(block), kind)
        elif part in MEASURED:
            yield in_si(source, column, MEASURED[part], block)
        else:
            one = typed(block.columns[column.name], column)
            yield one.number if part == SHARE else one.text


def _ranks(rows: npt.NDArray[np.int64], thing: Indices) -> Indices:
    """For each of the things of a row, how many equal ones stand before it there."""
    order = np.lexsort((thing, rows))
    keys = rows[order] * (thing.max(initial=0) + 1) + thing[order]
    found = np.zeros(len(rows), dtype=np.int64)
    found[order] = np.arange(len(rows)) - np.searchsorted(keys, keys, side="left")
    return found


def known_roles(written: pa.Array) -> pa.Array:
    """Whether each text is a role that a material can have."""
    return pc.is_in(written, value_set=pa.array(ROLES))


def as_roles(written: pa.Array) -> pa.Array:
    """The roles; what says none of its own is single."""
    return pc.if_else(pc.fill_null(known_roles(written), False), written, "single")
