"""Which elements there are: each ECInstanceId once, whatever tables it is in, and what they say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.errors import NotUnderstood
from takeoff.vendors.itwin import names
from takeoff.vendors.itwin.cells import typed
from takeoff.vendors.itwin.columns import Column
from takeoff.vendors.itwin.elements import FIELDS, Elements, Rows
from takeoff.vendors.itwin.listed import Listed
from takeoff.vendors.itwin.measures import in_si
from takeoff.vendors.itwin.names import FLAGS, ID, LENGTHS
from takeoff.vendors.itwin.source import Block, Source


class Who:
    """All rows of all tables, as far as they tell who the elements are."""

    def __init__(self) -> None:
        self._ids: list[pa.Array] = []
        self._columns: dict[str, list[pa.Array]] = {field: [] for field in FIELDS}
        self._group_classes: list[pa.Array] = []
        self._tables: list[Rows] = []
        self._evidence: list[Rows] = []
        self._source_rows: list[Rows] = []
        self._materials, self._codes = Listed(is_code=False), Listed(is_code=True)
        self._count = 0

    def add(self, table_no: int, source: Source, block: Block) -> None:
        """Take the rows of a block. Raises: NotUnderstood if one has no id."""
        ids, length = block.columns[ID], len(block)
        if pc.any(pc.or_(pc.is_null(ids), pc.equal(pc.fill_null(ids, ""), ""))).as_py():
            raise NotUnderstood(
                f"A row of the table {source.words} has no {ID}; its group's query must select "
                f"{ID} (and ECClassId), see Grouping and Mapping. Nothing was committed."
            )
        by_field = _by_field(source.columns)
        for field, found in self._columns.items():
            found.append(_first(field, by_field.get(field, ()), source, block))
        group_class = names.class_of_group(source.table.group_name)
        self._group_classes.append(pa.repeat(pa.scalar(group_class, pa.string()), length))
        self._ids.append(ids)
        self._tables.append(np.full(length, table_no))
        self._evidence.append(np.full(length, block.document.evidence_no))
        self._source_rows.append(np.arange(block.first_row, block.first_row + length))
        self._materials.add(source, block, self._count)
        self._codes.add(source, block, self._count)
        self._count += length

    def people(self) -> Elements:
        """The elements, once all rows are there."""
        nothing = np.zeros(0, dtype=np.int64)
        return Elements(
            _joined(self._ids, pa.string()),
            np.concatenate([nothing, *self._tables]),
            np.concatenate([nothing, *self._evidence]),
            np.concatenate([nothing, *self._source_rows]),
            {field: _joined(found, _kind(field)) for field, found in self._columns.items()},
            _joined(self._group_classes, pa.string()),
            self._materials,
            self._codes,
        )


def _by_field(columns: Sequence[Column]) -> dict[str, list[Column]]:
    found: dict[str, list[Column]] = {}
    by_name = {column.name: column for column in columns if column.field is not None}
    for name in names.in_order(by_name):
        found.setdefault(by_name[name].field or "", []).append(by_name[name])
    return found


def _first(field: str, columns: Sequence[Column], source: Source, block: Block) -> pa.Array:
    """The first value of these columns in each row."""
    if not columns:
        return pa.nulls(len(block), _kind(field))
    if field in LENGTHS:
        return pc.coalesce(*[in_si(source, column, "length", block) for column in columns])
    found = [typed(block.columns[column.name], column) for column in columns]
    return pc.coalesce(*[one.flag if field in FLAGS else one.text for one in found])


def _kind(field: str) -> pa.DataType:
    if field in LENGTHS:
        return pa.float64()
    return pa.bool_() if field in FLAGS else pa.string()


def _joined(found: Sequence[pa.Array], kind: pa.DataType) -> pa.Array:
    return pa.concat_arrays([pa.array([], kind), *[one.cast(kind) for one in found]])
