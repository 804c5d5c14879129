"""Sums that the service itself states against ours: what differs is told, and nothing corrected."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from both_ways import fetch_one, hurry, settings
from qonic_building import SLABS, WALLS, building

from takeoff.config import Settings
from takeoff.core.refs import Snapshot
from takeoff.core.results import Result
from takeoff.jobs.control_totals import differing_totals
from takeoff.jobs.report import Question, explain_lines, report
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox

COUNT = WALLS + SLABS
VOLUME = Decimal(sum(range(WALLS))) + Decimal(WALLS) / 4 + Decimal(SLABS) / 10
LENGTH = Decimal(WALLS * WALLS) + Decimal(WALLS) / 2
AREA = SLABS * Decimal("8.000001")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    building().commit(tmp_path / "served")
    with Sandbox(open_layout(tmp_path / "served")).start() as sandbox:
        yield sandbox


def fetched(
    running: Running, lake: Path, monkeypatch: pytest.MonkeyPatch, **switches: str
) -> tuple[Settings, Snapshot]:
    hurry(monkeypatch)
    running.turn(**switches)
    here = settings(lake, running)
    outcome = fetch_one(here)
    assert outcome.snapshot is not None, outcome.error
    return here, outcome.snapshot


def told(result: Result) -> str:
    return " ".join(note for note in result.provenance.notes if "own totals" in note)


@pytest.mark.parametrize(
    "shape",
    [
        "flat",
        "rows",
        pytest.param("object", marks=pytest.mark.slow),
        pytest.param("csv", marks=pytest.mark.slow),
    ],
)
def test_right_totals_agree_and_nothing_is_said(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    here, snapshot = fetched(running, tmp_path / "lake", monkeypatch, quantities_shape=shape)
    rows = report(here, Question("control_totals")).table.to_pylist()
    assert [row for row in rows if not row["agrees"]] == []
    found = {(row["filter"], row["quantity"]): row for row in rows}
    ours = {name: found[None, name]["our_value"] for name in ("Count", "NetVolume", "Length")}
    assert ours == {"Count": COUNT, "NetVolume": VOLUME, "Length": LENGTH}
    assert found[None, "NetArea"]["our_value"] == found["Class Eq Slab", "NetArea"]["our_value"]
    lengths = found[None, "Length"]
    assert (lengths["elements"], lengths["counted"], lengths["missing"]) == (COUNT, WALLS, SLABS)
    assert told(report(here, Question("takeoff"))) == ""
    assert differing_totals(here, snapshot) is None


def test_wrong_totals_are_told_with_both_figures(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the fetch, in the report of totals, and with every takeoff of that model."""
    here, snapshot = fetched(running, tmp_path / "lake", monkeypatch, control_totals="wrong")
    rows = report(here, Question("control_totals")).table.to_pylist()
    assert {row["difference"] for row in rows} == {Decimal(1)}
    assert {row["agrees"] for row in rows} == {False}
    said = told(report(here, Question("takeoff")))
    for quantity, stated, ours in (
        ("Count", COUNT + 1, COUNT),
        ("Length", f"{LENGTH + 1} m", f"{LENGTH} m"),
        ("NetArea", f"{AREA + 1} m2", f"{AREA} m2"),
    ):
        assert f"{quantity} {stated} stated, {ours} ours" in said
    assert "of qonic:1001 differ" in said
    assert f"({WALLS} of {COUNT} elements came with one)" in said
    assert "nothing is corrected" in said
    assert said == differing_totals(here, snapshot)


def test_takeoffs_are_the_same_whatever_the_service_totals(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, _ = fetched(running, tmp_path / "right", monkeypatch)
    wrong, _ = fetched(running, tmp_path / "wrong", monkeypatch, control_totals="wrong")
    takeoffs = [report(here, Question("takeoff")).table for here in (right, wrong)]
    assert takeoffs[0].num_rows
    assert takeoffs[0].equals(takeoffs[1])


def test_only_the_totals_of_the_quantities_asked_are_told(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _ = fetched(running, tmp_path / "lake", monkeypatch, control_totals="wrong")
    said = told(report(here, Question("takeoff", quantities=("NetVolume",))))
    assert f"NetVolume {VOLUME + 1} m3 stated, {VOLUME} m3 ours" in said
    assert "Length" not in said
    rows = report(here, Question("control_totals", quantities=("NetVolume",))).table.to_pylist()
    assert {row["quantity"] for row in rows} == {"NetVolume"}


@pytest.mark.parametrize("basis", ["computed", "authored"])
def test_the_basis_of_a_takeoff_does_not_change_what_totals_are_held_against(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, basis: str
) -> None:
    here, _ = fetched(running, tmp_path / "lake", monkeypatch)
    assert told(report(here, Question("takeoff", params={"basis": basis}))) == ""


def test_a_stated_sum_is_walked_back_to_its_operation_and_ours_to_the_elements(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _ = fetched(running, tmp_path / "lake", monkeypatch, control_totals="wrong")
    where = {"filter": "", "quantity": "Length"}
    explained = explain_lines(here, Question("control_totals"), where)
    stated, *ours = explained.evidence.table.to_pylist()
    assert (stated["side"], stated["element_id"], stated["value"]) == ("stated", None, LENGTH + 1)
    assert stated["source_name"]
    assert "quantities" in stated["evidence"]
    assert str(LENGTH + 1) in stated["record"]
    assert sum(row["value"] for row in ours if row["value"] is not None) == LENGTH
    assert [row["state"] for row in ours].count("missing") == SLABS
    assert all(row["record"] for row in ours)
    assert ours[0]["basis_order"] == "authored before vendor-calculated"
