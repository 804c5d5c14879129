"""Workbooks: figures as numbers, text as nothing but text, ready to filter and print."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from example_results import (
    FORMULAS,
    HOSTILE,
    OBEYED,
    WALLS_SQL,
    of_sql,
    of_table,
    of_texts,
    provenance,
    snapshot,
)
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

import takeoff.render.xlsx.sheets
import takeoff.render.xlsx.words
from takeoff import render
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result

XLSX = render.for_target(Path("walls.xlsx"), None, terminal=False)


def _book(result: Result, folder: Path) -> Workbook:
    target = folder / "walls.xlsx"
    XLSX.write(result, target)
    return openpyxl.load_workbook(target)


def _values(sheet: Worksheet) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def _stated(book: Workbook) -> list[tuple[object, object]]:
    return [(row[0].value, row[1].value) for row in book["Provenance"].iter_rows()]


def test_data_sheet_is_a_plain_list(tmp_path: Path) -> None:
    book = _book(of_sql(WALLS_SQL, {"net_volume_m3": "m3"}), tmp_path)
    assert book.sheetnames == ["Cover", "by_class", "Provenance"]
    assert _values(book["by_class"]) == [
        ["ifc_class", "storey_name", "net_volume_m3", "counted", "is_external"],
        ["Wall", "Level 1", 1234567.125, 20, True],
        ["Slab", None, 1e-12, 3, False],
        [None, "", -12.5, 0, None],
        ["Door", "Straße 壁", None, None, None],
    ]


def test_figures_are_numbers_shown_by_their_unit(tmp_path: Path) -> None:
    units = {"a": "m", "b": "m2", "c": "m3", "d": "1", "e": "kg", "f": "furlong"}
    sql = "select " + ", ".join(f"1234.5::decimal(32, 12) as {name}" for name in units)
    row = _book(of_sql(f"{sql}, 7 as walls, 70000 as element_no", units), tmp_path)["by_class"][2]
    assert {cell.data_type for cell in row} == {"n"}
    assert [cell.number_format for cell in row] == [
        "#,##0.000",
        "#,##0.000",
        "#,##0.000",
        "#,##0",
        "#,##0.0",
        "General",
        "#,##0",
        "General",
    ]
    assert [cell.value for cell in row][-2:] == [7, 70000]


def test_figures_in_long_form_are_shown_by_the_row_unit(tmp_path: Path) -> None:
    sql = """select * from (values ('m3', 1.5::decimal(32, 12), 4), ('m', 2.5, 5), (null, 3.5, 6))
        as r(unit, total, counted)"""
    sheet = _book(of_sql(sql), tmp_path)["by_class"]
    assert [cell.number_format for cell in sheet["B"][1:]] == ["#,##0.000", "#,##0.000", "General"]
    assert [cell.number_format for cell in sheet["C"][1:]] == ["#,##0"] * 3


def test_integers_that_a_double_would_change_are_text(tmp_path: Path) -> None:
    sheet = _book(of_sql("select 9007199254740993 as a, 999999999999999 as b"), tmp_path)[
        "by_class"
    ]
    assert [cell.value for cell in sheet[2]] == ["9007199254740993", 999999999999999]


def test_times_and_lists_are_text(tmp_path: Path) -> None:
    sql = "select timestamptz '2024-01-02 03:04:05Z' as t, date '2024-01-02' as d, [1, 2] as l"
    assert _values(_book(of_sql(sql), tmp_path)["by_class"])[1] == [
        "2024-01-02T03:04:05Z",
        "2024-01-02",
        "[1, 2]",
    ]


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_text_stays_text_everywhere(payload: str, tmp_path: Path) -> None:
    about = provenance(
        report=payload or None,
        title=payload,
        notes=[payload],
        snapshots=[snapshot(payload)],
        params={payload: payload},
    )
    result = of_texts([payload], name=payload or "name")
    book = _book(Result(result.columns, result.table, about), tmp_path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert not [cell for cell in cells if cell.hyperlink]
    with zipfile.ZipFile(tmp_path / "walls.xlsx") as packed:
        sheets = [packed.read(name).decode() for name in packed.namelist() if "sheet" in name]
    assert not [text for text in sheets if "<f>" in text or "<f " in text or "hyperlink" in text]
    if payload and payload not in OBEYED and "\r" not in payload:
        assert unescape(book[book.sheetnames[1]]["B2"].value) == payload


@pytest.mark.parametrize("payload", OBEYED)
def test_control_characters_are_shown_and_not_kept(payload: str, tmp_path: Path) -> None:
    value = _book(of_texts([payload]), tmp_path)["by_class"]["B2"].value
    assert value.isprintable()
    assert len(value) >= len(payload)


@pytest.mark.parametrize(
    "name",
    [
        *HOSTILE,
        "a/b\\c:d*e?f[g]h",
        "'quoted'",
        "x" * 300,
        "\U0001f3e0" * 40,
        "History",
        "PROVENANCE",
        "cover",
        "x" * 30 + "'y",
        "' '",
        "..",
    ],
)
def test_sheet_names_are_such_as_excel_opens(name: str) -> None:
    cleaned = takeoff.render.xlsx.words.sheet_name(name)
    assert 0 < len(cleaned.encode("utf-16-le")) // 2 <= 31
    assert not re.search(r"[\[\]:*?/\\]", cleaned)
    assert not cleaned.startswith("'")
    assert not cleaned.endswith("'")
    assert cleaned.isprintable() or set(cleaned) & set("\u200b\u200d\ufeff\u00a0")
    assert cleaned.lower() not in {"history", "provenance", "cover", "outline", "evidence"}


@pytest.mark.parametrize("letter", ["x", "\U0001f3e0"])
def test_text_too_long_for_a_cell_is_cut_with_a_mark(letter: str, tmp_path: Path) -> None:
    fitting = letter * (32_767 // (len(letter.encode("utf-16-le")) // 2))
    sheet = _book(of_texts([fitting, fitting + letter]), tmp_path)["by_class"]
    assert sheet["B2"].value == fitting
    cut = sheet["B3"].value
    assert len(cut.encode("utf-16-le")) // 2 in (32_766, 32_767)
    assert cut.lstrip(letter) == " ... [cut: longer than a cell can be]"


def test_more_rows_than_a_sheet_holds_go_on_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeoff.render.xlsx.sheets, "ROWS_OF_A_SHEET", 101)
    result = of_sql("select i as element_no from range(250) r(i) order by i")
    about = provenance(report="a report whose name is as long as can be")
    book = _book(Result(result.columns, result.table, about), tmp_path)
    _, first, second, third, last = book.sheetnames
    assert last == "Provenance"
    assert (second[-4:], third[-4:]) == (" (2)", " (3)")
    assert max(map(len, book.sheetnames)) <= 31
    read = [
        sheet.cell(row, 1).value
        for sheet in (book[first], book[second], book[third])
        for row in range(2, sheet.max_row + 1)
    ]
    assert read == list(range(250))
    assert {book[name]["A1"].value for name in (first, second, third)} == {"element_no"}


def test_more_columns_than_a_sheet_holds_are_refused(tmp_path: Path) -> None:
    table = pa.table({f"c{i}": [1] for i in range(16_385)})
    with pytest.raises(InputRefused, match="16384 columns"):
        XLSX.write(of_table(table), tmp_path / "walls.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_sheet_is_ready_to_filter_and_print(tmp_path: Path) -> None:
    about = provenance(title="Walls & slabs &P")
    result = of_sql(WALLS_SQL)
    book = _book(Result(result.columns, result.table, about), tmp_path)
    sheet = book["by_class"]
    assert sheet.freeze_panes == "A2"
    assert dict(sheet.tables.items()) == {"Lines_1": "A1:E5"}
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    # One page wide is what a missing statement means; 0 is as many pages long as need be.
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (None, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.oddHeader.left.text == "Walls && slabs &&P"
    assert all(cell.font.bold for cell in sheet[1])
    assert 8 <= sheet.column_dimensions["A"].width <= 62


def test_provenance_sheet_says_what_was_asked_of_what(tmp_path: Path) -> None:
    snapshots = [snapshot(), snapshot("Clinic")]
    result = of_sql(WALLS_SQL, {"net_volume_m3": "m3"})
    book = _book(Result(result.columns, result.table, provenance(snapshots=snapshots)), tmp_path)
    stated = _stated(book)
    for pair in [
        ("Title", "Walls by class"),
        ("Question", "How much wall is there?"),
        ("Report", "by_class"),
        ("Parameter", "by = class"),
        ("Basis", "authored before computed"),
        ("Rows", "4"),
        ("Note", "3 elements have no volume"),
        ("Run at", "2025-03-04T05:06:07+00:00"),
    ]:
        assert pair in stated
    rows = _values(book["Provenance"])
    assert ["net_volume_m3", "decimal128(38, 12)", "m3", "what it means"] in [r[:4] for r in rows]
    header = next(row for row in rows if row[0] == "snapshot_id")
    models = [dict(zip(header, row, strict=True)) for row in rows[rows.index(header) + 1 :]]
    assert [model["model_id"] for model in models] == ["Duplex", "Clinic"]
    assert models[0]["source_version"] == "ab" * 32
    assert models[0]["proof_detail"] == "end of file read"
    assert models[0]["taken_at"] == "2025-01-02T03:04:05+00:00"
    assert book.properties.created == datetime(2025, 3, 4, 5, 6, 7)  # noqa: DTZ001 (as xlsx has it)


def test_workbook_opens_on_its_cover(tmp_path: Path) -> None:
    book = _book(of_sql(f"select * from ({WALLS_SQL}) where false"), tmp_path)
    assert _values(book["by_class"])[0][0] == "ifc_class"
    assert book["by_class"].max_row == 1
    assert book.active.title == "Cover"
    assert not book["by_class"].tables
    said = [row[1] for row in book["Cover"].iter_rows(values_only=True) if row[0] == "Lines"]
    assert said == ["0 - no rows: nothing in these models answers"]


def test_progress_counts_the_rows(tmp_path: Path) -> None:
    class Counted:
        total: int | None = None
        done = 0

        def step(self, title: str, total: int | None = None) -> None:
            self.total = total

        def advance(self, done: int = 1) -> None:
            self.done += done

    counted = Counted()
    result = of_sql("select i from range(12000) r(i)")
    XLSX.write(result, tmp_path / "walls.xlsx", progress=counted)
    assert (counted.total, counted.done) == (12_000, 12_000)


def test_formula_signs_need_no_apostrophe(tmp_path: Path) -> None:
    sheet = _book(of_texts(FORMULAS), tmp_path)["by_class"]
    assert not [cell.value for cell in sheet["B"] if str(cell.value).startswith("'=1+1'")]
    assert sheet["B2"].value == FORMULAS[0]
