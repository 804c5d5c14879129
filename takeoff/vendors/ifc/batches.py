"""Rows gathered as tuples in the order of a schema, and given out as Arrow batches."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

ROWS_PER_BATCH = 20_000


class Rows:
    """Rows of one table that wait to become a batch."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._rows: list[tuple[object, ...]] = []
        self.append = self._rows.append
        self.extend = self._rows.extend

    def __len__(self) -> int:
        return len(self._rows)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows that wait, in order, in batches of at most `ROWS_PER_BATCH`; then none wait."""
        for start in range(0, len(self._rows), ROWS_PER_BATCH):
            columns = zip(*self._rows[start : start + ROWS_PER_BATCH], strict=True)
            arrays = [
                pa.array(column, field.type)
                for column, field in zip(columns, self._schema, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=self._schema)
        self._rows.clear()
