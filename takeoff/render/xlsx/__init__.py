"""A workbook for Excel and LibreOffice, as one who estimates reads it.

The sheet `Cover` says what was asked of which models, with totals and how far to believe them; the
lines follow as one of Excel's tables, to filter, pivot and print, and as an `Outline` where they
stand under one another; `Evidence`, if it was asked for, says what each element gave to each line
and where that stands; what was asked to stand beside has numbered sheets; `Provenance` names what
each column means. Formulas are ours alone: text from models is always text, never formula or link.
Spreadsheets calculate with doubles: figures of more than 15 digits are rounded there, integers of
more than 15 digits stand as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError, FileSizeError

from takeoff.core.errors import InputRefused
from takeoff.core.progress import Progress
from takeoff.core.results import Result
from takeoff.render import QUIET, Target, whole_files
from takeoff.render.xlsx.cover import write_cover
from takeoff.render.xlsx.looks import Looks
from takeoff.render.xlsx.outline import read_outline, write_outline
from takeoff.render.xlsx.provenance import write_provenance
from takeoff.render.xlsx.sheets import COLUMNS_OF_A_SHEET, Part, parts, write_part
from takeoff.render.xlsx.totals import Lines, totals
from takeoff.render.xlsx.words import COVER, EVIDENCE, OUTLINE, PROVENANCE, clean, sheet_name

NEEDS_FILE = True
HOLDS_EVIDENCE = True


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
            "title": clean(about.title),
            "comments": clean(about.question),
            "created": about.ran_at.replace(tzinfo=None),
        }
    )
    try:
        _write_sheets(book, result, progress)
        book.close()
    finally:
        _close_sheets(book)
    part.write_bytes(packed.getbuffer())


def _write_sheets(book: xlsxwriter.Workbook, result: Result, progress: Progress) -> None:
    looks, lines = Looks(book), Lines(result)
    name = sheet_name(result.provenance.report or result.provenance.title)
    own = parts(result, name, "Lines")
    write_cover(book.add_worksheet(COVER), result, totals(result, lines), own, looks)
    _write_data(book, result, own, looks, progress)
    tree = read_outline(result, lines)
    if tree is not None:
        write_outline(book.add_worksheet(OUTLINE), result, tree, looks)
    if result.evidence is not None:
        behind = parts(result.evidence, EVIDENCE, EVIDENCE)
        _write_data(book, result.evidence, behind, looks, progress)
    for number, other in enumerate(result.beside, start=1):
        name = sheet_name(f"{number} {other.provenance.title}")
        _write_data(book, other, parts(other, name, f"Beside_{number}"), looks, progress)
    write_provenance(book.add_worksheet(PROVENANCE), result, looks)


def _write_data(
    book: xlsxwriter.Workbook,
    result: Result,
    placed: Sequence[Part],
    looks: Looks,
    progress: Progress,
) -> None:
    progress.step("Writing the workbook", result.table.num_rows)
    for part in placed:
        write_part(book.add_worksheet(part.sheet), result, part, looks, progress)


def _close_sheets(book: xlsxwriter.Workbook) -> None:
    """The sheets' temporary files, which a workbook that failed leaves open."""
    for sheet in book.worksheets():
        with suppress(OSError):
            sheet.row_data_fh.close()
