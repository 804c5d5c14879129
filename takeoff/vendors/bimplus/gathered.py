"""What the objects' own attributes say that belongs in a column of `elements` or of `locations`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.vendors.longs import Indices

Flags = npt.NDArray[np.bool_]


def holding(column: pa.Array, is_wanted: Callable[[str | None], bool]) -> Flags:
    """Where a dictionary-encoded column of texts has one that is wanted."""
    wanted = [is_wanted(text) for text in column.dictionary.to_pylist()]
    is_null = column.indices.is_null().to_numpy(zero_copy_only=False)
    indices = column.indices.fill_null(0).to_numpy(zero_copy_only=False)
    if not wanted:
        return np.zeros(len(column), dtype=bool)
    found: Flags = np.array(wanted, dtype=bool)[indices] & ~is_null
    return found


# What the tree says first or alone is not here.
COLUMNS = {
    "name": pa.string(),
    "ifc_guid": pa.string(),
    "authoring_id": pa.string(),
    "type_name": pa.string(),
    "predefined_type": pa.string(),
    "object_type": pa.string(),
    "mark": pa.string(),
    "phase": pa.string(),
    "material": pa.string(),
    "is_external": pa.bool_(),
    "load_bearing": pa.bool_(),
    "elevation_m": pa.float64(),
    "thickness_m": pa.float64(),
    "evidence_no": pa.int32(),
    "source_row": pa.int64(),
}


class Gathered:
    """Values by element number, column by column; of several of one element the first counts.

    `evidence_no` and `source_row` say where the object's own attributes stand.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, list[Indices]] = {}
        self._values: dict[str, list[pa.Array]] = {}

    def add(self, column: str, numbers: Indices, values: pa.Array) -> None:
        """Values of the elements with these numbers; nulls say nothing."""
        is_valid = pc.is_valid(values)
        where = is_valid.to_numpy(zero_copy_only=False)
        if where.any():
            self._numbers.setdefault(column, []).append(numbers[where])
            self._values.setdefault(column, []).append(values.filter(is_valid))

    def column(self, name: str, count: int) -> pa.Array:
        """The value of each of `count` elements; null where nothing said it."""
        type_ = COLUMNS[name]
        if name not in self._values:
            return pa.nulls(count, type_)
        numbers = np.concatenate(self._numbers[name])
        places = np.full(count, -1, dtype=np.int64)
        found, first = np.unique(numbers, return_index=True)
        places[found] = first
        at = pa.array(places, mask=places < 0)
        return pa.concat_arrays(self._values[name]).cast(type_).take(at)


def coalesced(own: Sequence[str | None], said: pa.Array) -> pa.Array:
    """What the tree says, else what the objects' attributes say."""
    return pc.coalesce(pa.array(own, pa.string()), said)
