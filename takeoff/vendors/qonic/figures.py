"""From the fields of products to figures and properties, a column at a time.

A field is a figure if its set is one of quantities, or its definition names a measure and a unit;
of the values that the service calculates for each product, those are figures whose name tells what
they measure. No unit travels with a product: SI is assumed unless a definition names another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.quantity_names import QuantityNames
from takeoff.core.tables import EXACT, TABLES
from takeoff.core.units import SI_UNITS, converted
from takeoff.vendors.qonic import answers, longs, measures
from takeoff.vendors.qonic.fields import Field
from takeoff.vendors.qonic.longs import Indices, Long
from takeoff.vendors.qonic.lookups import Definition
from takeoff.vendors.qonic.noticed import Noticed

Batch = tuple[str, pa.RecordBatch]
_ONE = Decimal(1)

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Elements:
    """Products that rows are made for: who they are, and where each stands in its answer."""

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
class Meaning:
    """What the field of one name, in one set, of one class, stands for.

    `factor` is null if the figure cannot be brought to SI; then `unit` is null as well.
    """

    is_figure: bool
    is_property: bool
    quantity: str | None = None
    kind: str = "other"
    origin: str = "qto"
    source_unit: str | None = None
    unit_status: str = "unknown"
    unit: str | None = None
    factor: Decimal | None = None


@dataclass(frozen=True)
class Reading:
    """How the fields of one kind of answer are read.

    `is_calculated`: the service has calculated them for each product; else somebody wrote them.
    """

    names: QuantityNames
    definitions: Mapping[tuple[str, str], Definition]
    is_calculated: bool
    _known: dict[tuple[str, str | None, str | None], Meaning] = field(default_factory=dict)

    @property
    def basis(self) -> str:
        """The basis of the figures."""
        return "vendor_calculated" if self.is_calculated else "authored"

    def meaning(self, name: str, set_name: str | None, ifc_class: str | None) -> Meaning:
        """What such a field stands for."""
        asked = (name, set_name, ifc_class)
        if asked not in self._known:
            self._known[asked] = self._meaning(*asked)
        return self._known[asked]

    def _meaning(self, name: str, set_name: str | None, ifc_class: str | None) -> Meaning:
        quantity, kind = measures.meaning(self.names, name, ifc_class or "", set_name)
        definition = self.definitions.get((set_name or "", name))
        in_quantity_set = measures.is_quantity_set(set_name)
        if definition is not None and definition.kind is not None:
            kind = definition.kind
            quantity = self.names.quantity(name, kind, ifc_class or "", set_name)
        unit_name = None if definition is None else definition.unit_name
        unit = measures.unit(unit_name)
        if self.is_calculated:
            return self._figure(quantity, kind, None, "dynamic", False) if kind else _PROPERTY
        if in_quantity_set:
            return self._figure(quantity, kind, unit_name, "qto", False)
        if definition is not None and definition.kind is not None and unit is not None:
            return self._figure(quantity, kind, unit_name, "pset", True)
        return Meaning(False, True, source_unit=unit_name)

    def _figure(
        self,
        quantity: str | None,
        kind: str | None,
        unit_name: str | None,
        origin: str,
        is_property: bool,
    ) -> Meaning:
        unit = measures.unit(unit_name)
        if unit is not None and kind in (None, unit.kind):
            kind, factor, status = unit.kind, unit.factor, "own"
        elif unit_name is None and kind is not None:
            factor, status = _ONE, "assumed"
        else:
            return Meaning(True, is_property, quantity, kind or "other", origin, unit_name)
        si = SI_UNITS[kind]
        return Meaning(True, is_property, quantity, kind, origin, unit_name, status, si, factor)


_PROPERTY = Meaning(False, True)


@dataclass(frozen=True)
class Values:
    """Rows of figures and properties, and how many of each every element has got."""

    batches: list[Batch]
    noticed: list[Noticed]
    figures: Indices
    properties: Indices


def values(
    elements: Elements,
    found: Sequence[Field],
    reading: Reading,
    *,
    first_figures: Indices | None = None,
    first_properties: Indices | None = None,
) -> Values:
    """The rows for the fields of these products; `first_*` are ordinals to begin with, each 0."""
    nothing = np.zeros(len(elements), dtype=np.int64)
    if not found or not len(elements):
        return Values([], [], nothing, nothing)
    table = _Table(elements, found, reading)
    figures, properties = np.flatnonzero(table.is_figure), np.flatnonzero(table.is_property)
    batches = [
        *_batch("quantities", table.figures(figures, _or(first_figures, nothing))),
        *_batch("properties", table.properties(properties, _or(first_properties, nothing))),
    ]
    counts = (np.bincount(table.rows[at], minlength=len(elements)) for at in (figures, properties))
    return Values(batches, table.noticed(figures), *counts)


class _Table:
    """All values that are set, one long row each, element by element in the order of the fields."""

    def __init__(self, elements: Elements, found: Sequence[Field], reading: Reading) -> None:
        long = Long([item.is_set for item in found], len(elements))
        self._elements, self._reading = elements, reading
        self.rows = long.rows
        self._text = long.taken([item.values.text for item in found])
        self._number = long.taken([item.values.number for item in found])
        self._flag = long.taken([item.values.flag for item in found])
        self._set_name = long.taken([item.set_name for item in found])
        self._names, self._columns = [item.name for item in found], long.columns
        self._meanings, self._which = self._meant()
        is_number = pc.is_valid(self._number).to_numpy(zero_copy_only=False)
        meant = self._each([meaning.is_figure for meaning in self._meanings])
        kept = self._each([meaning.is_property for meaning in self._meanings])
        self.is_figure = meant & (is_number | self._is_numeral(meant))
        self.is_property = kept | ~self.is_figure
        self._unreadable = np.flatnonzero(meant & ~self.is_figure)

    def figures(self, at: Indices, first: Indices) -> dict[str, pa.Array]:
        """The columns of `quantities` for the long rows `at`."""
        number, text = self._number.take(pa.array(at)), self._text.take(pa.array(at))
        source_value = pc.coalesce(text, pc.cast(number, pa.string()))
        value, value_exact = self._in_si(at, number, text)
        meanings, which = self._meanings, self._which[at]

        def said(of: Sequence[str | None]) -> pa.Array:
            return longs.spread(of, which)

        return {
            **self._elements.identity(self.rows[at]),
            "quantity": said([meaning.quantity for meaning in meanings]),
            "kind": said([meaning.kind for meaning in meanings]),
            "basis": said([self._reading.basis] * len(meanings)),
            "origin": said([meaning.origin for meaning in meanings]),
            "ordinal": self._ordinals(at, first),
            "source_set": self._set_name.take(pa.array(at)),
            "source_name": longs.spread(self._names, self._columns[at]),
            "source_value": source_value,
            "source_unit": said([meaning.source_unit for meaning in meanings]),
            "unit_status": said([meaning.unit_status for meaning in meanings]),
            "value": value,
            "value_exact": value_exact,
            "unit": said([meaning.unit for meaning in meanings]),
        }

    def properties(self, at: Indices, first: Indices) -> dict[str, pa.Array]:
        """The columns of `properties` for the long rows `at`."""
        text, number = self._text.take(pa.array(at)), self._number.take(pa.array(at))
        flag = self._flag.take(pa.array(at))
        number = pc.if_else(pc.fill_null(pc.is_finite(number), False), number, None)
        kind = pc.if_else(pc.is_valid(number), "number", "none")
        kind = pc.if_else(pc.is_valid(flag), "flag", kind)
        units = [meaning.source_unit for meaning in self._meanings]
        unit = longs.spread(units, self._which[at])
        return {
            **self._elements.identity(self.rows[at]),
            "set_name": self._set_name.take(pa.array(at)),
            "name": longs.spread(self._names, self._columns[at]),
            "ordinal": self._ordinals(at, first),
            "value_kind": pc.if_else(pc.is_valid(text), "text", kind),
            "text": text,
            "number": number,
            "flag": flag,
            "unit": pc.if_else(pc.is_valid(number), unit, None),
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
            text = self._text[at].as_py() or self._flag[at].as_py()
            found.append(self._of_row(at, "value_unreadable", f"is not a number: {text}"))
        odd = pc.and_kleene(pc.is_finite(self._number), pc.less(pc.abs(self._number), 1e20))
        for at in np.flatnonzero(pc.equal(odd, False).to_numpy(zero_copy_only=False)).tolist():
            said = self._number[at].as_py()
            if said != said or abs(said) == float("inf") or self.is_figure[at]:
                found.append(self._of_row(at, "value_out_of_range", f"is out of range: {said}"))
        return found

    def _meant(self) -> tuple[list[Meaning], Indices]:
        """What the different (name, class, set) mean, and for each long row which one it is."""
        classes, of_class = longs.encoded(self._elements.classes)
        sets, of_set = longs.encoded(self._set_name)
        encoded: list[tuple[Sequence[str | None], Indices]] = [
            (self._names, self._columns),
            (classes, of_class[self.rows]),
            (sets, of_set),
        ]
        different, which = longs.combinations(encoded)
        meanings = [
            self._reading.meaning(name or "", set_name, ifc_class)
            for name, ifc_class, set_name in different
        ]
        return meanings, which

    def _each(self, said: Sequence[bool]) -> Flags:
        return np.array(said, dtype=bool)[self._which]

    def _is_numeral(self, among: Flags) -> Flags:
        """Where a text that should be a figure is a number."""
        found = np.zeros(len(among), dtype=bool)
        at = np.flatnonzero(among & pc.is_valid(self._text).to_numpy(zero_copy_only=False))
        texts = self._text.take(pa.array(at)).to_pylist()
        found[at] = [answers.is_number(text) for text in texts]
        return found

    def _ordinals(self, at: Indices, first: Indices) -> pa.Array:
        rows = self.rows[at]
        return pa.array(longs.ranks(rows) + first[rows], pa.int32())

    def _in_si(self, at: Indices, number: pa.Array, text: pa.Array) -> tuple[pa.Array, pa.Array]:
        """`value` and `value_exact`; what is no double in an SI unit is converted one by one."""
        factors = [meaning.factor for meaning in self._meanings]
        is_plain = self._each([factor == _ONE for factor in factors])[at]
        is_plain &= pc.is_valid(number).to_numpy(zero_copy_only=False)
        value_exact = longs.decimals(pc.if_else(pa.array(is_plain), number, None))
        value = pc.if_else(pc.is_valid(value_exact), number, None)
        odd = np.flatnonzero(~is_plain)
        if not len(odd):
            return value, value_exact
        pairs = [
            _converted(text[row].as_py() or number[row].as_py(), factors[self._which[at[row]]])
            for row in odd.tolist()
        ]
        where = pa.array(~is_plain)
        values = pa.array([pair[0] for pair in pairs], pa.float64())
        exacts = pa.array([pair[1] for pair in pairs], EXACT)
        return (
            pc.replace_with_mask(value, where, values),
            pc.replace_with_mask(value_exact, where, exacts),
        )

    def _of_unknown(self, which: int) -> Noticed:
        at = int(np.flatnonzero(self.is_figure & (self._which == which))[0])
        meaning, where = self._meanings[which], self._where(at)
        no = self._elements.evidence_no
        if meaning.source_unit is None:
            said = f"{where} does not tell what it measures; its figures have no value."
            return Noticed("kind_unknown", said, no, once=where)
        said = f"{where} is in '{meaning.source_unit}', which is no unit that fits; no value."
        return Noticed("unit_unknown", said, no, once=where)

    def _of_row(self, at: int, code: str, said: str) -> Noticed:
        row = int(self.rows[at])
        elements = self._elements
        return Noticed(
            code,
            f"{self._where(at)} of {elements.ids[row].as_py()} {said}.",
            elements.evidence_no,
            elements.source_rows[row].as_py(),
            elements.ids[row].as_py(),
            elements.numbers[row].as_py(),
        )

    def _where(self, at: int) -> str:
        parts = (self._set_name[at].as_py(), self._names[self._columns[at]])
        return ".".join(part for part in parts if part)


def _converted(given: str | float, factor: Decimal | None) -> tuple[float | None, Decimal | None]:
    return (None, None) if factor is None else converted(given, factor)


def _or(given: Indices | None, nothing: Indices) -> Indices:
    return nothing if given is None else given


def _batch(table: str, columns: Mapping[str, pa.Array]) -> list[Batch]:
    return [(table, batch)] if len(batch := as_batch(table, columns)) else []


def as_batch(table: str, columns: Mapping[str, pa.Array]) -> pa.RecordBatch:
    """Columns by name as one batch of the neutral table."""
    schema = TABLES[table].decoded
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)
