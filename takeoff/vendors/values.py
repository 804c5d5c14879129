"""From long values to rows of figures and properties, a column at a time, for every vendor.

A decoder lays its values out one row each, element by element, and says once for each different
field what it stands for. Nothing here loops over elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.tables import TABLES
from takeoff.vendors import longs
from takeoff.vendors.longs import Indices
from takeoff.vendors.noticed import Noticed

Batch = tuple[str, pa.RecordBatch]
Flags = npt.NDArray[np.bool_]

_KINDS = ("text", "flag", "number", "none")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[Ee][-+]?\d+)?")
_LARGEST = 1e20


@dataclass(frozen=True)
class Elements:
    """Elements that rows are made for: who they are, and where each stands in its answer.

    `ids` and `classes` are text (a class may be null), `numbers` int32, `source_rows` int64.
    """

    ids: pa.Array
    numbers: pa.Array
    classes: pa.Array
    source_rows: pa.Array
    evidence_no: int

    def __len__(self) -> int:
        return len(self.ids)

    def identity(self, rows: Indices) -> dict[str, pa.Array]:
        """element_id, element_no, evidence_no and source_row for long rows."""
        at = pa.array(rows)
        return {
            "element_id": self.ids.take(at),
            "element_no": self.numbers.take(at),
            "evidence_no": pa.repeat(pa.scalar(self.evidence_no, pa.int32()), len(rows)),
            "source_row": self.source_rows.take(at),
        }


@dataclass(frozen=True)
class LongValues:
    """One row for each value that is there: element by element, within one in the source's order.

    `element` is the place in `Elements`, ascending. At most one of `text`, `number` (double) and
    `flag` is filled in a row. `unit` is as written. `key` is one more text that the meaning
    depends on, or null. `set_name`, `name`, `unit` and `key` may be dictionary-encoded.
    """

    element: Indices
    set_name: pa.Array
    name: pa.Array
    text: pa.Array
    number: pa.Array
    flag: pa.Array
    unit: pa.Array
    key: pa.Array | None = None

    def __len__(self) -> int:
        return len(self.element)


@dataclass(frozen=True)
class Meaning:
    """What the field of one name, in one set, of one class, stands for.

    `source_unit` is null if the unit that the values carry themselves counts. `factor` is null if
    the figure cannot be brought to SI; then `unit` is null as well. A figure whose value is no
    number is kept as a property.
    """

    is_figure: bool
    is_property: bool
    quantity: str | None = None
    kind: str = "other"
    basis: str = "authored"
    origin: str = "qto"
    source_unit: str | None = None
    unit_status: str = "unknown"
    unit: str | None = None
    factor: Decimal | None = None


# (set_name, name, unit, key, ifc_class) -> what it stands for
MeaningOf = Callable[[str | None, str | None, str | None, str | None, str | None], Meaning]


@dataclass(frozen=True)
class Values:
    """Rows of figures and properties, and how many of each every element has got."""

    batches: list[Batch]
    noticed: list[Noticed]
    figures: Indices
    properties: Indices


def rows(
    elements: Elements,
    long: LongValues,
    meaning: MeaningOf,
    *,
    first_figures: Indices | None = None,
    first_properties: Indices | None = None,
) -> Values:
    """The rows of `quantities` and `properties` for these values.

    `meaning` is asked once for each different combination. `first_*` are the ordinals that each
    element begins with; null means 0. What has no value is in `noticed` with the codes
    kind_unknown, unit_unknown, value_unreadable and value_out_of_range.
    """
    nothing = np.zeros(len(elements), dtype=np.int64)
    if not len(long):
        return Values([], [], nothing, nothing)
    table = _Table(elements, long, meaning)
    figures, properties = np.flatnonzero(table.is_figure), np.flatnonzero(table.is_property)
    first = (
        nothing if first_figures is None else first_figures,
        nothing if first_properties is None else first_properties,
    )
    batches = [
        *_batch("quantities", table.figures(figures, first[0])),
        *_batch("properties", table.properties(properties, first[1])),
    ]
    counts = (
        np.bincount(long.element[at], minlength=len(elements)) for at in (figures, properties)
    )
    return Values(batches, table.noticed(figures), *counts)


def is_number(text: str) -> bool:
    """Whether text is a number with a decimal point; no comma, no NaN, no blanks."""
    return _NUMBER.fullmatch(text) is not None


def as_batch(table: str, columns: Mapping[str, pa.Array]) -> pa.RecordBatch:
    """Columns by name as one batch of the neutral table; text may be ENCODED."""
    fields = [item.with_type(columns[item.name].type) for item in TABLES[table].decoded]
    given = [columns[item.name] for item in fields]
    return pa.RecordBatch.from_arrays(given, schema=pa.schema(fields))


class _Table:
    """The long values, and what each of them means."""

    def __init__(self, elements: Elements, long: LongValues, meaning: MeaningOf) -> None:
        self._elements, self._long = elements, long
        self._meanings, self._which = self._meant(meaning)
        is_written = _filled(long.number)
        meant = self._each([meaning.is_figure for meaning in self._meanings])
        kept = self._each([meaning.is_property for meaning in self._meanings])
        self.is_figure: Flags = meant & (is_written | self._is_numeral(meant))
        self.is_property: Flags = kept | ~self.is_figure
        self._unreadable = np.flatnonzero(meant & ~self.is_figure)

    def figures(self, at: Indices, first: Indices) -> dict[str, pa.Array]:
        """The columns of `quantities` for the long rows `at`."""
        long, meanings, which = self._long, self._meanings, self._which[at]
        taken = pa.array(at)
        number, text = long.number.take(taken), long.text.take(taken)
        shortest = pc.cast(number, pa.string())
        factors = [item.factor for item in meanings]
        value, value_exact = longs.in_si(number, text, factors, which, shortest=shortest)

        def said(of: Sequence[str | None]) -> pa.Array:
            return longs.named(of, which)

        return {
            **self._elements.identity(long.element[at]),
            "quantity": said([item.quantity for item in meanings]),
            "kind": said([item.kind for item in meanings]),
            "basis": said([item.basis for item in meanings]),
            "origin": said([item.origin for item in meanings]),
            "ordinal": self._ordinals(at, first),
            "source_set": long.set_name.take(taken),
            "source_name": long.name.take(taken),
            "source_value": pc.coalesce(text, shortest),
            "source_unit": said(self._units),
            "unit_status": said([item.unit_status for item in meanings]),
            "value": value,
            "value_exact": value_exact,
            "unit": said([item.unit for item in meanings]),
        }

    def properties(self, at: Indices, first: Indices) -> dict[str, pa.Array]:
        """The columns of `properties` for the long rows `at`."""
        long, taken = self._long, pa.array(at)
        text, number = long.text.take(taken), long.number.take(taken)
        flag = long.flag.take(taken)
        number = pc.if_else(pc.fill_null(pc.is_finite(number), False), number, None)
        is_number = _filled(number)
        kind = np.where(_filled(text), 0, np.where(_filled(flag), 1, np.where(is_number, 2, 3)))
        unit = longs.named(self._units, self._which[at])
        return {
            **self._elements.identity(long.element[at]),
            "set_name": long.set_name.take(taken),
            "name": long.name.take(taken),
            "ordinal": self._ordinals(at, first),
            "value_kind": longs.named(_KINDS, kind),
            "text": text,
            "number": number,
            "flag": flag,
            "unit": _only(unit, is_number),
        }

    def noticed(self, figures: Indices) -> list[Noticed]:
        """Figures that have no value, and why; what concerns a field is said once."""
        unknown = {
            int(which)
            for which in np.unique(self._which[figures])
            if self._meanings[which].factor is None
        }
        found = [self._of_unknown(which) for which in sorted(unknown)]
        for at in self._unreadable.tolist():
            text = self._long.text[at].as_py() or self._long.flag[at].as_py()
            found.append(self._of_row(at, "value_unreadable", f"is not a number: {text}"))
        number = self._long.number
        odd = pc.and_kleene(pc.is_finite(number), pc.less(pc.abs(number), _LARGEST))
        for at in np.flatnonzero(pc.equal(odd, False).to_numpy(zero_copy_only=False)).tolist():
            said = number[at].as_py()
            if said != said or abs(said) == float("inf") or self.is_figure[at]:
                found.append(self._of_row(at, "value_out_of_range", f"is out of range: {said}"))
        return found

    def _meant(self, meaning: MeaningOf) -> tuple[list[Meaning], Indices]:
        """What the different fields mean, and for each long row which one it is."""
        long = self._long
        classes, of_class = longs.encoded(self._elements.classes)
        names = [longs.encoded(column) for column in (long.set_name, long.name, long.unit)]
        nothing = np.zeros(len(long), dtype=np.int64)
        keys = ([None], nothing) if long.key is None else longs.encoded(long.key)
        different, which = longs.combinations([*names, keys, (classes, of_class[long.element])])
        meanings = [meaning(*combination) for combination in different]
        self._units = [
            combination[2] if item.source_unit is None else item.source_unit
            for combination, item in zip(different, meanings, strict=True)
        ]
        return meanings, which

    def _each(self, said: Sequence[bool]) -> Flags:
        return np.array(said, dtype=bool)[self._which]

    def _is_numeral(self, among: Flags) -> Flags:
        """Where a text that should be a figure is a number."""
        found = np.zeros(len(among), dtype=bool)
        at = np.flatnonzero(among & _filled(self._long.text))
        found[at] = [is_number(text) for text in self._long.text.take(pa.array(at)).to_pylist()]
        return found

    def _ordinals(self, at: Indices, first: Indices) -> pa.Array:
        of_element = self._long.element[at]
        return pa.array(longs.ranks(of_element) + first[of_element], pa.int32())

    def _of_unknown(self, which: int) -> Noticed:
        at = int(np.flatnonzero(self.is_figure & (self._which == which))[0])
        where, unit = self._where(at), self._units[which]
        no = self._elements.evidence_no
        if unit is None:
            said = f"{where} does not tell what it measures; its figures have no value."
            return Noticed("kind_unknown", said, no, once=where)
        said = f"{where} is in '{unit}', which is no unit that fits; no value."
        return Noticed("unit_unknown", said, no, once=where)

    def _of_row(self, at: int, code: str, said: str) -> Noticed:
        row, elements = int(self._long.element[at]), self._elements
        return Noticed(
            code,
            f"{self._where(at)} of {elements.ids[row].as_py()} {said}.",
            elements.evidence_no,
            elements.source_rows[row].as_py(),
            elements.ids[row].as_py(),
            elements.numbers[row].as_py(),
        )

    def _where(self, at: int) -> str:
        parts = (self._long.set_name[at].as_py(), self._long.name[at].as_py())
        return ".".join(part for part in parts if part)


def _filled(column: pa.Array) -> Flags:
    found: Flags = pc.is_valid(column).to_numpy(zero_copy_only=False)
    return found


def _only(column: pa.Array, where: Flags) -> pa.Array:
    """An encoded column, null elsewhere."""
    kept = pc.if_else(pa.array(where), column.indices, None)
    return pa.DictionaryArray.from_arrays(kept, column.dictionary)


def _batch(table: str, columns: Mapping[str, pa.Array]) -> list[Batch]:
    return [(table, batch)] if len(batch := as_batch(table, columns)) else []
