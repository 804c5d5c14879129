"""The audit of the nine public models: each disagreement that their description states."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import known_faults
import pytest
import score

from takeoff.config import Settings
from takeoff.jobs.audit import Audit, AuditQuestion, audit
from takeoff.jobs.explain import explain
from takeoff.jobs.report import Question, report

pytestmark = pytest.mark.slow

CLEAN = known_faults.PROJECTS["pcert"]


def _audit(lake: Path, *models: str, severity: str = "warning") -> Audit:
    return audit(Settings(lake=lake), AuditQuestion(models=models, severity=severity))


def _suspected(audited: Audit, check: str, quantity: str, ifc_class: str) -> Decimal:
    rows = audited.findings.table.to_pylist()
    return sum(
        (
            row["suspected_exact"]
            for row in rows
            if (row["check_name"], row["quantity"], row["ifc_class"])
            == (check, quantity, ifc_class)
        ),
        Decimal(0),
    )


def _verdict(audited: Audit, quantity: str) -> dict[str, object]:
    rows = audited.verdicts.table.to_pylist()
    return next(row for row in rows if (row["of_what"], row["quantity"]) == ("elements", quantity))


@pytest.mark.parametrize("check", known_faults.OF_THE_MODELS)
def test_precision_and_recall(models_lake: Path, shared: Path, check: str, named: set) -> None:
    known = known_faults.of_the_models(shared / "truth")
    (row,) = score.scores(known, named, [check], known_faults.COUNTED)
    assert row.known > 0
    assert (row.precision, row.recall) == (1, 1)


@pytest.fixture(scope="module")
def named(models_lake: Path) -> set[known_faults.Fault]:
    return score.findings(models_lake)


def test_every_figure_apart_from_its_body_is_named_and_no_other(
    models_lake: Path, shared: Path
) -> None:
    """Held against the truth tables alone: by what check, and by what rule of it, is all one."""
    named = score.findings(models_lake, severity="warning")
    pairs = [pair for pair in known_faults.pairs(shared / "truth") if pair.is_asked]
    told = Counter((score.told_apart(pair), score.is_named(pair, named)) for pair in pairs)
    assert told[True, False] == told[False, True] == 0
    assert told[True, True] > 240
    assert told[False, False] > 1300


def test_what_is_suspected_to_be_right_is_so_by_the_truth_tables(
    models_lake: Path, shared: Path
) -> None:
    right = known_faults.computed(shared / "truth")
    compared = 0
    for row in _audit(models_lake).findings.table.to_pylist():
        known = right.get((row["model_id"], row["element_id"], row["quantity"]))
        if known is not None and row["suspected_exact"] is not None:
            assert float(row["suspected_exact"]) == pytest.approx(known, rel=1e-3), row
            compared += 1
    assert compared > 390


def test_walls_of_the_large_building_are_147_m3(models_lake: Path) -> None:
    audited = _audit(models_lake, "BIMWhale_LargeBuilding")
    assert round(_suspected(audited, "same_quantity_twice", "NetVolume", "Wall")) == 147
    assert round(_suspected(audited, "unit_magnitude", "NetVolume", "Wall")) == 147
    assert round(_verdict(audited, "NetVolume")["suspected_value"]) == 308
    assert _verdict(audited, "NetSideArea")["doubtful"] == 18


def test_collapsed_floors_come_to_1783_m2(models_lake: Path) -> None:
    verdict = _verdict(_audit(models_lake, "Schependomlaan_breedplaatvloeren"), "NetArea")
    assert round(verdict["value"], 1) == Decimal("899.9")
    assert round(verdict["suspected_value"], 1) == Decimal("1783.2")


@pytest.fixture(scope="module")
def duplex(models_lake: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = _audit(
        models_lake, "Duplex_A_20110907", severity="note"
    ).findings.table.to_pylist()
    return rows


def test_the_roof_on_four_openings_is_named(duplex: list[dict[str, Any]]) -> None:
    openings = [row for row in duplex if row["check_name"] == "opening_repeats_host"]
    assert [round(row["value_exact"], 3) for row in openings] == [Decimal("60.747")] * 4
    assert round(sum(row["value_exact"] for row in openings), 3) == Decimal("242.989")


def test_the_slab_that_is_the_roof_again_is_named(
    duplex: list[dict[str, Any]], models_lake: Path
) -> None:
    (roof,) = [row for row in duplex if row["check_name"] == "whole_and_parts"]
    assert (roof["ifc_class"], round(roof["value_exact"], 3)) == ("Roof", Decimal("60.747"))
    assert "1 of its 1 parts have 60.747 together" in roof["detail"]
    question = Question(
        "by_class", models=["Duplex_A_20110907"], params={"basis": "computed,derived"}
    )
    lines = report(Settings(lake=models_lake), question).table.to_pylist()
    volumes = {x["ifc_class"]: x["value"] for x in lines if x["quantity"] == "NetVolume"}
    assert round(volumes["Slab"], 3) == Decimal("64.583")
    assert round(volumes["Slab"] + volumes["Roof"], 3) == Decimal("125.330")


def test_the_wall_that_kernels_disagree_about_is_named(
    duplex: list[dict[str, Any]], models_lake: Path
) -> None:
    """One is known to make 2.083 m3 of it: its faces are wound both ways. Here the body closes."""
    wall = "2O2Fr$t4X7Zf8NOew3FKau"
    named = [row for row in duplex if row["element_id"] == wall]
    found = {(row["check_name"], row["quantity"]) for row in named}
    assert ("differs_from_body", "NetSideArea") in found
    figures = explain(Settings(lake=models_lake), wall, "NetVolume").figures.table.to_pylist()
    assert {row["basis"] for row in figures} == {"authored", "computed"}
    assert {round(row["value"], 3) for row in figures} == {Decimal("25.830")}


@pytest.mark.parametrize("model", CLEAN)
def test_a_clean_model_has_no_error(models_lake: Path, model: str) -> None:
    audited = _audit(models_lake, model)
    assert audited.errors == 0
    assert {row["check_name"] for row in audited.findings.table.to_pylist()} <= {"missing_quantity"}


def test_three_clean_models_together_repeat_only_what_they_share(models_lake: Path) -> None:
    audited = _audit(models_lake, *CLEAN)
    rows = audited.findings.table.to_pylist()
    assert audited.errors == 0
    repeats = [row for row in rows if row["check_name"] == "repeated_in_models"]
    assert {row["name"] for row in repeats} == {
        "geo-reference",
        "house - chimney",
        "house - roof",
        "origin",
    }
    assert {row["check_name"] for row in rows} == {"repeated_in_models", "missing_quantity"}
