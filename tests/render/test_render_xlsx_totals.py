"""Workbooks: the cover, totals and outlines as formulas that add up, and words in colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from example_results import FORMULAS, of_sql, provenance, snapshot
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook

import takeoff.render.xlsx.formulas
import takeoff.render.xlsx.outline
import takeoff.render.xlsx.sheets
from takeoff import render
from takeoff.core.results import AddsUp, Result

XLSX = render.for_target(Path("walls.xlsx"), None, terminal=False)
PARQUET = render.for_target(Path("walls.parquet"), None, terminal=False)

TAKEOFF = """
    select * from (values
        ('Level 1', 'Wall', 'NetVolume', 'm3', 10.000000000001::decimal(38, 12), 4, 3, 1, 0),
        ('Level 1', 'Wall', 'Length', 'm', 100, 4, 4, 0, 0),
        ('Level 1', 'Slab', 'NetVolume', 'm3', 20.25, 2, 2, 0, 0),
        ('Level 1', 'Door', 'NetVolume', null, null, 5, 0, 5, 0),
        ('Level 2', 'Wall', 'NetVolume', 'm3', 0.5, 1, 1, 0, 0),
        ('Level 2', 'Wall', 'Length', 'm', 7.125, 1, 1, 0, 0),
        (null, 'Pile', 'NetVolume', 'm3', 3, 2, 1, 0, 1)
    ) as lines(storey_name, ifc_class, quantity, unit, value, elements, counted, missing, doubtful)
"""
VOLUMES = f"""
    select storey_name, ifc_class, value as net_volume_m3, elements, counted
    from ({TAKEOFF}) where quantity = 'NetVolume' and unit is not null
"""


def _result(sql: str, units: dict[str, str] | None = None, *within: str) -> Result:
    return replace(of_sql(sql, units), adds_up=AddsUp("elements", within))


def _books(result: Result, folder: Path) -> tuple[Workbook, Workbook]:
    """The formulas, and what programs show that do not calculate."""
    target = folder / "walls.xlsx"
    XLSX.write(result, target)
    return openpyxl.load_workbook(target), openpyxl.load_workbook(target, data_only=True)


def _totals(book: Workbook) -> list[dict[object, object]]:
    """The list of totals on the cover, each line by its headings."""
    rows = [list(row) for row in book["Cover"].iter_rows(values_only=True)]
    head = next(number for number, row in enumerate(rows) if "total" in row)
    listed = []
    for row in rows[head + 1 :]:
        if not isinstance(row[rows[head].index("lines")], int):
            break
        listed.append({k: v for k, v in zip(rows[head], row, strict=True) if k is not None})
    return listed


def _formulas(book: Workbook) -> Iterator[str]:
    for sheet in book:
        for row in sheet.iter_rows():
            yield from (str(cell.value) for cell in row if cell.data_type == "f")


def test_each_quantity_has_its_total_and_what_it_covers(tmp_path: Path) -> None:
    formulas, shown = _books(_result(TAKEOFF), tmp_path)
    volume, length = _totals(shown)
    assert volume == {
        "quantity": "NetVolume",
        "unit": "m3",
        "total": float(Decimal("33.750000000001")),
        "lines": 5,
        "without a figure": 1,
        "elements": 14,
        "counted": 7,
        "missing": 6,
        "doubtful": 1,
    }
    assert (length["total"], length["unit"], length["elements"]) == (107.125, "m", 5)
    assert _totals(formulas)[0]["total"] == (
        "=SUMPRODUCT((EXACT('by_class'!$C$2:$C$8,A{0})*EXACT('by_class'!$D$2:$D$8,B{0}))*1,"
        "'by_class'!$E$2:$E$8)"
    ).format(_row_of(formulas, "NetVolume"))


def _row_of(book: Workbook, quantity: str) -> int:
    return next(row[0].row for row in book["Cover"].iter_rows() if row[0].value == quantity)


def test_a_lone_figure_has_a_sum_and_one_that_follows_the_filter(tmp_path: Path) -> None:
    formulas, shown = _books(_result(VOLUMES, {"net_volume_m3": "m3"}), tmp_path)
    [total] = _totals(formulas)
    assert total["total"] == "=SUM('by_class'!$C$2:$C$5)"
    assert total["of the lines shown"] == "=SUBTOTAL(109,'by_class'!$C$2:$C$5)"
    [total] = _totals(shown)
    assert total["total of"] == "net_volume_m3"
    assert total["total"] == total["of the lines shown"] == 33.750000000001


@pytest.mark.parametrize(
    ("sql", "units"),
    [
        ("select 'a' as storey_name, 0.25::decimal(38, 12) as rate, 3 as elements", {}),
        ("select 'a' as t, 0.25::decimal(38, 12) as density, 3 as elements", {"density": "kg/m3"}),
        ("select 'a' as t, 2.5::double as length_m, 3 as elements", {"length_m": "m"}),
        ("select 'a' as item, 2.5::decimal(38, 12) as value, 'm' as si_unit, 3 as elements", {}),
    ],
)
def test_what_is_no_sum_is_not_added_up(sql: str, units: dict[str, str], tmp_path: Path) -> None:
    assert list(_formulas(_books(_result(sql, units), tmp_path)[0])) == []


def test_lines_that_may_tell_the_same_twice_are_not_added_up(tmp_path: Path) -> None:
    result = replace(_result(TAKEOFF), adds_up=None)
    assert list(_formulas(_books(result, tmp_path)[0])) == []


def test_two_models_or_trades_are_not_added_up_but_their_money_is(tmp_path: Path) -> None:
    sql = """select * from (values
        ('ifc', 'concrete', 'NetVolume', 'm3', 2::decimal(38, 12), 10::decimal(38, 2), 'EUR', 1),
        ('ifc', 'plaster', 'NetVolume', 'm3', 3, 20.25, 'EUR', 1),
        ('ifc', 'plaster', 'NetVolume', 'm3', 5, null, null, 1),
        ('qonic', 'plaster', 'NetVolume', 'm3', 7, 40, 'CHF', 1)
    ) as lines(vendor, trade, quantity, unit, value, amount, currency, elements)"""
    _, shown = _books(_result(sql, None, "vendor", "trade"), tmp_path)
    listed = [
        tuple(total[name] for name in ("vendor", "trade", "unit", "total", "elements"))
        for total in _totals(shown)
    ]
    assert listed == [
        ("ifc", "concrete", "m3", 2, 1),
        ("ifc", "plaster", "m3", 8, 2),
        ("qonic", "plaster", "m3", 7, 1),
        ("ifc", None, "EUR", 30.25, None),
        ("qonic", None, "CHF", 40, None),
    ]


def test_pieces_have_volumes_that_add_up_but_no_elements(tmp_path: Path) -> None:
    sql = """select 'Gypsum' as material, 4::decimal(38, 12) as area_m2,
        1.5::decimal(38, 12) as volume_m3, 3 as elements"""
    result = of_sql(sql, {"area_m2": "m2", "volume_m3": "m3"})
    result = replace(result, adds_up=AddsUp("volumes", holds_pieces=True))
    [total] = _totals(_books(result, tmp_path)[1])
    assert (total["total of"], total["total"]) == ("volume_m3", 1.5)
    assert "elements" not in total


def test_cells_are_what_parquet_holds_and_totals_are_its_sums(tmp_path: Path) -> None:
    result = _result(TAKEOFF)
    PARQUET.write(result, tmp_path / "walls.parquet")
    twin = pq.read_table(tmp_path / "walls.parquet")
    _, shown = _books(result, tmp_path)
    header, *rows = shown["by_class"].iter_rows(values_only=True)
    assert list(header) == twin.column_names
    expected = [
        tuple(float(v) if isinstance(v, Decimal) else v for v in row.values())
        for row in twin.to_pylist()
    ]
    assert rows == expected
    sums = twin.group_by("quantity", use_threads=False).aggregate([("value", "sum")]).to_pylist()
    assert {t["quantity"]: t["total"] for t in _totals(shown)} == {
        row["quantity"]: float(row["value_sum"]) for row in sums
    }


def test_totals_reach_over_all_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takeoff.render.xlsx.sheets, "ROWS_OF_A_SHEET", 4)
    formulas, shown = _books(_result(TAKEOFF), tmp_path)
    names = ["by_class", "by_class (2)", "by_class (3)"]
    assert [book for book in formulas.sheetnames if book.startswith("by_")] == names
    assert [ref for name in names for _, ref in formulas[name].tables.items()] == [
        "A1:I4",
        "A1:I4",
        "A1:I2",
    ]
    assert all(f"'{name}'!" in str(_totals(formulas)[0]["total"]) for name in names)
    assert _totals(shown)[0]["total"] == 33.750000000001


def test_totals_that_would_take_minutes_are_no_formulas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeoff.render.xlsx.formulas, "CELLS_LOOKED_AT", 10)
    formulas, _ = _books(_result(TAKEOFF), tmp_path)
    assert [total["total"] for total in _totals(formulas)] == [33.750000000001, 107.125]


def test_only_our_own_formulas_run_whatever_names_say(tmp_path: Path) -> None:
    """A name that looks like a rule, such as `>1` or `*`, is found as the text that it is."""
    names = list(dict.fromkeys([*FORMULAS, "'x", "*", ">1", "WALL", "wall", "=", "]['#@"]))
    lines = " union all ".join(
        f"select '{name.replace(chr(39), 2 * chr(39))}', 'NetVolume', 'm3', {n} + 0.5, 1"
        for n, name in enumerate(names)
    )
    sql = f"""select model_id, quantity, unit, value::decimal(38, 12) as value, elements
        from ({lines}) as lines(model_id, quantity, unit, value, elements)"""
    formulas, shown = _books(_result(sql, None, "model_id"), tmp_path)
    ran = list(_formulas(formulas))
    assert len(ran) == len(names)
    assert all(f.startswith("=SUMPRODUCT((EXACT('by_class'!$A$2:") for f in ran)
    assert [t["total"] for t in _totals(shown)] == [n + 0.5 for n in range(len(names))]


def test_headings_of_a_table_are_unlike_and_named_as_their_cells(tmp_path: Path) -> None:
    headings = ["a]['b", "=1+1", "Name", "_x0041_", "line\nend", "#@"]
    columns = ", ".join(f'{n} as "{heading}"' for n, heading in enumerate(headings))
    result = of_sql(f"select {columns}")
    again = replace(result.columns[2], name="name")
    table = result.table.append_column("name", result.table.column(2))
    book, _ = _books(replace(result, columns=(*result.columns, again), table=table), tmp_path)
    sheet = book["by_class"]
    named = [column.name for column in sheet.tables["Lines_1"].tableColumns]
    assert [unescape(cell.value) for cell in sheet[1]] == named
    assert len({name.lower() for name in named}) == 7
    assert named[2:4] == ["Name", "_x0041_"]
    assert named[-1] == "name (2)"


def test_cover_says_what_was_asked_of_what_and_how_far_it_holds(tmp_path: Path) -> None:
    about = provenance(params={"rules": "vobc"}, snapshots=[snapshot(), snapshot("Clinic")])
    audit = provenance(report="audit", title="Audit: what can be believed")
    verdicts = of_sql("select 'm3' as unit, 9 as elements, 6 as believed, 2 as doubtful, 1 missing")
    findings = of_sql("select unnest(['error', 'note', 'note']) as severity")
    beside = tuple(replace(one, provenance=audit) for one in (verdicts, findings))
    result = replace(_result(TAKEOFF), provenance=about, beside=beside)
    _, shown = _books(result, tmp_path)
    rows = list(shown["Cover"].iter_rows(values_only=True))
    said = {row[0]: row[1] for row in rows}
    assert rows[0][0] == "Walls by class"
    assert said["Question"] == "How much wall is there?"
    assert said["Project"] == "Project Seven"
    assert said["Basis"] == "authored before computed"
    assert said["Rule set"] == "vobc"
    assert said["Audit verdict"] == "6 of 9 figures are believed, 2 are doubtful and 1 missing"
    assert said["Audit findings"] == "1 of severity error, 2 of severity note"
    assert said["Note"] == "3 elements have no volume"
    assert said["Made"] == "2025-03-04 05:06 UTC with takeoff 0.1.0"
    models = [row for row in rows if row[0] == "ifc"]
    assert [row[3] for row in models] == ["rev B", "rev B"]
    assert [row[6] for row in models] == ["snapshot-of-Duplex", "snapshot-of-Clinic"]


def test_severity_and_changes_have_colours_and_keep_their_words(tmp_path: Path) -> None:
    sql = """select * from (values ('error', 'added', 1::decimal(38, 12)),
        ('warning', 'removed', 0), ('note', 'changed', null), (null, 'same', 2)
    ) as found(severity, change, added_value)"""
    sheet = _books(of_sql(sql), tmp_path)[0]["by_class"]
    shades = [
        [(c.value, c.fill.fgColor.rgb[2:] if c.fill.fill_type else None) for c in column]
        for column in sheet.iter_cols(min_row=2)
    ]
    red, amber, green, blue = "FFC7CE", "FFEB9C", "C6EFCE", "DDEBF7"
    assert shades[0] == [("error", red), ("warning", amber), ("note", blue), (None, None)]
    assert shades[1] == [("added", green), ("removed", red), ("changed", amber), ("same", None)]
    assert shades[2] == [(1, green), (0, None), (None, None), (2, green)]


def test_money_shows_two_decimals_and_rates_keep_theirs(tmp_path: Path) -> None:
    sql = """select 1.5::decimal(38, 2) as amount, 0.125::decimal(38, 9) as rate, 'EUR' as currency,
        'EUR' as unit, 2.25::decimal(38, 12) as value"""
    row = _books(of_sql(sql), tmp_path)[0]["by_class"][2]
    assert [cell.number_format for cell in row] == [
        "#,##0.00",
        "#,##0.00####",
        "General",
        "General",
        "#,##0.00",
    ]


def test_outline_adds_up_under_each_level_one_quantity_a_column(tmp_path: Path) -> None:
    formulas, shown = _books(_result(TAKEOFF), tmp_path)
    assert formulas.sheetnames == ["Cover", "by_class", "Outline", "Provenance"]
    rows = list(shown["Outline"].iter_rows(values_only=True))
    assert rows == [
        ("storey_name", "ifc_class", "NetVolume [m3]", "without NetVolume", "Length [m]"),
        ("Total", None, 33.750000000001, 7, 107.125),
        ("Level 1", None, 30.250000000001, 6, 100),
        (None, "Wall", 10.000000000001, 1, 100),
        (None, "Slab", 20.25, 0, None),
        (None, "Door", None, 5, None),
        ("Level 2", None, 0.5, 0, 7.125),
        (None, "Wall", 0.5, 0, 7.125),
        ("not stated", None, 3, 1, None),
        (None, "Pile", 3, 1, None),
    ]
    sheet = formulas["Outline"]
    assert (sheet["C2"].value, sheet["C3"].value) == ("=SUBTOTAL(9,C3:C10)", "=SUBTOTAL(9,C4:C6)")
    assert sheet["E9"].value is None
    assert [sheet.row_dimensions[n].outlineLevel for n in range(2, 11)] == [
        *(0, 0, 1, 1, 1),
        *(0, 1, 0, 1),
    ]
    assert not sheet.sheet_properties.outlinePr.summaryBelow


def test_outline_adds_up_nothing_over_what_may_be_one_building(tmp_path: Path) -> None:
    sql = f"""select m.model_id, t.* from (values ('a'), ('b')) as m(model_id), ({TAKEOFF}) as t
        where t.ifc_class = 'Wall' order by all"""
    _, shown = _books(_result(sql, None, "model_id"), tmp_path)
    rows = list(shown["Outline"].iter_rows(values_only=True))
    assert rows[0][:3] == ("model_id", "storey_name", "Length [m]")
    assert rows[1] == ("Total", None, None, None, None)
    assert rows[2][:3] == ("a", None, 107.125)


def test_no_outline_of_one_level_or_of_too_many_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = _result(f"select * exclude storey_name from ({TAKEOFF})")
    assert "Outline" not in _books(flat, tmp_path)[0].sheetnames
    monkeypatch.setattr(takeoff.render.xlsx.outline, "MOST_LINES", 6)
    assert "Outline" not in _books(_result(TAKEOFF), tmp_path)[0].sheetnames


def test_lines_of_one_name_stand_below_it_each_with_its_own_figures(tmp_path: Path) -> None:
    sql = """select * from (values
        ('counted', 'Level 1', 'Door', 900, 1.5::decimal(38, 12), 1, 3),
        ('counted', 'Level 1', 'Door', 800, 2, 0, 1),
        ('counted', 'Level 2', 'Door', 800, 4, 0, 2),
        ('part', 'Level 1', 'Door', 700, 8, 0, 5)
    ) as doors(state, storey_name, type_name, width_mm, area_m2, without_area, elements)"""
    result = _result(sql, {"area_m2": "m2", "width_mm": "mm"}, "state")
    formulas, shown = _books(result, tmp_path)
    assert list(shown["Outline"].iter_rows(values_only=True)) == [
        ("state", "storey_name", "elements", "area_m2", "without area_m2"),
        ("Total", None, None, None, None),
        ("counted", None, 6, 7.5, 1),
        (None, "Level 1", 4, 3.5, 1),
        (None, "width_mm 900", 3, 1.5, 1),
        (None, "width_mm 800", 1, 2, 0),
        (None, "Level 2", 2, 4, 0),
        ("part", None, 5, 8, 0),
        (None, "Level 1", 5, 8, 0),
    ]
    assert formulas["Outline"]["D4"].value == "=SUBTOTAL(9,D5:D6)"
    missing = {total["state"]: total["missing"] for total in _totals(shown)}
    assert missing == {"counted": 1, "part": 0}
