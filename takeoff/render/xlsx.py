"""A workbook for Excel and LibreOffice: the rows under one header, and where they come from.

The data sheet is a plain list (header in row 1, frozen, with filter, ready to print); the sheet
`Evidence`, if it was asked for, says what each element gave to each line and where that stands;
what was asked to stand beside has numbered sheets; the sheet `Provenance` names the question, the
models behind it and what each column means. Text is always text, never a formula or link.
Spreadsheets calculate with doubles: figures of more than 15 digits are rounded there, integers of
more than 15 digits stand as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pyarrow as pa
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError, FileSizeError

from takeoff.core.errors import InputRefused
from takeoff.core.plain import harmless, is_number, is_whole, texts
from takeoff.core.progress import Progress
from takeoff.core.results import Result
from takeoff.core.units import SHOWN_DECIMALS
from takeoff.render import QUIET, Target, figure_units, snapshot_facts, whole_files

NEEDS_FILE = True
HOLDS_EVIDENCE = True

# Limits that Excel states: rows and columns of a sheet, UTF-16 units of a cell and a sheet name.
ROWS_OF_A_SHEET = 1_048_576
COLUMNS_OF_A_SHEET = 16_384
LENGTH_OF_A_CELL = 32_767
LENGTH_OF_A_NAME = 31
CUT = " ... [cut: longer than a cell can be]"
DIGITS_KEPT = 15

ROWS_AT_ONCE = 10_000
EVIDENCE = "Evidence"
WIDEST = 60

# Excel's own name for a sheet, and those of our other sheets.
_TAKEN = frozenset(("", "history", "provenance", EVIDENCE.lower()))

Cell: TypeAlias = str | float | bool | None


@dataclass(frozen=True)
class _Looks:
    """The few cell formats of a workbook; `figures` by unit, the unit None for bare numbers."""

    heading: object
    label: object
    figures: dict[str | None, object]


def write(result: Result, target: Target, *, raw: bool = False, progress: Progress = QUIET) -> None:
    """All rows, in order, on as many sheets as they need: about 10 s for 100,000 rows of 10.

    Raises: InputRefused if there are more columns than a sheet can have, or the file grows too big.
    """
    if not isinstance(target, Path):
        raise InputRefused("The form xlsx needs a file; name one with -o FILE.xlsx.")
    if len(result.columns) > COLUMNS_OF_A_SHEET:
        raise InputRefused(
            f"A sheet holds {COLUMNS_OF_A_SHEET} columns, this result has {len(result.columns)}; "
            "use csv or parquet."
        )
    with whole_files(target) as (part,), TemporaryDirectory() as scratch:
        try:
            _write_workbook(result, part, scratch, progress)
        except FileCreateError as error:
            raise OSError(*error.args[0].args) from error
        except FileSizeError as error:
            raise InputRefused(f"{target} would be too large for xlsx; use parquet.") from error


def sheet_name(wanted: str) -> str:
    """`wanted` as Excel allows it: 31 characters, none of []:*?/\\, no quote at its ends."""
    name = re.sub(r"[\[\]:*?/\\]", "-", harmless(wanted))
    name = _shortened(name, LENGTH_OF_A_NAME, "").strip("' ")
    return "Result" if name.lower() in _TAKEN else name


def _write_workbook(result: Result, part: Path, scratch: str, progress: Progress) -> None:
    options = {
        "constant_memory": True,
        "tmpdir": scratch,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    about = result.provenance
    packed = BytesIO()  # a zip file that fails on a full disk could not be closed
    book = xlsxwriter.Workbook(packed, options)
    book.set_properties(
        {
            "title": _clean(about.title),
            "comments": _clean(about.question),
            "created": about.ran_at.replace(tzinfo=None),
        }
    )
    try:
        looks = _looks(book)
        _write_rows(book, result, looks, progress)
        if result.evidence is not None:
            _write_rows(book, result.evidence, looks, progress, name=EVIDENCE)
        for number, other in enumerate(result.beside, start=1):
            name = sheet_name(f"{number} {other.provenance.title}")
            _write_rows(book, other, looks, progress, name=name)
        _write_provenance(book, result, looks)
        book.close()
    finally:
        _close_sheets(book)
    part.write_bytes(packed.getbuffer())


def _close_sheets(book: xlsxwriter.Workbook) -> None:
    """The sheets' temporary files, which a workbook that failed leaves open."""
    for sheet in book.worksheets():
        with suppress(OSError):
            sheet.row_data_fh.close()


def _looks(book: xlsxwriter.Workbook) -> _Looks:
    figures: dict[str | None, object] = {None: book.add_format({"valign": "top"})}
    for unit, decimals in SHOWN_DECIMALS.items():
        shown = "#,##0." + "0" * decimals if decimals else "#,##0"
        figures[unit] = book.add_format({"num_format": shown, "valign": "top"})
    heading = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF4"}
    return _Looks(
        heading=book.add_format(heading),
        label=book.add_format({"bold": True, "valign": "top"}),
        figures=figures,
    )


def _write_rows(
    book: xlsxwriter.Workbook,
    result: Result,
    looks: _Looks,
    progress: Progress,
    name: str | None = None,
) -> None:
    """Sheets of at most ROWS_OF_A_SHEET rows with the header on each, called by the report."""
    rows, most = result.table.num_rows, ROWS_OF_A_SHEET - 1
    name = name or sheet_name(result.provenance.report or result.provenance.title)
    progress.step("Writing the workbook", rows)
    for number, start in enumerate(range(0, max(rows, 1), most), start=1):
        suffix = "" if number == 1 else f" ({number})"
        sheet = book.add_worksheet(
            _shortened(name, LENGTH_OF_A_NAME - len(suffix), "").strip("' ") + suffix
        )
        _write_sheet(sheet, result, result.table.slice(start, most), looks, progress)


def _write_sheet(
    sheet: xlsxwriter.worksheet.Worksheet,
    result: Result,
    table: pa.Table,
    looks: _Looks,
    progress: Progress,
) -> None:
    for position, column in enumerate(result.columns):
        sheet.write_string(0, position, _clean(column.heading), looks.heading)
    for position, width in enumerate(_widths(result, table)):
        sheet.set_column(position, position, width)
    row_number = 0
    for start in range(0, table.num_rows, ROWS_AT_ONCE):
        part = table.slice(start, ROWS_AT_ONCE)
        columns = [_cells(part.column(i)) for i in range(part.num_columns)]
        formats = list(_formats(result, part, looks))
        for index, row in enumerate(zip(*columns, strict=True)):
            row_number += 1
            for position, value in enumerate(row):
                _write_cell(sheet, row_number, position, value, formats[position][index])
        progress.advance(part.num_rows)
    _set_up_page(sheet, result, table.num_rows)


def _write_cell(
    sheet: xlsxwriter.worksheet.Worksheet, row: int, position: int, value: Cell, look: object
) -> None:
    """Unknown stays an empty cell."""
    if isinstance(value, bool):
        sheet.write_boolean(row, position, value)
    elif isinstance(value, str):
        sheet.write_string(row, position, value)
    elif value is not None:
        sheet.write_number(row, position, value, look)


def _cells(column: pa.ChunkedArray) -> list[Cell]:
    if pa.types.is_boolean(column.type):
        return list(column.to_pylist())
    if is_number(column.type):
        return [_figure(text) for text in texts(column)]
    return [None if text is None else _clean(text) for text in texts(column)]


def _figure(text: str | None) -> Cell:
    if text is None:
        return None
    whole = text.lstrip("-").isdigit()
    return text if whole and len(text.lstrip("-")) > DIGITS_KEPT else float(Decimal(text))


def _formats(result: Result, table: pa.Table, looks: _Looks) -> Iterator[list[object]]:
    """For each column, the number format of each row."""
    bare = looks.figures[None]
    for position, units in enumerate(figure_units(result, table)):
        is_amount = is_whole(table.column(position).type) and not result.columns[position].is_label
        usual = looks.figures["1"] if is_amount else bare
        yield [usual if unit is None else looks.figures.get(unit, bare) for unit in units]


def _widths(result: Result, table: pa.Table) -> list[int]:
    """From the heading and the first rows, in characters; bounded, so that a page stays a page."""
    widths = []
    first = table.slice(0, 200)
    for position, column in enumerate(result.columns):
        values = [len(text) for text in texts(first.column(position)) if text is not None]
        longest_word = max(len(word) for word in re.split(r"[\s]", column.heading))
        widths.append(min(WIDEST, max([8, longest_word, *values]) + 2))
    return widths


def _set_up_page(sheet: xlsxwriter.worksheet.Worksheet, result: Result, rows: int) -> None:
    """Header stays in sight and on each printed page; landscape A4, as wide as one page."""
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, rows, len(result.columns) - 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    title = _shortened(_clean(result.provenance.title), 100, "...").replace("&", "&&")
    ran_at = result.provenance.ran_at.strftime("%Y-%m-%d")
    sheet.set_header(f"&L{title}&R{ran_at}")
    sheet.set_footer(f"&Ltakeoff {result.provenance.tool_version}&RPage &P of &N")


def _write_provenance(book: xlsxwriter.Workbook, result: Result, looks: _Looks) -> None:
    """What was asked, of which models, and what the columns mean; in front if there are no rows."""
    sheet = book.add_worksheet("Provenance")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 20, 28)
    row = 0
    for label, text in _statements(result):
        sheet.write_string(row, 0, label, looks.label)
        sheet.write_string(row, 1, _clean(text))
        row += 1
    behind = () if result.evidence is None else (result.evidence,)
    others = [_columns(other) for other in (*behind, *result.beside)]
    for records in (_columns(result), *others, snapshot_facts(result)):
        row = _write_records(sheet, row + 1, records, looks)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    if not result.table.num_rows:
        sheet.activate()


def _columns(result: Result) -> list[dict[str, str | None]]:
    return [
        {
            "column": column.name,
            "type": column.type,
            "unit": column.unit,
            "meaning": column.meaning,
        }
        for column in result.columns
    ]


def _statements(result: Result) -> Iterator[tuple[str, str]]:
    about = result.provenance
    rows = result.table.num_rows
    yield "Title", about.title
    yield "Question", about.question
    yield "Report", about.report or "(free SQL)"
    for name, value in about.params.items():
        yield "Parameter", f"{name} = {value}"
    yield "Basis", about.basis
    yield "Rows", f"{rows:,}" if rows else "0 - no rows: nothing in these models answers"
    for note in about.notes:
        yield "Note", note
    yield "Exactness", "Spreadsheets keep 15 digits; csv, json and parquet hold all."
    yield "Tool", f"takeoff {about.tool_version}"
    yield "Run at", about.ran_at.isoformat()


def _write_records(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    records: list[dict[str, str | None]],
    looks: _Looks,
) -> int:
    """A small list with its header at `row`; the first row below it is returned."""
    if not records:
        return row
    for position, name in enumerate(records[0]):
        sheet.write_string(row, position, name, looks.heading)
    for number, record in enumerate(records, start=row + 1):
        for position, text in enumerate(record.values()):
            if text is not None:
                sheet.write_string(number, position, _clean(text))
    return row + 1 + len(records)


def _clean(text: str) -> str:
    """Text that XML can hold and Excel can read; line breaks and tabs stay."""
    return _shortened(harmless(text, keep="\t\n"), LENGTH_OF_A_CELL, CUT)


def _shortened(text: str, most: int, mark: str) -> str:
    """At most `most` UTF-16 units, which is how Excel counts, with `mark` at the end of a cut."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * most:
        return text
    return units[: 2 * (most - len(mark))].decode("utf-16-le", "ignore") + mark
