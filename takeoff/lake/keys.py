"""Rows by the unique key of their table: in which order they lie, and whether a key repeats.

A key's columns are mixed into one number for each row, so that comparing rows is comparing numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[np.int64]

_MOST = 2**62
_NARROW = 2**31


def ordered(rows: pa.Table, key: Sequence[str]) -> tuple[pa.Table, int | None]:
    """`rows` by `key`, nulls last, and the place of the first whose key is that of the next.

    Text goes by its bytes. Rows that lie in order already are given back as they are.
    """
    numbers = _mixed([rows.column(name) for name in key], rows.num_rows)
    if not bool(np.all(numbers[1:] > numbers[:-1])):
        order = np.argsort(numbers, kind="stable")
        rows, numbers = rows.take(pa.array(order)), numbers[order]
    repeated = np.flatnonzero(numbers[1:] == numbers[:-1])
    return rows, int(repeated[0]) if len(repeated) else None


def _mixed(columns: Sequence[pa.ChunkedArray], length: int) -> Numbers:
    """A number for each row that compares as the row's values do, one after the other."""
    mixed, span = np.zeros(length, dtype=np.int64), 1
    for column in columns:
        numbers, different = _numbers(column)
        if span * different > _MOST:
            mixed = _dense(mixed)
            span = length
        mixed, span = mixed * different + numbers, span * different
    return mixed


def _numbers(column: pa.ChunkedArray) -> tuple[Numbers, int]:
    """Numbers from 0 that compare as the values do, nulls last; all are below the bound."""
    if pa.types.is_integer(column.type) and not column.null_count and len(column):
        numbers = column.to_numpy().astype(np.int64)
        least, most = int(numbers.min()), int(numbers.max())
        if most - least < _NARROW:
            return numbers - least, most - least + 1
    encoded = column.combine_chunks()
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    places = pc.rank(encoded.dictionary, tiebreaker="dense").to_numpy().astype(np.int64)
    last = len(places) + 1
    of_row = encoded.indices.fill_null(len(places)).to_numpy()
    return np.append(places, last)[of_row], last + 1


def _dense(numbers: Numbers) -> Numbers:
    """The same order in numbers below their count."""
    found: Numbers = np.unique(numbers, return_inverse=True)[1]
    return found
