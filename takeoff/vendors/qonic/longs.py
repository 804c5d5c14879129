"""From columns side by side to long rows: one row for each value that is there.

Rows come element by element, within an element in the order of the columns. Arrow and numpy do the
work; nothing here loops over products.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from takeoff.vendors.longs import combinations, encoded


class Long:
    """Where values stand: `rows` and `columns` of those that are there, element by element."""

    def __init__(self, there: Sequence[pa.Array], length: int) -> None:
        self._length = length
        mask = np.zeros((length, len(there)), dtype=bool)
        for place, column in enumerate(there):
            mask[:, place] = column.to_numpy(zero_copy_only=False)
        self.rows, self.columns = np.nonzero(mask)

    def __len__(self) -> int:
        return len(self.rows)

    def taken(self, columns: Sequence[pa.Array]) -> pa.Array:
        """The values of `columns`, which lie as those that `there` was given for.

        Columns that hold nothing are not looked into.
        """
        filled = [place for place, one in enumerate(columns) if one.null_count < len(one)]
        if not filled:
            return pa.nulls(len(self), columns[0].type if columns else pa.null())
        start = np.full(len(columns), -1, dtype=np.int64)
        start[filled] = np.arange(len(filled)) * self._length
        at = start[self.columns]
        side_by_side = pa.concat_arrays([columns[place] for place in filled])
        return side_by_side.take(pa.array(at + self.rows, mask=at < 0))

    def encoded(self, columns: Sequence[pa.Array]) -> pa.Array:
        """As `taken`, ENCODED: for text that is the same in many rows."""
        side_by_side = pa.concat_arrays([pa.array([], pa.string()), *columns]).dictionary_encode()
        at = pa.array(self.columns * self._length + self.rows)
        places = side_by_side.indices.take(at)
        return pa.DictionaryArray.from_arrays(places, side_by_side.dictionary)


def combined(
    columns: Sequence[pa.Array],
) -> tuple[list[tuple[str | None, ...]], np.ndarray]:
    """The different combinations of the columns' texts, and for each row which one it is."""
    return combinations([encoded(column) for column in columns])
