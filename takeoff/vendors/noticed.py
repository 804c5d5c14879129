"""What vendors' decoders notice while reading, and where rows for it are numbered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

from takeoff.core.tables import TABLES


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
