"""Every shipped report on one small hut: the tables in tests/golden, to be read by people.

The hut: two walls of brick (0.1 m) and wool (0.3 m), one without volume; a slab whose two volumes
disagree; a stair of two flights without a figure of its own; a window opening; and a second model
with a duct and the same origin marker. Of the first four control totals are stated: one is another
than our sum, and one is of what no element states.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from golden_tables import as_golden, golden
from small_lakes import QUERIES, Model, open_lake

from takeoff.config import Settings, shipped
from takeoff.engines.duckdb import Engine
from takeoff.jobs.measuring import prepare
from takeoff.reports import catalog
from takeoff.reports.run import run

# Reports that compare snapshots have their goldens in tests/changes, schedules those of the sample.
_REPORTS = [
    query
    for query in catalog.all_reports([QUERIES])
    if query.compares is None and not query.name.startswith("schedule_")
]
_FACTORS = str(shipped("data/rules") / "carbon_demo.csv")
_OF_THE_RUN = {"snapshot_id", "taken_at"}


def _layered(model: Model) -> Model:
    model.material("Brick", "layer", thickness_m=0.1)
    return model.material("Wool", "layer", thickness_m=0.3)


def _architecture() -> Model:
    ground = {
        "building_id": "b",
        "building_name": "Hut",
        "storey_name": "Ground",
        "storey_elevation_m": 0.0,
    }
    model = Model("architecture").add("wall 1", source_class="Wall", **ground)
    _layered(model.figure("NetVolume", 8).figure("NetVolume", "8.5", "computed"))
    model.code("UNIFORMAT II", "B2010", "Exterior Walls")
    _layered(model.add("wall 2", source_class="Wall", **ground)).code(
        "UNIFORMAT II", "B2010", "Exterior Walls"
    )
    model.add(
        "slab", ifc_class="Slab", **ground | {"storey_name": "Roof", "storey_elevation_m": 3.0}
    )
    model.figure("NetVolume", 5).figure("NetVolume", 6).material("Concrete")
    model.add("stair", ifc_class="Stair", **ground)
    for flight, volume in (("flight 1", "1.25"), ("flight 2", "0.5")):
        model.add(flight, "part", ifc_class="StairFlight", parent_id="stair", **ground)
        model.figure("NetVolume", volume)
    model.add("hole", "opening", ifc_class="OpeningElement", parent_id="wall 1")
    model.figure("NetVolume", "0.75", "computed")
    model.total("Count", "8", "1").total("NetVolume", "10.75", "m3")
    model.total("NetVolume", "8.5", "m3", "Class Eq Wall").total(
        "Length", "4", "m", "Class Eq Wall"
    )
    return model.add("marker", ifc_class="BuildingElementProxy").figure("NetVolume", 1)


def _services() -> Model:
    model = Model("services").add("duct", ifc_class="DuctSegment").figure("Length", 12)
    model.add("grille", ifc_class="AirTerminal").add("fan", ifc_class="Fan")
    return model.add("marker", ifc_class="BuildingElementProxy").figure("NetVolume", 1)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    lake = tmp_path_factory.mktemp("hut") / "lake"
    for model in (_architecture(), _services()):
        model.commit(lake)
    with open_lake(lake) as opened:
        yield opened


@pytest.mark.parametrize("query", _REPORTS, ids=[query.name for query in _REPORTS])
def test_report_of_the_hut(engine: Engine, query: catalog.Query) -> None:
    asked = {"factors": _FACTORS} if "factors" in {param.name for param in query.params} else {}
    prepare(engine, Settings(), query, asked)
    found = as_golden(run(engine, query, asked).table, _OF_THE_RUN)
    assert found == golden(query.name)
