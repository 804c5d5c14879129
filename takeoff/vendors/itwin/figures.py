"""The figures and properties of all tables, block by block, each value of an element once.

An element that is in several groups says the same thing several times: what repeats in another
table is dropped, what differs stays beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.vendors import longs, values
from takeoff.vendors.itwin import meanings
from takeoff.vendors.itwin.cells import Typed, typed
from takeoff.vendors.itwin.columns import MEASURED, ROLE, SHARE, Column
from takeoff.vendors.itwin.elements import Elements
from takeoff.vendors.itwin.listed import known_roles
from takeoff.vendors.itwin.meanings import Meanings, basis_of
from takeoff.vendors.itwin.measures import in_si, stated_units
from takeoff.vendors.itwin.names import ID, LENGTHS
from takeoff.vendors.itwin.source import Block, Source
from takeoff.vendors.longs import Indices
from takeoff.vendors.values import LongValues, Values

_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class _Part:
    """Values of rows of a block that are of different elements; `keys` tell equal values."""

    elements: values.Elements
    long: LongValues
    keys: pa.Array


class Figures:
    """What the rows say of the elements, as far as they were read."""

    def __init__(self, people: Elements, means: Meanings) -> None:
        self._people, self._meanings = people, means
        self._figures = np.zeros(len(people), dtype=np.int64)
        self._properties = np.zeros(len(people), dtype=np.int64)
        self._said: list[pa.Array] = []
        self._row = 0

    def of_table(self, table_no: int, source: Source) -> Iterator[Values]:
        """The rows for one table; tables must come in the order in which people were counted."""
        held: list[_Part] = []
        for block in source.blocks(lambda column: True):
            at = np.arange(self._row, self._row + len(block))
            self._row += len(block)
            for part, is_shared in self._parts(table_no, source, block, at):
                if is_shared:
                    held.append(part)
                else:
                    yield self._made(part)
        yield from self._of_shared(held)

    def _parts(
        self, table_no: int, source: Source, block: Block, at: Indices
    ) -> Iterator[tuple[_Part, bool]]:
        """The block's rows, so that no element is twice in a part, and those of elements that are
        in several tables by themselves.
        """
        numbers, occurrences = self._people.numbers[at], self._people.occurrences[at]
        is_shared = self._people.is_shared[numbers]
        for occurrence in np.unique(occurrences):
            for shared in (False, True):
                rows = np.flatnonzero((occurrences == occurrence) & (is_shared == shared))
                if len(rows):
                    yield self._part(table_no, source, _taken(block, rows), at[rows]), shared

    def _part(self, table_no: int, source: Source, block: Block, at: Indices) -> _Part:
        people = self._people
        numbers = people.numbers[at]
        elements = values.Elements(
            block.columns[ID],
            pa.array(numbers, pa.int32()),
            people.classes.take(pa.array(numbers)),
            pa.array(people.source_rows[at], pa.int64()),
            block.document.evidence_no,
        )
        columns, found = self._columns(source, block, numbers)
        long = _long(table_no, source, columns, found, block)
        if not people.is_shared[numbers[0]]:
            return _Part(elements, long, pa.array([], pa.string()))
        return _Part(elements, long, _keys(columns, numbers, people.occurrences[at], long))

    def _columns(
        self, source: Source, block: Block, numbers: Indices
    ) -> tuple[list[Column], list[Typed]]:
        """The columns with values, without what stands elsewhere in the lake already."""
        columns, found = [], []
        for name, given in block.columns.items():
            column = source.column(name)
            one = typed(given, column)
            if column.field in self._people.landed:
                one = _where(one, pc.invert(self._has_landed(source, column, block, numbers)))
            elif column.of is not None:
                one = _where(one, pc.invert(_is_said(source, column, block)))
            elif not column.is_value:
                continue
            columns.append(column)
            found.append(one)
        return columns, found

    def _has_landed(
        self, source: Source, column: Column, block: Block, numbers: Indices
    ) -> pa.Array:
        """Where a value is the one that its element has got in its own row or place."""
        landed = self._people.landed[column.field or ""].take(pa.array(numbers))
        if column.field in LENGTHS:
            mine = in_si(source, column, "length", block)
        else:
            one = typed(block.columns[column.name], column)
            mine = one.flag if pa.types.is_boolean(landed.type) else one.text
        return pc.fill_null(pc.equal(mine, landed), False)

    def _of_shared(self, held: Sequence[_Part]) -> Iterator[Values]:
        """What no table before has said of these elements."""
        if not held:
            return
        known = pa.concat_arrays([pa.array([], pa.string()), *self._said])
        for part in held:
            is_new = pc.invert(pc.is_in(part.keys, value_set=known))
            yield self._made(replace(part, long=_filtered(part.long, is_new)))
        self._said += [part.keys for part in held]

    def _made(self, part: _Part) -> Values:
        numbers = part.elements.numbers.to_numpy()
        made = values.rows(
            part.elements,
            part.long,
            self._meanings.meaning,
            first_figures=self._figures[numbers],
            first_properties=self._properties[numbers],
        )
        self._figures[numbers] += made.figures
        self._properties[numbers] += made.properties
        return made


def _is_said(source: Source, column: Column, block: Block) -> pa.Array:
    """Where a value stands beside that of another column, as its unit, title or role."""
    one = typed(block.columns[column.name], column)
    of = typed(block.columns[column.of or ""], source.column(column.of or ""))
    if column.part in MEASURED:
        si = in_si(source, column, MEASURED[column.part], block)
        return pc.and_(of.is_set, pc.is_valid(si))
    if column.part == ROLE:
        return pc.and_(of.is_set, pc.fill_null(known_roles(one.text), False))
    if column.part == SHARE:
        return pc.and_(of.is_set, pc.is_valid(one.number))
    return of.is_set


def _long(
    table_no: int, source: Source, columns: Sequence[Column], found: Sequence[Typed], block: Block
) -> LongValues:
    """One row for each value that is there, element by element in the order of the columns."""
    length = len(block)
    mask = np.zeros((length, len(columns)), dtype=bool)
    for place, one in enumerate(found):
        mask[:, place] = one.is_set.to_numpy(zero_copy_only=False)
    rows, places = np.nonzero(mask)
    at = pa.array(places * length + rows)

    def taken(side_by_side: Sequence[pa.Array], kind: pa.DataType) -> pa.Array:
        return pa.concat_arrays([pa.array([], kind), *side_by_side]).take(at)

    return LongValues(
        rows,
        _dictionary([column.set_name(source.words) for column in columns], places),
        _dictionary([column.label for column in columns], places),
        taken([one.text for one in found], pa.string()),
        taken([one.number for one in found], pa.float64()),
        taken([one.flag for one in found], pa.bool_()),
        taken([stated_units(source, column, block) for column in columns], pa.string()),
        _dictionary([meanings.key(table_no, column.name) for column in columns], places),
    )


def _keys(
    columns: Sequence[Column], numbers: Indices, occurrences: Indices, long: LongValues
) -> pa.Array:
    """What is equal for equal values of one element: its number, name, meaning, value and unit."""
    texts = pc.coalesce(
        long.text, pc.cast(long.number, pa.string()), pc.cast(long.flag, pa.string())
    )
    # Columns and keys are one to one.
    keys, which = longs.encoded(long.key)
    meant = {key: _signature(column) for key, column in zip(_keys_of(long), columns, strict=True)}
    return pc.binary_join_element_wise(
        pc.cast(pa.array(numbers[long.element]), pa.string()),
        pc.cast(pa.array(occurrences[long.element]), pa.string()),
        longs.spread([meant[key] for key in keys], which),
        pc.fill_null(longs.plain(long.unit), ""),
        texts,
        _SEPARATOR,
    )


def _keys_of(long: LongValues) -> list[str | None]:
    return [] if long.key is None else long.key.dictionary.to_pylist()


def _signature(column: Column) -> str:
    named, definition = (column.set_name("") or "", column.label), column.definition
    if definition is None:
        return _SEPARATOR.join(named)
    return _SEPARATOR.join((*named, definition.quantity_type or "", basis_of(definition)))


def _dictionary(names: Sequence[str | None], places: npt.NDArray[np.int64]) -> pa.Array:
    return pa.array(names, pa.string()).dictionary_encode().take(pa.array(places))


def _where(one: Typed, kept: pa.Array) -> Typed:
    return Typed(*(pc.if_else(kept, part, None) for part in (one.text, one.number, one.flag)))


def _filtered(long: LongValues, kept: pa.Array) -> LongValues:
    if pc.all(kept).as_py():
        return long
    columns = (long.set_name, long.name, long.text, long.number, long.flag, long.unit, long.key)
    rows = long.element[kept.to_numpy(zero_copy_only=False)]
    return LongValues(rows, *(None if one is None else one.filter(kept) for one in columns))


def _taken(block: Block, rows: Indices) -> Block:
    """These rows of a block; `first_row` says nothing any more."""
    if len(rows) == len(block):
        return block
    at = pa.array(rows)
    return replace(block, columns={name: one.take(at) for name, one in block.columns.items()})
