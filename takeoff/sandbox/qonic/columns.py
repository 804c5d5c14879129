"""Fields of products as encoded JSON, column by column, so that a page is a join of strings.

A column keeps every distinct cell once and, for each product, which one it has; a page takes the
cells of its products and joins them, all of it in Arrow.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# The property set and the value of a product's property as JSON; a plain field has no set.
Cell = tuple[str | None, str]

# JSON text never holds it, so it may stand between two JSON texts.
_BETWEEN = "\x1f"
_ENCODER = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True)
class Style:
    """How cells are written: the switches `property`, `values` and `unset`."""

    shape: str
    values: str
    unset: str


class Column:
    """One field of all products. `cells` are its distinct JSON values, `place` which one each has.

    Null in `place`: not set. `sets` are the JSON texts of the cells' property sets; None for a
    plain field, which is its value alone; one that is not set is null, or its key `is_left_out`.
    """

    def __init__(
        self,
        name: str,
        place: pa.Array,
        cells: pa.Array,
        sets: pa.Array | None,
        is_text: bool,
        *,
        is_left_out: bool = False,
    ) -> None:
        self.name = name
        self.place = place
        self.cells = cells
        self.sets = sets
        self.can_filter = is_text or sets is not None
        self._is_left_out = is_left_out
        self._members: dict[Style, tuple[pa.Array, str | None]] = {}

    def members(self, style: Style, rows: pa.Array | slice) -> pa.Array:
        """`"Name":value` of these products, in their order; null where the key is left out."""
        texts, unset = self._styled(style)
        place = self.place[rows] if isinstance(rows, slice) else self.place.take(rows)
        taken = texts.take(place)
        return taken if unset is None else taken.fill_null(unset)

    def json_values(self, rows: pa.Array) -> list[str | None]:
        """The value of each of these products as JSON; None if it has none."""
        values: list[str | None] = self.cells.take(self.place.take(rows)).to_pylist()
        return [None if value == "null" else value for value in values]

    def cell(self, row: int) -> Cell | None:
        """What this product has; None if it is not set."""
        place = self.place[row].as_py()
        if place is None:
            return None
        return None if self.sets is None else self.sets[place].as_py(), self.cells[place].as_py()

    def with_cells(self, cells: Mapping[int, Cell | None]) -> Column:
        """The column with other cells for these products; None takes one away."""
        told = {row: cell for row, cell in cells.items() if cell is not None}
        new = dict(zip(told, range(len(self.cells), len(self.cells) + len(told)), strict=True))
        place = self.place.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        place[list(cells)] = [new.get(row, -1) for row in cells]
        more = pa.array([value for _, value in told.values()], pa.string())
        sets = self.sets
        if sets is not None:
            names = pa.array([name for name, _ in told.values()], pa.string())
            sets = pa.concat_arrays([sets, names])
        return Column(
            self.name,
            pa.array(place, mask=place < 0),
            pa.concat_arrays([self.cells, more]),
            sets,
            self.can_filter and self.sets is None,
            is_left_out=self._is_left_out,
        )

    @cached_property
    def values(self) -> list[Any]:
        """The distinct values, one a cell."""
        return [json.loads(text) for text in self.cells.to_pylist()]

    def _styled(self, style: Style) -> tuple[pa.Array, str | None]:
        if style not in self._members:
            self._members[style] = self._style(style)
        return self._members[style]

    def _style(self, style: Style) -> tuple[pa.Array, str | None]:
        key = json_text(self.name) + ":"
        if self.sets is None:
            return joined(key, self.cells), None if self._is_left_out else key + "null"
        values = _as_text(self.cells) if style.values == "text" else self.cells
        nothing = {"nulls": "null", "empty": '""'}.get(style.unset)
        if style.shape == "scalar":
            bare = "null" if style.unset == "null" else nothing
            return joined(key, values), None if bare is None else key + bare
        word = "Value" if style.shape == "object" else "value"
        texts = joined(key + '{"PropertySet":', self.sets, f',"{word}":', values, "}")
        if style.unset == "missing":
            return texts, None
        unset = f'{{"PropertySet":{nothing},"{word}":{nothing}}}' if nothing else "null"
        return texts, key + unset


def plain(name: str, values: Sequence[str | None]) -> Column:
    """A field that is text by itself."""
    return _plain(name, [None if v is None else json_text(v) for v in values], is_text=True)


def structured(name: str, values: Sequence[str | None], *, is_left_out: bool = False) -> Column:
    """A field whose values are JSON already; it cannot be filtered by."""
    return _plain(name, values, is_text=False, is_left_out=is_left_out)


def properties(name: str, rows: pa.Array, sets: pa.Array, values: pa.Array, count: int) -> Column:
    """A property field: for the products `rows` its set and value as JSON; `count` of all."""
    both = joined(sets, _BETWEEN, values).dictionary_encode()
    halves = pc.split_pattern(both.dictionary, _BETWEEN, max_splits=1)
    place = both.indices.take(pc.index_in(numbers(count), value_set=rows))
    parts = [pc.list_element(halves, half) for half in (0, 1)]
    return Column(name, place, parts[1], parts[0], is_text=False)


def empty(name: str, count: int) -> Column:
    """A property field that none of the products has."""
    nothing = pa.array([], pa.string())
    return Column(name, pa.nulls(count, pa.int32()), nothing, nothing, is_text=False)


def encode(columns: Sequence[Column], style: Style, rows: pa.Array | slice, count: int) -> bytes:
    """The products `rows` (`count` of them) as JSON objects with commas between them."""
    if not columns:
        return ",".join(["{}"] * count).encode()
    members = [column.members(style, rows) for column in columns]
    objects = pc.binary_join_element_wise(*members, ",", null_handling="skip")
    return ("{" + "},{".join(objects.to_pylist()) + "}").encode() if count else b""


@lru_cache(maxsize=16)
def numbers(count: int) -> pa.Array:
    """0 to `count` - 1."""
    return pa.array(range(count), pa.int32())


def joined(*parts: pa.Array | str) -> pa.Array:
    """The parts, one after the other."""
    return pc.binary_join_element_wise(*parts, "")


def json_texts(column: pa.Array) -> pa.Array:
    """Each text as JSON; null where it is null. Every distinct text is escaped once."""
    distinct = column.dictionary_encode()
    escaped = pa.array([json_text(t) for t in distinct.dictionary.to_pylist()], pa.string())
    return escaped.take(distinct.indices)


def json_text(text: str) -> str:
    return _ENCODER.encode(text)


def _plain(
    name: str, values: Iterable[str | None], *, is_text: bool, is_left_out: bool = False
) -> Column:
    both = pa.array(values, pa.string()).dictionary_encode()
    return Column(name, both.indices, both.dictionary, None, is_text, is_left_out=is_left_out)


def _as_text(values: pa.Array) -> pa.Array:
    keep = pc.or_(pc.starts_with(values, '"'), pc.equal(values, "null"))
    return pc.if_else(keep, values, joined('"', values, '"'))
