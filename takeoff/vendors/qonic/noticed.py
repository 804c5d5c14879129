"""What was noticed while reading: the words for it, and where rows for it are numbered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

from takeoff.core.tables import TABLES

# code -> what it means. The text of each warning says which field or product.
CODES = {
    "code_library_unknown": "a product's code is of a library that the project does not list",
    "guid_invalid": "a Guid is not 22 characters of the IFC alphabet",
    "guid_repeated": "a product came twice, in equal rows; it counts once",
    "guid_unknown": "a calculated value is of a product that was not among the products",
    "kind_unknown": "what a figure measures cannot be told by its name; it has no value",
    "location_unknown": "a product's location is not among the project's locations",
    "lookup_missing": "a library or list that would add names or units was not given",
    "material_unread": "materials come in a form that is not documented; kept as a property",
    "no_elements": "the model holds no products",
    "result_shape": "in which form calculated figures came, for the documents show none",
    "total_summed": "a total is the sum of the products' figures that the vendor calculated",
    "unit_unknown": "a unit cannot be brought to SI",
    "value_out_of_range": "a figure is not finite or too large",
    "value_unreadable": "a figure is not a number",
}


class Noticed(NamedTuple):
    """One warning, not numbered yet. With `once` only the first of equal (code, once) is kept."""

    code: str
    text: str
    evidence_no: int
    source_row: int | None = None
    element_id: str | None = None
    element_no: int | None = None
    once: str | None = None


class Warnings:
    """Numbers the warnings of one model in the order in which they are given."""

    def __init__(self) -> None:
        self._rows: list[tuple[object, ...]] = []
        self._said: set[tuple[str, str]] = set()

    def extend(self, noticed: Iterable[Noticed]) -> None:
        """Take them in this order."""
        for item in noticed:
            if item.once is not None:
                if (item.code, item.once) in self._said:
                    continue
                self._said.add((item.code, item.once))
            self._rows.append(
                (
                    len(self._rows),
                    item.element_id,
                    item.element_no,
                    item.code,
                    item.text,
                    item.evidence_no,
                    item.source_row,
                )
            )

    def batch(self) -> pa.RecordBatch:
        """All rows."""
        return batch("warnings", self._rows)


def batch(table: str, rows: Iterable[tuple[object, ...]]) -> pa.RecordBatch:
    """Tuples in the order of the columns of `table` as one batch; for the few rows of a model."""
    schema = TABLES[table].decoded
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, item.type) for column, item in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
