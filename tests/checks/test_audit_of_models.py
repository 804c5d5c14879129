"""The audit of the nine public models: each disagreement that their description states."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import known_faults
import pytest
import score

from takeoff.config import Settings
from takeoff.jobs.audit import Audit, AuditQuestion, audit

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


def test_traps_of_the_duplex_are_named(models_lake: Path) -> None:
    audited = _audit(models_lake, "Duplex_A_20110907", severity="note")
    rows = audited.findings.table.to_pylist()
    openings = [row for row in rows if row["check_name"] == "opening_repeats_host"]
    assert [round(row["value_exact"], 3) for row in openings] == [Decimal("60.747")] * 4
    roof = next(row for row in rows if row["check_name"] == "whole_and_parts")
    assert (roof["ifc_class"], round(roof["value_exact"], 3)) == ("Roof", Decimal("60.747"))
    walls = [r for r in rows if r["check_name"] == "differs_from_body" and r["ifc_class"] == "Wall"]
    assert "2O2Fr$t4X7Zf8NOew3FKau" in {row["element_id"] for row in walls}


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
