"""Where Bimplus gives no objects, the imported IFC file is fetched, in whatever way it comes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from both_ways import fetch_ifc_model, hurry, tables
from small_lakes import Model
from vendors_under_test import VENDORS, attempt

from takeoff.core.errors import TakeoffError, VendorRefused
from takeoff.jobs.fetch import Fetched
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox

pytest.importorskip("ifcopenshell", reason="reads IFC")

BIMPLUS = next(vendor for vendor in VENDORS if vendor.name == "bimplus")
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "Lindenhof_services.ifc"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = tmp_path_factory.mktemp("downloads") / "lake"
    fetch_ifc_model(SAMPLE, lake, geometry=False)
    with Sandbox(open_layout(lake)).start() as sandbox:
        yield sandbox


def fetched(running: Running, lake: Path, **switches: str) -> Fetched | TakeoffError:
    usual = {switch.name: switch.default for switch in SWITCHES}
    running.turn(**usual | {"bimplus_topology": "absent"} | switches)
    running.forget()
    return attempt(lake, running, BIMPLUS)


@pytest.mark.parametrize(
    "form",
    [
        "redirect",
        pytest.param("direct", marks=pytest.mark.slow),
        pytest.param("disposition", marks=pytest.mark.slow),
    ],
)
def test_the_file_is_read_in_the_place_of_objects(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    hurry(monkeypatch)
    outcome = fetched(running, tmp_path / "lake", bimplus_download=form)
    assert isinstance(outcome, Fetched), outcome
    assert outcome.snapshot is not None
    rows = tables(tmp_path / "lake", outcome.snapshot)
    own = fetch_ifc_model(SAMPLE, tmp_path / "own", geometry=True)
    expected = tables(tmp_path / "own", own)
    for table in ("elements", "quantities", "properties"):
        assert len(rows[table]) == len(expected[table]), table
    stored = [one for one in running.seen() if one.origin == "storage"]
    assert bool(stored) == (form == "redirect")
    assert [one for one in stored if "authorization" in one.headers] == []


def test_a_file_that_is_cut_is_no_model(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    outcome = fetched(running, tmp_path / "lake", bimplus_download="short")
    assert isinstance(outcome, TakeoffError), outcome
    assert not list((tmp_path / "lake" / "snapshots").rglob("*.json"))


@pytest.mark.parametrize("status", ["404", "400", "204"])
def test_a_model_without_objects_and_without_a_file_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    hurry(monkeypatch)
    Model("no file").add("0aWall0000000000000000").commit(tmp_path / "served")
    with Sandbox(open_layout(tmp_path / "served")).start() as running:
        outcome = fetched(running, tmp_path / "lake", bimplus_no_file=status)
    assert isinstance(outcome, VendorRefused)
    assert "no topologyId" in str(outcome)
