"""Data sheets: the rows of a result as one of Excel's tables, ready to filter, pivot and print."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

import pyarrow as pa
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_range

from takeoff.core.plain import is_number, is_whole, texts
from takeoff.core.progress import Progress
from takeoff.core.results import Provenance, Result
from takeoff.render.xlsx.looks import Looks
from takeoff.render.xlsx.words import clean, continued, shortened, unlike

# Limits that Excel states.
ROWS_OF_A_SHEET = 1_048_576
COLUMNS_OF_A_SHEET = 16_384
DIGITS_KEPT = 15

ROWS_AT_ONCE = 10_000
WIDEST = 60
WIDEST_PAGE = 320  # characters that can still be read on one page
_STYLE = "Table Style Light 1"
# What a reader would take for the escape of a character, in the names of a table's columns.
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

Cell: TypeAlias = str | float | bool | None
Sheet: TypeAlias = xlsxwriter.worksheet.Worksheet


@dataclass(frozen=True)
class Part:
    """One of the sheets that hold a result: its rows `start` to `start + rows`, from 0."""

    sheet: str
    table: str
    start: int
    rows: int

    def cells(self, column: int) -> str:
        """A column of it, without the heading, as formulas of other sheets name it."""
        name, letters = self.sheet.replace("'", "''"), xl_col_to_name(column)
        return f"'{name}'!${letters}$2:${letters}${self.rows + 1}"


def parts(result: Result, name: str, table: str) -> list[Part]:
    """The sheets that it needs, one at least; `name` and `table` are those of the first."""
    rows, most = result.table.num_rows, ROWS_OF_A_SHEET - 1
    return [
        Part(continued(name, number), f"{table}_{number}", start, min(most, rows - start))
        for number, start in enumerate(range(0, max(rows, 1), most), start=1)
    ]


def write_part(sheet: Sheet, result: Result, part: Part, looks: Looks, progress: Progress) -> None:
    """The header and these rows. Rows are written once, in order: memory stays flat."""
    table = result.table.slice(part.start, part.rows)
    headings = unlike(column.heading for column in result.columns)
    if part.rows:
        _make_table(sheet, headings, part)
    widths = _widths(headings, table)
    for position, (heading, type_) in enumerate(zip(headings, table.schema.types, strict=True)):
        look = looks.figure_heading if is_number(type_) else looks.heading
        sheet.write_string(0, position, heading, look)
        sheet.set_column(position, position, widths[position])
    for start in range(0, table.num_rows, ROWS_AT_ONCE):
        rows = table.slice(start, ROWS_AT_ONCE)
        _write_rows(sheet, start + 1, rows, list(looks.of_columns(result, rows)))
        progress.advance(rows.num_rows)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    set_up_page(sheet, result.provenance, pages=1 + sum(widths) // WIDEST_PAGE)


def set_up_page(sheet: Sheet, about: Provenance, pages: int = 1) -> None:
    """Landscape A4, so many pages wide, with the title, the day and page numbers."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(pages, 0)
    title = shortened(clean(about.title), 100, "...").replace("&", "&&")
    sheet.set_header(f"&L{title}&R{about.ran_at.strftime('%Y-%m-%d')}")
    sheet.set_footer(f"&Ltakeoff {about.tool_version}&RPage &P of &N")


def _make_table(sheet: Sheet, headings: Sequence[str], part: Part) -> None:
    """A table over the sheet, made before its rows are written.

    Where sheets are written row by row xlsxwriter makes none, because it would write the headings
    late and note every cell: so it makes one of two rows, and is then told how far it reaches.
    """
    columns = [{"header": _ESCAPE.sub("_x005F_", heading)} for heading in headings]
    options = {"name": part.table, "style": _STYLE, "columns": columns}
    sheet.constant_memory = False
    sheet.add_table(0, 0, 1, len(headings) - 1, options)
    sheet.constant_memory = True
    [table] = sheet.tables
    table["range"] = table["autofilter"] = xl_range(0, 0, part.rows, len(headings) - 1)


def _write_rows(sheet: Sheet, first: int, rows: pa.Table, looks: Sequence[Sequence[Any]]) -> None:
    columns = [_cells(column) for column in rows.columns]
    for index, row in enumerate(zip(*columns, strict=True)):
        for position, value in enumerate(row):
            write_cell(sheet, first + index, position, value, looks[position][index])


def write_cell(sheet: Sheet, row: int, position: int, value: Cell, look: Any = None) -> None:
    """Unknown stays an empty cell; text is text, whatever it looks like."""
    if isinstance(value, bool):
        sheet.write_boolean(row, position, value, look)
    elif isinstance(value, str):
        sheet.write_string(row, position, value, look)
    elif value is not None:
        sheet.write_number(row, position, value, look)


def _cells(column: pa.ChunkedArray) -> list[Cell]:
    if pa.types.is_boolean(column.type):
        return list(column.to_pylist())
    if is_whole(column.type):
        return [_whole(text) for text in texts(column)]
    if pa.types.is_floating(column.type):
        # + 0.0 makes 0.0 of -0.0.
        values = column.to_pylist()
        return [None if v is None or not math.isfinite(v) else v + 0.0 for v in values]
    if is_number(column.type):
        return [None if text is None else float(Decimal(text)) for text in texts(column)]
    return [None if text is None else clean(text) for text in texts(column)]


def _whole(text: str | None) -> Cell:
    if text is None:
        return None
    return text if len(text.lstrip("-")) > DIGITS_KEPT else float(text)


def _widths(headings: Sequence[str], table: pa.Table) -> list[int]:
    """From the heading and the first rows, in characters; bounded, so that a page stays a page.

    A heading needs room for the button of its filter.
    """
    widths = []
    first = table.slice(0, 200)
    for heading, column in zip(headings, first.columns, strict=True):
        values = [len(text) for text in texts(column) if text is not None]
        longest_word = max(len(word) for word in re.split(r"\s", heading))
        widths.append(min(WIDEST, max([8, longest_word + 2, *values]) + 2))
    return widths
