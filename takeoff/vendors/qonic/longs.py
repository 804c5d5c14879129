"""From columns side by side to long rows: one row for each value that is there.

Rows come element by element, within an element in the order of the columns. Arrow and numpy do the
work; nothing here loops over products.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.tables import EXACT
from takeoff.core.units import exact

Indices = npt.NDArray[np.int64]
_ONE = Decimal(1)
_LIMIT = 1e20


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
        """The values of `columns`, which lie as those that `there` was given for."""
        side_by_side = pa.concat_arrays(columns)
        return side_by_side.take(pa.array(self.columns * self._length + self.rows))


def ranks(rows: Indices) -> Indices:
    """The place of each value among those of its element, from 0; `rows` ascend."""
    found: Indices = np.arange(len(rows)) - np.searchsorted(rows, rows, side="left")
    return found


def spread(values: Sequence[str | None], indices: Indices) -> pa.Array:
    """The text that each index names."""
    return pa.array(values, pa.string()).take(pa.array(indices))


def encoded(column: pa.Array) -> tuple[list[str | None], Indices]:
    """The different texts of a column, null among them, and for each row which one it is."""
    found = column.dictionary_encode(null_encoding="encode")
    indices = found.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return found.dictionary.to_pylist(), indices


def combined(columns: Sequence[pa.Array]) -> tuple[list[tuple[str | None, ...]], Indices]:
    """The different combinations of the columns' texts, and for each row which one it is."""
    return combinations([encoded(column) for column in columns])


def combinations(
    found: Sequence[tuple[Sequence[str | None], Indices]],
) -> tuple[list[tuple[str | None, ...]], Indices]:
    """As `combined`, for columns that are encoded already."""
    mixed = np.zeros(len(found[0][1]), dtype=np.int64)
    for texts, indices in found:
        mixed = mixed * max(len(texts), 1) + indices
    which = pa.array(mixed).dictionary_encode()
    rows = [
        _apart(number, [texts for texts, _ in found]) for number in which.dictionary.to_pylist()
    ]
    return rows, which.indices.to_numpy().astype(np.int64)


def _apart(number: int, found: Sequence[Sequence[str | None]]) -> tuple[str | None, ...]:
    """The texts whose indices were mixed into one number."""
    row: list[str | None] = []
    for texts in reversed(found):
        number, index = divmod(number, max(len(texts), 1))
        row.append(texts[index])
    return tuple(reversed(row))


def decimals(numbers: pa.Array) -> pa.Array:
    """Doubles as `value_exact` holds them: by their shortest text, rounded half even.

    Null where it is null, not finite, or does not fit; as `core.units.exact`, for a whole column.
    """
    fits = pc.and_kleene(pc.is_finite(numbers), pc.less(pc.abs(numbers), _LIMIT))
    kept = pc.if_else(pc.fill_null(fits, False), numbers, None)
    try:
        wide = pc.cast(pc.cast(kept, pa.string()), pa.decimal256(76, 40))
    except pa.ArrowInvalid:
        # Some number has more than 40 decimals; numbers that small are rare.
        one_by_one = [None if n is None else exact(n, _ONE) for n in kept.to_pylist()]
        return pa.array(one_by_one, EXACT)
    return pc.round(wide, EXACT.scale, "half_to_even").cast(EXACT)
