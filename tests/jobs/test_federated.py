"""Several disciplines of one building in one lake: what stands in more than one counts once."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.jobs.report import Question, report
from takeoff.jobs.sql import sql

_MARKER = "2sMqdqIU5BOBeQp_S3Hjru"
_BUILDINGS = [
    "PCERT",
    pytest.param("Schependomlaan", marks=pytest.mark.slow),
    pytest.param("Duplex", marks=pytest.mark.slow),
]
# What says how a report's own lines are told apart, when it partitions the elements.
_PARTITIONS = {
    "takeoff": ["storey", "class", "type", "material", "code"],
    "by_storey": [],
    "by_class": [],
}


@pytest.fixture(scope="module", params=_BUILDINGS)
def building(
    request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, list[dict[str, str]]]:
    """A lake with the building's disciplines, and the rows of their truth tables."""
    settings = Settings(lake=tmp_path_factory.mktemp("federated") / "lake")
    models = sorted((shared / "ifc").glob(f"{request.param}*.ifc"))
    for fetched in fetch_ifc(settings, models, IfcOptions(geometry=False), Quiet()):
        assert fetched.error is None
    truth = []
    for model in models:
        with (shared / "truth" / f"{model.stem}.elements.csv").open(newline="") as file:
            truth += list(csv.DictReader(file))
    return settings, truth


def _rows(settings: Settings, query: str) -> list[dict]:
    return sql(settings, query).table.to_pylist()


def test_every_element_that_stands_by_itself_counts_once(
    building: tuple[Settings, list[dict[str, str]]],
) -> None:
    settings, truth = building
    spaces = ("IfcSpace", "IfcVirtualElement")
    expected = {
        row["guid"] for row in truth if not row["parent_class"] and row["ifc_class"] not in spaces
    }
    counted = Counter(
        row["ifc_guid"] for row in _rows(settings, "from counted_elements select * where counted")
    )
    assert counted.keys() == expected
    assert set(counted.values()) == {1}


def test_parts_openings_and_spaces_are_not_counted_and_say_so(
    building: tuple[Settings, list[dict[str, str]]],
) -> None:
    settings, truth = building
    reasons = {
        row["ifc_guid"]: row["not_counted_reason"]
        for row in _rows(settings, "select * from counted_elements where not counted")
    }
    parts = {row["guid"] for row in truth if row["parent_class"]}
    spaces = {row["guid"] for row in truth if row["ifc_class"] == "IfcSpace"}
    assert {reasons[guid] for guid in parts} <= {"part"}
    assert {reasons[guid] for guid in spaces} <= {"space"}
    openings = _rows(settings, "select * from elements where source_class = 'IfcOpeningElement'")
    assert {reasons[row["ifc_guid"]] for row in openings} <= {"opening"}


@pytest.mark.parametrize(("name", "by"), _PARTITIONS.items())
def test_lines_and_what_is_not_counted_add_up_to_the_elements(
    building: tuple[Settings, list[dict[str, str]]], name: str, by: list[str]
) -> None:
    settings, _ = building
    lines = report(settings, Question(name, by=by)).table.to_pylist()
    left = report(settings, Question("not_counted")).table.to_pylist()
    (every,) = _rows(settings, "select count(*) as n from elements")
    counted = sum(line["elements"] for line in lines if line["quantity"] == "Count")
    assert counted + sum(line["elements"] for line in left) == every["n"]
    for line in lines:
        assert line["counted"] + line["missing"] + line["doubtful"] == line["elements"]


def test_marker_cube_of_three_packages_counts_once(shared: Path, tmp_path: Path) -> None:
    settings = Settings(lake=tmp_path / "lake")
    models = sorted((shared / "ifc").glob("Schependomlaan*.ifc"))
    assert len(list(fetch_ifc(settings, models, IfcOptions(geometry=False), Quiet()))) == 3
    query = f"select counted, not_counted_reason from counted_elements where ifc_guid = '{_MARKER}'"
    rows = sorted(str(row["not_counted_reason"]) for row in _rows(settings, query))
    assert rows == ["None", "other_source", "other_source"]
