"""Explain: which figure was picked and why, what it is made of, and where it is written."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from takeoff.config import Settings
from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.core.progress import Quiet
from takeoff.jobs.explain import explain
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.jobs.report import Question, explain_lines, report
from takeoff.jobs.sql import sql

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(lake=tmp_path_factory.mktemp("explained") / "lake")
    assert len(list(fetch_ifc(settings, sorted(_SAMPLE.glob("*.ifc")), IfcOptions(), Quiet()))) == 3
    return settings


def _element(settings: Settings, condition: str) -> str:
    query = f"select element_id from elements where {condition} order by element_id limit 1"
    return str(sql(settings, query).table.column("element_id")[0])


def _figures(settings: Settings, element: str, quantity: str, **asked: str) -> list[dict]:
    return explain(settings, element, quantity, **asked).figures.table.to_pylist()


def test_each_basis_stands_with_its_record_and_the_picked_one_is_first(settings: Settings) -> None:
    beam = _element(settings, "name = 'Beam 0.00'")
    authored, computed = _figures(settings, beam, "NetVolume")
    assert (authored["basis"], authored["picked"]) == ("authored", True)
    assert "IFCQUANTITYVOLUME('NetVolume',$,$,0.575" in authored["record"]
    assert (computed["basis"], computed["picked"]) == ("computed", False)
    assert beam in computed["record"]


def test_a_basis_can_be_asked_for(settings: Settings) -> None:
    beam = _element(settings, "name = 'Beam 0.00'")
    (computed,) = _figures(settings, beam, "NetVolume", basis="computed")
    assert computed["basis"] == "computed"
    with pytest.raises(InputRefused, match="no NetVolume on the basis 'derived'"):
        explain(settings, beam, "NetVolume", basis="derived")


def test_a_derived_figure_is_the_sum_of_those_of_the_parts(settings: Settings) -> None:
    whole, *parts = _figures(settings, _element(settings, "name = 'Gable roof'"), "NetVolume")
    assert (whole["basis"], whole["record"]) == ("derived", None)
    assert len(parts) == 6
    assert sum(part["value"] for part in parts) == whole["value"] == Decimal("60.144")
    assert all("IFCQUANTITYVOLUME" in part["record"] for part in parts)


def test_figures_that_disagree_are_shown_and_none_is_picked(settings: Settings) -> None:
    duct = _element(settings, "name = 'Main duct 0.0'")
    figures = _figures(settings, duct, "GrossWeight")
    assert [figure["source_value"] for figure in figures] == ["243.75", "110.6"]
    assert [figure["picked"] for figure in figures] == [False, False]
    assert all("disagree" in figure["picked_because"] for figure in figures)


def test_a_count_that_the_model_states_goes_by_its_reports_name(settings: Settings) -> None:
    mesh = _element(settings, "ifc_class = 'ReinforcingMesh'")
    (figure,) = _figures(settings, mesh, "StatedCount")
    assert figure["picked"]
    assert "IFCQUANTITYCOUNT('Count'" in figure["record"]


def test_an_element_in_several_models_is_listed(settings: Settings) -> None:
    marker = _element(
        settings,
        "ifc_guid in (select ifc_guid from counted_elements "
        "where not_counted_reason = 'other_source')",
    )
    with pytest.raises(InputRefused, match="names 3 elements.*--model"):
        explain(settings, marker, "NetVolume")
    assert _figures(settings, marker, "NetVolume", models=["Lindenhof_structure"])


def test_elements_behind_a_line_add_up_to_it(settings: Settings) -> None:
    question = Question("takeoff", by=("class", "storey"))
    lines = report(settings, question).table.to_pylist()
    walls = [r for r in lines if (r["ifc_class"], r["quantity"]) == ("Wall", "NetSideArea")]
    assert len(walls) > 2
    for line in walls:
        where = {name: line[name] for name in ("ifc_class", "storey_name", "quantity")}
        behind = explain_lines(settings, question, where).evidence.table.to_pylist()
        counted = [row["value"] for row in behind if row["state"] == "counted"]
        assert (len(behind), len(counted)) == (line["elements"], line["counted"])
        assert sum(counted) == line["value"]


def test_evidence_that_is_gone_or_harmed_is_said(settings: Settings, tmp_path: Path) -> None:
    assert settings.lake is not None
    lake = tmp_path / "lake"
    shutil.copytree(settings.lake, lake)
    for stored in (lake / "evidence").rglob("*.zst"):
        content = bytearray(stored.read_bytes())
        content[len(content) // 2] ^= 1
        stored.write_bytes(content)
    with pytest.raises(LakeUnusable, match="damaged"):
        explain(Settings(lake=lake), _element(settings, "name = 'Beam 0.00'"), "NetVolume")
