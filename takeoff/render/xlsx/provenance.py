"""The last sheet: what was asked, of which models, and what each column means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from takeoff.core.results import Result
from takeoff.render import snapshot_facts
from takeoff.render.xlsx.looks import Looks
from takeoff.render.xlsx.sheets import Sheet, set_up_page
from takeoff.render.xlsx.words import clean


def write_provenance(sheet: Sheet, result: Result, looks: Looks) -> None:
    """Of the result, of what stands behind it, and of what stands beside it."""
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 20, 28)
    row = 0
    for label, text in _statements(result):
        sheet.write_string(row, 0, label, looks.label)
        sheet.write_string(row, 1, clean(text))
        row += 1
    behind = () if result.evidence is None else (result.evidence,)
    others = [_columns(other) for other in (*behind, *result.beside)]
    for records in (_columns(result), *others, snapshot_facts(result)):
        row = _write_records(sheet, row + 1, records, looks)
    set_up_page(sheet, result.provenance)


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
    sheet: Sheet, row: int, records: Sequence[dict[str, str | None]], looks: Looks
) -> int:
    """A small list with its header at `row`; the first row below it is returned."""
    if not records:
        return row
    for position, name in enumerate(records[0]):
        sheet.write_string(row, position, name, looks.heading)
    for number, record in enumerate(records, start=row + 1):
        for position, text in enumerate(record.values()):
            if text is not None:
                sheet.write_string(number, position, clean(text))
    return row + 1 + len(records)
