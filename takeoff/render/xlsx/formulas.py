"""Totals as a list of formulas over the lines, each with the sum that programs show at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlsxwriter.utility import xl_rowcol_to_cell

from takeoff.core.results import Result
from takeoff.render.xlsx.looks import Looks
from takeoff.render.xlsx.sheets import Cell, Part, Sheet, write_cell
from takeoff.render.xlsx.totals import COVERAGE, Total
from takeoff.render.xlsx.words import clean

# Cells that all formulas together may look at; beyond, programs would take minutes to open a file.
CELLS_LOOKED_AT = 20_000_000
_USUAL = "value"  # the name that says nothing: what it is of stands beside it


@dataclass(frozen=True)
class _Table:
    """What the list has: columns that are `keys` of lines, from the cell `first` on.

    `alone`: each figure has one total, over all lines. `is_live`: totals are formulas.
    """

    names: tuple[str, ...]
    keys: tuple[int, ...]
    coverage: tuple[str, ...]
    first: int
    alone: bool
    is_live: bool

    @property
    def unit(self) -> int:
        """The column with the unit; the total is the next."""
        return self.first + len(self.keys)


def write_totals(
    sheet: Sheet,
    row: int,
    result: Result,
    found: Sequence[Total],
    parts: Sequence[Part],
    looks: Looks,
) -> int:
    """The heading at `row`, then one line a total; the row below is returned."""
    table = _table(result, found)
    titles = [] if table.first == 0 else ["total of"]
    titles += [*(table.names[key] for key in table.keys), "unit", "total"]
    titles += ["of the lines shown"] if table.alone else []
    for position, title in enumerate([*titles, "lines", "without a figure", *table.coverage]):
        look = looks.figure_heading if position > table.unit else looks.heading
        sheet.write_string(row, position, clean(title), look)
    for number, total in enumerate(found, start=row + 1):
        _write_words(sheet, number, table, total, looks)
        if total.value is not None:
            _write_sums(sheet, number, table, total, parts, looks)
        counts = [
            total.lines,
            total.lines - total.known,
            *(total.coverage[n] for n in table.coverage),
        ]
        for position, count in enumerate(counts, start=table.unit + 2 + table.alone):
            write_cell(sheet, number, position, count, looks.figure("1"))
    return row + 1 + len(found)


def _table(result: Result, found: Sequence[Total]) -> _Table:
    names = tuple(column.name for column in result.columns)
    keys = dict.fromkeys(
        column
        for total in found
        for column in total.figure.keys
        if column != total.figure.unit_column
    )
    looked_at = result.table.num_rows * sum(1 + len(total.figure.keys) for total in found)
    return _Table(
        names=names,
        keys=tuple(keys),
        coverage=tuple(
            name for name in COVERAGE if any(total.coverage[name] is not None for total in found)
        ),
        first=0 if {names[total.figure.column] for total in found} == {_USUAL} else 1,
        alone=len({total.figure.column for total in found}) == len(found),
        is_live=looked_at <= CELLS_LOOKED_AT,
    )


def _write_words(sheet: Sheet, row: int, table: _Table, total: Total, looks: Looks) -> None:
    of = dict(zip(total.figure.keys, total.keys, strict=True))
    cells: list[Cell] = [clean(table.names[total.figure.column])] if table.first else []
    cells += [*(of.get(key) or None for key in table.keys), total.unit]
    for position, text in enumerate(cells):
        write_cell(sheet, row, position, text, looks.of())


def _write_sums(
    sheet: Sheet, row: int, table: _Table, total: Total, parts: Sequence[Part], looks: Looks
) -> None:
    assert total.value is not None
    value, place = float(total.value), table.unit + 1
    look = looks.figure(total.unit, bold=True)
    if table.is_live:
        sheet.write_formula(row, place, _formula(row, table, total, parts), look, value)
    else:
        sheet.write_number(row, place, value, look)
    if table.alone:
        shown = ",".join(part.cells(total.figure.column) for part in parts)
        formula = f"=SUBTOTAL(109,{shown})"
        sheet.write_formula(row, place + 1, formula, looks.figure(total.unit), value)


def _formula(row: int, table: _Table, total: Total, parts: Sequence[Part]) -> str:
    """The sum of the lines that have exactly the texts in its row, over all sheets.

    EXACT and no SUMIFS, which would take an asterisk, `<` or `=` in a model's name for a rule, and
    two names that differ in their capitals for one.
    """
    if table.alone:
        return "=" + "+".join(f"SUM({part.cells(total.figure.column)})" for part in parts)
    sums = []
    for part in parts:
        same = "*".join(
            f"EXACT({part.cells(key)},{xl_rowcol_to_cell(row, _place(table, total, key))})"
            for key in total.figure.keys
        )
        sums.append(f"SUMPRODUCT(({same})*1,{part.cells(total.figure.column)})")
    return "=" + "+".join(sums)


def _place(table: _Table, total: Total, key: int) -> int:
    """The column of the list that holds this key."""
    return table.unit if key == total.figure.unit_column else table.first + table.keys.index(key)
