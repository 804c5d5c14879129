"""Lines of schedules, comparisons and control totals lead to elements, figures and statements."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from small_lakes import Model

import takeoff
from takeoff.cli import main
from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.core.progress import Quiet
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.jobs.report import ExplainedLines, Question, explain_lines

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
# Which quantity the sums of a schedule's column are of.
_SUMS = {
    "length_m": "Length",
    "outer_surface_m2": "OuterSurfaceArea",
    "net_floor_area_m2": "NetFloorArea",
    "gross_floor_area_m2": "GrossFloorArea",
    "net_volume_m3": "NetVolume",
    "gross_volume_m3": "GrossVolume",
    "volume_m3": "NetVolume",
}
_MASSES = {"schedule_mep": "GrossWeight", "schedule_structure": "NetWeight"}


def _explained(lake: Path, name: str, where: Mapping[str, str], **asked: Any) -> ExplainedLines:
    return explain_lines(Settings(lake=lake), Question(name, **asked), where)


def _rows(lake: Path, name: str, **asked: Any) -> list[dict[str, Any]]:
    where = asked.pop("where", {})
    rows: list[dict[str, Any]] = _explained(lake, name, where, **asked).evidence.table.to_pylist()
    return rows


def _sum(rows: Sequence[Mapping[str, Any]], line_no: int, quantity: str | None) -> Decimal | None:
    of_line = [row for row in rows if (row["line_no"], row["quantity"]) == (line_no, quantity)]
    given = [row["value"] for row in of_line if row["value"] is not None]
    return sum(given, Decimal()) if given else None


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("lines") / "lake"
    files = sorted(_SAMPLE.glob("*.ifc"))
    assert len(list(fetch_ifc(Settings(lake=lake), files, IfcOptions(), Quiet()))) == 3
    return lake


@pytest.mark.parametrize(
    "name",
    [
        "schedule_structure",
        "schedule_doors",
        pytest.param("schedule_mep", marks=pytest.mark.slow),
        pytest.param("schedule_spaces", marks=pytest.mark.slow),
    ],
)
def test_figures_behind_a_schedule_add_up_to_its_columns(sample: Path, name: str) -> None:
    explained = _explained(sample, name, {})
    rows = explained.evidence.table.to_pylist()
    sums = {**_SUMS, "mass_kg": _MASSES.get(name, "")}
    if name == "schedule_structure":
        sums["area_m2"] = "NetArea"
    for line in explained.lines:
        for column, quantity in sums.items():
            if column in line.columns:
                assert line.columns[column] == _sum(rows, line.number, quantity)
        if name == "schedule_doors":
            assert line.columns["area_m2"] == _sum(rows, line.number, None)
        elements = {row["element_id"] for row in rows if row["line_no"] == line.number}
        assert len(elements) == line.columns["elements"]
    assert all(row["record"] for row in rows if row["origin"] != "rule")
    assert all(row["figure"] is None or row["picked_because"] for row in rows)


def test_sizes_of_a_door_are_walked_back_to_what_was_written(sample: Path) -> None:
    where = {"width_mm": "1100", "height_mm": "2200"}
    width, height = _rows(sample, "schedule_doors", where=where)
    assert (width["value"], width["unit"], height["value"]) == (Decimal("2.42"), "m2", None)
    assert (width["figure"], width["conversion"]) == ("Width", "1100. MILLI METRE x 0.001 = 1.1 m")
    assert height["figure_value"] == Decimal("2.2")


def test_what_a_schedule_does_not_add_up_gives_nothing(tmp_path: Path) -> None:
    """A part counts in schedules; a part of the same kind as its whole does not."""
    model = Model("m").add("whole", ifc_class="Beam").figure("Length", 5)
    model.add("piece", "part", ifc_class="Beam", parent_id="whole").figure("Length", 3)
    model.add("roof", ifc_class="Roof").add("rib", "part", ifc_class="Beam", parent_id="roof")
    model.figure("Length", 7).commit(tmp_path / "lake")
    rows = _rows(tmp_path / "lake", "schedule_structure")
    found = {row["element_id"]: (row["value"], row["figure_value"], row["state"]) for row in rows}
    assert found == {
        "whole": (5, 5, "counted"),
        "rib": (7, 7, "part"),
        "piece": (None, None, "in_whole"),
    }


def test_a_column_takes_the_first_quantity_that_an_element_has(tmp_path: Path) -> None:
    model = Model("m").add("named", ifc_class="PipeSegment")
    model.figure(None, "0.025", source_name="NominalDiameter").figure("OuterDiameter", "0.034")
    model.add("outer", ifc_class="PipeSegment").figure("OuterDiameter", "0.1")
    model.add("odd", ifc_class="PipeSegment").figure(None, "0.3", source_name="NominalDiameter")
    model.figure(None, "0.2", source_name="NominalDiameter").figure("Length", 2)
    model.figure("GrossWeight", 4).figure("NetWeight", 3).commit(tmp_path / "lake")
    rows = _rows(tmp_path / "lake", "schedule_mep", params={"mass": "NetWeight"})
    found = [(row["element_id"], row["figure"], row["figure_value"]) for row in rows]
    assert found == [
        ("named", "NominalDiameter", Decimal("0.025")),
        ("outer", "OuterDiameter", Decimal("0.1")),
        ("odd", "NominalDiameter", Decimal("0.3")),
        ("odd", "NominalDiameter", Decimal("0.2")),
        ("odd", "Length", 2),
        ("odd", "NetWeight", 3),
    ]
    assert [row["state"] for row in rows if row["element_id"] == "odd"][:2] == ["doubtful"] * 2
    assert rows[0]["picked_because"] == 'its source names it "NominalDiameter"'


@pytest.fixture(scope="module")
def revised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of four walls one has grown, one was rated anew, one is gone; a fourth is new."""
    old = Model("m").add("grown").figure("NetVolume", 2).add("rated").prop("Fire", "Rating", "F30")
    old.add("gone").figure("NetVolume", 1)
    new = Model("m").add("grown").figure("NetVolume", 3).add("rated").prop("Fire", "Rating", "F60")
    new.add("fresh").add("view", "annotation")
    for element_id, number, change in (("grown", 0, "changed"), ("view", 3, "changed")):
        told = {"ordinal": 0, "old_version": "ab12", "new_version": "ab12", "source_row": number}
        element = {"element_id": element_id, "element_no": number}
        new._row("changes_stated", **element, **told, change=change, property_names="[]")
    told = {"element_id": "unseen", "element_no": 4, "change": "removed", "property_names": "[]"}
    new._row("changes_stated", ordinal=0, old_version="ab12", new_version="ab12", **told)
    lake = tmp_path_factory.mktemp("revised") / "lake"
    old.commit(lake)
    new.commit(lake)
    return lake


_BOTH = {"snapshots": ("ifc:m@1", "ifc:m@2")}


def test_a_changed_element_leads_to_both_sides(revised: Path) -> None:
    rows = _rows(revised, "changed_elements", **_BOTH)
    found = [
        (row["element_id"], row["side"], row["quantity"], row["value"], row["source_value"])
        for row in rows
    ]
    assert found == [
        ("fresh", "new", None, None, None),
        ("grown", "old", "NetVolume", 2, None),
        ("grown", "new", "NetVolume", 3, None),
        ("rated", "old", None, None, None),
        ("rated", "old", None, None, "F30"),
        ("rated", "new", None, None, None),
        ("rated", "new", None, None, "F60"),
        ("gone", "old", None, None, None),
    ]


def test_a_disagreement_leads_to_both_sources(revised: Path) -> None:
    rows = _rows(revised, "disagreements", **_BOTH)
    lines = {row["line"].partition("disagreement ")[2].partition(",")[0] for row in rows}
    assert lines == {"figure", "only in a", "only in b"}
    found = [(r["element_id"], r["side"], r["value"]) for r in rows if r["quantity"] == "NetVolume"]
    assert found == [("grown", "old", 2), ("grown", "new", 3)]


def test_a_stated_change_leads_to_the_statement_and_to_what_there_is(revised: Path) -> None:
    """An annotation is not compared, but it is there; what no snapshot holds is said to be none."""
    rows = _rows(revised, "stated_changes", params={"all": "true"}, **_BOTH)
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row["line"], []).append((row["side"], row["element_id"], row["state"]))
    assert found["element_id grown"] == [
        ("stated", None, None),
        ("old", "grown", "counted"),
        ("new", "grown", "counted"),
    ]
    assert found["element_id view"] == [("stated", None, None), ("new", "view", "annotation")]
    assert found["element_id unseen"] == [("stated", None, None), (None, None, "no element")]


def test_a_control_total_leads_to_the_vendors_sum_and_to_the_elements_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = Model("m", vendor="qonic").total("NetVolume", "9", "m3").total("Count", "2", "1")
    model.rows["control_totals"][0]["operation_id"] = "op-7"
    model.add("w").figure("NetVolume", 6).add("hole", "opening").figure("NetVolume", 2)
    model.add("own").figure("NetVolume", 5, "computed").commit(tmp_path / "lake")
    rows = _rows(tmp_path / "lake", "control_totals", where={"quantity": "NetVolume"})
    found = [(row["side"], row["element_id"], row["value"], row["state"]) for row in rows]
    assert found == [
        ("stated", None, 9, None),
        (None, "w", 6, "counted"),
        (None, "hole", 2, "counted"),
        (None, "own", None, "missing"),
    ]
    asked = ["--report", "control_totals", "--where", "quantity=NetVolume", "--format", "table"]
    assert main(["explain", *asked, "--lake", str(tmp_path / "lake")]) == 0
    out = capsys.readouterr().out
    assert "stated 9; ours 8; difference 1 m3" in out
    assert "stated by qonic:m itself: 9 m3, operation op-7" in out
    assert "not picked: its basis is not asked" in out


def test_a_total_of_a_model_without_elements_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Model("m", vendor="qonic").total("NetVolume", "0", "m3").commit(tmp_path / "lake")
    stated, nothing = _rows(tmp_path / "lake", "control_totals")
    assert (stated["side"], nothing["state"]) == ("stated", "no element")
    asked = ["explain", "--report", "control_totals", "--format", "table"]
    assert main([*asked, "--lake", str(tmp_path / "lake")]) == 0
    assert "No element stands behind it." in capsys.readouterr().out


def test_a_comparison_brings_its_evidence_as_a_sheet(revised: Path, tmp_path: Path) -> None:
    book = tmp_path / "changes.xlsx"
    asked = ["changes", "ifc:m@1", "ifc:m@2", "--elements", "--explain", "-o", str(book)]
    assert main([*asked, "--lake", str(revised)]) == 0
    with zipfile.ZipFile(book) as sheets:
        assert '<sheet name="Evidence"' in sheets.read("xl/workbook.xml").decode()


def test_a_line_is_explained_in_a_notebook_as_at_the_command_line(revised: Path) -> None:
    lake = takeoff.open(revised)
    where = {"storey_name": None, "quantity": "NetVolume"}
    line = lake.explain(report="by_storey", where=where, snapshots=["ifc:m@1"])
    known = line.df().set_index("element_id")["value"].dropna()
    assert known.to_dict() == {"grown": 2.0, "gone": 1.0}
    assert lake.explain("grown", "NetVolume", snapshots=["ifc:m@1"]).df()["value"].tolist() == [2.0]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"element": "grown"},
        {"element": "grown", "report": "by_class"},
        {"report": "by_class", "basis": "computed"},
        {"element": "grown", "quantity": "NetVolume", "where": {"ifc_class": "Wall"}},
    ],
)
def test_an_explanation_is_of_an_element_or_of_a_line(revised: Path, asked: dict[str, Any]) -> None:
    with pytest.raises(InputRefused, match="Say which element and quantity"):
        takeoff.open(revised).explain(**asked)
