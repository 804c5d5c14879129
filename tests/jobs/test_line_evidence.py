"""From every line of every report to its elements: what they give adds up to the line."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from small_lakes import Model

from takeoff.cli import main
from takeoff.config import Settings, shipped
from takeoff.core.errors import InputRefused
from takeoff.core.progress import Quiet
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.jobs.report import Question, explain_lines

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_FACTORS = {"factors": str(shipped("data/rules") / "carbon_demo.csv")}
_RULE = "rule,ifc_class,test,item,unit,formula,opening_above,waste_percent,decimals\n"
_RATE = "item,rate,unit,currency,source\n"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(lake=tmp_path_factory.mktemp("evidence") / "lake")
    assert len(list(fetch_ifc(settings, sorted(_SAMPLE.glob("*.ifc")), IfcOptions(), Quiet()))) == 3
    return settings


def _rows(settings: Settings, question: Question, **where: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = explain_lines(settings, question, where).evidence.table.to_pylist()
    return rows


def _behind(rows: Sequence[Mapping[str, Any]], line_no: int) -> list[dict[str, Any]]:
    """The first row of each element of a line."""
    first: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        if row["line_no"] == line_no:
            first.setdefault((row["snapshot_id"], row["element_id"], row["side"]), dict(row))
    return list(first.values())


_QUESTIONS = {
    "takeoff": Question("takeoff", by=("storey", "material", "code"), quantities=("NetVolume",)),
    "by_class": Question("by_class"),
    "by_storey": Question("by_storey", quantities=("Length",)),
    "by_material": Question("by_material"),
    "by_code": Question("by_code", quantities=("NetSideArea",)),
    "completeness": Question("completeness", quantities=("GrossWeight",)),
    "models": Question("models"),
    "not_counted": Question("not_counted"),
    "boq": Question("boq", params={"rules": "vobc"}),
    "carbon": Question("carbon", params=_FACTORS),
    "carbon_items": Question("carbon_items", params={**_FACTORS, "rules": "nrm2"}),
}


# Each kind of mart once in every run: groups, rules, pieces of materials.
_ALWAYS = ("takeoff", "boq", "carbon")


@pytest.mark.parametrize(
    "name", [n if n in _ALWAYS else pytest.param(n, marks=pytest.mark.slow) for n in _QUESTIONS]
)
def test_what_elements_give_adds_up_to_every_line(settings: Settings, name: str) -> None:
    """And each of them can be walked back to a record, unless it is worked out from others."""
    explained = explain_lines(settings, _QUESTIONS[name], {})
    rows = explained.evidence.table.to_pylist()
    assert {row["line_no"] for row in rows} == {line.number for line in explained.lines}
    for number, line in ((line.number, line.columns) for line in explained.lines):
        behind = _behind(rows, number)
        if "elements" in line:
            assert len(behind) == line["elements"]
        value = line.get("value", line.get("volume_m3"))
        given = [row["value"] for row in behind if row["value"] is not None]
        if "value" in line or "volume_m3" in line:
            assert (sum(given) if given else None) == value
        for state in ("counted", "missing", "doubtful"):
            if state in line and name not in ("models", "not_counted"):
                assert [row["state"] for row in behind].count(state) == line[state]
    assert all(row["record"] for row in rows if row["origin"] != "rule")
    assert all(row["conversion"] for row in rows if row["source_value"] is not None)


def test_openings_stand_behind_what_a_rule_deducts(settings: Settings) -> None:
    rows = _rows(settings, _QUESTIONS["boq"], rule="Other walls")
    wall = [row for row in rows if row["name"] == "South wall 0.1"]
    assert [(row["figure"], row["figure_value"]) for row in wall] == [
        ("GrossSideArea", Decimal("17.88")),
        ("LargeOpeningArea", Decimal("2.7")),
        ("Area", Decimal("2.7")),
    ]
    assert [row["value"] for row in wall] == [Decimal("15.18"), None, None]
    gross, openings, opening = wall
    assert gross["formula"] == "GrossSideArea - LargeOpeningArea"
    assert gross["opening_above"] == Decimal("2.5")
    assert gross["rule_set"].startswith("VOB/C 2019")
    assert gross["basis_order"].startswith("authored before vendor-calculated")
    assert openings["picked_because"] == "1 of its 1 openings by the limit of 2.5 m2"
    assert openings["record"] is None
    assert opening["figure_element_id"] != opening["element_id"]
    assert "IFCQUANTITYAREA('Area'" in opening["record"]


def test_parts_stand_behind_the_figure_of_a_whole(settings: Settings) -> None:
    rows = _rows(settings, Question("by_class"), ifc_class="Roof", quantity="NetVolume")
    whole, *parts = rows
    assert (whole["figure_basis"], whole["value"]) == ("derived", Decimal("60.144"))
    assert sum(part["figure_value"] for part in parts) == whole["value"]
    assert len({part["figure_element_id"] for part in parts}) == len(parts) == 6


def test_figures_that_disagree_are_all_shown_and_none_is_used(settings: Settings) -> None:
    rows = _rows(settings, Question("by_class", by=("model",)), quantity="GrossWeight")
    doubtful = [row for row in rows if row["state"] == "doubtful"]
    assert {row["picked"] for row in doubtful} == {False}
    assert {row["name"]: row["source_value"] for row in doubtful}["Main duct 0.0"] == "110.6"
    assert len(doubtful) > len({row["element_id"] for row in doubtful})


def test_a_unit_is_walked_back_to_what_was_written(tmp_path: Path) -> None:
    told = {"source_unit": "MILLIMETRE", "source_value": "12500."}
    Model("m").add("a").figure("Length", "12.5", **told).add("b").figure(
        "Length", None, source_unit="cubits", source_value="8", unit=None, unit_status="unknown"
    ).commit(tmp_path / "lake")
    rows = _rows(Settings(lake=tmp_path / "lake"), Question("by_class"), quantity="Length")
    assert [row["conversion"] for row in rows] == [
        "12500. MILLIMETRE x 0.001 = 12.5 m",
        "8 cubits, not converted",
    ]
    assert [row["picked_because"] for row in rows][1] == (
        "not picked: its unit is not known, or it is no number"
    )


@pytest.fixture
def priced(tmp_path: Path) -> Settings:
    """Walls with a rate, slabs with none, doors whose rate is by the hour, and what has no rule."""
    model = Model("m").add("w").figure("NetVolume", 10).add("w2").figure("NetVolume", 2, "computed")
    model.add("s", ifc_class="Slab").figure("NetVolume", 4).add("d", ifc_class="Door")
    model.add("odd", ifc_class="Stair").add("empty", ifc_class="Slab").commit(tmp_path / "lake")
    (tmp_path / "rules.csv").write_text(
        _RULE + "walls,Wall,,W,CY,computed.NetVolume; NetVolume,,10,3\n"
        "slabs,Slab,,S,m3,NetVolume,,,\ndoors,Door,,D,Nr,Count,,,\n"
    )
    (tmp_path / "rates.csv").write_text(
        _RATE + "W,100,m3,EUR,our own book\nD,80,Machine hours,EUR,our own book\n"
    )
    return Settings(lake=tmp_path / "lake")


def _priced(settings: Settings, **asked: Any) -> Question:
    folder = settings.lake_path().parent
    files = {"rules": str(folder / "rules.csv"), "rates": str(folder / "rates.csv")}
    return Question("boq", params=files, **asked)


def test_a_rate_a_null_rate_a_refused_rate_and_no_rule(priced: Settings) -> None:
    rows = {row["element_id"]: row for row in _rows(priced, _priced(priced))}
    assert {name: (row["rule"], row["pricing"], row["rate"]) for name, row in rows.items()} == {
        "w": ("walls", "priced", 100),
        "w2": ("walls", "priced", 100),
        "s": ("slabs", "unpriced", None),
        "empty": ("slabs", "unpriced", None),
        "d": ("doors", "refused", None),
        "odd": (None, None, None),
    }
    assert rows["d"]["rate_unit"] == "Machine hours"
    assert rows["w"]["unit_rate"] == Decimal("76.455485798")
    assert rows["w"]["rate_source"] == "our own book"
    assert (rows["odd"]["value"], rows["odd"]["figure"], rows["odd"]["state"]) == (
        None,
        None,
        "missing",
    )
    assert (rows["empty"]["value"], rows["empty"]["figure_value"]) == (None, None)
    assert rows["empty"]["picked_because"].startswith("no model states a figure of it")


def test_a_formula_that_names_a_basis_shows_the_figure_of_that(priced: Settings) -> None:
    rows = {row["element_id"]: row for row in _rows(priced, _priced(priced), item="W")}
    assert rows["w2"]["formula"] == "computed.NetVolume"
    assert rows["w2"]["figure_basis"] == "computed"
    assert rows["w2"]["picked_because"] == "the formula asks for the basis computed"
    assert rows["w"]["formula"] == "NetVolume"
    assert rows["w"]["figure_basis"] == "authored"


@pytest.mark.parametrize(
    ("name", "where", "words"),
    [
        ("by_class", {"ifc_class": "Unicorn"}, "no line with ifc_class = Unicorn"),
        ("by_class", {"value": "4"}, "are not told apart by 'value'"),
        ("mine", {}, "does not say which elements its lines hold"),
    ],
)
def test_lines_that_there_are_not(
    priced: Settings, tmp_path: Path, name: str, where: dict[str, str], words: str
) -> None:
    (tmp_path / "queries" / "reports").mkdir(parents=True)
    (tmp_path / "queries" / "reports" / "mine.sql").write_text(
        "-- title: Mine\n-- question: How many?\n-- grain: n\n-- column: n integer; a number\n"
        "select 1 as n order by n\n"
    )
    with pytest.raises(InputRefused, match=words):
        _rows(replace(priced, queries=tmp_path / "queries"), Question(name), **where)


def _typed(settings: Settings, *argv: str) -> list[str]:
    folder = settings.lake_path().parent
    files = ["--rules-set", str(folder / "rules.csv"), "--rates", str(folder / "rates.csv")]
    return [*argv, "--lake", str(settings.lake), *files]


def test_a_line_of_the_bill_in_words(priced: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("explain", "--report", "boq", "--where", "item=W", "--format", "table")
    assert main(_typed(priced, *asked)) == 0
    out = capsys.readouterr().out
    assert "rule walls: NetVolume" in out or "rule walls: computed.NetVolume" in out
    assert "sum 12 m3 of 2 of 2 elements" in out
    assert "times 1.1 for waste is 17.265 CY" in out
    assert "rate 100 EUR per m3, 76.455485798 for one unit of the bill; our own book" in out
    assert "Wall 'w' (w) in ifc:m: 10 m3, counted" in out
    assert main(_typed(priced, "explain", "--report", "boq", "--format", "table")) == 0
    out = capsys.readouterr().out
    assert "no rate: unpriced" in out
    assert "no rate: refused (the file's is per Machine hours)" in out
    assert "state no rule" in out


def test_a_line_of_the_bill_as_json(priced: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("explain", "--report", "boq", "--where", "item=S", "--format", "json")
    assert main(_typed(priced, *asked)) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["element_id"], row["value"], row["rate"]) for row in rows] == [
        ("s", 4, None),
        ("empty", None, None),
    ]


@pytest.mark.parametrize("layout", ["machine", "client"])
def test_the_evidence_is_a_sheet_of_the_workbook(
    priced: Settings, tmp_path: Path, layout: str
) -> None:
    target = tmp_path / "bill.xlsx"
    asked = ("boq", "--explain", "--layout", layout, "-o", str(target))
    assert main(_typed(priced, *asked)) == 0
    with zipfile.ZipFile(target) as book:
        assert '<sheet name="Evidence"' in book.read("xl/workbook.xml").decode()
        sheet = book.read("xl/worksheets/sheet3.xml").decode()
    assert sheet.count("<row ") == 7


def test_only_a_workbook_holds_the_evidence(
    priced: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(_typed(priced, "boq", "--explain", "--format", "csv")) == 3
    assert "cannot hold the evidence beside the lines" in capsys.readouterr().err
